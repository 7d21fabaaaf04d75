//! Portals that cursors read in parts.

use std::sync::Arc;

use cornac_wire::{
    engine::{Ask, Request},
    query::Query,
};

use crate::{
    calls::{described, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

fn open(id: u32, query: &Arc<Query>, portal: u32, rows: u32) -> Request {
    Request { ask: Ask::Open { portal, rows }, ..fetch(id, query, &[]) }
}

fn more(id: u32, query: &Arc<Query>, portal: u32, rows: u32) -> Request {
    Request { ask: Ask::Fetch { portal, rows }, ..fetch(id, query, &[]) }
}

fn close(id: u32, query: &Arc<Query>, portal: u32) -> Request {
    Request { ask: Ask::ClosePortal { portal }, ..fetch(id, query, &[]) }
}

fn suspended(rows: &[i32]) -> Vec<u8> {
    [rows.iter().flat_map(|n| int_row(*n)).collect(), portal_suspended(), ready(b'T')].concat()
}

fn ended(rows: &[i32]) -> Vec<u8> {
    [rows.iter().flat_map(|n| int_row(*n)).collect(), complete("SELECT 1"), ready(b'T')].concat()
}

/// A lab within a transaction, and a statement that it has prepared.
fn transaction(cache: usize) -> (Lab, Arc<Query>) {
    let mut lab = Lab::new(cache);
    let sql = if cache > 0 { warm(&mut lab, "select n from t") } else { query("select n from t") };
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    (lab, sql)
}

#[test]
fn a_portal_is_opened_with_its_first_rows_read_on_and_closed() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 1, 2));
    assert_eq!(lab.sent(), "bind s1 0 p1, execute p1 2, sync");
    assert_eq!(lab.hear(&[bind_complete(), suspended(&[1, 2])]), ["#3 rows [n=1; n=2] end T "]);
    lab.submit(more(4, &sql, 1, 2));
    lab.submit(more(5, &sql, 1, 2));
    assert_eq!(lab.sent(), "execute p1 2, sync, execute p1 2, sync");
    assert_eq!(
        lab.hear(&[suspended(&[3, 4]), ended(&[5])]),
        ["#4 rows [n=3; n=4] end T ", "#5 rows [n=5] end T SELECT 1"]
    );
    lab.submit(close(6, &sql, 1));
    assert_eq!(lab.sent(), "close portal p1, sync");
    assert_eq!(lab.hear(&[close_complete(), ready(b'T')]), ["#6 rows [] end T "]);
}

#[test]
fn a_portal_may_be_opened_without_reading_it() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 7, 0));
    lab.fetch(4, &sql);
    assert_eq!(lab.sent(), "bind s1 0 p7, sync, bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[bind_complete(), ready(b'T')]), ["#3 rows [] end T "]);
    lab.submit(more(5, &sql, 7, 3));
    assert_eq!(lab.sent(), "execute p7 3, sync");
}

#[test]
fn a_statement_is_described_first_and_parsed_with_its_portal_where_nothing_is_kept() {
    let (mut lab, sql) = transaction(0);
    lab.submit(open(3, &sql, 1, 0));
    assert_eq!(lab.sent(), "parse unnamed select n from t, describe unnamed, sync");
    let told = [parse_complete(), parameters(&[]), columns(&[("n", 23)]), ready(b'T')].concat();
    assert!(lab.hear(&[told]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select n from t, bind unnamed 0 p1, describe portal p1, sync");
    // Its columns are others by now, and count.
    let columns = binary_columns(&[("m", 23)]);
    assert_eq!(
        lab.hear(&[[parse_complete(), bind_complete(), columns, ready(b'T')].concat()]),
        ["#3 rows [] end T "]
    );
    lab.submit(more(4, &sql, 1, 2));
    assert_eq!(lab.sent(), "execute p1 2, sync");
    assert_eq!(lab.hear(&[ended(&[9])]), ["#4 rows [m=9] end T SELECT 1"]);
}

#[test]
fn portals_end_with_their_transaction() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 1, 1));
    lab.sent();
    lab.hear(&[bind_complete(), suspended(&[1])]);
    lab.submit(script(4, "commit"));
    lab.sent();
    lab.hear(&[complete("COMMIT"), ready(b'I')]);
    lab.submit(more(5, &sql, 1, 1));
    assert_eq!(lab.sent(), "", "a portal that is gone was asked for rows");
    assert_eq!(lab.told(), ["#5 server 34000"]);
    // To close one that is gone is no error.
    lab.submit(close(6, &sql, 1));
    assert_eq!(lab.sent(), "close portal p1, sync");
}

#[test]
fn a_portal_waits_until_it_is_known_whether_there_is_a_transaction() {
    let (mut lab, sql) = transaction(10);
    let [commit, begin] = ["commit", "begin"].map(query);
    let answer =
        |tag, status| [parse_complete(), bind_complete(), no_data(), complete(tag), ready(status)].concat();
    lab.fetch(3, &commit);
    lab.fetch(4, &begin);
    lab.submit(open(5, &sql, 1, 1));
    assert!(lab.sent().ends_with("execute, sync"));
    lab.hear(&[answer("COMMIT", b'I')]);
    assert_eq!(lab.sent(), "");
    lab.hear(&[answer("BEGIN", b'T')]);
    assert_eq!(lab.sent(), "bind s1 0 p1, execute p1 1, sync");
    lab.hear(&[bind_complete(), suspended(&[1])]);
    lab.fetch(6, &commit);
    lab.submit(open(7, &sql, 2, 1));
    lab.sent();
    lab.hear(&[answer("COMMIT", b'I')]);
    assert_eq!((lab.sent().as_str(), lab.told()), ("", vec!["#7 server 25P01".to_owned()]));
}

