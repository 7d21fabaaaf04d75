//! Nothing grows with the number of different queries.
//!
//! `CORNAC_STATEMENTS` says how many are run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "engine/support/mod.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod support;

use support::{
    answers::*,
    lab::{Lab, query},
};

/// KiB of this process in memory, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Descriptions that a session remembers, and with them shapes, are at most so many.
const REMEMBERED: usize = 512;

#[test]
fn a_million_different_statements_and_shapes_leave_memory_flat() {
    let count: usize = std::env::var("CORNAC_STATEMENTS").map_or(100_000, |value| value.parse().unwrap());
    let (mut kept, mut uncached) = (Lab::new(100), Lab::new(0));
    let mut early = None;
    for number in 0..count {
        let sql = query(&format!("select {number} as a_column_of_its_own_{number}"));
        let name = format!("a_column_of_its_own_{number}");
        let columns_ = columns(&[(&name, 23)]);
        let portal_ = binary_columns(&[(&name, 23)]);
        for (lab, again) in [(&mut kept, false), (&mut uncached, true)] {
            lab.fetch(1, &sql);
            lab.sent_bytes();
            lab.hear_bytes(&[parse_complete(), parameters(&[]), columns_.clone(), ready(b'I')].concat());
            lab.engine.pump(lab.now);
            lab.sent_bytes();
            // Statements that were evicted are closed in front.
            if number >= 100 && !again {
                lab.hear_bytes(&close_complete());
            }
            let parsed = if again { parse_complete() } else { Vec::new() };
            let portal = if again { portal_.clone() } else { Vec::new() };
            let answer = [bind_complete(), portal, int_row(7), complete("SELECT 1"), ready(b'I')].concat();
            lab.hear_bytes(&[parsed, answer].concat());
            let ended = lab.records().iter().filter_map(|told| told.ends()).count();
            assert_eq!((ended, lab.engine.is_ended()), (1, false), "statement {number}");
        }
        assert!(kept.reader.shapes() <= REMEMBERED && uncached.reader.shapes() <= REMEMBERED);
        if number == count / 5 {
            early = resident();
        }
    }
    if let (Some(early), Some(late)) = (early, resident()) {
        assert!(late <= early + 2_048, "memory went from {early} to {late} KiB");
    }
}
