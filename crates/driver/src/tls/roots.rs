//! Where trust begins.

use std::fmt;

use der::{Reader, SliceReader, Tag};
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};

use super::certificate::Certificate;
use super::errors::TlsConfigError;
use super::pem;

/// The roots, as webpki wants them and as they were written: both vectors in the same order.
pub(super) struct Trust {
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    certificates: Vec<CertificateDer<'static>>,
    pub(super) of_system: bool,
}

/// Why a root does not count.
pub(super) enum Unusable {
    Expired(UnixTime),
    NotYet(UnixTime),
    NoCa,
    NoPurpose,
    PathLength,
}

impl Trust {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>, of_system: bool) -> Self {
        let mut trust = Self { anchors: Vec::new(), certificates: Vec::new(), of_system };
        for certificate in certificates {
            if let Ok(anchor) = webpki::anchor_from_trusted_cert(&certificate) {
                trust.anchors.push(anchor.to_owned());
                trust.certificates.push(certificate);
            }
        }
        trust
    }

    /// Whether this very certificate was configured.
    pub(super) fn holds(&self, certificate: &CertificateDer<'_>) -> bool {
        self.certificates.iter().any(|root| root.as_ref() == certificate.as_ref())
    }

    /// webpki takes a trust anchor for a name and a key. OpenSSL, and so libpq, also wants the root to be in date and a
    /// CA for this purpose and length of path. One good certificate for the anchor is enough: roots are sometimes
    /// renewed with the same key.
    pub(super) fn check(
        &self,
        anchor: &TrustAnchor<'_>,
        intermediates: usize,
        now: UnixTime,
    ) -> Result<(), Unusable> {
        let mut problem = None;
        for (known, certificate) in self.anchors.iter().zip(&self.certificates) {
            if known.subject != anchor.subject
                || known.subject_public_key_info != anchor.subject_public_key_info
            {
                continue;
            }
            let Some(certificate) = Certificate::parse(certificate) else { continue };
            let unusable = if now < certificate.not_before() {
                Unusable::NotYet(certificate.not_before())
            } else if now > certificate.not_after() {
                Unusable::Expired(certificate.not_after())
            } else if !certificate.may_issue() {
                Unusable::NoCa
            } else if !certificate.may_serve() {
                Unusable::NoPurpose
            } else if certificate.path_length().is_some_and(|most| intermediates > most) {
                Unusable::PathLength
            } else {
                return Ok(());
            };
            problem = Some(unusable);
        }
        Err(problem.unwrap_or(Unusable::NoCa))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({} roots)", self.anchors.len())
    }
}

/// The roots that were given.
pub(super) fn given(entries: &[Vec<u8>]) -> Result<Trust, TlsConfigError> {
    let mut certificates = Vec::new();
    for entry in entries {
        certificates.extend(
            certificates_in(entry)
                .map_err(|reason| TlsConfigError::new("ca", format!("root certificate {reason}")))?,
        );
    }
    if certificates.is_empty() {
        return Err(TlsConfigError::new("ca", "no root certificate was given")
            .hint("give the CA's certificate as sslrootcert or as ca of the ssl option"));
    }
    for (number, certificate) in (1..).zip(&certificates) {
        if Certificate::parse(certificate).is_none() || webpki::anchor_from_trusted_cert(certificate).is_err()
        {
            return Err(TlsConfigError::new(
                "ca",
                format!("root certificate {number} is damaged or no X.509 certificate"),
            ));
        }
    }
    Ok(Trust::new(certificates, false))
}

/// The certificates of one PEM or DER. The error continues "root certificate …" and the like.
pub(super) fn certificates_in(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    if !pem::is_pem(bytes) {
        return if pem::is_der(bytes) {
            Ok(vec![CertificateDer::from(bytes.to_vec())])
        } else if bytes.iter().all(u8::is_ascii_whitespace) {
            Err("is empty".to_owned())
        } else {
            Err("is neither PEM nor DER".to_owned())
        };
    }
    let sections = pem::sections(bytes).map_err(|reason| format!("is broken PEM: {reason}"))?;
    let mut certificates = Vec::new();
    for section in &sections {
        if !matches!(section.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            continue;
        }
        let body = section.decode().ok_or_else(|| {
            format!("is broken PEM: its section {} is not base64", pem::name(&section.label))
        })?;
        // A trusted certificate has OpenSSL's own notes behind it.
        let whole = first_sequence(&body).ok_or_else(|| "is damaged or no X.509 certificate".to_owned())?;
        certificates.push(CertificateDer::from(whole.to_vec()));
    }
    if certificates.is_empty() {
        return Err(format!("was expected, but the PEM holds {}", pem::only(&sections)));
    }
    Ok(certificates)
}

fn first_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let is_sequence = Tag::peek(&reader).ok()? == Tag::Sequence;
    reader.tlv_bytes().ok().filter(|_| is_sequence)
}
