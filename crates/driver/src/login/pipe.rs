//! The in-memory pipe between tokio-postgres and the broker.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::watch;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::frame::MAX_MESSAGE;

const CAPACITY: usize = 16 * 1024;

/// Both ends: the one tokio-postgres gets, and the broker's.
pub(crate) fn pipe() -> (DuplexStream, Hand, BrokerEnd) {
    let (theirs, ours) = tokio::io::duplex(CAPACITY);
    let (hungry, fed) = watch::channel(());
    (theirs, Hand { binding: None, hungry: Arc::new(hungry) }, BrokerEnd { stream: ours, hungry: fed })
}

/// The broker's end.
pub(crate) struct BrokerEnd {
    stream: DuplexStream,
    hungry: watch::Receiver<()>,
}

impl BrokerEnd {
    pub(crate) async fn give(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await
    }

    /// Hands a message over and waits until tokio-postgres has dealt with it and asks for the next one.
    /// When it refuses the message instead, this never returns: the refusal ends the attempt.
    pub(crate) async fn give_and_settle(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(message).await?;
        self.hungry.mark_unchanged();
        match self.hungry.changed().await {
            Ok(()) => Ok(()),
            Err(_) => std::future::pending().await,
        }
    }

    /// The startup message's body: version and parameters.
    pub(crate) async fn take_startup(&mut self) -> io::Result<BytesMut> {
        self.take_body().await
    }

    /// One message with its type.
    pub(crate) async fn take(&mut self) -> io::Result<(u8, BytesMut)> {
        let tag = self.stream.read_u8().await?;
        Ok((tag, self.take_body().await?))
    }

    async fn take_body(&mut self) -> io::Result<BytesMut> {
        let declared = self.stream.read_i32().await?;
        let length = usize::try_from(declared)
            .ok()
            .and_then(|length| length.checked_sub(4))
            .filter(|length| *length <= MAX_MESSAGE)
            .ok_or(io::ErrorKind::InvalidData)?;
        let mut body = BytesMut::zeroed(length);
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }
}

/// Makes tokio-postgres believe in a TLS connection of its own; all it learns is the channel binding.
pub(crate) struct Hand {
    pub(crate) binding: Option<Vec<u8>>,
    hungry: Arc<watch::Sender<()>>,
}

impl TlsConnect<DuplexStream> for Hand {
    type Stream = ClientEnd;
    type Error = io::Error;
    type Future = Ready<io::Result<ClientEnd>>;

    fn connect(self, stream: DuplexStream) -> Self::Future {
        ready(Ok(ClientEnd { stream, binding: self.binding, hungry: self.hungry }))
    }
}

/// The end that tokio-postgres reads and writes.
pub(crate) struct ClientEnd {
    stream: DuplexStream,
    binding: Option<Vec<u8>>,
    hungry: Arc<watch::Sender<()>>,
}

impl TlsStream for ClientEnd {
    fn channel_binding(&self) -> ChannelBinding {
        self.binding.clone().map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for ClientEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if outcome.is_pending() {
            self.hungry.send_replace(());
        }
        outcome
    }
}

impl AsyncWrite for ClientEnd {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
