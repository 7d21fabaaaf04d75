//! Composites that are others than when they were looked up.

use std::sync::Arc;

use bytes::Bytes;
use cornac_wire::{
    copy_records::{Layout, RecordBatch},
    engine::{Ask, Request, SetsEnd, Sink},
    query::Query,
    types::TypeMap,
};

use super::{MOOD, PAIR, QUESTION, RECORD, pair, pair_type, result};
use crate::{
    calls::described,
    support::{
        answers::*,
        arguments::{self, int, text},
        catalog::{Entry, composite, composite_value, enum_of, found, found_in},
        lab::{Lab, fetch, query, script},
    },
};

/// A lab that knows the pair, as (a int4, b text), and its statement.
fn knowing(lab: &mut Lab, sql: &str) -> Arc<Query> {
    let sql = query(sql);
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("v", PAIR)])]);
    lab.sent();
    lab.hear(&[found(&[pair_type()])]);
    lab.sent();
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
    sql
}

/// The pair with another attribute.
fn changed() -> Vec<u8> {
    composite_value(&[(23, &[0, 0, 0, 1]), (25, b"x"), (16, &[1])])
}

fn changed_type() -> Entry<'static> {
    composite(PAIR, &[("a", 23), ("b", 25), ("c", 16)])
}

#[test]
fn a_read_that_meets_a_changed_composite_is_run_again_once_that_is_known() {
    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "select v from t");
    lab.fetch(2, &sql);
    lab.sent();
    assert!(lab.hear(&[result(b'I', &[&changed(), &changed()])]).is_empty());
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[changed_type()])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&changed()])]), ["#2 rows [v={a:1,b:x,c:true}] end I SELECT 1"]);
}

#[test]
fn a_changed_composite_that_is_met_in_rows_that_have_waited_is_looked_up_by_the_next_call() {
    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "select v from t");
    lab.fetch(2, &query("select row(v) from t"));
    lab.sent();
    lab.hear(&[described(&[], &[("v", RECORD)])]);
    lab.sent();
    let rows = [composite_value(&[(MOOD, b"sad")]), composite_value(&[(PAIR, &changed())])];
    assert!(lab.hear(&[result(b'I', &[&rows[0], &rows[1]])]).is_empty());
    assert_eq!(lab.sent(), QUESTION);
    assert!(lab.hear(&[found(&[enum_of(MOOD)])])[0].starts_with("#2 outdated"));
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), QUESTION);
}

#[test]
fn a_read_that_is_to_be_run_again_has_been_executed() {
    for is_asked in [false, true] {
        let mut lab = Lab::new(10);
        let sql = knowing(&mut lab, "select v from t");
        lab.fetch(2, &sql);
        lab.sent();
        assert!(lab.hear(&[result(b'I', &[&changed()])]).is_empty());
        if is_asked {
            assert_eq!(lab.sent(), QUESTION);
        }
        lab.engine.receive_end();
        let records = lab.records();
        let failed = records.iter().find(|record| record.ends() == Some(2)).unwrap();
        assert_eq!(failed.field('x'), "1");
    }
}

#[test]
fn another_call_that_meets_a_changed_composite_fails_and_the_next_one_is_fine() {
    // What writes, a second time for the same call, and in a transaction.
    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "update t set a = 1 returning v");
    lab.fetch(2, &sql);
    lab.sent();
    let told = lab.hear(&[result(b'I', &[&changed()])]);
    assert!(told[0].starts_with("#2 outdated column \"v\" holds a value of composite type pair"), "{told:?}");
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[changed_type()])]);
    lab.sent();
    assert_eq!(lab.hear(&[result(b'I', &[&changed()])]), ["#3 rows [v={a:1,b:x,c:true}] end I SELECT 1"]);

    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "select v from t");
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[result(b'I', &[&changed()])]);
    lab.sent();
    lab.hear(&[found(&[pair_type()])]);
    lab.sent();
    assert!(lab.hear(&[result(b'I', &[&changed()])])[0].starts_with("#2 outdated"));

    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "select v from t");
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(3, &sql);
    lab.sent();
    assert!(lab.hear(&[result(b'T', &[&changed()])])[0].starts_with("#3 outdated"));
    lab.fetch(4, &sql);
    assert_eq!(lab.sent(), QUESTION);
}

#[test]
fn a_read_that_has_handed_out_rows_is_not_run_again() {
    let mut lab = Lab::new(10);
    let sql = knowing(&mut lab, "select v from t");
    lab.fetch(2, &sql);
    lab.sent();
    let one = pair(1, "x");
    let mut values: Vec<&[u8]> = vec![&one; 20_000];
    let last = changed();
    values.push(&last);
    let told = lab.hear(&[result(b'I', &values)]);
    assert!(told.last().unwrap().starts_with("#2 outdated"), "{:?}", told.last());
}

