//! The initiator's side over SSPI.
//!
//! Never run: type-checked for Windows only. Microsoft's documentation of `InitializeSecurityContext (Kerberos)` and
//! `(Negotiate)` is what it was written from.

use std::ptr;
use std::slice;

use windows_sys::Win32::Foundation::{
    SEC_E_LOGON_DENIED, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_CREDENTIALS, SEC_E_OK,
    SEC_E_TARGET_UNKNOWN, SEC_E_TIME_SKEW, SEC_E_WRONG_PRINCIPAL, SEC_I_COMPLETE_AND_CONTINUE,
    SEC_I_COMPLETE_NEEDED, SEC_I_CONTINUE_NEEDED,
};
use windows_sys::Win32::Security::Authentication::Identity::{
    AcquireCredentialsHandleW, CompleteAuthToken, DeleteSecurityContext, FreeContextBuffer,
    FreeCredentialsHandle, ISC_REQ_ALLOCATE_MEMORY, ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH,
    InitializeSecurityContextW, SECBUFFER_TOKEN, SECBUFFER_VERSION, SECPKG_CRED_OUTBOUND,
    SECURITY_NETWORK_DREP, SecBuffer, SecBufferDesc,
};
use windows_sys::Win32::Security::Credentials::SecHandle;

use crate::error::{Error, failure};
use crate::step::Step;

/// The logged-on user's credentials, the service's name and, from the first step on, a context.
pub(crate) struct Initiator {
    // Before the credentials, so that it is dropped before them.
    context: Option<SecurityContext>,
    credentials: Credentials,
    /// `service/host`, ended by NUL.
    service: Vec<u16>,
}

impl Initiator {
    pub(crate) fn new(service: &str, host: &str, negotiate: bool) -> Result<Self, Error> {
        let package = if negotiate { "Negotiate" } else { "Kerberos" };
        let credentials = Credentials::of_user(package, &format!("{service}@{host}"))?;
        Ok(Self { context: None, credentials, service: wide(&format!("{service}/{host}")) })
    }

    /// `target` is for messages.
    pub(crate) fn step(&mut self, target: &str, token: &[u8]) -> Result<Step, Error> {
        let Ok(length) = u32::try_from(token.len()) else {
            return Err(Error::new(failure(
                target,
                &format!("a token of {} bytes is too long", token.len()),
            )));
        };
        // The library only reads it; the type has no `const`.
        let mut received = SecBuffer {
            cbBuffer: length,
            BufferType: SECBUFFER_TOKEN,
            pvBuffer: token.as_ptr().cast_mut().cast(),
        };
        let input = describe(&mut received);
        let mut output = OutputToken::empty();
        let mut description = describe(&mut output.0);
        let mut handle = self.context.as_ref().map_or(SecHandle::default(), |context| context.0);
        let known = self.context.is_some();
        let mut flags = 0;
        // SAFETY: the credentials are live. `handle` is a local that holds a live context or nothing, in which case null
        // is passed for the old context. The name ends with NUL. `input` lends `token` for the length of the call and is
        // left out on the first step. The out-pointers are to locals; `output` frees what the library allocates.
        let status = unsafe {
            InitializeSecurityContextW(
                &raw const self.credentials.0,
                if known { &raw const handle } else { ptr::null() },
                self.service.as_ptr(),
                ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH,
                0,
                SECURITY_NETWORK_DREP,
                if known { &raw const input } else { ptr::null() },
                0,
                &raw mut handle,
                &raw mut description,
                &raw mut flags,
                ptr::null_mut(),
            )
        };
        let (complete, unfinished) = match status {
            SEC_E_OK => (true, false),
            SEC_I_CONTINUE_NEEDED => (false, false),
            SEC_I_COMPLETE_NEEDED => (true, true),
            SEC_I_COMPLETE_AND_CONTINUE => (false, true),
            _ => return Err(error(target, status)),
        };
        if !known {
            self.context = Some(SecurityContext(handle));
        }
        if unfinished {
            // SAFETY: `handle` is the live context and `description` the token it has just written.
            let status = unsafe { CompleteAuthToken(&raw const handle, &raw const description) };
            if status != SEC_E_OK {
                return Err(error(target, status));
            }
        }
        if complete && flags & ISC_RET_MUTUAL_AUTH == 0 {
            return Err(Error::new(failure(target, "the server did not prove its identity"))
                .with_hint("NTLM proves the client only: the server must be reachable by Kerberos"));
        }
        Ok(Step { token: output.to_vec(), complete })
    }
}

