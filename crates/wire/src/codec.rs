//! What cells hold, and how the bytes of values are read into them.

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
    /// The place of a range's node: its flags, then from a multiple of 8 bytes its bounds, 8 bytes each.
    Range = 19,
    /// The place of an interval's node: microseconds, days, months.
    Interval = 20,
    /// As `Interval`, made a Temporal.Duration.
    TemporalDuration = 21,
    /// As `Text`: made a BitString of its 0 and 1.
    Bits = 22,
    /// The number of a block and that of a row in it, 4 bytes each.
    Tid = 23,
    /// The place of a snapshot's node: how many transactions are in it, then xmin, xmax and those, 8 bytes each.
    Snapshot = 24,
    /// The place of a geometric value's node: its `cells::geometry::Figure`, how many numbers it has, and them.
    Geometry = 25,
    /// The place of a composite's node: a bit per attribute that is set for NULL, in words of 32, then from a multiple of
    /// 8 bytes on a cell of 8 bytes for each.
    Composite = 26,
    /// The place of the node of a row that has no type of its own: the count of its fields, 0, then for each the number
    /// of its form, 0 (2 words), and its cell of 8 bytes. A form's number is -1 for NULL.
    Record = 27,
    /// The place of an hstore's node: the count of its pairs, 0, then start and end of each key and value in the chunk's
    /// text, -1 and -1 for NULL.
    Hstore = 28,
    /// As `Text` or `Buffer`: what a codec of the program's reads.
    Custom = 29,
    /// As `Composite`: the list of its attributes is what a codec of the program's reads.
    CustomTuple = 30,
    /// As `Text`, for a codec of the program's that reads the binary form, which the text does not tell: the value is
    /// refused.
    CustomInText = 31,
}

impl Codec {
    pub fn lane(self) -> Lane {
        match self {
            Codec::Int | Codec::Bool | Codec::Array | Codec::Void | Codec::Range | Codec::Interval => {
                Lane::Four
            }
            Codec::TemporalDuration | Codec::Snapshot | Codec::Geometry => Lane::Four,
            Codec::Composite | Codec::Record | Codec::Hstore | Codec::CustomTuple => Lane::Four,
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
    /// Text behind a version byte: jsonb, jsonpath.
    Versioned,
    /// A column of json, whose documents are read.
    JsonDocument,
    /// A column of jsonb, whose documents are read.
    JsonbDocument,
    Date,
    DateText,
    TimeText,
    TimetzText,
    Timestamp,
    TimestampText,
    Timestamptz,
    TimestamptzText,
    Interval,
    IntervalText,
    Bits,
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
    Tid,
    Snapshot,
    Geometry(Figure),
    Void,
    /// An array whose elements are read as the form's only part says.
    Array,
    /// An array from its text, whose elements this separates.
    TextArray(u8),
    /// A range whose bounds are read as the form's only part says.
    Range,
    /// A range from its text.
    TextRange,
    /// Ranges that are read as the form's only part says.
    Multirange,
    /// Ranges from their text.
    TextMultirange,
    /// Text in place of the type's binary form.
    Spelled(Spelling),
    /// The same, turned into the binary form first.
    FromText(FromText),
    /// Numbers between blanks, the text of int2vector and oidvector.
    TextNumbers,
    /// A composite of this type, whose attributes are read as the form's parts say.
    Composite(u32),
    /// A composite of this type, from its text.
    TextComposite(u32),
    /// A row whose fields' types come with it.
    Record,
    /// Pairs of texts.
    Hstore,
    /// pgvector's list of float4.
    Vector,
    /// pgvector's list of numbers with 16 bits.
    HalfVector,
    /// The text of a `Vector` or a `HalfVector`.
    TextVector,
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
}

/// What text is turned into the binary form of, and how that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromText {
    Date,
    DateText,
    Timestamp,
    TimestampText,
    Timestamptz,
    TimestamptzText,
    Interval,
    IntervalText,
    Tid,
    Snapshot,
    Lsn,
    Hstore,
    Geometry(Figure),
}

impl FromText {
    /// How the binary form is read.
    pub fn wire(self) -> Wire {
        match self {
            FromText::Date => Wire::Date,
            FromText::DateText => Wire::DateText,
            FromText::Timestamp => Wire::Timestamp,
            FromText::TimestampText => Wire::TimestampText,
            FromText::Timestamptz => Wire::Timestamptz,
            FromText::TimestamptzText => Wire::TimestamptzText,
            FromText::Interval => Wire::Interval,
            FromText::IntervalText => Wire::IntervalText,
            FromText::Tid => Wire::Tid,
            FromText::Snapshot => Wire::Snapshot,
            FromText::Lsn => Wire::Uint8,
            FromText::Hstore => Wire::Hstore,
            FromText::Geometry(figure) => Wire::Geometry(figure),
        }
    }

    /// How the text of a value is read that is read so in its binary form; `None` if texts are not turned into that form.
    pub fn of(wire: Wire) -> Option<Self> {
        Some(match wire {
            Wire::Date => FromText::Date,
            Wire::DateText => FromText::DateText,
            Wire::Timestamp => FromText::Timestamp,
            Wire::TimestampText => FromText::TimestampText,
            Wire::Timestamptz => FromText::Timestamptz,
            Wire::TimestamptzText => FromText::TimestamptzText,
            Wire::Interval => FromText::Interval,
            Wire::IntervalText => FromText::IntervalText,
            Wire::Tid => FromText::Tid,
            Wire::Snapshot => FromText::Snapshot,
            Wire::Hstore => FromText::Hstore,
            Wire::Geometry(figure) => FromText::Geometry(figure),
            _ => return None,
        })
    }
}

/// Geometric types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Figure {
    /// x, y.
    Point = 0,
    /// A, B, C of Ax + By + C = 0.
    Line = 1,
    /// Both ends.
    Segment = 2,
    /// Its upper right and its lower left corner.
    Box = 3,
    /// Its points.
    OpenPath = 4,
    ClosedPath = 5,
    Polygon = 6,
    /// x, y and the radius.
    Circle = 7,
}
