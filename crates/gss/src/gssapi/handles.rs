//! The library's objects, each with an owner that gives it back.

use std::ptr;

use super::library::{Gssapi, RawBuffer, RawContext, RawName};
use super::{GSS_S_COMPLETE, status};
use crate::Error;

/// A name in the library's own form.
pub(super) struct Name {
    api: &'static Gssapi,
    raw: RawName,
}

// SAFETY: the standard's objects belong to no thread, MIT's and Heimdal's may be used on any as long as no two use one
// at once, and every use here goes through a `&mut` of the one owner.
unsafe impl Send for Name {}

impl Name {
    pub(super) fn host_based(api: &'static Gssapi, service: &str, host: &str) -> Result<Self, Error> {
        let text = format!("{service}@{host}");
        let input = RawBuffer::lend(text.as_bytes());
        let mut name = Self { api, raw: ptr::null_mut() };
        let mut minor = 0;
        // SAFETY: `input` lends `text`, which the library reads during the call. `name` releases what it writes.
        let major = unsafe {
            (api.import_name)(&raw mut minor, &raw const input, api.host_based_service, &raw mut name.raw)
        };
        if major == GSS_S_COMPLETE { Ok(name) } else { Err(status::error(api, &text, major, minor)) }
    }

    pub(super) fn raw(&self) -> RawName {
        self.raw
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: a name of this library, released here and nowhere else.
            unsafe { (self.api.release_name)(&mut 0, &raw mut self.raw) };
        }
    }
}

/// A context, from the first step on.
pub(super) struct SecurityContext {
    api: &'static Gssapi,
    raw: RawContext,
}

// SAFETY: as for `Name`.
unsafe impl Send for SecurityContext {}

impl SecurityContext {
    pub(super) fn none(api: &'static Gssapi) -> Self {
        Self { api, raw: ptr::null_mut() }
    }

    /// Where the library keeps its handle. It may put null there when it has deleted the context itself.
    pub(super) fn slot(&mut self) -> *mut RawContext {
        &raw mut self.raw
    }
}

impl Drop for SecurityContext {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: a context of this library, deleted here and nowhere else; no token for the peer is asked for.
            unsafe { (self.api.delete_sec_context)(&mut 0, &raw mut self.raw, ptr::null_mut()) };
        }
    }
}
