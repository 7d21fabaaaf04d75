//! Arrays in a chunk.
//!
//! An array is, from a multiple of 8 bytes on: the number of dimensions, the count of elements and whether there
//! are NULLs (a word each), the dimensions, a bit per element that is set for NULL (only when there are any),
//! then from a multiple of 8 the elements' cells, all of one width. An empty array is its first two words.

use super::{
    Chunk,
    value::{Packed, position, put},
};
use crate::{
    codec::{Codec, Lane, Wire},
    value::{self, Elements},
};

impl Chunk {
    /// Appends an array and gives its place in 4-byte words.
    pub(super) fn array(&mut self, element: Option<(Codec, Wire)>, body: &[u8]) -> Result<u32, &'static str> {
        let (codec, wire) = element.ok_or("its type is no array")?;
        let (header, elements) = value::array(body).map_err(|malformed| malformed.0)?;
        self.arrays.resize(self.arrays.len().next_multiple_of(8), 0);
        let place = position(self.arrays.len() / 4)?;
        let count = header.count;
        self.word(position(header.ndims)?);
        self.word(position(count)?);
        if count == 0 {
            return Ok(place);
        }
        let nulls = header.has_nulls;
        self.word(u32::from(nulls));
        for dimension in header.dimensions() {
            self.word(u32::try_from(*dimension).unwrap_or_default());
        }
        let bits = self.arrays.len();
        if nulls {
            self.arrays.resize(bits + count.div_ceil(32) * 4, 0);
        }
        let width = match codec.lane() {
            Lane::Four => 4,
            Lane::Eight => 8,
        };
        let first = self.arrays.len().next_multiple_of(8);
        // An element takes four bytes of the body at least: what is reserved is bounded by what has come.
        self.arrays.resize(first + count * width, 0);
        let room = self.arrays.get_mut(first..).unwrap_or_default();
        match wire {
            Wire::Int4 if swap::<4>(&elements, room) => return Ok(place),
            Wire::Int8 | Wire::Float8 if swap::<8>(&elements, room) => return Ok(place),
            _ => {}
        }
        for (index, value) in elements.enumerate() {
            match value.map_err(|malformed| malformed.0)? {
                Some(value) => match self.scalar(wire, value)? {
                    Packed::Four(bytes) => put(&mut self.arrays, first + index * 4, bytes),
                    Packed::Eight(bytes) => put(&mut self.arrays, first + index * 8, bytes),
                },
                None if !nulls => return Err("an array holds a NULL that its header denies"),
                None => {
                    let word = bits + index / 32 * 4;
                    if let Some(place) =
                        self.arrays.get_mut(word..word + 4).and_then(|b| b.first_chunk_mut::<4>())
                    {
                        *place = (u32::from_ne_bytes(*place) | 1 << (index % 32)).to_ne_bytes();
                    }
                }
            }
        }
        Ok(place)
    }

    fn word(&mut self, word: u32) {
        self.arrays.extend_from_slice(&word.to_ne_bytes());
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
