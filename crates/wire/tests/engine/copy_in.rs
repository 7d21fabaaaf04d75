//! The data of a COPY into the server.

use std::sync::Arc;

use cornac_wire::{
    copy_records::{Layout, RecordBatch},
    engine::{Ask, Request, Sink},
    query::Query,
};

use crate::support::{
    answers::*,
    arguments,
    lab::{Lab, fetch, query},
};

fn load(id: u32, query: &Arc<Query>) -> Request {
    Request { ask: Ask::CopyIn, sink: Sink::Dropped, ..fetch(id, query, &[]) }
}

/// A COPY that the server has asked data for.
fn asked() -> Lab {
    let mut lab = Lab::new(10);
    lab.submit(load(1, &query("copy t from stdin")));
    lab.sent();
    assert_eq!(lab.hear(&[copy_bound(), copy_in()]), ["#1 room 0"]);
    lab
}

/// The next call is answered as ever.
fn is_usable(lab: &mut Lab) {
    lab.fetch(2, &query("select 1"));
    assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
    assert!(!lab.engine.is_ended());
}

#[test]
fn data_goes_out_as_it_comes_and_one_sync_behind_its_end() {
    let mut lab = asked();
    lab.engine.copy_in_data(1, b"1\n");
    lab.engine.copy_in_data(1, b"2\n");
    assert_eq!(lab.sent(), "copy data \"1\\n\", copy data \"2\\n\"");
    assert_eq!(lab.told(), ["#1 room 4"]);
    lab.fetch(2, &query("select 1"));
    lab.engine.copy_in_done(1);
    assert_eq!(lab.sent(), "copy done, sync", "the next call waits");
    assert_eq!(lab.hear(&[complete("COPY 2"), ready(b'I')]), ["#1 rows [] end I COPY 2"]);
    assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
}

#[test]
fn a_server_that_ends_the_session_has_kept_nothing_before_the_end_of_the_data() {
    for (is_done, maybe) in [(false, "0"), (true, "1")] {
        for is_read in [true, false] {
            let mut lab = asked();
            lab.engine.copy_in_data(1, b"1\n");
            if is_done {
                lab.engine.copy_in_done(1);
            }
            lab.sent();
            // Its last words, or the end without any.
            if is_read {
                lab.hear_bytes(&fatal("57P01"));
            }
            lab.engine.receive_end();
            let records = lab.records();
            let failed = records.last().expect("the call is told");
            assert_eq!(failed.field('x'), maybe, "done: {is_done}, read: {is_read}");
        }
    }
}

#[test]
fn room_is_told_once_the_socket_has_taken_whole_blocks() {
    let mut lab = asked();
    lab.engine.copy_in_data(1, &[b'x'; 10]);
    lab.engine.copy_in_data(1, &[b'y'; 20]);
    lab.send(14);
    assert!(lab.told().is_empty());
    lab.send(1);
    assert_eq!(lab.told(), ["#1 room 10"]);
    lab.send(25);
    assert_eq!(lab.told(), ["#1 room 20"]);
}

#[test]
fn what_comes_before_the_server_has_asked_or_after_the_end_is_dropped() {
    let mut lab = Lab::new(10);
    lab.submit(load(1, &query("copy t from stdin")));
    lab.engine.copy_in_data(1, b"early");
    lab.sent();
    lab.engine.copy_in_data(1, b"early");
    lab.engine.copy_in_done(1);
    assert_eq!(lab.sent(), "");
    lab.hear(&[copy_bound(), copy_in()]);
    lab.engine.copy_in_data(7, b"another call's");
    lab.engine.copy_in_done(1);
    lab.engine.copy_in_data(1, b"late");
    lab.engine.copy_in_done(1);
    lab.engine.copy_in_failed(1, "late");
    assert_eq!(lab.sent(), "copy done, sync");
}

