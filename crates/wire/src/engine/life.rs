//! From open to ended: how a session is closed, lost or given up, and what its calls hear of it.

use std::time::{Duration, Instant};

use super::{Engine, cancel::Cancel, plan::Plan, unsent::closing};
use crate::failure::{Cause, Failure};

/// Whether the session takes calls.
#[derive(Debug)]
pub(super) enum Life {
    Open,
    /// `close()` was called: the running call is cancelled, then Terminate goes out.
    Closing,
    /// Terminate was written: the server is about to close the socket.
    Terminating,
    Ended,
}

/// How long the server's last words are waited for after a write has failed.
const LAST_WORDS_GRACE: Duration = Duration::from_secs(1);

impl Engine {
    pub fn is_ended(&self) -> bool {
        matches!(self.life, Life::Ended)
    }

    /// Terminate has been written: the socket may be shut down once `output` is empty.
    pub fn is_terminating(&self) -> bool {
        matches!(self.life, Life::Terminating)
    }

    /// Ends gracefully: waiting calls are rejected, the running one is cancelled, then Terminate is written.
    pub fn close(&mut self) {
        if !matches!(self.life, Life::Open) {
            return;
        }
        self.life = Life::Closing;
        self.forget_untaken();
        let sent = self.flight.len() - self.unsent();
        while self.flight.len() > sent {
            // They are answered in the order of the calls.
            if let Some(call) = self.withdraw(sent) {
                self.reject(&call, closing());
            }
        }
        for call in self.queue.take_all() {
            self.reject(&call, closing());
        }
        self.end_many(closing());
        self.fail_copy_in("the connection is being closed");
        self.want_cancel();
        self.close_when_quiet();
    }

    /// Ends at once: every pending call is rejected.
    pub fn end(&mut self, cause: Cause) {
        if self.is_ended() {
            return;
        }
        self.life = Life::Ended;
        let words = self.last_words.take().filter(|_| matches!(cause, Cause::Eof | Cause::Io { .. }));
        let cause = words.clone().map_or(cause, Cause::Server);
        cause.record(self.session, &mut self.records);
        self.chunk.clear();
        let sent = self.flight.len() - self.unsent();
        let written = self.output.written();
        // They answer the call that ran; those behind it got none.
        let mut words = words.filter(|_| sent > 0);
        for mut flight in std::mem::take(&mut self.flight) {
            let maybe_executed = flight.may_have_run(written);
            let said =
                words.take().map(|diagnostic| Failure::Server { diagnostic, note: None, maybe_executed });
            let lost = Failure::Lost { maybe_executed };
            // The failure of a question for types is not the call's.
            let own = flight.failure.take().filter(|_| !matches!(flight.plan, Plan::LookUp(_)));
            let failure = own.or(said).unwrap_or(lost);
            self.reject(&flight.call, failure);
            flight.plan.into_statement().into_iter().for_each(|statement| self.statements.release(statement));
        }
        for call in self.queue.take_all() {
            self.reject(&call, Failure::Lost { maybe_executed: call.has_run() });
        }
        self.output.clear();
        self.write_failure = None;
        self.forget_untaken();
        self.cancel = Cancel::Idle;
        self.pursuit = None;
        self.deadlines.clear();
    }

    /// When the server's last words are waited for no longer, a write having failed. They may lie behind what JavaScript
    /// is to read first.
    pub(super) fn last_words_due(&self) -> Option<Instant> {
        let (since, _) = self.write_failure.as_ref().filter(|_| self.wants_input())?;
        since.checked_add(LAST_WORDS_GRACE)
    }

    pub(super) fn close_when_quiet(&mut self) {
        if matches!(self.life, Life::Closing) && self.flight.is_empty() && !self.is_holding() {
            postgres_protocol::message::frontend::terminate(self.output.composing());
            self.life = Life::Terminating;
        }
    }
}
