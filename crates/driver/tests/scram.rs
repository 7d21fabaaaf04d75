//! SCRAM-SHA-256 against a server that plays it right, and one that does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use base64ct::{Base64, Encoding};
use cornac_driver::error::{ConnectError, FailureKind, Phase};
use cornac_driver::options::ConnectOptions;
use support::scram::{First, Last, Outcome, SALT, Script, play};
use support::{
    CANARY, Peer, auth, connected, contains, error_response, options, refused_silently, serve, welcome,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

async fn scram_server(
    script: Script,
) -> (ConnectOptions, JoinHandle<Vec<u8>>, oneshot::Receiver<Option<Outcome>>) {
    let (told, outcome) = oneshot::channel();
    let (address, server) = serve(|mut peer: Peer| async move {
        peer.startup().await;
        let _ = told.send(play(&mut peer, &script).await);
        peer
    })
    .await;
    (options(address), server, outcome)
}

async fn lie(script: Script) -> ConnectError {
    let (options, server, _) = scram_server(script).await;
    let error = refused_silently(&options, server).await;
    assert!(!error.authenticated, "{error}");
    error
}

#[tokio::test]
async fn an_honest_exchange_logs_in_and_the_password_never_passes() {
    let (options, server, outcome) = scram_server(Script::default()).await;
    let established = connected(&options).await;
    assert_eq!(established.auth_method, "scram-sha-256");
    let outcome = outcome.await.unwrap().unwrap();
    assert!(outcome.proved);
    assert_eq!((outcome.mechanism.as_str(), outcome.gs2_header.as_str()), ("SCRAM-SHA-256", "n,,"));
    drop(established);
    assert!(!contains(&server.await.unwrap(), CANARY.as_bytes()));
}

#[tokio::test]
async fn every_lie_in_the_servers_first_message_is_refused_before_a_proof_is_sent() {
    let salt = Base64::encode_string(SALT);
    let lies: Vec<(&str, First)> = vec![
        ("nonce too short", Box::new(|nonce| format!("r={},s=QUJD,i=4096", &nonce[..nonce.len() - 1]))),
        ("nonce equal", Box::new(|nonce| format!("r={nonce},s=QUJD,i=4096"))),
        ("nonce foreign", Box::new(|_| "r=somebodyelsesnonceofthatsize,s=QUJD,i=4096".into())),
        ("nonce empty", Box::new(|_| "r=,s=QUJD,i=4096".into())),
        ("nonce unprintable", Box::new(|nonce| format!("r={nonce}\u{7},s=QUJD,i=4096"))),
        ("nonce not ASCII", Box::new(|nonce| format!("r={nonce}\u{e9},s=QUJD,i=4096"))),
        ("salt not base64", Box::new(|nonce| format!("r={nonce}x,s=*UJD,i=4096"))),
        ("salt of a wrong length", Box::new(|nonce| format!("r={nonce}x,s=QUJ,i=4096"))),
        ("salt empty", Box::new(|nonce| format!("r={nonce}x,s=,i=4096"))),
        ("iterations 0", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=0"))),
        ("iterations -1", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=-1"))),
        ("iterations missing", Box::new(|nonce| format!("r={nonce}x,s=QUJD"))),
        ("iterations no number", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=many"))),
        ("iterations 2^31", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=2147483648"))),
        ("iterations 2^70", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=1180591620717411303424"))),
        ("extension", Box::new(|nonce| format!("m=ext,r={nonce}x,s=QUJD,i=4096"))),
        ("error", Box::new(|_| "e=other-error".into())),
        ("extra data", Box::new(|nonce| format!("r={nonce}x,s=QUJD,i=4096,q=1"))),
        ("nothing", Box::new(|_| String::new())),
        ("100,001 iterations", Box::new(move |nonce| format!("r={nonce}x,s={salt},i=100001"))),
    ];
    for (name, first) in lies {
        let error = lie(Script { first, ..Script::default() }).await;
        assert_eq!((error.kind, error.phase), (FailureKind::Auth, Phase::Authentication), "{name}: {error}");
        if name == "100,001 iterations" {
            assert!(error.message.contains("100,000"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_prove_itself_is_refused() {
    let wrong = Base64::encode_string(&[7; 32]);
    let lies: Vec<(&str, Last)> = vec![
        ("wrong", Box::new(move |_| Some(format!("v={wrong}")))),
        ("empty", Box::new(|_| Some("v=".into()))),
        ("missing", Box::new(|_| Some(String::new()))),
        ("short", Box::new(|right| Some(format!("v={}", &right[..20])))),
        ("not base64", Box::new(|_| Some(format!("v={}", "*".repeat(44))))),
        ("extended", Box::new(|right| Some(format!("v={right},x=1")))),
        ("error", Box::new(|_| Some("e=invalid-proof".into()))),
        ("skipped", Box::new(|_| None)),
    ];
    for (name, last) in lies {
        // AuthenticationOk and ReadyForQuery follow in the same breath and must not be believed.
        let error = lie(Script { last, ..Script::default() }).await;
        assert_eq!((error.kind, error.phase), (FailureKind::Auth, Phase::Authentication), "{name}: {error}");
    }
}

#[tokio::test]
async fn what_follows_a_wrong_signature_is_never_read() {
    let wrong = Base64::encode_string(&[7; 32]);
    let rest = [auth(0, []), error_response("57P03", "from a server that proved nothing")].concat();
    let error =
        lie(Script { last: Box::new(move |_| Some(format!("v={wrong}"))), rest, ..Script::default() }).await;
    assert_eq!(error.kind, FailureKind::Auth);
    assert!(error.message.contains("SCRAM signature is wrong"), "{error}");
}

#[tokio::test]
async fn the_exchange_cannot_be_left_or_turned_over() {
    for rest in [auth(3, []), auth(5, [1, 2, 3, 4]), auth(10, b"SCRAM-SHA-256\0\0"), auth(12, b"v=AAAA")] {
        let error = lie(Script { rest: [rest, welcome()].concat(), ..Script::default() }).await;
        assert_eq!(error.kind, FailureKind::Protocol, "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_by_the_server() {
    let rest = error_response("28P01", "password authentication failed for user \"tester\"");
    let error = lie(Script { last: Box::new(|_| None), rest, ..Script::default() }).await;
    assert_eq!((error.kind, error.sqlstate()), (FailureKind::Server, Some("28P01")));
}
