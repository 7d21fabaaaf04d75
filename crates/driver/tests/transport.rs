//! Opening sockets, the request for TLS, deadlines, and cancelling without TLS.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use cornac_driver::cancel::cancel;
use cornac_driver::connect::establish;
use cornac_driver::error::{FailureKind, Phase};
use cornac_driver::options::{ConnectOptions, Endpoint, Keepalive, Secret, TlsMode};
use cornac_driver::socket::Socket;
use cornac_driver::tls::{Roots, TlsOptions, Verify};
use postgres_protocol::message::backend::READY_FOR_QUERY_TAG;
use support::{
    AT_ONCE, GUARD, Peer, auth, connected, contains, key, options, ready, refused, refused_silently, say,
    serve, welcome,
};
use tokio::net::TcpListener;

fn with_tls(mode: TlsMode, address: std::net::SocketAddr) -> ConnectOptions {
    let tls = TlsOptions { verify: Verify::None, roots: Roots::None, ..TlsOptions::default() };
    ConnectOptions { tls: mode, tls_options: Some(tls), ..options(address) }
}

#[tokio::test]
async fn a_refused_connection_and_a_missing_socket_are_system_errors() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = refused(&options(free)).await;
    assert_eq!(error.message, format!("could not connect to {free}: connection refused"));
    assert_eq!((error.kind, error.phase), (FailureKind::Io, Phase::Connect));
    assert!(error.os_error.is_some());

    let missing =
        ConnectOptions { endpoint: Endpoint::Unix { path: "/nowhere/.s.PGSQL.1".into() }, ..options(free) };
    let error = refused(&missing).await;
    assert_eq!(error.message, "could not connect to /nowhere/.s.PGSQL.1: no such file or directory");
    assert_eq!(error.os_error, Some(2));
}

#[tokio::test]
async fn addresses_are_literals_and_zones_are_interfaces() {
    let at = |address: &str| ConnectOptions {
        endpoint: Endpoint::Tcp { address: address.into(), port: 1 },
        ..options("127.0.0.1:1".parse().unwrap())
    };
    for wrong in ["localhost", "", "1.2.3", "::1%nosuchzone", "example.com%lo", "127.0.0.1%lo"] {
        let error = refused(&at(wrong)).await;
        assert_eq!(error.kind, FailureKind::Config, "{wrong}: {error}");
    }
    let error = refused(&at("::1%1")).await;
    assert_eq!(error.kind, FailureKind::Io, "{error}");
}

