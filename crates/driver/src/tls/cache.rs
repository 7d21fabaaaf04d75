//! One rustls configuration for each set of options: session tickets live in it, and reading keys, roots and
//! revocation lists costs milliseconds.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ClientConfig;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::config::build;
use super::errors::TlsConfigError;
use super::options::{Roots, TlsOptions};
use super::system_roots::SystemRoots;

/// Configurations kept; the one unused for longest goes first.
const CAPACITY: usize = 32;

type Fingerprint = [u8; 32];

/// `None` until it has been prepared.
type Outcome = Option<Result<Arc<ClientConfig>, TlsConfigError>>;

struct Cache {
    /// Most recently used last.
    ready: Vec<(Fingerprint, Arc<ClientConfig>)>,
    preparing: Vec<(Fingerprint, watch::Receiver<Outcome>)>,
}

static CACHE: Mutex<Cache> = Mutex::new(Cache { ready: Vec::new(), preparing: Vec::new() });

fn cache() -> MutexGuard<'static, Cache> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The configuration for these options. Where there is none, one is prepared on a thread that may block, and all who ask
/// for it meanwhile wait for that. The preparation goes on when they stop waiting.
pub(super) async fn configuration(options: &TlsOptions) -> Result<Arc<ClientConfig>, TlsConfigError> {
    let found = cache().find(fingerprint(options));
    let mut waiting = match found {
        Found::Ready(config) => return Ok(config),
        Found::Preparing(waiting) => waiting,
        Found::Missing(preparation, waiting) => {
            let options = options.clone();
            tokio::task::spawn_blocking(move || preparation.finish(build(&options).map(Arc::new)));
            waiting
        }
    };
    let outcome = waiting.wait_for(Option::is_some).await;
    outcome.ok().and_then(|outcome| outcome.clone()).unwrap_or_else(|| {
        Err(TlsConfigError::new("tls", "the TLS options could not be prepared: the driver failed internally"))
    })
}

enum Found {
    Ready(Arc<ClientConfig>),
    Preparing(watch::Receiver<Outcome>),
    /// Whoever asked prepares it.
    Missing(Preparation, watch::Receiver<Outcome>),
}

impl Cache {
    fn find(&mut self, fingerprint: Fingerprint) -> Found {
        if let Some(index) = self.ready.iter().position(|(known, _)| *known == fingerprint) {
            let entry = self.ready.remove(index);
            let config = Arc::clone(&entry.1);
            self.ready.push(entry);
            return Found::Ready(config);
        }
        if let Some((_, waiting)) = self.preparing.iter().find(|(known, _)| *known == fingerprint) {
            return Found::Preparing(waiting.clone());
        }
        let (outcome, waiting) = watch::channel(None);
        self.preparing.push((fingerprint, waiting.clone()));
        Found::Missing(Preparation { fingerprint, outcome }, waiting)
    }

    /// A preparation has ended, with a configuration or without.
    fn settle(&mut self, fingerprint: Fingerprint, config: Option<&Arc<ClientConfig>>) {
        self.preparing.retain(|(known, _)| *known != fingerprint);
        let Some(config) = config else { return };
        if self.ready.len() >= CAPACITY {
            self.ready.remove(0);
        }
        self.ready.push((fingerprint, Arc::clone(config)));
    }
}

/// A configuration in the making.
struct Preparation {
    fingerprint: Fingerprint,
    outcome: watch::Sender<Outcome>,
}

impl Preparation {
    /// Whoever sees the outcome finds the cache settled.
    fn finish(&self, result: Result<Arc<ClientConfig>, TlsConfigError>) {
        cache().settle(self.fingerprint, result.as_ref().ok());
        self.outcome.send_replace(Some(result));
    }
}

impl Drop for Preparation {
    /// One that panicked, or whose runtime ends, has no outcome: who waits for it sees the sender go. Where there is an
    /// outcome, what is being prepared by now is somebody else's.
    fn drop(&mut self) {
        if self.outcome.borrow().is_none() {
            cache().settle(self.fingerprint, None);
        }
    }
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
        Roots::System(SystemRoots { file, folders, extra }) => {
            hash.text("system");
            hash.optional(file.as_ref().map(|path| path.as_os_str().as_encoded_bytes()));
            hash.optional(extra.as_ref().map(|path| path.as_os_str().as_encoded_bytes()));
            folders.iter().for_each(|path| hash.bytes(path.as_os_str().as_encoded_bytes()));
        }
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
    use crate::tls::{TlsVersion, Verify};

