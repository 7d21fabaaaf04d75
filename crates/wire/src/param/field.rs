//! Values in a format that was chosen before: fields of records and literals.

use bytes::{BufMut, BytesMut};

use super::kind::ParamKind;
use super::parts::Stop;
use super::target::Target;
use super::value;
use super::{Arg, Refusal, convert, framed, quick};
use crate::types::SessionTypes;

const UUID: u32 = 2950;

/// Appends a field in the binary format, its length (-1 for NULL) and its body. Only types whose values have a binary
/// form take part; of them a string is taken by those of text.
pub fn encode_binary(
    arg: &Arg<'_>,
    type_oid: u32,
    types: &SessionTypes,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    if quick::binary(arg, type_oid, out) {
        return Ok(());
    }
    let target = Target::of(type_oid, types);
    match arg {
        Arg::Text(text) if target.kind == ParamKind::Text => {
            return text_body(convert::plain_text(text)?, out);
        }
        Arg::Text(text) if type_oid == UUID => {
            let bytes =
                uuid(text).ok_or_else(|| Refusal::because("invalid input syntax for uuid".to_owned()))?;
            out.put_i32(16);
            out.put_slice(&bytes);
            return Ok(());
        }
        Arg::Wire(_) => {}
        _ if type_oid == UUID => return Err(Refusal::mismatch(arg, target)),
        _ => {}
    }
    framed(out, |out| value::binary(arg, target, out)).map_err(|stop| match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Text => Refusal {
            reason: "a string is no value in binary, which was chosen by the records before".to_owned(),
            hint: Some("give a column's values in one kind, or one of its strings in the first record"),
            is_unsupported: false,
        },
    })
}

/// Appends a value that is not NULL as its type's input function reads it.
pub fn encode_text(
    arg: &Arg<'_>,
    type_oid: u32,
    types: &SessionTypes,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    value::text(arg, Target::of(type_oid, types), out)
}

/// A text that was found to be one.
#[inline]
fn text_body(text: &str, out: &mut BytesMut) -> Result<(), Refusal> {
    out.reserve(4 + text.len());
    out.put_i32(i32::try_from(text.len()).map_err(|_| Refusal::too_long())?);
    out.put_slice(text.as_bytes());
    Ok(())
}

/// The value of each hexadecimal digit; [`NO_DIGIT`] for all else.
#[allow(clippy::cast_possible_truncation, reason = "below 16")]
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

const NO_DIGIT: u8 = 0xff;

/// The bytes of a uuid as PostgreSQL spells it (its uuid.c): 32 digits in either case, a hyphen allowed behind every four,
/// and braces around all.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let braced = text.strip_prefix('{').map(|rest| rest.strip_suffix('}'));
    let mut rest = braced.unwrap_or(Some(text))?.as_bytes();
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let ([high, low], after) = rest.split_first_chunk::<2>()?;
        let (high, low) = (DIGITS[usize::from(*high)], DIGITS[usize::from(*low)]);
        if (high | low) & 0xf0 != 0 {
            return None;
        }
        *byte = high << 4 | low;
        rest = match after.split_first() {
            Some((b'-', behind)) if index % 2 == 1 && index < 15 => behind,
            _ => after,
        };
    }
    rest.is_empty().then_some(bytes)
}
