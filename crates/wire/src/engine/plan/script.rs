//! A simple query: one text of any number of statements.

use postgres_protocol::message::backend::{
    COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG, COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG,
    EMPTY_QUERY_RESPONSE_TAG, ROW_DESCRIPTION_TAG,
};

use super::{Step, empty};
use crate::{description, engine::fatal::Fatal, frame::Frame};

#[derive(Default)]
pub(in crate::engine) struct Script {
    stage: Stage,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// The first answer.
    #[default]
    First,
    /// Between statements, or at the end.
    Next,
    Rows,
    CopyOut,
    CopyOutEnd,
    /// The error that answers CopyFail.
    Refused,
}

impl Script {
    pub(super) fn takes_rows(&self) -> bool {
        self.stage == Stage::Rows
    }

    pub(super) fn may_end(&self) -> bool {
        self.stage == Stage::Next
    }

    pub(super) fn refuse_copy_in(&mut self) {
        self.stage = Stage::Refused;
    }

    pub(super) fn is_refused(&self) -> bool {
        self.stage == Stage::Refused
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        let (stage, step) = match (self.stage, frame.tag) {
            (Stage::First | Stage::Next, ROW_DESCRIPTION_TAG) => {
                description::row_description(frame.body)?;
                (Stage::Rows, Step::Next)
            }
            (Stage::First | Stage::Next | Stage::Rows | Stage::CopyOutEnd, COMMAND_COMPLETE_TAG) => {
                (Stage::Next, Step::Command)
            }
            (Stage::First, EMPTY_QUERY_RESPONSE_TAG) => {
                empty(frame)?;
                (Stage::First, Step::Done)
            }
            (Stage::First | Stage::Next, COPY_OUT_RESPONSE_TAG) => (Stage::CopyOut, Step::CopyOut),
            (Stage::First | Stage::Next, COPY_IN_RESPONSE_TAG) => (self.stage, Step::CopyIn),
            (Stage::CopyOut, COPY_DATA_TAG) => (Stage::CopyOut, Step::Next),
            (Stage::CopyOut, COPY_DONE_TAG) => {
                empty(frame)?;
                (Stage::CopyOutEnd, Step::Next)
            }
            _ => return Err(Fatal::Unexpected),
        };
        self.stage = stage;
        Ok(step)
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::First | Stage::Next => "the answer to a script was due",
            Stage::Rows => "rows of a script were due",
            Stage::CopyOut => "COPY data was due",
            Stage::CopyOutEnd => "the end of COPY was due",
            Stage::Refused => "an error was due, COPY having been refused",
        }
    }
}
