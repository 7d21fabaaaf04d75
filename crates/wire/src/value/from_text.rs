//! Values in PostgreSQL's text, turned into their binary form: what travels as text within a composite is read as what it
//! would be in binary. `None` for what is no text of the type. Dates are read in the ISO form alone, intervals in every
//! `IntervalStyle`.

use super::calendar::{EPOCH_DAYS, MICROS_PER_DAY};
use super::interval::Interval;
use crate::codec::Figure;

/// `2024-02-29`, `0044-03-15 BC`, `infinity`.
pub fn date_from(text: &str) -> Option<[u8; 4]> {
    let days = match text {
        "infinity" => i32::MAX,
        "-infinity" => i32::MIN,
        _ => {
            let (text, is_before) = era(text);
            i32::try_from(days(text, is_before)?).ok()?
        }
    };
    Some(days.to_be_bytes())
}

/// `2024-02-29 12:15:20.000001`, with an offset from UTC where there is one.
pub fn timestamp_from(text: &str) -> Option<[u8; 8]> {
    let micros = match text {
        "infinity" => i64::MAX,
        "-infinity" => i64::MIN,
        _ => {
            let (text, is_before) = era(text);
            let (date, rest) = text.split_once([' ', 'T']).unwrap_or((text, ""));
            let (time, offset) = match rest.find(['+', '-', 'Z']) {
                Some(at) => rest.split_at_checked(at)?,
                None => (rest, ""),
            };
            let offset = match offset.strip_prefix('-') {
                Some(west) => -clock(west)?,
                None => clock(offset.strip_prefix('+').unwrap_or(offset.trim_end_matches('Z')))?,
            };
            days(date, is_before)?.checked_mul(MICROS_PER_DAY)?.checked_add(clock(time)? - offset)?
        }
    };
    Some(micros.to_be_bytes())
}

/// The text without its era, and whether that lies before Christ.
fn era(text: &str) -> (&str, bool) {
    text.strip_suffix(" BC").map_or((text, false), |text| (text, true))
}

/// Days since 2000-01-01. A year has four digits at the least: the other styles' `02-01-0012` is the second of January or the first
/// of February.
fn days(date: &str, is_before: bool) -> Option<i64> {
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() >= 4)?;
    let year: i64 = digits(year)?;
    let (month, day): (i64, i64) = (digits(parts.next()?)?, digits(parts.next()?)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) || year > 10_000_000 {
        return None;
    }
    // Days of the proleptic Gregorian calendar, with a year 0; `calendar::civil` has the other way.
    let year = if is_before { 1 - year } else { year };
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let since_1970 =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some(since_1970 - EPOCH_DAYS)
}

/// The microseconds of `12:15:20.5`, `12:15`, `12` or nothing.
fn clock(time: &str) -> Option<i64> {
    if time.is_empty() {
        return Some(0);
    }
    let mut parts = time.split(':');
    let hours: i64 = digits(parts.next()?)?;
    let minutes: i64 = parts.next().map_or(Some(0), digits)?;
    let seconds = parts.next().map_or(Some(0), seconds)?;
    if parts.next().is_some() {
        return None;
    }
    hours.checked_mul(3_600_000_000)?.checked_add(minutes.checked_mul(60_000_000)?)?.checked_add(seconds)
}

/// The microseconds of `20.000001`.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let missing = u32::try_from(6_usize.checked_sub(fraction.len())?).ok()?;
    let fraction: i64 = if fraction.is_empty() { 0 } else { digits(fraction)? };
    let micros: i64 = digits(whole)?;
    micros.checked_mul(1_000_000)?.checked_add(fraction * 10_i64.pow(missing))
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// In any style: `P1Y2M3DT4H5M6.7S`, `1 year 2 mons 3 days 04:05:06.7`, `@ 1 year 2 mons 3 days 4 hours ago`,
/// `+1-2 +3 +4:05:06.7`.
pub fn interval_from(text: &str) -> Option<[u8; 16]> {
    let parts = match text {
        "infinity" => Interval::INFINITY,
        "-infinity" => Interval::NEGATIVE_INFINITY,
        _ => interval_parts_of(text)?,
    };
    let mut out = [0; 16];
    let (micros, rest) = out.split_first_chunk_mut::<8>()?;
    let (days, months) = rest.split_first_chunk_mut::<4>()?;
    *micros = parts.microseconds.to_be_bytes();
    *days = parts.days.to_be_bytes();
    months.copy_from_slice(&parts.months.to_be_bytes());
    Some(out)
}

