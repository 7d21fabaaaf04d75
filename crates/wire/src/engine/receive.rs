//! From the wire to records: every message against the state it arrives in.

use std::{sync::Arc, time::Instant};

use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;

use super::{
    Engine,
    flight::{Flight, Stage},
};
use crate::{
    body::Malformed,
    cells::{Head, RowError},
    description::{self, Column, Diagnostic},
    failure::{Cause, Failure},
    frame::{self, Frame, HEADER, printable},
    record::{self, kind},
    shape::{Cell, Shape},
    statement::{Description, Statement},
};

/// Why the session cannot go on.
pub(super) enum Fatal {
    Unexpected,
    Malformed(Malformed),
    Says(String),
}

impl From<Malformed> for Fatal {
    fn from(malformed: Malformed) -> Self {
        Fatal::Malformed(malformed)
    }
}

impl Engine {
    /// Takes the complete messages off the front of `input`. What is left is the beginning of one.
    ///
    /// Returns early, with messages left, once `budget` bytes of records are waiting: call again after they were
    /// taken.
    pub fn receive(&mut self, input: &mut BytesMut, budget: usize, now: Instant) -> bool {
        let mut taken = 0;
        let mut more = false;
        while !self.is_ended() {
            if self.records.len() >= budget {
                more = true;
                break;
            }
            let rest = input.get(taken..).unwrap_or_default();
            match frame::first(rest, self.options.message_limit) {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    taken += HEADER + frame.body.len();
                    if let Err(fatal) = self.message(frame, now) {
                        let cause = self.explain(frame.tag, fatal);
                        self.end(cause);
                    }
                }
                Err(error) => self.end(Cause::Protocol(error.to_string())),
            }
        }
        input.advance(taken.min(input.len()));
        more
    }

    /// The server closed the socket.
    pub fn receive_end(&mut self) {
        let cause = if self.is_terminating() { Cause::Closed } else { Cause::Eof };
        self.end(cause);
    }

    fn explain(&self, tag: u8, fatal: Fatal) -> Cause {
        let tag = printable(tag);
        Cause::Protocol(match fatal {
            Fatal::Unexpected => match self.flight.front() {
                Some(flight) => format!("server sent message {tag} while {}", flight.plan.stage.waits_for()),
                None => format!("server sent message {tag} while nothing was asked of it"),
            },
            Fatal::Malformed(Malformed(reason)) => format!("server sent a malformed message {tag}: {reason}"),
            Fatal::Says(sentence) => sentence,
        })
    }

    fn message(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Fatal> {
        if self.is_unseen() && !matches!(frame.tag, b'N' | b'S' | b'A' | b'E') {
            return Err(Fatal::Unexpected);
        }
        match frame.tag {
            b'D' => self.row(frame.body),
            b'N' => self.notice(frame.body),
            b'S' => self.parameter(frame.body),
            b'A' => self.notification(frame.body),
            b'E' => self.error(frame.body),
            b'Z' => self.ready(frame.body, now),
            _ => self.answer(frame, now),
        }
    }

    /// The server has not seen a byte of what is in flight, and so cannot answer it.
    fn is_unseen(&self) -> bool {
        self.flight.front().is_some_and(|flight| flight.is_unsent(self.output.written()))
    }

    fn row(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        match flight.plan.stage {
            Stage::Rows => {}
            // A script's rows are dropped.
            Stage::ScriptRows => return Ok(()),
            _ => return Err(Fatal::Unexpected),
        }
        let Some(shape) =
            flight.plan.statement.as_ref().and_then(|statement| statement.description.shape.as_ref())
        else {
            return Err(Fatal::Unexpected);
        };
        if !flight.call.request.rows || flight.call.settled || flight.failure.is_some() {
            return Ok(());
        }
        if flight.is_unreadable {
            flight.failure = Some(changed());
            return Ok(());
        }
        if self.chunk.keeps_apart(body) {
            flight.rows_out = true;
            let head = Head { request: flight.call.request.id, ..Head::default() };
            self.chunk.flush(Some(shape), head, &mut self.records);
        }
        match self.chunk.push(shape, body) {
            Ok(()) => {}
            Err(RowError::Frame(malformed)) => return Err(malformed.into()),
            Err(RowError::Value(misfit)) => {
                let (name, type_oid) = shape
                    .cells
                    .get(misfit.column)
                    .map_or(("", 0), |cell| (cell.name.as_str(), cell.type_oid));
                let type_name = crate::types::name(type_oid).unwrap_or("unknown");
                flight.failure = Some(Failure::Protocol {
                    message: format!(
                        "column \"{name}\" holds a value that cannot be read as its type {type_name}: {}",
                        misfit.reason
                    ),
                });
                self.chunk.clear();
                return Ok(());
            }
        }
        if self.chunk.is_full() {
            flight.rows_out = true;
            let head = Head { request: flight.call.request.id, ..Head::default() };
            self.chunk.flush(Some(shape), head, &mut self.records);
        }
        Ok(())
    }

    fn error(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let diagnostic = Diagnostic::parse(body)?;
        // They are unless ReadyForQuery follows: the socket closes next, or the error was no answer to anything.
        self.last_words = Some(diagnostic.clone());
        let unseen = self.is_unseen();
        // An error behind CommandComplete comes from the Sync: a commit that failed (a deferred constraint). A second
        // error for one plan answers nothing.
        let Some(flight) = self.flight.front_mut().filter(|flight| !unseen && flight.failed_at.is_none())
        else {
            return Ok(());
        };
        let unconfirmed = flight.closes.drain(flight.closed..);
        self.statements.close(unconfirmed);
        flight.fail(Failure::Server { note: note(&diagnostic), diagnostic });
        Ok(())
    }

    /// Messages that answer the request at the front, step by step.
    fn answer(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Fatal> {
        if matches!(frame.tag, b'G' | b'H') {
            description::copy_response(frame.body)?;
        }
        let alone = self.flight.len() == 1;
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        if flight.closed < flight.closes.len() {
            if frame.tag != b'3' {
                return Err(Fatal::Unexpected);
            }
            let stage = flight.plan.stage;
            flight.plan.stage = empty(frame, stage)?;
            flight.closed += 1;
            return Ok(());
        }
        flight.plan.stage = match (flight.plan.stage, frame.tag) {
            (Stage::Parse, b'1') => empty(frame, Stage::Parameters)?,
            (Stage::Parameters, b't') => {
                flight.parameters = description::parameter_description(frame.body)?;
                Stage::Columns
            }
            (Stage::Columns | Stage::Portal, b'T') => {
                let columns = description::row_description(frame.body)?;
                self.described(Some(columns), now);
                return Ok(());
            }
            (Stage::Columns | Stage::Portal, b'n') => {
                empty(frame, Stage::Ready)?;
                self.described(None, now);
                return Ok(());
            }
            (Stage::ParseAgain, b'1') => empty(frame, Stage::Bind)?,
            (Stage::Bind, b'2') => empty(frame, flight.behind_bind())?,
            (Stage::Rows, b's') if flight.call.request.row_limit > 0 => empty(frame, Stage::Ready)?,
            (Stage::Rows | Stage::CopyEnd, b'C') => flight.complete(frame.body, Stage::Ready)?,
            (Stage::Rows, b'I') if flight.has_no_columns() => empty(frame, Stage::Ready)?,
            (Stage::Rows, b'H') if flight.is_copy() => Stage::CopyOut,
            (Stage::Rows, b'G') if alone => return self.refuse_copy(),
            (Stage::CopyOut, b'd') => Stage::CopyOut,
            (Stage::CopyOut, b'c') => empty(frame, Stage::CopyEnd)?,
            (Stage::Script | Stage::ScriptNext, b'T') => {
                description::row_description(frame.body)?;
                Stage::ScriptRows
            }
            (Stage::Script | Stage::ScriptNext | Stage::ScriptRows | Stage::ScriptCopyEnd, b'C') => {
                flight.complete(frame.body, Stage::ScriptNext)?
            }
            (Stage::Script, b'I') => empty(frame, Stage::Ready)?,
            (Stage::Script | Stage::ScriptNext, b'H') => Stage::ScriptCopyOut,
            (Stage::Script | Stage::ScriptNext, b'G') => return self.refuse_copy(),
            (Stage::ScriptCopyOut, b'd') => Stage::ScriptCopyOut,
            (Stage::ScriptCopyOut, b'c') => empty(frame, Stage::ScriptCopyEnd)?,
            _ => return Err(Fatal::Unexpected),
        };
        match flight.tag.as_slice() {
            b"DISCARD ALL" | b"DEALLOCATE ALL" if frame.tag == b'C' => {
                self.statements.deallocated();
                self.prepare_anew();
            }
            b"DEALLOCATE" if frame.tag == b'C' => self.statements.deallocated_one(),
            _ => {}
        }
        Ok(())
    }

    /// The server waits for the data of a COPY that nobody has: it is told so. Copy mode ignores the Sync behind
    /// Execute, so that the error that follows needs one of its own.
    fn refuse_copy(&mut self) -> Result<(), Fatal> {
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        let out = self.output.composing();
        frontend::copy_fail(COPY_REFUSED, out).map_err(|e| Fatal::Says(e.to_string()))?;
        if !flight.call.request.script {
            frontend::sync(out);
        }
        flight.span.end = self.output.end();
        flight.failure = Some(copy_refused());
        flight.plan.stage = Stage::CopyRefused;
        Ok(())
    }

    /// The columns of the call at the front are known: of its statement, or once more of its portal.
    fn described(&mut self, columns: Option<Vec<Column>>, now: Instant) {
        let Some(flight) = self.flight.front_mut() else { return };
        let query = &flight.call.request.query;
        if let Some(statement) = &flight.plan.statement {
            flight.plan.stage = Stage::Rows;
            let told = statement.description.shape.as_ref().map(|shape| shape.cells.as_slice());
            if same_columns(told, columns.as_deref()) {
                return;
            }
            let shape = columns.map(|columns| self.shapes.intern(columns, self.options.types));
            flight.is_unreadable =
                formats_of(shape.as_deref()) != formats_of(statement.description.shape.as_deref());
            let parameters = statement.description.parameters.clone();
            let description = Arc::new(Description { parameters, shape, told: now });
            self.statements.described(query, &description);
            let changed = Arc::new(Statement { name: statement.name.clone(), description });
            if let Some(statement) = flight.plan.statement.replace(changed) {
                self.statements.leave(statement);
            }
            return;
        }
        let shape = columns.map(|columns| self.shapes.intern(columns, self.options.types));
        let parameters = std::mem::take(&mut flight.parameters);
        record::parameters(self.session, query, &parameters, &mut self.records);
        let description = Arc::new(Description { parameters, shape, told: now });
        let name = std::mem::take(&mut flight.plan.name);
        flight.call.described = Some(Arc::new(Statement { name, description }));
        flight.plan.stage = Stage::Ready;
    }

    fn notice(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let diagnostic = Diagnostic::parse(body)?;
        if matches!(diagnostic.sqlstate(), ADMIN_SHUTDOWN | CRASH_SHUTDOWN) {
            // An immediate shutdown, or a crash of another backend, ends the session behind a warning.
            self.last_words = Some(diagnostic.clone());
        }
        if !self.notices {
            return Ok(());
        }
        let fields = diagnostic.0.iter().map(|(letter, text)| (*letter, text.as_str()));
        record::fields(&mut self.records, kind::NOTICE, &[self.session], fields);
        Ok(())
    }

    fn parameter(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let (name, value) = description::parameter_status(body)?;
        if name == "client_encoding" && !description::is_utf8(&value) {
            return Err(Fatal::Says(format!(
                "client_encoding was changed to \"{value}\": the driver speaks UTF8 only, and what follows could not be read"
            )));
        }
        if name == "integer_datetimes" && value != "on" {
            return Err(Fatal::Says(format!(
                "server reports integer_datetimes = \"{value}\": its dates and times are in a form that went with \
                 PostgreSQL 9.6"
            )));
        }
        let fields = [(b'n', name.as_str()), (b'v', value.as_str())];
        record::fields(&mut self.records, kind::PARAMETER, &[self.session], fields.into_iter());
        Ok(())
    }

    fn notification(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let (pid, channel, payload) = description::notification(body)?;
        let fields = [(b'c', channel.as_str()), (b'p', payload.as_str())];
        let words = [self.session, u32::from_ne_bytes(pid.to_ne_bytes())];
        record::fields(&mut self.records, kind::NOTIFICATION, &words, fields.into_iter());
        Ok(())
    }
}

impl Flight {
    fn behind_bind(&self) -> Stage {
        if self.parses() { Stage::Portal } else { Stage::Rows }
    }

    fn has_no_columns(&self) -> bool {
        self.plan.statement.as_ref().is_none_or(|statement| statement.description.shape.is_none())
    }

    fn complete(&mut self, body: &[u8], next: Stage) -> Result<Stage, Malformed> {
        let tag = description::command_complete(body)?;
        self.tag.clear();
        self.tag.extend_from_slice(tag);
        Ok(next)
    }
}

fn same_columns(told: Option<&[Cell]>, columns: Option<&[Column]>) -> bool {
    match (told, columns) {
        (Some(told), Some(columns)) => {
            told.len() == columns.len()
                && told.iter().zip(columns).all(|(cell, column)| {
                    cell.type_oid == column.type_oid
                        && cell.source == column.source
                        && cell.name == column.name
                })
        }
        (None, None) => true,
        _ => false,
    }
}

/// The result formats that a Bind asks for.
fn formats_of(shape: Option<&Shape>) -> &[u8] {
    shape.map_or(&[0, 0], |shape| &shape.formats)
}

const ADMIN_SHUTDOWN: &str = "57P01";
const CRASH_SHUTDOWN: &str = "57P02";

const COPY_REFUSED: &str = "COPY FROM STDIN was not asked for by copyToTable()";

fn copy_refused() -> Failure {
    Failure::Interface {
        message: "COPY FROM STDIN cannot be run as a query: it waits for data".to_owned(),
        hint: Some("use copyToTable() or copyRecordsToTable()".to_owned()),
    }
}

fn changed() -> Failure {
    Failure::Protocol {
        message: "the result's columns changed between the statement's description and its execution"
            .to_owned(),
    }
}

/// Messages without content must have none.
fn empty(frame: Frame<'_>, next: Stage) -> Result<Stage, Malformed> {
    if frame.body.is_empty() { Ok(next) } else { Err(Malformed("it has content")) }
}

/// What a cryptic error means to somebody behind a pooler.
fn note(diagnostic: &Diagnostic) -> Option<&'static str> {
    match diagnostic.sqlstate() {
        // duplicate_prepared_statement, invalid_sql_statement_name
        "42P05" | "26000" => Some(
            "a connection pooler in transaction or statement mode, such as PgBouncer, loses or mixes prepared \
             statements: set statementCacheSize to 0, or let the pooler track them (PgBouncer 1.21 and newer: \
             max_prepared_statements)",
        ),
        _ => None,
    }
}
