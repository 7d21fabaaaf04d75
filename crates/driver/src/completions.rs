//! The reader of a session's records, as the driver sees it.

use crate::session::Handle;

/// Where records go: the completion queue of the environment that owns the session.
pub trait Completions: Send + Sync {
    /// Appends records; true when so many are waiting that their reader is to be woken at once.
    fn push(&self, records: Vec<u8>, receipt: Option<Receipt>) -> bool;
    /// Wakes the reader, unless it is awake.
    fn ring(&self);
}

/// Goes with records that nobody asked for. Once they were read, or dropped, it is dropped: that tells their session,
/// which reads no further than JavaScript follows.
pub struct Receipt {
    session: Handle,
    bytes: usize,
}

impl Receipt {
    pub(crate) fn new(session: &Handle, bytes: usize) -> Option<Self> {
        (bytes > 0).then(|| Self { session: session.clone(), bytes })
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.session.unasked_read(self.bytes);
    }
}
