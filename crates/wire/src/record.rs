//! Completion records: what Rust tells JavaScript, in native byte order.
//!
//! Every record begins with its kind and its size in bytes (a multiple of 8, this header included); then:
//!
//! | kind | words | behind them |
//! |---|---|---|
//! | rows | request, shape, rows, flags and status, bytes of cells, arrays, text, bytes, tag | those five, in this order |
//! | failed | request, flags and status, class, count of fields | fields |
//! | shape | shape, columns, bytes of a row | per column: see below |
//! | shape released | shape | |
//! | notice | session, request that was running or [`NO_REQUEST`], count of fields | fields |
//! | notification | session, pid, count of fields | fields: channel, payload |
//! | parameter | session, count of fields | fields: name, value |
//! | ended | session, class, count of fields | fields: why |
//! | parameters | query, session, count | type OIDs |
//! | connected | request, session, pid, flags and status, count of fields | fields |
//! | done | request, transaction status or 0 | |
//! | gone | session, class | |
//! | surplus | request | |
//! | sets composed | request | |
//! | described | request, flags and status, shape or 0, count, length of name | type OIDs of the parameters, name |
//! | data | request, messages, bytes of data | the data of a COPY, as the server sends it |
//! | times | request; microseconds from its submission until it was sent, answered first, and answered | |
//! | copy room | request, bytes that the socket has taken; 0 in the first, which asks for data | |
//! | keys | shape, column, key list, count of fields | fields: the keys of a JSON column's objects |
//! | arguments wanted | request, count | type OIDs of the parameters |
//! | field form | shape, number | a form |
//!
//! A form is a codec, the count of its parts, and their forms; those of a composite behind the length of the attribute's
//! name, and it. A column is told by its form, the type's OID, its slot, the table's OID, the attribute's number,
//! the type's size and modifier, and its name behind the name's length.
//!
//! A field is a letter, a length and UTF-8 text: two words and the bytes, not padded.

use crate::query::Query;

/// Letters of fields, beside those in which a message of the server comes up as it is.
pub mod letter {
    // What PostgreSQL's ErrorResponse calls them.
    pub const MESSAGE: u8 = b'M';
    pub const HINT: u8 = b'H';
    pub const SQLSTATE: u8 = b'C';
    pub const SCHEMA: u8 = b's';
    pub const DATA_TYPE: u8 = b'd';
    pub const POSITION: u8 = b'P';
    // The driver's own, which are none of PostgreSQL's.
    /// 1 or 0.
    pub const MAYBE_EXECUTED: u8 = b'x';
    /// The argument that was refused, from 1, or the column of a record.
    pub const ARGUMENT: u8 = b'a';
    /// The set of arguments that was refused, or the record, from 0.
    pub const ELEMENT: u8 = b'e';
    /// What was waited for when a time limit ran out.
    pub const PHASE: u8 = b'f';
    /// The attribute of a composite that did not fit, from 0.
    pub const ATTRIBUTE: u8 = b'b';
    /// The number of an error of the operating system.
    pub const OS_ERROR: u8 = b'o';
    /// How a session has logged in.
    pub const AUTH_METHOD: u8 = b'u';
    /// 1 or 0: whether a session is encrypted.
    pub const ENCRYPTED: u8 = b'y';
    pub const PROTOCOL: u8 = b'r';
    /// The name of a parameter, in front of its value, or the key of an object.
    pub const NAME: u8 = b'k';
    pub const VALUE: u8 = b'v';
    /// The channel of a notification, in front of its payload.
    pub const CHANNEL: u8 = b'l';
    pub const PAYLOAD: u8 = b'w';
}

/// Kinds of records.
pub mod kind {
    pub const ROWS: u32 = 1;
    pub const FAILED: u32 = 2;
    pub const SHAPE: u32 = 3;
    pub const SHAPE_RELEASED: u32 = 4;
    pub const NOTICE: u32 = 5;
    pub const NOTIFICATION: u32 = 6;
    pub const PARAMETER: u32 = 7;
    pub const ENDED: u32 = 8;
    pub const PARAMETERS: u32 = 9;
    pub const CONNECTED: u32 = 10;
    pub const DONE: u32 = 11;
    /// No further record of this session comes: what still waits for one never gets it.
    pub const GONE: u32 = 12;
    pub const KEYS: u32 = 13;
    /// Rows of 1 MiB and more came that the request does not want.
    pub const SURPLUS: u32 = 14;
    pub const DESCRIBED: u32 = 15;
    /// Data of a COPY, of one message of the server or of several.
    pub const DATA: u32 = 16;
    /// The socket has taken data for a COPY.
    pub const COPY_ROOM: u32 = 17;
    /// A batch of argument sets was composed: another one may come.
    pub const SETS_COMPOSED: u32 = 18;
    /// When the call was sent and answered, in front of its last record.
    pub const TIMES: u32 = 19;
    /// How fields are read whose types come with their rows.
    pub const FIELD_FORM: u32 = 20;
    /// The arguments of a call are to be written by what the types of its parameters are.
    pub const ARGUMENTS_WANTED: u32 = 21;
}

