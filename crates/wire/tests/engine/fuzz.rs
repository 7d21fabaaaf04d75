//! Hostile input, made by mutation: no panic, no endless work, no record that JavaScript could misread.
//!
//! Each function takes a seed and does with it always the same. `examples/fuzz.rs` runs them for as long as one
//! likes.

use std::time::Instant;

use bytes::BytesMut;
use cornac_wire::{
    cells::{Chunk, Head, RowError},
    description::{Column, Source},
    param,
    type_options::TypeOptions,
    types::{self, SessionTypes},
};

use crate::support::{
    chance::Chance,
    exchanges::{EXCHANGES, bytes, cache_size},
    lab::{self, Lab},
    reader::{Reader, Told},
    script::Script,
};

/// A step of an exchange.
enum Step {
    Call(&'static str),
    Answer(Vec<u8>),
    Cancel,
    End,
}

/// What is mutated.
pub(crate) struct Corpus {
    exchanges: Vec<(usize, Vec<Step>)>,
    /// The messages of all exchanges, to put where they do not belong.
    answers: Vec<Vec<u8>>,
    queue: lab::Queue,
}

/// Numbers that lie at the edge of something.
const EDGES: &[u32] =
    &[0, 1, 3, 4, 5, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x10_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

impl Corpus {
    pub(crate) fn new() -> Self {
        let step = |line: &'static str| match line.split(' ').next().unwrap() {
            "<" => Some(Step::Answer(bytes(&line[2..]))),
            ">" | "=" | "cache" => None,
            "cancel" => Some(Step::Cancel),
            "eof" => Some(Step::End),
            _ => Some(Step::Call(line)),
        };
        let exchanges: Vec<(usize, Vec<Step>)> = EXCHANGES
            .iter()
            .map(|(_, exchange)| (cache_size(exchange), exchange.lines().filter_map(step).collect()))
            .collect();
        let steps = exchanges.iter().flat_map(|(_, steps)| steps);
        let answers = steps.filter_map(|step| match step {
            Step::Answer(answer) => Some(answer.clone()),
            _ => None,
        });
        let answers = answers.collect();
        let queue = lab::Queue::default();
        Self { exchanges, answers, queue }
    }

    /// An exchange in which some of the server's messages are not what they were. Returns how many it took.
    pub(crate) fn stream(&self, seed: u64) -> u64 {
        let mut chance = Chance::new(seed);
        let (cache, steps) = chance.pick(&self.exchanges);
        let (mut lab, mut script) = (Lab::new(*cache), Script::default());
        let odds = *chance.pick(&[3, 10, 40]);
        let (mut asked, mut ended, mut messages) = (0, 0, 0);
        for step in steps {
            match step {
                Step::Call(line) => {
                    let call = !line.starts_with("abandon") && !line.starts_with("close");
                    asked += u32::from(script.line(&mut lab, line) && call);
                    lab.sent_bytes();
                }
                Step::Answer(answer) => {
                    messages += 1;
                    if chance.one_in(odds) {
                        let answer = self.mutate(answer, &mut chance);
                        lab.hear_bytes(&answer);
                    } else {
                        lab.hear_bytes(answer);
                    }
                    lab.sent_bytes();
                }
                Step::Cancel => {
                    lab.wait(100);
                    if lab.wants_cancel() {
                        lab.cancel_closed();
                    }
                }
                Step::End => lab.engine.receive_end(),
            }
            if chance.one_in(200) {
                lab.wait(chance.word() % 6_000);
            }
            ended += count_ends(&lab.records());
        }
        lab.engine.receive_end();
        ended += count_ends(&lab.records());
        assert_eq!(asked, ended, "calls and their ends");
        messages
    }

    fn mutate(&self, answer: &[u8], chance: &mut Chance) -> Vec<u8> {
        let mut answer = answer.to_vec();
        for _ in 0..=chance.below(3) {
            match chance.below(9) {
                0 => answer.extend(chance.pick(&self.answers).clone()),
                1 => answer = [chance.pick(&self.answers).clone(), answer].concat(),
                2 => answer.clear(),
                3 => answer.truncate(chance.below(answer.len() + 1)),
                4 => answer = vec![chance.byte(); chance.below(40)],
                5 => fix_length(&mut answer),
                _ => scramble(&mut answer, chance),
            }
        }
        if chance.one_in(2) {
            fix_length(&mut answer);
        }
        answer
    }

    /// A row of columns of random types, damaged.
    pub(crate) fn row(&self, seed: u64) -> u64 {
        let mut chance = Chance::new(seed);
        let oids = types::all();
        let columns: Vec<Column> = (0..chance.below(6))
            .map(|index| {
                let type_oid = chance.pick(oids).oid;
                let is_text = chance.one_in(4);
                Column { name: format!("c{index}"), type_oid, source: Source::NONE, is_text }
            })
            .collect();
        let options = TypeOptions(u32::from_be_bytes([0, chance.byte(), chance.byte(), chance.byte()]));
        let shape = lab::shapes(&self.queue).intern(columns, &SessionTypes::builtin(options));
        let (mut chunk, mut out) = (Chunk::default(), Vec::new());
        for _ in 0..=chance.below(3) {
            let body = self.row_body(shape.cells.len(), &mut chance);
            match chunk.push(&shape, &body) {
                Ok(()) => {}
                Err(RowError::Value(misfit)) => {
                    assert!(misfit.column < shape.cells.len());
                    chunk.clear();
                }
                Err(RowError::Frame(_) | RowError::Unknown { .. }) => chunk.clear(),
            }
        }
        chunk.flush(Some(&shape), Head { request: 1, last: true, status: b'I', tag: b"" }, &mut out);
        let mut queue = self.queue.lock().unwrap();
        let announced = std::mem::take(&mut *queue);
        drop(queue);
        let mut reader = Reader::default();
        reader.read(&announced);
        reader.read(&out);
        drop(shape);
        self.queue.lock().unwrap().clear();
        1
    }

    fn row_body(&self, columns: usize, chance: &mut Chance) -> Vec<u8> {
        let mut body = u16::try_from(columns).unwrap().to_be_bytes().to_vec();
        for _ in 0..columns {
            let value: Vec<u8> = match chance.below(10) {
                0 => {
                    body.extend((-1_i32).to_be_bytes());
                    continue;
                }
                // An array's head: dimensions, flags, element type, length, lower bound.
                1 => {
                    let length = u32::try_from(chance.below(4)).unwrap();
                    let mut value: Vec<u8> = [1, 0, 23, length, 1].map(u32::to_be_bytes).concat();
                    for _ in 0..length {
                        value.extend(4_u32.to_be_bytes());
                        value.extend([0, 0, 0, chance.byte()]);
                    }
                    value
                }
                // A range of two bounds, or a multirange of such ranges.
                8 => range(chance),
                9 => {
                    let ranges: Vec<Vec<u8>> = (0..chance.below(3)).map(|_| range(chance)).collect();
                    let mut value = u32::try_from(ranges.len()).unwrap().to_be_bytes().to_vec();
                    for range in ranges {
                        value.extend(u32::try_from(range.len()).unwrap().to_be_bytes());
                        value.extend(range);
                    }
                    value
                }
                // A document, for what is read as json or jsonb.
                6 => document(chance, 4).into_bytes(),
                7 => [b"\x01", document(chance, 4).as_bytes()].concat(),
                2 if chance.one_in(2) => {
                    let literal = *chance.pick(&[
                        "{a,NULL,\"b \\\" c\"}",
                        "[2:3]={{1},{2}}",
                        "{}",
                        "{{a},b}",
                        "{\"\"}",
                    ]);
                    literal.as_bytes().to_vec()
                }
                2 => "gr\u{fc}n \u{1f418}".as_bytes()[..chance.below(10)].to_vec(),
                3 => vec![chance.byte(); *chance.pick(&[1, 2, 4, 8, 12, 16])],
                _ => (0..*chance.pick(&[1, 2, 4, 8, 12, 16, 20, 40])).map(|_| chance.byte()).collect(),
            };
            body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
            body.extend(value);
        }
        if chance.one_in(2) {
            scramble(&mut body, chance);
        }
        body
    }

    /// Arguments for parameters of random types, damaged.
    pub(crate) fn argument(&self, seed: u64) -> u64 {
        let mut chance = Chance::new(seed);
        let mut buffer = Vec::new();
        for _ in 0..=chance.below(3) {
            value(&mut buffer, 0, &mut chance);
        }
        if chance.one_in(2) {
            scramble(&mut buffer, &mut chance);
        }
        let mut reader = param::Reader::new(&buffer);
        let mut out = BytesMut::from(&b"before"[..]);
        for _ in 0..6 {
            let Ok(argument) = reader.next() else { break };
            let oid = if chance.one_in(20) { 99_999 } else { chance.pick(types::all()).oid };
            let before = out.len();
            match param::encode(&argument, oid, &SessionTypes::default(), &mut out) {
                Ok(_) => {
                    let length = i32::from_be_bytes(out[before..before + 4].try_into().unwrap());
                    let length = usize::try_from(length).unwrap_or(0);
                    assert_eq!(out.len() - before, 4 + length, "a value's length");
                }
                Err(refusal) => {
                    assert_eq!(out.len(), before, "a refused argument left something behind");
                    assert!(!refusal.reason.is_empty());
                    let _ = param::describe(&argument);
                }
            }
        }
        1
    }
}

fn range(chance: &mut Chance) -> Vec<u8> {
    let flags = if chance.one_in(4) { chance.byte() } else { 2 };
    let mut value = vec![flags];
    for _ in 0..2 {
        let bound = if chance.one_in(2) { vec![chance.byte(); 4] } else { vec![chance.byte(); 8] };
        value.extend(u32::try_from(bound.len()).unwrap().to_be_bytes());
        value.extend(bound);
    }
    value
}

fn count_ends(told: &[Told]) -> u32 {
    u32::try_from(told.iter().filter(|told| told.ends().is_some()).count()).unwrap()
}

/// Makes the length of a message that of its body.
fn fix_length(message: &mut [u8]) {
    if message.len() >= 5 {
        let length = u32::try_from(message.len() - 1).unwrap();
        message[1..5].copy_from_slice(&length.to_be_bytes());
    }
}

/// Changes bytes, words at the edge of something, and lengths.
fn scramble(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = chance.byte(),
            1 => bytes[at] ^= 1 << chance.below(8),
            2 => {
                let edge = chance.pick(EDGES);
                let word = if chance.one_in(2) { edge.to_be_bytes() } else { edge.to_le_bytes() };
                for (place, byte) in bytes[at..].iter_mut().zip(word) {
                    *place = byte;
                }
            }
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, chance.byte()),
            _ => {
                let end = at + chance.below(bytes.len() - at + 1);
                let run = bytes[at..end].to_vec();
                bytes.splice(at..at, run);
            }
        }
    }
}

