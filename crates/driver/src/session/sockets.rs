//! A socket that tokio watches.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::BytesMut;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncReadExt, AsyncWrite},
    net::TcpStream,
};

use super::duplex::Duplex;
use crate::socket::Socket;

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Runs one expression on whichever socket it is.
macro_rules! on {
    ($stream:expr, $socket:ident => $result:expr) => {
        match $stream {
            Stream::Tcp($socket) => $result,
            #[cfg(unix)]
            Stream::Unix($socket) => $result,
        }
    };
}

/// Reading and writing go through tokio's polls: those know when the socket was emptied or filled, so that waiting for
/// it costs no system call.
pub(super) struct Watched {
    stream: Stream,
    waker: Waker,
}

impl Watched {
    /// Registers the socket with the runtime this is called in.
    pub(super) fn new(socket: Socket) -> io::Result<Self> {
        let stream = match socket {
            Socket::Tcp(stream) => Stream::Tcp(TcpStream::from_std(stream)?),
            #[cfg(unix)]
            Socket::Unix(stream) => Stream::Unix(UnixStream::from_std(stream)?),
        };
        Ok(Self { stream, waker: Waker::noop().clone() })
    }

    /// Whoever runs `context` is woken when the socket is ready again.
    pub(super) fn wake(&mut self, context: &Context<'_>) {
        self.waker.clone_from(context.waker());
    }

    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        on!(&self.stream, socket => socket.poll_read_ready(context)).map(drop)
    }

    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        on!(&self.stream, socket => socket.poll_write_ready(context)).map(drop)
    }
}

impl Duplex for Watched {
    fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        at_once(on!(&mut self.stream, socket => pin!(socket.read_buf(buffer)).poll(&mut context)))
    }

    fn write(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        at_once(on!(&mut self.stream, socket => match pieces {
            [piece] => Pin::new(socket).poll_write(&mut context, piece),
            pieces => Pin::new(socket).poll_write_vectored(&mut context, pieces),
        }))
    }

    fn shut_down(&mut self) {
        let socket = on!(&self.stream, socket => socket2::SockRef::from(socket));
        let _ = socket.shutdown(std::net::Shutdown::Write);
    }
}

fn at_once<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}