#[test]
fn a_source_that_fails_is_told_to_the_server_with_one_sync() {
    let mut lab = asked();
    lab.engine.copy_in_data(1, b"1\n");
    lab.engine.copy_in_failed(1, "no \0 more");
    let sent = lab.engine.output().to_vec();
    assert!(sent.windows(10).any(|part| part == b"no   more\0"), "NUL ends a text");
    assert_eq!(lab.sent(), "copy data \"1\\n\", copy fail, sync");
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 server 57014"]);
    is_usable(&mut lab);
}

#[test]
fn a_long_reason_is_cut_between_characters() {
    let mut lab = asked();
    lab.engine.copy_in_failed(1, &"\u{20ac}".repeat(1_000));
    let length = lab.engine.output().len();
    assert_eq!(length, 5 + 999 + 1 + 5);
}

#[test]
fn an_error_of_the_server_ends_it_at_any_time_with_one_sync() {
    type Act = fn(&mut Lab);
    let acts: [(Act, &str); 4] = [
        (|_| {}, "sync"),
        (|lab| lab.engine.copy_in_data(1, b"x"), "copy data \"x\", sync"),
        (|lab| lab.engine.copy_in_done(1), "copy done, sync"),
        (|lab| lab.engine.copy_in_failed(1, "no"), "copy fail, sync"),
    ];
    for (act, expected) in acts {
        let mut lab = asked();
        act(&mut lab);
        lab.hear(&[error("22P02")]);
        // What comes meanwhile is of no use.
        lab.engine.copy_in_data(1, b"more");
        lab.engine.copy_in_failed(1, "no more");
        assert_eq!(lab.sent(), expected);
        assert_eq!(lab.hear(&[ready(b'I')]), ["#1 server 22P02"]);
        is_usable(&mut lab);
    }
}

#[test]
fn one_that_is_given_up_is_failed_and_cancelled_only_if_the_server_does_not_react() {
    let mut lab = asked();
    lab.engine.copy_in_data(1, b"1\n");
    lab.abandon(1);
    assert!(!lab.wants_cancel(), "CopyFail ends it");
    assert_eq!(lab.sent(), "copy data \"1\\n\", copy fail, sync");
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 done"]);
    is_usable(&mut lab);

    // A trigger waits, and the socket is full of data.
    let mut lab = asked();
    lab.engine.copy_in_data(1, b"1\n");
    lab.abandon(1);
    lab.wait(100);
    assert!(lab.wants_cancel(), "the server has the call, whatever it has of the data");
    assert_eq!(lab.sent(), "", "nothing is sent while the cancel is under way");
    lab.hear(&[error("57014")]);
    lab.cancel_closed();
    assert_eq!(lab.sent(), "copy data \"1\\n\", copy fail, sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 done"]);
    is_usable(&mut lab);
}

#[test]
fn a_timeout_says_that_nothing_was_kept_until_all_data_was_sent() {
    for (done, expected) in [(false, ""), (true, " more")] {
        let mut lab = Lab::new(10);
        let deadline = lab.deadline(50);
        lab.submit(Request { deadline, ..load(1, &query("copy t from stdin")) });
        lab.sent();
        lab.hear(&[copy_bound(), copy_in()]);
        lab.engine.copy_in_data(1, b"1\n");
        if done {
            lab.engine.copy_in_done(1);
        }
        lab.sent();
        lab.told();
        lab.wait(50);
        assert_eq!(lab.sent(), if done { "" } else { "copy fail, sync" });
        let told = lab.engine.take_records().unwrap();
        let told = lab.reader.read(&told.bytes);
        assert_eq!(told[0].field('x'), if done { "1" } else { "0" }, "{expected}");
    }
}

#[test]
fn one_that_is_given_up_before_the_server_asks_is_refused() {
    let mut lab = Lab::new(10);
    lab.submit(load(1, &query("copy t from stdin")));
    lab.sent();
    lab.abandon(1);
    assert!(lab.wants_cancel());
    lab.hear(&[copy_bound(), copy_in()]);
    lab.cancel_closed();
    assert_eq!(lab.sent(), "copy fail, sync");
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 done"]);
}

