//! The client's own certificate and key.

use std::sync::Arc;

use der::Decode;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::certificate::Certificate;
use super::errors::TlsConfigError;
use super::options::TlsOptions;
use super::{keys, pem, roots};

/// What answers a server that asks for a certificate, `None` when the options have none.
pub(super) fn load(
    options: &TlsOptions,
    provider: &CryptoProvider,
) -> Result<Option<Arc<dyn ResolvesClientCert>>, TlsConfigError> {
    let Some(certificate) = &options.certificate else {
        return match options.key {
            None => Ok(None),
            Some(_) => {
                Err(TlsConfigError::new("certificate", "private key was given without a client certificate")
                    .hint("give the certificate as sslcert, or as cert of the ssl option"))
            }
        };
    };
    let chain = roots::certificates_in(certificate)
        .map_err(|reason| TlsConfigError::new("certificate", format!("client certificate {reason}")))?;
    let leaf = chain.first().and_then(|leaf| Certificate::parse(leaf)).ok_or_else(|| {
        TlsConfigError::new("certificate", "client certificate is damaged or no X.509 certificate")
    })?;
    let key = match &options.key {
        Some(key) => keys::private_key(key, options.passphrase.as_deref())?,
        None => key_beside(certificate, options.passphrase.as_deref())?,
    };
    let key = provider.key_provider.load_private_key(key).map_err(|_| {
        TlsConfigError::new("key", "private key is damaged or of a kind that cannot be used")
            .hint("RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 and P-521, and Ed25519 can be used")
    })?;
    // Only the key itself is compared: a certificate may bind an ordinary RSA key to PSS.
    if let Some(public) = key.public_key() {
        let public = SubjectPublicKeyInfoRef::from_der(&public).ok();
        if public.as_ref().map(|public| public.subject_public_key.raw_bytes()) != Some(leaf.public_key()) {
            return Err(TlsConfigError::new(
                "key",
                format!("private key does not belong to the client certificate of {}", leaf.subject_name()),
            )
            .hint("the first certificate must be the client's own, its intermediates follow it"));
        }
    }
    Ok(Some(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)))))
}

fn key_beside(
    certificate: &[u8],
    passphrase: Option<&str>,
) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    let found = if pem::is_pem(certificate) {
        let sections = pem::sections(certificate).map_err(|reason| {
            TlsConfigError::new("certificate", format!("client certificate is broken PEM: {reason}"))
        })?;
        keys::from_sections(&sections, passphrase)?
    } else {
        None
    };
    found.ok_or_else(|| {
        TlsConfigError::new(
            "key",
            "client certificate has no private key: none was given, and its PEM holds none",
        )
        .hint("give it as sslkey, or as key of the ssl option")
    })
}
