//! Types of a fixed width: booleans, integers, floating point.

use super::{Malformed, exactly, take};

/// A `bool`: one byte, 0 or 1.
#[inline]
pub fn bool(body: &[u8]) -> Result<bool, Malformed> {
    match body {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(Malformed("it is not one byte that is 0 or 1")),
    }
}

#[inline]
pub fn int2(body: &[u8]) -> Result<i16, Malformed> {
    exactly(body).map(i16::from_be_bytes)
}

#[inline]
pub fn int4(body: &[u8]) -> Result<i32, Malformed> {
    exactly(body).map(i32::from_be_bytes)
}

#[inline]
pub fn int8(body: &[u8]) -> Result<i64, Malformed> {
    exactly(body).map(i64::from_be_bytes)
}

/// An `oid`, `xid` or `cid`: unsigned, 32 bits.
#[inline]
pub fn oid(body: &[u8]) -> Result<u32, Malformed> {
    exactly(body).map(u32::from_be_bytes)
}

/// An `xid8` or `pg_lsn`: unsigned, 64 bits.
#[inline]
pub fn uint8(body: &[u8]) -> Result<u64, Malformed> {
    exactly(body).map(u64::from_be_bytes)
}

#[inline]
pub fn float4(body: &[u8]) -> Result<f32, Malformed> {
    exactly(body).map(f32::from_be_bytes)
}

#[inline]
pub fn float8(body: &[u8]) -> Result<f64, Malformed> {
    exactly(body).map(f64::from_be_bytes)
}

/// A `bool` as PostgreSQL writes it: `t` or `f`.
pub fn bool_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    out.push(if bool(body)? { b't' } else { b'f' });
    Ok(())
}

fn push_integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

pub fn int2_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_integer(int2(body)?, out);
    Ok(())
}

pub fn int4_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_integer(int4(body)?, out);
    Ok(())
}

pub fn int8_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_integer(int8(body)?, out);
    Ok(())
}

pub fn oid_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_integer(oid(body)?, out);
    Ok(())
}

pub fn uint8_text(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    push_integer(uint8(body)?, out);
    Ok(())
}

/// A `tid`: the block and the number of a row in it.
pub fn tid(body: &[u8]) -> Result<(u32, u16), Malformed> {
    let [b0, b1, b2, b3, r0, r1] = exactly(body)?;
    Ok((u32::from_be_bytes([b0, b1, b2, b3]), u16::from_be_bytes([r0, r1])))
}

/// Reads one big-endian 16-bit number off the front.
#[inline]
pub(super) fn take_u16(body: &mut &[u8]) -> Result<u16, Malformed> {
    take(body).map(u16::from_be_bytes)
}

/// Reads one big-endian 32-bit number off the front.
#[inline]
pub(super) fn take_i32(body: &mut &[u8]) -> Result<i32, Malformed> {
    take(body).map(i32::from_be_bytes)
}

/// Reads one big-endian 64-bit number off the front.
#[inline]
pub(super) fn take_i64(body: &mut &[u8]) -> Result<i64, Malformed> {
    take(body).map(i64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_at_their_limits() {
        assert_eq!(int2(&[0x80, 0]), Ok(i16::MIN));
        assert_eq!(int2(&[0x7f, 0xff]), Ok(i16::MAX));
        assert_eq!(int4(&i32::MIN.to_be_bytes()), Ok(i32::MIN));
        assert_eq!(int8(&i64::MAX.to_be_bytes()), Ok(i64::MAX));
        assert_eq!(oid(&[0xff; 4]), Ok(u32::MAX));
        assert_eq!(uint8(&[0xff; 8]), Ok(u64::MAX));
        assert_eq!(tid(&[0xff, 0xff, 0xff, 0xff, 0, 7]), Ok((u32::MAX, 7)));
    }

    #[test]
    fn lengths_are_strict() {
        for length in 0..=16 {
            let body = vec![0; length];
            assert_eq!(bool(&body).is_ok(), length == 1);
            assert_eq!(int2(&body).is_ok(), length == 2);
            assert_eq!(int4(&body).is_ok(), length == 4);
            assert_eq!(oid(&body).is_ok(), length == 4);
            assert_eq!(float4(&body).is_ok(), length == 4);
            assert_eq!(int8(&body).is_ok(), length == 8);
            assert_eq!(uint8(&body).is_ok(), length == 8);
            assert_eq!(float8(&body).is_ok(), length == 8);
            assert_eq!(tid(&body).is_ok(), length == 6);
        }
        assert!(bool(&[2]).is_err());
    }

    #[test]
    fn floats_keep_their_bits() {
        assert_eq!(float8(&(-0.0f64).to_be_bytes()).map(f64::to_bits), Ok((-0.0f64).to_bits()));
        assert!(float4(&f32::NAN.to_be_bytes()).is_ok_and(f32::is_nan));
        assert_eq!(float4(&[0x7f, 0x80, 0, 0]), Ok(f32::INFINITY));
        // 1.1 as a float4, widened exactly.
        assert_eq!(float4(&1.1f32.to_be_bytes()).map(f64::from), Ok(1.100_000_023_841_858));
    }

    #[test]
    fn integers_are_written_in_decimal() {
        let mut out = Vec::new();
        int2_text(&[0xff, 0xff], &mut out).unwrap();
        out.push(b' ');
        int4_text(&i32::MIN.to_be_bytes(), &mut out).unwrap();
        out.push(b' ');
        int8_text(&i64::MIN.to_be_bytes(), &mut out).unwrap();
        out.push(b' ');
        oid_text(&[0xff; 4], &mut out).unwrap();
        out.push(b' ');
        uint8_text(&[0xff; 8], &mut out).unwrap();
        bool_text(&[1], &mut out).unwrap();
        assert_eq!(out, b"-1 -2147483648 -9223372036854775808 4294967295 18446744073709551615t");
    }
}
