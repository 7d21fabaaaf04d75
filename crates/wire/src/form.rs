//! How the values of a type come and what becomes of them, by what the type is and what the connection's options
//! choose.

use crate::{
    codec::{Codec, Figure, Spelling, Wire},
    type_options::{Int8, Moment, TypeOptions},
    types::{Structure, TypeMap},
};

/// How values are read, and those that they are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub codec: Codec,
    pub wire: Wire,
    /// Whether values are asked for in binary.
    pub is_binary: bool,
    /// Of an array its elements, of a range its bounds, of a multirange its ranges.
    pub parts: Box<[Part]>,
}

/// A type that another one is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub type_oid: u32,
    pub form: Form,
}

/// Types that are made of types that are made of types: more than these is no type of an honest server.
const DEEPEST: u32 = 64;

impl Form {
    /// Of a column whose values come in the format that they are asked for.
    pub fn of(type_oid: u32, types: &TypeMap, options: TypeOptions) -> Self {
        match binary(type_oid, types, options, DEEPEST) {
            Some(Form { codec: Codec::Json, wire: Wire::Versioned, .. }) => {
                Self::scalar((Codec::Document, Wire::JsonbDocument))
            }
            Some(Form { codec: Codec::Json, .. }) => Self::scalar((Codec::Document, Wire::JsonDocument)),
            Some(form) => form,
            None => text(type_oid, types, DEEPEST),
        }
    }

    /// Of a column whose values come as text although they were asked for in binary. `None` where the text can only be
    /// handed on as it is.
    pub fn of_text(type_oid: u32, types: &TypeMap, options: TypeOptions) -> Option<Self> {
        let of = Self::of(type_oid, types, options);
        let wire = match (of.codec, of.wire) {
            (Codec::Bool, _) => Wire::Spelled(Spelling::Bool),
            (Codec::Int, _) => Wire::Spelled(Spelling::Int),
            (Codec::Int8 | Codec::BigInt, _) => Wire::Spelled(Spelling::Int8),
            (Codec::BigUint, _) if type_oid == PG_LSN => return None,
            (Codec::BigUint, _) => Wire::Spelled(Spelling::Uint8),
            (Codec::Number, Wire::Int8Safe) => Wire::Spelled(Spelling::Int8Safe),
            (Codec::Number, _) => Wire::Spelled(Spelling::Number),
            (Codec::Date, _) => Wire::Spelled(Spelling::Moment),
            (Codec::Buffer | Codec::Bytes, _) => Wire::Spelled(Spelling::Bytes),
            (Codec::Document, _) => Wire::JsonDocument,
            // An interval's text is in whatever style the session has.
            (_, Wire::IntervalText) => return None,
            (Codec::Text | Codec::WireText | Codec::Json | Codec::Bits, _) => Wire::Text,
            (Codec::TemporalInstant | Codec::TemporalDateTime, _) => Wire::Text,
            (Codec::TemporalDate | Codec::TemporalTime, _) => Wire::Text,
            _ => return None,
        };
        Some(Self { wire, ..of })
    }

    /// The text as it is.
    pub fn as_text() -> Self {
        Self { is_binary: false, ..Self::scalar((Codec::WireText, Wire::Text)) }
    }

    fn scalar((codec, wire): (Codec, Wire)) -> Self {
        Self { codec, wire, is_binary: true, parts: Box::default() }
    }

    fn made_of(codec: Codec, wire: Wire, type_oid: u32, part: Form) -> Self {
        Self { codec, wire, is_binary: true, parts: Box::new([Part { type_oid, form: part }]) }
    }
}

/// Its text is two hexadecimal numbers.
const PG_LSN: u32 = 3220;

/// The form of a type that comes in binary.
fn binary(type_oid: u32, types: &TypeMap, options: TypeOptions, depth: u32) -> Option<Form> {
    let part = |oid| binary(oid, types, options, depth.checked_sub(1)?);
    Some(match types.find(type_oid)? {
        Structure::Scalar { send } => Form::scalar(scalar(&send, options)?),
        Structure::Array { element, .. } => Form::made_of(Codec::Array, Wire::Array, element, part(element)?),
        Structure::Range { subtype } => Form::made_of(Codec::Range, Wire::Range, subtype, part(subtype)?),
        Structure::Multirange { range } => Form::made_of(Codec::Array, Wire::Multirange, range, part(range)?),
        Structure::Domain { base } => part(base)?,
        Structure::Enum => Form::scalar((Codec::Text, Wire::Text)),
        Structure::Composite { .. } => return None,
    })
}

/// The form of a type that comes as text.
fn text(type_oid: u32, types: &TypeMap, depth: u32) -> Form {
    match (types.find(type_oid), depth.checked_sub(1)) {
        (Some(Structure::Array { element, delimiter }), Some(_)) => Form {
            is_binary: false,
            ..Form::made_of(Codec::Array, Wire::TextArray(delimiter), element, Form::as_text())
        },
        (Some(Structure::Domain { base }), Some(depth)) => text(base, types, depth),
        _ => Form::as_text(),
    }
}

/// By the type's send function. Those that are not here have a binary form that depends on the server's own tables
/// (reg*, money), or is of use to the server alone.
fn scalar(send: &str, options: TypeOptions) -> Option<(Codec, Wire)> {
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
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(type_oid: u32) -> Form {
        Form::of(type_oid, &TypeMap::default(), TypeOptions::default())
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
        assert_eq!(array.parts[0], Part { type_oid: 2205, form: Form::as_text() });
    }

    #[test]
    fn what_a_map_was_told_is_read_through() {
        let types = TypeMap::default();
        types.tell([
            (20_000, Structure::Enum),
            (20_001, Structure::Array { element: 20_000, delimiter: b',' }),
            (20_002, Structure::Domain { base: 1007 }),
            (20_003, Structure::Domain { base: 20_002 }),
            (20_004, Structure::Range { subtype: 701 }),
            (20_005, Structure::Scalar { send: "regclasssend".into() }),
            (20_006, Structure::Array { element: 20_005, delimiter: b';' }),
        ]);
        let of = |oid| Form::of(oid, &types, TypeOptions::default());
        assert_eq!(of(20_000), Form::scalar((Codec::Text, Wire::Text)));
        assert_eq!(of(20_001).parts[0].form, of(20_000));
        assert_eq!(of(20_003), of(1007));
        assert_eq!(of(20_004).parts[0].form.wire, Wire::Float8);
        assert_eq!(of(20_006).wire, Wire::TextArray(b';'));
    }

    #[test]
    fn types_that_are_made_of_themselves_end_somewhere() {
        let types = TypeMap::default();
        types.tell([
            (20_000, Structure::Array { element: 20_001, delimiter: b',' }),
            (20_001, Structure::Domain { base: 20_000 }),
            (20_002, Structure::Domain { base: 20_002 }),
        ]);
        for oid in [20_000, 20_001, 20_002] {
            assert!(!Form::of(oid, &types, TypeOptions::default()).is_binary);
        }
    }
}
