//! Types that somebody forgets while a call of another session goes by them.

use std::sync::Arc;

use cornac_wire::{
    copy_records::{Layout, RecordBatch},
    description::TransactionStatus,
    engine::{Ask, Engine, Request, SetsEnd, Sink},
    query::Query,
    shape::Shapes,
    types::TypeMap,
};

use super::{MOOD, PAIR, QUESTION, pair, pair_type, result};
use crate::{
    calls::described,
    support::{
        answers::{copy_bound, copy_in, error, ready},
        arguments::{self, array, text},
        catalog::{ENTRY, Entry, enum_of, found},
        lab::{Lab, fetch, options, query},
    },
};

const MOODS: u32 = 20_003;

fn moods() -> Entry<'static> {
    Entry { oid: MOODS, name: "_mood", kind: b'a', part: MOOD, ..ENTRY }
}

/// A lab whose database is forgotten by another session whenever a shape is announced: that is after the types of a call were
/// found known and before its arguments are written.
fn forgetful() -> Lab {
    let map = Arc::<TypeMap>::default();
    let mut lab = Lab::new(10);
    let (queue, forgets) = (lab.queue.clone(), map.clone());
    let shapes = Shapes::new(Arc::new(move |record| {
        queue.lock().unwrap().extend(record);
        forgets.forget();
    }));
    lab.engine = Engine::new(1, options(10), Arc::new(shapes), TransactionStatus::Idle);
    lab.engine.share_types(map);
    lab
}

#[test]
fn a_call_runs_with_what_it_has_found_whoever_forgets_it_meanwhile() {
    let mut lab = forgetful();
    let sql = query("select $1");
    lab.submit(fetch(1, &sql, &[array(&[text("sad")])]));
    lab.sent();
    lab.hear(&[described(&[MOODS], &[("v", PAIR)])]);
    assert_eq!(lab.sent(), QUESTION);
    assert!(lab.hear(&[found(&[moods(), enum_of(MOOD), pair_type()])]).is_empty());
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    assert_eq!(lab.hear(&[result(b'I', &[&pair(1, "x")])]), ["#1 rows [v={a:1,b:x}] end I SELECT 1"]);
}

#[test]
fn sets_that_come_later_are_written_by_what_was_known_for_the_first() {
    let mut lab = Lab::new(10);
    let sql = query("insert into t values ($1)");
    lab.submit(Request { ask: Ask::Many, sink: Sink::Dropped, tag: false, ..fetch(1, &sql, &[]) });
    let now = lab.now;
    let set = || arguments::sets(&[vec![array(&[text("sad")])]]);
    lab.engine.sets(1, set(), SetsEnd::Open, now);
    lab.sent();
    lab.hear(&[described(&[MOODS], &[])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[moods(), enum_of(MOOD)])]);
    assert_eq!(lab.sent(), "bind s1 1, execute, flush");
    lab.engine.forget_types();
    lab.engine.sets(1, set(), SetsEnd::Complete, now);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    assert!(lab.told().iter().all(|told| !told.contains("data")));
}

#[test]
fn an_argument_is_in_doubt_though_what_it_was_written_by_is_forgotten() {
    let mut lab = Lab::new(10);
    let sql = query("select $1");
    let fields = || fetch(1, &sql, &[text("(1,x)")]);
    lab.submit(fields());
    lab.sent();
    lab.hear(&[described(&[PAIR], &[])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    lab.engine.forget_types();
    assert!(lab.hear(&[error("22P02"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select $1, describe unnamed, sync");
    lab.hear(&[described(&[PAIR], &[])]);
    assert_eq!(lab.sent(), QUESTION);
    lab.hear(&[found(&[pair_type()])]);
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
}

#[test]
fn records_are_copied_by_what_was_known_when_their_columns_were_told_of() {
    let mut lab = Lab::new(10);
    let own = Arc::new(Query::own(0, "select v from t".to_owned(), None));
    lab.submit(Request { ask: Ask::Prepare, sink: Sink::Dropped, tag: false, ..fetch(1, &own, &[]) });
    lab.sent();
    lab.hear(&[described(&[], &[("v", MOODS)])]);
    assert_eq!(lab.sent(), QUESTION);
    assert_eq!(lab.hear(&[found(&[moods(), enum_of(MOOD)])]).len(), 1);
    let copy = query("copy t from stdin");
    lab.submit(Request { ask: Ask::CopyIn, sink: Sink::Dropped, ..fetch(2, &copy, &[]) });
    lab.sent();
    lab.engine.forget_types();
    lab.hear(&[copy_bound(), copy_in()]);
    for first in 0..2 {
        let arguments = array(&[text("sad")]);
        let types = MOODS.to_ne_bytes();
        let batch =
            RecordBatch { layout: Layout::Text, first, count: 1, types: &types, arguments: &arguments };
        lab.engine.copy_in_records(2, &batch);
        assert_eq!(lab.sent(), r#"copy data "{sad}\n""#);
    }
}
