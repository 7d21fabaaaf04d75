//! A session's socket, plain or under TLS, driven by readiness: nothing here waits.

use std::{
    io::{self, BufRead, Read, Write},
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use rustls::ClientConnection;
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use crate::socket::Socket;

/// Bytes asked of the socket at once.
const READ: usize = 64 * 1024;

/// A read buffer that grew beyond this for one large message is given back when it is empty.
const KEEP: usize = 1024 * 1024;

enum Readiness {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

pub(super) struct Stream {
    socket: Readiness,
    tls: Option<Box<ClientConnection>>,
}

impl Stream {
    /// Registers the socket with the runtime this is called in.
    pub(super) fn new(socket: Socket, tls: Option<Box<ClientConnection>>) -> io::Result<Self> {
        let socket = match socket {
            Socket::Tcp(stream) => Readiness::Tcp(TcpStream::from_std(stream)?),
            #[cfg(unix)]
            Socket::Unix(stream) => Readiness::Unix(UnixStream::from_std(stream)?),
        };
        Ok(Self { socket, tls })
    }

    /// Appends what has arrived. `Ok(0)` is the end of the stream.
    pub(super) fn try_read(&mut self, input: &mut BytesMut) -> io::Result<usize> {
        if input.is_empty() && input.capacity() > KEEP {
            *input = BytesMut::new();
        }
        let Some(tls) = &mut self.tls else {
            input.reserve(READ);
            return self.socket.try_read_buf(input);
        };
        loop {
            match tls.reader().fill_buf() {
                Ok(plain) => {
                    let length = plain.len();
                    input.extend_from_slice(plain);
                    tls.reader().consume(length);
                    return Ok(length);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The peer closed the socket without closing the TLS session: an end all the same, since the
                // protocol's messages tell whether something is missing.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) => return Err(error),
            }
            if tls.read_tls(&mut Raw(&self.socket))? == 0 {
                let closed = tls.process_new_packets().map_err(io::Error::other)?;
                if closed.plaintext_bytes_to_read() == 0 {
                    return Ok(0);
                }
            } else if let Err(error) = tls.process_new_packets() {
                // The alert that says why goes out if it can.
                let _ = tls.write_tls(&mut Raw(&self.socket));
                return Err(io::Error::other(error));
            }
        }
    }

    /// Writes `output` until all of it is on its way or the socket is full; `written` counts what was taken.
    pub(super) fn try_write(&mut self, output: &[u8], written: &mut usize) -> io::Result<()> {
        let left = |written: usize| output.get(written..).unwrap_or_default();
        let Some(tls) = &mut self.tls else {
            while *written < output.len() {
                *written += self.socket.try_write(left(*written))?;
            }
            return Ok(());
        };
        loop {
            while tls.wants_write() {
                tls.write_tls(&mut Raw(&self.socket))?;
            }
            if *written >= output.len() {
                return Ok(());
            }
            *written += tls.writer().write(left(*written))?;
        }
    }

    /// Bytes taken from the output that the socket has not taken yet.
    pub(super) fn has_unwritten(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Says goodbye: nothing more will be written.
    pub(super) fn shut_down(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            let _ = tls.write_tls(&mut Raw(&self.socket));
        }
        let socket = match &self.socket {
            Readiness::Tcp(stream) => socket2::SockRef::from(stream),
            #[cfg(unix)]
            Readiness::Unix(stream) => socket2::SockRef::from(stream),
        };
        let _ = socket.shutdown(std::net::Shutdown::Write);
    }

    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.socket {
            Readiness::Tcp(stream) => stream.poll_read_ready(context),
            #[cfg(unix)]
            Readiness::Unix(stream) => stream.poll_read_ready(context),
        }
    }

    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(ready!(match &self.socket {
            Readiness::Tcp(stream) => stream.poll_write_ready(context),
            #[cfg(unix)]
            Readiness::Unix(stream) => stream.poll_write_ready(context),
        }))
    }
}

impl Readiness {
    fn try_read_buf(&self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Readiness::Tcp(stream) => stream.try_read_buf(buffer),
            #[cfg(unix)]
            Readiness::Unix(stream) => stream.try_read_buf(buffer),
        }
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Readiness::Tcp(stream) => stream.try_read(buffer),
            #[cfg(unix)]
            Readiness::Unix(stream) => stream.try_read(buffer),
        }
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Readiness::Tcp(stream) => stream.try_write(bytes),
            #[cfg(unix)]
            Readiness::Unix(stream) => stream.try_write(bytes),
        }
    }
}

/// The socket as rustls reads and writes it.
struct Raw<'a>(&'a Readiness);

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
