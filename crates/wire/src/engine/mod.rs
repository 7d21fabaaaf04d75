//! One session, free of I/O.
//!
//! ```text
//!   submit ──► queue ──► (written to `output`) ──► flight ──► records
//!                 ▲                                  │
//!                 └── described, or to be run again ─┘
//! ```
//!
//! Every entry of `flight` is one message plan that ends with one Sync (or is a simple query), so it is answered
//! by exactly one ReadyForQuery. Answers belong to the entry at the front. Whatever the protocol does not allow at
//! that point ends the session: the engine never resynchronises by guessing.
//!
//! Each plan knows where its bytes lie in all that the session writes, so that what was written so far tells which
//! plans the server cannot have seen: those are withdrawn as if they had never been composed.

mod arguments;
mod asked_types;
mod bind;
mod cancel;
mod compose;
mod copying;
mod credit;
mod deadlines;
mod fatal;
mod flight;
mod formats;
mod life;
mod limits;
mod look_up;
mod many;
mod opening;
mod output;
mod plan;
mod portals;
mod queue;
mod receive;
mod refusals;
mod remembered;
mod request;
mod send;
mod sets;
mod settle;
mod times;
mod unsent;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    cells::Chunk,
    description::TransactionStatus,
    failure::{Cause, Failure},
    query::Query,
    shape::Shapes,
    shared_descriptions::SharedDescriptions,
    statement::CacheLimits,
    statements::Statements,
    type_options::TypeOptions,
    types::{Codecs, SessionTypes, TypeMap},
};
use cancel::{Cancel, Pursuit};
pub use cancel::{LAST_LOOK, UNATTENDED, Undelivered};
use credit::Credit;
pub use credit::Records;
use deadlines::Deadlines;
use flight::{Call, Flight};
use life::Life;
use output::Output;
use portals::Portals;
use queue::{Queue, RESERVED};
pub use request::{Ask, Request, Sink};
pub use sets::{SetBatch, SetsEnd};
use unsent::closing;

/// What a session is run with.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub cache: CacheLimits,
    /// Bytes of the largest message accepted.
    pub message_limit: usize,
    pub types: TypeOptions,
    /// Whether nothing is prepared by name any more once a pooler was met.
    pub learns_poolers: bool,
    /// The major version of the server; 0 when it has told none.
    pub major_version: u32,
}

/// The state of one session after login.
pub struct Engine {
    session: u32,
    options: Options,
    shapes: Arc<Shapes>,
    /// What is known of the types of its database.
    types: SessionTypes,
    /// The server has no such catalog, or does not show it.
    cannot_look_up: bool,
    /// The codecs of the calls that are made from now on.
    codecs: Arc<Codecs>,
    life: Life,
    status: TransactionStatus,
    /// In the order in which they were made.
    queue: Queue,
    submitted: u64,
    /// The place of the last one, which is behind all others.
    last_order: u64,
    flight: VecDeque<Flight>,
    statements: Statements,
    portals: Portals,
    /// Openings that have failed.
    unopened: Vec<u32>,
    chunk: Chunk,
    output: Output,
    /// Why the socket takes no more bytes, and since when.
    write_failure: Option<(Instant, Cause)>,
    records: Vec<u8>,
    credit: Credit,
    cancel: Cancel,
    pursuit: Option<Pursuit>,
    deadlines: Deadlines,
    /// The place behind the last call whose times are wanted, until it is written.
    timed_until: Option<u64>,
    /// Somebody listens to notices.
    pub notices: bool,
    last_words: Option<crate::description::Diagnostic>,
}

impl Engine {
    pub fn new(session: u32, options: Options, shapes: Arc<Shapes>, status: TransactionStatus) -> Self {
        Self {
            session,
            options,
            shapes,
            types: SessionTypes::builtin(options.types),
            cannot_look_up: false,
            codecs: Arc::default(),
            life: Life::Open,
            status,
            queue: Queue::default(),
            submitted: 0,
            last_order: 0,
            flight: VecDeque::new(),
            statements: Statements::new(options.cache, options.learns_poolers),
            portals: Portals::default(),
            unopened: Vec::new(),
            chunk: Chunk::default(),
            output: Output::default(),
            write_failure: None,
            records: Vec::new(),
            credit: Credit::default(),
            cancel: Cancel::Idle,
            pursuit: None,
            deadlines: Deadlines::default(),
            timed_until: None,
            notices: false,
            last_words: None,
        }
    }

