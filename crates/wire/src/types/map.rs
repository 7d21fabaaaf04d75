//! The types of a database, as far as reading values needs them.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::Type;

/// What the values of a type are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Nothing else. Its binary form is told by the name of its send function.
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
        /// In their order, without those that were dropped.
        attributes: std::sync::Arc<[Attribute]>,
    },
}

/// A part of a composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub type_oid: u32,
}

impl Structure {
    fn of(found: &Type) -> Self {
        match found {
            Type { element, delimiter, .. } if *element != 0 => {
                Structure::Array { element: *element, delimiter: *delimiter }
            }
            Type { kind: b'r', subtype, .. } => Structure::Range { subtype: *subtype },
            Type { kind: b'm', subtype, .. } => Structure::Multirange { range: *subtype },
            Type { send, .. } => Structure::Scalar { send: Cow::Borrowed(send) },
        }
    }
}

/// Which map something was made with, and how much that knew. What none of its types had to be told is the same with
/// every map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version {
    map: u32,
    generation: u32,
}

/// The types of one database: PostgreSQL's own, and those that it was told. Sessions with the same database share one,
/// so that what one of them has looked up all of them know.
#[derive(Debug)]
pub struct TypeMap {
    number: u32,
    told: RwLock<Told>,
}

#[derive(Debug, Default)]
struct Told {
    types: HashMap<u32, Structure>,
    /// Grows whenever something that was known has changed, or something is known that was not.
    generation: u32,
}

/// Maps of this process. 0 is the number of what needs none.
static MAPS: AtomicU32 = AtomicU32::new(1);

impl Default for TypeMap {
    fn default() -> Self {
        Self { number: MAPS.fetch_add(1, Ordering::Relaxed), told: RwLock::default() }
    }
}

impl TypeMap {
    /// What a type is made of, `None` for one that is not known.
    pub fn find(&self, oid: u32) -> Option<Structure> {
        match super::find(oid) {
            Some(found) => Some(Structure::of(found)),
            None => self.told.read().unwrap_or_else(PoisonError::into_inner).types.get(&oid).cloned(),
        }
    }

    /// A type as SQL has it.
    pub fn sql_name(&self, oid: u32) -> Cow<'static, str> {
        super::sql_name(oid)
    }

    /// Takes in what the server's catalog says. Built-in types stay what they are.
    pub fn tell(&self, types: impl IntoIterator<Item = (u32, Structure)>) {
        let mut told = self.told.write().unwrap_or_else(PoisonError::into_inner);
        let mut news = false;
        for (oid, structure) in types {
            if super::find(oid).is_none() && told.types.get(&oid) != Some(&structure) {
                told.types.insert(oid, structure);
                news = true;
            }
        }
        told.generation = told.generation.wrapping_add(u32::from(news));
    }

    /// What something that is made of values of these types depends on.
    pub fn version(&self, oids: impl IntoIterator<Item = u32>) -> Version {
        let told = self.told.read().unwrap_or_else(PoisonError::into_inner);
        if !told.types.is_empty() && oids.into_iter().any(|oid| told.types.contains_key(&oid)) {
            Version { map: self.number, generation: told.generation }
        } else {
            Version::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(send: &'static str) -> Structure {
        Structure::Scalar { send: Cow::Borrowed(send) }
    }

    #[test]
    fn built_in_types_are_known_without_being_told() {
        let map = TypeMap::default();
        for (oid, structure) in [
            (23, scalar("int4send")),
            (1007, Structure::Array { element: 23, delimiter: b',' }),
            (1020, Structure::Array { element: 603, delimiter: b';' }),
            (3904, Structure::Range { subtype: 23 }),
            (4451, Structure::Multirange { range: 3904 }),
            (1033, scalar("")),
        ] {
            assert_eq!(map.find(oid), Some(structure), "{oid}");
        }
        assert_eq!(map.find(16_384), None);
        assert_eq!(map.version([23, 1007]), Version::default());
    }

    #[test]
    fn what_is_told_is_known_to_whoever_shares_the_map_and_to_nobody_else() {
        let (map, other) = (TypeMap::default(), TypeMap::default());
        let before = map.version([23, 16_384]);
        map.tell([(16_384, Structure::Enum), (16_385, Structure::Domain { base: 16_384 })]);
        assert_eq!(map.find(16_384), Some(Structure::Enum));
        assert_eq!(other.find(16_384), None);
        let after = map.version([16_384]);
        assert_ne!(before, after);
        // Nothing new: what was made stays good.
        map.tell([(16_384, Structure::Enum)]);
        assert_eq!(map.version([16_384]), after);
        // Made anew under the same number.
        map.tell([(16_384, Structure::Domain { base: 25 })]);
        assert_ne!(map.version([16_384]), after);
        assert_ne!(map.version([16_384]), other.version([16_384]));
    }

    #[test]
    fn a_built_in_type_is_never_another() {
        let map = TypeMap::default();
        map.tell([(23, Structure::Enum)]);
        assert_eq!(map.find(23), Some(scalar("int4send")));
    }
}
