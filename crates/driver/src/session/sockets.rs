//! A session's socket: watched by tokio, or by the event loop of JavaScript's thread.

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

#[cfg(unix)]
use super::own::Own;
use super::{duplex::Duplex, lookout::Lookout, rest::Rest};
use crate::socket::Socket;

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    /// Lent to a lookout.
    #[cfg(unix)]
    Own(Own),
    /// It failed on its way from one to the other.
    Lost,
}

/// Reading and writing a socket of tokio's go through tokio's polls: those know when the socket was emptied or filled, so
/// that waiting for it costs no system call.
pub(super) struct Watched {
    stream: Stream,
    waker: Waker,
    pub(super) rest: Rest,
}

impl Watched {
    /// Registers the socket with the runtime this is called in.
    pub(super) fn new(socket: Socket) -> io::Result<Self> {
        Ok(Self { stream: Stream::of(socket)?, waker: Waker::noop().clone(), rest: Rest::default() })
    }

    /// Whoever runs `context` is woken when the socket is ready again.
    pub(super) fn wake(&mut self, context: &Context<'_>) {
        self.waker.clone_from(context.waker());
    }

    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        match &self.stream {
            Stream::Tcp(socket) => socket.poll_read_ready(context).map(drop),
            #[cfg(unix)]
            Stream::Unix(socket) => socket.poll_read_ready(context).map(drop),
            #[cfg(unix)]
            Stream::Own(_) => Poll::Pending,
            Stream::Lost => Poll::Ready(()),
        }
    }

    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        match &self.stream {
            Stream::Tcp(socket) => socket.poll_write_ready(context).map(drop),
            #[cfg(unix)]
            Stream::Unix(socket) => socket.poll_write_ready(context).map(drop),
            #[cfg(unix)]
            Stream::Own(_) => Poll::Pending,
            Stream::Lost => Poll::Ready(()),
        }
    }

    /// A lookout watches it.
    pub(super) fn is_lent(&self) -> bool {
        #[cfg(unix)]
        return matches!(self.stream, Stream::Own(_));
        #[cfg(not(unix))]
        false
    }

    /// Leaves tokio, so that its thread sleeps while an answer comes. Gives whether the lookout watches from then on; where it
    /// does not, the socket is to be taken back.
    #[cfg(unix)]
    pub(super) fn lend(&mut self, lookout: &Lookout, session: u32) -> bool {
        let socket = match std::mem::replace(&mut self.stream, Stream::Lost) {
            Stream::Tcp(socket) => socket.into_std().map(Socket::Tcp),
            Stream::Unix(socket) => socket.into_std().map(Socket::Unix),
            stream => {
                self.stream = stream;
                return true;
            }
        };
        let Ok(socket) = socket else { return false };
        let mut own = Own::new(socket);
        let is_watched = own.lend(lookout, session).is_ok();
        self.stream = Stream::Own(own);
        is_watched
    }

    #[cfg(not(unix))]
    pub(super) fn lend(&mut self, lookout: &Lookout, _session: u32) -> bool {
        match *lookout {}
    }

    /// Registers it with the runtime this is called in, if it is lent.
    pub(super) fn take_back(&mut self) {
        #[cfg(unix)]
        match std::mem::replace(&mut self.stream, Stream::Lost) {
            Stream::Own(own) => {
                self.rest.end();
                if let Ok(stream) = own.take_back().and_then(Stream::of) {
                    self.stream = stream;
                }
            }
            stream => self.stream = stream,
        }
    }
}

impl Stream {
    fn of(socket: Socket) -> io::Result<Self> {
        Ok(match socket {
            Socket::Tcp(stream) => Self::Tcp(TcpStream::from_std(stream)?),
            #[cfg(unix)]
            Socket::Unix(stream) => Self::Unix(UnixStream::from_std(stream)?),
        })
    }
}

impl Duplex for Watched {
    fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        let result = match &mut self.stream {
            Stream::Tcp(socket) => at_once(pin!(socket.read_buf(buffer)).poll(&mut context)),
            #[cfg(unix)]
            Stream::Unix(socket) => at_once(pin!(socket.read_buf(buffer)).poll(&mut context)),
            #[cfg(unix)]
            Stream::Own(own) => own.read(buffer),
            Stream::Lost => Err(lost()),
        };
        self.rest.arrived(*result.as_ref().unwrap_or(&0));
        result
    }

    fn write(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut context = Context::from_waker(&self.waker);
        match &mut self.stream {
            Stream::Tcp(socket) => at_once(write(Pin::new(socket), pieces, &mut context)),
            #[cfg(unix)]
            Stream::Unix(socket) => at_once(write(Pin::new(socket), pieces, &mut context)),
            #[cfg(unix)]
            Stream::Own(own) => own.write(pieces),
            Stream::Lost => Err(lost()),
        }
    }

    fn shut_down(&mut self) {
        let socket = match &self.stream {
            Stream::Tcp(socket) => socket2::SockRef::from(socket),
            #[cfg(unix)]
            Stream::Unix(socket) => socket2::SockRef::from(socket),
            #[cfg(unix)]
            Stream::Own(own) => own.socket(),
            Stream::Lost => return,
        };
        let _ = socket.shutdown(std::net::Shutdown::Write);
    }
}

fn write(
    socket: Pin<&mut impl AsyncWrite>,
    pieces: &[IoSlice<'_>],
    context: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    match pieces {
        [piece] => socket.poll_write(context, piece),
        pieces => socket.poll_write_vectored(context, pieces),
    }
}

fn at_once<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

fn lost() -> io::Error {
    io::Error::other("the system refused to watch its socket")
}
