//! Types that are text behind a version byte.

use super::Malformed;

/// The JSON text of a `jsonb`. Like any text it is UTF-8 only as far as the server can be trusted.
#[inline]
pub fn jsonb(body: &[u8]) -> Result<&[u8], Malformed> {
    behind_version(body)
}

/// The text of a `jsonpath`; see [`jsonb`].
#[inline]
pub fn jsonpath(body: &[u8]) -> Result<&[u8], Malformed> {
    behind_version(body)
}

#[inline]
fn behind_version(body: &[u8]) -> Result<&[u8], Malformed> {
    match body {
        [1, text @ ..] => Ok(text),
        [] => Err(Malformed("its version is missing")),
        _ => Err(Malformed("its version is not 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_version_1_is_read() {
        assert_eq!(jsonb(b"\x01{}"), Ok(&b"{}"[..]));
        assert_eq!(jsonb(b"\x01"), Ok(&b""[..]));
        assert_eq!(jsonb(b""), Err(Malformed("its version is missing")));
        assert_eq!(jsonb(b"\x02{}"), Err(Malformed("its version is not 1")));
        assert_eq!(jsonpath(b"\x01$.\"a\""), Ok(&b"$.\"a\""[..]));
        assert!(jsonpath(b"$").is_err());
    }
}
