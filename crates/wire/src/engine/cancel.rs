//! Giving calls up: timeouts, aborts, and the cancel request that must never harm another call.

use std::time::{Duration, Instant};

use super::{CANCEL_GRACE, Engine, Life};
use crate::failure::{Cause, Failure};

/// How long an unwanted call may run after its turn has come before it is cancelled.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where the cancelling of the call at the front stands.
#[derive(Debug)]
pub(super) enum Cancel {
    Idle,
    /// The call at the front is unwanted: it is cancelled if it still runs then.
    Due(Instant),
    /// The driver is to open a cancel connection.
    Wanted,
    /// The cancel connection is open since then: nothing is sent, so that the cancel cannot hit a later call.
    Open(Instant),
    /// The server has closed the cancel connection. A cancel that came before its query did nothing: the next is
    /// sent then.
    Delivered {
        again: Instant,
    },
}

impl Cancel {
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Cancel::Wanted | Cancel::Open(_))
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Cancel::Due(at) | Cancel::Delivered { again: at } => Some(*at),
            Cancel::Open(since) => since.checked_add(CANCEL_GRACE),
            Cancel::Idle | Cancel::Wanted => None,
        }
    }
}

impl Engine {
    /// Gives a call up: its caller was answered already.
    pub fn abandon(&mut self, request: u32) {
        if let Some(place) = self.queue.iter().position(|call| call.request.id == request) {
            if let Some(mut call) = self.queue.remove(place) {
                call.settled = true;
                self.reject(&call, super::closing());
            }
            return;
        }
        if let Some(place) = self.flight.iter().position(|flight| flight.call.request.id == request) {
            if let Some(flight) = self.flight.get_mut(place) {
                flight.call.settled = true;
            }
            if place == 0 {
                self.chunk.clear();
                self.cancel_front();
            }
        }
    }

    /// Acts on what is due: timeouts and overdue cancels.
    pub fn tick(&mut self, now: Instant) {
        if self.earliest.is_some_and(|earliest| earliest <= now) {
            self.time_out(now);
        }
        match self.cancel {
            Cancel::Due(at) if at <= now => self.cancel_front(),
            Cancel::Open(since) if since + CANCEL_GRACE <= now => {
                self.end(Cause::Cancel("a cancel request could not be delivered within 5 s".to_owned()));
            }
            Cancel::Delivered { again } if again <= now => {
                if self.cancelling_since.is_some_and(|since| since + CANCEL_GRACE <= now) {
                    self.end(Cause::Cancel(
                        "the server did not act on a cancel request within 5 s".to_owned(),
                    ));
                } else {
                    self.cancel = Cancel::Wanted;
                }
            }
            _ => {}
        }
    }

    fn time_out(&mut self, now: Instant) {
        let status = self.status.as_byte();
        let mut expired = Vec::new();
        let mut earliest = None;
        let calls = self.queue.iter_mut().chain(self.flight.iter_mut().map(|flight| &mut flight.call));
        for call in calls.filter(|call| !call.settled) {
            let Some((deadline, limit_ms)) = call.request.deadline else { continue };
            if deadline <= now {
                call.settled = true;
                Failure::Timeout { limit_ms }.record(call.request.id, false, status, &mut self.records);
                expired.push(call.request.id);
            } else {
                earliest = Some(earliest.map_or(deadline, |e: Instant| e.min(deadline)));
            }
        }
        self.earliest = earliest;
        for request in expired {
            self.abandon(request);
        }
    }

    /// The call at the front has ended, and with it the wish to cancel it.
    pub(super) fn front_answered(&mut self) {
        self.cancelling_since = None;
        if !matches!(self.cancel, Cancel::Open(_)) {
            self.cancel = Cancel::Idle;
        }
    }

    pub(super) fn cancel_front(&mut self) {
        if matches!(self.cancel, Cancel::Idle | Cancel::Due(_)) {
            self.cancel = Cancel::Wanted;
        }
    }

    /// A call's turn has come: one that nobody wants any more is given a moment to end by itself.
    pub(super) fn turn_begins(&mut self, now: Instant) {
        if matches!(self.cancel, Cancel::Idle)
            && self.flight.front().is_some_and(|flight| flight.call.settled)
        {
            self.cancel = Cancel::Due(now + PATIENCE);
        }
    }

    /// Whether a cancel connection is to be opened now; it counts as open from here on.
    pub fn take_cancel(&mut self, now: Instant) -> bool {
        if !matches!(self.cancel, Cancel::Wanted) || self.flight.is_empty() {
            return false;
        }
        self.cancel = Cancel::Open(now);
        self.cancelling_since.get_or_insert(now);
        for flight in &mut self.flight {
            flight.exposed = true;
        }
        true
    }

    /// The server has closed the cancel connection, or it could not be made.
    pub fn cancel_closed(&mut self, result: Result<(), String>, now: Instant) {
        if !matches!(self.cancel, Cancel::Open(_)) {
            return;
        }
        if let Err(reason) = result {
            self.end(Cause::Cancel(format!("a cancel request could not be delivered: {reason}")));
            return;
        }
        let closing = matches!(self.life, Life::Closing);
        let front = self.flight.front();
        if front.is_some_and(|flight| closing || (flight.call.settled && flight.exposed)) {
            self.cancel = Cancel::Delivered { again: now + PATIENCE };
        } else {
            self.cancel = Cancel::Idle;
            self.turn_begins(now);
        }
        self.close_when_quiet();
    }
}
