//! What a call asks of the server: one kind of plan each, with its own stages.
//!
//! A plan is told every message that may answer it ([`Plan::answer`]) and says what it means for the call. Rows,
//! errors, ReadyForQuery and what the server may say at any time are the engine's.

use std::sync::Arc;

use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, CLOSE_COMPLETE_TAG, COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG,
    COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, EMPTY_QUERY_RESPONSE_TAG, NO_DATA_TAG,
    PARAMETER_DESCRIPTION_TAG, PARSE_COMPLETE_TAG, PORTAL_SUSPENDED_TAG, ROW_DESCRIPTION_TAG,
};

use super::fatal::Fatal;
use crate::{
    body::Malformed,
    description::{self, Column},
    frame::Frame,
    statement::Statement,
};

pub(super) enum Plan {
    /// Parse, Describe, Sync: what a statement takes and returns.
    Describe(Describe),
    /// Bind, Execute, Sync, behind Parse and with a Describe of the portal where the statement is parsed here. A portal
    /// that is read in parts has the same in parts.
    Execute(Execute),
    /// COPY: as `Execute`, but with Flush in place of Sync. How many Syncs copy mode swallows cannot be known, so that
    /// the one Sync is written when the server has said how it stands.
    Copy(Copy),
    /// A simple query.
    Script(Script),
    /// Close, Sync: of a statement or a portal.
    Close,
}

pub(super) struct Describe {
    pub(super) stage: DescribeStage,
    /// The name under which it is prepared; empty when it is not to be kept.
    pub(super) name: String,
    parameters: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DescribeStage {
    Parse,
    Parameters,
    Columns,
}

/// A statement to be bound, and what is known of it.
pub(super) struct Bound {
    pub(super) statement: Arc<Statement>,
    pub(super) origin: Origin,
    stage: BoundStage,
}

/// What comes before the server runs the portal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BoundStage {
    Parse,
    Bind,
    /// The columns of the portal, which may have changed since its statement was described.
    Columns,
    /// It runs.
    Running,
}

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The server described it for this call.
    Described,
    /// It was prepared for an earlier call.
    Prepared,
    /// Its text is remembered.
    Remembered,
}

impl Origin {
    /// Whether a statement is parsed in the round in which it is executed.
    pub(super) fn parses(self, statement: &Statement) -> bool {
        self == Origin::Remembered || statement.name.is_empty()
    }
}

pub(super) struct Execute {
    bound: Bound,
    reach: Reach,
}

/// How far a portal is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To its end.
    End,
    /// For a number of rows at the most.
    Rows,
    /// It is opened.
    Bind,
}

pub(super) struct Copy {
    bound: Bound,
    stage: CopyStage,
    /// Its Sync was written.
    pub(super) is_synced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CopyStage {
    /// The answer to Execute: data is wanted, data comes, or it is done by the server alone.
    Begin,
    Out,
    /// CommandComplete behind CopyDone.
    OutEnd,
    /// The error that answers CopyFail.
    Refused,
}

pub(super) struct Script {
    stage: ScriptStage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScriptStage {
    /// The first answer.
    First,
    /// Between statements, or at the end.
    Next,
    Rows,
    CopyOut,
    CopyOutEnd,
    /// The error that answers CopyFail.
    Refused,
}

/// What a message means to the call.
pub(super) enum Step {
    /// The plan goes on.
    Next,
    /// A statement's parameters and columns are known: its plan is complete.
    Described { parameters: Vec<u32>, columns: Option<Vec<Column>> },
    /// The columns of the portal are others than its statement was known to have.
    Columns(Option<Vec<Column>>),
    /// A command is complete; so is the plan, unless it is a script.
    Command,
    /// The plan is complete, with nothing to tell.
    Done,
    /// The server waits for the data of a COPY.
    CopyIn,
    /// The server is about to send the data of a COPY.
    CopyOut,
}

/// Where an error met a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Parse,
    /// What was parsed was to be described.
    Describe,
    Bind,
    Run,
    /// Everything was answered: it comes from Sync.
    End,
}

impl Plan {
    pub(super) fn describe(name: String) -> Self {
        Plan::Describe(Describe { stage: DescribeStage::Parse, name, parameters: Vec::new() })
    }

