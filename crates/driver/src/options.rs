//! What one attempt to connect needs to know. Names, files and environment are resolved before.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::ConnectError;
use crate::tls::TlsOptions;

/// Why the Kerberos library refused. Holds no secret.
pub use cornac_gss::Error as GssError;

/// PostgreSQL's MAX_STARTUP_PACKET_LENGTH, the same in every supported version.
const MAX_STARTUP_MESSAGE: usize = 10_000;

/// A password or token: never printed, overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// An IP literal, an IPv6 one with or without `%zone`; never a name.
    Tcp { address: String, port: u16 },
    /// The full path of a socket file, or `@name` or `\0name` in Linux's abstract namespace.
    Unix { path: String },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { address, port } if address.contains(':') => write!(f, "[{address}]:{port}"),
            Self::Tcp { address, port } => write!(f, "{address}:{port}"),
            Self::Unix { path } => f.write_str(path),
        }
    }
}

/// What TLS does on this attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    Disable,
    /// Asked for; on the answer "no" the same socket goes on in plain text.
    Prefer,
    Require,
    /// TLS from the first byte on, without the question (PostgreSQL 17 and later).
    Direct,
}

/// Whether SCRAM is bound to the TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// A way of authentication by the name `requireAuth` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// The server asks for nothing: trust, peer, a client certificate.
    None,
    Password,
    Md5,
    Gss,
    Sspi,
    ScramSha256,
    Oauth,
}

impl AuthMethod {
    /// libpq's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::Gss => "gss",
            Self::Sspi => "sspi",
            Self::ScramSha256 => "scram-sha-256",
            Self::Oauth => "oauth",
        }
    }
}

impl std::str::FromStr for AuthMethod {
    type Err = ConnectError;

    fn from_str(name: &str) -> Result<Self, ConnectError> {
        [Self::None, Self::Password, Self::Md5, Self::Gss, Self::Sspi, Self::ScramSha256, Self::Oauth]
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or_else(|| ConnectError::config(format!("'{name}' is not an authentication method")))
    }
}

/// The protocol version asked for; the server may negotiate down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolVersion {
    V3_0,
    /// PostgreSQL 18: cancel keys up to 256 bytes.
    V3_2,
}

impl ProtocolVersion {
    pub(crate) fn numbers(self) -> (u16, u16) {
        match self {
            Self::V3_0 => (3, 0),
            Self::V3_2 => (3, 2),
        }
    }
}

/// The system library that speaks Kerberos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GssLibrary {
    Gssapi,
    Sspi,
}

/// The service principal `service@host` and the library that proves us to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GssOptions {
    pub service: String,
    /// The host name as configured; empty when only an address or a socket is known.
    pub host: String,
    pub library: GssLibrary,
}

/// One security context on the initiator's side, with mutual authentication asked for.
pub trait GssContext: Send {
    /// Takes the peer's token (empty at first), gives the one to send (may be empty) and whether the context
    /// is complete. May block on the network: it is called on a thread that may wait.
    fn step(&mut self, token: &[u8]) -> Result<(Vec<u8>, bool), GssError>;
}

/// Makes contexts.
pub trait GssProvider: Send + Sync {
    /// A context toward `service@host`. With `negotiate` the server asked for SSPI by name, which expects the
    /// Negotiate package where there is one. May block, as [`GssContext::step`].
    fn open(&self, options: &GssOptions, negotiate: bool) -> Result<Box<dyn GssContext>, GssError>;
}

/// TCP keepalive. `On` with nothing set keeps the operating system's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keepalive {
    Off,
    On { idle: Option<Duration>, interval: Option<Duration>, count: Option<u32> },
}

impl Default for Keepalive {
    fn default() -> Self {
        Self::On { idle: None, interval: None, count: None }
    }
}

