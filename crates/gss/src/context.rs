//! The exchange as its caller sees it, whichever library does the work.

use std::fmt;

use crate::error::{Error, failure};
use crate::step::Step;

/// The system library that speaks Kerberos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// MIT's or Heimdal's GSSAPI, on macOS the system's GSS framework. Not on Windows.
    Gssapi,
    /// Windows' own. Nowhere else.
    Sspi,
}

/// The client's side of one exchange with one service.
///
/// Not bound to a thread: it may be made on one and stepped on another.
pub struct Context {
    target: String,
    state: State,
    backend: Backend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fresh,
    Running,
    Complete,
    Failed,
}

#[cfg(unix)]
type Backend = crate::gssapi::Initiator;
#[cfg(windows)]
type Backend = crate::sspi::Initiator;

impl Context {
    /// Prepares an exchange with the host-based service `service@host` (SSPI: `service/host`), Kerberos only.
    ///
    /// Mutual authentication is asked for and, when the exchange completes, insisted on. Opens the system's library on
    /// first use; asks no KDC yet.
    ///
    /// # Errors
    /// When `library` does not exist on this system or cannot be opened, and when `service` or `host` is no part of a
    /// principal's name.
    pub fn new(library: Library, service: &str, host: &str) -> Result<Self, Error> {
        Self::prepare(library, service, host, false)
    }

    /// Prepares an exchange with a server that asked for SSPI by name (AuthenticationSSPI, code 9): SSPI then uses its
    /// Negotiate package, which is what such a server expects. GSSAPI does what it does for [`Context::new`], as in
    /// libpq.
    ///
    /// # Errors
    /// The errors of [`Context::new`].
    pub fn negotiate(library: Library, service: &str, host: &str) -> Result<Self, Error> {
        Self::prepare(library, service, host, true)
    }

    fn prepare(library: Library, service: &str, host: &str, negotiate: bool) -> Result<Self, Error> {
        check_name(service, host)?;
        let backend = open(library, service, host, negotiate)?;
        Ok(Self::over(backend, service, host))
    }

    pub(crate) fn over(backend: Backend, service: &str, host: &str) -> Self {
        Self { target: format!("{service}@{host}"), state: State::Fresh, backend }
    }

    /// Takes the server's token, empty at first, and gives the next one.
    ///
    /// Blocks: the library reads files and asks the KDC, for tens of seconds when none answers. Keep it off threads
    /// that serve others.
    ///
    /// # Errors
    /// When the library fails, when the server has not proved itself at the end, when the server goes on after the
    /// end. After an error every further step fails.
    pub fn step(&mut self, token: &[u8]) -> Result<Step, Error> {
        match (self.state, token.is_empty()) {
            (State::Fresh, true) | (State::Running, false) => {}
            (State::Fresh, false) => return Err(self.refuse("the server sent a token before the client did")),
            (State::Running, true) => return Err(self.refuse("the server sent an empty token")),
            (State::Complete, _) => {
                return Err(self.refuse("the server sent a token after the exchange was complete"));
            }
            (State::Failed, _) => return Err(self.refuse("the exchange has failed before")),
        }
        // The exchange has failed unless the library says otherwise.
        self.state = State::Failed;
        let step = self.backend.step(&self.target, token)?;
        if step.complete {
            self.state = State::Complete;
        } else if step.token.is_empty() {
            return Err(self.refuse("the library wants another token and gave none for the server"));
        } else {
            self.state = State::Running;
        }
        Ok(step)
    }

    fn refuse(&mut self, reason: &str) -> Error {
        self.state = State::Failed;
        Error::new(failure(&self.target, reason))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("target", &self.target)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Separators inside a part would make another principal of it, and the C library ends a name at NUL.
fn check_name(service: &str, host: &str) -> Result<(), Error> {
    if service.is_empty() || service.contains(['@', '/', '\0']) {
        return Err(Error::new(format!("{service:?} cannot be the name of a Kerberos service")).with_hint(
            "krbsrvname is the part before the slash of the server's principal, 'postgres' by default",
        ));
    }
    if host.is_empty() {
        return Err(Error::new(format!(
            "the Kerberos service '{service}' needs a host name and none is known"
        ))
        .with_hint("give the server's name as host; over a Unix socket there is no Kerberos"));
    }
    if host.contains(['@', '/', '\0']) {
        return Err(Error::new(format!("{host:?} cannot be the host of a Kerberos service")));
    }
    Ok(())
}

#[cfg(unix)]
fn open(library: Library, service: &str, host: &str, _negotiate: bool) -> Result<Backend, Error> {
    match library {
        Library::Gssapi => Backend::new(crate::gssapi::system()?, service, host),
        Library::Sspi => {
            Err(Error::new("SSPI exists on Windows only").with_hint("set gsslib=gssapi, or leave it out"))
        }
    }
}

#[cfg(windows)]
fn open(library: Library, service: &str, host: &str, negotiate: bool) -> Result<Backend, Error> {
    match library {
        Library::Sspi => Backend::new(service, host, negotiate),
        Library::Gssapi => {
            Err(Error::new("GSSAPI is not used on Windows").with_hint("set gsslib=sspi, or leave it out"))
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
