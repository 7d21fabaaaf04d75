//! Every message type in every state: what is legal, and that everything else ends the session by name.

use postgres_protocol::message::backend::{
    COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG,
    ERROR_RESPONSE_TAG, NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG,
    PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};

use crate::{
    calls::{described, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

/// A well-formed message of this type.
fn well_formed(tag: u8) -> Vec<u8> {
    match tag {
        NOTIFICATION_RESPONSE_TAG => notification(1, "channel", ""),
        COMMAND_COMPLETE_TAG => complete("SELECT 1"),
        DATA_ROW_TAG => int_row(1),
        ERROR_RESPONSE_TAG => error("22012"),
        COPY_IN_RESPONSE_TAG => copy_in(),
        COPY_OUT_RESPONSE_TAG => copy_out(),
        NOTICE_RESPONSE_TAG => notice("00000"),
        PARAMETER_STATUS_TAG => parameter("TimeZone", "UTC"),
        ROW_DESCRIPTION_TAG => columns(&[("n", 23)]),
        READY_FOR_QUERY_TAG => ready(b'I'),
        PARAMETER_DESCRIPTION_TAG => parameters(&[]),
        _ => message(tag, b""),
    }
}

/// A call is sent; `heard` has come for it.
fn after(cache: usize, sql: &str, heard: &[&[Vec<u8>]]) -> Lab {
    let mut lab = Lab::new(cache);
    lab.fetch(1, &query(sql));
    lab.sent();
    for answers in heard {
        lab.hear_bytes(&answers.concat());
        lab.sent();
    }
    lab
}

fn scripted(heard: &[Vec<u8>]) -> Lab {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "select 1; select 2"));
    lab.sent();
    lab.hear_bytes(&heard.concat());
    lab
}

fn bound(answers: &[Vec<u8>]) -> Lab {
    let answers = [&[bind_complete()], answers].concat();
    after(10, "select 1", &[&[described(&[], &[("n", 23)])], &answers])
}

fn copying(answers: &[Vec<u8>]) -> Lab {
    after(10, "copy t to stdout", &[&[&[copy_bound()], answers].concat()])
}

fn limited() -> Lab {
    let mut lab = Lab::new(10);
    let sink = cornac_wire::engine::Sink::Cells { most: 1 };
    lab.submit(cornac_wire::engine::Request { sink, ..fetch(1, &query("select 1"), &[]) });
    lab.sent();
    lab.hear_bytes(&described(&[], &[("n", 23)]));
    lab.sent();
    lab.hear_bytes(&bind_complete());
    lab
}

/// Within a transaction a portal is asked for, and this is heard.
fn portal(ask: cornac_wire::engine::Ask, heard: &[Vec<u8>]) -> Lab {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.submit(script(3, "begin"));
    lab.sent();
    lab.hear_bytes(&[complete("BEGIN"), ready(b'T')].concat());
    lab.submit(cornac_wire::engine::Request { ask, ..fetch(2, &sql, &[]) });
    lab.sent();
    lab.hear_bytes(&heard.concat());
    lab
}

fn opening(rows: u32, heard: &[Vec<u8>]) -> Lab {
    portal(cornac_wire::engine::Ask::Open { portal: 1, rows }, heard)
}

fn behind_a_close() -> Lab {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.engine.drop_statements();
    lab.fetch(2, &sql);
    lab.sent();
    lab
}

fn pipelined() -> Lab {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.fetch(3, &sql);
    lab.sent();
    lab.hear_bytes(&bind_complete());
    lab
}

fn cancelling() -> Lab {
    let mut lab = bound(&[]);
    lab.abandon(1);
    assert!(lab.wants_cancel());
    lab
}

fn between_cancel_and_call() -> Lab {
    let mut lab = cancelling();
    lab.hear_bytes(&[error("57014"), ready(b'I')].concat());
    lab
}

fn closing() -> Lab {
    let mut lab = bound(&[]);
    lab.engine.close();
    lab
}

fn terminating() -> Lab {
    let mut lab = Lab::new(10);
    lab.engine.close();
    lab.sent();
    lab
}

fn unseen() -> Lab {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select 1"));
    lab.send(0);
    lab
}

pub(crate) type State = (&'static str, fn() -> Lab, &'static str);

