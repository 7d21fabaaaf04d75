//! One statement with many sets of arguments: Bind, Execute for each, and one Sync behind the last.
//!
//! The sets come in batches, so that the plan is open for a while: until its Sync is written nothing of it can be
//! committed outside a transaction block. When the sets cannot be had to their end, ROLLBACK goes in front of the Sync:
//! PostgreSQL runs what lies between two Syncs as one implicit transaction (manual, "Pipelining"), which that ends.

use std::sync::Arc;

use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, COMMAND_COMPLETE_TAG, EMPTY_QUERY_RESPONSE_TAG, PARSE_COMPLETE_TAG,
};

use super::{Bound, Origin, Place, Step, empty};
use crate::{engine::fatal::Fatal, frame::Frame, statement::Statement};

pub(in crate::engine) struct Many {
    pub(super) bound: Bound,
    stage: Stage,
    end: End,
    composed: u64,
    answered: u64,
}

/// The answer that comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The answer to the first set, which `bound` takes.
    First,
    /// The answer to the Bind of a further set, or to what is behind the last.
    Bind,
    Running,
    /// The answer to what undoes everything: its Parse was answered, its Bind, all of it.
    UndoParsed,
    UndoBound,
    Undone,
}

/// How far the plan was composed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// More sets are to come.
    Open,
    /// None is to come. What was written is undone once the call is at the front.
    Failed,
    Synced,
    /// Its Sync was written behind a ROLLBACK.
    Undone,
}

impl Many {
    pub(in crate::engine) fn new(statement: Arc<Statement>, origin: Origin) -> Self {
        Self {
            bound: Bound::new(statement, origin),
            stage: Stage::First,
            end: End::Open,
            composed: 0,
            answered: 0,
        }
    }

    pub(in crate::engine) fn statement(&self) -> &Arc<Statement> {
        &self.bound.statement
    }

    /// The statement is parsed in front of the first set, and its columns are asked again.
    pub(in crate::engine) fn parses(&self) -> bool {
        self.bound.parses()
    }

    /// The number of the set that is composed next.
    pub(in crate::engine) fn composed(&self) -> u64 {
        self.composed
    }

    pub(in crate::engine) fn add(&mut self, sets: u64) {
        self.composed += sets;
    }

    /// The number of the set that is answered next.
    pub(in crate::engine) fn answered(&self) -> u64 {
        self.answered
    }

    /// Its Sync was not written.
    pub(in crate::engine) fn is_open(&self) -> bool {
        matches!(self.end, End::Open | End::Failed)
    }

    /// More sets may be composed.
    pub(in crate::engine) fn takes_sets(&self) -> bool {
        self.end == End::Open
    }

    /// The sets cannot be had to their end.
    pub(in crate::engine) fn fail(&mut self) {
        if self.end == End::Open {
            self.end = End::Failed;
        }
    }

    pub(in crate::engine) fn has_failed(&self) -> bool {
        self.end == End::Failed
    }

    /// Its Sync was written, behind what undoes it or not.
    pub(in crate::engine) fn synced(&mut self, is_undone: bool) {
        self.end = if is_undone { End::Undone } else { End::Synced };
    }

    pub(in crate::engine) fn is_undone(&self) -> bool {
        self.end == End::Undone
    }

    /// Every set was answered: what comes is about undoing them.
    pub(in crate::engine) fn is_undoing(&self) -> bool {
        self.is_undone() && self.answered == self.composed
    }

    /// The first set was bound: what the statement was thought to be is true.
    pub(in crate::engine) fn is_confirmed(&self) -> bool {
        self.bound.is_bound()
    }

    /// Everything up to the Sync was answered.
    pub(in crate::engine) fn is_answered(&self) -> bool {
        match self.end {
            End::Open | End::Failed => false,
            End::Synced => {
                self.answered == self.composed && (self.composed > 0 || self.bound.place() != Place::Parse)
            }
            End::Undone => self.stage == Stage::Undone,
        }
    }

    pub(super) fn takes_rows(&self) -> bool {
        match self.stage {
            Stage::First => self.bound.is_running(),
            Stage::Running => true,
            Stage::Bind | Stage::UndoParsed | Stage::UndoBound | Stage::Undone => false,
        }
    }

    pub(super) fn place(&self) -> Place {
        match self.stage {
            Stage::First => self.bound.place(),
            Stage::Bind if self.answered < self.composed => Place::Bind,
            _ => Place::Run,
        }
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        if self.stage == Stage::First
            && let Some(step) = self.bound.answer(frame)
        {
            return step;
        }
        let more = self.answered < self.composed;
        match (self.stage, frame.tag) {
            (Stage::First | Stage::Running, COMMAND_COMPLETE_TAG) => {
                self.set_ends();
                Ok(Step::Command)
            }
            (Stage::First | Stage::Running, EMPTY_QUERY_RESPONSE_TAG) if !self.bound.has_columns() => {
                self.set_ends();
                self.next(frame, Stage::Bind)
            }
            (Stage::Bind, BIND_COMPLETE_TAG) if more => self.next(frame, Stage::Running),
            (Stage::Bind, PARSE_COMPLETE_TAG) if !more && self.is_undone() => {
                self.next(frame, Stage::UndoParsed)
            }
            (Stage::UndoParsed, BIND_COMPLETE_TAG) => self.next(frame, Stage::UndoBound),
            (Stage::UndoBound, COMMAND_COMPLETE_TAG) => {
                self.stage = Stage::Undone;
                Ok(Step::Next)
            }
            _ => Err(Fatal::Unexpected),
        }
    }

    fn set_ends(&mut self) {
        self.answered += 1;
        self.stage = Stage::Bind;
    }

    fn next(&mut self, frame: Frame<'_>, stage: Stage) -> Result<Step, Fatal> {
        empty(frame)?;
        self.stage = stage;
        Ok(Step::Next)
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::First => self.bound.waits_for(),
            Stage::Bind if self.answered < self.composed => "the arguments were to be bound",
            Stage::Bind if self.is_undone() => "what was sent was to be undone",
            Stage::Bind => "more arguments were to be sent",
            Stage::Running => "rows or the end of the command were due",
            Stage::UndoParsed | Stage::UndoBound | Stage::Undone => "what was sent was to be undone",
        }
    }
}
