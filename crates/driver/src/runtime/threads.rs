//! Threads that are made when they are first needed.
//!
//! tokio asks the environment when it makes a `Builder`, and the C library allows nobody to do so while somebody sets a
//! variable. So that is done on JavaScript's thread, which is the one that sets them, and the threads are made from it later
//! wherever they are needed.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

pub(super) struct Threads {
    new: fn() -> Builder,
    prepared: Mutex<Option<Builder>>,
    runtime: OnceLock<Option<Runtime>>,
}

impl Threads {
    pub(super) const fn new(new: fn() -> Builder) -> Self {
        Self { new, prepared: Mutex::new(None), runtime: OnceLock::new() }
    }

    /// Asks the environment for what will be wanted of it.
    pub(super) fn prepare(&self) {
        if self.runtime.get().is_none() {
            self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(self.new);
        }
    }

    /// The threads, which are made as `set_up` says when there are none.
    pub(super) fn get(&self, set_up: impl FnOnce(&mut Builder)) -> io::Result<Handle> {
        let made = self.runtime.get_or_init(|| {
            let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut builder = prepared.unwrap_or_else(self.new);
            set_up(&mut builder);
            builder.build().ok()
        });
        let refused = || io::Error::other("the system refused the driver's threads");
        made.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(refused)
    }

    #[cfg(test)]
    pub(super) fn are_made(&self) -> bool {
        self.runtime.get().is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread};

    use super::*;

    thread_local! {
        static ASKED: Cell<u32> = const { Cell::new(0) };
    }

    fn ask() -> Builder {
        ASKED.set(ASKED.get() + 1);
        Builder::new_current_thread()
    }

    #[test]
    fn the_environment_is_asked_by_the_thread_that_prepares_and_by_no_other() {
        static THREADS: Threads = Threads::new(ask);
        THREADS.prepare();
        THREADS.prepare();
        assert_eq!(ASKED.get(), 1);
        let asked = thread::spawn(|| {
            THREADS.get(|_| {}).unwrap();
            ASKED.get()
        });
        assert_eq!(asked.join().unwrap(), 0);
        THREADS.prepare();
        THREADS.get(|_| unreachable!("they are made once")).unwrap();
        assert_eq!(ASKED.get(), 1);
    }
}