#[test]
fn close_fails_it_and_a_loss_has_kept_nothing() {
    let mut lab = asked();
    lab.engine.close();
    assert_eq!(lab.sent(), "copy fail, sync");
    assert!(lab.hear(&[error("57014"), ready(b'I')])[0].starts_with("#1 server 57014"));
    assert_eq!(lab.sent(), "terminate");
    for (done, executed) in [(false, "0"), (true, "1")] {
        let mut lab = asked();
        if done {
            lab.engine.copy_in_done(1);
        }
        lab.sent();
        lab.engine.receive_end();
        let told = lab.records();
        assert_eq!(told.iter().find(|told| told.ends() == Some(1)).unwrap().field('x'), executed);
    }
}

/// Records of an int4 and a text.
fn batch(lab: &mut Lab, layout: Layout, first: u64, values: &[Vec<u8>]) {
    let types: Vec<u8> = [23_u32, 25].iter().flat_map(|oid| oid.to_ne_bytes()).collect();
    let count = u32::try_from(values.len() / 2).unwrap();
    let arguments = values.concat();
    let batch = RecordBatch { layout, first, count, types: &types, arguments: &arguments };
    lab.engine.copy_in_records(1, &batch);
}

#[test]
fn records_have_one_beginning_and_one_end() {
    let mut lab = asked();
    batch(&mut lab, Layout::Text, 0, &[arguments::int(1), arguments::text("a")]);
    batch(&mut lab, Layout::Text, 1, &[arguments::int(2), arguments::text("b\\")]);
    lab.engine.copy_in_done(1);
    let text = r#"copy data "1\ta\n", copy data "2\tb\\\\\n", copy done, sync"#;
    assert_eq!(lab.sent(), text);
    let mut lab = asked();
    batch(&mut lab, Layout::Binary, 0, &[arguments::int(1), arguments::text("a")]);
    batch(&mut lab, Layout::Binary, 1, &[arguments::int(2), arguments::text("b")]);
    lab.engine.copy_in_done(1);
    let sent = lab.engine.output();
    let count = |part: &[u8]| sent.windows(part.len()).filter(|window| *window == part).count();
    assert_eq!((count(b"PGCOPY\n"), count(&[b'd', 0, 0, 0, 6, 0xff, 0xff])), (1, 1));
}

#[test]
fn a_record_that_is_refused_fails_the_copy_by_name() {
    for layout in [Layout::Text, Layout::Binary] {
        let mut lab = asked();
        batch(&mut lab, layout, 0, &[arguments::int(1), arguments::text("a")]);
        let bad = [arguments::int(2), arguments::text("b"), arguments::int(3), arguments::int(4)];
        batch(&mut lab, layout, 1, &bad);
        batch(&mut lab, layout, 3, &[arguments::int(4), arguments::text("d")]);
        lab.engine.copy_in_done(1);
        let sent = lab.sent();
        assert!(sent.ends_with("copy fail, sync") && sent.matches("copy data").count() == 1, "{sent}");
        lab.told();
        lab.hear_bytes(&[error("57014"), ready(b'I')].concat());
        let told = lab.records();
        let told = told.iter().find(|told| told.ends() == Some(1)).unwrap();
        assert_eq!((told.field('e'), told.field('a')), ("2", "2"));
        assert!(told.field('M').starts_with("4 (expected string for text"), "{}", told.field('M'));
        is_usable(&mut lab);
    }
}

#[test]
fn a_server_that_does_not_keep_to_copy_ends_the_session_by_name() {
    for (message, tag) in [
        (complete("COPY 1"), 'C'),
        (copy_data(b"x"), 'd'),
        (copy_done(), 'c'),
        (copy_out(), 'H'),
        (copy_in(), 'G'),
        (ready(b'I'), 'Z'),
        (int_row(1), 'D'),
    ] {
        let mut lab = asked();
        let told = lab.hear(&[message]);
        let expected =
            format!("ended protocol server sent message '{tag}' while it was being sent the data of a COPY");
        assert_eq!(told[0], expected);
    }
    // Data where data was asked for.
    let mut lab = Lab::new(10);
    lab.submit(load(1, &query("copy t from stdin")));
    lab.sent();
    assert!(lab.hear(&[copy_bound(), copy_out()])[0].starts_with("ended protocol"));
}
