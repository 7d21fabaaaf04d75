//! A call on its way: what was asked of the server and which answer comes next.

use std::{ops::Range, sync::Arc, time::Instant};

use super::Request;
use crate::{
    failure::Failure,
    query::Kind,
    statement::{Description, Statement},
};

/// A request between its submission and its end.
pub(super) struct Call {
    pub(super) request: Request,
    /// Its place among all calls: one that is written again goes back in front of those that were made later.
    pub(super) order: u64,
    /// The caller has been answered (timeout, abort): what still comes is dropped.
    pub(super) settled: bool,
    /// Described just now: binds without asking what is known of its text.
    pub(super) described: Option<Arc<Statement>>,
    /// It failed as what its text is remembered to be: that is asked of the server before it fails.
    pub(super) doubt: Option<Doubt>,
    /// It was written once more after its statement had vanished or its plan had changed.
    pub(super) prepared_again: bool,
    /// It was written once more after another call's cancel had hit it.
    pub(super) run_again: bool,
    /// It failed and waits for its second try; it fails with this if that must not be.
    pub(super) second_try: Option<Failure>,
}

impl Call {
    pub(super) fn new(request: Request, order: u64) -> Self {
        Self {
            request,
            order,
            settled: false,
            described: None,
            doubt: None,
            prepared_again: false,
            run_again: false,
            second_try: None,
        }
    }

    /// Nothing may be in flight with it. A script and COPY can take any turn; a second try waits until it is known
    /// whether what was sent behind the first has opened a transaction.
    pub(super) fn needs_empty_wire(&self) -> bool {
        self.is_alone() || self.second_try.is_some()
    }

    pub(super) fn is_alone(&self) -> bool {
        self.request.script || self.request.query.kind == Kind::Copy
    }

    /// It changes nothing, wherever among others of its kind it runs.
    pub(super) fn is_read(&self) -> bool {
        !self.request.script && self.request.query.kind == Kind::Read
    }

    /// Running it twice does what running it once does, as long as the first run was rolled back.
    pub(super) fn is_repeatable(&self) -> bool {
        !self.request.script && matches!(self.request.query.kind, Kind::Read | Kind::Write)
    }
}

/// A failure that is none if the server says that the parameters are of other types now.
pub(super) struct Doubt {
    pub(super) failure: Failure,
    pub(super) description: Arc<Description>,
}

/// What comes next for the call at the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// ParseComplete, of a statement to be described.
    Parse,
    Parameters,
    Columns,
    /// ParseComplete of a statement that is bound in the same round.
    ParseAgain,
    Bind,
    /// The columns of a portal, which may have changed since its statement was described.
    Portal,
    Rows,
    CopyOut,
    /// CommandComplete behind CopyDone.
    CopyEnd,
    /// The error that answers CopyFail.
    CopyRefused,
    /// The first answer to a script.
    Script,
    /// Between the statements of a script, or its end.
    ScriptNext,
    ScriptRows,
    ScriptCopyOut,
    ScriptCopyEnd,
    /// The plan's answer is complete: ReadyForQuery and nothing else.
    Ready,
}

impl Stage {
    pub(super) fn waits_for(self) -> &'static str {
        match self {
            Stage::Parse | Stage::ParseAgain => "the statement was to be parsed",
            Stage::Parameters => "the statement's parameters were to be described",
            Stage::Columns => "the statement's columns were to be described",
            Stage::Bind => "the arguments were to be bound",
            Stage::Portal => "the result's columns were to be described",
            Stage::Rows => "rows or the end of the command were due",
            Stage::CopyOut | Stage::ScriptCopyOut => "COPY data was due",
            Stage::CopyEnd | Stage::ScriptCopyEnd => "the end of COPY was due",
            Stage::CopyRefused => "an error was due, COPY having been refused",
            Stage::Script | Stage::ScriptNext => "the answer to a script was due",
            Stage::ScriptRows => "rows of a script were due",
            Stage::Ready => "ReadyForQuery was due",
        }
    }
}

