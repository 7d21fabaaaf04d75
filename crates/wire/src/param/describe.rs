//! Arguments as messages speak of them. An argument may be a secret: of what holds text or bytes a message has the kind
//! and the size, never a part of it.

use super::Arg;
use super::convert::milliseconds;
use super::iso::push_iso;
use super::plain::number;

/// Digits of a bigint that are shown.
const SHOWN: usize = 40;

/// A number, a boolean or a date as it is: `42`, `10n`, `2024-01-31T10:00:00.000Z`. Anything else by its kind and size:
/// `a string of 12 characters`, `3 bytes`.
#[must_use]
pub fn describe(arg: &Arg<'_>) -> String {
    match *arg {
        Arg::Null => "null".to_owned(),
        Arg::Bool(value) => value.to_string(),
        Arg::Int32(value) => value.to_string(),
        Arg::Float64(value) => ascii(|out| number(value, out)),
        Arg::Int64(value) => format!("{value}n"),
        Arg::BigInt(digits) => match digits.get(..SHOWN) {
            Some(start) if digits.len() > SHOWN => format!("{start}…"),
            _ => format!("{digits}n"),
        },
        Arg::Text("") => "an empty string".to_owned(),
        Arg::Text(text) => format!("a string of {}", counted(text.chars().count(), "character")),
        Arg::Bytes(bytes) => counted(bytes.len(), "byte"),
        Arg::Date(ms) => match milliseconds(ms) {
            Some(ms) => ascii(|out| push_iso(ms, out)),
            None => "Invalid Date".to_owned(),
        },
        Arg::Json(text) => format!("a Json of {}", counted(text.chars().count(), "character")),
        Arg::Object(text) => {
            format!("an object of {} as JSON", counted(text.chars().count(), "character"))
        }
        Arg::NoJson(_) | Arg::Fields(_) => "an object".to_owned(),
        Arg::Wire(bytes) => format!("{} of a codec", counted(bytes.len(), "byte")),
        Arg::Array(array) | Arg::Row(array) if array.count == 0 => "an empty array".to_owned(),
        Arg::Array(array) | Arg::Row(array) => {
            format!("an array of {}", counted(usize::try_from(array.count).unwrap_or(usize::MAX), "element"))
        }
        Arg::Spelled(_) | Arg::Range(_) => {
            let name = class(arg);
            format!("{} {name}", if name.starts_with(['I', 'o']) { "an" } else { "a" })
        }
        Arg::Refused(name) => name.to_owned(),
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
        Arg::Bytes(_) => "bytes",
        Arg::Date(_) => "Date",
        Arg::Json(_) => "Json",
        Arg::Object(_) | Arg::NoJson(_) | Arg::Fields(_) => "object",
        Arg::Array(_) | Arg::Row(_) => "array",
        Arg::Wire(_) => "bytes of a codec",
        Arg::Range(_) => "Range",
        Arg::Spelled(spelled) if spelled.spelling.is_object() => "object",
        Arg::Spelled(spelled) => spelled.spelling.name(),
        Arg::Refused(name) => name,
    }
}

/// A number and what it counts: `1 element`, `2 elements`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn ascii(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}
