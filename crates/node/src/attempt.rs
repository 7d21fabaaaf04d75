//! One attempt to connect, from JavaScript's plain data to the driver's options.

use std::time::Duration;

use cornac_driver::{
    ConnectError,
    options::{
        AuthMethod, ChannelBinding, ConnectOptions, Endpoint, GssLibrary, GssOptions, Keepalive,
        ProtocolVersion, Secret, TlsMode,
    },
    tls::{Roots, SystemRoots, TlsOptions, TlsVersion, Verify},
};
use cornac_wire::{engine::Options, statement::CacheLimits, type_options::TypeOptions};
use napi::bindgen_prelude::{Either, Uint8Array};
use napi_derive::napi;

/// `NativeAttempt` of `src/config/attempt.ts`, which documents it.
#[napi(object, object_to_js = false)]
pub struct Attempt {
    pub address: Option<String>,
    pub port: Option<u32>,
    pub socket_path: Option<String>,
    pub user: String,
    pub database: String,
    pub password: Option<String>,
    /// Pairs of name and value.
    pub parameters: Vec<Vec<String>>,
    pub tls: String,
    pub tls_options: Option<Tls>,
    pub channel_binding: String,
    pub require_auth: Option<Vec<String>>,
    pub allow_plaintext_password: bool,
    pub allow_unprotected_token: bool,
    pub protocol: String,
    pub gss: Gss,
    pub oauth_token: Option<String>,
    pub require_peer: Option<String>,
    pub keepalive: Option<Either<bool, KeepaliveTimes>>,
    pub tcp_user_timeout: Option<f64>,
    pub timeout: Option<f64>,
    pub max_message_size: f64,
    pub statement_cache_size: u32,
    pub learns_poolers: bool,
    pub max_cached_statement_lifetime: f64,
    pub max_cacheable_statement_size: f64,
    pub types: u32,
    pub group: Option<u32>,
}

#[napi(object, object_to_js = false)]
pub struct Tls {
    pub verify: String,
    pub server_name: Option<String>,
    pub sni: bool,
    pub roots: String,
    pub ca: Option<Vec<Uint8Array>>,
    pub certificate: Option<Uint8Array>,
    pub key: Option<Uint8Array>,
    pub passphrase: Option<String>,
    pub crls: Option<Vec<Uint8Array>>,
    pub min_version: Option<String>,
    pub max_version: Option<String>,
    pub key_log_file: Option<String>,
}

#[napi(object, object_to_js = false)]
pub struct Gss {
    pub service: String,
    pub host: String,
    pub library: String,
}

#[napi(object, object_to_js = false)]
pub struct KeepaliveTimes {
    pub idle: Option<f64>,
    pub interval: Option<f64>,
    pub count: Option<u32>,
}

/// An attempt without anything of JavaScript's, so that it may go to another thread.
pub(crate) struct PreparedAttempt {
    pub(crate) connect: ConnectOptions,
    pub(crate) session: Options,
    /// Whom the session shares descriptions with; 0 for nobody.
    pub(crate) group: u32,
}

