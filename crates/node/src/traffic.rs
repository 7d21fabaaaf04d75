//! What every query passes through: requests go down, records come up.
//!
//! The two calls for that are functions of their own, not methods of the core: what napi-rs does for a method's receiver and
//! for what it borrows took most of the time of such a call, and most of what it allocated.

use std::{
    cell::{Ref, RefCell, RefMut},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use cornac_driver::{
    completions::Completions,
    panic_hooks,
    session::{hand_on, read_answer},
};
use napi::{Env, Error, Result, Status, bindgen_prelude::*};
use napi_derive::napi;

use crate::{
    environment::{Drained, Environment},
    submission::Numbers,
    watch::Watch,
};

/// The functions of one core. They throw what a panic of the core says.
#[napi(object, object_from_js = false)]
pub struct Traffic<'env> {
    /// Takes the requests of one tick, the first `length` bytes of `buffer`; `hold` says whether the event loop is held
    /// from then on, `alone` that nothing else is under way.
    #[napi(ts_type = "(buffer: Uint8Array, length: number, hold: boolean, alone: boolean) => void")]
    pub submit: Function<'env, FnArgs<(Uint8Array, u32, bool, bool)>, ()>,
    /// Copies waiting records into `buffer` and gives their bytes, or -1 when the next block is larger than it.
    #[napi(ts_type = "(buffer: Uint8Array) => number")]
    pub drain: Function<'env, FnArgs<(Uint8Array,)>, i32>,
}

/// The sessions of an environment, and where it watches those at rest.
pub(crate) struct Passage {
    environment: Arc<Environment>,
    numbers: RefCell<Numbers>,
    /// Where this thread's event loop watches sessions at rest.
    watch: RefCell<Option<Watch>>,
}

impl Passage {
    pub(crate) fn new(environment: Arc<Environment>, watch: Option<Watch>) -> Rc<Self> {
        Rc::new(Self { environment, numbers: RefCell::default(), watch: RefCell::new(watch) })
    }

    pub(crate) fn numbers(&self) -> Ref<'_, Numbers> {
        self.numbers.borrow()
    }

    pub(crate) fn numbers_mut(&self) -> RefMut<'_, Numbers> {
        self.numbers.borrow_mut()
    }

    /// No session is watched any more.
    pub(crate) fn unwatch(&self) {
        self.watch.take();
    }

    pub(crate) fn traffic<'env>(self: &Rc<Self>, env: &'env Env) -> Result<Traffic<'env>> {
        let passage = self.clone();
        let submit = env.create_function_from_closure("submit", move |context| {
            panic_hooks::trip("submit");
            let (length, hold, alone) = (context.get(1)?, context.get(2)?, context.get(3)?);
            passage.environment.hold_loop(context.env, hold);
            // Written by this thread alone, which is here.
            let buffer: &[u8] = context.get(0)?;
            passage.submit(buffer, length, alone)
        })?;
        let passage = self.clone();
        let drain = env.create_function_from_closure("drain", move |context| {
            panic_hooks::trip("drain");
            passage.read_answers();
            // The memory belongs to this thread, and nothing else refers to it meanwhile.
            let buffer: &mut [u8] = context.get(0)?;
            Ok(match passage.environment.drain(buffer) {
                Drained::Bytes(written) => i32::try_from(written).unwrap_or(i32::MAX),
                Drained::TooLarge => -1,
            })
        })?;
        Ok(Traffic { submit, drain })
    }

    fn submit(&self, buffer: &[u8], length: u32, alone: bool) -> Result<()> {
        let submission =
            usize::try_from(length).ok().and_then(|length| buffer.get(..length)).unwrap_or_default();
        let now = Instant::now();
        let watch = self.watch.borrow();
        let lookout = watch.as_ref().map(Watch::lookout);
        self.numbers
            .borrow_mut()
            .submit(submission, now, |session, commands| match commands.pop() {
                Some(command) if alone && commands.is_empty() => {
                    session.send_alone(command, now, lookout, |records| {
                        let completions: Arc<dyn Completions> = self.environment.clone();
                        hand_on(&completions, records.bytes);
                    });
                }
                last => session.send(commands.drain(..).chain(last)),
            })
            .map_err(|_| Error::new(Status::InvalidArg, "the submission buffer is damaged"))
    }

    /// Has the sessions read that are watched on this thread and got something.
    fn read_answers(&self) {
        let mut watch = self.watch.borrow_mut();
        let Some(ready) = watch.as_mut().and_then(Watch::look) else { return };
        let numbers = self.numbers.borrow();
        let now = Instant::now();
        let completions: Arc<dyn Completions> = self.environment.clone();
        for (session, has_ended) in ready {
            if let Some(session) = numbers.sessions.get(session) {
                read_answer(session, has_ended, now, &completions);
            }
        }
    }
}
