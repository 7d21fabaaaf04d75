//! Revocation lists, and self-signed certificates that are their own root.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SerialNumber, date_time_ymd,
};
use tls_support::cases::{Case, HOST, YES, case, run};
use tls_support::{Ca, Leaf, leaf_params};

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
    // A number that would be negative without a zero before it.
    let (high, high_root) = made(is_ca(), |params| params.serial_number = Some(SerialNumber::from(u64::MAX)));
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
        Case {
            crls: vec![high_root.crl(&[u64::MAX], 2090)],
            ..case(
                "revoked by itself, by a high number",
                high.clone(),
                &high_root,
                HOST,
                [YES, Some("has been revoked"), Some("has been revoked")],
            )
        },
        Case {
            crls: vec![high_root.crl(&[u64::MAX - 1], 2090)],
            ..case("not revoked, but its neighbour", high, &high_root, HOST, [YES, YES, YES])
        },
        with_crl(
            "with its own list out of date",
            quick_root.crl(&[], 2020),
            Some("next update was due on 2020-12-31"),
        ),
        with_crl("with a list of somebody else", stranger.crl(&[], 2090), Some("may have been revoked")),
        Case {
            roots: vec![manual.to_vec()],
            ..case("by PostgreSQL's manual", of_manual(), &stranger, HOST, [YES, YES, YES])
        },
        Case {
            roots: vec![manual.to_vec()],
            ..case(
                "by PostgreSQL's manual, other host",
                of_manual(),
                &stranger,
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
