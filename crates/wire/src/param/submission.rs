//! Arguments for tests, written as JavaScript writes them.

use bytes::BytesMut;

use super::spelled::Spelling;
use super::{Arg, Format, Reader, Refusal, encode};
use crate::types::SessionTypes;

pub(super) fn null() -> Vec<u8> {
    vec![0]
}

pub(super) fn boolean(value: bool) -> Vec<u8> {
    vec![if value { 2 } else { 1 }]
}

pub(super) fn int(value: i32) -> Vec<u8> {
    [&[3][..], &value.to_le_bytes()].concat()
}

pub(super) fn number(value: f64) -> Vec<u8> {
    [&[4][..], &value.to_le_bytes()].concat()
}

pub(super) fn bigint(value: i64) -> Vec<u8> {
    [&[5][..], &value.to_le_bytes()].concat()
}

pub(super) fn digits(value: &str) -> Vec<u8> {
    run(6, value.as_bytes())
}

pub(super) fn text(value: &str) -> Vec<u8> {
    run(7, value.as_bytes())
}

pub(super) fn bytes(value: &[u8]) -> Vec<u8> {
    run(8, value)
}

pub(super) fn date(ms: f64) -> Vec<u8> {
    [&[9][..], &ms.to_le_bytes()].concat()
}

pub(super) fn json(value: &str) -> Vec<u8> {
    run(10, value.as_bytes())
}

pub(super) fn object(value: &str) -> Vec<u8> {
    run(11, value.as_bytes())
}

pub(super) fn no_json(reason: &str) -> Vec<u8> {
    run(18, reason.as_bytes())
}

pub(super) fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut out = array_head(elements);
    out.extend(u32::MAX.to_le_bytes());
    out
}

pub(super) fn array_with_json(elements: &[Vec<u8>], json: &str) -> Vec<u8> {
    let mut out = array_head(elements);
    out.extend(u32::try_from(json.len()).unwrap().to_le_bytes());
    out.extend(json.as_bytes());
    out
}

/// An array that has no JSON form.
pub(super) fn array_without_json(elements: &[Vec<u8>], reason: &str) -> Vec<u8> {
    let mut out = array_head(elements);
    out.extend((u32::MAX - 1).to_le_bytes());
    out.extend(u32::try_from(reason.len()).unwrap().to_le_bytes());
    out.extend(reason.as_bytes());
    out
}

pub(super) fn refused(name: &str) -> Vec<u8> {
    run(13, name.as_bytes())
}

/// A value in its type's own text, which has a JSON form.
pub(super) fn spelled(spelling: Spelling, value: &str, json: &str) -> Vec<u8> {
    let run = |text: &str| [&u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat();
    [vec![14, spelling as u8], run(value), run(json)].concat()
}

/// An object's members.
pub(super) fn fields(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let name = |name: &str| [&u32::try_from(name.len()).unwrap().to_le_bytes(), name.as_bytes()].concat();
    let payload: Vec<u8> =
        members.iter().flat_map(|(key, value)| [name(key), value.clone()].concat()).collect();
    run(15, &payload)
}

/// A list that is one value.
pub(super) fn row(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut out = array(elements);
    out[0] = 16;
    out
}

/// A Range: its bounds, and whether each is in it.
pub(super) fn range(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut out = array(elements);
    out[0] = 19;
    out
}

/// The binary form that a codec has made.
pub(super) fn wire(value: &[u8]) -> Vec<u8> {
    run(17, value)
}

fn array_head(elements: &[Vec<u8>]) -> Vec<u8> {
    let part = elements.concat();
    let mut out = vec![12];
    out.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
    out.extend(u32::try_from(elements.len()).unwrap().to_le_bytes());
    out.extend(part);
    out
}

fn run(tag: u8, payload: &[u8]) -> Vec<u8> {
    [&[tag][..], &u32::try_from(payload.len()).unwrap().to_le_bytes(), payload].concat()
}

/// Reads the one argument that a buffer holds.
pub(super) fn only(buffer: &[u8]) -> Arg<'_> {
    let mut reader = Reader::new(buffer);
    let arg = reader.next().unwrap();
    assert!(reader.is_empty());
    arg
}

/// An argument's format and body for a parameter, after checking the length before it.
pub(super) fn sent(buffer: &[u8], type_oid: u32) -> Result<(Format, Vec<u8>), Refusal> {
    let mut out = BytesMut::from(&b"before"[..]);
    match encode(&only(buffer), type_oid, &SessionTypes::default(), &mut out) {
        Ok(format) => {
            let rest = out.strip_prefix(b"before").unwrap();
            let (length, body) = rest.split_first_chunk::<4>().unwrap();
            assert_eq!(usize::try_from(i32::from_be_bytes(*length)), Ok(body.len()));
            Ok((format, body.to_vec()))
        }
        Err(refusal) => {
            assert_eq!(&out[..], b"before", "a refused argument left something behind");
            Err(refusal)
        }
    }
}

/// The text an argument is sent as.
pub(super) fn sent_text(buffer: &[u8], type_oid: u32) -> String {
    let (format, body) = sent(buffer, type_oid).unwrap();
    assert_eq!(format, Format::Text, "for type {type_oid}");
    String::from_utf8(body).unwrap()
}

/// The binary form an argument is sent in, in hexadecimal.
pub(super) fn sent_binary(buffer: &[u8], type_oid: u32) -> String {
    let (format, body) = sent(buffer, type_oid).unwrap();
    assert_eq!(format, Format::Binary, "for type {type_oid}");
    body.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why an argument is not sent.
pub(super) fn reason(buffer: &[u8], type_oid: u32) -> String {
    match sent(buffer, type_oid) {
        Ok((format, body)) => panic!("type {type_oid} took {body:?} as {format:?}"),
        Err(refusal) => refusal.reason,
    }
}
