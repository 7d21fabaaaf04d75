//! A call on its way: what was asked of the server and which answer comes next.

use std::{ops::Range, sync::Arc, time::Instant};

use super::{
    Ask, Request, Sink,
    asked_types::LookUps,
    plan::{Origin, Place, Plan},
    sets::Sets,
};
use crate::{
    failure::Failure,
    query::StatementKind,
    statement::{Description, Statement},
    types::Codecs,
};

/// A request between its submission and its end.
pub(super) struct Call {
    pub(super) request: Request,
    /// Its place among all calls: one that is written again goes back in front of those that were made later.
    pub(super) order: u64,
    /// How many calls were made in its place, when it is a reservation.
    pub(super) guests: u64,
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
    /// What it is made for, when it is made for many.
    pub(super) sets: Option<Sets>,
    /// The number of the set that it failed with.
    pub(super) element: Option<u64>,
    /// The server has run it to its end, and it was run again since its values could not be read as they came.
    pub(super) was_run: bool,
    /// It failed and waits for its second try; it fails with this if that must not be.
    pub(super) second_try: Option<Failure>,
    /// For a call whose times are wanted.
    pub(super) times: Option<Box<Times>>,
    pub(super) look_ups: LookUps,
    /// Those that its session had when it was made.
    pub(super) codecs: Arc<Codecs>,
    /// Its arguments are being written by what the types of its parameters are.
    pub(super) awaits_arguments: bool,
    /// They were written by what those types are no more.
    pub(super) is_mistyped: bool,
}

impl Call {
    pub(super) fn new(request: Request, order: u64, codecs: Arc<Codecs>) -> Self {
        let sets = (request.ask == Ask::Many).then(Sets::default);
        Self {
            times: request.timed.map(|_| Box::default()),
            request,
            order,
            guests: 0,
            settled: false,
            described: None,
            doubt: None,
            prepared_again: false,
            run_again: false,
            sets,
            element: None,
            was_run: false,
            second_try: None,
            look_ups: LookUps::default(),
            codecs,
            awaits_arguments: false,
            is_mistyped: false,
        }
    }

    /// What its arguments were written by is asked for once more, and they are written anew by that. Sets of which some were
    /// composed stay as they are: JavaScript has let go of those.
    pub(super) fn write_anew(&mut self) {
        self.prepared_again = true;
        self.is_mistyped = self.request.is_typed && self.sets.as_ref().is_none_or(Sets::are_all_there);
    }

    /// It has run, and its rows wait for what their fields are.
    pub(super) fn holds_rows(&self) -> bool {
        self.look_ups.held.is_some()
    }

    /// The server has run it, whatever becomes of it now.
    pub(super) fn has_run(&self) -> bool {
        self.was_run || self.holds_rows()
    }

    pub(super) fn is_script(&self) -> bool {
        self.request.ask == Ask::Script
    }

    /// Nothing may be in flight with it. A script and COPY can take any turn; a second try and a portal wait until it is
    /// known whether what was sent before has opened a transaction, unless the portal goes out with that.
    pub(super) fn needs_empty_wire(&self) -> bool {
        self.is_alone() || self.second_try.is_some() || matches!(self.request.ask, Ask::Open { .. })
    }

    pub(super) fn is_alone(&self) -> bool {
        self.is_script() || self.request.query.kind == StatementKind::Copy
    }

    /// It is not to be sent yet: its arguments or its first sets of them are missing, or it holds a place.
    pub(super) fn waits(&self) -> bool {
        self.request.ask == Ask::Reserve || self.waits_for_arguments()
    }

    /// It waits for its arguments, or for its first sets of them.
    pub(super) fn waits_for_arguments(&self) -> bool {
        self.awaits_arguments || self.sets.as_ref().is_some_and(|sets| !sets.is_ready())
    }

    /// All that it was composed of is still here.
    pub(super) fn can_begin_anew(&self) -> bool {
        self.sets.as_ref().is_none_or(Sets::can_begin_anew)
    }

