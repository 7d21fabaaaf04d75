//! What is remembered of a text and is not so any more.

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments::{int, text},
        lab::{Lab, fetch, query, script},
    },
};
use cornac_wire::{engine::Request, query::Query};
use std::sync::Arc;

/// A lab that has run `insert $1` once, the parameter being an int4.
fn inserting(cache: usize) -> (Lab, Arc<Query>) {
    let (mut lab, sql) = (Lab::new(cache), query("insert $1"));
    lab.submit(fetch(1, &sql, &[int(1)]));
    lab.sent();
    lab.hear(&[described(&[23], &[])]);
    lab.sent();
    let parse = if cache == 0 { parse_complete() } else { Vec::new() };
    let portal = if cache == 0 { no_data() } else { Vec::new() };
    let answer = [parse, bind_complete(), portal, complete("INSERT 0 1"), ready(b'I')];
    assert_eq!(lab.hear(&answer), ["#1 rows [] end I INSERT 0 1"]);
    (lab, sql)
}

fn inserted() -> Vec<u8> {
    [parse_complete(), bind_complete(), no_data(), complete("INSERT 0 1"), ready(b'I')].concat()
}

fn refused_argument(sqlstate: &str) -> Vec<u8> {
    [error(sqlstate), ready(b'I')].concat()
}

/// What the calls were told, without what JavaScript is told of parameters.
fn heard(lab: &mut Lab, answers: &[Vec<u8>]) -> Vec<String> {
    lab.hear(answers).into_iter().filter(|words| !words.starts_with("parameters")).collect()
}

const ASKED: &str = "parse unnamed insert $1, describe unnamed, sync";

#[test]
fn an_argument_that_the_server_refuses_has_its_type_asked_for_once() {
    for sqlstate in ["22P02", "23514", "42P01"] {
        let (mut lab, sql) = inserting(10);
        lab.submit(fetch(2, &sql, &[text("one")]));
        assert_eq!(lab.sent(), "bind s1 1, execute, sync");
        assert!(lab.hear(&[refused_argument(sqlstate)]).is_empty());
        assert_eq!(lab.sent(), ASKED);
        // It is what it was: so is the error, and the statement stays.
        assert_eq!(heard(&mut lab, &[described(&[23], &[])]), [format!("#2 server {sqlstate}")]);
        lab.submit(fetch(3, &sql, &[int(1)]));
        assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    }
}

#[test]
fn an_argument_that_the_server_refused_as_another_type_is_sent_as_what_it_is_now() {
    let (mut lab, sql) = inserting(10);
    lab.submit(fetch(2, &sql, &[text("one")]));
    lab.sent();
    lab.hear(&[refused_argument("22P02")]);
    lab.sent();
    assert!(heard(&mut lab, &[described(&[25], &[])]).is_empty());
    assert_eq!(lab.sent(), "close s1, parse s2 insert $1, bind s2 1, describe portal, execute, sync");
    let told = lab.hear(&[close_complete(), inserted()]);
    assert_eq!(told, ["#2 rows [] end I INSERT 0 1"]);
    // There is no third try.
    lab.submit(fetch(3, &sql, &[text("one")]));
    lab.sent();
    lab.hear(&[refused_argument("22P02")]);
    lab.sent();
    lab.hear(&[described(&[23], &[])]);
    lab.sent();
    let told = lab.hear(&[close_complete(), parse_complete(), refused_argument("22P02")]);
    assert_eq!(told, ["#3 server 22P02"]);
}

#[test]
fn a_refusal_of_ours_stands_when_the_type_is_what_it_was_or_cannot_be_asked_for() {
    let request = |sql: &Arc<Query>| Request { argument_count: 1, ..fetch(2, sql, &[vec![2]]) };
    // true for an int4.
    let (mut lab, sql) = inserting(10);
    lab.submit(request(&sql));
    assert_eq!(lab.sent(), ASKED);
    let told = heard(&mut lab, &[described(&[23], &[])]);
    assert!(told[0].starts_with("#2 data invalid input for query argument $1"), "{told:?}");
    lab.submit(fetch(3, &sql, &[int(1)]));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");

    // In a transaction that has failed nothing can be asked.
    let (mut lab, sql) = inserting(10);
    lab.submit(script(9, "begin; select 1 / 0"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), error("22012"), ready(b'E')]);
    lab.submit(request(&sql));
    assert_eq!(lab.sent(), ASKED);
    let told = lab.hear(&[error("25P02"), ready(b'E')]);
    assert!(told[0].starts_with("#2 data invalid input"), "{told:?}");

    // Whatever else is wrong now is the error.
    let (mut lab, sql) = inserting(10);
    lab.submit(request(&sql));
    lab.sent();
    assert_eq!(lab.hear(&[error("42P01"), ready(b'I')]), ["#2 server 42P01"]);
}

