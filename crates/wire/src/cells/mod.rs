//! Packs the rows of a result into cells that JavaScript reads without a call per value.

mod array;
mod document;
mod spelled;
mod text;
mod value;

use crate::{
    body::{Body, Malformed},
    record::{self, ROWS_HEADER, flag, kind},
    shape::Shape,
};
use text::Text;

/// A chunk is handed on when its text or its cells reach this, in bytes. A substring that is kept keeps its
/// chunk's text alive, so text is bounded more tightly.
const TEXT_LIMIT: usize = 32 * 1024;
const CELLS_LIMIT: usize = 96 * 1024;

/// Rows from this size on are gathered apart from smaller ones, to the next limit.
const LARGE_ROW: usize = 32 * 1024;

/// Enough for a string that lies outside of V8's heap: ten texts of 100 kB are cheaper as parts of one than in the
/// heap, where the collector moves them (docs/internals/performance.md).
const LARGE_TEXT_LIMIT: usize = 1024 * 1024;

/// Rows without columns take no space at all.
const ROWS_LIMIT: u32 = 64 * 1024;

/// A value that does not fit its column: the row's frame is intact, so the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub column: usize,
    pub reason: &'static str,
}

/// Why a row was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError {
    /// The message itself is no row of this shape.
    Frame(Malformed),
    Value(Misfit),
}

/// The rows packed so far. One serves a whole session: only the request at the front receives rows.
#[derive(Default)]
pub struct Chunk {
    rows: u32,
    cells: Vec<u8>,
    /// Arrays and the nodes of documents, in 4-byte words, each at a multiple of 8 bytes.
    arrays: Vec<u8>,
    text: Text,
    bytes: Vec<u8>,
    scratch: document::Scratch,
    /// Its rows are large ones.
    large: bool,
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
        !self.is_empty() && self.large != (body.len() >= LARGE_ROW)
    }

    /// Adds the row of a DataRow message. A row that is refused leaves the chunk as it was but for unused bytes.
    pub fn push(&mut self, shape: &Shape, body: &[u8]) -> Result<(), RowError> {
        self.large = body.len() >= LARGE_ROW;
        let mut body = Body(body);
        let count = body.count().map_err(RowError::Frame)?;
        if count != shape.cells.len() {
            return Err(RowError::Frame(Malformed("its count of columns differs from the description")));
        }
        let base = self.cells.len();
        self.cells.resize(base + shape.stride, 0);
        for (index, cell) in shape.cells.iter().enumerate() {
            let length = body.i32().map_err(RowError::Frame)?;
            if length < 0 {
                if length != -1 {
                    return Err(RowError::Frame(Malformed("a value's length is negative")));
                }
                self.set_null(base, index);
                continue;
            }
            let value = body.bytes(usize::try_from(length).unwrap_or(usize::MAX)).map_err(RowError::Frame)?;
            self.value(base, shape, index, cell, value)
                .map_err(|reason| RowError::Value(Misfit { column: index, reason }))?;
        }
        body.end().map_err(RowError::Frame)?;
        self.rows += 1;
        Ok(())
    }

    fn set_null(&mut self, base: usize, column: usize) {
        // The bit within its word, in native order: JavaScript reads whole words.
        let word = base + column / 32 * 4;
        if let Some(place) = self.cells.get_mut(word..word + 4).and_then(|b| b.first_chunk_mut::<4>()) {
            *place = (u32::from_ne_bytes(*place) | 1 << (column % 32)).to_ne_bytes();
        }
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
        reset(&mut self.cells);
        reset(&mut self.arrays);
        self.text.clear();
        reset(&mut self.bytes);
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
        out.reserve(padded);
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

/// Empties a buffer and gives back what one huge value made it grow to.
fn reset(buffer: &mut Vec<u8>) {
    buffer.clear();
    if buffer.capacity() > 4 * CELLS_LIMIT {
        *buffer = Vec::new();
    }
}
