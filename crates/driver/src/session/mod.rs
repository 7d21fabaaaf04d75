//! A session after login: the engine, its socket, and the task that joins them.

mod inbox;
mod stream;
mod task;

pub use inbox::{Command, Handle};
pub use task::{Start, hand_on, start};
