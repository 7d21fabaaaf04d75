//! One JavaScript environment: its completion queue and the wake-up of its event loop.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use cornac_driver::completions::{Completions, Receipt};
use cornac_wire::{shape::Shapes, spare};
use napi::{
    Env, Status, sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};

/// Calls JavaScript without arguments, which says whether it waits for more; weak, so that it never keeps the process
/// alive by itself.
pub(crate) type Wake = ThreadsafeFunction<(), bool, (), Status, false, true>;

/// What is waiting is read at once from here on; less may wait until the thread that made it has nothing left to do.
const ENOUGH_BYTES: usize = 32 * 1024;
const ENOUGH_PUSHES: usize = 16;

/// Bytes of a block that gathers small ones.
const GATHERED: usize = 64 * 1024;

/// The completion queue: blocks of whole records, in the order in which they are to be read.
pub(crate) struct Environment {
    waiting: Mutex<Waiting>,
    /// A wake-up is on its way, or JavaScript is draining.
    awake: AtomicBool,
    wake: Wake,
    /// The wake-up keeps the event loop alive just now. Used on JavaScript's thread only.
    holds_loop: AtomicBool,
    /// The environment is being torn down: nobody reads any more.
    closed: AtomicBool,
    itself: Weak<Environment>,
}

/// Records that wait for JavaScript.
#[derive(Default)]
struct Waiting {
    blocks: VecDeque<Block>,
    /// How often something was pushed since they were drained.
    pushes: usize,
    /// A block that was read, for the next small ones to gather in: its memory is not given from thread to thread.
    spare: Option<Vec<u8>>,
}

/// Whole records, and the receipts of those among them that nobody asked for.
#[derive(Default)]
struct Block {
    records: Vec<u8>,
    receipts: Vec<Receipt>,
}

impl Waiting {
    /// Appends whole records, to those that are waiting where that is cheaper than another block.
    fn push(&mut self, records: Vec<u8>, receipt: Option<Receipt>) {
        self.pushes += 1;
        if records.len() >= ENOUGH_BYTES {
            self.blocks.push_back(Block { records, receipts: receipt.into_iter().collect() });
            return;
        }
        match self.blocks.back_mut() {
            Some(block) if block.records.capacity() - block.records.len() >= records.len() => {
                block.records.extend_from_slice(&records);
                block.receipts.extend(receipt);
            }
            _ => {
                let mut block = self.spare.take().unwrap_or_else(|| Vec::with_capacity(GATHERED));
                block.extend_from_slice(&records);
                self.blocks.push_back(Block { records: block, receipts: receipt.into_iter().collect() });
            }
        }
    }

    fn pop(&mut self) -> Option<Block> {
        self.pushes = 0;
        self.blocks.pop_front()
    }

    fn keep(&mut self, mut block: Vec<u8>) {
        if block.capacity() == GATHERED {
            block.clear();
            self.spare = Some(block);
        } else {
            spare::keep(block);
        }
    }
}

/// What [`Environment::drain`] gives.
pub(crate) enum Drained {
    /// Bytes written; more may be waiting, then a wake-up is on its way.
    Bytes(usize),
    /// The next block is larger than the buffer: it is to be taken whole.
    TooLarge,
}

impl Environment {
    pub(crate) fn new(wake: Wake) -> Arc<Self> {
        Arc::new_cyclic(|itself| Self {
            waiting: Mutex::default(),
            awake: AtomicBool::new(false),
            wake,
            holds_loop: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            itself: itself.clone(),
        })
    }

    /// Whether the wake-up keeps the event loop alive. To be called on JavaScript's thread.
    pub(crate) fn hold_loop(&self, env: &Env, hold: bool) {
        if self.holds_loop.swap(hold, Ordering::Relaxed) == hold {
            return;
        }
        let wake = self.wake.raw();
        // SAFETY: `env` is the environment's own, on its thread, and the function lives as long as `self`.
        unsafe {
            if hold {
                sys::napi_ref_threadsafe_function(env.raw(), wake);
            } else {
                sys::napi_unref_threadsafe_function(env.raw(), wake);
            }
        }
    }

