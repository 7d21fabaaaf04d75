use bytes::BytesMut;

use super::spelled::Spelling;
use super::submission::*;
use super::{Arg, Damaged, Format, Reader, describe, encode};
use crate::types::SessionTypes;

const BOOL: u32 = 16;
const BYTEA: u32 = 17;
const CHAR: u32 = 18;
const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const OID: u32 = 26;
const JSON: u32 = 114;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;
const DATE: u32 = 1082;
const TIME: u32 = 1083;
const TIMESTAMP: u32 = 1114;
const TIMESTAMPTZ: u32 = 1184;
const INTERVAL: u32 = 1186;
const VARBIT: u32 = 1562;
const NUMERIC: u32 = 1700;
const REGCLASS: u32 = 2205;
const VOID: u32 = 2278;
const UUID: u32 = 2950;
const PG_LSN: u32 = 3220;
const JSONB: u32 = 3802;
const XID8: u32 = 5069;
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
fn integers_within_their_range() {
    for (buffer, type_oid, expected) in [
        (int(-32_768), INT2, "8000"),
        (number(32_767.0), INT2, "7fff"),
        (bigint(7), INT2, "0007"),
        (int(i32::MIN), INT4, "80000000"),
        (number(-0.0), INT4, "00000000"),
        (number(2_147_483_647.0), INT4, "7fffffff"),
        (bigint(i64::MIN), INT8, "8000000000000000"),
        (bigint(i64::MAX), INT8, "7fffffffffffffff"),
        (number(-9_007_199_254_740_991.0), INT8, "ffe0000000000001"),
        (number(9_007_199_254_740_991.0), INT8, "001fffffffffffff"),
        (int(0), OID, "00000000"),
        (number(4_294_967_295.0), OID, "ffffffff"),
        (bigint(1259), OID, "000004eb"),
        (int(1), XID8, "0000000000000001"),
        (digits("18446744073709551615"), XID8, "ffffffffffffffff"),
        (bigint(0x16_b374_d848), PG_LSN, "00000016b374d848"),
    ] {
        assert_eq!(sent_binary(&buffer, type_oid), expected);
    }
}

#[test]
fn integers_outside_their_range_are_refused() {
    for (buffer, type_oid, width) in [
        (int(32_768), INT2, "int16"),
        (int(-32_769), INT2, "int16"),
        (number(2_147_483_648.0), INT4, "int32"),
        (bigint(-2_147_483_649), INT4, "int32"),
        (digits("9223372036854775808"), INT8, "int64"),
        (digits(&"9".repeat(1000)), INT8, "int64"),
        (int(-1), OID, "uint32"),
        (number(4_294_967_296.0), OID, "uint32"),
        (int(-1), XID8, "uint64"),
        (digits("18446744073709551616"), XID8, "uint64"),
        (digits("-9223372036854775809"), PG_LSN, "uint64"),
    ] {
        assert_eq!(reason(&buffer, type_oid), format!("value out of {width} range"));
    }
    for type_oid in [INT8, XID8, PG_LSN] {
        for value in [9_007_199_254_740_992.0, -9_007_199_254_740_992.0, 1e300] {
            let refusal = sent(&number(value), type_oid).unwrap_err();
            assert!(refusal.reason.contains("must be a safe integer"), "{}", refusal.reason);
            assert_eq!(refusal.hint(0).as_deref(), Some("pass a bigint, or a string"));
        }
    }
    for value in [0.5, -1e-300, f64::NAN, f64::INFINITY] {
        assert_eq!(reason(&number(value), INT4), "expected an integer for int4");
    }
}

#[test]
fn floating_point() {
    assert_eq!(sent_binary(&number(1.1), FLOAT4), "3f8ccccd");
    assert_eq!(sent_binary(&number(-0.1), FLOAT8), "bfb999999999999a");
    assert_eq!(sent_binary(&int(-1), FLOAT8), "bff0000000000000");
    assert_eq!(sent_binary(&number(f64::INFINITY), FLOAT4), "7f800000");
    assert_eq!(sent_binary(&number(f64::NAN), FLOAT8), "7ff8000000000000");
    assert_eq!(sent_binary(&number(1e-60), FLOAT4), "00000000");
    assert_eq!(sent_binary(&bigint(-9_007_199_254_740_991), FLOAT8), "c33fffffffffffff");
    assert_eq!(reason(&number(3.5e38), FLOAT4), "value out of float32 range");
    for (buffer, type_oid, name) in [
        (bigint(9_007_199_254_740_992), FLOAT8, "float8"),
        (bigint(i64::MIN), FLOAT4, "float4"),
        (digits("9223372036854775808"), FLOAT8, "float8"),
    ] {
        assert!(
            reason(&buffer, type_oid).starts_with(&format!("a bigint for {name} must be a safe integer"))
        );
    }
}

