//! The driver's own threads: one that runs every session, and two that log sessions in.
//!
//! Start-up has threads of its own because TLS and SCRAM compute for milliseconds at a time, which must never hold up
//! a session that is running.

mod bells;
mod pace;

use std::{io, sync::OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};

pub(crate) use bells::{ring_when_idle, turn_ended};
pub(crate) use pace::Load;

/// The environment variable that sets the number of threads that run sessions, 1 by default.
pub const IO_THREADS: &str = "CORNAC_IO_THREADS";

const LOGIN_THREADS: usize = 2;

/// GSSAPI calls wait for a KDC on threads of their own.
const BLOCKING_THREADS: usize = 4;

/// Where sessions run.
pub fn io() -> io::Result<Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    handle(&RUNTIME, "cornac-io", bells::defer, || {
        std::env::var(IO_THREADS)
            .ok()
            .and_then(|n| n.parse().ok())
            .filter(|n| (1..=64).contains(n))
            .unwrap_or(1)
    })
}

/// Where sockets are opened and sessions authenticated.
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
            .on_thread_park(|| {
                bells::ring();
                pace::rest();
            })
            .enable_all()
            .build()
            .ok()
    })
    .as_ref()
    .map(|runtime| runtime.handle().clone())
    .ok_or_else(|| io::Error::other("the system refused the driver's threads"))
}
