//! The task of one session: commands in, bytes out and in, records on.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use bytes::BytesMut;
use cornac_wire::{
    description::TransactionStatus,
    engine::{Engine, Options},
    failure::{Cause, Failure},
    record::{Class, Record, kind},
    shape::Shapes,
};
use tokio::time::{Sleep, sleep_until};

use super::{
    inbox::{Command, Handle},
    stream::Stream,
};
use crate::{
    cancel::{CancelTarget, cancel},
    completions::Completions,
    connect::Established,
    panic_hooks, poolers, runtime,
};

/// Records are handed on when this many bytes of them are waiting.
const BLOCK: usize = 128 * 1024;

/// Reads in a row before other sessions get their turn.
const TURN: usize = 16;

/// How long a cancel connection may take.
const CANCEL_TIMEOUT: std::time::Duration = cornac_wire::engine::CANCEL_GRACE;

/// Appends records and sees to it that they are read.
pub fn hand_on(completions: &Arc<dyn Completions>, records: Vec<u8>) {
    if completions.push(records) {
        completions.ring();
    } else {
        runtime::ring_when_idle(completions);
    }
}

/// What a session's task is started with.
pub struct Start {
    pub session: u32,
    pub established: Established,
    pub options: Options,
    pub shapes: Arc<Shapes>,
    pub completions: Arc<dyn Completions>,
    pub inbox: Handle,
    /// The record that tells of the session, ahead of any other of its own.
    pub announcement: Vec<u8>,
}

/// Starts the task of a session on the I/O threads.
pub fn start(start: Start) -> io::Result<()> {
    let runtime = runtime::io()?;
    let _context = runtime.enter();
    let Start { session, established, mut options, shapes, completions, inbox, announcement } = start;
    if options.learns_poolers && poolers::is_known(&established.target) {
        options.cache.size = 0;
    }
    let status =
        TransactionStatus::from_byte(established.transaction_status).unwrap_or(TransactionStatus::Idle);
    let task = Task {
        session,
        engine: Engine::new(session, options, shapes, status),
        stream: Stream::new(established.socket, established.tls)?,
        input: established.leftover,
        inbox,
        commands: Vec::new(),
        completions,
        cancel: Arc::new(established.cancel),
        closing: Vec::new(),
        pooler: options.learns_poolers.then_some(established.target),
        timer: None,
        load: runtime::Load::default(),
        said_goodbye: false,
        finished: false,
    };
    // At once: somebody waits for it, and there is but one.
    task.completions.push(announcement);
    task.completions.ring();
    runtime.spawn(task.run());
    Ok(())
}

struct Task {
    session: u32,
    engine: Engine,
    stream: Stream,
    input: BytesMut,
    inbox: Handle,
    commands: Vec<Command>,
    completions: Arc<dyn Completions>,
    cancel: Arc<CancelTarget>,
    /// `close()` calls to answer at the end, and when they time out.
    closing: Vec<(u32, Option<(Instant, u32)>)>,
    /// Where a pooler is to be remembered, until one was met.
    pooler: Option<poolers::Target>,
    timer: Option<Pin<Box<Sleep>>>,
    load: runtime::Load,
    said_goodbye: bool,
    /// It ended as it should.
    finished: bool,
}

impl Task {
    async fn run(mut self) {
        while !self.engine.is_ended() {
            poll_fn(|context| {
                let turn = self.turn(context);
                self.load.update(self.engine.pending(), self.engine.answered());
                runtime::turn_ended();
                turn
            })
            .await;
        }
        self.finish();
    }

