//! What opens a transaction, under one Sync with the first call in it.
//!
//! An error between two Syncs has the server skip what is left up to the second, so that a call does not run outside of
//! its transaction when BEGIN fails by itself. What could not be put under the same Sync waits until the transaction is
//! open, and is refused when it could not be opened.

use std::time::Instant;

use postgres_protocol::message::frontend;

use super::{
    Ask, Engine,
    flight::{Call, Flight},
    plan::Place,
};
use crate::{description::TransactionStatus, failure::Failure, query::StatementKind};

impl Call {
    /// It opens a transaction, or a savepoint in it.
    pub(super) fn is_opening(&self) -> bool {
        // What is known without a description fits into the round of another call.
        matches!(self.request.ask, Ask::Opening { .. }) && self.request.query.kind == StatementKind::Control
    }

    /// It can be under one Sync with what opens its transaction. A portal then needs not wait to know whether there is
    /// one.
    fn shares_sync(&self) -> bool {
        matches!(self.request.ask, Ask::Statement | Ask::Many | Ask::Prepare | Ask::Open { .. })
            && !self.is_alone()
            && self.second_try.is_none()
            && !self.waits_for_arguments()
    }
}

impl Engine {
    /// Composes what opens a transaction, the savepoints behind it, and the first call within under the same Sync.
    pub(super) fn open(&mut self, mut call: Call, now: Instant) {
        let start = self.output.end();
        loop {
            if call.is_opening() {
                self.compose_opening(call, start, now);
            } else {
                self.write(call, start, now);
                break;
            }
            let fits = self.queue.front().is_some_and(|next| next.is_opening() || next.shares_sync());
            let Some(next) = self.queue.pop_front_if(fits) else { break };
            call = next;
        }
        // Nothing was put behind the last of them.
        if let Some(flight) = self.flight.back_mut().filter(|flight| flight.is_joined) {
            flight.is_joined = false;
            frontend::sync(self.output.composing());
            flight.span = start..self.output.end();
        }
    }

    fn compose_opening(&mut self, mut call: Call, start: u64, now: Instant) {
        if let Ask::Opening { .. } = call.request.ask
            && call.request.within == 0
        {
            // What was within transactions before it has had its turn.
            self.unopened.clear();
        }
        if self.is_unopened(&call) {
            self.reject(&call, unopened());
            return;
        }
        let end = self.output.end();
        match self.compose(&mut call, now) {
            Ok(plan) => {
                // The bytes are those of the call behind it, with which it is sent or taken back.
                self.put_in_flight(call, plan, start..start, now);
                if let Some(flight) = self.flight.back_mut() {
                    flight.is_joined = true;
                }
            }
            Err(unsent) => {
                self.output.truncate(end);
                self.reject(&call, unsent.failure);
            }
        }
    }

    /// Whether the transaction that the call is part of could not be opened.
    pub(super) fn is_unopened(&self, call: &Call) -> bool {
        self.unopened.contains(&call.request.within)
    }

    /// A call has failed: what is within the transaction that it was to open must not run.
    pub(super) fn note_unopened(&mut self, call: &Call) {
        if let Ask::Opening { number } = call.request.ask {
            self.unopened.push(number);
        }
    }

    /// Whether the last call in flight shares its Sync with one that was not answered.
    pub(super) fn awaits_opening(&self) -> bool {
        self.flight.iter().rev().take(2).any(|flight| flight.call.is_opening())
    }

    /// What the front has opened is known before its Sync is answered: the call behind it comes to the front.
    pub(super) fn opened(&mut self, now: Instant) {
        let Some(flight) = self.pop_joined() else { return };
        self.status = TransactionStatus::InTransaction;
        self.finish(&flight);
        self.next_begins(flight, now);
    }

    /// What opens a transaction has failed, so that the server skips what shares its Sync.
    pub(super) fn not_opened(&mut self, now: Instant) {
        while let Some(flight) = self.pop_joined() {
            self.finish(&flight);
            self.next_begins(flight, now);
            if let Some(skipped) = self.flight.front_mut() {
                skipped.failure = Some(unopened());
                skipped.failed_at = Some(Place::Parse);
                skipped.is_complete = true;
                let unconfirmed = std::mem::take(&mut skipped.closes);
                self.statements.close(unconfirmed);
            }
        }
        self.sync_many();
    }

    fn pop_joined(&mut self) -> Option<Flight> {
        let is_over = self.flight.front().is_some_and(|flight| flight.is_joined && flight.is_complete);
        if is_over { self.flight.pop_front() } else { None }
    }

    fn next_begins(&mut self, flight: Flight, now: Instant) {
        if let Some(statement) = flight.plan.into_statement() {
            self.statements.release(statement);
        }
        self.front_answered();
        self.front_begins(now);
    }

    /// Takes an unsent call back, and puts what was composed under its Sync back into the queue.
    pub(super) fn withdraw_alone(&mut self, place: usize) -> Option<Call> {
        let call = self.withdraw(place);
        let mut before = place;
        while before > 0 && self.flight.get(before - 1).is_some_and(|flight| flight.is_joined) {
            before -= 1;
            if let Some(opening) = self.withdraw(before) {
                self.queue.add(opening);
            }
        }
        call
    }
}

pub(super) fn unopened() -> Failure {
    Failure::Interface {
        message: "the transaction could not be started, so that nothing can run in it".to_owned(),
        hint: None,
    }
}
