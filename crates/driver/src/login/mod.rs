//! Start-up by broker: tokio-postgres speaks over an in-memory pipe, and the broker relays message by message
//! between the pipe and the server, adding what tokio-postgres lacks and refusing what it would let pass.
//!
//! The real stream never leaves our hands: at ReadyForQuery the `Client` and `Connection` are dropped, which
//! writes nothing.

mod broker;
pub(crate) mod frame;
pub(crate) mod gss;
mod oauth;
mod pipe;
pub(crate) mod policy;
pub(crate) mod sasl;
pub(crate) mod startup;
#[cfg(test)]
mod tests;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{ChannelBinding as TheirBinding, SslMode, SslNegotiation};

use crate::error::{ConnectError, Kind};
use crate::options::{ChannelBinding, ConnectOptions};
use crate::progress::Progress;
use broker::Broker;
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
    let config = client_config(options);
    let (theirs, mut hand, ours) = pipe::pipe();
    let has_binding = binding.is_some();
    hand.binding = binding;

    // Without tokio's cooperative budget a pending read means an empty pipe, which is how the broker knows that
    // the client has dealt with a message. Both ends are in this task, so that nobody is starved by it.
    let client = tokio::task::unconstrained(async {
        match config.connect_raw(theirs, hand).await {
            Ok(_dropped) => Ok(()),
            Err(error) => Err(client_error(error, progress)),
        }
    });
    let broker = Broker::new(stream, ours, options, transport, has_binding, progress).run();
    let ((), logged_in) = tokio::try_join!(client, broker)?;
    Ok(logged_in)
}

fn client_config(options: &ConnectOptions) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config.user(&options.user);
    if !options.database.is_empty() {
        config.dbname(&options.database);
    }
    if let Some(password) = options.usable_password() {
        config.password(password.expose());
    }
    // "TLS from the first byte": tokio-postgres then asks the pipe for its binding and sends no SSLRequest.
    config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
    config.channel_binding(match options.channel_binding {
        ChannelBinding::Disable => TheirBinding::Disable,
        ChannelBinding::Prefer => TheirBinding::Prefer,
        ChannelBinding::Require => TheirBinding::Require,
    });
    config
}

/// tokio-postgres sees only what the broker let through, so that its own errors are about SCRAM.
fn client_error(error: tokio_postgres::Error, progress: &Progress) -> ConnectError {
    let cause = error.into_source();
    let cause = cause.map_or_else(|| "the exchange ended early".to_owned(), |cause| cause.to_string());
    if cause == "SCRAM verification error" {
        return progress.error(
            Kind::Auth,
            "server did not prove that it knows the password: its SCRAM signature is wrong",
        );
    }
    progress.error(Kind::Auth, format!("authentication failed in the client: {cause}"))
}
