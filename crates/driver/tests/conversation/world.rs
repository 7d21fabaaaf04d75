//! A conversation, its carrier and everything around it, in virtual time.

mod calls;
mod reading;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use cornac_driver::session::{Command, Conversation, Next};
use cornac_wire::{
    deadline::Deadline,
    description::TransactionStatus,
    engine::{Options, Records, Request, Undelivered},
    query::Query,
    types::TypeMap,
};

use crate::{
    copies::Copies,
    link::{End, Link},
    server::Server,
    support::{
        chance::Chance,
        lab::{Queue, options, shapes},
        reader::{Reader, Told},
    },
};

/// A cancel connection: when the request arrives, and when the server closes it.
struct Cancelling {
    arrives: Option<Instant>,
    closes: Instant,
    result: Result<(), Undelivered>,
}

pub(crate) struct World {
    conversation: Conversation<Link>,
    /// What is known of types, by this session and others.
    pub(crate) map: Arc<TypeMap>,
    pub(crate) link: Link,
    pub(crate) server: Server,
    pub(crate) now: Instant,
    pub(crate) next: Next,
    wants_cancel: bool,
    cancelling: Option<Cancelling>,
    /// A command came, or something that the conversation cannot see.
    woken: bool,
    /// The last answer that a thread could read in the carrier's stead was read so; the next one is not.
    was_lent: bool,
    queries: HashMap<String, Arc<Query>>,
    queue: Queue,
    /// JavaScript reads nothing for the time being.
    pub(crate) is_paused: bool,
    /// Bytes of records that nobody asked for: that JavaScript has not read, and that it has read since it was asked.
    pub(crate) unread: usize,
    read: usize,
    reader: Reader,
    /// How every call and every `close()` ended.
    pub(crate) ends: BTreeMap<u32, Told>,
    /// What is told of the end of the session.
    pub(crate) end: Option<Told>,
    /// Rows of every call.
    pub(crate) rows: BTreeMap<u32, usize>,
    /// The calls that have rows in which a value is read as its text, since its type is not known.
    pub(crate) texts: BTreeSet<u32>,
    /// The calls that read a portal, and the ones that opened it: whose number its rows have.
    openers: BTreeMap<u32, u32>,
    /// What notifications said.
    pub(crate) notifications: Vec<String>,
    /// Bytes of data of COPY.
    pub(crate) data: usize,
    pub(crate) copies: Copies,
    /// By what chance its sources and consumers go on by themselves.
    pub(crate) copying: Option<Chance>,
    pub(crate) started: Instant,
}

impl World {
    pub(crate) fn plain(cache: usize, chance: Chance) -> Self {
        Self::new(cache, Server::plain(chance), None)
    }

    pub(crate) fn encrypted(cache: usize, chance: Chance) -> Self {
        let (server, client) = Server::encrypted(chance);
        Self::new(cache, server, Some(client))
    }

    fn new(cache: usize, server: Server, tls: Option<Box<rustls::ClientConnection>>) -> Self {
        let (link, queue) = (Link::default(), Queue::default());
        let (options, shapes) = (Options { message_limit: 8 << 20, ..options(cache) }, shapes(&queue));
        let status = TransactionStatus::Idle;
        let leftover = BytesMut::new();
        let mut conversation = Conversation::new(1, options, shapes, status, link.clone(), tls, leftover);
        let map = Arc::<TypeMap>::default();
        conversation.share_types(Arc::clone(&map));
        let now = Instant::now();
        Self {
            conversation,
            map,
            link,
            server,
            now,
            next: Next::Step,
            wants_cancel: false,
            cancelling: None,
            woken: false,
            was_lent: false,
            queries: HashMap::new(),
            queue,
            is_paused: false,
            unread: 0,
            read: 0,
            reader: Reader::default(),
            ends: BTreeMap::new(),
            end: None,
            rows: BTreeMap::new(),
            texts: BTreeSet::new(),
            openers: BTreeMap::new(),
            notifications: Vec::new(),
            data: 0,
            copies: Copies::default(),
            copying: None,
            started: now,
        }
    }

    pub(crate) fn command(&mut self, command: Command) {
        self.conversation.command(command, self.now);
        self.woken = true;
    }

