//! Names in certificates of servers: which of them a host may be called by.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use std::sync::Arc;

use cornac_driver::tls::{Roots, TlsOptions};
use rcgen::{CustomExtension, DnType};
use tls_support::cases::{HOST, YES, case, run};
use tls_support::{Ca, connect, server};

#[tokio::test]
async fn names_are_compared_as_libpq_does() {
    let ca = Ca::root("Test CA");
    let by_name = |name, common_name, names: &[&str], host, full| {
        case(name, ca.leaf(common_name, names), &ca, host, [YES, YES, full])
    };
    run(vec![
        by_name("a DNS name", None, &[HOST], HOST, YES),
        by_name("a DNS name in other case", None, &["DB.Example"], "db.EXAMPLE", YES),
        by_name(
            "another DNS name",
            None,
            &["a.example"],
            HOST,
            Some("certificate is for \"a.example\", not \"db.example\""),
        ),
        by_name("a longer DNS name", None, &["db.example.com"], HOST, Some("is for \"db.example.com\", not")),
        by_name(
            "a DNS name that ends alike",
            None,
            &["xdb.example"],
            HOST,
            Some("is for \"xdb.example\", not"),
        ),
        by_name("the second of several names", None, &["a.example", HOST, "c.example"], HOST, YES),
        by_name(
            "none of several names",
            None,
            &["a.example", "b.example"],
            HOST,
            Some("is for \"a.example\", \"b.example\", not \"db.example\""),
        ),
        by_name(
            "none of many names",
            None,
            &["1.a", "2.a", "3.a", "4.a", "5.a", "6.a", "7.a"],
            HOST,
            Some("\"5.a\" and 2 more, not"),
        ),
        by_name("the host with a dot at its end", None, &[HOST], "db.example.", YES),
        by_name("an underscore in the host", None, &["my_db"], "my_db", YES),
        by_name("a wildcard", None, &["*.example"], HOST, YES),
        by_name("a wildcard in other case", None, &["*.EXAMPLE"], HOST, YES),
        by_name(
            "a wildcard too high",
            None,
            &["*.example"],
            "a.b.example",
            Some("is for \"*.example\", not \"a.b.example\""),
        ),
        by_name(
            "a wildcard for its own domain",
            None,
            &["*.db.example"],
            HOST,
            Some("is for \"*.db.example\", not"),
        ),
        by_name(
            "a wildcard for a part of a label",
            None,
            &["d*.example"],
            HOST,
            Some("is for \"d*.example\", not"),
        ),
        by_name(
            "a wildcard in the middle",
            None,
            &["a.*.example"],
            "a.b.example",
            Some("is for \"a.*.example\", not"),
        ),
        by_name("a wildcard alone", None, &["*"], HOST, Some("is for \"*\", not")),
        by_name("the common name alone", Some(HOST), &[], HOST, YES),
        by_name("the common name in other case", Some("DB.example"), &[], HOST, YES),
        by_name(
            "another common name",
            Some("a.example"),
            &[],
            HOST,
            Some("is for \"a.example\", not \"db.example\""),
        ),
        by_name("a wildcard as common name", Some("*.example"), &[], HOST, YES),
        by_name(
            "the common name beside another DNS name",
            Some(HOST),
            &["a.example"],
            HOST,
            Some("is for \"a.example\", not"),
        ),
        by_name("another common name beside the DNS name", Some("a.example"), &[HOST], HOST, YES),
        by_name("the common name beside an address", Some(HOST), &["192.0.2.1"], HOST, YES),
        by_name(
            "no names at all",
            None,
            &[],
            HOST,
            Some("names no host, so it cannot be the one of \"db.example\""),
        ),
        by_name("an empty common name", Some(""), &[], HOST, Some("is for \"\", not")),
        by_name(
            "control characters in a name",
            Some("a\u{1b}[31m\n"),
            &[],
            HOST,
            Some(r#"is for "a\u{1b}[31m\n", not"#),
        ),
        by_name("an address", None, &["192.0.2.1"], "192.0.2.1", YES),
        by_name("an IPv6 address", None, &["2001:db8::1"], "2001:db8:0:0::1", YES),
        by_name("an IPv6 address with a zone", None, &["fe80::1"], "fe80::1%eth0", YES),
        by_name(
            "another address",
            None,
            &["192.0.2.2"],
            "192.0.2.1",
            Some("is for \"192.0.2.2\", not \"192.0.2.1\""),
        ),
        by_name(
            "a name for an address",
            None,
            &[HOST],
            "192.0.2.1",
            Some("is for \"db.example\", not \"192.0.2.1\""),
        ),
        by_name(
            "an address for a name",
            None,
            &["192.0.2.1"],
            HOST,
            Some("is for \"192.0.2.1\", not \"db.example\""),
        ),
        by_name("an address as common name", Some("192.0.2.1"), &[], "192.0.2.1", YES),
        by_name("an address as common name beside a DNS name", Some("192.0.2.1"), &[HOST], "192.0.2.1", YES),
        by_name(
            "an address as common name beside another address",
            Some("192.0.2.1"),
            &["192.0.2.2"],
            "192.0.2.1",
            Some("is for \"192.0.2.2\", not"),
        ),
        by_name(
            "a wildcard for an address",
            Some("*.0.2.1"),
            &[],
            "192.0.2.1",
            Some("is for \"*.0.2.1\", not"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn names_that_the_library_would_not_write() {
    let ca = Ca::root("Test CA");
    let with_extension = |content: &[u8]| {
        let content = content.to_vec();
        ca.leaf_with(Some(HOST), &[], |params| {
            params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], content)];
        })
    };
    // Each has the right common name, which must not count then.
    let malformed = Some("has a malformed subjectAltName");
    let broken = Some("breaks the rules of RFC 5280");
    let two_common_names = ca.leaf_with(None, &[], |params| {
        params.distinguished_name.push(DnType::CommonName, HOST);
        params.distinguished_name.push(DnType::OrganizationName, "An Organization");
    });
    run(vec![
        case(
            "an address in a DNS name",
            with_extension(b"\x30\x0b\x82\x09192.0.2.1"),
            &ca,
            "192.0.2.1",
            [YES, YES, YES],
        ),
        case(
            "a NUL in a DNS name",
            with_extension(b"\x30\x0f\x82\x0ddb.example\0.x"),
            &ca,
            HOST,
            [YES, YES, Some("has a NUL byte in one of its names")],
        ),
        case(
            "an e-mail address as only alternative name",
            with_extension(b"\x30\x07\x81\x05a@b.c"),
            &ca,
            HOST,
            [YES, YES, YES],
        ),
        case(
            "a DNS name that is not ASCII",
            with_extension(b"\x30\x06\x82\x04\xc3\xa9.x"),
            &ca,
            HOST,
            [YES, YES, malformed],
        ),
        case(
            "an e-mail address and a name, in a list that ends early",
            with_extension(b"\x30\x08\x81\x05a@b.c\x82"),
            &ca,
            HOST,
            [YES, YES, malformed],
        ),
        case(
            "a name longer than the list",
            with_extension(b"\x30\x05\x82\x7fabc"),
            &ca,
            HOST,
            [YES, YES, malformed],
        ),
        case(
            "the right name, and an address of five bytes",
            with_extension(b"\x30\x13\x82\x0adb.example\x87\x05abcde"),
            &ca,
            HOST,
            [YES, YES, malformed],
        ),
        case(
            "the right name, and bytes behind the list",
            with_extension(b"\x30\x0c\x82\x0adb.example\x05\x00"),
            &ca,
            HOST,
            [broken; 3],
        ),
        case("no list of names", with_extension(b"\x04\x0adb.example"), &ca, HOST, [broken; 3]),
        case("nothing", with_extension(b""), &ca, HOST, [broken; 3]),
        case("more than the common name in the subject", two_common_names, &ca, HOST, [YES, YES, YES]),
    ])
    .await;
}

#[tokio::test]
async fn without_a_name_the_address_dialled_is_verified() {
    let ca = Ca::root("Test CA");
    for (names, accepted) in [(["192.0.2.1"], true), (["192.0.2.9"], false), ([HOST], false)] {
        let server = Arc::new(server(&ca.leaf(None, &names)));
        let options =
            TlsOptions { server_name: None, roots: Roots::Given(vec![ca.pem()]), ..TlsOptions::default() };
        assert_eq!(connect(&server, &options, false).await.is_ok(), accepted, "{names:?}");
    }
}
