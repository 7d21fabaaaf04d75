//! Memory of large results, kept for the next one. Fresh memory costs a page fault for every 4 KiB of it, and a buffer that
//! grows to a megabyte is copied on its way there.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a buffer that is worth being kept.
const LEAST: usize = 128 * 1024;

/// Bytes of the largest one that is kept: what one huge value made it grow to is given back to the system.
const MOST: usize = 2 * 1024 * 1024;

/// Buffers kept at once, by all sessions of the process: some blocks on their way to JavaScript, and what they are made of.
const COUNT: usize = 8;

static SPARE: Mutex<Spare> = Mutex::new(Spare(Vec::new()));

/// Makes room for so many bytes more. A buffer without memory gets some that was kept, if that suffices.
pub fn reserve(buffer: &mut Vec<u8>, more: usize) {
    if buffer.capacity() == 0
        && let Some(kept) = spare().take(more)
    {
        *buffer = kept;
    }
    buffer.reserve(more);
}

/// Keeps the memory of a buffer that is of no use any more, if it is worth that.
pub fn keep(buffer: Vec<u8>) {
    let surplus = spare().keep(buffer);
    // Freed behind the lock.
    drop(surplus);
}

fn spare() -> MutexGuard<'static, Spare> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Spare(Vec<Vec<u8>>);

impl Spare {
    fn take(&mut self, size: usize) -> Option<Vec<u8>> {
        if size < LEAST {
            return None;
        }
        let index = self.0.iter().position(|kept| kept.capacity() >= size)?;
        Some(self.0.swap_remove(index))
    }

    /// Gives what is not kept.
    fn keep(&mut self, mut buffer: Vec<u8>) -> Option<Vec<u8>> {
        if self.0.len() == COUNT || !(LEAST..=MOST).contains(&buffer.capacity()) {
            return Some(buffer);
        }
        buffer.clear();
        self.0.push(buffer);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_suffices_is_used_again() {
        let mut spare = Spare(Vec::new());
        let buffer = vec![7; LEAST];
        let place = buffer.as_ptr();
        assert_eq!(spare.keep(buffer), None);
        assert_eq!(spare.take(2 * LEAST), None);
        assert_eq!(spare.take(LEAST - 1), None);
        let again = spare.take(LEAST).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (place, 0));
        assert_eq!(spare.take(LEAST), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut spare = Spare(Vec::new());
        for capacity in [0, LEAST - 1, MOST + 1] {
            assert!(spare.keep(Vec::with_capacity(capacity)).is_some(), "{capacity}");
        }
        for _ in 0..COUNT {
            assert!(spare.keep(Vec::with_capacity(MOST)).is_none());
        }
        assert!(spare.keep(Vec::with_capacity(MOST)).is_some());
    }
}
