//! The handshake itself: versions, ALPN, SNI, sessions, key log, and servers that do not speak TLS.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod tls_support;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use cornac_driver::tls::{self, Roots, TlsErrorKind, TlsOptions, TlsVersion, Verify, binding};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion, ServerConfig};
use tls_support::{Ca, PEER, Stream, connect, options, server, server_with};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

const HOST: &str = "db.example";

fn version_of(stream: &Stream) -> ProtocolVersion {
    stream.get_ref().1.protocol_version().unwrap()
}

#[tokio::test]
async fn the_versions_of_both_sides_decide() {
    use TlsVersion::{Tls12, Tls13};
    let ca = Ca::root("Test CA");
    let leaf = ca.leaf(None, &[HOST]);
    let server =
        |versions: &[&'static rustls::SupportedProtocolVersion]| Arc::new(server_with(&leaf, versions, None));
    let (only_12, only_13, both) = (server(&[&TLS12]), server(&[&TLS13]), server(&[&TLS12, &TLS13]));
    let (v12, v13) = (Some(ProtocolVersion::TLSv1_2), Some(ProtocolVersion::TLSv1_3));
    for (min_version, max_version, expected) in [
        (None, None, [v12, v13, v13]),
        (Some(Tls12), None, [v12, v13, v13]),
        (Some(Tls12), Some(Tls12), [v12, None, v12]),
        (None, Some(Tls12), [v12, None, v12]),
        (Some(Tls13), None, [None, v13, v13]),
        (Some(Tls13), Some(Tls13), [None, v13, v13]),
        (Some(Tls12), Some(Tls13), [v12, v13, v13]),
    ] {
        for (server, expected) in [&only_12, &only_13, &both].into_iter().zip(expected) {
            let options = TlsOptions { min_version, max_version, ..options(Verify::Full, &[ca.pem()], HOST) };
            match (connect(server, &options, false).await, expected) {
                (Ok(stream), Some(version)) => assert_eq!(version_of(&stream), version),
                (Err(error), None) => {
                    assert!(matches!(error.kind, TlsErrorKind::Refused | TlsErrorKind::Protocol), "{error}");
                    assert!(
                        error.message.contains("protocol_version")
                            || error.message.contains("no TLS version"),
                        "{error}"
                    );
                    assert!(error.hint.unwrap().contains("sslMinProtocolVersion"));
                }
                (outcome, expected) => {
                    panic!("{min_version:?} {max_version:?}: {outcome:?}, not {expected:?}")
                }
            }
        }
    }
}

#[tokio::test]
async fn direct_tls_needs_the_application_protocol_back() {
    let ca = Ca::root("Test CA");
    let with = |protocols: &[&[u8]]| {
        let mut config = server(&ca.leaf(None, &[HOST]));
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    };
    let options = options(Verify::Full, &[ca.pem()], HOST);
    for (protocols, direct, message) in [
        (&[&b"postgresql"[..]][..], true, None),
        (&[b"postgresql"], false, None),
        (&[b"h2", b"postgresql"], true, None),
        (&[], false, None),
        (&[], true, Some("did not agree to the application protocol \"postgresql\"")),
        (&[b"http/1.1"], true, Some("alert no_application_protocol")),
        (&[b"http/1.1"], false, Some("alert no_application_protocol")),
    ] {
        match (connect(&with(protocols), &options, direct).await, message) {
            (Ok(stream), None) => {
                let agreed = stream.get_ref().1.alpn_protocol();
                assert_eq!(agreed, if protocols.is_empty() { None } else { Some(&b"postgresql"[..]) });
            }
            (Err(error), Some(message)) => {
                assert!(error.message.contains(message), "{error}");
                assert!(error.hint.is_some(), "{error}");
            }
            (outcome, _) => panic!("{protocols:?} {direct}: {outcome:?}"),
        }
    }
}

/// Notes the names that clients ask for.
#[derive(Debug)]
struct Listener {
    heard: Arc<Mutex<Vec<Option<String>>>>,
    shown: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Listener {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.heard.lock().unwrap().push(hello.server_name().map(str::to_owned));
        Some(Arc::clone(&self.shown))
    }
}

#[tokio::test]
async fn only_names_are_told_to_the_server_and_only_if_allowed() {
    let leaf = Ca::root("Test CA").leaf(None, &[HOST]);
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(leaf.key.clone().try_into().unwrap()).unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let shown = Arc::new(CertifiedKey::new(leaf.chain.clone(), key));
    let mut config = server(&leaf);
    config.cert_resolver = Arc::new(Listener { heard: Arc::clone(&heard), shown });
    let config = Arc::new(config);
    for (name, sni, expected) in [
        (Some(HOST), true, Some(HOST)),
        (Some("DB.Example."), true, Some("DB.Example")),
        (Some(HOST), false, None),
        (Some("192.0.2.1"), true, None),
        (Some("fe80::1%eth0"), true, None),
        (Some("no name"), true, None),
        (Some(""), true, None),
        (None, true, None),
    ] {
        let options = TlsOptions {
            verify: Verify::None,
            server_name: name.map(str::to_owned),
            sni,
            roots: Roots::None,
            ..TlsOptions::default()
        };
        connect(&config, &options, false).await.unwrap();
        let heard = heard.lock().unwrap().pop().unwrap();
        assert_eq!(heard.map(|name| name.to_lowercase()), expected.map(str::to_lowercase), "{name:?}");
    }
}

#[tokio::test]
async fn the_same_options_resume_sessions_and_others_do_not() {
    let ca = Ca::root("Test CA");
    for version in [&TLS12, &TLS13] {
        let mut config = server_with(&ca.leaf(None, &[HOST]), &[version], None);
        config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().unwrap();
        let config = Arc::new(config);
        let kind = |stream: &Stream| stream.get_ref().1.handshake_kind().unwrap();
        let full = options(Verify::Full, &[ca.pem()], HOST);
        let first = connect(&config, &full, false).await.unwrap();
        assert_eq!(kind(&first), HandshakeKind::Full);
        let second = connect(&config, &full.clone(), true).await.unwrap();
        assert_eq!(kind(&second), HandshakeKind::Resumed);
        // Channel binding needs the certificate of a resumed session as well.
        let leaf = |stream: &Stream| stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        assert_eq!(leaf(&first), leaf(&second));
        assert!(binding(&leaf(&second)).is_some());
        // What was not verified so strictly is of no use to those who want it verified.
        let weaker = TlsOptions { verify: Verify::None, ..full.clone() };
        assert_eq!(kind(&connect(&config, &weaker, false).await.unwrap()), HandshakeKind::Full);
        assert_eq!(kind(&connect(&config, &weaker, false).await.unwrap()), HandshakeKind::Resumed);
        let with_list = TlsOptions { crls: vec![ca.crl(&[], 2090)], ..full.clone() };
        assert_eq!(kind(&connect(&config, &with_list, false).await.unwrap()), HandshakeKind::Full);
        let other_name = TlsOptions { server_name: Some("other.example".to_owned()), ..full };
        assert!(connect(&config, &other_name, false).await.is_err());
    }
}

#[tokio::test]
async fn session_keys_are_logged_to_the_file_that_was_asked_for() {
    let ca = Ca::root("Test CA");
    let path = std::env::temp_dir().join(format!("cornac-key-log-{}", std::process::id()));
    let options = TlsOptions { key_log_file: Some(path.clone()), ..options(Verify::Full, &[ca.pem()], HOST) };
    for version in [&TLS12, &TLS13] {
        let server = Arc::new(server_with(&ca.leaf(None, &[HOST]), &[version], None));
        connect(&server, &options, false).await.unwrap();
    }
    let log = std::fs::read_to_string(&path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_file(&path).unwrap();
    for label in ["CLIENT_RANDOM ", "CLIENT_TRAFFIC_SECRET_0 ", "SERVER_TRAFFIC_SECRET_0 "] {
        let line = log.lines().find(|line| line.starts_with(label)).unwrap();
        let words = line.split(' ').collect::<Vec<_>>();
        assert_eq!((words.len(), words[1].len()), (3, 64), "{line}");
        assert!(words[1..].iter().all(|word| word.bytes().all(|byte| byte.is_ascii_hexdigit())), "{line}");
    }
}

/// What a server that is no TLS server answers, and what is said of it.
#[tokio::test]
async fn servers_that_do_not_speak_tls_are_told_apart() {
    let rows: [(&[u8], TlsErrorKind, &str); 6] = [
        (b"", TlsErrorKind::Io, "server closed the connection during the TLS handshake"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", TlsErrorKind::Protocol, "server did not answer in TLS"),
        (b"E\x00\x00\x00\x08oops", TlsErrorKind::Protocol, "server did not answer in TLS"),
        (b"\x16\x03\x03\x00\x04\x00\x00\x00\x00", TlsErrorKind::Protocol, "server "),
        (
            b"\x15\x03\x01\x00\x02\x02\x28",
            TlsErrorKind::Refused,
            "server refused TLS with alert handshake_failure",
        ),
        (b"\x15\x03\x01\x00\x02\x02\xfe", TlsErrorKind::Refused, "server refused TLS with alert 254"),
    ];
    let options = TlsOptions { verify: Verify::None, roots: Roots::None, ..TlsOptions::default() };
    let client = tls::client(&options, PEER).await.unwrap();
    for (answer, kind, message) in rows {
        for direct in [false, true] {
            let (near, mut far) = tokio::io::duplex(64 * 1024);
            let serve = async {
                let mut hello = [0; 5];
                far.read_exact(&mut hello).await.unwrap();
                assert_eq!(hello[0], 0x16, "TLS comes first");
                far.write_all(answer).await.unwrap();
                drop(far);
            };
            let (result, ()) = tokio::join!(tls::handshake(&client, near, direct), serve);
            let error = result.err().unwrap();
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.message.starts_with(message), "{error}");
            assert!(!direct || error.hint.is_some(), "{error}");
        }
    }
}

/// A socket that breaks at once.
struct Broken(i32);

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::from_raw_os_error(self.0)))
    }
}

