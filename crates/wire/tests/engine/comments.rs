//! Comments behind a text: for one call, and no part of what is kept.

use cornac_wire::engine::Request;

use crate::{
    calls::{described, one, warm},
    statements::parsed,
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

fn commented(request: Request) -> Request {
    Request { comment: Some(" /*a*/".into()), ..request }
}

#[test]
fn a_text_with_a_comment_is_parsed_without_a_name_and_leaves_the_statement_that_is_kept() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.submit(commented(fetch(2, &sql, &[])));
    lab.fetch(3, &sql);
    let round = "parse unnamed select 1 /*a*/, bind unnamed 0, describe portal, execute, sync";
    assert_eq!(lab.sent(), format!("{round}, bind s1 0, execute, sync"));
    assert_eq!(
        lab.hear(&[parsed(2), one(3)]),
        ["#2 rows [n=2] end I SELECT 1", "#3 rows [n=3] end I SELECT 1"]
    );
}

#[test]
fn a_text_that_nobody_knows_is_described_and_kept_without_its_comment() {
    for (cache, kept) in [
        (10, "bind s1 0, execute, sync"),
        (0, "parse unnamed select 1, bind unnamed 0, describe portal, execute, sync"),
    ] {
        let (mut lab, sql) = (Lab::new(cache), query("select 1"));
        lab.submit(commented(fetch(1, &sql, &[])));
        let name = if cache == 0 { "unnamed" } else { "s1" };
        assert_eq!(lab.sent(), format!("parse {name} select 1, describe {name}, sync"));
        lab.hear(&[described(&[], &[("n", 23)])]);
        let round = "parse unnamed select 1 /*a*/, bind unnamed 0, describe portal, execute, sync";
        assert_eq!(lab.sent(), round);
        assert_eq!(lab.hear(&[parsed(1)]), ["#1 rows [n=1] end I SELECT 1"]);
        lab.fetch(2, &sql);
        assert_eq!(lab.sent(), kept);
    }
}

#[test]
fn what_went_stale_is_met_by_a_call_with_a_comment_as_by_any_other() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.submit(commented(fetch(2, &sql, &[])));
    lab.sent();
    // The text is wrong for the types that are remembered.
    assert!(lab.hear(&[error("42804"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "close s1, parse s2 select 1, describe s2, sync");
    lab.hear(&[close_complete(), described(&[], &[("n", 23)])]);
    assert_eq!(lab.sent(), "parse unnamed select 1 /*a*/, bind unnamed 0, describe portal, execute, sync");
    assert_eq!(lab.hear(&[parsed(2)]), ["#2 rows [n=2] end I SELECT 1"]);
    lab.fetch(3, &sql);
    assert_eq!(lab.sent(), "bind s2 0, execute, sync");
}

#[test]
fn a_script_is_sent_with_its_comment() {
    let mut lab = Lab::new(10);
    lab.submit(commented(script(1, "select 1; select 2")));
    assert_eq!(lab.sent(), "query select 1; select 2 /*a*/");
}
