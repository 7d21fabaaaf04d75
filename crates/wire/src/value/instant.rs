//! `date`, `timestamp` and `timestamptz` as milliseconds since 1970, the unit of JavaScript's `Date`.

use super::Malformed;
use super::calendar::EPOCH_DAYS;
use super::date_time::{Extended, read_date, read_timestamp};

/// The largest distance from 1970 that a `Date` can have, in milliseconds (ECMA-262, "Time Values and Time Range").
const DATE_LIMIT: i64 = 8_640_000_000_000_000;
const MS_PER_DAY: i64 = 86_400_000;

/// A `timestamp` or `timestamptz` in milliseconds since 1970, rounded down; its infinities stay infinite. `None` for one
/// that no `Date` can be.
#[inline]
pub fn timestamp_ms(body: &[u8]) -> Result<Option<f64>, Malformed> {
    match read_timestamp(body)? {
        Extended::Finite(micros) => Ok(milliseconds(micros.div_euclid(1000) + EPOCH_DAYS * MS_PER_DAY)),
        Extended::Infinity => Ok(Some(f64::INFINITY)),
        Extended::NegativeInfinity => Ok(Some(f64::NEG_INFINITY)),
    }
}

/// The midnight (UTC) that begins a `date`, in milliseconds since 1970; its infinities stay infinite. `None` for one that
/// no `Date` can be.
#[inline]
pub fn date_ms(body: &[u8]) -> Result<Option<f64>, Malformed> {
    match read_date(body)? {
        Extended::Finite(days) => Ok(milliseconds((i64::from(days) + EPOCH_DAYS) * MS_PER_DAY)),
        Extended::Infinity => Ok(Some(f64::INFINITY)),
        Extended::NegativeInfinity => Ok(Some(f64::NEG_INFINITY)),
    }
}

#[inline]
fn milliseconds(value: i64) -> Option<f64> {
    if (-DATE_LIMIT..=DATE_LIMIT).contains(&value) {
        // Within 2^53, so the conversion is exact.
        #[allow(clippy::cast_precision_loss)]
        Some(value as f64)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_milliseconds_rounded_down() {
        let epoch = 946_684_800_000_000_i64;
        let ms = |micros_since_1970: i64| timestamp_ms(&(micros_since_1970 - epoch).to_be_bytes());
        assert_eq!(ms(0), Ok(Some(0.0)));
        assert_eq!(ms(999), Ok(Some(0.0)));
        assert_eq!(ms(-1), Ok(Some(-1.0)));
        assert_eq!(ms(-1000), Ok(Some(-1.0)));
        assert_eq!(ms(-1001), Ok(Some(-2.0)));
        assert_eq!(timestamp_ms(&0_i64.to_be_bytes()), Ok(Some(946_684_800_000.0)));
        assert_eq!(timestamp_ms(&i64::MAX.to_be_bytes()), Ok(Some(f64::INFINITY)));
        assert_eq!(timestamp_ms(&i64::MIN.to_be_bytes()), Ok(Some(f64::NEG_INFINITY)));
    }

    #[test]
    fn what_a_date_cannot_hold_is_refused() {
        let outside = Ok(None);
        // 275760-09-13 00:00:00 is the last one, to the microsecond below the next millisecond.
        let last = 8_640_000_000_000_000_000_i64 - 946_684_800_000_000;
        assert_eq!(timestamp_ms(&last.to_be_bytes()), Ok(Some(8.64e15)));
        assert_eq!(timestamp_ms(&(last + 999).to_be_bytes()), Ok(Some(8.64e15)));
        assert_eq!(timestamp_ms(&(last + 1000).to_be_bytes()), outside);
        assert!(timestamp_ms(&(i64::MAX - 1).to_be_bytes()).is_err());
        // The first timestamp that PostgreSQL knows is well within.
        assert_eq!(
            timestamp_ms(&(-211_813_488_000_000_000_i64).to_be_bytes()),
            Ok(Some(-210_866_803_200_000.0))
        );
        assert!(timestamp_ms(&(-211_813_488_000_000_001_i64).to_be_bytes()).is_err());

        assert_eq!(date_ms(&99_989_043_i32.to_be_bytes()), Ok(Some(8.64e15)));
        assert_eq!(date_ms(&99_989_044_i32.to_be_bytes()), outside);
        assert_eq!(date_ms(&(-2_451_545_i32).to_be_bytes()), Ok(Some(-210_866_803_200_000.0)));
    }

    #[test]
    fn dates_are_their_utc_midnight() {
        assert_eq!(date_ms(&0_i32.to_be_bytes()), Ok(Some(946_684_800_000.0)));
        assert_eq!(date_ms(&(-10_957_i32).to_be_bytes()), Ok(Some(0.0)));
        assert_eq!(date_ms(&i32::MAX.to_be_bytes()), Ok(Some(f64::INFINITY)));
        assert_eq!(date_ms(&i32::MIN.to_be_bytes()), Ok(Some(f64::NEG_INFINITY)));
        assert!(date_ms(&[0; 3]).is_err());
        assert!(timestamp_ms(&[0; 9]).is_err());
    }
}