#[test]
fn one_that_could_not_be_opened_is_not_there() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 1, 1));
    lab.sent();
    assert_eq!(lab.hear(&[error("22012"), ready(b'E')]), ["#3 server 22012"]);
    lab.submit(more(4, &sql, 1, 1));
    assert_eq!((lab.sent().as_str(), lab.told()), ("", vec!["#4 server 34000".to_owned()]));
}

#[test]
fn copy_is_refused() {
    let (mut lab, _) = transaction(10);
    lab.submit(open(3, &query("copy t to stdout"), 1, 1));
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.told(), ["#3 interface COPY has no rows that a cursor could read"]);
    assert_eq!(described(&[], &[]).first(), Some(&b'1'));
}

#[test]
fn one_that_was_taken_back_unsent_is_not_there() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 1, 1));
    lab.engine.pump(lab.now);
    lab.abandon(3);
    assert_eq!(lab.told(), ["#3 done"]);
    lab.submit(more(4, &sql, 1, 1));
    assert_eq!((lab.sent().as_str(), lab.told()), ("", vec!["#4 server 34000".to_owned()]));
}

#[test]
fn one_that_is_moved_is_described_by_nobody() {
    let (mut lab, sql) = transaction(10);
    lab.submit(open(3, &sql, 1, 0));
    lab.sent();
    lab.hear(&[bind_complete(), ready(b'T')]);
    lab.fetch(4, &query("MOVE FORWARD 3 FROM cornac_1"));
    lab.submit(more(5, &sql, 1, 2));
    let moving = "parse unnamed MOVE FORWARD 3 FROM cornac_1, bind unnamed 0, describe portal, execute, sync";
    assert_eq!(lab.sent(), format!("{moving}, execute p1 2, sync"));
    let moved = [parse_complete(), bind_complete(), no_data(), complete("MOVE 3"), ready(b'T')].concat();
    assert_eq!(
        lab.hear(&[moved, suspended(&[4, 5])]),
        ["#4 rows [] end T MOVE 3", "#5 rows [n=4; n=5] end T "]
    );
}

fn begin(id: u32) -> Request {
    Request { ask: Ask::Opening { number: 1 }, ..fetch(id, &query("begin"), &[]) }
}

const BEGIN: &str = "parse unnamed begin, bind unnamed 0, describe portal, execute";

fn begun() -> Vec<u8> {
    [parse_complete(), bind_complete(), no_data(), complete("BEGIN")].concat()
}

#[test]
fn a_portal_goes_out_with_what_opens_its_transaction() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select n from t");
    lab.submit(begin(3));
    lab.submit(Request { within: 1, ..open(4, &sql, 1, 2) });
    lab.submit(Request { within: 1, ..more(5, &sql, 1, 2) });
    assert_eq!(lab.sent(), format!("{BEGIN}, bind s1 0 p1, execute p1 2, sync"));
    assert_eq!(
        lab.hear(&[begun(), bind_complete(), suspended(&[1, 2])]),
        ["#3 rows [] end T BEGIN", "#4 rows [n=1; n=2] end T "]
    );
    assert_eq!(lab.sent(), "execute p1 2, sync");
    assert_eq!(lab.hear(&[ended(&[3])]), ["#5 rows [n=3] end T SELECT 1"]);
}

#[test]
fn where_the_transaction_does_not_begin_there_is_no_portal() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select n from t");
    lab.submit(begin(3));
    lab.submit(Request { within: 1, ..open(4, &sql, 1, 2) });
    lab.sent();
    assert_eq!(
        lab.hear(&[error("0A000"), ready(b'I')]),
        [
            "#3 server 0A000",
            "#4 interface the transaction could not be started, so that nothing can run in it"
        ]
    );
    lab.submit(more(5, &sql, 1, 2));
    assert_eq!((lab.sent().as_str(), lab.told()), ("", vec!["#5 server 34000".to_owned()]));
}

#[test]
fn a_text_is_described_with_what_opens_the_transaction_and_the_portal_follows() {
    let mut lab = Lab::new(10);
    let sql = query("select n from t");
    lab.submit(begin(3));
    lab.submit(Request { within: 1, ..open(4, &sql, 1, 0) });
    assert_eq!(lab.sent(), format!("{BEGIN}, parse s1 select n from t, describe s1, sync"));
    let told = [parse_complete(), parameters(&[]), columns(&[("n", 23)]), ready(b'T')].concat();
    lab.hear(&[begun(), told]);
    assert_eq!(lab.sent(), "bind s1 0 p1, sync");
    assert_eq!(lab.hear(&[bind_complete(), ready(b'T')]), ["#4 rows [] end T "]);
}
