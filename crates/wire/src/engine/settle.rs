//! The end of a call: ReadyForQuery, a record for the caller, or another try.

use std::{sync::Arc, time::Instant};

use super::{
    Ask, Engine, Life,
    fatal::Fatal,
    flight::{Call, Doubt, Flight},
    plan::{Bound, Origin, Place, Plan},
    unsent::closing,
};
use crate::{
    cells::Head,
    description::{self, Diagnostic, TransactionStatus},
    failure::{Cause, Failure},
    record::{Record, kind},
    staleness::{self, Refused, Verdict},
    statement::{Description, Statement},
};

/// What becomes of a call whose plan was answered.
pub(super) enum Outcome {
    /// The caller gets its rows, its error, or nothing any more.
    Finished,
    /// It has got its rows.
    Told,
    /// It goes back to its place in the queue.
    Again,
}

impl Engine {
    pub(super) fn ready(&mut self, body: &[u8], now: Instant) -> Result<(), Fatal> {
        let status = description::ready_for_query(body)?;
        if !self.flight.front().is_some_and(|flight| flight.is_complete || flight.plan.may_end()) {
            return Err(Fatal::Unexpected);
        }
        let Some(mut flight) = self.flight.pop_front() else { return Err(Fatal::Unexpected) };
        self.status = status;
        if let Ask::Open { portal, .. } = flight.call.request.ask {
            let bound = flight.plan.bound().filter(|_| flight.failure.is_none());
            self.portals.opened(portal, bound.map(|bound| bound.statement.clone()));
        }
        if status == TransactionStatus::Idle {
            self.portals.end();
        }
        // They were not the last after all.
        self.last_words = None;
        self.front_answered();
        match self.judge(&mut flight) {
            Outcome::Finished => {
                self.tell_times(&flight, now);
                self.finish(&flight);
            }
            Outcome::Told => self.tell_times(&flight, now),
            Outcome::Again => {
                self.queue.add(flight.call);
            }
        }
        if let Some(statement) = flight.plan.into_statement() {
            // Its shape must outlive the records that name it.
            self.statements.release(statement);
        }
        if matches!(self.life, Life::Closing) && !self.flight.is_empty() {
            // Calls were sent behind the one that was cancelled: they are not waited for.
            self.end(Cause::Closed);
            return Ok(());
        }
        self.front_begins(now);
        self.close_when_quiet();
        Ok(())
    }

    fn judge(&mut self, flight: &mut Flight) -> Outcome {
        if let Plan::LookUp(_) = &flight.plan {
            return self.looked_up(flight);
        }
        if flight.failure.is_none()
            && let Some(statement) = flight.call.described.take()
        {
            return self.keep(flight, statement);
        }
        if let Some(statement) = flight.prepared() {
            self.statements.prepared(&flight.call.request.query, statement);
        }
        self.statements.close(flight.orphan());
        if flight.failure.is_none() {
            let waits = !flight.held.is_empty() && !flight.call.settled;
            return if waits { self.hold(flight) } else { Outcome::Finished };
        }
        self.doubt_records(flight);
        let trouble = Trouble::of(flight, |description| self.relies_on_attributes(description));
        self.learn(flight, trouble);
        let may_try = flight.began_idle
            && !flight.call.settled
            && flight.call.can_begin_anew()
            && matches!(self.life, Life::Open);
        if may_try && self.is_cured(flight, trouble) {
            self.chunk.clear();
            flight.call.begin_anew();
            flight.call.was_run |=
                flight.failed_at.is_none() && matches!(trouble, Trouble::Unreadable | Trouble::Outdated);
            flight.call.second_try = flight.failure.take();
            return Outcome::Again;
        }
        flight.tell_doubt();
        Outcome::Finished
    }

    /// What is known to be wrong is known no more.
    fn learn(&mut self, flight: &Flight, trouble: Trouble) {
        let query = &flight.call.request.query;
        match (trouble, flight.plan.bound().map(|bound| &bound.statement)) {
            (Trouble::Stale | Trouble::Unreadable, Some(statement)) => {
                self.statements.forget(query, statement);
            }
            // A transaction has failed with it, so that the server cannot be asked now.
            (Trouble::Doubtful, Some(statement)) if !flight.began_idle => {
                self.statements.forget(query, statement);
            }
            (Trouble::Outdated, _) => self.types.map().forget(),
            (Trouble::Vanished, Some(statement)) => {
                let is_closed_behind = self.flight.iter().any(|behind| behind.closes_surely(&statement.name));
                self.statements.vanished(query, statement, is_closed_behind);
            }
            // Another one of that name is the user's own affair.
            (Trouble::Clash, _) if !query.is_named() => {
                self.statements.clashed();
            }
            _ => {}
        }
    }

