//! A server that lies: about lengths, counts and strings, and about which question it answers.

use postgres_protocol::message::backend::{
    AUTHENTICATION_TAG, BACKEND_KEY_DATA_TAG, COMMAND_COMPLETE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG,
    ERROR_RESPONSE_TAG, NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG,
    PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};

use crate::{
    calls::{described, one, warm},
    states::STATES,
    support::{
        answers::*,
        exchanges::{EXCHANGES, bytes, cache_size},
        lab::{Lab, query, script},
        reader::Told,
        script::Script,
    },
};

/// Why a session ended, if it did.
fn cause(lab: &mut Lab) -> String {
    lab.told().into_iter().find(|words| words.starts_with("ended ")).unwrap_or_default()
}

#[test]
fn a_length_that_cannot_be_is_refused_at_the_header_in_every_state() {
    let limit = 1 << 20;
    for (name, state, _) in STATES {
        for tag in [b'D', b'Z', b'E', 0, 0xff] {
            for length in [0, 1, 2, 3, -1, i32::MIN, limit + 5, 1 << 30, i32::MAX] {
                let mut lab = state();
                lab.hear_bytes(&[&[tag][..], &length.to_be_bytes()].concat());
                let cause = cause(&mut lab);
                let said = cause.starts_with("ended protocol server sent message ")
                    && (cause.ends_with(&format!("with length {length}, the least is 4"))
                        || cause.contains(&format!("of {} bytes, the limit is ", i64::from(length) - 4)));
                assert!(said, "length {length} in state '{name}': {cause}");
            }
        }
    }
}

#[test]
fn a_message_up_to_the_limit_is_waited_for() {
    let mut lab = Lab::new(10);
    lab.hear_bytes(&[&b"N"[..], &((1 << 20) + 4_i32).to_be_bytes()].concat());
    assert!(!lab.engine.is_ended());
}

/// A session whose next answer is a row of one int4.
fn rows_due() -> Lab {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear(&[bind_complete()]);
    lab
}

fn word(value: i32) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}

#[test]
fn counts_and_lengths_that_do_not_fit_end_the_session() {
    let column = |name: &[u8]| [name, b"\0", &[0; 6][..], &23_u32.to_be_bytes(), &[0; 8]].concat();
    let parse = || {
        let mut lab = Lab::new(10);
        lab.fetch(1, &query("select 1"));
        lab.sent();
        lab.hear(&[parse_complete()]);
        lab
    };
    let describe = || {
        let mut lab = parse();
        lab.hear(&[parameters(&[])]);
        lab
    };
    let copy = || {
        let mut lab = Lab::new(10);
        lab.submit(script(1, "copy t to stdout"));
        lab.sent();
        lab
    };
    type Case<'a> = (&'a str, &'a dyn Fn() -> Lab, Vec<u8>);
    let cases: &[Case<'_>] = &[
        ("no count", &rows_due, message(DATA_ROW_TAG, b"\0")),
        ("a negative count", &rows_due, message(DATA_ROW_TAG, &[0xff, 0xff])),
        ("no column", &rows_due, row(&[])),
        ("two columns", &rows_due, row(&[Some(&[0; 4]), Some(&[0; 4])])),
        ("a value of length -2", &rows_due, message(DATA_ROW_TAG, &[vec![0, 1], word(-2)].concat())),
        (
            "a value beyond the end",
            &rows_due,
            message(DATA_ROW_TAG, &[vec![0, 1], word(5), vec![0; 4]].concat()),
        ),
        (
            "a value of 2 GiB",
            &rows_due,
            message(DATA_ROW_TAG, &[vec![0, 1], word(i32::MAX), vec![0; 4]].concat()),
        ),
        (
            "bytes behind the row",
            &rows_due,
            message(DATA_ROW_TAG, &[vec![0, 1], word(4), vec![0; 5]].concat()),
        ),
        ("a tag without an end", &rows_due, message(COMMAND_COMPLETE_TAG, b"SELECT 1")),
        ("bytes behind the tag", &rows_due, message(COMMAND_COMPLETE_TAG, b"SELECT 1\0\0")),
        ("more parameters than it has", &parse, message(PARAMETER_DESCRIPTION_TAG, &[0, 2, 0, 0, 0, 23])),
        ("fewer parameters than it has", &parse, message(PARAMETER_DESCRIPTION_TAG, &[0, 0, 0, 0, 0, 23])),
        ("a negative count of columns", &describe, message(ROW_DESCRIPTION_TAG, &[0xff, 0xff])),
        (
            "more columns than it holds",
            &describe,
            message(ROW_DESCRIPTION_TAG, &[&[0x7f, 0xff][..], &column(b"n")].concat()),
        ),
        (
            "fewer columns than it holds",
            &describe,
            message(ROW_DESCRIPTION_TAG, &[&[0, 0][..], &column(b"n")].concat()),
        ),
        (
            "a column cut short",
            &describe,
            message(ROW_DESCRIPTION_TAG, &[&[0, 1][..], &column(b"n")[..19]].concat()),
        ),
        (
            "a column's name without an end",
            &describe,
            message(ROW_DESCRIPTION_TAG, &[&[0, 1][..], &[b'n'; 30]].concat()),
        ),
        (
            "a column's name that is not UTF-8",
            &describe,
            message(ROW_DESCRIPTION_TAG, &[&[0, 1][..], &column(b"\xff")].concat()),
        ),
        ("more columns of COPY than it has", &copy, message(COPY_OUT_RESPONSE_TAG, &[0, 0, 2, 0, 0])),
        (
            "an unknown status",
            &|| {
                let mut lab = rows_due();
                lab.hear(&[complete("")]);
                lab
            },
            ready(b'X'),
        ),
        (
            "no status",
            &|| {
                let mut lab = rows_due();
                lab.hear(&[complete("")]);
                lab
            },
            message(READY_FOR_QUERY_TAG, b""),
        ),
        (
            "two statuses",
            &|| {
                let mut lab = rows_due();
                lab.hear(&[complete("")]);
                lab
            },
            message(READY_FOR_QUERY_TAG, b"II"),
        ),
        ("an error without an end", &rows_due, message(ERROR_RESPONSE_TAG, b"SERROR\0")),
        ("an error's field without an end", &rows_due, message(ERROR_RESPONSE_TAG, b"SERROR")),
        ("bytes behind an error", &rows_due, message(ERROR_RESPONSE_TAG, b"SERROR\0\0\0")),
        (
            "an error of a million fields",
            &rows_due,
            message(ERROR_RESPONSE_TAG, &[b"Sx\0".repeat(300_000), vec![0]].concat()),
        ),
        ("a notice without an end", &rows_due, message(NOTICE_RESPONSE_TAG, b"SNOTICE\0")),
        ("a parameter without a value", &rows_due, message(PARAMETER_STATUS_TAG, b"TimeZone\0")),
        ("bytes behind a parameter", &rows_due, message(PARAMETER_STATUS_TAG, b"TimeZone\0UTC\0\0")),
        (
            "a notification without a payload",
            &rows_due,
            message(NOTIFICATION_RESPONSE_TAG, b"\0\0\0\0news\0"),
        ),
        ("bytes behind a notification", &rows_due, message(NOTIFICATION_RESPONSE_TAG, b"\0\0\0\0news\0\0\0")),
    ];
    for (what, state, answer) in cases {
        let mut lab = state();
        lab.hear_bytes(answer);
        let cause = cause(&mut lab);
        assert!(cause.starts_with("ended protocol server sent a malformed message"), "{what}: {cause}");
    }
}

