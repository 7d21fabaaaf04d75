//! `date`, `time`, `timetz`, `timestamp` and `timestamptz` as PostgreSQL's ISO text.

use super::calendar::{MICROS_PER_DAY, civil};
use super::digits::{four, pair, push_fraction};
use super::number::{take_i32, take_i64};
use super::{Malformed, exactly};

/// 4714-11-24 BC, Julian day 0: the first day a date or timestamp can hold.
const FIRST_DAY: i32 = -2_451_545;
/// The last day of a `date`: 5874897-12-31.
const LAST_DAY: i32 = 2_145_031_948;
/// The first and the last microsecond of a `timestamp` (294276-12-31 23:59:59.999999).
const FIRST_MICRO: i64 = -211_813_488_000_000_000;
const LAST_MICRO: i64 = 9_223_371_331_199_999_999;
/// Offsets from UTC are shorter than 16 hours, in either direction.
const OFFSET_LIMIT: i32 = 16 * 3600;

/// Days since 2000-01-01, or one of the two infinities.
pub(super) enum Extended<T> {
    Finite(T),
    Infinity,
    NegativeInfinity,
}

pub(super) fn read_date(body: &[u8]) -> Result<Extended<i32>, Malformed> {
    match i32::from_be_bytes(exactly(body)?) {
        i32::MAX => Ok(Extended::Infinity),
        i32::MIN => Ok(Extended::NegativeInfinity),
        days @ FIRST_DAY..=LAST_DAY => Ok(Extended::Finite(days)),
        _ => Err(Malformed("it is outside the range of date")),
    }
}

pub(super) fn read_timestamp(body: &[u8]) -> Result<Extended<i64>, Malformed> {
    match i64::from_be_bytes(exactly(body)?) {
        i64::MAX => Ok(Extended::Infinity),
        i64::MIN => Ok(Extended::NegativeInfinity),
        micros @ FIRST_MICRO..=LAST_MICRO => Ok(Extended::Finite(micros)),
        _ => Err(Malformed("it is outside the range of timestamp")),
    }
}

/// `2024-02-29`; years have at least four digits, those before 1 are marked ` BC`.
pub fn date(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    match read_date(body)? {
        Extended::Finite(days) => push_date(i64::from(days), out),
        Extended::Infinity => out.extend_from_slice(b"infinity"),
        Extended::NegativeInfinity => out.extend_from_slice(b"-infinity"),
    }
    Ok(())
}

/// `12:15:20.000001`, up to `24:00:00`.
pub fn time(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_time(time_of_day(i64::from_be_bytes(exactly(body)?))?, out);
    Ok(())
}

/// `12:15:20.000001+05:30`; the offset has minutes and seconds where they are not 0.
pub fn timetz(mut body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let micros = time_of_day(take_i64(&mut body)?)?;
    // The wire has seconds west of Greenwich, the text hours east of it.
    let west = take_i32(&mut body)?;
    if !body.is_empty() {
        return Err(Malformed("its length is not that of its type"));
    }
    if west <= -OFFSET_LIMIT || west >= OFFSET_LIMIT {
        return Err(Malformed("its offset from UTC is out of range"));
    }
    push_time(micros, out);
    let offset = west.unsigned_abs();
    out.push(if west <= 0 { b'+' } else { b'-' });
    out.extend_from_slice(&pair(offset / 3600));
    let (minutes, seconds) = (offset / 60 % 60, offset % 60);
    if minutes != 0 || seconds != 0 {
        out.push(b':');
        out.extend_from_slice(&pair(minutes));
    }
    if seconds != 0 {
        out.push(b':');
        out.extend_from_slice(&pair(seconds));
    }
    Ok(())
}

/// `2024-01-31 10:00:00.123456`; no fraction when it is 0, no trailing zeros in it.
pub fn timestamp(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    zoned(body, b"", out)
}

/// As [`timestamp`], in UTC: `2024-01-31 10:00:00.123456+00`.
pub fn timestamptz(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    zoned(body, b"+00", out)
}

#[inline]
fn zoned(body: &[u8], offset: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    match read_timestamp(body)? {
        Extended::Finite(micros) => push_timestamp(micros, offset, out),
        Extended::Infinity => out.extend_from_slice(b"infinity"),
        Extended::NegativeInfinity => out.extend_from_slice(b"-infinity"),
    }
    Ok(())
}

