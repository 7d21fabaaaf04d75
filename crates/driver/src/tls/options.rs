//! What one TLS connection is to do: plain data, contents instead of paths.

use std::fmt;
use std::path::PathBuf;

use super::system_roots::SystemRoots;

/// How much of the server's identity is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Any certificate is accepted; the server still has to own its key. `sslmode` prefer and require.
    None,
    /// The chain must lead to a root, and no CRL may name it; the host name is ignored. `verify-ca`.
    Ca,
    /// Chain and host name. `verify-full`.
    Full,
}

/// Where trust begins.
#[derive(Clone, PartialEq, Eq)]
pub enum Roots {
    /// Nowhere: only good with [`Verify::None`].
    None,
    /// The system's store.
    System(SystemRoots),
    /// These certificates: each entry is PEM with one or more of them, or one in DER.
    Given(Vec<Vec<u8>>),
}

/// The versions of TLS there are to choose from. 1.0 and 1.1 are not (RFC 8996).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

/// Everything that decides how a connection is protected. `Debug` shows neither keys nor passphrases.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsOptions {
    pub verify: Verify,
    /// The name or address to verify; the address that was dialled when absent.
    pub server_name: Option<String>,
    /// Whether a name is told to the server (RFC 6066). An address never is.
    pub sni: bool,
    pub roots: Roots,
    /// The client's certificate and its intermediates: PEM, or one certificate in DER.
    pub certificate: Option<Vec<u8>>,
    /// The client's private key, PEM or DER; looked for in the PEM of `certificate` when absent.
    pub key: Option<Vec<u8>>,
    /// What decrypts `key`; absent counts as empty.
    pub passphrase: Option<String>,
    /// Revocation lists, PEM or DER. If there is one, each certificate of the chain needs its own.
    pub crls: Vec<Vec<u8>>,
    /// The lowest version to agree on, 1.2 when absent.
    pub min_version: Option<TlsVersion>,
    /// The highest version to agree on, 1.3 when absent.
    pub max_version: Option<TlsVersion>,
    /// A file that session keys are appended to, for network analysers. Whoever reads it reads the session.
    pub key_log_file: Option<PathBuf>,
}

impl Default for TlsOptions {
    /// `verify-full` against the system's roots, the places of which are yet to be given.
    fn default() -> Self {
        Self {
            verify: Verify::Full,
            server_name: None,
            sni: true,
            roots: Roots::System(SystemRoots::default()),
            certificate: None,
            key: None,
            passphrase: None,
            crls: Vec::new(),
            min_version: None,
            max_version: None,
            key_log_file: None,
        }
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::System(_) => f.write_str("System"),
            Self::Given(entries) => write!(f, "Given({} entries)", entries.len()),
        }
    }
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = |present: bool| if present { "[redacted]" } else { "None" };
        f.debug_struct("TlsOptions")
            .field("verify", &self.verify)
            .field("server_name", &self.server_name)
            .field("sni", &self.sni)
            .field("roots", &self.roots)
            // The certificate's PEM may hold the key as well.
            .field("certificate", &format_args!("{}", secret(self.certificate.is_some())))
            .field("key", &format_args!("{}", secret(self.key.is_some())))
            .field("passphrase", &format_args!("{}", secret(self.passphrase.is_some())))
            .field("crls", &format_args!("{} entries", self.crls.len()))
            .field("min_version", &self.min_version)
            .field("max_version", &self.max_version)
            .field("key_log_file", &self.key_log_file)
            .finish()
    }
}
