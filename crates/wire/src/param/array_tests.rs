//! Binary arrays are compared with what PostgreSQL 18's `array_send` gives for the same value.

use super::Format;
use super::submission::*;

const BOOL: u32 = 1000;
const BYTEA: u32 = 1001;
const CHAR: u32 = 1002;
const INT4: u32 = 1007;
const TEXT: u32 = 1009;
const INT8: u32 = 1016;
const BOX: u32 = 1020;
const FLOAT4: u32 = 1021;
const OID: u32 = 1028;
const JSON: u32 = 199;
const TIMESTAMP: u32 = 1115;
const DATE: u32 = 1182;
const TIMESTAMPTZ: u32 = 1185;
const NUMERIC: u32 = 1231;
const VARBIT: u32 = 1563;
const UUID: u32 = 2951;
const PG_LSN: u32 = 3221;
const JSONB: u32 = 3807;
const INT4RANGE: u32 = 3905;
const INT2VECTOR: u32 = 22;
const OIDVECTOR: u32 = 30;

#[test]
fn elements_of_the_types_own_kind_are_sent_in_binary() {
    for (buffer, type_oid, expected) in [
        (
            array(&[int(1), null(), number(-2.0)]),
            INT4,
            "00000001000000010000001700000003000000010000000400000001ffffffff00000004fffffffe",
        ),
        (
            array(&[array(&[int(1), int(2)]), array(&[int(3), int(4)])]),
            INT4,
            "0000000200000000000000170000000200000001000000020000000100000004000000010000000400000002\
             00000004000000030000000400000004",
        ),
        (
            array(&[text("a"), text("NULL"), text(""), text("{\"x\"}")]),
            TEXT,
            "00000001000000000000001900000004000000010000000161000000044e554c4c00000000000000057b2278227d",
        ),
        (
            array(&[int(1), boolean(true), object("{\"a\": [1]}"), null()]),
            JSONB,
            "000000010000000100000eda00000004000000010000000201310000000501747275650000000b017b2261223a205b315d7d\
             ffffffff",
        ),
        (
            array(&[int(1), text("\"x\"")]),
            JSON,
            "0000000100000000000000720000000200000001000000013100000003227822",
        ),
        (
            array(&[date(1_706_695_200_123.0), number(f64::INFINITY)]),
            TIMESTAMPTZ,
            "0000000100000000000004a00000000200000001000000080002b339b5ecc878000000087fffffffffffffff",
        ),
        (
            array(&[bytes(&[0, 255]), bytes(&[])]),
            BYTEA,
            "00000001000000000000001100000002000000010000000200ff00000000",
        ),
        (
            array(&[number(4_294_967_295.0), int(0)]),
            OID,
            "00000001000000000000001a000000020000000100000004ffffffff0000000400000000",
        ),
        (
            array(&[boolean(true), boolean(false), null()]),
            BOOL,
            "000000010000000100000010000000030000000100000001010000000100ffffffff",
        ),
        (array(&[null()]), FLOAT4, "0000000100000001000002bc0000000100000001ffffffff"),
    ] {
        assert_eq!(sent_binary(&buffer, type_oid), expected);
    }
}

#[test]
fn what_is_sent_is_what_is_read() {
    let rows: Vec<_> = (0..3).map(|row| array(&[int(row), null(), int(-row)])).collect();
    let (format, body) = sent(&array(&[array(&rows), array(&rows)]), INT8).unwrap();
    assert_eq!(format, Format::Binary);
    let (header, elements) = crate::value::array(&body).unwrap();
    assert_eq!(header.dimensions(), [2, 3, 3]);
    assert_eq!((header.element_oid, header.has_nulls), (20, true));
    let values: Vec<_> = elements
        .map(|element| element.unwrap().map(|body| i64::from_be_bytes(body.try_into().unwrap())))
        .collect();
    let row = |n: i64| [Some(n), None, Some(-n)];
    assert_eq!(values, [row(0), row(1), row(2), row(0), row(1), row(2)].concat());
}

#[test]
fn arrays_without_elements_have_no_dimensions() {
    for buffer in [array(&[]), array(&[array(&[]), array(&[])]), array(&[array(&[array(&[])])])] {
        assert_eq!(sent_binary(&buffer, INT8), "000000000000000000000014");
        assert_eq!(sent_text(&buffer, NUMERIC), "{}");
    }
}

