//! Records for COPY FROM STDIN: from JavaScript's values to what the server reads.

use bytes::{BufMut, BytesMut};

use crate::{
    failure::Failure,
    message_limit::LARGEST_MESSAGE,
    param::{self, Arg, Refusal},
    types::SessionTypes,
};

/// How records are written. One COPY has one layout, which is chosen with its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `format text`: every type takes every value that it takes as an argument, strings in PostgreSQL's syntax.
    Text,
    /// `format binary`: a string is taken by types of text alone.
    Binary,
}

/// Types that may be written in binary, by their OIDs: their values come as something else than strings, or are text.
#[allow(dead_code, reason = "shared with TypeScript, which chooses the layout")]
mod binary_type {
    const BOOL: u32 = 16;
    const BYTEA: u32 = 17;
    const INT8: u32 = 20;
    const INT2: u32 = 21;
    const INT4: u32 = 23;
    const TEXT: u32 = 25;
    const OID: u32 = 26;
    const JSON: u32 = 114;
    const FLOAT4: u32 = 700;
    const FLOAT8: u32 = 701;
    const BPCHAR: u32 = 1042;
    const VARCHAR: u32 = 1043;
    const TIMESTAMP: u32 = 1114;
    const TIMESTAMPTZ: u32 = 1184;
    const UUID: u32 = 2950;
    const JSONB: u32 = 3802;
}

/// The signature of PostgreSQL's binary format, no flags, no extension (manual, "COPY", "Binary Format").
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What ends the binary format: a count of fields that is none.
pub const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

impl Layout {
    /// What stands in front of all records.
    pub fn begin(self, out: &mut BytesMut) {
        if self == Layout::Binary {
            out.put_slice(HEADER);
        }
    }
}

/// Some records that came down together.
#[derive(Clone, Copy, Debug)]
pub struct RecordBatch<'a> {
    pub layout: Layout,
    /// The number of the first one, from 0.
    pub first: u64,
    pub count: u32,
    /// The types of the columns, 32 bits in native order each.
    pub types: &'a [u8],
    /// Record by record, as [`param::Reader`] reads them.
    pub arguments: &'a [u8],
}

impl RecordBatch<'_> {
    /// The types of the columns.
    pub fn type_oids(&self) -> impl Iterator<Item = u32> + Clone {
        self.types.chunks_exact(4).map(|oid| oid.first_chunk().map_or(0, |oid| u32::from_ne_bytes(*oid)))
    }

    /// Writes them, or says which field of which record cannot be written. The length of the message that they are in
    /// stands at `length` in `out`.
    pub fn encode(&self, map: &SessionTypes, length: usize, out: &mut BytesMut) -> Result<(), Failure> {
        let mut arguments = param::Reader::new(self.arguments);
        let columns = i16::try_from(self.types.len() / 4).unwrap_or(i16::MAX);
        let mut text = BytesMut::new();
        for record in 0..u64::from(self.count) {
            if self.layout == Layout::Binary {
                out.put_i16(columns);
            }
            for (column, type_oid) in self.type_oids().enumerate() {
                let value = arguments.next().map_err(|_| damaged())?;
                let check = |length| check_length(length, self.first + record, column);
                // A value that is too long is refused before it is copied.
                check(out.len() - length + value.length())?;
                match self.layout {
                    Layout::Binary => param::encode_binary(&value, type_oid, map, out),
                    Layout::Text => text_field(&value, type_oid, map, column, &mut text, out),
                }
                .map_err(|refusal| refused(self.first + record, column, &value, &refusal))?;
                // The byte that ends the record counts too.
                check(out.len() - length + 1)?;
            }
            if self.layout == Layout::Text {
                out.put_u8(b'\n');
            }
        }
        if arguments.is_empty() { Ok(()) } else { Err(damaged()) }
    }
}

/// A field of the text format, behind its delimiter. `text` is room for its value.
fn text_field(
    value: &Arg<'_>,
    type_oid: u32,
    map: &SessionTypes,
    column: usize,
    text: &mut BytesMut,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    if column > 0 {
        out.put_u8(b'\t');
    }
    if *value == Arg::Null {
        out.put_slice(b"\\N");
        return Ok(());
    }
    text.clear();
    param::encode_text(value, type_oid, map, text)?;
    let mut rest: &[u8] = text;
    let special = |byte: &u8| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r');
    while let Some(at) = rest.iter().position(special) {
        let (plain, from) = rest.split_at(at);
        out.put_slice(plain);
        out.put_slice(match from.first() {
            Some(b'\t') => b"\\t",
            Some(b'\n') => b"\\n",
            Some(b'\r') => b"\\r",
            _ => b"\\\\",
        });
        rest = from.get(1..).unwrap_or_default();
    }
    out.put_slice(rest);
    Ok(())
}

/// Refuses what makes the message that it is in longer than PostgreSQL takes: a field of 1 GiB, which no table can have.
fn check_length(length: usize, record: u64, column: usize) -> Result<(), Failure> {
    if length <= LARGEST_MESSAGE {
        return Ok(());
    }
    Err(Failure::Record {
        message: format!(
            "with it the record takes at least {length} bytes, PostgreSQL takes {LARGEST_MESSAGE} a message"
        ),
        record,
        column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        hint: Some("store large data in parts"),
    })
}