#[tokio::test]
async fn socket_options_are_set_and_the_socket_leaves_the_runtime_nonblocking() {
    let (address, _server) = say(welcome()).await;
    let seconds = |count| Some(Duration::from_secs(count));
    let wanted = ConnectOptions {
        keepalive: Keepalive::On { idle: seconds(77), interval: seconds(0), count: Some(3) },
        tcp_user_timeout: Some(Duration::from_millis(12_345)),
        ..options(address)
    };
    let established = connected(&wanted).await;
    let Socket::Tcp(stream) = &established.socket else { panic!("not TCP") };
    assert!(stream.nodelay().unwrap());
    let socket = socket2::SockRef::from(stream);
    assert!(socket.keepalive().unwrap() && socket.nonblocking().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(77));
    assert_eq!(socket.tcp_keepalive_retries().unwrap(), 3);
    #[cfg(target_os = "linux")]
    assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(12_345)));

    let (address, _server) = say(welcome()).await;
    let established = connected(&ConnectOptions { keepalive: Keepalive::Off, ..options(address) }).await;
    let Socket::Tcp(stream) = &established.socket else { panic!("not TCP") };
    assert!(!socket2::SockRef::from(stream).keepalive().unwrap());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn unix_sockets_abstract_ones_and_their_owners() {
    use tokio::net::UnixListener;

    let directory = std::env::temp_dir().join(format!("cornac-driver-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join(".s.PGSQL.5432");
    let abstract_name = format!("cornac-driver-{}", std::process::id());
    let abstract_address =
        <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(
            &abstract_name,
        )
        .unwrap();
    let hidden = std::os::unix::net::UnixListener::bind_addr(&abstract_address).unwrap();
    hidden.set_nonblocking(true).unwrap();
    let listeners = [UnixListener::bind(&path).unwrap(), UnixListener::from_std(hidden).unwrap()];
    let [plain, hidden] = listeners.map(|listener| {
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut peer = Peer::new(stream);
                // A cleartext password may cross a Unix socket.
                tokio::spawn(async move {
                    peer.startup().await;
                    peer.send(auth(3, [])).await;
                    peer.message().await;
                    peer.send(welcome()).await;
                    peer.until_closed().await;
                });
            }
        })
    });
    let at = |path: String| ConnectOptions {
        endpoint: Endpoint::Unix { path },
        ..options("127.0.0.1:1".parse().unwrap())
    };
    let file = path.to_str().unwrap().to_owned();
    for path in [file.clone(), format!("@{abstract_name}"), format!("\0{abstract_name}")] {
        let established = connected(&at(path)).await;
        assert!(matches!(established.socket, Socket::Unix(_)));
    }

    let uid = std::fs::metadata(&directory).map(|found| std::os::unix::fs::MetadataExt::uid(&found)).unwrap();
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let owner = users.lines().find(|line| line.split(':').nth(2) == Some(&uid.to_string())).unwrap();
    let owner = owner.split(':').next().unwrap().to_owned();
    connected(&ConnectOptions { require_peer: Some(owner.clone()), ..at(file.clone()) }).await;
    let error = refused(&ConnectOptions { require_peer: Some("nobody-else".into()), ..at(file) }).await;
    assert_eq!(error.message, format!("requirepeer is 'nobody-else', but the server runs as '{owner}'"));
    plain.abort();
    hidden.abort();
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_server_without_tls_is_refused_or_used_in_clear_as_the_mode_says() {
    let answer = |bytes: &'static [u8]| {
        serve(move |mut peer: Peer| async move {
            assert_eq!(peer.startup().await, 80_877_103u32.to_be_bytes());
            peer.send(bytes).await;
            if bytes == b"N" {
                peer.startup().await;
                peer.send(welcome()).await;
            }
            peer
        })
    };
    let (address, server) = answer(b"N").await;
    let error = refused_silently(&with_tls(TlsMode::Require, address), server).await;
    assert_eq!((error.kind, error.phase), (FailureKind::TlsRefused, Phase::Tls));
    assert_eq!(error.message, format!("server at {address} does not accept TLS connections"));

    let (address, _server) = answer(b"N").await;
    let established = connected(&with_tls(TlsMode::Prefer, address)).await;
    assert!(!established.encrypted && established.tls.is_none());

    // An error, plain bytes behind 'S', and garbage are the same under every mode.
    for mode in [TlsMode::Prefer, TlsMode::Require] {
        for (bytes, words) in [
            (
                &b"E\0\0\0\x50SFATAL\0C53300\0Mcanary-5ecret\0\0"[..],
                "answered the request for TLS with an error",
            ),
            (b"SR\0\0\0\x08\0\0\0\0", "unencrypted bytes before the TLS handshake"),
            (b"H", "server sent 'H' while the driver waited for the answer to the request for TLS"),
            (b"G", "server sent 'G'"),
        ] {
            let (address, server) = answer(bytes).await;
            let error = refused_silently(&with_tls(mode, address), server).await;
            assert_eq!((error.kind, error.phase), (FailureKind::Protocol, Phase::Tls), "{error}");
            assert!(error.message.contains(words), "{error}");
        }
    }
}