    /// As a thread does that sends a call alone: a conversation that can takes and writes it here and now.
    pub(crate) fn send(&mut self, call: Request) {
        self.send_alone(Command::Call(call));
    }

    fn send_alone(&mut self, command: Command) {
        if !self.takes_now(&command) {
            return self.command(command);
        }
        self.woken |= self.send_now(command, self.timer());
    }

    pub(crate) fn is_parting(&self) -> bool {
        self.conversation.is_parting()
    }

    pub(crate) fn takes_now(&self, command: &Command) -> bool {
        self.conversation.takes_now(command)
    }

    /// The same, of a command that is taken, with a carrier that steps by itself at this time. Gives whether it is to be woken.
    pub(crate) fn send_now(&mut self, command: Command, timer: Option<Instant>) -> bool {
        let queue = Arc::clone(&self.queue);
        let hand_on = |records: Records| queue.lock().unwrap().extend(records.bytes);
        let wakes = self.conversation.send(command, self.now, timer, hand_on);
        if !self.is_paused {
            self.read_records();
        }
        wakes
    }

    pub(crate) fn submit_echo(&mut self, id: u32, rows: u32, ms: u32) {
        let request = self.echo(id, rows, ms);
        self.command(Command::Call(request));
    }

    pub(crate) fn close(&mut self, request: u32, limit_ms: Option<u32>) {
        let deadline = limit_ms.map(|limit| Deadline::after(self.now, limit));
        self.send_alone(Command::Close { request, deadline });
    }

    /// Those that JavaScript was told of, and that it may not forget.
    pub(crate) fn shapes(&self) -> usize {
        self.reader.shapes()
    }

    pub(crate) fn pending(&self) -> usize {
        self.conversation.engine().pending()
    }

    /// Bytes that are composed and not written.
    pub(crate) fn unwritten(&self) -> usize {
        self.conversation.engine().output().len()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.next == Next::Ended
    }

    /// Whether what the conversation waits for has happened.
    pub(crate) fn is_due(&self) -> bool {
        let wires = self.link.wires();
        self.woken
            || match self.next {
                Next::Step => true,
                Next::Ended => false,
                Next::Wait { readable, writable, until } => {
                    (if readable { wires.is_readable() } else { self.read > 0 })
                        || writable && wires.is_writable()
                        || until.is_some_and(|until| until <= self.now)
                }
            }
    }

    /// Steps as long as there is a reason to, as every carrier does.
    pub(crate) fn carry(&mut self) {
        let mut in_vain = 0;
        while !self.has_ended() && self.is_due() {
            let before = (self.link.wires().moves, self.next, self.ends.len());
            let woken = self.woken;
            self.step();
            let has_moved = woken || before != (self.link.wires().moves, self.next, self.ends.len());
            in_vain = if has_moved { 0 } else { in_vain + 1 };
            assert!(in_vain < 4, "it steps in vain: {:?}", self.next);
        }
    }

    pub(crate) fn step(&mut self) {
        if self.has_ended() {
            return;
        }
        if self.read_answer() {
            return;
        }
        self.woken = false;
        if self.read > 0 {
            let read = std::mem::take(&mut self.read);
            self.conversation.command(Command::UnaskedRead(read), self.now);
        }
        let queue = Arc::clone(&self.queue);
        let mut unasked = 0;
        let step = self.conversation.step(self.now, |records| {
            queue.lock().unwrap().extend(records.bytes);
            unasked += records.unasked;
        });
        self.unread += unasked;
        self.next = step.next;
        self.wants_cancel = step.wants_cancel;
        if !self.is_paused {
            self.read_records();
        }
    }

    /// When the carrier steps by itself.
    fn timer(&self) -> Option<Instant> {
        match self.next {
            Next::Wait { until, .. } => until,
            Next::Step | Next::Ended => None,
        }
    }

    /// As a thread does that watches a session at rest, every other time that there is one. Gives whether it did.
    fn read_answer(&mut self) -> bool {
        let is_at_rest = matches!(self.next, Next::Wait { readable: true, writable: false, .. });
        if self.woken || !is_at_rest || !self.link.wires().is_readable() {
            return false;
        }
        self.was_lent = !self.was_lent;
        if !self.was_lent {
            return false;
        }
        self.woken = self.read_now();
        true
    }

