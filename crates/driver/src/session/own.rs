//! A socket that is read and written without tokio.

use std::io::{self, IoSlice, Read, Write};

use bytes::BytesMut;

use super::lookout::{Lent, Lookout};
use crate::socket::Socket;

/// Bytes asked of the socket at once: answers to queries that are alone are small.
const PIECE: usize = 8 * 1024;

pub(super) struct Own {
    socket: Socket,
    /// Nobody watches it yet if there is none.
    lent: Option<Lent>,
    piece: Box<[u8]>,
}

impl Own {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, lent: None, piece: vec![0; PIECE].into_boxed_slice() }
    }

    pub(super) fn lend(&mut self, lookout: &Lookout, session: u32) -> io::Result<()> {
        self.lent = Some(lookout.watch(&self.socket, session)?);
        Ok(())
    }

    pub(super) fn take_back(self) -> io::Result<Socket> {
        if let Some(lent) = self.lent {
            lent.end(&self.socket)?;
        }
        Ok(self.socket)
    }

    pub(super) fn socket(&self) -> socket2::SockRef<'_> {
        match &self.socket {
            Socket::Tcp(socket) => socket2::SockRef::from(socket),
            Socket::Unix(socket) => socket2::SockRef::from(socket),
        }
    }

    /// Appends what has arrived, as much as there is room for. Less says that nothing more has arrived.
    pub(super) fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        let mut total = 0;
        loop {
            let room = (buffer.capacity() - buffer.len()).min(PIECE);
            let Some(piece) = self.piece.get_mut(..room).filter(|piece| !piece.is_empty()) else {
                return Ok(total);
            };
            let result = retry(|| match &mut self.socket {
                Socket::Tcp(socket) => socket.read(piece),
                Socket::Unix(socket) => socket.read(piece),
            });
            match result {
                Ok(count) => {
                    buffer.extend_from_slice(piece.get(..count).unwrap_or_default());
                    total += count;
                    if count < room {
                        return Ok(total);
                    }
                }
                // What came before is told first; the next read tells this.
                Err(_) if total > 0 => return Ok(total),
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn write(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        retry(|| match &mut self.socket {
            Socket::Tcp(socket) => write(socket, pieces),
            Socket::Unix(socket) => write(socket, pieces),
        })
    }
}

/// A single piece is written without a list of pieces, which costs the system less.
fn write(socket: &mut impl Write, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    match pieces {
        [piece] => socket.write(piece),
        pieces => socket.write_vectored(pieces),
    }
}

fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
