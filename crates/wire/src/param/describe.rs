//! Arguments as messages show them.

use super::Arg;
use super::convert::milliseconds;
use super::iso::push_iso;
use crate::value;

/// Longer values are cut.
const SHOWN: usize = 40;

/// A value as it would be printed, cut at 40 characters: `42`, `'text'`, `10n`, `<Buffer 3 bytes>`, JSON.
#[must_use]
pub fn describe(arg: &Arg<'_>) -> String {
    match *arg {
        Arg::Null => "null".to_owned(),
        Arg::Bool(value) => value.to_string(),
        Arg::Int32(value) => value.to_string(),
        Arg::Float64(value) => ascii(|out| value::shortest(value, out)),
        Arg::Int64(value) => format!("{value}n"),
        Arg::BigInt(digits) => cut(digits.chars().chain(['n'])),
        Arg::Text(text) => cut(quoted(text)),
        Arg::Bytes([_]) => "<Buffer 1 byte>".to_owned(),
        Arg::Bytes(bytes) => format!("<Buffer {} bytes>", bytes.len()),
        Arg::Date(ms) => match milliseconds(ms) {
            Some(ms) => ascii(|out| push_iso(ms, out)),
            None => "Invalid Date".to_owned(),
        },
        Arg::Json(text) | Arg::Object(text) => cut(text.chars()),
        Arg::Array(array) => match array.json {
            Some(text) => cut(text.chars()),
            None if array.count == 1 => "<array of 1 element>".to_owned(),
            None => format!("<array of {} elements>", array.count),
        },
        Arg::Refused(name) => cut(name.chars()),
    }
}

/// What JavaScript calls a value of this kind.
pub(super) fn class<'a>(arg: &Arg<'a>) -> &'a str {
    match *arg {
        Arg::Null => "null",
        Arg::Bool(_) => "boolean",
        Arg::Int32(_) | Arg::Float64(_) => "number",
        Arg::Int64(_) | Arg::BigInt(_) => "bigint",
        Arg::Text(_) => "string",
        Arg::Bytes(_) => "Buffer",
        Arg::Date(_) => "Date",
        Arg::Json(_) => "Json",
        Arg::Object(_) => "object",
        Arg::Array(_) => "array",
        Arg::Refused(name) => name,
    }
}

/// In single quotes, on one line.
fn quoted(text: &str) -> impl Iterator<Item = char> {
    let body = text.chars().flat_map(|character| {
        let escaped = character.is_control().then(|| character.escape_default());
        let plain = if escaped.is_some() { None } else { Some(character) };
        escaped.into_iter().flatten().chain(plain)
    });
    std::iter::once('\'').chain(body).chain(['\''])
}

fn cut(characters: impl Iterator<Item = char>) -> String {
    let mut shown = String::new();
    for (index, character) in characters.enumerate() {
        if index == SHOWN {
            shown.push('…');
            break;
        }
        shown.push(character);
    }
    shown
}

fn ascii(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}
