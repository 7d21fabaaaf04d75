//! What is known of the types of databases: the sessions of one share it as long as there are any.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use cornac_wire::types::TypeMap;

use crate::poolers::Target;

/// A database, as far as it is known without asking: another server at the same address may report another version.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    target: Target,
    server_version: String,
}

/// Databases without sessions leave their keys behind: swept when there are so many.
const FEW: usize = 64;

#[derive(Default)]
struct Databases {
    maps: HashMap<Key, Weak<TypeMap>>,
    sweep_at: usize,
}

/// The types of a database, shared with every session that is connected to it.
pub fn types_of(target: &Target, server_version: &str) -> Arc<TypeMap> {
    static DATABASES: LazyLock<Mutex<Databases>> = LazyLock::new(Mutex::default);
    let mut databases = DATABASES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = Key { target: target.clone(), server_version: server_version.to_owned() };
    if let Some(map) = databases.maps.get(&key).and_then(Weak::upgrade) {
        return map;
    }
    if databases.maps.len() >= databases.sweep_at.max(FEW) {
        databases.maps.retain(|_, map| map.strong_count() > 0);
        databases.sweep_at = databases.maps.len() * 2;
    }
    let map = Arc::<TypeMap>::default();
    databases.maps.insert(key, Arc::downgrade(&map));
    map
}

/// The major version of a server that reports this: `15.3 (Debian 15.3-1)`, `9.6.24`, `18beta1`.
pub fn major_version(server_version: &str) -> u32 {
    let end = server_version.find(|c: char| !c.is_ascii_digit()).unwrap_or(server_version.len());
    server_version.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str) -> Target {
        Target { address: address.to_owned(), database: "shop".to_owned() }
    }

    #[test]
    fn sessions_of_one_database_share_what_is_known_as_long_as_there_are_any() {
        let first = types_of(&target("127.0.0.1:7000"), "18.1");
        assert!(Arc::ptr_eq(&first, &types_of(&target("127.0.0.1:7000"), "18.1")));
        assert!(!Arc::ptr_eq(&first, &types_of(&target("127.0.0.1:7000"), "15.1")));
        assert!(!Arc::ptr_eq(&first, &types_of(&target("127.0.0.1:7001"), "18.1")));
        let epoch = first.epoch();
        drop(first);
        assert_ne!(types_of(&target("127.0.0.1:7000"), "18.1").epoch(), epoch);
    }

    #[test]
    fn a_version_begins_with_its_major_number() {
        for (text, major) in [
            ("15.3 (Debian 15.3-1)", 15),
            ("9.6.24", 9),
            ("18beta1", 18),
            ("", 0),
            ("unknown", 0),
            ("99999999999", 0),
        ] {
            assert_eq!(major_version(text), major, "{text}");
        }
    }
}