#[test]
fn a_refusal_of_ours_is_none_when_the_type_is_another_now() {
    let request = |sql: &Arc<Query>, id| Request { argument_count: 1, ..fetch(id, sql, &[vec![2]]) };
    for status in [b'I', b'T'] {
        let (mut lab, sql) = inserting(10);
        if status == b'T' {
            lab.submit(script(9, "begin"));
            lab.sent();
            lab.hear(&[complete("BEGIN"), ready(b'T')]);
        }
        lab.submit(request(&sql, 2));
        lab.submit(request(&sql, 3));
        assert_eq!(lab.sent(), ASKED, "a call was sent behind one whose description was due");
        let asked = [parse_complete(), parameters(&[16]), no_data(), ready(status)];
        let told = heard(&mut lab, &asked);
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(lab.sent(), "close s1, parse s2 insert $1, bind s2 1, describe portal, execute, sync");
        let answer = [bind_complete(), no_data(), complete("INSERT 0 1"), ready(status)].concat();
        let told = lab.hear(&[close_complete(), parse_complete(), answer]);
        assert_eq!(told, [format!("#2 rows [] end {} INSERT 0 1", char::from(status))]);
        assert_eq!(lab.sent(), "bind s2 1, execute, sync");
    }
}

#[test]
fn a_doubt_within_a_transaction_leaves_nothing_to_be_relied_on() {
    let (mut lab, sql) = inserting(10);
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.submit(fetch(3, &sql, &[text("one")]));
    lab.sent();
    assert_eq!(lab.hear(&[error("22P02"), ready(b'E')]), ["#3 server 22P02"]);
    lab.submit(fetch(4, &sql, &[int(1)]));
    assert_eq!(lab.sent(), "close s1, parse s2 insert $1, describe s2, sync");
}

#[test]
fn a_text_that_does_not_parse_as_it_was_remembered_is_described_anew() {
    for cache in [0, 1] {
        let (mut lab, sql) = inserting(cache);
        if cache == 1 {
            lab.fetch(2, &query("select 1"));
            lab.sent();
            lab.hear(&[described(&[], &[("n", 23)])]);
            lab.sent();
            lab.hear(&[close_complete(), one(2)]);
        }
        let name = if cache == 0 { "unnamed" } else { "s3" };
        lab.submit(fetch(3, &sql, &[int(1)]));
        let round = format!("parse {name} insert $1, bind {name} 1, describe portal, execute, sync");
        let sent = lab.sent();
        assert!(sent.ends_with(&round), "{sent}");
        let closed = if cache == 0 { Vec::new() } else { close_complete() };
        assert!(lab.hear(&[closed, error("42883"), ready(b'I')]).is_empty());
        let name = if cache == 0 { "unnamed" } else { "s4" };
        assert_eq!(lab.sent(), format!("parse {name} insert $1, describe {name}, sync"));
        assert_eq!(lab.hear(&[error("42P01"), ready(b'I')]), ["#3 server 42P01"]);
    }
}

#[test]
fn only_an_error_with_a_place_in_the_text_says_that_a_statement_is_stale() {
    for (answer, is_stale) in [
        (error_at("42703", "8"), true),
        (error_in("0A000", "AnyRoutine"), true),
        (error_saying("XX000", "cache lookup failed for type 16385"), true),
        (error_saying("XX000", "unexpected chunk number 1"), false),
        (error_at("42501", "8"), false),
    ] {
        let mut lab = Lab::new(10);
        let (sql, other) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"));
        lab.fetch(2, &sql);
        lab.sent();
        let told = lab.hear(&[answer, ready(b'I')]);
        assert_eq!(told.is_empty(), is_stale, "{told:?}");
        if is_stale {
            assert_eq!(lab.sent(), "close s1, parse s3 select 1, describe s3, sync");
            lab.hear(&[close_complete(), described(&[], &[("n", 23)])]);
            lab.sent();
            lab.hear(&[one(2)]);
        }
        // No other is forgotten with it.
        lab.fetch(3, &other);
        assert_eq!(lab.sent(), "bind s2 0, execute, sync");
    }
}

#[test]
fn statements_that_the_user_deallocated_are_prepared_without_an_error_before() {
    for tag in ["DISCARD ALL", "DEALLOCATE ALL"] {
        let mut lab = Lab::new(10);
        let sql = warm(&mut lab, "select 1");
        lab.submit(script(2, "begin; something; select 3"));
        lab.sent();
        lab.hear(&[complete("BEGIN"), complete(tag), complete("SELECT 3"), ready(b'T')]);
        lab.fetch(3, &sql);
        assert_eq!(lab.sent(), "parse s2 select 1, bind s2 0, describe portal, execute, sync");
    }
}
