//! Packs the rows of a result into cells that JavaScript reads without a call per value.

mod array;
mod composite;
mod document;
mod node;
mod spelled;
mod text;
mod text_array;
mod text_composite;
mod text_part;
mod text_range;
mod unfit;
mod value;

#[cfg(test)]
mod composite_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    body::{Body, Malformed},
    field_forms::FieldForms,
    record::{self, ROWS_HEADER, flag, kind},
    shape::Shape,
    spare,
};
use text::Text;
pub use unfit::{Beyond, Unfit};

/// A chunk is handed on when its text or its cells reach this, in bytes. A substring that is kept keeps its
/// chunk's text alive, so text is bounded more tightly.
const TEXT_LIMIT: usize = 32 * 1024;
const CELLS_LIMIT: usize = 96 * 1024;

/// Rows from this size on are gathered apart from smaller ones, to the next limit.
const LARGE_ROW: usize = 32 * 1024;

/// A row from this size on shares its chunk with none: what a row may take is all of what a chunk may.
const HUGE_ROW: usize = 256 * 1024 * 1024;

/// Bytes of a record at the most: JavaScript reads places in it as signed numbers.
const LARGEST_RECORD: usize = i32::MAX as usize;

/// Enough for a string that lies outside of V8's heap: ten texts of 100 kB are cheaper as parts of one than in the
/// heap, where the collector moves them (docs/internals/performance.md).
const LARGE_TEXT_LIMIT: usize = 1024 * 1024;

/// Rows without columns take no space at all.
const ROWS_LIMIT: u32 = 64 * 1024;

/// A value that does not fit its column: the row's frame is intact, so the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub column: usize,
    pub unfit: Unfit,
}

/// Why a row was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError {
    /// The message itself is no row of this shape.
    Frame(Malformed),
    Value(Misfit),
    /// Fields of its values are of types that are not known: [`Chunk::take_unknown`] tells them.
    Unknown {
        column: usize,
    },
}

/// The rows packed so far. One serves a whole session: only the request at the front receives rows.
#[derive(Default)]
pub struct Chunk {
    rows: u32,
    cells: Vec<u8>,
    /// Arrays and other nodes, in 4-byte words, each at a multiple of 8 bytes.
    arrays: Vec<u8>,
    /// Where those of the row begin that is being read.
    row_arrays: usize,
    text: Text,
    bytes: Vec<u8>,
    scratch: document::Scratch,
    /// Its rows are large ones.
    large: bool,
    /// How fields are read whose types come with them, while a row is read that may have such.
    fields: Option<Arc<FieldForms>>,
    /// Types of such fields in the row that nobody knows.
    unknown: Vec<u32>,
    /// How deep such rows lie in each other.
    depth: u32,
}

/// What a rows record says besides its rows.
#[derive(Clone, Copy, Default)]
pub struct Head<'a> {
    pub request: u32,
    pub last: bool,
    pub status: u8,
    pub tag: &'a [u8],
}

impl Chunk {
    /// Whether a row is to be in another chunk than those that are waiting.
    pub fn keeps_apart(&self, body: &[u8]) -> bool {
        !self.is_empty() && (self.large != (body.len() >= LARGE_ROW) || body.len() >= HUGE_ROW)
    }

    /// Adds the row of a DataRow message. A row that is refused leaves the chunk as it was but for unused bytes.
    pub fn push(&mut self, shape: &Shape, body: &[u8]) -> Result<(), RowError> {
        self.large = body.len() >= LARGE_ROW;
        self.row_arrays = self.arrays.len();
        self.text.begin_row(body.len());
        if self.large {
            self.text.make_room(body.len());
        }
        let whole = Body(body);
        let mut body = whole;
        let count = body.count().map_err(RowError::Frame)?;
        if count != shape.columns.len() {
            return Err(RowError::Frame(Malformed("its count of columns differs from the description")));
        }
        let base = self.cells.len();
        self.cells.resize(base + shape.stride, 0);
        if shape.fields.is_some() {
            self.fields.clone_from(&shape.fields);
            self.depth = 0;
        }
        let mut unknown = None;
        for (index, column) in shape.columns.iter().enumerate() {
            let length = body.i32().map_err(RowError::Frame)?;
            if length < 0 {
                if length != -1 {
                    return Err(RowError::Frame(Malformed("a value's length is negative")));
                }
                value::set_bit(&mut self.cells, base, index);
                continue;
            }
            let value = body.bytes(usize::try_from(length).unwrap_or(usize::MAX)).map_err(RowError::Frame)?;
            self.value(base, shape, index, column, value)
                .map_err(|unfit| RowError::Value(Misfit { column: index, unfit }))?;
            if unknown.is_none() && !self.unknown.is_empty() {
                unknown = Some(index);
            }
        }
        body.end().map_err(RowError::Frame)?;
        if let Some(column) = unknown {
            self.cells.truncate(base);
            return Err(RowError::Unknown { column });
        }
        let length = self.cells.len() + self.arrays.len() + self.text.encoded_length() + self.bytes.len();
        if !is_recordable(length) {
            return Err(RowError::Value(Misfit { column: longest(whole), unfit: unfit::TOO_LARGE }));
        }
        self.rows += 1;
        Ok(())
    }

