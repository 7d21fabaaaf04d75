//! How soon a busy thread looks at its sockets again.
//!
//! A server that works on a full pipeline answers every few microseconds, each answer in a packet of its own. Taking
//! each as it comes costs a wake-up here, one of JavaScript's thread, and another one here for what is sent in return:
//! more than all the rest of a small query. Network cards had the same trouble, and this is their cure, interrupt
//! moderation: while answers come that fast, the thread rests for a moment before it looks again, and takes several.
//!
//! Little's law says what an answer takes from its request on: the requests pending, times what lies between two
//! answers. A rest is only taken where it is a small part of that.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a rest is asked to be; systems make it up to twice as long.
const REST: Duration = Duration::from_micros(50);

/// A rest is at most one of so many parts of the time that an answer takes.
const SHARE: u32 = 10;

/// Over how long the time between answers is taken, at least.
const WINDOW: Duration = Duration::from_millis(1);

/// Calls of all sessions that were not answered yet.
static PENDING: AtomicUsize = AtomicUsize::new(0);

/// Calls of all sessions that were answered since the process began.
static ANSWERED: AtomicU64 = AtomicU64::new(0);

/// What one session adds to the load.
#[derive(Default)]
pub(crate) struct Load {
    pending: usize,
    answered: u64,
}

impl Load {
    /// Tells what is pending now, and what was answered since the session began.
    pub(crate) fn update(&mut self, pending: usize, answered: u64) {
        PENDING.fetch_add(pending, Relaxed);
        PENDING.fetch_sub(self.pending, Relaxed);
        self.pending = pending;
        if answered > self.answered {
            ANSWERED.fetch_add(answered - self.answered, Relaxed);
            self.answered = answered;
            PACE.with_borrow_mut(|pace| pace.is_fresh = true);
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        PENDING.fetch_sub(self.pending, Relaxed);
    }
}

/// The time between answers, as one thread knows it.
struct Pace {
    window: Option<(Instant, u64)>,
    /// Between two answers in the last window.
    interval: Option<Duration>,
    /// Something was answered since this thread last slept.
    is_fresh: bool,
}

thread_local! {
    static PACE: RefCell<Pace> = const { RefCell::new(Pace { window: None, interval: None, is_fresh: false }) };
}

/// The thread is about to sleep until something happens: it rests before, where that pays.
pub(super) fn rest() {
    let is_due = PACE.with_borrow_mut(|pace| {
        if !std::mem::take(&mut pace.is_fresh) {
            return false;
        }
        pace.look(Instant::now(), ANSWERED.load(Relaxed));
        pace.interval.is_some_and(|interval| pays(interval, PENDING.load(Relaxed)))
    });
    // Timers of other systems are too coarse.
    if is_due && cfg!(unix) {
        sleep(REST);
    }
}

impl Pace {
    fn look(&mut self, now: Instant, answered: u64) {
        let (since, before) = *self.window.get_or_insert((now, answered));
        let length = now.saturating_duration_since(since);
        if length < WINDOW {
            return;
        }
        let count = u32::try_from(answered.saturating_sub(before)).unwrap_or(u32::MAX);
        self.interval = length.checked_div(count);
        self.window = Some((now, answered));
    }
}

/// Whether answers come so fast that a rest gathers some, and take so long that it is no matter.
fn pays(interval: Duration, pending: usize) -> bool {
    let pending = u32::try_from(pending).unwrap_or(u32::MAX);
    interval <= REST && interval.saturating_mul(pending) >= REST * SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_rest_pays_when_many_answers_are_about_to_come() {
        assert!(pays(micros(17), 64));
        assert!(pays(micros(50), 10));
        assert!(pays(Duration::ZERO.saturating_add(Duration::from_nanos(1)), 1_000_000));
    }

    #[test]
    fn nobody_rests_for_answers_that_come_slowly_or_are_few() {
        assert!(!pays(micros(51), 10_000));
        assert!(!pays(micros(17), 29));
        assert!(!pays(micros(17), 1));
        assert!(!pays(micros(17), 0));
        assert!(!pays(Duration::MAX, usize::MAX));
    }

    #[test]
    fn the_time_between_answers_is_that_of_the_last_window() {
        let start = Instant::now();
        let mut pace = Pace { window: None, interval: None, is_fresh: false };
        pace.look(start, 100);
        pace.look(start + micros(900), 190);
        assert_eq!(pace.interval, None);
        pace.look(start + micros(1_000), 200);
        assert_eq!(pace.interval, Some(micros(10)));
        pace.look(start + micros(1_999), 201);
        assert_eq!(pace.interval, Some(micros(10)));
        pace.look(start + micros(3_000), 202);
        assert_eq!(pace.interval, Some(micros(1_000)));
        pace.look(start + micros(5_000), 202);
        assert_eq!(pace.interval, None);
    }
}
