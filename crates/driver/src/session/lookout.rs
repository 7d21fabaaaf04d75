//! Sessions at rest, watched by whoever watches one descriptor.
//!
//! A query that is alone costs less than the threads that wake each other for it. So a session that has had nothing but
//! small queries, one at a time, leaves tokio: its socket is lent to the lookout of its JavaScript environment, and the
//! environment's event loop watches that. The answer is read by the thread that waits for it, and no other one wakes.
//! Whatever a session needs beyond that, its task does, which takes the socket back first.

use std::{io, os::fd::AsRawFd, sync::Arc, time::Duration};

use mio::{Events, Interest, Poll, Registry, Token, unix::SourceFd};

use crate::socket::Socket;

/// Sessions that are told of at once; others follow with the next look.
const AT_ONCE: usize = 64;

/// Watches the sockets of sessions at rest for one thread.
pub struct Lookout {
    poll: Poll,
    registry: Arc<Registry>,
    events: Events,
}

impl Lookout {
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = Arc::new(poll.registry().try_clone()?);
        Ok(Self { poll, registry, events: Events::with_capacity(AT_ONCE) })
    }

    /// Readable while something has happened on a socket that was not asked for yet. It is the lookout's own.
    pub fn descriptor(&self) -> i32 {
        self.poll.as_raw_fd()
    }

    /// The sessions whose sockets have something since the last look, and whether their end has come with it.
    pub fn look(&mut self) -> impl Iterator<Item = (u32, bool)> {
        if self.poll.poll(&mut self.events, Some(Duration::ZERO)).is_err() {
            // Interrupted: the descriptor stays readable.
            self.events.clear();
        }
        self.events.iter().filter_map(|event| {
            let session = u32::try_from(event.token().0).ok()?;
            Some((session, event.is_read_closed()))
        })
    }

    /// Has a socket watched for a session.
    pub(super) fn watch(&self, socket: &Socket, session: u32) -> io::Result<Lent> {
        let registry = self.registry.clone();
        let token = Token(usize::try_from(session).map_err(io::Error::other)?);
        registry.register(&mut SourceFd(&descriptor(socket)), token, Interest::READABLE)?;
        Ok(Lent(registry))
    }
}

/// That a socket is watched by a lookout.
pub(super) struct Lent(Arc<Registry>);

impl Lent {
    pub(super) fn end(self, socket: &Socket) -> io::Result<()> {
        self.0.deregister(&mut SourceFd(&descriptor(socket)))
    }
}

fn descriptor(socket: &Socket) -> i32 {
    match socket {
        Socket::Tcp(stream) => stream.as_raw_fd(),
        Socket::Unix(stream) => stream.as_raw_fd(),
    }
}
