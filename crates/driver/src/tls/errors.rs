//! The two ways TLS fails: before a byte is sent, and in the handshake.

use std::fmt;

/// The options cannot be used. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfigError {
    /// The option at fault, in the words of the connect attempt: `ca`, `certificate`, `key`, `passphrase`,
    /// `crls`, `minVersion`, `maxVersion`, `keyLogFile`, `serverName`, `roots`.
    pub option: &'static str,
    /// A sentence without a full stop.
    pub message: String,
    /// The remedy, if there is one.
    pub hint: Option<String>,
}

impl TlsConfigError {
    pub(super) fn new(option: &'static str, message: impl Into<String>) -> Self {
        Self { option, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for TlsConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TlsConfigError {}

/// What the handshake failed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsErrorKind {
    /// We do not accept the server's certificate.
    Certificate,
    /// The server ended the handshake with an alert.
    Refused,
    /// What came is not TLS, not a version of it that is allowed, or not PostgreSQL's ALPN name.
    Protocol,
    /// The connection was lost.
    Io,
}

/// The handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError {
    pub kind: TlsErrorKind,
    /// A sentence without a full stop.
    pub message: String,
    /// The remedy, if there is one.
    pub hint: Option<String>,
    /// The system's error number, if the connection was lost with one.
    pub os_error: Option<i32>,
}

impl TlsError {
    pub(super) fn new(kind: TlsErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, os_error: None }
    }

    pub(super) fn certificate(message: impl Into<String>) -> Self {
        Self::new(TlsErrorKind::Certificate, message)
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TlsError {}

/// Text out of a certificate, fit for a message: in quotes, control characters escaped, of bounded length.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 100;
    let mut quoted = String::from("\"");
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            quoted.push('…');
            break;
        }
        quoted.extend(character.escape_debug());
    }
    quoted.push('"');
    quoted
}