    /// From now on records are dropped and JavaScript is left alone.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let waiting = std::mem::take(&mut *self.waiting());
        drop(waiting);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies whole blocks into `buffer`, as many as fit.
    pub(crate) fn drain(&self, buffer: &mut [u8]) -> Drained {
        // Cleared first: a block pushed from here on wakes again, at worst once too often.
        self.awake.store(false, Ordering::Release);
        let mut written = 0;
        // Dropped behind the lock: that wakes sessions.
        let mut receipts = Vec::new();
        let mut waiting = self.waiting();
        while let Some(block) = waiting.blocks.front() {
            let length = block.records.len();
            let Some(place) = buffer.get_mut(written..written + length) else {
                break;
            };
            place.copy_from_slice(&block.records);
            written += length;
            if let Some(block) = waiting.pop() {
                waiting.keep(block.records);
                receipts.extend(block.receipts);
            }
        }
        let has_more = !waiting.blocks.is_empty();
        drop(waiting);
        if has_more {
            if written == 0 {
                return Drained::TooLarge;
            }
            self.ring();
        }
        Drained::Bytes(written)
    }

    /// The next block, whole.
    pub(crate) fn take(&self) -> Option<Vec<u8>> {
        let (block, has_more) = {
            let mut waiting = self.waiting();
            (waiting.pop(), !waiting.blocks.is_empty())
        };
        if has_more {
            self.ring();
        }
        block.map(|block| block.records)
    }
}

impl Completions for Environment {
    fn push(&self, records: Vec<u8>, receipt: Option<Receipt>) -> bool {
        if self.closed.load(Ordering::Acquire) {
            return false;
        }
        let large = records.len() >= ENOUGH_BYTES;
        let mut waiting = self.waiting();
        waiting.push(records, receipt);
        large || waiting.pushes >= ENOUGH_PUSHES
    }

    fn ring(&self) {
        if !self.awake.swap(true, Ordering::AcqRel) && !self.closed.load(Ordering::Acquire) {
            let environment = self.itself.clone();
            // Closing is an ordinary answer while an environment ends.
            let _ = self.wake.call_with_return_value(
                (),
                ThreadsafeFunctionCallMode::NonBlocking,
                move |waits, env| {
                    if let (Some(environment), Ok(waits)) = (environment.upgrade(), waits) {
                        environment.hold_loop(&env, waits);
                    }
                    Ok(())
                },
            );
        }
    }
}

/// The registry of an environment's shapes, which announces them through its completion queue.
pub(crate) fn shapes(environment: &Arc<Environment>) -> Arc<Shapes> {
    let environment = Arc::downgrade(environment);
    Arc::new(Shapes::new(Arc::new(move |record| {
        if let Some(environment) = environment.upgrade() {
            // No reader is woken for it: rows that need it, or the end of a statement, follow.
            environment.push(record, None);
        }
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(waiting: &mut Waiting) -> Vec<usize> {
        std::iter::from_fn(|| waiting.pop()).map(|block| block.records.len()).collect()
    }

    #[test]
    fn small_blocks_gather_and_keep_their_order_among_large_ones() {
        let mut waiting = Waiting::default();
        for size in [8, 16, ENOUGH_BYTES, 24, 32] {
            waiting.push(vec![0; size], None);
        }
        assert_eq!(waiting.pushes, 5);
        assert_eq!(blocks(&mut waiting), [24, ENOUGH_BYTES, 56]);
        assert_eq!(waiting.pushes, 0);
    }

    #[test]
    fn a_full_block_gathers_no_more() {
        let mut waiting = Waiting::default();
        for _ in 0..3 {
            waiting.push(vec![0; ENOUGH_BYTES - 8], None);
        }
        assert_eq!(blocks(&mut waiting), [2 * (ENOUGH_BYTES - 8), ENOUGH_BYTES - 8]);
    }

    #[test]
    fn a_block_that_was_read_gathers_the_next_ones() {
        let mut waiting = Waiting::default();
        waiting.push(vec![1; 8], None);
        let block = waiting.pop().unwrap().records;
        let memory = block.as_ptr();
        waiting.keep(block);
        waiting.push(vec![2; 16], None);
        let again = waiting.pop().unwrap().records;
        assert_eq!((again.as_ptr(), again.as_slice()), (memory, [2; 16].as_slice()));
    }
}
