//! Random schedules of commands, partial reads and writes, time and accidents.
//!
//! `CORNAC_SCHEDULES` says how many, `CORNAC_SEED` with which seed to begin.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
};

use cornac_driver::session::Command;
use cornac_wire::{
    deadline::Deadline,
    engine::{Ask, Request, Sink, Undelivered},
    record::Class,
};

use crate::{
    link::End,
    support::{
        answers::notification,
        chance::Chance,
        lab::{fetch, query, script},
        reader::Told,
        schedules::run_schedules,
    },
    world::World,
};

struct Schedule {
    chance: Chance,
    world: World,
    /// The calls, and the rows that each is to get.
    asked: BTreeMap<u32, u32>,
    /// Those of them that are about portals, and the ones that open one.
    parts: BTreeSet<u32>,
    openers: Vec<u32>,
    /// Those whose rows are of types of the database, and how many questions had been refused before.
    typed: BTreeMap<u32, u32>,
    /// COPYs out of the server, and how many bytes each has.
    pours: BTreeMap<u32, usize>,
    given_up: BTreeSet<u32>,
    closers: BTreeSet<u32>,
    next: u32,
    /// Notifications that were sent.
    floods: usize,
    /// The session was lost or ended from this side.
    broken: bool,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let cache = *chance.pick(&[0, 1, 100]);
        let encrypted = chance.one_in(4);
        let fork = chance.clone();
        Self {
            world: if encrypted { World::encrypted(cache, fork) } else { World::plain(cache, fork) },
            chance,
            asked: BTreeMap::new(),
            parts: BTreeSet::new(),
            openers: Vec::new(),
            typed: BTreeMap::new(),
            pours: BTreeMap::new(),
            given_up: BTreeSet::new(),
            closers: BTreeSet::new(),
            next: 1,
            floods: 0,
            broken: false,
        }
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// A number of bytes, none and all of them among the likely ones.
    fn some(&mut self) -> usize {
        match self.chance.below(8) {
            0 => 0,
            1 => 1,
            2 => usize::MAX,
            _ => self.chance.below(100),
        }
    }

    fn submit(&mut self) {
        let id = self.number();
        let large = self.chance.one_in(100);
        let rows = if large { 20_000 } else { *self.chance.pick(&[0, 1, 1, 2]) };
        let ms = *self.chance.pick(&[0, 0, 0, 5, 150]);
        let (rows, request) = match self.chance.below(14) {
            0 => (0, script(id, &format!("call #{id} {ms}"))),
            1 => (0, script(id, &format!("begin #{id}"))),
            2 => (0, script(id, &format!("commit #{id}"))),
            3 if self.chance.one_in(8) => (1, self.world.large_echo(id, 300_000)),
            4 => (rows.min(2), self.open(id, rows, ms)),
            5 if !self.openers.is_empty() => (2, self.part(id)),
            6 => (0, self.pour(id)),
            7 => (0, self.load(id)),
            8..10 if !large => (rows, self.typed(id, rows, ms)),
            _ => (rows, self.world.echo(id, rows, ms)),
        };
        let limit = self.chance.one_in(8).then(|| *self.chance.pick(&[1, 20, 300]));
        let deadline = limit.map(|ms| Deadline::after(self.world.now, ms));
        self.asked.insert(id, rows);
        if deadline.is_some() {
            self.given_up.insert(id);
        }
        let request = Request { deadline, ..request };
        if self.chance.one_in(2) {
            self.world.send(request);
        } else {
            self.world.command(Command::Call(request));
        }
    }

    /// A query whose rows are of types of the database, which are looked up.
    fn typed(&mut self, id: u32, rows: u32, ms: u32) -> Request {
        let what = *self.chance.pick(&["pair", "pairs", "fields"]);
        self.typed.insert(id, self.world.server.model.refused);
        self.world.echo_typed(id, rows, ms, what)
    }

    /// A type changes, or another session of the database forgets what is known of them.
    fn change_types(&mut self) {
        match self.chance.below(4) {
            0 => self.world.server.model.types.alter_type(),
            1 => self.world.server.model.types.renew_type(),
            2 => self.world.map.forget(),
            _ => self.world.command(Command::ForgetTypes),
        }
    }

