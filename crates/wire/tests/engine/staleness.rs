//! What is remembered of a text and is not so any more.

use crate::{
    calls::{described, one, warm},
    statements::parsed,
    support::{
        answers::*,
        arguments::{int, text},
        lab::{Lab, fetch, options, query, script},
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
    // And no third time.
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
    for (answer, stale) in [
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
        assert_eq!(told.is_empty(), stale, "{told:?}");
        if stale {
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

fn pooled() -> Lab {
    let mut options = options(10);
    options.learns_poolers = true;
    Lab::with(options)
}

fn lost() -> Vec<u8> {
    [error("26000"), ready(b'I')].concat()
}

#[test]
fn a_pooler_is_learnt_and_what_failed_runs_again_in_its_order() {
    let mut lab = pooled();
    let (a, b) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"));
    for (id, sql) in [(2, &a), (3, &b), (4, &a)] {
        lab.fetch(id, sql);
    }
    lab.sent();
    lab.fetch(5, &b);
    assert!(!lab.engine.is_pooled());
    assert!(lab.hear(&[lost()]).is_empty());
    assert!(lab.engine.is_pooled());
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.hear(&[lost(), one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    let round = |sql| format!("parse unnamed {sql}, bind unnamed 0, describe portal, execute, sync");
    // The second tries have the wire alone: what was sent behind them may have opened a transaction.
    assert_eq!(lab.sent(), round("select 1"));
    assert_eq!(lab.hear(&[parsed(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    assert_eq!(lab.sent(), format!("{}, {}", round("select 2"), round("select 2")));
    let told = lab.hear(&[parsed(3), parsed(5)]);
    assert_eq!(told, ["#3 rows [n=3] end I SELECT 1", "#5 rows [n=5] end I SELECT 1"]);
    // A text that is new is not given a name either.
    lab.fetch(6, &query("select 6"));
    assert_eq!(lab.sent(), "parse unnamed select 6, describe unnamed, sync");
}

#[test]
fn a_pooler_is_learnt_while_a_statement_is_prepared_for_its_first_call() {
    let mut lab = pooled();
    let sql = query("select 1");
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(lab.hear(&[lost()]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select 1, bind unnamed 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[parsed(1)]), ["#1 rows [n=1] end I SELECT 1"]);
}

#[test]
fn a_name_that_the_server_knows_already_tells_of_a_pooler_too() {
    let mut lab = pooled();
    lab.fetch(1, &query("select 1"));
    lab.sent();
    assert!(lab.hear(&[error("42P05"), ready(b'I')]).is_empty());
    assert!(lab.engine.is_pooled());
    assert_eq!(lab.sent(), "parse unnamed select 1, describe unnamed, sync");
}

#[test]
fn what_the_user_deallocated_tells_of_no_pooler() {
    for tag in ["DEALLOCATE", "DEALLOCATE ALL", "DISCARD ALL"] {
        let mut lab = pooled();
        let sql = warm(&mut lab, "select 1");
        // Sent before the session knows.
        lab.submit(fetch(2, &query("select 2"), &[]));
        lab.sent();
        lab.hear(&[described(&[], &[])]);
        lab.fetch(3, &sql);
        lab.sent();
        lab.hear(&[bind_complete(), complete(tag), ready(b'I')]);
        assert!(lab.hear(&[lost()]).is_empty());
        assert!(!lab.engine.is_pooled(), "{tag}");
        let sent = lab.sent();
        assert!(sent.ends_with("select 1, bind s3 0, describe portal, execute, sync"), "{sent}");
    }
}

#[test]
fn a_loss_within_a_transaction_is_told_and_learnt() {
    let mut lab = pooled();
    let sql = warm(&mut lab, "select 1");
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(3, &sql);
    lab.sent();
    assert_eq!(lab.hear(&[error("26000"), ready(b'E')]), ["#3 server 26000"]);
    assert!(lab.engine.is_pooled());
}

/// A call of `select n` that is remembered as an int4, and now has these columns.
fn changed(sql: &str, columns_: &[(&str, u32)]) -> Lab {
    let (mut lab, sql) = (Lab::new(0), query(sql));
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[parsed(1)]);
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear_bytes(&[parse_complete(), bind_complete(), binary_columns(columns_)].concat());
    lab
}

#[test]
fn columns_that_cannot_be_read_in_the_formats_asked_for_are_asked_for_again() {
    // An aclitem travels as text. It was executed, which a read may be once more.
    let mut lab = changed("select n", &[("n", 1033)]);
    assert!(lab.hear(&[row(&[Some(b"four")]), complete("SELECT 1"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select n, describe unnamed, sync");
    // And what writes only when it was rolled back.
    let words =
        "#2 protocol the result's columns changed between the statement's description and its execution";
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert_eq!(lab.hear(&[row(&[Some(b"four")]), complete("DELETE 1"), ready(b'I')]), [words]);
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert!(lab.hear(&[error("42883"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed delete n, describe unnamed, sync");
    // Without rows there is nothing that could not be read.
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert_eq!(lab.hear(&[complete("DELETE 0"), ready(b'I')]), ["#2 rows [] end I DELETE 0"]);
}

/// A call without a cache whose portal has these columns, all told to come as text.
fn as_text(
    described_: &[(&str, u32)],
    portal: &[(&str, u32)],
    values: &[Option<&[u8]>],
) -> (Lab, Vec<String>) {
    let (mut lab, sql) = (Lab::new(0), query("select n"));
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], described_)]);
    lab.sent();
    let rows = [columns(portal), row(values), complete("SELECT 1"), ready(b'I')].concat();
    let told = lab.hear(&[parse_complete(), bind_complete(), rows]);
    lab.sent();
    (lab, told)
}

#[test]
fn values_that_come_as_text_although_binary_was_asked_for_are_read_as_what_they_are() {
    let columns = [
        ("bool", 16),
        ("int2", 21),
        ("int8", 20),
        ("oid", 26),
        ("float8", 701),
        ("text", 25),
        ("numeric", 1700),
        ("uuid", 2950),
        ("jsonb", 3802),
        ("timestamptz", 1184),
        ("bytea", 17),
        ("int4[]", 1007),
    ];
    let values = [
        "t",
        "-7",
        "9007199254740993",
        "4294967295",
        "NaN",
        "gr\u{fc}n",
        "1.50",
        "x-y",
        "{\"a\": [1]}",
        "1970-01-01 00:00:01+00",
        "\\x00ff",
        "{1,2}",
    ];
    let values: Vec<Option<&[u8]>> = values.iter().map(|value| Some(value.as_bytes())).collect();
    let (_, told) = as_text(&columns, &columns, &values);
    assert_eq!(
        told[1..],
        [
            "#1 rows [bool=true int2=-7 int8=9007199254740993 oid=4294967295 float8=NaN text=gr\u{fc}n numeric=1.50 \
          uuid=x-y jsonb={\"a\": [1]} timestamptz=1000 bytea=[0, 255] int4[]={1,2}] end I SELECT 1"
        ]
    );
    // What is no such text is told by its column, and the session goes on.
    for (oid, text) in
        [(16, "maybe"), (23, "1.5"), (20, "x"), (17, "\\x0"), (17, "abc"), (1184, "29/02/2024")]
    {
        let (mut lab, told) = as_text(&[("n", oid)], &[("n", oid)], &[Some(text.as_bytes())]);
        assert!(
            told[0].starts_with("#1 protocol column \"n\" holds a value that cannot be read"),
            "{told:?}"
        );
        lab.fetch(2, &query("select 2"));
        assert_eq!(lab.sent(), "parse unnamed select 2, describe unnamed, sync");
    }
}

#[test]
fn a_format_that_was_right_for_the_column_as_remembered_is_honoured_too() {
    // A regclass travels as text; the int4 that it is now is read from its text.
    let (_, told) = as_text(&[("n", 2205)], &[("n", 23)], &[Some(b"42")]);
    assert_eq!(told, ["#1 rows [n=42] end I SELECT 1"]);
    // An array is not: it is asked for again, in binary.
    let (_, told) = as_text(&[("n", 2205)], &[("n", 1007)], &[Some(b"{1,2}")]);
    assert!(told.is_empty(), "{told:?}");
}
