//! What a thread may do with a conversation in its carrier's stead, and when it has to wake that.

use std::time::Duration;

use bytes::Bytes;
use cornac_driver::session::Command;
use cornac_wire::{
    deadline::Deadline,
    engine::{Ask, Request},
};

use crate::{
    link::End,
    support::{answers::notification, arguments, chance::Chance, lab::script, reader::Told},
    world::World,
};

/// Bytes of text and arguments that a call has at most which is encoded by the thread that sends it.
const SMALL: usize = 4 * 1024;

/// Worlds in which one query was made, and the socket takes whatever comes.
fn worlds() -> [World; 2] {
    let mut worlds = [World::plain(100, Chance::new(1)), World::encrypted(100, Chance::new(1))];
    for world in &mut worlds {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = usize::MAX;
    }
    worlds
}

/// A call whose text and arguments have so many bytes together.
fn call_of(world: &mut World, size: usize) -> Request {
    let call = world.echo(2, 1, 0);
    let rest = size - arguments::text("").len() - call.query.sql.len();
    Request { arguments: Bytes::from(arguments::text(&"x".repeat(rest))), ..call }
}

fn close(world: &World, limit: Option<u32>) -> Command {
    let deadline = limit.map(|limit| Deadline::after(world.now, limit));
    Command::Close { request: 2, deadline }
}

#[test]
fn small_calls_are_taken_and_a_close_that_has_no_limit_and_nothing_else() {
    for mut world in worlds() {
        let mut calls = vec![];
        for (size, is_small) in [(SMALL, true), (SMALL + 1, false)] {
            calls.push((call_of(&mut world, size), is_small));
            calls.push((script(2, &"x".repeat(size)), is_small));
        }
        for ask in [
            Ask::Many,
            Ask::Opening { number: 1 },
            Ask::Prepare,
            Ask::Unprepare,
            Ask::Open { portal: 1, rows: 1 },
            Ask::Fetch { portal: 1, rows: 1 },
            Ask::ClosePortal { portal: 1 },
            Ask::CopyIn,
            Ask::Reserve,
        ] {
            calls.push((Request { ask, ..world.echo(2, 1, 0) }, false));
        }
        for (call, is_taken) in calls {
            let ask = call.ask;
            assert_eq!(world.takes_now(&Command::Call(call)), is_taken, "{ask:?}");
        }
        assert!(world.takes_now(&close(&world, None)));
        assert!(!world.takes_now(&close(&world, Some(60_000))));
        for command in [Command::Abandon(1), Command::Terminate, Command::Notices(true)] {
            assert!(!world.takes_now(&command));
        }
    }
}

#[test]
fn nothing_is_taken_behind_a_call_or_while_its_cancel_connection_is_open() {
    for mut world in worlds() {
        world.submit_echo(2, 1, 1_000);
        world.carry();
        let call = Command::Call(world.echo(3, 1, 0));
        assert!(!world.takes_now(&call), "another is under way");
        world.command(Command::Abandon(2));
        for _ in 0..200 {
            world.link.wires().room = usize::MAX;
            world.carry();
            // It arrives too late for this call.
            world.open_cancel(60_000, Ok(()));
            world.transfer(usize::MAX);
            world.server.step(world.now);
            world.deliver(usize::MAX);
            world.pass(10);
        }
        assert_eq!(world.pending(), 0);
        assert!(!world.takes_now(&call), "the cancel may hit it");
    }
}

#[test]
fn a_limit_wakes_the_carrier_unless_its_timer_is_as_early() {
    for (limit, timer, wakes) in [
        (None, None, false),
        (None, Some(1_000), false),
        (Some(1_000), None, true),
        (Some(1_000), Some(999), false),
        (Some(1_000), Some(1_000), false),
        (Some(1_000), Some(1_001), true),
    ] {
        for mut world in worlds() {
            let deadline = limit.map(|limit| Deadline::after(world.now, limit));
            let timer = timer.map(|ms| world.now + Duration::from_millis(ms));
            let call = Request { deadline, ..world.echo(2, 1, 0) };
            assert_eq!(world.send_now(Command::Call(call), timer), wakes, "{limit:?} {timer:?}");
        }
    }
}