    /// A COPY out of the server; of some more than may wait for their consumer.
    fn pour(&mut self, id: u32) -> Request {
        let lines = if self.chance.one_in(60) { 40 } else { self.chance.below(3) };
        self.pours.insert(id, lines * 50_000);
        let sql = format!("copy #{id} pour {lines}");
        Request { sink: Sink::Data, ..fetch(id, &query(&sql), &[]) }
    }

    fn load(&mut self, id: u32) -> Request {
        self.world.copies.load(id);
        let sql = format!("copy #{id} in");
        Request { ask: Ask::CopyIn, sink: Sink::Dropped, ..fetch(id, &query(&sql), &[]) }
    }

    /// Opens a portal, which is an error outside of a transaction.
    fn open(&mut self, id: u32, rows: u32, ms: u32) -> Request {
        self.parts.insert(id);
        self.openers.push(id);
        let part = *self.chance.pick(&[0, 1, 2]);
        self.world.open(id, rows, ms, part)
    }

    /// Reads or closes one of the last portals, which may be gone.
    fn part(&mut self, id: u32) -> Request {
        self.parts.insert(id);
        let last = self.openers.len() - 1;
        let portal = self.openers[last - self.chance.below(last.min(2) + 1)];
        let rows = *self.chance.pick(&[1, 2]);
        let ask = *self.chance.pick(&[Ask::Fetch { portal, rows }, Ask::ClosePortal { portal }]);
        self.world.of_portal(id, portal, ask)
    }

    fn close(&mut self) {
        let id = self.number();
        self.closers.insert(id);
        let limit = self.chance.one_in(2).then(|| *self.chance.pick(&[1, 100, 6_000]));
        self.broken = true;
        self.world.close(id, limit);
    }

    fn give_up(&mut self) {
        let ids: Vec<u32> = self.asked.keys().copied().collect();
        if ids.is_empty() {
            return;
        }
        let id = *self.chance.pick(&ids);
        // JavaScript gives up what it has not seen the end of.
        if !self.world.ends.contains_key(&id) && self.given_up.insert(id) {
            self.world.command(Command::Abandon(id));
        }
    }

    fn accident(&mut self) {
        self.broken = true;
        match self.chance.below(5) {
            0 => self.world.link.wires().end = Some(End::Closed),
            1 => self.world.link.wires().end = Some(End::Failed(ErrorKind::ConnectionReset)),
            2 => self.world.link.wires().write_error = Some(ErrorKind::BrokenPipe),
            3 => self.world.command(Command::Terminate),
            _ => {
                let words = self.chance.one_in(2);
                self.world.server.model.die(words);
            }
        }
    }

    /// News come, as many as let the socket wait if the program does not read.
    fn flood(&mut self) {
        let payload = "x".repeat(*self.chance.pick(&[1, 200_000]));
        for _ in 0..*self.chance.pick(&[1, 12]) {
            self.world.server.model.output.extend(notification(1, "flood", &payload));
            self.floods += 1;
        }
    }

    fn act(&mut self) {
        if self.world.has_ended() {
            return;
        }
        let some = self.some();
        match self.chance.below(68) {
            0..10 => self.submit(),
            10..24 => self.world.link.wires().room = some,
            24..34 => drop(self.world.transfer(some)),
            34..44 => self.world.server.step(self.world.now),
            44..54 => drop(self.world.deliver(some)),
            54..57 => self.world.pass(*self.chance.pick(&[1, 10, 100])),
            57 if self.chance.one_in(4) => self.flood(),
            57 => self.world.is_paused = self.chance.one_in(2),
            58 | 59 => self.give_up(),
            60 => {
                let failed = self.chance.one_in(20);
                // One that may still arrive ends the session.
                let is_under_way = self.chance.one_in(2);
                self.broken |= failed && is_under_way;
                let undelivered = Undelivered { reason: "refused".to_owned(), is_under_way };
                let result = if failed { Err(undelivered) } else { Ok(()) };
                self.world.open_cancel(self.chance.word() % 40, result);
            }
            61 if self.chance.one_in(10) => self.close(),
            62 if self.chance.one_in(10) => self.accident(),
            63 => self.world.copy_on(&mut self.chance, false),
            64 if self.chance.one_in(3) => self.change_types(),
            // A step that nothing asked for does no harm.
            _ => self.world.step(),
        }
        if self.chance.one_in(2) {
            self.world.carry();
        }
    }

