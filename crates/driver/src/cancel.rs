//! CancelRequest: a connection of its own, protected no less than the session it serves.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::{ConnectError, FailureKind, Phase};
use crate::negotiate::{Negotiated, Protection};
use crate::options::TlsMode;
use crate::progress::within_attended;
use crate::progress::{Progress, Step};
use crate::socket::dial::{Place, SocketOptions};

/// PostgreSQL's manual, "Message Formats", CancelRequest.
const CANCEL_REQUEST: i32 = 80_877_102;

/// Everything a cancel needs: the address that answered, the protection the session really got, and the key.
#[derive(Clone)]
pub struct CancelTarget {
    pub(crate) place: Place,
    pub(crate) socket_options: SocketOptions,
    #[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets to check"))]
    pub(crate) require_peer: Option<String>,
    /// `None` only when the session itself is not encrypted.
    pub(crate) protection: Option<Protection>,
    pub(crate) pid: i32,
    pub(crate) key: Vec<u8>,
}

impl fmt::Debug for CancelTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Who has the key can cancel the session's queries.
        f.debug_struct("CancelTarget")
            .field("place", &self.place)
            .field("encrypted", &self.protection.is_some())
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

impl CancelTarget {
    /// Whether the server gave a key to cancel with.
    pub fn is_possible(&self) -> bool {
        !self.key.is_empty()
    }
}

/// Asks the server to cancel what the session runs, and returns when it has closed the cancel connection:
/// from then on the request hits nothing that is sent later.
///
/// # Errors
///
/// [`CancelError`], in particular when the server gave no key, or when it no longer offers the TLS that the session has,
/// verified as the session's mode says. The key is not sent then.
pub async fn cancel(target: &CancelTarget, timeout: Duration) -> Result<(), CancelError> {
    let is_under_way = AtomicBool::new(false);
    let progress = Progress::new(target.place.to_string());
    let attempt = Box::pin(attempt(target, timeout, &progress, &is_under_way));
    within_attended(timeout, &progress, attempt)
        .await
        .map_err(|error| CancelError { error, is_under_way: is_under_way.into_inner() })
}

/// Why a request to cancel failed.
#[derive(Debug)]
pub struct CancelError {
    pub error: ConnectError,
    /// The request was sent, and the server has not closed the connection: it may hit what is sent later.
    pub is_under_way: bool,
}

async fn attempt(
    target: &CancelTarget,
    timeout: Duration,
    progress: &Progress,
    is_under_way: &AtomicBool,
) -> Result<(), ConnectError> {
    if !target.is_possible() {
        return Err(ConnectError::new(
            Phase::Connect,
            FailureKind::Protocol,
            "the server gave no cancel key at start-up, so that its queries cannot be cancelled",
        )
        .with_hint("some proxies keep it back; statement_timeout works without it"));
    }
    let transport = target.place.dial(&target.socket_options, Some(timeout)).await?;
    #[cfg(unix)]
    if let Some(owner) = &target.require_peer {
        crate::socket::peer::require_owner(&transport, owner).await?;
    }
    let Some(protection) = &target.protection else {
        let mut transport = transport;
        return deliver(&mut transport, target, progress, is_under_way).await;
    };
    // A session under 'prefer' that got TLS must not be cancelled in clear.
    let mode = if protection.mode == TlsMode::Direct { TlsMode::Direct } else { TlsMode::Require };
    let protection = Protection { mode, ..protection.clone() };
    match protection.apply(transport, progress).await? {
        Negotiated::Tls(mut stream) => deliver(&mut *stream, target, progress, is_under_way).await,
        Negotiated::Plain(_) => {
            Err(progress.error(FailureKind::TlsRefused, "the cancel connection is not encrypted"))
        }
    }
}

async fn deliver<S>(
    stream: &mut S,
    target: &CancelTarget,
    progress: &Progress,
    is_under_way: &AtomicBool,
) -> Result<(), ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    progress.enter(Step::CancelClose);
    let request = cancel_request(target.pid, &target.key)
        .ok_or_else(|| progress.error(FailureKind::Protocol, "the cancel key is too long to send"))?;
    let sent = async {
        stream.write_all(&request).await?;
        stream.flush().await
    };
    sent.await.map_err(|error| progress.lost(&error))?;
    // From here on it may have its effect: a part of a request has none.
    is_under_way.store(true, Ordering::Relaxed);
    let mut answer = [0; 1];
    match stream.read(&mut answer).await {
        Ok(0) => Ok(()),
        Ok(_) => {
            // It has dealt with the request.
            is_under_way.store(false, Ordering::Relaxed);
            Err(progress.protocol(format!(
                "server at {} answered a request to cancel instead of closing the connection",
                progress.peer
            )))
        }
        // A server that resets the connection, or ends it without closing TLS, has closed it all the same.
        Err(error) if is_end(&error) => Ok(()),
        Err(error) => Err(progress.lost(&error)),
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset)
}

fn cancel_request(pid: i32, key: &[u8]) -> Option<BytesMut> {
    let mut message = BytesMut::with_capacity(12 + key.len());
    message.put_i32(i32::try_from(12 + key.len()).ok()?);
    message.put_i32(CANCEL_REQUEST);
    message.put_i32(pid);
    message.put_slice(key);
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::cancel_request;

    #[test]
    fn a_cancel_request_carries_keys_of_any_length() {
        let short = cancel_request(7, &[1, 2, 3, 4]).unwrap();
        assert_eq!(&short[..], b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07\x01\x02\x03\x04");
        assert_eq!(cancel_request(7, &[9; 256]).unwrap().len(), 268);
    }
}
