//! The submission buffer: the requests of one tick, as `src/boundary/submission.ts` writes them.
//!
//! Words are 32 bits in native order and not aligned. Every request begins with its size in bytes (this word
//! included) and its operation:
//!
//! | operation | words | behind them |
//! |---|---|---|
//! | call | session, request, query, ask, flags, rows, timeout, portal or opening, opening that it must not run without, reservation whose place it takes, count of arguments | arguments, see `param` |
//! | define | query, length of the text | the text in UTF-8 |
//! | define own | query, length of the name or all ones, length of both | the name and the text in UTF-8 |
//! | forget | query | |
//! | let go | session, query | |
//! | abandon | session, request | |
//! | close | session, request, timeout | |
//! | terminate | session | |
//! | drop statements | session | |
//! | arguments | session, request, count | arguments, see `param` |
//! | set codecs | session, number of the set, count | for each codec its type, its number and how values travel, a word each |
//! | notices | session, 0 or 1 | |
//! | taken | session, request, bytes | |
//! | sets | session, request, count, what is behind them | argument sets, see `SetBatch` |
//! | comment | session, request of the call that comes next | the comment in UTF-8 |
//! | copy data | session, request | bytes |
//! | copy records | session, request, layout, number of the first in two words, low and high, count, count of columns | the columns' types, a word each; then their fields, see `param` |
//! | copy done | session, request | |
//! | copy failed | session, request | why, in UTF-8 |
//!
//! A timeout is in milliseconds. All ones stand for none, and for no reservation.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use cornac_driver::session::{Command, Handle};
use cornac_wire::{
    copy_records::Layout,
    deadline::Deadline,
    engine::{Ask, Request, SetBatch, SetsEnd, Sink},
    query::Query,
    types::{Codecs, Custom, Exchange},
};

use crate::table::Table;

/// What a request asks for.
mod operation {
    pub(super) const CALL: u32 = 1;
    pub(super) const DEFINE: u32 = 2;
    pub(super) const FORGET: u32 = 3;
    pub(super) const ABANDON: u32 = 4;
    pub(super) const CLOSE: u32 = 5;
    pub(super) const TERMINATE: u32 = 6;
    pub(super) const DROP_STATEMENTS: u32 = 7;
    pub(super) const NOTICES: u32 = 8;
    pub(super) const DEFINE_OWN: u32 = 9;
    pub(super) const LET_GO: u32 = 10;
    /// The consumer of a COPY has taken so many bytes of its data.
    pub(super) const TAKEN: u32 = 11;
    pub(super) const COPY_DATA: u32 = 12;
    pub(super) const COPY_RECORDS: u32 = 13;
    pub(super) const COPY_DONE: u32 = 14;
    pub(super) const COPY_FAILED: u32 = 15;
    pub(super) const SETS: u32 = 16;
    pub(super) const FORGET_TYPES: u32 = 17;
    pub(super) const ARGUMENTS: u32 = 18;
    pub(super) const SET_CODECS: u32 = 19;
    /// What goes out behind the text of the next call.
    pub(super) const COMMENT: u32 = 20;
}

/// What a call is.
mod ask {
    pub(super) const STATEMENT: u32 = 0;
    pub(super) const SCRIPT: u32 = 1;
    pub(super) const PREPARE: u32 = 2;
    pub(super) const UNPREPARE: u32 = 3;
    pub(super) const OPEN: u32 = 4;
    pub(super) const FETCH: u32 = 5;
    pub(super) const CLOSE_PORTAL: u32 = 6;
    pub(super) const COPY_IN: u32 = 7;
    pub(super) const MANY: u32 = 8;
    pub(super) const OPENING: u32 = 9;
    pub(super) const RESERVE: u32 = 10;
}

/// What is behind argument sets.
mod sets_end {
    pub(super) const OPEN: u32 = 0;
    pub(super) const COMPLETE: u32 = 1;
    pub(super) const FAILED: u32 = 2;
}

/// How the records of a COPY are written.
mod layout {
    pub(super) const TEXT: u32 = 0;
    pub(super) const BINARY: u32 = 1;
}

/// How values of a type with a codec of the program's travel.
mod exchange {
    pub(super) const TEXT: u32 = 0;
    pub(super) const BINARY: u32 = 1;
    pub(super) const TUPLE: u32 = 2;
    /// As those of the built-in type that the codec's number is the OID of.
    pub(super) const ALIAS: u32 = 3;
    /// The same, as text.
    pub(super) const ALIAS_IN_TEXT: u32 = 4;
}

/// Flags of a call.
mod flag {
    pub(super) const ROWS: u32 = 2;
    pub(super) const TAG: u32 = 4;
    pub(super) const SIGNAL: u32 = 8;
    /// The data of a COPY is wanted.
    pub(super) const DATA: u32 = 16;
    /// Its times are wanted.
    pub(super) const TIMED: u32 = 32;
    /// Its arguments were written by what the types of its parameters are.
    pub(super) const TYPED: u32 = 64;
    /// The codecs of the session have no part in it.
    pub(super) const PLAIN: u32 = 128;
    /// It is sent also when its time is up before its turn.
    pub(super) const SENT_ANYWAY: u32 = 256;
}

