//! From an open socket to a stream that start-up may speak on: the request for TLS, its answer, the handshake.

use std::time::Duration;

use postgres_protocol::message::backend::ERROR_RESPONSE_TAG;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::client::TlsStream;

use crate::error::{ConnectError, FailureKind};
use crate::options::{ConnectOptions, TlsMode};
use crate::progress::{Progress, Step};
use crate::socket::Transport;
use crate::socket::dial::Place;
use crate::stranger;
use crate::tls::{self, TlsClient};

/// A socket, protected or not.
pub(crate) enum Negotiated {
    Plain(Transport),
    Tls(Box<TlsStream<Transport>>),
}

/// How an attempt protects its connection, and what a later connection needs to do the same.
#[derive(Clone)]
pub(crate) struct Protection {
    pub(crate) client: TlsClient,
    pub(crate) mode: TlsMode,
}

impl Protection {
    /// Turns the options into a TLS configuration, before a socket is opened.
    pub(crate) async fn new(options: &ConnectOptions, place: &Place) -> Result<Option<Self>, ConnectError> {
        if options.tls == TlsMode::Disable {
            return Ok(None);
        }
        let Some(address) = place.ip() else {
            return Err(ConnectError::config("TLS is not used on Unix sockets"));
        };
        let tls_options = options
            .tls_options
            .as_ref()
            .ok_or_else(|| ConnectError::config("TLS is asked for without TLS options"))?;
        let prepared = tls::client(tls_options, address).await;
        let client = prepared.map_err(|error| {
            let mut made = ConnectError::config(error.message);
            made.hint = error.hint;
            made.option = Some(error.option);
            made
        })?;
        Ok(Some(Self { client, mode: options.tls }))
    }

    /// Asks for TLS and shakes hands.
    pub(crate) async fn apply(
        &self,
        mut transport: Transport,
        progress: &Progress,
    ) -> Result<Negotiated, ConnectError> {
        let direct = self.mode == TlsMode::Direct;
        if !direct && !ask(&mut transport, progress).await? {
            if self.mode == TlsMode::Prefer {
                return Ok(Negotiated::Plain(transport));
            }
            return Err(progress
                .error(
                    FailureKind::TlsRefused,
                    format!("server at {} does not accept TLS connections", progress.peer),
                )
                .with_hint("set ssl = on on the server, or choose sslmode 'prefer' or 'disable'"));
        }
        progress.enter(Step::TlsHandshake);
        let shaken = tls::handshake(&self.client, transport, direct).await;
        let stream = shaken.map_err(|error| progress.tls_failure(error))?;
        progress.secured();
        Ok(Negotiated::Tls(Box::new(stream)))
    }
}

/// How long the bytes behind an unknown answer are waited for: they tell which protocol it belongs to.
const PATIENCE: Duration = Duration::from_millis(100);

// Answers to SSLRequest, beside an error.
const USES_TLS: u8 = b'S';
const NO_TLS: u8 = b'N';

/// SSLRequest and its answer: exactly one byte is read, and nothing may lie behind it.
async fn ask(transport: &mut Transport, progress: &Progress) -> Result<bool, ConnectError> {
    progress.enter(Step::TlsAnswer);
    let mut request = bytes::BytesMut::with_capacity(8);
    postgres_protocol::message::frontend::ssl_request(&mut request);
    let answer = async {
        transport.write_all(&request).await?;
        transport.flush().await?;
        transport.read_u8().await
    };
    let answer = answer.await.map_err(|error| progress.hung_up(&error))?;
    let patience =
        if matches!(answer, USES_TLS | NO_TLS | ERROR_RESPONSE_TAG) { Duration::ZERO } else { PATIENCE };
    let mut said = [answer; stranger::TELLING];
    let behind = match said.split_first_mut() {
        Some((_, rest)) => transport.peek(rest, patience).await.map_err(|error| progress.lost(&error))?,
        None => 0,
    };
    if let Some(refusal) = said.get(..=behind).and_then(|said| stranger::refusal(said, progress)) {
        return Err(refusal);
    }
    match answer {
        // In TLS the client speaks first. What is here already comes from somebody in between, who wants it to be
        // taken for protected later (CVE-2021-23222). rustls would refuse it too, but not by its name.
        USES_TLS if behind > 0 => Err(progress
            .protocol(format!("server at {} sent unencrypted bytes before the TLS handshake", progress.peer))
            .with_hint("somebody between client and server may be tampering with the connection")),
        USES_TLS => Ok(true),
        NO_TLS => Ok(false),
        // Anybody may have written the text of an error that comes before TLS, so it is not shown (CVE-2024-10977).
        ERROR_RESPONSE_TAG => Err(progress
            .protocol(format!("server at {} answered the request for TLS with an error", progress.peer))
            .with_hint("the server's log tells why; it may have too many connections")),
        other => Err(progress.unexpected(other)),
    }
}

/// The server's own certificate, in DER.
pub(crate) fn leaf(stream: &TlsStream<Transport>) -> Option<Vec<u8>> {
    let (_, session) = stream.get_ref();
    session.peer_certificates().and_then(|chain| chain.first()).map(|leaf| leaf.as_ref().to_vec())
}
