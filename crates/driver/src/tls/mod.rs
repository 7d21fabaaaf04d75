//! TLS for one connection: rustls with libpq's rules for whom to trust.
//!
//! [`client`] turns options into a [`TlsClient`], which a session and the connection that cancels its queries
//! share, so that neither is ever less protected than the other. [`handshake`] puts TLS on a stream, and
//! [`binding`] ties SCRAM to the server's certificate.
//!
//! Supported are TLS 1.2 and 1.3. Nothing here reads a file by path but the key log and the system's roots, and no
//! message holds a key or a passphrase.

mod algorithm;
mod binding;
mod cache;
mod certificate;
mod config;
mod crl;
mod date;
mod errors;
mod explain;
mod identity;
mod key_log;
mod keys;
mod legacy_key;
mod names;
mod options;
mod pem;
mod provider;
mod roots;
mod system_roots;
mod verifier;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::io_words;

pub use binding::binding;
pub use errors::{TlsConfigError, TlsError, TlsErrorKind};
pub use options::{Roots, TlsOptions, TlsVersion, Verify};
pub use system_roots::SystemRoots;

/// How to protect connections to one server. Cheap to clone.
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

/// Prepares TLS for a server at `peer`.
///
/// The same options give the same configuration, so that sessions resume where the server allows it. 32 sets are kept.
/// A set that is met for the first time is prepared once for all who ask for it meanwhile. That happens on a thread that
/// may wait for files and derive the key of an encrypted private key, so a tokio runtime is needed.
///
/// # Errors
/// Options that cannot be used; nothing has been sent then.
pub async fn client(options: &TlsOptions, peer: IpAddr) -> Result<TlsClient, TlsConfigError> {
    let server_name = server_name(options, peer)?;
    let config = cache::configuration(options).await?;
    Ok(TlsClient { config, server_name })
}

/// A name goes to the server (if SNI is on) and into the check; an address only into the check.
fn server_name(options: &TlsOptions, peer: IpAddr) -> Result<ServerName<'static>, TlsConfigError> {
    let Some(name) = options.server_name.as_deref().filter(|name| !name.is_empty()) else {
        return Ok(peer.into());
    };
    // A zone tells interfaces of this machine apart and is nothing a certificate could name.
    let without_zone = name.split_once('%').map_or(name, |(address, _)| address);
    if let Ok(address) = without_zone.parse::<IpAddr>() {
        return Ok(address.into());
    }
    match ServerName::try_from(name.to_owned()) {
        Ok(name) => Ok(name),
        // Without a check the name only serves SNI.
        Err(_) if options.verify != Verify::Full => Ok(peer.into()),
        Err(_) => Err(TlsConfigError::new(
            "serverName",
            format!("host name {} cannot be verified: it is no DNS name", errors::quoted(name)),
        )
        .hint("write international names in their ASCII form (xn--…); verify-ca does not check names")),
    }
}

/// Negotiates TLS on a stream that nothing was read from since the server agreed to it.
///
/// With `direct` the server must have agreed to ALPN's "postgresql" as well: without SSLRequest there is nothing
/// else that keeps the bytes from being taken for another protocol's.
///
/// # Errors
/// The server's certificate is not acceptable, the server refused, or the connection was lost. In TLS 1.3 a server
/// may refuse the client's certificate after its own handshake has ended: see [`error_in`].
pub async fn handshake<S>(client: &TlsClient, stream: S, direct: bool) -> Result<TlsStream<S>, TlsError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let connector = TlsConnector::from(Arc::clone(&client.config));
    let stream = match connector.connect(client.server_name.clone(), stream).into_fallible().await {
        Ok(stream) => stream,
        Err((error, socket)) => return Err(failure(&last_alert(error, socket).await, direct)),
    };
    if direct && stream.get_ref().1.alpn_protocol() != Some(config::ALPN) {
        return Err(TlsError::new(
            TlsErrorKind::Protocol,
            "server did not agree to the application protocol \"postgresql\", which direct TLS needs",
        )
        .hint(DIRECT));
    }
    Ok(stream)
}

/// A server that refuses a certificate of TLS 1.2 sends its alert and closes; a write of ours that fails on that comes
/// before the alert was read. The alert says why, so it is looked for: RFC 5246, section 7.2.
async fn last_alert<S: AsyncRead + Unpin>(error: io::Error, mut socket: S) -> io::Error {
    if !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
        return error;
    }
    let mut record = [0; 7];
    let read = tokio::time::timeout(ALERT_PATIENCE, socket.read_exact(&mut record)).await;
    match (read, record) {
        (Ok(Ok(_)), [21, 3, _, 0, 2, 2, description]) => {
            io::Error::other(rustls::Error::AlertReceived(description.into()))
        }
        _ => error,
    }
}

/// What was sent before the socket was closed is here already.
const ALERT_PATIENCE: std::time::Duration = std::time::Duration::from_millis(100);

const DIRECT: &str = "direct TLS needs PostgreSQL 17 or newer; use sslnegotiation=postgres for older servers";

/// What TLS has to say about an error of reading or writing, `None` if it is the socket's own.
///
/// A server that speaks TLS 1.3 refuses a client certificate in answer to the first bytes after the handshake.
pub fn error_in(error: &io::Error) -> Option<TlsError> {
    error.get_ref()?.downcast_ref::<rustls::Error>().map(explain::rustls_error)
}

fn failure(error: &io::Error, direct: bool) -> TlsError {
    let mut failure = match error_in(error) {
        Some(failure) => failure,
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            TlsError::new(TlsErrorKind::Io, "server closed the connection during the TLS handshake")
        }
        None => {
            let mut lost = TlsError::new(
                TlsErrorKind::Io,
                format!("connection was lost during the TLS handshake: {}", io_words(error)),
            );
            lost.os_error = error.raw_os_error();
            lost
        }
    };
    if direct && failure.hint.is_none() && failure.kind != TlsErrorKind::Certificate {
        failure.hint = Some(DIRECT.to_owned());
    }
    failure
}
