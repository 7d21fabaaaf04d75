//! What opens a transaction, under one Sync with the first call in it.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Request, Sink},
    query::Query,
};

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments::refused,
        lab::{Lab, fetch, query, script},
    },
};

const UNOPENED: &str = "interface the transaction could not be started, so that nothing can run in it";

/// The messages of a BEGIN.
const BEGIN: &str = "parse unnamed begin, bind unnamed 0, describe portal, execute";

fn opening(id: u32, number: u32, within: u32, sql: &str) -> Request {
    let ask = Ask::Opening { number };
    Request { ask, within, sink: Sink::Dropped, tag: false, ..fetch(id, &query(sql), &[]) }
}

fn begin(id: u32) -> Request {
    opening(id, 1, 0, "begin")
}

fn inside(id: u32, query: &Arc<Query>) -> Request {
    Request { within: 1, ..fetch(id, query, &[]) }
}

fn opened(tag: &str) -> Vec<u8> {
    [parse_complete(), bind_complete(), no_data(), complete(tag)].concat()
}

fn lab() -> (Lab, Arc<Query>) {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    (lab, sql)
}

#[test]
fn begin_shares_the_sync_of_the_first_call_and_what_is_behind_waits_for_its_answer() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.submit(inside(4, &sql));
    assert_eq!(lab.sent(), format!("{BEGIN}, bind s1 0, execute, sync"));
    assert_eq!(lab.hear(&[opened("BEGIN")]), ["#2 rows [] end T "]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    let row = [bind_complete(), int_row(7), complete("SELECT 1"), ready(b'T')].concat();
    assert_eq!(
        lab.hear(&[row.clone(), row]),
        ["#3 rows [n=7] end T SELECT 1", "#4 rows [n=7] end T SELECT 1"]
    );
}

#[test]
fn when_begin_fails_nothing_runs_that_is_within() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.submit(inside(4, &sql));
    lab.submit(Request { within: 1, ..script(5, "select 2") });
    lab.fetch(6, &sql);
    lab.sent();
    assert_eq!(lab.hear(&[parse_complete(), bind_complete(), error("0A000")]), ["#2 server 0A000"]);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.hear(&[ready(b'I')]), [format!("#4 {UNOPENED}"), format!("#3 {UNOPENED}")]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.told(), [format!("#5 {UNOPENED}")]);
    // What comes late is within it too, until the next transaction.
    lab.submit(inside(7, &sql));
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.hear(&[one(1)]), [format!("#7 {UNOPENED}"), "#6 rows [n=1] end I SELECT 1".to_owned()]);
    lab.submit(opening(8, 2, 0, "begin"));
    lab.submit(Request { within: 2, ..fetch(9, &sql, &[]) });
    assert_eq!(lab.sent(), format!("{BEGIN}, bind s1 0, execute, sync"));
}

#[test]
fn savepoints_behind_begin_share_its_sync_and_its_failure() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(opening(3, 2, 1, "savepoint a"));
    lab.submit(Request { within: 2, ..fetch(4, &sql, &[]) });
    let both = format!("{BEGIN}, {}", BEGIN.replace("begin", "savepoint a"));
    assert_eq!(lab.sent(), format!("{both}, bind s1 0, execute, sync"));
    assert_eq!(
        lab.hear(&[error("57014"), ready(b'I')]),
        ["#2 server 57014".to_owned(), format!("#3 {UNOPENED}"), format!("#4 {UNOPENED}")]
    );
    lab.submit(Request { within: 2, ..fetch(5, &sql, &[]) });
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), [format!("#5 {UNOPENED}")]);
}

#[test]
fn a_first_call_that_is_to_be_described_shares_its_sync() {
    let (mut lab, _) = lab();
    let other = query("select 2");
    lab.submit(begin(2));
    lab.submit(inside(3, &other));
    assert_eq!(lab.sent(), format!("{BEGIN}, parse s2 select 2, describe s2, sync"));
    assert_eq!(lab.hear(&[opened("BEGIN"), described(&[], &[("n", 23)])]), ["#2 rows [] end T "]);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync");
    // The statement was not prepared when it was skipped.
    let (mut lab, _) = self::lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &other));
    lab.sent();
    lab.hear(&[error("0A000"), ready(b'I')]);
    lab.fetch(4, &other);
    assert_eq!(lab.sent(), "parse s3 select 2, describe s3, sync");
}

