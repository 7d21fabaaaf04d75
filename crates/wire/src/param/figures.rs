//! Geometric values as lists of their numbers, points in them also as lists of two numbers or as objects.

use bytes::{BufMut, BytesMut};

use super::arg::ArrayArg;
use super::plain::number;
use super::spelled::Spelling;
use super::target::Target;
use super::{Arg, Damaged, Refusal, Spelled};

const POINT: u32 = 600;
const SEGMENT: u32 = 601;
/// A list does not say whether a path is closed.
pub(super) const PATH: u32 = 602;
const BOX: u32 = 603;
const POLYGON: u32 = 604;
const LINE: u32 = 628;
const CIRCLE: u32 = 718;

/// Types of which a list is a value.
pub(super) fn takes_lists(type_oid: u32) -> bool {
    matches!(type_oid, POINT | SEGMENT | BOX | POLYGON | LINE | CIRCLE)
}

/// Types whose values are objects of numbers and points.
pub(super) fn is_figure(type_oid: u32) -> bool {
    takes_lists(type_oid) || type_oid == PATH
}

/// What to pass in place of an object that is no such value.
pub(super) fn advice(type_oid: u32) -> &'static str {
    match type_oid {
        POINT => "pass { x, y } or [x, y], both of them numbers",
        LINE => "pass { a, b, c } or [a, b, c], all of them numbers",
        SEGMENT => "pass { p1, p2 }, each { x, y } of numbers, or [x1, y1, x2, y2]",
        BOX => "pass { high, low }, each { x, y } of numbers, or [x1, y1, x2, y2]",
        POLYGON => "pass { points } or a list of points, each { x, y } of numbers",
        CIRCLE => "pass { center, radius }, a point { x, y } and a number, or [x, y, radius]",
        _ => "pass { points, isClosed }, each point { x, y } of numbers",
    }
}

/// What such a list is made of.
enum Part<'a> {
    Number(f64),
    Point([f64; 2]),
    /// A point in PostgreSQL's own text.
    Spelled(&'a str),
}

impl<'a> Part<'a> {
    fn read(arg: &Arg<'a>) -> Result<Option<Self>, Damaged> {
        Ok(match arg {
            Arg::Array(list) | Arg::Row(list) => pair(list)?.map(Part::Point),
            Arg::Spelled(Spelled { spelling: Spelling::Point, text, .. }) => Some(Part::Spelled(text)),
            _ => number_of(arg).map(Part::Number),
        })
    }

    fn is_number(&self) -> bool {
        matches!(self, Part::Number(_))
    }

    fn write(&self, out: &mut BytesMut) {
        match self {
            Part::Number(value) => number(*value, out),
            Part::Point([x, y]) => {
                out.put_u8(b'(');
                number(*x, out);
                out.put_u8(b',');
                number(*y, out);
                out.put_u8(b')');
            }
            Part::Spelled(text) => out.put_slice(text.as_bytes()),
        }
    }
}

fn number_of(arg: &Arg<'_>) -> Option<f64> {
    match arg {
        Arg::Int32(value) => Some(f64::from(*value)),
        Arg::Float64(value) => Some(*value),
        _ => None,
    }
}

/// The numbers of a list of two.
fn pair(list: &ArrayArg<'_>) -> Result<Option<[f64; 2]>, Damaged> {
    if list.count != 2 {
        return Ok(None);
    }
    let mut elements = list.elements();
    let (x, y) = (number_of(&elements.next()?), number_of(&elements.next()?));
    Ok(x.zip(y).map(|(x, y)| [x, y]))
}

/// Whether a list within an array is a value, and no dimension, by its first element that is not NULL.
pub(super) fn begins_value(first: &Arg<'_>, target: Target<'_>) -> bool {
    let part = Part::read(first).ok().flatten();
    part.is_some_and(|part| match target.type_oid {
        POINT | LINE => part.is_number(),
        POLYGON => !part.is_number(),
        _ => true,
    })
}

/// Appends a list as the type's own text.
pub(super) fn write(list: &ArrayArg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let (open, close) = match target.type_oid {
        LINE => (b"{", b"}"),
        SEGMENT => (b"[", b"]"),
        CIRCLE => (b"<", b">"),
        _ => (b"(", b")"),
    };
    let refused = || {
        let reason = format!("a list for {} must be {}", target.name(), words(target.type_oid));
        Refusal::because(reason)
    };
    let mut elements = list.elements();
    let mut parts = Vec::new();
    while !elements.is_empty() {
        parts.push(Part::read(&elements.next()?)?.ok_or_else(refused)?);
    }
    let numbers = parts.iter().take_while(|part| part.is_number()).count();
    let fits = match (target.type_oid, parts.len(), numbers) {
        (POINT, 2, 2) | (LINE | CIRCLE, 3, 3) | (SEGMENT | BOX, 4, 4) | (SEGMENT | BOX, 2, 0) => {
            !parts.iter().skip(numbers).any(Part::is_number)
        }
        (CIRCLE, 2, 0) => parts.get(1).is_some_and(Part::is_number),
        (POLYGON, 1.., 0) => !parts.iter().any(Part::is_number),
        _ => false,
    };
    if !fits {
        return Err(refused());
    }
    out.put_slice(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        part.write(out);
    }
    out.put_slice(close);
    Ok(())
}

fn words(type_oid: u32) -> &'static str {
    match type_oid {
        POINT => "two numbers",
        LINE => "three numbers",
        CIRCLE => "three numbers, or a point and a number",
        POLYGON => "points",
        _ => "four numbers or two points",
    }
}
