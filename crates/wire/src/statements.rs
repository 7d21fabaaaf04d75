//! What a session knows of the texts it runs: which of them the server keeps under a name, what they take and return,
//! and which names are to be closed.

use std::{sync::Arc, time::Instant};

use crate::{
    description_memory::DescriptionMemory,
    kept_statements::KeptStatements,
    query::Query,
    shared_descriptions::SharedDescriptions,
    statement::{Cache, CacheLimits, Description, Statement, next_name},
    types::Codecs,
};

/// A statement to run a text by.
pub struct Found {
    pub statement: Arc<Statement>,
    /// The server has it. Else it is parsed in the same round, with the parameter types that are remembered.
    pub is_prepared: bool,
    /// Another session was told of the text, and this one has just taken that over.
    pub is_taken_over: bool,
}

pub struct Statements {
    limits: CacheLimits,
    cache: Cache,
    memory: DescriptionMemory,
    /// What other sessions were told, too.
    shared: Option<Arc<SharedDescriptions>>,
    kept: KeptStatements,
    /// Names to close on the server, in front of the next extended request.
    closes: Vec<String>,
    /// Dropped after the records that need their shapes are on their way.
    released: Vec<Arc<Description>>,
    learns_poolers: bool,
    is_pooled: bool,
}

impl Statements {
    /// `learns_poolers` says whether nothing is prepared any more once that has been seen to fail.
    pub fn new(limits: CacheLimits, learns_poolers: bool) -> Self {
        Self {
            limits,
            cache: Cache::new(limits),
            memory: DescriptionMemory::default(),
            shared: None,
            kept: KeptStatements::default(),
            closes: Vec::new(),
            released: Vec::new(),
            learns_poolers,
            is_pooled: false,
        }
    }

    /// Shares what is remembered of texts with other sessions.
    pub fn share(&mut self, shared: Arc<SharedDescriptions>) {
        self.shared = Some(shared);
    }

    /// Begins to keep a statement that is prepared for its own sake; it is described next.
    pub fn keep(&mut self, query: &Query, codecs: Arc<Codecs>) {
        let name = query.own.as_ref().and_then(|own| own.name.clone());
        let unnamed = self.is_pooled || self.limits.size == 0;
        let name = name.unwrap_or_else(|| if unnamed { String::new() } else { next_name() });
        self.kept.keep(query, name, codecs);
    }

    /// The codecs of a statement that is kept.
    pub fn codecs(&self, query: &Query) -> Option<&Arc<Codecs>> {
        self.kept.codecs(query)
    }

    /// Keeps a statement no more. Gives its name where it is to be closed on the server.
    pub fn let_go(&mut self, query: &Query) -> Option<String> {
        let (name, description) = self.kept.let_go(query);
        self.released.extend(description);
        name.filter(|_| !self.is_pooled)
    }

    /// What is known of the text: its statement, or its description. What is too old is forgotten. `asks_others` is
    /// asked whether what only other sessions were told may be relied on, where nothing else is known.
    pub fn find(&mut self, query: &Query, now: Instant, asks_others: impl FnOnce() -> bool) -> Option<Found> {
        if query.own.is_some() {
            let (statement, is_prepared) = self.kept.find(query)?;
            return Some(Found { statement, is_prepared, is_taken_over: false });
        }
        if query.is_bare() {
            let description = Arc::new(Description::new(Vec::new(), None, now));
            let statement = Arc::new(Statement { name: String::new(), description });
            return Some(Found { statement, is_prepared: false, is_taken_over: false });
        }
        if let Some(statement) = self.change(|cache, released| cache.get(query, now, released)) {
            return Some(Found { statement, is_prepared: true, is_taken_over: false });
        }
        let own = self.memory.get(query, &mut self.released);
        let is_taken_over = own.is_none();
        let description = own.or_else(|| if asks_others() { self.take_over(query) } else { None })?;
        if self.limits.is_over(&description, now) {
            self.released.extend(self.memory.remove(query));
            self.forget_shared(query, &description);
            return None;
        }
        let statement = Arc::new(Statement { name: self.name(query), description });
        if !statement.name.is_empty() {
            // What leaves for it is closed in the same round.
            self.change(Cache::make_room);
        }
        Some(Found { statement, is_prepared: false, is_taken_over })
    }

    /// Remembers what another session was told of the text.
    fn take_over(&mut self, query: &Query) -> Option<Arc<Description>> {
        let description = self.shared.as_ref()?.get(query, &mut self.released)?;
        self.memory.insert(query, description.clone(), &mut self.released);
        Some(description)
    }

    fn forget_shared(&mut self, query: &Query, description: &Arc<Description>) {
        if let Some(shared) = &self.shared {
            self.released.extend(shared.forget(query, description));
        }
    }

    /// The name to prepare the text under; empty when it is not to be kept.
    pub fn name(&self, query: &Query) -> String {
        if query.own.is_some() {
            return self.kept.name(query).unwrap_or_default().to_owned();
        }
        if !self.is_pooled && self.cache.accepts(query) { next_name() } else { String::new() }
    }

