//! Bytes that were read and not understood yet.

use bytes::BytesMut;

/// Bytes asked of the socket at once.
const READ: usize = 64 * 1024;

/// A buffer that grew beyond this for one large message is given back when little is left in it.
const KEEP: usize = 1024 * 1024;

#[derive(Default)]
pub(super) struct Input {
    bytes: BytesMut,
    /// What was allocated for them: their own capacity does not count what was taken off the front.
    allocated: usize,
}

impl Input {
    pub(super) fn new(bytes: BytesMut) -> Self {
        Self { allocated: bytes.capacity(), bytes }
    }

    /// What was read and not taken; whoever takes it takes it off the front.
    pub(super) fn bytes(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The buffer with room for one read, and how much that is.
    pub(super) fn room(&mut self) -> (&mut BytesMut, usize) {
        self.bytes.reserve(READ);
        self.allocated = self.allocated.max(self.bytes.capacity());
        let room = self.bytes.capacity() - self.bytes.len();
        (&mut self.bytes, room)
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.allocated = self.allocated.max(self.bytes.capacity());
    }

    /// Gives back what a large message has left behind.
    pub(super) fn shrink(&mut self) {
        if self.allocated > KEEP && self.bytes.len() <= READ {
            *self = Self::new(BytesMut::from(&self.bytes[..]));
        }
    }

    /// Gives everything back, if nothing is in it.
    pub(super) fn release(&mut self) {
        if self.bytes.is_empty() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, KEEP, READ};

    #[test]
    fn room_that_a_large_message_took_is_given_back_though_a_part_of_the_next_is_there() {
        let mut input = Input::default();
        for _ in 0..4 * KEEP / READ {
            assert!(input.room().1 >= READ);
            input.append(&[7; READ]);
        }
        let length = input.len();
        // What is left has a small capacity, and all of the large allocation behind it.
        input.bytes().split_to(length - 3).clear();
        input.shrink();
        assert_eq!(input.bytes()[..], [7; 3]);
        assert!(input.allocated <= KEEP && input.room().1 < KEEP);
    }

    #[test]
    fn room_that_is_needed_again_soon_is_kept() {
        let mut input = Input::default();
        input.room();
        input.append(&[7; READ]);
        let place = input.bytes().as_ptr();
        input.bytes().clear();
        input.shrink();
        assert_eq!(input.room().0.as_ptr(), place);
    }
}
