//! From the wire to records: every message against the state it arrives in.

use std::{sync::Arc, time::Instant};

use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;

use super::{Engine, Flight, Stage};
use crate::{
    body::Malformed,
    cells::{Head, RowError},
    description::{self, Diagnostic},
    failure::{Cause, Failure},
    frame::{self, Frame, HEADER, printable},
    record::{self, kind},
    statement::Statement,
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
                Some(flight) => format!("server sent message {tag} while {}", flight.stage.waits_for()),
                None => format!("server sent message {tag} while nothing was asked of it"),
            },
            Fatal::Malformed(Malformed(reason)) => format!("server sent a malformed message {tag}: {reason}"),
            Fatal::Says(sentence) => sentence,
        })
    }

    fn message(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Fatal> {
        match frame.tag {
            b'D' => self.row(frame.body),
            b'N' => self.notice(frame.body),
            b'S' => self.parameter(frame.body),
            b'A' => self.notification(frame.body),
            b'E' => self.error(frame.body),
            b'Z' => self.ready(frame.body, now),
            _ => self.answer(frame),
        }
    }

    fn row(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        match flight.stage {
            Stage::Rows => {}
            // A script's rows are dropped.
            Stage::ScriptRows => return Ok(()),
            _ => return Err(Fatal::Unexpected),
        }
        let Some(shape) = flight.statement.as_ref().and_then(|statement| statement.shape.as_ref()) else {
            return Err(Fatal::Unexpected);
        };
        if !flight.call.request.rows || flight.call.settled || flight.failure.is_some() {
            return Ok(());
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
                        "column \"{name}\" holds a value that is not of its type {type_name}: {}",
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
        if diagnostic.is_fatal() {
            // The socket closes next: these are the server's last words, whoever reads them.
            self.last_words = Some(diagnostic.clone());
        }
        let Some(flight) = self.flight.front_mut() else {
            return if diagnostic.is_fatal() { Ok(()) } else { Err(Fatal::Unexpected) };
        };
        // An error behind CommandComplete comes from the Sync: a commit that failed (a deferred constraint). One that
        // answers CopyFail is not what the caller needs to know.
        let second = matches!(flight.failure, Some(Failure::Server { .. }));
        if second && flight.stage == Stage::Ready && !diagnostic.is_fatal() {
            return Err(Fatal::Unexpected);
        }
        flight.closes = 0;
        flight.stage = Stage::Ready;
        // What the driver found first (a value that does not fit) came from rows before the error.
        if flight.failure.is_none() || matches!(flight.failure, Some(Failure::Protocol { .. })) {
            flight.failure = Some(Failure::Server { note: note(&diagnostic), diagnostic });
        }
        Ok(())
    }

    /// Messages that answer the request at the front, step by step.
    fn answer(&mut self, frame: Frame<'_>) -> Result<(), Fatal> {
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        if frame.tag == b'3' && flight.closes > 0 && frame.body.is_empty() {
            flight.closes -= 1;
            return Ok(());
        }
        if flight.closes > 0 {
            return Err(Fatal::Unexpected);
        }
        flight.stage = match (flight.stage, frame.tag) {
            (Stage::Parse, b'1') => empty(frame, Stage::Parameters)?,
            (Stage::Parameters, b't') => {
                flight.parameters = description::parameter_description(frame.body)?;
                Stage::Columns
            }
            (Stage::Columns, b'T') => {
                let columns = description::row_description(frame.body)?;
                self.described(Some(columns));
                return Ok(());
            }
            (Stage::Columns, b'n') => {
                empty(frame, Stage::Ready)?;
                self.described(None);
                return Ok(());
            }
            (Stage::ParseAgain, b'1') => empty(frame, Stage::Bind)?,
            (Stage::Bind, b'2') => empty(frame, Stage::Rows)?,
            (Stage::Rows, b's') if flight.call.request.row_limit > 0 => empty(frame, Stage::Ready)?,
            (Stage::Rows | Stage::CopyOut, b'C') => {
                flight.complete(frame.body)?;
                Stage::Ready
            }
            (Stage::Rows, b'I') => empty(frame, Stage::Ready)?,
            (Stage::Rows, b'H') if flight.is_copy() => Stage::CopyOut,
            (Stage::Rows, b'G') if flight.is_copy() => {
                // The Sync behind Execute is ignored in copy mode: the error that follows needs one of its own.
                frontend::copy_fail(COPY_REFUSED, &mut self.output)
                    .map_err(|e| Fatal::Says(e.to_string()))?;
                frontend::sync(&mut self.output);
                flight.failure = Some(copy_refused());
                Stage::Ready
            }
            (Stage::CopyOut, b'd') => Stage::CopyOut,
            (Stage::CopyOut, b'c') => empty(frame, Stage::CopyOut)?,
            (Stage::Script, b'T') => {
                description::row_description(frame.body)?;
                Stage::ScriptRows
            }
            (Stage::Script | Stage::ScriptRows | Stage::ScriptCopyOut, b'C') => {
                flight.complete(frame.body)?;
                Stage::Script
            }
            (Stage::Script, b'I') => empty(frame, Stage::Script)?,
            (Stage::Script, b'H') => Stage::ScriptCopyOut,
            (Stage::Script, b'G') => {
                frontend::copy_fail(COPY_REFUSED, &mut self.output)
                    .map_err(|e| Fatal::Says(e.to_string()))?;
                flight.failure = Some(copy_refused());
                Stage::Ready
            }
            (Stage::ScriptCopyOut, b'd') => Stage::ScriptCopyOut,
            (Stage::ScriptCopyOut, b'c') => empty(frame, Stage::ScriptCopyOut)?,
            _ => return Err(Fatal::Unexpected),
        };
        Ok(())
    }

    /// The description at the front is complete: the statement is made, and kept where it may be.
    fn described(&mut self, columns: Option<Vec<description::Column>>) {
        let shape = columns.map(|columns| self.shapes.intern(columns, self.options.types));
        let Some(flight) = self.flight.front_mut() else { return };
        let statement = Arc::new(Statement {
            name: std::mem::take(&mut flight.name),
            parameters: std::mem::take(&mut flight.parameters),
            shape,
        });
        record::parameters(&flight.call.request.query, &statement.parameters, &mut self.records);
        flight.call.described = Some(statement);
        flight.stage = Stage::Ready;
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
        if name == "client_encoding" && !value.eq_ignore_ascii_case("UTF8") {
            return Err(Fatal::Says(format!(
                "client_encoding was changed to \"{value}\": the driver speaks UTF8 only, and what follows could not be read"
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
    /// Its statement was sent, not only its description asked for.
    pub(super) fn is_executing(&self) -> bool {
        self.call.request.script || self.statement.is_some()
    }

    fn is_copy(&self) -> bool {
        self.call.request.query.kind == crate::query::Kind::Copy
    }

    fn complete(&mut self, body: &[u8]) -> Result<(), Malformed> {
        let tag = description::command_complete(body)?;
        self.tag.clear();
        self.tag.extend_from_slice(tag);
        Ok(())
    }
}

impl Stage {
    fn waits_for(self) -> &'static str {
        match self {
            Stage::Parse | Stage::ParseAgain => "the statement was to be parsed",
            Stage::Parameters => "the statement's parameters were to be described",
            Stage::Columns => "the statement's columns were to be described",
            Stage::Bind => "the arguments were to be bound",
            Stage::Rows => "rows or the end of the command were due",
            Stage::CopyOut | Stage::ScriptCopyOut => "COPY data was due",
            Stage::Script => "the answer to a script was due",
            Stage::ScriptRows => "rows of a script were due",
            Stage::Ready => "ReadyForQuery was due",
        }
    }
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
