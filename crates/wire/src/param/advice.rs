//! What to do about an argument that was refused: the remedies of the usual mistakes. `$N` stands for the parameter.

use super::kind::ParamKind;
use super::spelled::Spelling;
use super::target::{TID, Target};
use super::{Arg, figures};

pub(super) const NO_BIGINT: &str = "write a string or a number";

/// What to do about an argument of a kind that the parameter's type does not take.
pub(super) fn of(arg: &Arg<'_>, target: Target<'_>) -> Option<&'static str> {
    Some(match (arg, target.kind) {
        (Arg::Array(_), _) if target.type_oid == figures::PATH => {
            "pass { points, isClosed }: a list does not say whether a path is closed"
        }
        (Arg::Object(_) | Arg::NoJson(_), ParamKind::Other) if target.is_range() => {
            "pass new Range(lower, upper), or [lower, upper]"
        }
        (Arg::Spelled(_) | Arg::Range(_), ParamKind::Other) if target.is_multirange() => {
            "pass a list of ranges, such as [new Range(1, 5)]"
        }
        (_, ParamKind::Other) if figures::is_figure(target.type_oid) => figures::advice(target.type_oid),
        (_, ParamKind::Other) if target.type_oid == TID => "pass [block, row], both of them numbers",
        (_, ParamKind::Other) if Spelling::of(target) == Some(Spelling::Snapshot) => {
            "pass { xmin, xmax, xip }, all of them bigint"
        }
        (Arg::Array(_), ParamKind::Other) => {
            "pass a string in PostgreSQL's own syntax, for an array such as '{1,2}'; to compare with each value of a list \
             write = any($N)"
        }
        (Arg::Array(_), _) => {
            "the parameter is one value: to compare with each value of a list write = any($N)"
        }
        (_, ParamKind::Other) => "pass a string in PostgreSQL's own syntax for the type",
        (_, ParamKind::Text) if target.is_enum() => "pass one of its labels",
        (
            Arg::Bool(_) | Arg::Int32(_) | Arg::Float64(_) | Arg::Int64(_) | Arg::BigInt(_),
            ParamKind::Text,
        ) => "pass String(value), or say in the query which type is meant, as in $N::int4",
        (Arg::Date(_), ParamKind::Text) => {
            "pass value.toISOString(), or say in the query which type is meant, as in $N::timestamptz"
        }
        (Arg::Spelled(spelled), ParamKind::Text) if !spelled.spelling.is_object() => "pass String(value)",
        (Arg::Range(_), ParamKind::Text) => "pass String(value)",
        (Arg::Object(_) | Arg::NoJson(_) | Arg::Spelled(_), ParamKind::Text) => {
            "pass JSON.stringify(value), or say in the query which type is meant, as in $N::jsonb"
        }
        (Arg::Bytes(_), ParamKind::Text) => {
            "decode the bytes first, or say in the query that they are meant: $N::bytea"
        }
        (Arg::Int32(_) | Arg::Int64(_), ParamKind::Bool) => "pass true or false",
        (
            Arg::Int32(_) | Arg::Float64(_),
            ParamKind::Date | ParamKind::Timestamp | ParamKind::Timestamptz,
        ) => "pass new Date(milliseconds)",
        (Arg::Object(_) | Arg::NoJson(_), ParamKind::Interval) => {
            "pass whole numbers of months, days and microseconds, or a string such as '1 hour'"
        }
        (_, ParamKind::Bytea) => "pass a Buffer, another view of bytes or an ArrayBuffer",
        (Arg::Bytes(_), ParamKind::Json | ParamKind::Jsonb) => "decode the bytes first, as text that is JSON",
        _ => return None,
    })
}

/// What to do about a single value for an array.
pub(super) fn of_no_array(arg: &Arg<'_>) -> Option<&'static str> {
    match arg {
        Arg::Bytes(_) => Some("pass an array of numbers: Array.from(bytes)"),
        _ => Some("pass an array: [value]"),
    }
}

/// What to do about a value that no type takes.
pub(super) fn of_unsendable(name: &str) -> Option<&'static str> {
    match name {
        "undefined" => Some("pass null for SQL NULL"),
        "a Map" => Some("pass Object.fromEntries(map), or an array of its entries"),
        "a Set" => Some("pass an array: [...set]"),
        "a Promise" => Some("await it first"),
        _ => None,
    }
}

/// What to do about an array that has no JSON form, by the reason.
pub(super) fn of_no_json(reason: &str) -> Option<&'static str> {
    if reason.ends_with("bigint") {
        return Some(NO_BIGINT);
    }
    ["a Map", "a Set", "a Promise"].into_iter().find(|kind| reason.contains(kind)).and_then(of_unsendable)
}
