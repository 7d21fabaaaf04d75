//! Values that are made of others.

use bytes::{BufMut, BytesMut};

use super::target::Target;
use super::{Arg, Damaged, Refusal};

/// Why a value was not written in binary.
pub(super) enum Stop {
    Refused(Refusal),
    /// Something in it is text that only its type's input function can read, so that all of it goes as text.
    Text,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<Damaged> for Stop {
    fn from(damaged: Damaged) -> Self {
        Stop::Refused(damaged.into())
    }
}

impl Stop {
    /// Says where what was refused stands.
    pub(super) fn placed(self, place: impl FnOnce(Refusal) -> Refusal) -> Self {
        match self {
            Stop::Refused(refusal) => Stop::Refused(place(refusal)),
            Stop::Text => Stop::Text,
        }
    }
}

type Write<E> = fn(&Arg<'_>, Target<'_>, &mut BytesMut) -> Result<(), E>;

/// How the values are written that another one is made of.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// In binary, without the length.
    pub(super) binary: Write<Stop>,
    /// As its type's input function reads it.
    pub(super) text: Write<Refusal>,
}

/// Quotes an attribute of a composite or a bound of a range where PostgreSQL would not take it for itself; an empty one
/// would be none.
pub(super) fn push_quoted(part: &[u8], out: &mut BytesMut) {
    let special = |byte: &u8| {
        matches!(
            byte,
            b'(' | b')' | b'[' | b']' | b',' | b'"' | b'\\' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c
        )
    };
    if !part.is_empty() && !part.iter().any(special) {
        out.put_slice(part);
        return;
    }
    out.put_u8(b'"');
    for &byte in part {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(byte);
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}
