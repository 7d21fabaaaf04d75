//! Codecs of the program's: types whose values JavaScript reads and writes itself.

use std::collections::HashMap;

/// How values of a type with a codec travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// As the text that PostgreSQL has for them.
    Text,
    /// In their binary form.
    Binary,
    /// As the list of the attributes of a composite type.
    Tuple,
    /// As those of the built-in type whose OID is the codec's number.
    Alias,
    /// The same, as text.
    AliasInText,
}

/// The codec of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Custom {
    /// What JavaScript knows it by.
    pub number: u32,
    pub exchange: Exchange,
}

/// The codecs of a session, which others may share. A set does not change: calls go by the set of when they were made.
#[derive(Debug, Default)]
pub struct Codecs {
    /// Other sets have other numbers; that of the empty set is 0.
    number: u32,
    by_type: HashMap<u32, Custom>,
}

impl Codecs {
    pub fn new(number: u32, codecs: impl IntoIterator<Item = (u32, Custom)>) -> Self {
        Self { number, by_type: codecs.into_iter().collect() }
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn len(&self) -> usize {
        self.by_type.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_type.is_empty()
    }

    pub fn get(&self, type_oid: u32) -> Option<Custom> {
        self.by_type.get(&type_oid).copied()
    }
}
