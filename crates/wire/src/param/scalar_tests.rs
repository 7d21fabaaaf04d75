use bytes::BytesMut;

use super::spelled::Spelling;
use super::submission::*;
use super::{Arg, Format, describe, encode};
use crate::types::SessionTypes;

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const CHAR: u32 = 18;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const JSON: u32 = 114;
const DATE: u32 = 1082;
const TIME: u32 = 1083;
const TIMESTAMP: u32 = 1114;
const TIMESTAMPTZ: u32 = 1184;
const INTERVAL: u32 = 1186;
const VARBIT: u32 = 1562;
const VOID: u32 = 2278;
const UUID: u32 = 2950;
const JSONB: u32 = 3802;
const EXTENSION: u32 = 16_385;

#[test]
fn null_is_null_for_every_type() {
    for type_oid in [BOOL, TEXT, JSONB, 1007, EXTENSION, VOID, 0, u32::MAX] {
        let mut out = BytesMut::new();
        encode(&Arg::Null, type_oid, &SessionTypes::default(), &mut out).unwrap();
        assert_eq!(&out[..], [0xff; 4]);
    }
}

#[test]
fn a_string_is_every_types_own_syntax() {
    for entry in crate::types::all().iter().filter(|entry| entry.oid != VOID) {
        assert_eq!(sent_text(&text("élan 42"), entry.oid), "élan 42", "{}", entry.name);
    }
    assert_eq!(sent_text(&text(""), TEXT), "");
    assert_eq!(sent_text(&text("point"), EXTENSION), "point");
    assert_eq!(reason(&text("a\0b"), TEXT), "PostgreSQL's text cannot hold the NUL character");
    assert_eq!(reason(&text("\0"), 1009), "PostgreSQL's text cannot hold the NUL character");
}

#[test]
fn json_takes_any_value() {
    for type_oid in [JSON, JSONB] {
        for (buffer, expected) in [
            (text("not checked here"), "not checked here"),
            (boolean(true), "true"),
            (boolean(false), "false"),
            (int(1), "1"),
            (number(1.5e-7), "1.5e-7"),
            (number(-0.0), "-0"),
            (json("\"text\""), "\"text\""),
            (object("{\"a\":[1,2]}"), "{\"a\":[1,2]}"),
            (array_with_json(&[int(1), text("a")], "[1,\"a\"]"), "[1,\"a\"]"),
            (date(1_706_695_200_123.0), "\"2024-01-31T10:00:00.123Z\""),
            (date(0.0), "\"1970-01-01T00:00:00.000Z\""),
            (date(-62_198_755_200_000.0), "\"-000001-01-01T00:00:00.000Z\""),
            (date(8.64e15), "\"+275760-09-13T00:00:00.000Z\""),
        ] {
            assert_eq!(sent_text(&buffer, type_oid), expected);
        }
    }
    assert_eq!(reason(&bytes(b"{}"), JSONB), "expected JSON value for jsonb, got bytes");
    assert_eq!(reason(&number(f64::NAN), JSON), "JSON has no NaN and no infinities");
    assert_eq!(reason(&date(f64::NAN), JSON), "the Date is invalid");
    for buffer in [bigint(1), bigint(i64::MIN), digits("99999999999999999999")] {
        let refusal = sent(&buffer, JSONB).unwrap_err();
        assert_eq!(refusal.reason, "JSON has no bigint");
        assert_eq!(refusal.hint(0).as_deref(), Some("write a string or a number"));
    }
    assert_eq!(reason(&array_without_json(&[int(1)], "it has no JSON form"), JSONB), "it has no JSON form");
    assert!(reason(&json("\"a\0\""), JSONB).contains("NUL"));
}

