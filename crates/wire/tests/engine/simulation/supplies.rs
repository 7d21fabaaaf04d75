//! What goes down and comes up while a call runs: data of COPY both ways, and argument sets.

use cornac_wire::engine::SetsEnd;

use super::Schedule;
use crate::support::{arguments, model::running::line};

/// The data of a COPY into the server.
#[derive(Default)]
pub(super) struct Load {
    pub(super) sent: Vec<u8>,
    /// Bytes that the socket has not taken.
    pub(super) waiting: usize,
    /// The server has asked for it.
    pub(super) is_asked: bool,
    pub(super) is_over: bool,
}

/// The argument sets of a call for many.
#[derive(Default)]
pub(super) struct Adding {
    pub(super) sets: usize,
    /// One of them cannot be sent.
    pub(super) is_refused: bool,
    pub(super) end: Option<SetsEnd>,
}

/// The data of a COPY out of the server, whose consumer takes it as it likes.
pub(super) struct Pour {
    expected: Vec<u8>,
    /// Bytes that have come.
    pub(super) seen: usize,
    /// Bytes that the consumer has not taken.
    pub(super) untaken: usize,
}

/// The most bytes that wait for a consumer: 1 MiB and one message.
const MOST_UNTAKEN: usize = 1024 * 1024 + 50_000;

impl Pour {
    pub(super) fn new(id: u32, lines: u32) -> Self {
        let expected = (0..lines).rev().flat_map(|place| line(id, place)).collect();
        Self { expected, seen: 0, untaken: 0 }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.seen == self.expected.len()
    }

    pub(super) fn hear(&mut self, data: &[u8]) {
        assert_eq!(self.expected.get(self.seen..self.seen + data.len()), Some(data), "data of another COPY");
        self.seen += data.len();
        self.untaken += data.len();
        assert!(self.untaken <= MOST_UNTAKEN, "{} bytes wait for their consumer", self.untaken);
    }
}

impl Schedule {
    /// More data for each COPY that wants some, or its end.
    pub(super) fn load(&mut self) {
        for (id, load) in &mut self.loads {
            if !load.is_asked || load.is_over || self.ended.contains_key(id) {
                continue;
            }
            match self.chance.below(8) {
                0 => {
                    load.is_over = true;
                    self.lab.engine.copy_in_failed(*id, "the source has failed");
                }
                1 | 2 => {
                    load.is_over = true;
                    self.lab.engine.copy_in_done(*id);
                }
                _ => {
                    let data = vec![self.chance.word().to_le_bytes()[0]; self.chance.below(2_000)];
                    self.lab.engine.copy_in_data(*id, &data);
                    load.waiting += data.len();
                    load.sent.extend(data);
                }
            }
        }
    }

    /// More sets for each call for many, or their end. Some come when it has ended already.
    pub(super) fn add(&mut self) {
        for (id, adding) in &mut self.addings {
            if adding.end.is_some() {
                continue;
            }
            let end = match self.chance.below(8) {
                0 => SetsEnd::Failed,
                1..4 => SetsEnd::Complete,
                _ => SetsEnd::Open,
            };
            let count = if end == SetsEnd::Failed { 0 } else { self.chance.below(4) };
            let mut sets = vec![vec![arguments::int(id.cast_signed())]; count];
            if count > 0 && self.chance.one_in(20) {
                adding.is_refused = true;
                sets[count - 1] = vec![arguments::refused("undefined")];
            }
            adding.sets += count;
            adding.end = (end != SetsEnd::Open).then_some(end);
            self.lab.engine.sets(*id, arguments::sets(&sets), end, self.lab.now);
        }
    }

    /// Consumers take some of what has come, or all of it.
    pub(super) fn take(&mut self, all: bool) {
        for (id, pour) in &mut self.pours {
            if pour.untaken == 0 || self.ended.contains_key(id) {
                continue;
            }
            let bytes = if all { pour.untaken } else { self.chance.below(pour.untaken) + 1 };
            pour.untaken -= bytes;
            self.lab.engine.taken(*id, bytes);
        }
    }
}
