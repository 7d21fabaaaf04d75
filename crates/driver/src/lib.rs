//! Sockets, TLS, start-up and the task of a session: everything around `cornac-wire` that waits.

pub mod cancel;
pub mod connect;
pub mod error;
mod login;
pub mod panic_hooks;
pub mod runtime;
pub mod session;
pub mod socket;
pub mod tls;

pub use error::ConnectError;
