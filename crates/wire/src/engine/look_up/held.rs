//! Rows whose fields are of types that nobody knows: they wait, and are read when the types are known.

use crate::{
    cells::{Chunk, Head, RowError},
    description::TransactionStatus,
    engine::{
        Engine,
        asked_types::{Held, MOST_ROUNDS},
        flight::{Call, Flight},
        plan::Plan,
        settle::Outcome,
    },
    failure::Failure,
    shape::Shape,
};

impl Engine {
    /// A call has run, and some of its rows wait: it asks for the types of their fields.
    pub(in crate::engine) fn hold(&mut self, flight: &mut Flight) -> Outcome {
        let Some(bound) = flight.plan.bound() else { return Outcome::Finished };
        let held = Held {
            statement: bound.statement.clone(),
            rows: std::mem::take(&mut flight.held),
            tag: std::mem::take(&mut flight.tag),
        };
        self.flush(&held, flight.call.request.id, None);
        flight.call.look_ups.held = Some(Box::new(held));
        Outcome::Again
    }

    /// Composes the question of a call whose rows wait.
    pub(in crate::engine) fn look_up_fields(&mut self, call: &Call) -> Result<Plan, Failure> {
        let held = call.look_ups.held.as_ref();
        let Some(Held { statement, rows, .. }) = held.map(AsRef::as_ref) else {
            return Err(Failure::Internal { message: "no rows wait".to_owned() });
        };
        let shape = statement.description.shape.as_deref();
        let mut unknown = Vec::new();
        let mut first = None;
        // Apart from what is to be read: what they are is all that is wanted.
        let mut chunk = Chunk::default();
        for row in rows {
            let Some(shape) = shape else { break };
            if let Err(RowError::Unknown { column }) = chunk.push(shape, row) {
                first.get_or_insert(column);
                unknown.extend(chunk.take_unknown());
            }
            chunk.clear();
        }
        unknown.sort_unstable();
        unknown.dedup();
        if let Some(column) = first
            && !self.may_look_up(call)
        {
            return Err(self.unknown_field(shape, column, unknown.first().copied().unwrap_or(0)));
        }
        self.look_up(unknown)
    }

    /// Reads the rows of a call that have waited.
    pub(super) fn read_held(&mut self, flight: &mut Flight) -> Outcome {
        let Some(held) = flight.call.look_ups.held.take() else { return Outcome::Finished };
        let statement = held.statement.clone();
        let outcome = self.read_rows(flight, held);
        // Its shape must outlive the records that name it, whatever came of the rows.
        self.statements.release(statement);
        outcome
    }

    fn read_rows(&mut self, flight: &mut Flight, held: Box<Held>) -> Outcome {
        let request = flight.call.request.id;
        let Some(shape) = held.statement.description.shape.clone() else { return Outcome::Finished };
        for (index, row) in held.rows.iter().enumerate() {
            if self.chunk.keeps_apart(row) {
                self.flush(&held, request, None);
            }
            match self.chunk.push(&shape, row) {
                Ok(()) if self.chunk.is_full() => self.flush(&held, request, None),
                Ok(()) => {}
                Err(RowError::Unknown { column }) => {
                    let unknown = self.chunk.take_unknown();
                    if flight.call.look_ups.has_failed || flight.call.look_ups.rounds >= MOST_ROUNDS {
                        let oid = unknown.first().copied().unwrap_or(0);
                        flight.failure = Some(self.unknown_field(Some(&shape), column, oid));
                        return Outcome::Finished;
                    }
                    self.flush(&held, request, None);
                    let rest = held.rows.into_iter().skip(index).collect();
                    flight.call.look_ups.held = Some(Box::new(Held { rows: rest, ..*held }));
                    return Outcome::Again;
                }
                Err(RowError::Value(misfit)) => {
                    flight.failure = Some(self.refused(&shape, misfit, &flight.call.codecs));
                    if matches!(flight.failure, Some(Failure::Outdated { .. })) {
                        self.types.map().forget();
                    }
                    return Outcome::Finished;
                }
                Err(RowError::Frame(malformed)) => {
                    flight.failure = Some(Failure::Protocol { message: malformed.0.to_owned(), hint: None });
                    return Outcome::Finished;
                }
            }
        }
        let tag = if flight.call.request.tag { held.tag.as_slice() } else { &[] };
        self.flush(&held, request, Some(tag));
        Outcome::Told
    }

    /// Hands the rows of the chunk on, as the last ones of their call if its tag is told with them.
    fn flush(&mut self, held: &Held, request: u32, tag: Option<&[u8]>) {
        if tag.is_none() && self.chunk.is_empty() {
            return;
        }
        let shape = held.statement.description.shape.as_deref();
        let head = Head {
            request,
            last: tag.is_some(),
            status: self.status.as_byte(),
            tag: tag.unwrap_or_default(),
        };
        self.chunk.flush(shape, head, &mut self.records);
    }

    fn unknown_field(&self, shape: Option<&Shape>, column: usize, type_oid: u32) -> Failure {
        let name =
            shape.and_then(|shape| shape.columns.get(column)).map_or("", |column| column.name.as_str());
        let is_in_vain = self.status == TransactionStatus::Failed;
        Failure::Protocol {
            message: format!(
                "column \"{name}\" holds a row with a field of the type with OID {type_oid}, which could not be looked up"
            ),
            hint: is_in_vain.then_some(IN_VAIN),
        }
    }
}

const IN_VAIN: &str = "the call has run, but types cannot be looked up in a transaction that has failed: await it before others are made";
