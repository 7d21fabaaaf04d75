//! The end of a session that nobody asked for, and what its calls are told.

use cornac_wire::engine::{Request, Sink};

use crate::{
    calls::{one, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query},
    },
};

#[test]
fn settings_that_change_how_bytes_are_read_end_the_session() {
    for (name, value) in [("client_encoding", "LATIN1"), ("integer_datetimes", "off")] {
        let mut lab = Lab::new(10);
        let told = lab.hear(&[parameter(name, value)]);
        assert!(told[0].starts_with("ended protocol") && told[0].contains(value), "{told:?}");
        assert!(lab.engine.is_ended());
    }
    let mut lab = Lab::new(10);
    assert_eq!(lab.hear(&[parameter("integer_datetimes", "on")]).len(), 1);
    for synonym in ["UTF8", "utf8", "UTF-8", "Utf_8", "UNICODE", "unicode"] {
        assert_eq!(lab.hear(&[parameter("client_encoding", synonym)]).len(), 1, "{synonym}");
    }
}

#[test]
fn the_last_words_are_the_error_of_the_running_call_and_the_cause_of_the_end() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    for id in 2..5 {
        lab.fetch(id, &a);
    }
    lab.sent();
    lab.fetch(5, &query("select 5"));
    lab.hear(&[one(2), bind_complete(), fatal("57P01")]);
    lab.engine.receive_end();
    assert_eq!(
        lab.told(),
        [
            "ended server 57P01",
            "#3 server 57P01",
            "#4 lost connection was closed in the middle of operation",
            "#5 lost connection was closed in the middle of operation",
        ]
    );
}

#[test]
fn an_error_that_nothing_asked_for_is_the_last_words_whatever_its_severity() {
    for words in [error("08P01"), fatal("57P05")] {
        // While nothing runs, before the server has seen a call, and behind the end of the call that ran.
        let mut idle = Lab::new(10);
        idle.hear_bytes(&words);
        let mut unseen = Lab::new(10);
        unseen.fetch(1, &query("select 1"));
        unseen.send(0);
        unseen.hear_bytes(&words);
        let mut failed = Lab::new(10);
        let a = warm(&mut failed, "select 1");
        failed.fetch(2, &a);
        failed.fetch(3, &a);
        failed.sent();
        failed.hear_bytes(&[bind_complete(), error("22012"), words].concat());
        for mut lab in [idle, unseen, failed] {
            assert!(!lab.engine.is_ended());
            lab.engine.receive_end();
            let told = lab.told();
            assert!(told[0] == "ended server 08P01" || told[0] == "ended server 57P05", "{told:?}");
            assert!(told[1..].iter().all(|words| words.contains("lost") || words == "#2 server 22012"));
        }
    }
}

#[test]
fn an_error_that_the_end_follows_is_the_last_words_for_every_call_in_flight() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    for id in 2..4 {
        lab.fetch(id, &a);
    }
    lab.sent();
    lab.hear(&[bind_complete(), error("XX000")]);
    lab.engine.receive_end();
    assert_eq!(
        lab.told(),
        ["ended server XX000", "#2 server XX000", "#3 lost connection was closed in the middle of operation",]
    );
    // An error whose turn is over is the last word of nothing.
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select 1"));
    lab.sent();
    lab.hear(&[error("08P01"), ready(b'I')]);
    lab.engine.receive_end();
    assert_eq!(lab.told(), ["ended lost server closed the connection unexpectedly"]);
}

#[test]
fn a_lost_call_may_have_run_only_if_it_was_sent_to_be_run() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    for id in 2..6 {
        lab.fetch(id, &a);
    }
    // Bind, Execute and Sync of the first two and a half.
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len() / 4;
    lab.send(plan * 5 / 2);
    lab.engine.receive_end();
    let records = lab.records();
    let maybe: Vec<&str> = records[1..].iter().map(|record| record.field('x')).collect();
    assert_eq!(maybe, ["1", "1", "0", "0"], "half of a Bind lets nothing run");

    // All of Execute, and nothing of Sync.
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len();
    for (less, maybe) in [(6, "0"), (5, "1")] {
        let mut lab = Lab::new(10);
        let a = warm(&mut lab, "select 1");
        lab.fetch(2, &a);
        lab.send(plan - less);
        lab.engine.receive_end();
        assert_eq!(lab.records()[1].field('x'), maybe);
    }

    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select 1"));
    lab.fetch(2, &query("select 2"));
    lab.sent();
    lab.engine.receive_end();
    let records = lab.records();
    assert_eq!(
        (records[1].field('x'), records[2].field('x')),
        ("0", "0"),
        "only its description was asked for"
    );
}

#[test]
fn the_server_cannot_answer_what_it_has_not_seen() {
    for answer in [parse_complete(), ready(b'I')] {
        let mut lab = Lab::new(10);
        lab.fetch(1, &query("select 1"));
        lab.send(0);
        let told = lab.hear(&[answer]);
        assert!(told[0].starts_with("ended protocol server sent message"), "{told:?}");
    }
}

#[test]
fn calls_on_a_closing_or_ended_session_are_rejected() {
    let mut lab = Lab::new(10);
    lab.engine.close();
    assert_eq!(lab.sent(), "terminate");
    lab.fetch(1, &query("select 1"));
    lab.engine.receive_end();
    lab.fetch(2, &query("select 1"));
    assert_eq!(
        lab.told(),
        [
            "#1 interface connection is closing",
            "ended interface connection was closed",
            "#2 lost connection was closed in the middle of operation",
        ]
    );
}

#[test]
fn a_copy_whose_end_was_read_has_run_although_its_flush_was_not_written() {
    let mut lab = Lab::new(10);
    lab.submit(Request { sink: Sink::Data, ..fetch(1, &query("copy t to stdout"), &[]) });
    lab.engine.pump(lab.now);
    lab.send(lab.engine.output().len() - 5);
    lab.hear(&[copy_bound(), copy_out(), copy_data(b"1\n"), copy_done(), complete("COPY 1")]);
    lab.engine.receive_end();
    let records = lab.records();
    let failed = records.iter().find(|record| record.ends() == Some(1)).unwrap();
    assert_eq!(failed.field('x'), "1");
}
