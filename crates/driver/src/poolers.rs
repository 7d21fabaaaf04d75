//! Poolers that this process has met. One that hands out another server session for each transaction loses prepared
//! statements, so that the sessions after the first prepare none.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

/// What was connected to: the address, port included, and the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub address: String,
    pub database: String,
}

/// The most poolers that are remembered. A process that meets more of them forgets all, and learns them anew.
const MOST: usize = 1_024;

fn met() -> MutexGuard<'static, HashSet<Target>> {
    static MET: LazyLock<Mutex<HashSet<Target>>> = LazyLock::new(Mutex::default);
    MET.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A session has met a pooler.
pub fn learn(target: &Target) {
    let mut met = met();
    if met.len() >= MOST {
        met.clear();
    }
    met.insert(target.clone());
}

/// Whether an earlier session has met a pooler there.
pub fn is_known(target: &Target) -> bool {
    met().contains(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str, database: &str) -> Target {
        Target { address: address.to_owned(), database: database.to_owned() }
    }

    #[test]
    fn a_pooler_is_known_for_its_address_and_database_alone_and_the_memory_is_bounded() {
        let pooler = target("127.0.0.1:6432", "here");
        assert!(!is_known(&pooler));
        learn(&pooler);
        assert!(is_known(&pooler));
        assert!(!is_known(&target("127.0.0.1:6433", "here")));
        assert!(!is_known(&target("127.0.0.1:6432", "there")));
        for port in 0..10 * MOST {
            learn(&target(&format!("127.0.0.2:{port}"), "here"));
            assert!(met().len() <= MOST);
        }
    }
}
