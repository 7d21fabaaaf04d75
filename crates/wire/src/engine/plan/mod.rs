//! What a call asks of the server: one kind of plan each, with its own stages.
//!
//! A plan is told every message that may answer it ([`Plan::answer`]) and says what it means for the call. Rows,
//! errors, ReadyForQuery and what the server may say at any time are the engine's.

mod bound;
mod copy;
mod describe;
mod execute;
mod look_up;
mod many;
mod script;

use std::sync::Arc;

use postgres_protocol::message::backend::{CLOSE_COMPLETE_TAG, NO_DATA_TAG};

pub(super) use self::{
    bound::{Bound, Origin},
    copy::{Block, Copy},
    describe::Describe,
    execute::{Execute, Reach},
    look_up::LookUp,
    many::Many,
    script::Script,
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
    /// Bind and Execute for each set of arguments, and one Sync when the last has come.
    Many(Many),
    /// A simple query.
    Script(Script),
    /// Close, Sync: of a statement or a portal.
    Close,
    /// What types are that the call needs.
    LookUp(LookUp),
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
    /// Data of a COPY.
    Data,
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
        Plan::Describe(Describe::new(name))
    }

    pub(super) fn execute(statement: Arc<Statement>, origin: Origin, reach: Reach) -> Self {
        Plan::Execute(Execute::new(statement, origin, reach))
    }

    /// Reads on in a portal that is open.
    pub(super) fn fetch(statement: Arc<Statement>) -> Self {
        Plan::Execute(Execute::of_open_portal(statement))
    }

    pub(super) fn copy(statement: Arc<Statement>, origin: Origin) -> Self {
        Plan::Copy(Copy::new(statement, origin))
    }

    /// `epoch` is that of the session's types now.
    pub(super) fn look_up(asked: Vec<u32>, epoch: u64, turns_jit_off: bool) -> Self {
        Plan::LookUp(LookUp::new(asked, epoch, turns_jit_off))
    }

    pub(super) fn script() -> Self {
        Plan::Script(Script::default())
    }

    /// The statement that it lets the server run; `None` for a description and a script.
    pub(super) fn bound(&self) -> Option<&Bound> {
        match self {
            Plan::Execute(execute) => Some(&execute.bound),
            Plan::Copy(copy) => Some(&copy.bound),
            Plan::Many(many) => Some(&many.bound),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close | Plan::LookUp(_) => None,
        }
    }

    pub(super) fn bound_mut(&mut self) -> Option<&mut Bound> {
        match self {
            Plan::Execute(execute) => Some(&mut execute.bound),
            Plan::Copy(copy) => Some(&mut copy.bound),
            Plan::Many(many) => Some(&mut many.bound),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close | Plan::LookUp(_) => None,
        }
    }

    pub(super) fn into_statement(self) -> Option<Arc<Statement>> {
        match self {
            Plan::Execute(execute) => Some(execute.bound.statement),
            Plan::Copy(copy) => Some(copy.bound.statement),
            Plan::Many(many) => Some(many.bound.statement),
            Plan::Describe(_) | Plan::Script(_) | Plan::Close | Plan::LookUp(_) => None,
        }
    }

    /// Whether its messages let the server run something; else they only ask what a statement is.
    pub(super) fn runs(&self) -> bool {
        !matches!(self, Plan::Describe(_) | Plan::Close | Plan::LookUp(_))
    }

    /// Whether nothing is sent behind it until it is answered: a description, what has the wire alone, and a statement
    /// that later calls of its text are to find prepared. Or until its Sync is written.
    pub(super) fn holds_wire(&self) -> bool {
        match self {
            Plan::Execute(execute) => execute.bound.prepares(),
            Plan::Many(many) => many.is_open() || many.bound.prepares(),
            Plan::Describe(_) | Plan::Copy(_) | Plan::Script(_) | Plan::LookUp(_) => true,
            Plan::Close => false,
        }
    }

    /// Whether a row may come now; those of a script are dropped.
    pub(super) fn takes_rows(&self) -> bool {
        match self {
            Plan::Execute(execute) => execute.bound.is_running(),
            Plan::Many(many) => many.takes_rows(),
            Plan::Script(script) => script.takes_rows(),
            Plan::LookUp(look_up) => look_up.takes_rows(),
            Plan::Describe(_) | Plan::Copy(_) | Plan::Close => false,
        }
    }

    /// Whether it may end here, although it is not known to be complete.
    pub(super) fn may_end(&self) -> bool {
        match self {
            Plan::Script(script) => script.may_end(),
            Plan::LookUp(look_up) => look_up.may_end(),
            Plan::Describe(_) | Plan::Execute(_) | Plan::Copy(_) | Plan::Many(_) | Plan::Close => false,
        }
    }

    /// Whether all that was asked for is that a portal is open, and it is.
    pub(super) fn is_opened(&self) -> bool {
        matches!(self, Plan::Execute(execute) if execute.is_opened())
    }

    /// Whether the end of a command is its own.
    pub(super) fn ends_with_command(&self) -> bool {
        !matches!(self, Plan::Many(_) | Plan::Script(_))
    }

    /// Where an error meets it now.
    pub(super) fn place(&self) -> Place {
        match self {
            Plan::Describe(describe) => describe.place(),
            Plan::Execute(execute) => execute.bound.place(),
            Plan::Copy(copy) => copy.bound.place(),
            Plan::Many(many) => many.place(),
            Plan::LookUp(look_up) => look_up.place(),
            Plan::Script(_) | Plan::Close => Place::Run,
        }
    }

    /// Takes a message that may answer it.
    pub(super) fn answer(&mut self, frame: Frame<'_>) -> Result<Step, Fatal> {
        match self {
            Plan::Describe(describe) => describe.answer(frame),
            Plan::Execute(execute) => execute.answer(frame),
            Plan::Copy(copy) => copy.answer(frame),
            Plan::Many(many) => many.answer(frame),
            Plan::Script(script) => script.answer(frame),
            Plan::Close => close_answer(frame),
            Plan::LookUp(look_up) => look_up.answer(frame),
        }
    }

    /// Whether it is a COPY into the server whose end was not sent, or that was told to fail.
    pub(super) fn keeps_nothing(&self) -> bool {
        matches!(self, Plan::Copy(copy) if copy.takes_data() || copy.is_refused())
    }

    /// The COPY that the server wants data for was refused: the error that answers CopyFail comes next.
    pub(super) fn refuse_copy_in(&mut self) {
        match self {
            Plan::Copy(copy) => copy.refuse(),
            Plan::Script(script) => script.refuse_copy_in(),
            Plan::Describe(_) | Plan::Execute(_) | Plan::Many(_) | Plan::Close | Plan::LookUp(_) => {}
        }
    }

    /// The data of a COPY was refused: an error and ReadyForQuery are all that is to come.
    pub(super) fn is_refused(&self) -> bool {
        match self {
            Plan::Copy(copy) => copy.is_refused(),
            Plan::Script(script) => script.is_refused(),
            Plan::Describe(_) | Plan::Execute(_) | Plan::Many(_) | Plan::Close | Plan::LookUp(_) => false,
        }
    }

    pub(super) fn waits_for(&self) -> &'static str {
        match self {
            Plan::Describe(describe) => describe.waits_for(),
            Plan::Execute(execute) => execute.bound.waits_for(),
            Plan::Copy(copy) => copy.waits_for(),
            Plan::Many(many) => many.waits_for(),
            Plan::Script(script) => script.waits_for(),
            Plan::Close => "a statement or a portal was to be closed",
            Plan::LookUp(look_up) => look_up.waits_for(),
        }
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
