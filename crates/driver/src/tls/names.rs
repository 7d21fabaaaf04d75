//! Whether a certificate is for the host that was meant: libpq's rules (fe-secure-common.c describes them).
//!
//! A DNS name matches a dNSName of the subjectAltName extension, an address an iPAddress. Where the extension has
//! none of the kind that is looked for, the common name counts. Case does not matter. `*` stands for exactly the
//! left-most label.

use std::net::IpAddr;

use rustls::pki_types::ServerName;

use super::certificate::{AlternativeName, Certificate};
use super::errors::{TlsError, quoted};

/// Names that a message lists before it only counts them.
const LISTED: usize = 5;

/// Checks the name. `constrained` tells that some issuer limits the names it vouches for. Such limits do not reach common
/// names, so these do not count then.
pub(super) fn check(
    certificate: &Certificate,
    expected: &ServerName<'_>,
    constrained: bool,
) -> Result<(), TlsError> {
    let expected = match expected {
        ServerName::DnsName(name) => Expected::Name(name.as_ref().strip_suffix('.').unwrap_or(name.as_ref())),
        ServerName::IpAddress(address) => Expected::Address(IpAddr::from(*address)),
        _ => {
            return Err(TlsError::certificate(
                "server certificate cannot be compared with this kind of name",
            ));
        }
    };
    let mut seen = Vec::new();
    let mut common_name_counts = true;
    let names = certificate.alternative_names().ok_or_else(|| {
        TlsError::certificate(
            "server certificate has a malformed subjectAltName, so that its host is unknown",
        )
        .hint("have it issued again; verify-ca does not check names")
    })?;
    for name in names {
        match name {
            AlternativeName::Dns(name) => {
                if matches!(expected, Expected::Name(_)) {
                    common_name_counts = false;
                }
                if expected.is_written(&name)? {
                    return Ok(());
                }
                seen.push(String::from_utf8_lossy(&name).into_owned());
            }
            AlternativeName::Address(address) => {
                if let Expected::Address(expected) = expected {
                    common_name_counts = false;
                    if expected == address {
                        return Ok(());
                    }
                }
                seen.push(address.to_string());
            }
        }
    }
    let mut ignored_common_name = false;
    if common_name_counts && let Some(name) = certificate.common_name() {
        if expected.is_written(name)? {
            if !constrained {
                return Ok(());
            }
            ignored_common_name = true;
        } else {
            seen.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Err(mismatch(&expected, &seen, ignored_common_name))
}

#[derive(Clone, Copy)]
enum Expected<'a> {
    Name(&'a str),
    Address(IpAddr),
}

impl Expected<'_> {
    /// Whether this text from a certificate means the host. Text with a NUL in it is an attack on checkers
    /// that stop there (CVE-2009-4034), and ends the check.
    fn is_written(self, text: &[u8]) -> Result<bool, TlsError> {
        if text.contains(&0) {
            return Err(TlsError::certificate("server certificate has a NUL byte in one of its names"));
        }
        Ok(match self {
            Self::Name(name) => {
                text.eq_ignore_ascii_case(name.as_bytes()) || wildcard_matches(text, name.as_bytes())
            }
            // Long-standing behaviour of libpq: an address may be written in a dNSName or common name.
            Self::Address(address) => {
                std::str::from_utf8(text).is_ok_and(|text| text.parse::<IpAddr>() == Ok(address))
            }
        })
    }
}

/// `*.example.com` matches `a.example.com`, and neither `example.com` nor `a.b.example.com`.
fn wildcard_matches(pattern: &[u8], name: &[u8]) -> bool {
    let Some(suffix) = pattern.strip_prefix(b"*") else { return false };
    if suffix.len() < 2 || suffix.first() != Some(&b'.') {
        return false;
    }
    let Some(split) = name.iter().position(|&byte| byte == b'.') else { return false };
    let (label, rest) = name.split_at(split);
    !label.is_empty() && rest.eq_ignore_ascii_case(suffix)
}

fn mismatch(expected: &Expected<'_>, seen: &[String], ignored_common_name: bool) -> TlsError {
    let wanted = match expected {
        Expected::Name(name) => quoted(name),
        Expected::Address(address) => quoted(&address.to_string()),
    };
    let error = if ignored_common_name {
        TlsError::certificate(format!(
            "server certificate is for {wanted} by its common name only, which does not count because its CA is \
             limited to certain names"
        ))
    } else if seen.is_empty() {
        TlsError::certificate(format!(
            "server certificate names no host, so it cannot be the one of {wanted}"
        ))
    } else {
        let mut names = seen.iter().take(LISTED).map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        if seen.len() > LISTED {
            names.push_str(&format!(" and {} more", seen.len() - LISTED));
        }
        TlsError::certificate(format!("server certificate is for {names}, not {wanted}"))
    };
    error.hint(match expected {
        Expected::Name(_) => "connect by a name of the certificate, or have it issued for this one; verify-ca does not check names",
        Expected::Address(_) => {
            "connect by a name of the certificate, or have it issued with this address as subjectAltName; verify-ca does not check names"
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_the_left_most_label_only() {
        let matches = |pattern: &str, name: &str| wildcard_matches(pattern.as_bytes(), name.as_bytes());
        assert!(matches("*.example.com", "a.example.com"));
        assert!(matches("*.EXAMPLE.com", "A.example.COM"));
        assert!(matches("*.com", "example.com"));
        for (pattern, name) in [
            ("*.example.com", "example.com"),
            ("*.example.com", ".example.com"),
            ("*.example.com", "a.b.example.com"),
            ("f*.example.com", "foo.example.com"),
            ("*f.example.com", "f.example.com"),
            ("a.*.com", "a.example.com"),
            ("*.*.com", "a.example.com"),
            ("**.example.com", "a.example.com"),
            ("*", "localhost"),
            ("*.", "localhost."),
            ("*.example.com", "aexample.com"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
