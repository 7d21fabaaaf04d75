//! COPY where nobody expects it.

use cornac_wire::engine::{Request, Sink};

use crate::{
    calls::described,
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

#[test]
fn copy_has_the_wire_alone() {
    let mut lab = Lab::new(10);
    let (a, b) = (query("select 1"), query("-- a note\n copy t to stdout"));
    lab.fetch(1, &a);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.fetch(2, &b);
    lab.fetch(3, &a);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    lab.hear(&[bind_complete(), complete("SELECT 0"), ready(b'I')]);
    let asked = "parse unnamed -- a note\n copy t to stdout, bind unnamed 0, describe portal, execute, flush";
    assert_eq!(lab.sent(), asked);
    let out = [copy_bound(), copy_out(), copy_data(b"1\n"), copy_data(b"2\n"), copy_done()];
    assert!(lab.hear(&out).is_empty());
    assert_eq!(lab.sent(), "", "how COPY stands is not known yet");
    lab.hear(&[complete("COPY 2")]);
    assert_eq!(lab.sent(), "sync");
    let refused = "#2 interface COPY TO STDOUT cannot be run as a query: it gives data and no rows";
    assert_eq!(lab.hear(&[ready(b'I')]), [refused]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
}

/// A COPY of a call that wants no rows, bound and executed.
fn executed(sql: &str) -> Lab {
    let mut lab = Lab::new(10);
    lab.submit(Request { sink: Sink::Dropped, ..fetch(1, &query(sql), &[]) });
    assert_eq!(lab.sent(), format!("parse unnamed {sql}, bind unnamed 0, describe portal, execute, flush"));
    lab
}

#[test]
fn copy_to_stdout_of_a_call_without_rows_is_dropped_and_gives_its_tag() {
    let mut lab = executed("copy t to stdout");
    lab.hear(&[copy_bound(), copy_out(), copy_data(b"1\n"), copy_done(), complete("COPY 1")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 rows [] end I COPY 1"]);
}

#[test]
fn a_copy_that_the_server_does_alone_is_synced_when_it_is_done() {
    let mut lab = executed("copy t from '/file'");
    lab.hear(&[copy_bound(), complete("COPY 3")]);
    assert_eq!(lab.sent(), "sync");
    assert_eq!(lab.hear(&[ready(b'I')]), ["#1 rows [] end I COPY 3"]);
}

#[test]
fn an_error_at_any_step_of_a_copy_is_followed_by_its_one_sync() {
    let steps: [&[Vec<u8>]; 5] = [
        &[],
        &[copy_bound()],
        &[copy_bound(), copy_out()],
        &[copy_bound(), copy_out(), copy_data(b"1\n")],
        &[copy_bound(), copy_out(), copy_done()],
    ];
    for before in steps {
        let mut lab = executed("copy some_view from stdin");
        lab.hear(before);
        lab.hear(&[error("42809")]);
        assert_eq!(lab.sent(), "sync");
        assert_eq!(lab.hear(&[ready(b'I')]), ["#1 server 42809"]);
        lab.fetch(2, &query("select 1"));
        assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
        assert!(!lab.engine.is_ended());
    }
}

#[test]
fn a_copy_that_is_cancelled_leaves_the_session_as_it_was() {
    for answered in [false, true] {
        let mut lab = executed("copy t from stdin");
        lab.hear(&[copy_bound()]);
        if answered {
            lab.hear(&[copy_in()]);
            assert_eq!(lab.sent(), "copy fail, sync");
        }
        lab.abandon(1);
        assert!(lab.wants_cancel());
        lab.hear(&[error("57014")]);
        assert_eq!(lab.sent(), "", "nothing is sent while the cancel is under way");
        lab.cancel_closed();
        assert_eq!(lab.sent(), if answered { "" } else { "sync" });
        assert_eq!(lab.hear(&[ready(b'I')]), ["#1 done"]);
        lab.fetch(2, &query("select 1"));
        assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
    }
}

#[test]
fn copy_from_stdin_as_a_query_is_failed_and_synced_once() {
    let mut lab = executed("copy t from stdin");
    lab.hear(&[copy_bound(), copy_in()]);
    assert_eq!(lab.sent(), "copy fail, sync");
    assert_eq!(
        lab.hear(&[error("57014"), ready(b'I')]),
        ["#1 interface COPY FROM STDIN cannot be run as a query: it waits for data"]
    );
    lab.fetch(2, &query("select 1"));
    assert_eq!(lab.sent(), "parse s1 select 1, describe s1, sync");
}

#[test]
fn copy_from_stdin_in_a_script_is_failed_without_a_sync() {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "select 1; copy t from stdin"));
    lab.sent();
    lab.hear(&[columns(&[("n", 23)]), row(&[Some(b"1")]), complete("SELECT 1"), copy_in()]);
    assert_eq!(lab.sent(), "copy fail");
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]).len(), 1);
    assert!(!lab.engine.is_ended());
}

#[test]
fn copy_from_stdin_that_answers_another_statement_is_failed_when_nothing_is_behind_it() {
    let mut lab = Lab::new(10);
    let a = query("select 1");
    lab.fetch(1, &a);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[bind_complete(), copy_in()]);
    assert_eq!(lab.sent(), "copy fail, sync");
    lab.hear(&[error("57014"), ready(b'I')]);
    lab.fetch(2, &a);
    lab.fetch(3, &a);
    lab.sent();
    let told = lab.hear(&[bind_complete(), copy_in()]);
    assert_eq!(
        told[0],
        "ended protocol server sent message 'G' while rows or the end of the command were due"
    );
}

#[test]
fn nothing_is_sent_to_a_copy_while_a_cancel_is_under_way() {
    let mut lab = Lab::new(10);
    lab.submit(script(1, "copy t from stdin"));
    lab.sent();
    lab.abandon(1);
    assert!(lab.wants_cancel());
    lab.hear(&[copy_in()]);
    assert_eq!(lab.sent(), "");
    lab.cancel_closed();
    assert_eq!(lab.sent(), "copy fail");
    assert_eq!(lab.hear(&[error("57014"), ready(b'I')]), ["#1 done"]);
}
