//! How a column's values cross to JavaScript: one codec per built-in type, chosen by the connection's options.

use crate::type_options::{Int8, Moment, TypeOptions};

/// The size of a codec's cells in a packed row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Four,
    Eight,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Codec {
    /// A 4-byte integer.
    Int = 0,
    /// A 4-byte 0 or 1.
    Bool = 1,
    /// A double.
    Number = 2,
    /// A double: milliseconds since 1970, or an infinity.
    Date = 3,
    /// An 8-byte integer: a number when it is a safe one, else a bigint.
    Int8 = 4,
    /// An 8-byte integer, always a bigint.
    BigInt = 5,
    /// An 8-byte integer without sign, always a bigint.
    BigUint = 6,
    /// Start and end of a run of UTF-16 units in the chunk's text.
    Text = 7,
    /// As `Text`: a JSON document to be parsed, of an array.
    Json = 8,
    /// Start and end of a run in the chunk's bytes, as a Buffer.
    Buffer = 9,
    /// As `Buffer`, as a Uint8Array.
    Bytes = 10,
    /// The place of an array in the chunk's arrays, in 4-byte words.
    Array = 11,
    /// As `Text`, for a value that the server was asked to send as text.
    WireText = 12,
    /// As `Text`: made a Temporal.Instant.
    TemporalInstant = 13,
    /// As `Text`: made a Temporal.PlainDateTime.
    TemporalDateTime = 14,
    /// As `Text`: made a Temporal.PlainDate.
    TemporalDate = 15,
    /// As `Text`: made a Temporal.PlainTime.
    TemporalTime = 16,
    /// Always null.
    Void = 17,
    /// A leaf: a JSON document that was read, see `cells::document`.
    Document = 18,
}

impl Codec {
    pub fn lane(self) -> Lane {
        match self {
            Codec::Int | Codec::Bool | Codec::Array | Codec::Void => Lane::Four,
            _ => Lane::Eight,
        }
    }
}

/// How the bytes of a value are read into its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    /// int8 that must be a safe integer.
    Int8Safe,
    Int8Text,
    Uint4,
    Uint8,
    Float4,
    Float8,
    Numeric,
    NumericNumber,
    Text,
    Char,
    Bytes,
    Uuid,
    Jsonb,
    /// A column of json, whose documents are read.
    JsonDocument,
    /// The same of jsonb.
    JsonbDocument,
    Date,
    DateText,
    TimeText,
    TimetzText,
    Timestamp,
    TimestampText,
    Timestamptz,
    TimestamptzText,
    Void,
    /// An array whose elements are read as the column's `element` says.
    Array,
    /// Text in place of the type's binary form.
    Spelled(Spelling),
}

/// How the text of a value is read into its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    Bool,
    Int,
    Int8,
    /// int8 that must be a safe integer.
    Int8Safe,
    Uint8,
    Number,
    /// bytea in its hexadecimal form.
    Bytes,
    /// A date or timestamp in PostgreSQL's ISO form.
    Moment,
}

/// A column's codec, the way its bytes are read, and those of its elements when it is an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub codec: Codec,
    pub wire: Wire,
    pub element: Option<(Codec, Wire)>,
}

impl Column {
    /// Whether values of the type are asked for as text.
    pub fn travels_as_text(type_oid: u32, options: TypeOptions) -> bool {
        Self::of(type_oid, options).codec == Codec::WireText
    }

