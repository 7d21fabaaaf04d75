//! Prepared statements of one session and the cache that keeps them.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    query::Query,
    record::{Record, flag, kind, size},
    shape::Shape,
};

/// What a text takes and returns, as the server told it.
pub struct Description {
    /// The OIDs of the parameters' types.
    pub parameters: Vec<u32>,
    /// `None` when it returns no rows.
    pub shape: Option<Arc<Shape>>,
    /// When the server told it.
    pub told: Instant,
    /// The state of the session's types in which this was last found to be right; 0 for none yet.
    checked: AtomicU64,
}

impl Description {
    pub fn new(parameters: Vec<u32>, shape: Option<Arc<Shape>>, told: Instant) -> Self {
        Self { parameters, shape, told, checked: AtomicU64::new(0) }
    }

    /// Whether nothing has been learnt of types since it was found to be right.
    pub fn is_checked(&self, state: u64) -> bool {
        self.checked.load(Ordering::Relaxed) == state || (self.parameters.is_empty() && self.shape.is_none())
    }

    pub fn check(&self, state: u64) {
        self.checked.store(state, Ordering::Relaxed);
    }
}

/// A text under a name on the server.
pub struct Statement {
    /// Empty for the unnamed statement, which is parsed again before every use.
    pub name: String,
    pub description: Arc<Description>,
}

impl Statement {
    /// Appends the record that answers a request to prepare it.
    pub fn record(&self, request: u32, status: u8, out: &mut Vec<u8>) {
        let Description { parameters, shape, .. } = &*self.description;
        let shape = shape.as_ref().map_or(0, |shape| shape.id);
        let flags = flag::LAST | u32::from(status) << flag::STATUS_SHIFT;
        let head = [request, flags, shape, size(parameters.len()), size(self.name.len())];
        let mut record = Record::new(out, kind::DESCRIBED, &head);
        for type_oid in parameters {
            record.word(*type_oid);
        }
        record.bytes(self.name.as_bytes());
        record.finish();
    }
}

/// A statement name that no other statement has, be it of another process: behind a pooler they may share a
/// session, and a name that is not there fails where one that means something else would run it.
pub fn next_name() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // All names have one length, so that the cuts of a simulated stream of bytes repeat.
    format!("cornac_{:08x}_{:06x}", *PROCESS >> 32, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What is kept, by asyncpg's rules.
#[derive(Clone, Copy, Debug)]
pub struct CacheLimits {
    /// Statements; 0 keeps none.
    pub size: usize,
    /// How long a description is relied on from when it was told, whether it is used or not; zero is for ever.
    pub lifetime: Duration,
    /// Characters of the text, inclusive; 0 for any.
    pub characters: usize,
}

impl CacheLimits {
    /// Whether a description is too old to be relied on.
    pub fn is_over(&self, description: &Description, now: Instant) -> bool {
        !self.lifetime.is_zero() && now.saturating_duration_since(description.told) >= self.lifetime
    }
}

struct Entry {
    statement: Arc<Statement>,
    used: u64,
    /// Prepared since the last time that some statement was deallocated by hand.
    is_certain: bool,
}

/// Least recently used out first. Statements that leave are given back, to be closed on the server.
pub struct Cache {
    limits: CacheLimits,
    entries: HashMap<u64, Entry>,
    clock: u64,
}

impl Cache {
    pub fn new(limits: CacheLimits) -> Self {
        Self { limits, entries: HashMap::new(), clock: 0 }
    }

    pub fn accepts(&self, query: &Query) -> bool {
        self.limits.size > 0 && (self.limits.characters == 0 || query.characters <= self.limits.characters)
    }

    /// The query's statement, if it is here and young enough; one that is too old goes to `evicted`.
    pub fn get(
        &mut self,
        query: &Query,
        now: Instant,
        evicted: &mut Vec<Arc<Statement>>,
    ) -> Option<Arc<Statement>> {
        let entry = self.entries.get_mut(&query.key)?;
        if self.limits.is_over(&entry.statement.description, now) {
            evicted.extend(self.remove(query));
            return None;
        }
        self.clock += 1;
        entry.used = self.clock;
        Some(entry.statement.clone())
    }

    /// Keeps a statement; what it displaces goes to `evicted`.
    pub fn insert(&mut self, query: &Query, statement: Arc<Statement>, evicted: &mut Vec<Arc<Statement>>) {
        self.clock += 1;
        let entry = Entry { statement, used: self.clock, is_certain: true };
        evicted.extend(self.entries.insert(query.key, entry).map(|old| old.statement));
        self.shrink(self.limits.size, evicted);
    }

    /// Makes room for one more statement; what has to leave goes to `evicted`.
    pub fn make_room(&mut self, evicted: &mut Vec<Arc<Statement>>) {
        self.shrink(self.limits.size.saturating_sub(1), evicted);
    }

    fn shrink(&mut self, size: usize, evicted: &mut Vec<Arc<Statement>>) {
        while self.entries.len() > size {
            // A scan: evictions follow a Parse and its round trip, and the cache holds a hundred entries.
            let Some(oldest) = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key)
            else {
                break;
            };
            evicted.extend(self.entries.remove(&oldest).map(|entry| entry.statement));
        }
    }

    /// Puts `new` in the place of `old`: the same statement, whose values are read in another way.
    pub fn renew(&mut self, query: &Query, old: &Arc<Statement>, new: &Arc<Statement>) {
        if let Some(entry) = self.entries.get_mut(&query.key)
            && Arc::ptr_eq(&entry.statement, old)
        {
            entry.statement = new.clone();
        }
    }

    pub fn remove(&mut self, query: &Query) -> Option<Arc<Statement>> {
        self.entries.remove(&query.key).map(|entry| entry.statement)
    }

    /// Whether the statement of a text has this name.
    pub fn has(&self, query: &Query, name: &str) -> bool {
        self.entries.get(&query.key).is_some_and(|entry| entry.statement.name == name)
    }

    /// Whether this very statement is here, and not one that has taken its place.
    pub fn holds(&self, query: &Query, statement: &Arc<Statement>) -> bool {
        self.entries.get(&query.key).is_some_and(|entry| Arc::ptr_eq(&entry.statement, statement))
    }

    /// Whether the statement that is here was made by this very description.
    pub fn describes(&self, query: &Query, description: &Arc<Description>) -> bool {
        self.entries
            .get(&query.key)
            .is_some_and(|entry| Arc::ptr_eq(&entry.statement.description, description))
    }

    /// Whether the server must have this very statement, as far as this session knows.
    pub fn is_certain(&self, query: &Query, statement: &Arc<Statement>) -> bool {
        self.holds(query, statement) && self.entries.get(&query.key).is_some_and(|entry| entry.is_certain)
    }

    /// Some statement was deallocated by hand, it is not known which.
    pub fn doubt(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.is_certain = false);
    }

    pub fn clear(&mut self, evicted: &mut Vec<Arc<Statement>>) {
        let mut entries: Vec<Entry> = self.entries.drain().map(|(_, entry)| entry).collect();
        // What is written is the same each time.
        entries.sort_unstable_by_key(|entry| entry.used);
        evicted.extend(entries.into_iter().map(|entry| entry.statement));
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
