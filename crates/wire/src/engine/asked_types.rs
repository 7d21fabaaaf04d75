//! What one call has asked about types.

use std::sync::Arc;

use crate::statement::Statement;

/// Rounds of one call. One is enough, unless a type changes meanwhile or is made of what the catalog leaves out: ten connections
/// that forget the types of their database at the same time make it ten.
pub(super) const MOST_ROUNDS: u8 = 16;

/// What a call has asked about types.
#[derive(Default)]
pub(super) struct LookUps {
    pub(super) rounds: u8,
    /// The server could not tell: what is not known is read as text.
    pub(super) has_failed: bool,
    /// Types that are known and may have changed: they are asked for once more before the call runs.
    pub(super) doubted: Vec<u32>,
    /// Its rows, which are read when the types of their fields are known.
    pub(super) held: Option<Box<Held>>,
}

/// The rows of a call that has run.
pub(super) struct Held {
    pub(super) statement: Arc<Statement>,
    pub(super) rows: Vec<Box<[u8]>>,
    pub(super) tag: Vec<u8>,
}
