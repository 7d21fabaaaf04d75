//! The driver's own threads. What may hold a thread for long has threads of its own, so that it holds up nothing else.
//!
//! | thread | runs | may be held for |
//! |---|---|---|
//! | `cornac-io`, one by default | every session | microseconds |
//! | `cornac-login`, one, and another for logins at the same time | connecting, TLS handshakes, the messages of start-up | about a millisecond, by a signature |
//! | `cornac-cancel`, one | cancel connections | the same |
//! | `cornac-keys`, two | keys of passwords | as long as a server asks for, at most about 0.1 s |
//! | `cornac-login`, up to four more for each | preparing TLS, looking users up | as long as files and directories take |
//! | `cornac-kerberos`, up to four | GSSAPI and SSPI | as long as a KDC takes |
//!
//! All are made when they are first needed and live as long as the process.

mod bells;
mod keys;
mod logins;
mod pace;
mod threads;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};

pub(crate) use bells::{ring_when_idle, turn_ended};
pub(crate) use keys::derive;
pub use logins::login;
pub(crate) use pace::Load;
use threads::Threads;

/// The environment variable that sets the number of threads that run sessions, 1 by default.
pub const IO_THREADS: &str = "CORNAC_IO_THREADS";

const MAX_IO_THREADS: usize = 64;
const CANCEL_THREADS: usize = 1;
const BLOCKING_THREADS: usize = 4;

static IO_THREAD_COUNT: AtomicUsize = AtomicUsize::new(1);

static IO: Threads = Threads::new(Builder::new_multi_thread);
static CANCELS: Threads = Threads::new(Builder::new_multi_thread);
/// Nothing ever runs on its scheduler: only its blocking threads are used.
static KERBEROS: Threads = Threads::new(Builder::new_current_thread);

/// Asks the environment for all that is wanted of it, and sets the number of threads that run sessions by the value of
/// [`IO_THREADS`]. Without a number from 1 to 64 there is one thread. A number that comes after the first session has
/// started has no effect. Environment variables are read on JavaScript's threads only, since the C library allows nobody to
/// read them while somebody sets one.
pub fn prepare(io_threads: Option<&str>) {
    let threads = io_threads.and_then(|text| text.parse().ok()).filter(|n| (1..=MAX_IO_THREADS).contains(n));
    IO_THREAD_COUNT.store(threads.unwrap_or(1), Ordering::Relaxed);
    for threads in [&IO, &CANCELS, &KERBEROS] {
        threads.prepare();
    }
    logins::prepare();
}

/// Where sessions run.
pub fn io() -> io::Result<Handle> {
    handle(&IO, "cornac-io", IO_THREAD_COUNT.load(Ordering::Relaxed), bells::defer)
}

/// Where cancel connections run: they never wait behind logins.
pub fn cancels() -> io::Result<Handle> {
    handle(&CANCELS, "cornac-cancel", CANCEL_THREADS, || {})
}

/// Runs a call of the Kerberos library. `None` when there is no thread for it, or it panicked.
pub(crate) async fn ask_kerberos<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let runtime = KERBEROS.get(|builder| {
        builder.max_blocking_threads(BLOCKING_THREADS).thread_name("cornac-kerberos");
    });
    runtime.ok()?.spawn_blocking(work).await.ok()
}

fn handle(
    made: &'static Threads,
    name: &'static str,
    threads: usize,
    on_thread_start: fn(),
) -> io::Result<Handle> {
    made.get(|builder| {
        builder
            .worker_threads(threads)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name(name)
            .on_thread_start(on_thread_start)
            .on_thread_park(|| {
                bells::ring();
                pace::rest();
            })
            .enable_all();
    })
}
