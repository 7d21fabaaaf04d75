//! Certificate revocation lists: how they are read, which of several counts, and how a self-signed server certificate is
//! looked up in one.

use std::cmp::Reverse;
use std::fmt;

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Reader, SliceReader, Tag};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error, ExpirationPolicy,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
};

use x509_cert::certificate::Version;
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::certificate::{Certificate, unix_time};
use super::errors::TlsConfigError;
use super::pem;

/// All configured lists.
#[derive(Default)]
pub(super) struct RevocationLists(Vec<List>);

/// A list, parsed and as it was written.
struct List {
    parsed: CertRevocationList<'static>,
    written: Vec<u8>,
    this_update: UnixTime,
    /// `None`: it does not say when there will be a newer one, as RFC 5280 wants it to.
    next_update: Option<UnixTime>,
}

impl fmt::Debug for RevocationLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationLists({})", self.0.len())
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
                let damaged = |_| error("certificate revocation list is damaged or no X.509 CRL");
                let SignedList { this_update, next_update, .. } =
                    SignedList::parse(&written).map_err(damaged)?;
                lists.0.push(List { parsed: parsed.into(), written, this_update, next_update });
            }
        }
        Ok(lists)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lists that are valid already. Of several of one CA the first counts: webpki looks no further, and OpenSSL takes
    /// the newest that is in date.
    fn at(&self, now: UnixTime) -> Vec<&List> {
        let mut lists = self.0.iter().filter(|list| list.this_update <= now).collect::<Vec<_>>();
        lists.sort_by_key(|list| {
            (list.next_update.is_some_and(|next_update| now >= next_update), Reverse(list.this_update))
        });
        lists
    }

    /// When the first of the lists that are not valid yet will be.
    pub(super) fn not_before(&self, now: UnixTime) -> Option<UnixTime> {
        self.0.iter().map(|list| list.this_update).filter(|begin| *begin > now).min()
    }

    /// Runs `check` with webpki's view of the lists: the whole chain is looked up, a certificate that no list
    /// covers fails, and so does a list past its next update. `None`: there is no list to look it up in.
    pub(super) fn with_options<T>(
        &self,
        now: UnixTime,
        check: impl FnOnce(Option<webpki::RevocationOptions<'_>>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let parsed = self.at(now).into_iter().map(|list| &list.parsed).collect::<Vec<_>>();
        let options = RevocationOptionsBuilder::new(&parsed).ok().map(|builder| {
            builder
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(UnknownStatusPolicy::Deny)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        let is_looked_up = options.is_some() || self.is_empty();
        let passed = check(options)?;
        // What passes where all lists are of the future has been looked up in none.
        if is_looked_up { Ok(passed) } else { Err(Error::UnknownRevocationStatus) }
    }

    /// Looks a self-signed certificate up in the list that it signed itself.
    pub(super) fn check_self_signed(
        &self,
        whole: &CertificateDer<'_>,
        certificate: &Certificate,
        algorithms: &WebPkiSupportedAlgorithms,
        now: UnixTime,
    ) -> Result<(), Error> {
        let key = EndEntityCert::try_from(whole)?;
        let mut result = Error::UnknownRevocationStatus;
        for List { written, .. } in self.at(now) {
            let Ok(list) = SignedList::parse(written) else { continue };
            if list.issuer != *certificate.issuer() {
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
            let Some(next_update) = list.next_update else { continue };
            if now >= next_update {
                result = Error::CrlExpired { time: now, next_update };
                continue;
            }
            let list = CertRevocationList::from(BorrowedCertRevocationList::from_der(written)?);
            // A list of limited scope does not settle the matter.
            if list.issuing_distribution_point().is_some() {
                continue;
            }
            return match list.find_serial(certificate.serial())? {
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
    issuer: Name,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    /// The contents of its AlgorithmIdentifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> SignedList<'a> {
    fn parse(written: &'a [u8]) -> der::Result<Self> {
        let mut list = SliceReader::new(AnyRef::from_der(written)?.value())?;
        let signed = list.tlv_bytes()?;
        let algorithm = list.decode::<AnyRef<'_>>()?.value();
        let signature = list.decode::<BitStringRef<'_>>()?;
        let signature = signature.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
        let mut fields = SliceReader::new(AnyRef::from_der(signed)?.value())?;
        if Tag::peek(&fields)? == Tag::Integer {
            fields.decode::<Version>()?;
        }
        fields.decode::<AnyRef<'_>>()?;
        let issuer = fields.decode()?;
        let this_update = unix_time(&fields.decode()?);
        let next_update = fields.decode::<Option<Time>>()?.as_ref().map(unix_time);
        Ok(Self { signed, issuer, this_update, next_update, algorithm, signature })
    }
}

fn lists_in(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    if !pem::is_pem(bytes) {
        return if pem::is_der(bytes) {
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
