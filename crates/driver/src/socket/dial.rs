//! Opening one socket to one address.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpSocket;

use crate::error::{ConnectError, Phase};
use crate::options::{Endpoint, Keepalive};
use crate::socket::Transport;

/// How long a Unix socket whose queue is full is tried again when the attempt has no deadline.
#[cfg(unix)]
const FULL_QUEUE_PATIENCE: Duration = Duration::from_secs(10);

/// Socket options of one attempt; Unix sockets have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SocketOptions {
    pub(crate) keepalive: Keepalive,
    /// TCP_USER_TIMEOUT; `None` keeps the operating system's. Ignored where it does not exist, as in libpq.
    pub(crate) user_timeout: Option<Duration>,
}

/// An address with nothing left to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    /// A path, or `@name` for Linux's abstract namespace.
    Unix(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => f.write_str(path),
        }
    }
}

impl Place {
    /// Resolves what an attempt was given; nothing is asked of the network.
    pub(crate) async fn of(endpoint: &Endpoint) -> Result<Self, ConnectError> {
        match endpoint {
            Endpoint::Tcp { address, port } => Self::tcp(address, *port).await,
            Endpoint::Unix { path } => Self::unix(path),
        }
    }

    /// The address to verify a certificate against; a Unix socket has none.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip()),
            Self::Unix(_) => None,
        }
    }

    /// Reads an IP literal, an IPv6 one with or without `%zone`.
    async fn tcp(address: &str, port: u16) -> Result<Self, ConnectError> {
        if let Ok(ip) = address.parse::<IpAddr>() {
            return Ok(Self::Tcp(SocketAddr::new(ip, port)));
        }
        let refused = || ConnectError::config(format!("'{address}' is not an IP address"));
        let (ip, zone) = address.split_once('%').ok_or_else(refused)?;
        let ip = ip.parse::<Ipv6Addr>().map_err(|_| refused())?;
        let scope = scope_id(ip, zone, port).await.ok_or_else(|| {
            ConnectError::config(format!("address '{address}' names no network interface '{zone}'"))
        })?;
        Ok(Self::Tcp(SocketAddrV6::new(ip, port, 0, scope).into()))
    }

    /// Takes the full path of a socket file, or a name in the abstract namespace (`@name`, `\0name`).
    fn unix(path: &str) -> Result<Self, ConnectError> {
        let place = match path.strip_prefix('\0') {
            Some(name) => format!("@{name}"),
            None => path.to_owned(),
        };
        if place.is_empty() || place.contains('\0') {
            return Err(ConnectError::config(
                "the path of a Unix socket is empty or contains a NUL character",
            ));
        }
        if place.starts_with('@') && !cfg!(any(target_os = "linux", target_os = "android")) {
            return Err(ConnectError::config(format!(
                "socket '{place}' is in the abstract namespace, which exists on Linux only"
            )));
        }
        Ok(Self::Unix(place))
    }

    /// Opens the socket. The caller keeps the deadline; `patience` is what is left of it.
    pub(crate) async fn dial(
        &self,
        options: &SocketOptions,
        patience: Option<Duration>,
    ) -> Result<Transport, ConnectError> {
        let opened = match self {
            Self::Tcp(address) => dial_tcp(*address, options).await,
            #[cfg(unix)]
            Self::Unix(path) => dial_unix(path, patience.unwrap_or(FULL_QUEUE_PATIENCE)).await,
            #[cfg(not(unix))]
            Self::Unix(path) => {
                let _ = patience;
                return Err(ConnectError::config(format!(
                    "socket '{path}' is a Unix socket, which this platform does not support"
                )));
            }
        };
        opened.map_err(|error| {
            let failed = ConnectError::io(Phase::Connect, &format!("could not connect to {self}"), &error);
            match (self, error.kind()) {
                (Self::Unix(_), io::ErrorKind::NotFound) => {
                    failed.with_hint("is the server running, and does it use this socket directory")
                }
                (Self::Tcp(_), io::ErrorKind::ConnectionRefused) => {
                    failed.with_hint("is the server running on that host and accepting TCP connections")
                }
                _ => failed,
            }
        })
    }
}

/// The number of a network interface, which may be given by its name.
#[cfg(unix)]
async fn scope_id(_: Ipv6Addr, zone: &str, _: u16) -> Option<u32> {
    zone.parse().ok().or_else(|| nix::net::if_::if_nametoindex(zone).ok())
}

/// The number of a zone. The resolver tells it, and asks nothing of the network for a numeric host.
#[cfg(not(unix))]
async fn scope_id(ip: Ipv6Addr, zone: &str, port: u16) -> Option<u32> {
    let mut found = tokio::net::lookup_host((format!("{ip}%{zone}"), port)).await.ok()?;
    found.find_map(|address| match address {
        SocketAddr::V6(address) => Some(address.scope_id()),
        SocketAddr::V4(_) => None,
    })
}

async fn dial_tcp(address: SocketAddr, options: &SocketOptions) -> io::Result<Transport> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Before connect(): TCP_USER_TIMEOUT then bounds the handshake too.
    configure(SockRef::from(&socket), options)?;
    Ok(Transport::Tcp(socket.connect(address).await?))
}

fn configure(socket: SockRef<'_>, options: &SocketOptions) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    match options.keepalive {
        Keepalive::Off => socket.set_keepalive(false)?,
        Keepalive::On { idle, interval, count } => {
            socket.set_keepalive(true)?;
            // Zero means the system's default, as in libpq; the kernel would refuse it.
            let mut times = TcpKeepalive::new();
            let mut given = false;
            if let Some(idle) = idle.filter(|time| !time.is_zero()) {
                (times, given) = (times.with_time(idle), true);
            }
            if let Some(interval) = interval.filter(|time| !time.is_zero()) {
                (times, given) = (times.with_interval(interval), true);
            }
            if let Some(count) = count.filter(|count| *count != 0) {
                (times, given) = (times.with_retries(count), true);
            }
            if given {
                socket.set_tcp_keepalive(&times)?;
            }
        }
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if options.user_timeout.is_some() {
        socket.set_tcp_user_timeout(options.user_timeout)?;
    }
    Ok(())
}

/// A Unix socket whose listen queue is full refuses at once (EAGAIN) where TCP would wait; a burst of
/// connections must not fail for that, so it is tried again.
#[cfg(unix)]
async fn dial_unix(path: &str, patience: Duration) -> io::Result<Transport> {
    // tokio takes a leading NUL as the abstract namespace.
    let target = match path.strip_prefix('@') {
        Some(name) => format!("\0{name}"),
        None => path.to_owned(),
    };
    let started = tokio::time::Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match tokio::net::UnixStream::connect(&target).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && started.elapsed() < patience => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            outcome => return outcome.map(Transport::Unix),
        }
    }
}
