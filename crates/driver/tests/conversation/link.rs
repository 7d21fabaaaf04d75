//! A socket in memory, and what happens to it.

use std::{
    cell::{RefCell, RefMut},
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice, Read},
    rc::Rc,
};

use bytes::{BufMut, Bytes, BytesMut};
use cornac_driver::session::Duplex;

/// Both directions of a socket, as its ends and the accidents between them see it.
#[derive(Default)]
pub(crate) struct Wires {
    /// Bytes for the driver that have arrived.
    pub(crate) arrived: VecDeque<u8>,
    /// What reading says once they are read.
    pub(crate) end: Option<End>,
    /// Bytes that the socket takes before it is full.
    pub(crate) room: usize,
    pub(crate) write_error: Option<ErrorKind>,
    /// Bytes that the driver wrote and the server has not heard.
    pub(crate) written: VecDeque<u8>,
    pub(crate) is_shut: bool,
    /// Calls that moved something or told of an accident.
    pub(crate) moves: u64,
    pub(crate) bytes_written: usize,
    pub(crate) calls: Calls,
    /// Bytes that the driver had room for when it read last.
    pub(crate) offered: usize,
    /// Where they are wanted: a piece of each buffer that the driver has read into, which is alone in its memory as soon as the
    /// driver has given that back.
    pub(crate) pieces: Option<Vec<Bytes>>,
}

/// Calls of either kind, those that would have blocked among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) reads: usize,
    pub(crate) writes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Failed(ErrorKind),
}

impl Wires {
    pub(crate) fn is_readable(&self) -> bool {
        !self.arrived.is_empty() || self.end.is_some()
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.room > 0 || self.write_error.is_some()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Link(Rc<RefCell<Wires>>);

impl Link {
    pub(crate) fn wires(&self) -> RefMut<'_, Wires> {
        self.0.borrow_mut()
    }
}

impl Duplex for Link {
    fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        let mut wires = self.wires();
        if let Some(pieces) = &mut wires.pieces {
            pieces.push(buffer.split_off(buffer.capacity() - 1).freeze());
        }
        let room = buffer.capacity() - buffer.len();
        assert!(room > 0, "a read without room");
        wires.offered = room;
        wires.calls.reads += 1;
        if wires.arrived.is_empty() {
            let end = wires.end.ok_or(ErrorKind::WouldBlock)?;
            wires.moves += 1;
            return match end {
                End::Closed => Ok(0),
                End::Failed(kind) => Err(kind.into()),
            };
        }
        wires.moves += 1;
        let mut some = vec![0; room.min(wires.arrived.len())];
        wires.arrived.read_exact(&mut some)?;
        buffer.put_slice(&some);
        Ok(some.len())
    }

    fn write(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut wires = self.wires();
        assert!(!wires.is_shut, "a write behind the end");
        wires.calls.writes += 1;
        if let Some(kind) = wires.write_error {
            wires.moves += 1;
            return Err(kind.into());
        }
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
        assert!(!bytes.is_empty(), "a write of nothing");
        if wires.room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let taken = bytes.len().min(wires.room);
        wires.moves += 1;
        wires.room -= taken;
        wires.bytes_written += taken;
        wires.written.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn shut_down(&mut self) {
        let mut wires = self.wires();
        assert!(!wires.is_shut, "shut down twice");
        wires.moves += 1;
        wires.is_shut = true;
    }
}