/// Sums of the parts: they fit when all has been added.
#[derive(Default)]
struct Sums {
    months: i128,
    days: i128,
    micros: i128,
}

impl Sums {
    /// Adds a signed number of a unit, by the beginning of its name.
    fn add(&mut self, number: &str, unit: &str) -> Option<()> {
        let (number, sign) = signed(number);
        let whole = || digits::<i64>(number).map(|number| sign * i128::from(number));
        match unit {
            "year" => self.months += whole()? * 12,
            "mon" => self.months += whole()?,
            "day" => self.days += whole()?,
            "hour" => self.micros += whole()? * 3_600_000_000,
            "min" => self.micros += whole()? * 60_000_000,
            "sec" => self.micros += sign * i128::from(seconds(number)?),
            _ => return None,
        }
        Some(())
    }

    fn finish(self, sign: i128) -> Option<Interval> {
        Some(Interval {
            months: i32::try_from(sign * self.months).ok()?,
            days: i32::try_from(sign * self.days).ok()?,
            microseconds: i64::try_from(sign * self.micros).ok()?,
        })
    }
}

fn signed(text: &str) -> (&str, i128) {
    match text.strip_prefix('-') {
        Some(rest) => (rest, -1),
        None => (text.strip_prefix('+').unwrap_or(text), 1),
    }
}

fn interval_parts_of(text: &str) -> Option<Interval> {
    if let Some(designated) = text.strip_prefix('P') {
        return iso_interval(designated);
    }
    let (text, sign) = match text.strip_prefix("@ ") {
        Some(text) => text.strip_suffix(" ago").map_or((text, 1), |text| (text, -1)),
        None => (text, 1),
    };
    if text == "0" {
        return Sums::default().finish(1);
    }
    if !text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return sql_interval(text);
    }
    let mut sums = Sums::default();
    let mut words = text.split(' ');
    while let Some(number) = words.next() {
        if number.contains(':') {
            let (number, sign) = signed(number);
            sums.micros += sign * i128::from(clock(number)?);
        } else {
            sums.add(number, words.next()?.trim_end_matches('s'))?;
        }
    }
    sums.finish(sign)
}

fn iso_interval(mut rest: &str) -> Option<Interval> {
    let mut sums = Sums::default();
    let mut is_time = false;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('T') {
            is_time = true;
            rest = behind;
            continue;
        }
        let (number, from) = rest.split_at_checked(rest.find(|c: char| c.is_ascii_uppercase())?)?;
        let (designator, behind) = from.split_at_checked(1)?;
        let unit = match (designator, is_time) {
            ("Y", false) => "year",
            ("M", false) => "mon",
            ("D", false) => "day",
            ("H", true) => "hour",
            ("M", true) => "min",
            ("S", true) => "sec",
            _ => return None,
        };
        sums.add(number, unit)?;
        rest = behind;
    }
    sums.finish(1)
}

/// An interval of SQL's own style, or one of PostgreSQL's that is nothing but a time. A sign in front is that of all
/// parts, unless each has one.
fn sql_interval(text: &str) -> Option<Interval> {
    let has_own = text.contains(" +") || text.contains(" -");
    let (text, sign) = if has_own { (text, 1) } else { signed(text) };
    let mut sums = Sums::default();
    for word in text.split(' ') {
        let (word, sign) = signed(word);
        if word.contains(':') {
            sums.micros += sign * i128::from(clock(word)?);
        } else if let Some((years, months)) = word.split_once('-') {
            let months = i128::from(digits::<i64>(years)?) * 12 + i128::from(digits::<i64>(months)?);
            sums.months += sign * months;
        } else {
            sums.days += sign * i128::from(digits::<i64>(word)?);
        }
    }
    sums.finish(sign)
}

