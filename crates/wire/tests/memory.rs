//! Nothing grows with the number of different queries, and nothing stays of large values.
//!
//! `CORNAC_STATEMENTS` says how many queries are run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "engine/support/mod.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use support::{
    answers::*,
    arguments,
    lab::{Lab, fetch, options, query},
};

/// They measure the process: one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static MEASURING: Mutex<()> = Mutex::new(());
    MEASURING.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    let _alone = alone();
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

/// Bytes of a large value.
const LARGE: usize = 4 << 20;

/// Records are taken, and not looked at.
fn drop_records(lab: &mut Lab) {
    lab.engine.take_records();
    lab.engine.records_handed_on();
    *lab.queue.lock().unwrap() = Vec::new();
}

/// Runs a statement that takes an argument of this type and returns its column.
fn exchange(lab: &mut Lab, parameter: u32, argument: Vec<u8>, column: u32, value: &[u8]) {
    // Another text each time, so that it is described.
    let sql = format!("select $1, {column} {:?}", value.as_ptr());
    lab.submit(fetch(1, &query(&sql), &[argument]));
    lab.sent_bytes();
    let described = [parse_complete(), parameters(&[parameter]), columns(&[("a", column)]), ready(b'I')];
    lab.hear_bytes(&described.concat());
    // The socket takes it in pieces.
    lab.engine.pump(lab.now);
    while !lab.engine.output().is_empty() {
        let some = lab.engine.output().len().min(64 * 1024);
        lab.engine.written(some, lab.now);
    }
    lab.hear_bytes(&[bind_complete(), row(&[Some(value)]), complete("SELECT 1"), ready(b'I')].concat());
    drop_records(lab);
    assert!(!lab.engine.is_ended());
}

#[test]
fn sessions_that_had_large_values_keep_no_room_for_them() {
    let _alone = alone();
    let small = || arguments::text("a");
    let ascii = "x".repeat(LARGE);
    let latin = "\u{e9}".repeat(LARGE / 2);
    let wide = "\u{263a}".repeat(LARGE / 3);
    let mut integers = [1_u32, 0, 23, u32::try_from(LARGE / 8).unwrap(), 1].map(u32::to_be_bytes).concat();
    integers.extend([0, 0, 0, 4, 0, 0, 0, 1].repeat(LARGE / 8));
    let document = format!("[{}1]", "1,".repeat(400_000));
    let keys: Vec<String> = (0..60_000).map(|key| format!("\"{key}\": 1")).collect();
    let object = format!("{{{}}}", keys.join(","));

    let round = |sessions: &mut Vec<Lab>| {
        for lab in sessions.iter_mut() {
            exchange(lab, 25, arguments::text(&ascii), 23, &[0, 0, 0, 1]);
            for text in [&ascii, &latin, &wide] {
                exchange(lab, 25, small(), 25, text.as_bytes());
            }
            exchange(lab, 25, small(), 17, ascii.as_bytes());
            exchange(lab, 25, small(), 1007, &integers);
            for json in [&document, &object] {
                exchange(lab, 25, small(), 114, json.as_bytes());
            }
            // What the driver refuses was composed before.
            let refused = [arguments::text(&ascii), arguments::refused("undefined")];
            lab.submit(fetch(1, &query("select $1, $2"), &refused));
            lab.sent_bytes();
            let described = [parse_complete(), parameters(&[25, 25]), columns(&[("a", 23)]), ready(b'I')];
            lab.hear_bytes(&described.concat());
            lab.sent_bytes();
            drop_records(lab);
        }
    };
    let session = || {
        let mut options = options(100);
        options.message_limit = 1 << 30;
        Lab::with(options)
    };
    // What the allocator keeps of the first is no matter.
    round(&mut vec![session()]);
    let Some(before) = resident() else { return };
    let mut sessions: Vec<Lab> = (0..4).map(|_| session()).collect();
    round(&mut sessions);
    let grown = resident().unwrap().saturating_sub(before);
    // Each may keep what a few ordinary rows take.
    assert!(grown < 4 * 2_048, "4 sessions keep {grown} KiB");
}
