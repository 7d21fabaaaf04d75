//! The driver's own threads: one that runs every session, and two for the computing of logins.
//!
//! TLS handshakes and SCRAM have threads of their own because they compute for milliseconds at a time, which must
//! never hold up a session that is running.

mod moving;

use std::{
    cell::RefCell,
    io,
    sync::{Arc, OnceLock},
};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::session::Completions;

pub(crate) use moving::leave_io_thread;
pub use moving::{LoginStart, login_start};

/// The environment variable that sets the number of threads that run sessions, 1 by default.
pub const IO_THREADS: &str = "CORNAC_IO_THREADS";

const LOGIN_THREADS: usize = 2;

/// GSSAPI calls wait for a KDC on threads of their own.
const BLOCKING_THREADS: usize = 4;

/// Where sessions run, and logins until they compute.
pub fn io() -> io::Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let defer = || BELLS.set(Some(Bells::default()));
    handle(&RUNTIME, "cornac-io", defer, || {
        std::env::var(IO_THREADS)
            .ok()
            .and_then(|n| n.parse().ok())
            .filter(|n| (1..=64).contains(n))
            .unwrap_or(1)
    })
}

/// Where logins compute.
pub fn login() -> io::Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    // Nothing is put off here: deriving the keys of the next login in line may take long.
    handle(&RUNTIME, "cornac-login", || {}, || LOGIN_THREADS)
}

fn handle(
    cell: &'static OnceLock<Option<Runtime>>,
    name: &'static str,
    on_thread_start: fn(),
    threads: impl Fn() -> usize,
) -> io::Result<Handle> {
    cell.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(threads())
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name(name)
            .on_thread_start(on_thread_start)
            .on_thread_park(ring)
            .enable_all()
            .build()
            .ok()
    })
    .as_ref()
    .map(|runtime| runtime.handle().clone())
    .ok_or_else(|| io::Error::other("the system refused the driver's threads"))
}

/// Turns of sessions on a thread that stays busy before readers are woken all the same.
const BUSY_TURNS: u32 = 16;

/// The queues that got records since this thread last slept, and the turns of sessions since then.
#[derive(Default)]
struct Bells {
    waiting: Vec<Arc<dyn Completions>>,
    turns: u32,
}

thread_local! {
    /// `None` on threads that run no sessions.
    static BELLS: RefCell<Option<Bells>> = const { RefCell::new(None) };
}

/// Wakes a queue's reader when this thread has nothing left to do: sessions that are answered in one round are read
/// in one wake-up.
pub(crate) fn ring_when_idle(completions: &Arc<dyn Completions>) {
    let deferred = BELLS.with_borrow_mut(|bells| {
        let Some(bells) = bells else { return false };
        if !bells.waiting.iter().any(|bell| Arc::ptr_eq(bell, completions)) {
            bells.waiting.push(completions.clone());
        }
        true
    });
    if !deferred {
        completions.ring();
    }
}

/// A session's turn has ended. A thread that other sessions keep busy does not keep readers waiting.
pub(crate) fn turn_ended() {
    let overdue = BELLS.with_borrow_mut(|bells| {
        bells.as_mut().is_some_and(|bells| {
            bells.turns += 1;
            bells.turns >= BUSY_TURNS && !bells.waiting.is_empty()
        })
    });
    if overdue {
        ring();
    }
}

fn ring() {
    let bells = BELLS.with_borrow_mut(|bells| bells.as_mut().map(std::mem::take));
    for bell in bells.unwrap_or_default().waiting {
        bell.ring();
    }
}
