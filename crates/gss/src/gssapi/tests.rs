//! A library that does what it is told, for what no honest one does, and that counts what it is given back.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::slice;

use super::library::{Oid, RawBuffer, RawContext, RawName};
use super::*;
use crate::context::Context;

/// What one call of `gss_init_sec_context` answers.
struct Answer {
    major: u32,
    minor: u32,
    token: &'static [u8],
    flags: u32,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    received: Vec<Vec<u8>>,
    names: Vec<String>,
    live_names: i32,
    live_contexts: i32,
    live_buffers: i32,
    endless_texts: bool,
}

thread_local!(static SCRIPT: RefCell<Script> = RefCell::default());

fn script<R>(use_it: impl FnOnce(&mut Script) -> R) -> R {
    SCRIPT.with_borrow_mut(use_it)
}

unsafe fn bytes(buffer: *const RawBuffer) -> Vec<u8> {
    // SAFETY: the code under test lends a valid buffer.
    unsafe { slice::from_raw_parts((*buffer).value.cast::<u8>(), (*buffer).length) }.to_vec()
}

unsafe fn give(buffer: *mut RawBuffer, content: &[u8]) {
    script(|script| script.live_buffers += 1);
    let leaked: &'static mut [u8] = Box::leak(content.to_vec().into_boxed_slice());
    // SAFETY: the code under test passes a place for the buffer.
    unsafe { *buffer = RawBuffer { length: leaked.len(), value: leaked.as_mut_ptr().cast() } };
}

unsafe extern "C" fn import_name(_: *mut u32, text: *const RawBuffer, _: Oid, name: *mut RawName) -> u32 {
    // SAFETY: see `bytes`; `name` is a place for a handle.
    let text = unsafe {
        *name = std::ptr::dangling_mut::<c_void>();
        String::from_utf8(bytes(text)).unwrap()
    };
    script(|script| {
        script.names.push(text);
        script.live_names += 1;
    });
    0
}

unsafe extern "C" fn release_name(_: *mut u32, _: *mut RawName) -> u32 {
    script(|script| script.live_names -= 1);
    0
}

#[rustfmt::skip]
unsafe extern "C" fn init_sec_context(
    minor: *mut u32, _: *mut c_void, context: *mut RawContext, _: RawName, _: Oid, _: u32, _: u32, _: *mut c_void,
    input: *const RawBuffer, _: *mut Oid, output: *mut RawBuffer, flags: *mut u32, _: *mut u32,
) -> u32 {
    // SAFETY: the code under test passes valid pointers.
    unsafe {
        let received = bytes(input);
        let answer = script(|script| {
            script.received.push(received);
            script.answers.pop_front().unwrap()
        });
        if (*context).is_null() {
            *context = std::ptr::dangling_mut::<c_void>();
            script(|script| script.live_contexts += 1);
        }
        (*minor, *flags) = (answer.minor, answer.flags);
        if !answer.token.is_empty() {
            give(output, answer.token);
        }
        answer.major
    }
}

unsafe extern "C" fn delete_sec_context(_: *mut u32, _: *mut RawContext, _: *mut RawBuffer) -> u32 {
    script(|script| script.live_contexts -= 1);
    0
}

#[rustfmt::skip]
unsafe extern "C" fn display_status(
    _: *mut u32, code: u32, kind: c_int, _: Oid, more: *mut u32, text: *mut RawBuffer,
) -> u32 {
    let words = if kind == 1 { "The  world said no." } else { " Reason " };
    // SAFETY: the code under test passes valid pointers.
    unsafe {
        give(text, format!("{words}{}", if kind == 1 { String::new() } else { code.to_string() }).as_bytes());
        *more = u32::from(script(|script| script.endless_texts));
    }
    0
}

unsafe extern "C" fn release_buffer(_: *mut u32, buffer: *mut RawBuffer) -> u32 {
    // SAFETY: made by `give` from a boxed slice of this length.
    unsafe { drop(Vec::from_raw_parts((*buffer).value.cast::<u8>(), (*buffer).length, (*buffer).length)) };
    script(|script| script.live_buffers -= 1);
    0
}

const MIT_LIKE: Gssapi = Gssapi {
    import_name,
    release_name,
    init_sec_context,
    delete_sec_context,
    display_status,
    release_buffer,
    host_based_service: Oid::NONE,
    heimdal: None,
};

static OBEDIENT: Gssapi = MIT_LIKE;
static HEIMDAL: Gssapi = Gssapi { heimdal: Some(Oid::NONE), ..MIT_LIKE };

fn context(answers: impl IntoIterator<Item = Answer>) -> Context {
    script(|script| *script = Script { answers: answers.into_iter().collect(), ..Script::default() });
    Context::over(Initiator::new(&OBEDIENT, "postgres", "db").unwrap(), "postgres", "db")
}

fn answer(major: u32, token: &'static [u8], flags: u32) -> Answer {
    Answer { major, minor: 0, token, flags }
}

/// Whatever happened before, the library has everything back once the context is gone.
fn assert_all_returned(context: Context) {
    drop(context);
    script(|script| {
        assert_eq!((script.live_names, script.live_contexts, script.live_buffers), (0, 0, 0));
    });
}

