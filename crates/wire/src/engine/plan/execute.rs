//! Bind, Execute, Sync, and the parts of a portal.

use std::sync::Arc;

use postgres_protocol::message::backend::{
    COMMAND_COMPLETE_TAG, COPY_IN_RESPONSE_TAG, EMPTY_QUERY_RESPONSE_TAG, PORTAL_SUSPENDED_TAG,
};

use super::{Bound, Origin, Step, empty};
use crate::{engine::fatal::Fatal, frame::Frame, statement::Statement};

pub(in crate::engine) struct Execute {
    pub(super) bound: Bound,
    reach: Reach,
}

/// How far a portal is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Reach {
    /// It runs to its end.
    End,
    /// It runs for a number of rows at the most.
    Rows,
    /// It is opened.
    Bind,
}

impl Execute {
    pub(super) fn new(statement: Arc<Statement>, origin: Origin, reach: Reach) -> Self {
        Self { bound: Bound::new(statement, origin), reach }
    }

    pub(super) fn of_open_portal(statement: Arc<Statement>) -> Self {
        Self { bound: Bound::running(statement), reach: Reach::Rows }
    }

    pub(super) fn is_opened(&self) -> bool {
        self.reach == Reach::Bind && self.bound.is_running()
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        if let Some(step) = self.bound.answer(frame) {
            return step;
        }
        match frame.tag {
            COMMAND_COMPLETE_TAG => Ok(Step::Command),
            EMPTY_QUERY_RESPONSE_TAG if !self.bound.has_columns() => Ok(empty(frame).map(|()| Step::Done)?),
            PORTAL_SUSPENDED_TAG if self.reach == Reach::Rows => Ok(empty(frame).map(|()| Step::Done)?),
            COPY_IN_RESPONSE_TAG => Ok(Step::CopyIn),
            _ => Err(Fatal::Unexpected),
        }
    }
}
