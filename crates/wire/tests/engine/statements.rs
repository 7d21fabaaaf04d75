//! Statements on the server: kept, closed, and prepared again.

use std::time::Duration;

use cornac_wire::statement::CacheLimits;

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments,
        lab::{Lab, fetch, options, query, script},
    },
};

/// The answer of one row with one int4 to a statement that is parsed in the same round.
pub(crate) fn parsed(value: i32) -> Vec<u8> {
    let rows = [int_row(value), complete("SELECT 1"), ready(b'I')].concat();
    [parse_complete(), bind_complete(), binary_columns(&[("n", 23)]), rows].concat()
}

/// The answer to a statement that is not on the server.
pub(crate) fn vanished() -> Vec<u8> {
    [error("26000"), ready(b'I')].concat()
}

#[test]
fn the_least_recently_used_statement_is_closed_in_front_of_the_next_request() {
    let mut lab = Lab::new(2);
    let (a, b, c) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"), query("select 3"));
    lab.fetch(2, &a);
    lab.sent();
    lab.hear(&[one(1)]);
    lab.fetch(3, &c);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "close s2, bind s3 0, execute, sync");
    assert_eq!(lab.hear(&[close_complete(), one(3)]), ["#3 rows [n=3] end I SELECT 1"]);
    // What it was described as is remembered.
    lab.fetch(4, &b);
    lab.fetch(5, &b);
    assert_eq!(lab.sent(), "close s1, parse s4 select 2, bind s4 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[close_complete(), parsed(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    assert_eq!(lab.sent(), "bind s4 0, execute, sync");
}

#[test]
fn statements_that_are_too_old_or_too_long_are_not_kept() {
    let mut options = options(10);
    options.cache = CacheLimits { size: 10, lifetime: Duration::from_secs(1), characters: 8 };
    let mut lab = Lab::with(options);
    let a = warm(&mut lab, "select 1");
    lab.wait(999);
    lab.fetch(2, &a);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    lab.hear(&[one(1)]);
    lab.wait(1);
    lab.fetch(3, &a);
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
    lab.hear(&[close_complete(), described(&[], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[one(1)]);
    lab.fetch(4, &query("select 12"));
    assert_eq!(lab.sent(), "parse unnamed select 12, describe unnamed, sync");
}

#[test]
fn without_a_cache_a_text_is_described_once_and_parsed_in_the_round_of_every_call() {
    let mut lab = Lab::new(0);
    let sql = query("select $1");
    let call = |id| fetch(id, &sql, &[arguments::int(1)]);
    let round = "parse unnamed select $1, bind unnamed 1, describe portal, execute, sync";
    lab.submit(call(1));
    assert_eq!(lab.sent(), "parse unnamed select $1, describe unnamed, sync");
    lab.hear(&[described(&[23], &[("n", 23)])]);
    assert_eq!(lab.sent(), round);
    assert_eq!(lab.hear(&[parsed(1)]), ["#1 rows [n=1] end I SELECT 1"]);
    lab.submit(call(2));
    lab.submit(call(3));
    assert_eq!(lab.sent(), format!("{round}, {round}"));
    assert_eq!(
        lab.hear(&[parsed(2), parsed(3)]),
        ["#2 rows [n=2] end I SELECT 1", "#3 rows [n=3] end I SELECT 1"]
    );
    lab.engine.drop_statements();
    lab.records();
    assert_eq!(lab.reader.shapes(), 1, "a shape that was used lately lives on");
    lab.submit(call(4));
    assert_eq!(lab.sent(), "parse unnamed select $1, describe unnamed, sync");
}

#[test]
fn columns_that_changed_between_description_and_execution_are_never_read_as_what_they_were() {
    let changed = |lab: &mut Lab, columns_: &[(&str, u32)], value: &[u8]| {
        lab.fetch(1, &query("select n from t"));
        lab.sent();
        lab.hear(&[described(&[], &[("n", 23)])]);
        lab.sent();
        let answer = [
            bind_complete(),
            binary_columns(columns_),
            row(&[Some(value)]),
            complete("SELECT 1"),
            ready(b'I'),
        ];
        lab.hear(&[parse_complete(), answer.concat()])
    };
    // Both travel in binary: read as what it is now.
    let told = changed(&mut Lab::new(0), &[("n", 25)], b"four");
    assert_eq!(told, ["#1 rows [n=four] end I SELECT 1"]);
    let told = changed(&mut Lab::new(0), &[("m", 23)], &[0, 0, 0, 4]);
    assert_eq!(told, ["#1 rows [m=4] end I SELECT 1"]);
}

#[test]
fn a_vanished_statement_is_prepared_again_once() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.sent();
    assert!(lab.hear(&[vanished()]).is_empty());
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, bind s2 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[close_complete(), parsed(2)]), ["#2 rows [n=2] end I SELECT 1"]);

    // Described and prepared for this call, and lost again: that is its error, with a hint at poolers.
    let (mut lab, sql) = (Lab::new(10), query("select 1"));
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[vanished()]);
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, bind s2 0, describe portal, execute, sync");
    lab.hear_bytes(&[close_complete(), parse_complete(), vanished()].concat());
    let records = lab.records();
    assert_eq!(records[0].words(), "#1 server 26000");
    assert!(records[0].field('H').contains("statementCacheSize"), "{:?}", records[0]);
}

