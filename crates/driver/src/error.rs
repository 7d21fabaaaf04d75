//! Why an attempt to connect failed, as plain data that the facade turns into its own error classes.

use std::fmt;
use std::io;

use cornac_wire::record::letter;

/// How far the attempt had come. Everything from `Startup` on happened after AuthenticationOk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connect,
    Tls,
    Authentication,
    Startup,
}

impl Phase {
    /// The word that crosses the boundary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Authentication => "authentication",
            Self::Startup => "startup",
        }
    }
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The operating system failed a call, or the peer closed the connection.
    Io,
    /// The attempt's time ran out.
    Timeout,
    /// The TLS handshake failed.
    Tls,
    /// The server answered the request for TLS with "no".
    TlsRefused,
    /// The server sent an ErrorResponse: see `fields`.
    Server,
    /// The server asked for a way of authentication that the client may not or cannot use on this connection.
    /// Nothing was answered. With a field `C`, the error stands for that SQLSTATE although the client made it.
    Method,
    /// The server failed to prove itself, or broke the rules of the way it asked for.
    Auth,
    /// The server said what the protocol does not allow at this point.
    Protocol,
    /// The options cannot be used; nothing was sent.
    Config,
    /// GSSAPI or SSPI failed.
    Gss,
}

impl FailureKind {
    /// The word that crosses the boundary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::TlsRefused => "tls-refused",
            Self::Server => "server",
            Self::Method => "method",
            Self::Auth => "auth",
            Self::Protocol => "protocol",
            Self::Config => "config",
            Self::Gss => "gss",
        }
    }
}

/// A failed attempt. Carries no password, token or key in any field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectError {
    pub phase: Phase,
    pub kind: FailureKind,
    /// A sentence: operation, then reason.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// `errno`, or the Windows error code.
    pub os_error: Option<i32>,
    /// The fields of the server's ErrorResponse, by their protocol letter.
    pub fields: Vec<(u8, String)>,
    /// AuthenticationOk was seen: a fallback to another transport is over.
    pub authenticated: bool,
    /// The connection was protected by TLS when it failed; false when the server had declined.
    pub encrypted: bool,
    /// The member of the TLS options that cannot be used, for [`FailureKind::Config`].
    pub option: Option<&'static str>,
}

impl ConnectError {
    pub(crate) fn new(phase: Phase, kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            phase,
            kind,
            message: message.into(),
            hint: None,
            os_error: None,
            fields: Vec::new(),
            authenticated: phase == Phase::Startup,
            encrypted: false,
            option: None,
        }
    }

    /// An option that cannot be used, found before anything was sent.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Phase::Connect, FailureKind::Config, message)
    }

    /// A failed system call: `operation` is the sentence's first half.
    pub(crate) fn io(phase: Phase, operation: &str, error: &io::Error) -> Self {
        let mut made = Self::new(phase, FailureKind::Io, format!("{operation}: {}", io_words(error)));
        made.os_error = error.raw_os_error();
        made
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Gives a client-made error the SQLSTATE it stands for.
    #[must_use]
    pub(crate) fn with_sqlstate(mut self, code: &str) -> Self {
        self.fields.push((letter::SQLSTATE, code.to_owned()));
        self
    }

    /// The SQLSTATE, when the server (or the client in its place) gave one.
    pub fn sqlstate(&self) -> Option<&str> {
        self.fields.iter().find(|(found, _)| *found == letter::SQLSTATE).map(|(_, text)| text.as_str())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConnectError {}

/// The system's words for an error as the tail of a sentence: "connection refused".
///
/// std writes "Connection refused (os error 111)"; the number travels in `os_error`.
pub(crate) fn io_words(error: &io::Error) -> String {
    let full = error.to_string();
    let words = match full.rfind(" (os error ") {
        Some(end) if error.raw_os_error().is_some() => &full[..end],
        _ => full.as_str(),
    };
    let words = words.trim_end_matches('.');
    let mut letters = words.chars();
    match letters.next() {
        // An acronym ("TLS …") keeps its capitals.
        Some(first) if letters.as_str().starts_with(|c: char| c.is_lowercase() || c == ' ') => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_error_reads_as_the_tail_of_a_sentence_and_keeps_its_number() {
        let refused = io::Error::from_raw_os_error(if cfg!(target_os = "linux") { 111 } else { 61 });
        let error = ConnectError::io(Phase::Connect, "could not connect to 127.0.0.1:1", &refused);
        assert_eq!(error.message.to_lowercase(), error.message);
        assert!(!error.message.contains("os error"), "{}", error.message);
        assert_eq!(error.os_error, refused.raw_os_error());
        assert_eq!(io_words(&io::Error::other("TLS is gone.")), "TLS is gone");
    }

    #[test]
    fn only_what_happens_after_authentication_ok_counts_as_authenticated() {
        assert!(ConnectError::new(Phase::Startup, FailureKind::Io, "x").authenticated);
        assert!(!ConnectError::new(Phase::Authentication, FailureKind::Io, "x").authenticated);
    }

    #[test]
    fn a_client_made_error_can_stand_for_an_sqlstate() {
        let error = ConnectError::new(Phase::Authentication, FailureKind::Auth, "x").with_sqlstate("28P01");
        assert_eq!(error.sqlstate(), Some("28P01"));
    }
}
