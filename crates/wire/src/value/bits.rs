//! `bit` and `varbit`.

use super::Malformed;
use super::number::take_i32;

/// The bits as `0` and `1`, the first one first.
pub fn bits(mut body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let count =
        usize::try_from(take_i32(&mut body)?).map_err(|_| Malformed("its number of bits is negative"))?;
    if body.len() != count.div_ceil(8) {
        return Err(Malformed("its number of bits does not fit its length"));
    }
    let start = out.len();
    out.reserve(body.len() * 8);
    out.extend(
        body.iter().flat_map(|&byte| std::array::from_fn::<u8, 8, _>(|bit| b'0' + (byte >> (7 - bit) & 1))),
    );
    out.truncate(start + count);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_written_from_the_first() {
        for (body, text) in [
            (&[0, 0, 0, 0][..], ""),
            (&[0, 0, 0, 1, 0x80], "1"),
            (&[0, 0, 0, 9, 0b0101_0011, 0x80], "010100111"),
            (&[0, 0, 0, 8, 0xa5], "10100101"),
        ] {
            let mut out = Vec::new();
            bits(body, &mut out).unwrap();
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        for body in [
            &[0, 0, 0, 9, 0][..],
            &[0, 0, 0, 8, 0, 0],
            &[0xff, 0xff, 0xff, 0xff],
            &[0x7f, 0xff, 0xff, 0xff, 0],
        ] {
            assert!(bits(body, &mut Vec::new()).is_err());
        }
    }
}
