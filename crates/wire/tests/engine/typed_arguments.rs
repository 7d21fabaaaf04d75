//! Arguments that are written anew by what the types of the parameters are.

use std::sync::Arc;

use bytes::Bytes;
use cornac_wire::{
    engine::{Ask, Request, SetsEnd, Sink},
    types::{Codecs, Custom, Exchange},
};

use crate::{
    calls::described,
    support::{
        answers::*,
        arguments::{self, int, null, text},
        lab::{Lab, fetch, query},
    },
};

/// A session with a codec for int4.
fn lab() -> Lab {
    let mut lab = Lab::new(10);
    let custom = Custom { number: 1, exchange: Exchange::Text };
    lab.engine.set_codecs(Arc::new(Codecs::new(1, [(23, custom)])));
    lab
}

fn answer(lab: &mut Lab, id: u32, values: &[Vec<u8>]) {
    lab.engine.arguments(id, u32::try_from(values.len()).unwrap(), Bytes::from(values.concat()));
}

/// The server describes the text of the first call, whose arguments are asked for then.
fn described_and_asked(lab: &mut Lab) {
    assert_eq!(lab.hear(&[described(&[23], &[])]), ["parameters [23]"]);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#1 wanted for [23]"]);
}

#[test]
fn arguments_for_a_codec_are_asked_for_and_what_is_behind_the_call_waits() {
    let mut lab = lab();
    let sql = query("select $1");
    lab.submit(fetch(1, &sql, &[int(5)]));
    lab.fetch(2, &query("commit"));
    assert_eq!(lab.sent(), "parse s1 select $1, describe s1, sync");
    described_and_asked(&mut lab);
    answer(&mut lab, 1, &[text("5")]);
    assert_eq!(
        lab.sent(),
        "bind s1 1, execute, sync, parse unnamed commit, bind unnamed 0, describe portal, execute, sync"
    );
}

#[test]
fn null_and_arguments_that_know_their_types_are_not_asked_for() {
    let mut lab = lab();
    let sql = query("select $1");
    lab.submit(fetch(1, &sql, &[null()]));
    lab.sent();
    lab.hear(&[described(&[23], &[])]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    lab.submit(Request { is_typed: true, ..fetch(2, &sql, &[text("5")]) });
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    // Calls of the driver's own have nothing to do with codecs.
    lab.submit(Request { is_plain: true, ..fetch(3, &sql, &[int(5)]) });
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
}

#[test]
fn a_call_that_is_given_up_meanwhile_lets_the_next_one_go() {
    let mut lab = lab();
    let sql = query("select $1");
    lab.submit(fetch(1, &sql, &[int(5)]));
    lab.sent();
    described_and_asked(&mut lab);
    lab.submit(Request { is_typed: true, ..fetch(2, &sql, &[text("6")]) });
    lab.abandon(1);
    assert_eq!(lab.told(), ["#1 done"]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    // What comes too late belongs to nobody.
    answer(&mut lab, 1, &[text("5")]);
    assert_eq!(lab.sent(), "");
    lab.hear(&[bind_complete(), complete("SELECT 0"), ready(b'I')]);
}

#[test]
fn calls_go_by_the_codecs_of_when_they_were_made() {
    let mut lab = lab();
    let sql = query("select $1");
    lab.submit(fetch(1, &sql, &[int(5)]));
    lab.engine.set_codecs(Arc::default());
    lab.submit(fetch(2, &sql, &[int(6)]));
    lab.sent();
    described_and_asked(&mut lab);
    answer(&mut lab, 1, &[text("5")]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync, bind s1 1, execute, sync");
}

#[test]
fn of_a_call_for_many_all_sets_come_anew() {
    let mut lab = lab();
    let sql = query("insert into t values ($1)");
    lab.submit(Request { ask: Ask::Many, sink: Sink::Dropped, tag: false, ..fetch(1, &sql, &[]) });
    let now = lab.now;
    let batch = |values: &[&str]| arguments::sets(&values.iter().map(|v| vec![text(v)]).collect::<Vec<_>>());
    lab.engine.sets(1, batch(&["1"]), SetsEnd::Open, now);
    lab.sent();
    described_and_asked(&mut lab);
    // Written before that was known: it comes again.
    lab.engine.sets(1, batch(&["2"]), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), "");
    answer(&mut lab, 1, &[]);
    assert_eq!(lab.sent(), "");
    lab.engine.sets(1, batch(&["1", "2", "3"]), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), "bind s1 1, execute, bind s1 1, execute, bind s1 1, execute, sync");
}
