//! Rows that wait for the types of their fields.

use std::sync::Arc;

use bytes::BytesMut;
use cornac_wire::query::Query;

use super::{MOOD, PAIR, QUESTION, RECORD, asks, pair, pair_type, result};
use crate::{
    calls::{described, one, warm},
    shapes::alone_with_its_shape,
    support::{
        answers::*,
        catalog::{composite_value, enum_of, found},
        lab::{BUDGET, Lab, query, script},
    },
};

#[test]
fn rows_wait_for_the_types_of_their_fields_and_other_calls_do_not() {
    let mut lab = Lab::new(10);
    let known = warm(&mut lab, "select 1");
    let sql = query("select row(1, 'sad'::mood)");
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("v", RECORD)])]);
    lab.sent();
    lab.fetch(3, &known);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    let values = [
        composite_value(&[(23, &[0, 0, 0, 1])]),
        composite_value(&[(23, &[0, 0, 0, 2]), (MOOD, b"sad")]),
        composite_value(&[(PAIR, &pair(3, "x"))]),
    ];
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    assert_eq!(lab.hear(&[result(b'I', &values)]), ["#2 rows [v=(1)]"]);
    assert_eq!(asks(&mut lab), [MOOD, PAIR]);
    assert_eq!(lab.sent(), QUESTION);
    assert_eq!(lab.hear(&[one(3)]), ["#3 rows [n=3] end I SELECT 1"]);
    assert_eq!(
        lab.hear(&[found(&[enum_of(MOOD), pair_type()])]),
        ["#2 rows [v=(2,sad); v=({a:3,b:x})] end I SELECT 1"]
    );
    // Now they are known.
    lab.fetch(4, &sql);
    lab.sent();
    assert_eq!(lab.hear(&[result(b'I', &values[1..2])]), ["#4 rows [v=(2,sad)] end I SELECT 1"]);
}

/// A lab whose call 1 has run and waits for the type of a field.
fn holding(lab: &mut Lab) {
    lab.fetch(1, &query("select row('sad'::mood)"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", RECORD)])]);
    lab.sent();
    assert!(lab.hear(&[result(b'I', &[&composite_value(&[(MOOD, b"sad")])])]).is_empty());
}

#[test]
fn a_call_whose_rows_wait_may_have_been_executed() {
    for is_asked in [false, true] {
        let mut lab = Lab::new(10);
        holding(&mut lab);
        if is_asked {
            assert_eq!(lab.sent(), QUESTION);
        }
        lab.engine.receive_end();
        let records = lab.records();
        let failed = records.iter().find(|record| record.ends() == Some(1)).unwrap();
        assert_eq!(failed.field('x'), "1");
    }
}

#[test]
fn statements_are_closed_in_front_of_the_question_for_fields_too() {
    let mut lab = Lab::new(10);
    holding(&mut lab);
    lab.engine.drop_statements();
    assert_eq!(lab.sent(), format!("close s1, {QUESTION}"));
    let told = lab.hear(&[close_complete(), found(&[enum_of(MOOD)])]);
    assert_eq!(told, ["#1 rows [v=(sad)] end I SELECT 1"]);
}

/// A row of a type that is known, and one of a type that is not.
fn rows() -> [Vec<u8>; 2] {
    [composite_value(&[(23, &[0, 0, 0, 1])]), composite_value(&[(MOOD, b"sad")])]
}

#[test]
fn rows_that_were_handed_on_can_be_read_when_the_session_ends_while_others_wait() {
    let [known, unknown] = rows();
    let mut lab = alone_with_its_shape(RECORD, &known);
    let told = lab.hear(&[result(b'I', &[&known, &unknown]), vec![b'?'; 8]]);
    assert_eq!(told[0], "#200 rows [v=(1)]");
    assert!(told.iter().any(|told| told.starts_with("#200 lost")), "{told:?}");
    // The row that can be read comes too when the question was composed before anybody took the records.
    let mut lab = alone_with_its_shape(RECORD, &known);
    let mut answer = BytesMut::from(&result(b'I', &[&known, &unknown])[..]);
    lab.engine.receive(&mut answer, BUDGET, lab.now);
    lab.sent_bytes();
    lab.engine.receive_end();
    assert_eq!(lab.told()[0], "#200 rows [v=(1)]");
}

#[test]
fn rows_that_have_waited_can_be_read_though_nothing_else_has_their_shape() {
    let [known, unknown] = rows();
    let mut lab = alone_with_its_shape(RECORD, &known);
    assert!(lab.hear(&[result(b'I', &[&unknown])]).is_empty());
    let sent = lab.sent();
    assert!(sent.ends_with(QUESTION), "{sent}");
    let closes = close_complete().repeat(sent.matches("close ").count());
    let told = lab.hear(&[closes, found(&[enum_of(MOOD)])]);
    assert_eq!(told, ["#200 rows [v=(sad)] end I SELECT 1"]);
}

#[test]
fn in_a_transaction_that_has_failed_meanwhile_nothing_is_asked() {
    let mut lab = Lab::new(10);
    let known = warm(&mut lab, "select 1");
    lab.submit(script(9, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(2, &query("select row('sad'::mood)"));
    lab.sent();
    lab.hear(&[parse_complete(), parameters(&[]), columns(&[("v", RECORD)]), ready(b'T')]);
    lab.fetch(3, &known);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync, bind s1 0, execute, sync");
    let failed = [error("22012"), ready(b'E')].concat();
    assert_eq!(lab.hear(&[result(b'T', &[&rows()[1]]), failed]), ["#3 server 22012"]);
    assert_eq!(lab.sent(), "");
    assert!(lab.told()[0].starts_with("#2 protocol column \"v\" holds a row with a field of the type"));
}

/// A lab whose call 2 of the first query is described and about to run; it knows the second query.
fn described_record() -> (Lab, Arc<Query>, Arc<Query>) {
    let mut lab = Lab::new(10);
    let known = warm(&mut lab, "select 1");
    let sql = query("select row('sad'::mood)");
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("v", RECORD)])]);
    (lab, sql, known)
}

