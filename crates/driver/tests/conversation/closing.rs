//! `close()`: how long it waits, and for what.

use std::{io::ErrorKind, time::Duration};

use cornac_driver::session::Command;
use cornac_wire::record::Class;

use crate::{
    link::End,
    support::{chance::Chance, reader::Told},
    world::World,
};

fn worlds() -> [World; 2] {
    [World::plain(100, Chance::new(1)), World::encrypted(100, Chance::new(1))]
}

/// The server hears nothing more, and says nothing.
fn silence(world: &mut World) {
    world.run(usize::MAX);
    world.link.wires().room = 1 << 20;
}

fn wait_in_silence(world: &mut World) -> Duration {
    let from = world.now;
    while !world.has_ended() {
        world.carry();
        world.pass(10);
        assert!(world.now - from < Duration::from_secs(60), "it does not end: {:?}", world.next);
    }
    world.now - from
}

fn seconds(seconds: u64) -> std::ops::Range<Duration> {
    Duration::from_secs(seconds)..Duration::from_millis(seconds * 1_000 + 100)
}

#[test]
fn it_is_done_when_the_server_has_closed_the_socket() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.close(2, None);
        assert!(world.wait_for_end() < Duration::from_millis(100));
        assert_eq!(world.ends[&2], Told::Done { request: 2 });
        assert!(world.link.wires().is_shut && world.server.model.gone);
    }
}

#[test]
fn a_server_that_resets_the_connection_has_ended_it_where_it_was_closed_and_broken_it_elsewhere() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = usize::MAX;
        world.close(2, None);
        world.carry();
        world.link.wires().end = Some(End::Failed(ErrorKind::ConnectionReset));
        world.wait_for_end();
        assert_eq!(world.ends[&2], Told::Done { request: 2 });
        assert_eq!(
            world.end.map(|end| end.words()).as_deref(),
            Some("ended interface connection was closed")
        );
    }
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().end = Some(End::Failed(ErrorKind::ConnectionReset));
        world.wait_for_end();
        let end = world.end.map(|end| end.words());
        let expected = "ended lost the connection to the server was lost: connection reset";
        assert_eq!(end.as_deref(), Some(expected));
    }
}

#[test]
fn a_server_that_never_closes_the_socket_is_left_after_five_seconds() {
    for mut world in worlds() {
        silence(&mut world);
        world.close(1, None);
        let waited = wait_in_silence(&mut world);
        assert!(seconds(5).contains(&waited), "{waited:?}");
        assert_eq!(world.ends[&1], Told::Done { request: 1 });
    }
}

#[test]
fn a_socket_that_does_not_even_take_the_last_message_is_left_after_five_seconds() {
    for mut world in worlds() {
        silence(&mut world);
        world.link.wires().room = 0;
        world.close(1, None);
        let waited = wait_in_silence(&mut world);
        assert!(seconds(5).contains(&waited), "{waited:?}");
        assert_eq!(world.ends[&1], Told::Done { request: 1 });
    }
}

#[test]
fn each_close_has_its_own_limit_and_only_who_waited_in_vain_is_told_so() {
    for mut world in worlds() {
        silence(&mut world);
        world.close(1, None);
        world.close(2, Some(4_000));
        world.close(3, Some(300));
        world.close(4, Some(300));
        let waited = wait_in_silence(&mut world);
        assert!((Duration::from_millis(300)..Duration::from_millis(400)).contains(&waited), "{waited:?}");
        for id in [1, 2] {
            assert_eq!(world.ends[&id], Told::Done { request: id });
        }
        for id in [3, 4] {
            let Told::Failed { class, .. } = &world.ends[&id] else { panic!("{:?}", world.ends[&id]) };
            assert_eq!(*class, Class::Timeout as u32);
            assert!(world.ends[&id].field('M').contains("300"), "{:?}", world.ends[&id]);
        }
    }
}

#[test]
fn a_limit_longer_than_five_seconds_makes_it_wait_no_longer() {
    for mut world in worlds() {
        silence(&mut world);
        world.close(1, Some(60_000));
        let waited = wait_in_silence(&mut world);
        assert!(seconds(5).contains(&waited), "{waited:?}");
        assert_eq!(world.ends[&1], Told::Done { request: 1 });
    }
}

#[test]
fn the_running_call_is_cancelled_and_waiting_ones_are_rejected() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 60_000);
        for _ in 0..20 {
            world.link.wires().room = usize::MAX;
            world.carry();
            world.transfer(usize::MAX);
            world.server.step(world.now);
            world.deliver(usize::MAX);
        }
        world.submit_echo(2, 1, 0);
        world.close(3, None);
        assert!(world.wait_for_end() < Duration::from_secs(1));
        assert_eq!(world.ends[&1].field('C'), "57014");
        assert_eq!(world.ends[&2].field('M'), "connection is closing");
        assert_eq!(world.ends[&3], Told::Done { request: 3 });
    }
}

#[test]
fn terminate_ends_it_at_once() {
    for mut world in worlds() {
        world.link.wires().room = usize::MAX;
        world.submit_echo(1, 1, 60_000);
        world.carry();
        world.command(Command::Terminate);
        world.carry();
        assert!(world.has_ended());
        assert!(matches!(&world.ends[&1], Told::Failed { class, .. } if *class == Class::Lost as u32));
    }
}

#[test]
fn terminate_says_so_unless_it_would_stand_behind_half_a_message() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = usize::MAX;
        world.command(Command::Terminate);
        world.carry();
        world.transfer(usize::MAX);
        world.server.step(world.now);
        assert!(world.link.wires().is_shut);
        assert!(world.server.model.gone, "the server did not hear of it");
    }
    let [mut world, _] = worlds();
    world.submit_echo(1, 1, 0);
    world.run(usize::MAX);
    world.submit_echo(2, 1, 0);
    world.link.wires().room = 3;
    world.carry();
    let written = world.link.wires().bytes_written;
    world.link.wires().room = usize::MAX;
    world.command(Command::Terminate);
    world.carry();
    assert!(world.has_ended());
    assert_eq!(world.link.wires().bytes_written, written);
}
