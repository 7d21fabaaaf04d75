//! Cancel connections: a few at a time, on a thread of their own.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use cornac_wire::engine::Undelivered;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::inbox::{Command, Handle};
use crate::{
    cancel::{CancelError, CancelTarget, cancel},
    panic_hooks, runtime,
};

/// How many the process has open at a time.
const MOST: usize = 4;

static PLACES: Semaphore = Semaphore::const_new(MOST);

/// How long one may take.
const TIMEOUT: std::time::Duration = cornac_wire::engine::CANCEL_GRACE;

/// A place among the cancel connections of the process.
pub(super) type Place = SemaphorePermit<'static>;

/// A session's wait for a place. It waits in line, and leaves it when nothing is to be cancelled any more.
#[derive(Default)]
pub(super) struct Line(Option<Pin<Box<Waiting>>>);

type Waiting = dyn Future<Output = Result<Place, AcquireError>> + Send;

impl Line {
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Place> {
        let waiting = self.0.get_or_insert_with(|| Box::pin(PLACES.acquire()));
        match waiting.as_mut().poll(context) {
            Poll::Ready(Ok(place)) => {
                self.0 = None;
                Poll::Ready(place)
            }
            // The places are never closed.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }

    pub(super) fn leave(&mut self) {
        self.0 = None;
    }
}

/// Opens a cancel connection; `inbox` is told when it is closed.
pub(super) fn open(place: Place, target: Arc<CancelTarget>, inbox: Handle) {
    let Ok(runtime) = runtime::cancels() else {
        let reason = "the system refused the driver's threads".to_owned();
        return inbox.send([Command::Cancelled(Err(Undelivered { reason, is_under_way: false }))]);
    };
    // Two tasks, so that a panic of the first is an answer too.
    let delivery = runtime.spawn(async move {
        panic_hooks::trip("cancel");
        cancel(&target, TIMEOUT).await
    });
    runtime.spawn(async move {
        let result = match delivery.await {
            Ok(result) => result.map_err(|CancelError { error, is_under_way }| Undelivered {
                reason: error.message,
                is_under_way,
            }),
            Err(_) => {
                let reason = "the driver failed internally".to_owned();
                Err(Undelivered { reason, is_under_way: true })
            }
        };
        drop(place);
        inbox.send([Command::Cancelled(result)]);
    });
}