/// Writes the date that lies `days` after 2000-01-01.
#[inline]
fn push_date(days: i64, out: &mut Vec<u8>) {
    if push_era_date(days, out) {
        out.extend_from_slice(b" BC");
    }
}

/// Writes the instant that lies `micros` after 2000-01-01 00:00:00, and `offset` after it.
#[inline]
fn push_timestamp(micros: i64, offset: &[u8], out: &mut Vec<u8>) {
    let before_christ = push_era_date(micros.div_euclid(MICROS_PER_DAY), out);
    out.push(b' ');
    push_time(micros.rem_euclid(MICROS_PER_DAY).unsigned_abs(), out);
    out.extend_from_slice(offset);
    if before_christ {
        out.extend_from_slice(b" BC");
    }
}

/// Writes the date without its era, and says whether it lies before Christ.
#[inline]
fn push_era_date(days: i64, out: &mut Vec<u8>) -> bool {
    let date = civil(days);
    let before_christ = date.year <= 0;
    let year = if before_christ { 1 - date.year } else { date.year }.unsigned_abs();
    match u32::try_from(year) {
        Ok(year @ ..10_000) => {
            let [a, b, c, d] = four(year);
            let [e, f] = pair(date.month);
            let [g, h] = pair(date.day);
            out.extend_from_slice(&[a, b, c, d, b'-', e, f, b'-', g, h]);
        }
        _ => {
            out.extend_from_slice(itoa::Buffer::new().format(year).as_bytes());
            let [e, f] = pair(date.month);
            let [g, h] = pair(date.day);
            out.extend_from_slice(&[b'-', e, f, b'-', g, h]);
        }
    }
    before_christ
}

fn time_of_day(micros: i64) -> Result<u64, Malformed> {
    // 24:00:00 is a value of its own.
    u64::try_from(micros)
        .ok()
        .filter(|&micros| micros <= MICROS_PER_DAY.unsigned_abs())
        .ok_or(Malformed("it is outside the range of time"))
}

/// Writes microseconds since midnight, at most a day of them.
#[inline]
fn push_time(micros: u64, out: &mut Vec<u8>) {
    let seconds = u32::try_from(micros / 1_000_000).unwrap_or(0);
    let [a, b] = pair(seconds / 3600);
    let [c, d] = pair(seconds / 60 % 60);
    let [e, f] = pair(seconds % 60);
    out.extend_from_slice(&[a, b, b':', c, d, b':', e, f]);
    push_fraction(u32::try_from(micros % 1_000_000).unwrap_or(0), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    // The text of values within the limits is compared with the server's in `server_tests`.

    fn refused(write: fn(&[u8], &mut Vec<u8>) -> Result<(), Malformed>, body: &[u8]) -> bool {
        write(body, &mut Vec::new()).is_err()
    }

    #[test]
    fn what_lies_outside_a_types_range_is_refused() {
        for days in [FIRST_DAY - 1, LAST_DAY + 1, i32::MIN + 1, i32::MAX - 1] {
            assert!(refused(date, &days.to_be_bytes()), "{days}");
        }
        for micros in [FIRST_MICRO - 1, LAST_MICRO + 1, i64::MIN + 1, i64::MAX - 1] {
            assert!(refused(timestamp, &micros.to_be_bytes()), "{micros}");
            assert!(refused(timestamptz, &micros.to_be_bytes()), "{micros}");
        }
        for micros in [-1, MICROS_PER_DAY + 1, i64::MIN, i64::MAX] {
            assert!(refused(time, &micros.to_be_bytes()), "{micros}");
            assert!(refused(timetz, &[&micros.to_be_bytes()[..], &[0; 4]].concat()), "{micros}");
        }
        for west in [OFFSET_LIMIT, -OFFSET_LIMIT, i32::MIN, i32::MAX] {
            assert!(refused(timetz, &[&[0; 8][..], &west.to_be_bytes()].concat()), "{west}");
        }
    }

    #[test]
    fn lengths_are_strict() {
        for length in 0..=16 {
            let body = vec![0; length];
            assert_eq!(refused(date, &body), length != 4);
            assert_eq!(refused(time, &body), length != 8);
            assert_eq!(refused(timestamp, &body), length != 8);
            assert_eq!(refused(timestamptz, &body), length != 8);
            assert_eq!(refused(timetz, &body), length != 12);
        }
    }
}
