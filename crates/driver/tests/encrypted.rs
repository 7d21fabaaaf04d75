//! Start-up and cancel over TLS: channel binding, cancel's protection.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use cornac_driver::cancel::cancel;
use cornac_driver::connect::{Established, establish};
use cornac_driver::error::{ConnectError, FailureKind, Phase};
use cornac_driver::options::{
    ChannelBinding, ConnectOptions, GssContext, GssError, GssOptions, GssProvider, Secret, TlsMode,
};
use cornac_driver::tls::{Roots, TlsOptions, Verify};
use sha2::Digest;
use support::scram::{Outcome, Script, play};
use support::tls::{Identity, accept};
use support::{CANARY, Peer, auth, connected, contains, options, serve_tcp, welcome};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

fn over_tls(address: SocketAddr) -> ConnectOptions {
    let tls = TlsOptions { verify: Verify::None, roots: Roots::None, ..TlsOptions::default() };
    ConnectOptions { tls: TlsMode::Require, tls_options: Some(tls), ..options(address) }
}

fn ecdsa() -> Identity {
    Identity::new(&rcgen::PKCS_ECDSA_P256_SHA256)
}

/// Logs in over TLS against a server that plays SCRAM with these mechanisms.
async fn scram_over_tls(
    identity: Identity,
    binding: ChannelBinding,
    mechanisms: &'static [u8],
) -> (Result<Established, ConnectError>, Option<Outcome>, Vec<u8>) {
    let (told, outcome) = oneshot::channel();
    let (address, server) = serve_tcp(move |stream| async move {
        let mut peer = accept(stream, &identity.acceptor(false)).await.unwrap();
        peer.startup().await;
        let mut script = Script { mechanisms, ..Script::default() };
        if mechanisms.starts_with(b"SCRAM-SHA-256-PLUS\0") && binding != ChannelBinding::Disable {
            script.binding = sha2::Sha256::digest(&identity.certificate).to_vec();
        }
        script.rest.extend_from_slice(b"left over");
        let _ = told.send(play(&mut peer, &script).await);
        peer
    })
    .await;
    let result = establish(&ConnectOptions { channel_binding: binding, ..over_tls(address) }).await;
    let outcome = if result.is_ok() { outcome.await.unwrap() } else { None };
    let seen = match &result {
        Ok(_) => Vec::new(),
        Err(_) => server.await.unwrap(),
    };
    (result, outcome, seen)
}

const BOTH: &[u8] = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
const PLAIN: &[u8] = b"SCRAM-SHA-256\0\0";

#[tokio::test]
async fn scram_is_bound_to_the_certificate_wherever_both_sides_can() {
    use ChannelBinding::{Disable, Prefer, Require};
    for (binding, offered, gs2_header, method) in [
        (Prefer, BOTH, "p=tls-server-end-point,,", "scram-sha-256-plus"),
        (Require, BOTH, "p=tls-server-end-point,,", "scram-sha-256-plus"),
        (Prefer, PLAIN, "y,,", "scram-sha-256"),
        (Disable, BOTH, "n,,", "scram-sha-256"),
        (Disable, PLAIN, "n,,", "scram-sha-256"),
    ] {
        let (result, outcome, _) = scram_over_tls(ecdsa(), binding, offered).await;
        let established = result.unwrap();
        let outcome = outcome.unwrap();
        assert!(outcome.proved, "{binding:?}");
        assert_eq!((outcome.gs2_header.as_str(), established.auth_method), (gs2_header, method));
        assert!(established.encrypted && established.tls.is_some());
        assert_eq!(&established.leftover[..], b"left over");
    }
}

