//! One session without a runtime: whoever carries it calls [`Conversation::step`] and waits for what that says.

use std::{io, sync::Arc, time::Instant};

use bytes::BytesMut;
use cornac_wire::{
    copy_records::RecordBatch,
    description::TransactionStatus,
    engine::{Ask, Engine, Options, Records},
    failure::Cause,
    shape::Shapes,
    shared_descriptions::SharedDescriptions,
    types::TypeMap,
};
use postgres_protocol::message::frontend;
use rustls::ClientConnection;

use super::{
    closing::Closing,
    duplex::Duplex,
    inbox::Command,
    input::Input,
    stream::{Arrival, Stream},
};
use crate::error::io_words;

/// Records are handed on when this many bytes of them are waiting.
const BLOCK: usize = 128 * 1024;

/// Bytes of a call, its text and its arguments, that are encoded on the thread that sends it.
const SMALL: usize = 4 * 1024;

/// Rounds of reading and writing before other sessions get their turn.
const ROUNDS: usize = 16;

/// Rounds on a thread that has other things to do than to read: enough for an answer and for what it lets go.
const FEW_ROUNDS: usize = 2;

pub struct Conversation<D> {
    engine: Engine,
    stream: Stream<D>,
    input: Input,
    closing: Closing,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// A cancel connection is to be opened: as soon as one may be, [`Conversation::open_cancel`] is called.
    pub wants_cancel: bool,
    pub next: Next,
}

/// What a conversation waits for, beside commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: there is more to do once others had their turn.
    Step,
    /// The first of these: that the socket can be read, that it can be written, the time. A socket that is not to be
    /// read waits for JavaScript: [`Command::UnaskedRead`] or [`Command::Taken`] comes.
    Wait { readable: bool, writable: bool, until: Option<Instant> },
    /// It is over, and everybody has an answer.
    Ended,
}

impl Next {
    /// Nothing is waited for but an answer, or a time that the carrier's `timer` does not miss.
    fn is_rest(self, timer: Option<Instant>) -> bool {
        let Self::Wait { readable: true, writable: false, until } = self else { return false };
        until.is_none_or(|until| timer.is_some_and(|timer| timer <= until))
    }
}

impl<D: Duplex> Conversation<D> {
    /// `status` is that of the last ReadyForQuery, and `leftover` what was read behind it.
    pub fn new(
        session: u32,
        options: Options,
        shapes: Arc<Shapes>,
        status: TransactionStatus,
        socket: D,
        tls: Option<Box<ClientConnection>>,
        leftover: BytesMut,
    ) -> Self {
        Self {
            engine: Engine::new(session, options, shapes, status),
            stream: Stream::new(socket, tls),
            input: Input::new(leftover),
            closing: Closing::default(),
        }
    }

    /// Shares what is known of types with the other sessions of the database. To be called before the first step.
    pub fn share_types(&mut self, map: Arc<TypeMap>) {
        self.engine.share_types(map);
    }

    /// Shares descriptions with other sessions. To be called before the first step.
    pub fn share_descriptions(&mut self, shared: Arc<SharedDescriptions>) {
        self.engine.share_descriptions(shared);
    }

