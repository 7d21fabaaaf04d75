//! The library itself: opened once, never closed, its functions by name.

use std::error::Error as _;
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use libloading::Library;

use crate::Error;

/// MIT's first: where both are installed, the tools that fetch tickets are usually MIT's.
#[cfg(not(target_os = "macos"))]
const NAMES: &[&str] = &["libgssapi_krb5.so.2", "libgssapi.so.3"];
#[cfg(not(target_os = "macos"))]
const REMEDY: &str = "install the Kerberos library: libgssapi-krb5-2 on Debian and Ubuntu, krb5-libs on Fedora, \
                      Red Hat and Alpine";
/// The file is in no directory: the dynamic loader has it in its cache under this name.
#[cfg(target_os = "macos")]
const NAMES: &[&str] = &["/System/Library/Frameworks/GSS.framework/GSS"];
#[cfg(target_os = "macos")]
const REMEDY: &str = "the GSS framework is part of macOS and ought to be there";

/// `gss_name_t` and `gss_ctx_id_t`: pointers to what only the library knows.
pub(super) type RawName = *mut c_void;
pub(super) type RawContext = *mut c_void;

/// `gss_OID`: a pointer to a constant inside the library, or null.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(crate) struct Oid(*const c_void);

impl Oid {
    pub(super) const NONE: Self = Self(std::ptr::null());
}

// SAFETY: it points, if anywhere, to a constant of a library that is never unloaded.
unsafe impl Send for Oid {}
// SAFETY: as above; nobody writes there.
unsafe impl Sync for Oid {}

/// `gss_buffer_desc`.
#[repr(C)]
pub(super) struct RawBuffer {
    pub(super) length: usize,
    pub(super) value: *mut c_void,
}

impl RawBuffer {
    /// For arguments that the library only reads; the standard's type has no `const`.
    pub(super) fn lend(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

/// The functions in use, with RFC 2744's signatures (`OM_uint32` is 32 bits wide by definition).
pub(crate) struct Gssapi {
    pub(super) import_name: unsafe extern "C" fn(*mut u32, *const RawBuffer, Oid, *mut RawName) -> u32,
    pub(super) release_name: unsafe extern "C" fn(*mut u32, *mut RawName) -> u32,
    #[rustfmt::skip]
    pub(super) init_sec_context: unsafe extern "C" fn(
        *mut u32, *mut c_void, *mut RawContext, RawName, Oid, u32, u32, *mut c_void,
        *const RawBuffer, *mut Oid, *mut RawBuffer, *mut u32, *mut u32,
    ) -> u32,
    pub(super) delete_sec_context: unsafe extern "C" fn(*mut u32, *mut RawContext, *mut RawBuffer) -> u32,
    #[rustfmt::skip]
    pub(super) display_status:
        unsafe extern "C" fn(*mut u32, u32, c_int, Oid, *mut u32, *mut RawBuffer) -> u32,
    pub(super) release_buffer: unsafe extern "C" fn(*mut u32, *mut RawBuffer) -> u32,
    /// `GSS_C_NT_HOSTBASED_SERVICE`.
    pub(super) host_based_service: Oid,
    /// Heimdal's constant for Kerberos, and thereby whether it is Heimdal, as it is on macOS. Heimdal finds the words for
    /// the mechanism's own codes only when told which mechanism that is.
    pub(super) heimdal: Option<Oid>,
}

static SYSTEM: OnceLock<Gssapi> = OnceLock::new();

/// The system's library. A failure is not remembered: the library may be installed while the process runs.
pub(crate) fn system() -> Result<&'static Gssapi, Error> {
    if let Some(api) = SYSTEM.get() {
        return Ok(api);
    }
    let api = Gssapi::open(NAMES)?;
    Ok(SYSTEM.get_or_init(|| api))
}

impl Gssapi {
    /// Opens the first of these libraries that is one.
    pub(crate) fn open(names: &[&str]) -> Result<Self, Error> {
        let mut reasons = Vec::new();
        for name in names {
            match Self::open_one(name) {
                Ok(api) => return Ok(api),
                Err(error) => reasons.push(reason(name, &error)),
            }
        }
        let reasons = reasons.join("; ");
        Err(Error::new(format!("could not open a GSSAPI library: {reasons}")).with_hint(REMEDY))
    }

