//! What the server's catalog says of types, as the driver asks for it.

use super::answers::*;

/// A type of the catalog.
pub(crate) struct Entry<'a> {
    pub(crate) oid: u32,
    pub(crate) name: &'a str,
    /// `a` for an array, else its `typtype`.
    pub(crate) kind: u8,
    /// The element, base, subtype or range.
    pub(crate) part: u32,
    pub(crate) send: Option<&'a str>,
    pub(crate) extension: Option<&'a str>,
    pub(crate) attributes: &'a [(&'a str, u32)],
}

pub(crate) const ENTRY: Entry<'static> =
    Entry { oid: 0, name: "thing", kind: b'b', part: 0, send: None, extension: None, attributes: &[] };

pub(crate) fn enum_of(oid: u32) -> Entry<'static> {
    Entry { oid, name: "mood", kind: b'e', ..ENTRY }
}

pub(crate) fn composite<'a>(oid: u32, attributes: &'a [(&'a str, u32)]) -> Entry<'a> {
    Entry { oid, name: "pair", kind: b'c', attributes, ..ENTRY }
}

/// An array of one dimension in binary.
fn array<'a>(element_oid: u32, elements: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    let count = u32::try_from(elements.len()).unwrap();
    let head: &[u32] = if count == 0 { &[0, 0, element_oid] } else { &[1, 0, element_oid, count, 1] };
    let mut out: Vec<u8> = head.iter().flat_map(|word| word.to_be_bytes()).collect();
    for element in elements {
        out.extend(u32::try_from(element.len()).unwrap().to_be_bytes());
        out.extend(element);
    }
    out
}

pub(crate) fn entry_row(entry: &Entry<'_>) -> Vec<u8> {
    let (oid, part) = (entry.oid.to_be_bytes(), entry.part.to_be_bytes());
    let types: Vec<[u8; 4]> = entry.attributes.iter().map(|(_, oid)| oid.to_be_bytes()).collect();
    let names = array(19, entry.attributes.iter().map(|(name, _)| name.as_bytes()));
    let types = array(26, types.iter().map(<[u8; 4]>::as_slice));
    let is_composite = entry.kind == b'c';
    row(&[
        Some(&oid),
        Some(entry.name.as_bytes()),
        Some(b"public"),
        Some(&[entry.kind]),
        Some(b","),
        (entry.part != 0).then_some(&part[..]),
        entry.send.map(str::as_bytes),
        entry.extension.map(str::as_bytes),
        is_composite.then_some(&names),
        is_composite.then_some(&types),
    ])
}

/// A value of a composite, or of `row(a, b)`, whose fields are of these types.
pub(crate) fn composite_value(fields: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = u32::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
    for (type_oid, value) in fields {
        out.extend(type_oid.to_be_bytes());
        out.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        out.extend(*value);
    }
    out
}

/// The whole answer to the question for types.
pub(crate) fn found(entries: &[Entry<'_>]) -> Vec<u8> {
    found_in(b'I', entries)
}

/// The whole answer in a session with this transaction status.
pub(crate) fn found_in(status: u8, entries: &[Entry<'_>]) -> Vec<u8> {
    let rows: Vec<u8> = entries.iter().flat_map(entry_row).collect();
    [jit_set(2), parse_complete(), bind_complete(), rows, complete("SELECT"), jit_set(1), ready(status)]
        .concat()
}

/// The answer to what goes with the question, ahead of it with two rows and behind it with one.
pub(crate) fn jit_set(rows: usize) -> Vec<u8> {
    [parse_complete(), bind_complete(), row(&[Some(b"off")]).repeat(rows), complete("SELECT")].concat()
}

/// The oids that a message asks for, if it is the Bind of the question.
pub(crate) fn asked(argument: &[u8]) -> Vec<u32> {
    let behind_head = argument.get(20..).unwrap_or_default();
    behind_head.chunks(8).map(|element| u32::from_be_bytes(element[4..].try_into().unwrap())).collect()
}
