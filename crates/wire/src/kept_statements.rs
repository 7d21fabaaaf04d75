//! The statements of one session that were prepared for their own sake: they stay until they are let go, and no limit
//! of the cache applies to them.

use std::{collections::HashMap, sync::Arc};

use crate::{
    query::Query,
    statement::{Description, Statement},
    types::Codecs,
};

struct Kept {
    /// Empty for one that is parsed again before every use.
    name: String,
    /// The name is the user's choice, who relies on it.
    is_named: bool,
    description: Option<Arc<Description>>,
    /// The codecs that the session had when it was prepared.
    codecs: Arc<Codecs>,
    /// The statement, as long as the server has it.
    prepared: Option<Arc<Statement>>,
    /// Nobody has deallocated any statement by hand since it was prepared.
    is_certain: bool,
}

#[derive(Default)]
pub struct KeptStatements(HashMap<u64, Kept>);

impl KeptStatements {
    /// Begins to keep a statement under a name.
    pub fn keep(&mut self, query: &Query, name: String, codecs: Arc<Codecs>) {
        let kept = Kept {
            name,
            is_named: query.is_named(),
            description: None,
            codecs,
            prepared: None,
            is_certain: false,
        };
        self.0.insert(query.key, kept);
    }

    /// Its name; `None` when it is not kept any more.
    pub fn name(&self, query: &Query) -> Option<&str> {
        self.0.get(&query.key).map(|kept| kept.name.as_str())
    }

    /// The codecs that it is run with.
    pub fn codecs(&self, query: &Query) -> Option<&Arc<Codecs>> {
        self.0.get(&query.key).map(|kept| &kept.codecs)
    }

    /// The statement, and whether the server has it. `None` when it is to be described first.
    pub fn find(&self, query: &Query) -> Option<(Arc<Statement>, bool)> {
        let kept = self.0.get(&query.key)?;
        if let Some(prepared) = &kept.prepared {
            return Some((prepared.clone(), true));
        }
        let description = kept.description.clone()?;
        Some((Arc::new(Statement { name: kept.name.clone(), description }), false))
    }

    /// The server has told what it takes and returns. Gives what was known before.
    pub fn described(&mut self, query: &Query, description: &Arc<Description>) -> Option<Arc<Description>> {
        self.0.get_mut(&query.key)?.description.replace(description.clone())
    }

    /// The server has it. False when it is not kept any more: then it is to be closed.
    pub fn prepared(&mut self, query: &Query, statement: &Arc<Statement>) -> bool {
        let Some(kept) = self.0.get_mut(&query.key) else { return false };
        kept.prepared = Some(statement.clone());
        kept.is_certain = true;
        true
    }

    /// Puts `new` in the place of `old`: the same statement, whose values are read in another way.
    pub fn renew(&mut self, query: &Query, old: &Arc<Statement>, new: &Arc<Statement>) {
        let Some(kept) = self.0.get_mut(&query.key) else { return };
        let is_it = |description: &Arc<Description>| Arc::ptr_eq(description, &old.description);
        if kept.description.as_ref().is_some_and(is_it) {
            kept.description = Some(new.description.clone());
        }
        if kept.prepared.as_ref().is_some_and(|prepared| Arc::ptr_eq(prepared, old)) {
            kept.prepared = Some(new.clone());
        }
    }

    /// Whether the server has it by this name.
    pub fn has(&self, query: &Query, name: &str) -> bool {
        self.prepared_of(query).is_some_and(|prepared| prepared.name == name)
    }

    pub fn holds(&self, query: &Query, statement: &Arc<Statement>) -> bool {
        self.prepared_of(query).is_some_and(|prepared| Arc::ptr_eq(prepared, statement))
    }

    /// Whether the server must have this very statement, unless there is a pooler between. A name that the user has
    /// chosen may clash with that of another one, so that its loss tells nothing.
    pub fn is_certain(&self, query: &Query, statement: &Arc<Statement>) -> bool {
        let is_ours = self.0.get(&query.key).is_some_and(|kept| kept.is_certain && !kept.is_named);
        is_ours && self.holds(query, statement)
    }

    /// What is known of it is wrong, unless the server goes by it too.
    pub fn forget(&mut self, query: &Query) -> Option<Arc<Description>> {
        self.0.get_mut(&query.key).filter(|kept| kept.prepared.is_none())?.description.take()
    }

    /// The server has lost it. It is prepared again when it is used next.
    pub fn lose(&mut self, query: &Query) {
        if let Some(kept) = self.0.get_mut(&query.key) {
            kept.prepared = None;
        }
    }

    /// The server has lost all of them.
    pub fn lose_all(&mut self) {
        self.0.values_mut().for_each(|kept| kept.prepared = None);
    }

    /// From now on those without a name of the user's have none.
    pub fn give_names_up(&mut self) {
        for kept in self.0.values_mut().filter(|kept| !kept.is_named) {
            kept.name.clear();
            kept.prepared = None;
        }
    }

    /// Some statement was deallocated by hand, it is not known which.
    pub fn doubt(&mut self) {
        self.0.values_mut().for_each(|kept| kept.is_certain = false);
    }

    /// Keeps it no more. Gives its name where the server has it, and its description.
    pub fn let_go(&mut self, query: &Query) -> (Option<String>, Option<Arc<Description>>) {
        match self.0.remove(&query.key) {
            Some(kept) => (kept.prepared.map(|prepared| prepared.name.clone()), kept.description),
            None => (None, None),
        }
    }

    fn prepared_of(&self, query: &Query) -> Option<&Arc<Statement>> {
        self.0.get(&query.key)?.prepared.as_ref()
    }
}
