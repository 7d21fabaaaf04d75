//! Parse, Bind, Execute, Sync of the driver's own: what types are that a call needs and nobody knows. Two more statements are
//! before and behind the question where the server has JIT compilation. Where there is nothing to ask it is a Sync alone.

use postgres_protocol::message::backend::{BIND_COMPLETE_TAG, COMMAND_COMPLETE_TAG, PARSE_COMPLETE_TAG};

use super::{Place, Step, empty};
use crate::{
    body::Body,
    engine::fatal::Fatal,
    frame::Frame,
    types::{self, Known},
};

pub(in crate::engine) struct LookUp {
    statement: Statement,
    stage: Stage,
    turns_jit_off: bool,
    /// The types that it asks for.
    pub(in crate::engine) asked: Vec<u32>,
    /// The epoch of the types when they were asked for: it changes when some are forgotten.
    pub(in crate::engine) epoch: u64,
    /// What the answer says, unless it cannot be read.
    pub(in crate::engine) found: Option<Vec<(u32, Known)>>,
}

/// The one whose answers are due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statement {
    JitOff,
    Question,
    JitBack,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Parse,
    Bind,
    Rows,
    /// Nothing was asked.
    End,
}

/// Types of one answer: beyond them it is none of an honest server.
const MOST: usize = 32 * 1024;

impl LookUp {
    pub(super) fn new(asked: Vec<u32>, epoch: u64, turns_jit_off: bool) -> Self {
        let statement = if turns_jit_off { Statement::JitOff } else { Statement::Question };
        let stage = if asked.is_empty() { Stage::End } else { Stage::Parse };
        Self { statement, stage, turns_jit_off, asked, epoch, found: Some(Vec::new()) }
    }

    pub(super) fn place(&self) -> Place {
        match self.stage {
            Stage::Parse => Place::Parse,
            Stage::Bind => Place::Bind,
            Stage::Rows => Place::Run,
            Stage::End => Place::End,
        }
    }

    pub(super) fn may_end(&self) -> bool {
        self.stage == Stage::End
    }

    pub(super) fn takes_rows(&self) -> bool {
        self.stage == Stage::Rows
    }

    /// Takes a row of the answer. What the other statements return is dropped.
    pub(in crate::engine) fn row(&mut self, body: &[u8]) {
        if self.statement != Statement::Question {
            return;
        }
        let Some(found) = &mut self.found else { return };
        match types::found(Body(body)) {
            Ok(row) if found.len() < MOST => found.push(row),
            _ => self.found = None,
        }
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        match (self.stage, frame.tag) {
            (Stage::Parse, PARSE_COMPLETE_TAG) => {
                self.stage = Stage::Bind;
                Ok(empty(frame).map(|()| Step::Next)?)
            }
            (Stage::Bind, BIND_COMPLETE_TAG) => {
                self.stage = Stage::Rows;
                Ok(empty(frame).map(|()| Step::Next)?)
            }
            (Stage::Rows, COMMAND_COMPLETE_TAG) => Ok(self.next_statement()),
            _ => Err(Fatal::Unexpected),
        }
    }

    fn next_statement(&mut self) -> Step {
        self.statement = match self.statement {
            Statement::JitOff => Statement::Question,
            Statement::Question if self.turns_jit_off => Statement::JitBack,
            Statement::Question | Statement::JitBack => return Step::Command,
        };
        self.stage = Stage::Parse;
        Step::Next
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::Parse => "the question for types was to be parsed",
            Stage::Bind => "the question for types was to be bound",
            Stage::Rows => "rows of the catalog or their end were due",
            Stage::End => "ReadyForQuery was due",
        }
    }
}
