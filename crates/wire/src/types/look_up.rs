//! What a session asks its server's catalog about types, and how the answer is read.

use std::{borrow::Cow, sync::LazyLock};

use super::{Attribute, Known, Structure};
use crate::{
    body::{Body, Malformed},
    value,
};

/// Asks for the types whose OIDs are its only argument, an `oid[]`, and for all that they are made of.
///
/// It finds what it means whatever the search path is: every name has its schema, operators and functions too. One row
/// a level is what keeps the planner's estimate so low that no plan is compiled (`jit_above_cost`) however many tables
/// there are. Types that are the same on every server are left out, unless they were asked for.
const QUESTION: &str = include_str!("look_up.sql");

/// What goes with the question in one transaction, ahead of it and behind it: where every plan is compiled, the question's
/// compilation takes half a second, and its run a few milliseconds. The setting is local to the transaction, which the question
/// shares with the caller inside a block, so it is put back as it was; `cornac.jit` keeps it meanwhile. VALUES of volatile
/// functions is scanned row by row, and such expressions are never compiled themselves.
pub struct JitOff {
    pub before: &'static str,
    pub behind: &'static str,
}

/// The statements for a server that has JIT compilation, as all have since PostgreSQL 11.
pub fn jit_off(major_version: u32) -> Option<JitOff> {
    (major_version >= 11).then_some(JitOff {
        before: "values (pg_catalog.set_config('cornac.jit', pg_catalog.current_setting('jit'), true)), \
            (pg_catalog.set_config('jit', 'off', true))",
        behind: "values (pg_catalog.set_config('jit', pg_catalog.current_setting('cornac.jit'), true))",
    })
}

/// The question for types, as a server of this version understands it: multiranges came with 14.
pub fn question(major_version: u32) -> &'static str {
    static BEFORE_14: LazyLock<String> = LazyLock::new(|| {
        QUESTION.lines().filter(|line| !line.ends_with("-- since 14")).collect::<Vec<_>>().join("\n")
    });
    if major_version >= 14 { QUESTION } else { &BEFORE_14 }
}

/// Columns of the answer.
const COLUMNS: usize = 10;

const NOT_NULL: Malformed = Malformed("a value of it is NULL");

/// A row of the answer in binary: a type and what it is.
pub fn found(mut row: Body<'_>) -> Result<(u32, Known), Malformed> {
    if row.count()? != COLUMNS {
        return Err(Malformed("its count of columns differs from the description"));
    }
    let mut values = [None; COLUMNS];
    for value in &mut values {
        let length = row.i32()?;
        if length != -1 {
            let length = usize::try_from(length).map_err(|_| Malformed("a value's length is negative"))?;
            *value = Some(row.bytes(length)?);
        }
    }
    row.end()?;
    let [oid, name, schema, kind, delimiter, part, send, extension, names, types] = values;
    let name = text(name)?;
    let part = || number(part);
    let structure = match byte(kind)? {
        b'a' => Structure::Array { element: part()?, delimiter: byte(delimiter)? },
        b'd' => Structure::Domain { base: part()? },
        b'e' => Structure::Enum,
        b'r' => Structure::Range { subtype: part()? },
        b'm' => Structure::Multirange { range: part()? },
        b'c' => Structure::Composite { attributes: attributes(names, types)?.into() },
        // Nothing is known of an extension's functions: its type is told by its name.
        _ => Structure::Scalar {
            send: match (extension.map(|extension| text(Some(extension))).transpose()?, send) {
                (Some(extension), _) => Cow::Owned(format!("{extension}.{name}")),
                (None, Some(send)) => Cow::Owned(text(Some(send))?.to_owned()),
                (None, None) => Cow::Borrowed(""),
            },
        },
    };
    Ok((number(oid)?, Known { structure, name: name.to_owned(), schema: text(schema)?.to_owned() }))
}

fn attributes(names: Option<&[u8]>, types: Option<&[u8]>) -> Result<Vec<Attribute>, Malformed> {
    let (header, names) = value::array(names.ok_or(NOT_NULL)?)?;
    let (other, types) = value::array(types.ok_or(NOT_NULL)?)?;
    if header.count != other.count {
        return Err(Malformed("it has another count of names than of types"));
    }
    names
        .zip(types)
        .map(|(name, type_oid)| Ok(Attribute { name: text(name?)?.to_owned(), type_oid: number(type_oid?)? }))
        .collect()
}

fn text(value: Option<&[u8]>) -> Result<&str, Malformed> {
    std::str::from_utf8(value.ok_or(NOT_NULL)?).map_err(|_| Malformed("a name is not UTF-8"))
}

