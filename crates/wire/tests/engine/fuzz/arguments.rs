//! Arguments that are damaged, or of no use to the types of their parameters.

use bytes::BytesMut;
use cornac_wire::{
    param,
    types::{self, SessionTypes},
};

use super::mutation::{EDGES, scramble};
use crate::support::chance::Chance;

/// Arguments for parameters of random types, damaged.
pub(super) fn argument(seed: u64) -> u64 {
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
