//! The client's certificate in the handshake, and servers that refuse it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use std::sync::Arc;

use cornac_driver::tls::{TlsErrorKind, TlsOptions, Verify};
use rcgen::date_time_ymd;
use tls_support::{Ca, Leaf, asking, connect, options, server};

#[tokio::test]
async fn a_key_beside_its_certificate_is_found_and_intermediates_are_sent() {
    let ca = Ca::root("Test CA");
    let middle = ca.below("Middle CA", 2, |_| {});
    let server = asking(&ca, &ca, &rustls::version::TLS12);
    let leaf = middle.leaf(Some("alice"), &[]).and(&middle);
    let together = [leaf.key_pem(), leaf.certificate_pem()].concat();
    let options =
        TlsOptions { certificate: Some(together), ..options(Verify::Full, &[ca.pem()], "db.example") };
    connect(&server, &options, false).await.unwrap();
}

#[tokio::test]
async fn servers_that_refuse_a_client_are_understood() {
    let ca = Ca::root("Test CA");
    let other = Ca::root("Other CA");
    let expired = ca.leaf_with(Some("alice"), &[], |params| {
        (params.not_before, params.not_after) = (date_time_ymd(2019, 1, 1), date_time_ymd(2020, 1, 1));
    });
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let server = asking(&ca, &ca, version);
        let good = ca.leaf(Some("alice"), &[]);
        for (who, leaf, refusal) in [
            ("good", Some(&good), None),
            ("missing", None, Some("certificate_required")),
            ("of another CA", Some(&other.leaf(Some("alice"), &[])), Some("unknown_ca")),
            ("expired", Some(&expired), Some("certificate_expired")),
        ] {
            let options = TlsOptions {
                certificate: leaf.map(Leaf::certificate_pem),
                key: leaf.map(Leaf::key_pem),
                ..options(Verify::Full, &[ca.pem()], "db.example")
            };
            let outcome = connect(&server, &options, false).await.map(|_| ());
            match (outcome, refusal) {
                (Ok(()), None) => {}
                (Err(error), Some(alert)) => {
                    assert_eq!(error.kind, TlsErrorKind::Refused, "{who}: {error}");
                    assert_eq!(error.message, format!("server refused TLS with alert {alert}"), "{who}");
                    assert!(error.hint.is_some_and(|hint| hint.contains("client certificate")), "{who}");
                }
                (outcome, _) => panic!("{who}: {outcome:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_nobody_asks_for_is_no_obstacle() {
    let ca = Ca::root("Test CA");
    let leaf = ca.leaf(Some("alice"), &[]);
    let options = TlsOptions {
        certificate: Some(leaf.certificate_pem()),
        key: Some(leaf.key_pem()),
        ..options(Verify::Full, &[ca.pem()], "db.example")
    };
    connect(&Arc::new(server(&ca.leaf(None, &["db.example"]))), &options, false).await.unwrap();
}
