//! StartupMessage, protocol versions, what follows AuthenticationOk, passwords, OAuth, and Kerberos' exchange.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::{Arc, Mutex};

use cornac_driver::error::{ConnectError, FailureKind, Phase};
use cornac_driver::options::{
    AuthMethod, ConnectOptions, GssContext, GssError, GssOptions, GssProvider, ProtocolVersion, Secret,
};
use postgres_protocol::message::backend::{
    BACKEND_KEY_DATA_TAG, NOTICE_RESPONSE_TAG, PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG,
};
use support::{
    CANARY, auth, connected, contains, error_response, frame, key, options, ready, refused, refused_silently,
    say, serve, welcome,
};

#[tokio::test]
async fn every_startup_parameter_is_sent_once_and_the_session_is_reported() {
    let told = [
        frame(NOTICE_RESPONSE_TAG, b"SNOTICE\0Mearly\0\0"),
        auth(0, []),
        frame(PARAMETER_STATUS_TAG, b"a\x001\0"),
        frame(PARAMETER_STATUS_TAG, b"a\x002\0"),
        frame(NOTICE_RESPONSE_TAG, b"SNOTICE\0Mlate\0\0"),
        key(-7, &[9, 8, 7, 6]),
        frame(READY_FOR_QUERY_TAG, b"I"),
        b"left over".to_vec(),
    ]
    .concat();
    let (address, server) = say(told).await;
    let mut wanted = options(address);
    wanted.parameters.push(("search_path".into(), "a, b".into()));
    wanted.parameters.push(("application_name".into(), "näh".into()));
    let established = connected(&wanted).await;
    assert_eq!((established.pid, &established.cancel_key[..]), (-7, &[9, 8, 7, 6][..]));
    assert_eq!(established.parameters, [("a".to_owned(), "2".to_owned())]);
    assert_eq!(&established.leftover[..], b"left over");
    assert_eq!((established.protocol, established.transaction_status), ((3, 0), b'I'));
    assert_eq!((established.auth_method, established.encrypted), ("none", false));
    drop(established);

    let seen = server.await.unwrap();
    let mut pairs = seen[8..].split(|byte| *byte == 0).map(|text| String::from_utf8(text.to_vec()).unwrap());
    let mut sent = Vec::new();
    while let Some(name) = pairs.next().filter(|name| !name.is_empty()) {
        sent.push((name, pairs.next().unwrap()));
    }
    sent.sort();
    let expected = [
        ("application_name", "näh"),
        ("client_encoding", "UTF8"),
        ("database", "app"),
        ("search_path", "a, b"),
        ("user", "tester"),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(&seen[4..8], [0, 3, 0, 0]);
    assert_eq!(usize::try_from(u32::from_be_bytes(seen[..4].try_into().unwrap())).unwrap(), seen.len());
}

#[tokio::test]
async fn protocol_3_2_is_asked_for_negotiated_and_its_long_keys_kept() {
    let negotiated = frame(b'v', [&[0, 3, 0, 0][..], &[0; 4]].concat());
    let long = vec![5; 256];
    let cases = [
        (Vec::new(), long.clone(), Ok((3, 2))),
        (Vec::new(), vec![5; 4], Ok((3, 2))),
        (Vec::new(), vec![5; 257], Err(())),
        (Vec::new(), vec![5; 3], Err(())),
        (Vec::new(), Vec::new(), Err(())),
        (negotiated.clone(), vec![5; 4], Ok((3, 0))),
        (negotiated.clone(), vec![5; 32], Err(())),
        (negotiated.repeat(2), vec![5; 4], Err(())),
        (frame(b'v', [&[0, 4, 0, 0][..], &[0; 4]].concat()), vec![5; 4], Err(())),
        (frame(b'v', [&[0, 3, 0, 3][..], &[0; 4]].concat()), vec![5; 4], Err(())),
        (frame(b'v', b"\0\x03\0\0\0\0\0\x01_pq_.none\0"), vec![5; 4], Err(())),
        (frame(b'v', [0, 3]), vec![5; 4], Err(())),
    ];
    for (negotiation, cancel_key, expected) in cases {
        let told = [negotiation, auth(0, []), key(1, &cancel_key), frame(READY_FOR_QUERY_TAG, b"I")].concat();
        let (address, server) = say(told).await;
        let mut wanted = options(address);
        wanted.protocol = ProtocolVersion::V3_2;
        match expected {
            Ok(version) => {
                let established = connected(&wanted).await;
                assert_eq!((established.protocol, established.cancel_key.clone()), (version, cancel_key));
                drop(established);
                assert_eq!(&server.await.unwrap()[4..8], [0, 3, 0, 2]);
            }
            Err(()) => assert_eq!(refused(&wanted).await.kind, FailureKind::Protocol),
        }
    }
}

#[tokio::test]
async fn what_does_not_belong_between_login_and_readiness_is_refused() {
    let lies = (0u8..=255).filter(|tag| !b"SNKZE".contains(tag)).map(|tag| frame(tag, [])).chain([
        frame(READY_FOR_QUERY_TAG, []),
        frame(READY_FOR_QUERY_TAG, b"X"),
        frame(READY_FOR_QUERY_TAG, b"II"),
        frame(PARAMETER_STATUS_TAG, b"x"),
        frame(PARAMETER_STATUS_TAG, b"x\0y"),
        frame(PARAMETER_STATUS_TAG, b"x\0\xff\0"),
        key(1, &[1, 2, 3, 4]).repeat(2),
        key(1, &[1, 2, 3, 4, 5]),
        frame(BACKEND_KEY_DATA_TAG, [0, 0]),
    ]);
    for lie in lies {
        let (address, server) = say([auth(0, []), lie.clone()].concat()).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!((error.kind, error.phase), (FailureKind::Protocol, Phase::Startup), "{lie:?}: {error}");
        assert!(error.authenticated);
    }
    let (address, _server) = say([auth(0, []), error_response("57P03", "starting up")].concat()).await;
    let error = refused(&options(address)).await;
    assert_eq!(
        (error.kind, error.authenticated, error.sqlstate()),
        (FailureKind::Server, true, Some("57P03"))
    );
}

#[tokio::test]
async fn cleartext_and_md5_passwords_go_to_a_loopback_address() {
    for (request, method, expected) in [
        (auth(3, []), "password", CANARY.to_owned()),
        (
            auth(5, [1, 2, 3, 4]),
            "md5",
            postgres_protocol::authentication::md5_hash(b"tester", CANARY.as_bytes(), [1, 2, 3, 4]),
        ),
    ] {
        let (address, server) = serve(move |mut peer| async move {
            peer.startup().await;
            peer.send(request).await;
            let answer = peer.message().await;
            assert_eq!(answer, [expected.as_bytes(), b"\0"].concat());
            peer.send(welcome()).await;
            peer
        })
        .await;
        assert_eq!(connected(&options(address)).await.auth_method, method);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_missing_cancel_key_makes_cancel_a_clear_error() {
    let (address, _server) = say([auth(0, []), frame(READY_FOR_QUERY_TAG, b"I")].concat()).await;
    let established = connected(&options(address)).await;
    assert_eq!(
        (established.pid, established.cancel_key.len(), established.cancel.is_possible()),
        (0, 0, false)
    );
    let error = cornac_driver::cancel::cancel(&established.cancel, support::AT_ONCE).await.unwrap_err();
    assert!(error.error.message.contains("no cancel key") && !error.is_under_way, "{error:?}");
}

#[tokio::test]
async fn an_oauth_token_is_sent_as_rfc_7628_has_it_and_a_failure_is_acknowledged() {
    const TOKEN: &str = "t0k.e-n_~+/==";
    let exchange = |succeeds: bool| {
        serve(move |mut peer| async move {
            peer.startup().await;
            peer.send(auth(10, b"SCRAM-SHA-256\0OAUTHBEARER\0\0")).await;
            let initial = peer.message().await;
            let first = format!("n,,\x01auth=Bearer {TOKEN}\x01\x01");
            let length = u32::try_from(first.len()).unwrap().to_be_bytes();
            assert_eq!(initial, [b"OAUTHBEARER\0", &length[..], first.as_bytes()].concat());
            if succeeds {
                peer.send(welcome()).await;
            } else {
                peer.send(auth(11, br#"{"status":"invalid_token","scope":"x"}"#)).await;
                assert_eq!(peer.message().await, b"\x01");
                peer.send(error_response("28000", "OAuth bearer authentication failed")).await;
            }
            peer
        })
    };
    let with_token = |address| ConnectOptions { oauth_token: Some(Secret::new(TOKEN)), ..options(address) };
    let (address, server) = exchange(true).await;
    assert_eq!(connected(&with_token(address)).await.auth_method, "oauth");
    server.await.unwrap();

    let (address, server) = exchange(false).await;
    let error = refused(&with_token(address)).await;
    assert_eq!((error.kind, error.sqlstate()), (FailureKind::Server, Some("28000")));
    assert!(error.hint.unwrap().contains("invalid_token"));
    server.await.unwrap();

    // A token that would smuggle another field is refused before anything is sent.
    let error =
        refused(&ConnectOptions { oauth_token: Some(Secret::new("a\x01b")), ..options(address) }).await;
    assert_eq!(error.kind, FailureKind::Config);
}

#[tokio::test]
async fn nul_and_oversize_in_any_parameter_are_refused_before_a_socket_is_opened() {
    // Nothing listens there: an attempt to connect would be an error of another kind.
    let base = options("127.0.0.1:1".parse().unwrap());
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let wrong = [
        ConnectOptions { user: "a\0b".into(), ..base.clone() },
        ConnectOptions { user: String::new(), ..base.clone() },
        ConnectOptions { database: "a\0b".into(), ..base.clone() },
        ConnectOptions { password: Some(Secret::new("a\0b")), ..base.clone() },
        ConnectOptions { parameters: pair("a\0b", "c"), ..base.clone() },
        ConnectOptions { parameters: pair("", "c"), ..base.clone() },
        ConnectOptions { parameters: pair("a", "b\0user\0root"), ..base.clone() },
        ConnectOptions { parameters: pair("user", "root"), ..base.clone() },
        ConnectOptions { parameters: pair("options", &"x".repeat(10_000)), ..base.clone() },
    ];
    for options in wrong {
        let error = refused(&options).await;
        assert_eq!((error.kind, error.phase), (FailureKind::Config, Phase::Connect), "{error}");
    }
}

/// A Kerberos whose tokens a test writes: each step gives the next of `steps`.
#[derive(Clone)]
struct Scripted(Arc<Mutex<Vec<GssStep>>>);

type GssStep = (&'static [u8], bool);

impl GssProvider for Scripted {
    fn open(&self, options: &GssOptions, _negotiate: bool) -> Result<Box<dyn GssContext>, GssError> {
        assert_eq!((options.service.as_str(), options.host.as_str()), ("postgres", "db.example"));
        Ok(Box::new(self.clone()))
    }
}

impl GssContext for Scripted {
    fn step(&mut self, _token: &[u8]) -> Result<(Vec<u8>, bool), GssError> {
        let mut steps = self.0.lock().unwrap();
        if steps.is_empty() {
            return Err(GssError { message: "no ticket".into(), hint: Some("run kinit".into()) });
        }
        let (token, complete) = steps.remove(0);
        Ok((token.to_vec(), complete))
    }
}

async fn kerberos(
    code: i32,
    steps: &[GssStep],
    answer: Vec<u8>,
) -> (Result<&'static str, ConnectError>, Vec<u8>) {
    let (address, server) = serve(move |mut peer| async move {
        peer.startup().await;
        peer.send(auth(code, [])).await;
        if peer.message().await == b"first" {
            peer.send(answer).await;
        }
        peer
    })
    .await;
    let mut wanted = options(address);
    wanted.gss_provider = Some(Arc::new(Scripted(Arc::new(Mutex::new(steps.to_vec())))));
    let outcome = cornac_driver::connect::establish(&wanted).await.map(|established| established.auth_method);
    (outcome, server.await.unwrap())
}

#[tokio::test]
async fn kerberos_logs_in_once_both_sides_have_proved_themselves() {
    let both = [auth(8, b"mutual"), welcome()].concat();
    let (outcome, _) = kerberos(7, &[(b"first", false), (b"", true)], both.clone()).await;
    assert_eq!(outcome, Ok("gss"));
    let (outcome, _) = kerberos(9, &[(b"first", false), (b"", true)], both.clone()).await;
    assert_eq!(outcome, Ok("sspi"));
    let (outcome, seen) = kerberos(7, &[(b"first", false), (b"third", true)], both).await;
    assert_eq!(outcome, Ok("gss"));
    assert!(contains(&seen, b"third"));
}

#[tokio::test]
async fn kerberos_lies_are_refused() {
    let incomplete: &[GssStep] = &[(b"first", false), (b"next", false), (b"next", false)];
    let complete: &[GssStep] = &[(b"first", false), (b"", true), (b"", true)];
    let one_sided: &[GssStep] = &[(b"first", true)];
    let cases = [
        ("welcome before mutual proof", incomplete, welcome(), FailureKind::Auth),
        ("welcome without a token", one_sided, welcome(), FailureKind::Auth),
        (
            "welcome after one token of two",
            incomplete,
            [auth(8, b"x"), welcome()].concat(),
            FailureKind::Auth,
        ),
        ("empty token", complete, auth(8, []), FailureKind::Protocol),
        ("huge token", complete, auth(8, vec![1; 65_536]), FailureKind::Protocol),
        ("token after the end", complete, [auth(8, b"x"), auth(8, b"y")].concat(), FailureKind::Protocol),
        ("password request inside", incomplete, auth(3, []), FailureKind::Protocol),
        ("ready without welcome", complete, [auth(8, b"x"), ready()].concat(), FailureKind::Protocol),
    ];
    let endless: &[GssStep] = &[(&b"first"[..], false); 20];
    let many = ("tokens without end", endless, auth(8, b"x").repeat(20), FailureKind::Protocol);
    for (name, steps, answer, kind) in cases.into_iter().chain([many]) {
        let (outcome, seen) = kerberos(7, steps, answer).await;
        let error = outcome.expect_err(name);
        assert_eq!((error.kind, error.authenticated), (kind, false), "{name}: {error}");
        assert!(!contains(&seen, CANARY.as_bytes()));
    }
    let (outcome, _) = kerberos(7, &[], Vec::new()).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str(), error.hint.as_deref()),
        (FailureKind::Gss, "no ticket", Some("run kinit"))
    );
}

#[tokio::test]
async fn kerberos_is_off_when_require_auth_does_not_name_it() {
    let (address, server) = say(auth(7, [])).await;
    let mut wanted = options(address);
    wanted.require_auth = Some(vec![AuthMethod::ScramSha256]);
    assert_eq!(refused_silently(&wanted, server).await.kind, FailureKind::Method);
}
