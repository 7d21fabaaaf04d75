//! A call on its way: what was asked of the server and which answer comes next.

use std::{ops::Range, sync::Arc, time::Instant};

use super::{
    Ask, Request, Sink,
    plan::{Origin, Place, Plan},
};
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

    pub(super) fn is_script(&self) -> bool {
        self.request.ask == Ask::Script
    }

    /// Nothing may be in flight with it. A script and COPY can take any turn; a second try and a portal wait until it is
    /// known whether what was sent before has opened a transaction.
    pub(super) fn needs_empty_wire(&self) -> bool {
        self.is_alone() || self.second_try.is_some() || matches!(self.request.ask, Ask::Open { .. })
    }

    pub(super) fn is_alone(&self) -> bool {
        self.is_script() || self.request.query.kind == Kind::Copy
    }

    /// It may be given up while it runs.
    pub(super) fn is_revocable(&self) -> bool {
        self.settled || self.request.has_signal || self.request.deadline.is_some()
    }

    /// It changes nothing, wherever among others of its kind it runs.
    pub(super) fn is_read(&self) -> bool {
        !self.is_script() && self.request.query.kind == Kind::Read
    }

    /// Running it twice does what running it once does, as long as the first run was rolled back.
    pub(super) fn is_repeatable(&self) -> bool {
        !self.is_script() && matches!(self.request.query.kind, Kind::Read | Kind::Write)
    }
}

/// A failure that is none if the server says that the parameters are of other types now.
pub(super) struct Doubt {
    pub(super) failure: Failure,
    pub(super) description: Arc<Description>,
}

pub(super) struct Flight {
    pub(super) call: Call,
    pub(super) plan: Plan,
    /// Where its messages lie in all that the session writes.
    pub(super) span: Range<u64>,
    /// Names of the statements closed in front of it; how many were confirmed.
    pub(super) closes: Vec<String>,
    pub(super) closed: usize,
    /// Everything was answered: ReadyForQuery comes next and nothing else.
    pub(super) is_complete: bool,
    pub(super) failure: Option<Failure>,
    /// Where the server's error came.
    pub(super) failed_at: Option<Place>,
    pub(super) tag: Vec<u8>,
    /// Rows that were kept, and bytes of those that nobody wants.
    pub(super) rows: u32,
    pub(super) surplus: usize,
    /// A record with rows has left.
    pub(super) rows_out: bool,
    /// The columns are such that they cannot be read in the formats that were asked for.
    pub(super) is_unreadable: bool,
    /// In flight while a cancel connection was open: the cancel may hit it.
    pub(super) exposed: bool,
    /// When its turn came.
    pub(super) began: Option<Instant>,
    /// The session was outside a transaction then.
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
            is_complete: false,
            failure: None,
            failed_at: None,
            tag: Vec::new(),
            rows: 0,
            surplus: 0,
            rows_out: false,
            is_unreadable: false,
            exposed: false,
            began: None,
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

    /// Its end was read, but for ReadyForQuery.
    pub(super) fn is_over(&self) -> bool {
        self.is_complete || self.plan.may_end()
    }

    /// The statement that was prepared in the same round, for later calls to use.
    pub(super) fn prepared(&self) -> Option<&Arc<Statement>> {
        let bound = self.plan.bound()?;
        let here = bound.origin == Origin::Remembered && self.failed_at != Some(Place::Parse);
        (here && !bound.statement.name.is_empty()).then_some(&bound.statement)
    }

    /// Rows are wanted still.
    pub(super) fn wants_rows(&self) -> bool {
        matches!(self.call.request.sink, Sink::Cells { .. }) && !self.call.settled && self.failure.is_none()
    }

    /// The server's error ends what was asked; of the messages up to the Sync nothing else is answered.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failed_at = Some(if self.is_complete { Place::End } else { self.plan.place() });
        self.is_complete = true;
        // What the driver found first (a value that does not fit) came from rows before the error.
        if self.failure.is_none() || matches!(self.failure, Some(Failure::Protocol { .. })) {
            self.failure = Some(failure);
        }
    }

    /// The name of a statement that was parsed for a description that then failed.
    pub(super) fn orphan(&mut self) -> Option<String> {
        let parsed = matches!(self.failed_at, Some(Place::Describe | Place::End));
        let described = self.call.described.take().map(|statement| statement.name.clone());
        let Plan::Describe(describe) = &mut self.plan else { return None };
        let name = described.unwrap_or_else(|| std::mem::take(&mut describe.name));
        (parsed && !name.is_empty()).then_some(name)
    }
}
