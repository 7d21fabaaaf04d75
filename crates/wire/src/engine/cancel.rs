//! Giving calls up: timeouts, aborts, and the cancel request that must never harm another call.

use std::time::{Duration, Instant};

use super::{
    Ask, CANCEL_GRACE, Engine, Life,
    flight::{Call, Flight},
    plan::Plan,
    unsent::closing,
};
use crate::failure::Cause;

/// How long an unwanted call may run after its turn has come before it is cancelled, when a cancel could come too
/// late for it and hit another. The pause behind the first cancel request that did nothing is as long; each further one
/// is twice as long.
const PATIENCE: Duration = Duration::from_millis(100);

/// The end of the grace that was noticed so much later passed in a process that was stopped, or had no processor. What
/// the server did meanwhile is not read yet.
pub const UNATTENDED: Duration = Duration::from_millis(100);

/// What is given then to read it.
pub const LAST_LOOK: Duration = Duration::from_secs(1);

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
    /// The cancel connection is open: nothing is sent, so that the cancel cannot hit a later call.
    Open {
        target: u64,
    },
    /// The cancel connection is closed. A cancel that came before its query, or not at all, did nothing: the next is
    /// sent then.
    Waiting {
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
}

/// The cancel requests for the call at the front.
#[derive(Debug)]
pub(super) struct Pursuit {
    /// When the first was made.
    since: Instant,
    requests: u32,
    /// Why the last one was not delivered.
    trouble: Option<String>,
}

impl Pursuit {
    fn end(&self) -> Instant {
        self.since + CANCEL_GRACE
    }

    /// When the next request is made, or the session given up.
    fn again(&self, now: Instant) -> Instant {
        let doubled = self.requests.saturating_sub(1).min(8);
        self.end().min(now + PATIENCE * (1 << doubled))
    }
}

/// Why a cancel request did not reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    pub reason: String,
    /// It may reach the server yet, and hit whatever runs then.
    pub is_under_way: bool,
}

impl Engine {
    /// Gives a call up: its caller was answered already.
    pub fn abandon(&mut self, request: u32, now: Instant) {
        if let Some(mut call) = self.queue.take(request) {
            call.settled = true;
            self.reject(&call, closing());
        } else if let Some(place) = self.flight.iter().position(|flight| flight.call.request.id == request) {
            self.abandon_in_flight(place, now);
        }
    }

    pub(super) fn abandon_in_flight(&mut self, place: usize, now: Instant) {
        if let Some(flight) = self.flight.get_mut(place) {
            flight.call.settled = true;
        }
        let is_sent_anyway = self.flight.get(place).is_some_and(|flight| flight.call.request.is_sent_anyway);
        if place + self.unsent() >= self.flight.len() && !is_sent_anyway {
            if let Some(call) = self.withdraw_alone(place) {
                self.reject(&call, closing());
            }
            if place == 0 {
                self.front_begins(now);
            }
            self.close_when_quiet();
        } else {
            let was_open = self.flight.get(place).is_some_and(Flight::is_open);
            if was_open {
                self.end_many(closing());
            }
            if place > 0 && place == self.turn() {
                // What opens its transaction may run still: a cancel must not come too early.
                if let Some(flight) = self.flight.get_mut(place) {
                    flight.patience = Some(now + PATIENCE);
                }
                self.want_cancel();
            }
            if place == 0 {
                self.chunk.clear();
                self.forget_untaken();
                let fails_copy = self.fail_copy_in("the call was given up");
                self.be_patient(was_open || fails_copy || is_sent_anyway, now);
                self.want_cancel();
            }
        }
    }

