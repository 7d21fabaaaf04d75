//! The binding: requests down, records up. It decides nothing.
//!
//! JavaScript encodes the requests of one tick into a buffer and hands it over with [`core::Core::submit`]; records
//! come up through the environment's completion queue, with one wake-up for many of them, and are drained into a
//! buffer that JavaScript owns. There is no call per query, row or value.

// Node-API is C: what is unsafe is here and in crates/gss, each with its argument.
#![allow(unsafe_code)]

mod attempt;
mod connecting;
mod core;
mod environment;
mod submission;
mod table;
mod traffic;
#[cfg(unix)]
mod watch;
#[cfg(not(unix))]
#[path = "no_watch.rs"]
mod watch;

/// The version of the driver. The JavaScript that loads the binary must have the same: what the two say to each other is
/// their own matter and changes.
#[napi_derive::napi(skip_typescript)]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
