//! The argument sets of a call for many, as they come and go.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::failure::Failure;

/// Sets that come together.
#[derive(Clone, Debug, Default)]
pub struct SetBatch {
    pub count: u32,
    /// For each set its size in bytes and the count of its arguments, two words in native order; then the arguments as
    /// `param::Arg` reads them.
    pub sets: Bytes,
}

/// What is behind a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetsEnd {
    /// More sets may come.
    Open,
    /// It was the last.
    Complete,
    /// The sets cannot be had to their end.
    Failed,
}

/// One set of a batch.
pub(super) struct Set<'a> {
    pub(super) count: u32,
    pub(super) arguments: &'a [u8],
}

impl SetBatch {
    /// The sets; a batch that is damaged ends early.
    pub(super) fn iter(&self) -> impl Iterator<Item = Set<'_>> {
        let mut rest = &self.sets[..];
        std::iter::from_fn(move || {
            let (size, behind) = word(rest)?;
            let (count, behind) = word(behind)?;
            let (arguments, behind) = behind.split_at_checked(usize::try_from(size).ok()?)?;
            rest = behind;
            Some(Set { count, arguments })
        })
    }
}

fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_ne_bytes(*word), rest))
}

/// The batches of one call. Those that were composed are kept as long as the call may have to be made anew, which is
/// known when the server has taken the first set; from then on one at the most.
#[derive(Default)]
pub(super) struct Sets {
    batches: VecDeque<SetBatch>,
    /// How many of them were composed.
    composed: usize,
    /// How many of them the other side knows to be composed.
    told: usize,
    is_confirmed: bool,
    /// Something that was composed is gone.
    has_dropped: bool,
    /// No further batch comes.
    pub(super) is_complete: bool,
    /// No further batch comes, although there would be more.
    pub(super) has_failed: bool,
}

impl Sets {
    pub(super) fn add(&mut self, batch: SetBatch) {
        if batch.count > 0 {
            self.batches.push_back(batch);
        }
    }

    /// The next batch is there, or none comes.
    pub(super) fn is_ready(&self) -> bool {
        self.is_complete || self.has_failed || self.has_next()
    }

    pub(super) fn has_next(&self) -> bool {
        self.composed < self.batches.len()
    }

    /// The batch that is to be composed; `None` when it has not come.
    pub(super) fn next(&self) -> Option<&SetBatch> {
        self.batches.get(self.composed)
    }

    /// The next batch was composed. Whether that is to be told: not for one that was composed before.
    pub(super) fn composed(&mut self) -> bool {
        self.composed += 1;
        let is_news = self.composed > self.told;
        self.told = self.told.max(self.composed);
        self.drop_composed();
        is_news
    }

    /// The server has taken the first set: what can fail now are the sets.
    pub(super) fn confirm(&mut self) {
        if !self.is_confirmed {
            self.is_confirmed = true;
            self.drop_composed();
        }
    }

    fn drop_composed(&mut self) {
        if self.is_confirmed && (self.has_dropped || self.composed > 1) {
            self.has_dropped = true;
            self.batches.drain(..self.composed);
            self.told -= self.composed;
            self.composed = 0;
        }
    }

    /// The other side has all of them still: it was told of none that it is composed.
    pub(super) fn are_all_there(&self) -> bool {
        self.told == 0 && !self.has_dropped
    }

    /// Everything that was composed is still here.
    pub(super) fn can_begin_anew(&self) -> bool {
        !self.has_dropped
    }

    pub(super) fn begin_anew(&mut self) {
        self.composed = 0;
        self.is_confirmed = false;
    }
}

/// The caller knows why.
pub(super) fn source_failed() -> Failure {
    Failure::Interface { message: "the argument sets could not be had to their end".to_owned(), hint: None }
}
