//! Sessions at rest: which thread reads, and who is woken for what it leaves behind. On real sockets, and step by step.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod desk;
#[path = "../support/mod.rs"]
mod servers;
#[path = "../../../wire/tests/engine/support/mod.rs"]
#[allow(dead_code, reason = "the tests of the engine use the rest")]
mod support;

use std::{
    io::{Read, Write},
    sync::mpsc::{self, TryRecvError},
    thread,
    time::Duration,
};

use cornac_driver::session::Command;
use cornac_wire::record::Class;

use desk::{Desk, answer, call, hold, outlast_timers, read_answer_of, settle};
use support::{
    answers::{columns, complete, int_row, notice_saying, notification, ready},
    reader::Told,
};

/// A call whose answer is read by the thread that sends it.
fn rest(desk: &mut Desk, id: u32) {
    desk.call(id, None);
    desk.hear();
    desk.say(answer());
    assert!(!desk.look());
    desk.read(false);
    assert!(desk.end_of(id), "another thread has read the answer");
}

#[test]
fn no_other_thread_is_needed_for_an_answer() {
    let mut desk = Desk::new();
    let held = hold();
    for id in 1..=3 {
        rest(&mut desk, id);
    }
    drop(held);
}

#[test]
fn an_answer_that_comes_at_once_finds_the_lookout() {
    for _ in 0..100 {
        let mut desk = Desk::new();
        let mut peer = desk.peer.take().unwrap();
        let server = thread::spawn(move || {
            let mut byte = [0; 64];
            assert!(peer.read(&mut byte).unwrap() > 0);
            peer.write_all(&answer()).unwrap();
            peer
        });
        desk.call(1, None);
        desk.peer = Some(server.join().unwrap());
        settle();
        desk.look();
        desk.read(false);
        assert!(desk.end_of(1), "the I/O thread has woken for it");
    }
}

#[test]
fn an_answer_is_left_to_the_task_that_was_asked_something() {
    let mut desk = Desk::new();
    let held = hold();
    desk.call(1, None);
    desk.hear();
    desk.handle.send([Command::Terminate]);
    desk.say(answer());
    desk.look();
    desk.read(false);
    drop(held);
    let (told, _) = desk.until(|told| told.ends() == Some(1));
    assert!(matches!(told, Told::Failed { class, .. } if class == Class::Lost as u32), "{told:?}");
}

#[test]
fn the_end_of_the_session_right_behind_an_answer_is_seen() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.say(answer());
    desk.peer = None;
    // The answer is all that is read first, whether the end is told with it or by the next look.
    let has_ended = desk.look();
    desk.read(has_ended);
    assert!(desk.end_of(1));
    if !has_ended {
        assert!(desk.look());
        desk.read(true);
    }
    let Told::Ended { class, .. } = desk.until_ended() else { unreachable!() };
    assert_eq!(class, Class::Lost as u32);
}

#[test]
fn the_end_right_behind_a_notice_is_what_close_waits_for() {
    let mut desk = Desk::new();
    rest(&mut desk, 1);
    desk.send_alone(Command::Close { request: 2, deadline: None });
    assert_eq!(desk.hear().tag, b'X');
    settle();
    desk.say(notice_saying("01000", "so long"));
    desk.peer = None;
    assert!(desk.look());
    desk.read(true);
    assert!(desk.ends_in_turns(2), "the end was not seen");
}

#[test]
fn the_rest_of_a_larger_answer_is_read_by_the_io_thread() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.say([columns(&[("n", 23)]), int_row(1).repeat(1_000)].concat());
    desk.look();
    desk.read(false);
    // Nobody looks again.
    settle();
    desk.say([complete("SELECT 1000"), ready(b'I')].concat());
    assert!(!desk.end_of(1), "it was read here");
}

#[test]
fn an_answer_that_fills_what_is_read_at_once_is_read() {
    for pieces in 1..=9 {
        let mut desk = Desk::new();
        desk.call(1, None);
        desk.hear();
        let filling = pieces * 8_192 - answer().len() - notice_saying("00000", "").len();
        desk.say([notice_saying("00000", &"x".repeat(filling)), answer()].concat());
        desk.look();
        desk.read(false);
        desk.end_of(1);
    }
}

#[test]
fn what_comes_while_the_conversation_is_at_work_is_left_to_the_task() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.say(answer());
    desk.look();
    let (handle, records) = (desk.handle.clone(), desk.records.clone());
    let mut peer = desk.peer.as_ref().unwrap().try_clone().unwrap();
    desk.interrupt(move || {
        peer.write_all(&notification(1, "news", "fine")).unwrap();
        // Its event is told now, and never again.
        read_answer_of(&handle, false, &records);
    });
    desk.read(false);
    desk.end_of(1);
    desk.until(|told| matches!(told, Told::Notification { .. }));
}

