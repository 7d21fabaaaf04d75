//! COPY: Bind, Execute, Flush, and one Sync when the server has said how it stands.

use std::{collections::VecDeque, sync::Arc};

use postgres_protocol::message::backend::{
    COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG, COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG,
};

use super::{Bound, Origin, Step, empty};
use crate::{copy_records::Layout, engine::fatal::Fatal, frame::Frame, statement::Statement};

pub(in crate::engine) struct Copy {
    pub(super) bound: Bound,
    stage: Stage,
    /// Its Sync was written.
    pub(in crate::engine) is_synced: bool,
    /// The data of a COPY in that the socket has not taken yet.
    pub(in crate::engine) blocks: VecDeque<Block>,
    /// How the records of a COPY in are written, where it takes records: they have a beginning and an end.
    pub(in crate::engine) records: Option<Layout>,
    /// The types whose remembered attributes these are written by, with all that those are made of.
    pub(in crate::engine) relied_on: Vec<u32>,
}

/// A block of data that came down.
pub(in crate::engine) struct Block {
    /// The place behind it in all that the session writes.
    pub(in crate::engine) end: u64,
    /// Its bytes as they came down.
    pub(in crate::engine) size: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The answer to Execute: data is wanted, data comes, or it is done by the server alone.
    Begin,
    Out,
    /// CommandComplete behind CopyDone.
    OutEnd,
    /// Data goes to the server, which says nothing but an error.
    In,
    /// CommandComplete behind our CopyDone.
    InEnd,
    /// The error that answers CopyFail.
    Refused,
}

impl Copy {
    pub(super) fn new(statement: Arc<Statement>, origin: Origin) -> Self {
        Self {
            bound: Bound::new(statement, origin),
            stage: Stage::Begin,
            is_synced: false,
            blocks: VecDeque::new(),
            records: None,
            relied_on: Vec::new(),
        }
    }

    /// The server waits for data, and there is some.
    pub(in crate::engine) fn begin_in(&mut self) {
        self.stage = Stage::In;
    }

    /// All data was sent.
    pub(in crate::engine) fn end_in(&mut self) {
        self.stage = Stage::InEnd;
    }

    /// Data goes to the server, until CopyDone or an error: it keeps nothing of it.
    pub(in crate::engine) fn takes_data(&self) -> bool {
        self.stage == Stage::In && !self.is_synced
    }

    pub(in crate::engine) fn refuse(&mut self) {
        self.stage = Stage::Refused;
    }

    pub(super) fn is_refused(&self) -> bool {
        self.stage == Stage::Refused
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        if let Some(step) = self.bound.answer(frame) {
            return step;
        }
        match (self.stage, frame.tag) {
            (Stage::Begin | Stage::OutEnd | Stage::InEnd, COMMAND_COMPLETE_TAG) => Ok(Step::Command),
            (Stage::Begin, COPY_IN_RESPONSE_TAG) => Ok(Step::CopyIn),
            (Stage::Begin, COPY_OUT_RESPONSE_TAG) => {
                self.stage = Stage::Out;
                Ok(Step::CopyOut)
            }
            (Stage::Out, COPY_DATA_TAG) => Ok(Step::Data),
            (Stage::Out, COPY_DONE_TAG) => {
                empty(frame)?;
                self.stage = Stage::OutEnd;
                Ok(Step::Next)
            }
            _ => Err(Fatal::Unexpected),
        }
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::Begin => self.bound.waits_for(),
            Stage::Out => "COPY data was due",
            Stage::OutEnd | Stage::InEnd => "the end of COPY was due",
            Stage::In => "it was being sent the data of a COPY",
            Stage::Refused => "an error was due, COPY having been refused",
        }
    }
}
