//! Arrays: measured first, so that nothing is written of one that is refused for its shape, then written as a whole
//! in binary or as PostgreSQL's array literal.

use bytes::{BufMut, BytesMut};

use super::arg::{ArrayArg, AsJson, Skimmed};
use super::convert::convert;
use super::describe::counted;
use super::kind::ParamKind;
use super::parts::{Parts, Stop};
use super::target::Target;
use super::{Arg, Damaged, Format, Refusal, char, lists, range};
use crate::value::MAX_DIMENSIONS;

/// int2vector and oidvector: arrays of one dimension from 0 on, whose text is their elements between blanks.
const VECTORS: [u32; 2] = [22, 30];

/// What an array has elements of.
#[derive(Clone, Copy)]
struct Elements<'t> {
    target: Target<'t>,
    /// In an array of ranges a list of nothing but NULLs is one of bounds, as others in the array are.
    nulls_are_ranges: bool,
}

/// Whether an array within is a dimension; else it is an element.
fn is_dimension(inner: &ArrayArg<'_>, elements: Elements<'_>) -> bool {
    if elements.target.kind.is_document() {
        // One that has no JSON form is no document: its elements are, by a codec of the program's.
        return inner.json == AsJson::None;
    }
    // Arrays are elements where a domain is over them.
    elements.target.element().is_none() && !lists::is_value(inner, elements.target, elements.nulls_are_ranges)
}

/// What an array's elements are together.
#[derive(Default)]
struct Shape {
    ndims: usize,
    dims: [usize; MAX_DIMENSIONS],
    /// Whether the elements of a depth are arrays, once one has been seen.
    nested: [Option<bool>; MAX_DIMENSIONS],
    /// Whether an element is text that only its type's input function can read.
    any_text: bool,
    any_null: bool,
    /// Whether an element is not NULL.
    any_value: bool,
    /// Whether an element has its binary form from a codec of the program's.
    any_wire: bool,
}

impl Shape {
    fn of(array: &ArrayArg<'_>, elements: Elements<'_>) -> Result<Self, Refusal> {
        let mut shape = Self::default();
        shape.measure(array, elements, 0)?;
        // A dimension without elements leaves none at all.
        if shape.dims.iter().take(shape.ndims).any(|&length| length == 0) {
            shape.ndims = 0;
        }
        Ok(shape)
    }

    /// Recursion ends at the sixth dimension.
    fn measure(&mut self, array: &ArrayArg<'_>, made_of: Elements<'_>, depth: usize) -> Result<(), Refusal> {
        let Some(length) = self.dims.get_mut(depth) else {
            return Err(Refusal::because(format!("an array has at most {MAX_DIMENSIONS} dimensions")));
        };
        let count = usize::try_from(array.count).map_err(|_| Refusal::too_long())?;
        if self.ndims <= depth {
            self.ndims = depth + 1;
            *length = count;
        } else if *length != count {
            let detail = format!(
                "one array in dimension {} has {}, another {count}",
                depth + 1,
                counted(*length, "element")
            );
            return Err(ragged(&detail));
        }
        let mut elements = array.elements();
        let mut found = 0;
        while !elements.is_empty() {
            let element = elements.skim()?;
            found += 1;
            let is_dimension = matches!(&element, Skimmed::Array(inner) if is_dimension(inner, made_of));
            if !self.agrees(depth, is_dimension) {
                return Err(ragged(&format!("dimension {} has arrays beside other elements", depth + 1)));
            }
            self.any_value |= !is_dimension && !matches!(element, Skimmed::Null);
            match element {
                Skimmed::Array(inner) if is_dimension => self.measure(&inner, made_of, depth + 1)?,
                Skimmed::Text(text) => {
                    self.any_text |= made_of.target.kind != ParamKind::Char || char::byte(text).is_none()
                }
                Skimmed::Null => self.any_null = true,
                Skimmed::Wire => self.any_wire = true,
                Skimmed::Array(inner) => self.any_wire |= lists::has_wire(&inner, made_of.target),
                Skimmed::Other => {}
            }
        }
        if found == count { Ok(()) } else { Err(Damaged.into()) }
    }