    fn finish(mut self) {
        self.world.is_paused = false;
        self.world.read_records();
        self.world.copying = Some(self.chance.clone());
        if self.broken {
            // Whatever has happened, the session ends when it is to.
            if !self.world.has_ended() {
                self.close();
            }
            self.world.wait_for_end();
        } else {
            let most = *self.chance.pick(&[1_000, 100_000]);
            self.world.run(most);
            assert!(!self.world.has_ended(), "it ended without a reason");
            let floods = self.world.notifications.iter().filter(|payload| *payload != "fine").count();
            assert_eq!(floods, self.floods, "notifications were lost");
        }
        for (id, rows) in &self.asked {
            let told = self.world.ends.get(id).unwrap_or_else(|| panic!("call {id} has no end"));
            self.check(*id, *rows, told);
        }
        for id in &self.closers {
            let told = self.world.ends.get(id).unwrap_or_else(|| panic!("close {id} has no end"));
            let timed_out = matches!(told, Told::Failed { class, .. } if *class == Class::Timeout as u32);
            assert!(timed_out || matches!(told, Told::Done { .. }), "{told:?}");
        }
        assert_eq!(self.world.ends.len(), self.asked.len() + self.closers.len());
    }

    fn check(&self, id: u32, rows: u32, told: &Told) {
        let ran = self.world.server.model.ran.get(&id).copied().unwrap_or(0);
        let has_changed = self.typed.contains_key(&id) && self.world.server.model.types.changes() > 0;
        // A read that has met a type that is not what it was is run again.
        assert!(ran <= 1 + u32::from(has_changed), "call {id} ran {ran} times");
        match told {
            Told::Rows { .. } if self.parts.contains(&id) => {
                let seen = self.world.rows.get(&id).copied().unwrap_or(0);
                assert!(seen <= usize::try_from(rows).unwrap(), "call {id} has {seen} rows");
            }
            Told::Rows { .. } => {
                assert!(ran > 0, "call {id} ended well but did not run");
                if let Some(bytes) = self.pours.get(&id) {
                    assert_eq!(self.world.copies.poured(id), *bytes, "of COPY {id} data is missing");
                }
                if let Some(sent) = self.world.copies.sent(id) {
                    assert!(sent == self.world.server.model.copied[&id], "the server has other data");
                }
                let seen = self.world.rows.get(&id).copied().unwrap_or(0);
                assert_eq!(seen, usize::try_from(rows).unwrap());
                let may_be_text = has_changed || self.is_refused(id);
                assert!(may_be_text || !self.world.texts.contains(&id), "call {id} is read as text");
            }
            Told::Failed { class, .. } if *class == Class::Lost as u32 => {
                assert!(ran == 0 || told.field('x') == "1", "call {id} ran, and is said not to have");
            }
            Told::Failed { .. } => {
                let code = told.field('C');
                let is_no_portal = self.parts.contains(&id) && matches!(code, "25P01" | "34000");
                // Its source has failed, or the server has had enough of it.
                let is_load = self.world.copies.sent(id).is_some() && code == "57014";
                let fitting = is_no_portal
                    || is_load
                    || has_changed
                    || self.is_refused(id)
                    || self.broken
                    || code == "25P02"
                    || told.field('H').contains("cancel");
                assert!(fitting, "call {id} ended with {told:?}");
            }
            Told::Done { .. } => assert!(self.given_up.contains(&id), "call {id} has no answer"),
            other => panic!("call {id} ended with {other:?}"),
        }
    }
}

impl Schedule {
    /// A question for the types of the call may have been refused.
    fn is_refused(&self, id: u32) -> bool {
        let model = &self.world.server.model;
        self.typed.get(&id).is_some_and(|refused| model.is_denied || model.refused > *refused)
    }
}

fn run(seed: u64) {
    let mut schedule = Schedule::new(seed);
    let actions = 20 + schedule.chance.below(200);
    for _ in 0..actions {
        schedule.act();
    }
    schedule.finish();
}

#[test]
fn in_no_schedule_does_a_call_hang_or_end_twice() {
    run_schedules(5, run);
}