/// The messages written for a call, ending with one Sync (or a simple query).
pub(super) struct Plan {
    pub(super) stage: Stage,
    /// The statement it executes; `None` for scripts and while it is described.
    pub(super) statement: Option<Arc<Statement>>,
    /// What is known of the statement it executes.
    pub(super) origin: Origin,
    /// The name under which it is being described.
    pub(super) name: String,
    /// Nothing is sent behind it until it is answered: a description, or a call that has the wire alone.
    pub(super) gates: bool,
}

/// Where the statement that a plan executes comes from.
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

pub(super) struct Flight {
    pub(super) call: Call,
    pub(super) plan: Plan,
    /// Where its messages lie in all that the session writes.
    pub(super) span: Range<u64>,
    /// Names of the statements closed in front of it; how many were confirmed.
    pub(super) closes: Vec<String>,
    pub(super) closed: usize,
    /// The parameters described so far.
    pub(super) parameters: Vec<u32>,
    pub(super) failure: Option<Failure>,
    /// Where the server's error came.
    pub(super) failed_at: Option<Stage>,
    pub(super) tag: Vec<u8>,
    /// A record with rows has left.
    pub(super) rows_out: bool,
    /// The columns are such that they cannot be read in the formats that were asked for.
    pub(super) is_unreadable: bool,
    /// In flight while a cancel connection was open: the cancel may hit it.
    pub(super) exposed: bool,
    /// The session was outside a transaction when its turn came.
    pub(super) began_idle: bool,
    /// Given up before its turn came: cancelled if it still runs then. `None`: cancelled at once.
    pub(super) patience: Option<Instant>,
}

impl Flight {
    pub(super) fn new(call: Call, plan: Plan, span: Range<u64>, closes: Vec<String>) -> Self {
        Self {
            call,
            plan,
            span,
            closes,
            closed: 0,
            parameters: Vec::new(),
            failure: None,
            failed_at: None,
            tag: Vec::new(),
            rows_out: false,
            is_unreadable: false,
            exposed: false,
            began_idle: false,
            patience: None,
        }
    }

    /// The server has seen nothing of it.
    pub(super) fn is_unsent(&self, written: u64) -> bool {
        self.span.start >= written
    }

    /// The server has all of it.
    pub(super) fn is_sent(&self, written: u64) -> bool {
        self.span.end <= written
    }

    /// Whether the statement it executes is parsed in the same round.
    pub(super) fn parses(&self) -> bool {
        self.plan.statement.as_ref().is_some_and(|statement| self.plan.origin.parses(statement))
    }

    /// The statement that was prepared in the same round, for later calls to use.
    pub(super) fn prepared(&self) -> Option<&Arc<Statement>> {
        let statement = self.plan.statement.as_ref()?;
        let here = self.plan.origin == Origin::Remembered && self.failed_at != Some(Stage::ParseAgain);
        (here && !statement.name.is_empty()).then_some(statement)
    }

    /// Whether its messages let the server run it; else they only ask for its description.
    pub(super) fn executes(&self) -> bool {
        self.plan.statement.is_some() || self.call.request.script
    }

    pub(super) fn is_copy(&self) -> bool {
        self.call.request.query.kind == Kind::Copy
    }

    /// The server's error ends what was asked; of the messages up to the Sync nothing else is answered.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failed_at = Some(self.plan.stage);
        self.plan.stage = Stage::Ready;
        // What the driver found first (a value that does not fit) came from rows before the error.
        if self.failure.is_none() || matches!(self.failure, Some(Failure::Protocol { .. })) {
            self.failure = Some(failure);
        }
    }

    /// The name of a statement that was parsed for a description that then failed.
    pub(super) fn orphan(&mut self) -> Option<String> {
        let parsed = matches!(self.failed_at, Some(Stage::Parameters | Stage::Columns | Stage::Ready));
        let name = match self.call.described.take() {
            Some(statement) => statement.name.clone(),
            None => std::mem::take(&mut self.plan.name),
        };
        (parsed && !self.executes() && !name.is_empty()).then_some(name)
    }
}