    pub(super) fn execute(statement: Arc<Statement>, origin: Origin, reach: Reach) -> Self {
        Plan::Execute(Execute { bound: Bound::new(statement, origin), reach })
    }

    /// Of a portal that is open.
    pub(super) fn fetch(statement: Arc<Statement>) -> Self {
        let bound = Bound { statement, origin: Origin::Prepared, stage: BoundStage::Running };
        Plan::Execute(Execute { bound, reach: Reach::Rows })
    }

    pub(super) fn copy(statement: Arc<Statement>, origin: Origin) -> Self {
        Plan::Copy(Copy { bound: Bound::new(statement, origin), stage: CopyStage::Begin, is_synced: false })
    }

    pub(super) fn script() -> Self {
        Plan::Script(Script { stage: ScriptStage::First })
    }

    /// The statement that it lets the server run; `None` for a description and a script.
    pub(super) fn bound(&self) -> Option<&Bound> {
        match self {
            Plan::Execute(Execute { bound, .. }) | Plan::Copy(Copy { bound, .. }) => Some(bound),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close => None,
        }
    }

    pub(super) fn bound_mut(&mut self) -> Option<&mut Bound> {
        match self {
            Plan::Execute(Execute { bound, .. }) | Plan::Copy(Copy { bound, .. }) => Some(bound),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close => None,
        }
    }

    pub(super) fn into_statement(self) -> Option<Arc<Statement>> {
        match self {
            Plan::Execute(Execute { bound, .. }) | Plan::Copy(Copy { bound, .. }) => Some(bound.statement),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close => None,
        }
    }

    /// Whether its messages let the server run something; else they only ask what a statement is.
    pub(super) fn runs(&self) -> bool {
        !matches!(self, Plan::Describe(_) | Plan::Close)
    }

    /// Whether nothing is sent behind it until it is answered: a description, what has the wire alone, and a statement
    /// that later calls of its text are to find prepared.
    pub(super) fn holds_wire(&self) -> bool {
        match self {
            Plan::Execute(Execute { bound, .. }) => bound.parses() && !bound.statement.name.is_empty(),
            Plan::Describe(_) | Plan::Copy(_) | Plan::Script(_) => true,
            Plan::Close => false,
        }
    }

    /// Whether a row may come now; those of a script are dropped.
    pub(super) fn takes_rows(&self) -> bool {
        match self {
            Plan::Execute(Execute { bound, .. }) => bound.stage == BoundStage::Running,
            Plan::Script(Script { stage }) => *stage == ScriptStage::Rows,
            Plan::Describe(_) | Plan::Copy(_) | Plan::Close => false,
        }
    }

    /// Whether it may end here, although it is not known to be complete.
    pub(super) fn may_end(&self) -> bool {
        matches!(self, Plan::Script(Script { stage: ScriptStage::Next }))
    }

    /// Whether all that was asked for is that a portal is open, and it is.
    pub(super) fn is_opened(&self) -> bool {
        match self {
            Plan::Execute(Execute { bound, reach }) => {
                *reach == Reach::Bind && bound.stage == BoundStage::Running
            }
            _ => false,
        }
    }

    /// Where an error meets it now.
    pub(super) fn place(&self) -> Place {
        match self {
            Plan::Describe(Describe { stage: DescribeStage::Parse, .. }) => Place::Parse,
            Plan::Describe(_) => Place::Describe,
            Plan::Execute(Execute { bound, .. }) | Plan::Copy(Copy { bound, .. }) => match bound.stage {
                BoundStage::Parse => Place::Parse,
                BoundStage::Bind => Place::Bind,
                BoundStage::Columns | BoundStage::Running => Place::Run,
            },
            Plan::Script(_) | Plan::Close => Place::Run,
        }
    }

    /// Takes a message that may answer it.
    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        match self {
            Plan::Describe(describe) => describe.answer(frame),
            Plan::Execute(execute) => execute.answer(frame),
            Plan::Copy(copy) => copy.answer(frame),
            Plan::Script(script) => script.answer(frame),
            Plan::Close => close_answer(frame),
        }
    }

