//! What the server sends unasked or without end, and a program that does not follow.

use cornac_wire::engine::{Request, Sink};

use crate::{
    calls::{one, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query},
        reader::Told,
    },
};

/// Bytes that may wait for JavaScript, and what a message may add.
const UNREAD: usize = 2 * 1024 * 1024;
const UNTAKEN: usize = 1024 * 1024;
const MESSAGE: usize = 1_100;

fn news(number: usize) -> Vec<u8> {
    notification(7, "news", &format!("{number:01000}"))
}

fn paused() -> Lab {
    let mut lab = Lab::new(10);
    lab.is_paused = true;
    lab
}

/// JavaScript reads everything, and goes on reading.
fn resume(lab: &mut Lab) -> Vec<Told> {
    lab.is_paused = false;
    let mut told = lab.records();
    lab.receive();
    told.extend(lab.records());
    told
}

#[test]
fn notifications_wait_in_the_socket_for_a_program_that_does_not_read_and_none_is_lost() {
    let mut lab = paused();
    let count = 10_000;
    let mut read = Vec::new();
    for number in 0..count {
        lab.hear_bytes(&news(number));
        read.extend(lab.records());
        assert!(lab.unread < UNREAD + MESSAGE, "{} bytes wait for JavaScript", lab.unread);
    }
    assert!(!lab.engine.wants_input());
    assert!(lab.untaken() > 7 * 1024 * 1024, "the rest waits where it is");

    while lab.untaken() > 0 {
        lab.catch_up(100_000);
        lab.receive();
        read.extend(lab.records());
        assert!(lab.unread < UNREAD + MESSAGE, "{} bytes wait for JavaScript", lab.unread);
    }
    lab.catch_up(usize::MAX);
    assert!(lab.engine.wants_input());
    assert_eq!(read.len(), count);
    for (number, told) in read.iter().enumerate() {
        assert_eq!(told.words(), format!("notification news {number:01000}"));
    }
}

#[test]
fn notices_and_parameters_that_change_without_end_wait_in_the_socket_too() {
    for message in
        [parameter("application_name", &"x".repeat(1_000)), notice_saying("00000", &"x".repeat(1_000))]
    {
        let mut lab = paused();
        for _ in 0..4_000 {
            lab.hear_bytes(&message);
        }
        assert!(!lab.engine.wants_input());
        assert!(lab.untaken() > 1024 * 1024);
        let before = lab.records().len();
        assert!(lab.unread < UNREAD + MESSAGE);
        assert_eq!(before + resume(&mut lab).len(), 4_000);
    }
}

#[test]
fn notices_that_nobody_listens_to_make_nobody_wait() {
    let mut lab = paused();
    lab.engine.notices = false;
    for _ in 0..4_000 {
        lab.hear_bytes(&notice_saying("00000", &"x".repeat(1_000)));
    }
    assert!(lab.engine.wants_input());
    assert_eq!((lab.untaken(), lab.records().len()), (0, 0));
}

#[test]
fn answers_that_lie_behind_notifications_come_when_the_program_reads() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.is_paused = true;
    lab.fetch(2, &sql);
    lab.sent();
    for number in 0..3_000 {
        lab.hear_bytes(&news(number));
    }
    lab.hear_bytes(&one(2));
    let told = lab.records();
    assert!(told.iter().all(|told| matches!(told, Told::Notification { .. })));
    assert_eq!(resume(&mut lab).last().unwrap().words(), "#2 rows [n=2] end I SELECT 1");
}

#[test]
fn a_cancel_is_not_given_up_while_its_answer_may_wait_for_the_program() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.sent();
    lab.abandon(2);
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.is_paused = true;
    for number in 0..3_000 {
        lab.hear_bytes(&news(number));
    }
    lab.hear_bytes(&[bind_complete(), error("57014"), ready(b'I')].concat());
    lab.wait(60_000);
    assert!(!lab.engine.is_ended() && lab.engine.next_tick().is_none());
    lab.is_paused = false;
    lab.records();
    // A little more than was read, and the grace begins anew.
    lab.wait(4_900);
    assert!(!lab.engine.is_ended());
    lab.receive();
    assert_eq!(lab.told().last().unwrap(), "#2 done");
    assert!(!lab.engine.is_ended());
}

#[test]
fn last_words_are_looked_for_behind_what_the_program_is_to_read_first() {
    let mut lab = paused();
    for number in 0..3_000 {
        lab.hear_bytes(&news(number));
    }
    lab.engine.write_failed("broken pipe".to_owned(), Some(32), lab.now);
    lab.wait(10_000);
    assert!(!lab.engine.is_ended());
    lab.hear_bytes(&fatal("57P01"));
    resume(&mut lab);
    lab.engine.receive_end();
    assert_eq!(lab.told(), ["ended server 57P01"]);
}

