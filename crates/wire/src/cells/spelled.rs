//! Values that came as text although binary was asked for: some relatives of PostgreSQL answer so.

use super::{
    Chunk, Unfit,
    value::{Packed, position, safe},
};
use crate::codec::Spelling;

impl Chunk {
    /// Writes the cell of a value that is spelled out.
    #[cold]
    pub(super) fn spelled(&mut self, spelling: Spelling, body: &[u8]) -> Result<Packed, Unfit> {
        use Packed::{Eight, Four};
        let text = std::str::from_utf8(body).map_err(|_| "its text is not UTF-8")?;
        Ok(match spelling {
            Spelling::Bool => match text {
                "t" | "true" => Four(1_i32.to_ne_bytes()),
                "f" | "false" => Four(0_i32.to_ne_bytes()),
                _ => return Err("its text is no bool".into()),
            },
            Spelling::Int => Four(parsed::<i32>(text)?.to_ne_bytes()),
            Spelling::Int8 => Eight(parsed::<i64>(text)?.to_ne_bytes()),
            Spelling::Int8Safe => Eight(safe(parsed(text)?)?.to_ne_bytes()),
            Spelling::Uint8 => Eight(parsed::<u64>(text)?.to_ne_bytes()),
            Spelling::Number => Eight(parsed::<f64>(text)?.to_ne_bytes()),
            Spelling::Moment => Eight(moment(text).ok_or("its text is no date in ISO form")?.to_ne_bytes()),
            Spelling::Bytes => {
                let start = position(self.bytes.len())?;
                let digits = text.strip_prefix("\\x").ok_or("its text is not hexadecimal")?;
                let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
                if !rest.is_empty() {
                    return Err("its text is not hexadecimal".into());
                }
                for [high, low] in pairs {
                    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
                    let byte = digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low);
                    self.bytes.push(byte.ok_or("its text is not hexadecimal")?);
                }
                Packed::pair(start, position(self.bytes.len())?)
            }
        })
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "its text is no number of its type")
}

/// Milliseconds since 1970-01-01 UTC, or an infinity: `2024-02-29`, `2024-02-29 12:15:20.000001+05:30`,
/// `0044-03-15 BC`.
fn moment(text: &str) -> Option<f64> {
    match text {
        "infinity" => return Some(f64::INFINITY),
        "-infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let (text, before_christ) = text.strip_suffix(" BC").map_or((text, false), |text| (text, true));
    let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mut parts = date.split('-');
    let year = digits(parts.next()?)?;
    let (month, day) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let year = if before_christ { 1 - year } else { year };
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (time, offset) = match rest.find(['+', '-', 'Z']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, ""),
    };
    let seconds = seconds(time)? - offset_seconds(offset)?;
    #[allow(clippy::cast_precision_loss, reason = "days are few millions")]
    let midnight = days_since_1970(year, month, day) as f64 * 86_400_000.0;
    // To the millisecond below, as Date has it.
    Some((midnight + seconds * 1_000.0).floor())
}

/// The seconds of `12:15:20.5`, `12:15` or nothing.
fn seconds(time: &str) -> Option<f64> {
    let mut sum = 0.0;
    for (part, unit) in time.split(':').zip([3_600.0, 60.0, 1.0]) {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        sum += if part.is_empty() { 0.0 } else { part.parse::<f64>().ok().filter(|_| is_number)? } * unit;
    }
    Some(sum)
}

fn offset_seconds(offset: &str) -> Option<f64> {
    match offset.strip_prefix('-') {
        Some(west) => seconds(west).map(|seconds| -seconds),
        None => seconds(offset.strip_prefix('+').unwrap_or(offset.trim_end_matches('Z'))),
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Of the proleptic Gregorian calendar, with a year 0; `value::calendar` has the other way.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_iso_form_alone() {
        for (text, expected) in [
            ("1970-01-01", Some(0.0)),
            ("2000-03-01 00:00:00", Some(951_868_800_000.0)),
            ("2024-02-29 12:15:20.123456+00", Some(1_709_208_920_123.0)),
            ("2024-02-29 12:15:20+05:30", Some(1_709_189_120_000.0)),
            ("2024-02-29T12:15:20-00:00:20", Some(1_709_208_940_000.0)),
            ("2024-02-29T12:15:20Z", Some(1_709_208_920_000.0)),
            ("1969-12-31 23:59:59.9995", Some(-1.0)),
            ("0001-01-01 BC", Some(-62_167_219_200_000.0)),
            ("-infinity", Some(f64::NEG_INFINITY)),
            ("29/02/2024", None),
            ("2024-13-01", None),
            ("2024-02-29 12:x:20", None),
            ("-1-02-29", None),
            ("", None),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }
}