#[test]
fn an_exchange_passes_tokens_both_ways_until_the_library_is_content() {
    let mut context =
        context([answer(1, b"one", 0), answer(1, b"two", 0), answer(0, b"", GSS_C_MUTUAL_FLAG)]);
    assert_eq!(context.step(b"").unwrap(), Step { token: b"one".to_vec(), complete: false });
    assert_eq!(context.step(b"from server").unwrap(), Step { token: b"two".to_vec(), complete: false });
    assert_eq!(context.step(&[0; 70_000]).unwrap(), Step { token: Vec::new(), complete: true });
    script(|script| {
        assert_eq!(script.names, ["postgres@db"]);
        assert_eq!(script.received, [b"".to_vec(), b"from server".to_vec(), vec![0; 70_000]]);
    });
    assert_all_returned(context);
}

#[test]
fn a_last_token_travels_with_completion() {
    let mut context = context([answer(0, b"last", GSS_C_MUTUAL_FLAG)]);
    assert_eq!(context.step(b"").unwrap(), Step { token: b"last".to_vec(), complete: true });
    assert_all_returned(context);
}

#[test]
fn completion_without_mutual_authentication_is_refused() {
    let mut context = context([answer(1, b"one", 0), answer(0, b"two", !GSS_C_MUTUAL_FLAG)]);
    context.step(b"").unwrap();
    let error = context.step(b"x").unwrap_err();
    assert_eq!(
        error.message,
        "Kerberos authentication to 'postgres@db' failed: the server did not prove its identity"
    );
    assert_all_returned(context);
}

#[test]
fn a_server_that_goes_on_after_the_end_is_refused() {
    let mut context = context([answer(0, b"one", GSS_C_MUTUAL_FLAG)]);
    context.step(b"").unwrap();
    for token in [b"".as_slice(), b"more"] {
        let error = context.step(token).unwrap_err();
        assert!(
            error.message.contains("after the exchange was complete") || error.message.contains("before")
        );
    }
    assert_all_returned(context);
}

#[test]
fn tokens_out_of_turn_never_reach_the_library() {
    let mut early = context([]);
    assert!(early.step(b"x").unwrap_err().message.contains("before the client did"));
    assert_all_returned(early);
    let mut empty = context([answer(1, b"one", 0)]);
    empty.step(b"").unwrap();
    assert!(empty.step(b"").unwrap_err().message.contains("an empty token"));
    assert!(empty.step(b"x").unwrap_err().message.contains("has failed before"));
    assert_all_returned(empty);
}

#[test]
fn a_library_that_wants_more_and_gives_nothing_does_not_leave_both_sides_waiting() {
    let mut context = context([answer(1, b"", 0)]);
    assert!(context.step(b"").unwrap_err().message.contains("gave none for the server"));
    assert_all_returned(context);
}

#[test]
fn a_failure_carries_both_texts_and_ends_the_exchange() {
    let failed = Answer { major: 13 << 16, minor: 77, token: b"error token", flags: GSS_C_MUTUAL_FLAG };
    let mut context = context([answer(1, b"one", 0), failed]);
    context.step(b"").unwrap();
    let error = context.step(b"x").unwrap_err();
    assert_eq!(
        error.message,
        "Kerberos authentication to 'postgres@db' failed: The world said no: Reason 77"
    );
    assert_eq!(error.hint, None);
    assert!(context.step(b"y").unwrap_err().message.contains("has failed before"));
    assert_all_returned(context);
}

#[test]
fn bits_beside_complete_and_continue_are_no_success() {
    for major in [1 << 1, 1 << 4, (1 << 24) | 1] {
        let mut context = context([answer(major, b"one", GSS_C_MUTUAL_FLAG)]);
        assert!(context.step(b"").is_err(), "{major:#x}");
        assert_all_returned(context);
    }
}

#[test]
fn the_usual_failures_come_with_what_to_do() {
    let base = (-1_765_328_384_i32).cast_unsigned();
    for (major, minor, remedy) in [
        (13 << 16, base + 7, "krbsrvname"),
        (13 << 16, base + 32, "kinit"),
        (13 << 16, base + 37, "clocks"),
        (13 << 16, base + 156, "no KDC"),
        (13 << 16, base + 224, "krb5.conf"),
        (7 << 16, 0, "kinit"),
        (7 << 16, base + 195, "kinit"),
        (11 << 16, 0, "expired"),
    ] {
        let mut context = context([Answer { major, minor, token: b"", flags: 0 }]);
        let hint = context.step(b"").unwrap_err().hint.unwrap();
        assert!(hint.contains(remedy), "{hint}");
        assert_all_returned(context);
    }
}

#[test]
fn a_library_with_endless_texts_does_not_hold_us() {
    let mut context = context([Answer { major: 13 << 16, minor: 1, token: b"", flags: 0 }]);
    script(|script| script.endless_texts = true);
    let error = context.step(b"").unwrap_err();
    assert!(error.message.len() < 500, "{error}");
    assert_all_returned(context);
}

#[test]
fn a_context_dropped_in_mid_exchange_gives_everything_back() {
    let mut halfway = context([answer(1, b"one", 0)]);
    halfway.step(b"").unwrap();
    assert_all_returned(halfway);
    assert_all_returned(context([]));
}

#[test]
fn heimdal_gets_no_token_whose_frame_it_would_stumble_over() {
    script(|script| *script = Script { answers: [answer(1, b"one", 0)].into(), ..Script::default() });
    let mut context = Context::over(Initiator::new(&HEIMDAL, "postgres", "db").unwrap(), "postgres", "db");
    context.step(b"").unwrap();
    let error = context.step(b"\x60\x03abc").unwrap_err();
    assert!(error.message.contains("no Kerberos token"), "{error}");
    script(|script| assert_eq!(script.received.len(), 1));
    assert_all_returned(context);
}
