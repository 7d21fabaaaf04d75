//! From the queue to the wire.

use std::{sync::Arc, time::Instant};

use bytes::BufMut;
use postgres_protocol::message::frontend;

use super::{Call, Engine, Flight, Stage};
use crate::{
    failure::{Cause, Failure},
    param,
    statement::{Statement, next_name},
};

/// Parameters and result columns a message can count.
const MOST_ARGUMENTS: u32 = 65_535;

impl Engine {
    /// Writes what may be written now.
    pub fn pump(&mut self, now: Instant) {
        while !self.gate && !self.cancel.is_open() {
            let Some(call) = self.queue.front() else { break };
            if Self::is_alone(call) && !self.flight.is_empty() {
                break;
            }
            let Some(call) = self.queue.pop_front() else { break };
            if let Err(error) = self.write(call, now) {
                // A message that cannot be framed left half of itself behind: nothing after it could be trusted.
                self.end(Cause::Internal(error.to_string()));
            }
        }
    }

    fn write(&mut self, mut call: Call, now: Instant) -> std::io::Result<()> {
        if call.request.script {
            frontend::query(&call.request.query.sql, &mut self.output)?;
            self.gate = true;
            self.fly(call, Stage::Script, None, String::new(), 0);
            return Ok(());
        }
        if call.request.argument_count > MOST_ARGUMENTS {
            let message = format!(
                "too many query arguments: {} were passed, the protocol allows {MOST_ARGUMENTS}",
                call.request.argument_count
            );
            let hint = Some("pass an array and use unnest() or = any($1)".to_owned());
            self.reject(&call, Failure::Interface { message, hint });
            return Ok(());
        }
        let statement = match call.described.take() {
            Some(statement) => Some(statement),
            None => self.change_cache(|cache, left| cache.get(&call.request.query, now, left)),
        };
        match statement {
            Some(statement) => self.execute(call, statement),
            None => self.describe(call),
        }
    }

    /// Parse and Describe with a Sync of their own: nothing is sent behind until the answer is here.
    fn describe(&mut self, call: Call) -> std::io::Result<()> {
        let closes = self.write_closes()?;
        let name = if self.cache.accepts(&call.request.query) { next_name() } else { String::new() };
        frontend::parse(&name, &call.request.query.sql, [], &mut self.output)?;
        frontend::describe(b'S', &name, &mut self.output)?;
        frontend::sync(&mut self.output);
        self.gate = true;
        self.fly(call, Stage::Parse, None, name, closes);
        Ok(())
    }

    fn execute(&mut self, call: Call, statement: Arc<Statement>) -> std::io::Result<()> {
        let start = self.output.len();
        let closes = self.write_closes()?;
        let unnamed = statement.name.is_empty();
        if unnamed {
            // Another client's statement may have taken its place behind a pooler: it is parsed in the same round.
            frontend::parse(
                "",
                &call.request.query.sql,
                statement.parameters.iter().copied(),
                &mut self.output,
            )?;
        }
        if let Err(failure) = self.write_bind(&call, &statement) {
            self.output.truncate(start);
            // The Close messages are written anew with the next request.
            if closes > 0 {
                self.stale.extend(std::mem::take(&mut self.closing_names));
            }
            self.reject(&call, failure);
            return Ok(());
        }
        self.closing_names.clear();
        let limit = i32::try_from(call.request.row_limit).unwrap_or(i32::MAX);
        frontend::execute("", limit, &mut self.output)?;
        frontend::sync(&mut self.output);
        self.gate = Self::is_alone(&call);
        let stage = if unnamed { Stage::ParseAgain } else { Stage::Bind };
        self.fly(call, stage, Some(statement), String::new(), closes);
        Ok(())
    }

    /// Bind of the unnamed portal: parameter formats as encoded, result formats as the shape wants them.
    fn write_bind(&mut self, call: &Call, statement: &Statement) -> Result<(), Failure> {
        let request = &call.request;
        let expected = statement.parameters.len();
        if usize::try_from(request.argument_count) != Ok(expected) {
            return Err(wrong_count(expected, request.argument_count));
        }
        let out = &mut self.output;
        let start = out.len();
        out.put_u8(b'B');
        out.put_i32(0);
        out.put_u8(0);
        out.put_slice(statement.name.as_bytes());
        out.put_u8(0);
        let count = u16::try_from(expected).unwrap_or(u16::MAX);
        out.put_u16(count);
        let formats = out.len();
        out.put_bytes(0, expected * 2);
        out.put_u16(count);
        let mut reader = param::Reader::new(&request.arguments);
        for (index, type_oid) in statement.parameters.iter().enumerate() {
            let argument = reader.next().map_err(|_| Failure::Interface {
                message: "the arguments reached the driver damaged".to_owned(),
                hint: None,
            })?;
            let format = param::encode(&argument, *type_oid, out)
                .map_err(|refusal| refused(index, &argument, &refusal))?;
            if format == param::Format::Binary
                && let Some(place) = out.get_mut(formats + index * 2 + 1)
            {
                *place = 1;
            }
        }
        match &statement.shape {
            Some(shape) => out.put_slice(&shape.formats),
            None => out.put_u16(0),
        }
        let length = i32::try_from(out.len() - start - 1).map_err(|_| Failure::Interface {
            message: format!(
                "the arguments take {} bytes together, the protocol allows {} a message",
                out.len() - start,
                i32::MAX
            ),
            hint: None,
        })?;
        if let Some(place) = out.get_mut(start + 1..start + 5) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    fn write_closes(&mut self) -> std::io::Result<usize> {
        self.closing_names.clear();
        for name in self.stale.drain(..) {
            frontend::close(b'S', &name, &mut self.output)?;
            self.closing_names.push(name);
        }
        Ok(self.closing_names.len())
    }

    fn fly(
        &mut self,
        call: Call,
        stage: Stage,
        statement: Option<Arc<Statement>>,
        name: String,
        closes: usize,
    ) {
        let front = self.flight.is_empty();
        self.flight.push_back(Flight {
            call,
            stage,
            closes,
            statement,
            name,
            parameters: Vec::new(),
            failure: None,
            tag: Vec::new(),
            rows_out: false,
            exposed: false,
            began_idle: front && self.status == crate::description::TransactionStatus::Idle,
        });
    }
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
        message: format!(
            "invalid input for query argument ${}: {} ({})",
            index + 1,
            param::describe(argument),
            refusal.reason
        ),
        argument: u32::try_from(index + 1).unwrap_or(u32::MAX),
    }
}
