//! Private keys: every form that OpenSSL writes, and what is said of those that cannot be used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use cornac_driver::tls::{TlsOptions, Verify};
use rcgen::{CertificateParams, DnType, KeyPair};
use tls_support::{Ca, Leaf, asking, connect, options, pem, prepare};

const PKCS8: &str = include_str!("tls_fixtures/ec.pkcs8.pem");

/// A client certificate for the key of the fixtures.
fn for_fixture_key(ca: &Ca) -> Leaf {
    let key = KeyPair::from_pem(PKCS8).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "alice");
    let certificate = params.signed_by(&key, &ca.issuer()).unwrap();
    Leaf { chain: vec![certificate.der().clone()], key: key.serialize_der() }
}

fn der_of(pem: &[u8]) -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    let text = std::str::from_utf8(pem).unwrap();
    let body = text.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    Base64::decode_vec(&body).unwrap()
}

#[tokio::test]
async fn every_form_of_a_key_signs_for_its_certificate() {
    let ca = Ca::root("Test CA");
    let server = asking(&ca, &ca, &rustls::version::TLS13);
    let leaf = for_fixture_key(&ca);
    let sec1 = include_bytes!("tls_fixtures/ec.sec1.pem");
    let aes256 = include_bytes!("tls_fixtures/ec.pkcs8.aes256.pem");
    let crlf = PKCS8.replace('\n', "\r\n");
    let with_text = format!("some text\n{}{PKCS8}", String::from_utf8(ca.pem()).unwrap());
    let forms: Vec<(&str, Vec<u8>, Option<&str>)> = vec![
        ("PKCS#8", PKCS8.into(), None),
        ("PKCS#8 with a needless passphrase", PKCS8.into(), Some("needless")),
        ("PKCS#8 with CRLF", crlf.into(), None),
        ("PKCS#8 behind a certificate", with_text.into(), None),
        ("PKCS#8 in DER", der_of(PKCS8.as_bytes()), None),
        ("SEC1", sec1.to_vec(), None),
        ("SEC1 in DER", der_of(sec1), None),
        ("SEC1 with AES-128", include_bytes!("tls_fixtures/ec.sec1.aes128.pem").to_vec(), Some("passphrase")),
        ("SEC1 with AES-192", include_bytes!("tls_fixtures/ec.sec1.aes192.pem").to_vec(), Some("passphrase")),
        ("SEC1 with AES-256", include_bytes!("tls_fixtures/ec.sec1.aes256.pem").to_vec(), Some("passphrase")),
        (
            "SEC1 with triple DES",
            include_bytes!("tls_fixtures/ec.sec1.des3.pem").to_vec(),
            Some("passphrase"),
        ),
        (
            "PKCS#8 with AES-128",
            include_bytes!("tls_fixtures/ec.pkcs8.aes128.pem").to_vec(),
            Some("passphrase"),
        ),
        ("PKCS#8 with AES-256", aes256.to_vec(), Some("passphrase")),
        ("PKCS#8 with AES-256 in DER", der_of(aes256), Some("passphrase")),
        (
            "PKCS#8 with triple DES",
            include_bytes!("tls_fixtures/ec.pkcs8.des3.pem").to_vec(),
            Some("passphrase"),
        ),
        (
            "PKCS#8 with scrypt",
            include_bytes!("tls_fixtures/ec.pkcs8.scrypt.pem").to_vec(),
            Some("passphrase"),
        ),
        ("PKCS#8 with an empty passphrase", include_bytes!("tls_fixtures/ec.pkcs8.empty.pem").to_vec(), None),
    ];
    for (form, key, passphrase) in forms {
        let options = TlsOptions {
            certificate: Some(leaf.certificate_pem()),
            key: Some(key),
            passphrase: passphrase.map(str::to_owned),
            ..options(Verify::Full, &[ca.pem()], "db.example")
        };
        if let Err(error) = connect(&server, &options, false).await {
            panic!("{form}: {error}");
        }
    }
}