    /// Whether the call is run once more, with good hope and without harm.
    fn is_cured(&self, flight: &mut Flight, trouble: Trouble) -> bool {
        let may_run_again = self.may_run_again(flight);
        let call = &mut flight.call;
        let tried = match trouble {
            // From now on it goes without a name.
            Trouble::Clash | Trouble::Vanished
                if self.statements.is_pooled() && !call.request.query.is_named() =>
            {
                return true;
            }
            // The user has prepared it as it is, and is told.
            Trouble::Stale if call.request.query.own.is_some() => return false,
            Trouble::Stale | Trouble::Vanished => &mut call.prepared_again,
            // It was executed: to its end, or rolled back.
            Trouble::Unreadable if call.is_read() => &mut call.prepared_again,
            Trouble::Unreadable if call.is_repeatable() && flight.failed_at.is_some() => {
                &mut call.prepared_again
            }
            Trouble::Outdated if call.is_read() && !flight.rows_out => &mut call.prepared_again,
            Trouble::Doubtful if !call.prepared_again => {
                let description = flight.plan.bound().map(|bound| bound.statement.description.clone());
                let doubt = flight.failure.clone().zip(description);
                let element = call.element.take();
                call.doubt = doubt.map(|(failure, description)| Doubt { failure, element, description });
                return true;
            }
            Trouble::Hit if may_run_again => &mut call.run_again,
            _ => return false,
        };
        !std::mem::replace(tried, true)
    }

    /// A description is complete: it is remembered, the statement is kept where it may be, and the call goes on.
    fn keep(&mut self, flight: &mut Flight, statement: Arc<Statement>) -> Outcome {
        let query = &flight.call.request.query.clone();
        let told = match flight.call.doubt.take() {
            Some(doubt) => {
                let has_changed = doubt.description.parameters != statement.description.parameters;
                if has_changed {
                    self.statements.forget_text(query);
                } else if !self.doubt_attributes(&mut flight.call, &statement.description) {
                    // Its parameters are what they were thought to be.
                    flight.failure = Some(doubt.failure);
                    flight.call.element = doubt.element;
                    return Outcome::Finished;
                }
                flight.call.write_anew();
                None
            }
            None => Some(statement.clone()),
        };
        self.statements.described(query, &statement.description);
        if !statement.name.is_empty() {
            self.statements.prepared(query, &statement);
        }
        if flight.call.settled {
            return Outcome::Finished;
        }
        if !matches!(self.life, Life::Open) {
            flight.failure = Some(closing());
            return Outcome::Finished;
        }
        if flight.call.request.ask == Ask::Prepare {
            let lacks_types = self.lacks_types(&flight.call, &statement);
            flight.call.described = Some(statement);
            return if lacks_types { Outcome::Again } else { Outcome::Finished };
        }
        flight.call.described = told;
        Outcome::Again
    }

    /// Whether a call that another one's cancel may have hit is run a second time. What was sent behind it runs
    /// before that, so that it must not matter to either: both read, or there is nothing.
    fn may_run_again(&self, flight: &Flight) -> bool {
        let unordered = flight.call.is_read() && self.flight.iter().all(|behind| behind.call.is_read());
        flight.call.is_repeatable() && !flight.rows_out && (unordered || self.flight.is_empty())
    }

    pub(super) fn finish(&mut self, flight: &Flight) {
        if flight.failure.is_some() {
            self.note_unopened(&flight.call);
        }
        let request = &flight.call.request;
        let status = self.status.as_byte();
        if flight.call.settled {
            self.chunk.clear();
            Record::new(&mut self.records, kind::DONE, &[request.id, u32::from(status)]).finish();
            return;
        }
        if flight.failure.is_none()
            && let Some(statement) = &flight.call.described
        {
            // It was prepared for its own sake.
            statement.record(request.id, status, &mut self.records);
            return;
        }
        match &flight.failure {
            Some(Failure::Server { diagnostic, maybe_executed, .. })
                if is_hit(flight, diagnostic) && matches!(self.life, Life::Open) =>
            {
                self.chunk.clear();
                let failure = Failure::Server {
                    diagnostic: diagnostic.clone(),
                    note: Some(CANCEL_NOTE),
                    maybe_executed: *maybe_executed,
                };
                failure.record_of_set(request.id, true, status, flight.call.element, &mut self.records);
            }
            Some(failure) => {
                self.chunk.clear();
                failure.record_of_set(request.id, true, status, flight.call.element, &mut self.records);
            }
            None => {
                let bound = flight.plan.bound();
                let shape = bound.and_then(|bound| bound.statement.description.shape.as_deref());
                let tag = if request.tag { flight.tag.as_slice() } else { &[] };
                let head = Head { request: request.id, last: true, status, tag };
                self.chunk.flush(shape, head, &mut self.records);
            }
        }
    }

