//! Why what the server sends is no result.

use std::sync::Arc;

use super::{Engine, flight::Flight, plan::Place};
use crate::{
    cells::{Misfit, Unfit},
    description::Diagnostic,
    failure::Failure,
    shape::Shape,
    types::{Codecs, SessionTypes},
};

impl Engine {
    /// A value that its column cannot have, or that cannot be what the connection's options want of it.
    pub(super) fn refused(
        &self,
        shape: &Shape,
        Misfit { column, unfit }: Misfit,
        codecs: &Arc<Codecs>,
    ) -> Failure {
        let (name, type_oid) =
            shape.columns.get(column).map_or(("", 0), |column| (column.name.as_str(), column.type_oid));
        let map = self.types.map();
        let type_name = map.sql_name(type_oid);
        match unfit {
            Unfit::Malformed(reason) => Failure::Protocol {
                message: format!(
                    "column \"{name}\" holds a value that cannot be read as its type {type_name}: {reason}"
                ),
                hint: self.types.with_codecs(codecs).meet_aliases([type_oid]).then_some(ALIASED),
            },
            Unfit::Beyond(beyond) => Failure::Value {
                message: format!("column \"{name}\" holds a value of type {type_name} {}", beyond.reason),
                sqlstate: beyond.sqlstate,
                hint: beyond.hint,
            },
            Unfit::Outdated { type_oid, position } => {
                let known = map.known(type_oid);
                Failure::Outdated {
                    message: format!(
                        "column \"{name}\" holds a value of composite type {} that has changed since it was looked up: \
                         attribute {} is not what it was",
                        map.sql_name(type_oid),
                        position.saturating_add(1),
                    ),
                    schema: known.as_ref().map_or_else(String::new, |known| known.schema.clone()),
                    name: known.map_or_else(String::new, |known| known.name),
                    position,
                }
            }
        }
    }
}

pub(super) fn copy_in_refused() -> Failure {
    Failure::Interface {
        message: "COPY FROM STDIN cannot be run as a query: it waits for data".to_owned(),
        hint: Some("use copyToTable() or copyRecordsToTable()".to_owned()),
    }
}

pub(super) fn copy_out_refused() -> Failure {
    Failure::Interface {
        message: "COPY TO STDOUT cannot be run as a query: it gives data and no rows".to_owned(),
        hint: Some("use copyFromTable() or copyFromQuery()".to_owned()),
    }
}

pub(super) fn changed() -> Failure {
    Failure::Protocol {
        message: "the result's columns changed between the statement's description and its execution"
            .to_owned(),
        hint: None,
    }
}

/// The refusal of values of a type that are sent and read as those of a built-in one.
const ALIASED: &str = "a type's values pass in the binary form of a built-in type here: if its values have another binary form, give \
     setBuiltinTypeCodec() format: 'text'";

impl Flight {
    /// What to do about arguments that the server has refused, where they may have been in a form that their type does not have.
    pub(super) fn note_of_alias(
        &self,
        diagnostic: &Diagnostic,
        types: &SessionTypes,
    ) -> Option<&'static str> {
        // data_exception, protocol_violation: bytes are left or lacking.
        let is_of_value = diagnostic.sqlstate().starts_with("22") || diagnostic.sqlstate() == "08P01";
        let bound = self.plan.bound().filter(|_| is_of_value && self.plan.place() == Place::Bind)?;
        let types = types.with_codecs(&self.call.codecs);
        types.meet_aliases(bound.statement.description.parameters.iter().copied()).then_some(ALIASED)
    }
}

/// What a cryptic error means to somebody behind a pooler.
pub(super) fn note(diagnostic: &Diagnostic) -> Option<&'static str> {
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
