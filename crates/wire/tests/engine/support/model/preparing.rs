//! What the model does with the messages of the extended protocol.

use std::time::Instant;

use cornac_wire::frontend_tag;

use super::{Model, Portal, Prepared, number, takes_argument, types, verb};
use crate::support::{answers::*, requests::Message};

impl Model {
    /// Whether a transaction that has failed refuses this.
    fn refuses(&mut self, sql: &str) -> bool {
        let refuses = self.status == b'E' && verb(sql) != "commit";
        if refuses {
            self.fail("25P02", false);
        }
        refuses
    }

    pub(super) fn parse(&mut self, message: &Message) {
        let (name, at) = message.string(0);
        let (sql, at) = message.string(at);
        // A comment means nothing.
        let sql = sql.split(" /*").next().unwrap().to_owned();
        if self.refuses(&sql) {
            return;
        }
        if verb(&sql) == "wrong" {
            return self.fail("42601", false);
        }
        let given = message.words(at);
        if given.iter().any(|given| *given != self.parameter) {
            return self.fail("42883", false);
        }
        if !name.is_empty() && self.statements.contains_key(name) {
            return self.fail("42P05", false);
        }
        let pair = self.types.oid();
        let prepared = Prepared { sql, schema: self.schema, parameter: self.parameter, pair };
        self.statements.insert(name.to_owned(), prepared);
        self.say(parse_complete());
    }

    pub(super) fn describe(&mut self, message: &Message) {
        let name = message.string(1).0;
        let found = if message.body[0] == frontend_tag::PORTAL {
            self.portals.get(name).map(|portal| (portal.sql.clone(), portal.is_binary))
        } else {
            self.statements.get(name).map(|statement| (statement.sql.clone(), false))
        };
        let Some((sql, is_binary)) = found else { return self.fail("26000", false) };
        if message.body[0] == frontend_tag::STATEMENT {
            let types: &[u32] = if takes_argument(&sql) { &[self.parameter] } else { &[] };
            self.say(parameters(types));
        }
        self.say(self.result_of(&sql, is_binary));
    }

    pub(super) fn result_of(&self, sql: &str, is_binary: bool) -> Vec<u8> {
        let columns = if is_binary { binary_columns } else { columns };
        match verb(sql) {
            "select" | "insert" | "fail" => columns(&[self.types.column(sql)]),
            _ => no_data(),
        }
    }

    pub(super) fn bind(&mut self, message: &Message) {
        let (name, values, formats) = message.bind();
        let Some(statement) = self.statements.get(name).cloned() else { return self.fail("26000", false) };
        if self.refuses(&statement.sql) {
            return;
        }
        let portal = message.string(0).0.to_owned();
        if types::is_question(&statement.sql) {
            let sql = types::statement_of(values[0].as_ref().unwrap());
            self.portals.insert(portal, Portal { sql, id: 0, given: 0, is_binary: true });
            return self.say(bind_complete());
        }
        if types::is_jit_setting(&statement.sql) {
            let sql = "jit".to_owned();
            self.portals.insert(portal, Portal { sql, id: 0, given: 0, is_binary: true });
            return self.say(bind_complete());
        }
        let is_gone = types::has_types(&statement.sql) && statement.pair != self.types.oid();
        if statement.schema != self.schema || is_gone {
            return self.fail_with(error_in("0A000", "RevalidateCachedQuery"), false);
        }
        if takes_argument(&statement.sql) && statement.parameter != self.parameter {
            return self.fail("22P02", false);
        }
        if verb(&statement.sql) == "refuse" {
            return self.fail("42P01", false);
        }
        let id = match values.first() {
            // A number in text, with filling behind it.
            Some(Some(value)) if value.len() > 8 => number(&String::from_utf8_lossy(value), 0),
            Some(Some(value)) => value.iter().fold(0, |id, byte| id << 8 | u32::from(*byte)),
            _ => number(&statement.sql, 1),
        };
        let is_binary = formats.first().copied().unwrap_or(false);
        if !portal.is_empty() && self.portals.contains_key(&portal) {
            return self.fail("42P03", false);
        }
        self.portals.insert(portal, Portal { sql: statement.sql, id, given: 0, is_binary });
        self.say(bind_complete());
    }

    pub(super) fn execute(&mut self, message: &Message, now: Instant) {
        let (name, at) = message.string(0);
        let limit = u32::from_be_bytes(message.body[at..at + 4].try_into().unwrap());
        if name.is_empty() {
            let Some(portal) = self.portals.remove("") else { return self.fail("34000", false) };
            assert_eq!(limit, 0, "a limit of rows switches parallel plans off");
            return self.run(portal, now, false, None);
        }
        let Some(portal) = self.portals.get(name).cloned() else { return self.fail("34000", false) };
        if !self.refuses(&portal.sql) {
            self.run(portal, now, false, Some((name.to_owned(), limit)));
        }
    }
}
