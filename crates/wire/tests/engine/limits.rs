//! Time limits, and calls given up by the thousand.

use crate::{
    calls::{described, one, warm},
    cancel::pipeline,
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

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
fn thousands_of_calls_are_given_up_among_many_more_and_the_rest_keep_their_order() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    const ALL: u32 = 100_000;
    for id in 2..ALL {
        lab.fetch(id, &sql);
    }
    for id in (2..ALL).filter(|id| id % 10 == 7) {
        lab.engine.abandon(id, lab.now);
    }
    let done = lab.told();
    assert_eq!(done.len(), 10_000);
    assert!(done.iter().all(|words| words.ends_with(" done")));
    let mut next = 2;
    while next < ALL {
        let written = lab.engine.output().len();
        let sent = lab.sent().split(", ").filter(|words| *words == "sync").count();
        assert!(sent > 0 && written <= 300 * 1024, "{sent} calls sent, {written} bytes before");
        for _ in 0..sent {
            while next % 10 == 7 {
                next += 1;
            }
            lab.hear_bytes(&one(i32::try_from(next).unwrap()));
            let records = lab.records();
            let ends: Vec<u32> = records.iter().filter_map(|told| told.ends()).collect();
            assert_eq!(ends, [next]);
            next += 1;
        }
        while next % 10 == 7 {
            next += 1;
        }
    }
    assert!(lab.engine.is_quiet());
}

#[test]
fn calls_time_out_each_at_its_own_time_wherever_they_wait() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..2_002 {
        let mut request = fetch(id, &sql, &[]);
        request.deadline = lab.deadline(1 + (id * 7919) % 1_000);
        lab.submit(request);
        if id == 10 {
            lab.sent();
        }
    }
    lab.send(0);
    let mut expired = 0;
    for ms in 1..=1_000 {
        lab.wait(1);
        let due = (2..2_002).filter(|id| 1 + (id * 7919) % 1_000 == ms).count();
        let told = lab.told().iter().filter(|words| words.contains("timed out")).count();
        assert_eq!(told, due, "after {ms} ms");
        expired += told;
    }
    assert_eq!(expired, 2_000);
    assert!(!lab.engine.is_ended());
}

#[test]
fn limits_of_calls_that_have_ended_are_forgotten_and_no_other() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..3_000 {
        let mut request = fetch(id, &sql, &[]);
        request.deadline = lab.deadline(60_000 + id);
        let limit = request.deadline.unwrap().at;
        lab.submit(request);
        assert!(
            lab.engine.next_tick().is_some_and(|tick| tick <= limit),
            "the limit of call {id} was forgotten"
        );
        lab.sent();
        lab.hear(&[one(0)]);
    }
    assert!(lab.engine.next_tick() > lab.deadline(61_000).map(|deadline| deadline.at), "they pile up");
}

#[test]
fn what_is_sent_anyway_is_sent_when_its_turn_comes_after_its_limit() {
    // Behind a script, in the queue.
    let (mut lab, sql) = pipeline(1);
    lab.submit(script(3, "select 3"));
    let ending = |lab: &Lab, id| {
        let mut request = fetch(id, &sql, &[]);
        request.deadline = lab.deadline(50);
        request.is_sent_anyway = true;
        request
    };
    let last = ending(&lab, 4);
    lab.submit(last);
    lab.wait(50);
    assert_eq!(lab.told(), ["#4 timeout query timed out after 50 ms more"]);
    assert_eq!(lab.hear(&[one(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    assert_eq!(lab.sent(), "query select 3");
    lab.hear(&[complete("SELECT 1"), ready(b'I')]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(!lab.wants_cancel());
    assert_eq!(lab.hear(&[one(4)]), ["#4 done"]);
    // Composed, and not taken by the socket: it is given a moment when the server has it, then it is cancelled.
    let last = ending(&lab, 5);
    lab.submit(last);
    lab.wait(50);
    assert_eq!(lab.told(), ["#5 timeout query timed out after 50 ms more"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(!lab.wants_cancel());
    lab.wait(100);
    assert!(lab.wants_cancel());
}
