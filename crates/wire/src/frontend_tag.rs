//! The types of the driver's own messages, and what Describe and Close can name. postgres-protocol writes them and has
//! no constants for them; those of the server's messages are its own.
//!
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

pub const BIND: u8 = b'B';
pub const CLOSE: u8 = b'C';
pub const COPY_DATA: u8 = b'd';
pub const COPY_DONE: u8 = b'c';
pub const COPY_FAIL: u8 = b'f';
pub const DESCRIBE: u8 = b'D';
pub const EXECUTE: u8 = b'E';
pub const FLUSH: u8 = b'H';
pub const PARSE: u8 = b'P';
pub const QUERY: u8 = b'Q';
pub const SYNC: u8 = b'S';
pub const TERMINATE: u8 = b'X';

/// What Describe and Close name: a prepared statement …
pub const STATEMENT: u8 = b'S';
/// … or a portal.
pub const PORTAL: u8 = b'P';
