//! Composites, rows of no type of their own, hstore and vectors: what is read, and what hostile bytes do.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    description::{Column, Source},
    shape::Shapes,
    type_options::TypeOptions,
    types::{Attribute, SessionTypes, Structure, TypeMap},
};

const PAIR: u32 = 20_000;
const PAIRS: u32 = 20_001;
const NESTED: u32 = 20_002;
const WITH_TEXT: u32 = 20_003;
const HSTORE: u32 = 20_004;
const VECTOR: u32 = 20_005;
const EMPTY: u32 = 20_006;
const TEXT_RANGE: u32 = 20_007;
const TEXT_RANGES: u32 = 20_008;
const VECTOR_BESIDE_TEXT: u32 = 20_009;
const RECORD: u32 = 2249;

fn composite(attributes: &[(&str, u32)]) -> Structure {
    let attribute =
        |(name, type_oid): &(&str, u32)| Attribute { name: (*name).to_owned(), type_oid: *type_oid };
    Structure::Composite { attributes: attributes.iter().map(attribute).collect() }
}

fn map() -> Arc<TypeMap> {
    let map = TypeMap::default();
    map.tell([
        (PAIR, composite(&[("a", 23), ("b", 25)])),
        (PAIRS, Structure::Array { element: PAIR, delimiter: b',' }),
        (NESTED, composite(&[("all", PAIRS), ("one", PAIR)])),
        // aclitem has no binary form.
        (WITH_TEXT, composite(&[("n", 23), ("acl", 1033), ("list", 1007), ("pair", PAIR)])),
        (HSTORE, Structure::Scalar { send: "hstore.hstore".into() }),
        (VECTOR, Structure::Scalar { send: "vector.vector".into() }),
        (EMPTY, composite(&[])),
        (VECTOR_BESIDE_TEXT, composite(&[("acl", 1033), ("v", VECTOR)])),
        (TEXT_RANGE, Structure::Range { subtype: 1033 }),
        (TEXT_RANGES, Structure::Multirange { range: TEXT_RANGE }),
    ]);
    Arc::new(map)
}

/// The records that a registry of shapes tells its environment.
type Announced = Arc<Mutex<Vec<u8>>>;

fn shape_of(map: &Arc<TypeMap>, type_oid: u32) -> (Arc<Shape>, Announced) {
    let announced = Announced::default();
    let told = announced.clone();
    let column = Column { name: "c".to_owned(), type_oid, source: Source::NONE, is_text: false };
    let shapes = Shapes::new(Arc::new(move |record| told.lock().unwrap().extend(record)));
    let types = SessionTypes::new(map.clone(), TypeOptions::default());
    (shapes.intern(vec![column], &types), announced)
}

fn word(number: u32) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn framed(value: Option<&[u8]>) -> Vec<u8> {
    match value {
        Some(value) => [word(u32::try_from(value.len()).unwrap()), value.to_vec()].concat(),
        None => word(u32::MAX),
    }
}

fn row(value: &[u8]) -> Vec<u8> {
    [vec![0, 1], framed(Some(value))].concat()
}

/// Fields of a composite or a record: the OIDs of their types and their values.
fn fields(fields: &[(u32, Option<&[u8]>)]) -> Vec<u8> {
    let mut out = word(u32::try_from(fields.len()).unwrap());
    for (type_oid, value) in fields {
        out.extend(word(*type_oid));
        out.extend(framed(*value));
    }
    out
}

fn pair(a: Option<&[u8]>, b: Option<&[u8]>) -> Vec<u8> {
    fields(&[(23, a), (25, b)])
}

fn push(type_oid: u32, value: &[u8]) -> Result<Chunk, RowError> {
    let mut chunk = Chunk::default();
    let (shape, _announced) = shape_of(&map(), type_oid);
    chunk.push(&shape, &row(value)).map(|()| chunk)
}

fn unfit(type_oid: u32, value: &[u8]) -> Unfit {
    match push(type_oid, value) {
        Err(RowError::Value(Misfit { column: 0, unfit })) => unfit,
        other => panic!("{:?}", other.err()),
    }
}

fn words(bytes: &[u8]) -> Vec<i32> {
    bytes.as_chunks::<4>().0.iter().map(|word| i32::from_ne_bytes(*word)).collect()
}

