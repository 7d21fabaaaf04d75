//! A session on a socket of its own, with JavaScript's thread and the server played by the thread of the test.

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use cornac_driver::{
    completions::{Completions, Receipt},
    connect::establish,
    description_groups::DescriptionGroups,
    options::{ConnectOptions, Endpoint},
    runtime,
    session::{Command, Handle, Lookout, Start, read_answer, start},
};
use cornac_wire::{deadline::Deadline, engine::Request, record::kind};
use mio::{Events, Interest, Poll, Token, unix::SourceFd};

use tokio::time::sleep_until;

use crate::{
    servers::{self, GUARD},
    support::{
        answers::{complete, ready},
        lab::{Queue, options, script, shapes},
        reader::{Reader, Told},
        requests::{self, Message},
    },
};

/// Sessions of one process share the I/O thread, which some tests hold.
static ALONE: Mutex<()> = Mutex::new(());

/// More turns of the I/O thread than an event needs that has happened already.
const TURNS: usize = 100;

/// What a thread does while it has the conversation.
type Interruption = Box<dyn FnOnce() + Send>;

/// Records, and whether the thread of the test has read them.
pub(crate) struct Records {
    here: ThreadId,
    pushed: Mutex<Vec<(Vec<u8>, bool)>>,
    changed: Condvar,
    interruption: Mutex<Option<Interruption>>,
}

impl Completions for Records {
    fn push(&self, records: Vec<u8>, receipt: Option<Receipt>) -> bool {
        drop(receipt);
        let is_here = thread::current().id() == self.here;
        self.pushed.lock().unwrap().push((records, is_here));
        self.changed.notify_all();
        if is_here {
            let interruption = self.interruption.lock().unwrap().take();
            interruption.into_iter().for_each(|interrupt| interrupt());
        }
        true
    }

    fn ring(&self) {}
}

pub(crate) struct Desk {
    pub(crate) handle: Handle,
    /// The server's end; none once it is closed.
    pub(crate) peer: Option<UnixStream>,
    pub(crate) records: Arc<Records>,
    lookout: Lookout,
    reader: Reader,
    told: Vec<(Told, bool)>,
    input: Vec<u8>,
    _alone: MutexGuard<'static, ()>,
}

/// What answers a script.
pub(crate) fn answer() -> Vec<u8> {
    [complete("DO"), ready(b'I')].concat()
}

/// The I/O thread has done what it was asked for before.
pub(crate) fn settle() {
    // What it has put off for its own queue comes behind the first one.
    for _ in 0..2 {
        let (sender, receiver) = mpsc::channel();
        runtime::io().unwrap().spawn(async move { sender.send(()).unwrap() });
        receiver.recv_timeout(GUARD).unwrap();
    }
}

/// The I/O thread's timers have rung that were set until now for `limit` at most.
pub(crate) fn outlast_timers(limit: Duration) {
    let (sender, receiver) = mpsc::channel();
    let until = Instant::now() + limit;
    // Timers ring in the order of their times.
    runtime::io().unwrap().spawn(async move {
        sleep_until(until.into()).await;
        sender.send(()).unwrap();
    });
    receiver.recv_timeout(GUARD).unwrap();
    settle();
}

/// Stops the I/O thread until what it gives is dropped.
pub(crate) fn hold() -> impl Drop {
    struct Held(Option<mpsc::Sender<()>>);
    impl Drop for Held {
        fn drop(&mut self) {
            drop(self.0.take());
        }
    }
    let (sender, receiver) = mpsc::channel::<()>();
    let (stopped, is_stopped) = mpsc::channel();
    runtime::io().unwrap().spawn(async move {
        stopped.send(()).unwrap();
        let _ = receiver.recv();
    });
    is_stopped.recv_timeout(GUARD).unwrap();
    Held(Some(sender))
}

impl Desk {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cornac-at-rest-{}-{number}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        let server = thread::spawn(move || {
            let (mut peer, _) = listener.accept().unwrap();
            let mut length = [0; 4];
            peer.read_exact(&mut length).unwrap();
            let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
            peer.read_exact(&mut rest).unwrap();
            peer.write_all(&servers::welcome()).unwrap();
            peer.set_read_timeout(Some(GUARD)).unwrap();
            peer
        });
        let endpoint = Endpoint::Unix { path: path.to_str().unwrap().to_owned() };
        let wanted = ConnectOptions { endpoint, ..servers::options("127.0.0.1:1".parse().unwrap()) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let established = runtime.block_on(establish(&wanted)).unwrap();
        std::fs::remove_file(&path).unwrap();
        let records = Arc::new(Records {
            here: thread::current().id(),
            pushed: Mutex::default(),
            changed: Condvar::new(),
            interruption: Mutex::default(),
        });
        let handle = Handle::default();
        start(Start {
            session: 1,
            established,
            options: options(100),
            shapes: shapes(&Queue::default()),
            completions: records.clone(),
            groups: Arc::<DescriptionGroups>::default(),
            group: 0,
            inbox: handle.clone(),
            announcement: Vec::new(),
        })
        .unwrap();
        settle();
        Self {
            handle,
            peer: Some(server.join().unwrap()),
            records,
            lookout: Lookout::new().unwrap(),
            reader: Reader::default(),
            told: Vec::new(),
            input: Vec::new(),
            _alone: alone,
        }
    }

