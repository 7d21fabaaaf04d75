//! One statement for many sets of arguments: what is sent when, what is undone, and what is kept for another try.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Request, SetBatch, SetsEnd, Sink},
    failure::Cause,
    query::Query,
};

use crate::{
    calls::described,
    support::{
        answers::*,
        arguments::{self, int, refused, text},
        lab::{Lab, fetch, query, script},
    },
};

const INSERT: &str = "insert into t values ($1)";

fn batch(sets: &[&[Vec<u8>]]) -> SetBatch {
    let sets: Vec<Vec<Vec<u8>>> = sets.iter().map(|set| set.to_vec()).collect();
    arguments::sets(&sets)
}

fn ints(numbers: &[i32]) -> SetBatch {
    let sets: Vec<Vec<Vec<u8>>> = numbers.iter().map(|n| vec![int(*n)]).collect();
    arguments::sets(&sets)
}

fn many(id: u32, query: &Arc<Query>) -> Request {
    Request { ask: Ask::Many, sink: Sink::Dropped, tag: false, ..fetch(id, query, &[]) }
}

impl Lab {
    fn sets(&mut self, id: u32, batch: SetBatch, end: SetsEnd) {
        self.engine.sets(id, batch, end, self.now);
    }
}

/// The answers to so many sets.
fn inserted(sets: usize) -> Vec<u8> {
    [bind_complete(), complete("INSERT 0 1")].concat().repeat(sets)
}

/// The answers to what undoes them.
fn undone() -> Vec<u8> {
    [parse_complete(), bind_complete(), notice("25P01"), complete("ROLLBACK"), ready(b'I')].concat()
}

/// A lab that has the statement prepared.
fn prepared() -> (Lab, Arc<Query>) {
    let mut lab = Lab::new(10);
    let sql = query(INSERT);
    lab.submit(many(1, &sql));
    lab.sets(1, SetBatch::default(), SetsEnd::Complete);
    assert_eq!(lab.sent(), format!("parse s1 {INSERT}, describe s1, sync"));
    lab.hear(&[described(&[23], &[])]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 rows [] end I "]);
    (lab, sql)
}

/// The same, with a call of which two sets were sent and more are to come.
fn begun() -> (Lab, Arc<Query>) {
    let (mut lab, sql) = prepared();
    lab.submit(many(2, &sql));
    lab.sets(2, ints(&[1, 2]), SetsEnd::Open);
    assert_eq!(lab.sent(), "bind s1 1, execute, bind s1 1, execute, flush");
    (lab, sql)
}

#[test]
fn all_sets_that_are_there_go_out_with_one_sync() {
    let (mut lab, sql) = prepared();
    lab.submit(many(2, &sql));
    lab.sets(2, ints(&[1, 2, 3]), SetsEnd::Complete);
    lab.fetch(3, &query("commit"));
    assert_eq!(
        lab.sent(),
        "bind s1 1, execute, bind s1 1, execute, bind s1 1, execute, sync, parse unnamed commit, \
         bind unnamed 0, describe portal, execute, sync"
    );
    assert_eq!(lab.hear(&[inserted(3), ready(b'I')]), ["#2 composed", "#2 rows [] end I "]);
}

#[test]
fn a_call_takes_its_turn_when_its_first_sets_are_there_and_lets_nothing_pass() {
    let (mut lab, sql) = prepared();
    lab.submit(many(2, &sql));
    lab.submit(script(3, "select 1"));
    assert_eq!(lab.sent(), "");
    lab.sets(2, ints(&[1]), SetsEnd::Open);
    assert_eq!(lab.sent(), "bind s1 1, execute, flush");
    lab.hear(&[inserted(1)]);
    assert_eq!(lab.sent(), "");
    lab.sets(2, ints(&[2]), SetsEnd::Open);
    assert_eq!(lab.sent(), "bind s1 1, execute");
    lab.sets(2, SetBatch::default(), SetsEnd::Complete);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[inserted(1), ready(b'I')]), ["#2 composed", "#2 rows [] end I "]);
    assert_eq!(lab.sent(), "query select 1");
}