    /// Rejects a call that is neither queued nor in flight any more.
    pub(super) fn reject(&mut self, call: &Call, failure: Failure) {
        self.note_unopened(call);
        let status = self.status.as_byte();
        if call.settled {
            Record::new(&mut self.records, kind::DONE, &[call.request.id, u32::from(status)]).finish();
        } else {
            failure.record_of_set(call.request.id, true, status, call.element, &mut self.records);
        }
    }
}

const QUERY_CANCELED: &str = "57014";
const DUPLICATE_STATEMENT: &str = "42P05";
const IN_FAILED_TRANSACTION: &str = "25P02";

const CANCEL_NOTE: &str = "another call's cancel on this connection may have hit this one";

/// It was cancelled without having been asked to, perhaps by the cancel that another call was meant by.
pub(super) fn is_hit(flight: &Flight, diagnostic: &Diagnostic) -> bool {
    flight.exposed && diagnostic.sqlstate() == QUERY_CANCELED
}

/// Why a call failed, as far as another try may help.
#[derive(Clone, Copy)]
enum Trouble {
    /// A statement or description that was relied on does not fit any more.
    Stale,
    /// The types of its parameters may be others now.
    Doubtful,
    /// The server has no such statement.
    Vanished,
    /// The server has a statement of that name already.
    Clash,
    /// The columns are such that they cannot be read in the formats that were asked for.
    Unreadable,
    /// A composite is not what its type was known to be.
    Outdated,
    /// Another call's cancel may have hit it.
    Hit,
    Other,
}

impl Trouble {
    /// `relies_on_attributes` tells whether more is remembered of a statement's parameters than what they are.
    fn of(flight: &Flight, relies_on_attributes: impl FnOnce(&Description) -> bool) -> Self {
        let diagnostic = match &flight.failure {
            Some(Failure::Server { diagnostic, .. }) => diagnostic,
            Some(Failure::Protocol { .. }) if flight.is_unreadable => return Trouble::Unreadable,
            Some(Failure::Outdated { .. }) => return Trouble::Outdated,
            _ => return Trouble::Other,
        };
        if is_hit(flight, diagnostic) {
            return Trouble::Hit;
        }
        if flight.call.request.query.is_bare() {
            // Nothing of it was remembered.
            return Trouble::Other;
        }
        let parses = flight.plan.bound().map(Bound::parses);
        let refused = match (flight.failed_at, parses) {
            (Some(Place::Parse), _) if diagnostic.sqlstate() == DUPLICATE_STATEMENT => return Trouble::Clash,
            (Some(Place::Parse), Some(_)) => Refused::Parse,
            (Some(Place::Bind), Some(true)) => Refused::BindDescribed,
            (Some(Place::Bind), Some(false)) => Refused::BindPrepared,
            _ if flight.is_unreadable => return Trouble::Unreadable,
            _ => return Trouble::Other,
        };
        match staleness::verdict(refused, diagnostic) {
            Verdict::Stale => Trouble::Stale,
            Verdict::Vanished => Trouble::Vanished,
            Verdict::Doubtful if flight.is_in_doubt(relies_on_attributes) => Trouble::Doubtful,
            Verdict::Doubtful | Verdict::Fresh => Trouble::Other,
        }
    }
}

impl Flight {
    /// What its arguments were written by may be outdated. What its statement was described as for this very call is not, but
    /// for the attributes of composites.
    fn is_in_doubt(&self, relies_on_attributes: impl FnOnce(&Description) -> bool) -> bool {
        self.plan.bound().is_none_or(|bound| {
            bound.origin != Origin::Described || relies_on_attributes(&bound.statement.description)
        })
    }

    /// The server could not be asked whether the call's parameters are what they were thought to be: the transaction
    /// had failed before.
    fn tell_doubt(&mut self) {
        if let Some(Failure::Server { diagnostic, .. }) = &self.failure
            && diagnostic.sqlstate() == IN_FAILED_TRANSACTION
            && matches!(self.plan, Plan::Describe(_))
            && let Some(doubt) = self.call.doubt.take()
        {
            self.failure = Some(doubt.failure);
            self.call.element = doubt.element;
        }
    }
}
