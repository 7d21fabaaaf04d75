//! From the queue to the wire.

use std::{
    io,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BufMut;
use postgres_protocol::message::frontend;

use super::{
    Ask, Engine, Request, closing,
    flight::{Call, Doubt, Flight},
    opening,
    plan::{Origin, Plan, Reach},
    portals, sets,
};
use crate::{
    description::TransactionStatus,
    failure::Failure,
    frontend_tag, param,
    query::Kind,
    statement::{Description, Statement},
    types::Codecs,
};

/// The largest message that PostgreSQL takes, its length included: a longer one ends the session (MaxAllocSize - 1 in
/// its memutils.h, which pq_getmessage compares with).
pub(super) const LARGEST_MESSAGE: usize = 0x3fff_fffe;

/// Bytes that may wait for the socket before composing stops, so that arguments never exist twice for a whole queue.
pub(super) const COMPOSED: usize = 256 * 1024;

/// Parameters and result columns a message can count.
pub(super) const MOST_ARGUMENTS: u32 = 65_535;

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
            call.doubt = Some(Doubt { failure, element: call.element.take(), description });
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

    pub(super) fn compose(&mut self, call: &mut Call, now: Instant) -> Result<Plan, Unsent> {
        let request = &call.request;
        let sql = &request.query.sql;
        // A statement's name and its parameters' types take less than a megabyte.
        if sql.len() > LARGEST_MESSAGE - 0x10_0000 {
            let limit = LARGEST_MESSAGE - 0x10_0000;
            return Err(interface(
                &format!("the query has {} bytes, PostgreSQL takes {limit} at most", sql.len()),
                Some("load large data as arguments or by COPY"),
            )
            .into());
        }
        if memchr::memchr(0, sql.as_bytes()).is_some() {
            return Err(interface(
                "the query contains a NUL character, which no text of PostgreSQL can",
                None,
            )
            .into());
        }
        if call.holds_rows() {
            return Ok(self.look_up_fields(call)?);
        }
        if call.is_script() {
            frontend::query(sql, self.output.composing()).map_err(unsendable)?;
            return Ok(Plan::script());
        }
        if request.argument_count > MOST_ARGUMENTS {
            return Err(too_many(request.argument_count).into());
        }
        if request.ask == Ask::Many && request.query.kind == Kind::Copy {
            return Err(
                interface("COPY takes no arguments, so that there are no sets of them for it", None).into()
            );
        }
        if matches!(request.ask, Ask::Open { .. }) {
            let shares_sync = self.flight.back().is_some_and(|flight| flight.is_joined);
            if self.status == TransactionStatus::Idle && !shares_sync {
                return Err(portals::no_transaction().into());
            }
            if request.query.kind == Kind::Copy {
                let hint = "use copyFromQuery() or copyToTable()";
                return Err(interface("COPY has no rows that a cursor could read", Some(hint)).into());
            }
        }
        let statement = match call.request.ask {
            Ask::Statement
            | Ask::Many
            | Ask::Opening { .. }
            | Ask::Script
            | Ask::Open { .. }
            | Ask::CopyIn => self.statement_of(call, now),
            // Described, and not what its values are.
            Ask::Prepare => call.described.take().map(|statement| (statement, Origin::Described)),
            Ask::Unprepare | Ask::Fetch { .. } | Ask::ClosePortal { .. } | Ask::Reserve => None,
        };
        for name in self.statements.closes() {
            frontend::close(frontend_tag::STATEMENT, name, self.output.composing()).map_err(unsendable)?;
        }
        match (call.request.ask, statement) {
            (Ask::Unprepare, _) => {
                let name = self.statements.let_go(&call.request.query).unwrap_or_default();
                Ok(self.close_one(frontend_tag::STATEMENT, &name)?)
            }
            (Ask::ClosePortal { portal }, _) => {
                self.portals.remove(portal);
                Ok(self.close_one(frontend_tag::PORTAL, &portals::name(portal))?)
            }
            (Ask::Fetch { portal, rows }, _) => Ok(self.fetch(portal, rows)?),
            (Ask::Prepare, Some((statement, _))) => self.look_up_before_telling(call, statement),
            (_, Some((statement, origin))) => self.execute_or_look_up(call, statement, origin),
            (_, None) => Ok(self.describe(call)?),
        }
    }

    /// Closes a statement or a portal. To close one that is not there is no error.
    fn close_one(&mut self, variant: u8, name: &str) -> Result<Plan, Failure> {
        let out = self.output.composing();
        frontend::close(variant, name, out).map_err(unsendable)?;
        frontend::sync(out);
        Ok(Plan::Close)
    }

    /// Reads more rows of an open portal.
    fn fetch(&mut self, portal: u32, rows: u32) -> Result<Plan, Failure> {
        let statement = self.portals.get(portal)?;
        let out = self.output.composing();
        frontend::execute(&portals::name(portal), limit(rows), out).map_err(unsendable)?;
        frontend::sync(out);
        Ok(Plan::fetch(statement))
    }

    /// Parse and Describe with a Sync of their own: nothing is sent behind until the answer is here.
    fn describe(&mut self, call: &Call) -> Result<Plan, Failure> {
        let query = &call.request.query;
        // A statement that is only in doubt stays as it is.
        let name = if call.doubt.is_some() { String::new() } else { self.statements.name(query) };
        let out = self.output.composing();
        frontend::parse(&name, &query.sql, [], out).map_err(unsendable)?;
        frontend::describe(frontend_tag::STATEMENT, &name, out).map_err(unsendable)?;
        frontend::sync(out);
        Ok(Plan::describe(name))
    }

    pub(super) fn execute(
        &mut self,
        call: &mut Call,
        statement: Arc<Statement>,
        origin: Origin,
    ) -> Result<Plan, Unsent> {
        if self.wants_types(call, &statement) {
            return Err(Unsent { wants: Some((statement, origin)), ..closing().into() });
        }
        // Behind a pooler another client's statement may have taken the place of the unnamed one.
        let parses = origin.parses(&statement);
        if parses {
            let parameters = statement.description.parameters.iter().copied();
            let out = self.output.composing();
            frontend::parse(&statement.name, &call.request.query.sql, parameters, out).map_err(unsendable)?;
        }
        if call.request.ask == Ask::Many {
            return self.begin_many(call, &statement, origin);
        }
        let (portal, reach, rows) = match call.request.ask {
            Ask::Open { portal, rows: 0 } => (portals::name(portal), Reach::Bind, 0),
            Ask::Open { portal, rows } => (portals::name(portal), Reach::Rows, limit(rows)),
            // Never with a limit of rows: it switches parallel plans off (manual, "When Can Parallel Query Be Used?").
            _ => (String::new(), Reach::End, 0),
        };
        let Request { arguments, argument_count, .. } = &call.request;
        self.write_bind(arguments, *argument_count, &statement, &portal, &call.codecs)
            .map_err(|failure| doubted(call, &statement, origin, failure))?;
        let out = self.output.composing();
        if parses {
            // Nothing has held its tables since they were described: what the columns are now is asked again.
            frontend::describe(frontend_tag::PORTAL, &portal, out).map_err(unsendable)?;
        }
        if reach != Reach::Bind {
            frontend::execute(&portal, rows, out).map_err(unsendable)?;
        }
        if call.request.query.kind == Kind::Copy {
            frontend::flush(out);
            return Ok(Plan::copy(statement, origin));
        }
        if !call.is_opening() {
            frontend::sync(out);
        }
        if let Ask::Open { portal, .. } = call.request.ask {
            self.portals.add(portal, statement.clone());
        }
        Ok(Plan::execute(statement, origin, reach))
    }

    /// Bind of a portal: parameter formats as encoded, result formats as the shape wants them.
    pub(super) fn write_bind(
        &mut self,
        arguments: &[u8],
        argument_count: u32,
        statement: &Statement,
        portal: &str,
        codecs: &Arc<Codecs>,
    ) -> Result<(), Failure> {
        let Description { parameters, shape, .. } = &*statement.description;
        let expected = parameters.len();
        if usize::try_from(argument_count) != Ok(expected) {
            return Err(wrong_count(expected, argument_count));
        }
        let own = (!codecs.is_empty()).then(|| self.types.with_codecs(codecs));
        let types = own.as_ref().unwrap_or(&self.types);
        let out = self.output.composing();
        let start = out.len();
        out.put_u8(frontend_tag::BIND);
        out.put_i32(0);
        out.put_slice(portal.as_bytes());
        out.put_u8(0);
        out.put_slice(statement.name.as_bytes());
        out.put_u8(0);
        let count = u16::try_from(expected).unwrap_or(u16::MAX);
        out.put_u16(count);
        let formats = out.len();
        out.put_bytes(0, expected * 2);
        out.put_u16(count);
        let mut reader = param::Reader::new(arguments);
        let damaged = || interface("the arguments reached the driver damaged", None);
        for (index, type_oid) in parameters.iter().enumerate() {
            let argument = reader.next().map_err(|_| damaged())?;
            // Before it is copied.
            check_length(out.len() - start - 1 + argument.length(), "at least ")?;
            let format = param::encode(&argument, *type_oid, types, out)
                .map_err(|refusal| refused(index, &argument, &refusal))?;
            if format == param::Format::Binary
                && let Some(place) = out.get_mut(formats + index * 2 + 1)
            {
                *place = 1;
            }
        }
        if !reader.is_empty() {
            return Err(damaged());
        }
        match shape {
            Some(shape) => out.put_slice(&shape.formats),
            None => out.put_u16(0),
        }
        let length = out.len() - start - 1;
        check_length(length, "")?;
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        if let Some(place) = out.get_mut(start + 1..start + 5) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
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

/// Why a call cannot be sent.
pub(super) struct Unsent {
    pub(super) failure: Failure,
    /// What was remembered of its text, where that may be why.
    relied_on: Option<Arc<Description>>,
    /// It is no failure: the arguments are to be written anew for this statement, which was found in this way.
    wants: Option<(Arc<Statement>, Origin)>,
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self { failure, relied_on: None, wants: None }
    }
}

/// What a statement refuses may come from what is remembered of it. One of its own has the types that it was prepared
/// with.
pub(super) fn doubted(call: &Call, statement: &Statement, origin: Origin, failure: Failure) -> Unsent {
    let doubtful = matches!(failure, Failure::Data { .. })
        && call.request.query.own.is_none()
        && origin != Origin::Described
        && !call.prepared_again;
    Unsent { failure, relied_on: doubtful.then(|| statement.description.clone()), wants: None }
}

fn interface(message: &str, hint: Option<&str>) -> Failure {
    Failure::Interface { message: message.to_owned(), hint: hint.map(str::to_owned) }
}

/// Refuses a Bind of so many bytes that PostgreSQL would end the session over it.
fn check_length(length: usize, least: &str) -> Result<(), Failure> {
    if length <= LARGEST_MESSAGE {
        return Ok(());
    }
    let message = format!(
        "the arguments take {least}{length} bytes together, PostgreSQL takes {LARGEST_MESSAGE} a message"
    );
    Err(interface(&message, Some("send them in parts, or load large data by COPY")))
}

/// A message that cannot be framed: longer than the protocol can say.
pub(super) fn unsendable(error: io::Error) -> Failure {
    interface(&format!("the query cannot be sent: {error}"), None)
}

fn limit(rows: u32) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

pub(super) fn too_many(passed: u32) -> Failure {
    let message =
        format!("too many query arguments: {passed} were passed, the protocol allows {MOST_ARGUMENTS}");
    interface(&message, Some("pass an array and use unnest() or = any($1)"))
}

fn wrong_count(expected: usize, passed: u32) -> Failure {
    let plural = if expected == 1 { "argument" } else { "arguments" };
    let were = if passed == 1 { "was" } else { "were" };
    let hint = if expected == 0 {
        "check the query against the passed list of arguments; only SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES take parameters"
    } else {
        "check the query against the passed list of arguments"
    };
    Failure::Interface {
        message: format!("the server expects {expected} {plural} for this query, {passed} {were} passed"),
        hint: Some(hint.to_owned()),
    }
}

fn refused(index: usize, argument: &param::Arg<'_>, refusal: &param::Refusal) -> Failure {
    Failure::Data {
        message: refusal.message(index, argument),
        argument: u32::try_from(index + 1).unwrap_or(u32::MAX),
        hint: refusal.hint(index),
    }
}
