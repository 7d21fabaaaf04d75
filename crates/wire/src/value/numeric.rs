//! `numeric`: groups of four decimal digits, without end in either direction but for the format's own limits.

use super::Malformed;
use super::digits::four;
use super::number::take_u16;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;
/// The most digits after the point (PostgreSQL's `NUMERIC_DSCALE_MASK`).
const MAX_SCALE: u16 = 0x3FFF;

/// A `numeric` whose body has been checked.
enum Numeric<'a> {
    Finite(Finite<'a>),
    NaN,
    Infinity,
    NegativeInfinity,
}

struct Finite<'a> {
    negative: bool,
    /// Groups of four digits, big-endian, the first one not zero; empty for 0.
    groups: &'a [[u8; 2]],
    /// The power of 10,000 of the first group.
    weight: i32,
    /// Digits after the point.
    scale: usize,
}

#[inline]
fn value(group: [u8; 2]) -> u32 {
    u32::from(u16::from_be_bytes(group))
}

fn read(mut body: &[u8]) -> Result<Numeric<'_>, Malformed> {
    let count = usize::from(take_u16(&mut body)?);
    let mut weight = i32::from(take_u16(&mut body)?.cast_signed());
    let sign = take_u16(&mut body)?;
    let scale = take_u16(&mut body)?;
    let (mut groups, odd) = body.as_chunks::<2>();
    if groups.len() != count || !odd.is_empty() {
        return Err(Malformed("its number of digits does not fit its length"));
    }
    let negative = match sign {
        0 => false,
        NEGATIVE => true,
        // A special value has no digits; its weight and scale mean nothing.
        NAN if count == 0 => return Ok(Numeric::NaN),
        INFINITY if count == 0 => return Ok(Numeric::Infinity),
        NEGATIVE_INFINITY if count == 0 => return Ok(Numeric::NegativeInfinity),
        NAN | INFINITY | NEGATIVE_INFINITY => return Err(Malformed("it has digits but no number")),
        _ => return Err(Malformed("its sign is unknown")),
    };
    if scale > MAX_SCALE {
        return Err(Malformed("its scale is out of range"));
    }
    if groups.iter().any(|&group| value(group) > 9999) {
        return Err(Malformed("a digit of it is not below 10000"));
    }
    // PostgreSQL sends neither leading nor trailing zero groups, but they change no value.
    while let [[0, 0], rest @ ..] = groups {
        groups = rest;
        weight -= 1;
    }
    Ok(Numeric::Finite(Finite { negative, groups, weight, scale: usize::from(scale) }))
}

/// The number as PostgreSQL writes it: exact, with its scale (`1.00000`), never with an exponent; `NaN`, `Infinity`
/// and `-Infinity`.
///
/// A body of ten bytes can stand for 131,072 digits (`1e131071` is a valid numeric); no body gives more than
/// 147,457 characters beyond four for each of its groups.
pub fn numeric(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    match read(body)? {
        Numeric::Finite(number) => push_finite(&number, out),
        Numeric::NaN => out.extend_from_slice(b"NaN"),
        Numeric::Infinity => out.extend_from_slice(b"Infinity"),
        Numeric::NegativeInfinity => out.extend_from_slice(b"-Infinity"),
    }
    Ok(())
}

fn push_finite(number: &Finite<'_>, out: &mut Vec<u8>) {
    let Finite { negative, groups, weight, scale } = *number;
    if negative && !groups.is_empty() {
        out.push(b'-');
    }
    // Groups before the point; the first one loses its leading zeros.
    let whole = usize::try_from(weight + 1).unwrap_or(0);
    let (before, after) = groups.split_at_checked(whole).unwrap_or((groups, &[]));
    match before {
        [] => out.push(b'0'),
        [first, rest @ ..] => {
            out.extend_from_slice(itoa::Buffer::new().format(value(*first)).as_bytes());
            for &group in rest {
                out.extend_from_slice(&four(value(group)));
            }
            out.resize(out.len() + 4 * (whole - before.len()), b'0');
        }
    }
    if scale == 0 {
        return;
    }
    out.push(b'.');
    let end = out.len() + scale;
    // Zero groups between the point and the first one that was sent: a weight of -3 leaves out two.
    let missing = 4 * usize::try_from(-1 - weight).unwrap_or(0);
    if !after.is_empty() {
        out.resize(out.len() + missing.min(scale), b'0');
    }
    for &group in after {
        if out.len() >= end {
            break;
        }
        out.extend_from_slice(&four(value(group)));
    }
    // Cuts the last group's padding, or adds the zeros that the scale asks for.
    out.resize(end, b'0');
}

