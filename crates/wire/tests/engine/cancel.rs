//! Calls given up: the rules of who may be cancelled, and when.

use cornac_wire::engine::{Request, Undelivered};

use crate::{
    calls::{one, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

/// A lab with `count` calls of one statement on the wire, numbered from 2.
pub(crate) fn pipeline(count: u32) -> (Lab, std::sync::Arc<cornac_wire::query::Query>) {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..2 + count {
        lab.fetch(id, &sql);
    }
    lab.sent();
    (lab, sql)
}

pub(crate) fn cancelled() -> Vec<u8> {
    [bind_complete(), error("57014"), ready(b'I')].concat()
}

#[test]
fn a_call_that_was_not_sent_is_withdrawn() {
    let (mut lab, sql) = pipeline(1);
    lab.submit(script(3, "select 3"));
    lab.fetch(4, &sql);
    assert_eq!(lab.sent(), "");
    lab.abandon(3);
    assert_eq!(lab.told(), ["#3 done"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(!lab.wants_cancel());
}

#[test]
fn a_call_whose_bytes_still_wait_is_withdrawn_with_them() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..6 {
        lab.fetch(id, &sql);
    }
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len() / 4;
    assert_eq!(lab.send(plan + 3), "bind s1 0, execute, sync");
    lab.abandon(4);
    assert_eq!(lab.told(), ["#4 done"]);
    // Half of it is gone: it must be sent to its end.
    lab.abandon(3);
    assert!(lab.told().is_empty());
    assert!(!lab.wants_cancel());
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, bind s1 0, execute, sync");
    assert_eq!(
        lab.hear(&[one(2), one(3), one(5)]),
        ["#2 rows [n=2] end I SELECT 1", "#3 done", "#5 rows [n=5] end I SELECT 1"]
    );
}

#[test]
fn the_running_call_is_cancelled_at_once_and_nothing_is_sent_meanwhile() {
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), "");
    assert!(lab.wants_cancel());
    assert!(!lab.wants_cancel(), "one cancel at a time");
    assert_eq!(lab.hear(&[cancelled()]), ["#2 done"]);
    assert_eq!(lab.sent(), "", "a call was sent while the cancel connection was open");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

#[test]
fn a_cancel_waits_until_the_server_has_the_whole_call() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.send(5);
    lab.abandon(2);
    assert!(!lab.wants_cancel(), "it would overtake the call that it is meant for");
    lab.send(usize::MAX);
    assert!(lab.wants_cancel());

    let mut lab = Lab::new(10);
    lab.fetch(2, &sql);
    lab.send(5);
    lab.abandon(2);
    lab.wants_cancel();
    lab.wait(5_000);
    assert_eq!(
        lab.told()[0],
        "ended lost the server did not take the messages of a call to be cancelled within 5 s"
    );
}

#[test]
fn bytes_of_later_calls_stay_where_they_are_while_a_cancel_is_open() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.fetch(3, &sql);
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len() / 2;
    lab.send(plan + 4);
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    assert!(lab.engine.is_holding() && lab.engine.output().is_empty());
    lab.hear(&[cancelled()]);
    lab.cancel_closed();
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(3)]), ["#3 rows [n=3] end I SELECT 1"]);
}

#[test]
fn a_call_given_up_before_its_turn_has_100_ms_from_then_on() {
    let (mut lab, _) = pipeline(3);
    lab.abandon(3);
    lab.wait(1_000);
    assert!(!lab.wants_cancel(), "another call runs");
    lab.hear(&[one(2)]);
    lab.wait(99);
    assert!(!lab.wants_cancel());
    lab.wait(1);
    assert!(lab.wants_cancel());
}

