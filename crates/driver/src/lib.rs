//! Sockets, TLS, start-up and the task of a session: everything around `cornac-wire` that waits.

pub mod cancel;
pub mod completions;
pub mod connect;
pub mod databases;
pub mod description_groups;
pub mod error;
mod login;
mod negotiate;
pub mod options;
pub mod panic_hooks;
pub mod poolers;
mod progress;
pub mod runtime;
pub mod session;
pub mod socket;
mod stranger;
pub mod tls;

pub use error::ConnectError;
