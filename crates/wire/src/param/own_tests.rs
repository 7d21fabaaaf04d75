//! Types that a database has of its own.

use bytes::BytesMut;

use super::submission::*;
use super::{Format, encode};
use crate::types::{Attribute, SessionTypes, Structure, TypeMap};

const MOOD: u32 = 16_385;
const POSITIVE: u32 = 16_386;
const TAGS: u32 = 16_387;
const ADDRESS: u32 = 16_388;
const ADDRESSES: u32 = 16_389;
const PERSON: u32 = 16_390;
const HSTORE: u32 = 16_391;
const VECTOR: u32 = 16_392;
const VECTORS: u32 = 16_393;
const HALF: u32 = 16_394;
const MOODS: u32 = 16_395;
const EMPTY: u32 = 16_396;
const SPAN: u32 = 16_397;
const NODE: u32 = 16_398;
const NODES: u32 = 16_399;

fn known() -> SessionTypes {
    let composite = |attributes: &[(&str, u32)]| Structure::Composite {
        attributes: attributes
            .iter()
            .map(|(name, type_oid)| Attribute { name: (*name).to_owned(), type_oid: *type_oid })
            .collect(),
    };
    let array = |element| Structure::Array { element, delimiter: b',' };
    let scalar = |send: &'static str| Structure::Scalar { send: send.into() };
    let map = TypeMap::default();
    map.tell([
        (MOOD, Structure::Enum),
        (MOODS, array(MOOD)),
        (POSITIVE, Structure::Domain { base: 23 }),
        (TAGS, Structure::Domain { base: 1009 }),
        (ADDRESS, composite(&[("street", 25), ("no", POSITIVE), ("tags", TAGS)])),
        (ADDRESSES, array(ADDRESS)),
        (PERSON, composite(&[("name", 25), ("home", ADDRESS), ("mood", MOOD), ("doc", 3802)])),
        (HSTORE, scalar("hstore.hstore")),
        (VECTOR, scalar("vector.vector")),
        (VECTORS, array(VECTOR)),
        (HALF, scalar("vector.halfvec")),
        (EMPTY, composite(&[])),
        (SPAN, Structure::Range { subtype: 701 }),
        (NODE, composite(&[("value", 23), ("children", NODES)])),
        (NODES, array(NODE)),
    ]);
    SessionTypes::new(std::sync::Arc::new(map), crate::type_options::TypeOptions::default())
}

fn sent(buffer: &[u8], type_oid: u32) -> Result<(Format, Vec<u8>), String> {
    let mut out = BytesMut::from(&b"before"[..]);
    match encode(&only(buffer), type_oid, &known(), &mut out) {
        Ok(format) => {
            let (length, body) = out.strip_prefix(b"before").unwrap().split_first_chunk::<4>().unwrap();
            assert_eq!(usize::try_from(i32::from_be_bytes(*length)), Ok(body.len()));
            Ok((format, body.to_vec()))
        }
        Err(refusal) => {
            assert_eq!(&out[..], b"before", "a refused argument left something behind");
            Err(refusal.reason)
        }
    }
}

fn as_text(buffer: &[u8], type_oid: u32) -> String {
    let (format, body) = sent(buffer, type_oid).unwrap();
    assert_eq!(format, Format::Text);
    String::from_utf8(body).unwrap()
}

fn binary(buffer: &[u8], type_oid: u32) -> Vec<u8> {
    let (format, body) = sent(buffer, type_oid).unwrap();
    assert_eq!(format, Format::Binary);
    body
}