/// An argument as the facade writes it.
fn value(out: &mut Vec<u8>, depth: usize, chance: &mut Chance) {
    const TEXTS: &[&str] =
        &["", "1", "-12.5e3", "{1,2}", "{\"a\": [1]}", "gr\u{fc}n", "12345678901234567890", "\0"];
    const NUMBERS: &[f64] =
        &[0.0, -0.0, 1.5, 1e300, f64::NAN, f64::INFINITY, 9_007_199_254_740_993.0, -2_147_483_649.0];
    let tag = u8::try_from(chance.below(if depth > 3 { 12 } else { 14 })).unwrap();
    out.push(tag);
    match tag {
        0..=2 => {}
        3 => out.extend(chance.pick(EDGES).to_le_bytes()),
        4 | 9 => out.extend(chance.pick(NUMBERS).to_le_bytes()),
        5 => out.extend(chance.word().to_le_bytes()),
        12 => {
            let mut elements = Vec::new();
            let count = chance.below(5);
            for _ in 0..count {
                value(&mut elements, depth + 1, chance);
            }
            out.extend(u32::try_from(elements.len()).unwrap().to_le_bytes());
            out.extend(u32::try_from(count).unwrap().to_le_bytes());
            out.extend(elements);
            out.extend(u32::MAX.to_le_bytes());
        }
        _ => {
            let text = chance.pick(TEXTS);
            out.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            out.extend(text.as_bytes());
        }
    }
}

