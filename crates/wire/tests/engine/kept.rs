//! Statements that are prepared for their own sake, until they are let go.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Options, Request, Sink},
    query::Query,
};

use crate::{
    calls::{described, one, warm},
    statements::{parsed, vanished},
    support::{
        answers::*,
        arguments,
        lab::{Lab, fetch, options, query},
    },
};

fn own(sql: &str, name: Option<&str>) -> Arc<Query> {
    Arc::new(Query::own(0, sql.to_owned(), name.map(str::to_owned)))
}

fn prepare(id: u32, query: &Arc<Query>) -> Request {
    Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(id, query, &[]) }
}

fn unprepare(id: u32, query: &Arc<Query>) -> Request {
    Request { ask: Ask::Unprepare, ..prepare(id, query) }
}

/// A lab with a statement under a name of the user's.
fn prepared(lab: &mut Lab, sql: &str) -> Arc<Query> {
    let query = own(sql, Some("mine"));
    lab.submit(prepare(1, &query));
    assert_eq!(lab.sent(), format!("parse s1 {sql}, describe s1, sync"));
    assert!(lab.hear(&[described(&[23], &[("n", 23)])]).contains(&"#1 described mine [23] rows".to_owned()));
    query
}

fn call(id: u32, query: &Arc<Query>) -> Request {
    fetch(id, query, &[arguments::int(1)])
}

#[test]
fn a_statement_is_described_once_run_by_its_name_and_closed() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    lab.submit(call(2, &mine));
    lab.submit(call(3, &mine));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync, bind s1 1, execute, sync");
    assert_eq!(lab.hear(&[one(7), one(8)]), ["#2 rows [n=7] end I SELECT 1", "#3 rows [n=8] end I SELECT 1"]);
    lab.submit(unprepare(4, &mine));
    assert_eq!(lab.sent(), "close s1, sync");
    assert_eq!(lab.hear(&[close_complete(), ready(b'I')]), ["#4 rows [] end I "]);
}

#[test]
fn it_is_none_of_the_cache_and_no_limit_applies_to_it() {
    let mut lab = Lab::new(1);
    let mine = prepared(&mut lab, "select $1");
    for (id, sql) in [(2, "select 2"), (3, "select 3")] {
        lab.fetch(id, &query(sql));
        lab.sent();
        lab.hear(&[described(&[], &[("n", 23)])]);
        // The second displaces the first.
        let closed = if lab.sent().starts_with("close s2") { close_complete() } else { Vec::new() };
        assert_eq!(lab.hear(&[closed, one(0)]).len(), 1);
    }
    lab.engine.drop_statements();
    lab.submit(call(4, &mine));
    assert_eq!(lab.sent(), "close s3, bind s1 1, execute, sync");
    // A call like any other with this text has a statement of its own.
    let mut lab = Lab::new(10);
    prepared(&mut lab, "select $1");
    lab.submit(call(2, &query("select $1")));
    assert_eq!(lab.sent(), "parse s2 select $1, describe s2, sync");
}

#[test]
fn without_a_cache_it_has_no_name_and_is_parsed_at_every_use() {
    let mut lab = Lab::new(0);
    let query = own("select $1", None);
    lab.submit(prepare(1, &query));
    assert_eq!(lab.sent(), "parse unnamed select $1, describe unnamed, sync");
    let told = lab.hear(&[described(&[23], &[("n", 23)])]);
    assert!(told.contains(&"#1 described unnamed [23] rows".to_owned()), "{told:?}");
    for id in 2..4 {
        lab.submit(call(id, &query));
        assert_eq!(lab.sent(), "parse unnamed select $1, bind unnamed 1, describe portal, execute, sync");
        assert_eq!(lab.hear(&[parsed(5)]), [format!("#{id} rows [n=5] end I SELECT 1")]);
    }
    // A name that was asked for is given all the same.
    let mut lab = Lab::new(0);
    prepared(&mut lab, "select $1");
}

#[test]
fn a_statement_that_cannot_be_prepared_leaves_nothing() {
    let mut lab = Lab::new(10);
    let query = own("select bad", None);
    lab.submit(prepare(1, &query));
    lab.sent();
    assert_eq!(lab.hear(&[error("42703"), ready(b'I')]), ["#1 server 42703"]);
    lab.engine.let_go(&query);
    lab.fetch(2, &crate::support::lab::query("select 1"));
    assert_eq!(lab.sent(), "parse s2 select 1, describe s2, sync");
}

