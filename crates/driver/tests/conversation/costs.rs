//! How many system calls an exchange takes.

use bytes::Bytes;
use cornac_driver::session::Command;
use cornac_wire::engine::Request;

use crate::{
    link::Calls,
    support::{arguments, chance::Chance, lab::script},
    world::World,
};

fn worlds() -> [World; 2] {
    [World::plain(100, Chance::new(1)), World::encrypted(100, Chance::new(1))]
}

fn calls(world: &World) -> Calls {
    world.link.wires().calls
}

/// Everything that a call asks for is written, and its whole answer has arrived.
fn answer(world: &mut World) {
    world.link.wires().room = usize::MAX;
    world.carry();
    world.transfer(usize::MAX);
    while !world.server.model.is_quiet() {
        world.server.step(world.now);
        world.deliver(usize::MAX);
    }
}

#[test]
fn a_small_query_takes_one_write_and_one_read() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.submit_echo(2, 1, 0);
        let before = calls(&world);
        answer(&mut world);
        // The step that writes looks for input as well.
        assert_eq!(calls(&world), Calls { reads: before.reads + 1, writes: before.writes + 1 });
        world.carry();
        assert!(world.ends.contains_key(&2));
        assert_eq!(calls(&world), Calls { reads: before.reads + 2, writes: before.writes + 1 });
    }
}

#[test]
fn a_call_that_is_sent_alone_is_written_at_once_and_wakes_nobody() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = usize::MAX;
        let (before, waits) = (calls(&world), world.next);
        let call = world.echo(2, 1, 0);
        world.send(call);
        assert_eq!(calls(&world), Calls { writes: before.writes + 1, ..before });
        assert_eq!((world.is_due(), world.next), (false, waits));
        answer(&mut world);
        world.carry();
        assert!(world.ends.contains_key(&2));
        assert_eq!(calls(&world), Calls { reads: before.reads + 1, writes: before.writes + 1 });
    }
}

#[test]
fn a_script_that_is_sent_alone_is_written_at_once_too() {
    for mut world in worlds() {
        world.run(usize::MAX);
        world.link.wires().room = usize::MAX;
        let before = calls(&world);
        world.send(script(1, "call #1 0"));
        assert_eq!(calls(&world), Calls { writes: before.writes + 1, ..before });
        assert!(!world.is_due());
        answer(&mut world);
        world.carry();
        assert!(world.ends.contains_key(&1));
    }
}

#[test]
fn a_call_that_the_socket_does_not_take_is_left_to_the_carrier() {
    for mut world in worlds() {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
        world.link.wires().room = 10;
        let call = world.echo(2, 1, 0);
        world.send(call);
        assert!(world.is_due());
        world.run(usize::MAX);
        assert!(world.ends.contains_key(&2));
    }
}

#[test]
fn a_large_result_is_read_in_large_pieces() {
    for mut world in worlds() {
        world.submit_echo(1, 100_000, 0);
        world.run(usize::MAX);
        world.submit_echo(2, 100_000, 0);
        answer(&mut world);
        let bytes = world.link.wires().arrived.len();
        let before = calls(&world);
        world.carry();
        let reads = calls(&world).reads - before.reads;
        assert!(reads <= bytes / (64 * 1024) + 1, "{reads} reads for {bytes} bytes");
    }
}

#[test]
fn a_large_argument_is_written_in_large_pieces() {
    for mut world in worlds() {
        world.submit_echo(1, 0, 0);
        world.run(usize::MAX);
        let large = arguments::text(&"x".repeat(1 << 20));
        let request = Request { arguments: Bytes::from(large), ..world.echo(2, 0, 0) };
        world.command(Command::Call(request));
        let (before, written) = (calls(&world), world.link.wires().bytes_written);
        world.link.wires().room = usize::MAX;
        world.carry();
        let writes = calls(&world).writes - before.writes;
        let bytes = world.link.wires().bytes_written - written;
        assert!(bytes > 1 << 20, "only {bytes} bytes");
        assert!(writes <= bytes / (64 * 1024) + 1, "{writes} writes for {bytes} bytes");
    }
}

#[test]
fn what_waits_for_room_is_written_as_soon_as_there_is_some_though_no_answer_comes() {
    for mut world in worlds() {
        world.submit_echo(1, 0, 0);
        world.run(usize::MAX);
        let large = Bytes::from(arguments::text(&"x".repeat(100_000)));
        for id in 2..22 {
            let request = Request { arguments: large.clone(), ..world.echo(id, 0, 0) };
            world.command(Command::Call(request));
        }
        let written = world.link.wires().bytes_written;
        world.link.wires().room = usize::MAX;
        world.carry();
        let bytes = world.link.wires().bytes_written - written;
        assert!(bytes > 20 * 100_000, "only {bytes} bytes");
    }
}
