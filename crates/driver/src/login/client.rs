//! tokio-postgres's side of start-up.
//!
//! It reads from memory and writes to memory, and runs only while the broker has it deal with a message. Its answer, or
//! its refusal, is there when that ends. The broker says on which thread it runs.

use std::future::{Future, Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::{ChannelBinding as TheirBinding, SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding as Binding, TlsConnect, TlsStream};

use super::frame::MAX_MESSAGE;
use crate::error::{ConnectError, FailureKind};
use crate::options::{ChannelBinding, ConnectOptions};
use crate::progress::Progress;
use crate::runtime;

type Exchange = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

/// How far the client is after a message.
type Turn = Poll<Result<(), tokio_postgres::Error>>;

/// The client's side of one start-up.
pub(super) struct Client {
    /// Absent while it runs on another thread, and once it has ended.
    exchange: Option<Exchange>,
    memory: Memory,
}

impl Client {
    /// `binding` is the TLS connection's channel binding. The first thing the client says is its startup message.
    pub(super) fn new(
        options: &ConnectOptions,
        binding: Option<Vec<u8>>,
        progress: &Progress,
    ) -> Result<Self, ConnectError> {
        let config = config(options);
        let memory = Memory::default();
        let stream = memory.clone();
        let mut exchange: Exchange = Box::pin(async move {
            // Dropping what a login gives writes nothing.
            config.connect_raw(stream, Hand(binding)).await.map(drop)
        });
        let turn = turn(&mut exchange);
        let mut client = Self { exchange: Some(exchange), memory };
        client.settle(turn, progress)?;
        Ok(client)
    }

    /// Hands a message of the server's over. The error is the client's refusal.
    pub(super) fn give(&mut self, message: &[u8], progress: &Progress) -> Result<(), ConnectError> {
        self.memory.lock().for_client.extend_from_slice(message);
        let Some(exchange) = &mut self.exchange else { return Err(gone(progress)) };
        let turn = turn(exchange);
        self.settle(turn, progress)
    }

    /// Gives the client a message that has it derive a key in `iterations` rounds, which holds a thread for long.
    pub(super) async fn give_to_derive(
        &mut self,
        message: &[u8],
        iterations: u32,
        progress: &Progress,
    ) -> Result<(), ConnectError> {
        self.memory.lock().for_client.extend_from_slice(message);
        let Some(mut exchange) = self.exchange.take() else { return Err(gone(progress)) };
        let derived = runtime::derive(iterations, move || (turn(&mut exchange), exchange)).await;
        let Some((turn, exchange)) = derived else { return Err(gone(progress)) };
        self.exchange = Some(exchange);
        self.settle(turn, progress)
    }

    /// The startup message's body: version and parameters.
    pub(super) fn take_startup(&mut self) -> Option<BytesMut> {
        take_body(&mut self.memory.lock().for_server)
    }

    /// The client's next message with its type; `None` when it has said nothing.
    pub(super) fn take(&mut self) -> Option<(u8, BytesMut)> {
        let mut memory = self.memory.lock();
        let tag = memory.for_server.first().copied()?;
        memory.for_server.advance(1);
        Some((tag, take_body(&mut memory.for_server)?))
    }

    fn settle(&mut self, turn: Turn, progress: &Progress) -> Result<(), ConnectError> {
        let Poll::Ready(ended) = turn else { return Ok(()) };
        self.exchange = None;
        ended.map_err(|error| refusal(error, progress))
    }
}

/// Runs the client until it wants another message. Nothing but a message wakes it, so that nobody needs to be told.
fn turn(exchange: &mut Exchange) -> Turn {
    exchange.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn take_body(bytes: &mut BytesMut) -> Option<BytesMut> {
    let declared = bytes.get(..4).and_then(|length| length.try_into().ok()).map(i32::from_be_bytes)?;
    let length = usize::try_from(declared).ok().filter(|length| (4..=MAX_MESSAGE).contains(length))?;
    if bytes.len() < length {
        return None;
    }
    let mut message = bytes.split_to(length);
    message.advance(4);
    Some(message)
}

fn config(options: &ConnectOptions) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config.user(&options.user);
    if !options.database.is_empty() {
        config.dbname(&options.database);
    }
    if let Some(password) = options.usable_password() {
        config.password(password.expose());
    }
    // "TLS from the first byte": tokio-postgres then asks the stream for its binding and sends no SSLRequest.
    config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
    config.channel_binding(match options.channel_binding {
        ChannelBinding::Disable => TheirBinding::Disable,
        ChannelBinding::Prefer => TheirBinding::Prefer,
        ChannelBinding::Require => TheirBinding::Require,
    });
    config
}

/// tokio-postgres sees only what the broker let through, so that its own errors are about SCRAM.
fn refusal(error: tokio_postgres::Error, progress: &Progress) -> ConnectError {
    let cause = error.into_source();
    let cause = cause.map_or_else(|| "the exchange ended early".to_owned(), |cause| cause.to_string());
    if cause == "SCRAM verification error" {
        return progress.error(
            FailureKind::Auth,
            "server did not prove that it knows the password: its SCRAM signature is wrong",
        );
    }
    progress.error(FailureKind::Auth, format!("authentication failed in the client: {cause}"))
}

fn gone(progress: &Progress) -> ConnectError {
    progress.error(FailureKind::Auth, "authentication failed in the client: it ended unexpectedly")
}

/// The stream that tokio-postgres reads and writes, and the broker at its other side.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Bytes>>);

#[derive(Default)]
struct Bytes {
    for_client: BytesMut,
    for_server: BytesMut,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Memory {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut memory = self.lock();
        if memory.for_client.is_empty() {
            return Poll::Pending;
        }
        let length = memory.for_client.len().min(buffer.remaining());
        buffer.put_slice(&memory.for_client.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.lock().for_server.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Makes tokio-postgres believe in a TLS connection of its own; all it learns is the channel binding.
struct Hand(Option<Vec<u8>>);

impl TlsConnect<Memory> for Hand {
    type Stream = Bound;
    type Error = io::Error;
    type Future = Ready<io::Result<Bound>>;

    fn connect(self, memory: Memory) -> Self::Future {
        ready(Ok(Bound { memory, binding: self.0 }))
    }
}

/// The stream with its channel binding.
struct Bound {
    memory: Memory,
    binding: Option<Vec<u8>>,
}

impl TlsStream for Bound {
    fn channel_binding(&self) -> Binding {
        self.binding.clone().map_or_else(Binding::none, Binding::tls_server_end_point)
    }
}

impl AsyncRead for Bound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.memory).poll_read(context, buffer)
    }
}

impl AsyncWrite for Bound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.memory).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.memory).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.memory).poll_shutdown(context)
    }
}