/// Stands for no request.
pub const NO_REQUEST: u32 = u32::MAX;

/// Flags of rows and failures; the transaction status is the byte above them.
pub mod flag {
    /// The request's last record: its number is free again.
    pub const LAST: u32 = 1;
    /// The text is UTF-16, else Latin-1.
    pub const UTF16: u32 = 2;
    pub const STATUS_SHIFT: u32 = 8;
}

/// The class a failure becomes, and the fields that its record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Class {
    /// The server's own error, fields by its letters.
    Server = 0,
    /// An argument refused: message, argument, hint; or a value: message, SQLSTATE, hint.
    Data = 1,
    /// Misuse: message, hint.
    Interface = 2,
    /// The session is gone: message, whether the statement may have run.
    Lost = 3,
    /// Message, phase.
    Timeout = 4,
    /// Message.
    Protocol = 5,
    /// A panic was caught: message.
    Internal = 6,
    /// An attempt to connect failed: see `cornac-driver`'s error.
    Connect = 7,
    /// A composite is not what its type was known to be: message, schema and name of the type, attribute.
    Outdated = 8,
    /// An argument for a type that none can be sent for: message, argument, hint.
    Unsupported = 9,
}

/// Where the records of shapes go: the completion queue of the environment that owns their registry.
pub type Announce = dyn Fn(Vec<u8>) + Send + Sync;

/// Bytes of the words at the head of a rows record.
pub const ROWS_HEADER: usize = 48;

/// Appends one record to `out` and fills in its size when it is finished.
pub struct Record<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Record<'a> {
    pub fn new(out: &'a mut Vec<u8>, kind: u32, words: &[u32]) -> Self {
        let start = out.len();
        out.extend_from_slice(&kind.to_ne_bytes());
        out.extend_from_slice(&[0; 4]);
        let mut record = Self { out, start };
        for word in words {
            record.word(*word);
        }
        record
    }

    pub fn word(&mut self, word: u32) {
        self.out.extend_from_slice(&word.to_ne_bytes());
    }

    pub fn signed(&mut self, word: i32) {
        self.out.extend_from_slice(&word.to_ne_bytes());
    }

    pub fn field(&mut self, letter: u8, text: &str) {
        self.word(u32::from(letter));
        self.word(size(text.len()));
        self.out.extend_from_slice(text.as_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub fn finish(self) {
        let length = self.out.len() - self.start;
        let padded = length.next_multiple_of(8);
        self.out.resize(self.start + padded, 0);
        if let Some(place) = self.out.get_mut(self.start + 4..self.start + 8) {
            place.copy_from_slice(&size(padded).to_ne_bytes());
        }
    }
}

/// The record at the end of a block that more data of a COPY goes into: the server sends a message for each row.
#[derive(Default)]
pub struct Gathering {
    start: usize,
    /// Where the record ends with its padding, 0 for none.
    end: usize,
    messages: u32,
    length: usize,
}

/// Bytes of the words at the head of a record with data.
const DATA_HEADER: usize = 20;

impl Gathering {
    /// Appends the data of one message to the record at the end of `out`, or a record of its own.
    pub fn add(&mut self, out: &mut Vec<u8>, request: u32, data: &[u8]) {
        if self.end == 0 || self.end != out.len() {
            *self = Self { start: out.len(), ..Self::default() };
            Record::new(out, kind::DATA, &[request, 0, 0]);
        } else {
            out.truncate(self.start + DATA_HEADER + self.length);
        }
        out.extend_from_slice(data);
        self.messages += 1;
        self.length += data.len();
        if let Some(place) = out.get_mut(self.start + 12..self.start + DATA_HEADER) {
            place.copy_from_slice([self.messages, size(self.length)].map(u32::to_ne_bytes).as_flattened());
        }
        Record { out, start: self.start }.finish();
        self.end = out.len();
    }
}

/// Lengths within a record stay below 4 GiB by the limit on messages.
pub fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Tells the environment the parameter types of a statement that a session has described, so that the session's
/// arrays are encoded in the one form that is needed.
pub fn parameters(session: u32, query: &Query, types: &[u32], out: &mut Vec<u8>) {
    if types.is_empty() {
        return;
    }
    let mut record = Record::new(out, kind::PARAMETERS, &[query.id, session, size(types.len())]);
    for type_oid in types {
        record.word(*type_oid);
    }
    record.finish();
}

/// A record made of a head and fields.
pub fn fields<'f>(
    out: &mut Vec<u8>,
    kind: u32,
    words: &[u32],
    fields: impl Iterator<Item = (u8, &'f str)> + Clone,
) {
    let mut record = Record::new(out, kind, words);
    record.word(size(fields.clone().count()));
    for (letter, text) in fields {
        record.field(letter, text);
    }
    record.finish();
}