#[test]
fn a_task_that_finds_the_conversation_at_work_is_woken_when_that_is_done() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.say(answer());
    desk.look();
    let handle = desk.handle.clone();
    desk.interrupt(move || {
        handle.send([call(2, None)]);
        // The task has tried.
        settle();
    });
    desk.read(false);
    desk.end_of(1);
    assert_eq!(desk.hear().body, b"call 2\0");
}

#[test]
fn a_task_that_finds_a_look_at_its_session_under_way_is_woken_behind_it() {
    let mut desk = Desk::new();
    let (handle, records) = (desk.handle.clone(), desk.records.clone());
    let (end, is_over) = mpsc::channel::<()>();
    let looker = thread::spawn(move || {
        while matches!(is_over.try_recv(), Err(TryRecvError::Empty)) {
            // An event that was told of before the task took the socket back.
            read_answer_of(&handle, false, &records);
        }
    });
    for id in 1..=2_000 {
        // Through the inbox, so that the socket is never lent.
        desk.handle.send([call(id, None)]);
        desk.hear();
        desk.say(answer());
        assert!(!desk.end_of(id));
    }
    drop(end);
    looker.join().unwrap();
}

#[test]
fn a_panic_of_the_thread_that_reads_ends_the_session_and_nothing_else() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.say(answer());
    desk.look();
    desk.interrupt(|| panic!("on purpose"));
    desk.read(false);
    let Told::Ended { class, .. } = desk.until_ended() else { unreachable!() };
    assert_eq!(class, Class::Internal as u32);
}

#[test]
fn a_session_that_an_answer_ends_is_left_by_its_task() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    // A message of a type that there is not.
    desk.say(b"!\0\0\0\x04");
    desk.look();
    desk.read(false);
    let Told::Ended { class, .. } = desk.until_ended() else { unreachable!() };
    assert_eq!(class, Class::Protocol as u32);
    // Its socket is closed with it.
    assert_eq!(desk.peer.as_mut().unwrap().read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_call_that_is_alone_does_not_overtake_what_waits_in_the_inbox() {
    let mut desk = Desk::new();
    let held = hold();
    desk.handle.send([call(1, None)]);
    desk.call(2, None);
    drop(held);
    assert_eq!(desk.hear().body, b"call 1\0");
    desk.say(answer());
    desk.end_of(1);
}

#[test]
fn a_call_behind_another_one_ends_the_rest() {
    let mut desk = Desk::new();
    desk.call(1, None);
    desk.hear();
    desk.call(2, None);
    settle();
    desk.say(answer());
    assert!(!desk.end_of(1), "its socket is lent still");
    // Both are alone on the wire.
    assert_eq!(desk.hear().body, b"call 2\0");
    desk.say(answer());
    assert!(!desk.end_of(2), "its socket was lent");
}

#[test]
fn what_goes_through_the_inbox_ends_the_rest() {
    let mut desk = Desk::new();
    desk.handle.send([call(1, None)]);
    desk.hear();
    desk.say(answer());
    desk.end_of(1);
    settle();
    desk.call(2, None);
    desk.hear();
    desk.say(answer());
    assert!(!desk.end_of(2), "its socket was lent");
}

#[test]
fn a_time_limit_ends_the_rest() {
    let mut desk = Desk::new();
    desk.call(1, Some(60_000));
    desk.hear();
    settle();
    desk.say(answer());
    assert!(!desk.end_of(1), "the task was not woken for the limit");
    settle();
    desk.call(2, None);
    desk.hear();
    desk.say(answer());
    assert!(!desk.end_of(2), "its socket was lent");
}

#[test]
fn a_timer_that_has_rung_is_none_for_the_next_limit() {
    // A machine that is busy may be late with the answer.
    let mut desk = loop {
        let mut desk = Desk::new();
        desk.call(1, Some(20));
        desk.hear();
        desk.say(answer());
        if matches!(desk.until(|told| told.ends() == Some(1)).0, Told::Rows { .. }) {
            break desk;
        }
    };
    // The timer goes on for nobody, until its time has come.
    outlast_timers(Duration::from_millis(20));
    desk.call(2, Some(30));
    desk.hear();
    let (told, _) = desk.until(|told| matches!(told, Told::Failed { request: 2, .. }));
    assert!(matches!(told, Told::Failed { class, .. } if class == Class::Timeout as u32), "{told:?}");
}
