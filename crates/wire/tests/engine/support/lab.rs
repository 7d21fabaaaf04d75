//! An engine on the bench: calls go in, bytes come out and go in, records are read.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use cornac_wire::{
    deadline::Deadline,
    description::TransactionStatus,
    engine::{Ask, Engine, Options, Records, Request, Sink},
    query::Query,
    shape::Shapes,
    statement::CacheLimits,
    type_options::TypeOptions,
};

use super::{
    reader::{Reader, Told},
    requests::{self, Words},
};

/// The version of PostgreSQL that is played.
pub(crate) const VERSION: u32 = 18;

pub(crate) const BUDGET: usize = 128 * 1024;

/// The completion queue of an environment.
pub(crate) type Queue = Arc<Mutex<Vec<u8>>>;

pub(crate) fn options(cache: usize) -> Options {
    Options {
        cache: CacheLimits { size: cache, lifetime: Duration::ZERO, characters: 0 },
        message_limit: 1 << 20,
        types: TypeOptions::default(),
        learns_poolers: false,
        major_version: VERSION,
    }
}

/// A registry of shapes that tells `queue` of them.
pub(crate) fn shapes(queue: &Queue) -> Arc<Shapes> {
    let queue = queue.clone();
    Arc::new(Shapes::new(Arc::new(move |record| queue.lock().unwrap().extend(record))))
}

pub(crate) fn query(sql: &str) -> Arc<Query> {
    Arc::new(Query::new(0, sql.to_owned()))
}

/// A request for rows.
pub(crate) fn fetch(id: u32, query: &Arc<Query>, arguments: &[Vec<u8>]) -> Request {
    Request {
        id,
        query: query.clone(),
        ask: Ask::Statement,
        sink: Sink::Cells { most: 0 },
        tag: true,
        arguments: Bytes::from(arguments.concat()),
        argument_count: u32::try_from(arguments.len()).unwrap(),
        deadline: None,
        has_signal: false,
        timed: None,
        within: 0,
        at: None,
        is_typed: false,
        is_plain: false,
        is_sent_anyway: false,
        comment: None,
    }
}

pub(crate) fn script(id: u32, sql: &str) -> Request {
    Request { ask: Ask::Script, sink: Sink::Dropped, ..fetch(id, &query(sql), &[]) }
}

pub(crate) struct Lab {
    pub(crate) engine: Engine,
    pub(crate) now: Instant,
    pub(crate) reader: Reader,
    pub(crate) words: Words,
    pub(crate) queue: Queue,
    /// JavaScript has not read what nobody asked for, so many bytes of records.
    pub(crate) unread: usize,
    /// It reads nothing for the time being.
    pub(crate) is_paused: bool,
    input: BytesMut,
    /// What was written to the server and not read there.
    wire: Vec<u8>,
}

impl Lab {
    pub(crate) fn new(cache: usize) -> Self {
        Self::with(options(cache))
    }

    pub(crate) fn with(options: Options) -> Self {
        let queue = Queue::default();
        let mut engine = Engine::new(1, options, shapes(&queue), TransactionStatus::Idle);
        engine.notices = true;
        Self {
            engine,
            now: Instant::now(),
            reader: Reader::default(),
            words: Words::default(),
            queue,
            unread: 0,
            is_paused: false,
            input: BytesMut::new(),
            wire: Vec::new(),
        }
    }

    pub(crate) fn submit(&mut self, request: Request) {
        self.engine.submit(request);
    }

    /// Runs a statement without arguments.
    pub(crate) fn fetch(&mut self, id: u32, sql: &Arc<Query>) {
        self.submit(fetch(id, sql, &[]));
    }

    /// Everything that may be written goes out; its messages in words.
    pub(crate) fn sent(&mut self) -> String {
        self.send(usize::MAX)
    }

    /// At most so many bytes go out; the messages that are complete now.
    pub(crate) fn send(&mut self, most: usize) -> String {
        self.engine.pump(self.now);
        let output = self.engine.output();
        let length = output.len().min(most);
        self.wire.extend_from_slice(&output[..length]);
        self.engine.written(length, self.now);
        let messages = requests::take(&mut self.wire);
        let words: Vec<String> = messages.iter().map(|message| self.words.of(message)).collect();
        words.join(", ")
    }

    /// Everything that may be written goes out, and is not looked at.
    pub(crate) fn sent_bytes(&mut self) {
        self.engine.pump(self.now);
        self.engine.written(self.engine.output().len(), self.now);
    }

    /// The server says this; what the records say then, without those of shapes.
    pub(crate) fn hear(&mut self, messages: &[Vec<u8>]) -> Vec<String> {
        self.hear_bytes(&messages.concat());
        self.told()
    }

    pub(crate) fn hear_bytes(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        self.receive();
    }

    /// The engine takes as much as it wants of what has arrived, and JavaScript reads meanwhile unless it is paused.
    pub(crate) fn receive(&mut self) {
        loop {
            let before = self.input.len();
            let more = self.engine.receive(&mut self.input, BUDGET, self.now);
            if !more && (self.input.is_empty() || self.input.len() == before) {
                break;
            }
            self.hand_on();
        }
        if self.input.is_empty() {
            // What a large message took.
            self.input = BytesMut::new();
        }
    }

    /// Bytes that have arrived and that the engine has not taken.
    pub(crate) fn untaken(&self) -> usize {
        self.input.len()
    }

    pub(crate) fn told(&mut self) -> Vec<String> {
        let told = self.records();
        let shapes = |told: &&Told| {
            !matches!(told, Told::Shape { .. } | Told::Released { .. } | Told::FieldForm { .. })
        };
        told.iter().filter(shapes).map(Told::words).collect()
    }

    pub(crate) fn records(&mut self) -> Vec<Told> {
        self.hand_on();
        let bytes = std::mem::take(&mut *self.queue.lock().unwrap());
        self.reader.read(&bytes)
    }

    /// As the driver does: the records first, then what they needed.
    fn hand_on(&mut self) {
        if let Some(Records { bytes, unasked }) = self.engine.take_records() {
            self.queue.lock().unwrap().extend(bytes);
            self.unread += unasked;
        }
        self.engine.records_handed_on();
        if !self.is_paused {
            self.catch_up(usize::MAX);
        }
    }

    /// JavaScript reads at most so many bytes of what nobody asked for.
    pub(crate) fn catch_up(&mut self, most: usize) {
        let read = self.unread.min(most);
        self.unread -= read;
        self.engine.unasked_read(read, self.now);
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.engine.tick(self.now);
    }

    pub(crate) fn deadline(&self, ms: u32) -> Option<Deadline> {
        Some(Deadline::after(self.now, ms))
    }

    pub(crate) fn abandon(&mut self, id: u32) {
        self.engine.abandon(id, self.now);
    }

    pub(crate) fn wants_cancel(&mut self) -> bool {
        self.engine.open_cancel(self.now)
    }

    pub(crate) fn cancel_closed(&mut self) {
        self.engine.cancel_closed(Ok(()), self.now);
    }
}
