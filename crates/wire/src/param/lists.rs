//! Types of which a list is a value: a range is its bounds, a multirange its ranges, a box four numbers, a tid its block and
//! its place there. In an array of them the innermost lists are such values, where they have what a value has.

use bytes::{BufMut, BytesMut};

use super::arg::ArrayArg;
use super::kind::ParamKind;
use super::parts::{Parts, Stop};
use super::plain::number;
use super::range::{self, Within};
use super::spelled::Spelling;
use super::target::{TID, Target};
use super::{Arg, Refusal, Spelled, convert, describe, figures};

pub(super) fn is_list(target: Target<'_>) -> bool {
    target.type_oid == TID
        || figures::takes_lists(target.type_oid)
        || (target.kind == ParamKind::Other && (target.is_multirange() || target.is_range()))
}

/// A list of such a type is written by one rule, whether it was marked as one value or not.
pub(super) fn settled<'a>(arg: &Arg<'a>, target: Target<'_>) -> Arg<'a> {
    match *arg {
        Arg::Row(list) if target.kind == ParamKind::Other => Arg::Array(list),
        other => other,
    }
}

/// Whether a list within an array is a value of the type, and no dimension: by its first element that is not NULL, which
/// none but a range holds. `nulls_are_ranges` says what a list of nothing but NULLs is among ranges.
pub(super) fn is_value(list: &ArrayArg<'_>, target: Target<'_>, nulls_are_ranges: bool) -> bool {
    let is_vector = matches!(target.kind, ParamKind::Vector | ParamKind::HalfVector);
    if !is_vector && !is_list(target) {
        return false;
    }
    if target.is_range() {
        return match range::within(list) {
            Within::Range => true,
            Within::Dimension => false,
            Within::Nulls => nulls_are_ranges,
        };
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
        TID => is_number,
        figure if figures::takes_lists(figure) => {
            first.is_some_and(|first| figures::begins_value(&first, target))
        }
        _ => first.map_or(is_empty, |first| is_range(&first, target)),
    }
}

/// Whether an element of a list within an array of multiranges is a range: else it is a multirange.
fn is_range(element: &Arg<'_>, target: Target<'_>) -> bool {
    let Arg::Array(list) = element else { return true };
    // A list of bounds is a range. An empty list and one of ranges are multiranges.
    target.is_multirange() && list.count > 0 && range::within(list) == Within::Range
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
pub(super) fn write(
    list: &ArrayArg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    match target.type_oid {
        TID => tid(list, target, out),
        figure if figures::takes_lists(figure) => figures::write(list, target, out),
        _ if target.is_range() => range::write(list, target, parts, out),
        _ => multirange(list, target, parts, out),
    }
}

fn tid(list: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let refused = || {
        let bounds = "a block below 2^32 and a place below 2^16";
        Refusal::because(format!("a list for {} must be two numbers: {bounds}", target.name()))
    };
    let mut elements = list.elements();
    out.put_u8(b'(');
    for most in [4_294_967_295.0, 65_535.0] {
        if elements.is_empty() {
            return Err(refused());
        }
        let value = match elements.next()? {
            Arg::Int32(value) => f64::from(value),
            Arg::Float64(value) => value,
            _ => return Err(refused()),
        };
        if value.fract() != 0.0 || !(0.0..=most).contains(&value) {
            return Err(refused());
        }
        number(value, out);
        out.put_u8(if most > 65_535.0 { b',' } else { b')' });
    }
    if elements.is_empty() { Ok(()) } else { Err(refused()) }
}

fn multirange(
    list: &ArrayArg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    let mut elements = list.elements();
    let mut index = 0;
    out.put_u8(b'{');
    while !elements.is_empty() {
        if index > 0 {
            out.put_u8(b',');
        }
        let place = |refusal: Refusal| {
            let reason = format!("invalid element at index {index}: {}", refusal.reason);
            Refusal { reason, ..refusal }
        };
        match elements.next()? {
            Arg::Text(text) | Arg::Spelled(Spelled { spelling: Spelling::Range, text, .. }) => {
                out.put_slice(convert::plain_text(text)?.as_bytes());
            }
            Arg::Range(bounds) => {
                let range = target.part(target.range().unwrap_or_default())?;
                range::write_range(&bounds, range, parts, out).map_err(place)?;
            }
            Arg::Wire(_) => return Err(Refusal::beside_text()),
            Arg::Array(bounds) | Arg::Row(bounds) => {
                let range = target.part(target.range().unwrap_or_default())?;
                range::write(&bounds, range, parts, out).map_err(place)?;
            }
            other => {
                let (name, class) = (target.name(), describe::class(&other));
                let reason = format!("expected Range, array or string for {name}, got {class}");
                return Err(place(
                    Refusal::because(reason).with_hint("pass a list of ranges, such as [[1, 5], [7, 9]]"),
                ));
            }
        }
        index += 1;
    }
    out.put_u8(b'}');
    Ok(())
}
