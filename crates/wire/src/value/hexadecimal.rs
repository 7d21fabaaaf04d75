//! Types that are written in hexadecimal.

use super::{Malformed, exactly};

/// `00` to `ff`, two characters each.
const PAIRS: [[u8; 2]; 256] = {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut index = 0;
    while index < 256 {
        pairs[index] = [DIGITS[index / 16], DIGITS[index % 16]];
        index += 1;
    }
    pairs
};

#[inline]
fn pair(byte: u8) -> [u8; 2] {
    PAIRS[usize::from(byte)]
}

/// The place of each byte of a UUID in its text.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// `6ba7b810-9dad-11d1-80b4-00c04fd430c8`: lower case, with hyphens.
#[inline]
pub fn uuid(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let bytes: [u8; 16] = exactly(body)?;
    let mut text = [b'-'; 36];
    for (&byte, at) in bytes.iter().zip(PLACES) {
        let [high, low] = pair(byte);
        text[at] = high;
        text[at + 1] = low;
    }
    out.extend_from_slice(&text);
    Ok(())
}

/// `08:00:2b:01:02:03`.
pub fn macaddr(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    colons(&exactly::<6>(body)?, out);
    Ok(())
}

/// `08:00:2b:01:02:03:04:05`.
pub fn macaddr8(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    colons(&exactly::<8>(body)?, out);
    Ok(())
}

fn colons(bytes: &[u8], out: &mut Vec<u8>) {
    for (index, &byte) in bytes.iter().enumerate() {
        if index > 0 {
            out.push(b':');
        }
        out.extend_from_slice(&pair(byte));
    }
}

/// `16/B374D848`: the two halves of a write-ahead log position, in capitals.
pub fn pg_lsn(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let [a, b, c, d, e, f, g, h] = exactly(body)?;
    push_capitals(u32::from_be_bytes([a, b, c, d]), out);
    out.push(b'/');
    push_capitals(u32::from_be_bytes([e, f, g, h]), out);
    Ok(())
}

fn push_capitals(value: u32, out: &mut Vec<u8>) {
    let start = out.len();
    for byte in value.to_be_bytes() {
        out.extend_from_slice(&pair(byte).map(|digit| digit.to_ascii_uppercase()));
    }
    let zeros = out.iter().skip(start).take(7).take_while(|&&digit| digit == b'0').count();
    out.drain(start..start + zeros);
}

/// `\x` and the bytes, PostgreSQL's own text for `bytea`.
pub fn bytea(body: &[u8], out: &mut Vec<u8>) {
    out.reserve(2 + 2 * body.len());
    out.extend_from_slice(b"\\x");
    out.extend(body.iter().flat_map(|&byte| pair(byte)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: fn(&[u8], &mut Vec<u8>) -> Result<(), Malformed>, body: &[u8]) -> String {
        let mut out = Vec::new();
        write(body, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn uuids() {
        let body =
            [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(text(uuid, &body), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        assert_eq!(text(uuid, &[0xff; 16]), "ffffffff-ffff-ffff-ffff-ffffffffffff");
        assert!(uuid(&[0; 15], &mut Vec::new()).is_err());
        assert!(uuid(&[0; 17], &mut Vec::new()).is_err());
    }

    #[test]
    fn hardware_addresses() {
        assert_eq!(text(macaddr, &[8, 0, 0x2b, 1, 2, 3]), "08:00:2b:01:02:03");
        assert_eq!(text(macaddr8, &[8, 0, 0x2b, 1, 2, 3, 4, 0xff]), "08:00:2b:01:02:03:04:ff");
        assert!(macaddr(&[0; 8], &mut Vec::new()).is_err());
        assert!(macaddr8(&[0; 6], &mut Vec::new()).is_err());
    }

    #[test]
    fn log_positions() {
        assert_eq!(text(pg_lsn, &0x16_B374_D848_u64.to_be_bytes()), "16/B374D848");
        assert_eq!(text(pg_lsn, &[0; 8]), "0/0");
        assert_eq!(text(pg_lsn, &[0xff; 8]), "FFFFFFFF/FFFFFFFF");
        assert_eq!(text(pg_lsn, &[0, 0, 0, 1, 0, 0, 0x0a, 0]), "1/A00");
    }

    #[test]
    fn bytes() {
        let mut out = Vec::new();
        bytea(&[0, 0x5c, 0xff], &mut out);
        assert_eq!(out, b"\\x005cff");
    }
}