    /// Shares what is known of types with the other sessions of the database. To be called before the first call.
    pub fn share_types(&mut self, map: Arc<TypeMap>) {
        self.types = SessionTypes::new(map, self.options.types);
    }

    /// Shares what it remembers of texts with other sessions of the same options and database. To be called before the first
    /// call.
    pub fn share_descriptions(&mut self, shared: Arc<SharedDescriptions>) {
        self.statements.share(shared);
    }

    /// Forgets what was looked up of types, here and in the other sessions of the database.
    pub fn forget_types(&mut self) {
        self.types.map().forget();
        self.cannot_look_up = false;
    }

    /// Takes a call. It is written by the next [`Engine::pump`] that may.
    pub fn submit(&mut self, request: Request) {
        self.submitted += 1;
        let codecs = self.codecs_of(&request);
        if request.ask == Ask::Prepare {
            self.statements.keep(&request.query, codecs.clone());
        }
        let order = self.order_of(&request);
        let call = Call::new(request, order, codecs);
        match self.life {
            Life::Open => {
                let (deadline, order) = (call.request.deadline, call.order);
                self.queue.add(call);
                if let Some(deadline) = deadline {
                    self.deadlines.add(deadline.at, order);
                    // Its own is one of a call that is there.
                    self.forget_deadlines();
                }
            }
            Life::Closing | Life::Terminating => self.reject(&call, closing()),
            Life::Ended => self.reject(&call, Failure::Lost { maybe_executed: false }),
        }
    }

    /// The place of a call among all calls.
    fn order_of(&mut self, request: &Request) -> u64 {
        if let Some(order) = request.at.and_then(|reservation| self.queue.order_at(reservation)) {
            return order;
        }
        self.last_order += if request.ask == Ask::Reserve { RESERVED + 1 } else { 1 };
        self.last_order
    }

    /// Bytes for the server: [`Engine::written`] takes off what the socket has taken.
    ///
    /// Empty while a cancel connection is open and after a write has failed, whatever is waiting.
    pub fn output(&self) -> &[u8] {
        if self.is_holding() || self.write_failure.is_some() { &[] } else { self.output.unwritten() }
    }

    /// The socket has taken the first `count` bytes of the output.
    pub fn written(&mut self, count: usize, now: Instant) {
        self.output.advance(count);
        self.note_sent(now);
        self.tell_room();
    }

    /// The socket takes nothing more. The server's last words may still come, so that reading tells how the session
    /// ends; where reading tells nothing the session ends by itself soon after.
    pub fn write_failed(&mut self, message: String, os_error: Option<i32>, now: Instant) {
        if self.write_failure.is_none() && !self.is_ended() {
            self.write_failure = Some((now, Cause::Io { message, os_error }));
        }
    }

    /// A cancel connection is open: not a byte may reach the server until it is closed, not even one that a layer
    /// below has taken already.
    pub fn is_holding(&self) -> bool {
        self.cancel.is_open()
    }

    /// To be called after the records were handed on: frees what they referred to. A shape's release is told at
    /// once and must not overtake them.
    pub fn records_handed_on(&mut self) {
        self.statements.drop_released();
    }

    /// Nothing is queued or in flight.
    pub fn is_quiet(&self) -> bool {
        self.pending() == 0
    }

    /// Calls that are queued or in flight.
    pub fn pending(&self) -> usize {
        self.queue.len() + self.flight.len()
    }

    /// Calls that were answered since the session began.
    pub fn answered(&self) -> u64 {
        self.submitted - self.pending() as u64
    }

    /// Forgets every statement and description; what the server has of them is closed in front of the next request.
    pub fn drop_statements(&mut self) {
        self.statements.clear();
    }

    /// A statement of its own is of use to nobody any more. It is closed in front of the next request.
    pub fn let_go(&mut self, query: &Query) {
        let name = self.statements.let_go(query);
        self.statements.close(name);
    }

    /// A pooler that hands out another session for each transaction was met: nothing is prepared by name any more.
    pub fn is_pooled(&self) -> bool {
        self.statements.is_pooled()
    }

    /// When [`Engine::tick`] wants to be called next.
    pub fn next_tick(&self) -> Option<Instant> {
        [self.deadlines.next(), self.cancel_due(), self.last_words_due()].into_iter().flatten().min()
    }
}

/// How long the server may take to act on a cancel request before the session is given up.
pub const CANCEL_GRACE: Duration = Duration::from_secs(5);
