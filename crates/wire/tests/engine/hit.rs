//! Calls that another call's cancel may have hit.

use crate::{
    calls::{one, warm},
    cancel::{cancelled, pipeline},
    support::{
        answers::*,
        lab::{Lab, query, script},
    },
};

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
    let unsent = String::new();
    // Rows were handed out.
    let (mut lab, _) = pipeline(2);
    let rows = vec![int_row(1); 20_000].concat();
    let answer = [bind_complete(), rows, error("57014"), ready(b'I')];
    assert_eq!(hit(&mut lab, &answer), (error_.clone(), unsent.clone()));
    // A later call was sent behind it, which would run first, and one of them writes.
    for (hit_, behind) in [("insert 1", "select 1"), ("select 1", "update 1"), ("delete 1", "delete 2")] {
        let mut lab = Lab::new(10);
        let (a, b, c) = (warm(&mut lab, "select 2"), warm(&mut lab, hit_), warm(&mut lab, behind));
        lab.fetch(2, &a);
        lab.fetch(3, &b);
        lab.fetch(4, &c);
        lab.sent();
        assert_eq!(hit(&mut lab, &[cancelled()]), (error_.clone(), unsent.clone()));
        assert_eq!(lab.hear(&[one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    }
    // CALL may have committed, and of most statements it is not known what they do.
    for sql in ["call p()", "vacuum", "analyze t"] {
        let mut lab = Lab::new(10);
        let (a, b) = (warm(&mut lab, "select 1"), warm(&mut lab, sql));
        lab.fetch(2, &a);
        lab.fetch(3, &b);
        lab.sent();
        assert_eq!(hit(&mut lab, &[cancelled()]), (error_.clone(), unsent.clone()));
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