#[test]
fn text_that_is_no_utf8_is_replaced_where_only_people_read_it() {
    let mut lab = rows_due();
    lab.hear_bytes(&message(NOTICE_RESPONSE_TAG, b"SNOTICE\0C00000\0M\xff!\0\0"));
    lab.hear_bytes(&message(NOTIFICATION_RESPONSE_TAG, b"\0\0\0\x01news\0\xff\0"));
    lab.hear_bytes(&message(ERROR_RESPONSE_TAG, b"SERROR\0C22012\0M\xfe\0\0"));
    lab.hear_bytes(&ready(b'I'));
    let records = lab.records();
    assert_eq!(records[0].field('M'), "\u{fffd}!");
    assert_eq!(records[1].words(), "notification news \u{fffd}");
    assert_eq!(records[2].field('M'), "\u{fffd}");
}

#[test]
fn text_that_is_no_utf8_fails_the_call_whose_value_it_is() {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select t"));
    lab.sent();
    lab.hear(&[described(&[], &[("t", 25)])]);
    lab.sent();
    let told = lab.hear(&[bind_complete(), row(&[Some(b"\xff")]), complete("SELECT 1"), ready(b'I')]);
    assert_eq!(
        told,
        ["#1 protocol column \"t\" holds a value that cannot be read as its type text: it is not UTF-8"]
    );
    assert!(!lab.engine.is_ended());
}

#[test]
fn answers_that_nobody_asked_for_reach_nobody() {
    let whole = one(5);
    let cases: &[(&str, Vec<u8>)] = &[
        ("ReadyForQuery twice", [one(5), ready(b'I')].concat()),
        ("no ReadyForQuery", [&whole[..whole.len() - 6], &one(6)].concat()),
        ("BindComplete twice", [bind_complete(), bind_complete()].concat()),
        ("rows behind their end", [&whole[..whole.len() - 6], &int_row(6)].concat()),
        ("rows behind an error", [bind_complete(), error("22012"), int_row(6)].concat()),
        ("one answer too many", [one(1), one(2), one(3), one(4)].concat()),
        ("an answer to another question", [parse_complete(), one(5)].concat()),
        ("the answer to a script", [complete("SELECT 1"), ready(b'I')].concat()),
        ("COPY of both ways", [bind_complete(), message(b'W', &[0, 0, 0])].concat()),
        ("a cancel key", message(BACKEND_KEY_DATA_TAG, &[0; 8])),
        ("a login", message(AUTHENTICATION_TAG, &[0; 4])),
        ("another protocol", message(b'v', &[0, 3, 0, 0, 0, 0, 0, 0])),
    ];
    for (what, answer) in cases {
        let mut lab = Lab::new(10);
        let sql = warm(&mut lab, "select 1");
        for id in 2..5 {
            lab.fetch(id, &sql);
        }
        lab.sent();
        lab.hear_bytes(answer);
        assert!(lab.engine.is_ended(), "{what}");
        let records = lab.records();
        assert!(records.iter().any(|record| record.words().starts_with("ended protocol")), "{what}");
        let ends = records.iter().filter_map(Told::ends).collect::<Vec<u32>>();
        assert_eq!(ends, [2, 3, 4], "{what}");
    }
}

