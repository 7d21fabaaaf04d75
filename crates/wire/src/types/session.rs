//! How one session reads the types of its database.

use std::sync::Arc;

use super::{Structure, Survey, TypeMap};
use crate::type_options::TypeOptions;

/// What a session knows of types, and what its connection wants of their values.
#[derive(Clone, Debug, Default)]
pub struct SessionTypes {
    map: Arc<TypeMap>,
    options: TypeOptions,
}

impl SessionTypes {
    pub fn new(map: Arc<TypeMap>, options: TypeOptions) -> Self {
        Self { map, options }
    }

    /// With nothing but PostgreSQL's own types.
    pub fn builtin(options: TypeOptions) -> Self {
        Self { map: Arc::default(), options }
    }

    pub fn map(&self) -> &TypeMap {
        &self.map
    }

    pub fn options(&self) -> TypeOptions {
        self.options
    }

    pub fn find(&self, oid: u32) -> Option<Structure> {
        self.map.find(oid)
    }

    pub fn survey(&self, oids: impl IntoIterator<Item = u32>) -> Survey {
        self.map.survey(oids)
    }

    /// Another one than before when the values of some type may be read in another way.
    pub fn state(&self) -> u64 {
        self.map.revision()
    }
}
