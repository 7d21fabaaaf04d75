//! How soon a busy thread looks at its sockets again.
//!
//! A server that works on a full pipeline answers every few microseconds, each answer in a packet of its own. Taking
//! each as it comes costs a wake-up here, one of JavaScript's thread, and another one here for what is sent in return:
//! more than all the rest of a small query. Network cards had the same trouble, and this is their cure, interrupt
//! moderation: while answers come that fast, the thread rests for a moment before it looks again, and takes several.
//!
//! Little's law says what an answer takes from its request on: the requests pending, times what lies between two
//! answers. A rest is only taken where it is a small part of that. Sessions that were not answered lately do not count:
//! their slow queries would make the fast ones of others look slow.

use std::{
    cell::RefCell,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a rest is asked to be; systems make it up to twice as long.
const REST: Duration = Duration::from_micros(50);

/// A rest is at most one of so many parts of the time that an answer takes.
const SHARE: u32 = 10;

/// Over how long answers are counted, at least.
const WINDOW: Duration = Duration::from_millis(1);

thread_local! {
    static PACE: RefCell<Pace> = const { RefCell::new(Pace::new()) };
}

/// What one session adds to its thread's load.
#[derive(Default)]
pub(crate) struct Load {
    answered: u64,
    /// The window in which it was counted last.
    window: u32,
}

impl Load {
    /// Tells at the end of a turn what is pending then, and what was answered since the session began.
    pub(crate) fn update(&mut self, pending: usize, answered: u64) {
        let answers = answered.saturating_sub(self.answered);
        if answers == 0 {
            return;
        }
        self.answered = answered;
        PACE.with_borrow_mut(|pace| {
            let is_first = self.window != pace.number;
            self.window = pace.number;
            pace.count(answers, if is_first { answers + pending as u64 } else { 0 });
        });
    }
}

/// The thread is about to sleep until something happens: it rests before, where that pays.
pub(super) fn rest() {
    let is_due = PACE.with_borrow_mut(|pace| pace.is_fresh && pace.is_rest_due(Instant::now()));
    // Timers of other systems are too coarse.
    if is_due && cfg!(unix) {
        sleep(REST);
    }
}

/// How fast one thread's sessions are answered.
struct Pace {
    /// The number of the window, and when it began.
    number: u32,
    began: Option<Instant>,
    /// Answers in it.
    answers: u64,
    /// Calls that were pending on the sessions that were answered in it, each session at its first answer.
    pending: u64,
    /// What the last window says.
    pays: bool,
    /// Something was answered since the thread last slept.
    is_fresh: bool,
}

impl Pace {
    const fn new() -> Self {
        Self { number: 1, began: None, answers: 0, pending: 0, pays: false, is_fresh: false }
    }

    fn count(&mut self, answers: u64, pending: u64) {
        self.answers += answers;
        self.pending += pending;
        self.is_fresh = true;
    }

    fn is_rest_due(&mut self, now: Instant) -> bool {
        self.is_fresh = false;
        let length = now.saturating_duration_since(*self.began.get_or_insert(now));
        if length >= WINDOW {
            self.pays = pays(length, self.answers, self.pending);
            *self = Self {
                number: self.number.wrapping_add(1),
                began: Some(now),
                pays: self.pays,
                ..Self::new()
            };
        }
        self.pays
    }
}

/// Whether answers come so fast that a rest gathers some, and take so long that it is no matter.
fn pays(length: Duration, answers: u64, pending: u64) -> bool {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let Some(interval) = length.checked_div(count(answers)) else { return false };
    interval <= REST && interval.saturating_mul(count(pending)) >= REST * SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_rest_pays_when_many_answers_are_about_to_come() {
        assert!(pays(micros(1_000), 58, 64));
        assert!(pays(micros(1_000), 20, 10));
        assert!(pays(micros(1_000), 1_000_000, 1_000_000));
    }

    #[test]
    fn nobody_rests_for_answers_that_come_slowly_or_are_few() {
        assert!(!pays(micros(1_000), 19, 10_000));
        assert!(!pays(micros(1_000), 58, 28));
        assert!(!pays(micros(1_000), 58, 0));
        assert!(!pays(micros(1_000), 0, 64));
        assert!(!pays(Duration::MAX, u64::MAX, u64::MAX));
    }

    #[test]
    fn the_last_whole_window_says_whether_to_rest() {
        let start = Instant::now();
        let mut pace = Pace::new();
        pace.count(8, 64);
        assert!(!pace.is_rest_due(start));
        pace.count(50, 0);
        assert!(!pace.is_rest_due(start + micros(900)));
        pace.count(8, 0);
        assert!(pace.is_rest_due(start + micros(1_000)));
        pace.count(1, 1);
        assert!(pace.is_rest_due(start + micros(1_100)));
        pace.count(1, 0);
        assert!(!pace.is_rest_due(start + micros(2_000)));
    }

    #[test]
    fn a_session_counts_once_a_window_and_only_when_it_was_answered() {
        let (mut busy, mut slow) = (Load::default(), Load::default());
        PACE.set(Pace::new());
        let pending = || PACE.with_borrow(|pace| (pace.answers, pace.pending));
        slow.update(1_000, 0);
        assert_eq!(pending(), (0, 0));
        busy.update(60, 4);
        busy.update(62, 8);
        assert_eq!(pending(), (8, 64));
        let later = Instant::now() + WINDOW * 2;
        PACE.with_borrow_mut(|pace| {
            pace.began = Some(later - WINDOW);
            pace.is_rest_due(later)
        });
        busy.update(63, 9);
        assert_eq!(pending(), (1, 64));
    }
}
