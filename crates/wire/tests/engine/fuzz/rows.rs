//! Rows whose values are no values of their columns' types.

use cornac_wire::{
    cells::{Chunk, Head, RowError},
    description::{Column, Source},
    type_options::TypeOptions,
    types::{self, SessionTypes},
};

use super::mutation::scramble;
use crate::support::{chance::Chance, lab, reader::Reader};

/// A row of columns of random types, damaged.
pub(super) fn row(seed: u64) -> u64 {
    let mut chance = Chance::new(seed);
    let oids = types::all();
    let queue = lab::Queue::default();
    let columns: Vec<Column> = (0..chance.below(6))
        .map(|index| {
            let type_oid = chance.pick(oids).oid;
            let is_text = chance.one_in(4);
            Column { name: format!("c{index}"), type_oid, source: Source::NONE, is_text }
        })
        .collect();
    let options = TypeOptions(u32::from_be_bytes([0, chance.byte(), chance.byte(), chance.byte()]));
    let shape = lab::shapes(&queue).intern(columns, &SessionTypes::builtin(options));
    let (mut chunk, mut out) = (Chunk::default(), Vec::new());
    for _ in 0..=chance.below(3) {
        let body = row_body(shape.columns.len(), &mut chance);
        match chunk.push(&shape, &body) {
            Ok(()) => {}
            Err(RowError::Value(misfit)) => {
                assert!(misfit.column < shape.columns.len());
                chunk.clear();
            }
            Err(RowError::Frame(_) | RowError::Unknown { .. }) => chunk.clear(),
        }
    }
    chunk.flush(Some(&shape), Head { request: 1, last: true, status: b'I', tag: b"" }, &mut out);
    let announced = std::mem::take(&mut *queue.lock().unwrap());
    let mut reader = Reader::default();
    reader.read(&announced);
    reader.read(&out);
    1
}

fn row_body(columns: usize, chance: &mut Chance) -> Vec<u8> {
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
                let literal =
                    *chance.pick(&["{a,NULL,\"b \\\" c\"}", "[2:3]={{1},{2}}", "{}", "{{a},b}", "{\"\"}"]);
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
