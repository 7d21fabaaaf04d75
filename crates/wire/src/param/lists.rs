//! Types of which a list is a value: a point is two numbers, a tid its block and its place there, a multirange its ranges.
//! In an array of them the innermost lists are such values, where they have what a value has.

use super::arg::ArrayArg;
use super::plain::number;
use super::spelled::Spelling;
use super::{Arg, Refusal, Spelled, describe, type_name};
use crate::types;

pub(super) const TID: u32 = 27;
const POINT: u32 = 600;

pub(super) fn is_list(type_oid: u32) -> bool {
    matches!(type_oid, TID | POINT) || types::find(type_oid).is_some_and(|found| found.kind == b'm')
}

/// Whether a list within an array is a value of the type, and no dimension: by its first element that is not NULL, which
/// no such value holds.
pub(super) fn is_value(list: &ArrayArg<'_>, type_oid: u32) -> bool {
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
    match type_oid {
        TID | POINT => matches!(first, Some(Arg::Int32(_) | Arg::Float64(_))),
        _ => {
            is_list(type_oid)
                && if first.is_some() { !matches!(first, Some(Arg::Array(_))) } else { is_empty }
        }
    }
}

/// Appends a list as the type's own text.
pub(super) fn write(list: &ArrayArg<'_>, type_oid: u32, out: &mut Vec<u8>) -> Result<(), Refusal> {
    match type_oid {
        TID => pair(list, type_oid, out, |index, value| {
            value.fract() == 0.0
                && (0.0..=if index == 0 { 4_294_967_295.0 } else { 65_535.0 }).contains(&value)
        }),
        POINT => pair(list, type_oid, out, |_, _| true),
        _ => multirange(list, type_oid, out),
    }
}

fn pair(
    list: &ArrayArg<'_>,
    type_oid: u32,
    out: &mut Vec<u8>,
    fits: impl Fn(usize, f64) -> bool,
) -> Result<(), Refusal> {
    let refused = || {
        let bounds = if type_oid == TID { ": a block below 2^32 and a place below 2^16" } else { "" };
        Refusal::because(format!("a list for {} must be two numbers{bounds}", type_name(type_oid)))
    };
    let mut elements = list.elements();
    out.push(b'(');
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
            out.push(b',');
        }
        number(value, out);
    }
    out.push(b')');
    if elements.is_empty() { Ok(()) } else { Err(refused()) }
}

fn multirange(list: &ArrayArg<'_>, type_oid: u32, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut elements = list.elements();
    let mut index = 0;
    out.push(b'{');
    while !elements.is_empty() {
        if index > 0 {
            out.push(b',');
        }
        let text = match elements.next()? {
            Arg::Text(text) | Arg::Spelled(Spelled { spelling: Spelling::Range, text, .. }) => {
                super::convert::plain_text(text)?
            }
            other => {
                let (name, class) = (type_name(type_oid), describe::class(&other));
                return Err(Refusal::because(format!(
                    "invalid element at index {index}: expected Range or string for {name}, got {class}"
                )));
            }
        };
        out.extend_from_slice(text.as_bytes());
        index += 1;
    }
    out.push(b'}');
    Ok(())
}
