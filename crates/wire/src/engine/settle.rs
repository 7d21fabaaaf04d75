//! The end of a call: ReadyForQuery, a record for the caller, or another try.

use std::time::Instant;

use super::{Call, Engine, Flight, Life, Stage};
use crate::{
    cells::Head,
    description::{self, Diagnostic, TransactionStatus},
    failure::{Cause, Failure},
    query::Kind,
    record::{Record, kind},
};

/// What becomes of a call whose plan was answered.
enum Outcome {
    /// The caller gets its rows, its error, or nothing any more.
    Finished,
    /// It goes back to its place in the queue.
    Again,
}

impl Engine {
    pub(super) fn ready(&mut self, body: &[u8], now: Instant) -> Result<(), super::receive::Fatal> {
        let status = description::ready_for_query(body)?;
        let Some(mut flight) = self.flight.pop_front() else {
            return Err(super::receive::Fatal::Unexpected);
        };
        let done = match flight.stage {
            Stage::Ready => true,
            // An empty query string answers 'I' alone; a script's last command leaves it between statements.
            Stage::Script => true,
            _ => false,
        };
        if !done {
            self.flight.push_front(flight);
            return Err(super::receive::Fatal::Unexpected);
        }
        self.status = status;
        self.gate = false;
        // They were not the last after all.
        self.last_words = None;
        self.front_answered();
        match self.judge(&mut flight, now) {
            Outcome::Finished => self.finish(flight),
            Outcome::Again => {
                self.left.extend(flight.statement);
                let place = self.queue.partition_point(|call| call.order < flight.call.order);
                self.queue.insert(place, flight.call);
            }
        }
        if matches!(self.life, Life::Closing) && !self.flight.is_empty() {
            // Calls were sent behind the one that was cancelled: they are not waited for.
            self.end(Cause::Closed);
            return Ok(());
        }
        if let Some(next) = self.flight.front_mut() {
            next.began_idle = status == TransactionStatus::Idle;
        }
        self.turn_begins(now);
        self.close_when_quiet();
        Ok(())
    }

    fn judge(&mut self, flight: &mut Flight, now: Instant) -> Outcome {
        if let Some(statement) = flight.call.described.clone() {
            if flight.failure.is_none() {
                if !statement.name.is_empty() {
                    let query = &flight.call.request.query;
                    self.change_cache(|cache, left| cache.insert(query, statement, now, left));
                }
                if flight.call.settled || !matches!(self.life, Life::Open) {
                    flight.call.described = None;
                    if !flight.call.settled {
                        flight.failure = Some(super::closing());
                    }
                    return Outcome::Finished;
                }
                return Outcome::Again;
            }
            flight.call.described = None;
        }
        let Some(Failure::Server { diagnostic, .. }) = &flight.failure else { return Outcome::Finished };
        let stale = is_stale(diagnostic);
        if stale && let Some(vanished) = &flight.statement {
            let query = &flight.call.request.query;
            self.change_cache(|cache, left| cache.forget(query, vanished, left));
        }
        if flight.call.settled || !flight.began_idle || !matches!(self.life, Life::Open) {
            return Outcome::Finished;
        }
        if stale && flight.statement.is_some() && !flight.call.prepared_again {
            flight.call.prepared_again = true;
            return Outcome::Again;
        }
        if diagnostic.sqlstate() == QUERY_CANCELED && flight.exposed {
            let repeatable = flight.call.request.query.kind == Kind::Other
                && !flight.call.request.script
                && !flight.rows_out
                && !flight.call.run_again;
            if repeatable {
                flight.call.run_again = true;
                self.chunk.clear();
                return Outcome::Again;
            }
        }
        Outcome::Finished
    }

    fn finish(&mut self, flight: Flight) {
        self.settle(&flight);
        // Its shape must outlive the records that name it.
        self.left.extend(flight.statement);
    }

    fn settle(&mut self, flight: &Flight) {
        let request = &flight.call.request;
        let status = self.status.as_byte();
        if flight.call.settled {
            self.chunk.clear();
            Record::new(&mut self.records, kind::DONE, &[request.id]).finish();
            return;
        }
        match &flight.failure {
            Some(Failure::Server { diagnostic, .. }) if self.may_be_hit(flight, diagnostic) => {
                self.chunk.clear();
                let failure = Failure::Server { diagnostic: diagnostic.clone(), note: Some(CANCEL_NOTE) };
                failure.record(request.id, true, status, &mut self.records);
            }
            Some(failure) => {
                self.chunk.clear();
                failure.record(request.id, true, status, &mut self.records);
            }
            None => {
                let shape = flight.statement.as_ref().and_then(|statement| statement.shape.as_deref());
                let tag = if request.tag { flight.tag.as_slice() } else { &[] };
                let head = Head { request: request.id, last: true, status, tag };
                self.chunk.flush(shape, head, &mut self.records);
            }
        }
    }

    /// Whether it was cancelled without having been asked to, perhaps by the cancel that another call was meant by.
    fn may_be_hit(&self, flight: &Flight, diagnostic: &Diagnostic) -> bool {
        flight.exposed && matches!(self.life, Life::Open) && diagnostic.sqlstate() == QUERY_CANCELED
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

/// The statement is not on the server any more, or its plan returns something else now.
fn is_stale(diagnostic: &Diagnostic) -> bool {
    match diagnostic.sqlstate() {
        // invalid_sql_statement_name
        "26000" => true,
        // feature_not_supported; the text is in the server's language, the routine is not.
        "0A000" => diagnostic.field(b'R') == Some("RevalidateCachedQuery"),
        _ => false,
    }
}