    fn open_one(name: &str) -> Result<Self, libloading::Error> {
        // SAFETY: opening runs the library's initialisers. The names are those of the system's Kerberos libraries, made
        // to be loaded by any program at any time, and no part of a name comes from the user.
        let library = unsafe { Library::new(name) }?;
        // SAFETY: the types are those that RFC 2744 gives these functions.
        let api = unsafe {
            Self {
                import_name: *library.get("gss_import_name")?,
                release_name: *library.get("gss_release_name")?,
                init_sec_context: *library.get("gss_init_sec_context")?,
                delete_sec_context: *library.get("gss_delete_sec_context")?,
                display_status: *library.get("gss_display_status")?,
                release_buffer: *library.get("gss_release_buffer")?,
                host_based_service: host_based_service(&library)?,
                heimdal: descriptor(&library, "__gss_krb5_mechanism_oid_desc").ok(),
            }
        };
        // Kerberos libraries keep state of threads, and crash threads that end after they were unloaded. It also makes
        // the pointers taken above good for ever.
        std::mem::forget(library);
        Ok(api)
    }
}

/// The loader's own words are the error's source, and usually name the file.
fn reason(name: &str, error: &libloading::Error) -> String {
    let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    if words.contains(name) { words } else { format!("{name}: {words}") }
}

/// MIT exports a variable that holds the pointer; in Heimdal and on macOS the constant's name is a macro for the address
/// of an exported descriptor.
///
/// # Safety
/// `library` must be a GSSAPI library, and stay open for as long as the result is used.
unsafe fn host_based_service(library: &Library) -> Result<Oid, libloading::Error> {
    // SAFETY: the caller's promise is passed on.
    if let Ok(oid) = unsafe { descriptor(library, "__gss_c_nt_hostbased_service_oid_desc") } {
        return Ok(oid);
    }
    // SAFETY: by the caller's promise the symbol is the variable of MIT's header, of type `gss_OID`.
    let variable = unsafe { library.get::<*const Oid>("GSS_C_NT_HOSTBASED_SERVICE") }?;
    // SAFETY: the symbol's address is that of an initialised variable that nobody writes to.
    Ok(unsafe { **variable })
}

/// The address of an exported `gss_OID_desc`.
///
/// # Safety
/// `library` must be a GSSAPI library, and stay open for as long as the result is used.
unsafe fn descriptor(library: &Library, symbol: &str) -> Result<Oid, libloading::Error> {
    // SAFETY: the symbol's address is taken, not what lies there.
    let address = unsafe { library.get::<*const c_void>(symbol) }?;
    Ok(Oid(*address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_library_is_installed_the_error_says_what_was_tried_and_what_to_install() {
        let error = Gssapi::open(&["libcornac-none.so.1", "libcornac-none.so.2"]).err().unwrap();
        assert!(error.message.starts_with("could not open a GSSAPI library: "), "{error}");
        assert!(error.message.contains("libcornac-none.so.1"), "{error}");
        assert!(error.message.contains("libcornac-none.so.2"), "{error}");
        if cfg!(target_os = "linux") {
            assert!(error.hint.unwrap().contains("libgssapi-krb5-2"));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_library_of_that_name_without_the_functions_is_passed_over() {
        let error = Gssapi::open(&["libm.so.6", "libcornac-none.so.1"]).err().unwrap();
        assert!(error.message.contains("gss_import_name"), "{error}");
        assert!(error.message.contains("libcornac-none.so.1"), "{error}");
    }
}
