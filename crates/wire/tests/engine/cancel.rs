//! Calls given up: the rules of who may be cancelled, and when.

use cornac_wire::engine::{Request, Undelivered};

use crate::{
    calls::{described, one, warm},
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
fn a_call_that_another_ones_cancel_hit_is_run_again_once() {
    let (mut lab, sql) = pipeline(2);
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.fetch(4, &sql);
    assert_eq!(lab.hear(&[one(2), cancelled()]), ["#2 done"]);
    assert_eq!(lab.sent(), "");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(3), one(4)]), ["#3 rows [n=3] end I SELECT 1", "#4 rows [n=4] end I SELECT 1"]);
}

#[test]
fn a_second_cancel_of_the_same_call_is_its_error() {
    let (mut lab, sql) = pipeline(2);
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.hear(&[one(2), cancelled()]);
    lab.cancel_closed();
    lab.sent();
    // It is not exposed any more: whoever cancels it now meant it.
    lab.hear_bytes(&cancelled());
    let records = lab.records();
    assert_eq!((records[0].words().as_str(), records[0].field('H')), ("#3 server 57014", ""));

    lab.fetch(4, &sql);
    lab.sent();
    assert_eq!(lab.hear(&[one(4)]).len(), 1);
}

/// What becomes of a call that a cancel meant for another one hits.
fn hit(lab: &mut Lab, answer: &[Vec<u8>]) -> (String, String) {
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.hear_bytes(&[one(2), answer.concat()].concat());
    lab.cancel_closed();
    let sent = lab.sent();
    let records = lab.records();
    let failed = records.iter().find(|record| record.ends() == Some(3));
    assert!(failed.is_none_or(|failed| failed.field('H').contains("cancel")), "{failed:?}");
    (failed.map(|failed| failed.words()).unwrap_or_default(), sent)
}

#[test]
fn a_call_that_was_hit_is_not_run_again_when_that_could_harm() {
    let error_ = "#3 server 57014".to_owned();
    let nothing = String::new();
    // Rows were handed out.
    let (mut lab, _) = pipeline(2);
    let rows = vec![int_row(1); 20_000].concat();
    let answer = [bind_complete(), rows, error("57014"), ready(b'I')];
    assert_eq!(hit(&mut lab, &answer), (error_.clone(), nothing.clone()));
    // A later call was sent behind it, which would run first, and one of them writes.
    for (hit_, behind) in [("insert 1", "select 1"), ("select 1", "update 1"), ("delete 1", "delete 2")] {
        let mut lab = Lab::new(10);
        let (a, b, c) = (warm(&mut lab, "select 2"), warm(&mut lab, hit_), warm(&mut lab, behind));
        lab.fetch(2, &a);
        lab.fetch(3, &b);
        lab.fetch(4, &c);
        lab.sent();
        assert_eq!(hit(&mut lab, &[cancelled()]), (error_.clone(), nothing.clone()));
        assert_eq!(lab.hear(&[one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    }
    // CALL may have committed, and of most statements it is not known what they do.
    for sql in ["call p()", "vacuum", "analyze t"] {
        let mut lab = Lab::new(10);
        let (a, b) = (warm(&mut lab, "select 1"), warm(&mut lab, sql));
        lab.fetch(2, &a);
        lab.fetch(3, &b);
        lab.sent();
        assert_eq!(hit(&mut lab, &[cancelled()]), (error_.clone(), nothing.clone()));
    }
    // A transaction is lost with the call.
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.submit(script(9, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(2, &a);
    lab.fetch(3, &a);
    lab.sent();
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    let two = [bind_complete(), complete("SELECT 0"), ready(b'T')];
    assert_eq!(
        lab.hear(&[two.concat(), bind_complete(), error("57014"), ready(b'E')]),
        ["#2 done", "#3 server 57014"]
    );
}

#[test]
fn a_read_that_was_hit_is_run_again_behind_reads_that_were_sent_behind_it() {
    let (mut lab, _) = pipeline(4);
    assert_eq!(hit(&mut lab, &[cancelled()]), (String::new(), String::new()));
    let told = lab.hear(&[one(4), one(5)]);
    assert_eq!(told, ["#4 rows [n=4] end I SELECT 1", "#5 rows [n=5] end I SELECT 1"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(3)]), ["#3 rows [n=3] end I SELECT 1"]);
}

#[test]
fn a_description_that_was_hit_is_asked_for_again() {
    let mut lab = Lab::new(10);
    let a = warm(&mut lab, "select 1");
    lab.fetch(2, &a);
    lab.fetch(3, &query("select 3"));
    lab.sent();
    let answer = [parse_complete(), error("57014"), ready(b'I')];
    assert_eq!(
        hit(&mut lab, &answer),
        (String::new(), "close s2, parse s3 select 3, describe s3, sync".to_owned())
    );
}

#[test]
fn a_call_that_nobody_could_have_hit_keeps_its_error_as_it_is() {
    let (mut lab, _) = pipeline(1);
    lab.hear_bytes(&cancelled());
    let records = lab.records();
    assert_eq!((records[0].words().as_str(), records[0].field('H')), ("#2 server 57014", ""));
}

#[test]
fn a_time_limit_runs_from_the_call_whatever_it_waits_for() {
    let (mut lab, sql) = pipeline(1);
    let limited = |lab: &Lab, id, ms| {
        let mut request = fetch(id, &sql, &[]);
        request.deadline = lab.deadline(ms);
        request
    };
    let (behind, waiting) = (limited(&lab, 3, 50), script(4, "select 4"));
    lab.submit(behind);
    lab.submit(waiting);
    let queued = limited(&lab, 5, 70);
    lab.submit(queued);
    lab.sent();
    lab.wait(50);
    assert_eq!(lab.told(), ["#3 timeout query timed out after 50 ms more"]);
    lab.wait(20);
    assert_eq!(lab.told(), ["#5 timeout query timed out after 70 ms more", "#5 done"]);
    assert!(!lab.wants_cancel());
    assert_eq!(lab.hear(&[one(2), one(3)]), ["#2 rows [n=2] end I SELECT 1", "#3 done"]);
    assert_eq!(lab.sent(), "query select 4");
}

#[test]
fn a_time_limit_may_end_a_call_in_every_stage() {
    let stages = [vec![], vec![parse_complete()], vec![parse_complete(), parameters(&[])]];
    for answers in stages {
        let mut lab = Lab::new(10);
        let mut request = fetch(1, &query("select 1"), &[]);
        request.deadline = lab.deadline(10);
        lab.submit(request);
        lab.sent();
        lab.hear(&answers);
        lab.wait(10);
        assert_eq!(lab.told(), ["#1 timeout query timed out after 10 ms more"]);
        assert!(lab.wants_cancel());
        let rest = described(&[], &[("n", 23)]);
        lab.hear_bytes(&rest[answers.concat().len()..]);
        lab.cancel_closed();
        assert_eq!((lab.told(), lab.sent()), (vec!["#1 done".to_owned()], String::new()));
        // What was described is not wasted.
        lab.engine.drop_statements();
    }
    let (mut lab, sql) = pipeline(0);
    let mut request = fetch(2, &sql, &[]);
    request.deadline = lab.deadline(10);
    lab.submit(request);
    lab.sent();
    lab.hear(&[bind_complete(), int_row(1)]);
    lab.wait(10);
    assert!(lab.wants_cancel());
    let told = lab.hear(&[int_row(2), error("57014"), ready(b'I')]);
    assert_eq!(told, ["#2 timeout query timed out after 10 ms more", "#2 done"]);
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