/// A COPY whose data is wanted, at its beginning.
fn copying() -> Lab {
    let mut lab = Lab::new(10);
    lab.submit(Request { sink: Sink::Data, ..fetch(1, &query("copy t to stdout"), &[]) });
    lab.sent();
    lab.hear(&[copy_bound(), copy_out()]);
    lab
}

/// The COPY has sent more than its consumer has taken.
fn behind() -> (Lab, usize) {
    let mut lab = copying();
    let row = copy_data(&[b'x'; 1_000]);
    for _ in 0..2_000 {
        lab.hear_bytes(&row);
    }
    assert!(!lab.engine.wants_input());
    let out = data_of(&lab.records());
    assert!((UNTAKEN..UNTAKEN + 1_000).contains(&out));
    assert!(lab.untaken() > 900_000);
    (lab, out)
}

fn data_of(told: &[Told]) -> usize {
    told.iter().map(|told| if let Told::Data { data, .. } = told { data.len() } else { 0 }).sum()
}

#[test]
fn data_of_a_copy_comes_as_it_is_in_few_records() {
    let mut lab = copying();
    let told = lab.hear(&[copy_data(b"1\n"), copy_data(b"22\n"), copy_data(b""), copy_data(b"333\n")]);
    assert_eq!(told, ["#1 data of 4: 1\\n22\\n333\\n"]);
    let told = lab.hear(&[copy_data(b"4\n"), notice("00000"), copy_data(b"5\n"), copy_data(b"6\n")]);
    assert_eq!(told, ["#1 data of 1: 4\\n", "notice 00000 of #1", "#1 data of 2: 5\\n6\\n"]);
    lab.hear(&[copy_done(), complete("COPY 7")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 rows [] end I COPY 7"]);
}

#[test]
fn a_copy_waits_in_the_socket_for_its_consumer() {
    let (mut lab, mut out) = behind();
    let all = 2_000 * 1_000;
    lab.engine.taken(9, usize::MAX);
    assert!(!lab.engine.wants_input(), "another call has taken nothing of it");
    while lab.untaken() > 0 {
        lab.engine.taken(1, 100_000);
        assert!(lab.engine.wants_input());
        lab.receive();
        let more = data_of(&lab.records());
        assert!(more <= 101_000, "{more}");
        out += more;
    }
    assert_eq!(out, all);
    lab.engine.taken(1, all);
    lab.hear(&[copy_done(), complete("COPY 2000")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 rows [] end I COPY 2000"]);
}

#[test]
fn a_copy_that_has_failed_or_was_given_up_waits_for_nobody() {
    let (mut lab, _) = behind();
    lab.abandon(1);
    assert!(lab.engine.wants_input());
    assert!(lab.wants_cancel());
    lab.receive();
    assert_eq!(lab.untaken(), 0);
    assert_eq!(data_of(&lab.records()), 0, "nobody wants it any more");
    lab.cancel_closed();
    lab.hear(&[error("57014")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 done"]);

    let mut lab = Lab::new(10);
    let deadline = lab.deadline(100);
    lab.submit(Request { sink: Sink::Data, deadline, ..fetch(1, &query("copy t to stdout"), &[]) });
    lab.sent();
    lab.hear(&[copy_bound(), copy_out(), copy_data(&vec![b'x'; UNTAKEN])]);
    assert!(!lab.engine.wants_input());
    lab.wait(100);
    assert_eq!(lab.told(), ["#1 timeout query timed out after 100 ms more"]);
    assert!(lab.engine.wants_input());
}

#[test]
fn close_does_not_wait_for_the_consumer_of_a_copy() {
    let (mut lab, _) = behind();
    lab.engine.close();
    assert!(lab.engine.wants_input());
    assert!(lab.wants_cancel());
    lab.receive();
    lab.cancel_closed();
    assert_eq!(data_of(&lab.records()), 0);
    lab.hear(&[error("57014")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 server 57014"]);
    assert_eq!(lab.sent(), "terminate");
}

#[test]
fn a_copy_whose_data_was_dropped_by_close_does_not_end_well() {
    let (mut lab, _) = behind();
    lab.engine.close();
    lab.receive();
    lab.hear(&[copy_done(), complete("COPY 2000")]);
    lab.sent();
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 interface connection is closing"]);
}

#[test]
fn the_next_call_begins_with_all_of_the_room() {
    let (mut lab, _) = behind();
    lab.engine.taken(1, 1_000_000);
    lab.receive();
    lab.hear(&[copy_done(), complete("COPY 2000")]);
    lab.engine.taken(1, 400_000);
    lab.receive();
    lab.sent();
    lab.hear(&[ready(b'I')]);
    lab.submit(Request { sink: Sink::Data, ..fetch(2, &query("copy t to stdout"), &[]) });
    lab.sent();
    lab.hear(&[copy_bound(), copy_out(), copy_data(&vec![b'x'; UNTAKEN - 1])]);
    assert!(lab.engine.wants_input());
}
