//! Columns that are others than remembered, or come in other formats than asked for.

use crate::{
    calls::described,
    statements::parsed,
    support::{
        answers::*,
        lab::{Lab, query},
    },
};

/// A call of `select n` that is remembered as an int4, and now has these columns.
fn changed(sql: &str, columns_: &[(&str, u32)]) -> Lab {
    let (mut lab, sql) = (Lab::new(0), query(sql));
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    lab.hear(&[parsed(1)]);
    lab.fetch(2, &sql);
    lab.sent();
    lab.hear_bytes(&[parse_complete(), bind_complete(), binary_columns(columns_)].concat());
    lab
}

#[test]
fn columns_that_cannot_be_read_in_the_formats_asked_for_are_asked_for_again() {
    // An aclitem travels as text. It was executed, which a read may be once more.
    let mut lab = changed("select n", &[("n", 1033)]);
    assert!(lab.hear(&[row(&[Some(b"four")]), complete("SELECT 1"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed select n, describe unnamed, sync");
    // A statement that writes runs again only when it was rolled back.
    let words =
        "#2 protocol the result's columns changed between the statement's description and its execution";
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert_eq!(lab.hear(&[row(&[Some(b"four")]), complete("DELETE 1"), ready(b'I')]), [words]);
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert!(lab.hear(&[error("42883"), ready(b'I')]).is_empty());
    assert_eq!(lab.sent(), "parse unnamed delete n, describe unnamed, sync");
    // Without rows there is nothing that could not be read.
    let mut lab = changed("delete n", &[("n", 1033)]);
    assert_eq!(lab.hear(&[complete("DELETE 0"), ready(b'I')]), ["#2 rows [] end I DELETE 0"]);
}

/// A call without a cache whose portal has these columns, all told to come as text.
fn as_text(
    described_: &[(&str, u32)],
    portal: &[(&str, u32)],
    values: &[Option<&[u8]>],
) -> (Lab, Vec<String>) {
    let (mut lab, sql) = (Lab::new(0), query("select n"));
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], described_)]);
    lab.sent();
    let rows = [columns(portal), row(values), complete("SELECT 1"), ready(b'I')].concat();
    let told = lab.hear(&[parse_complete(), bind_complete(), rows]);
    lab.sent();
    (lab, told)
}

#[test]
fn values_that_come_as_text_although_binary_was_asked_for_are_read_as_what_they_are() {
    let columns = [
        ("bool", 16),
        ("int2", 21),
        ("int8", 20),
        ("oid", 26),
        ("float8", 701),
        ("text", 25),
        ("numeric", 1700),
        ("uuid", 2950),
        ("jsonb", 3802),
        ("timestamptz", 1184),
        ("bytea", 17),
        ("int4[]", 1007),
    ];
    let values = [
        "t",
        "-7",
        "9007199254740993",
        "4294967295",
        "NaN",
        "gr\u{fc}n",
        "1.50",
        "x-y",
        "{\"a\": [1]}",
        "1970-01-01 00:00:01+00",
        "\\x00ff",
        "{1,2}",
    ];
    let values: Vec<Option<&[u8]>> = values.iter().map(|value| Some(value.as_bytes())).collect();
    let (_, told) = as_text(&columns, &columns, &values);
    assert_eq!(
        told[1..],
        [
            "#1 rows [bool=true int2=-7 int8=9007199254740993 oid=4294967295 float8=NaN text=gr\u{fc}n numeric=1.50 \
          uuid=x-y jsonb={\"a\": [1]} timestamptz=1000 bytea=[0, 255] int4[]={1,2}] end I SELECT 1"
        ]
    );
    // What is no such text is told by its column, and the session goes on.
    const UNREADABLE: &str = "#1 protocol column \"n\" holds a value that cannot be read";
    for (oid, text, failure) in [
        (16, "maybe", UNREADABLE),
        (23, "1.5", UNREADABLE),
        (20, "x", UNREADABLE),
        (17, "\\x0", UNREADABLE),
        (17, "a\\8", UNREADABLE),
        // It is one under another DateStyle.
        (1184, "29/02/2024", "#1 data 0A000"),
    ] {
        let (mut lab, told) = as_text(&[("n", oid)], &[("n", oid)], &[Some(text.as_bytes())]);
        assert!(told[0].starts_with(failure), "{told:?}");
        lab.fetch(2, &query("select 2"));
        assert_eq!(lab.sent(), "parse unnamed select 2, describe unnamed, sync");
    }
}

#[test]
fn a_format_that_was_right_for_the_column_as_remembered_is_honoured_too() {
    // A regclass travels as text; the int4 that it is now is read from its text.
    let (_, told) = as_text(&[("n", 2205)], &[("n", 23)], &[Some(b"42")]);
    assert_eq!(told, ["#1 rows [n=42] end I SELECT 1"]);
    // An array is not: it is asked for again, in binary.
    let (_, told) = as_text(&[("n", 2205)], &[("n", 1007)], &[Some(b"{1,2}")]);
    assert!(told.is_empty(), "{told:?}");
}
