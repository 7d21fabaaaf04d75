//! Calls for many: their sets of arguments, from batches to messages.

use std::{sync::Arc, time::Instant};

use postgres_protocol::message::frontend;

use super::{
    Engine, Sink,
    flight::{Call, Flight},
    plan::{Many, Origin, Plan},
    sets::{SetBatch, Sets, SetsEnd, source_failed},
    unsent::{MOST_ARGUMENTS, Unsent, too_many, unsendable},
};
use crate::{
    failure::Failure,
    frontend_tag,
    record::{Record, kind},
    statement::Statement,
};

impl Call {
    fn take_sets(&mut self, batch: SetBatch, end: SetsEnd) {
        if self.awaits_arguments {
            // Those that come from then on count.
            return;
        }
        let Some(sets) = &mut self.sets else { return };
        sets.add(batch);
        sets.is_complete |= end == SetsEnd::Complete;
        sets.has_failed |= end == SetsEnd::Failed;
    }
}

impl Engine {
    /// Takes further sets of a call for many, and what is known of their end.
    pub fn sets(&mut self, request: u32, batch: SetBatch, end: SetsEnd, now: Instant) {
        if let Some(call) = self.queue.get_mut(request) {
            call.take_sets(batch, end);
            if end == SetsEnd::Failed
                && let Some(call) = self.queue.take(request)
            {
                self.reject(&call, source_failed());
            }
        } else if let Some(flight) =
            self.flight.iter_mut().rev().find(|flight| flight.call.request.id == request)
        {
            // A call that is not open any more takes them too: it may be made anew.
            flight.call.take_sets(batch, end);
            if end == SetsEnd::Failed && flight.is_open() {
                self.fail_many(source_failed(), now);
            }
        }
    }

    /// The call at the back waits for sets, or has some that were not composed.
    pub(super) fn has_open_many(&self) -> bool {
        self.flight.back().is_some_and(Flight::is_open)
    }

    /// Composes the first batch of a call for many.
    pub(super) fn begin_many(
        &mut self,
        call: &mut Call,
        statement: &Arc<Statement>,
        origin: Origin,
    ) -> Result<Plan, Unsent> {
        let mut many = Many::new(statement.clone(), origin);
        self.write_next(call, &mut many).map_err(|failure| self.doubted(call, statement, origin, failure))?;
        if many.is_open() {
            // The answer to the first Bind tells that the sets need not be kept.
            frontend::flush(self.output.composing());
        }
        Ok(Plan::Many(many))
    }

    /// Composes the next batch of the call at the back. False when there is nothing to compose.
    pub(super) fn continue_many(&mut self, now: Instant) -> bool {
        let Some(mut flight) = self.flight.pop_back() else { return false };
        let composed = self.compose_next(&mut flight);
        flight.span.end = self.output.end();
        self.flight.push_back(flight);
        match composed {
            Ok(goes_on) => goes_on,
            Err(failure) => {
                self.fail_many(failure, now);
                false
            }
        }
    }

    fn compose_next(&mut self, flight: &mut Flight) -> Result<bool, Failure> {
        let Flight { plan: Plan::Many(many), call, is_complete, .. } = flight else { return Ok(false) };
        if !many.takes_sets() || !call.sets.as_ref().is_some_and(Sets::is_ready) {
            return Ok(false);
        }
        let start = self.output.end();
        self.write_next(call, many).inspect_err(|_| self.output.truncate(start))?;
        *is_complete |= many.is_answered();
        Ok(true)
    }

    /// The next batch, if it has come, and the Sync behind the last one.
    fn write_next(&mut self, call: &mut Call, many: &mut Many) -> Result<(), Failure> {
        // It shares its bytes.
        if let Some(batch) = call.sets.as_ref().and_then(Sets::next).cloned() {
            self.write_batch(call, many, &batch)?;
            many.add(batch.count.into());
            if call.sets.as_mut().is_some_and(Sets::composed) {
                self.tell_composed(call);
            }
        }
        if call.sets.as_ref().is_some_and(|sets| sets.is_complete && !sets.has_next()) {
            many.synced(false);
            frontend::sync(self.output.composing());
        }
        Ok(())
    }

