use super::from_text::*;
use super::{interval, timestamptz};

#[test]
fn moments_are_read_in_the_iso_form_alone() {
    for (text, expected) in [
        ("2000-01-01", Some("2000-01-01 00:00:00+00")),
        ("2024-02-29 12:15:20.123456+00", Some("2024-02-29 12:15:20.123456+00")),
        ("2024-02-29 12:15:20.005+05:30", Some("2024-02-29 06:45:20.005+00")),
        ("2024-02-29T12:15:20-00:00:20", Some("2024-02-29 12:15:40+00")),
        ("2024-02-29T12:15Z", Some("2024-02-29 12:15:00+00")),
        ("0001-01-01 00:30:00+01 BC", Some("0002-12-31 23:30:00+00 BC")),
        ("294276-12-31 23:59:59.999999", Some("294276-12-31 23:59:59.999999+00")),
        ("-infinity", Some("-infinity")),
        ("29/02/2024", None),
        ("2024-13-01", None),
        ("2024-02-29 12:x:20", None),
        ("2024-02-29 12:15:20.1234567", None),
        ("-1-02-29", None),
        ("", None),
    ] {
        let read = timestamp_from(text).map(|body| {
            let mut out = Vec::new();
            timestamptz(&body, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        });
        assert_eq!(read.as_deref(), expected, "{text}");
    }
    assert_eq!(date_from("0044-03-15 BC"), Some((-746_117_i32).to_be_bytes()));
    assert_eq!(date_from("5874897-12-31"), Some(2_145_031_948_i32.to_be_bytes()));
}

#[test]
fn intervals_are_read_in_every_style() {
    for (texts, expected) in [
        (
            [
                "P1Y2M-3DT4H5M6.7S",
                "1 year 2 mons -3 days +04:05:06.7",
                "@ 1 year 2 mons -3 days 4 hours 5 mins 6.7 secs",
                "+1-2 -3 +4:05:06.7",
            ],
            "P1Y2M-3DT4H5M6.7S",
        ),
        (["PT-0.5S", "-00:00:00.5", "@ 0.5 secs ago", "-0:00:00.5"], "PT-0.5S"),
        (
            [
                "P-1Y-2M-3DT-4H",
                "-1 years -2 mons -3 days -04:00:00",
                "@ 1 year 2 mons 3 days 4 hours ago",
                "-1-2 -3 -4:00:00",
            ],
            "P-1Y-2M-3DT-4H",
        ),
        (["P-1DT1S", "-1 days +00:00:01", "@ 1 day -1 secs ago", "+0-0 -1 +0:00:01"], "P-1DT1S"),
        (["P-3DT-4H", "-3 days -04:00:00", "@ 3 days 4 hours ago", "-3 4:00:00"], "P-3DT-4H"),
        (["P-1Y-2M", "-1 years -2 mons", "@ 1 year 2 mons ago", "-1-2"], "P-1Y-2M"),
        (["PT0S", "00:00:00", "@ 0", "0"], "PT0S"),
        (
            [
                "PT2562047788H54.775807S",
                "2562047788:00:54.775807",
                "@ 2562047788 hours 54.775807 secs",
                "2562047788:00:54.775807",
            ],
            "PT2562047788H54.775807S",
        ),
        (["infinity"; 4], "infinity"),
    ] {
        for text in texts {
            let mut out = Vec::new();
            interval(&interval_from(text).expect(text), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
        }
    }
    for text in ["", "P", "1", "1 fortnight", "P1X", "1:x", "@ ago", "P99999999999Y"] {
        assert!(matches!(text, "P" | "1") || interval_from(text).is_none(), "{text}");
    }
}

#[test]
fn bytes_are_read_in_both_forms() {
    assert_eq!(bytea_from("\\x00fF"), Some(vec![0, 255]));
    assert_eq!(bytea_from("a\\\\\\377"), Some(vec![b'a', b'\\', 255]));
    for text in ["\\x0", "\\xg0", "\\", "\\38", "\\400"] {
        assert_eq!(bytea_from(text), None, "{text}");
    }
}

#[test]
fn hstores_have_their_binary_form() {
    let body = hstore_from("\"a\"=>\"\\\"\\\\\", \"\"=>NULL").unwrap();
    assert_eq!(body, b"\0\0\0\x02\0\0\0\x01a\0\0\0\x02\"\\\0\0\0\0\xff\xff\xff\xff");
    assert_eq!(hstore_from(""), Some(vec![0; 4]));
    for text in ["\"a\"", "\"a\"=>", "\"a\"=>\"b", "\"a\"=>\"b\",", "a=>b"] {
        assert_eq!(hstore_from(text), None, "{text}");
    }
}
