//! The messages of one call.

use std::{sync::Arc, time::Instant};

use postgres_protocol::message::frontend;

use super::{
    Ask, Engine, Request,
    flight::Call,
    plan::{Origin, Plan, Reach},
    portals,
    unsent::{MOST_ARGUMENTS, Unsent, closing, interface, too_many, unsendable},
};
use crate::{
    description::TransactionStatus, failure::Failure, frontend_tag, message_limit::LARGEST_MESSAGE,
    query::StatementKind, statement::Statement,
};

impl Engine {
    pub(super) fn compose(&mut self, call: &mut Call, now: Instant) -> Result<Plan, Unsent> {
        let request = &call.request;
        let sql = &request.query.sql;
        let length = request.text_length();
        // The types of its parameters, and what frames it, take less than a megabyte.
        if length > LARGEST_MESSAGE - 0x10_0000 {
            let limit = LARGEST_MESSAGE - 0x10_0000;
            return Err(interface(
                &format!("the query has {length} bytes, PostgreSQL takes {limit} at most"),
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
            self.write_closes()?;
            return Ok(self.look_up_fields(call)?);
        }
        if call.is_script() {
            frontend::query(&request.text(), self.output.composing()).map_err(unsendable)?;
            return Ok(Plan::script());
        }
        if request.argument_count > MOST_ARGUMENTS {
            return Err(too_many(request.argument_count).into());
        }
        if request.ask == Ask::Many && request.query.kind == StatementKind::Copy {
            return Err(
                interface("COPY takes no arguments, so that there are no sets of them for it", None).into()
            );
        }
        if matches!(request.ask, Ask::Open { .. }) {
            let shares_sync = self.flight.back().is_some_and(|flight| flight.is_joined);
            if self.status == TransactionStatus::Idle && !shares_sync {
                return Err(portals::no_transaction().into());
            }
            if request.query.kind == StatementKind::Copy {
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
            Ask::Prepare => self.still_described(call).map(|statement| (statement, Origin::Described)),
            Ask::Unprepare | Ask::Fetch { .. } | Ask::ClosePortal { .. } | Ask::Reserve => None,
        };
        self.write_closes()?;
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

    /// Closes the statements that are of no use any more, in front of what is composed next.
    fn write_closes(&mut self) -> Result<(), Failure> {
        for name in self.statements.closes() {
            frontend::close(frontend_tag::STATEMENT, name, self.output.composing()).map_err(unsendable)?;
        }
        Ok(())
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
        let statement = alone(&call.request, statement);
        // Behind a pooler another client's statement may have taken the place of the unnamed one.
        let parses = origin.parses(&statement);
        if parses {
            let parameters = statement.description.parameters.iter().copied();
            let out = self.output.composing();
            frontend::parse(&statement.name, &call.request.text(), parameters, out).map_err(unsendable)?;
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
            .map_err(|failure| self.doubted(call, &statement, origin, failure))?;
        let out = self.output.composing();
        if parses {
            // Nothing has held its tables since they were described: what the columns are now is asked again.
            frontend::describe(frontend_tag::PORTAL, &portal, out).map_err(unsendable)?;
        }
        if reach != Reach::Bind {
            frontend::execute(&portal, rows, out).map_err(unsendable)?;
        }
        if call.request.query.kind == StatementKind::Copy {
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
}

/// A text with a comment is this call's alone: it is parsed without a name, and what is kept under one is not touched.
fn alone(request: &Request, statement: Arc<Statement>) -> Arc<Statement> {
    if request.comment.is_none() {
        return statement;
    }
    Arc::new(Statement { name: String::new(), description: statement.description.clone() })
}

fn limit(rows: u32) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}
