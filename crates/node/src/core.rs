//! The exports: one object for each JavaScript environment.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
};

use cornac_driver::{
    completions::Completions,
    description_groups::DescriptionGroups,
    panic_hooks, runtime,
    session::{Command, hand_on},
};
use cornac_wire::{
    codec::Codec,
    form::Form,
    record::Class,
    shape::Shapes,
    spare,
    types::{self, Known, SessionTypes, Structure, TypeMap},
};
use napi::{Env, Result, bindgen_prelude::*};
use napi_derive::napi;

use crate::{
    attempt::Attempt,
    connecting::{self, Connecting},
    environment::{Environment, Wake, shapes},
    submission::{CODEC_WORDS, codecs_of},
    traffic::{Passage, Traffic},
    watch::Watch,
};

/// What is known of a type without asking a server; its schema is pg_catalog.
#[napi(object, object_from_js = false)]
pub struct BuiltinType {
    /// As SQL has it: `int4[]`.
    pub name: String,
    #[napi(ts_type = "'scalar' | 'array' | 'composite' | 'range' | 'multirange'")]
    pub kind: &'static str,
}

impl BuiltinType {
    fn of(found: &types::Type) -> Self {
        let name = match types::name(found.element) {
            Some(element) if found.name.starts_with('_') => format!("{element}[]"),
            _ => found.name.to_owned(),
        };
        let kind = match found.kind {
            _ if found.element != 0 => "array",
            b'c' => "composite",
            b'r' => "range",
            b'm' => "multirange",
            _ => "scalar",
        };
        Self { name, kind }
    }
}

/// What a database says of a type of its own.
#[napi(object, object_from_js = false)]
pub struct DatabaseType {
    /// As SQL has it: `mood[]`.
    pub name: String,
    pub schema: String,
    #[napi(ts_type = "'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'")]
    pub kind: &'static str,
}

impl DatabaseType {
    /// What was looked up of a type.
    fn find(map: &TypeMap, oid: u32) -> Option<Self> {
        let Known { structure, name, schema } = map.known(oid)?;
        if name.is_empty() {
            return None;
        }
        let kind = kind_of(&structure);
        Some(Self { name: map.sql_name(oid).into_owned(), schema, kind })
    }
}

/// What the values of a type are made of.
#[napi(object, object_from_js = false)]
pub struct TypeStructure {
    #[napi(
        ts_type = "'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum' | 'hstore' | 'vector'"
    )]
    pub kind: &'static str,
    /// As SQL has it.
    pub name: String,
    /// The types of an array's elements, a range's bounds, a composite's attributes; what a domain is over.
    pub parts: Vec<u32>,
    /// The names of the attributes of a composite.
    pub names: Vec<String>,
}

impl TypeStructure {
    /// The structure of a type that was known when a call began.
    fn find(map: &TypeMap, oid: u32) -> Option<Self> {
        let structure = map.last_known(oid)?;
        let kind = match &structure {
            Structure::Scalar { send } if send == "hstore.hstore" => "hstore",
            Structure::Scalar { send } if send == "vector.vector" || send == "vector.halfvec" => "vector",
            structure => kind_of(structure),
        };
        let names = match &structure {
            Structure::Composite { attributes } => {
                attributes.iter().map(|attribute| attribute.name.clone()).collect()
            }
            _ => Vec::new(),
        };
        Some(Self { kind, name: map.sql_name(oid).into_owned(), parts: structure.parts().collect(), names })
    }
}

fn kind_of(structure: &Structure) -> &'static str {
    match structure {
        Structure::Scalar { .. } => "scalar",
        Structure::Array { .. } => "array",
        Structure::Range { .. } => "range",
        Structure::Multirange { .. } => "multirange",
        Structure::Domain { .. } => "domain",
        Structure::Enum => "enum",
        Structure::Composite { .. } => "composite",
    }
}

/// The driver within one environment. Made once, used on that environment's thread only.
#[napi]
pub struct Core {
    environment: Arc<Environment>,
    shapes: Arc<Shapes>,
    passage: Rc<Passage>,
    connecting: Connecting,
    groups: Arc<DescriptionGroups>,
}

