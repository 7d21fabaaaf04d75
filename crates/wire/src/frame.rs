//! Message frames: one type byte, four bytes of length (which counts itself), a body.
//!
//! <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS>

use std::fmt;

/// Bytes before a message's body.
pub const HEADER: usize = 5;

/// The largest message accepted before login is complete, in bytes. PostgreSQL's own are far smaller.
pub const LOGIN_MESSAGE_LIMIT: usize = 1 << 20;

/// The largest message the protocol can announce, in bytes.
pub const PROTOCOL_MESSAGE_LIMIT: usize = i32::MAX as usize;

/// A message whose length was checked and whose bytes are all here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub tag: u8,
    pub body: &'a [u8],
}

/// A header that no honest server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    TooShort { tag: u8, length: i32 },
    TooLong { tag: u8, length: usize, limit: usize },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooShort { tag, length } => {
                write!(f, "server sent message {} with length {length}, the least is 4", printable(*tag))
            }
            FrameError::TooLong { tag, length, limit } => {
                write!(f, "server sent message {} of {length} bytes, the limit is {limit}", printable(*tag))
            }
        }
    }
}

/// The first frame of `input`, `None` while it is incomplete.
///
/// The length is judged as soon as the header is here, so that nothing is ever reserved for a claim.
pub fn first(input: &[u8], limit: usize) -> Result<Option<Frame<'_>>, FrameError> {
    let Some((&[tag, a, b, c, d], rest)) = input.split_first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes([a, b, c, d]);
    let body = usize::try_from(length)
        .ok()
        .and_then(|n| n.checked_sub(4))
        .ok_or(FrameError::TooShort { tag, length })?;
    if body > limit {
        return Err(FrameError::TooLong { tag, length: body, limit });
    }
    Ok(rest.get(..body).map(|body| Frame { tag, body }))
}

/// A message type as people read it: `'D'`, or `0x00` for what is no printable character.
pub fn printable(tag: u8) -> String {
    if tag.is_ascii_graphic() { format!("'{}'", char::from(tag)) } else { format!("{tag:#04x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_header_or_body_asks_for_more() {
        for cut in 0..9 {
            assert_eq!(first(&b"Z\0\0\0\x08abcd"[..cut], 100), Ok(None));
        }
        assert_eq!(first(b"Z\0\0\0\x08abcd!", 100), Ok(Some(Frame { tag: b'Z', body: b"abcd" })));
    }

    #[test]
    fn lengths_no_honest_server_sends_are_refused_at_the_header() {
        for length in [0, 1, 2, 3, -1, i32::MIN] {
            let mut input = vec![b'D'];
            input.extend_from_slice(&length.to_be_bytes());
            assert_eq!(first(&input, 100), Err(FrameError::TooShort { tag: b'D', length }));
        }
        for length in [105, 1 << 30, i32::MAX] {
            let mut input = vec![b'D'];
            input.extend_from_slice(&length.to_be_bytes());
            assert!(matches!(first(&input, 100), Err(FrameError::TooLong { .. })));
        }
    }
}