    /// Whether the elements of a depth are all arrays or all none.
    fn agrees(&mut self, depth: usize, is_array: bool) -> bool {
        self.nested.get_mut(depth).is_some_and(|nested| *nested.get_or_insert(is_array) == is_array)
    }
}

fn ragged(detail: &str) -> Refusal {
    Refusal::because(format!("non-homogeneous array: {detail}"))
}

/// Writes an array without its length; in the format that is `wanted`, where it matters.
pub(super) fn encode(
    array: &ArrayArg<'_>,
    target: Target<'_>,
    parts: Parts,
    wanted: Option<Format>,
    out: &mut BytesMut,
) -> Result<Format, Stop> {
    let Some((element_oid, delimiter)) = target.element() else { return Err(Damaged.into()) };
    let elements = target.part(element_oid)?;
    let may_be_ranges = elements.kind == ParamKind::Other && elements.is_range();
    let nulls_are_ranges = may_be_ranges && range::any_of_bounds(array, MAX_DIMENSIONS);
    let made_of = Elements { target: elements, nulls_are_ranges };
    let shape = Shape::of(array, made_of)?;
    let (path, ndims) = ([0; MAX_DIMENSIONS], shape.ndims);
    let mut writer = Writer { elements: made_of, parts, element_oid, delimiter, path, ndims };
    if VECTORS.contains(&target.type_oid) {
        if shape.ndims > 1 || shape.any_null || shape.any_text {
            let reason = format!("{} is one array of numbers without null", target.name());
            return Err(Refusal::because(reason).into());
        }
        if wanted == Some(Format::Binary) {
            return Err(Stop::Text);
        }
        // An array of nothing but empty arrays has nothing to write.
        if shape.ndims > 0 {
            writer.vector(array, out)?;
        }
        return Ok(Format::Text);
    }
    let best = match shape {
        Shape { any_wire: true, any_text: false, .. } => Format::Binary,
        // Nothing in it decides: it is what is wanted.
        _ if elements.in_text => Format::Text,
        Shape { any_value: false, .. } if wanted.is_some() && elements.has_receive() => Format::Binary,
        _ => elements.kind.array_format(shape.any_text),
    };
    if best == Format::Text && wanted == Some(Format::Binary) {
        return Err(Stop::Text);
    }
    let start = out.len();
    match writer.write(array, &shape, wanted.unwrap_or(best), out) {
        // An element has something in it that is text.
        Err(Stop::Text) if wanted.is_none() => {
            out.truncate(start);
            writer.write(array, &shape, Format::Text, out)?;
            Ok(Format::Text)
        }
        Err(stop) => Err(stop),
        Ok(()) => Ok(wanted.unwrap_or(best)),
    }
}

fn header(shape: &Shape, element_oid: u32, out: &mut BytesMut) -> Result<(), Refusal> {
    out.put_i32(i32::try_from(shape.ndims).map_err(|_| Refusal::too_long())?);
    out.put_i32(i32::from(shape.any_null));
    out.put_u32(element_oid);
    for &length in shape.dims.iter().take(shape.ndims) {
        out.put_i32(i32::try_from(length).map_err(|_| Refusal::too_long())?);
        // PostgreSQL's arrays begin at 1.
        out.put_i32(1);
    }
    Ok(())
}

struct Writer<'t> {
    elements: Elements<'t>,
    parts: Parts,
    /// As the array has it, which may be a domain.
    element_oid: u32,
    delimiter: u8,
    ndims: usize,
    /// Where the current element stands, for a refusal.
    path: [usize; MAX_DIMENSIONS],
}