    /// JavaScript's thread sends a command while nothing else is under way.
    pub(crate) fn send_alone(&self, command: Command) {
        let hand_on = |records: cornac_wire::engine::Records| {
            self.records.push(records.bytes, None);
        };
        self.handle.send_alone(command, Instant::now(), Some(&self.lookout), hand_on);
    }

    pub(crate) fn call(&self, id: u32, limit_ms: Option<u32>) {
        self.send_alone(call(id, limit_ms));
    }

    /// The next message that the server gets.
    pub(crate) fn hear(&mut self) -> Message {
        loop {
            let mut messages = requests::take(&mut self.input);
            if !messages.is_empty() {
                let first = messages.remove(0);
                assert!(messages.is_empty(), "{messages:?} came at once with {first:?}");
                return first;
            }
            let mut chunk = [0; 1024];
            let count = self.peer.as_mut().unwrap().read(&mut chunk).unwrap();
            assert!(count > 0, "the driver has closed the socket");
            self.input.extend_from_slice(&chunk[..count]);
        }
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.peer.as_mut().unwrap().write_all(bytes.as_ref()).unwrap();
    }

    /// Waits until something has happened on the socket, and asks what; whether its end is told.
    pub(crate) fn look(&mut self) -> bool {
        assert!(self.is_rung(GUARD), "nothing happens on the socket");
        let told: Vec<_> = self.lookout.look().collect();
        match told[..] {
            [(1, has_ended)] => has_ended,
            _ => panic!("{told:?}"),
        }
    }

    /// Whether the event loop would call within this time.
    pub(crate) fn is_rung(&self, within: Duration) -> bool {
        let mut event_loop = Poll::new().unwrap();
        let descriptor = self.lookout.descriptor();
        event_loop.registry().register(&mut SourceFd(&descriptor), Token(0), Interest::READABLE).unwrap();
        let mut events = Events::with_capacity(1);
        event_loop.poll(&mut events, Some(within)).unwrap();
        !events.is_empty()
    }

    pub(crate) fn read(&self, has_ended: bool) {
        read_answer_of(&self.handle, has_ended, &self.records);
    }

    /// Has the thread of the test do something while it hands records on, and so has the conversation.
    pub(crate) fn interrupt(&self, interruption: impl FnOnce() + Send + 'static) {
        *self.records.interruption.lock().unwrap() = Some(Box::new(interruption));
    }

    /// Whether a call ends within some turns of the I/O thread, however long they take: with what its sockets have for it, but
    /// before a time limit of seconds.
    pub(crate) fn ends_in_turns(&mut self, id: u32) -> bool {
        (0..TURNS).any(|_| {
            settle();
            self.take_told();
            self.told.iter().any(|(told, _)| told.ends() == Some(id))
        })
    }

    fn take_told(&mut self) {
        let pushed = std::mem::take(&mut *self.records.pushed.lock().unwrap());
        for (records, is_here) in pushed {
            let told = self.reader.read(without_gone(&records));
            self.told.extend(told.into_iter().map(|told| (told, is_here)));
        }
    }

    /// Waits until something is told; whether the thread of the test has read it.
    pub(crate) fn until(&mut self, is_wanted: impl Fn(&Told) -> bool) -> (Told, bool) {
        let started = Instant::now();
        loop {
            self.take_told();
            if let Some(place) = self.told.iter().position(|(told, _)| is_wanted(told)) {
                return self.told.remove(place);
            }
            assert!(started.elapsed() < GUARD, "it is not told: {:?}", self.told);
            let pushed = self.records.pushed.lock().unwrap();
            if pushed.is_empty() {
                drop(self.records.changed.wait_timeout(pushed, GUARD).unwrap());
            }
        }
    }

    /// Waits until a call has ended; whether the thread of the test has read that.
    pub(crate) fn end_of(&mut self, id: u32) -> bool {
        self.until(|told| told.ends() == Some(id)).1
    }

    pub(crate) fn until_ended(&mut self) -> Told {
        self.until(|told| matches!(told, Told::Ended { .. })).0
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.handle.send([Command::Terminate]);
    }
}

pub(crate) fn call(id: u32, limit_ms: Option<u32>) -> Command {
    let deadline = limit_ms.map(|limit| Deadline::after(Instant::now(), limit));
    Command::Call(Request { deadline, ..script(id, &format!("call {id}")) })
}

pub(crate) fn read_answer_of(handle: &Handle, has_ended: bool, records: &Arc<Records>) {
    let completions: Arc<dyn Completions> = records.clone();
    read_answer(handle, has_ended, Instant::now(), &completions);
}

/// Records but for the last one of a session, which tells that no other follows.
fn without_gone(records: &[u8]) -> &[u8] {
    let word = |at: usize| u32::from_ne_bytes(records[at..at + 4].try_into().unwrap());
    let mut at = 0;
    while at < records.len() && word(at) != kind::GONE {
        at += usize::try_from(word(at + 4)).unwrap();
    }
    &records[..at]
}
