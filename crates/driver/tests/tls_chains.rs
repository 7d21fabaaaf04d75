//! Chains from certificates of servers to roots, and certificates of old kinds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, SerialNumber, date_time_ymd,
};
use tls_support::cases::{Case, HOST, YES, case, run};
use tls_support::{Ca, Leaf};

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
        // To encrypt takes no more of a certificate than its key.
        case(
            "a number of thirty bytes",
            ca.leaf_with(None, &[HOST], |params| {
                params.serial_number = Some(SerialNumber::from(vec![7; 30]))
            }),
            &ca,
            HOST,
            [YES, Some("is damaged or no X.509 certificate"), Some("is damaged or no X.509 certificate")],
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
async fn certificates_of_old_kinds_are_refused_by_name_or_accepted() {
    let key = include_bytes!("tls_fixtures/leaf.sec1.pem");
    let root = include_bytes!("tls_fixtures/old-ca.pem").to_vec();
    let made = |name, certificate: &[u8], root: &[u8], outcomes| {
        let leaf = Leaf::from_pem(certificate, key);
        Case { roots: vec![root.to_vec()], ..case(name, leaf, &Ca::root("Unused"), HOST, outcomes) }
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
