//! Types that a call needs and nobody knows: asked of the server on the wire at that place, ahead of what waits.
//!
//! A statement's parameters and columns are looked up before it is bound. Fields whose types come with their rows are met
//! when the call has run: then its rows wait, and are read when the types are known (`held.rs`).

mod held;

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use postgres_protocol::{IsNull, message::frontend};

use super::{
    Ask, Engine, Life,
    asked_types::MOST_ROUNDS,
    flight::{Call, Flight},
    plan::{Origin, Plan},
    settle::{Outcome, is_hit},
    unsent::{Unsent, closing, unsendable},
};
use crate::{
    description::TransactionStatus,
    failure::Failure,
    statement::{Description, Statement},
    types::{self, Known, Structure},
};

/// What an answer was good for.
enum Learnt {
    All,
    /// All of them are known now, and some of the types do not exist.
    Absent,
    /// Something was forgotten since it was asked: it may be of before.
    TooLate,
    /// It cannot be read.
    Nothing,
}

impl Engine {
    /// A statement as what is known of types now would have its values read. The types that are to be looked up first, if
    /// there are any.
    pub(super) fn up_to_date(
        &mut self,
        call: &Call,
        statement: Arc<Statement>,
    ) -> Result<Arc<Statement>, (Arc<Statement>, Vec<u32>)> {
        let types = self.types.with_codecs(&call.codecs);
        let state = types.state();
        let description = &statement.description;
        if description.is_checked(state) {
            return Ok(statement);
        }
        let columns = description.shape.iter().flat_map(|shape| &shape.columns);
        let surveyed = types.survey(columns.map(|column| column.type_oid));
        let mut unknown = types.survey(description.parameters.iter().copied()).unknown;
        unknown.extend(surveyed.unknown);
        if !unknown.is_empty() && self.may_look_up(call) {
            unknown.sort_unstable();
            unknown.dedup();
            return Err((statement, unknown));
        }
        let statement = match &description.shape {
            Some(shape) if shape.types != surveyed.version => {
                let shape = self.shapes.intern(shape.unplaced_columns(), &types);
                if shape.types != surveyed.version {
                    // Another session has forgotten some of them just now, or learnt others.
                    return self.up_to_date(call, statement);
                }
                let description =
                    Description::new(description.parameters.clone(), Some(shape), description.told);
                let renewed =
                    Arc::new(Statement { name: statement.name.clone(), description: Arc::new(description) });
                self.statements.renew(&call.request.query, &statement, &renewed);
                renewed
            }
            _ => statement,
        };
        if unknown.is_empty() {
            statement.description.check(state);
        }
        Ok(statement)
    }

    fn may_look_up(&self, call: &Call) -> bool {
        !self.cannot_look_up
            && !call.look_ups.has_failed
            && call.look_ups.rounds < MOST_ROUNDS
            && self.status != TransactionStatus::Failed
    }

    /// Composes the question for some types, within what turns JIT compilation off for it. It is parsed without a name, as
    /// poolers want it. Where others have found all of them out meanwhile nothing is asked: in a transaction that has failed
    /// it would be refused.
    pub(super) fn look_up(&mut self, asked: Vec<u32>) -> Result<Plan, Failure> {
        let version = self.options.major_version;
        let jit_off = types::jit_off(version).filter(|_| !asked.is_empty());
        let out = self.output.composing();
        if let Some(jit_off) = &jit_off {
            run(jit_off.before, &[], out)?;
        }
        if !asked.is_empty() {
            run(types::look_up_question(version), &[types::look_up_argument(&asked)], out)?;
        }
        if let Some(jit_off) = &jit_off {
            run(jit_off.behind, &[], out)?;
        }
        frontend::sync(out);
        Ok(Plan::look_up(asked, self.types.map().epoch(), jit_off.is_some()))
    }

    /// The question of a call was answered.
    pub(super) fn looked_up(&mut self, flight: &mut Flight) -> Outcome {
        let failure = flight.failure.take();
        let learnt = if failure.is_none() { self.learn_types(flight) } else { Learnt::Nothing };
        if flight.call.settled {
            return Outcome::Finished;
        }
        if !matches!(self.life, Life::Open) {
            flight.failure = Some(closing());
            return Outcome::Finished;
        }
        flight.call.look_ups.rounds += 1;
        match (failure, learnt) {
            (Some(failure), _) => {
                self.judge_refusal(flight, &failure);
                // In a transaction that has failed nothing else runs. But what has run before that was not refused by it.
                let has_run = flight.call.holds_rows() && is_in_failed_transaction(&failure);
                if self.status == TransactionStatus::Failed && !has_run {
                    flight.failure = Some(failure);
                    return Outcome::Finished;
                }
            }
            (None, Learnt::Nothing) => {
                flight.call.look_ups.has_failed = true;
                self.cannot_look_up = true;
            }
            (None, Learnt::TooLate) if flight.call.look_ups.rounds == MOST_ROUNDS => {
                flight.failure = Some(changing());
                return Outcome::Finished;
            }
            (None, Learnt::Absent) => self.forget_description(&flight.call),
            (None, Learnt::TooLate | Learnt::All) => {}
        }
        if flight.call.holds_rows() {
            return self.read_held(flight);
        }
        if flight.call.request.ask == Ask::Prepare
            && let Some(statement) = flight.call.described.take()
        {
            match self.up_to_date(&flight.call, statement) {
                Ok(statement) => {
                    flight.call.described = Some(statement);
                    return Outcome::Finished;
                }
                Err((statement, _)) => flight.call.described = Some(statement),
            }
        }
        Outcome::Again
    }

