//! A session's socket, plain or under TLS.

use std::io::{self, BufRead, IoSlice, Write};

use bytes::Buf;
use rustls::ClientConnection;

use super::{duplex::Duplex, input::Input};

/// What one look at the socket brought.
pub(super) enum Arrival {
    /// Bytes came. Behind `last` ones there are no others yet.
    Bytes {
        last: bool,
    },
    Nothing,
    End,
}

pub(super) struct Stream<D> {
    socket: D,
    tls: Option<Tls>,
    /// Nothing more is written: the socket failed, or all was said.
    silent: bool,
}

struct Tls {
    session: Box<ClientConnection>,
    /// TLS records as they came. rustls by itself would read 4 KiB at a time.
    records: Input,
    /// The server has closed the TLS session.
    closed: bool,
}

impl<D: Duplex> Stream<D> {
    pub(super) fn new(socket: D, tls: Option<Box<ClientConnection>>) -> Self {
        let tls = tls.map(|session| Tls { session, records: Input::default(), closed: false });
        Self { socket, tls, silent: false }
    }

    pub(super) fn socket(&mut self) -> &mut D {
        &mut self.socket
    }

    /// Appends what has arrived, about 64 KiB at most.
    pub(super) fn read(&mut self, input: &mut Input) -> io::Result<Arrival> {
        let Some(tls) = &mut self.tls else {
            return fill(&mut self.socket, input);
        };
        if tls.closed {
            return Ok(Arrival::End);
        }
        // A socket that was closed without closing the TLS session is an end all the same: the protocol's messages
        // tell whether something is missing.
        let arrival = fill(&mut self.socket, &mut tls.records)?;
        let Arrival::Bytes { last } = arrival else { return Ok(arrival) };
        if let Err(error) = tls.decrypt(input) {
            // The alert says why. It goes out if the socket takes it.
            let _ = tls.session.write_tls(&mut Records(&mut self.socket));
            return Err(error);
        }
        Ok(Arrival::Bytes { last: last && !tls.closed })
    }

    /// Writes from the front of `output` until nothing is left or the socket is full, and adds up in `written` what
    /// was taken.
    pub(super) fn write(&mut self, output: &[u8], written: &mut usize) -> io::Result<()> {
        if self.silent {
            return Ok(());
        }
        let result = match &mut self.tls {
            None => write(&mut self.socket, output, written),
            Some(tls) => tls.write(&mut self.socket, output, written),
        };
        self.silent = result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock);
        result
    }

    /// TLS has taken bytes that the socket has not.
    pub(super) fn has_unwritten(&self) -> bool {
        !self.silent && self.tls.as_ref().is_some_and(|tls| tls.session.wants_write())
    }

    /// Says goodbye, once.
    pub(super) fn shut_down(&mut self) {
        if std::mem::replace(&mut self.silent, true) {
            return;
        }
        if let Some(tls) = &mut self.tls {
            tls.session.send_close_notify();
            let _ = tls.session.write_tls(&mut Records(&mut self.socket));
        }
        self.socket.shut_down();
    }

    /// Keeps no memory while there is nothing to read.
    pub(super) fn release(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.records.release();
        }
    }
}

fn fill(socket: &mut impl Duplex, input: &mut Input) -> io::Result<Arrival> {
    let (bytes, room) = input.room();
    match socket.read(bytes) {
        Ok(0) => Ok(Arrival::End),
        Ok(count) => Ok(Arrival::Bytes { last: count < room }),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Arrival::Nothing),
        Err(error) => Err(error),
    }
}

fn write(socket: &mut impl Duplex, output: &[u8], written: &mut usize) -> io::Result<()> {
    while let Some(rest) = output.get(*written..).filter(|rest| !rest.is_empty()) {
        *written += some(socket.write(&[IoSlice::new(rest)])?)?;
    }
    Ok(())
}

/// Refuses 0: a socket that takes nothing and does not say that it is full would be asked for ever.
fn some(taken: usize) -> io::Result<usize> {
    if taken == 0 { Err(io::ErrorKind::WriteZero.into()) } else { Ok(taken) }
}

impl Tls {
    fn decrypt(&mut self, input: &mut Input) -> io::Result<()> {
        let records = self.records.bytes();
        while !records.is_empty() && !self.closed {
            let taken = self.session.read_tls(&mut &records[..])?;
            records.advance(taken);
            self.session.process_new_packets().map_err(io::Error::other)?;
            let mut plain = self.session.reader();
            loop {
                match plain.fill_buf() {
                    Ok([]) => {
                        self.closed = true;
                        break;
                    }
                    Ok(bytes) => {
                        let length = bytes.len();
                        input.append(bytes);
                        plain.consume(length);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, socket: &mut impl Duplex, output: &[u8], written: &mut usize) -> io::Result<()> {
        loop {
            while self.session.wants_write() {
                some(self.session.write_tls(&mut Records(socket))?)?;
            }
            let rest = output.get(*written..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            *written += some(self.session.writer().write(rest)?)?;
        }
    }
}

/// The socket as rustls writes to it: many records at once.
struct Records<'a, D>(&'a mut D);

impl<D: Duplex> Write for Records<'_, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.write(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
