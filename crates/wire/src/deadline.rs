//! When something is to end.

use std::time::{Duration, Instant};

/// A moment, and the limit that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub at: Instant,
    /// In milliseconds. Whoever waited in vain is told of it.
    pub limit_ms: u32,
}

impl Deadline {
    pub fn after(now: Instant, limit_ms: u32) -> Self {
        Self { at: now + Duration::from_millis(u64::from(limit_ms)), limit_ms }
    }

    pub fn is_past(&self, now: Instant) -> bool {
        self.at <= now
    }
}