fn number(value: Option<&[u8]>) -> Result<u32, Malformed> {
    let bytes = value.ok_or(NOT_NULL)?.try_into().map_err(|_| Malformed("an OID is not of 4 bytes"))?;
    Ok(u32::from_be_bytes(bytes))
}

fn byte(value: Option<&[u8]>) -> Result<u8, Malformed> {
    match value.ok_or(NOT_NULL)? {
        [byte] => Ok(*byte),
        _ => Err(Malformed("a \"char\" is not of one byte")),
    }
}

/// The argument of the question, an `oid[]` in binary.
pub fn argument(oids: &[u32]) -> Vec<u8> {
    const OID: u32 = 26;
    let mut out = Vec::with_capacity(20 + oids.len() * 8);
    let count = u32::try_from(oids.len()).unwrap_or(u32::MAX);
    for word in [u32::from(count > 0), 0, OID] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    if count > 0 {
        out.extend_from_slice(&count.to_be_bytes());
        out.extend_from_slice(&1_u32.to_be_bytes());
    }
    for oid in oids {
        out.extend_from_slice(&4_u32.to_be_bytes());
        out.extend_from_slice(&oid.to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
        let mut out = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
        for value in values {
            out.extend(value.map_or(-1, |value| i32::try_from(value.len()).unwrap()).to_be_bytes());
            out.extend(value.unwrap_or_default());
        }
        out
    }

    fn names(names: &[&str]) -> Vec<u8> {
        let mut out: Vec<u8> = [1, 0, 19, u32::try_from(names.len()).unwrap(), 1]
            .into_iter()
            .flat_map(u32::to_be_bytes)
            .collect();
        for name in names {
            out.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
            out.extend(name.as_bytes());
        }
        out
    }

    fn of(kind: u8, part: Option<u32>, send: Option<&str>, extension: Option<&str>) -> Structure {
        let part = part.map(u32::to_be_bytes);
        let row = row(&[
            Some(&16_400_u32.to_be_bytes()),
            Some(b"thing"),
            Some(b"public"),
            Some(&[kind]),
            Some(b";"),
            part.as_ref().map(<[u8; 4]>::as_slice),
            send.map(str::as_bytes),
            extension.map(str::as_bytes),
            Some(&names(&["a", "__proto__"])),
            Some(&argument(&[23, 25])),
        ]);
        let (oid, known) = found(Body(&row)).unwrap();
        assert_eq!((oid, &*known.name, &*known.schema), (16_400, "thing", "public"));
        // Cut anywhere it is refused.
        for end in 0..row.len() {
            assert!(found(Body(&row[..end])).is_err(), "{end}");
        }
        known.structure
    }

    #[test]
    fn an_answer_says_what_types_are_made_of() {
        assert_eq!(of(b'a', Some(7), None, None), Structure::Array { element: 7, delimiter: b';' });
        assert_eq!(of(b'd', Some(7), None, None), Structure::Domain { base: 7 });
        assert_eq!(of(b'r', Some(7), None, None), Structure::Range { subtype: 7 });
        assert_eq!(of(b'm', Some(7), None, None), Structure::Multirange { range: 7 });
        assert_eq!(of(b'e', None, Some("enum_send"), None), Structure::Enum);
        let attribute = |name: &str, type_oid| Attribute { name: name.to_owned(), type_oid };
        let attributes = [attribute("a", 23), attribute("__proto__", 25)].into();
        assert_eq!(of(b'c', None, Some("record_send"), None), Structure::Composite { attributes });
        for (send, extension, name) in [
            (Some("textsend"), None, "textsend"),
            (None, None, ""),
            // The extension's own functions may be called anything, and be in any schema.
            (None, Some("hstore"), "hstore.thing"),
            (Some("textsend"), Some("hstore"), "hstore.thing"),
        ] {
            assert_eq!(of(b'b', None, send, extension), Structure::Scalar { send: name.into() });
        }
    }

    #[test]
    fn what_older_servers_do_not_have_is_left_out() {
        assert!(question(14).contains("rngmultitypid") && question(13).contains("rngsubtype"));
        assert!(!question(13).contains("rngmultitypid") && !question(13).contains("'m'"));
    }

    #[test]
    fn an_argument_is_an_array_of_oids() {
        for oids in [&[][..], &[23], &[16_384, u32::MAX]] {
            let bytes = argument(oids);
            let (header, elements) = value::array(&bytes).unwrap();
            assert_eq!((header.count, header.element_oid), (oids.len(), 26));
            let read: Vec<u32> = elements.map(|element| number(element.unwrap()).unwrap()).collect();
            assert_eq!(read, oids);
        }
    }
}
