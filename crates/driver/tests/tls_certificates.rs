//! Certificates of servers: what each level of verification makes of them, and what it says.

mod tls_support;

use std::collections::HashSet;
use std::sync::Arc;

use cornac_driver::tls::{Roots, TlsErrorKind, TlsOptions, Verify};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use tls_support::{Ca, Leaf, connect, leaf_params, options, server};

const HOST: &str = "db.example";
const YES: Option<&str> = None;

/// One server, and what `none`, `ca` and `full` say: nothing when they accept it, else words of the message.
struct Case {
    name: &'static str,
    leaf: Leaf,
    roots: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    host: &'static str,
    outcomes: [Option<&'static str>; 3],
}

fn case(
    name: &'static str,
    leaf: Leaf,
    root: &Ca,
    host: &'static str,
    outcomes: [Option<&'static str>; 3],
) -> Case {
    Case { name, leaf, roots: vec![root.pem()], crls: vec![], host, outcomes }
}

async fn run(cases: Vec<Case>) {
    let mut names = HashSet::new();
    let mut failures = Vec::new();
    for case in cases {
        assert!(names.insert(case.name), "{} stands twice in the table", case.name);
        let server = Arc::new(server(&case.leaf));
        for (verify, expected) in [Verify::None, Verify::Ca, Verify::Full].into_iter().zip(case.outcomes) {
            let options = TlsOptions { crls: case.crls.clone(), ..options(verify, &case.roots, case.host) };
            let what = format!("{} under {verify:?}", case.name);
            match (connect(&server, &options, false).await, expected) {
                (Ok(_), None) => {}
                (Ok(_), Some(reason)) => failures.push(format!("{what} was accepted, despite: {reason}")),
                (Err(error), None) => failures.push(format!("{what} was refused: {error}")),
                (Err(error), Some(reason)) => {
                    assert_eq!(error.kind, TlsErrorKind::Certificate, "{what}: {error}");
                    assert_sentence(&error.message);
                    if !error.message.contains(reason) {
                        failures.push(format!("{what} was refused for another reason: {error}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Messages are written for people: no Rust in them, no full stop.
fn assert_sentence(message: &str) {
    for rust in [" { ", " }", "Error", "Some(", "::", "ServerName", "DnsName"] {
        assert!(!message.contains(rust), "{message}");
    }
    assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
}

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
            "an address of five bytes",
            with_extension(b"\x30\x07\x87\x05abcde"),
            &ca,
            HOST,
            [YES, YES, YES],
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
            [YES, YES, Some("is for \"é.x\", not")],
        ),
        case("broken alternative names", with_extension(b"\x30\x05\x82\x7fabc"), &ca, HOST, [YES, YES, YES]),
        case("more than the common name in the subject", two_common_names, &ca, HOST, [YES, YES, YES]),
    ])
    .await;
}

#[tokio::test]
async fn chains_must_lead_to_a_root_in_time() {
    let ca = Ca::root("Test CA");
    let other = Ca::root("Other CA");
    let twin = Ca::root("Test CA");
    let middle = ca.below("Middle CA", 2, |_| {});
    let lower = middle.below("Lower CA", 3, |_| {});
    let old_middle = ca.below("Old Middle CA", 4, |params| params.not_after = date_time_ymd(2021, 1, 1));
    let no_ca = ca.below("No CA", 5, |params| params.is_ca = IsCa::ExplicitNoCa);
    let shallow =
        Ca::root_with("Shallow CA", |params| params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below_shallow = shallow.below("Too Deep CA", 6, |_| {});
    let client_root = Ca::root_with("Client CA", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
    });
    let unsigning =
        Ca::root_with("Unsigning CA", |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let unsigning_below =
        ca.below("Unsigning CA", 7, |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    let old_root = Ca::root_with("Old Root", |params| params.not_after = date_time_ymd(2022, 2, 2));
    let young_root = Ca::root_with("Young Root", |params| params.not_before = date_time_ymd(2090, 1, 1));
    let limited = Ca::root_with("Limited CA", |params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("inside.example".to_owned())],
            excluded_subtrees: vec![],
        });
    });
    let dated = |not_before, not_after| {
        ca.leaf_with(None, &[HOST], move |params: &mut CertificateParams| {
            (params.not_before, params.not_after) = (not_before, not_after);
        })
    };
    let used_for =
        |usage| ca.leaf_with(None, &[HOST], move |params| params.extended_key_usages = vec![usage]);
    let mut impostor = ca.leaf(None, &[HOST]);
    impostor.key = KeyPair::generate().unwrap().serialize_der();
    let mut damaged = ca.leaf(None, &[HOST]);
    let mut bytes = damaged.chain[0].to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    damaged.chain[0] = bytes.into();
    let both =
        |name, leaf: Leaf, root: &Ca, reason| case(name, leaf, root, HOST, [YES, Some(reason), Some(reason)]);
    let critical = ca.leaf_with(None, &[HOST], |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 1], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions = vec![extension];
    });
    run(vec![
        both(
            "expired",
            dated(date_time_ymd(2019, 1, 1), date_time_ymd(2020, 3, 4)),
            &ca,
            "server certificate expired on 2020-03-04 00:00:00 UTC",
        ),
        both(
            "not yet valid",
            dated(date_time_ymd(2099, 5, 6), date_time_ymd(2100, 1, 1)),
            &ca,
            "is not valid before 2099-05-06 00:00:00 UTC",
        ),
        both(
            "unknown CA",
            other.leaf(None, &[HOST]),
            &ca,
            "was issued by \"Other CA\", and no path leads from there to one of the configured roots",
        ),
        both(
            "another CA of the same name",
            twin.leaf(None, &[HOST]),
            &ca,
            "was not signed by the configured root that has the name of its issuer, \"Test CA\"",
        ),
        both(
            "intermediate missing",
            middle.leaf(None, &[HOST]),
            &ca,
            "was issued by \"Middle CA\", and no path",
        ),
        case("intermediate sent", middle.leaf(None, &[HOST]).and(&middle), &ca, HOST, [YES, YES, YES]),
        case(
            "two intermediates in the wrong order",
            lower.leaf(None, &[HOST]).and(&middle).and(&lower),
            &ca,
            HOST,
            [YES, YES, YES],
        ),
        case(
            "root sent as well",
            middle.leaf(None, &[HOST]).and(&middle).and(&ca),
            &ca,
            HOST,
            [YES, YES, YES],
        ),
        case("intermediate configured as root", middle.leaf(None, &[HOST]), &middle, HOST, [YES, YES, YES]),
        both(
            "lower intermediate missing",
            lower.leaf(None, &[HOST]).and(&middle),
            &ca,
            "was issued by \"Lower CA\"",
        ),
        both(
            "expired intermediate",
            old_middle.leaf(None, &[HOST]).and(&old_middle),
            &ca,
            "intermediate certificate expired on 2021-01-01",
        ),
        both(
            "issued by what is no CA",
            no_ca.leaf(None, &[HOST]).and(&no_ca),
            &ca,
            "issued by a certificate that is not a CA's",
        ),
        both(
            "root that is no CA",
            no_ca.leaf(None, &[HOST]),
            &no_ca,
            "issued by \"No CA\", whose configured certificate is not a CA's",
        ),
        both(
            "more CAs than allowed",
            below_shallow.leaf(None, &[HOST]).and(&below_shallow),
            &shallow,
            "more CAs above it than are allowed",
        ),
        both(
            "expired root",
            old_root.leaf(None, &[HOST]),
            &old_root,
            "root certificate expired on 2022-02-02",
        ),
        both(
            "root not yet valid",
            young_root.leaf(None, &[HOST]),
            &young_root,
            "root certificate is not valid before 2090-01-01",
        ),
        both(
            "name outside what its CA may issue",
            limited.leaf(None, &[HOST]),
            &limited,
            "for a name that its CA may not issue",
        ),
        case(
            "name inside what its CA may issue",
            limited.leaf(None, &["db.inside.example"]),
            &limited,
            "db.inside.example",
            [YES, YES, YES],
        ),
        case(
            "common name of a limited CA",
            limited.leaf(Some(HOST), &[]),
            &limited,
            HOST,
            [YES, YES, Some("by its common name only, which does not count because its CA is limited")],
        ),
        both(
            "for clients only",
            used_for(ExtendedKeyUsagePurpose::ClientAuth),
            &ca,
            "is not for TLS servers by its extended key usage",
        ),
        case("for servers", used_for(ExtendedKeyUsagePurpose::ServerAuth), &ca, HOST, [YES, YES, YES]),
        case(
            "unknown critical extension",
            critical,
            &ca,
            HOST,
            [Some("has a critical extension that is not supported"); 3],
        ),
        both(
            "root for clients only",
            client_root.leaf(None, &[HOST]),
            &client_root,
            "issued by \"Client CA\", whose configured certificate is not for TLS servers",
        ),
        both(
            "root that may not sign certificates",
            unsigning.leaf(None, &[HOST]),
            &unsigning,
            "issued by \"Unsigning CA\", whose configured certificate is not a CA's",
        ),
        both(
            "intermediate that may not sign certificates",
            unsigning_below.leaf(None, &[HOST]).and(&unsigning_below),
            &ca,
            "issued by a certificate that is not a CA's",
        ),
        case("as many CAs as allowed", shallow.leaf(None, &[HOST]), &shallow, HOST, [YES, YES, YES]),
        both("signature damaged", damaged, &ca, "was not signed by the configured root"),
        case(
            "key of somebody else",
            impostor,
            &ca,
            HOST,
            [Some("does not own the key of its certificate"); 3],
        ),
        Case {
            roots: vec![other.pem(), ca.pem()],
            ..case("second of two roots", ca.leaf(None, &[HOST]), &ca, HOST, [YES, YES, YES])
        },
        Case {
            roots: vec![[other.pem(), ca.pem()].concat()],
            ..case("second of two roots in one PEM", ca.leaf(None, &[HOST]), &ca, HOST, [YES, YES, YES])
        },
        Case {
            roots: vec![ca.certificate.der().to_vec()],
            ..case("root in DER", ca.leaf(None, &[HOST]), &ca, HOST, [YES, YES, YES])
        },
    ])
    .await;
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_its_own_root() {
    let made = |is_ca: IsCa, edit: fn(&mut CertificateParams)| {
        let key = KeyPair::generate().unwrap();
        let params = leaf_params(Some(HOST), &[HOST], |params| {
            params.is_ca = is_ca;
            params.serial_number = Some(SerialNumber::from(77));
            edit(params);
        });
        let certificate = params.self_signed(&key).unwrap();
        let leaf = Leaf { chain: vec![certificate.der().clone()], key: key.serialize_der() };
        (leaf, Ca { params, key, certificate })
    };
    let is_ca = || IsCa::Ca(BasicConstraints::Unconstrained);
    let (quick, quick_root) = made(is_ca(), |_| {});
    let (plain, plain_root) = made(IsCa::NoCa, |_| {});
    let (old, old_root) = made(is_ca(), |params| params.not_after = date_time_ymd(2020, 1, 1));
    let (clients, clients_root) =
        made(is_ca(), |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let stranger = Ca::root("Stranger");
    let with_crl = |name, crl: Vec<u8>, expected| Case {
        crls: vec![crl],
        ..case(name, quick.clone(), &quick_root, HOST, [YES, expected, expected])
    };
    let (manual, key) =
        (include_bytes!("tls_fixtures/self.pem"), include_bytes!("tls_fixtures/self.key.pem"));
    let of_manual = || Leaf::from_pem(manual, key);
    run(vec![
        case("marked as CA", quick.clone(), &quick_root, HOST, [YES, YES, YES]),
        case("not marked as CA", plain.clone(), &plain_root, HOST, [YES, YES, YES]),
        case(
            "for another host",
            quick.clone(),
            &quick_root,
            "a.example",
            [YES, YES, Some("is for \"db.example\", not \"a.example\"")],
        ),
        case(
            "expired",
            old,
            &old_root,
            HOST,
            [YES, Some("expired on 2020-01-01"), Some("expired on 2020-01-01")],
        ),
        case(
            "for clients only",
            clients,
            &clients_root,
            HOST,
            [YES, Some("not for TLS servers"), Some("not for TLS servers")],
        ),
        case(
            "not configured",
            quick.clone(),
            &stranger,
            HOST,
            [
                YES,
                Some(
                    "server certificate of \"db.example\" is self-signed and not one of the configured roots",
                ),
                Some("is self-signed"),
            ],
        ),
        case(
            "a CA's certificate that is not configured",
            ca_below(&stranger),
            &stranger,
            HOST,
            [
                YES,
                Some("is a CA's certificate, which counts for a server only if"),
                Some("is a CA's certificate"),
            ],
        ),
        with_crl("with its own empty list", quick_root.crl(&[], 2090), YES),
        with_crl("revoked by itself", quick_root.crl(&[77], 2090), Some("has been revoked")),
        with_crl(
            "with its own list out of date",
            quick_root.crl(&[], 2020),
            Some("next update was due on 2020-12-31"),
        ),
        with_crl("with a list of somebody else", stranger.crl(&[], 2090), Some("may have been revoked")),
        Case {
            roots: vec![manual.to_vec()],
            ..case("by PostgreSQL's manual", of_manual(), &ca_unused(), HOST, [YES, YES, YES])
        },
        Case {
            roots: vec![manual.to_vec()],
            ..case(
                "by PostgreSQL's manual, other host",
                of_manual(),
                &ca_unused(),
                "localhost",
                [YES, YES, Some("is for \"db.example\", not \"localhost\"")],
            )
        },
    ])
    .await;
}

fn ca_below(root: &Ca) -> Leaf {
    let ca = root.below("A CA that serves", 9, |_| {});
    Leaf { chain: vec![ca.certificate.der().clone()], key: ca.key.serialize_der() }
}

fn ca_unused() -> Ca {
    Ca::root("Unused")
}

#[tokio::test]
async fn revocation_lists_cover_the_whole_chain() {
    let ca = Ca::root("Test CA");
    let other = Ca::root("Other CA");
    let twin = Ca::root("Test CA");
    let middle = ca.below("Middle CA", 2, |_| {});
    let mute = Ca::root_with("Mute CA", |params| params.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
    let numbered = |issuer: &Ca, serial: u64| {
        issuer.leaf_with(None, &[HOST], |params| params.serial_number = Some(SerialNumber::from(serial)))
    };
    let with = |name, leaf: Leaf, crls: Vec<Vec<u8>>, expected: Option<&'static str>| Case {
        crls,
        ..case(name, leaf, &ca, HOST, [YES, expected, expected])
    };
    let deep = || numbered(&middle, 8).and(&middle);
    let mute_leaf = numbered(&mute, 8);
    // The library does not sign such a list, so that CA lends its key to one with another purpose.
    let loud = Ca {
        params: {
            let mut params = mute.params.clone();
            params.key_usages = vec![];
            params
        },
        key: KeyPair::from_pem(&mute.key.serialize_pem()).unwrap(),
        certificate: ca.certificate.clone(),
    };
    run(vec![
        with("not in the list", numbered(&ca, 8), vec![ca.crl(&[7, 9], 2090)], YES),
        with("revoked", numbered(&ca, 8), vec![ca.crl(&[7, 8], 2090)], Some("has been revoked")),
        with(
            "unrelated list",
            numbered(&ca, 8),
            vec![other.crl(&[], 2090)],
            Some("may have been revoked: no certificate revocation list covers it"),
        ),
        with(
            "list out of date",
            numbered(&ca, 8),
            vec![ca.crl(&[], 2021)],
            Some("is out of date, its next update was due on 2021-12-31"),
        ),
        with(
            "revoked by a list out of date",
            numbered(&ca, 8),
            vec![ca.crl(&[8], 2021)],
            Some("is out of date"),
        ),
        with(
            "list of another CA of the same name",
            numbered(&ca, 8),
            vec![twin.crl(&[], 2090)],
            Some("was not signed by the CA it names"),
        ),
        with("one list of two", deep(), vec![middle.crl(&[], 2090)], Some("may have been revoked")),
        with("the other list of two", deep(), vec![ca.crl(&[], 2090)], Some("may have been revoked")),
        with("both lists", deep(), vec![ca.crl(&[], 2090), middle.crl(&[], 2090)], YES),
        with("both lists in one PEM", deep(), vec![[ca.crl(&[], 2090), middle.crl(&[], 2090)].concat()], YES),
        with(
            "intermediate revoked",
            deep(),
            vec![ca.crl(&[2], 2090), middle.crl(&[], 2090)],
            Some("or the certificate of its CA, has been revoked"),
        ),
        with(
            "lists with one too many",
            numbered(&ca, 8),
            vec![other.crl(&[8], 2090), ca.crl(&[], 2090)],
            YES,
        ),
        Case {
            crls: vec![loud.crl(&[], 2090)],
            ..case("list of a root, whose key usage does not count", mute_leaf, &mute, HOST, [YES, YES, YES])
        },
    ])
    .await;
}

#[tokio::test]
async fn certificates_of_old_kinds_are_refused_by_name_or_accepted() {
    let key = include_bytes!("tls_fixtures/leaf.sec1.pem");
    let root = include_bytes!("tls_fixtures/old-ca.pem").to_vec();
    let made = |name, certificate: &[u8], root: &[u8], outcomes| {
        let leaf = Leaf::from_pem(certificate, key);
        Case { roots: vec![root.to_vec()], ..case(name, leaf, &ca_unused(), HOST, outcomes) }
    };
    let version_1 = Some("is an X.509 certificate of version 1, which is not supported");
    let short = Some("has an RSA key of 1024 bits, at least 2048 are needed");
    let sha1 = Some("is signed with sha1WithRSAEncryption, which is not accepted");
    let salt = Some("is signed with rsassaPss of unusual parameters, which is not accepted");
    let md5 = Some("is signed with md5WithRSAEncryption, which is not accepted");
    run(vec![
        made("version 1", include_bytes!("tls_fixtures/v1.pem"), &root, [version_1; 3]),
        made("short RSA key", include_bytes!("tls_fixtures/rsa1024.pem"), &root, [short; 3]),
        made("SHA-1", include_bytes!("tls_fixtures/sha1.pem"), &root, [YES, sha1, sha1]),
        made("MD5", include_bytes!("tls_fixtures/md5.pem"), &root, [YES, md5, md5]),
        made("PSS with SHA-384", include_bytes!("tls_fixtures/pss384.pem"), &root, [YES, YES, YES]),
        made(
            "PSS with the longest salt",
            include_bytes!("tls_fixtures/pss-long-salt.pem"),
            &root,
            [YES, salt, salt],
        ),
        made(
            "root of version 1",
            include_bytes!("tls_fixtures/under-v1-ca.pem"),
            include_bytes!("tls_fixtures/v1-ca.pem"),
            [YES, YES, YES],
        ),
        made(
            "trusted certificate as root",
            include_bytes!("tls_fixtures/pss384.pem"),
            include_bytes!("tls_fixtures/old-ca.trusted.pem"),
            [YES, YES, YES],
        ),
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