#[test]
fn what_was_let_go_is_closed_in_front_of_the_next_request() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    lab.engine.let_go(&mine);
    lab.fetch(2, &query("select 1"));
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
    // It was given up while it was described.
    let mut lab = Lab::new(10);
    let given_up = own("select 1", None);
    lab.submit(prepare(1, &given_up));
    lab.sent();
    lab.abandon(1);
    lab.engine.let_go(&given_up);
    lab.cancel_closed();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.fetch(2, &query("select 2"));
    assert_eq!(lab.sent(), "close s1, parse s2 select 2, describe s2, sync");
}

#[test]
fn the_server_has_lost_it_and_gets_it_again_under_its_name() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    let all = warm_discard(&mut lab);
    lab.fetch(3, &all);
    lab.sent();
    lab.hear(&[[bind_complete(), complete("DISCARD ALL"), ready(b'I')].concat()]);
    let again = "parse s1 select $1, bind s1 1, describe portal, execute, sync";
    lab.submit(call(4, &mine));
    assert_eq!(lab.sent(), again);
    assert_eq!(lab.hear(&[parsed(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    lab.submit(call(5, &mine));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    // Nobody has told that it is gone.
    assert!(lab.hear(&[vanished()]).is_empty());
    assert_eq!(lab.sent(), again);
    assert_eq!(lab.hear(&[parsed(5)]), ["#5 rows [n=5] end I SELECT 1"]);
}

/// A statement without columns that was run once.
fn warm_discard(lab: &mut Lab) -> Arc<Query> {
    let query = query("discard all");
    lab.fetch(2, &query);
    lab.sent();
    lab.hear(&[described(&[], &[])]);
    lab.sent();
    lab.hear(&[[bind_complete(), complete("DISCARD PLANS"), ready(b'I')].concat()]);
    query
}

#[test]
fn in_a_transaction_its_loss_is_an_error() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    lab.submit(crate::support::lab::script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.submit(call(3, &mine));
    lab.sent();
    assert_eq!(lab.hear(&[error("26000"), ready(b'E')]), ["#3 server 26000"]);
}

#[test]
fn a_result_that_changed_is_told_and_the_statement_stays() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    for id in 2..4 {
        lab.submit(call(id, &mine));
        assert_eq!(lab.sent(), "bind s1 1, execute, sync");
        let changed = error_in("0A000", "RevalidateCachedQuery");
        assert_eq!(lab.hear(&[changed, ready(b'I')]), [format!("#{id} server 0A000")]);
    }
}

#[test]
fn an_argument_that_does_not_fit_is_refused_without_asking_again() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    lab.submit(fetch(2, &mine, &[arguments::refused("undefined")]));
    assert_eq!(lab.sent(), "");
    assert!(lab.told()[0].starts_with("#2 data invalid input for query argument $1"));
}

#[test]
fn behind_a_pooler_it_loses_its_name_unless_the_user_has_chosen_it() {
    let learning = || Options { learns_poolers: true, ..options(10) };
    let mut lab = Lab::with(learning());
    let query = own("select $1", None);
    lab.submit(prepare(1, &query));
    lab.sent();
    lab.hear(&[described(&[23], &[("n", 23)])]);
    lab.submit(call(2, &query));
    lab.sent();
    assert!(lab.hear(&[vanished()]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select $1, bind unnamed 1, describe portal, execute, sync");
    assert_eq!(lab.hear(&[parsed(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    lab.submit(unprepare(3, &query));
    assert_eq!(lab.sent(), "close unnamed, sync");

    let mut lab = Lab::with(learning());
    let mine = prepared(&mut lab, "select $1");
    lab.submit(call(2, &mine));
    lab.sent();
    assert!(lab.hear(&[vanished()]).is_empty());
    assert_eq!(lab.sent(), "parse s1 select $1, bind s1 1, describe portal, execute, sync");
    assert_eq!(lab.hear(&[error("42P05"), ready(b'I')]), ["#2 server 42P05"]);
    assert!(!lab.engine.is_pooled(), "a name that the user has chosen tells nothing of poolers");
}

#[test]
fn its_shape_lives_as_long_as_it_is_kept() {
    let mut lab = Lab::new(10);
    let mine = prepared(&mut lab, "select $1");
    let other = warm(&mut lab, "select 2 as m");
    lab.submit(unprepare(5, &mine));
    lab.fetch(6, &other);
    lab.sent();
    assert_eq!(
        lab.hear(&[[close_complete(), ready(b'I')].concat(), one(6)]),
        ["#5 rows [] end I ", "#6 rows [n=6] end I SELECT 1"]
    );
}
