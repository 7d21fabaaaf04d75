//! Signature algorithms of certificates: their names, and the hash that channel binding takes from them.

use super::der::{self, Reader};

/// A hash function, as RFC 5929 section 4.1 wants it: MD5 and SHA-1 are replaced by SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512Of224,
    Sha512Of256,
}

/// An AlgorithmIdentifier: the bytes of its OID, and the rest of it.
#[derive(Clone, Copy)]
pub(super) struct Algorithm<'a> {
    pub(super) oid: &'a [u8],
    pub(super) parameters: &'a [u8],
}

/// PKCS#1 (RFC 8017), 1.2.840.113549.1.1
const PKCS1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
/// ecdsa-with-SHA2 (RFC 5758), 1.2.840.10045.4.3
const ECDSA_SHA2: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x03";
/// ecdsa-with-SHA1 (RFC 3279), 1.2.840.10045.4.1
const ECDSA_SHA1: &[u8] = b"\x2a\x86\x48\xce\x3d\x04\x01";
/// id-dsa-with-sha1 (RFC 3279), 1.2.840.10040.4.3
const DSA_SHA1: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x03";
/// NIST's signatures: 1 and 2 are DSA (RFC 5758), 9 to 16 have SHA-3. 2.16.840.1.101.3.4.3
const NIST_SIGNATURES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x03";
/// NIST's hash functions (RFC 5754), 2.16.840.1.101.3.4.2
const NIST_HASHES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";
/// SHA-1, 1.3.14.3.2.26
const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
/// MD5, 1.2.840.113549.2.5
const MD5: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x05";
/// RFC 8410, 1.3.101.112 and 113
const ED25519: &[u8] = b"\x2b\x65\x70";
const ED448: &[u8] = b"\x2b\x65\x71";

impl<'a> Algorithm<'a> {
    /// From the contents of an AlgorithmIdentifier.
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let oid = reader.expect(der::OID)?;
        let parameters = if reader.is_empty() { &[][..] } else { reader.element()?.whole };
        Some(Self { oid, parameters })
    }

    pub(super) fn is_rsa_key(&self) -> bool {
        self.oid.strip_prefix(PKCS1).is_some_and(|last| last == [1] || last == [10])
    }

    /// What hash the signature was made over, `None` for the algorithms that have none of their own.
    pub(super) fn hash(&self) -> Option<Hash> {
        if let Some(&[last]) = self.oid.strip_prefix(PKCS1) {
            return match last {
                4 | 5 | 11 => Some(Hash::Sha256),
                10 => self.pss_hash(),
                12 => Some(Hash::Sha384),
                13 => Some(Hash::Sha512),
                14 => Some(Hash::Sha224),
                15 => Some(Hash::Sha512Of224),
                16 => Some(Hash::Sha512Of256),
                _ => None,
            };
        }
        if let Some(&[last]) = self.oid.strip_prefix(ECDSA_SHA2) {
            return match last {
                1 => Some(Hash::Sha224),
                2 => Some(Hash::Sha256),
                3 => Some(Hash::Sha384),
                4 => Some(Hash::Sha512),
                _ => None,
            };
        }
        if let Some(&[last]) = self.oid.strip_prefix(NIST_SIGNATURES) {
            return match last {
                1 => Some(Hash::Sha224),
                2 => Some(Hash::Sha256),
                3 => Some(Hash::Sha384),
                4 => Some(Hash::Sha512),
                _ => None,
            };
        }
        (self.oid == ECDSA_SHA1 || self.oid == DSA_SHA1).then_some(Hash::Sha256)
    }

    /// RSASSA-PSS names its hash in its parameters; absent means SHA-1 (RFC 4055, 3.1).
    fn pss_hash(&self) -> Option<Hash> {
        if self.parameters.is_empty() {
            return Some(Hash::Sha256);
        }
        let mut fields = der::sequence(self.parameters)?;
        let Some(tagged) = fields.take_if(der::context(0)) else { return Some(Hash::Sha256) };
        let hash = Algorithm::parse(Reader::new(tagged).expect(der::SEQUENCE)?)?.oid;
        match hash.strip_prefix(NIST_HASHES) {
            Some([1]) => Some(Hash::Sha256),
            Some([2]) => Some(Hash::Sha384),
            Some([3]) => Some(Hash::Sha512),
            Some([4]) => Some(Hash::Sha224),
            Some([5]) => Some(Hash::Sha512Of224),
            Some([6]) => Some(Hash::Sha512Of256),
            _ => (hash == SHA1 || hash == MD5).then_some(Hash::Sha256),
        }
    }

    /// The name of an algorithm that was refused, or its dotted number.
    pub(super) fn name(&self) -> String {
        let known = match self.oid.strip_prefix(PKCS1) {
            Some([1]) => "rsaEncryption",
            Some([2]) => "md2WithRSAEncryption",
            Some([4]) => "md5WithRSAEncryption",
            Some([5]) => "sha1WithRSAEncryption",
            // A salt as long as the hash is what is supported, OpenSSL alone makes it longer unless told not to.
            Some([10]) => "rsassaPss of unusual parameters",
            Some([11]) => "sha256WithRSAEncryption",
            Some([12]) => "sha384WithRSAEncryption",
            Some([13]) => "sha512WithRSAEncryption",
            Some([14]) => "sha224WithRSAEncryption",
            _ => match self.oid.strip_prefix(ECDSA_SHA2) {
                Some([1]) => "ecdsa-with-SHA224",
                Some([2]) => "ecdsa-with-SHA256",
                Some([3]) => "ecdsa-with-SHA384",
                Some([4]) => "ecdsa-with-SHA512",
                _ if self.oid == ECDSA_SHA1 => "ecdsa-with-SHA1",
                _ if self.oid == DSA_SHA1 => "dsa-with-sha1",
                _ if self.oid == ED25519 => "Ed25519",
                _ if self.oid == ED448 => "Ed448",
                _ => return dotted(self.oid),
            },
        };
        known.to_owned()
    }
}

/// An OID as numbers with dots.
fn dotted(oid: &[u8]) -> String {
    let mut numbers = Vec::new();
    let mut current = 0_u64;
    for &byte in oid {
        current = current.wrapping_mul(128).wrapping_add(u64::from(byte & 0x7f));
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (current / 40).min(2);
                numbers.push(first.to_string());
                current -= first * 40;
            }
            numbers.push(current.to_string());
            current = 0;
        }
        // A hostile certificate may bring a very long one.
        if numbers.len() > 20 {
            break;
        }
    }
    numbers.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_algorithms_are_named_by_number() {
        let name = |oid| Algorithm { oid, parameters: &[] }.name();
        assert_eq!(name(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"), "sha1WithRSAEncryption");
        assert_eq!(name(b"\x60\x86\x48\x01\x65\x03\x04\x03\x0e"), "2.16.840.1.101.3.4.3.14");
        assert_eq!(name(b"\x2b\x65\x71"), "Ed448");
        assert_eq!(name(b""), "");
    }
}
