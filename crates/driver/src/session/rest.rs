//! Whether a session is at rest: whether it has had nothing but small queries, one at a time. It begins so: what is opened for
//! a query or two needs no other thread for them.

use std::time::Instant;

/// Queries in a row before a session counts as at rest. To change sides costs some system calls and a wake-up.
const QUERIES: u32 = 16;

/// Bytes that a small answer has at most. Those of a larger one are better taken apart on the I/O thread.
const SMALL: usize = 4 * 1024;

pub(super) struct Rest {
    /// Small answers in a row to queries that were alone.
    queries: u32,
    /// Bytes that came since the last query that was alone.
    bytes: usize,
    /// When the session's task wakes by itself, so that nobody has to wake it for a later time limit.
    pub(super) timer: Option<Instant>,
}

impl Default for Rest {
    fn default() -> Self {
        Self { queries: QUERIES, bytes: 0, timer: None }
    }
}

impl Rest {
    pub(super) fn arrived(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// A query is sent that is alone. Gives whether the session is at rest.
    pub(super) fn sent_alone(&mut self) -> bool {
        self.queries = if self.is_busy() { 0 } else { self.queries.saturating_add(1) };
        self.bytes = 0;
        self.queries > QUERIES
    }

    /// Something else is asked of the session.
    pub(super) fn end(&mut self) {
        self.queries = 0;
    }

    /// More has come since the last query than belongs to a session at rest.
    pub(super) fn is_busy(&self) -> bool {
        self.bytes > SMALL
    }
}

#[cfg(test)]
mod tests {
    use super::{QUERIES, Rest, SMALL};

    fn queries(rest: &mut Rest, count: u32, bytes: usize) -> bool {
        let mut is_resting = false;
        for _ in 0..count {
            is_resting = rest.sent_alone();
            rest.arrived(bytes);
        }
        is_resting
    }

    #[test]
    fn a_session_begins_at_rest() {
        assert!(queries(&mut Rest::default(), 1, SMALL));
        let mut rest = Rest::default();
        rest.arrived(SMALL + 1);
        assert!(!queries(&mut rest, 1, 1));
    }

    #[test]
    fn a_session_rests_after_small_answers_in_a_row() {
        let mut rest = Rest::default();
        rest.end();
        assert!(!queries(&mut rest, QUERIES, SMALL));
        assert!(queries(&mut rest, 1, SMALL));
        assert!(queries(&mut rest, u32::from(u16::MAX), 1));
    }

    #[test]
    fn a_larger_answer_or_anything_else_begins_the_row_anew() {
        let mut rest = Rest::default();
        queries(&mut rest, QUERIES + 1, 1);
        rest.arrived(SMALL);
        assert!(rest.is_busy());
        assert!(!queries(&mut rest, QUERIES + 1, 1));
        assert!(queries(&mut rest, 1, 1));
        rest.end();
        assert!(!queries(&mut rest, QUERIES, 1));
    }
}
