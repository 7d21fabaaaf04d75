//! Query arguments: from JavaScript's values to the wire form of the parameter's type.
//!
//! [`Reader`] reads the submission buffer, [`encode`] writes a parameter as Bind wants it. A string is accepted for
//! every type and is PostgreSQL's own input syntax; everything else must be of the type's own kind, and what is not
//! is refused before anything is sent.

mod advice;
mod arg;
mod array;
mod char;
mod composite;
mod convert;
mod describe;
mod expected;
mod field;
mod figures;
mod hstore;
mod iso;
mod kind;
mod lists;
mod parts;
mod plain;
mod quick;
mod range;
mod spelled;
mod target;
mod value;
mod vector;

#[cfg(test)]
mod array_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod number_tests;
#[cfg(test)]
mod own_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod scalar_tests;
#[cfg(test)]
mod submission;

use bytes::{BufMut, BytesMut};

pub use arg::{Arg, ArrayArg, Damaged, FieldsArg, Members, Reader, Spelled};
pub use describe::describe;
pub use field::{encode_binary, encode_text};
use kind::ParamKind;
use parts::Stop;
use target::Target;

use crate::types::SessionTypes;

/// A row of no type of its own.
const RECORD: u32 = 2249;

/// How a parameter's value was written: its format code in Bind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Format {
    Text = 0,
    Binary = 1,
}

/// Why an argument cannot be sent as a value of its parameter's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands between the brackets of `invalid input for query argument $1: 42 (…)`.
    pub reason: String,
    /// What to do about it; `$N` stands for the parameter.
    hint: Option<&'static str>,
    /// PostgreSQL has no input for the type, whatever is given.
    pub is_unsupported: bool,
}

impl Refusal {
    /// The message of the refusal of an argument, counted from 0. It holds nothing of what may be a secret.
    #[must_use]
    pub fn message(&self, index: usize, arg: &Arg<'_>) -> String {
        if self.is_unsupported {
            return format!("query argument ${}: {}", index + 1, self.reason);
        }
        format!("invalid input for query argument ${}: {}", index + 1, self.told_of(arg))
    }

    /// What was refused and why, without saying where it stood.
    #[must_use]
    pub fn told_of(&self, arg: &Arg<'_>) -> String {
        match arg {
            // That it is refused says all there is to say.
            Arg::Refused(_) => self.reason.clone(),
            _ => format!("{} ({})", describe(arg), self.reason),
        }
    }

    /// What to do about the refusal of an argument, counted from 0.
    #[must_use]
    pub fn hint(&self, index: usize) -> Option<String> {
        self.hint.map(|hint| hint.replace("$N", &format!("${}", index + 1)))
    }

    /// What to do about the refusal of a field: what can be written in place of a parameter cannot in place of it.
    #[must_use]
    pub fn hint_of_field(&self) -> Option<&'static str> {
        self.hint.filter(|hint| !hint.contains("$N"))
    }

    #[cold]
    fn because(reason: String) -> Self {
        Self { reason, hint: None, is_unsupported: false }
    }

    #[cold]
    fn mismatch(arg: &Arg<'_>, target: Target<'_>) -> Self {
        if target.type_oid == RECORD {
            let reason =
                "a row of no type of its own cannot be sent to PostgreSQL, which has no input for it";
            let hint = Some("say in the query which type is meant, as in $N::address");
            return Self { reason: reason.to_owned(), hint, is_unsupported: true };
        }
        if target.kind == ParamKind::Other && target.element().is_some() {
            return Self::expecting("array", arg, target, advice::of_no_array(arg));
        }
        Self::expecting(&expected::of(target), arg, target, advice::of(arg, target))
    }

    #[cold]
    fn expecting(expected: &str, arg: &Arg<'_>, target: Target<'_>, hint: Option<&'static str>) -> Self {
        let reason = format!("expected {expected} for {}, got {}", target.name(), describe::class(arg));
        Self { reason, hint, is_unsupported: false }
    }

    /// A value that no type takes.
    #[cold]
    fn unsendable(name: &str) -> Self {
        let reason = format!("{name} cannot be sent to PostgreSQL");
        Self { hint: advice::of_unsendable(name), ..Self::because(reason) }
    }

    /// A value for json that has no JSON form, by the reason.
    #[cold]
    fn no_json(reason: &str) -> Self {
        Self { hint: advice::of_no_json(reason), ..Self::because(reason.to_owned()) }
    }

    /// A value that only its binary form is known of, in one that is written as text.
    #[cold]
    fn beside_text() -> Self {
        Self::because("a codec gave its binary form, and something beside it is text".to_owned())
            .with_hint("give no strings for other types beside it, or a codec of format 'text'")
    }

    #[cold]
    fn too_long() -> Self {
        Self::because(format!("too long: a value has at most {} bytes", i32::MAX))
    }

    #[cold]
    fn invalid_date() -> Self {
        Self::because("the Date is invalid".to_owned())
    }

    #[cold]
    fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl From<Damaged> for Refusal {
    fn from(_: Damaged) -> Self {
        Self::because("it reached the driver damaged".to_owned())
    }
}