#[test]
fn a_statement_that_is_only_remembered_is_parsed_in_front_of_the_first_set() {
    let mut lab = Lab::new(0);
    let sql = query("select n from t where n = $1");
    lab.submit(Request { sink: Sink::Cells { most: 0 }, ..many(1, &sql) });
    lab.sets(1, ints(&[1]), SetsEnd::Complete);
    lab.sent();
    lab.hear(&[described(&[23], &[("n", 23)])]);
    let round = "parse unnamed select n from t where n = $1, bind unnamed 1, describe portal, execute";
    assert_eq!(lab.sent(), format!("{round}, sync"));
    let rows = |n| [int_row(n), complete("SELECT 1")].concat();
    let first = [parse_complete(), bind_complete(), binary_columns(&[("n", 23)]), rows(1)].concat();
    assert_eq!(lab.hear(&[first.clone(), ready(b'I')]), ["#1 composed", "#1 rows [n=1] end I "]);
    lab.submit(Request { sink: Sink::Cells { most: 0 }, ..many(2, &sql) });
    lab.sets(2, ints(&[1, 2]), SetsEnd::Complete);
    assert_eq!(lab.sent(), format!("{round}, bind unnamed 1, execute, sync"));
    assert_eq!(
        lab.hear(&[first, bind_complete(), rows(2), ready(b'I')]),
        ["#2 composed", "#2 rows [n=1; n=2] end I "]
    );
}

#[test]
fn of_a_batch_with_a_set_that_cannot_be_sent_nothing_is() {
    let (mut lab, sql) = prepared();
    lab.submit(many(2, &sql));
    lab.sets(2, batch(&[&[int(1)], &[refused("undefined")]]), SetsEnd::Complete);
    // What its parameters are is asked once more.
    assert_eq!(lab.sent(), format!("parse unnamed {INSERT}, describe unnamed, sync"));
    let told = lab.hear(&[described(&[23], &[])]);
    assert!(told[1].starts_with(
        "#2 data invalid input for query argument $1 in element #1 of executeMany() sequence: "
    ));
    lab.submit(many(3, &sql));
    lab.sets(3, batch(&[&[int(1), int(2)]]), SetsEnd::Complete);
    assert_eq!(lab.sent(), "");
    assert_eq!(
        lab.told(),
        [
            "#3 interface the server expects 1 argument for this query, 2 were passed in element #0 of executeMany() sequence"
        ]
    );
}

#[test]
fn what_was_sent_is_undone_in_front_of_the_sync() {
    for failing in ["source", "set", "abandon"] {
        let (mut lab, _) = begun();
        lab.hear(&[inserted(2)]);
        match failing {
            "source" => lab.sets(2, SetBatch::default(), SetsEnd::Failed),
            "set" => lab.sets(2, batch(&[&[int(3)], &[refused("undefined")]]), SetsEnd::Open),
            _ => lab.abandon(2),
        }
        assert_eq!(lab.sent(), "parse unnamed ROLLBACK, bind unnamed 0, execute, sync", "{failing}");
        let told = lab.hear(&[undone()]);
        assert_eq!(told.len(), 1, "{told:?}");
        let expected = match failing {
            "source" => "#2 interface the argument sets could not be had to their end",
            "set" => "#2 data invalid input for query argument $1 in element #3 of executeMany() sequence",
            _ => "#2 done",
        };
        assert!(told[0].starts_with(expected), "{told:?}");
    }
}

