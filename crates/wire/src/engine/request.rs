//! What a session can be asked to do.

use std::{borrow::Cow, sync::Arc, time::Instant};

use bytes::Bytes;

use crate::{deadline::Deadline, query::Query};

/// How a text is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// One statement with its arguments, by the extended protocol.
    Statement,
    /// A statement is run for many sets of arguments, which [`Engine::sets`] brings: for all of them or for none.
    Many,
    /// What opens a transaction or a savepoint, whose calls tell its number as `within`.
    Opening { number: u32 },
    /// Any number of statements without arguments, by the simple protocol. Their rows are dropped.
    Script,
    /// A statement of its own is described, and kept until it is let go.
    Prepare,
    /// A prepared statement is let go, and closed on the server.
    Unprepare,
    /// A statement with its arguments becomes a portal, of which so many rows are read; of 0 none yet.
    Open { portal: u32, rows: u32 },
    /// So many more rows of a portal.
    Fetch { portal: u32, rows: u32 },
    /// A portal is closed.
    ClosePortal { portal: u32 },
    /// A COPY whose data comes down.
    CopyIn,
    /// A place in the order of calls, for calls that are made later: [`Request::at`] is its number then. Nothing behind it
    /// is sent until it is given up.
    Reserve,
}

/// Where the rows of a call go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// They are read and dropped.
    Dropped,
    /// They are packed into cells: all, or the first `most` of them when that is not 0.
    Cells { most: u32 },
    /// The data of a COPY is handed out as it comes, as far as its consumer takes it.
    Data,
}

/// A call that the driver was asked to make.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its number in its environment.
    pub id: u32,
    pub query: Arc<Query>,
    pub ask: Ask,
    pub sink: Sink,
    /// Hand the command tag out.
    pub tag: bool,
    /// Arguments as `param::Arg` reads them.
    pub arguments: Bytes,
    pub argument_count: u32,
    /// When the call times out.
    pub deadline: Option<Deadline>,
    /// It has a signal by which it may be given up.
    pub has_signal: bool,
    /// When it was handed over, if its caller wants to know when it was sent and answered.
    pub timed: Option<Instant>,
    /// The number of the opening that it must not run without; 0 for none, or one that was answered.
    pub within: u32,
    /// The reservation whose place it takes; without one its place is behind all calls before.
    pub at: Option<u32>,
    /// Its arguments were written by what the types of its parameters are.
    pub is_typed: bool,
    /// The codecs of the session have no part in it.
    pub is_plain: bool,
    /// It is sent also when its time is up before its turn: it ends what must not stay open, such as a transaction.
    pub is_sent_anyway: bool,
    /// What is sent behind its text and is no part of it, for whoever reads the server's log.
    pub comment: Option<Box<str>>,
}

impl Request {
    /// Bytes of the text as the server gets it, and of the name that the user may have given it.
    pub(super) fn text_length(&self) -> usize {
        let name = self.query.own.as_ref().and_then(|own| own.name.as_deref()).unwrap_or_default();
        self.query.sql.len() + self.comment.as_deref().unwrap_or_default().len() + name.len()
    }

    /// The text as the server gets it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match &self.comment {
            None => Cow::Borrowed(&self.query.sql),
            Some(comment) => Cow::Owned([&self.query.sql, &**comment].concat()),
        }
    }
}
