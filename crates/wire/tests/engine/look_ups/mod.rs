//! Types that a call needs and nobody knows: when they are asked for, and what becomes of the call.

mod changes;
mod forgotten;
mod held_rows;
mod questions;
mod trouble;

use std::sync::Arc;

use cornac_wire::query::Query;

use crate::{
    calls::described,
    support::{
        answers::*,
        catalog::{Entry, asked, composite, composite_value},
        lab::{Lab, query},
        requests,
    },
};

const MOOD: u32 = 20_000;
const PAIR: u32 = 20_001;
const RECORD: u32 = 2249;

const QUESTION: &str = "parse unnamed jit-off, bind unnamed 0, execute, parse unnamed types, bind unnamed 1, execute, \
    parse unnamed jit-back, bind unnamed 0, execute, sync";

fn result(status: u8, values: &[&[u8]]) -> Vec<u8> {
    let rows: Vec<u8> = values.iter().flat_map(|value| row(&[Some(value)])).collect();
    [bind_complete(), rows, complete("SELECT 1"), ready(status)].concat()
}

/// A pair of int4 and text.
fn pair(a: i32, b: &str) -> Vec<u8> {
    composite_value(&[(23, &a.to_be_bytes()), (25, b.as_bytes())])
}

fn pair_type() -> Entry<'static> {
    composite(PAIR, &[("a", 23), ("b", 25)])
}

/// The types that the question asks for which is about to be sent.
fn asks(lab: &mut Lab) -> Vec<u32> {
    lab.engine.pump(lab.now);
    let mut bytes = lab.engine.output().to_vec();
    let binds = requests::take(&mut bytes).into_iter().filter(|message| message.tag == b'B');
    let argument = binds.filter_map(|bind| bind.bind().1.into_iter().next().flatten()).next_back().unwrap();
    asked(&argument)
}

/// A lab in which a call of `sql` was described as giving values of a type, and sends the question for it.
fn asking(lab: &mut Lab, id: u32, type_oid: u32) -> Arc<Query> {
    let sql = query(&format!("select {id}"));
    lab.fetch(id, &sql);
    lab.sent();
    assert!(lab.hear(&[described(&[], &[("v", type_oid)])]).is_empty());
    assert_eq!(lab.sent(), QUESTION);
    sql
}
