//! Wakes the readers of records once for many sessions.

use std::{cell::RefCell, sync::Arc};

use crate::completions::Completions;

/// Turns of sessions on a thread that stays busy before readers are woken all the same.
const BUSY_TURNS: u32 = 16;

/// The queues that got records since this thread last slept, and the turns of sessions since then.
#[derive(Default)]
struct Bells {
    waiting: Vec<Arc<dyn Completions>>,
    turns: u32,
}

thread_local! {
    /// `None` on threads that run no sessions.
    static BELLS: RefCell<Option<Bells>> = const { RefCell::new(None) };
}

/// From now on this thread puts its wake-ups off until it is about to sleep.
pub(super) fn defer() {
    BELLS.set(Some(Bells::default()));
}

/// Wakes a queue's reader when this thread has nothing left to do: sessions that are answered in one round are read
/// in one wake-up.
pub(crate) fn ring_when_idle(completions: &Arc<dyn Completions>) {
    let deferred = BELLS.with_borrow_mut(|bells| {
        let Some(bells) = bells else { return false };
        if !bells.waiting.iter().any(|bell| Arc::ptr_eq(bell, completions)) {
            bells.waiting.push(completions.clone());
        }
        true
    });
    if !deferred {
        completions.ring();
    }
}

/// A session's turn has ended. A thread that other sessions keep busy does not keep readers waiting.
pub(crate) fn turn_ended() {
    let overdue = BELLS.with_borrow_mut(|bells| {
        bells.as_mut().is_some_and(|bells| {
            bells.turns += 1;
            bells.turns >= BUSY_TURNS && !bells.waiting.is_empty()
        })
    });
    if overdue {
        ring();
    }
}

/// The thread is about to sleep.
pub(super) fn ring() {
    let bells = BELLS.with_borrow_mut(|bells| bells.as_mut().map(std::mem::take));
    for bell in bells.unwrap_or_default().waiting {
        bell.ring();
    }
}
