//! The initiator's side over the C library (RFC 2743, and RFC 2744 for its C bindings).

mod framing;
mod handles;
mod library;
mod output;
mod status;

use std::ptr;

use crate::error::{Error, failure};
use crate::step::Step;
use handles::{Name, SecurityContext};
pub(crate) use library::{Gssapi, system};
use output::OutputToken;

const GSS_S_COMPLETE: u32 = 0;
const GSS_S_CONTINUE_NEEDED: u32 = 1;
const GSS_C_MUTUAL_FLAG: u32 = 2;

/// A security context in the making and the name of the service it is for.
pub(crate) struct Initiator {
    api: &'static Gssapi,
    name: Name,
    context: SecurityContext,
}

impl Initiator {
    pub(crate) fn new(api: &'static Gssapi, service: &str, host: &str) -> Result<Self, Error> {
        let name = Name::host_based(api, service, host)?;
        Ok(Self { api, name, context: SecurityContext::none(api) })
    }

    /// RFC 2744, section 5.19. `target` is for messages.
    pub(crate) fn step(&mut self, target: &str, token: &[u8]) -> Result<Step, Error> {
        if self.api.heimdal.is_some() && !token.is_empty() && !framing::is_acceptor_token(token) {
            return Err(Error::new(failure(target, "what the server sent is no Kerberos token")));
        }
        let mut minor = 0;
        let mut flags = 0;
        let mut output = OutputToken::empty(self.api);
        let input = library::RawBuffer::lend(token);
        // SAFETY: the function is the library's own by that name and type. `name` is a live name, `context` null or a
        // live context of this library, and `&mut self` keeps both from any other call meanwhile. `input` lends
        // `token` for the length of the call, in which the library only reads it. The out-pointers are to locals or,
        // for the context and the token, to fields whose owners release what is written there. Null stands for what
        // the standard lets be left out: the caller's own credentials, the default mechanism, channel bindings, and
        // results not asked for.
        let major = unsafe {
            (self.api.init_sec_context)(
                &raw mut minor,
                ptr::null_mut(),
                self.context.slot(),
                self.name.raw(),
                library::Oid::NONE,
                GSS_C_MUTUAL_FLAG,
                0,
                ptr::null_mut(),
                &raw const input,
                ptr::null_mut(),
                output.slot(),
                &raw mut flags,
                ptr::null_mut(),
            )
        };
        let complete = match major {
            GSS_S_COMPLETE => true,
            GSS_S_CONTINUE_NEEDED => false,
            _ => return Err(status::error(self.api, target, major, minor)),
        };
        if complete && flags & GSS_C_MUTUAL_FLAG == 0 {
            return Err(Error::new(failure(target, "the server did not prove its identity")));
        }
        Ok(Step { token: output.to_vec(), complete })
    }
}

#[cfg(test)]
mod tests;
