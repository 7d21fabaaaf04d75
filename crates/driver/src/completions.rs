//! The reader of a session's records, as the driver sees it.

/// Where records go: the completion queue of the environment that owns the session.
pub trait Completions: Send + Sync {
    /// Appends records; true when so many are waiting that their reader is to be woken at once.
    fn push(&self, records: Vec<u8>) -> bool;
    /// Wakes the reader, unless it is awake.
    fn ring(&self);
}
