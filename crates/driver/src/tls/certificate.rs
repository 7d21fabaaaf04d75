//! What we ask of a certificate besides webpki: its names, dates and kind (RFC 5280).

use std::net::IpAddr;

use der::asn1::{AnyRef, UintRef};
use der::oid::ObjectIdentifier;
use der::oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME};
use der::oid::db::rfc5280::{ID_CE_NAME_CONSTRAINTS, ID_KP_SERVER_AUTH};
use der::oid::db::rfc5912::{ID_RSASSA_PSS, RSA_ENCRYPTION};
use der::{Decode, Reader, SliceReader};
use rustls::pki_types::UnixTime;
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::errors::quoted;

/// A certificate. Every part of it that counts here could be read: one with a malformed part is none.
pub(super) struct Certificate {
    whole: x509_cert::Certificate,
    constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    purposes: Option<ExtendedKeyUsage>,
}

/// A subjectAltName that a host can be called by.
pub(super) enum AlternativeName {
    Dns(Vec<u8>),
    Address(IpAddr),
}

impl Certificate {
    pub(super) fn parse(whole: &[u8]) -> Option<Self> {
        let whole = x509_cert::Certificate::from_der(whole).ok()?;
        let fields = whole.tbs_certificate();
        // The flag tells whether the extension is critical, which is webpki's matter.
        let constraints = fields.get_extension().ok()?.map(|(_, constraints)| constraints);
        let key_usage = fields.get_extension().ok()?.map(|(_, usage)| usage);
        let purposes = fields.get_extension().ok()?.map(|(_, purposes)| purposes);
        // A key is a whole number of bytes: a bit string with spare bits holds none.
        fields.subject_public_key_info().subject_public_key.as_bytes()?;
        Some(Self { constraints, key_usage, purposes, whole })
    }

    /// 1 to 3, as X.509 counts them.
    pub(super) fn version(&self) -> u8 {
        match self.whole.tbs_certificate().version() {
            Version::V1 => 1,
            Version::V2 => 2,
            Version::V3 => 3,
        }
    }

    /// The contents of the integer, as revocation lists repeat them.
    pub(super) fn serial(&self) -> &[u8] {
        self.whole.tbs_certificate().serial_number().as_bytes()
    }

    pub(super) fn issuer(&self) -> &Name {
        self.whole.tbs_certificate().issuer()
    }

    pub(super) fn not_before(&self) -> UnixTime {
        unix_time(&self.whole.tbs_certificate().validity().not_before)
    }

    pub(super) fn not_after(&self) -> UnixTime {
        unix_time(&self.whole.tbs_certificate().validity().not_after)
    }

    /// The key itself, without its algorithm.
    pub(super) fn public_key(&self) -> &[u8] {
        self.whole.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes()
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer() == self.whole.tbs_certificate().subject()
    }

    pub(super) fn has_name_constraints(&self) -> bool {
        let extensions = self.whole.tbs_certificate().extensions();
        extensions.is_some_and(|all| all.iter().any(|one| one.extn_id == ID_CE_NAME_CONSTRAINTS))
    }

    /// Whether OpenSSL would let it issue certificates: a CA by its constraints; without any, an old version 1
    /// certificate that signed itself, or one whose key usage says so. A key usage that says otherwise counts.
    pub(super) fn may_issue(&self) -> bool {
        let signs = self.key_usage.as_ref().map(KeyUsage::key_cert_sign);
        match &self.constraints {
            Some(constraints) => constraints.ca && signs != Some(false),
            None if self.version() < 3 => self.is_self_issued(),
            None => signs == Some(true),
        }
    }

    /// How many CAs may stand between it and a server, `None` for any number.
    pub(super) fn path_length(&self) -> Option<usize> {
        self.constraints.as_ref()?.path_len_constraint.map(usize::from)
    }

    /// Whether it may stand for a TLS server: no extended key usage at all, or one that says so.
    pub(super) fn may_serve(&self) -> bool {
        self.purposes.as_ref().is_none_or(|purposes| purposes.0.contains(&ID_KP_SERVER_AUTH))
    }

    /// Whether its key may be used in TLS at all: no key usage, or one of those that OpenSSL asks of a server.
    pub(super) fn may_protect(&self) -> bool {
        self.key_usage.as_ref().is_none_or(|usage| {
            usage.digital_signature() || usage.key_encipherment() || usage.key_agreement()
        })
    }

    /// The DNS names and addresses of the subjectAltName extension, in order; `None` when it is malformed.
    pub(super) fn alternative_names(&self) -> Option<Vec<AlternativeName>> {
        let names = self.whole.tbs_certificate().get_extension::<SubjectAltName>().ok()?;
        let names = names.map(|(_, names)| names.0).unwrap_or_default();
        let mut found = Vec::new();
        for name in names {
            match name {
                GeneralName::DnsName(name) => found.push(AlternativeName::Dns(name.as_bytes().to_vec())),
                GeneralName::IpAddress(octets) => {
                    let octets = octets.as_bytes();
                    let v4 = <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
                    let v6 = <[u8; 16]>::try_from(octets).ok().map(IpAddr::from);
                    found.push(AlternativeName::Address(v4.or(v6)?));
                }
                _ => {}
            }
        }
        Some(found)
    }

    /// The first common name of the subject, as the bytes it is written in.
    pub(super) fn common_name(&self) -> Option<&[u8]> {
        attribute(self.whole.tbs_certificate().subject(), COMMON_NAME)
    }

    /// What to call the issuer in a message.
    pub(super) fn issuer_name(&self) -> String {
        name_of(self.issuer())
    }

    pub(super) fn subject_name(&self) -> String {
        name_of(self.whole.tbs_certificate().subject())
    }

    /// The size of an RSA key in bits, `None` for other keys.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let algorithm = self.whole.tbs_certificate().subject_public_key_info().algorithm.oid;
        if algorithm != RSA_ENCRYPTION && algorithm != ID_RSASSA_PSS {
            return None;
        }
        let key = AnyRef::from_der(self.public_key()).ok()?;
        let modulus = SliceReader::new(key.value()).ok()?.decode::<UintRef<'_>>().ok()?;
        let significant = modulus.as_bytes();
        let zeros = significant.first()?.leading_zeros();
        Some(significant.len() * 8 - usize::try_from(zeros).ok()?)
    }
}

pub(super) fn unix_time(time: &Time) -> UnixTime {
    UnixTime::since_unix_epoch(time.to_unix_duration())
}

/// The first attribute of this kind in a distinguished name.
fn attribute(name: &Name, kind: ObjectIdentifier) -> Option<&[u8]> {
    name.iter().find(|attribute| attribute.oid == kind).map(|attribute| attribute.value.value())
}

fn name_of(name: &Name) -> String {
    match attribute(name, COMMON_NAME).or_else(|| attribute(name, ORGANIZATION_NAME)) {
        Some(text) => quoted(&String::from_utf8_lossy(text)),
        None => "a CA without a common name".to_owned(),
    }
}