/// Whether values of a type are made of others in a way that an object or an array is not written for as it comes.
pub fn is_structured(type_oid: u32, types: &SessionTypes) -> bool {
    is_structured_target(Target::of(type_oid, types))
}

/// A target has only so many within it, by which the recursion ends.
fn is_structured_target(target: Target<'_>) -> bool {
    match target.kind {
        ParamKind::Composite | ParamKind::Hstore => true,
        // An array of arrays is none of PostgreSQL's, but one of domains over arrays is.
        ParamKind::Other => {
            let is_made_of_lists = |element| is_structured_target(element) || is_list_of_documents(element);
            let bounds = target.bound().or_else(|| target.range()).and_then(|part| target.part(part).ok());
            element_of(target).is_some_and(is_made_of_lists)
                || bounds.is_some_and(|bounds| is_structured_target(bounds) || bounds.kind.is_document())
        }
        _ => false,
    }
}

/// Whether the lists within a value are documents, and none of them a dimension.
fn is_list_of_documents(target: Target<'_>) -> bool {
    element_of(target).is_some_and(|element| element.kind.is_document())
}

fn element_of(target: Target<'_>) -> Option<Target<'_>> {
    target.part(target.element()?.0).ok()
}

/// Whether an argument that was written without knowing the type has to be written anew.
pub fn wants_type(arg: &Arg<'_>, type_oid: u32, types: &SessionTypes) -> bool {
    use Arg::{Array, NoJson, Object, Range, Refused, Spelled};
    matches!(arg, Object(_) | NoJson(_) | Array(_) | Range(_) | Spelled(_) | Refused(_))
        && is_structured(type_oid, types)
}

/// Appends a parameter's value as Bind carries it, its length (-1 for NULL) and its body, and says in which format.
/// `out` is left as it was when the argument is refused.
pub fn encode(
    arg: &Arg<'_>,
    parameter_oid: u32,
    types: &SessionTypes,
    out: &mut BytesMut,
) -> Result<Format, Refusal> {
    if *arg != Arg::Null && quick::binary(arg, parameter_oid, out) {
        return Ok(Format::Binary);
    }
    let start = out.len();
    let written = write(arg, Target::of(parameter_oid, types), out);
    if written.is_err() {
        out.truncate(start);
    }
    written
}

fn write(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<Format, Refusal> {
    let kind = target.kind;
    let arg = &lists::settled(arg, target);
    match *arg {
        Arg::Null => {
            out.put_i32(-1);
            Ok(Format::Text)
        }
        Arg::Refused(name) => Err(Refusal::unsendable(name)),
        Arg::Wire(bytes) => framed(out, |out| {
            out.put_slice(bytes);
            Ok(Format::Binary)
        }),
        Arg::Text(_) if kind == ParamKind::Void => framed(out, |_| Ok(Format::Text)),
        Arg::Text(text)
            if kind == ParamKind::Char && !target.in_text && char::byte(text.as_bytes()).is_some() =>
        {
            framed(out, |out| {
                out.extend(char::byte(text.as_bytes()));
                Ok(Format::Binary)
            })
        }
        Arg::Text(text) => {
            let text = convert::plain_text(text)?;
            framed(out, |out| {
                out.put_slice(text.as_bytes());
                Ok(Format::Text)
            })
        }
        Arg::Spelled(_) if !kind.is_document() && kind != ParamKind::Void => {
            let plain = convert::convert(arg, target)?;
            framed(out, |out| {
                plain.text(kind, out);
                Ok(Format::Text)
            })
        }
        Arg::Array(ref array) if kind == ParamKind::Other && target.element().is_some() => {
            framed(out, |out| value::array(array, target, out))
        }
        _ if kind.is_compound() => compound(arg, target, out),
        _ => {
            let plain = convert::convert(arg, target)?;
            let format = if target.in_text { Format::Text } else { kind.format() };
            framed(out, |out| {
                match format {
                    Format::Text => plain.text(kind, out),
                    Format::Binary => plain.binary(kind, out),
                }
                Ok(format)
            })
        }
    }
}

/// In binary where all that it is made of has that form, else as text.
fn compound(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<Format, Refusal> {
    let start = out.len();
    match framed(out, |out| value::binary(arg, target, out)) {
        Ok(()) => Ok(Format::Binary),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(Stop::Text) => {
            out.truncate(start);
            framed(out, |out| value::text(arg, target, out))?;
            Ok(Format::Text)
        }
    }
}

/// Writes a length and what it counts.
fn framed<T, E: From<Refusal>>(
    out: &mut BytesMut,
    write: impl FnOnce(&mut BytesMut) -> Result<T, E>,
) -> Result<T, E> {
    let start = out.len();
    out.put_i32(0);
    let written = write(out)?;
    let length = i32::try_from(out.len() - start - 4).map_err(|_| Refusal::too_long())?;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(written)
}