    #[test]
    fn every_option_but_the_name_makes_another_fingerprint() {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        let system = |places| TlsOptions { roots: Roots::System(places), ..TlsOptions::default() };
        let sets = vec![
            TlsOptions::default(),
            TlsOptions { verify: Verify::Ca, ..TlsOptions::default() },
            TlsOptions { sni: false, ..TlsOptions::default() },
            TlsOptions { roots: Roots::None, ..TlsOptions::default() },
            system(SystemRoots { file: Some("a".into()), ..SystemRoots::default() }),
            system(SystemRoots { extra: Some("a".into()), ..SystemRoots::default() }),
            system(SystemRoots { folders: vec!["a".into()], ..SystemRoots::default() }),
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

    fn plain(max_version: Option<TlsVersion>, passphrase: &str) -> TlsOptions {
        TlsOptions {
            verify: Verify::None,
            roots: Roots::None,
            max_version,
            passphrase: Some(passphrase.to_owned()),
            ..TlsOptions::default()
        }
    }

    #[tokio::test]
    async fn the_cache_is_bounded_and_forgets_what_was_not_used() {
        let kept = configuration(&plain(None, "kept")).await.unwrap();
        let lost = configuration(&plain(None, "lost")).await.unwrap();
        for number in 0..2 * CAPACITY {
            configuration(&plain(None, &number.to_string())).await.unwrap();
            assert!(Arc::ptr_eq(&kept, &configuration(&plain(None, "kept")).await.unwrap()));
            assert!(cache().ready.len() <= CAPACITY);
        }
        assert!(!Arc::ptr_eq(&lost, &configuration(&plain(None, "lost")).await.unwrap()));
    }

    #[tokio::test]
    async fn all_who_ask_for_the_same_options_wait_for_one_preparation() {
        let options = plain(Some(TlsVersion::Tls12), "together");
        let asked = [(); 8].map(|()| {
            let options = options.clone();
            tokio::spawn(async move { configuration(&options).await })
        });
        let mut made = Vec::new();
        for configuration in asked {
            made.push(configuration.await.unwrap().unwrap());
        }
        assert!(made.iter().all(|one| Arc::ptr_eq(one, &made[0])));
    }

    #[tokio::test]
    async fn a_preparation_that_fails_tells_all_who_wait_and_is_tried_anew() {
        let options = TlsOptions { key: Some(vec![]), ..plain(None, "failed") };
        let (one, other) = tokio::join!(configuration(&options), configuration(&options));
        assert!(one.is_err());
        assert_eq!(one.err(), other.err());
        assert!(!cache().preparing.iter().any(|(known, _)| *known == fingerprint(&options)));
        assert!(configuration(&options).await.is_err());
    }

    #[tokio::test]
    async fn a_preparation_goes_on_when_nobody_waits_for_it_any_more() {
        let options = plain(Some(TlsVersion::Tls12), "given up");
        // Polled once: it has begun, and is dropped.
        let mut asked = Box::pin(configuration(&options));
        std::future::poll_fn(|context| std::task::Poll::Ready(asked.as_mut().poll(context).is_ready())).await;
        drop(asked);
        let found = cache().find(fingerprint(&options));
        let mut waiting = match found {
            Found::Preparing(waiting) => waiting,
            Found::Ready(_) => return,
            Found::Missing(..) => panic!("the preparation has ended with who asked for it"),
        };
        assert!(waiting.wait_for(Option::is_some).await.unwrap().clone().unwrap().is_ok());
    }

    #[test]
    fn a_preparation_that_has_failed_does_not_end_the_next_one() {
        let options = plain(None, "failed twice");
        let find = || cache().find(fingerprint(&options));
        let Found::Missing(first, _) = find() else { panic!("nobody asked for it before") };
        first.finish(Err(TlsConfigError::new("key", "no key")));
        let Found::Missing(second, _) = find() else { panic!("a failure is not kept") };
        drop(first);
        assert!(matches!(find(), Found::Preparing(_)), "two prepare the same");
        second.finish(Err(TlsConfigError::new("key", "no key")));
    }

    #[test]
    fn a_preparation_that_panics_leaves_nothing_behind() {
        let options = plain(None, "panicked");
        let found = cache().find(fingerprint(&options));
        let Found::Missing(preparation, waiting) = found else {
            panic!("nobody asked for it before");
        };
        drop(preparation);
        assert!(waiting.has_changed().is_err());
        let found = cache().find(fingerprint(&options));
        assert!(matches!(found, Found::Missing(..)));
    }
}
