//! Ranges as lists of their bounds, which both are in the range: `[1, 5]`. `null` is no bound, `[1]` has no upper one,
//! `[]` is the empty range.

use bytes::{BufMut, BytesMut};

use super::arg::ArrayArg;
use super::parts::{Parts, push_quoted};
use super::spelled::Spelling;
use super::target::Target;
use super::{Arg, Damaged, Refusal, Spelled};

const SIDES: [&str; 2] = ["lower", "upper"];

/// Appends a list as the type's own text.
pub(super) fn write(
    list: &ArrayArg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    let Some(bound_type) = target.bound() else { return Err(Damaged.into()) };
    if list.count == 0 {
        out.put_slice(b"empty");
        return Ok(());
    }
    if list.count > 2 {
        let reason =
            format!("a list for {} has at most two bounds, this one has {}", target.name(), list.count);
        return Err(
            Refusal::because(reason).with_hint("pass [lower, upper], null for a bound that is not there")
        );
    }
    let bound_type = target.part(bound_type)?;
    let mut elements = list.elements();
    let lower = if elements.is_empty() { Arg::Null } else { elements.next()? };
    let upper = if elements.is_empty() { Arg::Null } else { elements.next()? };
    put_bounds([(lower, true), (upper, true)], bound_type, target, parts, out)
}

/// Appends a Range of bounds and whether each is in it.
pub(super) fn write_range(
    range: &ArrayArg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    let Some(bound_type) = target.bound() else { return Err(Refusal::mismatch(&Arg::Range(*range), target)) };
    let mut elements = range.elements();
    let (lower, upper) = (elements.next()?, elements.next()?);
    let (lower_inc, upper_inc) = (elements.next()?, elements.next()?);
    let bounds = [(lower, lower_inc == Arg::Bool(true)), (upper, upper_inc == Arg::Bool(true))];
    put_bounds(bounds, target.part(bound_type)?, target, parts, out)
}

/// Each with whether it is in the range.
fn put_bounds(
    bounds: [(Arg<'_>, bool); 2],
    bound_type: Target<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    let mut text = BytesMut::new();
    for (side, (bound, is_in)) in SIDES.into_iter().zip(&bounds) {
        let is_lower = side == "lower";
        if *bound == Arg::Null {
            out.put_slice(if is_lower { b"(," } else { b")" });
            continue;
        }
        text.clear();
        (parts.text)(bound, bound_type, &mut text).map_err(|refusal| place(refusal, side, target))?;
        if is_lower {
            out.put_u8(if *is_in { b'[' } else { b'(' });
        }
        push_quoted(&text, out);
        out.put_slice(match (is_lower, is_in) {
            (true, _) => b",",
            (false, true) => b"]",
            (false, false) => b")",
        });
    }
    Ok(())
}

#[cold]
fn place(refusal: Refusal, side: &str, target: Target<'_>) -> Refusal {
    let reason = format!("{side} bound of {}: {}", target.name(), refusal.reason);
    Refusal { reason, ..refusal }
}

/// What a list within an array of ranges is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Range,
    Dimension,
    /// A list of nothing but NULLs is a range beside lists that are ranges, else a dimension.
    Nulls,
}

/// By the first element that is not NULL, and no bound is a range or a list.
pub(super) fn within(list: &ArrayArg<'_>) -> Within {
    let mut elements = list.elements();
    if elements.is_empty() {
        return Within::Range;
    }
    while !elements.is_empty() {
        return match elements.next() {
            Ok(Arg::Null) => continue,
            Ok(Arg::Array(_) | Arg::Wire(_) | Arg::Range(_)) => Within::Dimension,
            Ok(Arg::Spelled(Spelled { spelling: Spelling::Range, .. })) => Within::Dimension,
            Ok(Arg::Text(text)) if is_range(text) => Within::Dimension,
            Ok(_) => Within::Range,
            Err(_) => Within::Dimension,
        };
    }
    Within::Nulls
}

/// Whether a list within is one of bounds without doubt, however deep it lies.
pub(super) fn any_of_bounds(array: &ArrayArg<'_>, depth: usize) -> bool {
    let mut elements = array.elements();
    while depth > 0 && !elements.is_empty() {
        match elements.next() {
            Ok(Arg::Array(list)) => match within(&list) {
                Within::Range if list.count > 0 => return true,
                Within::Dimension if any_of_bounds(&list, depth - 1) => return true,
                _ => {}
            },
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Whether a text is that of a range: `[1,5)`, `empty`.
fn is_range(text: &str) -> bool {
    let text = text.trim_ascii();
    let is_enclosed = text.starts_with(['[', '(']) && text.ends_with([']', ')']) && text.contains(',');
    is_enclosed || text.eq_ignore_ascii_case("empty")
}
