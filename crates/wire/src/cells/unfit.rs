//! Why a value does not become a cell.

use crate::body::Malformed;

/// What is wrong with a value. The row's frame is intact, so that the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Its bytes are no value of its type: what is wrong with "it".
    Malformed(&'static str),
    /// It is a value of its type, and cannot be what it is to become.
    Beyond(&'static Beyond),
    /// A composite has other attributes than its type is known to have, from this one on, counted from 0.
    Outdated { type_oid: u32, position: u32 },
}

/// A limit that is JavaScript's or the driver's.
#[derive(Debug, PartialEq, Eq)]
pub struct Beyond {
    /// Continues "a value of type int8 …".
    pub reason: &'static str,
    pub sqlstate: &'static str,
    pub hint: Option<&'static str>,
}

impl Unfit {
    /// A composite of a type is not what that is known to be, from one of its attributes on.
    #[cold]
    pub(super) fn outdated(type_oid: u32, position: usize) -> Self {
        Unfit::Outdated { type_oid, position: u32::try_from(position).unwrap_or(u32::MAX) }
    }
}

impl From<&'static str> for Unfit {
    fn from(reason: &'static str) -> Self {
        Unfit::Malformed(reason)
    }
}

impl From<Malformed> for Unfit {
    fn from(malformed: Malformed) -> Self {
        Unfit::Malformed(malformed.0)
    }
}

const OUT_OF_DATE: &str = "that lies outside of what a Date can be";

/// `datetime_field_overflow`.
const OVERFLOW: &str = "22008";

pub(super) const TIMESTAMP: Unfit = Unfit::Beyond(&Beyond {
    reason: OUT_OF_DATE,
    sqlstate: OVERFLOW,
    hint: Some("connect with types: { timestamp: 'string' }"),
});

pub(super) const TIMESTAMPTZ: Unfit = Unfit::Beyond(&Beyond {
    reason: OUT_OF_DATE,
    sqlstate: OVERFLOW,
    hint: Some("connect with types: { timestamptz: 'string' }"),
});

pub(super) const DATE: Unfit = Unfit::Beyond(&Beyond {
    reason: OUT_OF_DATE,
    sqlstate: OVERFLOW,
    hint: Some("connect with types: { date: 'string' }"),
});

pub(super) const UNSAFE: Unfit = Unfit::Beyond(&Beyond {
    reason: "that a number does not hold exactly",
    // numeric_value_out_of_range
    sqlstate: "22003",
    hint: Some("connect with types: { int8: 'auto' } or { int8: 'bigint' }"),
});

pub(super) const TOO_LONG: Unfit = Unfit::Beyond(&Beyond {
    reason: "that is longer than the 536870888 characters a string can have",
    sqlstate: "22000",
    hint: Some("select parts of it"),
});

pub(super) const EXPANDED: Unfit = Unfit::Beyond(&Beyond {
    reason: "whose row is too long when it is written out: more than 67108864 characters, and than 16 for each byte \
             that came",
    sqlstate: "22000",
    hint: Some("select fewer of them, or numbers with fewer digits"),
});

pub(super) const TOO_LARGE: Unfit = Unfit::Beyond(&Beyond {
    reason: "whose row takes 2 GiB and more",
    sqlstate: "22000",
    hint: Some("select fewer columns, or parts of their values"),
});

pub(super) const NO_BINARY_FORM: Unfit = Unfit::Beyond(&Beyond {
    reason: "with a field whose type has no binary form that could be read",
    // feature_not_supported
    sqlstate: "0A000",
    hint: Some("cast the field to text, or the row to a type of its own"),
});

pub(super) const NO_ISO_FORM: Unfit = Unfit::Beyond(&Beyond {
    reason: "that came as text, with a date or timestamp that is not in ISO form",
    // feature_not_supported
    sqlstate: "0A000",
    hint: Some("set DateStyle to 'ISO', or select the date by itself"),
});

pub(super) const TOO_DEEP: Unfit = Unfit::Beyond(&Beyond {
    reason: "in which rows are nested more than 64 deep",
    sqlstate: "54000",
    hint: None,
});
