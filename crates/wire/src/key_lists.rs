//! The key lists of a JSON column's objects: each is known to JavaScript by a number, so that an object travels as
//! its values alone and comes out of an object literal made for its keys.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// A byte that ends each key of a list; it is in no UTF-8 text.
pub const END: u8 = 0xff;

/// Key lists of one column. A column with more is no column of alike documents (its objects are dictionaries, say),
/// and its documents go as text from then on.
const MOST: usize = 64;

/// Bytes of one list, and so of an object literal's names.
const LONGEST: usize = 4096;

/// The key lists that a column has shown so far.
#[derive(Debug, Default)]
pub struct KeyLists {
    given_up: AtomicBool,
    numbers: Mutex<HashMap<Box<[u8]>, u32>>,
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Known(u32),
    /// The list is announced before the object is.
    New(u32),
    /// The document goes as text.
    Refused,
}

impl KeyLists {
    /// The lists for the time of one document, unless documents of this column go as text.
    pub fn open(&self) -> Option<Open<'_>> {
        if self.given_up.load(Ordering::Relaxed) {
            return None;
        }
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Open { given_up: &self.given_up, numbers })
    }
}

pub struct Open<'a> {
    given_up: &'a AtomicBool,
    numbers: MutexGuard<'a, HashMap<Box<[u8]>, u32>>,
}

impl Open<'_> {
    /// The number of a list: the keys in their order, each ended by [`END`].
    pub fn find(&mut self, list: &[u8]) -> Found {
        if let Some(number) = self.numbers.get(list) {
            return Found::Known(*number);
        }
        if self.numbers.len() >= MOST || list.len() > LONGEST {
            self.given_up.store(true, Ordering::Relaxed);
            return Found::Refused;
        }
        // The last one of equal keys counts, which JSON.parse sees to.
        let mut seen = HashSet::new();
        if !keys(list).all(|key| seen.insert(key)) {
            return Found::Refused;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(list.into(), number);
        Found::New(number)
    }
}

/// The keys of a list.
pub fn keys(list: &[u8]) -> impl Iterator<Item = &str> + Clone {
    list.split(|byte| *byte == END)
        .take(list.iter().filter(|byte| **byte == END).count())
        .map(|key| str::from_utf8(key).unwrap_or_default())
}