    /// Gives the call at the front a moment to end by itself when a cancel may come too late for it: when its end has
    /// been read, or when other calls were sent behind it; or when it has just been told to end, as a COPY that waits for
    /// data is by CopyFail.
    fn be_patient(&mut self, is_ending: bool, now: Instant) {
        let written = self.output.written();
        let has_company = self.flight.get(1).is_some_and(|behind| !behind.is_unsent(written));
        if let Some(front) = self.flight.front_mut()
            && front.patience.is_none()
            && (is_ending || has_company || front.is_over())
        {
            front.patience = Some(now + PATIENCE);
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
        if let Ask::Open { portal, .. } = flight.call.request.ask {
            self.portals.remove(portal);
        }
        Some(flight.call)
    }

    /// Acts on what is due: timeouts and overdue cancels.
    pub fn tick(&mut self, now: Instant) {
        self.time_out(now);
        if self.last_words_due().is_some_and(|due| due <= now)
            && let Some((_, cause)) = self.write_failure.take()
        {
            self.end(cause);
            return;
        }
        if self.cancel_due().is_some_and(|due| due <= now) {
            self.pursue(now);
        }
    }

    /// When the cancelling of the call at the front goes on by itself, or is given up. Never while the answer may lie in
    /// the socket, where it waits for JavaScript.
    pub(super) fn cancel_due(&self) -> Option<Instant> {
        if !self.wants_input() {
            return None;
        }
        let end = self.pursuit.as_ref().map(Pursuit::end);
        match self.cancel {
            Cancel::Due(at) => Some(at),
            Cancel::Waiting { again } => Some(again),
            // When the call has ended meanwhile, the driver's own limit ends the waiting.
            Cancel::Open { .. } => end,
            // Once the server has all of the call, only the driver's other cancels are waited for.
            Cancel::Wanted { since: Some(since) } if !self.front_is_sent() => Some(since + CANCEL_GRACE),
            Cancel::Wanted { .. } => end,
            Cancel::Idle => None,
        }
    }

    /// Input is taken again: what the server did not do in time may only not have been read in time.
    pub(super) fn resume(&mut self, now: Instant) {
        if let Some(pursuit) = &mut self.pursuit {
            pursuit.since = now;
        }
        if let Some((since, _)) = &mut self.write_failure {
            *since = now;
        }
        match &mut self.cancel {
            Cancel::Due(at) => *at = now + PATIENCE,
            Cancel::Wanted { since: Some(since) } => *since = now,
            Cancel::Idle | Cancel::Wanted { since: None } | Cancel::Open { .. } | Cancel::Waiting { .. } => {}
        }
    }

    /// Puts an end of the grace off that was noticed late; whether it did.
    fn look_again(&mut self, now: Instant) -> bool {
        let is_sent = self.front_is_sent();
        let since = match (&mut self.cancel, &mut self.pursuit) {
            (Cancel::Wanted { since: Some(since) }, _) if !is_sent => since,
            (_, Some(pursuit)) => &mut pursuit.since,
            (_, None) => return false,
        };
        let late = now.saturating_duration_since(*since + CANCEL_GRACE);
        if late <= UNATTENDED {
            return false;
        }
        *since += late + LAST_LOOK;
        true
    }

    /// The next cancel request, or the end of the session whose call does not react to them.
    fn pursue(&mut self, now: Instant) {
        let looks_again = self.look_again(now);
        let given_up = self.pursuit.as_ref().is_some_and(|pursuit| pursuit.end() <= now);
        let reason = match (&self.cancel, &self.pursuit) {
            (Cancel::Due(_), _) | (Cancel::Waiting { .. }, _) if !given_up => {
                self.cancel = Cancel::Wanted { since: None };
                return;
            }
            _ if looks_again => return,
            (Cancel::Open { .. }, _) => "a cancel request could not be delivered within 5 s".to_owned(),
            (_, Some(Pursuit { trouble: Some(trouble), .. })) => {
                format!("a cancel request could not be delivered within 5 s: {trouble}")
            }
            (_, Some(_)) => "the server did not act on a cancel request within 5 s".to_owned(),
            (_, None) => {
                "the server did not take the messages of a call to be cancelled within 5 s".to_owned()
            }
        };
        self.end(Cause::Cancel(reason));
    }

    /// The call at the front has ended, and with it the wish to cancel it.
    pub(super) fn front_answered(&mut self) {
        self.forget_untaken();
        self.pursuit = None;
        if !self.cancel.is_open() {
            self.cancel = Cancel::Idle;
        }
    }

    /// Another call has come to the front. One that nobody wants any more is given a moment to end by itself.
    pub(super) fn front_begins(&mut self, now: Instant) {
        let idle = self.status == crate::description::TransactionStatus::Idle;
        let Some(front) = self.flight.front_mut() else { return };
        front.began_idle = idle;
        front.began = Some(now);
        let turn = self.turn();
        if let Some(flight) = self.flight.get_mut(turn)
            && flight.call.settled
        {
            flight.patience = Some(now + PATIENCE);
        }
        self.undo_many();
        self.want_cancel();
    }

    /// The place of the call whose turn it is: the front, or the call that shares its Sync with what opens its transaction.
    /// The server keeps its answers until that Sync, so that no answer tells when that call begins.
    fn turn(&self) -> usize {
        self.flight.iter().position(|flight| !flight.is_joined).unwrap_or(0)
    }

    /// Has the call whose turn it is cancelled if nobody wants it, at once or when its time is up.
    pub(super) fn want_cancel(&mut self) {
        if self.cancel.holds_calls() {
            return;
        }
        let Some(flight) = self.flight.get(self.turn()) else { return };
        self.cancel = if matches!(self.life, Life::Closing) {
            Cancel::Wanted { since: None }
        } else if flight.call.settled {
            flight.patience.map_or(Cancel::Wanted { since: None }, Cancel::Due)
        } else {
            Cancel::Idle
        };
    }

    /// Whether a cancel connection is to be opened. A cancel that overtakes its call would do nothing.
    pub fn wants_cancel(&mut self, now: Instant) -> bool {
        let Cancel::Wanted { since } = &mut self.cancel else { return false };
        since.get_or_insert(now);
        self.front_is_sent()
    }

    /// A cancel connection can be opened now; whether it is. It counts as open from here on.
    pub fn open_cancel(&mut self, now: Instant) -> bool {
        if !self.wants_cancel(now) {
            return false;
        }
        let Some(front) = self.flight.front() else { return false };
        self.cancel = Cancel::Open { target: front.call.order };
        let pursuit = self.pursuit.get_or_insert(Pursuit { since: now, requests: 0, trouble: None });
        pursuit.requests += 1;
        let sent = self.flight.len() - self.unsent();
        for flight in self.flight.iter_mut().take(sent) {
            flight.exposed = true;
        }
        true
    }

    /// Whether a cancel can hit the call whose turn it is: the server has all of it. One for many can be hit as soon as the
    /// server has begun with it, and may be stuck with the rest in the socket. The same goes for the data of a COPY.
    fn front_is_sent(&self) -> bool {
        let written = self.output.written();
        self.flight.get(self.turn()).is_some_and(|flight| {
            let has_begun = matches!(flight.plan, Plan::Many(_)) && !flight.is_unsent(written);
            flight.is_sent(written) || has_begun || flight.plan.is_refused()
        })
    }

    /// The server has closed the cancel connection, or the request could not be delivered.
    pub fn cancel_closed(&mut self, result: Result<(), Undelivered>, now: Instant) {
        let Cancel::Open { target } = self.cancel else { return };
        let trouble = match result {
            Ok(()) => None,
            Err(Undelivered { reason, is_under_way: true }) => {
                self.end(Cause::Cancel(format!("a cancel request may hit a later call: {reason}")));
                return;
            }
            // Its caller was answered: that matters only if the call does not end by itself.
            Err(Undelivered { reason, is_under_way: false }) => Some(reason),
        };
        self.cancel = match (self.flight.front(), &mut self.pursuit) {
            (Some(front), Some(pursuit)) if front.call.order == target => {
                pursuit.trouble = trouble;
                Cancel::Waiting { again: pursuit.again(now) }
            }
            _ => Cancel::Idle,
        };
        self.want_cancel();
        self.close_when_quiet();
    }
}