#[test]
fn a_composite_is_its_attributes_cells_and_a_bit_for_each_null() {
    let chunk = push(PAIR, &pair(Some(&[0, 0, 0, 7]), Some("né".as_bytes()))).unwrap();
    assert_eq!(words(&chunk.arrays), [0, 0, 7, 0, 0, 2]);
    let chunk = push(PAIR, &pair(None, None)).unwrap();
    assert_eq!(words(&chunk.arrays), [0b11, 0, 0, 0, 0, 0]);
    assert!(push(EMPTY, &fields(&[])).unwrap().arrays.is_empty());
}

#[test]
fn composites_lie_in_arrays_and_in_each_other() {
    let one = pair(Some(&[0, 0, 0, 1]), None);
    let array = [word(1), word(1), word(PAIR), word(2), word(1), framed(Some(&one)), framed(None)].concat();
    let body = fields(&[(PAIRS, Some(&array)), (PAIR, Some(&one))]);
    let chunk = push(NESTED, &body).unwrap();
    let words = words(&chunk.arrays);
    // The cell of the array, at which it says: one dimension, two elements, NULLs and narrow cells.
    let place = usize::try_from(words[2]).unwrap();
    assert_eq!(words[place..place + 5], [1, 2, 3, 2, 0b10]);
    let element = usize::try_from(words[place + 6]).unwrap();
    assert_eq!(words[element..element + 3], [0b10, 0, 1]);
}

#[test]
fn a_composite_that_is_another_than_it_was_is_outdated_and_not_malformed() {
    let changed = [
        (fields(&[(23, Some(&[0, 0, 0, 1]))]), 1),
        (fields(&[(23, None), (25, None), (25, None)]), 2),
        (fields(&[(23, None), (1043, Some(b"x"))]), 1),
        (fields(&[(20, Some(&[0; 8])), (25, None)]), 0),
    ];
    for (body, position) in changed {
        assert_eq!(unfit(PAIR, &body), Unfit::Outdated { type_oid: PAIR, position });
    }
    for (text, position) in [("(1)", 1), ("(1,a,{1},\"(1,a)\",)", 4), ("()", 1)] {
        assert_eq!(unfit(WITH_TEXT, text.as_bytes()), Unfit::Outdated { type_oid: WITH_TEXT, position });
    }
    for body in [&[][..], &word(u32::MAX), &word(2), &pair(None, Some(b"x"))[..16]] {
        assert!(matches!(unfit(PAIR, body), Unfit::Malformed(_)), "{body:?}");
    }
    assert!(matches!(unfit(PAIR, &[pair(None, None), vec![0]].concat()), Unfit::Malformed(_)));
}