    /// Takes in what an answer says of types.
    fn learn_types(&self, flight: &mut Flight) -> Learnt {
        let Plan::LookUp(look_up) = &mut flight.plan else { return Learnt::Nothing };
        let Some(found) = look_up.found.take() else { return Learnt::Nothing };
        let is_absent = |asked: &&u32| !found.iter().any(|(oid, _)| oid == *asked);
        let without_form = |oid: &u32| (*oid, Known::from(Structure::Scalar { send: "".into() }));
        let mut types: Vec<(u32, Known)> = look_up.asked.iter().filter(is_absent).map(without_form).collect();
        let is_complete = types.is_empty();
        types.extend(found);
        match self.types.map().tell_of(look_up.epoch, types) {
            true if is_complete => Learnt::All,
            true => Learnt::Absent,
            false => Learnt::TooLate,
        }
    }

    /// Types do not exist that a text is remembered to take or return: they were dropped since, and perhaps made anew. So it
    /// is described once more; what was described for this very call stays.
    fn forget_description(&mut self, call: &Call) {
        let query = &call.request.query;
        if call.described.is_none() && !call.holds_rows() && query.own.is_none() {
            self.statements.forget_text(query);
        }
    }

    /// The server has refused a question.
    fn judge_refusal(&mut self, flight: &mut Flight, failure: &Failure) {
        let Failure::Server { diagnostic, .. } = failure else { return };
        if !is_hit(flight, diagnostic) {
            flight.call.look_ups.has_failed = true;
            // What such a server does not have, or this user may not see, will not be there next time either.
            let sqlstate = diagnostic.sqlstate();
            self.cannot_look_up |= sqlstate.starts_with("42") || sqlstate == "0A000";
        }
    }

    /// Composes the question of a call that prepares a statement, whose description is complete.
    pub(super) fn look_up_before_telling(
        &mut self,
        call: &mut Call,
        statement: Arc<Statement>,
    ) -> Result<Plan, Unsent> {
        let asked =
            self.up_to_date(call, statement.clone()).err().map_or_else(Vec::new, |(_, unknown)| unknown);
        call.described = Some(statement);
        Ok(self.look_up(asked)?)
    }

    /// Whether types are to be looked up before anything is done with the statement.
    pub(super) fn lacks_types(&mut self, call: &Call, statement: &Arc<Statement>) -> bool {
        self.up_to_date(call, statement.clone()).is_err()
    }

    /// Composes a call as far as what is known of its types allows: it runs, or asks for them first.
    pub(super) fn execute_or_look_up(
        &mut self,
        call: &mut Call,
        statement: Arc<Statement>,
        origin: Origin,
    ) -> Result<Plan, Unsent> {
        let doubted = std::mem::take(&mut call.look_ups.doubted);
        let known = if doubted.is_empty() || !self.may_look_up(call) {
            self.up_to_date(call, statement)
        } else {
            Err((statement, doubted))
        };
        match known {
            Ok(statement) => self.execute(call, statement, origin),
            Err((statement, unknown)) => {
                if origin == Origin::Described {
                    call.described = Some(statement);
                }
                Ok(self.look_up(unknown)?)
            }
        }
    }
}

/// in_failed_sql_transaction: the transaction had failed before.
fn is_in_failed_transaction(failure: &Failure) -> bool {
    matches!(failure, Failure::Server { diagnostic, .. } if diagnostic.sqlstate() == "25P02")
}

/// Composes a statement of the driver's own, with its arguments in binary.
fn run(text: &str, arguments: &[Vec<u8>], out: &mut BytesMut) -> Result<(), Failure> {
    frontend::parse("", text, [], out).map_err(unsendable)?;
    let encode = |argument: &Vec<u8>, out: &mut BytesMut| {
        out.put_slice(argument);
        Ok(IsNull::No)
    };
    if frontend::bind("", "", [1], arguments, encode, [1], out).is_err() {
        return Err(Failure::Internal { message: "types could not be asked for".to_owned() });
    }
    frontend::execute("", 0, out).map_err(unsendable)
}

fn changing() -> Failure {
    let message = format!("the types of the database changed {MOST_ROUNDS} times while they were looked up");
    Failure::Internal { message }
}
