//! Values that are made of no others: how their binary form is read, and their text in place of it.

use super::Form;
use crate::{
    codec::{Codec, Figure, FromText, Spelling, Wire},
    type_options::{Int8, Moment, TypeOptions},
    types::Structure,
};

/// By the type's send function. Those that are not here have a binary form that depends on the server's own tables
/// (reg*, money), or is of use to the server alone.
pub(super) fn scalar(send: &str, options: TypeOptions) -> Option<(Codec, Wire)> {
    Some(match send {
        "boolsend" => (Codec::Bool, Wire::Bool),
        "byteasend" if options.bytea_as_uint8array() => (Codec::Bytes, Wire::Bytes),
        "byteasend" => (Codec::Buffer, Wire::Bytes),
        "charsend" => (Codec::Text, Wire::Char),
        "int8send" => match options.int8() {
            Int8::Auto => (Codec::Int8, Wire::Int8),
            Int8::BigInt => (Codec::BigInt, Wire::Int8),
            Int8::Number => (Codec::Number, Wire::Int8Safe),
            Int8::Text => (Codec::Text, Wire::Int8Text),
        },
        "int2send" => (Codec::Int, Wire::Int2),
        "int4send" => (Codec::Int, Wire::Int4),
        // The binary form is the text itself.
        "textsend" | "varcharsend" | "bpcharsend" | "namesend" | "xml_send" | "cstring_send"
        | "unknownsend" => (Codec::Text, Wire::Text),
        "oidsend" | "xidsend" | "cidsend" => (Codec::Number, Wire::Uint4),
        "json_send" if options.json_as_text() => (Codec::Text, Wire::Text),
        "json_send" => (Codec::Json, Wire::Text),
        "float4send" => (Codec::Number, Wire::Float4),
        "float8send" => (Codec::Number, Wire::Float8),
        "date_send" => match options.date() {
            Moment::Date => (Codec::Date, Wire::Date),
            Moment::Text => (Codec::Text, Wire::DateText),
            Moment::Temporal => (Codec::TemporalDate, Wire::DateText),
        },
        "time_send" => match options.time() {
            Moment::Temporal => (Codec::TemporalTime, Wire::TimeText),
            _ => (Codec::Text, Wire::TimeText),
        },
        "timestamp_send" => match options.timestamp() {
            Moment::Date => (Codec::Date, Wire::Timestamp),
            Moment::Text => (Codec::Text, Wire::TimestampText),
            Moment::Temporal => (Codec::TemporalDateTime, Wire::TimestampText),
        },
        "timestamptz_send" => match options.timestamptz() {
            Moment::Date => (Codec::Date, Wire::Timestamptz),
            Moment::Text => (Codec::Text, Wire::TimestamptzText),
            Moment::Temporal => (Codec::TemporalInstant, Wire::TimestamptzText),
        },
        "timetz_send" => (Codec::Text, Wire::TimetzText),
        "interval_send" => match options.interval() {
            Moment::Date => (Codec::Interval, Wire::Interval),
            Moment::Text => (Codec::Text, Wire::IntervalText),
            Moment::Temporal => (Codec::TemporalDuration, Wire::Interval),
        },
        "numeric_send" if options.numeric_as_number() => (Codec::Number, Wire::NumericNumber),
        "numeric_send" => (Codec::Text, Wire::Numeric),
        "void_send" => (Codec::Void, Wire::Void),
        "uuid_send" => (Codec::Text, Wire::Uuid),
        // Unsigned 64-bit numbers are bigint always, whatever their size.
        "pg_lsn_send" | "xid8send" => (Codec::BigUint, Wire::Uint8),
        "jsonb_send" if options.json_as_text() => (Codec::Text, Wire::Versioned),
        "jsonb_send" => (Codec::Json, Wire::Versioned),
        "jsonpath_send" => (Codec::Text, Wire::Versioned),
        "bit_send" | "varbit_send" => (Codec::Bits, Wire::Bits),
        "inet_send" => (Codec::Text, Wire::Inet),
        "cidr_send" => (Codec::Text, Wire::Cidr),
        "macaddr_send" => (Codec::Text, Wire::Macaddr),
        "macaddr8_send" => (Codec::Text, Wire::Macaddr8),
        "tidsend" => (Codec::Tid, Wire::Tid),
        "pg_snapshot_send" | "txid_snapshot_send" => (Codec::Snapshot, Wire::Snapshot),
        "point_send" => (Codec::Geometry, Wire::Geometry(Figure::Point)),
        "line_send" => (Codec::Geometry, Wire::Geometry(Figure::Line)),
        "lseg_send" => (Codec::Geometry, Wire::Geometry(Figure::Segment)),
        "box_send" => (Codec::Geometry, Wire::Geometry(Figure::Box)),
        "path_send" => (Codec::Geometry, Wire::Geometry(Figure::OpenPath)),
        "poly_send" => (Codec::Geometry, Wire::Geometry(Figure::Polygon)),
        "circle_send" => (Codec::Geometry, Wire::Geometry(Figure::Circle)),
        // A row of no type of its own.
        "record_send" => (Codec::Record, Wire::Record),
        // Types of extensions, see `types::look_up`.
        "citext.citext" => (Codec::Text, Wire::Text),
        "ltree.ltree" | "ltree.lquery" | "ltree.ltxtquery" => (Codec::Text, Wire::Versioned),
        "hstore.hstore" => (Codec::Hstore, Wire::Hstore),
        _ => return None,
    })
}

/// Its text is two hexadecimal numbers.
const PG_LSN: u32 = 3220;

/// How values that are read in one way from their binary form are read from their text.
pub(super) fn spelled(of: &Form, type_oid: u32) -> Option<Wire> {
    if let Some(of) = FromText::of(of.wire) {
        return Some(Wire::FromText(of));
    }
    Some(match (of.codec, of.wire) {
        (Codec::Bool, _) => Wire::Spelled(Spelling::Bool),
        (Codec::Int, _) => Wire::Spelled(Spelling::Int),
        (Codec::Int8 | Codec::BigInt, _) => Wire::Spelled(Spelling::Int8),
        (Codec::BigUint, _) if type_oid == PG_LSN => Wire::FromText(FromText::Lsn),
        (Codec::BigUint, _) => Wire::Spelled(Spelling::Uint8),
        (Codec::Number, Wire::Int8Safe) => Wire::Spelled(Spelling::Int8Safe),
        (Codec::Number, _) => Wire::Spelled(Spelling::Number),
        (Codec::Buffer | Codec::Bytes, _) => Wire::Spelled(Spelling::Bytes),
        (Codec::Document, _) => Wire::JsonDocument,
        (Codec::Array, Wire::Vector | Wire::HalfVector) => Wire::TextVector,
        (Codec::Custom, Wire::Text | Wire::Versioned) => Wire::Text,
        (Codec::Text | Codec::WireText | Codec::Json | Codec::Bits, _) => Wire::Text,
        (Codec::TemporalTime, _) => Wire::Text,
        _ => return None,
    })
}

/// How the text of a type's values is read from their binary form, where it is in that.
pub(super) fn text_in_binary(structure: &Structure) -> Option<Wire> {
    match structure {
        Structure::Enum => Some(Wire::Text),
        Structure::Scalar { send } => match &**send {
            "textsend" | "varcharsend" | "bpcharsend" | "namesend" | "xml_send" | "json_send"
            | "citext.citext" => Some(Wire::Text),
            "jsonb_send" => Some(Wire::Versioned),
            _ => None,
        },
        _ => None,
    }
}
