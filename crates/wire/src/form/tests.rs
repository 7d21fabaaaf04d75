use std::sync::Arc;

use super::*;
use crate::{
    codec::FromText,
    type_options::TypeOptions,
    types::{Codecs, TypeMap},
};

fn of(type_oid: u32) -> Form {
    Form::of(type_oid, &SessionTypes::default())
}

fn told(types: impl IntoIterator<Item = (u32, Structure)>) -> SessionTypes {
    let map = TypeMap::default();
    map.tell(types);
    SessionTypes::new(Arc::new(map), TypeOptions::default())
}

fn composite(attributes: &[(&str, u32)]) -> Structure {
    let attribute =
        |(name, type_oid): &(&str, u32)| Attribute { name: (*name).to_owned(), type_oid: *type_oid };
    Structure::Composite { attributes: attributes.iter().map(attribute).collect() }
}

#[test]
fn a_type_is_read_as_what_it_is_made_of() {
    // tstzrange[], which is made of ranges of timestamptz.
    let array = of(3911);
    assert_eq!((array.codec, array.wire), (Codec::Array, Wire::Array));
    let range = &array.parts[0];
    assert_eq!((range.type_oid, range.form.codec), (3910, Codec::Range));
    let bound = &range.form.parts[0];
    assert_eq!((bound.type_oid, bound.form.codec), (1184, Codec::Date));
}

#[test]
fn what_comes_as_text_does_so_in_arrays_too() {
    // regclass, tsvector, money, and what nobody knows.
    for type_oid in [2205, 3614, 790, 99_999] {
        assert_eq!(of(type_oid), Form::as_text(), "{type_oid}");
    }
    let array = of(2210);
    assert_eq!((array.codec, array.wire, array.is_binary), (Codec::Array, Wire::TextArray(b','), false));
    assert_eq!((array.parts[0].type_oid, &array.parts[0].form), (2205, &Form::as_text()));
}

#[test]
fn what_a_map_was_told_is_read_through() {
    let types = told([
        (20_000, Structure::Enum),
        (20_001, Structure::Array { element: 20_000, delimiter: b',' }),
        (20_002, Structure::Domain { base: 1007 }),
        (20_003, Structure::Domain { base: 20_002 }),
        (20_004, Structure::Range { subtype: 701 }),
        (20_005, Structure::Scalar { send: "regclasssend".into() }),
        (20_006, Structure::Array { element: 20_005, delimiter: b';' }),
    ]);
    let of = |oid| Form::of(oid, &types);
    assert_eq!(of(20_000), Form::scalar((Codec::Text, Wire::Text)));
    assert_eq!(of(20_001).parts[0].form, of(20_000));
    assert_eq!(of(20_003), of(1007));
    assert_eq!(of(20_004).parts[0].form.wire, Wire::Float8);
    assert_eq!(of(20_006).wire, Wire::TextArray(b';'));
}

#[test]
fn a_composite_is_read_by_its_attributes() {
    let types = told([(20_000, composite(&[("a", 23), ("", 1007)])), (20_001, composite(&[]))]);
    let form = Form::of(20_000, &types);
    assert_eq!((form.codec, form.wire, form.is_binary), (Codec::Composite, Wire::Composite(20_000), true));
    let parts: Vec<_> = form.parts.iter().map(|part| (&*part.name, part.type_oid, part.form.wire)).collect();
    assert_eq!(parts, [("a", 23, Wire::Int4), ("", 1007, Wire::Array)]);
    assert_eq!(Form::of(20_001, &types).parts.len(), 0);
}

#[test]
fn a_composite_with_what_has_no_binary_form_comes_as_text_and_so_do_those_with_it() {
    let types = told([
        // aclitem[], int4[], timestamptz, jsonb, and a range.
        (20_000, composite(&[("a", 1034), ("b", 1007), ("c", 1184), ("d", 3802), ("e", 3904)])),
        (20_001, Structure::Array { element: 20_000, delimiter: b',' }),
        (20_002, composite(&[("all", 20_001)])),
    ]);
    let form = Form::of(20_002, &types);
    assert_eq!((form.wire, form.is_binary), (Wire::TextComposite(20_002), false));
    let array = &form.parts[0].form;
    assert_eq!((array.wire, array.is_binary), (Wire::TextArray(b','), false));
    let wires: Vec<_> = array.parts[0].form.parts.iter().map(|part| part.form.wire).collect();
    let list = Wire::TextArray(b',');
    assert_eq!(wires, [list, list, Wire::FromText(FromText::Timestamptz), Wire::Text, Wire::TextRange]);
    let codecs: Vec<_> = array.parts[0].form.parts.iter().map(|part| part.form.codec).collect();
    assert_eq!(codecs, [Codec::Array, Codec::Array, Codec::Date, Codec::Json, Codec::Range]);
}