#[tokio::test]
async fn required_channel_binding_is_never_given_up() {
    let (result, _, seen) = scram_over_tls(ecdsa(), ChannelBinding::Require, PLAIN).await;
    let error = result.unwrap_err();
    assert!(error.message.contains("did not offer SCRAM-SHA-256-PLUS"), "{error}");
    assert!(!contains(&seen, b"SCRAM"));

    let ed25519 = || Identity::new(&rcgen::PKCS_ED25519);
    let (result, _, seen) = scram_over_tls(ed25519(), ChannelBinding::Require, BOTH).await;
    let error = result.unwrap_err();
    assert!(error.message.contains("signature algorithm"), "{error}");
    assert!(!contains(&seen, b"SCRAM"));
    let (result, _, _) = scram_over_tls(ed25519(), ChannelBinding::Disable, BOTH).await;
    assert_eq!(result.unwrap().auth_method, "scram-sha-256");

    let requests = [
        welcome(),
        auth(3, []),
        auth(5, [1, 2, 3, 4]),
        auth(7, []),
        auth(9, []),
        auth(10, b"OAUTHBEARER\0\0"),
    ];
    for request in requests {
        let identity = ecdsa();
        let (address, server) = serve_tcp(move |stream| async move {
            let mut peer = accept(stream, &identity.acceptor(false)).await.unwrap();
            peer.startup().await;
            peer.send(request).await;
            peer
        })
        .await;
        let mut wanted = over_tls(address);
        wanted.channel_binding = ChannelBinding::Require;
        wanted.oauth_token = Some(Secret::new(CANARY));
        let error = establish(&wanted).await.unwrap_err();
        assert_eq!((error.kind, error.authenticated), (FailureKind::Method, false), "{error}");
        assert!(error.message.starts_with("channel binding is required, but the server"), "{error}");
        assert!(!contains(&server.await.unwrap(), CANARY.as_bytes()));
    }

    let (address, _server) = support::serve(|mut peer: Peer| async move {
        peer.startup().await;
        peer.send(b"N").await;
        peer
    })
    .await;
    let mut wanted = over_tls(address);
    (wanted.tls, wanted.channel_binding) = (TlsMode::Prefer, ChannelBinding::Require);
    let error = establish(&wanted).await.unwrap_err();
    assert_eq!(error.message, "channel binding is required, but the connection is not encrypted by TLS");
}

#[tokio::test]
async fn a_server_with_plus_only_is_refused_when_binding_is_off() {
    let (result, ..) = scram_over_tls(ecdsa(), ChannelBinding::Disable, b"SCRAM-SHA-256-PLUS\0\0").await;
    assert_eq!(result.unwrap_err().kind, FailureKind::Method);
}

#[tokio::test]
async fn a_refusal_inside_the_handshake_is_a_tls_error() {
    let identity = ecdsa();
    let (address, _server) = serve_tcp(move |stream| async move {
        accept(stream, &identity.acceptor(true)).await.unwrap_or_else(|| Peer::new(tokio::io::empty()))
    })
    .await;
    let error = establish(&over_tls(address)).await.unwrap_err();
    assert_eq!((error.kind, error.authenticated), (FailureKind::Tls, false), "{error:?}");
}

#[tokio::test]
async fn direct_tls_starts_without_a_question() {
    let identity = ecdsa();
    let (address, _server) = serve_tcp(move |stream| async move {
        let mut peer = Peer::new(identity.acceptor(false).accept(stream).await.unwrap());
        peer.startup().await;
        peer.send(welcome()).await;
        peer
    })
    .await;
    let established = connected(&ConnectOptions { tls: TlsMode::Direct, ..over_tls(address) }).await;
    assert!(established.encrypted);
}

/// A listener that logs one session in over TLS, then hands out the connections that cancel.
async fn session(
    identity: &Identity,
    options: impl FnOnce(SocketAddr) -> ConnectOptions,
) -> (Established, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = identity.acceptor(false);
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut peer = accept(stream, &acceptor).await.unwrap();
        peer.startup().await;
        peer.send(welcome()).await;
        tokio::spawn(async move { peer.until_closed().await });
    };
    let options = options(address);
    let (established, ()) = tokio::join!(connected(&options), server);
    (established, listener)
}

#[tokio::test]
async fn a_cancel_is_protected_as_the_session_was() {
    let identity = ecdsa();
    let verified = |address| {
        let tls = TlsOptions {
            verify: Verify::Full,
            server_name: Some("db.example".into()),
            roots: Roots::Given(vec![identity.certificate.clone()]),
            ..TlsOptions::default()
        };
        // Under 'prefer' the session got TLS: its cancel must have it too.
        ConnectOptions { tls: TlsMode::Prefer, tls_options: Some(tls), ..options(address) }
    };
    let (established, listener) = session(&identity, verified).await;
    let server = async {
        let mut peer = accept(listener.accept().await.unwrap().0, &identity.acceptor(false)).await.unwrap();
        peer.startup().await
    };
    let (cancelled, request) = tokio::join!(cancel(&established.cancel, Duration::from_secs(5)), server);
    cancelled.unwrap();
    assert_eq!(request, [&80_877_102i32.to_be_bytes()[..], &4711i32.to_be_bytes(), &[1, 2, 3, 4]].concat());

    // The server says no to TLS now: nothing may follow.
    let server = async {
        let mut peer = Peer::new(listener.accept().await.unwrap().0);
        peer.startup().await;
        peer.send(b"N").await;
        peer.until_closed().await;
        peer.seen
    };
    let (refused, seen) = tokio::join!(cancel(&established.cancel, Duration::from_secs(5)), server);
    let error = refused.unwrap_err().error;
    assert_eq!((error.kind, error.phase), (FailureKind::TlsRefused, Phase::Tls));
    assert_eq!(seen.len(), 8, "more than the request for TLS was sent");
}