    /// For values that come as text although they were asked for in binary. `None` where the text can only be handed
    /// on as it is.
    pub fn of_text(type_oid: u32, options: TypeOptions) -> Option<Self> {
        let of = Self::of(type_oid, options);
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
            (Codec::Array | Codec::Void, _) => return None,
            _ => Wire::Text,
        };
        Some(Self { wire, ..of })
    }

    /// The text as it is.
    pub const AS_TEXT: Self = Self { codec: Codec::WireText, wire: Wire::Text, element: None };

    pub fn of(type_oid: u32, options: TypeOptions) -> Self {
        match scalar(type_oid, options) {
            Some((Codec::Json, Wire::Jsonb)) => {
                return Self { codec: Codec::Document, wire: Wire::JsonbDocument, element: None };
            }
            Some((Codec::Json, _)) => {
                return Self { codec: Codec::Document, wire: Wire::JsonDocument, element: None };
            }
            Some((codec, wire)) => return Self { codec, wire, element: None },
            None => {}
        }
        match crate::types::array_element_oid(type_oid).and_then(|element| scalar(element, options)) {
            // An array of a type that travels as text is text as a whole.
            Some(element) if element.0 != Codec::WireText => {
                Self { codec: Codec::Array, wire: Wire::Array, element: Some(element) }
            }
            _ => Self::AS_TEXT,
        }
    }
}

/// Its text is two hexadecimal numbers.
const PG_LSN: u32 = 3220;

/// The codec of a built-in scalar type that travels in binary, by its OID in pg_type.dat.
fn scalar(type_oid: u32, options: TypeOptions) -> Option<(Codec, Wire)> {
    Some(match type_oid {
        16 => (Codec::Bool, Wire::Bool),
        17 if options.bytea_as_uint8array() => (Codec::Bytes, Wire::Bytes),
        17 => (Codec::Buffer, Wire::Bytes),
        18 => (Codec::Text, Wire::Char),
        20 => match options.int8() {
            Int8::Auto => (Codec::Int8, Wire::Int8),
            Int8::BigInt => (Codec::BigInt, Wire::Int8),
            Int8::Number => (Codec::Number, Wire::Int8Safe),
            Int8::Text => (Codec::Text, Wire::Int8Text),
        },
        21 => (Codec::Int, Wire::Int2),
        23 => (Codec::Int, Wire::Int4),
        // text, varchar, bpchar, name, xml, cstring, unknown: the binary form is the text itself.
        25 | 1043 | 1042 | 19 | 142 | 2275 | 705 => (Codec::Text, Wire::Text),
        // oid, xid, cid
        26 | 28 | 29 => (Codec::Number, Wire::Uint4),
        114 if options.json_as_text() => (Codec::Text, Wire::Text),
        114 => (Codec::Json, Wire::Text),
        700 => (Codec::Number, Wire::Float4),
        701 => (Codec::Number, Wire::Float8),
        1082 => match options.date() {
            Moment::Date => (Codec::Date, Wire::Date),
            Moment::Text => (Codec::Text, Wire::DateText),
            Moment::Temporal => (Codec::TemporalDate, Wire::DateText),
        },
        1083 => match options.time() {
            Moment::Temporal => (Codec::TemporalTime, Wire::TimeText),
            _ => (Codec::Text, Wire::TimeText),
        },
        1114 => match options.timestamp() {
            Moment::Date => (Codec::Date, Wire::Timestamp),
            Moment::Text => (Codec::Text, Wire::TimestampText),
            Moment::Temporal => (Codec::TemporalDateTime, Wire::TimestampText),
        },
        1184 => match options.timestamptz() {
            Moment::Date => (Codec::Date, Wire::Timestamptz),
            Moment::Text => (Codec::Text, Wire::TimestamptzText),
            Moment::Temporal => (Codec::TemporalInstant, Wire::TimestamptzText),
        },
        1266 => (Codec::Text, Wire::TimetzText),
        1700 if options.numeric_as_number() => (Codec::Number, Wire::NumericNumber),
        1700 => (Codec::Text, Wire::Numeric),
        2278 => (Codec::Void, Wire::Void),
        2950 => (Codec::Text, Wire::Uuid),
        // pg_lsn and xid8 are unsigned 64-bit numbers: bigint always, whatever their size.
        3220 | 5069 => (Codec::BigUint, Wire::Uint8),
        3802 if options.json_as_text() => (Codec::Text, Wire::Jsonb),
        3802 => (Codec::Json, Wire::Jsonb),
        _ => return None,
    })
}
