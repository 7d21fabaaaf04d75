//! One JavaScript environment: its completion queue and the wake-up of its event loop.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use cornac_driver::completions::Completions;
use cornac_wire::shape::Shapes;
use napi::{
    Env, Status, sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};

/// Calls JavaScript without arguments, which says whether it waits for more; weak, so that it never keeps the process
/// alive by itself.
pub(crate) type Wake = ThreadsafeFunction<(), bool, (), Status, false, true>;

/// What is waiting is read at once from here on; less may wait until the thread that made it has nothing left to do.
const ENOUGH_BYTES: usize = 32 * 1024;
const ENOUGH_BLOCKS: usize = 16;

/// The completion queue: blocks of whole records, in the order in which they are to be read.
pub(crate) struct Environment {
    blocks: Mutex<VecDeque<Vec<u8>>>,
    /// A wake-up is on its way, or JavaScript is draining.
    awake: AtomicBool,
    wake: Wake,
    /// The wake-up keeps the event loop alive just now. Used on JavaScript's thread only.
    holds_loop: AtomicBool,
    /// The environment is being torn down: nobody reads any more.
    closed: AtomicBool,
    itself: Weak<Environment>,
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
            blocks: Mutex::default(),
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
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Copies whole blocks into `buffer`, as many as fit.
    pub(crate) fn drain(&self, buffer: &mut [u8]) -> Drained {
        // Cleared first: a block pushed from here on wakes again, at worst once too often.
        self.awake.store(false, Ordering::Release);
        let mut written = 0;
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(block) = blocks.front() {
            let Some(place) = buffer.get_mut(written..written + block.len()) else {
                break;
            };
            place.copy_from_slice(block);
            written += block.len();
            blocks.pop_front();
        }
        let left = !blocks.is_empty();
        drop(blocks);
        if left {
            if written == 0 {
                return Drained::TooLarge;
            }
            self.ring();
        }
        Drained::Bytes(written)
    }

    /// The next block, whole.
    pub(crate) fn take(&self) -> Option<Vec<u8>> {
        let (block, left) = {
            let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
            (blocks.pop_front(), !blocks.is_empty())
        };
        if left {
            self.ring();
        }
        block
    }
}

impl Completions for Environment {
    fn push(&self, records: Vec<u8>) -> bool {
        if self.closed.load(Ordering::Acquire) {
            return false;
        }
        let large = records.len() >= ENOUGH_BYTES;
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.push_back(records);
        large || blocks.len() >= ENOUGH_BLOCKS
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
            environment.push(record);
        }
    })))
}
