//! Memory that the library allocates for what it tells.

use std::ptr;
use std::slice;

use super::library::{Gssapi, RawBuffer};

/// Bytes that the library allocates: a token or a text.
pub(super) struct OutputToken {
    api: &'static Gssapi,
    raw: RawBuffer,
}

impl OutputToken {
    pub(super) fn empty(api: &'static Gssapi) -> Self {
        Self { api, raw: RawBuffer { length: 0, value: ptr::null_mut() } }
    }

    pub(super) fn slot(&mut self) -> *mut RawBuffer {
        &raw mut self.raw
    }

    pub(super) fn to_vec(&self) -> Vec<u8> {
        if self.raw.value.is_null() || self.raw.length == 0 {
            return Vec::new();
        }
        // SAFETY: the library wrote both fields: so many bytes, readable until the buffer is released, which `drop`
        // alone does.
        unsafe { slice::from_raw_parts(self.raw.value.cast::<u8>(), self.raw.length) }.to_vec()
    }
}

impl Drop for OutputToken {
    fn drop(&mut self) {
        if !self.raw.value.is_null() {
            // SAFETY: a buffer that this library allocated, released here and nowhere else.
            unsafe { (self.api.release_buffer)(&mut 0, &raw mut self.raw) };
        }
    }
}
