//! The groups of sessions that share descriptions: those of one pool of an environment that lead to one database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use cornac_wire::shared_descriptions::SharedDescriptions;

use crate::poolers::Target;

/// A pool's connections may lead to several servers, and another version may answer at the same address. A type of the
/// database's own has another number there.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    group: u32,
    target: Target,
    server_version: String,
}

/// Groups without sessions leave their keys behind: swept when there are so many.
const FEW: usize = 64;

/// The groups of one environment, whose shapes their descriptions refer to.
#[derive(Default)]
pub struct DescriptionGroups(Mutex<Groups>);

#[derive(Default)]
struct Groups {
    descriptions: HashMap<Key, Weak<SharedDescriptions>>,
    sweep_at: usize,
}

impl DescriptionGroups {
    /// What the sessions of a group with one database share, as long as there are any; 0 is no group.
    pub fn of(&self, group: u32, target: &Target, server_version: &str) -> Option<Arc<SharedDescriptions>> {
        if group == 0 {
            return None;
        }
        let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Key { group, target: target.clone(), server_version: server_version.to_owned() };
        if let Some(shared) = groups.descriptions.get(&key).and_then(Weak::upgrade) {
            return Some(shared);
        }
        if groups.descriptions.len() >= groups.sweep_at.max(FEW) {
            groups.descriptions.retain(|_, shared| shared.strong_count() > 0);
            groups.sweep_at = groups.descriptions.len() * 2;
        }
        let shared = Arc::<SharedDescriptions>::default();
        groups.descriptions.insert(key, Arc::downgrade(&shared));
        Some(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(port: u16) -> Target {
        Target { address: format!("127.0.0.1:{port}"), database: "shop".to_owned() }
    }

    #[test]
    fn sessions_of_a_group_with_one_database_share_as_long_as_there_are_any() {
        let groups = DescriptionGroups::default();
        let first = groups.of(1, &target(7000), "18.1").unwrap();
        let is_shared = |group, port, version| {
            groups.of(group, &target(port), version).is_some_and(|found| Arc::ptr_eq(&found, &first))
        };
        assert!(is_shared(1, 7000, "18.1"));
        assert!(!is_shared(2, 7000, "18.1"));
        assert!(!is_shared(1, 7001, "18.1"));
        assert!(!is_shared(1, 7000, "15.1"));
        assert!(groups.of(0, &target(7000), "18.1").is_none());
        let gone = Arc::downgrade(&first);
        drop(first);
        assert!(gone.upgrade().is_none());
    }

    #[test]
    fn groups_that_are_gone_leave_little() {
        let groups = DescriptionGroups::default();
        for group in 1..10_000 {
            let _ = groups.of(group, &target(7000), "18.1");
        }
        assert!(groups.0.lock().unwrap().descriptions.len() <= 2 * FEW);
    }
}
