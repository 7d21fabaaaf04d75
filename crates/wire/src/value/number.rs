//! Numbers within the bodies of values, and those of fixed width.

use super::{Malformed, exactly, take};

/// A `tid`: the block and the number of a row in it.
pub fn tid(body: &[u8]) -> Result<(u32, u16), Malformed> {
    let [b0, b1, b2, b3, r0, r1] = exactly(body)?;
    Ok((u32::from_be_bytes([b0, b1, b2, b3]), u16::from_be_bytes([r0, r1])))
}

/// The shortest decimal that names a `float4`, as a double: 0.1, as PostgreSQL prints it, and not 0.10000000149011612.
#[inline]
pub fn float4(body: &[u8]) -> Result<f64, Malformed> {
    let value = f32::from_be_bytes(exactly(body)?);
    let wide = f64::from(value);
    // Integers up to 2^24 are what they are.
    if !wide.is_finite() || (wide.fract() == 0.0 && wide.abs() <= 16_777_216.0) {
        return Ok(wide);
    }
    Ok(shortest(value, wide).unwrap_or(wide))
}

fn shortest(value: f32, wide: f64) -> Option<f64> {
    let named = zmij::Buffer::new().format_finite(value).parse().ok()?;
    // Halfway to its neighbours, exactly.
    let halfway = |neighbour: f32| f64::midpoint(wide, f64::from(neighbour));
    let (below, above) = (halfway(value.next_down()), halfway(value.next_up()));
    if named == below || named == above {
        // Whoever rounds to even reads the number from it; PostgreSQL takes a digit more, which everybody does.
        let inside = |digits| {
            format!("{wide:.digits$e}").parse().ok().filter(|named| below < *named && *named < above)
        };
        return (0..9).find_map(inside);
    }
    Some(named)
}

/// Reads one big-endian 16-bit number off the front.
#[inline]
pub(super) fn take_u16(body: &mut &[u8]) -> Result<u16, Malformed> {
    take(body).map(u16::from_be_bytes)
}

/// Reads one big-endian 32-bit number off the front.
#[inline]
pub(crate) fn take_i32(body: &mut &[u8]) -> Result<i32, Malformed> {
    take(body).map(i32::from_be_bytes)
}

/// Reads one big-endian 64-bit number off the front.
#[inline]
pub(super) fn take_i64(body: &mut &[u8]) -> Result<i64, Malformed> {
    take(body).map(i64::from_be_bytes)
}

/// Takes a value behind its length off the front of a body, `None` for NULL.
#[inline]
pub(crate) fn take_value<'a>(body: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let length = take_i32(body)?;
    match usize::try_from(length) {
        Ok(length) => {
            let (value, rest) =
                body.split_at_checked(length).ok_or(Malformed("a value in it ends after it"))?;
            *body = rest;
            Ok(Some(value))
        }
        Err(_) if length == -1 => Ok(None),
        Err(_) => Err(Malformed("the length of a value in it is negative")),
    }
}

/// A number of 16 bits, IEEE 754's binary16.
pub fn half(body: &[u8]) -> Result<f64, Malformed> {
    let bits = u16::from_be_bytes(exactly(body)?);
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2.0_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1024.0 + fraction) * 2.0_f64.powi(exponent - 25),
    };
    Ok(if bits & 0x8000 == 0 { magnitude } else { -magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_strict() {
        for length in 0..=16 {
            let body = vec![0; length];
            assert_eq!(float4(&body).is_ok(), length == 4);
            assert_eq!(tid(&body).is_ok(), length == 6);
        }
        assert_eq!(tid(&[0xff, 0xff, 0xff, 0xff, 0, 7]), Ok((u32::MAX, 7)));
    }

    #[test]
    fn a_float4_is_the_shortest_decimal_that_names_it() {
        for (value, expected) in [
            (0.1_f32, 0.1_f64),
            (1.1, 1.1),
            (-1e-45, -1e-45),
            (f32::MAX, 3.402_823_5e38),
            (f32::MIN_POSITIVE, 1.175_494_4e-38),
            (16_777_216.0, 16_777_216.0),
            (16_777_218.0, 16_777_218.0),
            (123_456_792.0, 123_456_790.0),
            // A digit less would be halfway to the next number.
            (55_697_448.0, 55_697_448.0),
            (-70_295_664.0, -70_295_664.0),
            (f32::INFINITY, f64::INFINITY),
        ] {
            assert_eq!(float4(&value.to_be_bytes()), Ok(expected));
        }
        assert_eq!(float4(&(-0.0_f32).to_be_bytes()).map(f64::to_bits), Ok((-0.0_f64).to_bits()));
        assert!(float4(&f32::NAN.to_be_bytes()).is_ok_and(f64::is_nan));
    }

    #[test]
    fn a_float4_goes_back_as_what_it_was() {
        let mut state = 0x9e37_79b9_u32;
        for _ in 0..200_000 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let value = f32::from_bits(state);
            if value.is_finite() {
                let wide = float4(&value.to_be_bytes()).unwrap();
                #[allow(clippy::cast_possible_truncation, reason = "as an argument is rounded")]
                let back = wide as f32;
                assert_eq!(back.to_bits(), value.to_bits(), "{wide}");
            }
        }
    }

    #[test]
    fn halves_are_the_numbers_that_they_stand_for() {
        for (bits, number) in [
            (0x0000_u16, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0400, 2.0_f64.powi(-14)),
            (0x0001, 2.0_f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(&bits.to_be_bytes()).unwrap().to_bits(), number.to_bits(), "{bits:04x}");
        }
        assert!(half(&[0x7e, 0]).unwrap().is_nan());
    }
}
