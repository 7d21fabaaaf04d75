//! How long the packing of rows takes, by kind of result: nanoseconds a row, the best of several rounds.
//!
//! ```sh
//! cargo run --release -p cornac-wire --example decode
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that fails is void"
)]

#[path = "../tests/engine/support/mod.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod support;

use std::{
    error::Error,
    hint::black_box,
    io::{self, Write},
    time::Instant,
};

use bytes::BytesMut;
use cornac_wire::{
    cells::{Chunk, Head},
    description::{Column, Source},
    frame,
    types::SessionTypes,
};
use support::{
    answers::{self, columns, complete, parameters, parse_complete, ready},
    lab::{self, Lab, Queue, query},
};

struct Work {
    name: &'static str,
    columns: &'static [(&'static str, u32)],
    rows: usize,
    row: fn(usize) -> Vec<u8>,
}

const WORKS: &[Work] = &[
    Work { name: "1,000 x int4", columns: &[("n", 23)], rows: 1_000, row: int },
    Work {
        name: "10,000 x 8 mixed",
        columns: &[
            ("id", 20),
            ("name", 25),
            ("email", 25),
            ("active", 16),
            ("score", 701),
            ("made", 1184),
            ("count", 23),
            ("data", 3802),
        ],
        rows: 10_000,
        row: mixed,
    },
    Work { name: "1,000 x text of 16", columns: &[("t", 25)], rows: 1_000, row: short },
    Work { name: "100 x int4[100]", columns: &[("a", 1007)], rows: 100, row: array },
    Work { name: "1,000 x numeric", columns: &[("n", 1700)], rows: 1_000, row: numeric },
];

fn number(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap().to_be_bytes()
}

fn int(n: usize) -> Vec<u8> {
    answers::row(&[Some(&number(n))])
}

fn short(_: usize) -> Vec<u8> {
    answers::row(&[Some(b"sixteen letters.")])
}

fn numeric(n: usize) -> Vec<u8> {
    let [_, _, high, low] = number(n % 10_000);
    answers::row(&[Some(&[0, 2, 0, 0, 0, 0, 0, 2, high, low, 0x04, 0xd2])])
}

fn mixed(n: usize) -> Vec<u8> {
    let id = u64::try_from(n).unwrap().to_be_bytes();
    let name = format!("name of {n:08}");
    let email = format!("somebody.{n:08}@example.org");
    let made = 700_000_000_000_000_u64.to_be_bytes();
    let score = 1.25_f64.to_be_bytes();
    answers::row(&[
        Some(&id),
        Some(name.as_bytes()),
        if n.is_multiple_of(10) { None } else { Some(email.as_bytes()) },
        Some(&[1]),
        Some(&score),
        Some(&made),
        Some(&number(n)),
        Some(b"\x01{\"kind\": \"example\", \"tags\": [\"a\", \"b\"]}"),
    ])
}

fn array(_: usize) -> Vec<u8> {
    let mut value: Vec<u8> = [1, 0, 23, 100, 1].map(u32::to_be_bytes).concat();
    for n in 0..100 {
        value.extend([4_u32.to_be_bytes(), number(n)].concat());
    }
    answers::row(&[Some(&value)])
}

/// Nanoseconds for each of `rows`, the best of many rounds.
fn best(rows: usize, mut round: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    let begin = Instant::now();
    while begin.elapsed().as_millis() < 700 {
        let started = Instant::now();
        round();
        best = best.min(started.elapsed().as_secs_f64());
    }
    best * 1e9 / f64::from(u32::try_from(rows).unwrap())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    for work in WORKS {
        let messages: Vec<Vec<u8>> = (0..work.rows).map(work.row).collect();
        let packed = pack(work, &messages);
        let received = receive(work, &messages);
        writeln!(out, "{:20} {packed:7.1} ns a row packed, {received:7.1} with the engine", work.name)?;
    }
    Ok(())
}

fn pack(work: &Work, messages: &[Vec<u8>]) -> f64 {
    let shapes = lab::shapes(&Queue::default());
    let column = |(name, oid): &(&str, u32)| Column {
        name: (*name).to_owned(),
        type_oid: *oid,
        source: Source::NONE,
        is_text: false,
    };
    let shape = shapes.intern(work.columns.iter().map(column).collect(), &SessionTypes::default());
    let stream = messages.concat();
    let (mut chunk, mut records) = (Chunk::default(), Vec::new());
    best(work.rows, || {
        let mut rest = &stream[..];
        while let Ok(Some(frame)) = frame::first(rest, 1 << 20) {
            rest = &rest[frame::HEADER + frame.body.len()..];
            chunk.push(&shape, frame.body).unwrap();
            if chunk.is_full() {
                chunk.flush(Some(&shape), Head::default(), &mut records);
            }
        }
        chunk.flush(Some(&shape), Head::default(), &mut records);
        black_box(&records);
        records.clear();
    })
}

fn receive(work: &Work, messages: &[Vec<u8>]) -> f64 {
    let mut lab = Lab::new(10);
    let sql = query("select");
    lab.fetch(1, &sql);
    lab.sent_bytes();
    lab.hear_bytes(&[parse_complete(), parameters(&[]), columns(work.columns), ready(b'I')].concat());
    let answer = [answers::bind_complete(), messages.concat(), complete("SELECT"), ready(b'I')].concat();
    lab.sent_bytes();
    let mut first = true;
    best(work.rows, || {
        if !first {
            lab.fetch(1, &sql);
            lab.sent_bytes();
        }
        first = false;
        let mut input = BytesMut::from(&answer[..]);
        while lab.engine.receive(&mut input, lab::BUDGET, lab.now) {
            black_box(lab.engine.take_records());
            lab.engine.records_handed_on();
        }
        black_box(lab.engine.take_records());
        lab.engine.records_handed_on();
    })
}
