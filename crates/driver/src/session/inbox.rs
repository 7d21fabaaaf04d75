//! What other threads ask of a session's task.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
};

use bytes::Bytes;
use cornac_wire::{
    copy_records::Layout,
    deadline::Deadline,
    engine::{Request, SetBatch, SetsEnd, Undelivered},
    query::Query,
    types::Codecs,
};

pub enum Command {
    Call(Request),
    /// The caller of this request was answered: its answer is not wanted any more.
    Abandon(u32),
    /// Close gracefully. The request is done when the socket is closed; at its deadline the socket is dropped.
    Close {
        request: u32,
        deadline: Option<Deadline>,
    },
    /// Drop the connection at once.
    Terminate,
    /// Forget every cached statement.
    DropStatements,
    /// Forget what was looked up of the database's types.
    ForgetTypes,
    /// A statement that was prepared for its own sake is of use to nobody any more.
    LetGo(Arc<Query>),
    /// The codecs of the program's that calls go by from now on.
    SetCodecs(Arc<Codecs>),
    /// The arguments of a call, written anew.
    Arguments {
        request: u32,
        count: u32,
        arguments: Bytes,
    },
    /// Argument sets of a call for many.
    Sets {
        request: u32,
        batch: SetBatch,
        end: SetsEnd,
    },
    /// Data for a COPY.
    CopyData {
        request: u32,
        data: Bytes,
    },
    /// Records for a COPY, see `Records`.
    CopyRecords {
        request: u32,
        layout: Layout,
        first: u64,
        count: u32,
        types: Bytes,
        arguments: Bytes,
    },
    /// All data for a COPY has come.
    CopyDone(u32),
    /// The data for a COPY cannot be had to its end.
    CopyFailed {
        request: u32,
        reason: String,
    },
    /// Whether somebody listens to notices.
    Notices(bool),
    /// JavaScript has read so many bytes of records that nobody asked for.
    UnaskedRead(usize),
    /// The consumer of a COPY has taken so many bytes of its data.
    Taken {
        request: u32,
        bytes: usize,
    },
    /// The cancel connection is closed, or could not be made.
    Cancelled(Result<(), Undelivered>),
}

#[derive(Default)]
struct Waiting {
    commands: Vec<Command>,
    /// Bytes of unasked records that were read. They wake nobody who does not wait for that.
    unasked_read: usize,
    is_held: bool,
    waker: Option<Waker>,
}

impl Waiting {
    fn wake_by(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

/// Commands are taken in order; after the session's end they are dropped.
#[derive(Default)]
pub(super) struct Inbox(Mutex<Waiting>);

impl Inbox {
    /// Hands over commands with one wake-up for all of them.
    pub(super) fn send(&self, commands: impl IntoIterator<Item = Command>) {
        let waker = {
            let mut waiting = self.waiting();
            waiting.commands.extend(commands);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// JavaScript has read records that nobody asked for.
    pub(super) fn unasked_read(&self, bytes: usize) {
        let waker = {
            let mut waiting = self.waiting();
            waiting.unasked_read += bytes;
            if waiting.is_held { waiting.waker.take() } else { None }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The session takes no input until JavaScript has read more; false if it has.
    pub(super) fn hold(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.is_held = waiting.unasked_read == 0;
        waiting.is_held
    }

    /// No command waits to be taken.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting().commands.is_empty()
    }

    /// Moves the waiting commands to `into`, which is empty. The next one wakes the task.
    pub(super) fn take(&self, into: &mut Vec<Command>, context: &Context<'_>) {
        let mut waiting = self.waiting();
        std::mem::swap(&mut waiting.commands, into);
        match std::mem::take(&mut waiting.unasked_read) {
            0 => {}
            bytes => into.push(Command::UnaskedRead(bytes)),
        }
        waiting.is_held = false;
        waiting.wake_by(context);
    }

    /// The next command wakes the task.
    pub(super) fn wake_by(&self, context: &Context<'_>) {
        self.waiting().wake_by(context);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
