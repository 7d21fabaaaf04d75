//! Questions that are refused, answered in vain, given up, cancelled or lost.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Request, Sink},
    failure::Cause,
    query::Query,
};

use super::{MOOD, PAIR, QUESTION, RECORD, asking, pair, pair_type, result};
use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments,
        catalog::{composite, composite_value, enum_of, found, jit_set},
        lab::{Lab, fetch, query, script},
    },
};

#[test]
fn what_the_server_cannot_tell_now_is_read_as_text_and_asked_for_next_time() {
    let mut lab = Lab::new(10);
    let sql = asking(&mut lab, 1, PAIR);
    lab.hear(&[error("57014"), ready(b'I')]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[b"(1,x)"])]), ["#1 rows [v=(1,x)] end I SELECT 1"]);
    lab.fetch(2, &sql);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#2 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn a_server_that_has_no_such_catalog_is_asked_once() {
    let nonsense = [
        jit_set(2),
        parse_complete(),
        bind_complete(),
        int_row(1),
        complete("SELECT"),
        jit_set(1),
        ready(b'I'),
    ]
    .concat();
    for answer in [[error("42P01"), ready(b'I')].concat(), [error("0A000"), ready(b'I')].concat(), nonsense] {
        let mut lab = Lab::new(10);
        asking(&mut lab, 1, PAIR);
        lab.hear(&[answer]);
        assert_eq!(lab.sent(), "bind s1 0, execute, sync");
        lab.hear(&[result(b'I', &[b"(1,x)"])]);
        lab.fetch(2, &query("select 2"));
        lab.sent();
        lab.hear(&[described(&[], &[("v", PAIR)])]);
        assert_eq!(lab.sent(), "bind s2 0, execute, sync");
        lab.hear(&[result(b'I', &[b"(1,x)"])]);
        // Somebody has changed that.
        lab.engine.forget_types();
        asking(&mut lab, 3, PAIR);
    }
}

#[test]
fn a_type_that_is_not_there_is_text_and_not_asked_for_again() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.hear(&[found(&[])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[b"(1,x)"])]), ["#1 rows [v=(1,x)] end I SELECT 1"]);
    lab.fetch(2, &query("select 2"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", PAIR)])]);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync");
}

#[test]
fn a_question_that_ends_the_transaction_is_the_calls_error() {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    asking(&mut lab, 2, PAIR);
    let known = lab.hear(&[error("57014"), ready(b'E')]);
    assert_eq!(known, ["#2 server 57014"]);
}

#[test]
fn a_call_that_is_given_up_meanwhile_leaves_the_question_to_the_next_one() {
    let mut lab = Lab::new(10);
    let sql = asking(&mut lab, 1, PAIR);
    lab.fetch(2, &sql);
    lab.abandon(1);
    assert!(lab.wants_cancel());
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 done"]);
    lab.cancel_closed();
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#2 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn an_answer_that_comes_for_a_call_that_was_given_up_is_of_use_to_the_next_one() {
    let mut lab = Lab::new(10);
    let sql = asking(&mut lab, 1, PAIR);
    lab.fetch(2, &sql);
    lab.abandon(1);
    assert_eq!(lab.hear(&[found(&[pair_type()])]), ["#1 done"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

#[test]
fn a_question_that_another_calls_cancel_has_hit_is_asked_again() {
    let mut lab = Lab::new(10);
    let known = warm(&mut lab, "select 1");
    lab.fetch(2, &query("select row('sad'::mood)"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", RECORD)])]);
    lab.sent();
    lab.fetch(3, &known);
    lab.sent();
    lab.hear(&[result(b'I', &[&composite_value(&[(MOOD, b"sad")])])]);
    assert_eq!(lab.sent(), QUESTION);
    // It is behind a call that is cancelled, and in reach of that cancel.
    lab.abandon(3);
    lab.wait(100);
    assert!(lab.wants_cancel());
    let cancelled = [error("57014"), ready(b'I')].concat();
    assert_eq!(lab.hear(&[one(3), cancelled.clone()]), ["#3 done"]);
    lab.cancel_closed();
    assert_eq!(lab.sent(), QUESTION);
    // Nobody else can have meant it now.
    assert!(lab.hear(&[cancelled])[0].starts_with("#2 protocol"));
}

#[test]
fn what_is_forgotten_while_it_is_asked_for_is_asked_for_again() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    for _ in 0..15 {
        lab.engine.forget_types();
        assert!(lab.hear(&[found(&[pair_type()])]).is_empty());
        assert_eq!(lab.sent(), QUESTION);
    }
    lab.engine.forget_types();
    let told = lab.hear(&[found(&[pair_type()])]);
    assert_eq!(told, ["#1 internal the types of the database changed 16 times while they were looked up"]);
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.engine.forget_types();
    lab.hear(&[found(&[composite(PAIR, &[("old", 23)])])]);
    lab.sent();
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn a_session_that_is_lost_behind_a_refused_question_is_told_as_lost() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.hear(&[error("53200")]);
    lab.engine.end(Cause::Closed);
    assert_eq!(lab.told()[1], "#1 lost connection was closed in the middle of operation");
}

#[test]
fn a_statement_that_is_dropped_while_its_types_are_asked_for_is_prepared_again() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.engine.drop_statements();
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
    lab.hear(&[[close_complete(), described(&[], &[("v", PAIR)])].concat()]);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn a_statement_of_ones_own_is_not_dropped_with_the_others_before_its_types_are_known() {
    for is_asked in [false, true] {
        let mut lab = Lab::new(10);
        let own = Arc::new(Query::own(0, "select $1".to_owned(), None));
        let prepare = Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(1, &own, &[]) };
        lab.submit(prepare);
        lab.sent();
        lab.hear(&[described(&[MOOD], &[("v", MOOD)])]);
        if is_asked {
            assert_eq!(lab.sent(), QUESTION);
        }
        lab.engine.drop_statements();
        if !is_asked {
            assert_eq!(lab.sent(), QUESTION);
        }
        let told = lab.hear(&[found(&[enum_of(MOOD)])]);
        assert!(told[0].starts_with("#1 described"), "{told:?}");
        lab.submit(fetch(2, &own, &[arguments::text("sad")]));
        assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    }
}

#[test]
fn closing_and_losing_the_session_answer_a_call_that_asks() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.engine.close();
    assert!(lab.wants_cancel());
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 interface connection is closing"]);
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    lab.engine.receive_end();
    let records = lab.records();
    let failed = records.iter().find(|record| record.ends() == Some(1)).unwrap();
    assert_eq!(failed.field('x'), "0", "nothing was executed");
}
