//! What one session was told of a text and another one relies on.

use std::{sync::Arc, time::Duration};

use cornac_wire::{
    engine::{Ask, Options, Request},
    query::Query,
    shared_descriptions::SharedDescriptions,
};

use crate::{
    calls::described,
    support::{
        answers::*,
        arguments::{int, text},
        lab::{Lab, fetch, options, query, script},
    },
};

/// Two sessions that share; the first was told of the text, whose parameter is an int4.
fn shared(options: Options) -> (Lab, Lab, Arc<Query>) {
    let shared = Arc::<SharedDescriptions>::default();
    let (mut first, mut second) = (Lab::with(options), Lab::with(options));
    first.engine.share_descriptions(shared.clone());
    second.engine.share_descriptions(shared);
    let sql = query("insert $1");
    first.submit(fetch(1, &sql, &[int(1)]));
    first.sent();
    first.hear(&[described(&[23], &[])]);
    first.sent();
    (first, second, sql)
}

fn inserted() -> Vec<u8> {
    [parse_complete(), bind_complete(), no_data(), complete("INSERT 0 1"), ready(b'I')].concat()
}

const UNNAMED: &str = "parse unnamed insert $1, bind unnamed 1, describe portal, execute, sync";
const NAMED: &str = "parse s1 insert $1, bind s1 1, describe portal, execute, sync";
const ASKED: &str = "parse unnamed insert $1, describe unnamed, sync";

#[test]
fn a_text_that_one_session_was_told_of_is_run_by_another_in_one_round() {
    for (cache, round) in [(0, UNNAMED), (10, NAMED)] {
        let (_first, mut second, sql) = shared(options(cache));
        second.submit(fetch(1, &sql, &[int(1)]));
        assert_eq!(second.sent(), round);
        // JavaScript is told of the types once, as if they had been asked for.
        assert_eq!(second.hear(&[inserted()]), ["parameters [23]", "#1 rows [] end I INSERT 0 1"]);
        second.submit(fetch(2, &sql, &[int(2)]));
        assert_eq!(second.sent(), if cache == 0 { UNNAMED } else { "bind s1 1, execute, sync" });
        assert!(second.told().is_empty());
    }
}

#[test]
fn what_others_were_told_is_not_relied_on_where_a_second_try_could_not_be() {
    let begins: [fn(&mut Lab); 3] = [
        // In a transaction.
        |lab| {
            lab.submit(script(7, "begin"));
            lab.sent();
            lab.hear(&[complete("BEGIN"), ready(b'T')]);
        },
        // Behind what may open one.
        |lab| {
            lab.fetch(7, &query("begin"));
            lab.sent();
        },
        // Behind what opens one under the same Sync.
        |lab| {
            let opening = Request { ask: Ask::Opening { number: 3 }, ..fetch(7, &query("begin"), &[]) };
            lab.submit(opening);
        },
    ];
    for (index, begin) in begins.into_iter().enumerate() {
        let (_first, mut second, sql) = shared(options(0));
        begin(&mut second);
        let within = if index == 2 { 3 } else { 0 };
        second.submit(Request { within, ..fetch(1, &sql, &[int(1)]) });
        assert!(second.sent().ends_with(ASKED), "{index}");
    }
}

#[test]
fn what_does_not_fit_this_session_is_asked_for() {
    let (_first, mut second, sql) = shared(options(0));
    second.submit(fetch(1, &sql, &[int(1)]));
    assert_eq!(second.sent(), UNNAMED);
    // There is no such operator for the type of before.
    second.hear(&[error_at("42883", "8"), ready(b'I')]);
    assert_eq!(second.sent(), ASKED);
    second.hear(&[described(&[20], &[])]);
    assert_eq!(second.sent(), UNNAMED);
    assert_eq!(second.hear(&[inserted()]), ["#1 rows [] end I INSERT 0 1"]);
}

#[test]
fn an_argument_that_does_not_fit_what_another_was_told_is_sent_as_what_it_is_here() {
    let (_first, mut second, sql) = shared(options(0));
    second.submit(fetch(1, &sql, &[text("one")]));
    assert_eq!(second.sent(), UNNAMED);
    second.hear(&[parse_complete(), error("22P02"), ready(b'I')]);
    assert_eq!(second.sent(), ASKED);
    second.hear(&[described(&[25], &[])]);
    assert_eq!(second.sent(), UNNAMED);
    assert_eq!(second.hear(&[inserted()]), ["#1 rows [] end I INSERT 0 1"]);
}

#[test]
fn what_one_session_found_stale_or_forgot_is_not_taken_over_by_the_next() {
    let forgets: [fn(&mut Lab, &Arc<Query>); 2] = [
        |lab, sql| {
            lab.hear(&[inserted()]);
            lab.submit(fetch(2, sql, &[int(1)]));
            lab.sent();
            lab.hear(&[error_at("42703", "8"), ready(b'I')]);
        },
        |lab, _| lab.engine.drop_statements(),
    ];
    for forget in forgets {
        let (mut first, mut second, sql) = shared(options(0));
        forget(&mut first, &sql);
        second.submit(fetch(1, &sql, &[int(1)]));
        assert_eq!(second.sent(), ASKED);
    }
}

#[test]
fn it_is_relied_on_no_longer_than_a_statement_of_ones_own() {
    let mut limited = options(0);
    limited.cache.lifetime = Duration::from_secs(10);
    let (_first, mut second, sql) = shared(limited);
    second.wait(10_001);
    second.submit(fetch(1, &sql, &[int(1)]));
    assert_eq!(second.sent(), ASKED);
}