#[test]
fn in_a_transaction_block_nothing_is_undone() {
    let (mut lab, sql) = prepared();
    lab.submit(script(3, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.submit(many(4, &sql));
    lab.sets(4, ints(&[1]), SetsEnd::Open);
    lab.sent();
    lab.sets(4, SetBatch::default(), SetsEnd::Failed);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(
        lab.hear(&[inserted(1), ready(b'T')]),
        ["#4 composed", "#4 interface the argument sets could not be had to their end"]
    );
}

#[test]
fn whether_it_is_undone_is_known_at_the_front() {
    for (status, end) in [(b'I', "parse unnamed ROLLBACK, bind unnamed 0, execute, sync"), (b'T', "sync")] {
        let (mut lab, sql) = prepared();
        lab.fetch(3, &query("begin"));
        lab.submit(many(4, &sql));
        lab.sets(4, ints(&[1]), SetsEnd::Open);
        lab.sent();
        lab.sets(4, SetBatch::default(), SetsEnd::Failed);
        assert_eq!(lab.sent(), "");
        lab.hear(&[parse_complete(), bind_complete(), no_data(), complete("BEGIN"), ready(status)]);
        assert_eq!(lab.sent(), end);
    }
}

#[test]
fn a_call_that_the_server_has_not_seen_leaves_no_trace() {
    let (mut lab, sql) = prepared();
    lab.submit(many(2, &sql));
    lab.sets(2, ints(&[1]), SetsEnd::Open);
    assert_eq!(lab.send(0), "");
    lab.sets(2, SetBatch::default(), SetsEnd::Failed);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#2 composed", "#2 interface the argument sets could not be had to their end"]);
    lab.submit(many(3, &sql));
    lab.sets(3, SetBatch::default(), SetsEnd::Failed);
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#3 interface the argument sets could not be had to their end"]);
}

#[test]
fn an_error_of_the_server_ends_it_and_names_its_set() {
    let (mut lab, sql) = begun();
    lab.hear(&[inserted(1)]);
    lab.hear_bytes(&[bind_complete(), error("23505")].concat());
    // What still comes is not sent.
    lab.sets(2, ints(&[3]), SetsEnd::Open);
    assert_eq!(lab.sent(), "sync");
    lab.hear_bytes(&ready(b'I'));
    let told = lab.records();
    assert_eq!(told.last().unwrap().words(), "#2 server 23505");
    assert_eq!(told.last().unwrap().field('e'), "1");
    lab.submit(many(3, &sql));
    lab.sets(3, ints(&[1]), SetsEnd::Complete);
    lab.sent();
    // An error of the Sync is no set's.
    lab.hear_bytes(&[inserted(1), error("23505"), ready(b'I')].concat());
    assert_eq!(lab.records().last().unwrap().field('e'), "");
}

#[test]
fn an_error_of_the_server_counts_more_than_what_failed_behind_it() {
    let (mut lab, _) = begun();
    lab.sets(2, SetBatch::default(), SetsEnd::Failed);
    assert_eq!(lab.sent(), "parse unnamed ROLLBACK, bind unnamed 0, execute, sync");
    assert_eq!(
        lab.hear(&[inserted(1), bind_complete(), error("23505"), ready(b'I')]),
        ["#2 composed", "#2 server 23505"]
    );
}

#[test]
fn what_was_found_in_its_rows_counts_more_than_sets_that_cannot_be_had_behind_it() {
    let (mut lab, sql) = (Lab::new(10), query("select $1"));
    lab.submit(Request { sink: Sink::Cells { most: 0 }, ..many(1, &sql) });
    lab.sets(1, ints(&[1]), SetsEnd::Open);
    lab.sent();
    lab.hear(&[described(&[23], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[bind_complete(), row(&[Some(b"odd")]), complete("SELECT 1")]);
    lab.sets(1, SetBatch::default(), SetsEnd::Failed);
    lab.sent();
    assert!(lab.hear(&[undone()])[0].starts_with("#1 protocol column \"n\""));
}

#[test]
fn a_source_that_fails_behind_an_error_of_the_server_harms_no_other_call() {
    let (mut lab, sql) = begun();
    lab.hear(&[error("22P02")]);
    lab.submit(many(3, &sql));
    lab.sets(3, ints(&[5]), SetsEnd::Open);
    lab.engine.pump(lab.now);
    lab.sets(2, SetBatch::default(), SetsEnd::Failed);
    assert_eq!(lab.sent(), "sync, bind s1 1, execute, flush");
}

#[test]
fn it_can_be_cancelled_with_the_rest_in_the_socket() {
    let (mut lab, sql) = prepared();
    lab.submit(Request { deadline: lab.deadline(10), ..many(2, &sql) });
    let large: Vec<Vec<u8>> = vec![text(&"7".repeat(9))];
    lab.sets(2, batch(&[&large, &large]), SetsEnd::Open);
    assert_eq!(lab.send(55), "bind s1 1");
    lab.wait(10);
    assert_eq!(lab.told(), ["#2 composed", "#2 timeout query timed out after 10 ms more"]);
    // A moment to be undone by itself.
    assert!(!lab.wants_cancel());
    lab.wait(100);
    assert!(lab.wants_cancel());
    assert_eq!(lab.sent(), "");
    lab.hear_bytes(&[bind_complete(), error("57014")].concat());
    lab.cancel_closed();
    assert_eq!(
        lab.sent(),
        "execute, bind s1 1, execute, flush, parse unnamed ROLLBACK, bind unnamed 0, execute, sync"
    );
    assert_eq!(lab.hear(&[ready(b'I')]), ["#2 done"]);
}

#[test]
fn what_went_stale_is_prepared_again_with_all_sets() {
    let (mut lab, _) = begun();
    lab.hear_bytes(&error("26000"));
    lab.sets(2, ints(&[3]), SetsEnd::Complete);
    assert_eq!(lab.sent(), "sync");
    lab.hear(&[ready(b'I')]);
    assert_eq!(
        lab.sent(),
        format!(
            "close s1, parse s2 {INSERT}, bind s2 1, describe portal, execute, bind s2 1, execute, flush, \
             bind s2 1, execute, sync"
        )
    );
    let first = [close_complete(), parse_complete(), bind_complete(), no_data(), complete("INSERT 0 1")];
    assert_eq!(lab.hear(&[first.concat(), inserted(2), ready(b'I')]), ["#2 composed", "#2 rows [] end I "]);
}

#[test]
fn of_several_batches_those_that_were_taken_are_not_kept() {
    let (mut lab, _) = begun();
    lab.hear(&[inserted(2)]);
    lab.sets(2, ints(&[3]), SetsEnd::Open);
    assert_eq!(lab.sent(), "bind s1 1, execute");
    // Another one's cancel is no reason to make it anew.
    lab.hear_bytes(&[bind_complete(), error("26000")].concat());
    assert_eq!(lab.sent(), "sync");
    let told = lab.hear(&[ready(b'I')]);
    assert_eq!(told.last().unwrap(), "#2 server 26000");
    assert_eq!(lab.sent(), "");
}

#[test]
fn composing_stops_when_enough_waits_for_the_socket() {
    let (mut lab, sql) = prepared();
    let numbers: Vec<i32> = (0..8_000).collect();
    lab.submit(many(2, &sql));
    for _ in 0..3 {
        lab.sets(2, ints(&numbers), SetsEnd::Open);
    }
    assert!(lab.engine.pump(lab.now));
    assert_eq!(lab.told(), ["#2 composed"]);
    lab.engine.written(lab.engine.output().len(), lab.now);
    assert!(lab.engine.pump(lab.now));
    assert_eq!(lab.told(), ["#2 composed"]);
}

#[test]
fn close_ends_it_without_its_source() {
    let (mut lab, _) = begun();
    lab.engine.close();
    assert_eq!(lab.sent(), "parse unnamed ROLLBACK, bind unnamed 0, execute, sync");
    assert_eq!(lab.hear(&[inserted(2), undone()]), ["#2 composed", "#2 interface connection is closing"]);
    assert_eq!(lab.sent(), "terminate");
}

#[test]
fn a_session_that_ends_has_done_nothing_of_what_has_no_sync() {
    for (end, executed) in [(SetsEnd::Open, "0"), (SetsEnd::Complete, "1")] {
        let (mut lab, _) = begun();
        lab.sets(2, ints(&[3]), end);
        lab.sent();
        lab.engine.end(Cause::Eof);
        let told = lab.records();
        let lost = told.iter().find(|record| record.ends() == Some(2)).unwrap();
        assert_eq!(lost.field('x'), executed, "{end:?}");
    }
}

#[test]
fn copy_is_not_run_for_many() {
    let mut lab = Lab::new(10);
    lab.submit(many(1, &query("copy t from stdin")));
    lab.sets(1, ints(&[1]), SetsEnd::Complete);
    assert_eq!(lab.sent(), "");
    assert_eq!(
        lab.told(),
        ["#1 interface COPY takes no arguments, so that there are no sets of them for it"]
    );
}

#[test]
fn what_the_server_says_out_of_turn_ends_the_session() {
    let ends = |said: &[Vec<u8>]| {
        let (mut lab, _) = begun();
        let told = lab.hear(said);
        told.iter().any(|words| words.starts_with("ended protocol"))
    };
    assert!(ends(&[complete("INSERT 0 1")]));
    assert!(ends(&[inserted(1), complete("INSERT 0 1")]));
    assert!(ends(&[inserted(2), bind_complete()]));
    assert!(ends(&[inserted(2), ready(b'I')]));
    assert!(ends(&[inserted(2), parse_complete()]));
    assert!(ends(&[bind_complete(), int_row(1)]));
    assert!(ends(&[bind_complete(), copy_in()]));
    assert!(!ends(&[inserted(2)]));
    let (mut lab, _) = begun();
    lab.sets(2, SetBatch::default(), SetsEnd::Failed);
    lab.sent();
    let told = lab.hear(&[inserted(2), parse_complete(), bind_complete(), ready(b'I')]);
    assert!(told.iter().any(|words| words.starts_with("ended protocol")), "{told:?}");
}
