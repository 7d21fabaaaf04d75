//! How far JavaScript is behind with what the server sends without being asked, or without end. Beyond a bound the
//! session takes no more input: what is to come waits in the socket, and in the end with the server.

use std::time::Instant;

use super::{Engine, Life, Sink};
use crate::record::{self, Gathering};

/// Bytes of notices, notifications and parameters that JavaScript has not read: from here on the socket waits.
const UNREAD: usize = 2 * 1024 * 1024;

/// Bytes of COPY data that the consumer has not taken: from here on the socket waits.
const UNTAKEN: usize = 1024 * 1024;

/// The records made since the last time.
pub struct Records {
    pub bytes: Vec<u8>,
    /// Bytes of those that nobody asked for: once JavaScript has read them, [`Engine::unasked_read`] is told.
    pub unasked: usize,
}

#[derive(Default)]
pub(super) struct Credit {
    /// Bytes of unasked records that JavaScript has not read.
    unread: usize,
    /// Those among them that were not handed on yet.
    fresh: usize,
    /// Bytes of the COPY at the front that its consumer has not taken.
    untaken: usize,
    /// Data of it was dropped that its consumer wants.
    is_cut: bool,
    gathering: Gathering,
}

impl Engine {
    /// Whether what the server says can be taken. While it is false the socket is not to be read: JavaScript is behind,
    /// and [`Engine::unasked_read`] or [`Engine::taken`] tells when it has caught up.
    pub fn wants_input(&self) -> bool {
        self.credit.unread < UNREAD && self.credit.untaken < UNTAKEN
    }

    /// The records made since the last time, for the completion queue.
    pub fn take_records(&mut self) -> Option<Records> {
        if self.records.is_empty() {
            return None;
        }
        self.credit.gathering = Gathering::default();
        let unasked = std::mem::take(&mut self.credit.fresh);
        Some(Records { bytes: std::mem::take(&mut self.records), unasked })
    }

    /// JavaScript has read so many bytes of unasked records.
    pub fn unasked_read(&mut self, bytes: usize, now: Instant) {
        let was_held = !self.wants_input();
        self.credit.unread = self.credit.unread.saturating_sub(bytes);
        if was_held && self.wants_input() {
            self.resume(now);
        }
    }

    /// The consumer of a COPY has taken so many bytes of its data. To be told as long as the call has not ended.
    pub fn taken(&mut self, request: u32, bytes: usize) {
        if self.flight.front().is_some_and(|front| front.call.request.id == request) {
            self.credit.untaken = self.credit.untaken.saturating_sub(bytes);
        }
    }

    /// Makes a record that nobody asked for. It waits for JavaScript where that is behind.
    pub(super) fn tell_unasked(&mut self, kind: u32, words: &[u32], fields: &[(u8, &str)]) {
        let start = self.records.len();
        record::fields(&mut self.records, kind, words, fields.iter().copied());
        let size = self.records.len() - start;
        self.credit.unread += size;
        self.credit.fresh += size;
    }

    /// Data of the COPY at the front. What its caller does not want any more is dropped.
    pub(super) fn copy_data(&mut self, data: &[u8]) {
        let Some(front) = self.flight.front() else { return };
        if front.call.request.sink != Sink::Data || front.call.settled || front.failure.is_some() {
            return;
        }
        if matches!(self.life, Life::Closing) {
            // It does not wait for a consumer any more, who then lacks some of it.
            self.credit.is_cut = true;
            return;
        }
        self.credit.untaken += data.len();
        self.credit.gathering.add(&mut self.records, front.call.request.id, data);
    }

    /// The COPY at the front has ended, or its data is not wanted any more: it makes nobody wait.
    pub(super) fn forget_untaken(&mut self) {
        self.credit.untaken = 0;
        self.credit.is_cut = false;
    }

    /// Whether the COPY at the front lacks some of its data.
    pub(super) fn is_cut(&self) -> bool {
        self.credit.is_cut
    }
}