/// `(17,3)`.
pub fn tid_from(text: &str) -> Option<[u8; 6]> {
    let (block, row) = text.strip_prefix('(')?.strip_suffix(')')?.split_once(',')?;
    let ([a, b, c, d], [e, f]) = (digits::<u32>(block)?.to_be_bytes(), digits::<u16>(row)?.to_be_bytes());
    Some([a, b, c, d, e, f])
}

/// `16/B374D848`.
pub fn pg_lsn_from(text: &str) -> Option<[u8; 8]> {
    let (high, low) = text.split_once('/')?;
    let half = |text: &str| u32::from_str_radix(text, 16).ok().map(u64::from);
    Some((half(high)? << 32 | half(low)?).to_be_bytes())
}

/// `10:20:10,14,15`.
pub fn snapshot_from(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split(':');
    let (first, end, between) = (parts.next()?, parts.next()?, parts.next()?);
    let between: Vec<&str> = if between.is_empty() { Vec::new() } else { between.split(',').collect() };
    let mut out = u32::try_from(between.len()).ok()?.to_be_bytes().to_vec();
    for number in [first, end].into_iter().chain(between) {
        out.extend(digits::<u64>(number)?.to_be_bytes());
    }
    parts.next().is_none().then_some(out)
}

/// Numbers between brackets: `((0,1),(2,3))`, `<(0,1),2>`.
pub fn geometry_from(figure: Figure, text: &str) -> Option<Vec<u8>> {
    let mut numbers = Vec::new();
    for number in text.split(',') {
        let number = number.trim_matches(['(', ')', '[', ']', '{', '}', '<', '>']);
        numbers.push(number.parse::<f64>().ok()?);
    }
    let mut out = Vec::with_capacity(5 + numbers.len() * 8);
    if matches!(figure, Figure::OpenPath | Figure::ClosedPath) {
        out.push(u8::from(text.starts_with('(')));
    }
    if matches!(figure, Figure::OpenPath | Figure::ClosedPath | Figure::Polygon) {
        out.extend(u32::try_from(numbers.len() / 2).ok()?.to_be_bytes());
    }
    out.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    Some(out)
}

/// `"a"=>"1", "b"=>NULL`.
pub fn hstore_from(text: &str) -> Option<Vec<u8>> {
    let mut rest = text.as_bytes();
    let mut count = 0_u32;
    let mut out = count.to_be_bytes().to_vec();
    while !rest.is_empty() {
        if count > 0 {
            rest = rest.strip_prefix(b", ")?;
        }
        push_quoted(&mut rest, &mut out)?;
        rest = rest.strip_prefix(b"=>")?;
        match rest.strip_prefix(b"NULL") {
            Some(behind) => {
                out.extend([0xff; 4]);
                rest = behind;
            }
            None => push_quoted(&mut rest, &mut out)?,
        }
        count += 1;
    }
    out.get_mut(..4)?.copy_from_slice(&count.to_be_bytes());
    Some(out)
}

/// Appends what stands between two quotation marks, behind its length.
fn push_quoted(rest: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    *rest = rest.strip_prefix(b"\"")?;
    let start = out.len();
    out.extend([0; 4]);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        match byte {
            b'"' => break,
            b'\\' => {
                let (escaped, behind) = rest.split_first()?;
                *rest = behind;
                out.push(*escaped);
            }
            _ => out.push(*byte),
        }
    }
    let length = u32::try_from(out.len() - start - 4).ok()?;
    out.get_mut(start..start + 4)?.copy_from_slice(&length.to_be_bytes());
    Some(())
}

/// The bytes of a bytea in either of its text forms: `\x00ff`, `a\\b\377`.
pub fn bytea_from(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if let Some(digits) = text.strip_prefix("\\x") {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
        return if rest.is_empty() { bytes.collect() } else { None };
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let (byte, behind) = match (byte, behind) {
            (b'\\', [b'\\', behind @ ..]) => (b'\\', behind),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', behind @ ..]) => {
                ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), behind)
            }
            (b'\\', _) => return None,
            _ => (*byte, behind),
        };
        out.push(byte);
        rest = behind;
    }
    Some(out)
}