#[tokio::test]
async fn a_cancel_trusts_what_the_mode_of_the_session_trusts() {
    // Under a mode that verifies nothing a renewed certificate is as good as the first.
    let identity = ecdsa();
    let (established, listener) = session(&identity, over_tls).await;
    let renewed = ecdsa();
    let server = async {
        let mut peer = accept(listener.accept().await.unwrap().0, &renewed.acceptor(false)).await.unwrap();
        peer.startup().await
    };
    let (cancelled, request) = tokio::join!(cancel(&established.cancel, Duration::from_secs(5)), server);
    cancelled.unwrap();
    assert_eq!(request.len(), 12);

    // Under one that verifies, a stranger is told nothing.
    let identity = ecdsa();
    let verified = |address| {
        let roots = Roots::Given(vec![identity.certificate.clone()]);
        let tls = TlsOptions { verify: Verify::Ca, roots, ..TlsOptions::default() };
        ConnectOptions { tls: TlsMode::Require, tls_options: Some(tls), ..options(address) }
    };
    let (established, listener) = session(&identity, verified).await;
    let server = async { accept(listener.accept().await.unwrap().0, &renewed.acceptor(false)).await };
    let (refused, accepted) = tokio::join!(cancel(&established.cancel, Duration::from_secs(5)), server);
    let refused = refused.unwrap_err();
    assert!(refused.error.kind == FailureKind::Tls && !refused.is_under_way, "{refused:?}");
    assert!(accepted.is_none(), "the handshake was finished");
}

/// A Kerberos whose KDC does not answer before it is let go.
struct Deaf(Arc<RwLock<()>>);

impl GssProvider for Deaf {
    fn open(&self, _: &GssOptions, _: bool) -> Result<Box<dyn GssContext>, GssError> {
        drop(self.0.read());
        Err(GssError { message: "no KDC answered".into(), hint: None })
    }
}

#[test]
fn a_kdc_that_does_not_answer_holds_up_only_who_asks_it() {
    let kdc = Arc::new(RwLock::new(()));
    let silence = kdc.write().unwrap();
    // As in production: logins have few threads of each kind.
    let turn = cornac_driver::runtime::login().unwrap();
    let (ended, end) = std::sync::mpsc::channel();
    let provider = Arc::new(Deaf(kdc.clone()));
    turn.run(async move {
        let mut asking = Vec::new();
        for _ in 0..16 {
            let (address, _server) = support::say(auth(7, [])).await;
            let mut wanted = ConnectOptions { gss_provider: Some(provider.clone()), ..options(address) };
            wanted.timeout = Some(Duration::from_millis(300));
            asking.push(tokio::spawn(async move { establish(&wanted).await }));
        }
        // Their own limit is not the library's.
        for outcome in asking {
            let error = outcome.await.unwrap().unwrap_err();
            assert_eq!(error.kind, FailureKind::Timeout, "{error}");
            assert!(error.message.ends_with("while waiting for the Kerberos library"), "{error}");
        }
        // Nobody had this configuration made before.
        let (address, _server) = serve_tcp(|stream| async move {
            let mut peer = accept(stream, &ecdsa().acceptor(false)).await.unwrap();
            peer.startup().await;
            peer.send(welcome()).await;
            peer
        })
        .await;
        let mut wanted = over_tls(address);
        wanted.tls_options.as_mut().unwrap().passphrase = Some("another configuration".into());
        ended.send(establish(&wanted).await.is_ok()).unwrap();
    });
    let outcome = end.recv_timeout(support::GUARD);
    drop(silence);
    assert_eq!(outcome, Ok(true), "a login waits for the KDC of others");
}
