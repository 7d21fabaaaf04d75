//! The socket, as a conversation sees it.

use std::io::{self, IoSlice};

use bytes::BytesMut;

/// A stream of bytes in both directions that never waits: where it would have to, the error is
/// [`io::ErrorKind::WouldBlock`].
pub trait Duplex {
    /// Appends what has arrived, as much as `buffer` has room for. 0 is the end of the stream.
    ///
    /// Less than the room says that nothing more has arrived: whoever reads waits until the stream is readable.
    fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize>;

    /// Writes from the front of `pieces`, and gives the number of bytes that were taken.
    fn write(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Nothing more will be written.
    fn shut_down(&mut self);
}
