//! Options that cannot be used, the system's roots, and what is printed of secrets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use cornac_driver::tls::{Roots, SystemRoots, TlsOptions, TlsVersion, Verify};
use tls_support::{Ca, connect, options, pem, prepare, server};

const HOST: &str = "db.example";

fn refusal(options: &TlsOptions) -> (String, &'static str, String) {
    let error = prepare(options).err().unwrap_or_else(|| panic!("accepted: {options:?}"));
    (error.message, error.option, error.hint.unwrap_or_default())
}

#[test]
fn roots_and_lists_that_cannot_be_read_are_named() {
    let ca = Ca::root("Test CA");
    let crl = ca.crl(&[], 2090);
    let cut = ca.pem()[..200].to_vec();
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (b"garbage".to_vec(), "is neither PEM nor DER"),
        (b"\x30\x82\x01\x00".to_vec(), "is neither PEM nor DER"),
        (b"".to_vec(), "is empty"),
        (b"\r\n \n".to_vec(), "is empty"),
        (b"-----BEGIN nothing".to_vec(), "was expected, but the PEM holds no section"),
        (cut, "is broken PEM: its section \"CERTIFICATE\" has no END line"),
        (pem("PUBLIC KEY", b"x").into(), "was expected, but the PEM holds \"PUBLIC KEY\" only"),
    ];
    for (bytes, message) in rows {
        for verify in [Verify::None, Verify::Ca, Verify::Full] {
            let (text, option, _) = refusal(&options(verify, std::slice::from_ref(&bytes), HOST));
            assert_eq!((text, option), (format!("root certificate {message}"), "ca"));
            if !message.contains("CERTIFICATE") {
                let crls = vec![bytes.clone()];
                let (text, option, _) = refusal(&TlsOptions { crls, ..options(verify, &[ca.pem()], HOST) });
                assert_eq!((text, option), (format!("certificate revocation list {message}"), "crls"));
            }
        }
    }
    for der in [&b"\x30\x00"[..], b"\x30\x03\x02\x01\x00"] {
        let (text, ..) = refusal(&options(Verify::Ca, &[ca.pem(), der.to_vec()], HOST));
        assert_eq!(text, "root certificate 2 is damaged or no X.509 certificate");
        let crls = vec![der.to_vec()];
        let (text, ..) = refusal(&TlsOptions { crls, ..options(Verify::Ca, &[ca.pem()], HOST) });
        assert_eq!(text, "certificate revocation list is damaged or no X.509 CRL");
    }
    let (text, ..) = refusal(&TlsOptions { crls: vec![ca.pem()], ..options(Verify::Ca, &[ca.pem()], HOST) });
    assert_eq!(text, "certificate revocation list was expected, but the PEM holds \"CERTIFICATE\" only");
    let (text, ..) = refusal(&options(Verify::Ca, &[crl], HOST));
    assert_eq!(text, "root certificate was expected, but the PEM holds \"X509 CRL\" only");
    let (text, ..) = refusal(&options(Verify::Ca, &[], HOST));
    assert_eq!(text, "no root certificate was given");
}

#[test]
fn verification_needs_roots() {
    for (verify, mode) in [(Verify::Ca, "verify-ca"), (Verify::Full, "verify-full")] {
        let options = TlsOptions { verify, roots: Roots::None, ..TlsOptions::default() };
        let (text, option, hint) = refusal(&options);
        assert_eq!(text, format!("{mode} needs a root certificate, and none is configured"));
        assert!(option == "ca" && hint.contains("sslrootcert"));
    }
    let options = TlsOptions { verify: Verify::None, roots: Roots::None, ..TlsOptions::default() };
    prepare(&options).unwrap();
}

#[test]
fn versions_names_and_files_that_cannot_be_are_refused() {
    let ca = Ca::root("Test CA");
    let good = || options(Verify::Full, &[ca.pem()], HOST);
    let (text, option, _) = refusal(&TlsOptions {
        min_version: Some(TlsVersion::Tls13),
        max_version: Some(TlsVersion::Tls12),
        ..good()
    });
    assert_eq!((text.as_str(), option), ("lowest TLS version 1.3 is above the highest, 1.2", "minVersion"));
    for name in ["a b", "-a", "ex\u{e4}mple", "a..b", &"x".repeat(300), "1.2.3.4.5"] {
        let named = TlsOptions { server_name: Some(name.to_owned()), ..good() };
        let (text, option, hint) = refusal(&named);
        assert!(
            text.starts_with("host name \"") && text.ends_with("cannot be verified: it is no DNS name"),
            "{text}"
        );
        assert!(option == "serverName" && hint.contains("xn--") && text.len() < 200);
        prepare(&TlsOptions { verify: Verify::Ca, ..named }).unwrap();
    }
    let path = std::env::temp_dir().join("cornac-no-such-directory").join("log");
    let (text, option, _) = refusal(&TlsOptions { key_log_file: Some(path), ..good() });
    assert!(text.starts_with("key log file \"") && text.contains("cannot be opened: "), "{text}");
    assert_eq!(option, "keyLogFile");
}

