//! Message frames: one type byte, four bytes of length (which counts itself), a body.
//!
//! <https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS>

use std::fmt;

use postgres_protocol::message::backend::{
    BACKEND_KEY_DATA_TAG, BIND_COMPLETE_TAG, CLOSE_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG,
    COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG, EMPTY_QUERY_RESPONSE_TAG, ERROR_RESPONSE_TAG,
    NO_DATA_TAG, NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG,
    PARAMETER_STATUS_TAG, PARSE_COMPLETE_TAG, PORTAL_SUSPENDED_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};

/// Bytes before a message's body.
pub const HEADER: usize = 5;

/// The largest message accepted before login is complete, in bytes. PostgreSQL's own are far smaller.
pub const LOGIN_MESSAGE_LIMIT: usize = 1 << 20;

/// The largest message the protocol can announce, in bytes.
pub const PROTOCOL_MESSAGE_LIMIT: usize = i32::MAX as usize;

/// The most bytes that the body of a message of a type can have, whatever limit there is for those that carry values,
/// data and errors. An honest server's are far smaller.
fn most(tag: u8) -> usize {
    match tag {
        DATA_ROW_TAG | COPY_DATA_TAG | ERROR_RESPONSE_TAG | NOTICE_RESPONSE_TAG => usize::MAX,
        // They have no body, or one byte.
        READY_FOR_QUERY_TAG
        | PARSE_COMPLETE_TAG
        | BIND_COMPLETE_TAG
        | CLOSE_COMPLETE_TAG
        | NO_DATA_TAG
        | PORTAL_SUSPENDED_TAG
        | EMPTY_QUERY_RESPONSE_TAG
        | COPY_DONE_TAG => 64,
        // A process number and a key of 256 bytes.
        BACKEND_KEY_DATA_TAG => 260,
        // Counts of 16 bits: one, and four bytes for each parameter, or two for each column behind a format.
        PARAMETER_DESCRIPTION_TAG | COPY_IN_RESPONSE_TAG | COPY_OUT_RESPONSE_TAG => 4 * 65_535 + 2,
        // 1,664 columns with names of 63 bytes are PostgreSQL's most; its relatives have longer names.
        ROW_DESCRIPTION_TAG => 16 << 20,
        // A search_path, say; PostgreSQL's notifications are below 8,000 bytes.
        PARAMETER_STATUS_TAG | NOTIFICATION_RESPONSE_TAG => 16 << 20,
        // CommandComplete, authentication, and what no server sends.
        _ => 1 << 20,
    }
}

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
    let limit = limit.min(most(tag));
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
    use postgres_protocol::message::backend::{AUTHENTICATION_TAG, COMMAND_COMPLETE_TAG};

    use super::*;

    #[test]
    fn an_incomplete_header_or_body_asks_for_more() {
        for cut in 0..9 {
            assert_eq!(first(&b"D\0\0\0\x08abcd"[..cut], 100), Ok(None));
        }
        assert_eq!(first(b"D\0\0\0\x08abcd!", 100), Ok(Some(Frame { tag: DATA_ROW_TAG, body: b"abcd" })));
    }

    #[test]
    fn lengths_no_honest_server_sends_are_refused_at_the_header() {
        for length in [0, 1, 2, 3, -1, i32::MIN] {
            let mut input = vec![DATA_ROW_TAG];
            input.extend_from_slice(&length.to_be_bytes());
            assert_eq!(first(&input, 100), Err(FrameError::TooShort { tag: DATA_ROW_TAG, length }));
        }
        for length in [105, 1 << 30, i32::MAX] {
            let mut input = vec![DATA_ROW_TAG];
            input.extend_from_slice(&length.to_be_bytes());
            assert!(matches!(first(&input, 100), Err(FrameError::TooLong { .. })));
        }
    }

    /// The header of a message whose body is of so many bytes.
    fn header(tag: u8, body: i32) -> [u8; HEADER] {
        let [a, b, c, d] = (body + 4).to_be_bytes();
        [tag, a, b, c, d]
    }

    #[test]
    fn only_messages_that_carry_values_may_be_as_long_as_the_limit() {
        const LIMIT: usize = 1 << 30;
        for tag in 0..=u8::MAX {
            let header = header(tag, 900_000_000);
            let long = first(&header, LIMIT);
            if b"DdEN".contains(&tag) {
                assert_eq!(long, Ok(None), "{}", printable(tag));
            } else {
                assert!(matches!(long, Err(FrameError::TooLong { .. })), "{}", printable(tag));
            }
        }
    }

    #[test]
    fn what_a_server_may_say_is_below_the_limit_of_its_message() {
        for (tag, length) in [
            (READY_FOR_QUERY_TAG, 1),
            (BACKEND_KEY_DATA_TAG, 260),
            (PARAMETER_DESCRIPTION_TAG, 262_142),
            (ROW_DESCRIPTION_TAG, 3 * 1024 * 1024),
            (PARAMETER_STATUS_TAG, 8_000_000),
            (NOTIFICATION_RESPONSE_TAG, 9_000),
            (COMMAND_COMPLETE_TAG, 64),
            (AUTHENTICATION_TAG, 66_000),
            (COPY_OUT_RESPONSE_TAG, 65_537),
            (COPY_DONE_TAG, 0),
            (EMPTY_QUERY_RESPONSE_TAG, 0),
        ] {
            assert!(first(&header(tag, length), 1 << 30).is_ok(), "{}", printable(tag));
        }
        assert!(first(&header(READY_FOR_QUERY_TAG, 65), 1 << 30).is_err());
    }
}
