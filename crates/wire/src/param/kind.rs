//! What JavaScript values a parameter's type takes, and how they travel.

use super::Format;

/// Types that take the same JavaScript values in the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    /// Unsigned, 32 bits.
    Oid,
    /// Unsigned, 64 bits.
    Xid8,
    Lsn,
    Float4,
    Float8,
    Numeric,
    /// Strings only, whose binary form is the text itself.
    Text,
    /// "char", a single byte.
    Char,
    Bytea,
    Bits,
    Json,
    Jsonb,
    Date,
    Timestamp,
    Timestamptz,
    Interval,
    Void,
    /// Strings only, read by the type's own input function.
    Other,
}

impl Kind {
    /// OIDs as in PostgreSQL's pg_type.dat. Types that are not built in take their text.
    pub(super) fn of(type_oid: u32) -> Self {
        match type_oid {
            16 => Kind::Bool,
            17 => Kind::Bytea,
            18 => Kind::Char,
            20 => Kind::Int8,
            21 => Kind::Int2,
            23 => Kind::Int4,
            // oid, xid, cid. Not regclass and its like: they come out as names.
            26 | 28 | 29 => Kind::Oid,
            // text, varchar, bpchar. Not name and xml: their receive functions are stricter than their input.
            25 | 1042 | 1043 => Kind::Text,
            114 => Kind::Json,
            700 => Kind::Float4,
            701 => Kind::Float8,
            1082 => Kind::Date,
            1114 => Kind::Timestamp,
            1184 => Kind::Timestamptz,
            1186 => Kind::Interval,
            1560 | 1562 => Kind::Bits,
            1700 => Kind::Numeric,
            2278 => Kind::Void,
            3220 => Kind::Lsn,
            3802 => Kind::Jsonb,
            5069 => Kind::Xid8,
            _ => Kind::Other,
        }
    }

    /// What it takes, in JavaScript's words. Strings, which every type takes, are named where there is little else.
    pub(super) fn takes(self) -> &'static str {
        match self {
            Kind::Bool => "boolean",
            Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid | Kind::Xid8 | Kind::Lsn => "number or bigint",
            Kind::Float4 | Kind::Float8 | Kind::Numeric => "number or bigint",
            Kind::Text | Kind::Other => "string",
            Kind::Char => "string or one byte",
            Kind::Bytea => "bytes",
            Kind::Bits => "BitString, string or bytes",
            Kind::Json | Kind::Jsonb => "JSON value",
            Kind::Date | Kind::Timestamp | Kind::Timestamptz => "Date or string",
            Kind::Interval => "Interval or string",
            Kind::Void => "anything",
        }
    }

    pub(super) fn has_64_bits(self) -> bool {
        matches!(self, Kind::Int8 | Kind::Xid8 | Kind::Lsn)
    }

    /// json and jsonb, of which an array is a value: only the outermost array is one of PostgreSQL's.
    pub(super) fn is_document(self) -> bool {
        matches!(self, Kind::Json | Kind::Jsonb)
    }

    /// The form of a value that did not come as a string.
    pub(super) fn format(self) -> Format {
        match self {
            Kind::Text | Kind::Other | Kind::Numeric | Kind::Json | Kind::Jsonb => Format::Text,
            Kind::Interval | Kind::Void => Format::Text,
            _ => Format::Binary,
        }
    }

    /// The form of an array; `any_text` says whether an element came as a string.
    pub(super) fn array_format(self, any_text: bool) -> Format {
        match self {
            // A string is these types' binary form too.
            Kind::Text | Kind::Json | Kind::Jsonb => Format::Binary,
            Kind::Other | Kind::Numeric | Kind::Interval | Kind::Void => Format::Text,
            _ if any_text => Format::Text,
            _ => Format::Binary,
        }
    }
}
