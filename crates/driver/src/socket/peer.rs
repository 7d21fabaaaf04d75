//! `requirepeer`: the server behind a Unix socket must run as a given operating-system user.

use std::fs;
use std::io;

use crate::error::{ConnectError, Kind, Phase, io_words};
use crate::socket::Transport;

const USERS: &str = "/etc/passwd";

/// Checks the owner of the process at the other end (SO_PEERCRED) before a byte is sent.
///
/// TCP peers are not checked, as in libpq: there the parameter has no meaning.
pub(crate) fn require_owner(transport: &Transport, required: &str) -> Result<(), ConnectError> {
    let Transport::Unix(stream) = transport else { return Ok(()) };
    let refuse = |message: String| ConnectError::new(Phase::Connect, Kind::Auth, message);
    let uid = stream
        .peer_cred()
        .map_err(|error| {
            ConnectError::io(Phase::Connect, "could not learn which user runs the server", &error)
        })?
        .uid();
    let owner = user_name(uid).map_err(|error| {
        refuse(format!(
            "requirepeer is '{required}', but {USERS} could not be read to name user id {uid}: {}",
            io_words(&error)
        ))
    })?;
    match owner {
        Some(owner) if owner == required => Ok(()),
        Some(owner) => Err(refuse(format!("requirepeer is '{required}', but the server runs as '{owner}'"))),
        None => Err(refuse(format!(
            "requirepeer is '{required}', but the server runs as user id {uid}, which {USERS} does not name"
        ))
        .with_hint("users known to a directory service only cannot be checked")),
    }
}

/// The first name of a user id. The user file is read directly: the C library's lookup needs unsafe code.
fn user_name(uid: u32) -> io::Result<Option<String>> {
    let users = fs::read(USERS)?;
    Ok(find_user(&String::from_utf8_lossy(&users), uid))
}

fn find_user(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found = fields.nth(1)?.parse::<u32>().ok()?;
        (found == uid && !name.is_empty() && !name.starts_with('#')).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::find_user;

    #[test]
    fn a_user_id_is_looked_up_in_the_third_field() {
        let users = "root:x:0:0::/root:/bin/sh\n#old:x:7:7:::\nbroken\npg:x:70:71:name:/home:/bin/sh\n";
        assert_eq!(find_user(users, 70).as_deref(), Some("pg"));
        assert_eq!(find_user(users, 0).as_deref(), Some("root"));
        assert_eq!(find_user(users, 71), None);
        assert_eq!(find_user(users, 7), None);
    }
}
