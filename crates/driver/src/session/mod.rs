//! A session after login, in two halves.
//!
//! The [`Conversation`] is the engine, its socket with or without TLS, and what closing and time ask for. It never
//! waits and knows no runtime: one [`Conversation::step`] does what can be done now and says what it waits for. A
//! carrier does the waiting: here a task of tokio's, in tests a simulator. A call that comes alone is written by the thread
//! that sends it ([`Handle::send_alone`]), and a session that has no others for a while is read by that thread too: its
//! socket is lent to a [`Lookout`].

mod cancelling;
mod carrier;
mod closing;
mod conversation;
mod duplex;
mod handle;
mod inbox;
mod input;
#[cfg(unix)]
mod lookout;
#[cfg(not(unix))]
#[path = "no_lookout.rs"]
mod lookout;
#[cfg(unix)]
mod own;
mod places;
mod records;
mod rest;
mod sockets;
mod start;
mod stream;

pub use conversation::{Conversation, Next, Step};
pub use duplex::Duplex;
pub use handle::Handle;
pub use inbox::Command;
pub use lookout::Lookout;
pub use records::{hand_on, read_answer};
pub use start::{Start, start};
