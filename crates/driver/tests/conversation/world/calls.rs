//! Calls that are asked of a conversation.

use cornac_wire::engine::{Ask, Request};

use super::World;
use crate::support::{
    arguments,
    lab::{fetch, query},
};

impl World {
    /// A query that returns `rows` rows, each with the number of its call, after `ms` milliseconds.
    pub(crate) fn echo(&mut self, id: u32, rows: u32, ms: u32) -> Request {
        self.echo_of(id, format!("select {rows} {ms}"))
    }

    /// An echo whose values are of a type of the database.
    pub(crate) fn echo_typed(&mut self, id: u32, rows: u32, ms: u32, what: &str) -> Request {
        self.echo_of(id, format!("select {rows} {ms} {what}"))
    }

    fn echo_of(&mut self, id: u32, sql: String) -> Request {
        let query = self.queries.entry(sql).or_insert_with_key(|sql| query(sql));
        fetch(id, query, &[arguments::int(id.cast_signed())])
    }

    /// An echo of one row with an argument of so many bytes.
    pub(crate) fn large_echo(&mut self, id: u32, bytes: usize) -> Request {
        let argument = arguments::text(&format!("{id} {}", "x".repeat(bytes.max(8))));
        Request { arguments: argument.into(), ..self.echo(id, 1, 0) }
    }

    /// An echo through a portal, which is opened with its first `part` rows.
    pub(crate) fn open(&mut self, id: u32, rows: u32, ms: u32, part: u32) -> Request {
        Request { ask: Ask::Open { portal: id, rows: part }, ..self.echo(id, rows, ms) }
    }

    /// Reads or closes the portal that a call has opened.
    pub(crate) fn of_portal(&mut self, id: u32, opener: u32, ask: Ask) -> Request {
        self.openers.insert(id, opener);
        Request { ask, ..fetch(id, &query("select 0 0"), &[]) }
    }
}