impl AsyncWrite for Broken {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_lost_connection_keeps_the_systems_error() {
    let options = TlsOptions { verify: Verify::None, roots: Roots::None, ..TlsOptions::default() };
    let client = tls::client(&options, PEER).await.unwrap();
    let error = tls::handshake(&client, Broken(104), false).await.err().unwrap();
    assert_eq!((error.kind, error.os_error), (TlsErrorKind::Io, Some(104)));
    assert!(error.message.starts_with("connection was lost during the TLS handshake: "), "{error}");
    assert!(!error.message.contains("os error"), "{error}");
    assert!(tls::error_in(&io::Error::from_raw_os_error(104)).is_none());
    assert!(tls::error_in(&io::Error::other("something")).is_none());
}

/// A network that delivers single bytes.
struct Drip(DuplexStream);

impl AsyncRead for Drip {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut byte = [0];
        let mut single = ReadBuf::new(&mut byte);
        let polled = Pin::new(&mut self.0).poll_read(context, &mut single);
        buffer.put_slice(single.filled());
        polled
    }
}

impl AsyncWrite for Drip {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, &bytes[..bytes.len().min(1)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[tokio::test]
async fn one_byte_at_a_time_is_enough() {
    let ca = Ca::root("Test CA");
    let client = tls::client(&options(Verify::Full, &[ca.pem()], HOST), PEER).await.unwrap();
    for version in [&TLS12, &TLS13] {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let server = Arc::new(server_with(&ca.leaf(None, &[HOST]), &[version], None));
        let acceptor = tokio_rustls::TlsAcceptor::from(server);
        let (ours, theirs) =
            tokio::join!(tls::handshake(&client, Drip(near), true), acceptor.accept(Drip(far)));
        assert!(ours.is_ok() && theirs.is_ok());
    }
}

#[tokio::test]
async fn keys_of_every_common_kind_are_verified() {
    let ca = Ca::root("Test CA");
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
        &rcgen::PKCS_ED25519,
    ] {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate =
            tls_support::leaf_params(None, &[HOST], |_| {}).signed_by(&key, &ca.issuer()).unwrap();
        let leaf = tls_support::Leaf { chain: vec![certificate.der().clone()], key: key.serialize_der() };
        for version in [&TLS12, &TLS13] {
            let config: Arc<ServerConfig> = Arc::new(server_with(&leaf, &[version], None));
            let stream = connect(&config, &options(Verify::Full, &[ca.pem()], HOST), false).await.unwrap();
            assert!(stream.get_ref().1.peer_certificates().is_some());
        }
    }
}
