//! Values in a format that was chosen before: fields of records and literals.

use bytes::{BufMut, BytesMut};

use super::kind::Kind;
use super::{Arg, Format, Refusal, array, convert, framed, lists, other_value};
use crate::types;

const UUID: u32 = 2950;

/// Appends a field in the binary format, its length (-1 for NULL) and its body. Only types whose values have a binary
/// form take part; of them a string is taken by those of text.
pub fn encode_binary(arg: &Arg<'_>, type_oid: u32, out: &mut BytesMut) -> Result<(), Refusal> {
    let kind = Kind::of(type_oid);
    match arg {
        Arg::Null => {
            out.put_i32(-1);
            return Ok(());
        }
        Arg::Text(text) if type_oid == UUID => {
            let bytes =
                uuid(text).ok_or_else(|| Refusal::because("invalid input syntax for uuid".to_owned()))?;
            out.put_i32(16);
            out.put_slice(&bytes);
            return Ok(());
        }
        _ if type_oid == UUID => return Err(other_value(arg, type_oid)),
        _ => {}
    }
    let is_text = matches!(kind, Kind::Text | Kind::Json | Kind::Jsonb);
    if matches!(arg, Arg::Text(_) | Arg::Spelled(_)) && !is_text {
        return Err(Refusal {
            reason: "a string is no value in binary, which was chosen by the records before".to_owned(),
            hint: Some("give a column's values in one kind, or one of its strings in the first record"),
        });
    }
    let plain = convert::convert(arg, kind, type_oid)?;
    framed(out, |out| {
        plain.binary(kind, out);
        Ok(())
    })
}

/// Appends a value that is not NULL as its type's input function reads it.
pub fn encode_text(arg: &Arg<'_>, type_oid: u32, out: &mut BytesMut) -> Result<(), Refusal> {
    let kind = Kind::of(type_oid);
    match arg {
        Arg::Text(text) => out.put_slice(convert::plain_text(text)?.as_bytes()),
        Arg::Array(value) if kind == Kind::Other => match types::array_element_oid(type_oid) {
            Some(element) => {
                array::encode(value, type_oid, element, Some(Format::Text), out)?;
            }
            None if lists::is_list(type_oid) => {
                let mut text = Vec::new();
                lists::write(value, type_oid, &mut text)?;
                out.put_slice(&text);
            }
            None => return Err(other_value(arg, type_oid)),
        },
        Arg::Spelled(_) => convert::convert(arg, kind, type_oid)?.text(kind, out),
        _ if kind == Kind::Other => return Err(other_value(arg, type_oid)),
        _ => convert::convert(arg, kind, type_oid)?.text(kind, out),
    }
    Ok(())
}

/// The bytes of a uuid as PostgreSQL spells it (its uuid.c): 32 digits in either case, a hyphen allowed behind every four,
/// and braces around all.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let braced = text.strip_prefix('{').map(|rest| rest.strip_suffix('}'));
    let mut rest = braced.unwrap_or(Some(text))?.as_bytes();
    let mut bytes = [0; 16];
    for (index, byte) in bytes.iter_mut().enumerate() {
        let ([high, low], after) = rest.split_first_chunk::<2>()?;
        let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(high)? << 4 | digit(low)?;
        rest = match after.split_first() {
            Some((b'-', behind)) if index % 2 == 1 && index < 15 => behind,
            _ => after,
        };
    }
    rest.is_empty().then_some(bytes)
}
