//! A server that says what a test wants, honest or not, and keeps every byte the client sent.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

#[cfg(unix)]
pub mod postgres;
pub mod scram;
pub mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cornac_driver::connect::{Established, establish};
use cornac_driver::error::ConnectError;
use cornac_driver::options::{
    ChannelBinding, ConnectOptions, Endpoint, GssLibrary, GssOptions, Keepalive, ProtocolVersion, Secret,
    TlsMode,
};
use postgres_protocol::message::backend::{
    AUTHENTICATION_TAG, BACKEND_KEY_DATA_TAG, ERROR_RESPONSE_TAG, PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Planted as every secret; must never be found where it does not belong.
pub const CANARY: &str = "canary-5ecret";
/// A rogue server is refused within this time: longer than a busy machine pauses, shorter than any limit of the driver.
pub const AT_ONCE: Duration = Duration::from_secs(4);
/// No measure of speed: what has not come by then does not come.
pub const GUARD: Duration = Duration::from_secs(20);

pub fn options(address: SocketAddr) -> ConnectOptions {
    ConnectOptions {
        endpoint: Endpoint::Tcp { address: address.ip().to_string(), port: address.port() },
        user: "tester".into(),
        database: "app".into(),
        password: Some(Secret::new(CANARY)),
        parameters: vec![("client_encoding".into(), "UTF8".into())],
        tls: TlsMode::Disable,
        tls_options: None,
        channel_binding: ChannelBinding::Prefer,
        require_auth: None,
        allow_plaintext_password: false,
        allow_unprotected_token: false,
        protocol: ProtocolVersion::V3_0,
        gss: GssOptions {
            service: "postgres".into(),
            host: "db.example".into(),
            library: GssLibrary::Gssapi,
        },
        gss_provider: None,
        oauth_token: None,
        require_peer: None,
        keepalive: Keepalive::default(),
        tcp_user_timeout: None,
        timeout: Some(Duration::from_secs(10)),
    }
}

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// The server's end of one connection.
pub struct Peer {
    pub stream: Box<dyn Stream>,
    /// Everything the client sent, as it came out of the stream.
    pub seen: Vec<u8>,
}

impl Peer {
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), seen: Vec::new() }
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.stream.read(&mut bytes[filled..]).await {
                Ok(count) if count > 0 => {
                    self.seen.extend_from_slice(&bytes[filled..filled + count]);
                    filled += count;
                }
                _ => {
                    bytes.truncate(filled);
                    break;
                }
            }
        }
        bytes
    }

    /// A message without a type: StartupMessage, SSLRequest, CancelRequest. The length is left out.
    pub async fn startup(&mut self) -> Vec<u8> {
        let length = self.take(4).await;
        let Ok(length) = <[u8; 4]>::try_from(length) else { return Vec::new() };
        self.take(usize::try_from(u32::from_be_bytes(length)).unwrap() - 4).await
    }

    /// A message with a type; its body.
    pub async fn message(&mut self) -> Vec<u8> {
        self.take(1).await;
        self.startup().await
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A client that has refused may be gone already.
        let _ = self.stream.write_all(bytes.as_ref()).await;
        let _ = self.stream.flush().await;
    }

    /// Reads until the client closes; what it sent goes to `seen`.
    pub async fn until_closed(&mut self) {
        let mut chunk = [0; 1024];
        while let Ok(count @ 1..) = self.stream.read(&mut chunk).await {
            self.seen.extend_from_slice(&chunk[..count]);
        }
    }
}

pub fn frame(tag: u8, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

pub fn auth(code: i32, rest: impl AsRef<[u8]>) -> Vec<u8> {
    frame(AUTHENTICATION_TAG, [&code.to_be_bytes()[..], rest.as_ref()].concat())
}

pub fn key(pid: i32, key: &[u8]) -> Vec<u8> {
    frame(BACKEND_KEY_DATA_TAG, [&pid.to_be_bytes()[..], key].concat())
}

/// AuthenticationOk and what an honest server sends behind it.
pub fn welcome() -> Vec<u8> {
    [auth(0, []), ready()].concat()
}

pub fn ready() -> Vec<u8> {
    [
        frame(PARAMETER_STATUS_TAG, b"server_version\x0018.0\0"),
        key(4711, &[1, 2, 3, 4]),
        frame(READY_FOR_QUERY_TAG, b"I"),
    ]
    .concat()
}

pub fn error_response(code: &str, message: &str) -> Vec<u8> {
    frame(ERROR_RESPONSE_TAG, format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0"))
}

/// Serves one connection after another with the script; each task gives what its client sent.
pub async fn serve<F, W>(script: F) -> (SocketAddr, JoinHandle<Vec<u8>>)
where
    F: FnOnce(Peer) -> W + Send + 'static,
    W: Future<Output = Peer> + Send,
{
    serve_tcp(|stream| script(Peer::new(stream))).await
}

/// As `serve`, with the bare socket.
pub async fn serve_tcp<F, W>(script: F) -> (SocketAddr, JoinHandle<Vec<u8>>)
where
    F: FnOnce(TcpStream) -> W + Send + 'static,
    W: Future<Output = Peer> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut peer = script(stream).await;
        peer.until_closed().await;
        peer.seen
    });
    (address, task)
}

/// A server that reads the startup message and then says `bytes`, whatever the client answers.
pub async fn say(bytes: Vec<u8>) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    serve(|mut peer| async move {
        peer.startup().await;
        peer.send(bytes).await;
        peer
    })
    .await
}

/// Connects and must be refused, at once and without a secret in any printed form.
pub async fn refused(options: &ConnectOptions) -> ConnectError {
    let started = Instant::now();
    let error = establish(options).await.expect_err("the server lied and was believed");
    assert!(started.elapsed() < AT_ONCE, "refused only after {:?}: {error}", started.elapsed());
    let printed = format!("{error} {error:?} {options:?}");
    assert!(!printed.contains(CANARY), "{printed}");
    assert!(!error.message.ends_with('.'), "{error}");
    error
}

/// As `refused`, and the client must not have sent the secret.
pub async fn refused_silently(options: &ConnectOptions, server: JoinHandle<Vec<u8>>) -> ConnectError {
    let error = refused(options).await;
    let seen = server.await.unwrap();
    assert!(!contains(&seen, CANARY.as_bytes()), "the password went to the server: {error}");
    error
}

pub async fn connected(options: &ConnectOptions) -> Established {
    let established = establish(options).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(!format!("{established:?}").contains(CANARY));
    established
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
