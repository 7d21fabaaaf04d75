//! The encryption of PEM before PKCS#8 (`Proc-Type: 4,ENCRYPTED`), still what `openssl rsa -aes256` writes with
//! `-traditional`: RFC 1421's headers, a key from one round of MD5 over passphrase and salt (OpenSSL's
//! EVP_BytesToKey), and CBC with the padding of PKCS#7.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use des::TdesEde3;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

/// Why a body stays closed.
pub(super) enum LegacyError {
    /// `DEK-Info` is missing or malformed.
    Header,
    /// Another cipher than AES and triple DES in CBC mode.
    Cipher(String),
    /// The padding is wrong, which a wrong passphrase makes very likely.
    Passphrase,
}

/// Decrypts a body by its `DEK-Info` header.
pub(super) fn decrypt(
    info: Option<&str>,
    body: &[u8],
    passphrase: &[u8],
) -> Result<Zeroizing<Vec<u8>>, LegacyError> {
    let (cipher, iv) = info.and_then(|info| info.split_once(',')).ok_or(LegacyError::Header)?;
    let iv = hexadecimal(iv.trim()).ok_or(LegacyError::Header)?;
    match cipher.trim().to_ascii_uppercase().as_str() {
        "AES-128-CBC" => open::<cbc::Decryptor<Aes128>, 16>(body, passphrase, &iv),
        "AES-192-CBC" => open::<cbc::Decryptor<Aes192>, 24>(body, passphrase, &iv),
        "AES-256-CBC" => open::<cbc::Decryptor<Aes256>, 32>(body, passphrase, &iv),
        "DES-EDE3-CBC" => open::<cbc::Decryptor<TdesEde3>, 24>(body, passphrase, &iv),
        other => Err(LegacyError::Cipher(other.to_owned())),
    }
}

fn open<D: BlockModeDecrypt + KeyIvInit, const KEY: usize>(
    body: &[u8],
    passphrase: &[u8],
    iv: &[u8],
) -> Result<Zeroizing<Vec<u8>>, LegacyError> {
    let salt = iv.get(..8).ok_or(LegacyError::Header)?;
    let key = derive::<KEY>(passphrase, salt);
    let cipher = D::new_from_slices(key.as_slice(), iv).map_err(|_| LegacyError::Header)?;
    let mut buffer = Zeroizing::new(body.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| LegacyError::Passphrase)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// EVP_BytesToKey with MD5 and a count of one: each block hashes the one before, the passphrase and the salt.
fn derive<const KEY: usize>(passphrase: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(KEY + 16));
    let mut block = Zeroizing::new(Vec::new());
    while key.len() < KEY {
        let mut hash = Md5::new();
        hash.update(block.as_slice());
        hash.update(passphrase);
        hash.update(salt);
        block = Zeroizing::new(hash.finalize().to_vec());
        key.extend_from_slice(&block);
    }
    key.truncate(KEY);
    key
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| {
            let high = char::from(*pair.first()?).to_digit(16)?;
            let low = char::from(*pair.last()?).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}
