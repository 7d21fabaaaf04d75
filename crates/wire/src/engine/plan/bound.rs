//! What Execute and COPY have in common: a statement that is parsed where need be, bound and described.

use std::sync::Arc;

use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, NO_DATA_TAG, PARSE_COMPLETE_TAG, ROW_DESCRIPTION_TAG,
};

use super::{Place, Step, columns, empty};
use crate::{engine::fatal::Fatal, frame::Frame, statement::Statement};

/// A statement to be bound, and what is known of it.
pub(in crate::engine) struct Bound {
    pub(in crate::engine) statement: Arc<Statement>,
    pub(in crate::engine) origin: Origin,
    stage: Stage,
}

/// What comes before the server runs the portal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Parse,
    Bind,
    /// The columns of the portal, which may have changed since its statement was described.
    Columns,
    /// It runs.
    Running,
}

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Origin {
    /// The server described it for this call.
    Described,
    /// It was prepared for an earlier call.
    Prepared,
    /// Its text is remembered.
    Remembered,
}

impl Origin {
    /// Whether a statement is parsed in the round in which it is executed.
    pub(in crate::engine) fn parses(self, statement: &Statement) -> bool {
        self == Origin::Remembered || statement.name.is_empty()
    }
}

impl Bound {
    pub(super) fn new(statement: Arc<Statement>, origin: Origin) -> Self {
        let stage = if origin.parses(&statement) { Stage::Parse } else { Stage::Bind };
        Self { statement, origin, stage }
    }

    /// A statement whose portal is open: it runs already.
    pub(super) fn running(statement: Arc<Statement>) -> Self {
        Self { statement, origin: Origin::Prepared, stage: Stage::Running }
    }

    /// Whether the statement is parsed in the same round.
    pub(in crate::engine) fn parses(&self) -> bool {
        self.origin.parses(&self.statement)
    }

    /// Whether the statement is prepared in the same round, for later calls to find.
    pub(super) fn prepares(&self) -> bool {
        self.parses() && !self.statement.name.is_empty()
    }

    /// The server has taken its arguments.
    pub(super) fn is_bound(&self) -> bool {
        matches!(self.stage, Stage::Columns | Stage::Running)
    }

    pub(super) fn is_running(&self) -> bool {
        self.stage == Stage::Running
    }

    pub(super) fn has_columns(&self) -> bool {
        self.statement.description.shape.is_some()
    }

    /// Whether the columns are those that the statement is known to have, which nearly all are.
    fn has_these_columns(&self, frame: &Frame<'_>) -> bool {
        match &self.statement.description.shape {
            Some(shape) => frame.tag == ROW_DESCRIPTION_TAG && shape.is_described_by(frame.body),
            None => frame.tag == NO_DATA_TAG && frame.body.is_empty(),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self.stage {
            Stage::Parse => Place::Parse,
            Stage::Bind => Place::Bind,
            Stage::Columns | Stage::Running => Place::Run,
        }
    }

    /// Takes what answers the messages in front of Execute; `None` once the portal runs.
    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Option<Result<Step, Fatal>> {
        let next = match (self.stage, frame.tag) {
            (Stage::Running, _) => return None,
            (Stage::Parse, PARSE_COMPLETE_TAG) => empty(frame).map(|()| (Stage::Bind, Step::Next)),
            (Stage::Bind, BIND_COMPLETE_TAG) => {
                let next = if self.parses() { Stage::Columns } else { Stage::Running };
                empty(frame).map(|()| (next, Step::Next))
            }
            (Stage::Columns, ROW_DESCRIPTION_TAG | NO_DATA_TAG) => {
                let step = if self.has_these_columns(&frame) {
                    Ok(Step::Next)
                } else {
                    columns(frame).map(Step::Columns)
                };
                step.map(|step| (Stage::Running, step))
            }
            _ => return Some(Err(Fatal::Unexpected)),
        };
        Some(next.map_err(Fatal::from).map(|(stage, step)| {
            self.stage = stage;
            step
        }))
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::Parse => "the statement was to be parsed",
            Stage::Bind => "the arguments were to be bound",
            Stage::Columns => "the result's columns were to be described",
            Stage::Running => "rows or the end of the command were due",
        }
    }
}