#[test]
fn a_call_given_up_that_ends_in_time_needs_no_cancel() {
    let (mut lab, _) = pipeline(3);
    lab.abandon(3);
    lab.hear(&[one(2)]);
    lab.wait(50);
    assert_eq!(lab.hear(&[one(3)]), ["#3 done"]);
    lab.wait(1_000);
    assert!(!lab.wants_cancel());
    assert_eq!(lab.hear(&[one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
}

#[test]
fn a_call_given_up_that_began_under_another_cancel_has_100_ms_from_its_turn() {
    let (mut lab, _) = pipeline(2);
    lab.abandon(2);
    lab.abandon(3);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.hear(&[one(2)]);
    lab.wait(60);
    lab.cancel_closed();
    assert!(!lab.wants_cancel());
    lab.wait(40);
    assert!(lab.wants_cancel());
}

#[test]
fn a_running_call_given_up_under_another_cancel_is_cancelled_next() {
    let (mut lab, _) = pipeline(2);
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.hear(&[one(2)]);
    lab.abandon(3);
    assert!(!lab.wants_cancel());
    lab.cancel_closed();
    assert!(lab.wants_cancel());
}

/// Lets time pass until the session is given up, and answers each cancel so. When they were sent, in milliseconds.
fn pursued(lab: &mut Lab, mut closed: impl FnMut(&mut Lab)) -> Vec<u128> {
    let (begin, mut sent) = (lab.now, Vec::new());
    while !lab.engine.is_ended() {
        if lab.wants_cancel() {
            sent.push((lab.now - begin).as_millis());
            closed(lab);
        }
        assert_eq!(lab.sent(), "", "a call was sent into the reach of the next cancel");
        if let Some(due) = lab.engine.next_tick() {
            assert!(due > lab.now, "a moment that has passed is waited for");
            lab.wait((due - lab.now).as_millis().try_into().unwrap());
        }
    }
    assert_eq!((lab.now - begin).as_millis(), 5_000);
    sent
}

#[test]
fn a_cancel_that_did_nothing_is_sent_again_ever_later_until_the_session_is_given_up() {
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    lab.fetch(3, &sql);
    assert_eq!(pursued(&mut lab, Lab::cancel_closed), [0, 100, 300, 700, 1_500, 3_100]);
    assert_eq!(
        lab.told(),
        [
            "ended lost the server did not act on a cancel request within 5 s",
            "#2 done",
            "#3 lost connection was closed in the middle of operation",
        ]
    );
}

#[test]
fn a_process_that_was_stopped_for_longer_than_the_grace_reads_before_it_gives_a_session_up() {
    // The cancel connection was open meanwhile.
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    lab.fetch(3, &sql);
    assert!(lab.wants_cancel());
    lab.wait(7_000);
    lab.cancel_closed();
    assert_eq!(lab.hear(&[cancelled()]), ["#2 done"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");

    // It was closed.
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    lab.fetch(3, &sql);
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.wait(7_000);
    assert_eq!(lab.hear(&[cancelled()]), ["#2 done"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(lab.engine.next_tick().is_none());

    // The call still runs: it is cancelled once more.
    let (mut lab, _) = pipeline(1);
    lab.abandon(2);
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.wait(7_000);
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.wait(999);
    assert!(!lab.engine.is_ended());
    lab.wait(1);
    assert_eq!(lab.told()[0], "ended lost the server did not act on a cancel request within 5 s");
}

fn undelivered(lab: &mut Lab, is_under_way: bool) {
    let reason = "nobody there".to_owned();
    lab.engine.cancel_closed(Err(Undelivered { reason, is_under_way }), lab.now);
}

#[test]
fn a_cancel_that_cannot_be_delivered_matters_only_if_the_call_does_not_end_by_itself() {
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    assert!(lab.wants_cancel());
    lab.fetch(3, &sql);
    undelivered(&mut lab, false);
    assert_eq!(lab.sent(), "");
    lab.wait(60);
    assert_eq!(lab.hear(&[one(2)]), ["#2 done"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(lab.engine.next_tick().is_none());

    let (mut lab, _) = pipeline(1);
    lab.abandon(2);
    assert_eq!(pursued(&mut lab, |lab| undelivered(lab, false)).len(), 6);
    assert_eq!(
        lab.told(),
        ["ended lost a cancel request could not be delivered within 5 s: nobody there", "#2 done"]
    );
}

#[test]
fn a_cancel_connection_that_stays_open_is_waited_for_while_its_call_runs() {
    let (mut lab, _) = pipeline(1);
    lab.abandon(2);
    assert_eq!(pursued(&mut lab, |_| ()), [0]);
    assert_eq!(lab.told()[0], "ended lost a cancel request could not be delivered within 5 s");

    // The call has ended: how long its cancel may take is the driver's own limit.
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    assert!(lab.wants_cancel());
    lab.hear(&[cancelled()]);
    lab.fetch(3, &sql);
    assert!(lab.engine.next_tick().is_none());
    lab.wait(60_000);
    assert_eq!(lab.sent(), "");
    undelivered(&mut lab, false);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

#[test]
fn a_cancel_that_may_still_have_an_effect_ends_the_session() {
    let (mut lab, sql) = pipeline(1);
    lab.abandon(2);
    assert!(lab.wants_cancel());
    assert_eq!(lab.hear(&[one(2)]), ["#2 done"]);
    lab.fetch(3, &sql);
    undelivered(&mut lab, true);
    assert_eq!(
        lab.told(),
        [
            "ended lost a cancel request may hit a later call: nobody there",
            "#3 lost connection was closed in the middle of operation",
        ]
    );
}

#[test]
fn a_call_that_a_cancel_could_miss_has_100_ms_to_end_by_itself() {
    // Its end was read, or others were sent behind it.
    let (mut over, _) = pipeline(1);
    over.hear(&[bind_complete(), complete("SELECT 0")]);
    let (followed, _) = pipeline(2);
    for mut lab in [over, followed] {
        lab.abandon(2);
        assert!(!lab.wants_cancel());
        lab.wait(99);
        assert!(!lab.wants_cancel());
        lab.wait(1);
        assert!(lab.wants_cancel());
    }
    // Others that the server has not seen are out of its reach.
    let (mut lab, sql) = pipeline(1);
    lab.fetch(3, &sql);
    lab.send(0);
    lab.abandon(2);
    assert!(lab.wants_cancel());
}

#[test]
fn what_writes_is_not_sent_behind_a_long_call_that_may_be_given_up() {
    let limited = |lab: &Lab, sql: &_| Request { deadline: lab.deadline(1_000), ..fetch(2, sql, &[]) };
    let signalled = |_: &Lab, sql: &_| Request { has_signal: true, ..fetch(2, sql, &[]) };
    let revocable: [&dyn Fn(&Lab, &_) -> Request; 2] = [&limited, &signalled];
    for revocable in revocable {
        for (ms, other, held) in
            [(5, "delete 1", false), (6, "delete 1", true), (6, "vacuum", true), (6, "select 2", false)]
        {
            let mut lab = Lab::new(10);
            let (sql, other) = (warm(&mut lab, "select 1"), warm(&mut lab, other));
            let request = revocable(&lab, &sql);
            lab.submit(request);
            lab.sent();
            lab.wait(ms);
            lab.fetch(3, &other);
            lab.fetch(4, &sql);
            assert_eq!(lab.sent().is_empty(), held, "after {ms} ms");
            lab.hear(&[one(2)]);
            assert_eq!(lab.sent().is_empty(), !held);
        }
    }
    // Behind any other call everything is sent.
    let (mut lab, _) = pipeline(1);
    lab.wait(1_000);
    lab.submit(script(3, "select 3"));
    lab.fetch(4, &query("delete 1"));
    assert_eq!(lab.sent(), "", "a script has the wire alone");
    let mut lab = Lab::new(10);
    let (sql, other) = (warm(&mut lab, "select 1"), warm(&mut lab, "delete 1"));
    lab.fetch(2, &sql);
    lab.sent();
    lab.wait(1_000);
    lab.fetch(3, &other);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync");
}

#[test]
fn the_rows_of_a_call_given_up_are_not_handed_out() {
    let (mut lab, _) = pipeline(2);
    lab.abandon(3);
    let rows = int_row(1).repeat(20_000);
    let answer = [bind_complete(), rows, complete("SELECT 20000"), ready(b'I')].concat();
    assert_eq!(lab.hear(&[one(2), answer]), ["#2 rows [n=2] end I SELECT 1", "#3 done"]);
}

#[test]
fn a_call_given_up_twice_ends_once() {
    let (mut lab, _) = pipeline(2);
    for id in [3, 3, 99] {
        lab.abandon(id);
    }
    assert_eq!(lab.hear(&[one(2), one(3)]), ["#2 rows [n=2] end I SELECT 1", "#3 done"]);
    lab.abandon(3);
    assert!(lab.told().is_empty() && !lab.wants_cancel());
}