    /// The server has told what the text takes and returns.
    pub fn described(&mut self, query: &Query, description: &Arc<Description>) {
        if query.own.is_some() {
            return self.released.extend(self.kept.described(query, description));
        }
        self.memory.insert(query, description.clone(), &mut self.released);
        if let Some(shared) = &self.shared {
            shared.insert(query, description.clone(), &mut self.released);
        }
    }

    /// The server has the statement.
    pub fn prepared(&mut self, query: &Query, statement: &Arc<Statement>) {
        if query.own.is_some() {
            if !self.kept.prepared(query, statement) {
                self.close([statement.name.clone()]);
            }
            return;
        }
        if !self.is_pooled {
            self.change(|cache, released| cache.insert(query, statement.clone(), released));
        }
    }

    /// What is known of the types of a statement is more or other than it was: it is the same on the server, and its
    /// values are read in another way.
    pub fn renew(&mut self, query: &Query, old: &Arc<Statement>, new: &Arc<Statement>) {
        self.released.push(old.description.clone());
        if query.own.is_some() {
            return self.kept.renew(query, old, new);
        }
        self.cache.renew(query, old, new);
        if self.memory.holds(query, &old.description) {
            self.memory.insert(query, new.description.clone(), &mut self.released);
        }
        if let Some(shared) = &self.shared {
            shared.renew(query, &old.description, new.description.clone(), &mut self.released);
        }
    }

    /// Whether the server has a statement of this text by this name, as far as this session knows. One without a name is
    /// parsed before it is used.
    pub fn has(&self, query: &Query, name: &str) -> bool {
        let has = if query.own.is_some() { self.kept.has(query, name) } else { self.cache.has(query, name) };
        has || name.is_empty()
    }

    /// Whether this very statement is kept, and not one that has taken its place.
    pub fn holds(&self, query: &Query, statement: &Arc<Statement>) -> bool {
        self.cache.holds(query, statement)
    }

    /// The statement does not fit any more, nor does what is remembered of its text, unless others have replaced it.
    pub fn forget(&mut self, query: &Query, statement: &Arc<Statement>) {
        if query.own.is_some() {
            return self.released.extend(self.kept.forget(query));
        }
        // What was parsed for one call alone has the description of what is kept.
        if self.cache.describes(query, &statement.description) {
            self.change(|cache, released| released.extend(cache.remove(query)));
        }
        if self.memory.holds(query, &statement.description) {
            self.released.extend(self.memory.remove(query));
        }
        self.forget_shared(query, &statement.description);
    }

    /// Whatever is known of the text is of the past.
    pub fn forget_text(&mut self, query: &Query) {
        self.change(|cache, released| released.extend(cache.remove(query)));
        self.released.extend(self.memory.remove(query));
        if let Some(shared) = &self.shared {
            self.released.extend(shared.remove(query));
        }
    }

    /// The server does not know a statement by its name. When it was prepared here and nobody has deallocated it, there
    /// is a pooler between that hands out another session for each transaction. `is_closed_behind`: its Close was sent, behind
    /// what has missed it.
    pub fn vanished(&mut self, query: &Query, statement: &Arc<Statement>, is_closed_behind: bool) {
        let is_there = is_closed_behind
            || self.cache.is_certain(query, statement)
            || self.kept.is_certain(query, statement)
            || self.closes.contains(&statement.name);
        if is_there && self.learns_poolers {
            self.met_pooler();
        } else if self.holds(query, statement) {
            // One of them was deallocated by what told nobody. Perhaps all were.
            self.change(Cache::clear);
        } else if self.kept.holds(query, statement) {
            self.kept.lose(query);
            self.change(Cache::clear);
        }
    }

    /// The server knows a name that was never given to it: another one's session is behind a pooler.
    pub fn clashed(&mut self) {
        if self.learns_poolers {
            self.met_pooler();
        }
    }

    fn met_pooler(&mut self) {
        self.is_pooled = true;
        self.kept.give_names_up();
        self.deallocated();
    }

    /// A pooler was met: nothing is prepared by name any more.
    pub fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// The server has no statement of ours any more, or none that a Close could be sent to.
    pub fn deallocated(&mut self) {
        self.kept.lose_all();
        self.change(Cache::clear);
        self.closes.clear();
    }

    /// The server has lost one of its statements, it did not say which.
    pub fn deallocated_one(&mut self) {
        self.cache.doubt();
        self.kept.doubt();
    }

    /// Forgets everything but what is kept, and what is shared: it would come back with that. The statements are closed on
    /// the server.
    pub fn clear(&mut self) {
        self.change(Cache::clear);
        self.memory.clear(&mut self.released);
        if let Some(shared) = &self.shared {
            shared.clear(&mut self.released);
        }
    }

