//! Bytes for the server, known by their place in all that the session has written since it began.

use std::ops::Range;

use bytes::{Buf, BytesMut};

/// An empty buffer that grew beyond this for one large value is given back.
const KEEP: usize = 1024 * 1024;

/// What was composed and not written yet. Places only grow, so that "sent", "partly sent" and "unsent" are compares.
#[derive(Default)]
pub(super) struct Output {
    bytes: BytesMut,
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
        self.bytes.advance(count);
        self.written += count as u64;
        if self.bytes.is_empty() && self.bytes.capacity() > KEEP {
            self.bytes = BytesMut::new();
        }
    }

    /// Takes back what was composed from `end` on.
    pub(super) fn truncate(&mut self, end: u64) {
        self.bytes.truncate(self.index(end));
    }

    /// Takes back what was composed in the middle; what is behind it moves up. Nothing of it may be written.
    pub(super) fn cut(&mut self, span: &Range<u64>) {
        let rest = self.bytes.split_off(self.index(span.end));
        self.bytes.truncate(self.index(span.start));
        self.bytes.unsplit(rest);
    }

    pub(super) fn clear(&mut self) {
        self.bytes = BytesMut::new();
    }

    fn index(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.written)).unwrap_or(usize::MAX).min(self.bytes.len())
    }
}
