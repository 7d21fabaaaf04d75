//! The threads that log in.
//!
//! Each has a scheduler of its own. Threads that share one pass a login on between them: the one whose task runs wakes the
//! other to watch the sockets meanwhile, and again for each socket and each timer that it adds.

use std::{
    future::Future,
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::runtime::{Builder, Handle};

use super::{handle, threads::Threads};

const THREADS: usize = 2;

static LOGINS: [Thread; THREADS] = [const { Thread::new() }; THREADS];

struct Thread {
    threads: Threads,
    attempts: AtomicUsize,
}

impl Thread {
    const fn new() -> Self {
        Self { threads: Threads::new(Builder::new_multi_thread), attempts: AtomicUsize::new(0) }
    }
}

/// A place on a thread that logs in, for one attempt to connect.
pub struct Turn {
    runtime: Handle,
    thread: &'static Thread,
}

/// See [`super::prepare`].
pub(super) fn prepare() {
    for thread in &LOGINS {
        thread.threads.prepare();
    }
}

/// Takes a place on the thread that has the fewest attempts. Where both have as many it is always the same one, so that
/// logins in a row find its caches warm.
///
/// # Errors
/// The system refused the thread.
pub fn login() -> io::Result<Turn> {
    let fewest = LOGINS.iter().min_by_key(|thread| thread.attempts.load(Ordering::Relaxed));
    let thread = fewest.ok_or(io::ErrorKind::NotFound)?;
    // Readers are woken at once here: the handshake of the next login in line may take a millisecond.
    let runtime = handle(&thread.threads, "cornac-login", 1, || {})?;
    thread.attempts.fetch_add(1, Ordering::Relaxed);
    Ok(Turn { runtime, thread })
}

impl Turn {
    /// Runs the attempt, and gives the place back when it has ended.
    pub fn run(self, attempt: impl Future<Output = ()> + Send + 'static) {
        self.runtime.clone().spawn(async move {
            attempt.await;
            drop(self);
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.thread.attempts.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    /// Runs an attempt that ends when it is told to, and gives its thread.
    fn begin(turn: Turn) -> (thread::ThreadId, tokio::sync::oneshot::Sender<()>) {
        let (tell, told) = mpsc::channel();
        let (end, ended) = tokio::sync::oneshot::channel();
        turn.run(async move {
            tell.send(thread::current().id()).unwrap();
            let _ = ended.await;
        });
        (told.recv().unwrap(), end)
    }

    fn until_attempts(counts: [usize; THREADS]) {
        while LOGINS.each_ref().map(|thread| thread.attempts.load(Ordering::Relaxed)) != counts {
            thread::yield_now();
        }
    }

    #[test]
    fn logins_in_a_row_have_one_thread_and_those_at_once_two() {
        let (first, end) = begin(login().unwrap());
        drop(end);
        until_attempts([0, 0]);
        let (again, hold) = begin(login().unwrap());
        assert_eq!(again, first);
        assert!(!LOGINS[1].threads.are_made(), "a second thread was started for nothing");
        let (beside, end) = begin(login().unwrap());
        assert_ne!(beside, first);
        drop(login().unwrap());
        until_attempts([1, 1]);
        drop(hold);
        until_attempts([0, 1]);
        assert_eq!(begin(login().unwrap()).0, first);
        drop(end);
        until_attempts([0, 0]);
    }
}
