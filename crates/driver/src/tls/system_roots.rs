//! The system's roots: where they are, and what is there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::CertificateDer;

use super::errors::TlsConfigError;
use super::roots::{Trust, certificates_in};

/// Where the system keeps its roots: the files and folders that the environment names, or the usual ones. None at all
/// means the store of macOS or Windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemRoots {
    /// `SSL_CERT_FILE`.
    pub(super) file: Option<PathBuf>,
    /// `SSL_CERT_DIR`.
    pub(super) folders: Vec<PathBuf>,
    /// `NODE_EXTRA_CA_CERTS`.
    pub(super) extra: Option<PathBuf>,
}

impl SystemRoots {
    /// Asks the environment. Only for JavaScript's threads: the C library lets nobody read variables while somebody
    /// sets one.
    pub fn of_environment() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let folders = variable("SSL_CERT_DIR").map(|value| std::env::split_paths(&value).collect());
        let mut found = Self {
            file: variable("SSL_CERT_FILE").map(PathBuf::from),
            folders: folders.unwrap_or_default(),
            extra: variable("NODE_EXTRA_CA_CERTS").map(PathBuf::from),
        };
        found.folders.retain(|folder| !folder.as_os_str().is_empty());
        if found.file.is_none() && found.folders.is_empty() {
            (found.file, found.folders) = usual_places();
        }
        found
    }
}

/// OpenSSL's places on this system, looked for until there is one.
#[cfg(all(unix, not(target_os = "macos")))]
fn usual_places() -> (Option<PathBuf>, Vec<PathBuf>) {
    static FOUND: Mutex<(Option<PathBuf>, Vec<PathBuf>)> = Mutex::new((None, Vec::new()));
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if found.0.is_none() && found.1.is_empty() {
        let probed = openssl_probe::probe();
        *found = (probed.cert_file, probed.cert_dir);
    }
    found.clone()
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn usual_places() -> (Option<PathBuf>, Vec<PathBuf>) {
    (None, Vec::new())
}

/// Reads the system's roots, once for the same places; a failure is not remembered.
pub(super) fn load(places: &SystemRoots) -> Result<Arc<Trust>, TlsConfigError> {
    static LOADED: Mutex<Option<(SystemRoots, Arc<Trust>)>> = Mutex::new(None);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, trust)) = loaded.as_ref()
        && known == places
    {
        return Ok(Arc::clone(trust));
    }
    let trust = Arc::new(read(places)?);
    *loaded = Some((places.clone(), Arc::clone(&trust)));
    Ok(trust)
}

fn read(places: &SystemRoots) -> Result<Trust, TlsConfigError> {
    let SystemRoots { file, folders, extra } = places;
    let mut certificates = Vec::new();
    let mut errors = Vec::new();
    let mut take = |found: rustls_native_certs::CertificateResult| {
        certificates.extend(found.certs);
        errors.extend(found.errors);
    };
    take(rustls_native_certs::load_certs_from_paths(file.as_deref(), None));
    for folder in folders {
        take(rustls_native_certs::load_certs_from_paths(None, Some(folder)));
    }
    #[cfg(any(windows, target_os = "macos"))]
    if file.is_none() && folders.is_empty() {
        // The store has no path. That the crate looks once more whether the variables are set is its own doing.
        take(rustls_native_certs::load_native_certs());
    }
    if let Some(path) = extra {
        certificates.extend(extra_roots(path));
    }
    // Several sources often hold the same roots.
    let mut seen = HashSet::new();
    certificates.retain(|certificate| seen.insert(certificate.as_ref().to_vec()));
    let trust = Trust::new(certificates, true);
    if trust.anchors.is_empty() {
        let reason = errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(TlsConfigError::new(
            "roots",
            format!("no root certificate was found in the system's store{reason}"),
        )
        .hint(
            "install the system's CA certificates, point SSL_CERT_FILE at a PEM file, or give sslrootcert",
        ));
    }
    Ok(trust)
}

/// Node itself warns about a file that it cannot use, and goes on without it.
fn extra_roots(path: &Path) -> Vec<CertificateDer<'static>> {
    match std::fs::read(path) {
        Ok(bytes) => certificates_in(&bytes).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}