impl Attempt {
    pub(crate) fn prepare(self) -> Result<PreparedAttempt, ConnectError> {
        let session = Options {
            cache: CacheLimits {
                size: usize::try_from(self.statement_cache_size).unwrap_or(usize::MAX),
                lifetime: millis(self.max_cached_statement_lifetime),
                characters: count(self.max_cacheable_statement_size),
            },
            message_limit: count(self.max_message_size),
            types: TypeOptions(self.types),
            learns_poolers: self.learns_poolers,
            // The server tells its version during the login.
            major_version: 0,
        };
        let endpoint = match (self.address, self.socket_path) {
            (Some(address), None) => Endpoint::Tcp { address, port: port(self.port)? },
            (None, Some(path)) => Endpoint::Unix { path },
            _ => return Err(ConnectError::config("an attempt needs either an address or a socket path")),
        };
        let connect = ConnectOptions {
            endpoint,
            user: self.user,
            database: self.database,
            password: self.password.map(Secret::new),
            parameters: self.parameters.into_iter().map(pair).collect::<Result<_, _>>()?,
            tls: choose(
                "tls",
                &self.tls,
                &[
                    ("disable", TlsMode::Disable),
                    ("prefer", TlsMode::Prefer),
                    ("require", TlsMode::Require),
                    ("direct", TlsMode::Direct),
                ],
            )?,
            tls_options: self.tls_options.map(Tls::options).transpose()?,
            channel_binding: choose(
                "channelBinding",
                &self.channel_binding,
                &[
                    ("disable", ChannelBinding::Disable),
                    ("prefer", ChannelBinding::Prefer),
                    ("require", ChannelBinding::Require),
                ],
            )?,
            require_auth: self
                .require_auth
                .map(|methods| methods.iter().map(|method| method.parse::<AuthMethod>()).collect())
                .transpose()?,
            allow_plaintext_password: self.allow_plaintext_password,
            allow_unprotected_token: self.allow_unprotected_token,
            protocol: choose(
                "protocol",
                &self.protocol,
                &[("3.0", ProtocolVersion::V3_0), ("3.2", ProtocolVersion::V3_2)],
            )?,
            gss: GssOptions {
                service: self.gss.service,
                host: self.gss.host,
                library: choose(
                    "gsslib",
                    &self.gss.library,
                    &[("gssapi", GssLibrary::Gssapi), ("sspi", GssLibrary::Sspi)],
                )?,
            },
            gss_provider: None,
            oauth_token: self.oauth_token.map(Secret::new),
            require_peer: self.require_peer,
            keepalive: match self.keepalive {
                Some(Either::A(false)) => Keepalive::Off,
                Some(Either::B(times)) => Keepalive::On {
                    idle: times.idle.map(seconds),
                    interval: times.interval.map(seconds),
                    count: times.count,
                },
                Some(Either::A(true)) | None => Keepalive::On { idle: None, interval: None, count: None },
            },
            tcp_user_timeout: self.tcp_user_timeout.map(millis),
            timeout: self.timeout.map(millis),
        };
        Ok(PreparedAttempt { connect, session, group: self.group.unwrap_or(0) })
    }
}

impl Tls {
    fn options(self) -> Result<TlsOptions, ConnectError> {
        let bytes = |list: Option<Vec<Uint8Array>>| {
            list.unwrap_or_default().iter().map(|entry| entry.to_vec()).collect::<Vec<_>>()
        };
        let versions = [("1.2", TlsVersion::Tls12), ("1.3", TlsVersion::Tls13)];
        let version =
            |given: Option<String>| given.map(|name| choose("tls version", &name, &versions)).transpose();
        Ok(TlsOptions {
            verify: choose(
                "verify",
                &self.verify,
                &[("none", Verify::None), ("ca", Verify::Ca), ("full", Verify::Full)],
            )?,
            server_name: self.server_name,
            sni: self.sni,
            roots: match self.roots.as_str() {
                "none" => Roots::None,
                "system" => Roots::System(SystemRoots::of_environment()),
                _ => Roots::Given(bytes(self.ca)),
            },
            certificate: self.certificate.map(|bytes| bytes.to_vec()),
            key: self.key.map(|bytes| bytes.to_vec()),
            passphrase: self.passphrase,
            crls: bytes(self.crls),
            min_version: version(self.min_version)?,
            max_version: version(self.max_version)?,
            key_log_file: self.key_log_file.map(Into::into),
        })
    }
}

fn choose<T: Copy>(what: &str, name: &str, choices: &[(&str, T)]) -> Result<T, ConnectError> {
    choices
        .iter()
        .find(|(choice, _)| *choice == name)
        .map(|(_, value)| *value)
        .ok_or_else(|| ConnectError::config(format!("{what} cannot be '{name}'")))
}

fn pair(pair: Vec<String>) -> Result<(String, String), ConnectError> {
    <[String; 2]>::try_from(pair)
        .map(|[name, value]| (name, value))
        .map_err(|_| ConnectError::config("a startup parameter is a name and a value"))
}

fn port(port: Option<u32>) -> Result<u16, ConnectError> {
    port.and_then(|port| u16::try_from(port).ok())
        .ok_or_else(|| ConnectError::config("an address needs a port from 1 to 65535"))
}

/// JavaScript's milliseconds; what is no duration is as long as there is.
fn millis(number: f64) -> Duration {
    Duration::try_from_secs_f64(number / 1000.0).unwrap_or(Duration::MAX)
}

fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)
}

/// JavaScript's count of something: checked by the facade, bounded by what the protocol can announce.
fn count(number: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 31 bits first")]
    let bounded = number.clamp(0.0, f64::from(i32::MAX)) as u32;
    usize::try_from(bounded).unwrap_or(usize::MAX)
}
