//! Random schedules of calls, answers, time and accidents, against a model of the server. Sessions with one database,
//! whose types change, share what they have found out about them.
//!
//! `CORNAC_SCHEDULES` says how many, `CORNAC_SEED` with which seed to begin.

mod calls;
mod checks;
mod look_ups;
mod reading;
mod supplies;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use cornac_wire::{engine::Undelivered, failure::Cause, query::Query, types::TypeMap};

use calls::Portal;
use supplies::{Adding, Load, Pour};

use crate::support::{
    answers::notification,
    chance::Chance,
    lab::{Lab, options, query},
    model::{Model, types::Database},
    reader::Told,
    schedules::run_schedules,
};

/// What a call is to end with.
struct Asked {
    verb: &'static str,
    /// How many rows; for a part of a portal the most.
    rows: usize,
    seen: usize,
    /// What each of its rows says: the number of the call that the argument is of.
    says: u32,
    /// Its rows are of types of the database.
    has_types: bool,
    /// Questions for types that the server had refused before, and changes of types.
    refused: u32,
    changes: u32,
}

/// A cancel connection: when the request arrives, and when the server closes it.
struct Cancelling {
    arrives: Option<Instant>,
    closes: Instant,
}

impl Asked {
    fn returns_rows(&self) -> bool {
        matches!(self.verb, "select" | "insert")
    }

    /// It is about a portal, and not counted by the server.
    fn is_part(&self) -> bool {
        matches!(self.verb, "open" | "read" | "close")
    }
}

/// One session.
struct Schedule {
    chance: Chance,
    lab: Lab,
    model: Model,
    database: Database,
    queries: HashMap<String, Arc<Query>>,
    asked: BTreeMap<u32, Asked>,
    given_up: BTreeSet<u32>,
    loads: BTreeMap<u32, Load>,
    pours: BTreeMap<u32, Pour>,
    /// Calls that were made in the place of a reservation.
    guests: HashMap<u32, u32>,
    addings: BTreeMap<u32, Adding>,
    ended: BTreeMap<u32, Told>,
    cancelling: Option<Cancelling>,
    portals: Vec<Portal>,
    openings: BTreeSet<u32>,
    next: u32,
    closing: bool,
    /// Statements went stale, so that calls are run again.
    went_stale: bool,
    /// A pooler in transaction mode is between. Whether the engine may learn that.
    pooled: bool,
    learns: bool,
    /// The socket takes nothing any more: by silence, by an error.
    deaf: bool,
    /// Notifications that were sent and not read.
    floods: usize,
    broken: bool,
}

impl Schedule {
    fn new(mut chance: Chance, database: &Database, map: &Arc<TypeMap>) -> Self {
        let mut options = options(*chance.pick(&[0, 1, 3, 100]));
        options.learns_poolers = chance.one_in(2);
        let pooled = chance.one_in(4);
        let mut model = Model::new(chance.clone(), database.clone());
        if pooled {
            model.pool();
        }
        let mut lab = Lab::with(options);
        lab.engine.share_types(map.clone());
        Self {
            lab,
            model,
            database: database.clone(),
            chance,
            queries: HashMap::new(),
            asked: BTreeMap::new(),
            given_up: BTreeSet::new(),
            loads: BTreeMap::new(),
            pours: BTreeMap::new(),
            guests: HashMap::new(),
            addings: BTreeMap::new(),
            ended: BTreeMap::new(),
            cancelling: None,
            portals: Vec::new(),
            openings: BTreeSet::new(),
            next: 1,
            closing: false,
            went_stale: false,
            pooled,
            learns: options.learns_poolers,
            deaf: false,
            floods: 0,
            broken: false,
        }
    }

    fn query(&mut self, sql: String) -> Arc<Query> {
        self.queries.entry(sql).or_insert_with_key(|sql| query(sql)).clone()
    }

