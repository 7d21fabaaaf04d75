//! The `close()` calls of a session, and how long each of them waits.

use std::time::{Duration, Instant};

use cornac_wire::{
    deadline::Deadline,
    failure::Failure,
    record::{Record, kind},
};

/// How long the server may take to close the socket once it was told to.
const FAREWELL: Duration = Duration::from_secs(5);

struct Closer {
    request: u32,
    deadline: Option<Deadline>,
}

#[derive(Default)]
pub(super) struct Closing {
    closers: Vec<Closer>,
    /// When the socket is dropped, whether the server has closed it or not.
    ends: Option<Instant>,
}

impl Closing {
    pub(super) fn add(&mut self, request: u32, deadline: Option<Deadline>) {
        self.closers.push(Closer { request, deadline });
    }

    /// The last message was composed.
    pub(super) fn part(&mut self, now: Instant) {
        self.ends.get_or_insert(now + FAREWELL);
    }

    /// When the session is over at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        let limits = self.closers.iter().filter_map(|closer| closer.deadline).map(|deadline| deadline.at);
        limits.chain(self.ends).min()
    }

    /// Answers everybody, the session being over: those whose own limit has passed have waited in vain.
    pub(super) fn answer(&mut self, now: Instant) -> Vec<u8> {
        let mut records = Vec::new();
        for Closer { request, deadline } in self.closers.drain(..) {
            match deadline.filter(|deadline| deadline.is_past(now)) {
                Some(Deadline { limit_ms, .. }) => {
                    Failure::CloseTimeout { limit_ms }.record(request, true, 0, &mut records);
                }
                None => Record::new(&mut records, kind::DONE, &[request, 0]).finish(),
            }
        }
        records
    }
}