    /// Bind and Execute for each set of a batch. Where one cannot be bound, those before it are written.
    fn write_batch(&mut self, call: &mut Call, many: &Many, batch: &SetBatch) -> Result<(), Failure> {
        for (number, set) in (many.composed()..).zip(batch.iter()) {
            let bound = if set.count > MOST_ARGUMENTS {
                Err(too_many(set.count))
            } else {
                self.write_bind(set.arguments, set.count, many.statement(), "", &call.codecs)
            };
            bound.map_err(|failure| {
                call.element = Some(number);
                failure.of_element(number, method(call))
            })?;
            let out = self.output.composing();
            if number == 0 && many.parses() {
                frontend::describe(frontend_tag::PORTAL, "", out).map_err(unsendable)?;
            }
            frontend::execute("", 0, out).map_err(unsendable)?;
        }
        Ok(())
    }

    /// One more batch may come.
    fn tell_composed(&mut self, call: &Call) {
        if !call.settled {
            Record::new(&mut self.records, kind::SETS_COMPOSED, &[call.request.id]).finish();
        }
    }

    /// The sets of the open call at the back cannot be had to their end. Nothing of it stays, but in a transaction block,
    /// whose end decides on it.
    fn fail_many(&mut self, failure: Failure, now: Instant) {
        let written = self.output.written();
        if self.flight.back().is_none_or(|flight| !flight.is_unsent(written)) {
            return self.end_many(failure);
        }
        if let Some(call) = self.withdraw_alone(self.flight.len() - 1) {
            self.reject(&call, failure);
        }
        self.front_begins(now);
        self.close_when_quiet();
    }

    /// Has the open call at the back ended, if there is one: no set follows.
    pub(super) fn end_many(&mut self, failure: Failure) {
        let is_front = self.flight.len() == 1;
        let Some(flight) = self.flight.back_mut().filter(|flight| flight.is_open()) else { return };
        let Plan::Many(many) = &mut flight.plan else { return };
        many.fail();
        flight.failure.get_or_insert(failure);
        if is_front {
            self.undo_many();
        }
    }

    /// Writes the end of a call at the front whose sets cannot be had to their end: in front, it is known whether it is
    /// in a transaction block.
    pub(super) fn undo_many(&mut self) {
        let Some(flight) = self.flight.front_mut() else { return };
        let Plan::Many(many) = &mut flight.plan else { return };
        if !many.has_failed() {
            return;
        }
        let out = self.output.composing();
        let undoes = flight.began_idle
            && frontend::parse("", "ROLLBACK", [], out)
                .and_then(|()| {
                    frontend::bind("", "", [], [(); 0], |(), _| Ok(postgres_protocol::IsNull::Yes), [], out)
                        .map_err(|_| std::io::ErrorKind::InvalidInput.into())
                })
                .and_then(|()| frontend::execute("", 0, out))
                .is_ok();
        frontend::sync(out);
        many.synced(undoes);
        flight.is_complete = many.is_answered();
        flight.span.end = self.output.end();
    }

    /// A message that answers the call at the front was read.
    pub(super) fn many_answered(&mut self) {
        let Some(flight) = self.flight.front_mut() else { return };
        let Plan::Many(many) = &flight.plan else { return };
        if many.is_confirmed()
            && let Some(sets) = &mut flight.call.sets
        {
            sets.confirm();
        }
        flight.is_complete |= many.is_answered();
    }

    /// Writes the Sync of an open call that an error has ended.
    pub(super) fn sync_many(&mut self) {
        let Some(flight) = self.flight.front_mut() else { return };
        if !flight.is_complete {
            return;
        }
        let Plan::Many(many) = &mut flight.plan else { return };
        if many.is_open() {
            many.synced(false);
            frontend::sync(self.output.composing());
            flight.span.end = self.output.end();
        }
    }
}

/// The name of the method that the call is made by.
fn method(call: &Call) -> &'static str {
    if call.request.sink == Sink::Dropped { "executeMany" } else { "fetchMany" }
}