/// The buffer did not hold what its words promise: a defect of the facade, never of its user.
#[derive(Debug)]
pub(crate) struct Damaged;

/// What JavaScript's numbers stand for in this environment.
#[derive(Default)]
pub(crate) struct Numbers {
    pub(crate) sessions: Table<Handle>,
    queries: Table<Arc<Query>>,
    /// The comment of a call that comes next, and its number.
    comment: Option<(u32, Box<str>)>,
}

impl Numbers {
    /// Hands a tick's requests to their sessions, with one wake-up for each session.
    pub(crate) fn submit(
        &mut self,
        submission: &[u8],
        now: Instant,
        mut hand_over: impl FnMut(&Handle, &mut Vec<Command>),
    ) -> Result<(), Damaged> {
        let mut rest = Bytes::copy_from_slice(submission);
        let mut session = 0;
        let mut commands: Vec<Command> = Vec::new();
        let mut result = Ok(());
        let mut hand_over = |numbers: &Self, session: u32, commands: &mut Vec<Command>| {
            match numbers.sessions.get(session) {
                Some(handle) if !commands.is_empty() => hand_over(handle, commands),
                // The session's end was told already; what was called meanwhile was rejected with it.
                _ => commands.clear(),
            }
        };
        while !rest.is_empty() {
            let Some((to, command)) = self.request(&mut rest, now) else {
                result = Err(Damaged);
                break;
            };
            let Some(command) = command else { continue };
            if to != session && !commands.is_empty() {
                hand_over(self, session, &mut commands);
            }
            session = to;
            commands.push(command);
        }
        hand_over(self, session, &mut commands);
        result
    }

    fn request(&mut self, rest: &mut Bytes, now: Instant) -> Option<(u32, Option<Command>)> {
        let size = usize::try_from(word(rest, 0)?).ok()?;
        if size < 8 || size > rest.len() {
            return None;
        }
        let request = rest.split_to(size);
        let session = word(&request, 2)?;
        let command = match word(&request, 1)? {
            operation::CALL => Command::Call(self.call(&request, now)?),
            operation::DEFINE => {
                let text = std::str::from_utf8(request.get(16..)?).ok()?;
                self.queries.set(session, Arc::new(Query::new(session, text.to_owned())));
                return Some((session, None));
            }
            operation::DEFINE_OWN => {
                let query = Self::own(&request)?;
                self.queries.set(session, Arc::new(query));
                return Some((session, None));
            }
            operation::FORGET => {
                self.queries.release(session);
                return Some((session, None));
            }
            operation::ABANDON => Command::Abandon(word(&request, 3)?),
            operation::CLOSE => {
                Command::Close { request: word(&request, 3)?, deadline: deadline(word(&request, 4)?, now) }
            }
            operation::TERMINATE => Command::Terminate,
            operation::DROP_STATEMENTS => Command::DropStatements,
            operation::FORGET_TYPES => Command::ForgetTypes,
            operation::SET_CODECS => Command::SetCodecs(Arc::new(codecs(&request)?)),
            operation::ARGUMENTS => Command::Arguments {
                request: word(&request, 3)?,
                count: word(&request, 4)?,
                arguments: request.slice_ref(request.get(20..)?),
            },
            operation::COMMENT => {
                let comment = std::str::from_utf8(request.get(16..)?).ok()?;
                self.comment = Some((word(&request, 3)?, comment.into()));
                return Some((session, None));
            }
            operation::LET_GO => Command::LetGo(self.queries.get(word(&request, 3)?)?.clone()),
            operation::SETS => Self::sets(&request)?,
            operation::COPY_DATA => {
                Command::CopyData { request: word(&request, 3)?, data: request.slice(16..) }
            }
            operation::COPY_RECORDS => copy_records(&request)?,
            operation::COPY_DONE => Command::CopyDone(word(&request, 3)?),
            operation::COPY_FAILED => Command::CopyFailed {
                request: word(&request, 3)?,
                reason: String::from_utf8_lossy(request.get(16..)?).into_owned(),
            },
            operation::NOTICES => Command::Notices(word(&request, 3)? != 0),
            operation::TAKEN => Command::Taken {
                request: word(&request, 3)?,
                bytes: usize::try_from(word(&request, 4)?).ok()?,
            },
            _ => return None,
        };
        Some((session, Some(command)))
    }