    fn act(&mut self) {
        match self.chance.below(71) {
            0..8 => self.submit(),
            8..18 => self.transfer(self.chance.clone().one_in(2)),
            18..30 => self.model.step(self.lab.now),
            30..42 => self.deliver(self.chance.clone().one_in(2)),
            42..50 => self.pass_time(),
            50..54 => self.give_up(),
            54 if self.chance.one_in(12) => {
                self.closing = true;
                self.lab.engine.close();
            }
            55 if self.chance.one_in(3) => {
                self.went_stale = true;
                match self.chance.below(3) {
                    0 => self.model.deallocate(),
                    1 => self.model.alter(),
                    _ => self.model.retype(),
                }
            }
            56 => self.lab.engine.drop_statements(),
            57 if self.chance.one_in(30) => {
                let words = self.chance.one_in(2);
                self.model.die(words);
            }
            58 if self.chance.one_in(60) => self.lab.engine.end(Cause::Closed),
            59 if self.chance.one_in(60) => self.deaf = true,
            60 if self.chance.one_in(60) => {
                self.broken = true;
                self.lab.engine.write_failed("broken pipe".to_owned(), Some(32), self.lab.now);
            }
            61 | 62 => self.load(),
            63 => self.add(),
            64 if self.chance.one_in(4) => self.lab.is_paused = self.chance.one_in(2),
            65 if self.chance.one_in(12) => self.flood(),
            66 | 67 => self.take(false),
            68 => self.release(false),
            69 if self.chance.one_in(3) => self.change_types(),
            _ => self.take_cancel(),
        }
    }

    /// News come, more than may wait for a program that does not read.
    fn flood(&mut self) {
        let payload = "x".repeat(300_000);
        for _ in 0..9 {
            self.model.output.extend(notification(1, "flood", &payload));
            self.floods += 1;
        }
    }

    /// Some of what the engine wrote reaches the server.
    fn transfer(&mut self, whole: bool) {
        self.lab.engine.pump(self.lab.now);
        let holding = self.lab.engine.is_holding();
        let output = self.lab.engine.output();
        assert!(!holding || output.is_empty(), "bytes are offered while a cancel connection is open");
        if output.is_empty() || self.deaf {
            return;
        }
        let length = if whole { output.len() } else { self.chance.below(output.len()) + 1 };
        self.model.hear(&output[..length]);
        self.lab.engine.written(length, self.lab.now);
    }

    /// Some of what the server said reaches the engine.
    fn deliver(&mut self, whole: bool) {
        if self.lab.untaken() > 0 {
            // What was held back comes first.
            self.lab.receive();
            self.read();
        }
        if !self.lab.engine.wants_input() {
            return;
        }
        let waiting = self.model.output.len();
        if waiting > 0 {
            let length = if whole { waiting } else { self.chance.below(waiting) + 1 };
            let bytes: Vec<u8> = self.model.output.drain(..length).collect();
            self.lab.hear_bytes(&bytes);
        } else if self.model.gone {
            self.lab.engine.receive_end();
        }
        self.read();
    }

    fn pass_time(&mut self) {
        self.lab.wait(*self.chance.clone().pick(&[0, 1, 10, 50, 100]));
        self.chance.word();
        self.cancel_moves();
        self.read();
    }

    fn give_up(&mut self) {
        if self.next == 1 {
            return;
        }
        let id = 1 + u32::try_from(self.chance.below(usize::try_from(self.next - 1).unwrap())).unwrap();
        // JavaScript gives up what it has not seen the end of.
        if !self.ended.contains_key(&id) && !self.openings.contains(&id) && self.given_up.insert(id) {
            self.lab.abandon(id);
        }
    }

    fn take_cancel(&mut self) {
        self.read();
        if !self.lab.wants_cancel() {
            return;
        }
        assert!(self.cancelling.is_none(), "two cancel connections at once");
        let runs = |(id, asked): &(&u32, &Asked)| asked.verb != "reserve" && !self.ended.contains_key(*id);
        let mut running: Vec<u32> = self.asked.iter().filter(runs).map(|(id, _)| *id).collect();
        running.sort_by_key(|id| self.place_of(*id));
        // The rows of a call may wait for their types while those behind it run; what opens a transaction has its turn
        // together with the call under its Sync.
        let is_first = |id: &u32| !self.asked[id].has_types && !self.openings.contains(id);
        let first = running.iter().position(is_first).unwrap_or(running.len());
        running.truncate(first + 1);
        let is_given_up = running.iter().any(|id| self.given_up.contains(id));
        let wanted = is_given_up || self.closing || self.went_stale || self.pooled;
        assert!(wanted, "one of the calls {running:?} is to be cancelled, which nobody has given up");
        let arrives = self.lab.now + Duration::from_millis(self.chance.word() % 40);
        let closes = arrives + Duration::from_millis(self.chance.word() % 40);
        self.cancelling = Some(Cancelling { arrives: Some(arrives), closes });
    }

