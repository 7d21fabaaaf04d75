//! The cryptography below TLS, handed to rustls explicitly: other addons may live in the same process, so no
//! process-wide default is ever installed.

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
compile_error!("cornac-driver needs one of its features \"aws-lc-rs\" and \"ring\"");

/// aws-lc-rs, or ring where the build chose it.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(chosen())))
}

#[cfg(feature = "aws-lc-rs")]
fn chosen() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn chosen() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}
