use super::submission::*;

const INT8: u32 = 20;
const INT2: u32 = 21;
const INT4: u32 = 23;
const OID: u32 = 26;
const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;
const NUMERIC: u32 = 1700;
const PG_LSN: u32 = 3220;
const XID8: u32 = 5069;

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
