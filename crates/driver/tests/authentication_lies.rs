//! What no honest server says between StartupMessage and AuthenticationOk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use cornac_driver::error::{FailureKind, Phase};
use cornac_driver::options::AuthMethod::{self, Gss, Md5, None as Trust, Oauth, Password, ScramSha256, Sspi};
use cornac_driver::options::{ChannelBinding, Secret};
use postgres_protocol::message::backend::{
    AUTHENTICATION_TAG, DATA_ROW_TAG, ERROR_RESPONSE_TAG, NOTICE_RESPONSE_TAG, PARAMETER_STATUS_TAG,
};
use support::{
    auth, connected, error_response, frame, options, refused, refused_silently, say, serve, welcome,
};

#[tokio::test]
async fn messages_that_do_not_belong_before_authentication_are_refused_by_name() {
    for tag in (0u8..=255).filter(|tag| !b"RNEv".contains(tag)) {
        let (address, server) = say(frame(tag, b"I")).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(
            (error.kind, error.phase),
            (FailureKind::Protocol, Phase::Authentication),
            "{tag}: {error}"
        );
        assert!(error.message.contains("while the driver waited for authentication"), "{error}");
    }
    let (address, _server) = say(frame(DATA_ROW_TAG, [])).await;
    let error = refused(&options(address)).await;
    assert_eq!(error.message, "server sent 'D' while the driver waited for authentication");
}

#[tokio::test]
async fn malformed_and_oversized_messages_are_refused_at_their_header() {
    let lengths = [0u32, 1, 2, 3, (1 << 20) + 1, 1 << 30, (1 << 31) - 1, 1 << 31, u32::MAX];
    for (tag, length) in lengths.into_iter().flat_map(|length| b"RSNZ".iter().map(move |tag| (*tag, length)))
    {
        let (address, server) = say([&[tag][..], &length.to_be_bytes()].concat()).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, FailureKind::Protocol, "{tag} {length}: {error}");
    }
    let malformed = [
        frame(AUTHENTICATION_TAG, []),
        frame(AUTHENTICATION_TAG, [0, 0]),
        auth(0, [0]),
        auth(3, [0]),
        auth(5, []),
        auth(5, [1, 2, 3]),
        auth(5, [1, 2, 3, 4, 5]),
        auth(7, [0]),
        auth(10, []),
        auth(10, b"SCRAM-SHA-256"),
        auth(10, b"SCRAM-SHA-256\0"),
        auth(10, b"SCRAM-SHA-256\0\0more"),
        frame(ERROR_RESPONSE_TAG, []),
        frame(ERROR_RESPONSE_TAG, b"SFATAL"),
        frame(ERROR_RESPONSE_TAG, b"SFATAL\0"),
    ];
    for bytes in malformed {
        let (address, server) = say(bytes.clone()).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, FailureKind::Protocol, "{bytes:?}: {error}");
    }
}

#[tokio::test]
async fn an_error_of_the_old_protocol_is_recognised_and_its_text_not_shown() {
    let (address, server) = say(b"Ecould not fork new process\n\0".to_vec()).await;
    let error = refused_silently(&options(address), server).await;
    assert!(error.message.contains("old protocol"), "{error}");
    assert!(!error.message.contains("fork"), "{error}");
}