/// The answers to two calls: one begins a transaction, the other one fails in it.
fn begun_and_failed() -> Vec<u8> {
    let begun = [bind_complete(), complete("BEGIN"), ready(b'T')].concat();
    [begun, bind_complete(), error("22012"), ready(b'E')].concat()
}

#[test]
fn a_call_that_has_run_is_not_refused_by_a_transaction_that_failed_behind_it() {
    let (mut lab, sql, known) = described_record();
    lab.fetch(3, &known);
    lab.fetch(4, &known);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync, bind s1 0, execute, sync, bind s1 0, execute, sync");
    assert!(lab.hear(&[result(b'I', &[&rows()[1]])]).is_empty());
    assert_eq!(lab.sent(), QUESTION);
    lab.hear_bytes(&[begun_and_failed(), error("25P02"), ready(b'E')].concat());
    let records = lab.records();
    let told = records.iter().find(|told| told.ends() == Some(2)).unwrap();
    assert!(told.field('M').starts_with("column \"v\" holds a row with a field of the type"), "{told:?}");
    assert!(told.field('H').starts_with("the call has run"), "{told:?}");
    // Out of the transaction the type is asked for.
    lab.submit(script(5, "rollback"));
    lab.sent();
    lab.hear(&[complete("ROLLBACK"), ready(b'I')]);
    lab.fetch(6, &sql);
    lab.sent();
    lab.hear(&[result(b'I', &[&rows()[1]])]);
    assert_eq!(asks(&mut lab), [MOOD]);
}

#[test]
fn rows_whose_types_another_call_has_found_out_are_read_in_a_transaction_that_has_failed_too() {
    let (mut lab, sql, known) = described_record();
    lab.fetch(3, &sql);
    lab.fetch(4, &known);
    lab.fetch(5, &known);
    lab.sent();
    assert!(lab.hear(&[result(b'I', &[&rows()[1]])]).is_empty());
    assert_eq!(lab.sent(), QUESTION);
    assert!(lab.hear(&[result(b'I', &[&rows()[1]])]).is_empty());
    lab.hear(&[begun_and_failed()]);
    assert_eq!(lab.hear(&[found(&[enum_of(MOOD)])]), ["#2 rows [v=(sad)] end I SELECT 1"]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'E')]), ["#3 rows [v=(sad)] end E SELECT 1"]);
}

#[test]
fn a_field_whose_type_cannot_be_found_out_is_an_error_that_names_the_column() {
    let mut lab = Lab::new(10);
    holding(&mut lab);
    assert_eq!(lab.sent(), QUESTION);
    let told = lab.hear(&[error("42501"), ready(b'I')]);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("#1 protocol column \"v\" holds a row with a field of the type with OID 20000"),
        "{told:?}"
    );
    lab.fetch(2, &query("select 2"));
    assert_eq!(lab.sent(), "parse s2 select 2, describe s2, sync");
}
