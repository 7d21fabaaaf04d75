//! `interval`: its three parts, and its text in ISO 8601.

use super::Malformed;
use super::digits::push_fraction;
use super::number::{take_i32, take_i64};

/// The parts of an interval, which PostgreSQL keeps apart: a month has no fixed number of days, nor a day of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub months: i32,
    pub days: i32,
    pub microseconds: i64,
}

impl Interval {
    /// What PostgreSQL 17 and later send for `infinity`.
    pub const INFINITY: Interval = Interval { months: i32::MAX, days: i32::MAX, microseconds: i64::MAX };
    /// What PostgreSQL 17 and later send for `-infinity`.
    pub const NEGATIVE_INFINITY: Interval =
        Interval { months: i32::MIN, days: i32::MIN, microseconds: i64::MIN };
}

/// The parts of an interval's body.
pub fn interval_parts(mut body: &[u8]) -> Result<Interval, Malformed> {
    let microseconds = take_i64(&mut body)?;
    let days = take_i32(&mut body)?;
    let months = take_i32(&mut body)?;
    if body.is_empty() {
        Ok(Interval { months, days, microseconds })
    } else {
        Err(Malformed("its length is not that of its type"))
    }
}

/// ISO 8601 with designators, as PostgreSQL writes it with `IntervalStyle` iso_8601: `P1Y2M-3DT4H5M6.7S`, each part with
/// its own sign; `PT0S` for none at all.
pub fn interval(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let parts = interval_parts(body)?;
    match parts {
        Interval::INFINITY => out.extend_from_slice(b"infinity"),
        Interval::NEGATIVE_INFINITY => out.extend_from_slice(b"-infinity"),
        Interval { months: 0, days: 0, microseconds: 0 } => out.extend_from_slice(b"PT0S"),
        Interval { months, days, microseconds } => {
            out.push(b'P');
            push(i64::from(months / 12), b'Y', out);
            push(i64::from(months % 12), b'M', out);
            push(i64::from(days), b'D', out);
            if microseconds != 0 {
                out.push(b'T');
                push_time(microseconds, out);
            }
        }
    }
    Ok(())
}

fn push(value: i64, designator: u8, out: &mut Vec<u8>) {
    if value != 0 {
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        out.push(designator);
    }
}

fn push_time(microseconds: i64, out: &mut Vec<u8>) {
    const PER_SECOND: i64 = 1_000_000;
    push(microseconds / (3600 * PER_SECOND), b'H', out);
    push(microseconds / (60 * PER_SECOND) % 60, b'M', out);
    let rest = microseconds % (60 * PER_SECOND);
    if rest != 0 {
        if rest < 0 {
            out.push(b'-');
        }
        let rest = u32::try_from(rest.unsigned_abs()).unwrap_or(0);
        out.extend_from_slice(itoa::Buffer::new().format(rest / 1_000_000).as_bytes());
        push_fraction(rest % 1_000_000, out);
        out.push(b'S');
    }
}
