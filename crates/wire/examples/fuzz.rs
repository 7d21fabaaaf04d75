//! Hostile input for as long as one likes: `tests/engine/fuzz` makes it.
//!
//! ```sh
//! cargo run --release -p cornac-wire --example fuzz -- 10000000      # inputs
//! cargo run --release -p cornac-wire --example fuzz -- 10000000 4711 # from this seed on
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a finding is told by panicking")]

#[path = "../tests/engine/fuzz/mod.rs"]
mod fuzz;
#[path = "../tests/engine/support/mod.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod support;

use std::{
    error::Error,
    fs,
    io::{self, Write},
    time::Instant,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let count = arguments.next().unwrap_or(Ok(1_000_000))?;
    let seed = arguments.next().unwrap_or(Ok(0))?;
    let started = Instant::now();
    let mut out = io::stdout();
    let (mut at, mut messages, mut slowest) = (seed, 0, (0, 0));
    while at < seed + count {
        let end = (at + 1_000_000).min(seed + count);
        let totals = fuzz::run(at..end, None);
        messages += totals.messages;
        slowest = slowest.max(totals.slowest);
        at = end;
        writeln!(
            out,
            "{} inputs, {messages} messages, slowest {} us (seed {}), {} s, peak memory {}",
            at - seed,
            slowest.0,
            slowest.1,
            started.elapsed().as_secs(),
            peak_memory()
        )?;
    }
    Ok(())
}

/// The most memory this process ever had, where the system tells.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown".to_owned(), |peak| peak.trim().to_owned())
}
