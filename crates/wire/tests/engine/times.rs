//! When a call was sent and answered, for those who ask.

use std::time::Duration;

use cornac_wire::engine::Request;

use crate::{
    calls::{described, one, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

fn timed(lab: &Lab, request: Request) -> Request {
    Request { timed: Some(lab.now), ..request }
}

fn pass(lab: &mut Lab, milliseconds: u64) {
    lab.now += Duration::from_millis(milliseconds);
}

#[test]
fn a_call_that_asks_is_told_when_it_was_sent_answered_first_and_answered() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.submit(timed(&lab, fetch(2, &sql, &[])));
    lab.fetch(3, &sql);
    pass(&mut lab, 1);
    lab.send(10);
    pass(&mut lab, 1);
    lab.sent();
    pass(&mut lab, 2);
    assert!(lab.hear(&[bind_complete()]).is_empty());
    pass(&mut lab, 4);
    assert_eq!(
        lab.hear(&[int_row(7), complete("SELECT 1"), ready(b'I'), one(8)]),
        [
            "#2 sent 2000 answered 4000 complete 8000",
            "#2 rows [n=7] end I SELECT 1",
            "#3 rows [n=8] end I SELECT 1"
        ]
    );
}

#[test]
fn a_call_that_waits_for_others_is_not_taken_for_a_slow_one() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.submit(script(2, "select pg_sleep(1)"));
    lab.submit(timed(&lab, fetch(3, &sql, &[])));
    lab.sent();
    pass(&mut lab, 1000);
    lab.hear(&[complete("SELECT 1"), ready(b'I')]);
    lab.sent();
    pass(&mut lab, 1);
    assert_eq!(
        lab.hear(&[one(8)]),
        ["#3 sent 1000000 answered 1001000 complete 1001000", "#3 rows [n=8] end I SELECT 1"]
    );
}

#[test]
fn the_time_of_its_description_is_the_calls_own() {
    let mut lab = Lab::new(10);
    lab.submit(timed(&lab, fetch(1, &query("select 1"), &[])));
    pass(&mut lab, 1);
    lab.sent();
    pass(&mut lab, 1);
    lab.hear(&[described(&[], &[("n", 23)])]);
    pass(&mut lab, 1);
    lab.sent();
    pass(&mut lab, 1);
    assert_eq!(
        lab.hear(&[one(7)]),
        ["#1 sent 1000 answered 2000 complete 4000", "#1 rows [n=7] end I SELECT 1"]
    );
}

#[test]
fn a_call_that_fails_is_told_too_and_one_that_was_given_up_is_not() {
    let mut lab = Lab::new(10);
    lab.submit(timed(&lab, script(1, "select 1/0")));
    lab.submit(timed(&lab, Request { has_signal: true, ..script(2, "select 2") }));
    pass(&mut lab, 1);
    lab.sent();
    pass(&mut lab, 1);
    assert_eq!(
        lab.hear(&[error("22012"), ready(b'I')]),
        ["#1 sent 1000 answered 2000 complete 2000", "#1 server 22012"]
    );
    lab.sent();
    lab.engine.abandon(2, lab.now);
    assert_eq!(lab.hear(&[complete("SELECT 1"), ready(b'I')]), ["#2 done"]);
}
