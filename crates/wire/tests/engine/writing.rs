//! A socket that takes part of what it is offered, nothing, or fails.

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        arguments,
        lab::{Lab, fetch, query},
    },
};

/// Three calls, numbered from 2, of which so many bytes were written: of one and a half.
fn half_written() -> Lab {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..5 {
        lab.fetch(id, &sql);
    }
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len() / 3;
    lab.send(plan + 3);
    lab
}

/// The calls that were lost, and whether each may have been executed.
fn lost(lab: &mut Lab) -> Vec<(u32, String)> {
    let records = lab.records();
    records.iter().filter_map(|record| Some((record.ends()?, record.field('x').to_owned()))).collect()
}

#[test]
fn after_a_failed_write_nothing_is_composed_however_much_is_unwritten() {
    let mut lab = Lab::new(10);
    let sql = query("insert");
    lab.submit(fetch(1, &sql, &[arguments::text("a")]));
    lab.sent();
    lab.hear(&[described(&[25], &[])]);
    lab.sent();
    lab.hear(&[bind_complete(), complete("INSERT 0 1"), ready(b'I')]);
    lab.submit(fetch(2, &sql, &[arguments::text(&"x".repeat(1 << 20))]));
    lab.fetch(3, &query("select 3"));
    assert!(lab.engine.pump(lab.now), "more is composed once this was written");
    lab.engine.write_failed("broken pipe".to_owned(), Some(32), lab.now);
    assert!(!lab.engine.pump(lab.now), "nothing of it will be written");
}

#[test]
fn after_a_failed_write_only_calls_that_went_out_may_have_been_executed() {
    let mut lab = half_written();
    lab.engine.write_failed("broken pipe".to_owned(), Some(32), lab.now);
    assert!(lab.engine.output().is_empty(), "nothing is offered to a socket that failed");
    lab.engine.receive_end();
    assert_eq!(lost(&mut lab), [(2, "1".into()), (3, "0".into()), (4, "0".into())]);
}

#[test]
fn a_failed_write_without_an_end_of_the_stream_ends_the_session_soon() {
    let mut lab = half_written();
    lab.engine.write_failed("no buffer space".to_owned(), Some(105), lab.now);
    assert_eq!(
        lab.hear(&[one(2)]),
        ["#2 rows [n=2] end I SELECT 1"],
        "what the server said before still counts"
    );
    lab.wait(999);
    assert!(!lab.engine.is_ended());
    lab.wait(1);
    assert!(lab.engine.is_ended());
    assert_eq!(
        lab.told(),
        [
            "ended lost no buffer space",
            "#3 lost connection was closed in the middle of operation",
            "#4 lost connection was closed in the middle of operation",
        ]
    );
}

#[test]
fn the_last_words_behind_a_failed_write_are_heard() {
    let mut lab = half_written();
    lab.engine.write_failed("broken pipe".to_owned(), Some(32), lab.now);
    lab.hear_bytes(&fatal("57P01"));
    lab.engine.receive_end();
    let told = lab.told();
    assert_eq!(told[..2], ["ended server 57P01", "#2 server 57P01"]);
}

#[test]
fn a_call_on_a_socket_that_takes_nothing_times_out_and_was_never_executed() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    let mut request = crate::support::lab::fetch(2, &sql, &[]);
    request.deadline = lab.deadline(100);
    lab.submit(request);
    lab.send(0);
    lab.wait(100);
    assert_eq!(lab.told(), ["#2 timeout query timed out after 100 ms more", "#2 done"]);
    assert!(lab.engine.output().is_empty(), "what was withdrawn is not sent later");
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}
