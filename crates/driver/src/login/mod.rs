//! Start-up by broker: tokio-postgres speaks into memory, and the broker relays message by message between it and the
//! server, adding what tokio-postgres lacks and refusing what it would let pass.
//!
//! The real stream never leaves our hands: at ReadyForQuery the `Client` and `Connection` are dropped, which
//! writes nothing.

mod broker;
mod client;
pub(crate) mod frame;
pub(crate) mod gss;
mod oauth;
pub(crate) mod policy;
pub(crate) mod sasl;
pub(crate) mod startup;
#[cfg(test)]
mod tests;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::error::ConnectError;
use crate::options::ConnectOptions;
use crate::progress::Progress;
use broker::Broker;
use client::Client;
use policy::Transportation;
use startup::Facts;

/// A session that is ready for queries.
#[derive(Debug)]
pub(crate) struct LoggedIn {
    pub(crate) facts: Facts,
    pub(crate) protocol: (u16, u16),
    pub(crate) transaction_status: u8,
    pub(crate) auth_method: &'static str,
    pub(crate) leftover: BytesMut,
}

/// Runs start-up from StartupMessage to ReadyForQuery. `binding` is the TLS connection's channel binding.
pub(crate) async fn log_in<S>(
    stream: &mut S,
    options: &ConnectOptions,
    transport: Transportation,
    binding: Option<Vec<u8>>,
    progress: &Progress,
) -> Result<LoggedIn, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let has_binding = binding.is_some();
    let client = Client::new(options, binding, progress)?;
    Broker::new(stream, client, options, transport, has_binding, progress).run().await
}
