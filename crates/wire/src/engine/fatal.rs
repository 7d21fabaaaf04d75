//! What ends a session from within.

use crate::body::Malformed;

/// Why the session cannot go on.
pub(super) enum Fatal {
    Unexpected,
    Malformed(Malformed),
    Says(String),
}

impl From<Malformed> for Fatal {
    fn from(malformed: Malformed) -> Self {
        Fatal::Malformed(malformed)
    }
}
