//! The event loop of JavaScript's thread watches sessions at rest.
//!
//! libuv's functions are looked up in the running process, never linked: a host without them could not load the addon. One
//! handle watches the lookout of an environment, whatever the number of its sessions. An environment that ends with an
//! open handle aborts the process, so the handle is closed in an asynchronous clean-up hook, and its memory is freed in the
//! callback that tells that it is closed.

use std::{
    cell::{Cell, RefCell, UnsafeCell},
    ffi::{c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::null_mut,
    rc::Rc,
    sync::{Arc, OnceLock},
};

use cornac_driver::session::Lookout;
use libloading::os::unix::Library;
use napi::{Env, bindgen_prelude::*, sys};

use crate::environment::Environment;

/// `UV_POLL` of `uv_handle_type`.
const POLL: c_int = 8;
/// `UV_READABLE` of `uv_poll_event`.
const READABLE: c_int = 1;

/// `uv_handle_t` and what begins like one.
type Handle = *mut c_void;

/// The functions in use, as libuv's documentation has them.
struct Uv {
    poll_init: unsafe extern "C" fn(*mut sys::uv_loop_s, Handle, c_int) -> c_int,
    poll_start: unsafe extern "C" fn(Handle, c_int, unsafe extern "C" fn(Handle, c_int, c_int)) -> c_int,
    close: unsafe extern "C" fn(Handle, unsafe extern "C" fn(Handle)),
    unref: unsafe extern "C" fn(Handle),
    handle_size: unsafe extern "C" fn(c_int) -> usize,
    handle_get_data: unsafe extern "C" fn(Handle) -> *mut c_void,
    handle_set_data: unsafe extern "C" fn(Handle, *mut c_void),
}

impl Uv {
    /// None where the process has no libuv that can be found.
    fn get() -> Option<&'static Self> {
        static UV: OnceLock<Option<Uv>> = OnceLock::new();
        UV.get_or_init(Self::find).as_ref()
    }

    fn find() -> Option<Self> {
        let process = Library::this();
        // SAFETY: these are the names and signatures of libuv's stable interface, which the process brings and never unloads.
        unsafe {
            Some(Self {
                poll_init: *process.get(b"uv_poll_init").ok()?,
                poll_start: *process.get(b"uv_poll_start").ok()?,
                close: *process.get(b"uv_close").ok()?,
                unref: *process.get(b"uv_unref").ok()?,
                handle_size: *process.get(b"uv_handle_size").ok()?,
                handle_get_data: *process.get(b"uv_handle_get_data").ok()?,
                handle_set_data: *process.get(b"uv_handle_set_data").ok()?,
            })
        }
    }
}

/// Watches until it is dropped. Made, used and dropped on the environment's thread.
pub(crate) struct Watch {
    bell: Rc<Bell>,
    lookout: Lookout,
}

impl Watch {
    /// None where the event loop cannot watch: the I/O thread does then.
    pub(crate) fn new(
        env: &Env,
        wake: &Function<'_, (), bool>,
        environment: &Arc<Environment>,
    ) -> Option<Self> {
        let lookout = Lookout::new().ok()?;
        let bell = Bell::hang(env, wake, environment, lookout.descriptor())?;
        Some(Self { bell, lookout })
    }

    pub(crate) fn lookout(&self) -> &Lookout {
        &self.lookout
    }

    /// The sessions on whose sockets something has happened since it was asked last, and whether they have ended.
    pub(crate) fn look(&mut self) -> Option<impl Iterator<Item = (u32, bool)>> {
        self.bell.has_rung.take().then(|| self.lookout.look())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The bell goes before the lookout's descriptor is closed.
        self.bell.take_down();
    }
}

