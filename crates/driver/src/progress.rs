//! Where an attempt stands: names the phase of a timeout and what an unexpected message interrupted.

use std::future::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cornac_wire::engine::{LAST_LOOK, UNATTENDED};
use tokio::time::{Instant, timeout_at};

use crate::error::{ConnectError, FailureKind, Phase, io_words};
use crate::tls::{self, TlsError, TlsErrorKind};

/// What helps when a server ends the connection without a word: PostgreSQL has one for whatever it refuses. OpenSSL has none
/// for a client that does not begin with TLS.
const SILENT: &str = "check host and port: PostgreSQL would have said why. A port that speaks TLS only, from the first byte \
    on, ends the connection like this (sslnegotiation=direct is for PostgreSQL 17 or newer behind one), and so does a proxy \
    whose server is away";

/// What the attempt is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Dial,
    TlsAnswer,
    TlsHandshake,
    AuthenticationRequest,
    PasswordVerdict,
    SaslChallenge,
    SaslKey,
    SaslProof,
    SaslVerdict,
    GssToken,
    GssLibrary,
    OauthVerdict,
    Ready,
    CancelClose,
}

impl Step {
    pub(crate) fn phase(self) -> Phase {
        match self {
            Self::Dial | Self::CancelClose => Phase::Connect,
            Self::TlsAnswer | Self::TlsHandshake => Phase::Tls,
            Self::Ready => Phase::Startup,
            _ => Phase::Authentication,
        }
    }

    /// Completes "while waiting for …".
    pub(crate) fn awaited(self) -> &'static str {
        match self {
            Self::Dial => "the connection to be accepted",
            Self::TlsAnswer => "the answer to the request for TLS",
            Self::TlsHandshake => "the TLS handshake",
            Self::AuthenticationRequest => "authentication",
            Self::PasswordVerdict => "the verdict on the password",
            Self::SaslChallenge => "the SASL challenge",
            Self::SaslKey => "the password's key, which takes CPU time",
            Self::SaslProof => "the server's SASL proof",
            Self::SaslVerdict => "AuthenticationOk after the SASL exchange",
            Self::GssToken => "the server's GSSAPI token",
            Self::GssLibrary => "the Kerberos library",
            Self::OauthVerdict => "the verdict on the OAuth token",
            Self::Ready => "ReadyForQuery",
            Self::CancelClose => "the server to close the cancel connection",
        }
    }
}

/// The attempt's peer and current step, shared between the work and its deadline.
pub(crate) struct Progress {
    /// The peer as error messages name it, such as `127.0.0.1:5432`.
    pub(crate) peer: String,
    step: Mutex<Step>,
    encrypted: AtomicBool,
}

impl Progress {
    pub(crate) fn new(peer: String) -> Self {
        Self { peer, step: Mutex::new(Step::Dial), encrypted: AtomicBool::new(false) }
    }

    pub(crate) fn enter(&self, step: Step) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    pub(crate) fn step(&self) -> Step {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on TLS protects the connection.
    pub(crate) fn secured(&self) {
        self.encrypted.store(true, Ordering::Relaxed);
    }

    /// An error of the current step.
    pub(crate) fn error(&self, kind: FailureKind, message: impl Into<String>) -> ConnectError {
        let mut made = ConnectError::new(self.step().phase(), kind, message);
        made.encrypted = self.encrypted.load(Ordering::Relaxed);
        made
    }

    /// A message that the protocol does not allow now, or not in this form.
    pub(crate) fn protocol(&self, message: impl Into<String>) -> ConnectError {
        self.error(FailureKind::Protocol, message)
    }

    /// The stream failed or ended.
    pub(crate) fn lost(&self, error: &io::Error) -> ConnectError {
        // In TLS 1.3 the server refuses a client certificate only after the handshake.
        if let Some(refusal) = tls::error_in(error) {
            return self.tls_failure(refusal);
        }
        let (peer, awaited) = (&self.peer, self.step().awaited());
        let ended = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::WriteZero);
        let mut made = if ended {
            self.error(
                FailureKind::Io,
                format!("server at {peer} closed the connection while the driver waited for {awaited}"),
            )
        } else {
            let words = io_words(error);
            self.error(
                FailureKind::Io,
                format!("connection to {peer} broke while the driver waited for {awaited}: {words}"),
            )
        };
        made.os_error = error.raw_os_error();
        made
    }

    /// The stream failed or ended before the server has said anything, which is not PostgreSQL's way.
    pub(crate) fn hung_up(&self, error: &io::Error) -> ConnectError {
        let lost = self.lost(error);
        let is_socket = self.peer.starts_with(['/', '@']);
        if lost.encrypted || lost.hint.is_some() || is_socket { lost } else { lost.with_hint(SILENT) }
    }

    pub(crate) fn tls_failure(&self, error: TlsError) -> ConnectError {
        let kind = if error.kind == TlsErrorKind::Io { FailureKind::Io } else { FailureKind::Tls };
        let mut made = self.error(kind, error.message);
        made.hint = error.hint;
        made.os_error = error.os_error;
        made
    }

    pub(crate) fn timed_out(&self, limit: Duration) -> ConnectError {
        let (peer, awaited) = (&self.peer, self.step().awaited());
        self.error(
            FailureKind::Timeout,
            format!(
                "connecting to {peer} timed out after {} ms while waiting for {awaited}",
                limit.as_millis()
            ),
        )
    }

    pub(crate) fn unexpected(&self, tag: u8) -> ConnectError {
        let awaited = self.step().awaited();
        self.protocol(format!("server sent {} while the driver waited for {awaited}", tag_words(tag)))
    }
}

/// Puts a deadline on work; the error names the step that was waited for.
pub(crate) async fn within<T>(
    limit: Option<Duration>,
    progress: &Progress,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    match limit {
        None => work.await,
        Some(limit) => {
            tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(progress.timed_out(limit)))
        }
    }
}

/// Waits no longer than `limit`, in which the time does not count that this process was stopped or had no processor.
pub(crate) async fn within_attended<T>(
    limit: Duration,
    progress: &Progress,
    work: impl Future<Output = Result<T, ConnectError>> + Unpin,
) -> Result<T, ConnectError> {
    let mut work = work;
    let mut end = Instant::now() + limit;
    loop {
        match timeout_at(end, &mut work).await {
            Ok(result) => return result,
            Err(_) if end.elapsed() > UNATTENDED => end = Instant::now() + LAST_LOOK,
            Err(_) => return Err(progress.timed_out(limit)),
        }
    }
}

/// A message type as error messages show it: `'D'`, or `0x07` for what cannot be printed.
pub(crate) fn tag_words(tag: u8) -> String {
    if tag.is_ascii_graphic() { format!("'{}'", char::from(tag)) } else { format!("0x{tag:02x}") }
}
