//! Logins begin on an I/O thread, where their session will run, and move to a login thread before they compute.
//!
//! A server that asks for no proof, or for a password in clear, is answered in microseconds: two more threads would
//! only add their wake-ups to the time that connecting takes.

use std::{
    cell::Cell,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

use super::{io, login};

type Login = Pin<Box<dyn Future<Output = ()> + Send>>;

thread_local! {
    /// Whether the login that is polled on this thread has asked to be moved; `None` while there is none that can be.
    static ASKED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Where a login begins.
pub struct LoginStart {
    thread: Handle,
    moves: bool,
}

/// A login that `computes` from its first step on begins on a login thread.
pub fn login_start(computes: bool) -> std::io::Result<LoginStart> {
    Ok(LoginStart { thread: if computes { login()? } else { io()? }, moves: !computes })
}

impl LoginStart {
    pub fn spawn(self, task: impl Future<Output = ()> + Send + 'static) {
        if self.moves {
            self.thread.spawn(movable(Box::pin(task)));
        } else {
            self.thread.spawn(task);
        }
    }
}

/// Runs a login until it ends or has moved.
fn movable(task: Login) -> impl Future<Output = ()> + Send {
    let mut task = Some(task);
    poll_fn(move |context| {
        let Some(running) = &mut task else { return Poll::Ready(()) };
        let (outcome, asked) = poll_watched(running.as_mut(), context);
        if outcome.is_ready() || !asked {
            return outcome;
        }
        match login() {
            // Its socket stays with the thread it was opened on, which wakes it wherever it runs.
            Ok(there) => {
                task.take().map(|task| there.spawn(task));
                Poll::Ready(())
            }
            // Slow is better than never.
            Err(_) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
}

/// Passed before work that occupies a thread for a millisecond: goes on where that holds up no session.
pub(crate) async fn leave_io_thread() {
    let mut asked = false;
    poll_fn(|_| {
        if asked || ASKED.get().is_none() {
            return Poll::Ready(());
        }
        asked = true;
        ASKED.set(Some(true));
        Poll::Pending
    })
    .await;
}

/// Polls, and tells whether the task has asked to be moved.
fn poll_watched(
    task: Pin<&mut (dyn Future<Output = ()> + Send)>,
    context: &mut Context<'_>,
) -> (Poll<()>, bool) {
    /// The task may panic.
    struct Watched;
    impl Drop for Watched {
        fn drop(&mut self) {
            ASKED.set(None);
        }
    }
    let _watched = Watched;
    ASKED.set(Some(false));
    let outcome = task.poll(context);
    (outcome, ASKED.get() == Some(true))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    fn thread_name() -> String {
        thread::current().name().unwrap_or_default().to_owned()
    }

    /// The threads that a login ran on before and behind its request to be moved.
    fn threads(computes: bool) -> (String, String) {
        let (tell, told) = mpsc::channel();
        login_start(computes).unwrap().spawn(async move {
            let before = thread_name();
            // As in a login: other futures are polled in the same task.
            tokio::join!(leave_io_thread(), tokio::task::yield_now());
            let between = thread_name();
            leave_io_thread().await;
            assert_eq!(between, thread_name());
            tell.send((before, between)).unwrap();
        });
        told.recv().unwrap()
    }

    #[test]
    fn a_login_moves_once_it_is_about_to_compute() {
        assert_eq!(threads(false), ("cornac-io".to_owned(), "cornac-login".to_owned()));
        assert_eq!(threads(true), ("cornac-login".to_owned(), "cornac-login".to_owned()));
    }

    #[tokio::test]
    async fn elsewhere_nothing_moves() {
        leave_io_thread().await;
    }

    #[test]
    fn a_timer_and_a_socket_go_on_behind_the_move() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, told) = mpsc::channel();
        login_start(false).unwrap().spawn(async move {
            use tokio::io::AsyncReadExt;
            let work = async {
                let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
                leave_io_thread().await;
                let mut byte = [0];
                stream.read_exact(&mut byte).await.unwrap();
                assert_eq!(byte, [7]);
                std::future::pending::<()>().await;
            };
            let limited = tokio::time::timeout(std::time::Duration::from_millis(200), work).await;
            tell.send((limited.is_err(), thread_name())).unwrap();
        });
        let (mut server, _) = listener.accept().unwrap();
        thread::sleep(std::time::Duration::from_millis(50));
        std::io::Write::write_all(&mut server, &[7]).unwrap();
        assert_eq!(told.recv().unwrap(), (true, "cornac-login".to_owned()));
    }
}