#[tokio::test]
async fn a_silent_server_times_out_at_every_step_and_the_step_is_named() {
    let scram_first: &[u8] = b"r=";
    let stalls: Vec<(&str, TlsMode, Vec<Vec<u8>>)> = vec![
        ("the answer to the request for TLS", TlsMode::Require, vec![]),
        ("the TLS handshake", TlsMode::Require, vec![b"S".to_vec()]),
        ("the TLS handshake", TlsMode::Direct, vec![]),
        ("authentication", TlsMode::Disable, vec![]),
        ("authentication", TlsMode::Prefer, vec![b"N".to_vec()]),
        ("the verdict on the password", TlsMode::Disable, vec![auth(3, [])]),
        ("the verdict on the password", TlsMode::Disable, vec![auth(5, [1, 2, 3, 4])]),
        ("the SASL challenge", TlsMode::Disable, vec![auth(10, b"SCRAM-SHA-256\0\0")]),
        (
            "the SASL challenge",
            TlsMode::Disable,
            vec![auth(10, b"SCRAM-SHA-256\0\0"), auth(11, scram_first)[..7].to_vec()],
        ),
        ("the verdict on the OAuth token", TlsMode::Disable, vec![auth(10, b"OAUTHBEARER\0\0")]),
        ("ReadyForQuery", TlsMode::Disable, vec![auth(0, [])]),
        ("ReadyForQuery", TlsMode::Disable, vec![auth(0, []), ready()[..20].to_vec()]),
    ];
    let limit = Duration::from_millis(200);
    for (awaited, mode, said) in stalls {
        let (address, server) = serve(move |mut peer: Peer| async move {
            if mode != TlsMode::Direct {
                peer.startup().await;
            }
            for (index, bytes) in said.into_iter().enumerate() {
                if index > 0 {
                    peer.message().await;
                }
                peer.send(bytes).await;
            }
            peer
        })
        .await;
        let mut wanted = with_tls(mode, address);
        wanted.timeout = Some(limit);
        wanted.oauth_token = Some(Secret::new("t0ken"));
        let started = Instant::now();
        let error = establish(&wanted).await.unwrap_err();
        let took = started.elapsed();
        assert_eq!(error.kind, FailureKind::Timeout, "{awaited}: {error}");
        assert_eq!(
            error.message,
            format!("connecting to {address} timed out after 200 ms while waiting for {awaited}")
        );
        assert!(took >= limit && took < limit + AT_ONCE, "{awaited}: {took:?}");
        // The socket is closed: the server's reading ends.
        tokio::time::timeout(GUARD, server).await.expect("the socket was left open").unwrap();
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_lost_connection_with_its_step() {
    for (said, awaited, is_silent) in
        [(Vec::new(), "authentication", true), (auth(0, []), "ReadyForQuery", false)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut peer = Peer::new(listener.accept().await.unwrap().0);
            peer.startup().await;
            peer.send(said).await;
        });
        let error = refused(&options(address)).await;
        assert_eq!(error.kind, FailureKind::Io);
        let expected =
            format!("server at {address} closed the connection while the driver waited for {awaited}");
        assert_eq!(error.message, expected);
        // PostgreSQL says why it ends a connection.
        let hint = error.hint.unwrap_or_default();
        assert_eq!(hint.contains("speaks TLS only"), is_silent, "{hint}");
    }
}

#[tokio::test]
async fn a_cancel_goes_to_the_same_address_and_ends_when_the_server_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut session = Peer::new(listener.accept().await.unwrap().0);
        session.startup().await;
        session
            .send([auth(0, []), key(-2, &[1, 2, 3, 4]), support::frame(READY_FOR_QUERY_TAG, b"I")].concat())
            .await;
        let mut cancel = Peer::new(listener.accept().await.unwrap().0);
        let request = cancel.startup().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(cancel);
        let mut chatty = Peer::new(listener.accept().await.unwrap().0);
        chatty.startup().await;
        chatty.send(b"E").await;
        let mut silent = Peer::new(listener.accept().await.unwrap().0);
        silent.until_closed().await;
        (session, request)
    });
    let established = connected(&options(address)).await;
    assert!(!format!("{:?}", established.cancel).contains("[1, 2, 3, 4]"));
    let started = Instant::now();
    cancel(&established.cancel, Duration::from_secs(5)).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(50));
    let error = cancel(&established.cancel, Duration::from_secs(5)).await.unwrap_err();
    assert!(error.error.message.contains("answered a request to cancel"), "{error:?}");
    assert!(!error.is_under_way, "the server has dealt with it");
    let error = cancel(&established.cancel, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.error.kind, FailureKind::Timeout);
    assert!(error.is_under_way, "it may have an effect later");
    let (_session, request) = server.await.unwrap();
    assert_eq!(request, b"\x04\xd2\x16\x2e\xff\xff\xff\xfe\x01\x02\x03\x04");
    assert!(!contains(&request, b"tester"));
}
