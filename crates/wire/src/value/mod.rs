//! Values in PostgreSQL's binary wire form, turned into text and numbers.
//!
//! Every function takes the body of one value (never NULL) exactly as a `DataRow` carries it and refuses bytes
//! that are no value of the type; [`from_text`] goes the other way. Text is what PostgreSQL's own output function
//! writes with `DateStyle` ISO, `TimeZone` UTC, `IntervalStyle` iso_8601 and `extra_float_digits` 1; it is appended
//! to `out`, whose content is unspecified past its old length after an error. None of them allocates but for room
//! in `out`.

mod array;
mod bits;
mod calendar;
mod date_time;
mod digits;
mod from_text;
mod hexadecimal;
mod instant;
mod interval;
mod json;
mod network;
mod number;
mod numeric;
mod shortest;

#[cfg(test)]
mod from_text_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod server_tests;

pub use crate::body::Malformed;
pub use array::{ArrayHeader, Elements, MAX_DIMENSIONS, array};
pub use bits::bits;
pub use date_time::{date, time, timestamp, timestamptz, timetz};
pub use from_text::{
    bytea_from, date_from, geometry_from, hstore_from, interval_from, pg_lsn_from, snapshot_from, tid_from,
    timestamp_from,
};
pub use hexadecimal::{bytea, macaddr, macaddr8, pg_lsn, uuid};
pub use instant::{date_ms, timestamp_ms};
pub use interval::{Interval, interval, interval_parts};
pub use json::versioned;
pub use network::{cidr, inet};
pub use number::{float4, half, tid};
pub use numeric::{numeric, numeric_f64};
pub use shortest::number as shortest;

pub(crate) use calendar::{EPOCH_DAYS, civil};
pub(crate) use number::{take_i32, take_value};

/// Takes the next `N` bytes off the front of a body.
#[inline]
pub(crate) fn take<const N: usize>(body: &mut &[u8]) -> Result<[u8; N], Malformed> {
    let (head, rest) = body.split_first_chunk::<N>().ok_or(Malformed("it ends too early"))?;
    *body = rest;
    Ok(*head)
}

/// A body that is exactly `N` bytes long.
#[inline]
fn exactly<const N: usize>(body: &[u8]) -> Result<[u8; N], Malformed> {
    body.try_into().map_err(|_| Malformed("its length is not that of its type"))
}
