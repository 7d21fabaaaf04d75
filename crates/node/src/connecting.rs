//! Attempts to connect that are under way.

use std::{collections::HashMap, sync::Arc};

use cornac_driver::{
    ConnectError,
    completions::Completions,
    connect::{Established, establish},
    description_groups::DescriptionGroups,
    panic_hooks, runtime,
    session::{self, Handle, hand_on},
};
use cornac_wire::{
    record::{self, Class, flag, kind, letter},
    shape::Shapes,
};
use tokio::sync::Notify;

use crate::attempt::PreparedAttempt;

/// What one attempt needs.
pub(crate) struct Task {
    pub(crate) request: u32,
    pub(crate) session: u32,
    pub(crate) prepared: PreparedAttempt,
    pub(crate) shapes: Arc<Shapes>,
    pub(crate) completions: Arc<dyn Completions>,
    pub(crate) groups: Arc<DescriptionGroups>,
}

/// The attempts of an environment, by the session they would become.
#[derive(Default)]
pub(crate) struct Connecting(HashMap<u32, Arc<Notify>>);

impl Connecting {
    pub(crate) fn start(&mut self, task: Task) -> Result<Handle, String> {
        let turn = runtime::login().map_err(|error| error.to_string())?;
        let given_up = Arc::new(Notify::new());
        self.0.insert(task.session, given_up.clone());
        let handle = Handle::default();
        let inbox = handle.clone();
        let mut answer =
            Answer { request: task.request, completions: task.completions.clone(), given: false };
        turn.run(async move {
            let record = tokio::select! {
                record = connect(task, inbox) => record,
                () = given_up.notified() => {
                    Some(failed(answer.request, Class::Interface, "the attempt was given up"))
                }
            };
            answer.give(record);
        });
        Ok(handle)
    }

    pub(crate) fn abandon(&self, session: u32) {
        if let Some(given_up) = self.0.get(&session) {
            given_up.notify_one();
        }
    }

    pub(crate) fn abandon_all(&self) {
        self.0.values().for_each(|given_up| given_up.notify_one());
    }

    pub(crate) fn forget(&mut self, session: u32) {
        self.0.remove(&session);
    }
}

/// Answers a request exactly once, even when its task panics.
struct Answer {
    request: u32,
    completions: Arc<dyn Completions>,
    given: bool,
}

impl Answer {
    fn give(&mut self, record: Option<Vec<u8>>) {
        self.given = true;
        if let Some(record) = record {
            hand_on(&self.completions, record);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.given {
            hand_on(
                &self.completions,
                failed(self.request, Class::Internal, "the attempt to connect ended unexpectedly"),
            );
        }
    }
}

/// The record of a failed attempt; a session's task has announced itself.
async fn connect(task: Task, inbox: Handle) -> Option<Vec<u8>> {
    panic_hooks::trip("login");
    let established = match establish(&task.prepared.connect).await {
        Ok(established) => established,
        Err(error) => return Some(refused(task.request, &error)),
    };
    let start = session::Start {
        session: task.session,
        announcement: connected(task.request, task.session, &established),
        established,
        options: task.prepared.session,
        shapes: task.shapes,
        completions: task.completions,
        groups: task.groups,
        group: task.prepared.group,
        inbox,
    };
    let result = session::start(start);
    result
        .err()
        .map(|error| failed(task.request, Class::Internal, &format!("could not start the session: {error}")))
}

fn connected(request: u32, session: u32, established: &Established) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let status = u32::from(established.transaction_status) << flag::STATUS_SHIFT;
    let words = [request, session, u32::from_ne_bytes(established.pid.to_ne_bytes()), flag::LAST | status];
    let protocol = format!("{}.{}", established.protocol.0, established.protocol.1);
    let encrypted = if established.encrypted { "1" } else { "0" };
    let parameters = established
        .parameters
        .iter()
        .flat_map(|(name, value)| [(letter::NAME, name.as_str()), (letter::VALUE, value.as_str())]);
    let own = [
        (letter::AUTH_METHOD, established.auth_method),
        (letter::ENCRYPTED, encrypted),
        (letter::PROTOCOL, protocol.as_str()),
    ];
    record::fields(&mut out, kind::CONNECTED, &words, own.into_iter().chain(parameters));
    out
}

/// Numbers of the fields of a failed attempt, below every letter of the server's.
mod field {
    pub(super) const PHASE: u8 = 1;
    pub(super) const KIND: u8 = 2;
    pub(super) const MESSAGE: u8 = 3;
    pub(super) const HINT: u8 = 4;
    pub(super) const OS_ERROR: u8 = 5;
    pub(super) const AUTHENTICATED: u8 = 6;
    pub(super) const ENCRYPTED: u8 = 7;
    pub(super) const OPTION: u8 = 8;
}

pub(crate) fn refused(request: u32, error: &ConnectError) -> Vec<u8> {
    let os_error = error.os_error.map(|number| number.to_string());
    let mut fields = vec![
        (field::PHASE, error.phase.as_str()),
        (field::KIND, error.kind.as_str()),
        (field::MESSAGE, error.message.as_str()),
        (field::AUTHENTICATED, if error.authenticated { "1" } else { "0" }),
        (field::ENCRYPTED, if error.encrypted { "1" } else { "0" }),
    ];
    fields.extend(error.hint.as_deref().map(|hint| (field::HINT, hint)));
    fields.extend(error.option.map(|option| (field::OPTION, option)));
    fields.extend(os_error.as_deref().map(|number| (field::OS_ERROR, number)));
    fields.extend(error.fields.iter().map(|(letter, text)| (*letter, text.as_str())));
    let mut out = Vec::with_capacity(256);
    record::fields(&mut out, kind::FAILED, &[request, flag::LAST, Class::Connect as u32], fields.into_iter());
    out
}

/// The record of a request that failed in the binding itself.
pub(crate) fn failed(request: u32, class: Class, message: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let fields = std::iter::once((letter::MESSAGE, message));
    record::fields(&mut out, kind::FAILED, &[request, flag::LAST, class as u32], fields);
    out
}