    /// The types of fields that nobody knew, of the rows since the last time.
    pub fn take_unknown(&mut self) -> Vec<u32> {
        let mut unknown = std::mem::take(&mut self.unknown);
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub fn is_full(&self) -> bool {
        let text_limit = if self.large { LARGE_TEXT_LIMIT } else { TEXT_LIMIT };
        self.text.len() >= text_limit
            || self.cells.len() + self.arrays.len() >= CELLS_LIMIT
            || self.bytes.len() >= CELLS_LIMIT
            || self.rows >= ROWS_LIMIT
    }

    pub fn clear(&mut self) {
        self.rows = 0;
        self.unknown.clear();
        recycle(&mut self.cells);
        recycle(&mut self.arrays);
        self.text.clear();
        recycle(&mut self.bytes);
    }

    /// Appends the rows as one record and starts anew.
    pub fn flush(&mut self, shape: Option<&Shape>, head: Head<'_>, out: &mut Vec<u8>) {
        let text = self.text.encode();
        let fill = if self.large { text.fill() } else { 0 };
        let padding = self.arrays.len().next_multiple_of(8) - self.arrays.len();
        let length = ROWS_HEADER
            + self.cells.len()
            + self.arrays.len()
            + padding
            + text.bytes.len()
            + fill
            + self.bytes.len()
            + head.tag.len();
        let padded = length.next_multiple_of(8);
        let flags = if head.last { flag::LAST } else { 0 }
            | if text.utf16 { flag::UTF16 } else { 0 }
            | u32::from(head.status) << flag::STATUS_SHIFT;
        let start = out.len();
        spare::reserve(out, padded);
        for word in [
            kind::ROWS,
            record::size(padded),
            head.request,
            shape.map_or(0, |shape| shape.id),
            self.rows,
            flags,
            record::size(self.cells.len()),
            record::size(self.arrays.len() + padding),
            record::size(text.bytes.len() + fill),
            record::size(self.bytes.len()),
            record::size(head.tag.len()),
            0,
        ] {
            out.extend_from_slice(&word.to_ne_bytes());
        }
        out.extend_from_slice(&self.cells);
        out.extend_from_slice(&self.arrays);
        out.resize(out.len() + padding, 0);
        out.extend_from_slice(text.bytes);
        out.resize(out.len() + fill, 0);
        out.extend_from_slice(&self.bytes);
        out.extend_from_slice(head.tag);
        out.resize(start + padded, 0);
        self.clear();
    }
}

/// Whether rows of so many bytes can be handed on, with a header, a tag and what fills the text up.
fn is_recordable(length: usize) -> bool {
    length <= LARGEST_RECORD - 2 * LARGE_TEXT_LIMIT
}

/// The column of a row that holds the longest value.
#[cold]
fn longest(mut row: Body<'_>) -> usize {
    let count = row.count().unwrap_or(0);
    let mut longest = (0, 0);
    for column in 0..count {
        let Ok(length) = usize::try_from(row.i32().unwrap_or(-1)) else { continue };
        if row.bytes(length).is_ok() && length > longest.0 {
            longest = (length, column);
        }
    }
    longest.1
}

/// Empties a buffer and gives back what one huge value made it grow to.
fn reset<T>(buffer: &mut Vec<T>) {
    buffer.clear();
    if buffer.capacity() * size_of::<T>() > 4 * CELLS_LIMIT {
        *buffer = Vec::new();
    }
}

/// Empties a buffer. What large values made it grow to serves the next ones, of whatever session.
fn recycle(buffer: &mut Vec<u8>) {
    if buffer.capacity() > 4 * CELLS_LIMIT {
        spare::keep(std::mem::take(buffer));
    }
    buffer.clear();
}