#[test]
fn what_cannot_share_the_sync_waits_for_the_answer() {
    let (mut lab, _) = lab();
    lab.submit(begin(2));
    lab.submit(Request { within: 1, ..script(3, "select 2") });
    assert_eq!(lab.sent(), format!("{BEGIN}, sync"));
    assert_eq!(lab.hear(&[opened("BEGIN"), ready(b'T')]), ["#2 rows [] end T "]);
    assert_eq!(lab.sent(), "query select 2");
    let (mut lab, _) = self::lab();
    lab.submit(begin(2));
    lab.submit(Request { within: 1, ..script(3, "select 2") });
    lab.sent();
    let failed = [parse_complete(), bind_complete(), no_data(), error("0A000"), ready(b'I')];
    assert_eq!(lab.hear(&failed), ["#2 server 0A000"]);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), [format!("#3 {UNOPENED}")]);
}

#[test]
fn a_first_call_that_is_refused_leaves_begin_to_the_next() {
    let (mut lab, _) = lab();
    let sql = query("select 1 where 1 = $1");
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[described(&[23], &[("n", 23)])]);
    lab.submit(begin(3));
    lab.submit(Request { within: 1, ..fetch(4, &sql, &[refused("undefined"), refused("undefined")]) });
    lab.submit(Request { within: 1, ..script(5, "select 2") });
    lab.told();
    assert_eq!(lab.sent(), format!("{BEGIN}, sync"));
    lab.hear(&[opened("BEGIN"), ready(b'T')]);
    assert_eq!(lab.sent(), "query select 2");
}

#[test]
fn a_first_call_that_is_withdrawn_puts_begin_back() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    assert_eq!(lab.send(0), "");
    lab.abandon(3);
    assert_eq!(lab.told(), ["#3 done"]);
    lab.submit(inside(4, &sql));
    assert_eq!(lab.sent(), format!("{BEGIN}, bind s1 0, execute, sync"));
    // Nothing is taken back of what was sent in part.
    let (mut lab, sql) = self::lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    assert_eq!(lab.send(5), "");
    lab.abandon(3);
    assert_eq!(lab.sent(), format!("{BEGIN}, bind s1 0, execute, sync"));
    lab.hear(&[opened("BEGIN")]);
    assert!(!lab.wants_cancel());
    lab.wait(100);
    assert!(lab.wants_cancel());
}

/// A server keeps its answers until a Sync, so that the one to BEGIN does not tell when the call behind it runs.
#[test]
fn a_first_call_that_is_given_up_is_cancelled_before_begin_is_answered() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.sent();
    lab.abandon(3);
    lab.submit(inside(4, &sql));
    assert!(!lab.wants_cancel(), "it could hit BEGIN");
    lab.wait(100);
    assert!(lab.wants_cancel());
    assert_eq!(lab.sent(), "");
    let cancelled = [bind_complete(), error("57014"), ready(b'E')].concat();
    assert_eq!(lab.hear(&[opened("BEGIN"), cancelled]), ["#2 rows [] end T ", "#3 done"]);
    assert_eq!(lab.sent(), "", "a call was sent while the cancel connection was open");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");

    // Given up while other calls ran.
    let (mut lab, sql) = self::lab();
    lab.fetch(2, &sql);
    lab.submit(begin(3));
    lab.submit(inside(4, &sql));
    lab.sent();
    lab.abandon(4);
    lab.wait(1_000);
    assert!(!lab.wants_cancel());
    lab.hear(&[one(2)]);
    assert!(!lab.wants_cancel());
    lab.wait(100);
    assert!(lab.wants_cancel());
    // It is pursued as any call, also when BEGIN is answered while the cancel is under way.
    lab.hear(&[opened("BEGIN")]);
    lab.cancel_closed();
    assert!(!lab.wants_cancel());
    lab.wait(100);
    assert!(lab.wants_cancel());
}

#[test]
fn a_cancel_waits_until_the_server_has_what_shares_the_sync_of_begin() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.send(5);
    lab.abandon(3);
    lab.wait(100);
    assert!(!lab.wants_cancel(), "it would overtake the call that it is meant for");
    lab.send(usize::MAX);
    assert!(lab.wants_cancel());
}

#[test]
fn close_takes_both_back_or_waits_for_both() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.send(0);
    lab.engine.close();
    assert_eq!(lab.sent(), "terminate");
    assert_eq!(lab.told(), ["#2 interface connection is closing", "#3 interface connection is closing"]);
}

#[test]
fn what_the_server_skips_is_not_answered() {
    let (mut lab, sql) = lab();
    lab.submit(begin(2));
    lab.submit(inside(3, &sql));
    lab.sent();
    lab.hear(&[error("0A000")]);
    let told = lab.hear(&[bind_complete()]);
    assert!(told[0].starts_with("ended protocol"), "{told:?}");
}
