//! What one session remembers of texts that were described to it. A description outlives its statement, so that a
//! text met before is parsed, bound and run in one round trip, whether its statement was kept or not.

use std::{collections::HashMap, sync::Arc};

use crate::{query::Query, statement::Description};

/// Texts of one generation.
const MOST: usize = 256;

/// Parameters and columns of one generation together, so that a few huge ones do not fill memory.
const MOST_PARTS: usize = 8 * 1024;

/// Descriptions in two generations: those that were used since the last turn, and those that were not. When the young
/// ones are too many, they become the old ones, and the old ones leave. Nearly least recently used out first, with
/// nothing to keep in order.
#[derive(Default)]
pub struct DescriptionMemory {
    young: HashMap<u64, Arc<Description>>,
    old: HashMap<u64, Arc<Description>>,
    /// Parameters and columns of the young ones.
    parts: usize,
}

impl DescriptionMemory {
    /// What is remembered of the query's text. What had to leave goes to `released`.
    pub fn get(&mut self, query: &Query, released: &mut Vec<Arc<Description>>) -> Option<Arc<Description>> {
        if let Some(description) = self.young.get(&query.key) {
            return Some(description.clone());
        }
        let description = self.old.remove(&query.key)?;
        self.insert(query, description.clone(), released);
        Some(description)
    }

    /// Remembers a description in the place of any other of the same text. What had to leave goes to `released`.
    pub fn insert(
        &mut self,
        query: &Query,
        description: Arc<Description>,
        released: &mut Vec<Arc<Description>>,
    ) {
        released.extend(self.remove(query));
        let parts = parts(&description);
        if self.young.len() >= MOST || self.parts + parts > MOST_PARTS {
            released.extend(std::mem::replace(&mut self.old, std::mem::take(&mut self.young)).into_values());
            self.parts = 0;
        }
        self.parts += parts;
        self.young.insert(query.key, description);
    }

    /// Whether this very description is what is remembered.
    pub fn holds(&self, query: &Query, description: &Arc<Description>) -> bool {
        [&self.young, &self.old]
            .iter()
            .filter_map(|generation| generation.get(&query.key))
            .any(|found| Arc::ptr_eq(found, description))
    }

    /// Forgets the query's text.
    pub fn remove(&mut self, query: &Query) -> Option<Arc<Description>> {
        if let Some(description) = self.young.remove(&query.key) {
            self.parts -= parts(&description);
            return Some(description);
        }
        self.old.remove(&query.key)
    }

    /// Forgets every text.
    pub fn clear(&mut self, released: &mut Vec<Arc<Description>>) {
        released.extend(self.young.drain().chain(self.old.drain()).map(|(_, description)| description));
        self.parts = 0;
    }

    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn parts(description: &Description) -> usize {
    description.parameters.len() + description.shape.as_ref().map_or(0, |shape| shape.columns.len())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn description(parameters: usize) -> Arc<Description> {
        Arc::new(Description::new(vec![23; parameters], None, Instant::now()))
    }

    fn query(n: usize) -> Query {
        Query::new(0, format!("select {n}"))
    }

    #[test]
    fn the_memory_stays_bounded_and_keeps_what_is_used() {
        let mut memory = DescriptionMemory::default();
        let mut released = Vec::new();
        let hot = query(0);
        memory.insert(&hot, description(1), &mut released);
        for n in 1..=100 * MOST {
            memory.insert(&query(n), description(1), &mut released);
            assert!(memory.get(&hot, &mut released).is_some(), "what is used at every turn was forgotten");
            assert!(memory.len() <= 2 * MOST);
        }
        assert_eq!(
            released.len() + memory.len(),
            100 * MOST + 1,
            "something was neither kept nor given back"
        );
    }

    #[test]
    fn few_huge_descriptions_fill_it_too() {
        let mut memory = DescriptionMemory::default();
        let mut released = Vec::new();
        for n in 0..100 {
            memory.insert(&query(n), description(60_000), &mut released);
            assert!(memory.len() <= 2);
        }
        assert_eq!(released.len(), 98);
    }

    #[test]
    fn a_new_description_takes_the_place_of_the_old_one() {
        let mut memory = DescriptionMemory::default();
        let mut released = Vec::new();
        let text = query(1);
        let (first, second) = (description(1), description(2));
        memory.insert(&text, first, &mut released);
        memory.insert(&text, second.clone(), &mut released);
        assert_eq!((memory.len(), released.len(), memory.parts), (1, 1, 2));
        assert!(memory.get(&text, &mut released).is_some_and(|found| Arc::ptr_eq(&found, &second)));
        // What is of the old generation is replaced as what is of the young one.
        for n in 2..2 + MOST {
            memory.insert(&query(n), description(0), &mut released);
        }
        released.clear();
        memory.insert(&text, description(3), &mut released);
        assert_eq!(released.len(), 1);
        assert!(memory.remove(&text).is_some());
        assert!(memory.remove(&text).is_none());
        memory.clear(&mut released);
        assert!(memory.is_empty());
    }
}
