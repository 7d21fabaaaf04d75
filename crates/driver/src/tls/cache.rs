//! One rustls configuration for each set of options: session tickets live in it, and reading keys, roots and
//! revocation lists costs milliseconds.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use sha2::{Digest, Sha256};

use super::errors::TlsConfigError;
use super::options::{Roots, TlsOptions};

/// Configurations kept; the one unused for longest goes first.
const CAPACITY: usize = 32;

type Fingerprint = [u8; 32];

/// Most recently used last.
static CACHE: Mutex<Vec<(Fingerprint, Arc<ClientConfig>)>> = Mutex::new(Vec::new());

/// The configuration for these options, made by `build` where there is none.
pub(super) fn configuration(
    options: &TlsOptions,
    build: impl FnOnce(&TlsOptions) -> Result<ClientConfig, TlsConfigError>,
) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let fingerprint = fingerprint(options);
    if let Some(config) = find(&fingerprint) {
        return Ok(config);
    }
    // Built without the lock: a slow key derivation must not hold up others.
    let config = Arc::new(build(options)?);
    if let Some(config) = find(&fingerprint) {
        return Ok(config);
    }
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= CAPACITY {
        cache.remove(0);
    }
    cache.push((fingerprint, Arc::clone(&config)));
    Ok(config)
}

fn find(fingerprint: &Fingerprint) -> Option<Arc<ClientConfig>> {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let index = cache.iter().position(|(known, _)| known == fingerprint)?;
    let entry = cache.remove(index);
    let config = Arc::clone(&entry.1);
    cache.push(entry);
    Some(config)
}

/// A hash over everything that makes a configuration, so that the cache keeps no key or passphrase as such. The
/// server's name is not part of it: rustls keeps tickets by name within one configuration.
fn fingerprint(options: &TlsOptions) -> Fingerprint {
    let TlsOptions {
        verify,
        server_name: _,
        sni,
        roots,
        certificate,
        key,
        passphrase,
        crls,
        min_version,
        max_version,
        key_log_file,
    } = options;
    let mut hash = Hasher(Sha256::new());
    hash.text(&format!("{verify:?} {sni} {min_version:?} {max_version:?}"));
    match roots {
        Roots::None => hash.text("none"),
        Roots::System => hash.text("system"),
        Roots::Given(entries) => {
            hash.text("given");
            hash.all(entries);
        }
    }
    hash.optional(certificate.as_deref());
    hash.optional(key.as_deref());
    hash.optional(passphrase.as_deref().map(str::as_bytes));
    hash.all(crls);
    hash.optional(key_log_file.as_ref().map(|path| path.as_os_str().as_encoded_bytes()));
    hash.0.finalize().into()
}

/// Feeds each part with its length, so that no two different sets look the same.
struct Hasher(Sha256);

impl Hasher {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        self.0.update([u8::from(bytes.is_some())]);
        self.bytes(bytes.unwrap_or_default());
    }

    fn all(&mut self, entries: &[Vec<u8>]) {
        self.0.update(entries.len().to_le_bytes());
        entries.iter().for_each(|entry| self.bytes(entry));
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::tls::{TlsVersion, Verify, config};

    #[test]
    fn every_option_but_the_name_makes_another_fingerprint() {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        let sets = vec![
            TlsOptions::default(),
            TlsOptions { verify: Verify::Ca, ..TlsOptions::default() },
            TlsOptions { sni: false, ..TlsOptions::default() },
            TlsOptions { roots: Roots::None, ..TlsOptions::default() },
            TlsOptions { roots: Roots::Given(vec![]), ..TlsOptions::default() },
            TlsOptions { roots: Roots::Given(vec![b"ab".to_vec()]), ..TlsOptions::default() },
            TlsOptions { roots: Roots::Given(vec![b"a".to_vec(), b"b".to_vec()]), ..TlsOptions::default() },
            TlsOptions { certificate: bytes(""), ..TlsOptions::default() },
            TlsOptions { certificate: bytes("a"), ..TlsOptions::default() },
            TlsOptions { key: bytes("a"), ..TlsOptions::default() },
            TlsOptions { passphrase: Some("a".to_owned()), ..TlsOptions::default() },
            TlsOptions { crls: vec![b"a".to_vec()], ..TlsOptions::default() },
            TlsOptions { min_version: Some(TlsVersion::Tls12), ..TlsOptions::default() },
            TlsOptions { max_version: Some(TlsVersion::Tls12), ..TlsOptions::default() },
            TlsOptions { key_log_file: Some(PathBuf::from("a")), ..TlsOptions::default() },
        ];
        let mut known = Vec::new();
        for options in &sets {
            let made = fingerprint(options);
            assert!(!known.contains(&made), "{options:?}");
            assert_eq!(
                made,
                fingerprint(&TlsOptions { server_name: Some("a".to_owned()), ..options.clone() })
            );
            known.push(made);
        }
    }

    #[test]
    fn the_cache_is_bounded_and_forgets_what_was_not_used() {
        let plain = |max_version, path: &str| TlsOptions {
            verify: Verify::None,
            roots: Roots::None,
            max_version,
            passphrase: Some(path.to_owned()),
            ..TlsOptions::default()
        };
        let kept = configuration(&plain(None, "kept"), config::build).unwrap();
        let lost = configuration(&plain(None, "lost"), config::build).unwrap();
        for number in 0..2 * CAPACITY {
            configuration(&plain(None, &number.to_string()), config::build).unwrap();
            assert!(Arc::ptr_eq(&kept, &configuration(&plain(None, "kept"), config::build).unwrap()));
            assert!(CACHE.lock().unwrap().len() <= CAPACITY);
        }
        assert!(!Arc::ptr_eq(&lost, &configuration(&plain(None, "lost"), config::build).unwrap()));
        let failed = configuration(&TlsOptions { key: Some(vec![]), ..plain(None, "failed") }, config::build);
        assert!(failed.is_err());
    }
}
