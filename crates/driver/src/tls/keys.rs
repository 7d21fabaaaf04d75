//! Private keys in every form that OpenSSL writes: PKCS#8, PKCS#1 and SEC1, in PEM or DER, encrypted or not.

use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use pkcs5::EncryptionScheme;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use zeroize::Zeroizing;

use super::errors::TlsConfigError;
use super::legacy_key::{self, LegacyError};
use super::pem::{self, Section};

const CONVERT: &str = "convert it with \"openssl pkcs8 -topk8 -v2 aes-256-cbc\"";

/// The private key in `bytes`. An absent passphrase counts as empty, so that nothing ever prompts.
pub(super) fn private_key(
    bytes: &[u8],
    passphrase: Option<&str>,
) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    if pem::is_pem(bytes) {
        let sections =
            pem::sections(bytes).map_err(|reason| error(format!("private key is broken PEM: {reason}")))?;
        match from_sections(&sections, passphrase)? {
            Some(key) => Ok(key),
            None => {
                Err(error(format!("private key was expected, but the PEM holds {}", pem::only(&sections))))
            }
        }
    } else {
        from_der(bytes, passphrase)
    }
}

/// The first private key among sections of PEM, `None` if there is none.
pub(super) fn from_sections(
    sections: &[Section],
    passphrase: Option<&str>,
) -> Result<Option<PrivateKeyDer<'static>>, TlsConfigError> {
    let Some(section) = sections.iter().find(|section| section.label.ends_with("PRIVATE KEY")) else {
        return Ok(None);
    };
    let body = section.decode().ok_or_else(|| {
        error(format!("private key is broken PEM: its section {} is not base64", pem::name(&section.label)))
    })?;
    let body = match section.header("Proc-Type") {
        Some(kind) if kind.ends_with("ENCRYPTED") => legacy(section, &body, passphrase)?,
        _ => body,
    };
    match section.label.as_str() {
        "PRIVATE KEY" => checked(KeyFormat::Pkcs8, &body),
        "RSA PRIVATE KEY" => checked(KeyFormat::Pkcs1, &body),
        "EC PRIVATE KEY" => checked(KeyFormat::Sec1, &body),
        "ENCRYPTED PRIVATE KEY" => pkcs8_encrypted(&body, passphrase),
        other => {
            Err(error(format!("private key of the kind {} cannot be used", pem::name(other))).hint(CONVERT))
        }
    }
    .map(Some)
}

fn from_der(bytes: &[u8], passphrase: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    let format = if pem::is_der(bytes) { format_of(bytes) } else { None };
    match format {
        Some(KeyFormat::Encrypted) => pkcs8_encrypted(bytes, passphrase),
        Some(KeyFormat::Pkcs12) => Err(error("private key is in a PKCS#12 file, which cannot be read")
            .hint("extract it with \"openssl pkcs12 -nocerts -in FILE\"")),
        Some(format) => checked(format, bytes),
        None => Err(error("private key is neither PEM nor DER")),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyFormat {
    Pkcs8,
    Pkcs1,
    Sec1,
    Encrypted,
    Pkcs12,
}

/// What a DER key is, by its first two fields.
fn format_of(bytes: &[u8]) -> Option<KeyFormat> {
    let mut fields = SliceReader::new(AnyRef::from_der(bytes).ok()?.value()).ok()?;
    let first = fields.decode::<AnyRef<'_>>().ok()?;
    let second = Tag::peek(&fields).ok()?;
    match (first.tag(), first.value(), second) {
        (Tag::Integer, [0 | 1], Tag::Sequence) => Some(KeyFormat::Pkcs8),
        (Tag::Integer, [0], Tag::Integer) => Some(KeyFormat::Pkcs1),
        (Tag::Integer, [1], Tag::OctetString) => Some(KeyFormat::Sec1),
        (Tag::Sequence, _, Tag::OctetString) => Some(KeyFormat::Encrypted),
        (Tag::Integer, [3], Tag::Sequence) => Some(KeyFormat::Pkcs12),
        _ => None,
    }
}

fn checked(expected: KeyFormat, body: &[u8]) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    if !pem::is_der(body) || format_of(body) != Some(expected) {
        return Err(error("private key is damaged: its contents are not a key"));
    }
    Ok(match expected {
        KeyFormat::Pkcs1 => PrivatePkcs1KeyDer::from(body.to_vec()).into(),
        KeyFormat::Sec1 => PrivateSec1KeyDer::from(body.to_vec()).into(),
        _ => PrivatePkcs8KeyDer::from(body.to_vec()).into(),
    })
}

fn legacy(
    section: &Section,
    body: &[u8],
    passphrase: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, TlsConfigError> {
    match legacy_key::decrypt(section.header("DEK-Info"), body, passphrase.unwrap_or_default().as_bytes()) {
        // One wrong passphrase in 256 leaves padding that looks right.
        Ok(plain) if pem::is_der(&plain) => Ok(plain),
        Ok(_) | Err(LegacyError::Passphrase) => Err(wrong_passphrase(passphrase)),
        Err(LegacyError::Header) => {
            Err(error("private key is encrypted, but its \"DEK-Info\" header is missing or malformed"))
        }
        Err(LegacyError::Cipher(cipher)) => Err(error(format!(
            "private key is encrypted with {}, which is not supported",
            pem::name(&cipher)
        ))
        .hint(CONVERT)),
    }
}

/// EncryptedPrivateKeyInfo (RFC 5958, section 3).
fn pkcs8_encrypted(bytes: &[u8], passphrase: Option<&str>) -> Result<PrivateKeyDer<'static>, TlsConfigError> {
    let (algorithm, ciphertext) = encrypted_parts(bytes)
        .map_err(|_| error("private key is damaged: its encrypted contents cannot be read"))?;
    let unsupported =
        || error("private key is encrypted with an algorithm that is not supported").hint(CONVERT);
    let scheme = EncryptionScheme::try_from(algorithm).map_err(|_| unsupported())?;
    let plain = match scheme.decrypt(passphrase.unwrap_or_default(), ciphertext) {
        Ok(plain) => Zeroizing::new(plain),
        Err(pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed) => {
            return Err(wrong_passphrase(passphrase));
        }
        Err(_) => return Err(unsupported()),
    };
    if !pem::is_der(&plain) {
        return Err(wrong_passphrase(passphrase));
    }
    checked(KeyFormat::Pkcs8, &plain)
}

/// The AlgorithmIdentifier, whole, and what it encrypted.
fn encrypted_parts(bytes: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let mut fields = SliceReader::new(AnyRef::from_der(bytes)?.value())?;
    let algorithm = fields.tlv_bytes()?;
    let ciphertext = fields.decode::<&OctetStringRef>()?;
    Ok((algorithm, ciphertext.as_bytes()))
}

fn wrong_passphrase(passphrase: Option<&str>) -> TlsConfigError {
    match passphrase {
        Some(given) if !given.is_empty() => {
            TlsConfigError::new("passphrase", "private key cannot be decrypted: the passphrase is wrong")
        }
        _ => TlsConfigError::new("passphrase", "private key is encrypted, and no passphrase was given")
            .hint("give it as sslpassword, or as passphrase of the ssl option"),
    }
}

fn error(message: impl Into<String>) -> TlsConfigError {
    TlsConfigError::new("key", message)
}
