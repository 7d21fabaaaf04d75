//! The types of the model's database, which its sessions share: a composite that changes, an array of it, and rows
//! that have fields of it.

use std::{cell::Cell, rc::Rc};

use cornac_wire::types::{jit_off, look_up_question};

use super::Model;
use crate::support::{
    answers::*,
    catalog::{ENTRY, Entry, asked, composite, composite_value, entry_row},
    lab::VERSION,
};

const INT4: u32 = 23;
const TEXT: u32 = 25;
const RECORD: u32 = 2249;

/// Attributes behind the first one that the composite has at the most.
const MOST_EXTRAS: usize = 2;

/// How often a question for types is refused: for once, for ever, and answered by what is no answer.
const REFUSED: usize = 12;
const DENIED: usize = 60;

#[derive(Clone, Copy)]
struct State {
    /// The number of the composite; that of its array is the next one.
    oid: u32,
    extras: usize,
    changes: u32,
}

/// What the sessions with one database have in common.
#[derive(Clone)]
pub(crate) struct Database(Rc<Cell<State>>);

impl Default for Database {
    fn default() -> Self {
        Self(Rc::new(Cell::new(State { oid: 20_000, extras: 0, changes: 0 })))
    }
}

impl Database {
    /// How often a type has changed.
    pub(crate) fn changes(&self) -> u32 {
        self.0.get().changes
    }

    /// The composite gets another attribute, or loses those that it got.
    pub(crate) fn alter_type(&self) {
        let State { oid, extras, changes } = self.0.get();
        self.0.set(State { oid, extras: (extras + 1) % (MOST_EXTRAS + 1), changes: changes + 1 });
    }

    /// The composite is dropped and made anew, under another number.
    pub(crate) fn renew_type(&self) {
        let State { oid, extras, changes } = self.0.get();
        self.0.set(State { oid: oid + 2, extras, changes: changes + 1 });
    }

    pub(super) fn oid(&self) -> u32 {
        self.0.get().oid
    }

    /// The column of a statement that returns rows.
    pub(super) fn column<'a>(&self, sql: &'a str) -> (&'a str, u32) {
        match kind(sql) {
            "pair" => ("v", self.oid()),
            "pairs" => ("v", self.oid() + 1),
            "fields" => ("v", RECORD),
            "" => ("n", INT4),
            name => (name, INT4),
        }
    }

    /// A row with the number of a call.
    pub(super) fn row(&self, sql: &str, id: u32, is_binary: bool) -> Vec<u8> {
        let number = id.to_be_bytes();
        let State { oid, extras, .. } = self.0.get();
        let value = if is_binary {
            let mut attributes: Vec<(u32, &[u8])> = vec![(INT4, &number)];
            attributes.extend(vec![(TEXT, &b"x"[..]); extras]);
            let pair = composite_value(&attributes);
            let length = u32::try_from(pair.len()).unwrap();
            match kind(sql) {
                "pair" => pair,
                "pairs" => {
                    let head = [1, 0, oid, 1, 1, length].map(u32::to_be_bytes).concat();
                    [head, pair].concat()
                }
                "fields" => composite_value(&[(INT4, &number), (oid, &pair)]),
                _ => number.to_vec(),
            }
        } else {
            let pair = format!("({id}{})", ",x".repeat(extras));
            match kind(sql) {
                "pair" => pair.into_bytes(),
                "pairs" => format!("{{\"{pair}\"}}").into_bytes(),
                "fields" => format!("({id},\"{pair}\")").into_bytes(),
                _ => id.to_string().into_bytes(),
            }
        };
        row(&[Some(&value)])
    }

    fn entry(&self, oid: u32) -> Option<Vec<u8>> {
        let State { oid: pair, extras, .. } = self.0.get();
        let attributes = [("n", INT4), ("b", TEXT), ("c", TEXT)];
        if oid == pair {
            return Some(entry_row(&composite(pair, &attributes[..=extras])));
        }
        (oid == pair + 1).then(|| entry_row(&Entry { oid, name: "_pair", kind: b'a', part: pair, ..ENTRY }))
    }
}

/// What the column of a statement is of: a number, or what its last word says.
fn kind(sql: &str) -> &str {
    sql.split(' ').nth(3).unwrap_or_default()
}

/// Whether a statement returns what is of no type of PostgreSQL's own.
pub(crate) fn has_types(sql: &str) -> bool {
    matches!(kind(sql), "pair" | "pairs" | "fields")
}

/// What a value says that a statement has returned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// The number of the call.
    pub(crate) id: u32,
    /// Its type was not known, so that it is the text that the server made of it.
    pub(crate) is_text: bool,
}

/// Reads a value of a row. Whatever it is of, the number comes first.
pub(crate) fn said(value: &str) -> Said {
    let digits = value.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    Said { id: digits[..end].parse().unwrap(), is_text: value.starts_with("v=") && !value.contains("n:") }
}

/// Whether it is what the driver asks about types.
pub(super) fn is_question(sql: &str) -> bool {
    sql == look_up_question(VERSION)
}

/// Whether it is what goes with the question, and has a row of its own.
pub(super) fn is_jit_setting(sql: &str) -> bool {
    jit_off(VERSION).is_some_and(|jit_off| sql == jit_off.before || sql == jit_off.behind)
}

/// What the question asks for, as a statement of the model.
pub(super) fn statement_of(argument: &[u8]) -> String {
    let oids: Vec<String> = asked(argument).iter().map(u32::to_string).collect();
    format!("types {}", oids.join(","))
}

impl Model {
    /// Answers a question for types, or refuses it.
    pub(super) fn tell_types(&mut self, sql: &str) {
        if !self.is_honest {
            if self.chance.one_in(REFUSED) {
                self.refused += 1;
                return self.fail("53200", false);
            }
            if self.chance.one_in(DENIED) {
                self.is_denied = true;
                return self.fail("42501", false);
            }
            if self.chance.one_in(DENIED) {
                self.is_denied = true;
                self.say(int_row(1));
                return self.say(complete("SELECT 1"));
            }
        }
        let oids = sql.split(' ').nth(1).unwrap().split(',').filter_map(|oid| oid.parse::<u32>().ok());
        let mut oids: Vec<u32> = oids.collect();
        // Parts come with what they are parts of, and are asked for by themselves where they do not.
        let array = self.types.oid() + 1;
        if oids.contains(&array) && !oids.contains(&self.types.oid()) && !self.chance.one_in(4) {
            oids.push(self.types.oid());
        }
        for oid in oids {
            if let Some(entry) = self.types.entry(oid) {
                self.say(entry);
            }
        }
        self.say(complete("SELECT 1"));
    }
}
