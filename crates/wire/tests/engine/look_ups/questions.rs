//! When types are asked for, and what is asked.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Options, Request, Sink},
    query::Query,
    types::TypeMap,
};

use super::{MOOD, PAIR, QUESTION, asking, asks, pair, pair_type, result};
use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments,
        catalog::{ENTRY, Entry, composite, composite_value, entry_row, enum_of, found, found_in},
        lab::{Lab, fetch, options, query, script},
    },
};

#[test]
fn types_are_asked_for_between_description_and_bind_and_nothing_overtakes() {
    let mut lab = Lab::new(10);
    let known = warm(&mut lab, "select 1");
    let sql = query("select $1");
    lab.submit(fetch(2, &sql, &[arguments::null()]));
    lab.fetch(3, &known);
    lab.sent();
    let columns_ = [("a", MOOD), ("b", 23), ("c", PAIR), ("d", MOOD)];
    lab.hear(&[described(&[20_002], &columns_)]);
    assert_eq!(asks(&mut lab), [MOOD, PAIR, 20_002]);
    assert_eq!(lab.sent(), QUESTION);
    let domain = Entry { oid: 20_002, kind: b'd', part: 25, ..ENTRY };
    assert!(lab.hear(&[found(&[enum_of(MOOD), pair_type(), domain])]).is_empty());
    assert_eq!(lab.sent(), "bind s2 1, execute, sync, bind s1 0, execute, sync");
    let values = row(&[Some(b"sad"), Some(&[0, 0, 0, 7]), Some(&pair(1, "x")), None]);
    let answer = [bind_complete(), values, complete("SELECT 1"), ready(b'I')].concat();
    assert_eq!(
        lab.hear(&[answer, one(3)]),
        ["#2 rows [a=sad b=7 c={a:1,b:x} d=null] end I SELECT 1", "#3 rows [n=3] end I SELECT 1"]
    );
    // From now on they are known.
    lab.submit(fetch(4, &sql, &[arguments::null()]));
    assert_eq!(lab.sent(), "bind s2 1, execute, sync");
}

#[test]
fn what_one_session_has_found_the_others_of_its_database_know() {
    let map = Arc::<TypeMap>::default();
    let mut labs = [Lab::new(10), Lab::new(10)];
    for lab in &mut labs {
        lab.engine.share_types(map.clone());
    }
    let [first, second] = &mut labs;
    asking(first, 1, PAIR);
    first.hear(&[found(&[pair_type()])]);
    second.fetch(1, &query("select 1"));
    second.sent();
    second.hear(&[described(&[], &[("v", PAIR)])]);
    assert_eq!(second.sent(), "bind s1 0, execute, sync");
}

#[test]
fn a_statement_that_is_prepared_is_told_when_its_types_are_known() {
    let mut lab = Lab::new(10);
    let own = Arc::new(Query::own(0, "select $1".to_owned(), None));
    let prepare = Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(1, &own, &[]) };
    lab.submit(prepare.clone());
    lab.sent();
    assert_eq!(lab.hear(&[described(&[MOOD], &[("v", MOOD)])]), ["parameters [20000]"]);
    assert_eq!(lab.sent(), QUESTION);
    let told = lab.hear(&[found(&[enum_of(MOOD)])]);
    assert!(told[0].starts_with("#1 described") && told[0].ends_with("[20000] rows"), "{told:?}");
    lab.submit(fetch(2, &own, &[arguments::text("sad")]));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[b"sad"])]), ["#2 rows [v=sad] end I SELECT 1"]);
}

#[test]
fn without_names_the_statement_is_parsed_again_behind_the_question() {
    let mut lab = Lab::new(0);
    lab.fetch(1, &query("select 1"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", MOOD)])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[enum_of(MOOD)])]);
    assert_eq!(lab.sent(), "parse unnamed select 1, bind unnamed 0, describe portal, execute, sync");
}

#[test]
fn parts_that_the_answer_left_out_are_asked_for_by_themselves() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    // A type that a newer PostgreSQL brings.
    lab.hear(&[found(&[composite(PAIR, &[("a", 23), ("b", 9_000)])])]);
    assert_eq!(asks(&mut lab), [9_000]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[Entry { oid: 9_000, send: Some("textsend"), ..ENTRY }])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    let value = composite_value(&[(23, &[0, 0, 0, 1]), (9_000, b"x")]);
    assert_eq!(lab.hear(&[result(b'I', &[&value])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn in_a_transaction_types_are_looked_up_too() {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(2, &query("select 2"));
    lab.sent();
    let answer = [parse_complete(), parameters(&[]), columns(&[("v", MOOD)]), ready(b'T')].concat();
    lab.hear(&[answer]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found_in(b'T', &[enum_of(MOOD)])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'T', &[b"ok"])]), ["#2 rows [v=ok] end T SELECT 1"]);
}

#[test]
fn a_server_without_jit_compilation_is_asked_nothing_but_the_question() {
    let mut lab = Lab::with(Options { major_version: 10, ..options(10) });
    lab.fetch(1, &query("select 1"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", MOOD)])]);
    assert_eq!(asks(&mut lab), [MOOD]);
    let sent = lab.sent();
    assert!(
        sent.starts_with("parse unnamed with recursive") && sent.ends_with("bind unnamed 1, execute, sync")
    );
    let rows = entry_row(&enum_of(MOOD));
    assert!(
        lab.hear(&[[parse_complete(), bind_complete(), rows, complete("SELECT"), ready(b'I')].concat()])
            .is_empty()
    );
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}
