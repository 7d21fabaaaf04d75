//! Certificate revocation lists: how they are read, and how a self-signed server certificate is looked up in one.

use std::fmt;

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::CertificateDer;
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error, ExpirationPolicy,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
};

use super::certificate::Certificate;
use super::der::{self, Reader};
use super::errors::TlsConfigError;
use super::pem;

/// All configured lists, each parsed and as it was written.
#[derive(Default)]
pub(super) struct RevocationLists {
    parsed: Vec<CertRevocationList<'static>>,
    written: Vec<Vec<u8>>,
}

impl fmt::Debug for RevocationLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationLists({})", self.parsed.len())
    }
}

impl RevocationLists {
    pub(super) fn load(entries: &[Vec<u8>]) -> Result<Self, TlsConfigError> {
        let mut lists = Self::default();
        for entry in entries {
            for written in
                lists_in(entry).map_err(|reason| error(format!("certificate revocation list {reason}")))?
            {
                let parsed =
                    OwnedCertRevocationList::from_der(&written).map_err(|reason| unusable(&reason))?;
                lists.parsed.push(parsed.into());
                lists.written.push(written);
            }
        }
        Ok(lists)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parsed.is_empty()
    }

    /// Runs `check` with webpki's view of the lists: the whole chain is looked up, a certificate that no list
    /// covers fails, and so does a list past its next update.
    pub(super) fn with_options<T>(
        &self,
        check: impl FnOnce(Option<webpki::RevocationOptions<'_>>) -> T,
    ) -> T {
        let parsed = self.parsed.iter().collect::<Vec<_>>();
        let options = RevocationOptionsBuilder::new(&parsed).ok().map(|builder| {
            builder
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(UnknownStatusPolicy::Deny)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        check(options)
    }

    /// Looks a self-signed certificate up in the list that it signed itself.
    pub(super) fn check_self_signed(
        &self,
        whole: &CertificateDer<'_>,
        certificate: &Certificate<'_>,
        algorithms: &WebPkiSupportedAlgorithms,
        now: i64,
    ) -> Result<(), Error> {
        let key = EndEntityCert::try_from(whole)?;
        let mut result = Error::UnknownRevocationStatus;
        for written in &self.written {
            let Some(list) = SignedList::parse(written) else { continue };
            if list.issuer != certificate.issuer {
                continue;
            }
            let signed = algorithms.all.iter().any(|algorithm| {
                algorithm.signature_alg_id().as_ref() == list.algorithm
                    && key.verify_signature(*algorithm, list.signed, list.signature).is_ok()
            });
            if !signed {
                result = Error::InvalidCrlSignatureForPublicKey;
                continue;
            }
            if now >= list.next_update {
                result = Error::CrlExpired {
                    time: super::date::unix_time(now),
                    next_update: super::date::unix_time(list.next_update),
                };
                continue;
            }
            let list = CertRevocationList::from(BorrowedCertRevocationList::from_der(written)?);
            // A list of limited scope does not settle the matter.
            if list.issuing_distribution_point().is_some() {
                continue;
            }
            return match list.find_serial(certificate.serial)? {
                None => Ok(()),
                Some(_) => Err(Error::CertRevoked),
            };
        }
        Err(result)
    }
}

/// The fields of a CertificateList (RFC 5280, 5.1) that its signature needs.
struct SignedList<'a> {
    signed: &'a [u8],
    issuer: &'a [u8],
    next_update: i64,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> SignedList<'a> {
    fn parse(written: &'a [u8]) -> Option<Self> {
        let mut list = der::sequence(written)?;
        let signed = list.expect_whole(der::SEQUENCE)?;
        let algorithm = list.expect(der::SEQUENCE)?;
        let signature = der::whole_bits(list.expect(der::BIT_STRING)?)?;
        let mut fields = Reader::new(signed).expect(der::SEQUENCE).map(Reader::new)?;
        fields.take_if(der::INTEGER);
        fields.expect(der::SEQUENCE)?;
        let issuer = fields.expect_whole(der::SEQUENCE)?;
        fields.element()?;
        let next_update = der::time(&fields.element()?)?;
        Some(Self { signed, issuer, next_update, algorithm, signature })
    }
}

fn lists_in(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    if !pem::is_pem(bytes) {
        return if der::is_one_sequence(bytes) {
            Ok(vec![bytes.to_vec()])
        } else if bytes.iter().all(u8::is_ascii_whitespace) {
            Err("is empty".to_owned())
        } else {
            Err("is neither PEM nor DER".to_owned())
        };
    }
    let sections = pem::sections(bytes).map_err(|reason| format!("is broken PEM: {reason}"))?;
    let mut lists = Vec::new();
    for section in sections.iter().filter(|section| section.label == "X509 CRL") {
        let body = section.decode().ok_or("is broken PEM: its section \"X509 CRL\" is not base64")?;
        lists.push(body.to_vec());
    }
    if lists.is_empty() {
        return Err(format!("was expected, but the PEM holds {}", pem::only(&sections)));
    }
    Ok(lists)
}

fn unusable(reason: &Error) -> TlsConfigError {
    let unusable = error(format!("certificate revocation list {}", why_not(reason)));
    match reason {
        Error::UnsupportedCrlVersion | Error::MalformedExtensions => unusable
            .hint("have it issued with crlNumber and authorityKeyIdentifier (crl_extensions in openssl.cnf)"),
        _ => unusable,
    }
}

/// Continues "certificate revocation list …".
fn why_not(error: &Error) -> &'static str {
    match error {
        Error::UnsupportedCrlVersion => "is not of version 2, which RFC 5280 asks for",
        Error::UnsupportedDeltaCrl => "is a delta list, which is not supported",
        Error::UnsupportedIndirectCrl => "is an indirect list, which is not supported",
        Error::UnsupportedRevocationReasonsPartitioning => {
            "covers certain reasons only, which is not supported"
        }
        Error::UnsupportedCriticalExtension => "has a critical extension that is not supported",
        Error::UnsupportedCrlIssuingDistributionPoint => {
            "has an issuing distribution point that is not supported"
        }
        // Not the word of webpki: a list without any has none to be malformed.
        Error::MalformedExtensions => {
            "has no extensions, of which RFC 5280 asks for a number and the issuer's key"
        }
        _ => "is damaged or no X.509 CRL",
    }
}

fn error(message: impl Into<String>) -> TlsConfigError {
    TlsConfigError::new("crls", message)
}
