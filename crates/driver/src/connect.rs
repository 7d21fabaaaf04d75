//! One attempt to connect: socket, TLS, start-up, and the authenticated stream as plain parts.

use std::fmt;
use std::io::{self, Read};

use bytes::BytesMut;
use rustls::ClientConnection;

use crate::cancel::CancelTarget;
use crate::error::{ConnectError, FailureKind, Phase};
use crate::login::policy::Transportation;
use crate::login::{self, LoggedIn};
use crate::negotiate::{Negotiated, Protection, leaf};
use crate::options::{ChannelBinding, ConnectOptions};
use crate::poolers::Target;
use crate::progress::{Progress, within};
use crate::socket::Socket;
use crate::socket::dial::{Place, SocketOptions};
use crate::tls::{self, Verify};

/// An authenticated session that is ready for queries and belongs to no runtime.
pub struct Established {
    pub socket: Socket,
    /// The TLS session; every byte it had decrypted is in `leftover`.
    pub tls: Option<Box<ClientConnection>>,
    /// What was read behind ReadyForQuery, in clear.
    pub leftover: BytesMut,
    /// 0 when the server told none.
    pub pid: i32,
    /// Empty when the server told none.
    pub cancel_key: Vec<u8>,
    /// ParameterStatus in the order of their first appearance.
    pub parameters: Vec<(String, String)>,
    /// `I`, `T` or `E`, as in ReadyForQuery.
    pub transaction_status: u8,
    /// Major and minor version that both sides speak.
    pub protocol: (u16, u16),
    /// `none`, `password`, `md5`, `gss`, `sspi`, `oauth`, `scram-sha-256` or `scram-sha-256-plus`.
    pub auth_method: &'static str,
    /// Whether the connection is protected by TLS.
    pub encrypted: bool,
    /// How to cancel what this session runs.
    pub cancel: CancelTarget,
    /// What was connected to.
    pub target: Target,
}

impl fmt::Debug for Established {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Established")
            .field("socket", &self.socket)
            .field("encrypted", &self.encrypted)
            .field("protocol", &self.protocol)
            .field("auth_method", &self.auth_method)
            .field("pid", &self.pid)
            .field("parameters", &self.parameters)
            .finish_non_exhaustive()
    }
}

/// Makes one attempt to connect and log in.
///
/// It waits and holds no thread: keys of passwords, Kerberos, files and directories have threads of their own, see
/// [`crate::runtime`]. Dropping the future closes the socket.
///
/// # Errors
///
/// [`ConnectError`] tells the phase, the kind and whether AuthenticationOk had been seen. When
/// `options.timeout` runs out the error is of kind [`FailureKind::Timeout`] and says what was awaited.
pub async fn establish(options: &ConnectOptions) -> Result<Established, ConnectError> {
    options.check()?;
    let progress = Progress::new(options.endpoint.to_string());
    within(options.timeout, &progress, Box::pin(attempt(options, &progress))).await
}

async fn attempt(options: &ConnectOptions, progress: &Progress) -> Result<Established, ConnectError> {
    let place = Place::of(&options.endpoint).await?;
    let protection = Protection::new(options, &place).await?;
    let socket_options =
        SocketOptions { keepalive: options.keepalive, user_timeout: options.tcp_user_timeout };
    let transport = place.dial(&socket_options, options.timeout).await?;
    #[cfg(unix)]
    if let Some(owner) = &options.require_peer {
        crate::socket::peer::require_owner(&transport, owner).await?;
    }
    let (local, tcp) = (transport.is_local(), transport.is_tcp());
    let negotiated = match &protection {
        Some(protection) => protection.apply(transport, progress).await?,
        None => Negotiated::Plain(transport),
    };

    let encrypted = matches!(negotiated, Negotiated::Tls(_));
    if !encrypted && options.channel_binding == ChannelBinding::Require {
        return Err(progress
            .error(
                FailureKind::Method,
                "channel binding is required, but the connection is not encrypted by TLS",
            )
            .with_hint("use sslmode 'require' or stronger"));
    }
    let verifies = options.tls_options.as_ref().is_some_and(|tls| tls.verify != Verify::None);
    let transportation = Transportation { encrypted, verified: encrypted && verifies, local, tcp };
    let (logged_in, parts) = match negotiated {
        Negotiated::Plain(mut transport) => {
            let logged_in = login::log_in(&mut transport, options, transportation, None, progress).await?;
            (logged_in, (transport, None))
        }
        Negotiated::Tls(mut stream) => {
            let certificate = leaf(&stream);
            let binding = certificate.as_deref().and_then(tls::binding);
            let logged_in = login::log_in(&mut *stream, options, transportation, binding, progress).await?;
            let (transport, session) = stream.into_inner();
            (logged_in, (transport, Some(Box::new(session))))
        }
    };

    let (transport, mut tls) = parts;
    let LoggedIn { facts, protocol, transaction_status, auth_method, mut leftover } = logged_in;
    if let Some(session) = &mut tls {
        drain(session, &mut leftover).map_err(|error| progress.lost(&error))?;
    }
    let socket = transport.into_socket().map_err(|error| {
        ConnectError::io(Phase::Startup, "could not take the socket out of the start-up runtime", &error)
    })?;
    let (pid, cancel_key) = facts.backend.unwrap_or_default();
    let target = Target { address: place.to_string(), database: options.database.clone() };
    let cancel = CancelTarget {
        place,
        socket_options,
        require_peer: options.require_peer.clone(),
        protection: protection.filter(|_| encrypted),
        pid,
        key: cancel_key.clone(),
    };
    Ok(Established {
        socket,
        tls,
        leftover,
        pid,
        cancel_key,
        parameters: facts.parameters,
        transaction_status,
        protocol,
        auth_method,
        encrypted,
        cancel,
        target,
    })
}

/// Takes out what the TLS session has decrypted and nobody has read, so that whoever goes on with it need not
/// look there before waiting for the socket.
fn drain(session: &mut ClientConnection, leftover: &mut BytesMut) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        match session.reader().read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(length) => leftover.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_can_be_spawned_on_a_runtime_with_many_threads() {
        fn sendable<T: Send>(_: impl Fn(&'static ConnectOptions) -> T) {}
        sendable(establish);
        fn movable<T: Send + 'static>() {}
        movable::<Established>();
    }
}
