//! Calls and their answers, in order.

use cornac_wire::engine::Sink;

use crate::support::{
    answers::*,
    arguments,
    lab::{Lab, fetch, options, query, script},
};

/// The messages of a statement's description.
pub(crate) fn described(parameters_: &[u32], columns_: &[(&str, u32)]) -> Vec<u8> {
    let result = if columns_.is_empty() { no_data() } else { columns(columns_) };
    [parse_complete(), parameters(parameters_), result, ready(b'I')].concat()
}

/// The answer of one row with one int4.
pub(crate) fn one(value: i32) -> Vec<u8> {
    [bind_complete(), int_row(value), complete("SELECT 1"), ready(b'I')].concat()
}

/// A lab whose cache holds `sql`, an int4 named `n`.
pub(crate) fn warm(lab: &mut Lab, sql: &str) -> std::sync::Arc<cornac_wire::query::Query> {
    let query = query(sql);
    lab.fetch(1, &query);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    assert_eq!(lab.hear(&[one(0)]), ["#1 rows [n=0] end I SELECT 1"]);
    query
}

#[test]
fn a_first_call_waits_for_its_description_and_later_ones_do_not() {
    let mut lab = Lab::new(10);
    let sql = query("select 1");
    lab.fetch(1, &sql);
    assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
    assert!(lab.hear(&[described(&[], &[("n", 23)])]).is_empty());
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(7)]), ["#1 rows [n=7] end I SELECT 1"]);
    lab.fetch(2, &sql);
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(8), one(9)]), ["#2 rows [n=8] end I SELECT 1", "#3 rows [n=9] end I SELECT 1"]);
}

#[test]
fn nothing_overtakes_a_call_that_is_described_behind_others() {
    let mut lab = Lab::new(10);
    let (a, b) = (warm(&mut lab, "select 1"), query("select 2"));
    lab.fetch(2, &a);
    lab.fetch(3, &b);
    lab.fetch(4, &a);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, parse s2 select 2, describe s2, sync");
    lab.hear(&[one(2)]);
    assert_eq!(lab.sent(), "", "a call was sent behind one whose description was due");
    lab.hear(&[described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync, bind s1 0, execute, sync");
}

#[test]
fn scripts_have_the_wire_alone() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.submit(script(3, "begin; select 1"));
    lab.fetch(4, &a);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    lab.hear(&[one(2)]);
    assert_eq!(lab.sent(), "query begin; select 1");
    let answer = [complete("BEGIN"), columns(&[("n", 23)]), row(&[Some(b"1")]), complete("SELECT 1")];
    assert!(lab.hear(&answer).is_empty());
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.hear(&[ready(b'T')]), ["#3 rows [] end T SELECT 1"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

#[test]
fn an_empty_query_and_one_without_a_result_have_no_rows() {
    let mut lab = Lab::new(10);
    lab.fetch(1, &query(""));
    lab.sent();
    lab.hear(&[described(&[], &[])]);
    lab.sent();
    assert_eq!(lab.hear(&[bind_complete(), empty_query(), ready(b'I')]), ["#1 rows [] end I "]);
    lab.submit(script(2, " "));
    lab.sent();
    assert_eq!(lab.hear(&[empty_query(), ready(b'I')]), ["#2 rows [] end I "]);
}

#[test]
fn rows_beyond_those_that_are_wanted_are_dropped_and_the_statement_runs_to_its_end() {
    let mut lab = Lab::new(10);
    let mut request = fetch(1, &query("select 1"), &[]);
    request.sink = Sink::Cells { most: 2 };
    lab.submit(request);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    let rows = [int_row(5), int_row(6), int_row(7), int_row(8)].concat();
    let answer = [bind_complete(), rows, complete("SELECT 4"), ready(b'I')];
    assert_eq!(lab.hear(&answer), ["#1 rows [n=5; n=6] end I SELECT 4"]);
}

#[test]
fn a_megabyte_of_rows_that_nobody_wants_is_told_once() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    let large = [row(&[Some(&vec![b'x'; 300_000])]), int_row(5)];
    let mut request = fetch(2, &sql, &[]);
    request.sink = Sink::Cells { most: 1 };
    lab.submit(request);
    lab.sent();
    let first = [bind_complete(), int_row(5), large.concat().repeat(3)];
    assert!(lab.hear(&first).is_empty());
    assert_eq!(lab.hear(&[large.concat().repeat(8)]), ["#2 surplus"]);
    let end = [complete("SELECT 23"), ready(b'I')];
    assert_eq!(lab.hear(&end), ["#2 rows [n=5] end I SELECT 23"]);
}

#[test]
fn each_call_of_a_pipeline_has_its_own_error() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    for id in 2..5 {
        lab.fetch(id, &a);
    }
    lab.sent();
    let failed = [bind_complete(), int_row(1), error("22012"), ready(b'I')].concat();
    assert_eq!(
        lab.hear(&[one(2), failed, one(4)]),
        ["#2 rows [n=2] end I SELECT 1", "#3 server 22012", "#4 rows [n=4] end I SELECT 1"]
    );
}

#[test]
fn a_commit_that_fails_behind_its_command_is_the_calls_error() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.sent();
    let answer = [bind_complete(), complete("INSERT 0 1"), error("23503"), ready(b'I')];
    assert_eq!(lab.hear(&answer), ["#2 server 23503"]);
}

