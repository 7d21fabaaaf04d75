//! Kerberos through the system's own library, opened when a server first asks for it.
//!
//! A binary that linked GSSAPI would refuse to load where Kerberos is not installed, so the library is looked for at
//! run time: MIT's or Heimdal's on Unix, the GSS framework on macOS, SSPI on Windows. Whoever never meets a server
//! with `gss` in its `pg_hba.conf` never opens it.
//!
//! [`Context`] is the initiator's side of one exchange. The caller carries its tokens: after AuthenticationGSS (code 7)
//! or AuthenticationSSPI (9) come GSSResponse and AuthenticationGSSContinue (8) by turns (PostgreSQL manual,
//! "Frontend/Backend Protocol", "Start-up"). AuthenticationOk counts only after a step has said `complete`: before that
//! the server has not proved that it holds the service's key. Encryption by GSSAPI is not part of it.
//!
//! ```no_run
//! use cornac_gss::{Context, Library};
//!
//! # fn exchange(_: &[u8]) -> Vec<u8> { Vec::new() }
//! # fn main() -> Result<(), cornac_gss::Error> {
//! let mut context = Context::new(Library::Gssapi, "postgres", "db.example.com")?;
//! let mut step = context.step(&[])?;
//! while !step.complete {
//!     let answer = exchange(&step.token);
//!     step = context.step(&answer)?;
//! }
//! # Ok(()) }
//! ```
//!
//! Tried against MIT's KDC with MIT 1.20 and Heimdal 7.8 on Linux. **SSPI and macOS' framework have never been run**: the
//! former is type-checked for Windows, no more.
//!
//! The libraries read `KRB5_CONFIG`, `KRB5CCNAME` and their kin from the process's environment, on whichever thread
//! [`Context::step`] runs: set them before the first connection, not between two.

mod context;
mod error;
#[cfg(unix)]
#[allow(unsafe_code, reason = "the C library has no other door")]
mod gssapi;
#[cfg(windows)]
#[allow(unsafe_code, reason = "the Windows API has no other door")]
mod sspi;
mod step;

pub use context::{Context, Library};
pub use error::Error;
pub use step::Step;
