//! The ways of authentication that the user allows: `requireAuth`, passwords in clear, channel binding.

use crate::error::{ConnectError, FailureKind};
use crate::options::{AuthMethod, ChannelBinding, ConnectOptions};
use crate::progress::Progress;

/// What is known of the connection when the server asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transportation {
    pub(crate) encrypted: bool,
    /// TLS has verified who the server is.
    pub(crate) verified: bool,
    /// A Unix socket, or a loopback address at the other end.
    pub(crate) local: bool,
    pub(crate) tcp: bool,
}

/// The methods in the words of an error message.
fn words(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::None => "no authentication",
        AuthMethod::Password => "a cleartext password",
        AuthMethod::Md5 => "MD5 authentication",
        AuthMethod::Gss => "GSSAPI authentication",
        AuthMethod::Sspi => "SSPI authentication",
        AuthMethod::ScramSha256 => "SCRAM-SHA-256 authentication",
        AuthMethod::Oauth => "OAuth authentication",
    }
}

pub(crate) fn allows(options: &ConnectOptions, method: AuthMethod) -> bool {
    options.require_auth.as_ref().is_none_or(|allowed| allowed.contains(&method))
}

/// Refuses a method that `requireAuth` does not name, before anything is answered.
pub(crate) fn permit(
    options: &ConnectOptions,
    method: AuthMethod,
    progress: &Progress,
) -> Result<(), ConnectError> {
    if allows(options, method) {
        return Ok(());
    }
    let allowed = options.require_auth.iter().flatten().map(|method| method.as_str());
    let allowed = allowed.collect::<Vec<_>>().join(", ");
    let request = match method {
        AuthMethod::None => "server let the client in without authentication".to_owned(),
        other => format!("server asked for {}", words(other)),
    };
    Err(progress.error(FailureKind::Method, format!("{request}, but requireAuth allows only {allowed}")))
}

/// Refuses every method but SCRAM-SHA-256-PLUS when channel binding is required.
pub(crate) fn permit_unbound(
    options: &ConnectOptions,
    method: AuthMethod,
    progress: &Progress,
) -> Result<(), ConnectError> {
    if options.channel_binding != ChannelBinding::Require {
        return Ok(());
    }
    let message = match method {
        AuthMethod::None => {
            "channel binding is required, but the server let the client in without authentication".to_owned()
        }
        other => format!("channel binding is required, but the server asked for {}", words(other)),
    };
    Err(progress.error(FailureKind::Method, message))
}

/// Keeps a cleartext or MD5 password off an unencrypted connection to another machine. MD5 counts as clear:
/// who listens can log in with what passes by, or guess the password from it.
pub(crate) fn permit_plaintext(
    options: &ConnectOptions,
    method: AuthMethod,
    transport: Transportation,
    progress: &Progress,
) -> Result<(), ConnectError> {
    if transport.encrypted || transport.local || options.allow_plaintext_password {
        return Ok(());
    }
    Err(progress
        .error(
            FailureKind::Method,
            format!(
                "server at {} asked for {} over an unencrypted connection, which was refused",
                progress.peer,
                words(method)
            ),
        )
        .with_hint(format!(
            "use sslmode 'require' or stronger, scram-sha-256 on the server, or name '{}' in requireAuth",
            method.as_str()
        )))
}

/// The error for a server that wants a password when there is none; asyncpg and libpq send nothing either.
pub(crate) fn no_password(progress: &Progress) -> ConnectError {
    progress
        .error(
            FailureKind::Method,
            format!("no password was supplied, but the server at {} asks for one", progress.peer),
        )
        .with_hint(
            "give it as the option 'password', in the DSN, in the service file, in PGPASSWORD, \
             or in the password file (PGPASSFILE, ~/.pgpass)",
        )
        .with_sqlstate("28P01")
}
