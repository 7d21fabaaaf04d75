//! What a conversation keeps in memory when it needs it no more.

use bytes::Bytes;
use cornac_driver::session::Command;

use crate::{
    support::{answers::notification, chance::Chance},
    world::World,
};

fn worlds() -> [World; 2] {
    [World::plain(100, Chance::new(1)), World::encrypted(100, Chance::new(1))]
}

/// How many buffers were read into since it was asked first, and whether the driver has given all of them back.
fn buffers(world: &World) -> (usize, bool) {
    let mut wires = world.link.wires();
    let pieces = wires.pieces.get_or_insert_default();
    (pieces.len(), pieces.iter().all(Bytes::is_unique))
}

#[test]
fn nothing_is_kept_for_reading_while_nothing_is_asked() {
    for mut world in worlds() {
        buffers(&world);
        for (id, rows) in [(1, 1), (2, 20_000)] {
            world.submit_echo(id, rows, 0);
            world.run(usize::MAX);
            let (read, are_given_back) = buffers(&world);
            assert!(read > 0 && are_given_back, "{rows} rows in {read} buffers");
        }
    }
}

#[test]
fn room_for_a_large_message_is_given_back_while_a_call_goes_on() {
    const LARGE: usize = 2 << 20;
    for mut world in worlds() {
        world.submit_echo(1, 1, 50);
        world.run(usize::MAX);
        world.submit_echo(2, 1, 50);
        world.link.wires().room = usize::MAX;
        world.carry();
        world.transfer(usize::MAX);
        for length in [LARGE, 1] {
            world.server.model.output.extend(notification(7, "news", &"x".repeat(length)));
            world.deliver(usize::MAX);
            world.carry();
        }
        assert_eq!((world.pending(), world.notifications.len()), (1, 2));
        let offered = world.link.wires().offered;
        assert!(offered < LARGE / 2, "room for {offered} bytes");
        world.run(usize::MAX);
        assert!(world.ends.contains_key(&2));
    }
}

#[test]
fn shapes_are_released_as_soon_as_nothing_refers_to_them() {
    /// Shapes that live on though nobody uses them.
    const RECENT: usize = 128;
    for mut world in worlds() {
        for id in 0..200_u8 {
            let name: String = [b'a' + id / 16, b'a' + id % 16].map(char::from).iter().collect();
            let call = world.echo_typed(id.into(), 1, 0, &name);
            world.command(Command::Call(call));
            world.run(usize::MAX);
        }
        assert_eq!(world.shapes(), 200);
        world.command(Command::DropStatements);
        world.carry();
        assert_eq!(world.shapes(), RECENT);
    }
}
