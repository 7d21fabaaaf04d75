//! `Date.prototype.toISOString`.

use std::io::Write;

use crate::value::{EPOCH_DAYS, civil};

const MS_PER_DAY: i64 = 86_400_000;

/// Writes milliseconds since 1970 as ECMA-262's date time string: `2024-01-31T10:00:00.123Z`, a year that has not
/// four digits with its sign and six.
pub(super) fn push_iso(ms: i64, out: &mut Vec<u8>) {
    let date = civil(ms.div_euclid(MS_PER_DAY) - EPOCH_DAYS);
    let time = ms.rem_euclid(MS_PER_DAY);
    let (year, month, day) = (date.year, date.month, date.day);
    let (hour, minute, second, milli) = (time / 3_600_000, time / 60_000 % 60, time / 1000 % 60, time % 1000);
    // Writing to a Vec cannot fail.
    let _ = if (0..10_000).contains(&year) { write!(out, "{year:04}") } else { write!(out, "{year:+07}") };
    let _ = write!(out, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
}
