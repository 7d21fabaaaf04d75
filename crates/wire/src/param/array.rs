//! Arrays: measured first, so that nothing is written of one that is refused for its shape, then written as a whole
//! in binary or as PostgreSQL's array literal.

use bytes::{BufMut, BytesMut};

use super::arg::{ArrayArg, Skimmed};
use super::convert::convert;
use super::kind::Kind;
use super::{Arg, Damaged, Format, Refusal, char, lists, type_name};
use crate::types;
use crate::value::MAX_DIMENSIONS;

/// int2vector and oidvector: arrays of one dimension from 0 on, whose text is their elements between blanks.
const VECTORS: [u32; 2] = [22, 30];

/// What an array has elements of.
#[derive(Clone, Copy)]
struct Elements {
    kind: Kind,
    type_oid: u32,
}

impl Elements {
    /// Whether an array within is a dimension; else it is an element.
    fn is_dimension(self, inner: &ArrayArg<'_>) -> bool {
        !self.kind.is_document() && !lists::is_value(inner, self.type_oid)
    }
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
}

impl Shape {
    fn of(array: &ArrayArg<'_>, elements: Elements) -> Result<Self, Refusal> {
        let mut shape = Self::default();
        shape.measure(array, elements, 0)?;
        // A dimension without elements leaves none at all.
        if shape.dims.iter().take(shape.ndims).any(|&length| length == 0) {
            shape.ndims = 0;
        }
        Ok(shape)
    }

    /// Recursion ends at the sixth dimension.
    fn measure(&mut self, array: &ArrayArg<'_>, made_of: Elements, depth: usize) -> Result<(), Refusal> {
        let Some(length) = self.dims.get_mut(depth) else {
            return Err(Refusal::because(format!("an array has at most {MAX_DIMENSIONS} dimensions")));
        };
        let count = usize::try_from(array.count).map_err(|_| Refusal::too_long())?;
        if self.ndims <= depth {
            self.ndims = depth + 1;
            *length = count;
        } else if *length != count {
            let detail =
                format!("one array in dimension {} has {length} elements, another {count}", depth + 1);
            return Err(ragged(&detail));
        }
        let mut elements = array.elements();
        let mut found = 0;
        while !elements.is_empty() {
            let element = elements.skim()?;
            found += 1;
            let is_dimension = matches!(&element, Skimmed::Array(inner) if made_of.is_dimension(inner));
            if !self.agrees(depth, is_dimension) {
                return Err(ragged(&format!("dimension {} has arrays beside other elements", depth + 1)));
            }
            match element {
                Skimmed::Array(inner) if is_dimension => self.measure(&inner, made_of, depth + 1)?,
                Skimmed::Text(text) => {
                    self.any_text |= made_of.kind != Kind::Char || char::byte(text).is_none()
                }
                Skimmed::Null => self.any_null = true,
                Skimmed::Array(_) | Skimmed::Other => {}
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
    array_oid: u32,
    element_oid: u32,
    wanted: Option<Format>,
    out: &mut BytesMut,
) -> Result<Format, Refusal> {
    let kind = Kind::of(element_oid);
    let elements = Elements { kind, type_oid: element_oid };
    let shape = Shape::of(array, elements)?;
    let mut writer = Writer { elements, path: [0; MAX_DIMENSIONS], ndims: shape.ndims };
    if VECTORS.contains(&array_oid) {
        if shape.ndims > 1 || shape.any_null || shape.any_text {
            return Err(Refusal::because(format!(
                "{} is one array of numbers without null",
                type_name(array_oid)
            )));
        }
        writer.vector(array, out)?;
        return Ok(Format::Text);
    }
    let format = wanted.unwrap_or_else(|| kind.array_format(shape.any_text));
    if shape.ndims == 0 {
        // Elements that would be refused cannot hide here: an array without a dimension has none.
        match format {
            Format::Text => out.put_slice(b"{}"),
            Format::Binary => header(&shape, element_oid, out)?,
        }
        return Ok(format);
    }
    match format {
        Format::Text => {
            let delimiter = types::find(element_oid).map_or(b',', |found| found.delimiter);
            let mut literal = Literal { delimiter, element: Vec::new() };
            writer.literal(array, 0, &mut literal, out)?;
        }
        Format::Binary => {
            header(&shape, element_oid, out)?;
            writer.binary(array, 0, out)?;
        }
    }
    Ok(format)
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

struct Literal {
    delimiter: u8,
    /// The element being written, before quoting.
    element: Vec<u8>,
}

struct Writer {
    elements: Elements,
    ndims: usize,
    /// Where the current element stands, for a refusal.
    path: [usize; MAX_DIMENSIONS],
}

impl Writer {
    fn binary(&mut self, array: &ArrayArg<'_>, depth: usize, out: &mut BytesMut) -> Result<(), Refusal> {
        let mut elements = array.elements();
        let mut index = 0;
        while !elements.is_empty() {
            self.at(depth, index);
            index += 1;
            match elements.next()? {
                Arg::Array(inner) if self.elements.is_dimension(&inner) => {
                    self.binary(&inner, depth + 1, out)?
                }
                Arg::Null => out.put_i32(-1),
                element => {
                    let plain = convert(&element, self.elements.kind, self.elements.type_oid)
                        .map_err(|r| self.place(r))?;
                    super::framed(out, |out| {
                        plain.binary(self.elements.kind, out);
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    }

    fn literal(
        &mut self,
        array: &ArrayArg<'_>,
        depth: usize,
        literal: &mut Literal,
        out: &mut BytesMut,
    ) -> Result<(), Refusal> {
        let mut elements = array.elements();
        let mut index = 0;
        out.put_u8(b'{');
        while !elements.is_empty() {
            if index > 0 {
                out.put_u8(literal.delimiter);
            }
            self.at(depth, index);
            index += 1;
            match elements.next()? {
                Arg::Array(inner) if self.elements.is_dimension(&inner) => {
                    self.literal(&inner, depth + 1, literal, out)?;
                }
                Arg::Null => out.put_slice(b"NULL"),
                Arg::Array(list) if !self.elements.kind.is_document() => {
                    literal.element.clear();
                    lists::write(&list, self.elements.type_oid, &mut literal.element)
                        .map_err(|r| self.place(r))?;
                    push_quoted(&literal.element, literal.delimiter, out);
                }
                element => {
                    let plain = convert(&element, self.elements.kind, self.elements.type_oid)
                        .map_err(|r| self.place(r))?;
                    literal.element.clear();
                    plain.text(self.elements.kind, &mut literal.element);
                    push_quoted(&literal.element, literal.delimiter, out);
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
            let plain = convert(&elements.next()?, self.elements.kind, self.elements.type_oid)
                .map_err(|r| self.place(r))?;
            plain.text(self.elements.kind, out);
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