/// One buffer's description. It points to its argument, and must not outlive it.
fn describe(buffer: &mut SecBuffer) -> SecBufferDesc {
    SecBufferDesc { ulVersion: SECBUFFER_VERSION, cBuffers: 1, pBuffers: &raw mut *buffer }
}

/// What proves the logged-on user. A handle is two numbers, bound to the process and to no thread.
struct Credentials(SecHandle);

impl Credentials {
    fn of_user(package: &str, target: &str) -> Result<Self, Error> {
        let name = wide(package);
        let mut handle = SecHandle::default();
        // SAFETY: the package's name ends with NUL, the handle is written to a local, null stands for the logged-on user
        // and for what may be left out.
        let status = unsafe {
            AcquireCredentialsHandleW(
                ptr::null(),
                name.as_ptr(),
                SECPKG_CRED_OUTBOUND,
                ptr::null(),
                ptr::null(),
                None,
                ptr::null(),
                &raw mut handle,
                ptr::null_mut(),
            )
        };
        if status == SEC_E_OK { Ok(Self(handle)) } else { Err(error(target, status)) }
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: acquired in `of_user`, freed here and nowhere else, after the context that uses it.
        unsafe { FreeCredentialsHandle(&raw const self.0) };
    }
}

struct SecurityContext(SecHandle);

impl Drop for SecurityContext {
    fn drop(&mut self) {
        // SAFETY: made by the first step, deleted here and nowhere else.
        unsafe { DeleteSecurityContext(&raw const self.0) };
    }
}

/// A token that the library allocates.
struct OutputToken(SecBuffer);

impl OutputToken {
    fn empty() -> Self {
        Self(SecBuffer { cbBuffer: 0, BufferType: SECBUFFER_TOKEN, pvBuffer: ptr::null_mut() })
    }

    fn to_vec(&self) -> Vec<u8> {
        match usize::try_from(self.0.cbBuffer) {
            // SAFETY: the library wrote both fields: so many bytes, readable until `drop` frees them.
            Ok(length) if length > 0 && !self.0.pvBuffer.is_null() => {
                unsafe { slice::from_raw_parts(self.0.pvBuffer.cast::<u8>(), length) }.to_vec()
            }
            _ => Vec::new(),
        }
    }
}

impl Drop for OutputToken {
    fn drop(&mut self) {
        if !self.0.pvBuffer.is_null() {
            // SAFETY: allocated by the library, as ISC_REQ_ALLOCATE_MEMORY asks, and freed here and nowhere else.
            unsafe { FreeContextBuffer(self.0.pvBuffer) };
        }
    }
}

/// The system's words; std asks `FormatMessage` for them.
fn error(target: &str, status: i32) -> Error {
    let text = std::io::Error::from_raw_os_error(status).to_string();
    let words = text.split(" (os error ").next().unwrap_or_default().trim().trim_end_matches('.');
    let error = Error::new(failure(target, &format!("{words} ({status:#010x})")));
    let hint = match status {
        SEC_E_NO_CREDENTIALS | SEC_E_LOGON_DENIED => {
            "log on with an account of the domain; klist lists its tickets"
        }
        SEC_E_TARGET_UNKNOWN | SEC_E_WRONG_PRINCIPAL => {
            "the service's principal (setspn) must match krbsrvname and the host as it was given"
        }
        SEC_E_NO_AUTHENTICATING_AUTHORITY => "no domain controller answered",
        SEC_E_TIME_SKEW => {
            "the clocks of this machine, the domain controller and the server must agree to within five minutes"
        }
        _ => return error,
    };
    error.with_hint(hint)
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
