//! Sockets: the open one that a session keeps, and the asynchronous one that start-up works on.

pub(crate) mod dial;
#[cfg(unix)]
pub(crate) mod peer;

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

/// A connected socket that belongs to no runtime: nonblocking, close-on-exec, TCP_NODELAY set.
#[derive(Debug)]
pub enum Socket {
    Tcp(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

/// A socket that is registered with the start-up runtime.
#[derive(Debug)]
pub(crate) enum Transport {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Transport {
    /// Copies what lies in the socket unread and gives how much, waiting for it as long as `patience`. A Unix socket
    /// gives nothing away.
    pub(crate) async fn peek(&self, buffer: &mut [u8], patience: Duration) -> io::Result<usize> {
        match self {
            // The shortest wait that a timer can do is a millisecond.
            Self::Tcp(stream) if patience.is_zero() => at_once(stream.peek(buffer)).await.unwrap_or(Ok(0)),
            Self::Tcp(stream) => tokio::time::timeout(patience, stream.peek(buffer)).await.unwrap_or(Ok(0)),
            #[cfg(unix)]
            Self::Unix(_) => Ok(0),
        }
    }

    /// Whether a password in clear stays on this machine: a Unix socket, or a loopback peer *address*
    /// (a name proves nothing).
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()),
            #[cfg(unix)]
            Self::Unix(_) => true,
        }
    }

    /// Whether this is TCP: GSSAPI needs a host to name.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// Takes the socket out of the runtime; it stays nonblocking.
    pub(crate) fn into_socket(self) -> io::Result<Socket> {
        Ok(match self {
            Self::Tcp(stream) => Socket::Tcp(stream.into_std()?),
            #[cfg(unix)]
            Self::Unix(stream) => Socket::Unix(stream.into_std()?),
        })
    }
}

/// What work gives without waiting.
async fn at_once<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Runs one expression on whichever socket it is.
macro_rules! on {
    ($transport:expr, $socket:ident => $result:expr) => {
        match $transport.get_mut() {
            Transport::Tcp(stream) => {
                let $socket = Pin::new(stream);
                $result
            }
            #[cfg(unix)]
            Transport::Unix(stream) => {
                let $socket = Pin::new(stream);
                $result
            }
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on!(self, socket => socket.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        on!(self, socket => socket.poll_write(cx, bytes))
    }

    /// The records of a flight of TLS go out together: a server that is woken by the first of them can do nothing with it.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on!(self, socket => socket.poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, socket => socket.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, socket => socket.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Transport, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Transport::Tcp(ours), listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn a_look_without_patience_waits_for_no_timer() {
        let (ours, mut theirs) = pair().await;
        let mut buffer = [0; 4];
        assert_eq!(at_once(ours.peek(&mut buffer, Duration::ZERO)).await.unwrap().unwrap(), 0);
        theirs.write_all(b"ab").await.unwrap();
        let Transport::Tcp(stream) = &ours else { panic!("a TCP socket") };
        stream.readable().await.unwrap();
        assert_eq!(at_once(ours.peek(&mut buffer, Duration::ZERO)).await.unwrap().unwrap(), 2);
    }

    #[tokio::test]
    async fn pieces_are_written_together() {
        let (mut ours, mut theirs) = pair().await;
        let pieces = [IoSlice::new(b"two "), IoSlice::new(b"pieces")];
        assert_eq!(ours.write_vectored(&pieces).await.unwrap(), 10);
        let mut read = [0; 10];
        theirs.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"two pieces");
    }
}
