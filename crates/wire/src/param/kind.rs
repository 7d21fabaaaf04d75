//! What JavaScript values a parameter's type takes, and how they travel.

use std::sync::LazyLock;

use super::Format;
use crate::types;

/// Types that take the same JavaScript values in the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParamKind {
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

impl ParamKind {
    /// The kind of a type that is the same on every server; `None` for any other, and for the rows of its catalog.
    pub(super) fn builtin(type_oid: u32) -> Option<Self> {
        static KINDS: LazyLock<Vec<Option<ParamKind>>> = LazyLock::new(|| {
            let length = types::all().last().map_or(0, |last| last.oid as usize + 1);
            let mut kinds = vec![None; length];
            for found in types::all().iter().filter(|found| found.kind != b'c') {
                if let Some(place) = kinds.get_mut(found.oid as usize) {
                    *place = Some(ParamKind::of_send(found.send));
                }
            }
            kinds
        });
        *KINDS.get(usize::try_from(type_oid).ok()?)?
    }

    /// By the function that sends the type's binary form, or the name that the type map gives for it.
    pub(super) fn of_send(send: &str) -> Self {
        match send {
            "boolsend" => ParamKind::Bool,
            "byteasend" => ParamKind::Bytea,
            "charsend" => ParamKind::Char,
            "int2send" => ParamKind::Int2,
            "int4send" => ParamKind::Int4,
            "int8send" => ParamKind::Int8,
            // Not those of regclass and its like: they come out as names.
            "oidsend" | "xidsend" | "cidsend" => ParamKind::Oid,
            // Not those of name and xml: their receive functions are stricter than their input.
            "textsend" | "bpcharsend" | "varcharsend" | "citext.citext" => ParamKind::Text,
            "json_send" => ParamKind::Json,
            "jsonb_send" => ParamKind::Jsonb,
            "float4send" => ParamKind::Float4,
            "float8send" => ParamKind::Float8,
            "date_send" => ParamKind::Date,
            "timestamp_send" => ParamKind::Timestamp,
            "timestamptz_send" => ParamKind::Timestamptz,
            "interval_send" => ParamKind::Interval,
            "bit_send" | "varbit_send" => ParamKind::Bits,
            "numeric_send" => ParamKind::Numeric,
            "void_send" => ParamKind::Void,
            "pg_lsn_send" => ParamKind::Lsn,
            "xid8send" => ParamKind::Xid8,
            "hstore.hstore" => ParamKind::Hstore,
            "vector.vector" => ParamKind::Vector,
            "vector.halfvec" => ParamKind::HalfVector,
            _ => ParamKind::Other,
        }
    }

    /// What it takes, in JavaScript's words. Strings, which every type takes, are named where there is little else.
    pub(super) fn takes(self) -> &'static str {
        match self {
            ParamKind::Bool => "boolean",
            ParamKind::Int2
            | ParamKind::Int4
            | ParamKind::Int8
            | ParamKind::Oid
            | ParamKind::Xid8
            | ParamKind::Lsn => "number or bigint",
            ParamKind::Float4 | ParamKind::Float8 | ParamKind::Numeric => "number or bigint",
            ParamKind::Text | ParamKind::Other => "string",
            ParamKind::Char => "string or one byte",
            ParamKind::Bytea => "bytes",
            ParamKind::Bits => "BitString, string or bytes",
            ParamKind::Json | ParamKind::Jsonb => "JSON value",
            ParamKind::Date | ParamKind::Timestamp | ParamKind::Timestamptz => "Date or string",
            ParamKind::Interval => "Interval or string",
            ParamKind::Composite => "object, array or string",
            ParamKind::Hstore => "object, Map or string",
            ParamKind::Vector | ParamKind::HalfVector => "array of numbers or string",
            ParamKind::Void => "anything",
        }
    }

    pub(super) fn has_64_bits(self) -> bool {
        matches!(self, ParamKind::Int8 | ParamKind::Xid8 | ParamKind::Lsn)
    }

    /// What a value is made of decides on its form.
    pub(super) fn is_compound(self) -> bool {
        matches!(
            self,
            ParamKind::Composite
                | ParamKind::Hstore
                | ParamKind::Vector
                | ParamKind::HalfVector
                | ParamKind::Other
        )
    }

    /// Values have one form here, which is not binary.
    pub(super) fn is_text_only(self) -> bool {
        self.format() == Format::Text && !matches!(self, ParamKind::Text | ParamKind::Json | ParamKind::Jsonb)
    }

    /// json and jsonb, of which an array is a value: only the outermost array is one of PostgreSQL's.
    pub(super) fn is_document(self) -> bool {
        matches!(self, ParamKind::Json | ParamKind::Jsonb)
    }

    /// The form of a value that did not come as a string.
    pub(super) fn format(self) -> Format {
        match self {
            ParamKind::Text | ParamKind::Other | ParamKind::Numeric | ParamKind::Json | ParamKind::Jsonb => {
                Format::Text
            }
            ParamKind::Interval | ParamKind::Void | ParamKind::HalfVector => Format::Text,
            _ => Format::Binary,
        }
    }

    /// The form of an array; `any_text` says whether an element came as a string.
    pub(super) fn array_format(self, any_text: bool) -> Format {
        match self {
            // A string is these types' binary form too.
            ParamKind::Text | ParamKind::Json | ParamKind::Jsonb => Format::Binary,
            ParamKind::Other
            | ParamKind::Numeric
            | ParamKind::Interval
            | ParamKind::Void
            | ParamKind::HalfVector => Format::Text,
            _ if any_text => Format::Text,
            _ => Format::Binary,
        }
    }
}
