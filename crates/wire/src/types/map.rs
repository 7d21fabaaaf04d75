//! The types of a database, as far as reading values needs them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Type;

/// What the values of a type are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Nothing else. Its binary form is told by the name of its send function, which is "" for one that is of no use.
    Scalar {
        send: Cow<'static, str>,
    },
    Array {
        element: u32,
        /// What separates elements in text.
        delimiter: u8,
    },
    Range {
        subtype: u32,
    },
    Multirange {
        range: u32,
    },
    Domain {
        base: u32,
    },
    Enum,
    /// The rows of a table are of one too.
    Composite {
        /// The attributes in their order, without those that were dropped.
        attributes: Arc<[Attribute]>,
    },
}

/// A part of a composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub type_oid: u32,
}

/// What a database says of a type of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub structure: Structure,
    /// Its `typname`.
    pub name: String,
    pub schema: String,
}

impl From<Structure> for Known {
    /// A type whose name is not known.
    fn from(structure: Structure) -> Self {
        Self { structure, name: String::new(), schema: String::new() }
    }
}

impl Structure {
    /// The structure of a type that is the same on every server. The row types of the catalog are not: columns come and go.
    fn of(found: &Type) -> Option<Self> {
        Some(match found {
            Type { element, delimiter, .. } if *element != 0 => {
                Structure::Array { element: *element, delimiter: *delimiter }
            }
            Type { kind: b'r', subtype, .. } => Structure::Range { subtype: *subtype },
            Type { kind: b'm', subtype, .. } => Structure::Multirange { range: *subtype },
            Type { kind: b'c', .. } => return None,
            Type { send, .. } => Structure::Scalar { send: Cow::Borrowed(send) },
        })
    }

    /// The types that its values are made of.
    pub fn parts(&self) -> impl Iterator<Item = u32> {
        let (one, attributes) = match self {
            Structure::Scalar { .. } | Structure::Enum => (None, &[][..]),
            Structure::Array { element: part, .. }
            | Structure::Range { subtype: part }
            | Structure::Multirange { range: part }
            | Structure::Domain { base: part } => (Some(*part), &[][..]),
            Structure::Composite { attributes } => (None, &attributes[..]),
        };
        one.into_iter().chain(attributes.iter().map(|attribute| attribute.type_oid))
    }
}

/// The types of one database: PostgreSQL's own, and those that it was told. Sessions with the same database share one,
/// so that what one of them has looked up all of them know.
#[derive(Debug)]
pub struct TypeMap {
    told: RwLock<HashMap<u32, Entry>>,
    /// Changes whenever it is told something new, or forgets.
    revision: AtomicU64,
    /// Changes whenever it forgets. No other map has it.
    epoch: AtomicU64,
}

impl Default for TypeMap {
    fn default() -> Self {
        let revision = next_revision();
        Self { told: RwLock::default(), revision: revision.into(), epoch: revision.into() }
    }
}

#[derive(Debug)]
struct Entry {
    known: Known,
    /// No two changes of any map have the same.
    revision: u64,
    /// It may be wrong by now, and is to be looked up before anything relies on it anew.
    is_forgotten: bool,
}

/// Types that a map is told at the most: temporary tables bring new ones for ever.
const MOST: usize = 32 * 1024;

/// The state of a map that something was made with. It is the same for all that needs no map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of a session that has a mark.
    pub(super) fn with(self, mark: u64) -> Self {
        Self(self.0 ^ mark)
    }
}

/// What a map knows of some types and of all that they are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Differs when something that was known of them has changed.
    pub version: Version,
    /// Those that are not known.
    pub unknown: Vec<u32>,
}

