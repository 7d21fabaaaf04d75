//! Types that a call needs and nobody knows: when they are asked for, and what becomes of the call.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Request, Sink},
    query::Query,
    types::TypeMap,
};

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments,
        catalog::{ENTRY, Entry, asked, composite, enum_of, found, found_in},
        lab::{Lab, fetch, query, script},
        requests,
    },
};

const MOOD: u32 = 20_000;
const PAIR: u32 = 20_001;
const RECORD: u32 = 2249;

const QUESTION: &str = "parse unnamed types, bind unnamed 1, execute, sync";

/// A value of `row(a, b)` whose fields are of these types.
fn fields(fields: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = u32::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
    for (type_oid, value) in fields {
        out.extend(type_oid.to_be_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        out.extend(*value);
    }
    out
}

fn result(status: u8, values: &[&[u8]]) -> Vec<u8> {
    let rows: Vec<u8> = values.iter().flat_map(|value| row(&[Some(value)])).collect();
    [bind_complete(), rows, complete("SELECT 1"), ready(status)].concat()
}

/// A pair of int4 and text.
fn pair(a: i32, b: &str) -> Vec<u8> {
    fields(&[(23, &a.to_be_bytes()), (25, b.as_bytes())])
}

fn pair_type() -> Entry<'static> {
    composite(PAIR, &[("a", 23), ("b", 25)])
}

/// The types that the question asks for which is about to be sent.
fn asks(lab: &mut Lab) -> Vec<u32> {
    lab.engine.pump(lab.now);
    let mut bytes = lab.engine.output().to_vec();
    let bind = requests::take(&mut bytes).into_iter().rfind(|message| message.tag == b'B').unwrap();
    asked(bind.bind().1[0].as_ref().unwrap())
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
    let nonsense = [parse_complete(), bind_complete(), int_row(1), complete("SELECT"), ready(b'I')].concat();
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
fn parts_that_the_answer_left_out_are_asked_for_by_themselves() {
    let mut lab = Lab::new(10);
    asking(&mut lab, 1, PAIR);
    // A type that a newer PostgreSQL brings.
    lab.hear(&[found(&[composite(PAIR, &[("a", 23), ("b", 9_000)])])]);
    assert_eq!(asks(&mut lab), [9_000]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[Entry { oid: 9_000, send: Some("textsend"), ..ENTRY }])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    let value = fields(&[(23, &[0, 0, 0, 1]), (9_000, b"x")]);
    assert_eq!(lab.hear(&[result(b'I', &[&value])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
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
    lab.hear(&[result(b'I', &[&fields(&[(MOOD, b"sad")])])]);
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
    for _ in 0..4 {
        lab.engine.forget_types();
        assert!(lab.hear(&[found(&[pair_type()])]).is_empty());
        assert_eq!(lab.sent(), QUESTION);
    }
    lab.engine.forget_types();
    let told = lab.hear(&[found(&[pair_type()])]);
    assert_eq!(told, ["#1 internal the types of the database changed 5 times while they were looked up"]);
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
        fields(&[(23, &[0, 0, 0, 1])]),
        fields(&[(23, &[0, 0, 0, 2]), (MOOD, b"sad")]),
        fields(&[(PAIR, &pair(3, "x"))]),
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
    assert!(lab.hear(&[result(b'I', &[&fields(&[(MOOD, b"sad")])])]).is_empty());
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
    fields(&[(23, &[0, 0, 0, 1]), (25, b"x"), (16, &[1])])
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
