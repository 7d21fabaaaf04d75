//! Sessions at rest, watched by whoever watches one descriptor.
//!
//! A query that is alone costs less than the threads that wake each other for it. So a session that has had nothing but
//! small queries, one at a time, leaves tokio: its socket is lent to the lookout of its JavaScript environment, and the
//! environment's event loop watches that. The answer is read by the thread that waits for it, and no other one wakes.
//! Whatever a session needs beyond that, its task does, which takes the socket back first.

use std::{
    cell::Cell,
    io,
    os::fd::AsRawFd,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mio::{Events, Interest, Poll, Registry, Token, unix::SourceFd};

use crate::socket::Socket;

/// Sessions that are told of at once; others follow with the next look.
const AT_ONCE: usize = 64;

/// Whether the descriptor goes on being readable exactly as long as a socket is, though nobody has looked: epoll asks the sockets
/// that have told of something. So what happens on the only socket may be found out by reading that.
const ASKS_SOCKETS: bool = cfg!(target_os = "linux");

/// Watches the sockets of sessions at rest for one thread.
pub struct Lookout {
    poll: Poll,
    watched: Arc<Watched>,
    events: Events,
    /// Has sent a query since the last look.
    expected: Cell<Option<u32>>,
}

struct Watched {
    registry: Registry,
    /// Sockets that are lent.
    count: AtomicUsize,
}

impl Lookout {
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let watched =
            Arc::new(Watched { registry: poll.registry().try_clone()?, count: AtomicUsize::new(0) });
        Ok(Self { poll, watched, events: Events::with_capacity(AT_ONCE), expected: Cell::new(None) })
    }

    /// Readable while something has happened on a socket that was not asked for yet. It is the lookout's own.
    pub fn descriptor(&self) -> i32 {
        self.poll.as_raw_fd()
    }

    /// The sessions whose sockets have something since the last look, and whether their end has come with it. To be asked when
    /// the descriptor is readable, as long as it is: where only one session is watched, the first answer for a query is that
    /// session, without a question to the system; that its socket has ended too is told next time.
    pub fn look(&mut self) -> impl Iterator<Item = (u32, bool)> {
        let expected = self.expected.take().filter(|_| self.watched.count.load(Ordering::Relaxed) == 1);
        let is_asked = expected.is_none() && self.poll.poll(&mut self.events, Some(Duration::ZERO)).is_ok();
        if !is_asked {
            // These events are of the look before. Where the question was interrupted, the descriptor stays readable.
            self.events.clear();
        }
        let told = self.events.iter().filter_map(|event| {
            let session = u32::try_from(event.token().0).ok()?;
            Some((session, event.is_read_closed()))
        });
        expected.map(|session| (session, false)).into_iter().chain(told)
    }

    /// A session that is watched has sent a query: what happens next is most likely its answer.
    pub(super) fn expect(&self, session: u32) {
        self.expected.set(Some(session).filter(|_| ASKS_SOCKETS));
    }

    /// Has a socket watched for a session.
    pub(super) fn watch(&self, socket: &Socket, session: u32) -> io::Result<Lent> {
        let token = Token(usize::try_from(session).map_err(io::Error::other)?);
        self.watched.registry.register(&mut SourceFd(&descriptor(socket)), token, Interest::READABLE)?;
        self.watched.count.fetch_add(1, Ordering::Relaxed);
        Ok(Lent(self.watched.clone()))
    }
}

/// A lookout's watch over a socket, which ends when the socket is closed at the latest.
pub(super) struct Lent(Arc<Watched>);

impl Lent {
    pub(super) fn end(self, socket: &Socket) -> io::Result<()> {
        self.0.registry.deregister(&mut SourceFd(&descriptor(socket)))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

fn descriptor(socket: &Socket) -> i32 {
    match socket {
        Socket::Tcp(stream) => stream.as_raw_fd(),
        Socket::Unix(stream) => stream.as_raw_fd(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        os::unix::net::UnixStream,
    };

    use super::*;

    fn pair() -> (Socket, UnixStream) {
        let (ours, peer) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (Socket::Unix(ours), peer)
    }

    fn told(lookout: &mut Lookout) -> Vec<(u32, bool)> {
        lookout.look().collect()
    }

    /// Whether an event loop that watches it would call.
    fn rings(lookout: &Lookout) -> bool {
        let mut event_loop = Poll::new().unwrap();
        let descriptor = lookout.descriptor();
        event_loop.registry().register(&mut SourceFd(&descriptor), Token(0), Interest::READABLE).unwrap();
        let mut events = Events::with_capacity(1);
        event_loop.poll(&mut events, Some(Duration::ZERO)).unwrap();
        !events.is_empty()
    }

    #[test]
    fn the_only_session_is_told_once_for_a_query_without_a_question() {
        let mut lookout = Lookout::new().unwrap();
        let (socket, _peer) = pair();
        let _lent = lookout.watch(&socket, 7).unwrap();
        lookout.expect(7);
        assert_eq!(told(&mut lookout), if ASKS_SOCKETS { vec![(7, false)] } else { vec![] });
        assert_eq!(told(&mut lookout), []);
    }

    #[test]
    fn of_several_sessions_those_are_told_that_got_something() {
        let mut lookout = Lookout::new().unwrap();
        let ((one, _silent), (two, mut peer)) = (pair(), pair());
        let _lent = lookout.watch(&one, 1).unwrap();
        let lent = lookout.watch(&two, 2).unwrap();
        peer.write_all(b"answer").unwrap();
        lookout.expect(1);
        assert_eq!(told(&mut lookout), [(2, false)]);
        lent.end(&two).unwrap();
        lookout.expect(1);
        assert_eq!(told(&mut lookout), if ASKS_SOCKETS { vec![(1, false)] } else { vec![] });
    }

    #[test]
    fn what_was_read_without_a_question_does_not_ring_and_what_was_not_read_does() {
        let mut lookout = Lookout::new().unwrap();
        let (socket, mut peer) = pair();
        let _lent = lookout.watch(&socket, 7).unwrap();
        for _ in 0..3 {
            peer.write_all(b"answer").unwrap();
            lookout.expect(7);
            assert!(rings(&lookout));
            assert_eq!(told(&mut lookout), [(7, false)]);
            let Socket::Unix(stream) = &socket else { unreachable!() };
            let mut stream: &UnixStream = stream;
            let mut bytes = [0; 8];
            if ASKS_SOCKETS {
                assert_eq!(stream.read(&mut bytes[..2]).unwrap(), 2);
                assert!(rings(&lookout), "there is more");
            }
            while stream.read(&mut bytes).is_ok() {}
            assert!(!rings(&lookout) || !ASKS_SOCKETS);
        }
        drop(peer);
        assert!(rings(&lookout));
        assert_eq!(told(&mut lookout), [(7, true)]);
    }
}
