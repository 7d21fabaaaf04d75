//! Poolers in transaction mode, which lose statements.

use crate::{
    calls::{described, one, warm},
    statements::parsed,
    support::{
        answers::*,
        lab::{Lab, fetch, options, query, script},
    },
};

fn pooled() -> Lab {
    let mut options = options(10);
    options.learns_poolers = true;
    Lab::with(options)
}

fn lost() -> Vec<u8> {
    [error("26000"), ready(b'I')].concat()
}

#[test]
fn a_pooler_is_learnt_and_what_failed_runs_again_in_its_order() {
    let mut lab = pooled();
    let (a, b) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"));
    for (id, sql) in [(2, &a), (3, &b), (4, &a)] {
        lab.fetch(id, sql);
    }
    lab.sent();
    lab.fetch(5, &b);
    assert!(!lab.engine.is_pooled());
    assert!(lab.hear(&[lost()]).is_empty());
    assert!(lab.engine.is_pooled());
    assert_eq!(lab.sent(), "");
    assert_eq!(lab.hear(&[lost(), one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
    let round = |sql| format!("parse unnamed {sql}, bind unnamed 0, describe portal, execute, sync");
    // The second tries have the wire alone: what was sent behind them may have opened a transaction.
    assert_eq!(lab.sent(), round("select 1"));
    assert_eq!(lab.hear(&[parsed(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    assert_eq!(lab.sent(), format!("{}, {}", round("select 2"), round("select 2")));
    let told = lab.hear(&[parsed(3), parsed(5)]);
    assert_eq!(told, ["#3 rows [n=3] end I SELECT 1", "#5 rows [n=5] end I SELECT 1"]);
    // A text that is new is not given a name either.
    lab.fetch(6, &query("select 6"));
    assert_eq!(lab.sent(), "parse unnamed select 6, describe unnamed, sync");
}

#[test]
fn a_pooler_is_learnt_while_a_statement_is_prepared_for_its_first_call() {
    let mut lab = pooled();
    let sql = query("select 1");
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert!(lab.hear(&[lost()]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select 1, bind unnamed 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[parsed(1)]), ["#1 rows [n=1] end I SELECT 1"]);
}

#[test]
fn a_name_that_the_server_knows_already_tells_of_a_pooler_too() {
    let mut lab = pooled();
    lab.fetch(1, &query("select 1"));
    lab.sent();
    assert!(lab.hear(&[error("42P05"), ready(b'I')]).is_empty());
    assert!(lab.engine.is_pooled());
    assert_eq!(lab.sent(), "parse unnamed select 1, describe unnamed, sync");
}

#[test]
fn a_statement_that_is_closed_behind_its_use_tells_of_a_pooler_unless_something_was_deallocated() {
    for tag in ["SELECT 1", "DEALLOCATE", "DEALLOCATE ALL", "DISCARD ALL"] {
        let mut lab = pooled();
        let (first, sql) = (warm(&mut lab, "select 1"), warm(&mut lab, "select 2"));
        lab.fetch(2, &first);
        lab.fetch(3, &sql);
        lab.sent();
        lab.engine.drop_statements();
        lab.fetch(4, &query("select 4"));
        assert_eq!(lab.sent(), "close s1, close s2, parse s3 select 4, describe s3, sync");
        lab.hear(&[bind_complete(), row(&[Some(b"\0\0\0\x01")]), complete(tag), ready(b'I')]);
        assert!(lab.hear(&[lost()]).is_empty());
        assert_eq!(lab.engine.is_pooled(), tag == "SELECT 1", "{tag}");
    }
}

#[test]
fn what_the_user_deallocated_tells_of_no_pooler() {
    for tag in ["DEALLOCATE", "DEALLOCATE ALL", "DISCARD ALL"] {
        let mut lab = pooled();
        let sql = warm(&mut lab, "select 1");
        // Sent before the session knows.
        lab.submit(fetch(2, &query("select 2"), &[]));
        lab.sent();
        lab.hear(&[described(&[], &[])]);
        lab.fetch(3, &sql);
        lab.sent();
        lab.hear(&[bind_complete(), complete(tag), ready(b'I')]);
        assert!(lab.hear(&[lost()]).is_empty());
        assert!(!lab.engine.is_pooled(), "{tag}");
        let sent = lab.sent();
        assert!(sent.ends_with("select 1, bind s3 0, describe portal, execute, sync"), "{sent}");
    }
}

#[test]
fn a_loss_within_a_transaction_is_told_and_learnt() {
    let mut lab = pooled();
    let sql = warm(&mut lab, "select 1");
    lab.submit(script(2, "begin"));
    lab.sent();
    lab.hear(&[complete("BEGIN"), ready(b'T')]);
    lab.fetch(3, &sql);
    lab.sent();
    assert_eq!(lab.hear(&[error("26000"), ready(b'E')]), ["#3 server 26000"]);
    assert!(lab.engine.is_pooled());
}
