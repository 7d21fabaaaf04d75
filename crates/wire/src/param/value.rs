//! Values of any type, in either format.

use bytes::{BufMut, BytesMut};

use super::arg::{Arg, ArrayArg};
use super::kind::ParamKind;
use super::parts::{Parts, Stop};
use super::target::Target;
use super::{Damaged, Format, Refusal, array, char, composite, convert, hstore, lists, range, vector};

/// How the values are written that arrays and composites are made of.
const PARTS: Parts = Parts { binary, text };

/// Appends the binary form of a value that is not NULL, without its length. What was written before it stopped is left
/// to the caller.
pub(super) fn binary(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Stop> {
    let arg = &lists::settled(arg, target);
    match *arg {
        Arg::Wire(bytes) => {
            out.put_slice(convert::sized(bytes)?);
            return Ok(());
        }
        Arg::Refused(name) => return Err(Refusal::unsendable(name).into()),
        _ if target.in_text => return Err(Stop::Text),
        Arg::Text(text) if !is_binary(text, target.kind) => {
            convert::plain_text(text)?;
            return Err(Stop::Text);
        }
        Arg::Spelled(_) if !target.kind.is_document() => {
            convert::convert(arg, target)?;
            return Err(Stop::Text);
        }
        _ => {}
    }
    match target.kind {
        ParamKind::Composite => composite::binary(arg, target, PARTS, out),
        ParamKind::Hstore => hstore::binary(arg, target, out).map_err(Stop::from),
        ParamKind::Vector => vector::binary(arg, target, out).map_err(Stop::from),
        ParamKind::HalfVector => Err(Stop::Text),
        ParamKind::Other => match (arg, target.element()) {
            (Arg::Array(array), Some(_)) => {
                array::encode(array, target, PARTS, Some(Format::Binary), out).map(|_| ())
            }
            (Arg::Array(list), None) if lists::is_list(target) => lists::binary(list, target, out),
            (Arg::Range(_), None) if target.is_range() => Err(Stop::Text),
            _ => Err(Refusal::mismatch(arg, target).into()),
        },
        kind if kind.is_text_only() => {
            convert::convert(arg, target)?;
            Err(Stop::Text)
        }
        kind => {
            convert::convert(arg, target)?.binary(kind, out);
            Ok(())
        }
    }
}

/// Whether a string is the type's binary form too, or can be made so.
fn is_binary(text: &str, kind: ParamKind) -> bool {
    match kind {
        ParamKind::Text | ParamKind::Json | ParamKind::Jsonb => true,
        ParamKind::Char => char::byte(text.as_bytes()).is_some(),
        _ => false,
    }
}

/// Appends an array without its length, in the form that its elements are best written in.
pub(super) fn array(array: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<Format, Refusal> {
    array::encode(array, target, PARTS, None, out).map_err(refused)
}

/// Appends a value that is not NULL as its type's input function reads it.
pub(super) fn text(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let arg = &lists::settled(arg, target);
    match *arg {
        Arg::Text(text) => {
            out.put_slice(convert::plain_text(text)?.as_bytes());
            return Ok(());
        }
        Arg::Refused(name) => return Err(Refusal::unsendable(name)),
        Arg::Wire(_) => return Err(Refusal::beside_text()),
        _ => {}
    }
    match target.kind {
        ParamKind::Composite => composite::text(arg, target, PARTS, out),
        ParamKind::Hstore => hstore::text(arg, target, out),
        ParamKind::Vector | ParamKind::HalfVector => vector::text(arg, target, out),
        ParamKind::Other => match (arg, target.element()) {
            (Arg::Array(array), Some(_)) => {
                array::encode(array, target, PARTS, Some(Format::Text), out).map(|_| ()).map_err(refused)
            }
            (Arg::Array(list), None) if lists::is_list(target) => lists::write(list, target, PARTS, out),
            (Arg::Range(range), None) => range::write_range(range, target, PARTS, out),
            (Arg::Spelled(_), _) => {
                convert::convert(arg, target)?.text(target.kind, out);
                Ok(())
            }
            _ => Err(Refusal::mismatch(arg, target)),
        },
        kind => {
            convert::convert(arg, target)?.text(kind, out);
            Ok(())
        }
    }
}

/// What was to be text stops for nothing else.
fn refused(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Text => Damaged.into(),
    }
}