#[tokio::test]
async fn rsa_keys_of_pkcs1_belong_to_their_certificates() {
    let ca = Ca::root("Test CA");
    // Made for this very key, so that it serves as its own root.
    let certificate = include_bytes!("tls_fixtures/old-ca.pem");
    let encrypted = include_bytes!("tls_fixtures/rsa.pkcs1.aes256.pem");
    let plain = include_bytes!("tls_fixtures/rsa.pkcs1.pem");
    for (key, passphrase) in
        [(plain.to_vec(), None), (der_of(plain), None), (encrypted.to_vec(), Some("passphrase"))]
    {
        let options = TlsOptions {
            certificate: Some(certificate.to_vec()),
            key: Some(key),
            passphrase: passphrase.map(str::to_owned),
            ..options(Verify::Full, &[ca.pem()], "db.example")
        };
        cornac_driver::tls::client(&options, tls_support::PEER).await.unwrap();
    }
}

#[test]
fn keys_and_certificates_that_cannot_be_used_say_why() {
    let ca = Ca::root("Test CA");
    let leaf = for_fixture_key(&ca);
    let certificate = leaf.certificate_pem();
    let fixture = |bytes: &'static [u8]| Some(bytes.to_vec());
    let aes256 = fixture(include_bytes!("tls_fixtures/ec.pkcs8.aes256.pem"));
    let legacy = fixture(include_bytes!("tls_fixtures/ec.sec1.aes256.pem"));
    let legacy_text = std::str::from_utf8(include_bytes!("tls_fixtures/ec.sec1.aes256.pem")).unwrap();
    let (both, none) = (Some(certificate.clone()), None::<Vec<u8>>);
    type Row<'a> = (Option<Vec<u8>>, Option<Vec<u8>>, Option<&'a str>, &'a str, &'a str);
    let rows: Vec<Row<'_>> = vec![
        (
            both.clone(),
            none.clone(),
            None,
            "key",
            "client certificate has no private key: none was given, and its PEM holds none",
        ),
        (Some(leaf.chain[0].to_vec()), none.clone(), None, "key", "client certificate has no private key"),
        (
            none.clone(),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "private key was given without a client certificate",
        ),
        (
            both.clone(),
            Some(ca.leaf(None, &[]).key_pem()),
            None,
            "key",
            "private key does not belong to the client certificate of \"alice\"",
        ),
        (
            both.clone(),
            aes256.clone(),
            None,
            "passphrase",
            "private key is encrypted, and no passphrase was given",
        ),
        (
            both.clone(),
            aes256.clone(),
            Some(""),
            "passphrase",
            "private key is encrypted, and no passphrase was given",
        ),
        (
            both.clone(),
            aes256,
            Some("canary"),
            "passphrase",
            "private key cannot be decrypted: the passphrase is wrong",
        ),
        (
            both.clone(),
            legacy.clone(),
            None,
            "passphrase",
            "private key is encrypted, and no passphrase was given",
        ),
        (
            both.clone(),
            legacy,
            Some("canary"),
            "passphrase",
            "private key cannot be decrypted: the passphrase is wrong",
        ),
        (
            both.clone(),
            fixture(include_bytes!("tls_fixtures/ec.pkcs8.scrypt.pem")),
            Some("canary"),
            "passphrase",
            "the passphrase is wrong",
        ),
        (
            both.clone(),
            fixture(include_bytes!("tls_fixtures/ec.pkcs8.pbe.pem")),
            Some("passphrase"),
            "key",
            "encrypted with an algorithm that is not supported",
        ),
        (
            both.clone(),
            fixture(include_bytes!("tls_fixtures/ec.pkcs8.pbe1.pem")),
            Some("passphrase"),
            "key",
            "encrypted with an algorithm that is not supported",
        ),
        (
            both.clone(),
            fixture(include_bytes!("tls_fixtures/ec.sec1.aria.pem")),
            Some("passphrase"),
            "key",
            "encrypted with \"ARIA-256-CBC\", which is not supported",
        ),
        (
            both.clone(),
            fixture(include_bytes!("tls_fixtures/openssh.pem")),
            None,
            "key",
            "private key of the kind \"OPENSSH PRIVATE KEY\" cannot be used",
        ),
        (
            both.clone(),
            Some(legacy_text.replace("DEK-Info", "X-Info").into()),
            None,
            "key",
            "its \"DEK-Info\" header is missing or malformed",
        ),
        (
            both.clone(),
            Some(legacy_text.replace("CBC,", "CBC,XY").into()),
            None,
            "key",
            "its \"DEK-Info\" header is missing or malformed",
        ),
        (
            both.clone(),
            Some(legacy_text.replace("CBC,", "CBC,0").into()),
            None,
            "key",
            "its \"DEK-Info\" header is missing or malformed",
        ),
        (
            both.clone(),
            Some(legacy_text.replace("CBC,", "CBC,00").into()),
            None,
            "key",
            "its \"DEK-Info\" header is missing or malformed",
        ),
        (
            both.clone(),
            Some(certificate.clone()),
            None,
            "key",
            "private key was expected, but the PEM holds \"CERTIFICATE\" only",
        ),
        (both.clone(), Some(b"canary".to_vec()), None, "key", "private key is neither PEM nor DER"),
        (both.clone(), Some(vec![]), None, "key", "private key is neither PEM nor DER"),
        (
            both.clone(),
            Some(b"\x30\x06\x02\x01\x03\x30\x01\x00".to_vec()),
            None,
            "key",
            "private key is in a PKCS#12 file",
        ),
        (
            both.clone(),
            Some(pem("PRIVATE KEY", b"canary").into()),
            None,
            "key",
            "private key is damaged: its contents are not a key",
        ),
        (
            both.clone(),
            Some(pem("ENCRYPTED PRIVATE KEY", b"canary").into()),
            None,
            "key",
            "private key is damaged: its encrypted contents cannot be read",
        ),
        (
            both.clone(),
            Some(pem("PRIVATE KEY", b"\x30\x05\x02\x01\x00\x30\x00").into()),
            None,
            "key",
            "private key is damaged or of a kind that cannot be used",
        ),
        (
            both.clone(),
            Some(PKCS8.replace("M", "!").into()),
            None,
            "key",
            "private key is broken PEM: its section \"PRIVATE KEY\" is not base64",
        ),
        (
            both.clone(),
            Some(PKCS8.replace("-----END", "").into()),
            None,
            "key",
            "private key is broken PEM: its section \"PRIVATE KEY\" has no END line",
        ),
        (
            Some(b"canary".to_vec()),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "client certificate is neither PEM nor DER",
        ),
        (
            Some(b" \n".to_vec()),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "client certificate is empty",
        ),
        (
            Some(PKCS8.into()),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "client certificate was expected, but the PEM holds \"PRIVATE KEY\" only",
        ),
        (
            Some(pem("CERTIFICATE", b"canary").into()),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "client certificate is damaged or no X.509 certificate",
        ),
        (
            Some(pem("CERTIFICATE", b"\x30\x02\x05\x00").into()),
            fixture(PKCS8.as_bytes()),
            None,
            "certificate",
            "client certificate is damaged or no X.509 certificate",
        ),
    ];
    for (certificate, key, passphrase, option, message) in rows {
        let options = TlsOptions {
            certificate,
            key,
            passphrase: passphrase.map(str::to_owned),
            ..options(Verify::None, &[ca.pem()], "db.example")
        };
        let error = prepare(&options).err().unwrap_or_else(|| panic!("accepted, despite: {message}"));
        assert!(error.message.contains(message), "{error}, not: {message}");
        assert_eq!(error.option, option, "{error}");
        let printed = format!("{error} {error:?} {options:?}");
        assert!(!printed.contains("canary") && !printed.contains("99, 97, 110"), "{printed}");
    }
}
