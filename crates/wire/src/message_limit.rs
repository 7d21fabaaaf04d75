//! How long a message to the server may be.

/// The largest message that PostgreSQL takes, its length included: a longer one ends the session (MaxAllocSize - 1 in
/// its memutils.h, which pq_getmessage compares with).
pub const LARGEST_MESSAGE: usize = 0x3fff_fffe;