    /// Does what can be done without waiting. Pending once there is nothing left to do.
    fn turn(&mut self, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..TURN {
            let now = Instant::now();
            self.inbox.take(&mut self.commands, context);
            if !self.commands.is_empty() {
                panic_hooks::trip("session");
            }
            let mut commands = std::mem::take(&mut self.commands);
            for command in commands.drain(..) {
                self.command(command, now);
            }
            self.commands = commands;
            self.engine.pump(now);
            self.write(now);
            if self.engine.take_cancel(now) {
                self.open_cancel_connection();
            }
            let progress = self.read(now);
            self.hand_on();
            if self.engine.is_ended() {
                return Poll::Ready(());
            }
            if !progress {
                return self.wait(context);
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Registers everything that may wake the task; ready when something has happened already.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.poll_timer(context).is_ready() {
            return Poll::Ready(());
        }
        let unwritten =
            !self.engine.is_holding() && (!self.engine.output().is_empty() || self.stream.has_unwritten());
        if unwritten && self.stream.poll_writable(context).is_ready() {
            return Poll::Ready(());
        }
        match self.stream.poll_readable(context) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let closing = self.closing.iter().filter_map(|(_, deadline)| deadline.map(|(at, _)| at)).min();
        let due = match (self.engine.next_tick(), closing) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let Some(due) = due.map(tokio::time::Instant::from_std) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        let now = Instant::now();
        self.engine.tick(now);
        self.time_out_close(now);
        // The next deadline must be registered before the task sleeps.
        Poll::Ready(())
    }

    fn command(&mut self, command: Command, now: Instant) {
        match command {
            Command::Call(request) => self.engine.submit(request),
            Command::Abandon(request) => self.engine.abandon(request),
            Command::Close { request, deadline } => {
                self.closing.push((request, deadline));
                self.engine.close();
            }
            Command::Terminate => {
                self.goodbye();
                self.engine.end(Cause::Closed);
            }
            Command::DropStatements => self.engine.drop_statements(),
            Command::Notices(wanted) => self.engine.notices = wanted,
            Command::Cancelled(result) => self.engine.cancel_closed(result, now),
        }
    }

    fn write(&mut self, now: Instant) {
        if self.engine.is_holding() {
            // TLS may have bytes of its own waiting: they stay.
            return;
        }
        let mut written = 0;
        let result = self.stream.try_write(self.engine.output(), &mut written);
        self.engine.written(written);
        match result {
            Ok(()) => {
                if self.engine.is_terminating() && !self.said_goodbye {
                    self.said_goodbye = true;
                    self.stream.shut_down();
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // The server's last words may still lie in the socket: reading tells, and ends the session.
            Err(error) => self.engine.write_failed(lost(&error), error.raw_os_error(), now),
        }
    }

    /// Whether something was read, so that there may be more.
    fn read(&mut self, now: Instant) -> bool {
        // Bytes that came with the login, or that the budget left behind: what they ask for is written before
        // anything else is waited for.
        let before = self.input.len();
        let more = self.engine.receive(&mut self.input, BLOCK, now);
        if more || self.input.len() < before {
            return true;
        }
        match self.stream.try_read(&mut self.input) {
            Ok(0) => {
                self.engine.receive_end();
                true
            }
            Ok(_) => {
                self.engine.receive(&mut self.input, BLOCK, now);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
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

    fn hand_on(&mut self) {
        if let Some(records) = self.engine.take_records() {
            hand_on(&self.completions, records);
        }
        self.engine.records_handed_on();
        if self.engine.is_pooled()
            && let Some(target) = self.pooler.take()
        {
            poolers::learn(&target);
        }
    }

    fn open_cancel_connection(&self) {
        let (inbox, target) = (self.inbox.clone(), self.cancel.clone());
        let Ok(runtime) = runtime::cancels() else {
            return inbox
                .send([Command::Cancelled(Err("the system refused the driver's threads".to_owned()))]);
        };
        // Two tasks, so that a panic of the first is an answer too.
        let delivery = runtime.spawn(async move {
            panic_hooks::trip("cancel");
            cancel(&target, CANCEL_TIMEOUT).await
        });
        runtime.spawn(async move {
            let result = match delivery.await {
                Ok(result) => result.map_err(|error| error.message),
                Err(_) => Err("the driver failed internally".to_owned()),
            };
            inbox.send([Command::Cancelled(result)]);
        });
    }

    /// Terminate, if the socket takes it at once.
    fn goodbye(&mut self) {
        let mut farewell = BytesMut::new();
        postgres_protocol::message::frontend::terminate(&mut farewell);
        // Behind half a message it would not be understood.
        if self.engine.output().is_empty() && self.stream.try_write(&farewell, &mut 0).is_ok() {
            self.stream.shut_down();
        }
    }

    fn time_out_close(&mut self, now: Instant) {
        let mut records = Vec::new();
        let expired = |deadline: &Option<(Instant, u32)>| deadline.is_some_and(|(at, _)| at <= now);
        if !self.closing.iter().any(|(_, deadline)| expired(deadline)) {
            return;
        }
        for (request, deadline) in std::mem::take(&mut self.closing) {
            let limit_ms = deadline.map_or(0, |(_, limit)| limit);
            Failure::CloseTimeout { limit_ms }.record(request, true, 0, &mut records);
        }
        self.engine.end(Cause::Closed);
        self.hand_on();
        hand_on(&self.completions, records);
    }

    fn finish(&mut self) {
        self.hand_on();
        let mut records = Vec::new();
        for (request, _) in std::mem::take(&mut self.closing) {
            Record::new(&mut records, kind::DONE, &[request]).finish();
        }
        if !records.is_empty() {
            hand_on(&self.completions, records);
        }
        self.finished = true;
    }
}

fn lost(error: &io::Error) -> String {
    format!("the connection to the server was lost: {error}")
}

impl Drop for Task {
    /// Tells that no record follows. A task that ends by a panic, or with its runtime, has an engine that nobody can
    /// trust any more: everything of its session that is pending fails.
    fn drop(&mut self) {
        let mut records = Vec::new();
        let class = if self.finished {
            Class::Lost
        } else {
            Cause::Internal("the connection's task ended unexpectedly".to_owned())
                .record(self.session, &mut records);
            Class::Internal
        };
        Record::new(&mut records, kind::GONE, &[self.session, class as u32]).finish();
        hand_on(&self.completions, records);
    }
}