#[test]
fn a_close_wakes_the_carrier_for_the_end_that_the_server_may_not_come_to() {
    for mut world in worlds() {
        let close = close(&world, None);
        assert!(world.send_now(close, None));
    }
}

#[test]
fn a_write_that_fails_wakes_the_carrier() {
    for mut world in worlds() {
        for command in [Command::Call(world.echo(2, 1, 0)), close(&world, None)] {
            world.link.wires().write_error = Some(std::io::ErrorKind::BrokenPipe);
            assert!(world.send_now(command, None));
        }
    }
}

#[test]
fn a_call_that_cannot_be_sent_fails_here_and_now() {
    for mut world in worlds() {
        // No text of the protocol has a NUL in it.
        assert!(!world.send_now(Command::Call(script(2, "select '\0'")), None));
        assert!(matches!(world.ends[&2], Told::Failed { .. }), "{:?}", world.ends);
    }
}

#[test]
fn all_is_said_when_the_socket_has_the_last_message_and_when_the_session_is_over() {
    for mut world in worlds() {
        assert!(!world.is_parting());
        world.link.wires().room = 1;
        world.close(2, None);
        assert!(!world.is_parting(), "half of it is unwritten");
        world.link.wires().room = usize::MAX;
        world.carry();
        assert!(world.is_parting());
        world.wait_for_end();
        assert!(world.is_parting());
    }
}

#[test]
fn an_answer_wakes_nobody_and_the_end_behind_it_does() {
    for mut world in worlds() {
        let call = Command::Call(world.echo(2, 1, 0));
        assert!(!world.send_now(call, None));
        world.transfer(usize::MAX);
        while !world.server.model.is_quiet() {
            world.server.step(world.now);
            world.deliver(usize::MAX);
        }
        assert!(!world.read_now());
        assert!(world.ends.contains_key(&2));
        world.link.wires().end = Some(End::Closed);
        assert!(world.read_now());
    }
}

#[test]
fn the_carrier_is_woken_for_the_cancel_of_a_call_whose_time_is_up() {
    for mut world in worlds() {
        let deadline = Some(Deadline::after(world.now, 10));
        let call = Request { deadline, ..world.echo(2, 1, 60_000) };
        world.command(Command::Call(call));
        world.carry();
        world.transfer(usize::MAX);
        world.pass(9);
        assert!(!world.read_now());
        world.pass(1);
        assert!(world.read_now(), "nobody opens a cancel connection");
    }
}

#[test]
fn a_close_behind_the_end_of_the_session_wakes_the_carrier_which_answers_it() {
    for mut world in worlds() {
        world.link.wires().end = Some(End::Closed);
        assert!(world.read_now());
        let close = close(&world, None);
        assert!(world.takes_now(&close) && world.send_now(close, None));
        // Whatever wakes it.
        world.command(Command::Notices(true));
        world.step();
        assert!(matches!(world.ends[&2], Told::Done { .. }), "{:?}", world.ends);
    }
}

#[test]
fn the_carrier_is_woken_when_the_program_is_behind() {
    for mut world in worlds() {
        world.is_paused = true;
        let mut count = 0;
        loop {
            world.server.model.output.extend(notification(7, "news", &"x".repeat(1_000)));
            world.deliver(usize::MAX);
            count += 1;
            if world.read_now() {
                break;
            }
            assert!(count < 10_000, "it reads on without end");
        }
        // The bound is 2 MiB: what woke it was that, and not the first of them.
        assert!(count > 2_000, "woken behind {count}");
    }
}

#[test]
fn what_tls_has_taken_and_the_socket_has_not_stays_while_a_cancel_connection_is_open() {
    let [_, mut world] = worlds();
    world.link.wires().room = 10;
    world.submit_echo(2, 1, 60_000);
    world.carry();
    assert_eq!(world.unwritten(), 0, "TLS has all of it");
    world.command(Command::Abandon(2));
    world.carry();
    world.open_cancel(1_000, Ok(()));
    world.carry();
    let written = world.link.wires().bytes_written;
    world.link.wires().room = usize::MAX;
    world.command(Command::Notices(true));
    world.carry();
    assert_eq!(world.link.wires().bytes_written, written);
    world.pass(1_000);
    world.pass(1_000);
    world.carry();
    assert!(world.link.wires().bytes_written > written);
}
