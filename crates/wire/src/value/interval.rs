//! `interval`: its three parts, and its text in the style `postgres`.

use super::Malformed;
use super::digits::{pair, push_fraction};
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

/// `1 year 2 mons -3 days +04:05:06.7`, with `IntervalStyle` postgres; `00:00:00` for none at all.
pub fn interval(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let parts = interval_parts(body)?;
    if parts == Interval::INFINITY {
        out.extend_from_slice(b"infinity");
        return Ok(());
    }
    if parts == Interval::NEGATIVE_INFINITY {
        out.extend_from_slice(b"-infinity");
        return Ok(());
    }
    let mut state = State { first: true, negative: false };
    state.push(parts.months / 12, b" year", out);
    state.push(parts.months % 12, b" mon", out);
    state.push(parts.days, b" day", out);
    if state.first || parts.microseconds != 0 {
        if !state.first {
            out.push(b' ');
        }
        if parts.microseconds < 0 {
            out.push(b'-');
        } else if state.negative {
            out.push(b'+');
        }
        push_clock(parts.microseconds.unsigned_abs(), out);
    }
    Ok(())
}

/// What was written so far: whether nothing, and whether the last field was negative (then a positive one says so).
struct State {
    first: bool,
    negative: bool,
}

impl State {
    fn push(&mut self, value: i32, unit: &[u8], out: &mut Vec<u8>) {
        if value == 0 {
            return;
        }
        if !self.first {
            out.push(b' ');
        }
        if self.negative && value > 0 {
            out.push(b'+');
        }
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        out.extend_from_slice(unit);
        if value != 1 {
            out.push(b's');
        }
        self.negative = value < 0;
        self.first = false;
    }
}

fn push_clock(micros: u64, out: &mut Vec<u8>) {
    const MICROS_PER_HOUR: u64 = 3_600_000_000;
    let hours = micros / MICROS_PER_HOUR;
    match u32::try_from(hours) {
        Ok(hours @ ..100) => out.extend_from_slice(&pair(hours)),
        _ => out.extend_from_slice(itoa::Buffer::new().format(hours).as_bytes()),
    }
    let rest = u32::try_from(micros % MICROS_PER_HOUR / 1_000_000).unwrap_or(0);
    let [a, b] = pair(rest / 60);
    let [c, d] = pair(rest % 60);
    out.extend_from_slice(&[b':', a, b, b':', c, d]);
    push_fraction(u32::try_from(micros % 1_000_000).unwrap_or(0), out);
}