#[test]
fn numeric_takes_numbers_exactly_as_javascript_shows_them() {
    for (buffer, expected) in [
        (int(-42), "-42"),
        (number(0.1), "0.1"),
        (number(1e21), "1e+21"),
        (number(f64::NAN), "NaN"),
        (number(f64::NEG_INFINITY), "-Infinity"),
        (bigint(i64::MIN), "-9223372036854775808"),
        (digits("123456789012345678901234567890"), "123456789012345678901234567890"),
    ] {
        assert_eq!(sent_text(&buffer, NUMERIC), expected);
    }
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
fn other_kinds_are_refused_by_name() {
    for (buffer, type_oid, expected) in [
        (int(42), TEXT, "expected string for text, got number"),
        (boolean(true), INT4, "expected number or bigint for int4, got boolean"),
        (int(1), BOOL, "expected boolean for bool, got number"),
        (object("{}"), INT8, "expected number or bigint for int8, got object"),
        (json("1"), NUMERIC, "expected number or bigint for numeric, got Json"),
        (array(&[int(1)]), INT4, "expected number or bigint for int4, got array"),
        (bytes(&[1]), UUID, "expected string for uuid, got bytes"),
        (int(1259), REGCLASS, "expected string for regclass, got number"),
        (bigint(1), TEXT, "expected string for text, got bigint"),
        (object("{}"), EXTENSION, "expected string for the type with OID 16385, got object"),
        (array(&[]), EXTENSION, "expected string for the type with OID 16385, got array"),
        (object("{}"), 1007, "expected array for int4[], got object"),
        (refused("undefined"), INT4, "undefined cannot be sent to PostgreSQL"),
        (refused("a symbol"), JSONB, "a symbol cannot be sent to PostgreSQL"),
    ] {
        assert_eq!(reason(&buffer, type_oid), expected);
    }
}

#[test]
fn usual_mistakes_have_their_remedy() {
    for (buffer, type_oid, expected) in [
        (refused("undefined"), TEXT, "null for SQL NULL"),
        (refused("a Map"), JSONB, "Object.fromEntries(map)"),
        (refused("a Set"), JSONB, "[...set]"),
        (refused("a Promise"), TEXT, "await it first"),
        (array(&[int(1)]), INT4, "write = any($2)"),
        (array(&[]), EXTENSION, "'{1,2}'"),
        (int(1), TEXT, "pass String(value), or say in the query which type is meant, as in $2::int4"),
        (boolean(true), TEXT, "String(value)"),
        (date(0.0), TEXT, "value.toISOString()"),
        (object("{}"), TEXT, "JSON.stringify(value)"),
        (int(0), TIMESTAMPTZ, "new Date(milliseconds)"),
        (int(1), BOOL, "true or false"),
        (int(1), 1007, "[value]"),
        (bytes(&[1]), 1007, "Array.from(bytes)"),
    ] {
        let hint = sent(&buffer, type_oid).unwrap_err().hint(1).unwrap_or_default();
        assert!(hint.contains(expected), "{hint}");
        assert!(!hint.contains("$N"), "{hint}");
    }
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
    assert_eq!(reason(&int(1), 3904), "expected Range or string for int4range, got number");
    let interval = spelled(Spelling::Interval, "P1D", "{}");
    assert_eq!(sent_text(&interval, INTERVAL), "P1D");
    assert_eq!(reason(&interval, TIME), "expected Temporal.PlainTime or string for time, got Interval");
    let bits = spelled(Spelling::BitString, "0101", "{}");
    assert_eq!(sent_text(&bits, VARBIT), "0101");
    assert_eq!(reason(&bits, BYTEA), "expected bytes for bytea, got BitString");
    let point = spelled(Spelling::Point, "(1,2)", "{\"x\":1,\"y\":2}");
    assert_eq!(sent_text(&point, 600), "(1,2)");
    assert_eq!(reason(&point, 603), "expected box or string for box, got object");
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
        "invalid element at index 1: expected Range or string for int4multirange, got number"
    );
    assert_eq!(reason(&int(1), 4451), "expected array of Range or string for int4multirange, got number");
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

#[test]
fn values_are_described_without_anything_that_may_be_a_secret() {
    for (buffer, expected) in [
        (null(), "null"),
        (boolean(true), "true"),
        (int(-42), "-42"),
        (number(1.5), "1.5"),
        (number(-0.0), "-0"),
        (bigint(42), "42n"),
        (digits("9223372036854775808"), "9223372036854775808n"),
        (digits(&"1".repeat(50)), "1111111111111111111111111111111111111111…"),
        (text(""), "an empty string"),
        (text("é"), "a string of 1 character"),
        (text("it is\n\u{7}"), "a string of 7 characters"),
        (bytes(&[]), "0 bytes"),
        (bytes(&[1]), "1 byte"),
        (bytes(&[1, 2, 3]), "3 bytes"),
        (date(0.0), "1970-01-01T00:00:00.000Z"),
        (date(f64::NAN), "Invalid Date"),
        (json("[1]"), "a Json of 3 characters"),
        (object("{\"a\":1}"), "an object of 7 characters as JSON"),
        (array(&[]), "an empty array"),
        (array(&[int(1)]), "an array of 1 element"),
        (array_with_json(&[int(1), int(2)], "[1,2]"), "an array of 2 elements"),
        (refused("undefined"), "undefined"),
    ] {
        assert_eq!(describe(&only(&buffer)), expected);
    }
}

#[test]
fn a_damaged_submission_is_an_error() {
    let whole = [
        int(1),
        number(1.0),
        bigint(1),
        digits("-12"),
        text("abc"),
        bytes(&[1]),
        date(0.0),
        json("1"),
        object("{}"),
        array_with_json(&[int(1)], "[1]"),
        array_without_json(&[int(1)], "why"),
        refused("undefined"),
    ];
    for buffer in whole {
        for length in 0..buffer.len() {
            assert_eq!(Reader::new(&buffer[..length]).next(), Err(Damaged), "{buffer:?} cut to {length}");
        }
    }
    for buffer in
        [vec![14], vec![255], vec![7, 1, 0, 0, 0, 0xff], digits(""), digits("-"), digits("1e5"), digits("+1")]
    {
        assert_eq!(Reader::new(&buffer).next(), Err(Damaged), "{buffer:?}");
    }
}