/// The nearest `f64`: correctly rounded, too large becomes infinite, `NaN` stays `NaN`.
pub fn numeric_f64(body: &[u8]) -> Result<f64, Malformed> {
    Ok(match read(body)? {
        Numeric::Finite(number) => nearest(&number),
        Numeric::NaN => f64::NAN,
        Numeric::Infinity => f64::INFINITY,
        Numeric::NegativeInfinity => f64::NEG_INFINITY,
    })
}

/// Powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

fn nearest(number: &Finite<'_>) -> f64 {
    let Finite { negative, groups, weight, .. } = *number;
    if groups.is_empty() {
        return 0.0;
    }
    // The power of ten of the last group sent.
    let exponent = 4 * (weight - i32::try_from(groups.len()).unwrap_or(i32::MAX - 1) + 1);
    let magnitude = exact(groups, exponent).unwrap_or_else(|| parsed(groups, exponent));
    if negative { -magnitude } else { magnitude }
}

/// The common case: an integer below 2^53 times or over an exact power of ten is rounded once, so correctly.
fn exact(groups: &[[u8; 2]], exponent: i32) -> Option<f64> {
    const FIRST_INEXACT: u64 = 1 << 53;
    if groups.len() > 4 {
        return None;
    }
    let mantissa = groups.iter().fold(0_u64, |sum, &group| sum * 10_000 + u64::from(value(group)));
    let power = EXACT_POWERS.get(usize::try_from(exponent.unsigned_abs()).ok()?)?;
    if mantissa >= FIRST_INEXACT {
        return None;
    }
    #[allow(clippy::cast_precision_loss)]
    let mantissa = mantissa as f64;
    Some(if exponent < 0 { mantissa / power } else { mantissa * power })
}

