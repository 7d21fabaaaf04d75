//! Signature algorithms of certificates: their names, and the hash that channel binding takes from them.

use der::asn1::{AnyRef, ContextSpecific};
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5912::{
    DSA_WITH_SHA_1, DSA_WITH_SHA_224, DSA_WITH_SHA_256, ECDSA_WITH_SHA_224, ECDSA_WITH_SHA_256,
    ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_MD_5, ID_RSASSA_PSS, ID_SHA_1, ID_SHA_224, ID_SHA_256,
    ID_SHA_384, ID_SHA_512, MD_2_WITH_RSA_ENCRYPTION, MD_5_WITH_RSA_ENCRYPTION, RSA_ENCRYPTION,
    SHA_1_WITH_RSA_ENCRYPTION, SHA_224_WITH_RSA_ENCRYPTION, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use der::oid::db::rfc8410::{ID_ED_448, ID_ED_25519};
use der::{Reader, SliceReader, TagNumber};
use x509_cert::spki::AlgorithmIdentifierRef;

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

const fn oid(number: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(number)
}

/// Every signature algorithm that has a name here. An algorithm stands without a hash where it has none of its own, or one
/// that nobody should use.
const SIGNATURES: [(ObjectIdentifier, &str, Option<Hash>); 22] = [
    (RSA_ENCRYPTION, "rsaEncryption", None),
    (MD_2_WITH_RSA_ENCRYPTION, "md2WithRSAEncryption", None),
    (MD_5_WITH_RSA_ENCRYPTION, "md5WithRSAEncryption", Some(Hash::Sha256)),
    (SHA_1_WITH_RSA_ENCRYPTION, "sha1WithRSAEncryption", Some(Hash::Sha256)),
    (SHA_224_WITH_RSA_ENCRYPTION, "sha224WithRSAEncryption", Some(Hash::Sha224)),
    (SHA_256_WITH_RSA_ENCRYPTION, "sha256WithRSAEncryption", Some(Hash::Sha256)),
    (SHA_384_WITH_RSA_ENCRYPTION, "sha384WithRSAEncryption", Some(Hash::Sha384)),
    (SHA_512_WITH_RSA_ENCRYPTION, "sha512WithRSAEncryption", Some(Hash::Sha512)),
    // RFC 8017, appendix B.1.
    (oid("1.2.840.113549.1.1.15"), "sha512-224WithRSAEncryption", Some(Hash::Sha512Of224)),
    (oid("1.2.840.113549.1.1.16"), "sha512-256WithRSAEncryption", Some(Hash::Sha512Of256)),
    // RFC 3279, 2.2.3.
    (oid("1.2.840.10045.4.1"), "ecdsa-with-SHA1", Some(Hash::Sha256)),
    (ECDSA_WITH_SHA_224, "ecdsa-with-SHA224", Some(Hash::Sha224)),
    (ECDSA_WITH_SHA_256, "ecdsa-with-SHA256", Some(Hash::Sha256)),
    (ECDSA_WITH_SHA_384, "ecdsa-with-SHA384", Some(Hash::Sha384)),
    (ECDSA_WITH_SHA_512, "ecdsa-with-SHA512", Some(Hash::Sha512)),
    (DSA_WITH_SHA_1, "dsa-with-sha1", Some(Hash::Sha256)),
    (DSA_WITH_SHA_224, "dsa-with-sha224", Some(Hash::Sha224)),
    (DSA_WITH_SHA_256, "dsa-with-sha256", Some(Hash::Sha256)),
    // NIST, "Computer Security Objects Register".
    (oid("2.16.840.1.101.3.4.3.3"), "dsa-with-sha384", Some(Hash::Sha384)),
    (oid("2.16.840.1.101.3.4.3.4"), "dsa-with-sha512", Some(Hash::Sha512)),
    (ID_ED_25519, "Ed25519", None),
    (ID_ED_448, "Ed448", None),
];

/// The hash functions of RSASSA-PSS (RFC 4055, 2.1; RFC 8017, appendix B.1).
const HASHES: [(ObjectIdentifier, Hash); 8] = [
    (ID_MD_5, Hash::Sha256),
    (ID_SHA_1, Hash::Sha256),
    (ID_SHA_224, Hash::Sha224),
    (ID_SHA_256, Hash::Sha256),
    (ID_SHA_384, Hash::Sha384),
    (ID_SHA_512, Hash::Sha512),
    (oid("2.16.840.1.101.3.4.2.5"), Hash::Sha512Of224),
    (oid("2.16.840.1.101.3.4.2.6"), Hash::Sha512Of256),
];

/// What hash a signature was made over, `None` for the algorithms that have none of their own.
pub(super) fn hash(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<Hash> {
    if algorithm.oid == ID_RSASSA_PSS {
        return pss_hash(algorithm.parameters);
    }
    SIGNATURES.iter().find(|(known, ..)| *known == algorithm.oid).and_then(|(.., hash)| *hash)
}

/// RSASSA-PSS names its hash in its parameters; absent means SHA-1 (RFC 4055, 3.1).
fn pss_hash(parameters: Option<AnyRef<'_>>) -> Option<Hash> {
    let Some(parameters) = parameters else { return Some(Hash::Sha256) };
    let fields = parameters.decode_as::<PssParameters>().ok()?;
    let Some(hash) = fields.hash else { return Some(Hash::Sha256) };
    HASHES.iter().find(|(known, _)| *known == hash).map(|(_, hash)| *hash)
}

/// The part of RSASSA-PSS-params that counts here.
struct PssParameters {
    hash: Option<ObjectIdentifier>,
}

impl<'a> der::DecodeValue<'a> for PssParameters {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: der::Header) -> der::Result<Self> {
        let body = reader.read_slice(header.length())?;
        let mut fields = SliceReader::new(body)?;
        let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(&mut fields, TagNumber(0))?;
        Ok(Self { hash: hash.map(|hash| hash.value.oid) })
    }
}

impl der::FixedTag for PssParameters {
    const TAG: der::Tag = der::Tag::Sequence;
}

/// The name of an algorithm that was refused, or its dotted number; from the contents of an AlgorithmIdentifier.
pub(super) fn name(contents: &[u8]) -> String {
    let algorithm = SliceReader::new(contents).and_then(|mut fields| fields.decode::<ObjectIdentifier>());
    let Ok(algorithm) = algorithm else { return "an unknown algorithm".to_owned() };
    if algorithm == ID_RSASSA_PSS {
        // Only a salt as long as the hash is supported. OpenSSL makes a longer one unless it is told not to.
        return "rsassaPss of unusual parameters".to_owned();
    }
    let known = SIGNATURES.iter().find(|(known, ..)| *known == algorithm);
    known.map_or_else(|| algorithm.to_string(), |(_, name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_algorithms_are_named_by_number() {
        assert_eq!(name(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00"), "sha1WithRSAEncryption");
        assert_eq!(name(b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x0e"), "2.16.840.1.101.3.4.3.14");
        assert_eq!(name(b"\x06\x03\x2b\x65\x71"), "Ed448");
        assert_eq!(name(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), "rsassaPss of unusual parameters");
        for odd in [&b""[..], b"\x06", b"\x06\x00", b"\x05\x00"] {
            assert_eq!(name(odd), "an unknown algorithm");
        }
    }
}