#[test]
fn a_pipeline_of_vanished_statements_is_run_again_in_order() {
    let mut lab = Lab::new(10);
    let (a, b) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"));
    for (id, sql) in [(2, &a), (3, &b), (4, &a), (5, &b)] {
        lab.fetch(id, sql);
    }
    lab.sent();
    lab.fetch(6, &a);
    lab.hear(&[vanished()]);
    assert_eq!(lab.sent(), "", "what is sent behind others may meet a transaction that they open");
    lab.hear(&[vanished(), vanished(), vanished()]);
    let sent = lab.sent();
    let round = ", parse s3 select 1, bind s3 0, describe portal, execute, sync";
    assert!(sent.ends_with(round) && sent.matches("close").count() == 2, "{sent}");
    let told = lab.hear(&[close_complete(), close_complete(), parsed(2)]);
    assert_eq!(told, ["#2 rows [n=2] end I SELECT 1"]);
    assert_eq!(lab.sent(), "parse s4 select 2, bind s4 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[parsed(3)]), ["#3 rows [n=3] end I SELECT 1"]);
    assert_eq!(lab.sent(), "bind s3 0, execute, sync");
    assert_eq!(lab.hear(&[one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    assert_eq!(lab.sent(), "bind s4 0, execute, sync, bind s3 0, execute, sync");
    assert_eq!(lab.hear(&[one(5), one(6)]), ["#5 rows [n=5] end I SELECT 1", "#6 rows [n=6] end I SELECT 1"]);
}

#[test]
fn a_changed_plan_is_prepared_again_outside_a_transaction_only() {
    let changed = error_in("0A000", "RevalidateCachedQuery");
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.sent();
    assert!(lab.hear(&[changed.clone(), ready(b'I')]).is_empty());

    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(3, &a);
    lab.sent();
    assert_eq!(lab.hear(&[changed.clone(), ready(b'E')]), ["#3 server 0A000"]);
    // The statement is forgotten all the same.
    lab.fetch(4, &a);
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
}

#[test]
fn what_may_have_run_is_not_prepared_again() {
    // A function that raises the same code, once its call had begun to run.
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.sent();
    assert_eq!(lab.hear(&[bind_complete(), int_row(1), vanished()]), ["#2 server 26000"]);
    lab.fetch(3, &a);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

#[test]
fn a_second_try_does_not_join_a_transaction_that_was_opened_behind_the_first() {
    let mut lab = Lab::new(10);
    let (a, begin) = (warm(&mut lab, "select 1"), query("begin"));
    lab.fetch(3, &a);
    lab.fetch(4, &begin);
    lab.sent();
    let began = [parse_complete(), bind_complete(), no_data(), complete("BEGIN"), ready(b'T')].concat();
    let told = lab.hear(&[vanished(), began]);
    assert_eq!(told, ["#4 rows [] end T BEGIN"]);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#3 server 26000"]);
}

#[test]
fn a_statement_whose_description_failed_is_closed() {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select 1"));
    lab.sent();
    assert_eq!(
        lab.hear(&[parse_complete(), parameters(&[]), error("57014"), ready(b'I')]),
        ["#1 server 57014"]
    );
    lab.fetch(2, &query("select nothing"));
    assert_eq!(lab.sent(), "close s1, parse s2 select nothing, describe s2, sync");
    assert_eq!(lab.hear(&[close_complete(), error("42703"), ready(b'I')]), ["#2 server 42703"]);
    lab.fetch(3, &query("select 3"));
    assert_eq!(
        lab.sent(),
        "parse s3 select 3, describe s3, sync",
        "a statement that never was is not closed"
    );
}

#[test]
fn a_statement_that_has_left_the_cache_before_its_call_was_sent_is_prepared_again() {
    let mut lab = Lab::new(1);
    let first = warm(&mut lab, "select 1");
    lab.fetch(2, &first);
    lab.fetch(3, &query("select 2"));
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, parse s2 select 2, describe s2, sync");
    let plan_changed = [error_in("0A000", "RevalidateCachedQuery"), ready(b'I')].concat();
    assert!(lab.hear(&[plan_changed, described(&[], &[("n", 23)])]).is_empty());
    // The second try comes first, and takes the only place.
    assert_eq!(lab.sent(), "close s1, parse s3 select 1, describe s3, sync");
    lab.hear(&[close_complete(), described(&[], &[("n", 23)])]);
    let second = "close s3, parse s4 select 2, bind s4 0, describe portal, execute, sync";
    assert_eq!(lab.sent(), format!("close s2, bind s3 0, execute, sync, {second}"));
    let told = lab.hear(&[close_complete(), one(2), close_complete(), parsed(3)]);
    assert_eq!(told, ["#2 rows [n=2] end I SELECT 1", "#3 rows [n=3] end I SELECT 1"]);
}

#[test]
fn statements_dropped_between_description_and_execution_are_described_anew() {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select 1"));
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.engine.drop_statements();
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
}

#[test]
fn close_messages_come_back_when_their_request_is_withdrawn_or_refused() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select $1");
    let b = warm(&mut lab, "select 2");
    lab.engine.drop_statements();
    // Refused: it has an argument too many, which is known once it is described.
    lab.submit(fetch(2, &a, &[]));
    lab.send(0);
    lab.abandon(2);
    assert_eq!(lab.told(), ["#2 done"]);
    lab.fetch(3, &b);
    let sent = lab.sent();
    assert!(sent.ends_with(", parse s3 select 2, describe s3, sync"), "{sent}");
    assert_eq!(sent.matches("close").count(), 2, "{sent}");
    lab.hear(&[close_complete(), close_complete(), described(&[], &[("n", 23)])]);
    lab.sent();
    assert_eq!(lab.hear(&[one(3)]), ["#3 rows [n=3] end I SELECT 1"]);
}

#[test]
fn transaction_control_takes_one_round_from_its_first_use_on_and_is_pipelined() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &query("begin isolation level serializable"));
    lab.fetch(3, &sql);
    lab.fetch(4, &query("commit"));
    assert_eq!(
        lab.sent(),
        "parse unnamed begin isolation level serializable, bind unnamed 0, describe portal, execute, sync, \
         bind s1 0, execute, sync, \
         parse unnamed commit, bind unnamed 0, describe portal, execute, sync"
    );
    let began = [parse_complete(), bind_complete(), no_data(), complete("BEGIN"), ready(b'T')].concat();
    assert_eq!(lab.hear(&[began]), ["#2 rows [] end T BEGIN"]);
}