/// The rest goes through the standard library's parser, which rounds correctly in linear time.
fn parsed(groups: &[[u8; 2]], exponent: i32) -> f64 {
    // A double's exact decimal expansion, and that of a point halfway between two, has at most 768 significant
    // digits; of what follows them only matters whether it is zero.
    const KEPT: usize = 200;
    const ROOM: usize = 4 * KEPT + 1 + 16;
    let kept = groups.get(..KEPT).unwrap_or(groups);
    let dropped = groups.get(KEPT..).unwrap_or_default();
    let mut text = [0_u8; ROOM];
    let mut length = 0;
    let mut push = |bytes: &[u8]| {
        if let Some(place) = text.get_mut(length..length + bytes.len()) {
            place.copy_from_slice(bytes);
            length += bytes.len();
        }
    };
    for &group in kept {
        push(&four(value(group)));
    }
    let mut exponent = exponent.saturating_add(4 * i32::try_from(dropped.len()).unwrap_or(0));
    if dropped.iter().any(|&group| group != [0, 0]) {
        push(b"1");
        exponent -= 1;
    }
    push(b"e");
    push(itoa::Buffer::new().format(exponent).as_bytes());
    text.get(..length)
        .and_then(|text| std::str::from_utf8(text).ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(count: u16, weight: i16, sign: u16, scale: u16, groups: &[u16]) -> Vec<u8> {
        let head = [count, weight.cast_unsigned(), sign, scale];
        head.iter().chain(groups).flat_map(|word| word.to_be_bytes()).collect()
    }

    fn number(weight: i16, scale: u16, groups: &[u16]) -> Vec<u8> {
        body(u16::try_from(groups.len()).unwrap(), weight, 0, scale, groups)
    }

    fn text(body: &[u8]) -> String {
        let mut out = Vec::new();
        numeric(body, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lies_are_refused() {
        for (body, reason) in [
            (body(2, 0, 0, 0, &[1]), "its number of digits does not fit its length"),
            (body(u16::MAX, 0, 0, 0, &[1]), "its number of digits does not fit its length"),
            (body(0, 0, 0, 0, &[1]), "its number of digits does not fit its length"),
            (body(0, 0, 0, 0, &[])[..7].to_vec(), "it ends too early"),
            (body(1, 0, 0, 0, &[10_000]), "a digit of it is not below 10000"),
            (body(1, 0, 0, 0, &[u16::MAX]), "a digit of it is not below 10000"),
            (body(1, 0, 0x8000, 0, &[1]), "its sign is unknown"),
            (body(0, 0, 0x0001, 0, &[]), "its sign is unknown"),
            (body(1, 0, 0xC000, 0, &[1]), "it has digits but no number"),
            (body(1, 0, 0, 0x4000, &[1]), "its scale is out of range"),
        ] {
            assert_eq!(numeric(&body, &mut Vec::new()), Err(Malformed(reason)));
            assert_eq!(numeric_f64(&body).map(|_| ()), Err(Malformed(reason)));
        }
    }

    #[test]
    fn the_formats_limits_are_the_works_limits() {
        // 1e131071, then the smallest and the longest fraction.
        let largest = text(&number(32_767, 0, &[1000]));
        assert_eq!((largest.len(), &largest[..2]), (131_072, "10"));
        assert_eq!(numeric_f64(&number(32_767, 0, &[1000])), Ok(f64::INFINITY));
        let smallest = text(&number(-4096, 16_383, &[10]));
        assert_eq!(smallest, format!("0.{}1", "0".repeat(16_382)));
        assert_eq!(numeric_f64(&number(-4096, 16_383, &[10])), Ok(0.0));
        // Digits far below the scale are nowhere to be seen, as in PostgreSQL.
        assert_eq!(text(&number(i16::MIN, 3, &[1])), "0.000");
        let full = number(32_767, 16_383, &[9999; 32_768 + 4096]);
        assert_eq!(text(&full).len(), 131_072 + 1 + 16_383);
        assert_eq!(numeric_f64(&full), Ok(f64::INFINITY));
    }

    #[test]
    fn zero_groups_change_no_value() {
        assert_eq!(text(&number(1, 2, &[0, 5, 5000])), "5.50");
        assert_eq!(numeric_f64(&number(1, 2, &[0, 5, 5000])), Ok(5.5));
        assert_eq!(text(&number(0, 1, &[0, 0, 0])), "0.0");
        assert_eq!(text(&body(1, 0, NEGATIVE, 0, &[0])), "0");
        assert_eq!(text(&number(2, 0, &[1, 0, 0])), "100000000");
        assert_eq!(text(&number(-1, 8, &[0, 1])), "0.00000001");
    }

    #[test]
    fn doubles_are_correctly_rounded() {
        // 2^53 + 1 lies halfway: to even, and up with the least digit behind it, however far.
        let halfway = [9007, 1992, 5474, 993];
        assert_eq!(numeric_f64(&number(3, 0, &halfway)), Ok(9_007_199_254_740_992.0));
        for gap in [1, 10, 150, 250, 4000] {
            let mut groups = halfway.to_vec();
            groups.resize(4 + gap, 0);
            assert_eq!(numeric_f64(&number(3, 0, &groups)), Ok(9_007_199_254_740_992.0), "{gap}");
            groups.push(1);
            assert_eq!(numeric_f64(&number(3, 0, &groups)), Ok(9_007_199_254_740_994.0), "{gap}");
        }
        for (weight, groups, expected) in [
            (0, &[1][..], 1.0),
            (-1, &[1000], 0.1),
            (-1, &[1], 0.0001),
            (5, &[1], 1e20),
            (-6, &[1], 1e-24),
            (-81, &[5], 5e-324),
            (77, &[1, 7976, 9313, 4862, 3157], 1.797_693_134_862_315_7e308),
        ] {
            assert_eq!(numeric_f64(&number(weight, 0, groups)), Ok(expected), "{weight} {groups:?}");
        }
        assert_eq!(numeric_f64(&body(1, 0, NEGATIVE, 1, &[1])), Ok(-1.0));
        assert!(numeric_f64(&body(0, 0, NAN, 0, &[])).is_ok_and(f64::is_nan));
        assert_eq!(numeric_f64(&body(0, 0, NEGATIVE_INFINITY, 32, &[])), Ok(f64::NEG_INFINITY));
    }
}
