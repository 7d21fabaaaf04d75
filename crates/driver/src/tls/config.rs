//! From options to rustls's configuration.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, ClientConfig, SupportedProtocolVersion};

use super::crl::RevocationLists;
use super::errors::TlsConfigError;
use super::key_log::KeyLogFile;
use super::options::{Roots, TlsOptions, TlsVersion, Verify};
use super::provider::provider;
use super::verifier::ServerVerifier;
use super::{identity, roots, system_roots};

/// PostgreSQL's name in ALPN. Always offered: servers before 17 ignore it.
pub(super) const ALPN: &[u8] = b"postgresql";

/// Servers that tickets are kept for in one configuration.
const RESUMABLE_SERVERS: usize = 64;

pub(super) fn build(options: &TlsOptions) -> Result<ClientConfig, TlsConfigError> {
    let provider = provider();
    let trust = match &options.roots {
        Roots::None => None,
        Roots::System(places) => Some(system_roots::load(places)?),
        Roots::Given(entries) => Some(Arc::new(roots::given(entries)?)),
    };
    if trust.is_none() && options.verify != Verify::None {
        let mode = if options.verify == Verify::Ca { "verify-ca" } else { "verify-full" };
        return Err(TlsConfigError::new(
            "ca",
            format!("{mode} needs a root certificate, and none is configured"),
        )
        .hint("give the CA's certificate as sslrootcert, or sslrootcert=system for the system's"));
    }
    let crls = RevocationLists::load(&options.crls)?;
    let identity = identity::load(options, &provider)?;
    let key_log = options.key_log_file.as_deref().map(KeyLogFile::open).transpose()?;
    let verifier =
        ServerVerifier::new(options.verify, trust, crls, provider.signature_verification_algorithms);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions(options)?)
        .map_err(|_| TlsConfigError::new("minVersion", "no TLS version is left to offer"))?
        // The verifier is ours because webpki's own ignores common names, refuses self-signed servers that were
        // configured as roots, and cannot check a chain without a name. Signatures are always checked.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        Some(identity) => builder.with_client_cert_resolver(identity),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = options.sni;
    config.resumption = Resumption::in_memory_sessions(RESUMABLE_SERVERS);
    if let Some(log) = key_log {
        config.key_log = Arc::new(log);
    }
    Ok(config)
}

static ONLY_TLS12: &[&SupportedProtocolVersion] = &[&TLS12];
static ONLY_TLS13: &[&SupportedProtocolVersion] = &[&TLS13];

fn versions(options: &TlsOptions) -> Result<&'static [&'static SupportedProtocolVersion], TlsConfigError> {
    let lowest = options.min_version.unwrap_or(TlsVersion::Tls12);
    let highest = options.max_version.unwrap_or(TlsVersion::Tls13);
    match (lowest, highest) {
        (TlsVersion::Tls12, TlsVersion::Tls12) => Ok(ONLY_TLS12),
        (TlsVersion::Tls12, TlsVersion::Tls13) => Ok(ALL_VERSIONS),
        (TlsVersion::Tls13, TlsVersion::Tls13) => Ok(ONLY_TLS13),
        (TlsVersion::Tls13, TlsVersion::Tls12) => {
            Err(TlsConfigError::new("minVersion", "lowest TLS version 1.3 is above the highest, 1.2")
                .hint("set sslMinProtocolVersion to at most sslMaxProtocolVersion"))
        }
    }
}
