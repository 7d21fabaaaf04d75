//! Giving calls up: timeouts, aborts, and the cancel request that must never harm another call.

use std::time::{Duration, Instant};

use super::{CANCEL_GRACE, Engine, LAST_WORDS_GRACE, Life, flight::Call};
use crate::failure::{Cause, Failure};

/// How long an unwanted call may run after its turn has come before it is cancelled.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where the cancelling of the call at the front stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cancel {
    Idle,
    /// The call at the front is unwanted: it is cancelled if it still runs then.
    Due(Instant),
    /// The driver is to open a cancel connection, once the server has all of the call to be cancelled.
    Wanted {
        since: Option<Instant>,
    },
    /// The cancel connection is open since then: nothing is sent, so that the cancel cannot hit a later call.
    Open {
        since: Instant,
        target: u64,
    },
    /// The server has closed the cancel connection. A cancel that came before its query did nothing: the next is
    /// sent then.
    Delivered {
        again: Instant,
    },
}

impl Cancel {
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Cancel::Open { .. })
    }

    /// No further call is written: it would only wait behind the one to be cancelled, in reach of the next cancel.
    pub(super) fn holds_calls(&self) -> bool {
        !matches!(self, Cancel::Idle | Cancel::Due(_))
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Cancel::Due(at) | Cancel::Delivered { again: at } => Some(*at),
            Cancel::Wanted { since: Some(since) } | Cancel::Open { since, .. } => {
                since.checked_add(CANCEL_GRACE)
            }
            Cancel::Idle | Cancel::Wanted { since: None } => None,
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
        let Some(place) = self.flight.iter().position(|flight| flight.call.request.id == request) else {
            return;
        };
        if let Some(flight) = self.flight.get_mut(place) {
            flight.call.settled = true;
        }
        if place + self.unsent() >= self.flight.len() {
            if let Some(call) = self.withdraw(place) {
                self.reject(&call, super::closing());
            }
            self.front_begins(None);
            self.close_when_quiet();
        } else if place == 0 {
            self.chunk.clear();
            self.want_cancel();
        }
    }

    /// How many plans at the end of `flight` the server has seen nothing of.
    pub(super) fn unsent(&self) -> usize {
        let written = self.output.written();
        self.flight.iter().rev().take_while(|flight| flight.is_unsent(written)).count()
    }

    /// Takes an unsent plan back, its bytes and all.
    pub(super) fn withdraw(&mut self, place: usize) -> Option<Call> {
        let flight = self.flight.remove(place)?;
        self.output.cut(&flight.span);
        let size = flight.span.end - flight.span.start;
        for behind in self.flight.iter_mut().skip(place) {
            behind.span = behind.span.start - size..behind.span.end - size;
        }
        self.statements.close(flight.closes);
        Some(flight.call)
    }

    /// Acts on what is due: timeouts and overdue cancels.
    pub fn tick(&mut self, now: Instant) {
        if self.earliest.is_some_and(|earliest| earliest <= now) {
            self.time_out(now);
        }
        if self.write_failure.as_ref().is_some_and(|(since, _)| *since + LAST_WORDS_GRACE <= now)
            && let Some((_, cause)) = self.write_failure.take()
        {
            self.end(cause);
            return;
        }
        let late = |since: Instant| since + CANCEL_GRACE <= now;
        let reason = match self.cancel {
            Cancel::Due(at) if at <= now => {
                self.cancel = Cancel::Wanted { since: None };
                return;
            }
            Cancel::Wanted { since: Some(since) } if late(since) => {
                "the server did not take the messages of a call to be cancelled within 5 s"
            }
            Cancel::Open { since, .. } if late(since) => "a cancel request could not be delivered within 5 s",
            Cancel::Delivered { again } if again <= now => {
                if !self.cancelling_since.is_some_and(late) {
                    self.cancel = Cancel::Wanted { since: None };
                    return;
                }
                "the server did not act on a cancel request within 5 s"
            }
            _ => return,
        };
        self.end(Cause::Cancel(reason.to_owned()));
    }

    fn time_out(&mut self, now: Instant) {
        let status = self.status.as_byte();
        let mut expired = Vec::new();
        let mut earliest = None;
        let flying = self.flight.iter_mut().map(|flight| &mut flight.call);
        for call in flying.chain(&mut self.queue).filter(|call| !call.settled) {
            let Some(deadline) = call.request.deadline else { continue };
            if deadline.is_past(now) {
                call.settled = true;
                Failure::Timeout { limit_ms: deadline.limit_ms }.record(
                    call.request.id,
                    false,
                    status,
                    &mut self.records,
                );
                expired.push(call.request.id);
            } else {
                earliest = [earliest, Some(deadline.at)].into_iter().flatten().min();
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
        if !self.cancel.is_open() {
            self.cancel = Cancel::Idle;
        }
    }

    /// Another call has come to the front. One that nobody wants any more is given a moment to end by itself, from
    /// `now` on when its turn has come just now.
    pub(super) fn front_begins(&mut self, now: Option<Instant>) {
        let idle = self.status == crate::description::TransactionStatus::Idle;
        let Some(front) = self.flight.front_mut() else { return };
        front.began_idle = idle;
        if let Some(now) = now
            && front.call.settled
        {
            front.patience = Some(now + PATIENCE);
        }
        self.want_cancel();
    }

    /// Has the call at the front cancelled if nobody wants it, at once or when its time is up.
    pub(super) fn want_cancel(&mut self) {
        if self.cancel.holds_calls() {
            return;
        }
        let Some(front) = self.flight.front() else { return };
        self.cancel = if matches!(self.life, Life::Closing) {
            Cancel::Wanted { since: None }
        } else if front.call.settled {
            front.patience.map_or(Cancel::Wanted { since: None }, Cancel::Due)
        } else {
            Cancel::Idle
        };
    }

    /// Whether a cancel connection is to be opened. A cancel that overtakes its call would do nothing.
    pub fn wants_cancel(&mut self, now: Instant) -> bool {
        let Cancel::Wanted { since } = &mut self.cancel else { return false };
        since.get_or_insert(now);
        self.flight.front().is_some_and(|front| front.is_sent(self.output.written()))
    }

    /// A cancel connection can be opened now; whether it is. It counts as open from here on.
    pub fn open_cancel(&mut self, now: Instant) -> bool {
        if !self.wants_cancel(now) {
            return false;
        }
        let Some(front) = self.flight.front() else { return false };
        self.cancel = Cancel::Open { since: now, target: front.call.order };
        self.cancelling_since.get_or_insert(now);
        let sent = self.flight.len() - self.unsent();
        for flight in self.flight.iter_mut().take(sent) {
            flight.exposed = true;
        }
        true
    }

    /// The server has closed the cancel connection, or it could not be made.
    pub fn cancel_closed(&mut self, result: Result<(), String>, now: Instant) {
        let Cancel::Open { target, .. } = self.cancel else { return };
        if let Err(reason) = result {
            self.end(Cause::Cancel(format!("a cancel request could not be delivered: {reason}")));
            return;
        }
        self.cancel = match self.flight.front() {
            Some(front) if front.call.order == target => Cancel::Delivered { again: now + PATIENCE },
            _ => Cancel::Idle,
        };
        self.want_cancel();
        self.close_when_quiet();
    }
}