/// The handle, and what its callback needs.
struct Bell {
    uv: &'static Uv,
    env: sys::napi_env,
    /// None once it is taken down.
    wake: RefCell<Option<FunctionRef<(), bool>>>,
    environment: Arc<Environment>,
    /// Memory for a `uv_poll_t`, aligned for anything. libuv has its address until it is closed.
    handle: Box<[UnsafeCell<u128>]>,
    has_rung: Cell<bool>,
    is_closing: Cell<bool>,
    hook: Cell<sys::napi_async_cleanup_hook_handle>,
    /// The scopes that JavaScript is called in need it.
    context: sys::napi_async_context,
}

impl Bell {
    fn hang(
        env: &Env,
        wake: &Function<'_, (), bool>,
        environment: &Arc<Environment>,
        descriptor: c_int,
    ) -> Option<Rc<Self>> {
        let uv = Uv::get()?;
        let mut event_loop = null_mut();
        // SAFETY: the environment is the current one, and the place for the result is there.
        let status = unsafe { sys::napi_get_uv_event_loop(env.raw(), &mut event_loop) };
        if status != sys::Status::napi_ok {
            return None;
        }
        // SAFETY: it only looks a size up.
        let size = unsafe { (uv.handle_size)(POLL) };
        let bell = Rc::new(Self {
            uv,
            env: env.raw(),
            wake: RefCell::new(Some(wake.create_ref().ok()?)),
            environment: environment.clone(),
            handle: (0..size.div_ceil(size_of::<u128>())).map(|_| UnsafeCell::new(0)).collect(),
            has_rung: Cell::new(false),
            is_closing: Cell::new(false),
            hook: Cell::new(null_mut()),
            context: context(env)?,
        });
        // SAFETY: the handle has the room that libuv asks for, and the loop is the environment's own, on its thread.
        if unsafe { (bell.uv.poll_init)(event_loop, bell.handle(), descriptor) } != 0 {
            return None;
        }
        let data = Rc::into_raw(bell.clone()).cast_mut().cast();
        // SAFETY: the handle is initialised. The data are a counted reference, which `closed` gives back; until then they
        // outlive the handle.
        unsafe {
            (bell.uv.handle_set_data)(bell.handle(), data);
            // What holds the event loop is JavaScript's to say.
            (bell.uv.unref)(bell.handle());
        }
        let mut hook = null_mut();
        // SAFETY: the argument is what the handle's data are: alive until `closed`, which ends the hook.
        let status = unsafe { sys::napi_add_async_cleanup_hook(env.raw(), Some(clean_up), data, &mut hook) };
        bell.hook.set(hook);
        // SAFETY: the handle is initialised, and the callback is one of libuv's kind.
        let is_watched = status == sys::Status::napi_ok
            && unsafe { (bell.uv.poll_start)(bell.handle(), READABLE, ring) } == 0;
        if !is_watched {
            bell.take_down();
            return None;
        }
        Some(bell)
    }

    fn handle(&self) -> Handle {
        self.handle.as_ptr().cast_mut().cast()
    }

    /// Closes the handle, once.
    fn take_down(&self) {
        if !self.is_closing.replace(true) {
            drop(self.wake.take());
            // SAFETY: the handle is initialised, closed once, and its memory lives until `closed` is called.
            unsafe { (self.uv.close)(self.handle(), closed) };
        }
    }

    /// Has JavaScript read, as the thread-safe function does it from another thread.
    fn call(&self) {
        let mut scope = null_mut();
        // SAFETY: the environment is alive as long as the handle is not closing, and this is its thread, out of JavaScript;
        // the scope is closed below, behind the last use of its values.
        if unsafe { sys::napi_open_handle_scope(self.env, &mut scope) } != sys::Status::napi_ok {
            return;
        }
        self.call_in_scope();
        // SAFETY: it is the scope that was opened last.
        unsafe { sys::napi_close_handle_scope(self.env, scope) };
    }