    /// The COPY that the server wants data for was refused: the error that answers CopyFail comes next.
    pub(super) fn refuse_copy_in(&mut self) {
        match self {
            Plan::Copy(copy) => copy.stage = CopyStage::Refused,
            Plan::Script(script) => script.stage = ScriptStage::Refused,
            Plan::Describe(_) | Plan::Execute(_) | Plan::Close => {}
        }
    }

    /// The data of a COPY was refused: an error and ReadyForQuery are all that is to come.
    pub(super) fn is_refused(&self) -> bool {
        match self {
            Plan::Copy(Copy { stage, .. }) => *stage == CopyStage::Refused,
            Plan::Script(Script { stage }) => *stage == ScriptStage::Refused,
            Plan::Describe(_) | Plan::Execute(_) | Plan::Close => false,
        }
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self {
            Plan::Describe(Describe { stage, .. }) => match stage {
                DescribeStage::Parse => "the statement was to be parsed",
                DescribeStage::Parameters => "the statement's parameters were to be described",
                DescribeStage::Columns => "the statement's columns were to be described",
            },
            Plan::Execute(Execute { bound, .. }) => bound.waits_for(),
            Plan::Copy(Copy { bound, stage, .. }) => match stage {
                CopyStage::Begin => bound.waits_for(),
                CopyStage::Out => "COPY data was due",
                CopyStage::OutEnd => "the end of COPY was due",
                CopyStage::Refused => "an error was due, COPY having been refused",
            },
            Plan::Script(Script { stage }) => match stage {
                ScriptStage::First | ScriptStage::Next => "the answer to a script was due",
                ScriptStage::Rows => "rows of a script were due",
                ScriptStage::CopyOut => "COPY data was due",
                ScriptStage::CopyOutEnd => "the end of COPY was due",
                ScriptStage::Refused => "an error was due, COPY having been refused",
            },
            Plan::Close => "a statement or a portal was to be closed",
        }
    }
}

impl Describe {
    fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        match (self.stage, frame.tag) {
            (DescribeStage::Parse, PARSE_COMPLETE_TAG) => {
                empty(frame)?;
                self.stage = DescribeStage::Parameters;
                Ok(Step::Next)
            }
            (DescribeStage::Parameters, PARAMETER_DESCRIPTION_TAG) => {
                self.parameters = description::parameter_description(frame.body)?;
                self.stage = DescribeStage::Columns;
                Ok(Step::Next)
            }
            (DescribeStage::Columns, ROW_DESCRIPTION_TAG | NO_DATA_TAG) => {
                let columns = columns(frame)?;
                Ok(Step::Described { parameters: std::mem::take(&mut self.parameters), columns })
            }
            _ => Err(Fatal::Unexpected),
        }
    }
}

impl Bound {
    fn new(statement: Arc<Statement>, origin: Origin) -> Self {
        let stage = if origin.parses(&statement) { BoundStage::Parse } else { BoundStage::Bind };
        Self { statement, origin, stage }
    }

    /// Whether the statement is parsed in the same round.
    pub(super) fn parses(&self) -> bool {
        self.origin.parses(&self.statement)
    }

    /// Whether the columns are those that the statement is known to have, which nearly all are.
    fn has_these_columns(&self, frame: &Frame<'_>) -> bool {
        match &self.statement.description.shape {
            Some(shape) => frame.tag == ROW_DESCRIPTION_TAG && shape.is_described_by(frame.body),
            None => frame.tag == NO_DATA_TAG && frame.body.is_empty(),
        }
    }

    fn has_columns(&self) -> bool {
        self.statement.description.shape.is_some()
    }

