//! Values in a format that was chosen before: fields of records and literals.

use bytes::{BufMut, BytesMut};

use super::kind::Kind;
use super::{Arg, Format, Refusal, array, convert, framed, other_value};
use crate::types;

/// Appends a field in the binary format, its length (-1 for NULL) and its body. Only types whose values have a binary
/// form take part; of them a string is taken by those of text.
pub fn encode_binary(arg: &Arg<'_>, type_oid: u32, out: &mut BytesMut) -> Result<(), Refusal> {
    let kind = Kind::of(type_oid);
    if *arg == Arg::Null {
        out.put_i32(-1);
        return Ok(());
    }
    let is_text = matches!(kind, Kind::Text | Kind::Json | Kind::Jsonb);
    if matches!(arg, Arg::Text(_)) && !is_text {
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
            None => return Err(other_value(arg, type_oid)),
        },
        _ if kind == Kind::Other => return Err(other_value(arg, type_oid)),
        _ => convert::convert(arg, kind, type_oid)?.text(kind, out),
    }
    Ok(())
}