    fn cancel_moves(&mut self) {
        let now = self.lab.now;
        let Some(cancelling) = &mut self.cancelling else { return };
        if cancelling.arrives.take_if(|at| *at <= now).is_some() {
            self.model.cancel();
        }
        if cancelling.closes <= now {
            self.cancelling = None;
            let undelivered = |is_under_way| Err(Undelivered { reason: "refused".to_owned(), is_under_way });
            let result = match self.chance.below(50) {
                0 => undelivered(true),
                1..4 => undelivered(false),
                _ => Ok(()),
            };
            self.lab.engine.cancel_closed(result, now);
        }
    }

    /// Until every call has ended.
    fn drain(&mut self) {
        if self.deaf && self.chance.one_in(2) {
            self.lab.engine.end(Cause::Closed);
        }
        self.deaf = false;
        self.lab.is_paused = false;
        self.read();
        for round in 0.. {
            self.transfer(true);
            self.take_cancel();
            self.load();
            self.add();
            self.take(true);
            self.release(true);
            self.model.step(self.lab.now);
            self.deliver(true);
            let quiet = self.lab.engine.is_quiet() && self.cancelling.is_none();
            if self.lab.engine.is_ended() || (quiet && self.model.is_quiet()) {
                break;
            }
            self.lab.wait(if round % 4 == 3 { 10 } else { 0 });
            self.cancel_moves();
            assert!(round < 20_000, "calls hang");
        }
    }

    fn finish(mut self) {
        self.drain();
        if self.broken {
            self.lab.wait(1_000);
            assert!(self.lab.engine.is_ended(), "a session outlives its socket");
        }
        if !self.lab.engine.is_ended() {
            assert_eq!(self.ended.len(), self.asked.len(), "a quiet session has calls without an end");
            self.lab.receive();
            self.read();
            assert_eq!(self.floods, 0, "notifications were lost");
            self.meet_types();
        }
        if !self.lab.engine.is_ended() {
            self.lab.engine.close();
            self.transfer(true);
            // In front of it the CopyFail of a COPY may lie that has failed meanwhile.
            while !self.model.is_quiet() && !self.model.gone {
                self.model.step(self.lab.now);
                self.deliver(true);
            }
            assert!(self.model.gone, "Terminate was not sent");
            self.lab.engine.receive_end();
        }
        self.read();
        assert_eq!(self.ended.len(), self.asked.len(), "an ended session has calls without an end");
        self.portals.iter().for_each(|portal| self.check_portal(portal));
        let mut first = BTreeSet::new();
        let order: Vec<u32> = self.model.asked.iter().copied().filter(|id| first.insert(*id)).collect();
        // A second try comes behind what was sent behind the first.
        let has_changed = self.went_stale || self.pooled || self.database.changes() > 0;
        let in_order = order.is_sorted_by_key(|id| self.place_of(*id)) || has_changed;
        assert!(in_order, "calls ran out of order: {order:?}");
        drop(self.lab.engine);
    }
}

fn run(seed: u64) {
    let mut chance = Chance::new(seed);
    let (database, map) = (Database::default(), Arc::<TypeMap>::default());
    let count = *chance.pick(&[1, 1, 2, 3]);
    let mut sessions: Vec<Schedule> =
        (0..count).map(|_| Schedule::new(Chance::new(chance.word()), &database, &map)).collect();
    for _ in 0..count * (20 + chance.below(120)) {
        let place = chance.below(count);
        sessions[place].act();
    }
    sessions.into_iter().for_each(Schedule::finish);
}

#[test]
fn no_schedule_loses_an_answer_or_gives_it_to_another_call() {
    run_schedules(10, run);
}
