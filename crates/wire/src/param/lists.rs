//! Types of which a list is a value: a point is two numbers, a tid its block and its place there, a multirange its ranges.
//! In an array of them the innermost lists are such values, where they have what a value has.

use bytes::{BufMut, BytesMut};

use super::arg::ArrayArg;
use super::kind::Kind;
use super::parts::Stop;
use super::plain::number;
use super::spelled::Spelling;
use super::target::Target;
use super::{Arg, Refusal, Spelled, describe};

pub(super) const TID: u32 = 27;
const POINT: u32 = 600;

pub(super) fn is_list(target: Target<'_>) -> bool {
    matches!(target.type_oid, TID | POINT) || (target.kind == Kind::Other && target.is_multirange())
}

/// A list of a point, a tid or a multirange is written by one rule, whether it was marked as one value or not.
pub(super) fn settled<'a>(arg: &Arg<'a>, target: Target<'_>) -> Arg<'a> {
    match *arg {
        Arg::Row(list) if target.kind == Kind::Other => Arg::Array(list),
        other => other,
    }
}

/// Whether a list within an array is a value of the type, and no dimension: by its first element that is not NULL, which
/// no such value holds.
pub(super) fn is_value(list: &ArrayArg<'_>, target: Target<'_>) -> bool {
    let is_vector = matches!(target.kind, Kind::Vector | Kind::HalfVector);
    if !is_vector && !is_list(target) {
        return false;
    }
    let mut elements = list.elements();
    let is_empty = elements.is_empty();
    let mut first = None;
    while first.is_none() && !elements.is_empty() {
        match elements.next() {
            Ok(Arg::Null) => {}
            Ok(element) => first = Some(element),
            Err(_) => break,
        }
    }
    let is_number = matches!(first, Some(Arg::Int32(_) | Arg::Float64(_)));
    match target.type_oid {
        _ if is_vector => is_number || is_empty,
        TID | POINT => is_number,
        _ if first.is_some() => !matches!(first, Some(Arg::Array(_))),
        _ => is_empty,
    }
}

/// Whether ranges of a list have their binary form, from a codec of the program's.
pub(super) fn has_wire(list: &ArrayArg<'_>, target: Target<'_>) -> bool {
    if !target.is_multirange() {
        return false;
    }
    let mut elements = list.elements();
    while !elements.is_empty() {
        match elements.next() {
            Ok(Arg::Wire(_)) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Appends the binary form of a list, which there is of a multirange whose ranges all have theirs, or that has none.
pub(super) fn binary(list: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Stop> {
    let is_empty = list.count == 0 && target.is_multirange();
    if !is_empty && !has_wire(list, target) {
        return Err(Stop::Text);
    }
    out.put_u32(list.count);
    let mut elements = list.elements();
    while !elements.is_empty() {
        let Arg::Wire(bytes) = elements.next()? else { return Err(Stop::Text) };
        super::framed(out, |out| {
            out.put_slice(bytes);
            Ok::<_, Stop>(())
        })?;
    }
    Ok(())
}

/// Appends a list as the type's own text.
pub(super) fn write(list: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    match target.type_oid {
        TID => pair(list, target, out, |index, value| {
            value.fract() == 0.0
                && (0.0..=if index == 0 { 4_294_967_295.0 } else { 65_535.0 }).contains(&value)
        }),
        POINT => pair(list, target, out, |_, _| true),
        _ => multirange(list, target, out),
    }
}

fn pair(
    list: &ArrayArg<'_>,
    target: Target<'_>,
    out: &mut BytesMut,
    fits: impl Fn(usize, f64) -> bool,
) -> Result<(), Refusal> {
    let refused = || {
        let bounds = if target.type_oid == TID { ": a block below 2^32 and a place below 2^16" } else { "" };
        Refusal::because(format!("a list for {} must be two numbers{bounds}", target.name()))
    };
    let mut elements = list.elements();
    out.put_u8(b'(');
    for index in 0..2 {
        if elements.is_empty() {
            return Err(refused());
        }
        let value = match elements.next()? {
            Arg::Int32(value) => f64::from(value),
            Arg::Float64(value) => value,
            _ => return Err(refused()),
        };
        if !fits(index, value) {
            return Err(refused());
        }
        if index > 0 {
            out.put_u8(b',');
        }
        number(value, out);
    }
    out.put_u8(b')');
    if elements.is_empty() { Ok(()) } else { Err(refused()) }
}

fn multirange(list: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let mut elements = list.elements();
    let mut index = 0;
    out.put_u8(b'{');
    while !elements.is_empty() {
        if index > 0 {
            out.put_u8(b',');
        }
        let text = match elements.next()? {
            Arg::Text(text) | Arg::Spelled(Spelled { spelling: Spelling::Range, text, .. }) => {
                super::convert::plain_text(text)?
            }
            Arg::Wire(_) => return Err(Refusal::beside_text()),
            other => {
                let (name, class) = (target.name(), describe::class(&other));
                return Err(Refusal::because(format!(
                    "invalid element at index {index}: expected Range or string for {name}, got {class}"
                )));
            }
        };
        out.put_slice(text.as_bytes());
        index += 1;
    }
    out.put_u8(b'}');
    Ok(())
}