fn next_revision() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl TypeMap {
    /// What a type is made of, `None` for one that is not known.
    pub fn find(&self, oid: u32) -> Option<Structure> {
        self.structure_of(oid, |entry| !entry.is_forgotten)
    }

    /// The structure of a type, although it may have been forgotten meanwhile. It is for what goes on with a type that was
    /// known when it began: other sessions forget at any time.
    pub fn last_known(&self, oid: u32) -> Option<Structure> {
        self.structure_of(oid, |_| true)
    }

    fn structure_of(&self, oid: u32, counts: impl FnOnce(&Entry) -> bool) -> Option<Structure> {
        if let Some(structure) = super::find(oid).and_then(Structure::of) {
            return Some(structure);
        }
        self.read().get(&oid).filter(|entry| counts(entry)).map(|entry| entry.known.structure.clone())
    }

    /// All that is known of a type that is not the same on every server, be it forgotten meanwhile.
    pub fn known(&self, oid: u32) -> Option<Known> {
        Some(self.read().get(&oid)?.known.clone())
    }

    /// The type of a name in a schema, as the catalog has both, if it was told.
    pub fn named(&self, schema: &str, name: &str) -> Option<u32> {
        let told = self.read();
        let is_it = |Entry { known, is_forgotten, .. }: &Entry| {
            !is_forgotten && known.name == name && known.schema == schema
        };
        // A type that was made anew under the same name has several entries: the last one still exists.
        told.iter()
            .filter(|(_, entry)| is_it(entry))
            .max_by_key(|(_, entry)| entry.revision)
            .map(|(oid, _)| *oid)
    }

    /// A type as SQL has it, without its schema: `int4[]`, where the catalog has `_int4`. One that is not known by its OID.
    pub fn sql_name(&self, oid: u32) -> Cow<'static, str> {
        match self.known(oid) {
            Some(Known { structure: Structure::Array { element, .. }, name, .. })
                if name.starts_with('_') =>
            {
                Cow::Owned(format!("{}[]", self.element_name(element, &name)))
            }
            Some(Known { name, .. }) if !name.is_empty() => Cow::Owned(name),
            _ => super::sql_name(oid),
        }
    }

    /// The name of an array's element; the array's own `name` begins with an underscore.
    fn element_name(&self, element: u32, name: &str) -> Cow<'static, str> {
        match self.known(element) {
            Some(known) if !known.name.is_empty() => Cow::Owned(known.name),
            _ if super::find(element).is_some() => super::sql_name(element),
            _ => Cow::Owned(name.trim_start_matches('_').to_owned()),
        }
    }

    /// Takes in what the server's catalog says. Types that are the same everywhere stay what they are.
    pub fn tell<T: Into<Known>>(&self, types: impl IntoIterator<Item = (u32, T)>) {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        self.take_in(&mut told, types);
    }

    /// Takes in what was asked at this epoch. False when something was forgotten since: the answer may be older than that, so
    /// that nothing is taken in. Other threads forget too, so that the two are one step.
    pub fn tell_of<T: Into<Known>>(&self, epoch: u64, types: impl IntoIterator<Item = (u32, T)>) -> bool {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = self.epoch() == epoch;
        if is_fresh {
            self.take_in(&mut told, types);
        }
        is_fresh
    }

    fn take_in<T: Into<Known>>(
        &self,
        told: &mut HashMap<u32, Entry>,
        types: impl IntoIterator<Item = (u32, T)>,
    ) {
        let revision = next_revision();
        let mut news = false;
        for (oid, known) in types {
            let known = known.into();
            let is_fixed = super::find(oid).is_some_and(|found| Structure::of(found).is_some());
            let is_old = |entry: &Entry| !entry.is_forgotten && entry.known == known;
            if is_fixed || told.get(&oid).is_some_and(is_old) {
                continue;
            }
            if told.len() >= MOST {
                told.clear();
            }
            told.insert(oid, Entry { known, revision, is_forgotten: false });
            news = true;
        }
        if news {
            self.revision.store(revision, Ordering::Release);
        }
    }

    /// Forgets what it was told: some of it has turned out to be wrong, or may be.
    pub fn forget(&self) {
        self.forget_where(|_| true);
    }

    /// Forgets some types alone.
    pub fn forget_these(&self, oids: &[u32]) {
        self.forget_where(|oid| oids.contains(&oid));
    }

    fn forget_where(&self, is_meant: impl Fn(u32) -> bool) {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        for (_, entry) in told.iter_mut().filter(|(oid, _)| is_meant(**oid)) {
            entry.is_forgotten = true;
        }
        let revision = next_revision();
        self.revision.store(revision, Ordering::Release);
        self.epoch.store(revision, Ordering::Release);
    }

    /// Another one than before when an answer of this map may be another.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Another one than that of any other map, and than before when this one has forgotten what it was told.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Looks at some types and at all that they are made of.
    pub fn survey(&self, oids: impl IntoIterator<Item = u32>) -> Survey {
        let mut survey = Survey::default();
        let mut ahead: Vec<u32> = oids.into_iter().filter(|oid| !is_plain(*oid)).collect();
        if ahead.is_empty() {
            return survey;
        }
        let told = self.read();
        let mut seen = HashSet::new();
        while let Some(oid) = ahead.pop() {
            if is_plain(oid) || !seen.insert(oid) {
                continue;
            }
            if let Some(structure) = super::find(oid).and_then(Structure::of) {
                ahead.extend(structure.parts());
            } else if let Some(Entry { known, revision, is_forgotten: false }) = told.get(&oid) {
                // All parts have a revision, and a change of any a higher one than all before.
                survey.version.0 = survey.version.0.max(*revision);
                ahead.extend(known.structure.parts());
            } else {
                survey.unknown.push(oid);
            }
        }
        survey.unknown.sort_unstable();
        survey
    }

    /// Some types and all that they are made of, but for those that are the same on every server.
    pub fn parts(&self, oids: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut ahead: Vec<u32> = oids.into_iter().collect();
        let mut seen = HashSet::new();
        while let Some(oid) = ahead.pop() {
            if !is_plain(oid) && seen.insert(oid) {
                ahead.extend(self.last_known(oid).iter().flat_map(Structure::parts));
            }
        }
        let is_told = |oid: &u32| super::find(*oid).and_then(Structure::of).is_none();
        let mut parts: Vec<u32> = seen.into_iter().filter(is_told).collect();
        parts.sort_unstable();
        parts
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<u32, Entry>> {
        self.told.read().unwrap_or_else(PoisonError::into_inner)
    }
}

const RECORD: u32 = 2249;
const RECORD_ARRAY: u32 = 2287;

/// Whether values of a type say themselves what their fields are.
pub(super) fn has_fields(oid: u32) -> bool {
    matches!(oid, RECORD | RECORD_ARRAY)
}

/// Whether a type and all that it is made of are the same on every server, whatever its values are.
pub fn is_plain(oid: u32) -> bool {
    !has_fields(oid)
        && super::find(oid).is_some_and(|found| {
            let element = super::find(found.element);
            found.kind != b'c' && element.is_none_or(|element| element.kind != b'c')
        })
}

#[cfg(test)]
mod tests;