    /// Names to close on the server, in front of the next extended request.
    pub fn closes(&self) -> &[String] {
        &self.closes
    }

    /// Takes the names out, for the request that closes them.
    pub fn take_closes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.closes)
    }

    /// These are still to be closed.
    pub fn close(&mut self, names: impl IntoIterator<Item = String>) {
        if !self.is_pooled {
            self.closes.extend(names);
        }
    }

    /// A plan refers to a description no more. It is kept until the records that need its shape are handed on.
    pub fn release(&mut self, statement: Arc<Statement>) {
        self.released.push(statement.description.clone());
    }

    /// The records are handed on.
    pub fn drop_released(&mut self) {
        self.released.clear();
    }

    /// Changes the cache. Statements that leave it are closed on the server.
    fn change<T>(&mut self, change: impl FnOnce(&mut Cache, &mut Vec<Arc<Statement>>) -> T) -> T {
        let mut released = Vec::new();
        let result = change(&mut self.cache, &mut released);
        self.released.extend(released.iter().map(|statement| statement.description.clone()));
        self.closes.extend(released.into_iter().map(|statement| statement.name.clone()));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: CacheLimits = CacheLimits { size: 2, lifetime: Duration::from_secs(10), characters: 0 };

    fn query(sql: &str) -> Query {
        Query::new(0, sql.to_owned())
    }

    /// As after a first description and Parse.
    fn prepare(statements: &mut Statements, query: &Query, now: Instant) -> Arc<Statement> {
        let description = Arc::new(Description::new(vec![23], None, now));
        statements.described(query, &description);
        let statement = Arc::new(Statement { name: statements.name(query), description });
        statements.prepared(query, &statement);
        statement
    }

    #[test]
    fn a_description_outlives_its_statement() {
        let now = Instant::now();
        let mut statements = Statements::new(LIMITS, true);
        let queries = ["a", "b", "c"].map(query);
        let [first, ..] = queries.each_ref().map(|query| prepare(&mut statements, query, now));
        assert_eq!(statements.take_closes(), std::slice::from_ref(&first.name));
        let nobody = || -> bool { unreachable!("its own statement is known") };
        assert!(statements.find(&queries[1], now, nobody).unwrap().is_prepared);
        let found = statements.find(&queries[0], now, || true).unwrap();
        assert!(!found.is_prepared && !found.statement.name.is_empty() && found.statement.name != first.name);
        // What leaves for it was used less lately.
        assert_eq!(statements.closes().len(), 1);
        assert!(!statements.find(&queries[2], now, || true).unwrap().is_prepared);
        // As long as a statement would be kept, and no longer.
        for query in &queries {
            assert!(statements.find(query, now + LIMITS.lifetime, || true).is_none());
            assert!(statements.find(query, now, || true).is_none());
        }
    }

    #[test]
    fn only_what_failed_is_forgotten() {
        let now = Instant::now();
        let mut statements = Statements::new(LIMITS, true);
        let [a, b] = ["a", "b"].map(query);
        let (first, _) = (prepare(&mut statements, &a, now), prepare(&mut statements, &b, now));
        let replaced = prepare(&mut statements, &a, now);
        statements.forget(&a, &first);
        assert!(statements.holds(&a, &replaced), "what has taken its place was forgotten");
        statements.forget(&a, &replaced);
        assert!(statements.find(&a, now, || true).is_none());
        assert!(statements.find(&b, now, || true).unwrap().is_prepared);
    }

    #[test]
    fn a_statement_that_nobody_deallocated_and_is_gone_tells_of_a_pooler() {
        let now = Instant::now();
        let sql = query("a");
        let learnt = |learns: bool, happens: fn(&mut Statements)| {
            let mut statements = Statements::new(LIMITS, learns);
            let statement = prepare(&mut statements, &sql, now);
            happens(&mut statements);
            statements.vanished(&sql, &statement, false);
            let found = statements.find(&sql, now, || true).unwrap();
            assert!(!found.is_prepared);
            assert_eq!(found.statement.name.is_empty(), statements.is_pooled());
            statements.is_pooled()
        };
        assert!(learnt(true, |_| {}));
        assert!(!learnt(false, |_| {}));
        // Forgotten here, and not closed there yet.
        assert!(learnt(true, |statements| statements.change(Cache::clear)));
        assert!(!learnt(true, Statements::deallocated));
        assert!(!learnt(true, Statements::deallocated_one));
    }

    #[test]
    fn behind_a_pooler_nothing_is_closed() {
        let now = Instant::now();
        let mut statements = Statements::new(LIMITS, true);
        let queries = ["a", "b", "c"].map(query);
        for query in &queries {
            prepare(&mut statements, query, now);
        }
        statements.clashed();
        statements.close(["one".to_owned()]);
        prepare(&mut statements, &queries[0], now);
        assert!(statements.is_pooled() && statements.closes().is_empty());
        assert_eq!(statements.find(&queries[0], now, || true).map(|found| found.is_prepared), Some(false));
    }
}
