//! Places in the order of calls that are taken before it is known what is sent there.

use cornac_wire::engine::{Ask, Request};

use crate::{
    calls::{one, warm},
    support::{
        answers::*,
        lab::{Lab, fetch, query, script},
    },
};

fn reserve(id: u32) -> Request {
    Request { ask: Ask::Reserve, ..fetch(id, &query(""), &[]) }
}

fn at(reservation: u32, request: Request) -> Request {
    Request { at: Some(reservation), ..request }
}

#[test]
fn what_is_called_behind_a_reservation_waits_until_it_is_given_up() {
    let mut lab = Lab::new(10);
    let sql = warm(&mut lab, "select 1");
    lab.fetch(2, &sql);
    lab.submit(reserve(3));
    lab.fetch(4, &sql);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    lab.hear(&[one(2)]);
    assert_eq!(lab.sent(), "");
    lab.submit(at(3, script(5, "select 5")));
    lab.submit(at(3, script(6, "select 6")));
    assert_eq!(lab.sent(), "query select 5");
    lab.abandon(3);
    assert_eq!(lab.hear(&[complete("SELECT 1"), ready(b'I')]), ["#3 done", "#5 rows [] end I SELECT 1"]);
    assert_eq!(lab.sent(), "query select 6");
    assert_eq!(lab.hear(&[complete("SELECT 1"), ready(b'I')]), ["#6 rows [] end I SELECT 1"]);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync");
    assert_eq!(lab.hear(&[one(4)]), ["#4 rows [n=4] end I SELECT 1"]);
}

#[test]
fn a_call_that_is_run_again_keeps_the_place_of_its_reservation() {
    let mut lab = Lab::new(10);
    let (sql, other) = (warm(&mut lab, "select 1"), query("select 2"));
    lab.submit(reserve(2));
    lab.fetch(3, &sql);
    lab.submit(at(2, fetch(4, &sql, &[])));
    lab.submit(at(2, fetch(5, &other, &[])));
    lab.abandon(2);
    assert_eq!(lab.sent(), "bind s1 0, execute, sync, parse s2 select 2, describe s2, sync");
    // Its plan went stale.
    lab.hear(&[error_in("0A000", "RevalidateCachedQuery"), ready(b'I')]);
    lab.hear(&[parse_complete(), parameters(&[]), columns(&[("n", 23)]), ready(b'I')]);
    let sent = lab.sent();
    let (first, second) = (sent.find("select 1").unwrap(), sent.find("bind s2"));
    assert!(second.is_none_or(|second| first < second), "{sent}");
}

#[test]
fn more_calls_than_a_reservation_holds_go_behind_all_others() {
    let mut lab = Lab::new(10);
    lab.submit(reserve(1));
    lab.submit(script(2, "select 2"));
    for id in 3..=67 {
        lab.submit(at(1, script(id, &format!("select {id}"))));
    }
    lab.abandon(1);
    let mut order = Vec::new();
    for _ in 2..=67 {
        order.push(lab.sent());
        lab.hear(&[complete("SELECT 1"), ready(b'I')]);
    }
    let held = (3..67).chain([2, 67]).map(|id| format!("query select {id}"));
    assert_eq!(order, held.collect::<Vec<_>>());
}

#[test]
fn a_reservation_ends_with_its_session_and_what_waits_behind_it_times_out() {
    let mut lab = Lab::new(10);
    lab.submit(reserve(1));
    let deadline = lab.deadline(50);
    lab.submit(Request { deadline, ..script(2, "select 2") });
    lab.submit(at(1, Request { deadline, ..script(3, "select 3") }));
    assert_eq!(lab.sent(), "query select 3");
    lab.wait(60);
    assert!(lab.told().iter().any(|told| told.starts_with("#2 timeout")));
    lab.submit(script(4, "select 4"));
    lab.engine.close();
    let told = lab.told();
    for call in ["#1 interface connection is closing", "#4 interface connection is closing"] {
        assert!(told.contains(&call.to_owned()), "{told:?}");
    }
    let mut lab = Lab::new(10);
    lab.submit(reserve(1));
    lab.engine.receive_end();
    assert!(lab.told().iter().any(|told| told.starts_with("#1 lost")), "a reservation outlived its session");
}
