//! Bytes for the server, known by their place in all that the session has written since it began.

use std::ops::Range;

use bytes::{Buf, BytesMut};

/// An empty buffer that grew beyond this for one large value is given back.
const KEEP: usize = 1024 * 1024;

/// What was composed and not written yet. Places only grow, so that "sent", "partly sent" and "unsent" are compares.
#[derive(Default)]
pub(super) struct Output {
    bytes: BytesMut,
    /// What was allocated for them: their own capacity does not count what was taken off the front.
    allocated: usize,
    /// The place of the first byte that was not written.
    written: u64,
}

impl Output {
    pub(super) fn unwritten(&self) -> &[u8] {
        &self.bytes
    }

    /// The place behind the last byte that was written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// The place behind the last byte that was composed.
    pub(super) fn end(&self) -> u64 {
        self.written + self.bytes.len() as u64
    }

    /// Where messages are composed: bytes may be appended, and what was appended changed.
    pub(super) fn composing(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    /// The first `count` bytes are on their way.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.bytes.len());
        self.allocated = self.allocated.max(self.bytes.capacity());
        self.bytes.advance(count);
        self.written += count as u64;
        self.give_back();
    }

    /// Takes back what was composed from `end` on.
    pub(super) fn truncate(&mut self, end: u64) {
        self.allocated = self.allocated.max(self.bytes.capacity());
        self.bytes.truncate(self.index(end));
        self.give_back();
    }

    /// Takes back what was composed in the middle; what is behind it moves up. Nothing of it may be written.
    pub(super) fn cut(&mut self, span: &Range<u64>) {
        self.allocated = self.allocated.max(self.bytes.capacity());
        let rest = self.bytes.split_off(self.index(span.end));
        self.bytes.truncate(self.index(span.start));
        self.bytes.unsplit(rest);
        self.give_back();
    }

    pub(super) fn clear(&mut self) {
        self.bytes = BytesMut::new();
        self.allocated = 0;
    }

    /// Gives back what a large message has left behind.
    fn give_back(&mut self) {
        if self.bytes.is_empty() && self.allocated > KEEP {
            self.clear();
        }
    }

    fn index(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.written)).unwrap_or(usize::MAX).min(self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{KEEP, Output};

    fn composed(count: usize) -> Output {
        let mut output = Output::default();
        output.composing().extend_from_slice(&vec![7; count]);
        output
    }

    #[test]
    fn room_that_a_large_message_took_is_given_back_however_it_goes() {
        let mut written = composed(4 * KEEP);
        while !written.unwritten().is_empty() {
            written.advance(KEEP / 16);
        }
        let mut truncated = composed(4 * KEEP);
        truncated.truncate(0);
        let mut cut = composed(4 * KEEP);
        cut.cut(&(0..cut.end()));
        let mut partly = composed(4 * KEEP);
        partly.advance(4 * KEEP - 1);
        partly.truncate(partly.written());
        for mut output in [written, truncated, cut, partly] {
            output.composing().reserve(1);
            assert!(output.bytes.capacity() < 1024, "{}", output.bytes.capacity());
        }
    }

    #[test]
    fn room_that_is_needed_again_soon_is_kept() {
        let mut output = composed(KEEP / 2);
        let place = output.unwritten().as_ptr();
        output.advance(100);
        output.advance(KEEP);
        output.composing().extend_from_slice(&vec![7; KEEP / 2]);
        assert_eq!(output.unwritten().as_ptr(), place);
        assert_eq!(output.end(), KEEP as u64);
    }
}