    pub fn socket(&mut self) -> &mut D {
        self.stream.socket()
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes a command; the next step acts on it.
    pub fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Call(request) => self.engine.submit(request),
            Command::Abandon(request) => self.engine.abandon(request, now),
            Command::Close { request, deadline } => {
                self.closing.add(request, deadline);
                self.engine.close();
            }
            Command::Terminate => self.terminate(),
            Command::DropStatements => self.engine.drop_statements(),
            Command::ForgetTypes => self.engine.forget_types(),
            Command::Sets { request, batch, end } => self.engine.sets(request, batch, end, now),
            Command::SetCodecs(codecs) => self.engine.set_codecs(codecs),
            Command::Arguments { request, count, arguments } => {
                self.engine.arguments(request, count, arguments);
            }
            Command::LetGo(query) => self.engine.let_go(&query),
            Command::CopyData { request, data } => self.engine.copy_in_data(request, &data),
            Command::CopyRecords { request, layout, first, count, types, arguments } => {
                let batch = RecordBatch { layout, first, count, types: &types, arguments: &arguments };
                self.engine.copy_in_records(request, &batch);
            }
            Command::CopyDone(request) => self.engine.copy_in_done(request),
            Command::CopyFailed { request, reason } => self.engine.copy_in_failed(request, &reason),
            Command::Notices(wanted) => self.engine.notices = wanted,
            Command::UnaskedRead(bytes) => self.engine.unasked_read(bytes, now),
            Command::Taken { request, bytes } => self.engine.taken(request, bytes),
            Command::Cancelled(result) => self.engine.cancel_closed(result, now),
        }
    }

    /// Whether [`Conversation::send`] may be given this command: nothing else is under way, and it is a small call, or an end
    /// of the session that has no limit of its own.
    pub fn takes_now(&self, command: &Command) -> bool {
        let is_small = match command {
            Command::Call(call) => {
                call.arguments.len() + call.query.sql.len() <= SMALL
                    && matches!(call.ask, Ask::Statement | Ask::Script)
            }
            Command::Close { deadline, .. } => deadline.is_none(),
            _ => false,
        };
        is_small && self.engine.is_quiet() && !self.engine.is_holding()
    }

    /// Takes a command and writes what it asks for, as far as that can be done without waiting; answers are left to the next
    /// step. Gives whether that has more to do than to wait for them, beside what the carrier's `timer` is set for.
    pub fn send(
        &mut self,
        command: Command,
        now: Instant,
        timer: Option<Instant>,
        hand_on: impl FnMut(Records),
    ) -> bool {
        self.command(command, now);
        self.compose(now);
        self.hand_on(hand_on);
        self.engine.is_ended() || !self.rest().is_rest(timer)
    }

    /// All was said, and nothing but the server's end is waited for, if it has not come.
    pub fn is_parting(&self) -> bool {
        let has_said_all = self.engine.output().is_empty() && !self.stream.has_unwritten();
        self.engine.is_ended() || self.engine.is_terminating() && has_said_all
    }

    /// Reads the answer to what [`Conversation::send`] has sent, if it has come. Gives whether there is more to do than to
    /// wait for the rest of it.
    pub fn read_answer(
        &mut self,
        now: Instant,
        timer: Option<Instant>,
        hand_on: impl FnMut(Records),
    ) -> bool {
        let step = self.run(FEW_ROUNDS, now, hand_on);
        step.wants_cancel || !step.next.is_rest(timer)
    }

    /// Does what can be done without waiting. Records go to `hand_on` in the order in which they are to be read.
    pub fn step(&mut self, now: Instant, hand_on: impl FnMut(Records)) -> Step {
        self.run(ROUNDS, now, hand_on)
    }

    fn run(&mut self, rounds: usize, now: Instant, mut hand_on: impl FnMut(Records)) -> Step {
        self.tick(now);
        let mut drained = false;
        for _ in 0..rounds {
            self.compose(now);
            let goes_on = self.read(&mut drained, now);
            self.hand_on(&mut hand_on);
            if self.engine.is_ended() {
                let answers = self.closing.answer(now);
                if !answers.is_empty() {
                    hand_on(Records { bytes: answers, unasked: 0 });
                }
                return Step { wants_cancel: false, next: Next::Ended };
            }
            if !goes_on {
                let wants_cancel = self.engine.wants_cancel(now);
                return Step { wants_cancel, next: self.rest() };
            }
        }
        Step { wants_cancel: self.engine.wants_cancel(now), next: Next::Step }
    }

    /// Writes what is to be sent, as far as the socket takes it.
    fn compose(&mut self, now: Instant) {
        while self.engine.pump(now) {
            self.write(now);
            if !self.engine.output().is_empty() {
                break;
            }
        }
        self.write(now);
    }

    fn hand_on(&mut self, mut hand_on: impl FnMut(Records)) {
        if let Some(records) = self.engine.take_records() {
            hand_on(records);
        }
        self.engine.records_handed_on();
    }

    /// A cancel connection can be opened; whether it is wanted still. The session sends nothing from here on, until
    /// [`Command::Cancelled`] tells that it is closed.
    pub fn open_cancel(&mut self, now: Instant) -> bool {
        self.engine.open_cancel(now)
    }

    fn tick(&mut self, now: Instant) {
        self.engine.tick(now);
        if self.closing.due().is_some_and(|due| due <= now) {
            self.engine.end(Cause::Closed);
        }
    }

    fn write(&mut self, now: Instant) {
        if self.engine.is_holding() {
            // TLS may have bytes of its own waiting: they stay.
            return;
        }
        let mut written = 0;
        let result = self.stream.write(self.engine.output(), &mut written);
        self.engine.written(written, now);
        if self.engine.is_terminating() {
            self.closing.part(now);
        }
        match result {
            Ok(()) if self.engine.is_terminating() => self.stream.shut_down(),
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // The server's last words may still lie in the socket: reading tells, and ends the session.
            Err(error) => self.engine.write_failed(lost(&error), error.raw_os_error(), now),
        }
    }

    /// Whether there may be more to do at once. Once the socket was `drained` it is not asked again.
    fn read(&mut self, drained: &mut bool, now: Instant) -> bool {
        // Bytes that came with the login, or that the budget left behind: what they ask for is written before
        // anything else is waited for.
        let before = self.input.len();
        let more = self.engine.receive(self.input.bytes(), BLOCK, now);
        if more || self.input.len() < before {
            return true;
        }
        if *drained || !self.engine.wants_input() {
            return false;
        }
        match self.stream.read(&mut self.input) {
            Ok(Arrival::Bytes { last }) => {
                *drained = last;
                self.engine.receive(self.input.bytes(), BLOCK, now);
                self.input.shrink();
                true
            }
            Ok(Arrival::Nothing) => false,
            Ok(Arrival::End) => {
                self.engine.receive_end();
                true
            }
            Err(_) if self.engine.is_terminating() => {
                self.engine.receive_end();
                true
            }
            Err(error) => {
                self.engine.end(Cause::Io { message: lost(&error), os_error: error.raw_os_error() });
                true
            }
        }
    }

    fn rest(&mut self) -> Next {
        if self.engine.is_quiet() {
            self.input.release();
            self.stream.release();
        }
        let is_unwritten = !self.engine.output().is_empty() || self.stream.has_unwritten();
        Next::Wait {
            readable: self.engine.wants_input(),
            writable: is_unwritten && !self.engine.is_holding(),
            until: [self.engine.next_tick(), self.closing.due()].into_iter().flatten().min(),
        }
    }

    /// Ends at once, with Terminate if the socket takes it.
    fn terminate(&mut self) {
        let mut farewell = BytesMut::new();
        frontend::terminate(&mut farewell);
        // Behind half a message it would not be understood.
        if self.engine.output().is_empty() && self.stream.write(&farewell, &mut 0).is_ok() {
            self.stream.shut_down();
        }
        self.engine.end(Cause::Closed);
    }
}

fn lost(error: &io::Error) -> String {
    format!("the connection to the server was lost: {}", io_words(error))
}