#[test]
fn a_stray_readyforquery_does_not_answer_a_script() {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "select 1"));
    lab.sent();
    lab.hear(&[ready(b'I')]);
    assert!(lab.engine.is_ended());
}

#[test]
fn what_the_server_says_of_its_own_changes_no_answer_wherever_it_comes() {
    let aside = [
        notice("00000"),
        parameter("DateStyle", "German"),
        parameter("standard_conforming_strings", "off"),
        notification(1, "news", ""),
    ]
    .concat();
    for (name, exchange) in EXCHANGES {
        let answers = exchange.lines().filter(|line| line.starts_with("< ")).count();
        let told = |at: usize, cut: usize| {
            let (mut lab, mut script) = (Lab::new(cache_size(exchange)), Script::default());
            let (mut told, mut place) = (Vec::new(), 0);
            for line in exchange.lines() {
                if let Some(message) = line.strip_prefix("< ") {
                    if place == at {
                        lab.hear_bytes(&aside[..cut]);
                        lab.hear_bytes(&aside[cut..]);
                    }
                    place += 1;
                    lab.hear_bytes(&bytes(message));
                } else if line == "cancel" {
                    lab.wait(100);
                    assert!(lab.wants_cancel());
                    lab.cancel_closed();
                } else if line == "eof" {
                    lab.engine.receive_end();
                } else if !line.starts_with("> ") {
                    script.line(&mut lab, line);
                }
                lab.sent_bytes();
                told.extend(lab.told());
            }
            let own = ["notice ", "parameter ", "notification "];
            told.retain(|words| !own.iter().any(|own| words.starts_with(own)));
            told
        };
        let expected = told(usize::MAX, 0);
        for at in 0..answers {
            assert_eq!(told(at, aside.len() / 2), expected, "{name}, in front of message {at}");
        }
    }
}

#[test]
fn notices_that_nobody_listens_to_are_not_kept() {
    let mut lab = Lab::new(10);
    lab.engine.notices = false;
    for _ in 0..100_000 {
        lab.hear_bytes(&notice("00000"));
    }
    assert!(lab.records().is_empty());
}

#[test]
fn column_names_come_through_as_they_are() {
    let names =
        ["__proto__", "constructor", "then", "", "a", "a", "\"'`;\n\u{2028}", "\\x'/*process.exit()//"];
    let columns_: Vec<(&str, u32)> = names.iter().map(|name| (*name, 23)).collect();
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select"));
    lab.sent();
    lab.hear(&[described(&[], &columns_)]);
    lab.sent();
    let values: Vec<Option<&[u8]>> = names.iter().map(|_| Some(&[0, 0, 0, 1][..])).collect();
    lab.hear_bytes(&[bind_complete(), row(&values), complete("SELECT 1"), ready(b'I')].concat());
    let expected: Vec<String> = names.iter().map(|name| format!("{name}=1")).collect();
    let records = lab.records();
    assert!(matches!(&records[0], Told::Rows { rows, .. } if rows[0] == expected), "{records:?}");
}

#[test]
fn rows_of_many_columns_and_of_none_are_packed() {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query("select"));
    lab.sent();
    lab.hear(&[described(&[], &vec![("c", 23); 1_600])]);
    lab.sent();
    let values: Vec<Option<&[u8]>> = (0..1_600).map(|n| (n % 3 > 0).then_some(&[0, 0, 0, 7][..])).collect();
    lab.hear_bytes(&[bind_complete(), row(&values), complete("SELECT 1"), ready(b'I')].concat());
    let records = lab.records();
    let fits = |row: &[String]| {
        row.len() == 1_600 && row[0] == "c=null" && row[1_599] == "c=null" && row[1] == "c=7"
    };
    assert!(records.iter().any(|told| matches!(told, Told::Rows { rows, .. } if fits(&rows[0]))));

    lab.fetch(2, &query("select from t"));
    lab.sent();
    lab.hear(&[parse_complete(), parameters(&[]), columns(&[]), ready(b'I')]);
    lab.sent();
    lab.hear_bytes(&bind_complete());
    let mut count = 0;
    for _ in 0..200_000 {
        lab.hear_bytes(&row(&[]));
    }
    lab.hear_bytes(&[complete("SELECT 200000"), ready(b'I')].concat());
    for told in lab.records() {
        if let Told::Rows { rows, .. } = told {
            assert!(rows.len() <= 65_536);
            count += rows.len();
        }
    }
    assert_eq!(count, 200_000);
}