#[test]
fn dates_and_timestamps_take_dates() {
    for (buffer, type_oid, expected) in [
        (date(1_709_164_800_000.0), DATE, "00002279"),
        (date(1_709_251_199_999.0), DATE, "00002279"),
        (date(-1.0), DATE, "ffffd532"),
        (date(-210_866_803_200_000.0), DATE, "ffda97a7"),
        (date(8.64e15), DATE, "05f5b633"),
        (number(f64::NEG_INFINITY), DATE, "80000000"),
        (number(f64::INFINITY), DATE, "7fffffff"),
        (date(1_706_695_200_123.0), TIMESTAMPTZ, "0002b339b5ecc878"),
        (date(-1.0), TIMESTAMP, "fffca2fec4c81c18"),
        (date(946_684_800_000.0), TIMESTAMP, "0000000000000000"),
        (number(f64::INFINITY), TIMESTAMPTZ, "7fffffffffffffff"),
        (number(f64::NEG_INFINITY), TIMESTAMP, "8000000000000000"),
    ] {
        assert_eq!(sent_binary(&buffer, type_oid), expected);
    }
    for type_oid in [DATE, TIMESTAMP, TIMESTAMPTZ] {
        assert_eq!(reason(&date(f64::NAN), type_oid), "the Date is invalid");
        assert!(reason(&date(-8.64e15), type_oid).starts_with("the Date lies before the first "));
        assert!(reason(&int(0), type_oid).starts_with("expected Date or string for "));
        assert!(reason(&number(f64::NAN), type_oid).starts_with("expected Date or string for "));
    }
    assert_eq!(sent_text(&number(f64::INFINITY), INTERVAL), "infinity");
    assert_eq!(sent_text(&number(f64::NEG_INFINITY), INTERVAL), "-infinity");
    assert_eq!(reason(&date(0.0), TIME), "expected Temporal.PlainTime or string for time, got Date");
    assert_eq!(reason(&number(1.0), INTERVAL), "expected Interval or string for interval, got number");
}

#[test]
fn every_date_read_back_is_the_one_sent() {
    for ms in [0.0, -1.0, 1_706_695_200_123.0, -210_866_803_200_000.0, 8.64e15] {
        let (_, body) = sent(&date(ms), TIMESTAMPTZ).unwrap();
        assert_eq!(crate::value::timestamp_ms(&body), Ok(Some(ms)));
    }
}

#[test]
fn bytes_and_bits() {
    assert_eq!(sent_binary(&bytes(&[0, 255]), BYTEA), "00ff");
    assert_eq!(sent_binary(&bytes(&[]), BYTEA), "");
    assert_eq!(sent_binary(&bytes(&[0xa5, 0xff]), VARBIT), "00000010a5ff");
    assert_eq!(sent_binary(&bytes(&[0xe9]), CHAR), "e9");
    assert_eq!(reason(&bytes(&[1, 2]), CHAR), "expected string or one byte for char, got bytes");
    assert_eq!(reason(&int(1), BYTEA), "expected bytes for bytea, got number");
}

#[test]
fn values_in_their_own_text_are_taken_by_their_types_and_by_those_that_are_not_built_in() {
    let range = spelled(Spelling::Range, "[1,5)", "{\"lower\":1}");
    for type_oid in [3904, 3912, 3926, EXTENSION] {
        assert_eq!(sent_text(&range, type_oid), "[1,5)");
    }
    assert_eq!(sent_text(&range, JSONB), "{\"lower\":1}");
    assert_eq!(reason(&range, INT4), "expected number or bigint for int4, got Range");
    assert_eq!(reason(&range, UUID), "expected string for uuid, got Range");
    assert_eq!(reason(&int(1), 3904), "expected Range, array or string for int4range, got number");
    let interval = spelled(Spelling::Interval, "P1D", "{}");
    assert_eq!(sent_text(&interval, INTERVAL), "P1D");
    assert_eq!(reason(&interval, TIME), "expected Temporal.PlainTime or string for time, got Interval");
    let bits = spelled(Spelling::BitString, "0101", "{}");
    assert_eq!(sent_text(&bits, VARBIT), "0101");
    assert_eq!(reason(&bits, BYTEA), "expected bytes for bytea, got BitString");
    let point = spelled(Spelling::Point, "(1,2)", "{\"x\":1,\"y\":2}");
    assert_eq!(sent_text(&point, 600), "(1,2)");
    assert_eq!(reason(&point, 603), "expected box, array or string for box, got object");
    assert_eq!(describe(&only(&point)), "an object");
    assert_eq!(describe(&only(&interval)), "an Interval");
    assert_eq!(
        sent_text(&spelled(Spelling::Instant, "2024-01-31 10:00:00+00", ""), TIMESTAMPTZ),
        "2024-01-31 10:00:00+00"
    );
    assert!(reason(&spelled(Spelling::Range, "[\0", ""), 3904).contains("NUL"));
}

