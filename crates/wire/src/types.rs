//! What is known of types: PostgreSQL's own without asking the server, all others once they were looked up.
//!
//! Only types whose OIDs are the same on every server are in the table. What else a database has (extensions, enums,
//! domains, arrays and ranges of them) is told to its [`TypeMap`].

mod codecs;
mod look_up;
mod map;
mod session;
mod table;

use std::borrow::Cow;

pub use codecs::{Codecs, Custom, Exchange};
pub use look_up::{argument as look_up_argument, found, jit_off, question as look_up_question};
pub use map::{Attribute, Known, Structure, Survey, TypeMap, Version, is_plain};
pub use session::SessionTypes;

/// What the catalog says about one built-in type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Type {
    pub oid: u32,
    /// Its `typname`: an array of `int4` is `_int4` here.
    pub name: &'static str,
    /// Its `typtype`: `b` base, `c` composite, `p` pseudo, `r` range, `m` multirange.
    pub kind: u8,
    /// Its `typcategory`: `A` array, `N` numeric, `S` string, `D` date and time …
    pub category: u8,
    /// What separates elements when an array of this type is written as text: `,` but for `box`.
    pub delimiter: u8,
    /// The element type of an array, else 0.
    pub element: u32,
    /// The type of an array of it, 0 when it has none or one without a fixed OID.
    pub array: u32,
    /// The subtype of a range, the range of a multirange, else 0.
    pub subtype: u32,
    /// The function that writes its binary form, "" for a type that has none. Types with one function have one form.
    pub send: &'static str,
}

/// Short enough for one line a type in the generated table.
#[allow(clippy::too_many_arguments)]
const fn t(
    oid: u32,
    name: &'static str,
    kind: u8,
    category: u8,
    delimiter: u8,
    element: u32,
    array: u32,
    subtype: u32,
    send: &'static str,
) -> Type {
    Type { oid, name, kind, category, delimiter, element, array, subtype, send }
}

static TYPES: [Type; table::TYPES.len()] = table::TYPES;

/// OIDs below this have a place in [`PLACES`].
const END: usize = match table::TYPES.last() {
    Some(last) => last.oid as usize + 1,
    None => 0,
};

/// No type has the OID.
const NOWHERE: u8 = u8::MAX;

/// Where each OID's type stands in the table.
static PLACES: [u8; END] = {
    assert!(table::TYPES.len() < NOWHERE as usize);
    let mut places = [NOWHERE; END];
    let mut place = 0;
    while place < table::TYPES.len() {
        #[allow(clippy::cast_possible_truncation, reason = "asserted above")]
        let number = place as u8;
        places[table::TYPES[place].oid as usize] = number;
        place += 1;
    }
    places
};

/// Every built-in type, in the order of the OIDs.
#[must_use]
pub fn all() -> &'static [Type] {
    &TYPES
}

/// The built-in type with this OID.
#[must_use]
pub fn find(oid: u32) -> Option<&'static Type> {
    let place = PLACES.get(usize::try_from(oid).ok()?)?;
    TYPES.get(usize::from(*place))
}

/// The `typname` of a built-in type.
#[must_use]
pub fn name(oid: u32) -> Option<&'static str> {
    find(oid).map(|entry| entry.name)
}

/// A built-in type as SQL has it: `int4[]`, where the catalog has `_int4`. Any other by its OID.
#[must_use]
pub fn sql_name(oid: u32) -> Cow<'static, str> {
    match find(oid) {
        // int2vector and oidvector are arrays with names of their own.
        Some(found) if found.element != 0 && found.name.starts_with('_') => {
            Cow::Owned(format!("{}[]", sql_name(found.element)))
        }
        Some(found) => Cow::Borrowed(found.name),
        None => Cow::Owned(format!("with OID {oid}")),
    }
}

/// The element type of a built-in array type; `None` for everything that is not an array.
#[must_use]
pub fn array_element_oid(oid: u32) -> Option<u32> {
    find(oid).map(|entry| entry.element).filter(|&element| element != 0)
}

/// The type of an array of this built-in type.
#[must_use]
pub fn array_oid(oid: u32) -> Option<u32> {
    find(oid).map(|entry| entry.array).filter(|&array| array != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_without_duplicates() {
        assert!(all().windows(2).all(|pair| pair[0].oid < pair[1].oid));
    }

    #[test]
    fn every_type_is_found_by_its_oid_and_nothing_else_is() {
        for entry in all() {
            assert_eq!(find(entry.oid), Some(entry), "{}", entry.name);
        }
        let known = (0..=u32::from(u16::MAX)).filter(|oid| find(*oid).is_some()).count();
        assert_eq!(known, all().len());
        assert_eq!(find(u32::MAX), None);
    }

    #[test]
    fn arrays_and_elements_point_at_each_other() {
        for entry in all() {
            if entry.array != 0 {
                assert_eq!(array_element_oid(entry.array), Some(entry.oid), "{}", entry.name);
            }
            if entry.element != 0 {
                assert!(find(entry.element).is_some(), "{}", entry.name);
            }
            if entry.subtype != 0 {
                assert!(find(entry.subtype).is_some(), "{}", entry.name);
            }
        }
    }

    #[test]
    fn well_known_types_are_found() {
        assert_eq!(name(23), Some("int4"));
        assert_eq!(array_element_oid(1007), Some(23));
        assert_eq!(array_oid(23), Some(1007));
        assert_eq!(find(603).map(|entry| entry.delimiter), Some(b';'));
        assert_eq!(find(3904).map(|entry| entry.subtype), Some(23));
        // A point can be subscripted but is not an array.
        assert_eq!(array_element_oid(600), None);
        assert_eq!(name(16_384), None);
        assert_eq!(sql_name(1007), "int4[]");
        assert_eq!(sql_name(30), "oidvector");
        assert_eq!(sql_name(1013), "oidvector[]");
        assert_eq!(sql_name(16_384), "with OID 16384");
        assert_eq!(array_element_oid(0), None);
    }
}