    pub(super) fn begin_anew(&mut self) {
        if let Some(sets) = &mut self.sets {
            sets.begin_anew();
        }
    }

    /// It may be given up while it runs.
    pub(super) fn is_revocable(&self) -> bool {
        self.settled || self.request.has_signal || self.request.deadline.is_some()
    }

    /// It changes nothing, wherever among others of its kind it runs.
    pub(super) fn is_read(&self) -> bool {
        !self.is_script() && self.request.query.kind == StatementKind::Read
    }

    /// Running it twice does what running it once does, as long as the first run was rolled back.
    pub(super) fn is_repeatable(&self) -> bool {
        !self.is_script() && matches!(self.request.query.kind, StatementKind::Read | StatementKind::Write)
    }
}

/// The moments of a call, each when it came first.
#[derive(Default)]
pub(super) struct Times {
    /// The socket has taken all of its messages.
    pub(super) sent: Option<Instant>,
    /// The server's first answer was read.
    pub(super) answered: Option<Instant>,
}

/// A failure that is none if the server says that the parameters are of other types now.
pub(super) struct Doubt {
    pub(super) failure: Failure,
    /// The set of arguments that failed.
    pub(super) element: Option<u64>,
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
    /// Something was deallocated since they were written: they may be of statements that were gone by then.
    pub(super) are_closes_doubted: bool,
    /// Its Sync is that of the next one: it opens the transaction of that.
    pub(super) is_joined: bool,
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
    /// Rows that wait for the types of their fields.
    pub(super) held: Vec<Box<[u8]>>,
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
    /// It closes a statement of this name that is there until then, for all that is known.
    pub(super) fn closes_surely(&self, name: &String) -> bool {
        !self.are_closes_doubted && self.closes.contains(name)
    }

    pub(super) fn new(call: Call, plan: Plan, span: Range<u64>, closes: Vec<String>) -> Self {
        Self {
            call,
            plan,
            span,
            closes,
            closed: 0,
            are_closes_doubted: false,
            is_joined: false,
            is_complete: false,
            failure: None,
            failed_at: None,
            tag: Vec::new(),
            rows: 0,
            surplus: 0,
            rows_out: false,
            held: Vec::new(),
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

    /// The server has the message that lets it run the call, the last one but for a Sync or a Flush, and what that did
    /// may stay: not the data of a COPY before its end.
    pub(super) fn may_have_run(&self, written: u64) -> bool {
        const SYNC: u64 = 5;
        let behind = if self.call.is_script() { 0 } else { SYNC };
        let stays = !self.is_open() && !self.plan.keeps_nothing();
        // What has ended was executed, also when a Flush behind it was not written.
        let has_ended = self.is_complete && self.failed_at.is_none();
        let runs = self.plan.runs() && stays && (has_ended || self.span.end <= written + behind);
        runs || self.call.has_run()
    }

    /// The server has all of it.
    pub(super) fn is_sent(&self, written: u64) -> bool {
        self.span.end <= written
    }

    /// Its end was read, but for ReadyForQuery.
    pub(super) fn is_over(&self) -> bool {
        self.is_complete || self.plan.may_end()
    }

    /// Its Sync was not written: more sets of arguments are to come.
    pub(super) fn is_open(&self) -> bool {
        matches!(&self.plan, Plan::Many(many) if many.is_open())
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
        // What ended a call for many from here came after what the server has found.
        let mut is_first = self.failure.is_none();
        self.call.element = None;
        if let Plan::Many(many) = &self.plan {
            is_first |= !many.takes_sets();
            let is_of_set = matches!(self.failed_at, Some(Place::Bind | Place::Run)) && !many.is_undoing();
            self.call.element = is_of_set.then_some(many.answered());
        }
        self.is_complete = true;
        // What the driver found first (a value that does not fit) came from rows before the error.
        if is_first || matches!(self.failure, Some(Failure::Protocol { .. })) {
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
