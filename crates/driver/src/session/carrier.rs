//! A session carried by tokio: one task that waits for what its conversation waits for.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use cornac_wire::{
    failure::Cause,
    record::{Class, Record, kind},
};
use tokio::time::{Sleep, sleep_until};

use super::{
    cancelling,
    conversation::{Conversation, Next, Step},
    handle::{Broken, Handle, Shared},
    inbox::Command,
    places::Line,
    records::{hand_on, hand_on_with},
    sockets::Watched,
};
use crate::{
    cancel::CancelTarget,
    completions::{Completions, Receipt},
    panic_hooks, poolers, runtime,
};

/// Room for so many commands is kept between two turns.
const COMMANDS: usize = 1024;

pub(super) struct Task {
    session: u32,
    conversation: Arc<Shared>,
    inbox: Handle,
    commands: Vec<Command>,
    completions: Arc<dyn Completions>,
    cancel: Arc<CancelTarget>,
    line: Line,
    /// The server that is remembered as a pooler once it turns out to be one.
    pooler: Option<poolers::Target>,
    timer: Option<Pin<Box<Sleep>>>,
    load: runtime::Load,
    /// It ended as it should.
    finished: bool,
}

impl Task {
    /// `pooler` is the server that is remembered as a pooler if it turns out to be one.
    pub(super) fn new(
        session: u32,
        conversation: Arc<Shared>,
        inbox: Handle,
        completions: Arc<dyn Completions>,
        cancel: CancelTarget,
        pooler: Option<poolers::Target>,
    ) -> Self {
        Self {
            session,
            conversation,
            inbox,
            commands: Vec::new(),
            completions,
            cancel: Arc::new(cancel),
            line: Line::default(),
            pooler,
            timer: None,
            load: runtime::Load::default(),
            finished: false,
        }
    }

    pub(super) async fn run(mut self) {
        self.finished = poll_fn(|context| self.poll(context)).await;
    }

    /// Steps until there is something to wait for, and waits for it. Ready at the session's end, with whether that is as it
    /// should be.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let shared = self.conversation.clone();
        let mut conversation = match self.inbox.lock(&shared, context) {
            Poll::Ready(Ok(conversation)) => conversation,
            Poll::Ready(Err(Broken)) => return Poll::Ready(false),
            Poll::Pending => return Poll::Pending,
        };
        // Whatever it was woken for is its own to do, but for the server's end, which the lookout may see.
        if !conversation.is_parting() {
            conversation.socket().take_back();
        }
        conversation.socket().wake(context);
        loop {
            let now = Instant::now();
            self.take_commands(&mut conversation, context, now);
            let step = self.step(&mut conversation, now);
            if !step.wants_cancel {
                self.line.leave();
            } else if self.open_cancel(&mut conversation, context, now) {
                continue;
            }
            match step.next {
                Next::Ended => return Poll::Ready(true),
                Next::Step => context.waker().wake_by_ref(),
                Next::Wait { readable, writable, until } => {
                    let caught_up = !readable && !self.inbox.hold();
                    let socket = conversation.socket();
                    let is_ready = caught_up
                        || readable && socket.poll_readable(context).is_ready()
                        || writable && socket.poll_writable(context).is_ready()
                        || until.is_some_and(|until| self.poll_timer(context, until).is_ready());
                    if is_ready {
                        continue;
                    }
                }
            }
            let timer = self.timer.as_ref().filter(|timer| !timer.is_elapsed());
            conversation.socket().rest.timer = timer.map(|timer| timer.deadline().into_std());
            return Poll::Pending;
        }
    }

    fn step(&mut self, conversation: &mut Conversation<Watched>, now: Instant) -> Step {
        let step = conversation.step(now, |records| {
            let receipt = Receipt::new(&self.inbox, records.unasked);
            hand_on_with(&self.completions, records.bytes, receipt);
        });
        let engine = conversation.engine();
        if engine.is_pooled()
            && let Some(target) = self.pooler.take()
        {
            poolers::learn(&target);
        }
        self.load.update(engine.pending(), engine.answered());
        runtime::turn_ended();
        step
    }

    fn take_commands(
        &mut self,
        conversation: &mut Conversation<Watched>,
        context: &Context<'_>,
        now: Instant,
    ) {
        self.inbox.take(&mut self.commands, context);
        if !self.commands.is_empty() {
            conversation.socket().rest.end();
            panic_hooks::trip("session");
        }
        for command in self.commands.drain(..) {
            conversation.command(command, now);
        }
        if self.commands.capacity() > COMMANDS {
            self.commands = Vec::new();
        }
    }

    /// Whether a cancel connection was opened.
    fn open_cancel(
        &mut self,
        conversation: &mut Conversation<Watched>,
        context: &mut Context<'_>,
        now: Instant,
    ) -> bool {
        let Poll::Ready(place) = self.line.poll(&self.cancel, context) else { return false };
        let opens = conversation.open_cancel(now);
        if opens {
            cancelling::open(place, self.cancel.clone(), self.inbox.clone());
        }
        opens
    }

    fn poll_timer(&mut self, context: &mut Context<'_>, until: Instant) -> Poll<()> {
        let until = until.into();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        // One that rings too early does no harm and is set again then: most limits are never reached.
        if until < timer.deadline() || timer.is_elapsed() {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(context)
    }
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