fn damaged() -> Failure {
    Failure::Interface { message: "the records reached the driver damaged".to_owned(), hint: None }
}

#[cold]
fn refused(record: u64, column: usize, value: &Arg<'_>, refusal: &Refusal) -> Failure {
    Failure::Record {
        message: refusal.told_of(value),
        record,
        column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        hint: refusal.hint_of_field(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tags and payloads as JavaScript writes them.
    fn int(value: i32) -> Vec<u8> {
        [&[3][..], &value.to_le_bytes()].concat()
    }

    fn text(value: &str) -> Vec<u8> {
        [&[7][..], &u32::try_from(value.len()).unwrap().to_le_bytes(), value.as_bytes()].concat()
    }

    fn null() -> Vec<u8> {
        vec![0]
    }

    fn encoded(layout: Layout, types: &[u32], fields: &[Vec<u8>]) -> Result<Vec<u8>, Failure> {
        let types: Vec<u8> = types.iter().flat_map(|oid| oid.to_ne_bytes()).collect();
        let arguments = fields.concat();
        let count = u32::try_from(fields.len() / (types.len() / 4).max(1)).unwrap();
        let mut out = BytesMut::new();
        RecordBatch { layout, first: 10, count, types: &types, arguments: &arguments }.encode(
            &SessionTypes::default(),
            0,
            &mut out,
        )?;
        Ok(out.to_vec())
    }

    #[test]
    fn binary_fields_have_lengths_and_a_record_its_count() {
        let out = encoded(Layout::Binary, &[23, 25], &[int(7), text("aß"), null(), null()]).unwrap();
        let first = [0, 2, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 3, b'a', 0xc3, 0x9f];
        let second = [0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(out, [&first[..], &second].concat());
    }

    #[test]
    fn a_field_that_a_codec_has_written_is_sent_as_it_is() {
        let wire = [&[17][..], &16_u32.to_le_bytes(), &[9; 16]].concat();
        let out = encoded(Layout::Binary, &[2950, 23], &[wire, int(7)]).unwrap();
        assert_eq!(out, [&[0, 2, 0, 0, 0, 16][..], &[9; 16], &[0, 0, 0, 4, 0, 0, 0, 7]].concat());
    }

    #[test]
    fn text_fields_are_escaped_and_null_is_told_apart() {
        let fields = [int(7), text("a\tb\\N\r\n"), null(), text("\\N")];
        let out = encoded(Layout::Text, &[23, 25], &fields).unwrap();
        assert_eq!(out, b"7\ta\\tb\\\\N\\r\\n\n\\N\t\\\\N\n");
    }

    #[test]
    fn strings_are_any_types_in_text_and_only_texts_in_binary() {
        assert_eq!(encoded(Layout::Text, &[23], &[text("42")]).unwrap(), b"42\n");
        assert_eq!(encoded(Layout::Binary, &[3802], &[text("{}")]).unwrap(), b"\0\x01\0\0\0\x03\x01{}");
        let refused = encoded(Layout::Binary, &[25, 23], &[text("a"), int(1), text("b"), text("42")]);
        let Err(Failure::Record { record: 11, column: 2, .. }) = refused else { panic!("{refused:?}") };
    }

    #[test]
    fn every_spelling_of_a_uuid_has_the_same_bytes() {
        let digits = "a0eebc999c0b4ef8bb6d6bb9bd380a11";
        let groups = digits.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap());
        let dashed = groups.collect::<Vec<_>>().join("-");
        for spelling in [
            digits.to_owned(),
            digits.to_uppercase(),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".to_owned(),
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}".to_owned(),
            dashed,
        ] {
            let out = encoded(Layout::Binary, &[2950], &[text(&spelling)]).unwrap();
            assert_eq!(out[..8], [0, 1, 0, 0, 0, 16, 0xa0, 0xee], "{spelling}");
            assert_eq!(out.len(), 22);
        }
        for wrong in [
            "",
            "{",
            "a0",
            &digits[1..],
            &format!("{digits}0"),
            &format!("{{{digits}"),
            &format!("{digits}}}"),
        ] {
            assert!(encoded(Layout::Binary, &[2950], &[text(wrong)]).is_err(), "{wrong}");
        }
        for wrong in [
            "a-0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
            "g0eebc999c0b4ef8bb6d6bb9bd380a11",
        ] {
            assert!(encoded(Layout::Binary, &[2950], &[text(wrong)]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_of_a_wrong_kind_is_refused_by_record_and_column() {
        for layout in [Layout::Text, Layout::Binary] {
            let refused = encoded(layout, &[23], &[int(1), int(2), vec![2]]);
            let Err(Failure::Record { record: 12, column: 1, .. }) = refused else { panic!("{refused:?}") };
        }
    }

    #[test]
    fn what_does_not_add_up_is_damaged() {
        for fields in [vec![int(1), vec![3]], vec![int(1), vec![99]]] {
            assert!(matches!(encoded(Layout::Text, &[23], &fields), Err(Failure::Interface { .. })));
        }
    }
}
