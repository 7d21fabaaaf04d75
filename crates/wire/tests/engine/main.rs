//! The state machine of a session, fed by hand: what it writes, what it tells, and what it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod calls;
mod cancel;
mod closing;
mod column_formats;
mod comments;
mod copy;
mod copy_in;
mod credit;
mod fuzz;
mod hit;
mod hostile;
mod kept;
mod large;
mod limits;
mod look_ups;
mod loss;
mod many;
mod opening;
mod poolers;
mod portals;
mod recorded;
mod reservations;
mod shapes;
mod shared_descriptions;
mod simulation;
mod staleness;
mod statements;
mod states;
mod support;
mod times;
mod typed_arguments;
mod writing;
