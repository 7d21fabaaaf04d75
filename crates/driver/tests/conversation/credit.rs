//! A program that does not read: what the server sends unasked waits in the socket, and everything else goes on.

use std::time::Duration;

use cornac_driver::session::{Command, Next};
use cornac_wire::{
    deadline::Deadline,
    engine::{Request, Sink},
    record::Class,
};

use crate::{
    support::{
        answers::{copy_data, notification},
        chance::Chance,
        lab::{fetch, query, script},
        reader::Told,
    },
    world::World,
};

/// Bytes of records that may wait, one read of the socket included.
const UNREAD: usize = 2 * 1024 * 1024 + 64 * 1024;

const COUNT: usize = 5_000;

/// Worlds in which one query was made.
fn worlds() -> [World; 2] {
    let mut worlds = [World::plain(100, Chance::new(3)), World::encrypted(100, Chance::new(3))];
    for world in &mut worlds {
        world.submit_echo(1, 1, 0);
        world.run(usize::MAX);
    }
    worlds
}

fn payload(number: usize) -> String {
    format!("{number:01000}")
}

fn flood(world: &mut World) {
    for number in 0..COUNT {
        let news = notification(7, "news", &payload(number));
        world.server.model.output.extend(news);
    }
    world.is_paused = true;
    world.deliver(usize::MAX);
    world.carry();
    assert!(matches!(world.next, Next::Wait { readable: false, .. }), "{:?}", world.next);
}

#[test]
fn notifications_wait_in_the_socket_and_all_of_them_come_when_the_program_reads() {
    for mut world in worlds() {
        flood(&mut world);
        assert!(world.unread < UNREAD, "{} bytes wait for the program", world.unread);
        assert!(world.link.wires().arrived.len() > 2 * 1024 * 1024);
        let before = world.link.wires().calls.reads;
        world.submit_echo(2, 1, 0);
        world.carry();
        assert_eq!(world.link.wires().calls.reads, before, "the socket is left alone");
        world.is_paused = false;
        world.read_records();
        world.run(usize::MAX);
        assert!(matches!(world.ends[&2], Told::Rows { .. }));
        // The model has news of its own.
        let payloads = world.notifications.iter().filter(|payload| payload.len() == 1_000);
        let expected: Vec<String> = (0..COUNT).map(payload).collect();
        assert!(payloads.eq(&expected));
    }
}

#[test]
fn what_was_read_and_had_to_wait_comes_though_much_is_told_before_it_and_nothing_arrives() {
    for mut world in worlds() {
        world.is_paused = true;
        let mut count = 0;
        while !matches!(world.next, Next::Wait { readable: false, .. }) {
            for _ in 0..50 {
                world.server.model.output.extend(notification(7, "news", &payload(count)));
                count += 1;
            }
            world.deliver(usize::MAX);
            world.carry();
        }
        assert!(world.link.wires().arrived.is_empty(), "some of it was not read");
        world.is_paused = false;
        world.read_records();
        // Calls that cannot be sent: no text of the protocol has a NUL in it.
        for id in 0..5_000 {
            world.command(Command::Call(script(10 + id, "select '\0'")));
        }
        world.carry();
        let payloads = world.notifications.iter().filter(|payload| payload.len() == 1_000);
        assert_eq!(payloads.count(), count);
    }
}

#[test]
fn a_call_on_a_session_that_waits_for_the_program_times_out_and_its_cancel_goes_out() {
    for mut world in worlds() {
        flood(&mut world);
        let deadline = Some(Deadline::after(world.now, 100));
        let request = Request { deadline, ..world.echo(2, 1, 60_000) };
        world.command(Command::Call(request));
        for _ in 0..600 {
            world.link.wires().room = usize::MAX;
            world.carry();
            world.open_cancel(1, Ok(()));
            world.transfer(usize::MAX);
            world.server.step(world.now);
            world.deliver(usize::MAX);
            world.pass(20);
        }
        assert!(!world.has_ended(), "the server was not heard, and is not given up");
        world.is_paused = false;
        world.read_records();
        world.run(usize::MAX);
        assert_eq!(world.ends[&2], Told::Done { request: 2 });
        assert!(!world.server.model.ran.contains_key(&2), "it was cancelled");
        world.submit_echo(3, 1, 0);
        world.run(usize::MAX);
        assert!(matches!(world.ends[&3], Told::Rows { .. }));
    }
}

#[test]
fn terminate_and_close_end_a_session_that_waits_for_the_program() {
    for mut world in worlds() {
        flood(&mut world);
        world.command(Command::Terminate);
        world.carry();
        assert!(world.has_ended());
    }
    for (limit, waits) in [(Some(300), 300..400), (None, 5_000..5_100)] {
        for mut world in worlds() {
            flood(&mut world);
            world.close(2, limit);
            let waited = world.wait_for_end();
            let range = Duration::from_millis(waits.start)..Duration::from_millis(waits.end);
            assert!(range.contains(&waited), "{waited:?}");
            world.read_records();
            let timed_out =
                matches!(&world.ends[&2], Told::Failed { class, .. } if *class == Class::Timeout as u32);
            assert_eq!(timed_out, limit.is_some(), "{:?}", world.ends[&2]);
        }
    }
}

/// A COPY whose consumer takes nothing.
fn copying(world: &mut World, limit: Option<u32>) {
    let deadline = limit.map(|limit| Deadline::after(world.now, limit));
    let request = fetch(2, &query("copy #2 out 60000"), &[]);
    world.command(Command::Call(Request { sink: Sink::Data, deadline, ..request }));
    for _ in 0..20 {
        world.link.wires().room = usize::MAX;
        world.carry();
        world.transfer(usize::MAX);
        world.server.step(world.now);
        world.deliver(usize::MAX);
    }
    assert!(world.data > 0, "it has not begun");
    for _ in 0..4_000 {
        world.server.model.output.extend(copy_data(&[b'x'; 1_000]));
    }
    world.deliver(usize::MAX);
    world.carry();
    assert!(matches!(world.next, Next::Wait { readable: false, .. }), "{:?}", world.next);
    assert!(world.data < UNREAD / 2 + 64 * 1024);
}

#[test]
fn a_copy_waits_in_the_socket_until_its_consumer_has_taken_what_came() {
    for mut world in worlds() {
        copying(&mut world, None);
        let mut taken = 0;
        while world.data < 4_000_000 {
            let bytes = world.data - taken;
            taken = world.data;
            assert!(bytes > 0, "it hangs");
            world.command(Command::Taken { request: 2, bytes });
            world.carry();
        }
        world.pass(60_000);
        world.run(usize::MAX);
        assert!(matches!(world.ends[&2], Told::Rows { .. }), "{:?}", world.ends[&2]);
    }
}

#[test]
fn a_copy_whose_consumer_takes_nothing_times_out_is_given_up_and_ends_by_close() {
    for mut world in worlds() {
        copying(&mut world, Some(500));
        world.run(usize::MAX);
        assert_eq!(world.ends[&2], Told::Done { request: 2 });
    }
    for mut world in worlds() {
        copying(&mut world, None);
        world.command(Command::Abandon(2));
        world.run(usize::MAX);
        assert_eq!(world.ends[&2], Told::Done { request: 2 });
    }
    for mut world in worlds() {
        copying(&mut world, None);
        world.close(3, None);
        assert!(world.wait_for_end() < Duration::from_secs(1));
        assert_eq!(world.ends[&2].field('C'), "57014");
        assert_eq!(world.ends[&3], Told::Done { request: 3 });
    }
}