    fn call_in_scope(&self) {
        let Some(wake) = self.wake.borrow().as_ref().and_then(|wake| {
            let env = Env::from_raw(self.env);
            wake.borrow_back(&env).ok().map(|wake| wake.raw())
        }) else {
            return;
        };
        let (mut scope, mut receiver, mut result) = (null_mut(), null_mut(), null_mut());
        // SAFETY: values of the scope that is open, the environment's own; a function without arguments may have none.
        let status = unsafe {
            if sys::napi_open_callback_scope(self.env, null_mut(), self.context, &mut scope)
                != sys::Status::napi_ok
            {
                return;
            }
            sys::napi_get_undefined(self.env, &mut receiver);
            sys::napi_call_function(self.env, receiver, wake, 0, std::ptr::null(), &mut result)
        };
        let mut thrown = null_mut();
        if status == sys::Status::napi_ok {
            // SAFETY: the value was just given.
            if let Ok(holds) = unsafe { bool::from_napi_value(self.env, result) } {
                self.environment.hold_loop(&Env::from_raw(self.env), holds);
            }
        } else {
            // SAFETY: what is pending is only taken if something is: the call also fails in a worker that is being ended.
            unsafe {
                let mut is_pending = false;
                sys::napi_is_exception_pending(self.env, &mut is_pending);
                if is_pending {
                    sys::napi_get_and_clear_last_exception(self.env, &mut thrown);
                }
            }
        }
        // SAFETY: the scope is the one that was opened last; what waits for the end of the call runs now, and may say anew
        // whether the event loop is held. What was thrown is an uncaught exception, as everywhere in an event loop.
        unsafe {
            sys::napi_close_callback_scope(self.env, scope);
            if !thrown.is_null() {
                sys::napi_fatal_exception(self.env, thrown);
            }
        }
    }
}

/// What calls from the event loop are accounted to.
fn context(env: &Env) -> Option<sys::napi_async_context> {
    let name = env.create_string("cornac").ok()?;
    let mut context = null_mut();
    // SAFETY: the name is a string of this environment; without a resource Node-API makes one.
    let status = unsafe { sys::napi_async_init(env.raw(), null_mut(), name.raw(), &mut context) };
    (status == sys::Status::napi_ok).then_some(context)
}

/// The bell that belongs to a handle, alive for the time of a callback whatever that does.
///
/// # Safety
///
/// `data` is what [`Bell::hang`] has given, and `closed` has not had it yet.
unsafe fn bell_of(data: *mut c_void) -> Rc<Bell> {
    let bell: *const Bell = data.cast_const().cast();
    // SAFETY: the pointer comes from `Rc::into_raw`, and its count is still held.
    unsafe {
        Rc::increment_strong_count(bell);
        Rc::from_raw(bell)
    }
}

/// Something has happened on a socket.
unsafe extern "C" fn ring(handle: Handle, _status: c_int, _events: c_int) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let Some(uv) = Uv::get() else { return };
        // SAFETY: libuv calls with the handle that was started, whose data are set.
        let bell = unsafe { bell_of((uv.handle_get_data)(handle)) };
        // A handle that is closing is called no more (libuv, `uv_close`).
        bell.has_rung.set(true);
        bell.call();
    }));
}

/// The environment ends.
unsafe extern "C" fn clean_up(_hook: sys::napi_async_cleanup_hook_handle, data: *mut c_void) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the hook has the data of `hang`, and `closed` removes it.
        unsafe { bell_of(data) }.take_down();
    }));
}

/// Nothing is called any more.
unsafe extern "C" fn closed(handle: Handle) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let Some(uv) = Uv::get() else { return };
        // SAFETY: the last callback of the handle gives the reference back that it had.
        let bell = unsafe { Rc::from_raw((uv.handle_get_data)(handle).cast_const().cast::<Bell>()) };
        // SAFETY: the environment is alive until the hook is removed, and no callback comes any more.
        unsafe { sys::napi_async_destroy(bell.env, bell.context) };
        let hook = bell.hook.get();
        if !hook.is_null() {
            // SAFETY: the hook was added and is removed once.
            unsafe { sys::napi_remove_async_cleanup_hook(hook) };
        }
    }));
}