#[test]
fn a_composite_with_what_has_no_binary_form_is_read_from_its_text() {
    let text = r#"(7,"postgres=r/""o w""","{1,NULL}","(8,""a \\\\""""b"")")"#;
    let chunk = push(WITH_TEXT, text.as_bytes()).unwrap();
    assert_eq!(chunk.text.as_utf8(), r#"postgres=r/"o w"a \"b"#);
    let words = words(&chunk.arrays);
    assert_eq!(words[..3], [0, 0, 7]);
    let list = usize::try_from(words[6]).unwrap();
    assert_eq!(words[list..list + 2], [1, 2]);
    let pair = usize::try_from(words[8]).unwrap();
    assert_eq!(words[pair + 2], 8);
    // NULL is nothing at all, the empty text a pair of quotes.
    let chunk = push(WITH_TEXT, b"(,\"\",,)").unwrap();
    assert_eq!(self::words(&chunk.arrays)[..2], [0b1101, 0]);
    for text in
        ["", "(", "(1,a,{1},\"(1,a)\"", "(1,a,{1},\"(1,a)\")x", "(x,,,)", "(1,\"a,,)", "(1,a\\", "{1,,,}"]
    {
        assert!(matches!(unfit(WITH_TEXT, text.as_bytes()), Unfit::Malformed(_)), "{text}");
    }
}

#[test]
fn a_range_is_read_from_its_text_where_its_bounds_come_so() {
    // Flags, 0, and the places of the bounds' texts.
    for (text, words, bounds) in [
        ("[=r/a,=w/a)", [0b00010, 0, 0, 4, 4, 8], "=r/a=w/a"),
        (r#"("a ""b""",c\,d]"#, [0b00100, 0, 0, 5, 5, 8], r#"a "b"c,d"#),
        (r#"["",)"#, [0b10010, 0, 0, 0, 0, 0], ""),
        ("(,)", [0b11000, 0, 0, 0, 0, 0], ""),
        ("empty", [0b00001, 0, 0, 0, 0, 0], ""),
    ] {
        let chunk = push(TEXT_RANGE, text.as_bytes()).unwrap();
        assert_eq!((self::words(&chunk.arrays), chunk.text.as_utf8()), (words.to_vec(), bounds), "{text}");
    }
    let several = push(TEXT_RANGES, b"{[a,b),\"(,c]\"}");
    assert!(matches!(several, Err(RowError::Value(_))));
    let chunk = push(TEXT_RANGES, b"{[a,b),(,c]}").unwrap();
    let words = self::words(&chunk.arrays);
    assert_eq!((words[0], words[6], chunk.text.as_utf8()), (0b00010, 0b01100, "abc"));
    assert_eq!(words[12..16], [1, 2, 2, 2]);
    assert_eq!(self::words(&push(TEXT_RANGES, b"{}").unwrap().arrays), [0, 0]);
    for (type_oid, texts) in [
        (TEXT_RANGE, &["", "[", "[a", "[a,b", "[a,b)x", "{a,b}", "[a)", "emptyx", "[a,\"b)", "[a,b\\"][..]),
        (TEXT_RANGES, &["", "{", "{[a,b)", "{[a,b),}", "{[a,b)[c,d)}", "{[a,b)}x", "[a,b)"][..]),
    ] {
        for text in texts {
            assert_eq!(unfit(type_oid, text.as_bytes()), Unfit::Malformed("its text is no range"), "{text}");
        }
    }
}

#[test]
fn a_record_says_of_each_field_how_it_is_read() {
    let (shape, announced) = shape_of(&map(), RECORD);
    let mut chunk = Chunk::default();
    let inner = fields(&[(25, Some(b"x"))]);
    let body =
        fields(&[(23, Some(&[0, 0, 0, 5])), (25, None), (23, Some(&[0, 0, 0, 6])), (RECORD, Some(&inner))]);
    announced.lock().unwrap().clear();
    chunk.push(&shape, &row(&body)).unwrap();
    let words = words(&chunk.arrays);
    assert_eq!(words[..14], [4, 0, 0, 0, 5, 0, -1, 0, 0, 0, 0, 0, 6, 0]);
    // int4, record, text: each once.
    let told = self::words(&announced.lock().unwrap());
    let kind = i32::try_from(kind::FIELD_FORM).unwrap();
    assert_eq!(told.iter().filter(|word| **word == kind).count(), 3);
    announced.lock().unwrap().clear();
    chunk.push(&shape, &row(&body)).unwrap();
    assert!(announced.lock().unwrap().is_empty());
}

#[test]
fn a_field_of_a_type_that_nobody_knows_makes_its_row_wait() {
    let map = map();
    let (shape, _announced) = shape_of(&map, RECORD);
    let mut chunk = Chunk::default();
    let unknown = fields(&[(30_001, Some(b"x")), (30_000, Some(b"y")), (30_001, None), (23, None)]);
    let error = chunk.push(&shape, &row(&unknown)).err();
    assert_eq!(error, Some(RowError::Unknown { column: 0 }));
    assert_eq!((chunk.take_unknown(), chunk.is_empty()), (vec![30_000, 30_001], true));
    map.tell([(30_000, Structure::Enum), (30_001, Structure::Domain { base: 25 })]);
    assert!(chunk.push(&shape, &row(&unknown)).is_ok());
    // What is text to everybody has no binary form to be read from.
    let unreadable = fields(&[(2205, Some(&[0, 0, 4, 0xeb]))]);
    assert!(matches!(
        chunk.push(&shape, &row(&unreadable)),
        Err(RowError::Value(Misfit { unfit: Unfit::Beyond(_), .. }))
    ));
}

#[test]
fn records_within_records_end_somewhere() {
    let mut body = fields(&[]);
    for _ in 0..10_000 {
        body = fields(&[(RECORD, Some(&body))]);
    }
    assert!(matches!(unfit(RECORD, &body), Unfit::Beyond(beyond) if beyond.reason.contains("64 deep")));
}

#[test]
fn an_hstore_is_pairs_of_places_in_the_text() {
    let body = [word(2), framed(Some(b"a")), framed(Some(b"bc")), framed(Some(b"")), framed(None)].concat();
    let chunk = push(HSTORE, &body).unwrap();
    assert_eq!(words(&chunk.arrays), [2, 0, 0, 1, 1, 3, 3, 3, -1, -1]);
    for body in [
        [word(1), framed(None), framed(None)].concat(),
        [word(u32::MAX), framed(Some(b"a"))].concat(),
        [word(1_000_000), framed(Some(b"a"))].concat(),
        [word(1), framed(Some(b"\xff")), framed(None)].concat(),
        [word(0), vec![0]].concat(),
    ] {
        assert!(matches!(unfit(HSTORE, &body), Unfit::Malformed(_)), "{body:?}");
    }
}

#[test]
fn a_vector_is_an_array_of_numbers() {
    let body = [vec![0, 2, 0, 0], 0.1_f32.to_be_bytes().to_vec(), (-2.0_f32).to_be_bytes().to_vec()].concat();
    let chunk = push(VECTOR, &body).unwrap();
    assert_eq!(words(&chunk.arrays)[..4], [1, 2, 0, 2]);
    let numbers = chunk.arrays[16..].as_chunks::<8>().0;
    assert_eq!(numbers.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect::<Vec<_>>(), [0.1, -2.0]);
    for body in [&[][..], &[0, 1, 0, 0], &[0, 2, 0, 0, 0, 0, 0, 0], &[0xff, 0xff, 0, 0], &[0, 0, 0, 0, 1]] {
        assert!(matches!(unfit(VECTOR, body), Unfit::Malformed(_)), "{body:?}");
    }
}

#[test]
fn a_vector_is_read_from_its_text_where_it_comes_so() {
    let chunk = push(VECTOR_BESIDE_TEXT, b"(,\"[0.1,-2]\")").unwrap();
    let words = self::words(&chunk.arrays);
    let place = usize::try_from(words[4]).unwrap();
    assert_eq!(words[place..place + 4], [1, 2, 0, 2]);
    let numbers = chunk.arrays[(place + 4) * 4..].as_chunks::<8>().0;
    assert_eq!(numbers.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect::<Vec<_>>(), [0.1, -2.0]);
    for text in ["(,1)", "(,[1)", "(,\"[1,]\")", "(,[x])"] {
        let expected = Unfit::Malformed("its text is no vector");
        assert_eq!(unfit(VECTOR_BESIDE_TEXT, text.as_bytes()), expected, "{text}");
    }
}

/// George Marsaglia's xorshift, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

#[test]
fn no_bytes_make_a_reader_panic_or_take_more_room_than_they_are() {
    let one = pair(Some(&[0, 0, 0, 1]), Some(b"text"));
    let array = [word(1), word(1), word(PAIR), word(2), word(1), framed(Some(&one)), framed(None)].concat();
    let record = fields(&[(23, Some(&[0, 0, 0, 5])), (PAIR, Some(&one)), (1184, Some(&[0; 8])), (25, None)]);
    let seeds: [(u32, Vec<u8>); 8] = [
        (PAIR, one.clone()),
        (NESTED, fields(&[(PAIRS, Some(&array)), (PAIR, Some(&one))])),
        (
            RECORD,
            fields(&[(RECORD, Some(&record)), (HSTORE, Some(&[word(0)].concat())), (PAIRS, Some(&array))]),
        ),
        (
            HSTORE,
            [word(2), framed(Some(b"a")), framed(Some(b"bc")), framed(Some(b"")), framed(None)].concat(),
        ),
        (WITH_TEXT, br#"(7,"a ""b""","{1,NULL}","(8,""a \\\\ b"")")"#.to_vec()),
        (TEXT_RANGE, br#"["a ""b""",c\,d]"#.to_vec()),
        (TEXT_RANGES, br#"{["a ""b""",c),empty,(,d]}"#.to_vec()),
        (VECTOR, [vec![0, 1, 0, 0], 0.5_f32.to_be_bytes().to_vec()].concat()),
    ];
    let map = map();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for (type_oid, seed) in &seeds {
        let (shape, _announced) = shape_of(&map, *type_oid);
        let mut chunk = Chunk::default();
        assert!(chunk.push(&shape, &row(seed)).is_ok(), "{type_oid}");
        for round in 0..20_000 {
            let mut bytes = seed.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] = u8::try_from(random.below(256)).unwrap();
            }
            if round % 3 == 0 {
                bytes.truncate(random.below(seed.len()));
            }
            chunk.clear();
            let _ = chunk.push(&shape, &row(&bytes));
            assert!(chunk.arrays.len() <= 64 * (bytes.len() + 1), "{type_oid} {bytes:?}");
        }
    }
}
