use super::submission::*;
use super::{Damaged, Reader, describe};

const BOOL: u32 = 16;
const INT8: u32 = 20;
const INT4: u32 = 23;
const TEXT: u32 = 25;
const POINT: u32 = 600;
const TIMESTAMPTZ: u32 = 1184;
const NUMERIC: u32 = 1700;
const REGCLASS: u32 = 2205;
const UUID: u32 = 2950;
const JSONB: u32 = 3802;
const EXTENSION: u32 = 16_385;

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
        (no_json("JSON has no bigint"), INT8, "expected number or bigint for int8, got object"),
        (no_json("JSON has no bigint"), EXTENSION, "expected string for the type with OID 16385, got object"),
        (no_json("JSON has no bigint"), JSONB, "JSON has no bigint"),
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
        (no_json("JSON has no form for a Map in it"), JSONB, "Object.fromEntries(map)"),
        (no_json("JSON has no bigint"), JSONB, "a string or a number"),
        (no_json("JSON has no bigint"), POINT, "{ x, y } or [x, y]"),
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
