use std::fmt;

/// Why an exchange failed. Holds names and the library's words, never a token or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// A sentence: operation, then reason.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The sentence every failed exchange begins with.
pub(crate) fn failure(target: &str, reason: &str) -> String {
    format!("Kerberos authentication to '{target}' failed: {reason}")
}