/// The state, how it is reached, and the message types that are legal in it. N, S, A and E are so in every one.
#[rustfmt::skip]
pub(crate) const STATES: &[State] = &[
    ("idle", || Lab::new(10), "NSAE"),
    ("a call not sent yet", unseen, "NSAE"),
    ("parse", || after(10, "select 1", &[]), "NSAE1"),
    ("parameters", || after(10, "select 1", &[&[parse_complete()]]), "NSAEt"),
    ("columns", || after(10, "select 1", &[&[parse_complete(), parameters(&[])]]), "NSAETn"),
    ("described", || after(10, "select 1", &[&[parse_complete(), parameters(&[]), no_data()]]), "NSAEZ"),
    ("behind a close", behind_a_close, "NSAE3"),
    ("bind", || after(10, "select 1", &[&[described(&[], &[("n", 23)])]]), "NSAE2"),
    ("parse again", || after(0, "select 1", &[&[described(&[], &[("n", 23)])]]), "NSAE1"),
    ("bind again", || after(0, "select 1", &[&[described(&[], &[("n", 23)])], &[parse_complete()]]), "NSAE2"),
    ("portal", || after(0, "select 1", &[&[described(&[], &[("n", 23)])], &[parse_complete(), bind_complete()]]), "NSAETn"),
    ("rows", || bound(&[]), "NSAEDCG"),
    ("more rows", || bound(&[int_row(1)]), "NSAEDCG"),
    ("rows of a pipeline", pipelined, "NSAEDC"),
    ("rows up to a number", limited, "NSAEDCG"),
    ("a portal is opened", || opening(2, &[]), "NSAE2"),
    ("rows of a portal", || opening(2, &[bind_complete()]), "NSAEDCGs"),
    ("a portal is open", || opening(0, &[bind_complete()]), "NSAEZ"),
    ("a portal is suspended", || opening(2, &[bind_complete(), int_row(1), portal_suspended()]), "NSAEZ"),
    ("a portal is closed", || portal(cornac_wire::engine::Ask::ClosePortal { portal: 1 }, &[]), "NSAE3"),
    ("no rows", || after(10, "analyze t", &[&[described(&[], &[])], &[bind_complete()]]), "NSAECIG"),
    ("complete", || bound(&[complete("SELECT 0")]), "NSAEZ"),
    ("failed", || bound(&[error("22012")]), "NSAEZ"),
    ("copy", || copying(&[]), "NSAECGH"),
    ("copy data", || copying(&[copy_out()]), "NSAEdc"),
    ("copy done", || copying(&[copy_out(), copy_done()]), "NSAEC"),
    ("copy refused", || copying(&[copy_in()]), "NSAE"),
    ("copy refused and failed", || copying(&[copy_in(), error("57014")]), "NSAEZ"),
    ("script", || scripted(&[]), "NSAETCIGH"),
    ("script, empty", || scripted(&[empty_query()]), "NSAEZ"),
    ("script, rows", || scripted(&[columns(&[("n", 23)])]), "NSAEDC"),
    ("script, next", || scripted(&[complete("SET")]), "NSAETCGHZ"),
    ("script, copy data", || scripted(&[copy_out()]), "NSAEdc"),
    ("script, copy done", || scripted(&[copy_out(), copy_done()]), "NSAEC"),
    ("script, copy refused", || scripted(&[copy_in()]), "NSAE"),
    ("script, failed", || scripted(&[error("22012")]), "NSAEZ"),
    ("cancelling", cancelling, "NSAEDCG"),
    ("cancelled, the cancel open", between_cancel_and_call, "NSAE"),
    ("closing", closing, "NSAEDCG"),
    ("terminating", terminating, "NSAE"),
];

#[test]
fn every_message_type_is_legal_or_fatal_in_every_state() {
    for (name, state, legal) in STATES {
        for tag in 0..=u8::MAX {
            let mut lab = state();
            lab.hear_bytes(&well_formed(tag));
            let expected = legal.as_bytes().contains(&tag);
            assert_eq!(!lab.engine.is_ended(), expected, "{:?} in state '{name}'", char::from(tag));
            if !expected {
                let told = lab.told();
                let cause = told.iter().find(|words| words.starts_with("ended ")).unwrap();
                assert!(cause.starts_with("ended protocol server sent message "), "'{name}': {cause}");
            }
        }
    }
}

#[test]
fn a_fatal_error_is_legal_in_every_state() {
    for (name, state, _) in STATES {
        let mut lab = state();
        lab.hear_bytes(&fatal("57P01"));
        assert!(!lab.engine.is_ended(), "{name}");
        lab.engine.receive_end();
        let told = lab.told();
        let cause = told.iter().find(|words| words.starts_with("ended ")).unwrap();
        let expected = if *name == "terminating" { "ended interface" } else { "ended server 57P01" };
        assert!(cause.starts_with(expected), "'{name}': {cause}");
    }
}

#[test]
fn messages_without_content_must_have_none() {
    for (name, state, legal) in STATES {
        for tag in legal.bytes().filter(|tag| b"123Icns".contains(tag)) {
            let mut lab = state();
            lab.hear_bytes(&message(tag, b"\0"));
            assert!(lab.engine.is_ended(), "{:?} in state '{name}'", char::from(tag));
            assert!(lab.told().iter().any(|words| words.contains("malformed message")), "{name}");
        }
    }
}

#[test]
fn every_legal_message_may_be_cut_short_but_never_read_beyond_its_end() {
    for (name, state, legal) in STATES {
        for tag in legal.bytes() {
            let whole = well_formed(tag);
            for length in 0..whole.len() - 5 {
                let mut lab = state();
                // Its own length is right, its content is not all there.
                lab.hear_bytes(&message(tag, &whole[5..5 + length]));
                let fine = lab.engine.is_ended() || tag == COPY_DATA_TAG;
                // What is dropped is not looked at: rows of a script, and of a call that nobody waits for.
                let dropped = tag == DATA_ROW_TAG && (name.starts_with("script") || *name == "cancelling");
                assert!(fine || dropped, "{:?} of {length} bytes in state '{name}'", char::from(tag));
            }
        }
    }
}
