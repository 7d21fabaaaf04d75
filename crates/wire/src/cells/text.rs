//! The text of a chunk: gathered as UTF-8, handed on as Latin-1 or UTF-16, addressed in UTF-16 units.

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
    encoded: Vec<u8>,
}

/// The longest string of V8 in UTF-16 units. A chunk's text is made one string.
const LONGEST: usize = 536_870_888;

/// The text as JavaScript reads it.
pub(super) struct Encoded<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) utf16: bool,
}

impl Text {
    pub(super) fn len(&self) -> usize {
        self.utf8.len()
    }

    pub(super) fn units(&self) -> u32 {
        self.units
    }

    /// Appends text of the server, which must be UTF-8.
    pub(super) fn push(&mut self, text: &[u8]) -> Result<(), &'static str> {
        if text.is_ascii() {
            self.advance(text.len())?;
            self.utf8.extend_from_slice(text);
            return Ok(());
        }
        let text = simdutf8::basic::from_utf8(text).map_err(|_| "it is not UTF-8")?;
        let mut units = 0_usize;
        for character in text.chars() {
            units += character.len_utf16();
            self.width = self.width.max(match u32::from(character) {
                0..=0x7f => Width::Ascii,
                0x80..=0xff => Width::Latin1,
                _ => Width::Utf16,
            });
        }
        self.advance(units)?;
        self.utf8.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Appends ASCII that `write` makes of a value.
    pub(super) fn push_ascii<E>(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Result<(), E>, &'static str> {
        let start = self.utf8.len();
        if let Err(error) = write(&mut self.utf8) {
            self.utf8.truncate(start);
            return Ok(Err(error));
        }
        self.advance(self.utf8.len() - start).map(Ok)
    }

    fn advance(&mut self, units: usize) -> Result<(), &'static str> {
        let room = LONGEST.saturating_sub(usize::try_from(self.units).unwrap_or(LONGEST));
        match u32::try_from(units) {
            Ok(more) if units <= room => self.units += more,
            _ => return Err("the text of its row is longer than the 536870888 characters a string can have"),
        }
        Ok(())
    }

    pub(super) fn encode(&mut self) -> Encoded<'_> {
        if self.width == Width::Ascii {
            return Encoded { bytes: &self.utf8, utf16: false };
        }
        // Every run was checked when it was pushed.
        let text = simdutf8::basic::from_utf8(&self.utf8).unwrap_or_default();
        self.encoded.clear();
        if self.width == Width::Latin1 {
            self.encoded.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
        } else {
            self.encoded.reserve(text.len() * 2);
            self.encoded.extend(text.encode_utf16().flat_map(u16::to_ne_bytes));
        }
        Encoded { bytes: &self.encoded, utf16: self.width == Width::Utf16 }
    }

    pub(super) fn clear(&mut self) {
        self.width = Width::Ascii;
        self.units = 0;
        super::reset(&mut self.utf8);
        super::reset(&mut self.encoded);
    }
}
