//! A conversation carried by a simulator: an in-memory socket, a model of a server, virtual time and accidents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accidents;
mod alone;
mod closing;
mod copies;
mod costs;
mod credit;
mod link;
mod memory;
mod schedules;
mod server;
#[path = "../../../wire/tests/engine/support/mod.rs"]
#[allow(dead_code, reason = "the tests of the engine use the rest")]
mod support;
mod world;