/// One input of each kind in turn: most are cheap, a stream is a whole session. Returns the messages it took.
pub(crate) fn input(corpus: &Corpus, seed: u64) -> u64 {
    match seed % 4 {
        0 => corpus.stream(seed),
        1 | 2 => corpus.row(seed),
        _ => corpus.argument(seed),
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

/// A JSON document, now and then of equal keys or what is no JSON at all.
fn document(chance: &mut Chance, depth: usize) -> String {
    let key = |chance: &mut Chance| *chance.pick(&["a", "b", "__proto__", "0", "", "\\u00fc", "\\ud800"]);
    match chance.below(if depth == 0 { 4 } else { 7 }) {
        0 => (*chance.pick(&["null", "true", "false", "tru"])).to_owned(),
        1 => (*chance.pick(&["0", "-0", "1e400", "2147483648", "0.1", "18446744073709551616", "01"]))
            .to_owned(),
        2 => format!("\"{}\"", key(chance)),
        3 => format!("\"{}\"", "\u{1f418}".repeat(chance.below(40_000))),
        4 => {
            let list: Vec<String> = (0..chance.below(4)).map(|_| document(chance, depth - 1)).collect();
            format!("[{}]", list.join(","))
        }
        _ => {
            let members: Vec<String> = (0..chance.below(4))
                .map(|_| format!("\"{}\": {}", key(chance), document(chance, depth - 1)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}
