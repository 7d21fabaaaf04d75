//! How one session reads the types of its database.

use std::{collections::HashSet, sync::Arc};

use super::{Codecs, Custom, Exchange, Structure, Survey, TypeMap, map::has_fields};
use crate::type_options::TypeOptions;

/// What a session knows of types, and what its connection wants of their values.
#[derive(Clone, Debug, Default)]
pub struct SessionTypes {
    map: Arc<TypeMap>,
    options: TypeOptions,
    codecs: Arc<Codecs>,
    /// Types that were forgotten are still what they were.
    sees_forgotten: bool,
}

/// Types that one type is made of, and those these are made of: more are no honest server's.
const MOST_PARTS: usize = 64 * 1024;

/// The first bit of a codec set's number, above what a map counts.
const CODECS_SHIFT: u32 = 40;

impl SessionTypes {
    pub fn new(map: Arc<TypeMap>, options: TypeOptions) -> Self {
        Self { map, options, codecs: Arc::default(), sees_forgotten: false }
    }

    /// A copy that reads and writes by these codecs.
    pub fn with_codecs(&self, codecs: &Arc<Codecs>) -> Self {
        Self { codecs: codecs.clone(), ..self.clone() }
    }

    /// A copy for what goes on with types that were known when it began.
    pub fn with_forgotten(&self) -> Self {
        Self { sees_forgotten: true, ..self.clone() }
    }

    /// Types of a session that knows nothing but PostgreSQL's own.
    pub fn builtin(options: TypeOptions) -> Self {
        Self { options, ..Self::default() }
    }

    pub fn map(&self) -> &TypeMap {
        &self.map
    }

    pub fn options(&self) -> TypeOptions {
        self.options
    }

    pub fn find(&self, oid: u32) -> Option<Structure> {
        if self.sees_forgotten { self.map.last_known(oid) } else { self.map.find(oid) }
    }

    /// The structure of a type whose values are being written: it was known when that began.
    pub fn last_known(&self, oid: u32) -> Option<Structure> {
        self.map.last_known(oid)
    }

    /// The codec of a type.
    pub fn codec(&self, oid: u32) -> Option<Custom> {
        if self.codecs.is_empty() { None } else { self.codecs.get(oid) }
    }

    /// The type whose values those of a type are like, and whether they travel as text.
    pub fn aliased(&self, oid: u32) -> (u32, bool) {
        match self.codec(oid) {
            Some(Custom { number, exchange: Exchange::Alias }) => (number, false),
            Some(Custom { number, exchange: Exchange::AliasInText }) => (number, true),
            _ => (oid, false),
        }
    }

    pub fn survey(&self, oids: impl IntoIterator<Item = u32> + Clone) -> Survey {
        let survey = self.map.survey(oids.clone());
        if !self.meet_codecs(oids) {
            return survey;
        }
        Survey { version: survey.version.with(self.codecs_mark()), ..survey }
    }

    /// Whether one of these types, or of those that they are made of, has a codec, or may have fields of any type.
    pub fn meet_codecs(&self, oids: impl IntoIterator<Item = u32>) -> bool {
        self.meet(oids, |oid| self.codecs.get(oid).is_some() || has_fields(oid))
    }

    /// Whether values of one of these types, or of those that they are made of, are in the binary form of another one.
    pub fn meet_aliases(&self, oids: impl IntoIterator<Item = u32>) -> bool {
        self.meet(oids, |oid| matches!(self.codec(oid), Some(Custom { exchange: Exchange::Alias, .. })))
    }

    fn meet(&self, oids: impl IntoIterator<Item = u32>, is_it: impl Fn(u32) -> bool) -> bool {
        if self.codecs.is_empty() {
            return false;
        }
        let mut ahead: Vec<u32> = oids.into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(oid) = ahead.pop() {
            if is_it(oid) {
                return true;
            }
            if seen.len() < MOST_PARTS
                && seen.insert(oid)
                && let Some(structure) = self.last_known(oid)
            {
                ahead.extend(structure.parts());
            }
        }
        false
    }

    fn codecs_mark(&self) -> u64 {
        u64::from(self.codecs.number()) << CODECS_SHIFT
    }

    /// Another one than before when the values of some type may be read in another way.
    pub fn state(&self) -> u64 {
        self.map.revision() ^ self.codecs_mark()
    }
}