#[test]
fn what_changed_is_forgotten_for_all_sessions_of_the_database() {
    let map = Arc::<TypeMap>::default();
    let (mut lab, mut other) = (Lab::new(10), Lab::new(10));
    lab.engine.share_types(map.clone());
    other.engine.share_types(map);
    let sql = knowing(&mut lab, "select v from t");
    other.fetch(1, &sql);
    other.sent();
    other.hear(&[described(&[], &[("v", PAIR)])]);
    assert_eq!(other.sent(), "bind s1 0, execute, sync");
    other.hear(&[result(b'I', &[&pair(1, "x")])]);
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[result(b'I', &[&changed()])]);
    lab.sent();
    lab.hear(&[found(&[changed_type()])]);
    lab.sent();
    lab.hear(&[result(b'I', &[&changed()])]);
    // The other one knows it without asking, and its statement stays prepared.
    other.fetch(2, &sql);
    assert_eq!(other.sent(), "bind s1 0, execute, sync");
    assert_eq!(other.hear(&[result(b'I', &[&changed()])]), ["#2 rows [v={a:1,b:x,c:true}] end I SELECT 1"]);
}

#[test]
fn a_portal_whose_columns_became_ones_of_an_unknown_type_is_run_again_or_read_as_text() {
    for (text, is_again) in [("select a from t", true), ("delete from t returning a", false)] {
        let mut lab = Lab::new(0);
        let sql = query(text);
        lab.fetch(1, &sql);
        lab.sent();
        lab.hear(&[described(&[], &[("n", 25)])]);
        lab.sent();
        let columns_ = columns(&[("n", MOOD)]);
        let answer =
            [parse_complete(), bind_complete(), columns_, row(&[Some(b"sad")]), complete("X 1"), ready(b'I')];
        let told = lab.hear(&[answer.concat()]);
        if is_again {
            assert!(told.is_empty());
            assert_eq!(lab.sent(), format!("parse unnamed {text}, describe unnamed, sync"));
        } else {
            assert_eq!(told, ["#1 rows [n=sad] end I X 1"]);
            lab.fetch(2, &sql);
            assert_eq!(lab.sent(), QUESTION);
        }
    }
}

/// A lab that keeps no statements, and knows the pair and what a text returns.
fn remembering(sql: &Arc<Query>) -> Lab {
    let mut lab = Lab::new(0);
    lab.fetch(1, sql);
    lab.sent();
    lab.hear(&[described(&[], &[("v", PAIR)])]);
    lab.sent();
    lab.hear(&[found(&[pair_type()])]);
    lab.sent();
    assert_eq!(lab.hear(&[unnamed_result(PAIR)]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
    lab
}

fn unnamed_result(type_oid: u32) -> Vec<u8> {
    let columns = [parse_complete(), bind_complete(), binary_columns(&[("v", type_oid)])].concat();
    [columns, row(&[Some(&pair(1, "x"))]), complete("SELECT 1"), ready(b'I')].concat()
}

#[test]
fn a_text_that_was_described_with_a_type_that_is_gone_is_described_anew_before_it_runs() {
    let sql = query("insert into t select returning v");
    let mut lab = remembering(&sql);
    // It was dropped and made anew.
    lab.engine.forget_types();
    lab.fetch(2, &sql);
    assert_eq!(lab.sent(), QUESTION);
    assert!(lab.hear(&[found(&[])]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed insert into t select returning v, describe unnamed, sync");
    lab.hear(&[described(&[], &[("v", MOOD)])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[composite(MOOD, &[("a", 23), ("b", 25)])])]);
    lab.sent();
    assert_eq!(lab.hear(&[unnamed_result(MOOD)]), ["#2 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn a_text_is_described_anew_once_for_a_type_that_the_catalog_does_not_have() {
    let sql = query("select v from t");
    let mut lab = remembering(&sql);
    lab.engine.forget_types();
    lab.fetch(2, &sql);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[])]);
    assert!(lab.sent().starts_with("parse unnamed select v from t, describe"));
    lab.hear(&[described(&[], &[("v", PAIR)])]);
    let sent = lab.sent();
    assert!(sent.contains("execute"), "{sent}");
}

/// A lab that has prepared a statement for its own sake, which takes a pair.
fn keeping() -> (Lab, Arc<Query>) {
    let mut lab = Lab::new(10);
    let own = Arc::new(Query::own(0, "select $1".to_owned(), None));
    lab.submit(Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(1, &own, &[]) });
    lab.sent();
    lab.hear(&[described(&[PAIR], &[])]);
    assert_eq!(lab.sent(), QUESTION);
    assert_eq!(lab.hear(&[found(&[pair_type()])]).len(), 1);
    (lab, own)
}

/// A value that the pair does not take, but the changed one.
fn value() -> Vec<u8> {
    arguments::fields(&[("a", int(1)), ("c", text("t"))])
}

#[test]
fn a_statement_that_was_prepared_for_its_own_sake_takes_the_attributes_that_its_type_has_now() {
    for status in [b'I', b'T'] {
        let (mut lab, own) = keeping();
        if status == b'T' {
            lab.submit(script(2, "begin"));
            lab.sent();
            lab.hear(&[complete("BEGIN"), ready(b'T')]);
        }
        lab.submit(Request { is_typed: true, ..fetch(3, &own, &[value()]) });
        // It stands: the server is asked about the type alone.
        assert_eq!(lab.sent(), QUESTION);
        assert!(lab.hear(&[found_in(status, &[changed_type()])]).is_empty());
        // What JavaScript has written was by the attributes of before.
        assert_eq!(lab.sent(), "");
        assert_eq!(lab.told(), ["#3 wanted for [20001]"]);
        lab.engine.arguments(3, 1, Bytes::from(value()));
        assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    }
}

#[test]
fn what_the_type_does_not_take_now_either_is_refused_and_the_statement_stays() {
    let (mut lab, own) = keeping();
    lab.submit(fetch(2, &own, &[value()]));
    assert_eq!(lab.sent(), QUESTION);
    let told = lab.hear(&[found(&[pair_type()])]);
    assert!(told.is_empty());
    assert_eq!(lab.sent(), "");
    let told = lab.told();
    assert!(told[0].starts_with("#2 data"), "{told:?}");
    lab.submit(fetch(3, &own, &[text("(1,x)")]));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
}

#[test]
fn sets_of_which_none_was_sent_are_written_anew_by_the_attributes_of_now() {
    let (mut lab, own) = keeping();
    lab.submit(Request { ask: Ask::Many, sink: Sink::Dropped, is_typed: true, ..fetch(2, &own, &[]) });
    let now = lab.now;
    let sets = || arguments::sets(&[vec![value()], vec![value()]]);
    lab.engine.sets(2, sets(), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[changed_type()])]);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#2 wanted for [20001]"]);
    lab.engine.arguments(2, 0, Bytes::new());
    lab.engine.sets(2, sets(), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), "bind s1 1, execute, bind s1 1, execute, sync");
}

