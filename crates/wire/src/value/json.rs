//! Types that are text behind a version byte.

use super::Malformed;

/// The text of a `jsonb` or a `jsonpath`. Like any text it is UTF-8 only as far as the server can be trusted.
#[inline]
pub fn versioned(body: &[u8]) -> Result<&[u8], Malformed> {
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
        assert_eq!(versioned(b"\x01{}"), Ok(&b"{}"[..]));
        assert_eq!(versioned(b"\x01"), Ok(&b""[..]));
        assert_eq!(versioned(b""), Err(Malformed("its version is missing")));
        assert_eq!(versioned(b"\x02{}"), Err(Malformed("its version is not 1")));
        assert_eq!(versioned(b"\x01$.\"a\""), Ok(&b"$.\"a\""[..]));
        assert!(versioned(b"$").is_err());
    }
}
