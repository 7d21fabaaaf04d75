//! From the wire to records: every message against the state it arrives in.

use std::{sync::Arc, time::Instant};

use bytes::{Buf, BytesMut};
use postgres_protocol::message::{
    backend::{
        CLOSE_COMPLETE_TAG, COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG, ERROR_RESPONSE_TAG,
        NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG,
    },
    frontend,
};

use super::{
    Ask, Engine, Sink,
    fatal::Fatal,
    flight::Flight,
    formats::Formats,
    plan::{Plan, Step, empty},
    refusals::{changed, copy_in_refused, copy_out_refused, note},
    unsent::closing,
};
use crate::{
    body::Malformed,
    cells::{Head, RowError},
    description::{self, Column, Diagnostic},
    failure::{Cause, Failure},
    frame::{self, Frame, HEADER, printable},
    record::{self, Record, kind, letter},
    statement::{Description, Statement},
};

/// Bytes of rows beyond those that are wanted from which on their caller is told: the query lacks a LIMIT.
const SURPLUS: usize = 1 << 20;

impl Engine {
    /// Takes the complete messages off the front of `input`. What is left is the beginning of one.
    ///
    /// Returns early, with messages left, once `budget` bytes of records are waiting: call again after they were
    /// taken. Returns early as well when no more input is wanted.
    pub fn receive(&mut self, input: &mut BytesMut, budget: usize, now: Instant) -> bool {
        let mut taken = 0;
        let mut more = false;
        while !self.is_ended() {
            if self.records.len() >= budget {
                more = true;
                break;
            }
            if !self.wants_input() {
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
                Some(flight) => format!("server sent message {tag} while {}", flight.waits_for()),
                None => format!("server sent message {tag} while nothing was asked of it"),
            },
            Fatal::Malformed(Malformed(reason)) => format!("server sent a malformed message {tag}: {reason}"),
            Fatal::Says(sentence) => sentence,
        })
    }

    fn message(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Fatal> {
        match frame.tag {
            NOTICE_RESPONSE_TAG => self.notice(frame.body),
            PARAMETER_STATUS_TAG => self.parameter(frame.body),
            NOTIFICATION_RESPONSE_TAG => self.notification(frame.body),
            ERROR_RESPONSE_TAG => {
                self.note_answer(now);
                self.error(frame.body, now)
            }
            _ if self.is_unseen() => Err(Fatal::Unexpected),
            DATA_ROW_TAG => self.row(frame.body),
            READY_FOR_QUERY_TAG => self.ready(frame.body, now),
            _ => {
                self.note_answer(now);
                self.answer(frame, now)
            }
        }
    }

    /// The server has not seen a byte of what is in flight, and so cannot answer it.
    fn is_unseen(&self) -> bool {
        self.flight.front().is_some_and(|flight| flight.is_unsent(self.output.written()))
    }

    fn row(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        if flight.is_complete || !flight.plan.takes_rows() {
            return Err(Fatal::Unexpected);
        }
        if let Plan::LookUp(look_up) = &mut flight.plan {
            look_up.row(body);
            return Ok(());
        }
        // A script's rows are dropped.
        let Some(bound) = flight.plan.bound() else { return Ok(()) };
        let Some(shape) = bound.statement.description.shape.as_ref() else { return Err(Fatal::Unexpected) };
        if !flight.wants_rows() {
            return Ok(());
        }
        if flight.is_unreadable {
            flight.failure = Some(changed());
            return Ok(());
        }
        if let Sink::Cells { most } = flight.call.request.sink
            && most > 0
        {
            if flight.rows == most {
                let before = flight.surplus;
                flight.surplus = before.saturating_add(body.len());
                if before < SURPLUS && flight.surplus >= SURPLUS {
                    let request = flight.call.request.id;
                    Record::new(&mut self.records, kind::SURPLUS, &[request]).finish();
                }
                return Ok(());
            }
            flight.rows += 1;
        }
        if !flight.held.is_empty() {
            flight.held.push(body.into());
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
                let shape = shape.clone();
                let codecs = flight.call.codecs.clone();
                let failure = self.refused(&shape, misfit, &codecs);
                self.chunk.clear();
                if let Some(flight) = self.flight.front_mut() {
                    flight.failure = Some(failure);
                }
                return Ok(());
            }
            Err(RowError::Unknown { .. }) => {
                self.chunk.take_unknown();
                flight.held.push(body.into());
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

    fn error(&mut self, body: &[u8], now: Instant) -> Result<(), Fatal> {
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
        let maybe_executed = flight.may_have_run(self.output.written());
        let note = note(&diagnostic).or_else(|| flight.note_of_alias(&diagnostic, &self.types));
        flight.fail(Failure::Server { note, diagnostic, maybe_executed });
        self.sync_copy();
        self.sync_many();
        self.not_opened(now);
        Ok(())
    }

    /// Messages that answer the call at the front, step by step.
    fn answer(&mut self, frame: Frame<'_>, now: Instant) -> Result<(), Fatal> {
        if matches!(frame.tag, COPY_IN_RESPONSE_TAG | COPY_OUT_RESPONSE_TAG) {
            description::copy_response(frame.body)?;
        }
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        if flight.closed < flight.closes.len() {
            if frame.tag != CLOSE_COMPLETE_TAG {
                return Err(Fatal::Unexpected);
            }
            empty(frame)?;
            flight.closed += 1;
            return Ok(());
        }
        if flight.is_complete {
            return Err(Fatal::Unexpected);
        }
        match flight.plan.answer(frame)? {
            Step::Next => {}
            Step::Described { parameters, columns } => self.described(parameters, columns, now),
            Step::Columns(columns) => self.described_again(columns, now),
            Step::Command => self.command(frame.body)?,
            Step::Done => flight.is_complete = true,
            Step::CopyIn if flight.sends_copy() => self.begin_copy_in(),
            Step::CopyIn => self.refuse_copy_in()?,
            Step::Data => self.copy_data(frame.body),
            Step::CopyOut if flight.call.request.ask == Ask::CopyIn => return Err(Fatal::Unexpected),
            Step::CopyOut => {
                if matches!(flight.call.request.sink, Sink::Cells { .. }) {
                    // Its data is read and dropped.
                    flight.failure = Some(copy_out_refused());
                }
            }
        }
        if let Some(flight) = self.flight.front_mut()
            && flight.plan.is_opened()
        {
            flight.is_complete = true;
        }
        self.many_answered();
        self.sync_copy();
        self.opened(now);
        Ok(())
    }

    /// A command is complete.
    fn command(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let tag = description::command_complete(body)?;
        let is_cut = self.is_cut();
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        flight.tag.clear();
        flight.tag.extend_from_slice(tag);
        flight.is_complete = flight.plan.ends_with_command();
        if is_cut {
            flight.failure = Some(closing());
        }
        match tag {
            b"DISCARD ALL" | b"DEALLOCATE ALL" => self.statements.deallocated(),
            b"DEALLOCATE" => self.statements.deallocated_one(),
            _ => return Ok(()),
        }
        for behind in &mut self.flight {
            behind.are_closes_doubted = true;
        }
        Ok(())
    }

    /// The server waits for the data of a COPY that nobody has: it is told so. Where a Sync was sent behind Execute,
    /// copy mode has swallowed it, so that the error that follows needs another one.
    fn refuse_copy_in(&mut self) -> Result<(), Fatal> {
        let alone = self.flight.len() == 1;
        let Some(flight) = self.flight.front_mut() else { return Err(Fatal::Unexpected) };
        let was_synced = matches!(flight.plan, Plan::Execute(_));
        if was_synced && !alone {
            return Err(Fatal::Unexpected);
        }
        let out = self.output.composing();
        frontend::copy_fail(COPY_REFUSED, out).map_err(|e| Fatal::Says(e.to_string()))?;
        if was_synced {
            frontend::sync(out);
        }
        flight.span.end = self.output.end();
        flight.failure = Some(copy_in_refused());
        flight.plan.refuse_copy_in();
        Ok(())
    }

    /// Writes the Sync of a COPY as soon as the server has said how it stands.
    fn sync_copy(&mut self) {
        let Some(flight) = self.flight.front_mut() else { return };
        let stands = flight.is_complete || flight.plan.is_refused();
        let Plan::Copy(copy) = &mut flight.plan else { return };
        if stands && !copy.is_synced {
            copy.is_synced = true;
            frontend::sync(self.output.composing());
            flight.span.end = self.output.end();
        }
    }

    /// A statement's description is complete.
    fn described(&mut self, parameters: Vec<u32>, columns: Option<Vec<Column>>, now: Instant) {
        let Some(flight) = self.flight.front_mut() else { return };
        let Plan::Describe(describe) = &mut flight.plan else { return };
        let columns = columns.map(|mut columns| {
            // The formats are those of a Bind that nobody has asked for yet.
            columns.iter_mut().for_each(|column| column.is_text = false);
            columns
        });
        let types = self.types.with_codecs(&flight.call.codecs);
        let shape = columns.map(|columns| self.shapes.intern(columns, &types));
        record::parameters(self.session, &flight.call.request.query, &parameters, &mut self.records);
        let description = Arc::new(Description::new(parameters, shape, now));
        let name = std::mem::take(&mut describe.name);
        flight.call.described = Some(Arc::new(Statement { name, description }));
        flight.is_complete = true;
    }

    /// The columns of a portal are others than those that its statement was described with. They count.
    fn described_again(&mut self, columns: Option<Vec<Column>>, now: Instant) {
        let Some(flight) = self.flight.front_mut() else { return };
        let Some(bound) = flight.plan.bound_mut() else { return };
        let known = &bound.statement.description;
        let types = self.types.with_codecs(&flight.call.codecs);
        let formats = Formats::of(known.shape.as_deref(), &types);
        let columns = columns.map(|mut columns| {
            let oids = columns.iter().map(|column| column.type_oid);
            // As text: unless it can be run again, which is when they are looked up.
            let is_known = types.survey(oids).unknown.is_empty() || !flight.call.is_read();
            flight.is_unreadable = !formats.honour(&mut columns) || !is_known && !flight.call.prepared_again;
            columns
        });
        let shape = columns.map(|columns| self.shapes.intern(columns, &types));
        let description = Arc::new(Description::new(known.parameters.clone(), shape, now));
        self.statements.described(&flight.call.request.query, &description);
        let changed = Arc::new(Statement { name: bound.statement.name.clone(), description });
        self.statements.release(std::mem::replace(&mut bound.statement, changed));
    }

    fn notice(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let diagnostic = Diagnostic::parse(body)?;
        if matches!(diagnostic.sqlstate(), ADMIN_SHUTDOWN | CRASH_SHUTDOWN) {
            // An immediate shutdown, or a crash of another backend, ends the session behind a warning.
            self.last_words = Some(diagnostic.clone());
        }
        let undoes = |flight: &Flight| matches!(&flight.plan, Plan::Many(many) if many.is_undone());
        // ROLLBACK says so outside a transaction block, where it ends what the server holds together by itself.
        let is_ours = diagnostic.sqlstate() == NO_TRANSACTION && self.flight.front().is_some_and(undoes);
        if !self.notices || is_ours {
            return Ok(());
        }
        let fields: Vec<(u8, &str)> =
            diagnostic.0.iter().map(|(letter, text)| (*letter, text.as_str())).collect();
        // What the server has not seen it does not speak of. The number is in use until the call's last record.
        let running = self.flight.front().filter(|flight| !flight.is_unsent(self.output.written()));
        let request = running.map_or(record::NO_REQUEST, |flight| flight.call.request.id);
        self.tell_unasked(kind::NOTICE, &[self.session, request], &fields);
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
        let fields = [(letter::NAME, name.as_str()), (letter::VALUE, value.as_str())];
        self.tell_unasked(kind::PARAMETER, &[self.session], &fields);
        Ok(())
    }

    fn notification(&mut self, body: &[u8]) -> Result<(), Fatal> {
        let (pid, channel, payload) = description::notification(body)?;
        let fields = [(letter::CHANNEL, channel.as_str()), (letter::PAYLOAD, payload.as_str())];
        let words = [self.session, u32::from_ne_bytes(pid.to_ne_bytes())];
        self.tell_unasked(kind::NOTIFICATION, &words, &fields);
        Ok(())
    }
}

impl Flight {
    fn waits_for(&self) -> &'static str {
        if self.is_complete { "ReadyForQuery was due" } else { self.plan.waits_for() }
    }
}

const NO_TRANSACTION: &str = "25P01";
const ADMIN_SHUTDOWN: &str = "57P01";
const CRASH_SHUTDOWN: &str = "57P02";

const COPY_REFUSED: &str = "COPY FROM STDIN was not asked for by copyToTable()";