#[test]
fn arguments_that_cannot_be_sent_are_refused_with_a_hint_and_leave_nothing_on_the_wire() {
    let mut lab = Lab::new(10);
    let sql = query("select $1::int4");
    lab.submit(fetch(1, &sql, &[arguments::refused("undefined")]));
    lab.sent();
    let told = lab.hear(&[described(&[23], &[("n", 23)])]);
    assert_eq!(told, ["parameters [23]"]);
    assert_eq!(lab.sent(), "");
    let records = lab.records();
    assert_eq!(records[0].field('a'), "1");
    assert_eq!(records[0].field('H'), "pass null for SQL NULL");
    assert!(records[0].words().contains("$1"), "{}", records[0].words());

    lab.submit(fetch(2, &sql, &[]));
    assert_eq!(lab.sent(), "");
    let told = lab.told();
    assert_eq!(told, ["#2 interface the server expects 1 argument for this query, 0 were passed"]);

    lab.submit(fetch(3, &sql, &[vec![99]]));
    lab.submit(fetch(4, &sql, &[[arguments::int(1), arguments::int(2)].concat()]));
    lab.submit(fetch(5, &sql, &[arguments::int(6)]));
    assert_eq!(lab.sent(), "bind s1 1, execute, sync");
    assert_eq!(
        lab.hear(&[one(6)]),
        [
            "#3 interface the arguments reached the driver damaged",
            "#4 interface the arguments reached the driver damaged",
            "#5 rows [n=6] end I SELECT 1"
        ]
    );
}

#[test]
fn a_query_that_cannot_be_framed_is_refused_and_the_session_goes_on() {
    let mut lab = Lab::new(10);
    let mut many = fetch(3, &query("select 1"), &[]);
    many.argument_count = 65_536;
    lab.fetch(1, &query("select '\0'"));
    lab.submit(script(2, "select '\0'"));
    lab.submit(many);
    lab.fetch(4, &query("select 4"));
    assert_eq!(lab.sent(), "parse s1 select 4, describe s1, sync");
    assert_eq!(
        lab.told(),
        [
            "#1 interface the query contains a NUL character, which no text of PostgreSQL can",
            "#2 interface the query contains a NUL character, which no text of PostgreSQL can",
            "#3 interface too many query arguments: 65536 were passed, the protocol allows 65535",
        ]
    );
}

#[test]
fn a_statement_may_have_65535_parameters() {
    let mut lab = Lab::new(0);
    let arguments = vec![arguments::null(); 65_535];
    lab.submit(fetch(1, &query("select"), &arguments));
    lab.sent();
    lab.hear(&[described(&vec![23; 65_535], &[("n", 23)])]);
    assert_eq!(lab.sent(), "parse unnamed select, bind unnamed 65535, describe portal, execute, sync");
}

#[test]
fn a_value_that_does_not_fit_its_column_fails_its_call_alone() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.fetch(3, &a);
    lab.sent();
    let bad = [bind_complete(), row(&[Some(b"abc")]), int_row(1), complete("SELECT 2"), ready(b'I')].concat();
    assert_eq!(
        lab.hear(&[bad, one(3)]),
        [
            "#2 protocol column \"n\" holds a value that cannot be read as its type int4: its length is not that of its type",
            "#3 rows [n=3] end I SELECT 1",
        ]
    );
}

#[test]
fn what_the_server_says_of_its_own_is_told_in_order() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.sent();
    let answer = [
        notice("00000"),
        bind_complete(),
        parameter("TimeZone", "UTC"),
        int_row(2),
        notification(7, "news", "fine"),
        complete("SELECT 1"),
        ready(b'I'),
        notification(7, "news", "later"),
    ];
    assert_eq!(
        lab.hear(&answer),
        [
            "notice 00000 of #2",
            "parameter TimeZone UTC",
            "notification news fine",
            "#2 rows [n=2] end I SELECT 1",
            "notification news later",
        ]
    );
}

#[test]
fn a_notice_is_of_the_call_that_runs() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    assert_eq!(lab.hear(&[notice("00000")]), ["notice 00000"], "nothing runs");
    lab.fetch(2, &a);
    assert_eq!(lab.hear(&[notice("00000")]), ["notice 00000"], "the server has seen nothing of it");
    lab.fetch(3, &a);
    lab.sent();
    let answer = [
        notice("00000"),
        bind_complete(),
        int_row(1),
        complete("SELECT 1"),
        notice("01000"),
        ready(b'I'),
        notice("00000"),
        bind_complete(),
        int_row(2),
        complete("SELECT 1"),
        ready(b'I'),
        notice("00000"),
    ];
    let told = lab.hear(&answer);
    let expected = [
        "notice 00000 of #2",
        "notice 01000 of #2",
        "#2 rows [n=1] end I SELECT 1",
        "notice 00000 of #3",
        "#3 rows [n=2] end I SELECT 1",
        "notice 00000",
    ];
    assert_eq!(told, expected);
}

#[test]
fn long_results_come_in_parts() {
    let mut lab = Lab::with(options(10));
    let sql = query("select text");
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("t", 25)])]);
    lab.sent();
    let (short, long) = (vec![b'a'; 10], vec![b'b'; 100_000]);
    lab.hear_bytes(
        &[bind_complete(), row(&[Some(&short)]), row(&[Some(&long)]), row(&[Some(&short)])].concat(),
    );
    lab.hear_bytes(&[complete("SELECT 3"), ready(b'I')].concat());
    let rows: Vec<usize> = lab
        .records()
        .iter()
        .map(|record| match record {
            crate::support::reader::Told::Rows { rows, .. } => rows.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rows, [1, 1, 1], "a long text shares a string with others");
}
