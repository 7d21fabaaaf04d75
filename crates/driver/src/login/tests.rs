//! What depends on where the server is: a test has no second machine, so the broker is told that it talks to one.

use std::time::Duration;

use postgres_protocol::message::backend::{
    AUTHENTICATION_TAG, BACKEND_KEY_DATA_TAG, NOTICE_RESPONSE_TAG, PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::log_in;
use super::policy::Transportation;
use crate::error::{ConnectError, FailureKind};
use crate::options::{
    ChannelBinding, ConnectOptions, Endpoint, GssLibrary, GssOptions, Keepalive, ProtocolVersion, Secret,
    TlsMode,
};
use crate::progress::Progress;

const CANARY: &str = "canary-5ecret";
/// No measure of speed: what has not come by then does not come.
const GUARD: Duration = Duration::from_secs(20);

fn options() -> ConnectOptions {
    ConnectOptions {
        endpoint: Endpoint::Tcp { address: "192.0.2.1".into(), port: 5432 },
        user: "tester".into(),
        database: String::new(),
        password: Some(Secret::new(CANARY)),
        parameters: Vec::new(),
        tls: TlsMode::Disable,
        tls_options: None,
        channel_binding: ChannelBinding::Prefer,
        require_auth: None,
        allow_plaintext_password: false,
        allow_unprotected_token: false,
        protocol: ProtocolVersion::V3_0,
        gss: GssOptions { service: "postgres".into(), host: String::new(), library: GssLibrary::Gssapi },
        gss_provider: None,
        oauth_token: Some(Secret::new(CANARY)),
        require_peer: None,
        keepalive: Keepalive::default(),
        tcp_user_timeout: None,
        timeout: None,
    }
}

/// Runs start-up against a server that asks once and hangs up after the answer; also gives what was sent to it.
async fn ask(request: &[u8], options: &ConnectOptions, transport: Transportation) -> (ConnectError, Vec<u8>) {
    let (mut client, mut server) = tokio::io::duplex(4096);
    let progress = Progress::new("192.0.2.1:5432".into());
    let answer = async {
        let mut seen = vec![0; 64];
        let startup = server.read(&mut seen).await.unwrap();
        assert!(startup > 8);
        server.write_all(request).await.unwrap();
        seen.clear();
        // It answers or drops its end.
        let _ = tokio::time::timeout(GUARD, server.read_buf(&mut seen)).await;
        drop(server);
        seen
    };
    let (outcome, seen) = tokio::join!(
        async {
            let outcome = log_in(&mut client, options, transport, None, &progress).await;
            drop(client);
            outcome
        },
        answer
    );
    (outcome.unwrap_err(), seen)
}

fn carries_secret(sent: &[u8]) -> bool {
    sent.windows(CANARY.len()).any(|part| part == CANARY.as_bytes())
}

#[tokio::test]
async fn a_plaintext_password_goes_to_another_machine_only_over_tls_or_when_it_is_named() {
    let far = Transportation { encrypted: false, verified: false, local: false, tcp: true };
    let near = Transportation { local: true, ..far };
    let encrypted = Transportation { encrypted: true, ..far };
    let requests: [(&[u8], &str); 2] = [
        (b"R\0\0\0\x08\0\0\0\x03", "asked for a cleartext password over an unencrypted connection"),
        (b"R\0\0\0\x0c\0\0\0\x05salt", "asked for MD5 authentication over an unencrypted connection"),
    ];
    for (request, words) in requests {
        let (error, sent) = ask(request, &options(), far).await;
        assert_eq!((error.kind, sent.len()), (FailureKind::Method, 0), "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.hint.is_some());

        let named = ConnectOptions { allow_plaintext_password: true, ..options() };
        for (options, transport) in [(&options(), near), (&options(), encrypted), (&named, far)] {
            let (error, sent) = ask(request, options, transport).await;
            assert_eq!(error.kind, FailureKind::Io, "{error}");
            assert!(!sent.is_empty());
        }
    }
    let (_, sent) = ask(requests[0].0, &options(), near).await;
    assert!(carries_secret(&sent), "the search for the secret finds nothing");
}

#[tokio::test]
async fn a_token_goes_to_another_machine_only_when_tls_verifies_it_or_oauth_is_named() {
    let far = Transportation { encrypted: false, verified: false, local: false, tcp: true };
    let unverified = Transportation { encrypted: true, ..far };
    let verified = Transportation { verified: true, ..unverified };
    let near = Transportation { local: true, ..far };
    let request = b"R\0\0\0\x15\0\0\0\x0aOAUTHBEARER\0\0";
    for (transport, words) in [
        (far, "asked for an OAuth token over an unencrypted connection, which was refused"),
        (unverified, "asked for an OAuth token over a TLS connection that does not verify the server"),
    ] {
        // What names passwords says nothing of tokens.
        let passwords = ConnectOptions { allow_plaintext_password: true, ..options() };
        let (error, sent) = ask(request, &passwords, transport).await;
        assert_eq!((error.kind, sent.len()), (FailureKind::Method, 0), "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(error.hint.is_some_and(|hint| hint.contains("verify-full")));
    }
    let named = ConnectOptions { allow_unprotected_token: true, ..options() };
    for (options, transport) in
        [(&options(), near), (&options(), verified), (&named, far), (&named, unverified)]
    {
        let (error, sent) = ask(request, options, transport).await;
        assert_eq!(error.kind, FailureKind::Io, "{error}");
        assert!(carries_secret(&sent));
    }
}

#[tokio::test]
async fn kerberos_needs_a_host_name() {
    let far = Transportation { encrypted: false, verified: false, local: false, tcp: true };
    let named =
        |host: &str| ConnectOptions { gss: GssOptions { host: host.into(), ..options().gss }, ..options() };
    let request = b"R\0\0\0\x08\0\0\0\x07";
    let (error, sent) = ask(request, &named(""), far).await;
    assert_eq!(error.message, "server asked for GSSAPI authentication without a host name");
    assert!(sent.is_empty());
    let (error, _) = ask(request, &named("db.example"), Transportation { tcp: false, ..far }).await;
    assert!(error.message.contains("over a Unix socket"), "{error}");
}

/// NegotiateProtocolVersion, MD5, and everything an honest server says after it.
fn transcript() -> Vec<u8> {
    let frames: [(u8, &[u8]); 8] = [
        (b'v', b"\0\x03\0\0\0\0\0\0"),
        (AUTHENTICATION_TAG, b"\0\0\0\x05salt"),
        (NOTICE_RESPONSE_TAG, b"SNOTICE\0Mhello\0\0"),
        (AUTHENTICATION_TAG, b"\0\0\0\0"),
        (PARAMETER_STATUS_TAG, b"server_version\x0018.0\0"),
        (BACKEND_KEY_DATA_TAG, b"\0\0\0\x01\x01\x02\x03\x04"),
        (PARAMETER_STATUS_TAG, b"in_hot_standby\0off\0"),
        (READY_FOR_QUERY_TAG, b"I"),
    ];
    let mut bytes = Vec::new();
    for (tag, body) in frames {
        bytes.push(tag);
        bytes.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}

/// Start-up against a server that says these bytes and hangs up; `width` is what fits into the pipe at once.
async fn replay(bytes: &[u8], width: usize) -> Result<super::LoggedIn, ConnectError> {
    let (mut client, server) = tokio::io::duplex(width);
    let (mut incoming, mut outgoing) = tokio::io::split(server);
    let options = ConnectOptions { protocol: ProtocolVersion::V3_2, ..options() };
    let progress = Progress::new("test".into());
    let near = Transportation { encrypted: false, verified: false, local: true, tcp: true };
    let speak = async {
        // The client may have refused and gone.
        let _ = outgoing.write_all(bytes).await;
        let _ = outgoing.shutdown().await;
    };
    let listen = async {
        let mut sink = [0; 256];
        while incoming.read(&mut sink).await.is_ok_and(|count| count > 0) {}
    };
    let attempt = async {
        let outcome = log_in(&mut client, &options, near, None, &progress).await;
        drop(client);
        outcome
    };
    let all = async { tokio::join!(attempt, speak, listen).0 };
    tokio::time::timeout(GUARD, all).await.expect("start-up hangs")
}

#[tokio::test]
async fn bytes_that_come_one_by_one_make_the_same_session() {
    for width in [1, 2, 7, 4096] {
        let session = replay(&transcript(), width).await.unwrap();
        assert_eq!(session.facts.backend, Some((1, vec![1, 2, 3, 4])));
        assert_eq!(session.facts.parameters.len(), 2);
        assert_eq!(
            (session.protocol, session.auth_method, session.transaction_status),
            ((3, 0), "md5", b'I')
        );
    }
}

#[tokio::test]
async fn a_connection_cut_at_any_byte_is_an_error() {
    let whole = transcript();
    for end in 0..whole.len() {
        let error = replay(&whole[..end], 4096).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Io, "cut at {end}: {error}");
    }
}

#[tokio::test]
async fn damaged_start_ups_never_hang_or_panic() {
    // A fixed xorshift sequence: every run damages the same bytes.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(limit).unwrap()).unwrap()
    };
    for _ in 0..2_000 {
        let mut bytes = transcript();
        for _ in 0..=below(3) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes[at] = u8::try_from(below(256)).unwrap(),
                1 => bytes.insert(at, u8::try_from(below(256)).unwrap()),
                2 => drop(bytes.remove(at)),
                _ => bytes.swap(at, 0),
            }
        }
        if let Err(error) = replay(&bytes, 4096).await {
            assert!(!format!("{error:?}").contains(CANARY));
        }
    }
}
