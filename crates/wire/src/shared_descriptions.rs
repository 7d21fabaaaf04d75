//! What sessions remember together of the texts that were described to one of them: those of a pool, which lead to one
//! database by the same options.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{description_memory::DescriptionMemory, query::Query, statement::Description};

/// Bounded as the memory of one session is. What has to leave goes to `released`: it may be the last that has its shape.
#[derive(Default)]
pub struct SharedDescriptions(Mutex<DescriptionMemory>);

impl SharedDescriptions {
    /// What one of the sessions was told of the query's text.
    pub fn get(&self, query: &Query, released: &mut Vec<Arc<Description>>) -> Option<Arc<Description>> {
        self.memory().get(query, released)
    }

    /// A session was told of the query's text.
    pub fn insert(&self, query: &Query, description: Arc<Description>, released: &mut Vec<Arc<Description>>) {
        self.memory().insert(query, description, released);
    }

    /// A description is known in another way than before, unless others have replaced it.
    pub fn renew(
        &self,
        query: &Query,
        old: &Arc<Description>,
        new: Arc<Description>,
        released: &mut Vec<Arc<Description>>,
    ) {
        let mut memory = self.memory();
        if memory.holds(query, old) {
            memory.insert(query, new, released);
        }
    }

    /// A description does not fit any more. What has replaced it stays.
    pub fn forget(&self, query: &Query, description: &Arc<Description>) -> Option<Arc<Description>> {
        let mut memory = self.memory();
        if memory.holds(query, description) { memory.remove(query) } else { None }
    }

    /// Whatever is known of the query's text is of the past.
    pub fn remove(&self, query: &Query) -> Option<Arc<Description>> {
        self.memory().remove(query)
    }

    /// Forgets every text.
    pub fn clear(&self, released: &mut Vec<Arc<Description>>) {
        self.memory().clear(released);
    }

    fn memory(&self) -> MutexGuard<'_, DescriptionMemory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
