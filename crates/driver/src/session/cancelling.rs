//! Cancel connections, on a thread of their own.

use std::sync::Arc;

use cornac_wire::engine::Undelivered;

use super::{handle::Handle, inbox::Command, places::Place};
use crate::{
    cancel::{CancelError, CancelTarget, cancel},
    panic_hooks, runtime,
};

/// How long one may take.
const TIMEOUT: std::time::Duration = cornac_wire::engine::CANCEL_GRACE;

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
