//! Random schedules of calls, answers, time and accidents, against a model of the server.
//!
//! `CORNAC_SCHEDULES` says how many, `CORNAC_SEED` with which seed to begin. A failure names the seed of its
//! schedule.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use cornac_wire::{
    engine::{Ask, Request, SetsEnd, Sink, Undelivered},
    failure::Cause,
    query::Query,
    record::Class,
};

use crate::support::{
    answers::notification,
    arguments,
    chance::Chance,
    lab::{Lab, fetch, options, query, script},
    model::Model,
    reader::Told,
};

/// What a call is to end with.
struct Asked {
    verb: &'static str,
    /// Of a part of a portal: as many at the most.
    rows: usize,
    seen: usize,
    /// What each of its rows says: the number of the call that the argument is of.
    says: u32,
}

/// A portal that was asked for, whatever has become of it.
struct Portal {
    number: u32,
    query: Arc<Query>,
    opener: u32,
    rows: usize,
    /// The calls that read it, in their order.
    parts: Vec<u32>,
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

/// The data of a COPY into the server.
#[derive(Default)]
struct Load {
    sent: Vec<u8>,
    /// Bytes that the socket has not taken.
    waiting: usize,
    /// The server has asked for it.
    is_asked: bool,
    is_over: bool,
}

/// The argument sets of a call for many.
#[derive(Default)]
struct Adding {
    sets: usize,
    /// One of them cannot be sent.
    is_refused: bool,
    end: Option<SetsEnd>,
}

/// What a call fails with whose source has failed.
const SETS_FAILED: &str = "the argument sets could not be had to their end";

struct Schedule {
    chance: Chance,
    lab: Lab,
    model: Model,
    queries: HashMap<String, Arc<Query>>,
    asked: BTreeMap<u32, Asked>,
    given_up: BTreeSet<u32>,
    loads: BTreeMap<u32, Load>,
    addings: BTreeMap<u32, Adding>,
    ended: BTreeMap<u32, Told>,
    cancelling: Option<Cancelling>,
    portals: Vec<Portal>,
    openings: BTreeSet<u32>,
    next: u32,
    closing: bool,
    /// Statements went stale, so that calls are run again.
    stale: bool,
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
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut options = options(*chance.pick(&[0, 1, 3, 100]));
        options.learns_poolers = chance.one_in(2);
        let pooled = chance.one_in(4);
        let mut model = Model::new(chance.clone());
        if pooled {
            model.pool();
        }
        Self {
            lab: Lab::with(options),
            model,
            chance,
            queries: HashMap::new(),
            asked: BTreeMap::new(),
            given_up: BTreeSet::new(),
            loads: BTreeMap::new(),
            addings: BTreeMap::new(),
            ended: BTreeMap::new(),
            cancelling: None,
            portals: Vec::new(),
            openings: BTreeSet::new(),
            next: 1,
            closing: false,
            stale: false,
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

    fn submit(&mut self) {
        let id = self.next;
        self.next += 1;
        // Portals are open in transactions only.
        match self.chance.below(6) {
            0 | 1 => {
                let request = self.part(id);
                return self.send(request);
            }
            2 if self.chance.one_in(2) => {
                return self.begin(id);
            }
            _ => {}
        }
        let rows = *self.chance.pick(&[0, 1, 1, 2]);
        let ms = *self.chance.pick(&[0, 0, 0, 5, 150, 400]);
        let kind = self.chance.below(24);
        let (verb, sql) = match kind {
            0 => ("begin", format!("begin #{id}")),
            1 => ("commit", format!("commit #{id}")),
            2 => ("fail", format!("fail #{id} {rows}")),
            3 => ("late", format!("late #{id}")),
            4 => ("wrong", format!("wrong #{id}")),
            5 => ("call", format!("call #{id} {ms}")),
            6 => ("copy", format!("copy #{id} out {ms}")),
            7 => ("copy in", format!("copy #{id} in")),
            14 | 15 => ("load", format!("copy #{id} in")),
            8 if self.chance.one_in(80) => ("select", format!("select 13000 {ms}")),
            9 => ("refuse", format!("refuse #{id}")),
            16..18 => ("add", format!("add {}", ms / 10)),
            10..14 => ("insert", format!("insert {rows} {ms}")),
            _ => ("select", format!("select {rows} {ms}")),
        };
        let rows = if sql.starts_with("select 13000") { 13_000 } else { rows };
        let takes_argument = matches!(verb, "select" | "insert" | "refuse");
        let request = if verb == "load" {
            self.loads.insert(id, Load::default());
            let ask = Ask::CopyIn;
            Request { ask, sink: Sink::Dropped, ..fetch(id, &self.query(sql), &[]) }
        } else if verb == "add" {
            self.addings.insert(id, Adding::default());
            Request { ask: Ask::Many, sink: Sink::Dropped, tag: false, ..fetch(id, &self.query(sql), &[]) }
        } else if !takes_argument && self.chance.one_in(3) {
            script(id, &sql)
        } else {
            let query = self.query(sql);
            let arguments = match takes_argument {
                // More than is composed at once.
                true if self.chance.one_in(200) => {
                    vec![arguments::text(&format!("{id} {}", "x".repeat(300_000)))]
                }
                true => vec![arguments::int(id.cast_signed())],
                false => Vec::new(),
            };
            fetch(id, &query, &arguments)
        };
        self.asked.insert(id, Asked { verb, rows, seen: 0, says: id });
        self.send(request);
    }

    /// Begins a transaction; often it goes out with a portal in it.
    fn begin(&mut self, id: u32) {
        self.asked.insert(id, Asked { verb: "begin", rows: 0, seen: 0, says: id });
        let sql = format!("begin #{id}");
        if self.chance.one_in(2) {
            return self.send(script(id, &sql));
        }
        let query = self.query(sql);
        // It is never given up.
        self.lab.submit(Request { ask: Ask::Opening { number: id }, ..fetch(id, &query, &[]) });
        self.openings.insert(id);
        let inside = self.next;
        self.next += 1;
        let request = self.part(inside);
        self.send(Request { within: id, ..request });
    }

    /// Opens a portal, or reads or closes one that was opened before and may be gone.
    fn part(&mut self, id: u32) -> Request {
        let limit = *self.chance.pick(&[0, 1, 1, 2, 5]);
        let known = self.portals.len();
        if known == 0 || self.chance.one_in(3) {
            let rows = *self.chance.pick(&[0, 1, 2, 3]);
            let verb = *self.chance.pick(&["select", "insert"]);
            let query = self.query(format!("{verb} {rows} {}", self.chance.clone().pick(&[0, 0, 5, 150])));
            let portal = u32::try_from(known).unwrap() + 1;
            let parts = if limit > 0 { vec![id] } else { Vec::new() };
            self.portals.push(Portal { number: portal, query: query.clone(), opener: id, rows, parts });
            self.asked.insert(id, Asked { verb: "open", rows: rows.min(limit), seen: 0, says: id });
            let ask = Ask::Open { portal, rows: u32::try_from(limit).unwrap() };
            return Request { ask, ..fetch(id, &query, &[arguments::int(id.cast_signed())]) };
        }
        // The newest are those that may be open.
        let place = known - 1 - self.chance.below(known.min(3));
        let portal = &mut self.portals[place];
        let number = portal.number;
        let (ask, verb, rows) = if self.chance.one_in(5) {
            (Ask::ClosePortal { portal: number }, "close", 0)
        } else {
            portal.parts.push(id);
            let rows = limit.max(1);
            (Ask::Fetch { portal: number, rows: u32::try_from(rows).unwrap() }, "read", rows)
        };
        self.asked.insert(id, Asked { verb, rows, seen: 0, says: portal.opener });
        Request { ask, ..fetch(id, &portal.query.clone(), &[]) }
    }

    fn send(&mut self, mut request: Request) {
        request.has_signal = self.chance.one_in(3);
        request.timed = self.chance.one_in(3).then_some(self.lab.now);
        if self.chance.one_in(8) {
            request =
                Request { deadline: self.lab.deadline(*self.chance.pick(&[1, 20, 120, 300])), ..request };
        }
        self.lab.submit(request);
    }

    fn act(&mut self) {
        match self.chance.below(66) {
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
                self.stale = true;
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

    /// More data for each COPY that wants some, or its end.
    fn load(&mut self) {
        for (id, load) in &mut self.loads {
            if !load.is_asked || load.is_over || self.ended.contains_key(id) {
                continue;
            }
            match self.chance.below(8) {
                0 => {
                    load.is_over = true;
                    self.lab.engine.copy_in_failed(*id, "the source has failed");
                }
                1 | 2 => {
                    load.is_over = true;
                    self.lab.engine.copy_in_done(*id);
                }
                _ => {
                    let data = vec![self.chance.word().to_le_bytes()[0]; self.chance.below(2_000)];
                    self.lab.engine.copy_in_data(*id, &data);
                    load.waiting += data.len();
                    load.sent.extend(data);
                }
            }
        }
    }

    /// More sets for each call for many, or their end. Some come when it has ended already.
    fn add(&mut self) {
        for (id, adding) in &mut self.addings {
            if adding.end.is_some() {
                continue;
            }
            let end = match self.chance.below(8) {
                0 => SetsEnd::Failed,
                1..4 => SetsEnd::Complete,
                _ => SetsEnd::Open,
            };
            let count = if end == SetsEnd::Failed { 0 } else { self.chance.below(4) };
            let mut sets = vec![vec![arguments::int(id.cast_signed())]; count];
            if count > 0 && self.chance.one_in(20) {
                adding.is_refused = true;
                sets[count - 1] = vec![arguments::refused("undefined")];
            }
            adding.sets += count;
            adding.end = (end != SetsEnd::Open).then_some(end);
            self.lab.engine.sets(*id, arguments::sets(&sets), end, self.lab.now);
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
        let running = self.asked.keys().find(|id| !self.ended.contains_key(id)).unwrap();
        let wanted = self.given_up.contains(running) || self.closing || self.stale || self.pooled;
        assert!(wanted, "call {running} is to be cancelled, which nobody has given up");
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

    fn read(&mut self) {
        for told in self.lab.records() {
            if matches!(&told, Told::Notification { channel, .. } if channel == "flood") {
                self.floods -= 1;
            }
            if let Told::Rows { request, rows, .. } = &told {
                let asked = self.asked.get_mut(request).unwrap();
                asked.seen += rows.len();
                for row in rows {
                    assert_eq!(row[0], format!("n={}", asked.says), "an answer went to the wrong call");
                }
            }
            if let Told::Failed { request, last: false, .. } = &told {
                self.given_up.insert(*request);
            }
            if let Told::Room { request, bytes } = &told {
                let load = self.loads.get_mut(request).unwrap();
                load.is_asked = true;
                load.waiting -= usize::try_from(*bytes).unwrap();
            }
            if let Some(id) = told.ends() {
                self.check(id, &told);
                assert!(self.ended.insert(id, told).is_none(), "call {id} ended twice");
            }
        }
    }

    /// Whether a call's end agrees with what the server knows of it.
    fn check(&self, id: u32, told: &Told) {
        let asked = &self.asked[&id];
        let ran = self.model.ran.get(&id).copied().unwrap_or(0);
        assert!(ran <= 1, "call {id} ran {ran} times");
        let added = self.model.added.get(&id).copied().unwrap_or(0);
        if let (Some(adding), Told::Failed { status, .. }) = (self.addings.get(&id), told) {
            // Outside of a transaction nothing stays, unless the answer was lost.
            let is_lost = told.field('x') == "1" || told.field('C') == "57P01";
            assert!(added == 0 || *status != b'I' || is_lost, "of call {id} something stays");
            let message = told.field('M');
            if adding.is_refused && message.starts_with("invalid input for query argument $1 in element #")
                || adding.end == Some(SetsEnd::Failed) && message == SETS_FAILED
            {
                return;
            }
        }
        match told {
            Told::Rows { .. } if self.addings.contains_key(&id) => {
                let adding = &self.addings[&id];
                assert_eq!(adding.end, Some(SetsEnd::Complete));
                assert_eq!(added, adding.sets, "of call {id} not everything was taken in");
            }
            Told::Rows { tag, .. } if asked.is_part() => {
                assert!(asked.seen <= asked.rows, "call {id} has more rows than it asked for");
                assert!(tag.is_empty() || *tag == format!("RAN {}", asked.says));
            }
            Told::Rows { tag, .. } => {
                assert_eq!(ran, 1, "call {id} ended well but did not run");
                assert_eq!(*tag, format!("RAN {id}"));
                if let Some(load) = self.loads.get(&id) {
                    assert!(load.sent == self.model.copied[&id], "the server has other data");
                }
                assert_eq!(asked.seen, if asked.returns_rows() { asked.rows } else { 0 });
            }
            Told::Failed { class, status, .. } if *class == Class::Server as u32 => {
                let code = told.field('C');
                let may_learn = self.learns && !self.closing && !self.lab.engine.is_ended();
                let fitting = match code {
                    "22012" => asked.verb == "fail",
                    "23503" => asked.verb == "late",
                    "42601" => asked.verb == "wrong",
                    "42P01" => asked.verb == "refuse",
                    // Learnt, and run again where no transaction was begun meanwhile.
                    // Or not all sets of the call were there any more.
                    "26000" => {
                        self.pooled && (*status != b'I' || !may_learn || asked.verb == "add") || self.stale
                    }
                    "22P02" | "42883" => self.stale,
                    "57014" => {
                        asked.verb == "load"
                            || self.closing
                            || told.field('H').contains("another call's cancel")
                    }
                    "0A000" => self.stale,
                    // Outside of a transaction, or behind the end of the one that it was opened in.
                    "25P01" => asked.verb == "open",
                    "34000" => asked.verb == "read",
                    "25P02" | "57P01" => true,
                    _ => false,
                };
                assert!(fitting, "call {id} ({}) ended with {code}", asked.verb);
                assert!(ran == 0 || code == "57P01", "call {id} ran and ended with {code}");
            }
            Told::Failed { class, .. } if *class == Class::Interface as u32 => {
                // Whatever follows an opening goes out with it.
                let is_inside = self.openings.range(..id).next().is_some()
                    && told.field('M').starts_with("the transaction could not be");
                let is_fitting =
                    is_inside || asked.verb.starts_with("copy") || told.field('M') == "connection is closing";
                assert!(is_fitting, "call {id} ({}) ended with {told:?}", asked.verb);
                // COPY TO STDOUT has run, and its data is of no use to a call for rows.
                assert!(ran == 0 || asked.verb == "copy");
            }
            Told::Failed { class, .. } if *class == Class::Lost as u32 => {
                assert!(ran == 0 || told.field('x') == "1", "call {id} ran, and is said not to have");
            }
            Told::Done { .. } => assert!(self.given_up.contains(&id), "call {id} has no answer"),
            other => panic!("call {id} ended with {other:?}"),
        }
    }

    /// The parts of a portal are its rows, each once, in the order of the calls.
    fn check_portal(&self, portal: &Portal) {
        let well = |id: &u32| matches!(self.ended[id], Told::Rows { .. });
        let seen: usize = portal.parts.iter().map(|id| self.asked[id].seen).sum();
        assert!(seen <= portal.rows, "portal {} gave {seen} rows of {}", portal.number, portal.rows);
        if !well(&portal.opener) {
            let none = portal.parts.iter().all(|id| self.asked[id].seen == 0);
            assert!(none || self.given_up.contains(&portal.opener), "a portal that is not open gave rows");
        }
        // As long as each call has ended well, nothing was left out.
        let mut left = portal.rows;
        for id in portal.parts.iter().take_while(|id| well(id)) {
            let Told::Rows { tag, .. } = &self.ended[id] else { continue };
            let limit = self.asked[id].rows.max(1);
            let Asked { seen, verb, .. } = self.asked[id];
            assert_eq!(seen, left.min(if verb == "open" { self.asked[id].rows } else { limit }));
            left -= seen;
            assert!(tag.is_empty() || left == 0, "a portal has ended early");
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
        let in_order = order.is_sorted() || self.stale || self.pooled;
        assert!(in_order, "calls ran out of order: {order:?}");
        drop(self.lab.engine);
    }
}

fn run(seed: u64) {
    let mut schedule = Schedule::new(seed);
    let actions = 20 + schedule.chance.below(120);
    for _ in 0..actions {
        schedule.act();
    }
    schedule.finish();
}

#[test]
fn no_schedule_loses_an_answer_or_gives_it_to_another_call() {
    let from = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (seed, count) = (from("CORNAC_SEED").unwrap_or(0), from("CORNAC_SCHEDULES"));
    let started = Instant::now();
    let mut done = 0;
    for seed in seed..seed + count.unwrap_or(100_000) {
        if count.is_none() && started.elapsed() > Duration::from_secs(10) {
            break;
        }
        if let Err(panic) = std::panic::catch_unwind(|| run(seed)) {
            let reason = panic.downcast_ref::<String>().map_or("see above", String::as_str);
            panic!("schedule {seed}: {reason}");
        }
        done += 1;
    }
    assert!(done > 0);
}
