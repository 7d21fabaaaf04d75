//! Numbers in the form that JavaScript gives them.

use bytes::BufMut;

/// 2^53: all integers below have no shorter digits than their own.
const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;

/// Appends a number as JavaScript's `String(value)` writes it (ECMA-262, `Number::toString`): the shortest digits
/// that read back as the same double, `NaN`, `Infinity`, `-Infinity`, `0` for both zeros. PostgreSQL reads all of
/// them as `numeric`, `float4` and `float8`.
pub fn number(value: f64, out: &mut impl BufMut) {
    if value.is_nan() {
        out.put_slice(b"NaN");
        return;
    }
    if value < 0.0 {
        out.put_u8(b'-');
    }
    if value.is_infinite() {
        out.put_slice(b"Infinity");
        return;
    }
    if value == 0.0 {
        out.put_u8(b'0');
        return;
    }
    if value.abs() < FIRST_INEXACT && value.fract() == 0.0 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a safe integer")]
        let whole = value.abs() as u64;
        out.put_slice(itoa::Buffer::new().format(whole).as_bytes());
        return;
    }
    let (digits, exponent) = decompose(value.abs());
    // ECMA-262's n: where the point stands, counted from the first digit.
    let point = exponent + 1;
    match usize::try_from(point) {
        Ok(place @ 1..=21) => match digits.as_slice().split_at_checked(place) {
            Some((whole, fraction)) => {
                out.put_slice(whole);
                if !fraction.is_empty() {
                    out.put_u8(b'.');
                    out.put_slice(fraction);
                }
            }
            None => {
                out.put_slice(digits.as_slice());
                out.put_bytes(b'0', place - digits.as_slice().len());
            }
        },
        _ if (-5..=0).contains(&point) => {
            out.put_slice(b"0.");
            out.put_bytes(b'0', usize::try_from(-point).unwrap_or(0));
            out.put_slice(digits.as_slice());
        }
        _ => {
            if let Some((first, rest)) = digits.as_slice().split_first() {
                out.put_u8(*first);
                if !rest.is_empty() {
                    out.put_u8(b'.');
                    out.put_slice(rest);
                }
            }
            out.put_slice(if exponent < 0 { b"e-" } else { b"e+" });
            out.put_slice(itoa::Buffer::new().format(exponent.unsigned_abs()).as_bytes());
        }
    }
}

/// The digits of a number, 17 at most.
struct Digits {
    bytes: [u8; 17],
    length: usize,
}

impl Digits {
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The shortest digits of a positive, finite number and the power of ten of the first. Of two that are as near it is the
/// even ones, as in JavaScript; the standard library takes the greater ones.
fn decompose(value: f64) -> (Digits, i32) {
    let mut buffer = zmij::Buffer::new();
    // `0.00012`, `1234.5`, `1.2e-7`.
    let text = buffer.format_finite(value).as_bytes();
    let (mantissa, power) = match memchr::memchr(b'e', text) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
        None => (text, &b"0"[..]),
    };
    let whole = memchr::memchr(b'.', mantissa).unwrap_or(mantissa.len());
    let all = mantissa.iter().filter(|&&digit| digit != b'.');
    let zeros = all.clone().take_while(|&&digit| digit == b'0').count();
    let mut digits = Digits { bytes: [0; 17], length: 0 };
    for (index, (place, &digit)) in digits.bytes.iter_mut().zip(all.skip(zeros)).enumerate() {
        *place = digit;
        if digit != b'0' {
            digits.length = index + 1;
        }
    }
    let power: i32 = std::str::from_utf8(power).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let place = |count: usize| i32::try_from(count).unwrap_or(0);
    (digits, power + place(whole) - 1 - place(zeros))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64) -> String {
        let mut out = Vec::new();
        number(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_look_as_in_javascript() {
        // Each pair was made by String(value) in Node.
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (123_456_789.0, "123456789"),
            (100.0, "100"),
            (1e20, "100000000000000000000"),
            (123e18, "123000000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (1e-6, "0.000001"),
            (1.5e-6, "0.0000015"),
            (1e-7, "1e-7"),
            (1.25e-7, "1.25e-7"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            // Halfway between two decimals: the even one.
            (276_568_932_031_005.62, "276568932031005.62"),
            (966_208_801_118_387.2, "966208801118387.2"),
            (1_209_235_992_530_429.2, "1209235992530429.2"),
            (123_877_980_376_027.12, "123877980376027.12"),
            (f64::from_bits(1), "5e-324"),
            (1.0 / 3.0, "0.3333333333333333"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn every_number_reads_back_as_itself() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..100_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = f64::from_bits(state);
            if value.is_finite() {
                assert_eq!(text(value).parse::<f64>().unwrap(), value);
            }
        }
    }
}
