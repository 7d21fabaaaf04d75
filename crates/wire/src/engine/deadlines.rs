//! When which call times out.

use std::{cmp::Reverse, collections::BinaryHeap, time::Instant};

/// The earliest first. A call that ends before its time stays here until then, or until many have.
#[derive(Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Instant, u64)>>);

/// Entries below which none are looked for that have lost their call.
const FEW: usize = 1024;

impl Deadlines {
    pub(super) fn add(&mut self, at: Instant, order: u64) {
        self.0.push(Reverse((at, order)));
    }

    /// The earliest, that of a call which has ended included.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// The order of a call whose time has come.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<u64> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, order))| order)
    }

    /// Whether most of them have lost their call.
    pub(super) fn is_stale(&self, pending: usize) -> bool {
        self.0.len() > FEW.max(pending * 2)
    }

    pub(super) fn retain(&mut self, is_pending: impl Fn(u64) -> bool) {
        self.0.retain(|Reverse((_, order))| is_pending(*order));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
