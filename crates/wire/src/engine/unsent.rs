//! Why a call cannot be sent.

use std::{io, sync::Arc};

use super::{Engine, flight::Call, plan::Origin};
use crate::{
    failure::Failure,
    message_limit::LARGEST_MESSAGE,
    statement::{Description, Statement},
};

/// Parameters and result columns a message can count.
pub(super) const MOST_ARGUMENTS: u32 = 65_535;

/// Why a call cannot be sent, and what may help.
pub(super) struct Unsent {
    pub(super) failure: Failure,
    /// What was remembered of its text, where that may be why.
    pub(super) relied_on: Option<Arc<Description>>,
    /// It is no failure: the arguments are to be written anew for this statement, which was found in this way.
    pub(super) wants: Option<(Arc<Statement>, Origin)>,
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self { failure, relied_on: None, wants: None }
    }
}

impl Engine {
    /// What a statement refuses may come from what is remembered of it. One of its own has the types that it was prepared
    /// with, but the attributes of composites among them are looked up by everyone.
    pub(super) fn doubted(
        &self,
        call: &Call,
        statement: &Statement,
        origin: Origin,
        failure: Failure,
    ) -> Unsent {
        let is_by_memory = origin != Origin::Described && call.request.query.own.is_none();
        let doubtful = matches!(failure, Failure::Data { .. })
            && !call.prepared_again
            && (is_by_memory || self.relies_on_attributes(&statement.description));
        Unsent { failure, relied_on: doubtful.then(|| statement.description.clone()), wants: None }
    }
}

pub(super) fn interface(message: &str, hint: Option<&str>) -> Failure {
    Failure::Interface { message: message.to_owned(), hint: hint.map(str::to_owned) }
}

/// A message that cannot be framed: longer than the protocol can say.
pub(super) fn unsendable(error: io::Error) -> Failure {
    interface(&format!("the query cannot be sent: {error}"), None)
}

/// Refuses a Bind of so many bytes that PostgreSQL would end the session over it.
pub(super) fn check_length(length: usize, least: &str) -> Result<(), Failure> {
    if length <= LARGEST_MESSAGE {
        return Ok(());
    }
    let message = format!(
        "the arguments take {least}{length} bytes together, PostgreSQL takes {LARGEST_MESSAGE} a message"
    );
    Err(interface(&message, Some("send them in parts, or load large data by COPY")))
}

pub(super) fn too_many(passed: u32) -> Failure {
    let message =
        format!("too many query arguments: {passed} were passed, the protocol allows {MOST_ARGUMENTS}");
    interface(&message, Some("pass an array and use unnest() or = any($1)"))
}

pub(super) fn wrong_count(expected: usize, passed: u32) -> Failure {
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

pub(super) fn closing() -> Failure {
    Failure::Interface { message: "connection is closing".to_owned(), hint: None }
}
