//! "char", PostgreSQL's type of a single byte, as `charout` of PostgreSQL 16 and newer writes it: a character of ASCII is
//! itself, the zero byte is the empty string, a byte above 127 is a backslash and three octal digits. Older servers
//! neither write nor read the latter, so that the byte is sent in binary.

/// The byte that a string stands for; `None` for what `charin` is left to make something of.
pub(super) fn byte(text: &[u8]) -> Option<u8> {
    match *text {
        [] => Some(0),
        [byte @ 1..=127] => Some(byte),
        [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7'] => {
            Some((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::byte;

    #[test]
    fn every_byte_has_its_string() {
        for value in 0..=u8::MAX {
            let text = match value {
                0 => String::new(),
                1..=127 => char::from(value).to_string(),
                _ => format!("\\{value:03o}"),
            };
            assert_eq!(byte(text.as_bytes()), Some(value), "{text}");
        }
        for other in ["ab", "é", "\0", "\\400", "\\38", "\\3777", "\\008"] {
            assert_eq!(byte(other.as_bytes()), None, "{other}");
        }
    }
}