const UUID: u32 = 2950;
const BYTEA: u32 = 17;
const TEXT: u32 = 25;
const NUMERIC: u32 = 1700;

/// The types with codecs of the program's for uuid, bytea and text in binary, and for numeric in text.
fn with_codecs(types: &SessionTypes) -> SessionTypes {
    let codec = |number, exchange| Custom { number, exchange };
    types.with_codecs(&Arc::new(Codecs::new(
        1,
        [
            (UUID, codec(7, Exchange::Binary)),
            (BYTEA, codec(8, Exchange::Binary)),
            (TEXT, codec(9, Exchange::Binary)),
            (NUMERIC, codec(10, Exchange::Text)),
        ],
    )))
}

#[test]
fn a_codec_that_reads_bytes_gets_them_from_text_where_the_text_tells_them() {
    let types = told([
        (20_000, composite(&[("acl", 1033), ("id", UUID), ("b", BYTEA), ("t", TEXT)])),
        (20_001, composite(&[("id", UUID), ("n", NUMERIC)])),
    ]);
    let types = with_codecs(&types);
    let read = |form: &Form| -> Vec<_> {
        form.parts.iter().map(|part| (part.form.codec, part.form.wire, part.form.number)).collect()
    };
    let form = Form::of(20_000, &types);
    assert!(!form.is_binary);
    assert_eq!(
        read(&form),
        [
            (Codec::WireText, Wire::Text, 0),
            (Codec::CustomInText, Wire::Text, 7),
            (Codec::Custom, Wire::Spelled(Spelling::Bytes), 8),
            (Codec::Custom, Wire::Bytes, 9),
        ]
    );
    let form = Form::of(20_001, &types);
    let expected = [(Codec::CustomInText, Wire::Text, 7), (Codec::Custom, Wire::Text, 10)];
    assert_eq!(read(&form), expected);
    // What the server sends as text though it was asked for binary.
    for (type_oid, codec) in [(UUID, Codec::CustomInText), (TEXT, Codec::Custom), (2951, Codec::Array)] {
        assert_eq!(Form::of_text(type_oid, &types).map(|form| form.codec), Some(codec), "{type_oid}");
    }
    assert_eq!(Form::of_text(2951, &SessionTypes::default()), None);
}

#[test]
fn a_range_whose_bounds_come_as_text_does_so_too() {
    let types = told([
        (20_000, Structure::Range { subtype: NUMERIC }),
        (20_001, Structure::Multirange { range: 20_000 }),
        (20_002, Structure::Range { subtype: UUID }),
    ]);
    let types = with_codecs(&types);
    let form = Form::of(20_001, &types);
    assert_eq!((form.codec, form.wire, form.is_binary), (Codec::Array, Wire::TextMultirange, false));
    let range = &form.parts[0].form;
    assert_eq!((range.codec, range.wire), (Codec::Range, Wire::TextRange));
    assert_eq!((range.parts[0].form.codec, range.parts[0].form.wire), (Codec::Custom, Wire::Text));
    let binary = Form::of(20_002, &types);
    assert_eq!((binary.wire, binary.parts[0].form.wire), (Wire::Range, Wire::Bytes));
}

#[test]
fn types_that_are_made_of_themselves_end_somewhere() {
    let types = told([
        (20_000, Structure::Array { element: 20_001, delimiter: b',' }),
        (20_001, Structure::Domain { base: 20_000 }),
        (20_002, Structure::Domain { base: 20_002 }),
        (20_003, composite(&[("one", 20_003), ("two", 20_003)])),
    ]);
    for oid in [20_000, 20_001, 20_002, 20_003] {
        assert!(!Form::of(oid, &types).is_binary);
    }
}

#[test]
fn types_that_use_each_other_many_times_do_not_grow_without_end() {
    let mut tower = vec![(20_000, composite(&[("n", 23)]))];
    for oid in 20_001..20_030 {
        tower.push((oid, composite(&[("a", oid - 1), ("b", oid - 1), ("c", oid - 1)])));
    }
    let types = told(tower);
    assert!(Form::of(20_005, &types).is_binary);
    assert!(!Form::of(20_029, &types).is_binary);
}
