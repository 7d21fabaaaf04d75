//! The end of a session that its user asked for.

use crate::{
    calls::{one, warm},
    cancel::{cancelled, pipeline},
    support::lab::{Lab, script},
};

#[test]
fn closing_withdraws_what_was_not_sent_and_cancels_what_runs() {
    let (mut lab, _) = pipeline(1);
    lab.submit(script(3, "select 3"));
    lab.engine.close();
    assert_eq!(lab.told(), ["#3 interface connection is closing"]);
    assert!(lab.wants_cancel());
    lab.hear_bytes(&cancelled());
    let records = lab.records();
    assert_eq!((records[0].words().as_str(), records[0].field('H')), ("#2 server 57014", ""));
    assert_eq!(lab.sent(), "");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "terminate");
    lab.engine.receive_end();
    assert_eq!(lab.told(), ["ended interface connection was closed"]);
}

#[test]
fn closing_drops_the_socket_when_calls_were_sent_behind_the_running_one() {
    let (mut lab, _) = pipeline(3);
    lab.engine.close();
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.hear_bytes(&cancelled());
    assert!(lab.engine.is_ended());
    let records = lab.records();
    let words: Vec<String> = records.iter().map(|record| record.words()).collect();
    assert_eq!(
        words,
        [
            "#2 server 57014",
            "ended interface connection was closed",
            "#3 lost connection was closed in the middle of operation",
            "#4 lost connection was closed in the middle of operation",
        ]
    );
    assert_eq!(records[2].field('x'), "1");
}

#[test]
fn closing_withdraws_calls_whose_bytes_still_wait() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    for id in 2..5 {
        lab.fetch(id, &sql);
    }
    lab.engine.pump(lab.now);
    let plan = lab.engine.output().len() / 3;
    lab.send(plan);
    lab.engine.close();
    assert_eq!(lab.told(), ["#3 interface connection is closing", "#4 interface connection is closing"]);
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    assert_eq!(lab.hear(&[one(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    assert_eq!(lab.sent(), "terminate");
}

#[test]
fn closing_a_session_that_only_waits_for_a_cancel_waits_for_it() {
    let (mut lab, _) = pipeline(1);
    lab.abandon(2);
    assert!(lab.wants_cancel());
    lab.hear(&[cancelled()]);
    lab.engine.close();
    assert_eq!(lab.sent(), "");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "terminate");
}

#[test]
fn closing_under_a_cancel_of_the_call_before_cancels_the_running_one_too() {
    let (mut lab, _) = pipeline(2);
    lab.abandon(2);
    lab.wait(100);
    assert!(lab.wants_cancel());
    lab.hear(&[one(2)]);
    lab.engine.close();
    lab.cancel_closed();
    assert!(lab.wants_cancel());
    lab.cancel_closed();
    lab.hear(&[cancelled()]);
    assert_eq!(lab.sent(), "terminate");
}
