//! One exchange, and an accident at each of its bytes.

use std::{io::ErrorKind, time::Duration};

use cornac_driver::session::Command;
use cornac_wire::{
    deadline::Deadline,
    engine::{Ask, Request},
    record::Class,
};

use crate::{
    link::End,
    support::{chance::Chance, lab::script, reader::Told},
    world::World,
};

const CALLS: u32 = 7;

/// The rows that each call gives, in the order of their numbers.
const ROWS: [usize; 7] = [2, 2, 0, 2, 2, 1, 0];

/// From here on they are about a portal, which the server does not count.
const PARTS: u32 = 5;

/// What goes wrong, and behind how many bytes of its direction.
#[derive(Clone, Copy, Debug)]
enum Accident {
    None,
    Reading(usize, End),
    /// The other direction stays as it is: nothing comes.
    Writing(usize, ErrorKind),
    /// The socket takes nothing more.
    Stuck(usize),
}

/// Calls that are described, pipelined and alone on the wire, and the parts of a portal.
fn request(world: &mut World, id: u32) -> Request {
    match id {
        3 => script(id, "begin #3"),
        PARTS => world.open(id, 3, 0, 2),
        6 => world.of_portal(id, PARTS, Ask::Fetch { portal: PARTS, rows: 2 }),
        7 => world.of_portal(id, PARTS, Ask::ClosePortal { portal: PARTS }),
        _ => world.echo(id, 2, 0),
    }
}

/// Makes the calls, with as many bytes at a time as `most` says.
fn play(world: &mut World, accident: Accident, most: usize) -> (usize, usize) {
    for id in 1..=CALLS {
        let request = request(world, id);
        let deadline = matches!(accident, Accident::Stuck(_)).then(|| Deadline::after(world.now, 500));
        world.command(Command::Call(Request { deadline, ..request }));
        // The first is on its way when the others come.
        world.link.wires().room = 0;
        world.carry();
    }
    let mut delivered = 0;
    while !world.has_ended() && world.pending() > 0 {
        let mut wires = world.link.wires();
        wires.room = match accident {
            Accident::Writing(limit, _) | Accident::Stuck(limit) => most.min(limit - wires.bytes_written),
            _ => most,
        };
        if let Accident::Writing(limit, kind) = accident
            && wires.bytes_written == limit
        {
            wires.write_error = Some(kind);
        }
        drop(wires);
        world.carry();
        world.open_cancel(1, Ok(()));
        let mut moved = world.transfer(most);
        world.server.step(world.now);
        let rest = if let Accident::Reading(limit, _) = accident { limit - delivered } else { most };
        moved += world.deliver(most.min(rest));
        delivered += moved.min(rest);
        if let Accident::Reading(limit, end) = accident
            && delivered >= limit
        {
            world.link.wires().end = Some(end);
        }
        world.pass(u64::from(moved == 0));
        assert!(world.now - world.started < Duration::from_secs(20), "{accident:?} hangs: {:?}", world.next);
    }
    let written = world.link.wires().bytes_written;
    if !world.has_ended() {
        world.close(CALLS + 1, None);
    }
    while !world.has_ended() {
        world.carry();
        world.pass(10);
        assert!(world.now - world.started < Duration::from_secs(30), "{accident:?} does not end");
    }
    (written, delivered)
}

fn check(world: &World, accident: Accident) {
    for id in 1..=CALLS {
        let told = world.ends.get(&id).unwrap_or_else(|| panic!("{accident:?}: call {id} has no end"));
        let ran = world.server.model.ran.contains_key(&id);
        let rows = world.rows.get(&id).copied().unwrap_or(0);
        match told {
            Told::Rows { .. } => {
                let expected = ROWS[usize::try_from(id - 1).unwrap()];
                assert!((ran || id >= PARTS) && rows == expected, "{accident:?}: {id}");
            }
            Told::Failed { .. } => {
                assert!(
                    !ran || world.maybe_executed(id),
                    "{accident:?}: call {id} ran, and is said not to have"
                );
            }
            // Its caller was told that its time was up.
            Told::Done { .. } if matches!(accident, Accident::Stuck(_)) => assert!(rows == 0),
            other => panic!("{accident:?}: {other:?}"),
        }
    }
    let closed = world.ends.get(&(CALLS + 1));
    assert!(closed.is_none_or(|told| matches!(told, Told::Done { .. })), "{accident:?}: {closed:?}");
}

