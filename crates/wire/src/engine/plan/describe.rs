//! Parse, Describe, Sync: what a statement takes and returns.

use postgres_protocol::message::backend::{
    NO_DATA_TAG, PARAMETER_DESCRIPTION_TAG, PARSE_COMPLETE_TAG, ROW_DESCRIPTION_TAG,
};

use super::{Place, Step, columns, empty};
use crate::{description, engine::fatal::Fatal, frame::Frame};

pub(in crate::engine) struct Describe {
    stage: Stage,
    /// The name under which it is prepared; empty when it is not to be kept.
    pub(in crate::engine) name: String,
    parameters: Vec<u32>,
}

#[derive(Clone, Copy)]
enum Stage {
    Parse,
    Parameters,
    Columns,
}

impl Describe {
    pub(super) fn new(name: String) -> Self {
        Self { stage: Stage::Parse, name, parameters: Vec::new() }
    }

    pub(super) fn place(&self) -> Place {
        match self.stage {
            Stage::Parse => Place::Parse,
            Stage::Parameters | Stage::Columns => Place::Describe,
        }
    }

    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        match (self.stage, frame.tag) {
            (Stage::Parse, PARSE_COMPLETE_TAG) => {
                empty(frame)?;
                self.stage = Stage::Parameters;
                Ok(Step::Next)
            }
            (Stage::Parameters, PARAMETER_DESCRIPTION_TAG) => {
                self.parameters = description::parameter_description(frame.body)?;
                self.stage = Stage::Columns;
                Ok(Step::Next)
            }
            (Stage::Columns, ROW_DESCRIPTION_TAG | NO_DATA_TAG) => {
                let columns = columns(frame)?;
                Ok(Step::Described { parameters: std::mem::take(&mut self.parameters), columns })
            }
            _ => Err(Fatal::Unexpected),
        }
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self.stage {
            Stage::Parse => "the statement was to be parsed",
            Stage::Parameters => "the statement's parameters were to be described",
            Stage::Columns => "the statement's columns were to be described",
        }
    }
}
