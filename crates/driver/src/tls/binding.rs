//! The channel binding `tls-server-end-point` (RFC 5929, section 4): a hash over the server's certificate.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader};
use sha2::Digest;
use x509_cert::spki::AlgorithmIdentifierRef;

use super::algorithm::{self, Hash};

/// The binding data for SCRAM-SHA-256-PLUS, from the server's certificate in DER.
///
/// The hash is the one of the certificate's signature, SHA-256 in place of MD5 and SHA-1. `None` where the
/// signature algorithm has no single hash (Ed25519, Ed448) or is unknown: then the type of binding is not
/// defined, and PostgreSQL's server does not offer it either.
pub fn binding(leaf_der: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(leaf_der).ok()?;
    Some(match algorithm::hash(&algorithm)? {
        Hash::Sha224 => sha2::Sha224::digest(leaf_der).to_vec(),
        Hash::Sha256 => sha2::Sha256::digest(leaf_der).to_vec(),
        Hash::Sha384 => sha2::Sha384::digest(leaf_der).to_vec(),
        Hash::Sha512 => sha2::Sha512::digest(leaf_der).to_vec(),
        Hash::Sha512Of224 => sha2::Sha512_224::digest(leaf_der).to_vec(),
        Hash::Sha512Of256 => sha2::Sha512_256::digest(leaf_der).to_vec(),
    })
}

/// The second field of a certificate, behind what is signed (RFC 5280, 4.1).
fn signature_algorithm(leaf_der: &[u8]) -> der::Result<AlgorithmIdentifierRef<'_>> {
    let mut certificate = SliceReader::new(AnyRef::from_der(leaf_der)?.value())?;
    certificate.tlv_bytes()?;
    certificate.decode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::pem;

    fn hexadecimal(pem: &[u8]) -> Option<String> {
        let sections = pem::sections(pem).unwrap();
        let der = sections[0].decode().unwrap();
        Some(binding(&der)?.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Expected values by `openssl x509 -outform der | openssl dgst`.
    #[test]
    fn the_hash_is_that_of_the_signature_but_never_md5_or_sha_1() {
        let rows: [(&[u8], &str); 7] = [
            (
                include_bytes!("../../tests/tls_fixtures/md5.pem"),
                "7812c77fe839ab2c4b2feeec58bd8d7dea9a492870f7a62fbd39369f6373bbc4",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/sha1.pem"),
                "44688f7c6ae1b18bebd56813d53acde370c757fe431d7ca1fcee348779e0e56a",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/sha224.pem"),
                "761cc4739aabcd89ee059cad551cf0948226ba07e343a8a3947f7b97",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/pss1.pem"),
                "46e2a1182cd5aab2fdbdcfa6f0e08a558d9f3d78ef0bee91f082d75d2892843b",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/pss384.pem"),
                "c9e57678a06a80bfdc02b08fdb12827f7ee8644cdc5511b4d55d71a853b6189d51f24be42b534d0187613c4828849ea0",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/old-ca.pem"),
                "f9299031809e1d9d4ce8cd624e31b2d3794866c6f2bde4803e6846401bf65742",
            ),
            (
                include_bytes!("../../tests/tls_fixtures/self.pem"),
                "a4e141bb9d92c4afe0dbbcced18fd4ad4c05c3a62d7ecc50642a9a87da2fb373",
            ),
        ];
        for (certificate, expected) in rows {
            assert_eq!(hexadecimal(certificate).as_deref(), Some(expected));
        }
    }

    /// A certificate with nothing in it but its signature algorithm.
    fn signed_with(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
        let element = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()], body].concat();
        let algorithm = [element(0x06, oid), parameters.to_vec()].concat();
        let fields = [element(0x30, b""), element(0x30, &algorithm), element(0x03, b"\0")];
        element(0x30, &fields.concat())
    }

    #[test]
    fn every_signature_algorithm_has_its_length_of_hash() {
        let rsa = |last: u8| [&b"\x2a\x86\x48\x86\xf7\x0d\x01\x01"[..], &[last]].concat();
        let ecdsa = |last: u8| [&b"\x2a\x86\x48\xce\x3d\x04\x03"[..], &[last]].concat();
        let dsa = |last: u8| [&b"\x60\x86\x48\x01\x65\x03\x04\x03"[..], &[last]].concat();
        for (oid, bytes) in [
            (rsa(4), Some(32)),
            (rsa(5), Some(32)),
            (rsa(10), Some(32)),
            (rsa(11), Some(32)),
            (rsa(12), Some(48)),
            (rsa(13), Some(64)),
            (rsa(14), Some(28)),
            (rsa(15), Some(28)),
            (rsa(16), Some(32)),
            (rsa(99), None),
            (ecdsa(1), Some(28)),
            (ecdsa(2), Some(32)),
            (ecdsa(3), Some(48)),
            (ecdsa(4), Some(64)),
            (b"\x2a\x86\x48\xce\x3d\x04\x01".to_vec(), Some(32)),
            (b"\x2a\x86\x48\xce\x38\x04\x03".to_vec(), Some(32)),
            (dsa(1), Some(28)),
            (dsa(2), Some(32)),
            (dsa(9), None),
            (b"\x2b\x65\x70".to_vec(), None),
            (b"\x2b\x65\x71".to_vec(), None),
        ] {
            assert_eq!(binding(&signed_with(&oid, b"")).map(|hash| hash.len()), bytes, "{oid:02x?}");
            let null = signed_with(&oid, if oid.ends_with(&[10]) { b"\x30\x00" } else { b"\x05\x00" });
            assert_eq!(binding(&null).map(|hash| hash.len()), bytes, "{oid:02x?}");
        }
        for broken in
            [&b""[..], b"\x30", b"\x30\x00", b"\x30\x02\x30\x00", b"\x30\x04\x30\x00\x30\x00", b"garbage"]
        {
            assert_eq!(binding(broken), None);
        }
        let pss = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
        assert_eq!(binding(&signed_with(pss, b"\x30\x06\xa0\x04\x30\x02\x06\x00")), None);
    }
}
