//! Rows that no server sends, and what a server may send that must not be taken as it is.

use std::sync::Arc;

use super::*;
use crate::{
    codec::Codec,
    description::{Column, Source},
    shape::Shapes,
    type_options::TypeOptions,
    types::SessionTypes,
};

fn shape(oids: &[u32], options: TypeOptions) -> Arc<Shape> {
    let column = |(index, oid): (usize, &u32)| Column {
        name: format!("c{index}"),
        type_oid: *oid,
        source: Source::NONE,
        is_text: false,
    };
    let columns = oids.iter().enumerate().map(column).collect();
    Shapes::new(Arc::new(|_| {})).intern(columns, &SessionTypes::builtin(options))
}

/// A value as it stands in a row or in another value.
fn framed(value: &[u8]) -> Vec<u8> {
    [&i32::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

fn row(values: &[&[u8]]) -> Vec<u8> {
    let count = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    values.iter().fold(count, |mut row, value| {
        row.extend(framed(value));
        row
    })
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// An array of one dimension.
fn array(element_oid: u32, elements: &[&[u8]]) -> Vec<u8> {
    let count = u32::try_from(elements.len()).unwrap();
    let head = words(&[1, 0, element_oid, count, 1]);
    elements.iter().fold(head, |mut array, element| {
        array.extend(framed(element));
        array
    })
}

/// What becomes of one value.
fn push(type_oid: u32, options: TypeOptions, value: &[u8]) -> Result<Chunk, Unfit> {
    let mut chunk = Chunk::default();
    match chunk.push(&shape(&[type_oid], options), &row(&[value])) {
        Ok(()) => Ok(chunk),
        Err(RowError::Value(misfit)) => {
            assert_eq!(misfit.column, 0);
            Err(misfit.unfit)
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn refusal(type_oid: u32, value: &[u8]) -> Option<Unfit> {
    push(type_oid, TypeOptions::default(), value).err()
}

#[track_caller]
fn assert_malformed(type_oid: u32, value: &[u8]) {
    assert!(matches!(refusal(type_oid, value), Some(Unfit::Malformed(_))), "{type_oid} {value:?}");
}

/// 1e131071, which is 10 bytes on the wire and 131,072 digits.
const LARGEST_POWER: [u8; 10] = [0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0x03, 0xe8];

#[test]
fn numbers_of_few_bytes_do_not_fill_the_memory_with_their_digits() {
    let elements = vec![&LARGEST_POWER[..]; 4000];
    let body = array(1700, &elements);
    assert!(body.len() < 60_000);
    assert_eq!(refusal(1231, &body), Some(unfit::EXPANDED));
    // What is below the limit is written out.
    let elements = vec![&LARGEST_POWER[..]; 500];
    assert!(push(1231, TypeOptions::default(), &array(1700, &elements)).is_ok());
    // So are as many rows as one likes: each has the limit for itself.
    let shape = shape(&[1231], TypeOptions::default());
    let mut chunk = Chunk::default();
    for _ in 0..3 {
        let elements = vec![&LARGEST_POWER[..]; 400];
        assert_eq!(chunk.push(&shape, &row(&[&array(1700, &elements)])), Ok(()));
        assert!(chunk.is_full());
    }
    // The columns of one row have the limit together.
    let shape = self::shape(&[1231, 1231], TypeOptions::default());
    let half = array(1700, &vec![&LARGEST_POWER[..]; 300]);
    let misfit = Misfit { column: 1, unfit: unfit::EXPANDED };
    assert_eq!(Chunk::default().push(&shape, &row(&[&half, &half])), Err(RowError::Value(misfit)));
}

#[test]
fn room_that_a_large_document_took_is_given_back_whether_it_is_read_or_not() {
    let shape = shape(&[114], TypeOptions::default());
    let numbers = "1,".repeat(400_000);
    let keys: String = (0..60_000).map(|key| format!("\"{key}\":1,")).collect();
    let documents =
        [format!("[{numbers}1]"), format!("[{numbers}"), format!("{{{keys}"), format!("[{{{keys}\"\":")];
    for document in documents {
        let mut chunk = Chunk::default();
        chunk.push(&shape, &row(&[document.as_bytes()])).unwrap();
        let allocated = chunk.scratch.allocated();
        assert!(allocated <= 8 * CELLS_LIMIT, "{allocated} bytes after {}", &document[..8]);
    }
}

#[test]
fn documents_of_one_row_take_a_bounded_multiple_of_their_text() {
    // "[[],[],…]" is five times as large when it was read.
    let document = format!("[{}[]]", "[],".repeat(300_000));
    let oids = vec![114; 40];
    let shape = shape(&oids, TypeOptions::default());
    let mut chunk = Chunk::default();
    let values: Vec<&[u8]> = oids.iter().map(|_| document.as_bytes()).collect();
    assert_eq!(chunk.push(&shape, &row(&values)), Ok(()));
    let came = document.len() * values.len();
    let holds = chunk.arrays.len() + chunk.text.len();
    assert!(holds < came + 32 * 1024 * 1024, "{came} bytes became {holds}");
}

#[test]
fn a_row_that_javascript_could_not_address_is_refused_before_it_wraps() {
    assert!(is_recordable(2_000_000_000));
    for length in [i32::MAX as usize - 100, i32::MAX as usize + 1, u32::MAX as usize + 1, usize::MAX / 2] {
        assert!(!is_recordable(length), "{length}");
    }
    assert_eq!(value::position(i32::MAX as usize), Ok(0x7fff_ffff));
    for length in [i32::MAX as usize + 1, u32::MAX as usize, u32::MAX as usize + 1] {
        assert_eq!(value::position(length), Err(unfit::TOO_LARGE));
    }
    // It is the longest value's fault.
    assert_eq!(longest(Body(&row(&[b"1", b"12345", b"123"]))), 1);
}

#[test]
fn arrays_of_another_element_type_than_their_column_promises_are_refused() {
    let of_text = array(25, &[b"abcd"]);
    assert!(push(1009, TypeOptions::default(), &of_text).is_ok());
    for other in [1007, 1015, 2951] {
        assert_malformed(other, &of_text);
    }
    // Also of an empty one, and of ranges within.
    assert_malformed(1007, &words(&[0, 0, 25]));
    assert_malformed(3905, &array(3926, &[&[1]]));
}

#[test]
fn values_that_options_cannot_bear_are_data_errors() {
    let far = (i64::MAX - 1_000_000_000_000).to_be_bytes();
    for (oid, value, options, expected) in [
        (1114, &9_223_371_331_199_999_999_i64.to_be_bytes()[..], 0, unfit::TIMESTAMP),
        (1184, &9_223_371_331_199_999_999_i64.to_be_bytes(), 0, unfit::TIMESTAMPTZ),
        (1082, &99_989_044_i32.to_be_bytes(), 1 << 8, unfit::DATE),
        (20, &i64::MAX.to_be_bytes(), 2, unfit::UNSAFE),
        (20, &far, 2, unfit::UNSAFE),
    ] {
        assert_eq!(push(oid, TypeOptions(options), value).err(), Some(expected), "{oid}");
    }
    // In an array and as a bound of a range too.
    let last = 9_223_371_331_199_999_999_i64.to_be_bytes();
    assert_eq!(refusal(1115, &array(1114, &[&last])), Some(unfit::TIMESTAMP));
    let range = [&[8_u8][..], &framed(&last)].concat();
    assert_eq!(refusal(3908, &range), Some(unfit::TIMESTAMP));
}

#[test]
fn ranges_that_are_none_are_refused() {
    let bound = framed(&7_i32.to_be_bytes());
    let range = |flags: u8, bounds: &[&[u8]]| [&[flags][..], &bounds.concat()].concat();
    for fine in [
        range(1, &[]),
        range(24, &[]),
        range(2, &[&bound, &bound]),
        range(2 | 16, &[&bound]),
        range(8 | 4, &[&bound]),
    ] {
        assert_eq!(refusal(3904, &fine), None, "{fine:?}");
    }
    for wrong in [
        vec![],
        range(32, &[]),
        range(128, &[&bound, &bound]),
        range(1, &[&bound]),
        range(2, &[&bound]),
        range(2, &[&bound, &bound, &bound]),
        range(2, &[&bound, &[0xff; 4]]),
        range(2, &[&bound, &framed(&[1])]),
        range(24, &[&[0]]),
    ] {
        assert_malformed(3904, &wrong);
    }
    let multirange = |count: u32, ranges: &[Vec<u8>]| {
        ranges.iter().fold(words(&[count]), |mut body, range| {
            body.extend(framed(range));
            body
        })
    };
    assert_eq!(refusal(4451, &multirange(0, &[])), None);
    assert_eq!(refusal(4451, &multirange(2, &[range(1, &[]), range(24, &[])])), None);
    for wrong in [
        vec![],
        multirange(1, &[]),
        multirange(u32::MAX, &[]),
        multirange(0x7fff_ffff, &[range(24, &[])]),
        multirange(1, &[range(1, &[]), range(1, &[])]),
        [words(&[1]), vec![0xff; 4], vec![0]].concat(),
    ] {
        assert_malformed(4451, &wrong);
    }
}

#[test]
fn values_of_several_numbers_have_the_length_that_they_claim() {
    let numbers = |count: usize| vec![0_u8; 8 * count];
    let counted = |count: u32, length: usize| [words(&[count]), numbers(length)].concat();
    let path = |first: u8, count: u32, length| [vec![first], counted(count, length)].concat();
    for (oid, length) in [(600, 2), (628, 3), (601, 4), (603, 4), (718, 3)] {
        assert_eq!(refusal(oid, &numbers(length)), None);
        assert_malformed(oid, &numbers(length + 1));
        assert_malformed(oid, &numbers(length)[1..]);
    }
    for (oid, fine) in [
        (602, path(0, 2, 4)),
        (602, path(1, 0, 0)),
        (604, counted(3, 6)),
        (5038, counted(2, 4)),
        (2970, counted(0, 2)),
    ] {
        assert_eq!(refusal(oid, &fine), None, "{oid}");
    }
    for (oid, wrong) in [
        (602, path(2, 2, 4)),
        (602, path(1, 2, 3)),
        (602, path(1, u32::MAX, 0)),
        (604, counted(2, 6)),
        (604, counted(0x7fff_ffff, 2)),
        (5038, counted(2, 3)),
        (5038, counted(u32::MAX, 1)),
        (5038, counted(0, 0)),
        (27, vec![0; 5]),
        (27, vec![0; 7]),
        (1186, vec![0; 15]),
        (1186, vec![0; 17]),
        (1562, words(&[9, 0])),
    ] {
        assert_malformed(oid, &wrong);
    }
}

/// The elements of a text[] that came as text.
fn read_text_array(literal: &str) -> Result<(Vec<i32>, Vec<Option<String>>), Unfit> {
    let mut chunk = push(2210, TypeOptions::default(), literal.as_bytes())?;
    let word = |at: usize| i32::from_ne_bytes(chunk.arrays[at * 4..][..4].try_into().unwrap());
    let (dimensions, count) = (usize::try_from(word(0)).unwrap(), usize::try_from(word(1)).unwrap());
    if count == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let lengths = (0..dimensions).map(|dimension| word(3 + dimension)).collect();
    let bits = 3 + dimensions;
    let first = (bits + if word(2) == 1 { count.div_ceil(32) } else { 0 }).next_multiple_of(2);
    let ends: Vec<Option<(usize, usize)>> = (0..count)
        .map(|index| {
            let is_null = word(2) == 1 && word(bits + index / 32) >> (index % 32) & 1 == 1;
            let end = |at| usize::try_from(word(at)).unwrap();
            (!is_null).then(|| (end(first + index * 2), end(first + index * 2 + 1)))
        })
        .collect();
    let text = String::from_utf8(chunk.text.encode().bytes.to_vec()).unwrap();
    Ok((lengths, ends.into_iter().map(|end| end.map(|(from, to)| text[from..to].to_owned())).collect()))
}

#[test]
fn arrays_are_read_from_their_text() {
    let some = |texts: &[&str]| texts.iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>();
    for (literal, lengths, elements) in [
        ("{}", &[][..], vec![]),
        ("{a}", &[1], some(&["a"])),
        ("{a,b c,\"\"}", &[3], some(&["a", "b c", ""])),
        (r#"{"a,b","{}","\"\\"}"#, &[3], some(&["a,b", "{}", "\"\\"])),
        (r#"{NULL,"NULL",null}"#, &[3], vec![None, Some("NULL".into()), Some("null".into())]),
        ("{{a,b},{c,d},{e,f}}", &[3, 2], some(&["a", "b", "c", "d", "e", "f"])),
        ("[0:1]={a,b}", &[2], some(&["a", "b"])),
        ("[1:1][-2:-1]={{a,b}}", &[1, 2], some(&["a", "b"])),
        ("{{{{{{a}}}}}}", &[1, 1, 1, 1, 1, 1], some(&["a"])),
    ] {
        assert_eq!(read_text_array(literal), Ok((lengths.to_vec(), elements)), "{literal}");
    }
}

#[test]
fn a_text_that_is_no_array_is_refused() {
    for literal in [
        "",
        "a",
        "{",
        "}",
        "{a",
        "{a,",
        "{a,}",
        "{,a}",
        "{{a},b}",
        "{a,{b}}",
        "{{a},{b,c}}",
        "{{a,b},{c}}",
        "{{}}",
        "{{},{}}",
        "{a}b",
        "{\"a}",
        "{\"a\"b}",
        "{a\"b\"}",
        "{\"a\\",
        "[1:2]{a}",
        "[1:2",
        "{a}}",
        "{a\\b}",
        "{{{{{{{a}}}}}}}",
        "{a{b}}",
    ] {
        assert!(matches!(read_text_array(literal), Err(Unfit::Malformed(_))), "{literal}");
    }
    // Deep in braces, which must not be deep in the stack.
    assert!(read_text_array(&"{".repeat(1_000_000)).is_err());
}

#[test]
fn the_codec_of_a_column_with_parts_takes_four_bytes() {
    for (oid, codec) in
        [(3904, Codec::Range), (4451, Codec::Array), (1186, Codec::Interval), (600, Codec::Geometry)]
    {
        let shape = shape(&[oid], TypeOptions::default());
        assert_eq!((shape.columns[0].form.codec, shape.stride), (codec, 8));
    }
}