    fn waits_for(&self) -> &'static str {
        match self.stage {
            BoundStage::Parse => "the statement was to be parsed",
            BoundStage::Bind => "the arguments were to be bound",
            BoundStage::Columns => "the result's columns were to be described",
            BoundStage::Running => "rows or the end of the command were due",
        }
    }

    /// Takes what answers the messages in front of Execute; `None` once the portal runs.
    fn answer(&mut self, frame: Frame<'_>) -> Option<Result<Step, Fatal>> {
        let next = match (self.stage, frame.tag) {
            (BoundStage::Running, _) => return None,
            (BoundStage::Parse, PARSE_COMPLETE_TAG) => empty(frame).map(|()| (BoundStage::Bind, Step::Next)),
            (BoundStage::Bind, BIND_COMPLETE_TAG) => {
                let next = if self.parses() { BoundStage::Columns } else { BoundStage::Running };
                empty(frame).map(|()| (next, Step::Next))
            }
            (BoundStage::Columns, ROW_DESCRIPTION_TAG | NO_DATA_TAG) => {
                let step = if self.has_these_columns(&frame) {
                    Ok(Step::Next)
                } else {
                    columns(frame).map(Step::Columns)
                };
                step.map(|step| (BoundStage::Running, step))
            }
            _ => return Some(Err(Fatal::Unexpected)),
        };
        Some(next.map_err(Fatal::from).map(|(stage, step)| {
            self.stage = stage;
            step
        }))
    }
}

impl Execute {
    fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
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

impl Copy {
    fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        if let Some(step) = self.bound.answer(frame) {
            return step;
        }
        match (self.stage, frame.tag) {
            (CopyStage::Begin | CopyStage::OutEnd, COMMAND_COMPLETE_TAG) => Ok(Step::Command),
            (CopyStage::Begin, COPY_IN_RESPONSE_TAG) => Ok(Step::CopyIn),
            (CopyStage::Begin, COPY_OUT_RESPONSE_TAG) => {
                self.stage = CopyStage::Out;
                Ok(Step::CopyOut)
            }
            (CopyStage::Out, COPY_DATA_TAG) => Ok(Step::Next),
            (CopyStage::Out, COPY_DONE_TAG) => {
                empty(frame)?;
                self.stage = CopyStage::OutEnd;
                Ok(Step::Next)
            }
            _ => Err(Fatal::Unexpected),
        }
    }
}

impl Script {
    fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        let (stage, step) = match (self.stage, frame.tag) {
            (ScriptStage::First | ScriptStage::Next, ROW_DESCRIPTION_TAG) => {
                description::row_description(frame.body)?;
                (ScriptStage::Rows, Step::Next)
            }
            (
                ScriptStage::First | ScriptStage::Next | ScriptStage::Rows | ScriptStage::CopyOutEnd,
                COMMAND_COMPLETE_TAG,
            ) => (ScriptStage::Next, Step::Command),
            (ScriptStage::First, EMPTY_QUERY_RESPONSE_TAG) => {
                empty(frame)?;
                (ScriptStage::First, Step::Done)
            }
            (ScriptStage::First | ScriptStage::Next, COPY_OUT_RESPONSE_TAG) => {
                (ScriptStage::CopyOut, Step::CopyOut)
            }
            (ScriptStage::First | ScriptStage::Next, COPY_IN_RESPONSE_TAG) => (self.stage, Step::CopyIn),
            (ScriptStage::CopyOut, COPY_DATA_TAG) => (ScriptStage::CopyOut, Step::Next),
            (ScriptStage::CopyOut, COPY_DONE_TAG) => {
                empty(frame)?;
                (ScriptStage::CopyOutEnd, Step::Next)
            }
            _ => return Err(Fatal::Unexpected),
        };
        self.stage = stage;
        Ok(step)
    }
}

fn close_answer(frame: Frame<'_>) -> Result<Step, Fatal> {
    if frame.tag != CLOSE_COMPLETE_TAG {
        return Err(Fatal::Unexpected);
    }
    empty(frame)?;
    Ok(Step::Done)
}

fn columns(frame: Frame<'_>) -> Result<Option<Vec<Column>>, Malformed> {
    if frame.tag == NO_DATA_TAG {
        return empty(frame).map(|()| None);
    }
    description::row_description(frame.body).map(Some)
}

/// Messages without content must have none.
pub(super) fn empty(frame: Frame<'_>) -> Result<(), Malformed> {
    if frame.body.is_empty() { Ok(()) } else { Err(Malformed("it has content")) }
}