fn reason(buffer: &[u8], type_oid: u32) -> String {
    sent(buffer, type_oid).unwrap_err()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

#[test]
fn a_domain_takes_what_its_base_takes() {
    assert_eq!(binary(&int(7), POSITIVE), words(&[7]));
    assert_eq!(as_text(&text("7"), POSITIVE), "7");
    assert_eq!(reason(&boolean(true), POSITIVE), "expected number or bigint for int4, got boolean");
    assert_eq!(binary(&array(&[text("a")]), TAGS), [words(&[1, 0, 25, 1, 1, 1]), b"a".to_vec()].concat());
}

#[test]
fn an_enum_takes_its_labels() {
    assert_eq!(as_text(&text("so"), MOOD), "so");
    assert_eq!(
        binary(&array(&[text("so"), null()]), MOODS),
        [words(&[1, 1, MOOD, 2, 1, 2]), b"so".to_vec(), words(&[u32::MAX])].concat()
    );
    assert!(reason(&int(1), MOOD).starts_with("expected string for "));
}

#[test]
fn a_composite_takes_objects_by_name_and_lists_by_position() {
    let tags = [words(&[1, 0, 25, 1, 1, 1]), b"t".to_vec()].concat();
    let expected = [
        words(&[3, 25, 4]),
        b"High".to_vec(),
        words(&[POSITIVE, 4, 7, TAGS, u32::try_from(tags.len()).unwrap()]),
        tags,
    ]
    .concat();
    let tags = array(&[text("t")]);
    let by_name = fields(&[("tags", tags.clone()), ("no", int(7)), ("street", text("High"))]);
    assert_eq!(binary(&by_name, ADDRESS), expected);
    assert_eq!(binary(&row(&[text("High"), int(7), tags.clone()]), ADDRESS), expected);
    assert_eq!(binary(&array(&[text("High"), int(7), tags]), ADDRESS), expected);
    assert_eq!(binary(&fields(&[]), EMPTY), words(&[0]));
}

#[test]
fn what_an_object_does_not_name_is_null() {
    let expected = words(&[3, 25, u32::MAX, POSITIVE, 4, 1, TAGS, u32::MAX]);
    assert_eq!(binary(&fields(&[("no", int(1))]), ADDRESS), expected);
    assert_eq!(as_text(&fields(&[("no", text("1"))]), ADDRESS), "(,1,)");
}

#[test]
fn a_string_in_it_makes_all_of_it_text() {
    let home = fields(&[("street", text("a, \"b\" \\")), ("no", text("7"))]);
    let person = fields(&[("name", text("")), ("home", home), ("doc", object("{\"a\":1}"))]);
    let expected = r#"("","(""a, """"b"""" \\\\"",7,)",,"{""a"":1}")"#;
    assert_eq!(as_text(&person, PERSON), expected);
}

#[test]
fn arrays_of_composites_hold_objects_rows_and_null() {
    let elements = [fields(&[("no", int(1))]), row(&[null(), int(2), null()]), null()];
    let element = |no| {
        let value = words(&[3, 25, u32::MAX, POSITIVE, 4, no, TAGS, u32::MAX]);
        [words(&[u32::try_from(value.len()).unwrap()]), value].concat()
    };
    let expected = [words(&[1, 1, ADDRESS, 3, 1]), element(1), element(2), words(&[u32::MAX])].concat();
    assert_eq!(binary(&array(&elements), ADDRESSES), expected);
    let mixed = array(&[fields(&[("no", int(1))]), fields(&[("no", text("2"))])]);
    assert_eq!(as_text(&mixed, ADDRESSES), r#"{"(,1,)","(,2,)"}"#);
    let deep = array(&[array(&[fields(&[("no", text("1"))])])]);
    assert_eq!(as_text(&deep, ADDRESSES), r#"{{"(,1,)"}}"#);
}

#[test]
fn what_does_not_fit_is_told_by_its_place() {
    for (buffer, type_oid, expected) in [
        (fields(&[("nr", int(1))]), ADDRESS, "member #0 is no attribute of "),
        (row(&[int(1)]), ADDRESS, "a list for "),
        (int(1), ADDRESS, "expected object, array or string for "),
        (fields(&[("no", boolean(true))]), ADDRESS, r#"attribute "no" of "#),
        (fields(&[("no", refused("undefined"))]), ADDRESS, r#"attribute "no" of "#),
        (
            array(&[null(), fields(&[("no", number(0.5))])]),
            ADDRESSES,
            r#"invalid array element at index 1: attribute "no" of "#,
        ),
        (fields(&[("a", int(1))]), EMPTY, "member #0 is no attribute of "),
    ] {
        let reason = reason(&buffer, type_oid);
        assert!(reason.starts_with(expected), "{reason}");
    }
    assert!(reason(&fields(&[("nr", int(1))]), ADDRESS).ends_with(r#"which has "street", "no", "tags""#));
    assert!(reason(&row(&[int(1)]), ADDRESS).ends_with("must have 3 values, this one has 1"));
}

#[test]
fn values_that_nest_without_end_are_refused() {
    let mut value = fields(&[("value", int(1))]);
    for _ in 0..40 {
        value = fields(&[("children", array(&[value]))]);
    }
    assert!(reason(&value, NODE).ends_with("values are nested more than 64 deep"));
}

#[test]
fn hstore_takes_objects_and_pairs() {
    let expected = [
        words(&[2, 1]),
        b"a".to_vec(),
        words(&[1]),
        b"1".to_vec(),
        words(&[1]),
        b"b".to_vec(),
        words(&[u32::MAX]),
    ]
    .concat();
    assert_eq!(binary(&fields(&[("a", text("1")), ("b", null())]), HSTORE), expected);
    let pairs = [array(&[text("a"), text("1")]), row(&[text("b"), null()])];
    assert_eq!(binary(&array(&pairs), HSTORE), expected);
    assert_eq!(as_text(&text("a=>1"), HSTORE), "a=>1");
    for (buffer, expected) in [
        (fields(&[("a", int(1))]), "value 0 of hstore must be a string or null, got number"),
        (array(&[int(1)]), "element 0 of a list for hstore must be a pair of a key and a value"),
        (array(&[array(&[null(), null()])]), "key 0 of hstore is no string"),
        (fields(&[("a\0", null())]), "PostgreSQL's text cannot hold the NUL character"),
    ] {
        assert_eq!(reason(&buffer, HSTORE), expected);
    }
}

#[test]
fn vectors_take_lists_of_numbers() {
    let numbers = array(&[int(1), number(-0.5)]);
    let expected = [&[0, 2, 0, 0][..], &1_f32.to_be_bytes(), &(-0.5_f32).to_be_bytes()].concat();
    assert_eq!(binary(&numbers, VECTOR), expected);
    assert_eq!(as_text(&numbers, HALF), "[1,-0.5]");
    let size = u32::try_from(expected.len()).unwrap();
    let several = array(&[numbers.clone(), row(&[int(1), number(-0.5)])]);
    assert_eq!(
        binary(&several, VECTORS),
        [words(&[1, 0, VECTOR, 2, 1, size]), expected.clone(), words(&[size]), expected].concat()
    );
    assert_eq!(reason(&array(&[number(f64::NAN)]), VECTOR), "number 0 of a vector is not finite");
    assert_eq!(reason(&array(&[text("1")]), VECTOR), "element 0 of a vector must be a number, got string");
}

#[test]
fn what_a_codec_made_is_sent_as_it_is() {
    assert_eq!(binary(&wire(&[1, 2]), 23), [1, 2]);
    assert_eq!(binary(&array(&[wire(&[0, 0, 0, 9])]), 1007), words(&[1, 0, 23, 1, 1, 4, 9]));
    assert_eq!(binary(&fields(&[("no", wire(&[0, 0, 0, 9]))]), ADDRESS)[16..24], words(&[4, 9]));
    let beside = array(&[wire(&[0, 0, 0, 9]), text("1")]);
    assert!(reason(&beside, 1007).contains("a codec gave its binary form"));
}

#[test]
fn a_multirange_of_what_a_codec_made_is_its_ranges() {
    const TSTZMULTIRANGE: u32 = 4534;
    const ITS_ARRAY: u32 = 6153;
    let empty = || wire(&[1]);
    let whole = [words(&[2, 1]), vec![1], words(&[1]), vec![1]].concat();
    assert_eq!(binary(&array(&[empty(), empty()]), TSTZMULTIRANGE), whole);
    assert_eq!(binary(&array(&[]), TSTZMULTIRANGE), words(&[0]));
    let size = u32::try_from(whole.len()).unwrap();
    assert_eq!(
        binary(&array(&[array(&[empty(), empty()])]), ITS_ARRAY),
        [words(&[1, 0, 4534, 1, 1, size]), whole].concat()
    );
    for (ranges, type_oid) in [
        (array(&[empty(), text("[1,2)")]), TSTZMULTIRANGE),
        (array(&[array(&[empty()]), array(&[text("[1,2)")])]), ITS_ARRAY),
        (array(&[array(&[empty(), null()])]), ITS_ARRAY),
    ] {
        assert!(reason(&ranges, type_oid).contains("a codec gave its binary form"), "{type_oid}");
    }
}

#[test]
fn an_array_within_an_array_of_documents_is_one_unless_it_has_no_json_form() {
    const JSONB_ARRAY: u32 = 3807;
    let inner = |elements: &[Vec<u8>]| array(elements);
    let matrix = array(&[inner(&[text("1"), null()]), inner(&[text("[2]"), text("3")])]);
    let body = binary(&matrix, JSONB_ARRAY);
    assert_eq!(body[..28], words(&[2, 1, 3802, 2, 1, 2, 1]));
    assert_eq!(body[28..34], [0, 0, 0, 2, 1, b'1']);
    let documents = array(&[array_with_json(&[int(1)], "[1]"), array_with_json(&[], "[]")]);
    assert_eq!(binary(&documents, JSONB_ARRAY)[..20], words(&[1, 0, 3802, 2, 1]));
}

#[test]
fn ranges_of_ones_own_are_taken_by_them_and_not_by_others() {
    use super::spelled::Spelling;
    assert_eq!(as_text(&spelled(Spelling::Range, "[1,2)", "{}"), SPAN), "[1,2)");
    assert!(
        reason(&spelled(Spelling::Interval, "P1D", "{}"), SPAN)
            .starts_with("expected Range, array or string")
    );
    assert!(reason(&spelled(Spelling::Range, "[1,2)", "{}"), MOOD).starts_with("expected string"));
    // Whatever it is: its input function decides.
    assert_eq!(as_text(&spelled(Spelling::Range, "[1,2)", "{}"), 99_999), "[1,2)");
}
