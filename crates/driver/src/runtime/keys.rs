//! The threads that derive keys.
//!
//! A server says how many rounds of PBKDF2 its user's key takes, so a crowd of lying servers can ask for seconds of CPU.
//! One thread takes the cheapest key, so that an honest login waits for no more than the key in work. The other thread
//! takes the key that has waited longest, so that nobody waits for ever.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::thread;

use tokio::sync::oneshot;

struct Job {
    iterations: u32,
    run: Box<dyn FnOnce() + Send>,
}

/// Jobs in the order in which they came.
static WAITING: Mutex<VecDeque<Job>> = Mutex::new(VecDeque::new());
static ADDED: Condvar = Condvar::new();

/// Takes the place of a job in the queue, which is not empty.
type Choice = fn(&VecDeque<Job>) -> usize;

const CHOICES: [Choice; 2] = [oldest, cheapest];

fn oldest(_: &VecDeque<Job>) -> usize {
    0
}

/// The first of several that cost the same.
fn cheapest(waiting: &VecDeque<Job>) -> usize {
    let jobs = waiting.iter().enumerate();
    jobs.min_by_key(|(_, job)| job.iterations).map_or(0, |(place, _)| place)
}

/// Runs `work`, which takes that many iterations, on a thread of its kind. Work that nobody waits for any more is not
/// begun. `None` when there is no such thread, or the work panicked.
pub(crate) async fn derive<T: Send + 'static>(
    iterations: u32,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if !have_started() {
        return None;
    }
    let (give, result) = oneshot::channel();
    let run = Box::new(move || {
        if !give.is_closed() {
            let _ = give.send(work());
        }
    });
    WAITING.lock().unwrap_or_else(PoisonError::into_inner).push_back(Job { iterations, run });
    // Either thread may take it: the other one sleeps only while nothing waits.
    ADDED.notify_one();
    result.await.ok()
}

/// Starts the threads when a key is first derived; they live as long as the process.
fn have_started() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let started = CHOICES
            .map(|choice| thread::Builder::new().name("cornac-keys".to_owned()).spawn(move || serve(choice)));
        started.iter().any(Result::is_ok)
    })
}

fn serve(choice: Choice) {
    loop {
        let waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = ADDED.wait_while(waiting, |waiting| waiting.is_empty());
        let job = {
            let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
            let place = choice(&waiting);
            waiting.remove(place)
        };
        if let Some(job) = job {
            // Who waits for a job that panics sees its sender go.
            let _ = catch_unwind(AssertUnwindSafe(job.run));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn queue(costs: &[u32]) -> VecDeque<Job> {
        costs.iter().map(|&iterations| Job { iterations, run: Box::new(|| {}) }).collect()
    }

    #[test]
    fn one_thread_takes_the_cheapest_key_and_the_other_the_one_that_has_waited_longest() {
        let waiting = queue(&[100_000, 4096, 1, 1]);
        assert_eq!(CHOICES.map(|choice| choice(&waiting)), [0, 2]);
    }

    #[tokio::test]
    async fn work_that_panics_or_is_given_up_holds_nobody_up() {
        assert_eq!(derive(1, || -> u32 { panic!("on purpose") }).await, None);
        let (begun, given_up) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        // Both threads are held, so that the third job waits and is given up before its turn.
        let (hold, held) = std::sync::mpsc::channel::<()>();
        let held = std::sync::Arc::new(Mutex::new(held));
        let holders = [1, 2].map(|cost| {
            let (held, begun) = (held.clone(), begun.0.clone());
            tokio::spawn(derive(cost, move || {
                begun.send(()).unwrap();
                let _ = held.lock().unwrap().recv();
            }))
        });
        for _ in 0..2 {
            while begun.1.try_recv().is_err() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        let late = tokio::spawn(derive(3, move || given_up.0.send(()).unwrap()));
        while WAITING.lock().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        late.abort();
        assert!(late.await.is_err());
        for _ in 0..2 {
            hold.send(()).unwrap();
        }
        for holder in holders {
            assert_eq!(holder.await.unwrap(), Some(()));
        }
        assert_eq!(derive(4, || 4).await, Some(4));
        assert!(given_up.1.recv().is_err(), "given up, and run all the same");
    }
}