#[test]
fn a_string_among_other_elements_makes_the_array_a_literal() {
    for (buffer, type_oid, expected) in [
        (array(&[int(1), text("2"), null()]), INT4, "{1,2,NULL}"),
        (array(&[array(&[int(1)]), array(&[text(" 2")])]), INT4, "{{1},{\" 2\"}}"),
        (array(&[boolean(true), text("off")]), BOOL, "{t,off}"),
        (
            array(&[date(1_706_695_200_123.0), text("infinity")]),
            TIMESTAMPTZ,
            "{\"2024-01-31 10:00:00.123+00\",infinity}",
        ),
        (array(&[date(-1.0), text("now")]), TIMESTAMP, "{\"1969-12-31 23:59:59.999\",now}"),
        (array(&[date(-1.0), text("now"), number(f64::NEG_INFINITY)]), DATE, "{1969-12-31,now,-infinity}"),
        (array(&[date(-62_198_755_200_000.0), text("now")]), DATE, "{\"0002-01-01 BC\",now}"),
        (array(&[bytes(&[0xde, 0xad]), text("x")]), BYTEA, "{\"\\\\xdead\",x}"),
        (array(&[bytes(&[0xa5]), text("1")]), VARBIT, "{10100101,1}"),
        (array(&[number(1.5), text("NaN"), number(f64::INFINITY)]), FLOAT4, "{1.5,NaN,Infinity}"),
        (array(&[bigint(1 << 32 | 0xab), text("0/0")]), PG_LSN, "{1/AB,0/0}"),
        (
            array(&[text("6ba7b810-9dad-11d1-80b4-00c04fd430c8")]),
            UUID,
            "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
        ),
    ] {
        assert_eq!(sent_text(&buffer, type_oid), expected);
    }
}

#[test]
fn arrays_of_char_are_binary_unless_a_string_is_no_byte() {
    let elements = [text(""), text("a"), text("\\377"), bytes(&[0x80]), null()];
    assert_eq!(
        sent_binary(&array(&elements), CHAR),
        "00000001000000010000001200000005000000010000000100\
         000000016100000001ff0000000180ffffffff"
    );
    assert_eq!(sent_text(&array(&[text("ab"), text("\\377"), text("")]), CHAR), "{ab,\"\\\\377\",\"\"}");
}

#[test]
fn an_array_within_an_array_of_documents_is_a_document() {
    let row = array_with_json(&[int(1), int(2)], "[1,2]");
    let ragged = array_with_json(&[array(&[int(3)]), null()], "[[3],null]");
    assert_eq!(
        sent_binary(&array(&[row.clone(), ragged, int(4), null()]), JSONB),
        "000000010000000100000eda000000040000000100000006015b312c325d0000000b015b5b335d2c6e756c6c5d000000020134ffffffff"
    );
    assert_eq!(
        reason(&array(&[row, array_without_json(&[bigint(1)], "JSON has no bigint")]), JSON),
        "invalid array element at index 1: JSON has no bigint"
    );
}

#[test]
fn numeric_arrays_are_literals_of_exact_digits() {
    let elements =
        [int(-1), number(0.1), bigint(i64::MAX), digits("99999999999999999999"), text("1.50"), null()];
    assert_eq!(
        sent_text(&array(&elements), NUMERIC),
        "{-1,0.1,9223372036854775807,99999999999999999999,1.50,NULL}"
    );
    assert_eq!(sent_text(&array(&[number(f64::NAN), number(1e21)]), NUMERIC), "{NaN,1e+21}");
}

#[test]
fn literals_are_quoted_where_they_must_be() {
    for (element, expected) in [
        ("plain", "plain"),
        ("", "\"\""),
        ("null", "\"null\""),
        ("NuLL", "\"NuLL\""),
        ("nullable", "nullable"),
        ("a,b", "\"a,b\""),
        ("a;b", "a;b"),
        ("{", "\"{\""),
        ("}", "\"}\""),
        ("a b", "\"a b\""),
        ("\t", "\"\t\""),
        ("\u{b}\u{c}\r\n", "\"\u{b}\u{c}\r\n\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("back\\slash", "\"back\\\\slash\""),
        ("\"\\\"\\", "\"\\\"\\\\\\\"\\\\\""),
        ("[1,5)", "\"[1,5)\""),
        ("\u{a0}é", "\u{a0}é"),
    ] {
        assert_eq!(sent_text(&array(&[text(element)]), INT4RANGE), format!("{{{expected}}}"));
    }
    // box is the one type whose arrays are separated by semicolons.
    let boxes = array(&[text("(1,1),(0,0)"), text("a;b"), null()]);
    assert_eq!(sent_text(&boxes, BOX), "{(1,1),(0,0);\"a;b\";NULL}");
}

