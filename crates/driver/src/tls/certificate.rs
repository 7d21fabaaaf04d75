//! What we ask of a certificate besides webpki: its names, dates and kind (RFC 5280).

use std::net::IpAddr;

use super::algorithm::Algorithm;
use super::der::{self, Element, Reader};

/// The parts of a certificate, borrowed from its DER.
pub(super) struct Certificate<'a> {
    /// 1 to 3, as X.509 counts them.
    pub(super) version: u8,
    /// The contents of the integer, as CRLs repeat them.
    pub(super) serial: &'a [u8],
    /// Distinguished names, whole elements: two are the same if their bytes are.
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) key_algorithm: Algorithm<'a>,
    pub(super) public_key: &'a [u8],
    extensions: Option<&'a [u8]>,
}

/// A subjectAltName that a host can be called by.
pub(super) enum AlternativeName<'a> {
    Dns(&'a [u8]),
    Address(IpAddr),
}

const COMMON_NAME: &[u8] = b"\x55\x04\x03";
const ORGANIZATION: &[u8] = b"\x55\x04\x0a";
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const SUBJECT_ALTERNATIVE_NAME: &[u8] = b"\x55\x1d\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const NAME_CONSTRAINTS: &[u8] = b"\x55\x1d\x1e";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";
const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";

impl<'a> Certificate<'a> {
    pub(super) fn parse(whole: &'a [u8]) -> Option<Self> {
        let mut tbs = der::sequence(whole)?.expect(der::SEQUENCE).map(Reader::new)?;
        let version = match tbs.take_if(der::context(0)) {
            Some(tagged) => match Reader::new(tagged).expect(der::INTEGER)? {
                [number @ 0..=2] => number + 1,
                _ => return None,
            },
            None => 1,
        };
        let serial = tbs.expect(der::INTEGER)?;
        tbs.expect(der::SEQUENCE)?;
        let issuer = tbs.expect_whole(der::SEQUENCE)?;
        let mut validity = tbs.expect(der::SEQUENCE).map(Reader::new)?;
        let not_before = der::time(&validity.element()?)?;
        let not_after = der::time(&validity.element()?)?;
        let subject = tbs.expect_whole(der::SEQUENCE)?;
        let mut key = tbs.expect(der::SEQUENCE).map(Reader::new)?;
        let key_algorithm = Algorithm::parse(key.expect(der::SEQUENCE)?)?;
        let public_key = der::whole_bits(key.expect(der::BIT_STRING)?)?;
        // issuerUniqueID and subjectUniqueID may stand before the extensions.
        let mut extensions = None;
        while let Some(element) = tbs.element() {
            if element.tag == der::context(3) {
                extensions = Some(Reader::new(element.body).expect(der::SEQUENCE)?);
            }
        }
        Some(Self {
            version,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            key_algorithm,
            public_key,
            extensions,
        })
    }

    /// The contents of an extension's value.
    fn extension(&self, oid: &[u8]) -> Option<Element<'a>> {
        let mut extensions = Reader::new(self.extensions?);
        while let Some(extension) = extensions.expect(der::SEQUENCE) {
            let mut fields = Reader::new(extension);
            if fields.expect(der::OID)? == oid {
                fields.take_if(der::BOOLEAN);
                return Reader::new(fields.expect(der::OCTET_STRING)?).element();
            }
        }
        None
    }

    pub(super) fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    pub(super) fn has_name_constraints(&self) -> bool {
        self.extension(NAME_CONSTRAINTS).is_some()
    }

    /// Whether OpenSSL would let it issue certificates: a CA by its constraints; without any, an old version 1
    /// certificate that signed itself, or one whose key usage says so. A key usage that says otherwise counts.
    pub(super) fn may_issue(&self) -> bool {
        // keyCertSign is bit 5, counted from the left behind the byte with the number of unused bits.
        let signs =
            self.extension(KEY_USAGE).map(|usage| usage.body.get(1).is_some_and(|bits| bits & 0x04 != 0));
        if let Some(constraints) = self.extension(BASIC_CONSTRAINTS) {
            let is_ca = Reader::new(constraints.body).take_if(der::BOOLEAN).is_some_and(|value| value != [0]);
            return is_ca && signs != Some(false);
        }
        if self.version < 3 { self.is_self_issued() } else { signs == Some(true) }
    }

    /// How many CAs may stand between it and a server, `None` for any number.
    pub(super) fn path_length(&self) -> Option<usize> {
        let constraints = self.extension(BASIC_CONSTRAINTS)?;
        let mut fields = Reader::new(constraints.body);
        fields.take_if(der::BOOLEAN);
        let length = fields.take_if(der::INTEGER)?;
        // Longer than a byte is longer than any path that webpki tries.
        <[u8; 1]>::try_from(length).ok().map(|[length]| usize::from(length))
    }

    /// Whether it may stand for a TLS server: no extended key usage at all, or one that says so.
    pub(super) fn may_serve(&self) -> bool {
        let Some(usages) = self.extension(EXTENDED_KEY_USAGE) else { return true };
        let mut usages = Reader::new(usages.body);
        while let Some(usage) = usages.expect(der::OID) {
            if usage == SERVER_AUTH {
                return true;
            }
        }
        false
    }

    /// The DNS names and addresses of the subjectAltName extension, in order.
    pub(super) fn alternative_names(&self) -> Vec<AlternativeName<'a>> {
        let mut found = Vec::new();
        let Some(names) = self.extension(SUBJECT_ALTERNATIVE_NAME) else { return found };
        let mut names = Reader::new(names.body);
        while let Some(name) = names.element() {
            match name.tag {
                0x82 => found.push(AlternativeName::Dns(name.body)),
                0x87 => {
                    if let Ok(address) = <[u8; 4]>::try_from(name.body) {
                        found.push(AlternativeName::Address(address.into()));
                    } else if let Ok(address) = <[u8; 16]>::try_from(name.body) {
                        found.push(AlternativeName::Address(address.into()));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The first common name of the subject, as the bytes it is written in.
    pub(super) fn common_name(&self) -> Option<&'a [u8]> {
        attribute(self.subject, COMMON_NAME)
    }

    /// What to call the issuer in a message.
    pub(super) fn issuer_name(&self) -> String {
        name_of(self.issuer)
    }

    pub(super) fn subject_name(&self) -> String {
        name_of(self.subject)
    }

    /// The size of an RSA key in bits, `None` for other keys.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        if !self.key_algorithm.is_rsa_key() {
            return None;
        }
        let modulus = der::sequence(self.public_key)?.expect(der::INTEGER)?;
        let leading = modulus.iter().take_while(|&&byte| byte == 0).count();
        let significant = modulus.get(leading..)?;
        let zeros = significant.first()?.leading_zeros();
        Some(significant.len() * 8 - usize::try_from(zeros).ok()?)
    }
}

/// The first attribute of this kind in a distinguished name.
fn attribute<'a>(name: &'a [u8], oid: &[u8]) -> Option<&'a [u8]> {
    let mut sets = der::sequence(name)?;
    while let Some(set) = sets.expect(der::SET) {
        let mut attributes = Reader::new(set);
        while let Some(pair) = attributes.expect(der::SEQUENCE) {
            let mut pair = Reader::new(pair);
            if pair.expect(der::OID)? == oid {
                return Some(pair.element()?.body);
            }
        }
    }
    None
}

fn name_of(name: &[u8]) -> String {
    match attribute(name, COMMON_NAME).or_else(|| attribute(name, ORGANIZATION)) {
        Some(text) => super::errors::quoted(&String::from_utf8_lossy(text)),
        None => "a CA without a common name".to_owned(),
    }
}
