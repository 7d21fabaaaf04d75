//! Arrays in a chunk.
//!
//! An array is, from a multiple of 8 bytes on: the number of dimensions, the count of elements and [`flag`]s (a word
//! each), the dimensions, a bit per element that is set for NULL (only when there are any),
//! then from a multiple of 8 the elements' cells, all of one width. An empty array is its first two words. A multirange
//! is an array of ranges.

use super::{
    Chunk, Unfit,
    value::{Packed, position, put, set_bit},
};
use crate::{
    codec::{Lane, Wire},
    form::{Form, Part},
    value::{self, Elements},
};

/// What is told of an array besides its size.
mod flag {
    /// Some of its elements are NULL.
    pub(super) const NULLS: u32 = 1;
    /// Its elements' cells are of 4 bytes, else of 8.
    pub(super) const NARROW: u32 = 2;
}

/// An array whose elements are not there yet.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// In 4-byte words.
    pub(super) place: u32,
    /// Where the bits of NULLs begin, in bytes.
    bits: usize,
    /// Where the elements begin, in bytes.
    first: usize,
    width: usize,
}

impl Chunk {
    /// Appends an array and gives its place in 4-byte words.
    pub(super) fn array(&mut self, form: &Form, body: &[u8]) -> Result<u32, Unfit> {
        let Part { type_oid, form: element, .. } = part(form)?;
        let (header, elements) = value::array(body)?;
        if header.element_oid != *type_oid {
            return Err("its elements are of another type than its own".into());
        }
        // An element takes four bytes of the body at least: what is reserved is bounded by what has come.
        let nulls = header.has_nulls;
        let node = self.begin_array(header.dimensions(), header.count, nulls, width(element))?;
        let room = self.arrays.get_mut(node.first..).unwrap_or_default();
        match element.wire {
            Wire::Int4 if swap::<4>(&elements, room) => return Ok(node.place),
            Wire::Int8 | Wire::Float8 if swap::<8>(&elements, room) => return Ok(node.place),
            _ => {}
        }
        for (index, value) in elements.enumerate() {
            match value? {
                Some(value) => {
                    let packed = self.item(element, value)?;
                    self.put_element(node, index, packed);
                }
                None if !nulls => return Err("an array holds a NULL that its header denies".into()),
                None => self.set_null_element(node, index),
            }
        }
        Ok(node.place)
    }

    /// Appends the ranges of a multirange as an array.
    pub(super) fn multirange(&mut self, form: &Form, mut body: &[u8]) -> Result<u32, Unfit> {
        let range = &part(form)?.form;
        let count = usize::try_from(value::take_i32(&mut body)?)
            .ok()
            // A range takes a length and its flags at least.
            .filter(|count| *count <= body.len() / 5)
            .ok_or("it claims more ranges than it has room for")?;
        let dimensions = i32::try_from(count).unwrap_or(0);
        let dimensions = if count == 0 { &[][..] } else { &[dimensions][..] };
        let node = self.begin_array(dimensions, count, false, width(range))?;
        for index in 0..count {
            let value = value::take_value(&mut body)?.ok_or("a range of it is NULL")?;
            let packed = self.item(range, value)?;
            self.put_element(node, index, packed);
        }
        if !body.is_empty() {
            return Err("bytes follow its last range".into());
        }
        Ok(node.place)
    }

    /// Room for an array of `count` elements.
    pub(super) fn begin_array(
        &mut self,
        dimensions: &[i32],
        count: usize,
        nulls: bool,
        width: usize,
    ) -> Result<Node, Unfit> {
        let place = self.begin_node()?;
        self.word(position(dimensions.len())?);
        self.word(position(count)?);
        if count > 0 {
            let narrow = if width == 4 { flag::NARROW } else { 0 };
            self.word(narrow | if nulls { flag::NULLS } else { 0 });
            for dimension in dimensions {
                self.word(u32::try_from(*dimension).unwrap_or_default());
            }
        }
        let bits = self.arrays.len();
        let null_bytes = if nulls { count.div_ceil(32) * 4 } else { 0 };
        let first = (bits + null_bytes).next_multiple_of(8);
        if count > 0 {
            self.arrays.resize(first + count * width, 0);
        }
        Ok(Node { place, bits, first, width })
    }

    pub(super) fn put_element(&mut self, node: Node, index: usize, packed: Packed) {
        let at = node.first + index * node.width;
        match packed {
            Packed::Four(bytes) => put(&mut self.arrays, at, bytes),
            Packed::Eight(bytes) => put(&mut self.arrays, at, bytes),
        }
    }

    pub(super) fn set_null_element(&mut self, node: Node, index: usize) {
        set_bit(&mut self.arrays, node.bits, index);
    }

    /// Where the next node begins, in 4-byte words.
    pub(super) fn begin_node(&mut self) -> Result<u32, Unfit> {
        let begin = self.arrays.len().next_multiple_of(8);
        // Also when its place could be told: nodes of one row are not to fill memory before the row is found too large.
        position(begin)?;
        self.arrays.resize(begin, 0);
        position(begin / 4)
    }

    pub(super) fn word(&mut self, word: u32) {
        self.arrays.extend_from_slice(&word.to_ne_bytes());
    }
}

/// What values of the form are made of.
pub(super) fn part(form: &Form) -> Result<&Part, Unfit> {
    form.parts.first().ok_or("its type is made of nothing".into())
}

pub(super) fn width(form: &Form) -> usize {
    match form.codec.lane() {
        Lane::Four => 4,
        Lane::Eight => 8,
    }
}

/// Numbers that only change their byte order on the way, all at once; false when some are of another length or NULL.
fn swap<const N: usize>(elements: &Elements<'_>, room: &mut [u8]) -> bool {
    let Some(numbers) = elements.fixed::<N>() else { return false };
    for (mut number, place) in numbers.zip(room.chunks_exact_mut(N)) {
        if cfg!(target_endian = "little") {
            number.reverse();
        }
        place.copy_from_slice(&number);
    }
    true
}
