//! From the queue to the wire.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use super::{
    Engine,
    flight::{Call, Doubt, Flight},
    opening,
    plan::{Origin, Plan},
    sets,
    unsent::Unsent,
};
use crate::description::TransactionStatus;

/// Bytes that may wait for the socket before composing stops, so that arguments never exist twice for a whole queue.
pub(super) const COMPOSED: usize = 256 * 1024;

/// A call that runs longer may run until somebody gives it up.
const SHORT: Duration = Duration::from_millis(5);

impl Engine {
    /// Composes what may be sent now. True when it stopped because enough is waiting: to be called again once that was
    /// written.
    pub fn pump(&mut self, now: Instant) -> bool {
        if self.write_failure.is_some() {
            // What is composed is never written, nor does what waits become less.
            return false;
        }
        while !self.cancel.holds_calls() {
            if self.has_open_many() {
                if self.output.unwritten().len() >= COMPOSED {
                    return true;
                }
                if self.continue_many(now) {
                    continue;
                }
                break;
            }
            if self.holds_wire() || self.awaits_opening() {
                break;
            }
            let Some(call) = self.queue.front() else { break };
            if call.waits()
                || (call.needs_empty_wire() && !self.flight.is_empty())
                || self.is_at_risk(call, now)
            {
                break;
            }
            if self.output.unwritten().len() >= COMPOSED {
                return true;
            }
            let Some(call) = self.queue.pop_front() else { break };
            if call.sets.as_ref().is_some_and(|sets| sets.has_failed) {
                self.reject(&call, sets::source_failed());
                continue;
            }
            if call.is_opening() {
                self.open(call, now);
            } else {
                let start = self.output.end();
                self.write(call, start, now);
            }
        }
        false
    }

    /// Whether the call would wait behind one that may be cancelled, and be lost if the cancel came too late for that
    /// one. What reads is run again.
    fn is_at_risk(&self, call: &Call, now: Instant) -> bool {
        let is_long = |began: Instant| now.saturating_duration_since(began) > SHORT;
        !call.is_read()
            && self
                .flight
                .front()
                .is_some_and(|front| front.call.is_revocable() && front.began.is_some_and(is_long))
    }

    fn holds_wire(&self) -> bool {
        self.flight.back().is_some_and(|flight| flight.plan.holds_wire())
    }

    /// Composes a call. What is before it from `start` on is sent with it.
    pub(super) fn write(&mut self, mut call: Call, group: u64, now: Instant) {
        if self.is_unopened(&call) {
            self.reject(&call, opening::unopened());
            return;
        }
        if let Some(failure) = call.second_try.take()
            && self.status != TransactionStatus::Idle
        {
            // What was sent behind it has opened a transaction meanwhile, which it was no part of.
            self.reject(&call, failure);
            return;
        }
        let start = self.output.end();
        let mut composed = self.compose(&mut call, now);
        if let Err(Unsent { failure, relied_on: Some(description), .. }) = composed {
            // Nothing of it was sent: what the parameters are is asked anew, in a transaction too.
            self.output.truncate(start);
            if call.request.query.own.is_some() {
                // The statement stays as it is.
                self.doubt_attributes(&mut call, &description);
                call.write_anew();
            } else {
                call.doubt = Some(Doubt { failure, element: call.element.take(), description });
            }
            composed = self.compose(&mut call, now);
        }
        match composed {
            Err(Unsent { wants: Some((statement, origin)), .. }) => {
                self.output.truncate(start);
                if origin == Origin::Described {
                    call.described = Some(statement.clone());
                }
                self.ask_for_arguments(call, &statement);
            }
            Ok(plan) => {
                let span = group..self.output.end();
                self.put_in_flight(call, plan, span, now);
            }
            Err(unsent) => {
                self.output.truncate(start);
                self.reject(&call, unsent.failure);
            }
        }
    }

    /// What lies at `span` is on its way, with the Close messages in front of it.
    pub(super) fn put_in_flight(&mut self, call: Call, plan: Plan, span: Range<u64>, now: Instant) {
        let closes = if call.is_script() { Vec::new() } else { self.statements.take_closes() };
        if call.times.is_some() {
            self.timed_until = Some(span.end);
        }
        let mut flight = Flight::new(call, plan, span, closes);
        flight.is_complete = matches!(&flight.plan, Plan::Many(many) if many.is_answered());
        self.flight.push_back(flight);
        if self.flight.len() == 1 {
            self.front_begins(now);
        }
    }
}
