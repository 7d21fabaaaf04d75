//! The portals that cursors read, by JavaScript's numbers.

use std::{collections::HashMap, sync::Arc};

use crate::{description::Diagnostic, failure::Failure, statement::Statement};

struct Portal {
    /// What its rows are.
    statement: Arc<Statement>,
    /// The server has opened it; else it is on its way.
    is_open: bool,
}

#[derive(Default)]
pub(super) struct Portals(HashMap<u32, Portal>);

impl Portals {
    /// A portal is about to be opened.
    pub(super) fn add(&mut self, number: u32, statement: Arc<Statement>) {
        self.0.insert(number, Portal { statement, is_open: false });
    }

    /// The server has opened it, with the columns of this statement; or it has not.
    pub(super) fn opened(&mut self, number: u32, statement: Option<Arc<Statement>>) {
        match (self.0.get_mut(&number), statement) {
            (Some(portal), Some(statement)) => *portal = Portal { statement, is_open: true },
            _ => self.remove(number),
        }
    }

    pub(super) fn get(&self, number: u32) -> Result<Arc<Statement>, Failure> {
        self.0.get(&number).map(|portal| portal.statement.clone()).ok_or_else(|| gone(number))
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.0.remove(&number);
    }

    /// The transaction has ended, and with it all portals that were opened in it.
    pub(super) fn end(&mut self) {
        self.0.retain(|_, portal| !portal.is_open);
    }
}

pub(super) fn name(number: u32) -> String {
    format!("cornac_{number}")
}

/// What the server says of a portal that is gone. It would end a transaction that has begun since.
fn gone(number: u32) -> Failure {
    let message = format!("portal \"{}\" does not exist", name(number));
    error("34000", &message, "a cursor ends with its transaction")
}

/// Outside of a transaction a portal ends with the message that opens it.
pub(super) fn no_transaction() -> Failure {
    error("25P01", "a cursor can only be used within a transaction", "put it into connection.transaction()")
}

/// An error as the server would put it.
fn error(sqlstate: &str, message: &str, hint: &str) -> Failure {
    let fields = [(b'S', "ERROR"), (b'V', "ERROR"), (b'C', sqlstate), (b'M', message), (b'H', hint)];
    let diagnostic = Diagnostic(fields.map(|(letter, text)| (letter, text.to_owned())).into());
    Failure::Server { diagnostic, note: None, maybe_executed: false }
}