/// One attempt to connect.
#[derive(Clone)]
pub struct ConnectOptions {
    pub endpoint: Endpoint,
    pub user: String,
    /// Empty: the server's default, the user's name.
    pub database: String,
    /// An empty password counts as none, as in libpq.
    pub password: Option<Secret>,
    /// Startup parameters besides user and database, such as `client_encoding` (UTF8 when absent).
    pub parameters: Vec<(String, String)>,
    pub tls: TlsMode,
    /// Needed unless `tls` is `Disable`.
    pub tls_options: Option<TlsOptions>,
    pub channel_binding: ChannelBinding,
    /// The only methods the server may use; `None`: any.
    pub require_auth: Option<Vec<AuthMethod>>,
    /// Lets a cleartext or MD5 password go over an unencrypted connection to another machine.
    pub allow_plaintext_password: bool,
    /// Lets a bearer token go to another machine whose identity TLS has not verified.
    pub allow_unprotected_token: bool,
    pub protocol: ProtocolVersion,
    pub gss: GssOptions,
    /// Makes Kerberos contexts; `None`: the system's library, opened when the server asks.
    pub gss_provider: Option<Arc<dyn GssProvider>>,
    pub oauth_token: Option<Secret>,
    /// The operating-system user that must own the server behind a Unix socket.
    pub require_peer: Option<String>,
    pub keepalive: Keepalive,
    pub tcp_user_timeout: Option<Duration>,
    /// Bounds the whole attempt, from the first system call to ReadyForQuery.
    pub timeout: Option<Duration>,
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // TLS options hold keys and passphrases, parameters may hold anything: neither is printed.
        f.debug_struct("ConnectOptions")
            .field("endpoint", &self.endpoint)
            .field("user", &self.user)
            .field("database", &self.database)
            .field("tls", &self.tls)
            .field("channel_binding", &self.channel_binding)
            .field("require_auth", &self.require_auth)
            .field("protocol", &self.protocol)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl ConnectOptions {
    pub(crate) fn usable_password(&self) -> Option<&Secret> {
        self.password.as_ref().filter(|password| !password.is_empty())
    }

    pub(crate) fn usable_oauth_token(&self) -> Option<&Secret> {
        self.oauth_token.as_ref().filter(|token| !token.is_empty())
    }

    /// Refuses what would be cut, smuggled or rejected on the wire, before a socket is opened.
    pub(crate) fn check(&self) -> Result<(), ConnectError> {
        if self.user.is_empty() {
            return Err(ConnectError::config("the user name is empty"));
        }
        // In a startup message a NUL ends a value and starts the next parameter.
        for (what, value) in [("user name", &self.user), ("database name", &self.database)] {
            if value.contains('\0') {
                return Err(ConnectError::config(format!("the {what} contains a NUL character")));
            }
        }
        if self.password.as_ref().is_some_and(|password| password.expose().contains(&0)) {
            return Err(ConnectError::config("the password contains a NUL character"));
        }
        for (name, value) in &self.parameters {
            if name.is_empty() || name.contains('\0') {
                return Err(ConnectError::config(
                    "the name of a server setting is empty or contains a NUL character",
                ));
            }
            if name == "user" || name == "database" {
                return Err(ConnectError::config(format!("'{name}' cannot be given as a server setting")));
            }
            if value.contains('\0') {
                return Err(ConnectError::config(format!(
                    "server setting '{name}' contains a NUL character"
                )));
            }
        }
        let pairs = self.parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
        let size = pairs + self.user.len() + self.database.len() + 64;
        if size > MAX_STARTUP_MESSAGE {
            return Err(ConnectError::config(format!(
                "the startup message would be about {size} bytes, the server accepts {MAX_STARTUP_MESSAGE}"
            ))
            .with_hint("shorten the server settings, or set them with SET after connecting"));
        }
        if self.tls != TlsMode::Disable && self.tls_options.is_none() {
            return Err(ConnectError::config("TLS is asked for without TLS options"));
        }
        if let (TlsMode::Disable, ChannelBinding::Require) = (self.tls, self.channel_binding) {
            return Err(ConnectError::config("channel binding is required, but TLS is off")
                .with_hint("use sslmode 'require' or stronger, or channel_binding 'prefer'"));
        }
        if let Some(token) = &self.oauth_token {
            check_bearer_token(token)?;
        }
        Ok(())
    }
}

/// RFC 6750 section 2.1, `b64token`. Anything else could end the field early and smuggle another.
fn check_bearer_token(token: &Secret) -> Result<(), ConnectError> {
    let bytes = token.expose();
    let body = bytes.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    if bytes.is_empty() || (body > 0 && bytes[..body].iter().all(legal)) {
        return Ok(());
    }
    Err(ConnectError::config("the OAuth token contains characters that a bearer token cannot have"))
}