#[test]
fn lists_are_values_of_some_types() {
    let range = |text: &str| spelled(Spelling::Range, text, "{}");
    assert_eq!(sent_text(&array(&[int(1), number(-0.0)]), 600), "(1,-0)");
    assert_eq!(sent_text(&array(&[number(4_294_967_295.0), int(65_535)]), 27), "(4294967295,65535)");
    assert_eq!(sent_text(&array(&[range("[1,2)"), text("(5,6]")]), 4451), "{[1,2),(5,6]}");
    assert_eq!(sent_binary(&array(&[]), 4451), "00000000");
    // Within an array the innermost lists are values, where they have what a value has.
    assert_eq!(
        sent_text(&array(&[array(&[int(1), int(2)]), text("(3,4)"), null()]), 1017),
        "{\"(1,2)\",\"(3,4)\",NULL}"
    );
    assert_eq!(sent_text(&array(&[array(&[range("[1,2)")]), array(&[])]), 6150), "{\"{[1,2)}\",\"{}\"}");
    let point = spelled(Spelling::Point, "(5,6)", "{}");
    assert_eq!(
        sent_text(&array(&[array(&[array(&[int(1), int(2)])]), array(std::slice::from_ref(&point))]), 1017),
        "{{\"(1,2)\"},{\"(5,6)\"}}"
    );
    assert_eq!(sent_text(&array(&[array(&[point.clone(), null()])]), 1017), "{{\"(5,6)\",NULL}}");
    assert_eq!(
        sent_text(&array(&[array(&[array(&[range("[1,2)")]), array(&[range("[3,4)")])])]), 6150),
        "{{\"{[1,2)}\",\"{[3,4)}\"}}"
    );
    for (list, type_oid) in [
        (array(&[int(1)]), 600),
        (array(&[int(1), int(2), int(3)]), 600),
        (array(&[int(1), text("2")]), 600),
        (array(&[int(-1), int(0)]), 27),
        (array(&[int(0), int(65_536)]), 27),
        (array(&[number(0.5), int(0)]), 27),
    ] {
        assert!(reason(&list, type_oid).contains("must be two numbers"));
    }
    assert_eq!(
        reason(&array(&[range("[1,2)"), int(1)]), 4451),
        "invalid element at index 1: expected Range, array or string for int4multirange, got number"
    );
    assert_eq!(reason(&int(1), 4451), "expected array of Range or string for int4multirange, got number");
}

#[test]
fn lists_of_bounds_are_ranges_and_lists_of_numbers_figures() {
    let span = || array(&[int(1), int(5)]);
    let nulls = || array(&[null(), null()]);
    for (value, type_oid, expected) in [
        (span(), 3904, "[1,5]"),
        (array(&[null(), text("5")]), 3904, "(,5]"),
        (array(&[text("")]), 3904, "[\"\",)"),
        (nulls(), 3904, "(,)"),
        (array(&[]), 3904, "empty"),
        (array(&[span(), array(&[int(7)])]), 4451, "{[1,5],[7,)}"),
        (array(&[span(), null(), nulls(), array(&[])]), 3905, "{\"[1,5]\",NULL,\"(,)\",empty}"),
        (array(&[array(&[text("[1,2)"), null()]), nulls()]), 3905, "{{\"[1,2)\",NULL},{NULL,NULL}}"),
        (array(&[array(&[span()]), array(&[span()])]), 6150, "{\"{[1,5]}\",\"{[1,5]}\"}"),
        (array(&[int(1), int(2), number(0.5)]), 628, "{1,2,0.5}"),
        (array(&[int(1), int(2), int(3), int(4)]), 603, "(1,2,3,4)"),
        (array(&[span(), span()]), 601, "[(1,5),(1,5)]"),
        (array(&[span(), int(3)]), 718, "<(1,5),3>"),
        (array(&[span()]), 604, "((1,5))"),
    ] {
        assert_eq!(sent_text(&value, type_oid), expected);
    }
    for (value, type_oid) in
        [(nulls(), 603), (array(&[span(), int(1)]), 601), (span(), 604), (array(&[]), 604)]
    {
        assert!(reason(&value, type_oid).starts_with("a list for "), "{}", reason(&value, type_oid));
    }
    assert_eq!(
        reason(&array(&[int(1), boolean(true)]), 3904).split(':').next(),
        Some("upper bound of int4range")
    );
}

#[test]
fn a_char_is_the_byte_that_its_string_names() {
    for (buffer, expected) in [
        (text(""), "00"),
        (text("x"), "78"),
        (text("\\"), "5c"),
        (text("\\377"), "ff"),
        (bytes(&[0x80]), "80"),
    ] {
        assert_eq!(sent_binary(&buffer, CHAR), expected);
    }
    assert_eq!(sent_text(&text("two"), CHAR), "two");
}

#[test]
fn void_takes_anything_and_sends_nothing() {
    for buffer in [int(1), text("x"), object("{}"), array(&[int(1)])] {
        assert_eq!(sent(&buffer, VOID), Ok((Format::Text, Vec::new())));
    }
}
