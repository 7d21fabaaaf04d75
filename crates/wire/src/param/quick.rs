//! The values that come by the thousand, straight to their binary form: an argument and the type it is most often meant
//! for, with nothing to convert, to refuse or to measure. Everything else takes the way through `convert`.

use bytes::{BufMut, BytesMut};

use super::Arg;
use super::convert::{MAX_SAFE_NUMBER, safe_integer};

const BOOL: u32 = 16;
const INT8: u32 = 20;
const INT4: u32 = 23;
const FLOAT8: u32 = 701;

/// Appends length and body, if this is such a value.
#[inline]
pub(super) fn binary(arg: &Arg<'_>, type_oid: u32, out: &mut BytesMut) -> bool {
    match (arg, type_oid) {
        (Arg::Null, _) => out.put_i32(-1),
        (Arg::Int32(value), INT4) => fixed(value.to_be_bytes(), out),
        (Arg::Int32(value), INT8) => fixed(i64::from(*value).to_be_bytes(), out),
        (Arg::Int32(value), FLOAT8) => fixed(f64::from(*value).to_be_bytes(), out),
        (Arg::Float64(value), FLOAT8) => fixed(value.to_be_bytes(), out),
        (Arg::Float64(value), INT8) if value.fract() == 0.0 && value.abs() <= MAX_SAFE_NUMBER => {
            fixed(safe_integer(*value).to_be_bytes(), out);
        }
        (Arg::Int64(value), INT8) => fixed(value.to_be_bytes(), out),
        (Arg::Bool(value), BOOL) => fixed([u8::from(*value)], out),
        _ => return false,
    }
    true
}

/// A length and so many bytes.
#[inline]
fn fixed<const N: usize>(body: [u8; N], out: &mut BytesMut) {
    out.reserve(4 + N);
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a few bytes")]
    out.put_i32(N as i32);
    out.put_slice(&body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::param::{convert::convert, framed, target::Target};
    use crate::types::SessionTypes;

    #[test]
    fn a_quick_value_has_the_bytes_of_the_slow_way() {
        let numbers = [0.0, -0.0, 1.5, -1.0, 4_294_967_296.0, MAX_SAFE_NUMBER, -MAX_SAFE_NUMBER];
        let others = [MAX_SAFE_NUMBER + 1.0, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let arguments = [i32::MIN, -1, 0, 1, i32::MAX]
            .map(Arg::Int32)
            .into_iter()
            .chain([i64::MIN, -1, 0, i64::MAX].map(Arg::Int64))
            .chain(numbers.into_iter().chain(others).map(Arg::Float64))
            .chain([Arg::Bool(false), Arg::Bool(true), Arg::Date(0.0), Arg::Text("1"), Arg::BigInt("1")]);
        let map = SessionTypes::default();
        let mut quick = 0;
        for argument in arguments {
            for type_oid in [16, 17, 20, 21, 23, 25, 26, 700, 701, 1184, 1700, 2278, 3220, 3802, 5069] {
                let (mut taken, mut general) = (BytesMut::new(), BytesMut::new());
                if !binary(&argument, type_oid, &mut taken) {
                    assert!(taken.is_empty(), "{argument:?} for {type_oid}");
                    continue;
                }
                let target = Target::of(type_oid, &map);
                let write = |out: &mut BytesMut| {
                    convert(&argument, target).map(|plain| plain.binary(target.kind, out))
                };
                framed(&mut general, write).unwrap();
                assert_eq!(taken, general, "{argument:?} for {type_oid}");
                quick += 1;
            }
        }
        assert_eq!(quick, 5 * 3 + 4 + 6 + 12 + 2);
    }
}