#[napi]
impl Core {
    /// `wake` is called whenever records are waiting; what it gives says whether the event loop is held from then on.
    /// `watches` says that the event loop is libuv's, and may watch sessions at rest.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, wake: Function<(), bool>, watches: bool) -> Result<Self> {
        panic_hooks::trip("new");
        // The driver's threads outlive every environment: its code must never be unloaded under them.
        napi::bindgen_prelude::retain_current_module_for_unload_safety();
        runtime::prepare(std::env::var(runtime::IO_THREADS).ok().as_deref());
        let from_other_threads: Wake =
            wake.build_threadsafe_function::<()>().callee_handled::<false>().weak::<true>().build()?;
        let environment = Environment::new(from_other_threads);
        let ending = environment.clone();
        env.add_env_cleanup_hook(ending, |environment| environment.close())?;
        let shapes = shapes(&environment);
        let watch = if watches { Watch::new(&env, &wake, &environment) } else { None };
        let passage = Passage::new(environment.clone(), watch);
        let (connecting, groups) = Default::default();
        Ok(Self { environment, shapes, passage, connecting, groups })
    }

    /// What every query passes through. Made once.
    #[napi(catch_unwind)]
    pub fn traffic<'env>(&self, env: &'env Env) -> Result<Traffic<'env>> {
        self.passage.traffic(env)
    }

    /// The next block of records, handed over whole; `giveBack` takes it back.
    #[napi(catch_unwind)]
    pub fn take<'env>(&mut self, env: &'env Env) -> Result<Option<Uint8ArraySlice<'env>>> {
        panic_hooks::trip("take");
        let Some(mut block) = self.environment.take() else { return Ok(None) };
        let (memory, length) = (block.as_mut_ptr(), block.len());
        // SAFETY: the block is the hint, so that its memory stays until the finalizer has it, whom the buffer's end calls.
        let buffer = unsafe {
            Uint8ArraySlice::from_external(env, memory, length, block, |_, block| spare::keep(block))
        };
        buffer.map(Some)
    }

    /// The memory of a block that `take` has given is not looked at any more.
    #[napi(catch_unwind)]
    pub fn give_back(&mut self, block: ArrayBuffer<'_>) -> Result<()> {
        panic_hooks::trip("giveBack");
        block.detach()
    }

    /// Whether the event loop is held from now on.
    #[napi(catch_unwind)]
    pub fn hold(&mut self, env: Env, hold: bool) {
        panic_hooks::trip("hold");
        self.environment.hold_loop(&env, hold);
    }

    /// Starts one attempt to connect; a record answers `request`, and the event loop is held for it. `session` is the
    /// number it will have.
    #[napi(catch_unwind)]
    pub fn connect(&mut self, env: Env, request: u32, session: u32, attempt: Attempt) {
        panic_hooks::trip("connect");
        self.environment.hold_loop(&env, true);
        let completions: Arc<dyn Completions> = self.environment.clone();
        let prepared = match attempt.prepare() {
            Ok(prepared) => prepared,
            Err(error) => return hand_on(&completions, connecting::refused(request, &error)),
        };
        let task = connecting::Task {
            request,
            session,
            prepared,
            shapes: self.shapes.clone(),
            completions: completions.clone(),
            groups: self.groups.clone(),
        };
        match self.connecting.start(task) {
            Ok(handle) => {
                self.passage.numbers_mut().sessions.set(session, handle);
            }
            Err(message) => hand_on(&completions, connecting::failed(request, Class::Internal, &message)),
        }
    }

    /// Gives an attempt up; its record still comes.
    #[napi(catch_unwind)]
    pub fn abandon_connect(&mut self, session: u32) {
        panic_hooks::trip("abandonConnect");
        self.connecting.abandon(session);
    }

    /// The session has ended, or was never made: its number is forgotten.
    #[napi(catch_unwind)]
    pub fn release(&mut self, session: u32) {
        panic_hooks::trip("release");
        self.passage.numbers_mut().sessions.release(session);
        self.connecting.forget(session);
    }

    /// A type that is the same on every server.
    #[napi(catch_unwind)]
    pub fn builtin_type(&self, oid: u32) -> Option<BuiltinType> {
        types::find(oid).map(BuiltinType::of)
    }

    /// A type of the database that a session is connected to, once it was looked up.
    #[napi(catch_unwind)]
    pub fn database_type(&self, session: u32, oid: u32) -> Option<DatabaseType> {
        DatabaseType::find(self.passage.numbers().sessions.get(session)?.types()?, oid)
    }

    /// What the values of a type are made of, of one of the database once it was looked up.
    #[napi(catch_unwind)]
    pub fn type_structure(&self, session: u32, oid: u32) -> Option<TypeStructure> {
        TypeStructure::find(self.passage.numbers().sessions.get(session)?.types()?, oid)
    }

    /// The OID of a type that is the same on every server, by its name in the catalog.
    #[napi(catch_unwind)]
    pub fn builtin_oid(&self, name: String) -> Option<u32> {
        types::all().iter().find(|found| found.name == name).map(|found| found.oid)
    }

    /// The OID of a type of the database that a session is connected to, by its names in the catalog, once it was looked
    /// up.
    #[napi(catch_unwind)]
    pub fn database_oid(&self, session: u32, schema: String, name: String) -> Option<u32> {
        self.passage.numbers().sessions.get(session)?.types()?.named(&schema, &name)
    }

    /// How values of a type come on a session with these codecs: `unread` where their text is handed on as it is. A codec
    /// is its type, its number, and how values travel.
    #[napi(catch_unwind, ts_return_type = "'binary' | 'text' | 'unread' | null")]
    pub fn type_reading(&self, session: u32, oid: u32, codecs: Uint32Array) -> Option<&'static str> {
        let map = self.passage.numbers().sessions.get(session)?.shared_types()?;
        // Its number is of use where shapes are kept by it.
        let codecs = codecs_of(1, codecs.as_chunks::<CODEC_WORDS>().0.iter().copied())?;
        // What options choose is made of the same bytes.
        let types = SessionTypes::new(map, Default::default()).with_codecs(&Arc::new(codecs));
        let form = Form::of(oid, &types);
        Some(match (form.codec, form.is_binary) {
            (Codec::WireText, false) => "unread",
            (_, false) => "text",
            (_, true) => "binary",
        })
    }

    /// Gives everything up: no further record comes, and what is connected is dropped.
    #[napi(catch_unwind)]
    pub fn close(&mut self, env: Env) {
        self.environment.hold_loop(&env, false);
        self.end();
    }

    fn end(&mut self) {
        self.passage.unwatch();
        self.environment.close();
        self.connecting.abandon_all();
        for handle in self.passage.numbers().sessions.values() {
            handle.send([Command::Terminate]);
        }
    }
}

impl Drop for Core {
    /// The environment ends or forgot its core: what is connected is dropped. Node-API calls this, through C, where
    /// a panic would end the process.
    fn drop(&mut self) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            panic_hooks::trip("finalizer");
            self.end();
        }));
    }
}

/// The next pass of `site` panics.
#[cfg(feature = "panic-hooks")]
#[napi]
pub(crate) fn arm_panic(site: String) {
    panic_hooks::arm(site);
}