#[tokio::test]
async fn ways_of_authentication_that_do_not_exist_are_named() {
    let cases = [
        (1, "Kerberos V4"),
        (2, "Kerberos V5"),
        (4, "crypt()"),
        (6, "SCM"),
        (13, "code 13"),
        (-1, "code -1"),
    ];
    for (code, words) in cases {
        let (address, server) = say(auth(code, [])).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, FailureKind::Method, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
    for code in [8, 11, 12] {
        let (address, server) = say(auth(code, b"x")).await;
        assert_eq!(refused_silently(&options(address), server).await.kind, FailureKind::Protocol, "{code}");
    }
}

#[tokio::test]
async fn sasl_lists_without_a_usable_mechanism_are_refused() {
    let cases: [(&[u8], FailureKind, &str); 4] = [
        (b"\0", FailureKind::Auth, "empty list"),
        (b"SCRAM-SHA-1\0PLAIN\0\0", FailureKind::Method, "'SCRAM-SHA-1', 'PLAIN'"),
        (b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", FailureKind::Auth, "not encrypted by TLS"),
        (b"OAUTHBEARER\0\0", FailureKind::Method, "no token was supplied"),
    ];
    for (list, kind, words) in cases {
        let (address, server) = say(auth(10, list)).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_second_request_is_refused_at_every_step() {
    for second in
        [auth(3, []), auth(5, [1, 2, 3, 4]), auth(7, []), auth(10, b"SCRAM-SHA-256\0\0"), auth(8, b"x")]
    {
        // The first request is MD5, so that what the client has sent is not the password itself.
        let (address, server) = say([auth(5, [1, 2, 3, 4]), second].concat()).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, FailureKind::Protocol, "{error}");
    }
    let (address, server) = say([auth(0, []), auth(3, [])].concat()).await;
    let error = refused_silently(&options(address), server).await;
    assert_eq!((error.kind, error.phase), (FailureKind::Protocol, Phase::Startup), "{error}");
    assert!(error.authenticated);
}

#[tokio::test]
async fn require_auth_meets_every_request_of_the_server_as_in_libpq() {
    let requests = [
        (Trust, welcome()),
        (Password, auth(3, [])),
        (Md5, auth(5, [1, 2, 3, 4])),
        (Gss, auth(7, [])),
        (Sspi, auth(9, [])),
        (ScramSha256, auth(10, b"SCRAM-SHA-256\0\0")),
        (Oauth, auth(10, b"OAUTHBEARER\0\0")),
    ];
    let all = requests.iter().map(|(method, _)| *method).collect::<Vec<_>>();
    let mut allowed = all.iter().map(|method| vec![*method]).collect::<Vec<_>>();
    allowed
        .extend(all.iter().map(|left_out| all.iter().copied().filter(|method| method != left_out).collect()));
    let mut cells = 0;
    for require_auth in allowed {
        for (method, request) in &requests {
            cells += 1;
            let legal = require_auth.contains(method);
            let request = request.clone();
            // Behind the client's answer, if one comes, the server says no, so that every cell ends.
            let (address, server) = serve(move |mut peer| async move {
                peer.startup().await;
                peer.send(request).await;
                if !peer.message().await.is_empty() {
                    peer.send(error_response("28000", "answered")).await;
                }
                peer
            })
            .await;
            let mut wanted = options(address);
            wanted.require_auth = Some(require_auth.clone());
            wanted.gss.host.clear();
            wanted.oauth_token = Some(Secret::new("t0ken"));
            if legal && *method == AuthMethod::None {
                assert_eq!(connected(&wanted).await.auth_method, "none");
            } else if legal {
                let error = refused(&wanted).await;
                assert!(
                    error.message == "answered" || error.message.contains("without a host name"),
                    "{method:?} in {require_auth:?}: {error}"
                );
            } else {
                let error = refused_silently(&wanted, server).await;
                assert_eq!(error.kind, FailureKind::Method);
                assert!(error.message.contains("but requireAuth allows only"), "{error}");
            }
        }
    }
    assert_eq!(cells, 98);
}

#[tokio::test]
async fn channel_binding_is_not_required_of_a_connection_without_tls() {
    let (address, server) = say(welcome()).await;
    let mut wanted = options(address);
    wanted.channel_binding = ChannelBinding::Require;
    let error = refused(&wanted).await;
    assert_eq!(error.message, "channel binding is required, but TLS is off");
    server.abort();
}

#[tokio::test]
async fn a_missing_password_is_an_invalid_password_error_that_says_where_one_may_come_from() {
    for request in [auth(3, []), auth(5, [1, 2, 3, 4]), auth(10, b"SCRAM-SHA-256\0\0")] {
        for password in [None, Some(Secret::new(""))] {
            let (address, server) = say(request.clone()).await;
            let mut wanted = options(address);
            wanted.password = password;
            let error = refused_silently(&wanted, server).await;
            assert_eq!((error.kind, error.sqlstate()), (FailureKind::Method, Some("28P01")));
            assert!(error.message.starts_with("no password was supplied"), "{error}");
            assert!(error.hint.unwrap().contains("PGPASSWORD"));
        }
    }
}

#[tokio::test]
async fn the_servers_refusal_comes_with_all_its_fields() {
    let (address, _server) =
        say(frame(ERROR_RESPONSE_TAG, b"SFATAL\0C28000\0Mno entry\0Hask the admin\0Fauth.c\0\0")).await;
    let error = refused(&options(address)).await;
    assert_eq!(
        (error.kind, error.phase, error.authenticated),
        (FailureKind::Server, Phase::Authentication, false)
    );
    assert_eq!((error.message.as_str(), error.sqlstate()), ("no entry", Some("28000")));
    assert_eq!(error.hint.as_deref(), Some("ask the admin"));
    assert_eq!(error.fields.last(), Some(&(b'F', "auth.c".to_owned())));
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_replaced_in_diagnostics() {
    let (address, _server) = say(frame(ERROR_RESPONSE_TAG, b"SFATAL\0C28000\0Mcaf\xe9\0\0")).await;
    assert_eq!(refused(&options(address)).await.message, "caf\u{fffd}");
}

#[tokio::test]
async fn a_flood_before_login_ends_is_bounded() {
    let notices = frame(NOTICE_RESPONSE_TAG, b"SNOTICE\0Mhello\0\0").repeat(2_000);
    let fat =
        frame(PARAMETER_STATUS_TAG, [b"name\0".as_slice(), &vec![b'x'; 1 << 19], b"\0"].concat()).repeat(10);
    for flood in [notices.clone(), [auth(0, []), notices].concat(), [auth(0, []), fat].concat()] {
        let (address, server) = say(flood).await;
        let error = refused_silently(&options(address), server).await;
        assert_eq!(error.kind, FailureKind::Protocol);
        assert!(error.message.contains("more than"), "{error}");
    }
}
