//! Hostile input, made by mutation: no panic, no endless work, no record that JavaScript could misread.
//!
//! Each function takes a seed and does with it always the same. `examples/fuzz.rs` runs them for as long as one
//! likes.

mod arguments;
mod mutation;
mod rows;
mod streams;

use std::time::Instant;

use streams::Corpus;

/// One input of each kind in turn: most are cheap, a stream is a whole session. Returns the messages it took.
pub(crate) fn input(corpus: &Corpus, seed: u64) -> u64 {
    match seed % 4 {
        0 => corpus.stream(seed),
        1 | 2 => rows::row(seed),
        _ => arguments::argument(seed),
    }
}

/// Runs the inputs of these seeds until `end`; the first that fails panics with its seed.
pub(crate) fn run(seeds: std::ops::Range<u64>, end: Option<Instant>) -> Totals {
    let corpus = Corpus::new();
    let mut totals = Totals::default();
    for seed in seeds {
        let started = Instant::now();
        if end.is_some_and(|end| started > end) {
            break;
        }
        let attempt = std::panic::AssertUnwindSafe(|| input(&corpus, seed));
        match std::panic::catch_unwind(attempt) {
            Ok(messages) => totals.messages += messages,
            Err(_) => panic!("input {seed} failed"),
        }
        totals.inputs += 1;
        totals.slowest = totals.slowest.max((started.elapsed().as_micros(), seed));
    }
    totals
}

#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) inputs: u64,
    pub(crate) messages: u64,
    /// Microseconds of the input that took longest, and its seed.
    pub(crate) slowest: (u128, u64),
}

#[test]
fn hostile_input_is_survived() {
    let totals = run(0..400_000, Some(Instant::now() + std::time::Duration::from_secs(5)));
    assert!(totals.inputs > 0);
}