#[test]
fn nothing_printed_holds_a_secret() {
    let options = TlsOptions {
        certificate: Some(b"canary-certificate".to_vec()),
        key: Some(b"canary-key".to_vec()),
        passphrase: Some("canary-passphrase".to_owned()),
        key_log_file: Some(PathBuf::from("visible-path")),
        ..TlsOptions::default()
    };
    let printed = format!("{options:?} {options:#?}");
    assert!(!printed.contains("canary") && !printed.contains("99, 97, 110, 97"), "{printed}");
    assert!(printed.contains("[redacted]") && printed.contains("visible-path"), "{printed}");
    let ca = Ca::root("Test CA");
    let leaf = ca.leaf(Some("alice"), &[]);
    let good = TlsOptions {
        certificate: Some(leaf.certificate_pem()),
        key: Some(leaf.key_pem()),
        ..tls_support::options(Verify::Full, &[ca.pem()], HOST)
    };
    let client = prepare(&good).unwrap();
    assert_eq!(format!("{client:?}"), "TlsClient { server_name: DnsName(\"db.example\"), .. }");
}

#[test]
fn many_different_options_leave_the_memory_flat() {
    // The bound itself is tested beside the cache; this shows that one beyond it is built anew and works.
    let ca = Ca::root("Test CA");
    for number in 0..100 {
        let crls = vec![ca.crl(&[number], 2090)];
        prepare(&TlsOptions { crls, ..options(Verify::Full, &[ca.pem()], HOST) }).unwrap();
    }
}

/// Environment variables are read from a process of its own: this test runs itself again.
fn in_process_with(variables: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "roots_of_the_system_in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env_remove("NODE_EXTRA_CA_CERTS")
        .env_remove("SSL_CERT_DIR")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn the_systems_roots_come_from_where_the_environment_says() {
    let directory = std::env::temp_dir().join(format!("cornac-roots-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let (ca, other) = (Ca::root("Test CA"), Ca::root("Other CA"));
    let write = |name: &str, bytes: Vec<u8>| {
        let path = directory.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let leaf = ca.leaf(None, &[HOST]);
    let (certificate, key) = (write("leaf.pem", leaf.certificate_pem()), write("key.pem", leaf.key_pem()));
    let (of_ca, of_other, empty) =
        (write("ca.pem", ca.pem()), write("other.pem", other.pem()), write("empty.pem", vec![]));
    let run = |variables: &[(&str, &str)]| {
        in_process_with(
            &[&[("CORNAC_TEST_LEAF", certificate.as_str()), ("CORNAC_TEST_KEY", &key)], variables].concat(),
        )
    };
    let by_file = run(&[("SSL_CERT_FILE", &of_ca)]);
    let by_node = run(&[("SSL_CERT_FILE", &of_other), ("NODE_EXTRA_CA_CERTS", &of_ca)]);
    let node_missing = run(&[("SSL_CERT_FILE", &of_ca), ("NODE_EXTRA_CA_CERTS", "/nonexistent/file")]);
    let unknown = run(&[("SSL_CERT_FILE", &of_other)]);
    let none = run(&[("SSL_CERT_FILE", &empty)]);
    std::fs::remove_dir_all(&directory).unwrap();
    for text in [by_file, by_node, node_missing] {
        assert!(text.contains("outcome: accepted"), "{text}");
    }
    assert!(unknown.contains("outcome: server certificate was issued by \"Test CA\", and no path leads from there to one of the roots of the system"), "{unknown}");
    assert!(none.contains("outcome: no root certificate was found in the system's store"), "{none}");
}

#[allow(clippy::print_stderr, reason = "the parent reads it")]
#[test]
#[ignore = "run by another test, in a process of its own"]
fn roots_of_the_system_in_a_process_of_its_own() {
    let read = |name| std::fs::read(std::env::var(name).unwrap()).unwrap();
    let leaf = tls_support::Leaf::from_pem(&read("CORNAC_TEST_LEAF"), &read("CORNAC_TEST_KEY"));
    let options = TlsOptions {
        server_name: Some(HOST.to_owned()),
        roots: Roots::System(SystemRoots::of_environment()),
        ..TlsOptions::default()
    };
    let outcome = match prepare(&options) {
        Err(error) => error.to_string(),
        Ok(_) => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let server = Arc::new(server(&leaf));
            match runtime.block_on(connect(&server, &options, false)) {
                Ok(_) => "accepted".to_owned(),
                Err(error) => error.to_string(),
            }
        }
    };
    eprintln!("outcome: {outcome}");
}
