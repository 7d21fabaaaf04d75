//! `requirepeer`: the server behind a Unix socket must run as a given operating-system user.

use nix::unistd::{Uid, User};

use crate::error::{ConnectError, FailureKind, Phase, io_words};
use crate::socket::Transport;

/// Checks the owner of the process at the other end (SO_PEERCRED) before a byte is sent.
///
/// TCP peers are not checked, as in libpq: there the parameter has no meaning.
pub(crate) async fn require_owner(transport: &Transport, required: &str) -> Result<(), ConnectError> {
    let Transport::Unix(stream) = transport else { return Ok(()) };
    let refuse = |reason: String| {
        let message = format!("requirepeer is '{required}', but {reason}");
        Err(ConnectError::new(Phase::Connect, FailureKind::Auth, message))
    };
    let uid = stream
        .peer_cred()
        .map_err(|error| {
            ConnectError::io(Phase::Connect, "could not learn which user runs the server", &error)
        })?
        .uid();
    // The system may ask a directory service, which takes its time.
    let asked = tokio::task::spawn_blocking(move || User::from_uid(Uid::from_raw(uid))).await;
    match asked {
        Ok(Ok(Some(user))) if user.name == required => Ok(()),
        Ok(Ok(Some(user))) => refuse(format!("the server runs as '{}'", user.name)),
        Ok(Ok(None)) => refuse(format!("the server runs as user id {uid}, which has no name")),
        Ok(Err(error)) => {
            let words = io_words(&error.into());
            refuse(format!(
                "the name of user id {uid}, as which the server runs, could not be learnt: {words}"
            ))
        }
        Err(_) => refuse("the driver failed internally to learn who runs the server".to_owned()),
    }
}