    fn call(&mut self, request: &Bytes, now: Instant) -> Option<Request> {
        let (flags, rows, portal) = (word(request, 6)?, word(request, 7)?, word(request, 9)?);
        let id = word(request, 3)?;
        // One whose call could not be written is nobody's.
        let comment = self.comment.take().filter(|(of, _)| *of == id).map(|(_, comment)| comment);
        Some(Request {
            id,
            comment,
            query: self.queries.get(word(request, 4)?)?.clone(),
            ask: match word(request, 5)? {
                ask::STATEMENT => Ask::Statement,
                ask::SCRIPT => Ask::Script,
                ask::PREPARE => Ask::Prepare,
                ask::UNPREPARE => Ask::Unprepare,
                ask::OPEN => Ask::Open { portal, rows },
                ask::FETCH => Ask::Fetch { portal, rows },
                ask::MANY => Ask::Many,
                ask::OPENING => Ask::Opening { number: portal },
                ask::CLOSE_PORTAL => Ask::ClosePortal { portal },
                ask::COPY_IN => Ask::CopyIn,
                ask::RESERVE => Ask::Reserve,
                _ => return None,
            },
            // A portal gives no more rows than it is asked for.
            sink: match flags & (flag::ROWS | flag::DATA) {
                0 => Sink::Dropped,
                flag::DATA => Sink::Data,
                _ if portal == 0 => Sink::Cells { most: rows },
                _ => Sink::Cells { most: 0 },
            },
            tag: flags & flag::TAG != 0,
            deadline: deadline(word(request, 8)?, now),
            has_signal: flags & flag::SIGNAL != 0,
            timed: (flags & flag::TIMED != 0).then_some(now),
            within: word(request, 10)?,
            is_typed: flags & flag::TYPED != 0,
            is_plain: flags & flag::PLAIN != 0,
            is_sent_anyway: flags & flag::SENT_ANYWAY != 0,
            at: word(request, 11).map(|at| (at != u32::MAX).then_some(at))?,
            argument_count: word(request, 12)?,
            arguments: request.slice(52..),
        })
    }

    fn sets(request: &Bytes) -> Option<Command> {
        let end = match word(request, 5)? {
            sets_end::OPEN => SetsEnd::Open,
            sets_end::COMPLETE => SetsEnd::Complete,
            sets_end::FAILED => SetsEnd::Failed,
            _ => return None,
        };
        let batch = SetBatch { count: word(request, 4)?, sets: request.slice(24..) };
        Some(Command::Sets { request: word(request, 3)?, batch, end })
    }

    /// The text of one prepared statement, with the name that the user may have chosen.
    fn own(request: &Bytes) -> Option<Query> {
        let (name, length) = match word(request, 3)? {
            u32::MAX => (None, 0),
            length => {
                let length = usize::try_from(length).ok()?;
                (Some(request.get(20..)?.get(..length)?), length)
            }
        };
        let text = std::str::from_utf8(request.get(20..)?.get(length..)?).ok()?;
        let name = name.map(std::str::from_utf8).transpose().ok()?.map(str::to_owned);
        Some(Query::own(word(request, 2)?, text.to_owned(), name))
    }
}

/// The codecs of a session, each as its type, its number, and how values travel.
fn codecs(request: &Bytes) -> Option<Codecs> {
    const WORDS: usize = 5;
    let count = usize::try_from(word(request, 4)?).ok()?;
    let codec = |index: usize| {
        let at = WORDS + index * CODEC_WORDS;
        Some([word(request, at)?, word(request, at + 1)?, word(request, at + 2)?])
    };
    codecs_of(word(request, 3)?, (0..count).map_while(codec)).filter(|codecs| codecs.len() == count)
}

/// Words of a codec: its type, its number, and how values travel.
pub(crate) const CODEC_WORDS: usize = 3;

/// The codecs that words tell of, under the number of their set.
pub(crate) fn codecs_of(number: u32, all: impl IntoIterator<Item = [u32; CODEC_WORDS]>) -> Option<Codecs> {
    let codec = |[type_oid, number, exchange]: [u32; CODEC_WORDS]| {
        let exchange = match exchange {
            exchange::TEXT => Exchange::Text,
            exchange::BINARY => Exchange::Binary,
            exchange::TUPLE => Exchange::Tuple,
            exchange::ALIAS => Exchange::Alias,
            exchange::ALIAS_IN_TEXT => Exchange::AliasInText,
            _ => return None,
        };
        Some((type_oid, Custom { number, exchange }))
    };
    Some(Codecs::new(number, all.into_iter().map(codec).collect::<Option<Vec<_>>>()?))
}

/// Some records of a COPY.
fn copy_records(request: &Bytes) -> Option<Command> {
    const TYPES: usize = 36;
    let layout = match word(request, 4)? {
        layout::TEXT => Layout::Text,
        layout::BINARY => Layout::Binary,
        _ => return None,
    };
    let columns = usize::try_from(word(request, 8)?).ok()?.checked_mul(4)?;
    let arguments = TYPES.checked_add(columns).filter(|end| *end <= request.len())?;
    Some(Command::CopyRecords {
        request: word(request, 3)?,
        layout,
        first: u64::from(word(request, 5)?) | u64::from(word(request, 6)?) << 32,
        count: word(request, 7)?,
        types: request.slice(TYPES..arguments),
        arguments: request.slice(arguments..),
    })
}

fn deadline(timeout_ms: u32, now: Instant) -> Option<Deadline> {
    (timeout_ms != u32::MAX).then(|| Deadline::after(now, timeout_ms))
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    bytes.get(index * 4..)?.first_chunk::<4>().map(|word| u32::from_ne_bytes(*word))
}