    /// Reads in the carrier's stead. Gives whether that is to be woken.
    pub(crate) fn read_now(&mut self) -> bool {
        let queue = Arc::clone(&self.queue);
        let mut unasked = 0;
        let wakes = self.conversation.read_answer(self.now, self.timer(), |records| {
            queue.lock().unwrap().extend(records.bytes);
            unasked += records.unasked;
        });
        self.unread += unasked;
        if !self.is_paused {
            self.read_records();
        }
        wakes
    }

    /// Sources and consumers of COPYs do something, or all that is left to do.
    pub(crate) fn copy_on(&mut self, chance: &mut Chance, all: bool) {
        for command in self.copies.go_on(chance, all) {
            self.command(command);
        }
    }

    fn copy_on_by_itself(&mut self) {
        if let Some(mut chance) = self.copying.take() {
            self.copy_on(&mut chance, true);
            self.copying = Some(chance);
        }
    }

    /// A cancel connection is opened, if one is wanted, and its request arrives after `ms` milliseconds.
    pub(crate) fn open_cancel(&mut self, ms: u64, result: Result<(), Undelivered>) {
        if self.cancelling.is_some() || !self.wants_cancel || !self.conversation.open_cancel(self.now) {
            return;
        }
        let arrives = self.now + Duration::from_millis(ms);
        let closes = arrives + Duration::from_millis(ms);
        let arrival = result.is_ok().then_some(arrives);
        self.cancelling = Some(Cancelling { arrives: arrival, closes, result });
        self.woken = true;
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        let Some(cancelling) = &mut self.cancelling else { return };
        if cancelling.arrives.take_if(|at| *at <= self.now).is_some() {
            self.server.model.cancel();
        }
        if cancelling.closes <= self.now
            && let Some(Cancelling { result, .. }) = self.cancelling.take()
        {
            self.command(Command::Cancelled(result));
        }
    }

    /// At most so many bytes go from the driver to the server.
    pub(crate) fn transfer(&mut self, most: usize) -> usize {
        let mut wires = self.link.wires();
        let count = wires.written.len().min(most);
        let bytes: Vec<u8> = wires.written.drain(..count).collect();
        drop(wires);
        self.server.hear(&bytes);
        count
    }

    /// At most so many bytes go from the server to the driver, or the end does.
    pub(crate) fn deliver(&mut self, most: usize) -> usize {
        self.server.speak();
        let count = self.server.sent.len().min(most);
        let mut wires = self.link.wires();
        wires.arrived.extend(self.server.sent.drain(..count));
        if self.server.model.gone && self.server.sent.is_empty() && wires.end.is_none() {
            wires.end = Some(End::Closed);
        }
        count
    }

    /// Everything goes on without accidents, `most` bytes at a time, until nothing is pending or the session is over.
    pub(crate) fn run(&mut self, most: usize) {
        for round in 0.. {
            self.link.wires().room = most;
            self.carry();
            self.copy_on_by_itself();
            self.open_cancel(1, Ok(()));
            let mut moved = self.transfer(most);
            self.server.step(self.now);
            moved += self.deliver(most);
            if self.has_ended() || (self.pending() == 0 && moved == 0 && self.is_quiet()) {
                return;
            }
            self.pass(u64::from(moved == 0));
            assert!(round < 400_000, "it hangs: {:?}, {:?}", self.next, self.ends);
        }
    }

    fn is_quiet(&self) -> bool {
        self.server.model.is_quiet() && self.cancelling.is_none() && !self.is_due()
    }

    /// Time passes until the session is over.
    pub(crate) fn wait_for_end(&mut self) -> Duration {
        let from = self.now;
        while !self.has_ended() {
            self.carry();
            self.copy_on_by_itself();
            self.open_cancel(1, Ok(()));
            self.transfer(usize::MAX);
            self.server.step(self.now);
            self.deliver(usize::MAX);
            self.pass(10);
            assert!(self.now - from < Duration::from_secs(30), "it does not end: {:?}", self.next);
        }
        self.now - from
    }
}