impl Writer<'_> {
    fn write(
        &mut self,
        array: &ArrayArg<'_>,
        shape: &Shape,
        format: Format,
        out: &mut BytesMut,
    ) -> Result<(), Stop> {
        match format {
            // Elements that would be refused cannot hide here: an array without a dimension has none.
            Format::Text if shape.ndims == 0 => out.put_slice(b"{}"),
            Format::Text => self.literal(array, 0, &mut BytesMut::new(), out)?,
            Format::Binary => {
                header(shape, self.element_oid, out)?;
                if shape.ndims > 0 {
                    self.binary(array, 0, out)?;
                }
            }
        }
        Ok(())
    }

    fn binary(&mut self, array: &ArrayArg<'_>, depth: usize, out: &mut BytesMut) -> Result<(), Stop> {
        let mut elements = array.elements();
        let mut index = 0;
        while !elements.is_empty() {
            self.at(depth, index);
            index += 1;
            match elements.next()? {
                Arg::Array(inner) if is_dimension(&inner, self.elements) => {
                    self.binary(&inner, depth + 1, out)?
                }
                Arg::Null => out.put_i32(-1),
                element => {
                    let (elements, parts) = (self.elements.target, self.parts);
                    super::framed(out, |out| (parts.binary)(&element, elements, out))
                        .map_err(|stop: Stop| stop.placed(|refusal| self.place(refusal)))?;
                }
            }
        }
        Ok(())
    }

    fn literal(
        &mut self,
        array: &ArrayArg<'_>,
        depth: usize,
        text: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<(), Refusal> {
        let mut elements = array.elements();
        let mut index = 0;
        out.put_u8(b'{');
        while !elements.is_empty() {
            if index > 0 {
                out.put_u8(self.delimiter);
            }
            self.at(depth, index);
            index += 1;
            match elements.next()? {
                Arg::Array(inner) if is_dimension(&inner, self.elements) => {
                    self.literal(&inner, depth + 1, text, out)?;
                }
                Arg::Null => out.put_slice(b"NULL"),
                element => {
                    text.clear();
                    (self.parts.text)(&element, self.elements.target, text).map_err(|r| self.place(r))?;
                    push_quoted(text, self.delimiter, out);
                }
            }
        }
        out.put_u8(b'}');
        Ok(())
    }

    fn vector(&mut self, array: &ArrayArg<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
        let mut elements = array.elements();
        let mut index = 0;
        while !elements.is_empty() {
            if index > 0 {
                out.put_u8(b' ');
            }
            self.at(0, index);
            index += 1;
            let plain =
                convert(&elements.next()?, self.elements.target).map_err(|refusal| self.place(refusal))?;
            plain.text(self.elements.target.kind, out);
        }
        Ok(())
    }

    fn at(&mut self, depth: usize, index: usize) {
        if let Some(place) = self.path.get_mut(depth) {
            *place = index;
        }
    }

    /// Says which element was refused: `3`, or `[1][3]` in an array of arrays.
    #[cold]
    fn place(&self, refusal: Refusal) -> Refusal {
        use std::fmt::Write;
        let mut index = String::new();
        for place in self.path.iter().take(self.ndims) {
            let _ = if self.ndims == 1 { write!(index, "{place}") } else { write!(index, "[{place}]") };
        }
        Refusal { reason: format!("invalid array element at index {index}: {}", refusal.reason), ..refusal }
    }
}

/// Quotes an element where PostgreSQL's `array_in` would not take it for itself.
fn push_quoted(element: &[u8], delimiter: u8, out: &mut BytesMut) {
    let special = |&byte: &u8| {
        matches!(byte, b'{' | b'}' | b'"' | b'\\' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
            || byte == delimiter
    };
    if !element.is_empty() && !element.eq_ignore_ascii_case(b"null") && !element.iter().any(special) {
        out.put_slice(element);
        return;
    }
    out.put_u8(b'"');
    let mut rest = element;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        let (before, from) = rest.split_at(at);
        out.put_slice(before);
        out.put_u8(b'\\');
        let (escaped, after) = from.split_at(1);
        out.put_slice(escaped);
        rest = after;
    }
    out.put_slice(rest);
    out.put_u8(b'"');
}
