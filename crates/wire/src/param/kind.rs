//! What JavaScript values a parameter's type takes, and how they travel.

use std::sync::LazyLock;

use super::Format;
use crate::types;

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
    Composite,
    Hstore,
    /// pgvector's types.
    Vector,
    HalfVector,
    /// Strings only, read by the type's own input function; or an array.
    Other,
}

impl Kind {
    /// Of a type that is the same on every server; `None` for any other, and for the rows of its catalog.
    pub(super) fn builtin(type_oid: u32) -> Option<Self> {
        static KINDS: LazyLock<Vec<Option<Kind>>> = LazyLock::new(|| {
            let length = types::all().last().map_or(0, |last| last.oid as usize + 1);
            let mut kinds = vec![None; length];
            for found in types::all().iter().filter(|found| found.kind != b'c') {
                if let Some(place) = kinds.get_mut(found.oid as usize) {
                    *place = Some(Kind::of_send(found.send));
                }
            }
            kinds
        });
        *KINDS.get(usize::try_from(type_oid).ok()?)?
    }

    /// By the function that sends the type's binary form, or the name that the type map gives for it.
    pub(super) fn of_send(send: &str) -> Self {
        match send {
            "boolsend" => Kind::Bool,
            "byteasend" => Kind::Bytea,
            "charsend" => Kind::Char,
            "int2send" => Kind::Int2,
            "int4send" => Kind::Int4,
            "int8send" => Kind::Int8,
            // Not those of regclass and its like: they come out as names.
            "oidsend" | "xidsend" | "cidsend" => Kind::Oid,
            // Not those of name and xml: their receive functions are stricter than their input.
            "textsend" | "bpcharsend" | "varcharsend" | "citext.citext" => Kind::Text,
            "json_send" => Kind::Json,
            "jsonb_send" => Kind::Jsonb,
            "float4send" => Kind::Float4,
            "float8send" => Kind::Float8,
            "date_send" => Kind::Date,
            "timestamp_send" => Kind::Timestamp,
            "timestamptz_send" => Kind::Timestamptz,
            "interval_send" => Kind::Interval,
            "bit_send" | "varbit_send" => Kind::Bits,
            "numeric_send" => Kind::Numeric,
            "void_send" => Kind::Void,
            "pg_lsn_send" => Kind::Lsn,
            "xid8send" => Kind::Xid8,
            "hstore.hstore" => Kind::Hstore,
            "vector.vector" => Kind::Vector,
            "vector.halfvec" => Kind::HalfVector,
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
            Kind::Composite => "object, array or string",
            Kind::Hstore => "object, Map or string",
            Kind::Vector | Kind::HalfVector => "array of numbers or string",
            Kind::Void => "anything",
        }
    }

    pub(super) fn has_64_bits(self) -> bool {
        matches!(self, Kind::Int8 | Kind::Xid8 | Kind::Lsn)
    }

    /// What a value is made of decides on its form.
    pub(super) fn is_compound(self) -> bool {
        matches!(self, Kind::Composite | Kind::Hstore | Kind::Vector | Kind::HalfVector | Kind::Other)
    }

    /// Values have one form here, which is not binary.
    pub(super) fn is_text_only(self) -> bool {
        self.format() == Format::Text && !matches!(self, Kind::Text | Kind::Json | Kind::Jsonb)
    }

    /// json and jsonb, of which an array is a value: only the outermost array is one of PostgreSQL's.
    pub(super) fn is_document(self) -> bool {
        matches!(self, Kind::Json | Kind::Jsonb)
    }

    /// The form of a value that did not come as a string.
    pub(super) fn format(self) -> Format {
        match self {
            Kind::Text | Kind::Other | Kind::Numeric | Kind::Json | Kind::Jsonb => Format::Text,
            Kind::Interval | Kind::Void | Kind::HalfVector => Format::Text,
            _ => Format::Binary,
        }
    }

    /// The form of an array; `any_text` says whether an element came as a string.
    pub(super) fn array_format(self, any_text: bool) -> Format {
        match self {
            // A string is these types' binary form too.
            Kind::Text | Kind::Json | Kind::Jsonb => Format::Binary,
            Kind::Other | Kind::Numeric | Kind::Interval | Kind::Void | Kind::HalfVector => Format::Text,
            _ if any_text => Format::Text,
            _ => Format::Binary,
        }
    }
}
