//! A session as other threads see it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, TryLockError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use cornac_wire::{engine::Records, types::TypeMap};

use super::{
    conversation::Conversation,
    inbox::{Command, Inbox},
    lookout::Lookout,
    sockets::Watched,
};
use crate::panic_hooks;

/// A session's conversation. Its task has it locked while it runs; a thread that sends a call may have it in between.
pub(super) type Shared = Mutex<Conversation<Watched>>;

/// What a session is asked by. It may outlive the session.
#[derive(Clone, Default)]
pub struct Handle(Arc<Parts>);

#[derive(Default)]
struct Parts {
    inbox: Inbox,
    session: OnceLock<u32>,
    /// Gone with the session's task.
    conversation: OnceLock<Weak<Shared>>,
    /// The task has found it locked.
    is_awaited: AtomicBool,
    types: OnceLock<Arc<TypeMap>>,
}

/// A thread has panicked while it had the conversation.
pub(super) struct Broken;

impl Handle {
    /// What the session knows of the types of its database, once there is a session.
    pub fn types(&self) -> Option<&TypeMap> {
        self.0.types.get().map(AsRef::as_ref)
    }

    /// The shared types, to be kept.
    pub fn shared_types(&self) -> Option<Arc<TypeMap>> {
        self.0.types.get().cloned()
    }

    pub(super) fn show_types(&self, types: Arc<TypeMap>) {
        // A handle has one session.
        let _ = self.0.types.set(types);
    }

    /// Hands over commands with one wake-up for all of them.
    pub fn send(&self, commands: impl IntoIterator<Item = Command>) {
        self.0.inbox.send(commands);
    }

    /// Hands over a command while nothing else is under way. A session that has nothing else to do writes a call here and now:
    /// no thread is woken for it but the one that reads the answer. That is the task's, or the lookout's for a session at
    /// rest, which is also ended here and now. What has to be watched is left to the task, a time limit too unless its timer
    /// is set anyway.
    pub fn send_alone(
        &self,
        command: Command,
        now: Instant,
        lookout: Option<&Lookout>,
        hand_on: impl FnMut(Records),
    ) {
        let is_call = matches!(command, Command::Call(_));
        let shared = self.0.conversation.get().and_then(Weak::upgrade);
        // The task has it, or has left it in the middle of something; or there is none any more. Let go before the task is woken,
        // which would find it taken and not be woken again.
        let free = shared.as_ref().and_then(|shared| shared.try_lock().ok()).and_then(|mut conversation| {
            let is_taken = self.0.inbox.is_empty()
                && conversation.takes_now(&command)
                && (is_call || conversation.socket().is_lent());
            is_taken.then_some(conversation)
        });
        let Some(conversation) = free else {
            return self.send([command]);
        };
        self.act(conversation, |conversation| {
            let rest = &mut conversation.socket().rest;
            let (timer, is_at_rest) = (rest.timer, is_call && rest.sent_alone());
            // The socket is lent before it is written: an answer that finds it with tokio wakes the I/O thread.
            let is_watched = match (lookout, self.0.session.get()) {
                (Some(lookout), Some(&session)) if is_at_rest => {
                    lookout.expect(session);
                    conversation.socket().lend(lookout, session)
                }
                _ => true,
            };
            conversation.send(command, now, timer, hand_on) || !is_watched
        });
    }

    /// Something has happened on the socket of a session that the lookout of this thread watches.
    pub(super) fn read_answer(&self, has_ended: bool, now: Instant, hand_on: impl FnMut(Records)) {
        if !self.0.inbox.is_empty() {
            // The task was woken for what it is asked, the session's end perhaps, and takes the socket back before it reads.
            return;
        }
        let shared = self.0.conversation.get().and_then(Weak::upgrade);
        let Some(conversation) = shared.as_ref().and_then(|shared| shared.try_lock().ok()) else {
            // Its task has it, and takes the socket back; or leaves it where it is, and has to look once more.
            return self.send([]);
        };
        self.act(conversation, |conversation| {
            if !conversation.socket().is_lent() {
                return false;
            }
            let timer = conversation.socket().rest.timer;
            // An end is told of once, and may lie behind what is read here: the task looks after that.
            conversation.read_answer(now, timer, hand_on) || conversation.socket().rest.is_busy() || has_ended
        });
    }

    /// Does something with the conversation in the task's stead; the task is woken if there is more to do, or if it has found
    /// the conversation taken meanwhile.
    fn act(
        &self,
        mut conversation: MutexGuard<'_, Conversation<Watched>>,
        act: impl FnOnce(&mut Conversation<Watched>) -> bool,
    ) {
        // Poisons the lock, which ends the session's task, and nothing else.
        let has_more = catch_unwind(AssertUnwindSafe(move || {
            panic_hooks::trip("session");
            act(&mut conversation)
        }));
        if has_more.unwrap_or(true) || self.0.is_awaited.swap(false, Ordering::SeqCst) {
            self.send([]);
        }
    }

    /// The session's conversation, for its task, which never holds its thread up for it: a thread that has it wakes the task
    /// when it is done.
    pub(super) fn lock<'a>(
        &self,
        shared: &'a Shared,
        context: &Context<'_>,
    ) -> Poll<Result<MutexGuard<'a, Conversation<Watched>>, Broken>> {
        let try_lock = || match shared.try_lock() {
            Ok(conversation) => Some(Ok(conversation)),
            Err(TryLockError::Poisoned(_)) => Some(Err(Broken)),
            Err(TryLockError::WouldBlock) => None,
        };
        let locked = try_lock().or_else(|| {
            self.0.inbox.wake_by(context);
            self.0.is_awaited.store(true, Ordering::SeqCst);
            // It may have been done before it could see that.
            try_lock()
        });
        locked.map_or(Poll::Pending, Poll::Ready)
    }

    /// Calls may be written by those who send them from now on.
    pub(super) fn share(&self, session: u32, conversation: &Arc<Shared>) {
        let _ = self.0.session.set(session);
        let _ = self.0.conversation.set(Arc::downgrade(conversation));
    }

    /// JavaScript has read records that nobody asked for.
    pub(crate) fn unasked_read(&self, bytes: usize) {
        self.0.inbox.unasked_read(bytes);
    }

    /// The session takes no input until JavaScript has read more; false if it has.
    pub(super) fn hold(&self) -> bool {
        self.0.inbox.hold()
    }

    /// Moves the waiting commands to `into`, which is empty. The next one wakes the task.
    pub(super) fn take(&self, into: &mut Vec<Command>, context: &Context<'_>) {
        self.0.inbox.take(into, context);
    }
}