#[test]
fn sets_of_which_the_server_has_refused_the_first_are_sent_again_as_they_were_written() {
    let (mut lab, own) = keeping();
    lab.submit(Request { ask: Ask::Many, sink: Sink::Dropped, is_typed: true, ..fetch(2, &own, &[]) });
    let now = lab.now;
    let set = || arguments::sets(&[vec![arguments::fields(&[("a", int(1))])]]);
    lab.engine.sets(2, set(), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    // JavaScript has let go of them: it was told that they are composed.
    assert_eq!(lab.told(), ["#2 composed"]);
    lab.hear(&[error("42804"), ready(b'I')]);
    assert_eq!(lab.sent(), "parse unnamed select $1, describe unnamed, sync");
    lab.hear(&[described(&[PAIR], &[])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[changed_type()])]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
}

/// A lab with a COPY of a pair, as its columns were told of, that has been sent this record; what was sent then.
fn copying(record: &[u8]) -> (Lab, String) {
    let (mut lab, _own) = keeping();
    let copy = query("copy t from stdin");
    lab.submit(Request { ask: Ask::CopyIn, sink: Sink::Dropped, ..fetch(2, &copy, &[]) });
    lab.sent();
    lab.hear(&[copy_bound(), copy_in()]);
    let types = PAIR.to_ne_bytes();
    let batch = RecordBatch { layout: Layout::Text, first: 0, count: 1, types: &types, arguments: record };
    lab.engine.copy_in_records(2, &batch);
    let sent = lab.sent();
    (lab, sent)
}

#[test]
fn the_types_of_a_record_that_is_refused_are_looked_up_before_the_next_copy() {
    // The driver refuses it, or the server.
    for (record, sqlstate) in [(value(), "57014"), (arguments::fields(&[("a", int(1))]), "22P02")] {
        let (mut lab, sent) = copying(&record);
        assert_eq!(sent.ends_with("copy fail, sync"), sqlstate == "57014", "{sent}");
        let told = lab.hear(&[error(sqlstate), ready(b'I')]);
        assert!(told.last().is_some_and(|told| told.starts_with("#2 ")), "{told:?}");
        lab.sent();
        let own = Arc::new(Query::own(3, "select v from t".to_owned(), None));
        lab.submit(Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(3, &own, &[]) });
        lab.sent();
        lab.hear(&[described(&[], &[("v", PAIR)])]);
        assert_eq!(lab.sent(), QUESTION);
    }
}

#[test]
fn a_copy_that_fails_for_another_reason_has_nothing_looked_up() {
    let (mut lab, _sent) = copying(&arguments::fields(&[("a", int(1))]));
    lab.hear(&[error("53100"), ready(b'I')]);
    lab.sent();
    let own = Arc::new(Query::own(3, "select v from t".to_owned(), None));
    lab.submit(Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(3, &own, &[]) });
    lab.sent();
    assert_eq!(lab.hear(&[described(&[], &[("v", PAIR)])]).len(), 1);
    assert_eq!(lab.sent(), "");
}
