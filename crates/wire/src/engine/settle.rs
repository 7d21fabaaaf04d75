//! The end of a call: ReadyForQuery, a record for the caller, or another try.

use std::{sync::Arc, time::Instant};

use super::{
    Engine, Life,
    flight::{Call, Flight, Stage},
    receive::Fatal,
};
use crate::{
    cells::Head,
    description::{self, Diagnostic},
    failure::{Cause, Failure},
    record::{Record, kind},
    statement::Statement,
};

/// What becomes of a call whose plan was answered.
enum Outcome {
    /// The caller gets its rows, its error, or nothing any more.
    Finished,
    /// It goes back to its place in the queue.
    Again,
}

impl Engine {
    pub(super) fn ready(&mut self, body: &[u8], now: Instant) -> Result<(), Fatal> {
        let status = description::ready_for_query(body)?;
        match self.flight.front().map(|flight| flight.plan.stage) {
            Some(Stage::Ready | Stage::ScriptNext) => {}
            _ => return Err(Fatal::Unexpected),
        }
        let Some(mut flight) = self.flight.pop_front() else { return Err(Fatal::Unexpected) };
        self.status = status;
        // They were not the last after all.
        self.last_words = None;
        self.front_answered();
        match self.judge(&mut flight, now) {
            Outcome::Finished => self.finish(&flight),
            Outcome::Again => {
                let place = self.queue.partition_point(|call| call.order < flight.call.order);
                self.queue.insert(place, flight.call);
            }
        }
        // Its shape must outlive the records that name it.
        self.left.extend(flight.plan.statement);
        if matches!(self.life, Life::Closing) && !self.flight.is_empty() {
            // Calls were sent behind the one that was cancelled: they are not waited for.
            self.end(Cause::Closed);
            return Ok(());
        }
        self.front_begins(Some(now));
        self.close_when_quiet();
        Ok(())
    }

    fn judge(&mut self, flight: &mut Flight, now: Instant) -> Outcome {
        if flight.failure.is_none()
            && let Some(statement) = flight.call.described.take()
        {
            return self.keep(flight, statement, now);
        }
        self.stale.extend(flight.orphan());
        let Some(Failure::Server { diagnostic, .. }) = &flight.failure else { return Outcome::Finished };
        // Before anything was bound, and so before anything could run.
        let vanished = flight.failed_at == Some(Stage::Bind) && is_stale(diagnostic);
        if vanished && let Some(statement) = &flight.plan.statement {
            // Others have gone the same way: a table that was altered, a session that was reset.
            if self.cache.holds(&flight.call.request.query, statement) {
                self.drop_statements();
            }
        }
        if flight.call.settled || !flight.began_idle || !matches!(self.life, Life::Open) {
            return Outcome::Finished;
        }
        let tried = if vanished {
            &mut flight.call.prepared_again
        } else if is_hit(flight, diagnostic) && self.may_run_again(flight) {
            &mut flight.call.run_again
        } else {
            return Outcome::Finished;
        };
        if std::mem::replace(tried, true) {
            return Outcome::Finished;
        }
        self.chunk.clear();
        flight.call.second_try = flight.failure.take();
        Outcome::Again
    }

    /// A description is complete: the statement is kept where it may be, and executed if that is still wanted.
    fn keep(&mut self, flight: &mut Flight, statement: Arc<Statement>, now: Instant) -> Outcome {
        if !statement.name.is_empty() {
            let (query, statement) = (&flight.call.request.query, statement.clone());
            self.change_cache(|cache, left| cache.insert(query, statement, now, left));
        }
        if flight.call.settled {
            return Outcome::Finished;
        }
        if !matches!(self.life, Life::Open) {
            flight.failure = Some(super::closing());
            return Outcome::Finished;
        }
        flight.call.described = Some(statement);
        Outcome::Again
    }

    /// Whether a call that another one's cancel may have hit is run a second time. What was sent behind it runs
    /// before that, so that there must be nothing: else the order of the calls would be lost.
    fn may_run_again(&self, flight: &Flight) -> bool {
        flight.call.is_repeatable() && !flight.rows_out && self.flight.is_empty()
    }

    fn finish(&mut self, flight: &Flight) {
        let request = &flight.call.request;
        let status = self.status.as_byte();
        if flight.call.settled {
            self.chunk.clear();
            Record::new(&mut self.records, kind::DONE, &[request.id]).finish();
            return;
        }
        match &flight.failure {
            Some(Failure::Server { diagnostic, .. })
                if is_hit(flight, diagnostic) && matches!(self.life, Life::Open) =>
            {
                self.chunk.clear();
                let failure = Failure::Server { diagnostic: diagnostic.clone(), note: Some(CANCEL_NOTE) };
                failure.record(request.id, true, status, &mut self.records);
            }
            Some(failure) => {
                self.chunk.clear();
                failure.record(request.id, true, status, &mut self.records);
            }
            None => {
                let shape = flight.plan.statement.as_ref().and_then(|statement| statement.shape.as_deref());
                let tag = if request.tag { flight.tag.as_slice() } else { &[] };
                let head = Head { request: request.id, last: true, status, tag };
                self.chunk.flush(shape, head, &mut self.records);
            }
        }
    }

    /// Rejects a call that is neither queued nor in flight any more.
    pub(super) fn reject(&mut self, call: &Call, failure: Failure) {
        if call.settled {
            Record::new(&mut self.records, kind::DONE, &[call.request.id]).finish();
        } else {
            failure.record(call.request.id, true, self.status.as_byte(), &mut self.records);
        }
    }
}

const QUERY_CANCELED: &str = "57014";

const CANCEL_NOTE: &str = "another call's cancel on this connection may have hit this one";

/// It was cancelled without having been asked to, perhaps by the cancel that another call was meant by.
fn is_hit(flight: &Flight, diagnostic: &Diagnostic) -> bool {
    flight.exposed && diagnostic.sqlstate() == QUERY_CANCELED
}

/// An error of Bind says that the statement is not on the server any more, or not what it was when it was prepared.
fn is_stale(diagnostic: &Diagnostic) -> bool {
    match diagnostic.sqlstate() {
        // invalid_sql_statement_name
        "26000" => true,
        // feature_not_supported, its plan returns something else; the text is in the server's language, the routine
        // is not.
        "0A000" => diagnostic.field(b'R') == Some("RevalidateCachedQuery"),
        // insufficient_privilege: preparing it again would not change that.
        "42501" => false,
        // It was analysed anew and does not fit any more: a table or a parameter has another type now.
        sqlstate => sqlstate.starts_with("42"),
    }
}