#[test]
fn vectors_are_their_elements_between_blanks() {
    assert_eq!(sent_text(&array(&[int(1), int(-2)]), INT2VECTOR), "1 -2");
    assert_eq!(sent_text(&array(&[]), OIDVECTOR), "");
    assert_eq!(sent_text(&text("1 2"), OIDVECTOR), "1 2");
    assert_eq!(reason(&array(&[null()]), OIDVECTOR), "oidvector is one array of numbers without null");
    assert_eq!(
        reason(&array(&[array(&[int(1)])]), INT2VECTOR),
        "int2vector is one array of numbers without null"
    );
    assert_eq!(
        reason(&array(&[int(1), int(-1)]), OIDVECTOR),
        "invalid array element at index 1: value out of uint32 range"
    );
}

#[test]
fn ragged_arrays_are_refused() {
    for buffer in [
        array(&[array(&[int(1)]), array(&[int(1), int(2)])]),
        array(&[array(&[int(1)]), array(&[])]),
        array(&[int(1), array(&[int(2)])]),
        array(&[array(&[int(2)]), int(1)]),
        array(&[array(&[int(2)]), null()]),
        array(&[null(), array(&[int(2)])]),
        array(&[array(&[array(&[int(1)])]), array(&[int(1)])]),
        array(&[array(&[]), array(&[array(&[])])]),
    ] {
        let reason = reason(&buffer, INT4);
        assert!(reason.starts_with("non-homogeneous array: "), "{reason}");
    }
}

#[test]
fn six_dimensions_are_sent_and_seven_are_not() {
    let mut buffer = array(&[int(1)]);
    for _ in 1..6 {
        buffer = array(&[buffer]);
    }
    assert!(sent_binary(&buffer, INT4).starts_with("00000006"));
    buffer = array(&[buffer]);
    assert_eq!(reason(&buffer, INT4), "an array has at most 6 dimensions");
    for _ in 0..2000 {
        buffer = array(&[buffer]);
    }
    assert_eq!(reason(&buffer, INT4), "an array has at most 6 dimensions");
}

#[test]
fn a_refused_element_is_named() {
    for (buffer, type_oid, expected) in [
        (
            array(&[int(1), int(2), int(3), boolean(true)]),
            INT4,
            "invalid array element at index 3: expected number or bigint for int4, got boolean",
        ),
        (
            array(&[array(&[int(1), int(2)]), array(&[int(3), number(0.5)])]),
            INT4,
            "invalid array element at index [1][1]: expected an integer for int4",
        ),
        (
            array(&[text("a"), int(2)]),
            TEXT,
            "invalid array element at index 1: expected string for text, got number",
        ),
        (
            array(&[text("a"), text("b\0")]),
            TEXT,
            "invalid array element at index 1: PostgreSQL's text cannot hold the NUL character",
        ),
        (
            array(&[text("1"), refused("undefined")]),
            INT4,
            "invalid array element at index 1: undefined cannot be sent to PostgreSQL",
        ),
        (
            array(&[bytes(&[1, 2])]),
            CHAR,
            "invalid array element at index 0: expected string or one byte for char, got bytes",
        ),
    ] {
        assert_eq!(reason(&buffer, type_oid), expected);
    }
}

#[test]
fn a_count_that_is_not_true_is_refused() {
    for count in [0_u32, 1, 3, u32::MAX] {
        let mut buffer = array(&[int(1), int(2)]);
        buffer[5..9].copy_from_slice(&count.to_le_bytes());
        assert_eq!(reason(&buffer, INT4), "it reached the driver damaged", "{count}");
    }
    // An element cut off inside the part of the elements.
    let mut buffer = array(&[int(1)]);
    buffer[9] = 5;
    assert_eq!(reason(&buffer, INT4), "it reached the driver damaged");
}
