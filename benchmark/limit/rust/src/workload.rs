//! The workload's file, and how much of an answer the bare loop looks at.

use std::fs;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::connection::Outcome;

#[derive(Deserialize)]
pub struct Workload {
    pub sql: String,
    pub columns: Vec<(String, String)>,
    argument: Option<Argument>,
}

#[derive(Deserialize)]
struct Argument {
    from: i64,
    count: i64,
    step: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    pub calls: u64,
    pub rows: u64,
    pub integer_sum: i64,
}

impl Workload {
    pub fn argument(&self, n: u64) -> Option<i64> {
        let n = i64::try_from(n).unwrap_or_default();
        self.argument.as_ref().map(|walk| walk.from + n * walk.step % walk.count)
    }
}

pub fn read<T: DeserializeOwned>(path: &str) -> Outcome<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// Integers are summed, to prove that the answer is the right one; other values are only walked over.
#[derive(Clone, Copy)]
pub enum Kind {
    Int2,
    Int4,
    Int8,
    Int4Array,
    Other,
}

impl Kind {
    pub fn of(name: &str) -> Self {
        match name {
            "int2" => Self::Int2,
            "int4" => Self::Int4,
            "int8" => Self::Int8,
            "int4[]" => Self::Int4Array,
            _ => Self::Other,
        }
    }

    pub fn sum(self, bytes: &[u8]) -> i64 {
        match self {
            Self::Int2 => bytes.try_into().map_or(0, |value| i64::from(i16::from_be_bytes(value))),
            Self::Int4 => bytes.try_into().map_or(0, |value| i64::from(i32::from_be_bytes(value))),
            Self::Int8 => bytes.try_into().map_or(0, i64::from_be_bytes),
            Self::Int4Array => sum_array(bytes),
            Self::Other => 0,
        }
    }
}

/// One dimension without NULLs: a header of five words, then each element as its length (4) and its value.
fn sum_array(bytes: &[u8]) -> i64 {
    let elements = bytes.get(20..).unwrap_or_default();
    elements.chunks_exact(8).map(|element| Kind::Int4.sum(&element[4..])).sum()
}
