//! The text of a chunk: gathered as UTF-8, handed on as Latin-1 or UTF-16, addressed in UTF-16 units.

use encoding_rs::mem;

use super::{Unfit, unfit};
use crate::{body::Malformed, spare};

/// The narrowest encoding that holds the text so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    #[default]
    Ascii,
    Latin1,
    Utf16,
}

#[derive(Default)]
pub(super) struct Text {
    utf8: Vec<u8>,
    width: Width,
    /// UTF-16 units so far.
    units: u32,
    /// How many there may be behind the row that is being read.
    row_end: u32,
    encoded: Vec<u8>,
    units16: Vec<u16>,
}

pub(super) struct Mark {
    length: usize,
    width: Width,
    units: u32,
}

/// The longest string of V8, in UTF-16 units.
pub(super) const LONGEST: usize = 536_870_888;

/// Units that the text of a row may have, and those for each of its bytes if they are more. Nothing but numeric comes
/// near: 10 bytes stand for 131,072 digits.
const ROW_UNITS: usize = 64 * 1024 * 1024;
const UNITS_A_BYTE: usize = 16;

/// Cells give places in the text, which JavaScript reads as signed numbers.
const MOST_UNITS: u32 = i32::MAX.cast_unsigned();

/// Characters from which on Node.js keeps a string outside of V8's heap; `src/boundary/chunk.ts` has the same.
const OUTSIDE: usize = 1_031_914;

/// The text as JavaScript reads it.
pub(super) struct Encoded<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) utf16: bool,
}

impl Encoded<'_> {
    /// Bytes to put behind text that is large, so that its string lies outside of V8's heap: what is half of that
    /// length is cheaper filled up than moved by the collector.
    pub(super) fn fill(&self) -> usize {
        let length = self.bytes.len();
        if !self.utf16 && length >= OUTSIDE / 2 { OUTSIDE.saturating_sub(length) } else { 0 }
    }
}

impl Text {
    #[cfg(test)]
    pub(super) fn as_utf8(&self) -> &str {
        std::str::from_utf8(&self.utf8).unwrap()
    }

    pub(super) fn len(&self) -> usize {
        self.utf8.len()
    }

    pub(super) fn units(&self) -> u32 {
        self.units
    }

    /// A row of so many bytes begins.
    pub(super) fn begin_row(&mut self, length: usize) {
        let most = length.saturating_mul(UNITS_A_BYTE).max(ROW_UNITS);
        self.row_end = self.units.saturating_add(u32::try_from(most).unwrap_or(u32::MAX)).min(MOST_UNITS);
    }

    /// Large rows come until there is text of `LARGE_TEXT_LIMIT`; this one has so many bytes.
    pub(super) fn make_room(&mut self, length: usize) {
        if self.utf8.is_empty() {
            spare::reserve(&mut self.utf8, super::LARGE_TEXT_LIMIT + length);
        }
    }

    /// Bytes of the text as it is handed on.
    pub(super) fn encoded_length(&self) -> usize {
        let units = usize::try_from(self.units).unwrap_or(usize::MAX);
        if self.width == Width::Utf16 { units.saturating_mul(2) } else { units }
    }

    /// Appends text of the server, which must be UTF-8.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<(), Unfit> {
        if text.is_ascii() {
            self.advance(text.len())?;
            self.utf8.extend_from_slice(text);
            return Ok(());
        }
        simdutf8::basic::from_utf8(text).map_err(|_| "it is not UTF-8")?;
        // Every character has one byte that continues none, and those of four bytes are two units. Whole passes
        // over the bytes, so that the compiler makes vector code of them.
        let characters = text.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let pairs = text.iter().filter(|byte| **byte >= 0xf0).count();
        self.advance(characters + pairs)?;
        // U+0100 begins with the byte 0xc4.
        let beyond_latin1 = text.iter().any(|byte| *byte >= 0xc4);
        self.width = self.width.max(if beyond_latin1 { Width::Utf16 } else { Width::Latin1 });
        self.utf8.extend_from_slice(text);
        Ok(())
    }

    /// Appends ASCII that `write` makes of a value.
    pub(super) fn push_ascii(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Malformed>,
    ) -> Result<(), Unfit> {
        let start = self.utf8.len();
        let written =
            write(&mut self.utf8).map_err(Unfit::from).and_then(|()| self.advance(self.utf8.len() - start));
        if written.is_err() {
            self.utf8.truncate(start);
        }
        written
    }

    /// Counts the units of a value, or of a part of one.
    #[inline]
    fn advance(&mut self, units: usize) -> Result<(), Unfit> {
        if units > LONGEST {
            return Err(unfit::TOO_LONG);
        }
        match u32::try_from(units).ok().and_then(|units| self.units.checked_add(units)) {
            Some(end) if end <= self.row_end => {
                self.units = end;
                Ok(())
            }
            _ => Err(unfit::EXPANDED),
        }
    }

    /// Where the text ends now, to go back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { length: self.utf8.len(), width: self.width, units: self.units }
    }

    /// Takes back what was appended since.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.utf8.truncate(mark.length);
        self.width = mark.width;
        self.units = mark.units;
    }

    pub(super) fn encode(&mut self) -> Encoded<'_> {
        if self.width == Width::Ascii {
            return Encoded { bytes: &self.utf8, utf16: false };
        }
        self.encoded.clear();
        if self.width == Width::Latin1 {
            self.encoded.resize(self.utf8.len(), 0);
            let length = mem::convert_utf8_to_latin1_lossy(&self.utf8, &mut self.encoded);
            self.encoded.truncate(length);
        } else {
            // One unit more than bytes, as the conversion wants it.
            self.units16.resize(self.utf8.len() + 1, 0);
            let length = mem::convert_utf8_to_utf16(&self.utf8, &mut self.units16);
            let units = self.units16.get(..length).unwrap_or_default();
            self.encoded.extend(units.iter().flat_map(|unit| unit.to_ne_bytes()));
            if self.units16.capacity() > 4 * super::TEXT_LIMIT {
                self.units16 = Vec::new();
            }
        }
        Encoded { bytes: &self.encoded, utf16: self.width == Width::Utf16 }
    }

    pub(super) fn clear(&mut self) {
        self.width = Width::Ascii;
        self.units = 0;
        super::recycle(&mut self.utf8);
        super::recycle(&mut self.encoded);
    }
}