/// A world, and the portions in which bytes move in it: a handshake for each accident takes its time.
type Setting = (fn() -> World, &'static [usize]);

const SETTINGS: [Setting; 2] = [
    (|| World::plain(100, Chance::new(3)), &[usize::MAX, 7]),
    (|| World::encrypted(100, Chance::new(3)), &[usize::MAX]),
];

/// Plays the exchange once for each place of an accident, up to the end of the exchange as it is without one.
fn everywhere(accident: impl Fn(usize, usize, usize) -> Option<Accident>) {
    for (world, portions) in SETTINGS {
        let mut whole = world();
        let (written, read) = play(&mut whole, Accident::None, usize::MAX);
        check(&whole, Accident::None);
        let mut count = 0;
        while let Some(accident) = accident(count, written, read) {
            for most in portions {
                let mut world = world();
                play(&mut world, accident, *most);
                check(&world, accident);
            }
            count += 1;
        }
        assert!(count > 100, "the exchange is too short");
    }
}

#[test]
fn the_stream_ends_at_any_byte() {
    everywhere(|place, _, read| (place < read).then_some(Accident::Reading(place, End::Closed)));
}

#[test]
fn reading_fails_at_any_byte() {
    let reset = End::Failed(ErrorKind::ConnectionReset);
    everywhere(|place, _, read| (place < read).then_some(Accident::Reading(place, reset)));
}

#[test]
fn writing_fails_at_any_byte_while_nothing_comes() {
    everywhere(|place, written, _| {
        (place < written).then_some(Accident::Writing(place, ErrorKind::BrokenPipe))
    });
}

#[test]
fn the_socket_takes_nothing_from_any_byte_on() {
    everywhere(|place, written, _| (place < written).then_some(Accident::Stuck(place)));
}

#[test]
fn one_byte_at_a_time_everything_is_as_it_should_be() {
    for (world, _) in SETTINGS {
        let mut world = world();
        play(&mut world, Accident::None, 1);
        check(&world, Accident::None);
        for id in 1..=CALLS {
            assert!(matches!(world.ends[&id], Told::Rows { .. }), "{:?}", world.ends[&id]);
        }
    }
}

#[test]
fn a_server_that_closes_the_tls_session_and_not_the_socket_has_ended_the_session() {
    for words in [true, false] {
        let mut world = World::encrypted(100, Chance::new(3));
        world.submit_echo(1, 1, 60_000);
        world.link.wires().room = usize::MAX;
        world.carry();
        world.transfer(usize::MAX);
        world.server.model.die(words);
        world.server.speak();
        world.link.wires().arrived.extend(world.server.sent.drain(..));
        world.carry();
        assert!(world.has_ended());
        assert_eq!(world.ends[&1].field('C'), if words { "57P01" } else { "" });
    }
}

#[test]
fn calls_whose_execute_was_not_written_whole_are_known_not_to_have_run() {
    let warm = || {
        let mut world = World::plain(100, Chance::new(3));
        world.submit_echo(9, 1, 0);
        world.run(usize::MAX);
        world
    };
    // Where each of the calls ends: nothing is written while they are composed.
    let compose = |world: &mut World| -> Vec<usize> {
        world.link.wires().room = 0;
        let ends = (1..=3).map(|id| {
            world.submit_echo(id, 1, 0);
            world.carry();
            world.unwritten()
        });
        ends.collect()
    };
    for place in 0.. {
        let mut world = warm();
        let before = world.link.wires().bytes_written;
        let ends = compose(&mut world);
        if place == ends[2] {
            break;
        }
        world.link.wires().room = place;
        world.carry();
        assert_eq!(world.link.wires().bytes_written, before + place);
        world.link.wires().write_error = Some(ErrorKind::BrokenPipe);
        let failed = world.now;
        while !world.has_ended() {
            world.carry();
            world.pass(10);
            assert!(world.now - failed < Duration::from_secs(2), "it hangs after a write error");
        }
        for (id, ends) in (1..).zip(&ends) {
            let told = &world.ends[&id];
            assert!(matches!(told, Told::Failed { class, .. } if *class == Class::Lost as u32), "{told:?}");
            // All of it but for the Sync.
            let runs = place >= *ends - 5;
            assert_eq!(world.maybe_executed(id), runs, "call {id}, written up to {place} of {ends:?}");
        }
    }
}

#[test]
fn a_socket_that_fails_with_much_unwritten_and_calls_waiting_ends_the_session() {
    for (world, _) in SETTINGS {
        let mut world = world();
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = 1_000;
        let large = world.large_echo(2, 1 << 20);
        world.command(Command::Call(large));
        world.submit_echo(3, 1, 0);
        world.carry();
        assert!(world.unwritten() > 256 * 1024);
        world.link.wires().write_error = Some(ErrorKind::ConnectionReset);
        world.carry();
        assert!(!world.has_ended(), "its last words may still come");
        let waited = world.wait_for_end();
        assert!(waited < Duration::from_millis(1_100), "{waited:?}");
        for id in [2, 3] {
            assert!(!world.maybe_executed(id));
        }
    }
}
