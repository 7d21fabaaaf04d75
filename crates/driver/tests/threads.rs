//! What holds one kind of the driver's threads holds up no other kind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    sync::{Arc, Barrier, mpsc},
    time::Duration,
};

use cornac_driver::runtime;

type Work = Box<dyn FnOnce() + Send>;

/// A kind of threads: how many there are, and how one of them is given work.
struct Kind {
    name: &'static str,
    threads: usize,
    run: fn(Work),
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "sessions",
        threads: 1,
        run: |work| drop(runtime::io().unwrap().spawn(async move { work() })),
    },
    Kind { name: "logins", threads: 2, run: |work| runtime::login().unwrap().run(async move { work() }) },
    Kind {
        name: "cancels",
        threads: 1,
        run: |work| drop(runtime::cancels().unwrap().spawn(async move { work() })),
    },
];

/// Only a test that fails waits for so long.
const LONG: Duration = Duration::from_secs(20);

#[test]
fn threads_of_one_kind_that_are_all_held_hold_up_no_other_kind() {
    for held in &KINDS {
        let (begin, begun) = mpsc::channel();
        let release = Arc::new(Barrier::new(held.threads + 1));
        for _ in 0..held.threads {
            let (begin, release) = (begin.clone(), release.clone());
            (held.run)(Box::new(move || {
                begin.send(()).unwrap();
                release.wait();
            }));
        }
        for _ in 0..held.threads {
            begun.recv_timeout(LONG).expect(held.name);
        }
        for other in KINDS.iter().filter(|kind| kind.name != held.name) {
            let (tell, told) = mpsc::channel();
            (other.run)(Box::new(move || tell.send(()).unwrap()));
            assert!(told.recv_timeout(LONG).is_ok(), "{} waited for {}", other.name, held.name);
        }
        release.wait();
    }
}
