//! Values of hstore: objects and Maps, or a list of pairs.

use bytes::{BufMut, BytesMut};

use super::arg::{Arg, ArrayArg};
use super::target::Target;
use super::{Refusal, convert, describe};

/// A key and its value, which may be NULL.
type Pair<'a> = (&'a str, Option<&'a str>);

/// As hstore_recv reads it: how many pairs, then for each the length and text of its key and its value.
pub(super) fn binary(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let pairs = pairs(arg, target)?;
    out.put_i32(i32::try_from(pairs.len()).map_err(|_| Refusal::too_long())?);
    for (key, value) in pairs {
        put(key, out)?;
        match value {
            Some(value) => put(value, out)?,
            None => out.put_i32(-1),
        }
    }
    Ok(())
}

fn put(text: &str, out: &mut BytesMut) -> Result<(), Refusal> {
    out.put_i32(i32::try_from(text.len()).map_err(|_| Refusal::too_long())?);
    out.put_slice(text.as_bytes());
    Ok(())
}

/// As hstore_in reads it.
pub(super) fn text(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    for (index, (key, value)) in pairs(arg, target)?.into_iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        quote(key, out);
        out.put_slice(b"=>");
        match value {
            Some(value) => quote(value, out),
            None => out.put_slice(b"NULL"),
        }
    }
    Ok(())
}

fn quote(text: &str, out: &mut BytesMut) {
    out.put_u8(b'"');
    for &byte in text.as_bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}

fn pairs<'a>(arg: &Arg<'a>, target: Target<'_>) -> Result<Vec<Pair<'a>>, Refusal> {
    let mut pairs = Vec::new();
    match arg {
        Arg::Fields(fields) => {
            let mut members = fields.members();
            while let Some((key, value)) = members.next()? {
                pairs.push((convert::plain_text(key)?, value_of(&value, pairs.len())?));
            }
        }
        Arg::Array(list) => {
            let mut elements = list.elements();
            while !elements.is_empty() {
                let (Arg::Array(pair) | Arg::Row(pair)) = elements.next()? else {
                    return Err(no_pair(pairs.len()));
                };
                pairs.push(pair_of(&pair, pairs.len())?);
            }
        }
        _ => return Err(Refusal::mismatch(arg, target)),
    }
    Ok(pairs)
}

fn pair_of<'a>(pair: &ArrayArg<'a>, index: usize) -> Result<Pair<'a>, Refusal> {
    if pair.count != 2 {
        return Err(no_pair(index));
    }
    let mut elements = pair.elements();
    let Arg::Text(key) = elements.next()? else {
        return Err(Refusal::because(format!("key {index} of hstore is no string")));
    };
    Ok((convert::plain_text(key)?, value_of(&elements.next()?, index)?))
}

fn value_of<'a>(value: &Arg<'a>, index: usize) -> Result<Option<&'a str>, Refusal> {
    match value {
        Arg::Null => Ok(None),
        Arg::Text(text) => convert::plain_text(text).map(Some),
        Arg::Refused(name) => Err(Refusal::unsendable(name)),
        _ => Err(Refusal::because(format!(
            "value {index} of hstore must be a string or null, got {}",
            describe::class(value)
        ))),
    }
}

#[cold]
fn no_pair(index: usize) -> Refusal {
    Refusal::because(format!("element {index} of a list for hstore must be a pair of a key and a value"))
}
