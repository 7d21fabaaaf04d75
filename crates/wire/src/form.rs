//! How the values of a type come and what becomes of them, by what the type is and what the connection's options
//! choose.

use crate::{
    codec::{Codec, Figure, Spelling, Wire},
    record::{Record, size},
    type_options::{Int8, Moment, TypeOptions},
    types::{Attribute, Custom, Exchange, SessionTypes, Structure},
};

/// How values are read, and those that they are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub codec: Codec,
    pub wire: Wire,
    /// Whether values are asked for in binary.
    pub is_binary: bool,
    /// Of an array its elements, of a range its bounds, of a multirange its ranges, of a composite its attributes.
    pub parts: Box<[Part]>,
    /// Of one that is read by a codec of the program's: its number.
    pub number: u32,
}

/// A type that another one is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub type_oid: u32,
    pub form: Form,
    /// Of an attribute of a composite; else empty.
    pub name: Box<str>,
}

/// Types that are made of types that are made of types: more than these is no type of an honest server.
const DEEPEST: u32 = 64;

/// Parts of a form, and parts of its parts. What has more is read as its text: a type that is used twice in each of a
/// row of types has a form of endless size.
const MOST_PARTS: usize = 64 * 1024;

impl Form {
    /// Of a column whose values come in the format that they are asked for.
    pub fn of(type_oid: u32, types: &SessionTypes) -> Self {
        match Self::of_part(type_oid, types) {
            Form { codec: Codec::Json, wire: Wire::Versioned, .. } => {
                Self::scalar((Codec::Document, Wire::JsonbDocument))
            }
            Form { codec: Codec::Json, .. } => Self::scalar((Codec::Document, Wire::JsonDocument)),
            form => form,
        }
    }

    /// Of a part of a value.
    pub fn of_part(type_oid: u32, types: &SessionTypes) -> Self {
        let binary = Builder::new(types).binary(type_oid, DEEPEST);
        binary.unwrap_or_else(|| Builder::new(types).text(type_oid, DEEPEST))
    }

    /// Of a column whose values come as text although they were asked for in binary. `None` where the text can only be
    /// handed on as it is.
    pub fn of_text(type_oid: u32, types: &SessionTypes) -> Option<Self> {
        let of = Self::of(type_oid, types);
        let wire = spelled(&of, type_oid)?;
        Some(Self { wire, ..of })
    }

    /// The text as it is.
    pub fn as_text() -> Self {
        Self { is_binary: false, ..Self::scalar((Codec::WireText, Wire::Text)) }
    }

    /// Whether a value of it, or of one of its parts, says itself what its fields are.
    pub fn has_fields(&self) -> bool {
        self.wire == Wire::Record || self.parts.iter().any(|part| part.form.has_fields())
    }

    /// Tells of it in a record: a codec, how many parts it has, the number of one of the program's, and the parts, an attribute
    /// behind its name.
    pub fn write(&self, record: &mut Record<'_>) {
        record.word(u32::from(self.codec as u8));
        record.word(size(self.parts.len()));
        if matches!(self.codec, Codec::Custom | Codec::CustomTuple) {
            record.word(self.number);
        }
        for part in &self.parts {
            if matches!(self.codec, Codec::Composite | Codec::CustomTuple) {
                record.word(size(part.name.len()));
                record.bytes(part.name.as_bytes());
            }
            part.form.write(record);
        }
    }

    fn scalar((codec, wire): (Codec, Wire)) -> Self {
        Self { codec, wire, is_binary: true, parts: Box::default(), number: 0 }
    }

    fn made_of(codec: Codec, wire: Wire, type_oid: u32, form: Form) -> Self {
        let part = Part { type_oid, form, name: Box::default() };
        Self { codec, wire, is_binary: true, parts: Box::new([part]), number: 0 }
    }

    fn in_text(self) -> Self {
        Self { is_binary: false, ..self }
    }
}

/// Its text is two hexadecimal numbers.
const PG_LSN: u32 = 3220;

/// How values that are read in one way from their binary form are read from their text.
fn spelled(of: &Form, type_oid: u32) -> Option<Wire> {
    Some(match (of.codec, of.wire) {
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
        (Codec::Custom, Wire::Text | Wire::Versioned) => Wire::Text,
        // An interval's text is in whatever style the session has.
        (_, Wire::IntervalText) => return None,
        (Codec::Text | Codec::WireText | Codec::Json | Codec::Bits, _) => Wire::Text,
        (Codec::TemporalInstant | Codec::TemporalDateTime, _) => Wire::Text,
        (Codec::TemporalDate | Codec::TemporalTime, _) => Wire::Text,
        _ => return None,
    })
}

/// Finds the form of one type.
struct Builder<'a> {
    types: &'a SessionTypes,
    /// Parts that it may have still.
    left: usize,
}

impl<'a> Builder<'a> {
    fn new(types: &'a SessionTypes) -> Self {
        Self { types, left: MOST_PARTS }
    }

    /// Of a type that comes in binary.
    fn binary(&mut self, type_oid: u32, depth: u32) -> Option<Form> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        let structure = self.types.find(type_oid);
        if let Some(custom) = self.types.codec(type_oid) {
            return self.custom(custom, type_oid, structure, depth);
        }
        Some(match structure? {
            Structure::Scalar { send } => self.scalar(&send)?,
            Structure::Array { element, .. } => {
                Form::made_of(Codec::Array, Wire::Array, element, self.binary(element, depth)?)
            }
            Structure::Range { subtype } => {
                Form::made_of(Codec::Range, Wire::Range, subtype, self.binary(subtype, depth)?)
            }
            Structure::Multirange { range } => {
                Form::made_of(Codec::Array, Wire::Multirange, range, self.binary(range, depth)?)
            }
            Structure::Domain { base } => self.binary(base, depth)?,
            Structure::Enum => Form::scalar((Codec::Text, Wire::Text)),
            Structure::Composite { attributes } => {
                let part = |attribute| self.binary(attribute, depth);
                let parts = parts(&attributes, part)?;
                Form { parts, ..Form::scalar((Codec::Composite, Wire::Composite(type_oid))) }
            }
        })
    }

    /// Of a type with a codec of the program's, if its values come in binary.
    fn custom(
        &mut self,
        custom: Custom,
        type_oid: u32,
        structure: Option<Structure>,
        depth: u32,
    ) -> Option<Form> {
        let form = match (custom.exchange, structure) {
            (Exchange::Binary, _) => Form::scalar((Codec::Custom, Wire::Bytes)),
            (Exchange::Text, Some(structure)) => Form::scalar((Codec::Custom, text_in_binary(&structure)?)),
            (Exchange::Tuple, Some(Structure::Composite { attributes })) => {
                let parts = parts(&attributes, |attribute| self.binary(attribute, depth))?;
                Form { parts, ..Form::scalar((Codec::CustomTuple, Wire::Composite(type_oid))) }
            }
            (Exchange::Alias, _) => return self.binary(custom.number, depth),
            (Exchange::Text | Exchange::Tuple, _) => return None,
        };
        Some(Form { number: custom.number, ..form })
    }

    /// The same, if its values come as text.
    fn custom_text(&mut self, custom: Custom, type_oid: u32, depth: u32) -> Option<Form> {
        let form = match (custom.exchange, self.types.find(type_oid)) {
            (Exchange::Text, _) => Form::scalar((Codec::Custom, Wire::Text)),
            (Exchange::Tuple, Some(Structure::Composite { attributes })) => {
                let parts = parts(&attributes, |attribute| Some(self.text(attribute, depth)))?;
                Form { parts, ..Form::scalar((Codec::CustomTuple, Wire::TextComposite(type_oid))) }
            }
            (Exchange::Alias, _) => return self.readable_text(custom.number, depth),
            (Exchange::Binary | Exchange::Tuple, _) => return None,
        };
        Some(Form { number: custom.number, ..form }.in_text())
    }

    /// Of a type that comes as text.
    fn text(&mut self, type_oid: u32, depth: u32) -> Form {
        self.readable_text(type_oid, depth).unwrap_or_else(Form::as_text)
    }

    /// The same; `None` where the text can only be handed on as it is.
    fn readable_text(&mut self, type_oid: u32, depth: u32) -> Option<Form> {
        let depth = depth.checked_sub(1)?;
        self.left = self.left.checked_sub(1)?;
        if let Some(custom) = self.types.codec(type_oid) {
            return self.custom_text(custom, type_oid, depth);
        }
        match self.types.find(type_oid)? {
            Structure::Array { element, delimiter } => {
                let element_form = self.text(element, depth);
                Some(Form::made_of(Codec::Array, Wire::TextArray(delimiter), element, element_form).in_text())
            }
            Structure::Composite { attributes } => {
                let parts = parts(&attributes, |attribute| Some(self.text(attribute, depth)))?;
                Some(
                    Form { parts, ..Form::scalar((Codec::Composite, Wire::TextComposite(type_oid))) }
                        .in_text(),
                )
            }
            Structure::Domain { base } => self.readable_text(base, depth),
            Structure::Scalar { .. } | Structure::Enum => {
                let of = self.binary(type_oid, 1)?;
                let wire = spelled(&of, type_oid)?;
                Some(Form { wire, ..of }.in_text())
            }
            Structure::Range { .. } | Structure::Multirange { .. } => None,
        }
    }

    fn scalar(&mut self, send: &str) -> Option<Form> {
        match send {
            // Of pgvector: a list of numbers.
            "vector.vector" => Some(list_of_numbers(Wire::Vector)),
            "vector.halfvec" => Some(list_of_numbers(Wire::HalfVector)),
            _ => scalar(send, self.types.options()).map(Form::scalar),
        }
    }
}

/// How the text of a type's values is read from their binary form, where it is in that.
fn text_in_binary(structure: &Structure) -> Option<Wire> {
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

const FLOAT4: u32 = 700;

fn list_of_numbers(wire: Wire) -> Form {
    Form::made_of(Codec::Array, wire, FLOAT4, Form::scalar((Codec::Number, Wire::Float4)))
}

/// The attributes of a composite in the form that each of them has, if all have one.
fn parts(attributes: &[Attribute], mut form: impl FnMut(u32) -> Option<Form>) -> Option<Box<[Part]>> {
    attributes
        .iter()
        .map(|Attribute { name, type_oid }| {
            Some(Part { type_oid: *type_oid, form: form(*type_oid)?, name: name.as_str().into() })
        })
        .collect()
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
        // A row of no type of its own.
        "record_send" => (Codec::Record, Wire::Record),
        // Types of extensions, see `types::look_up`.
        "citext.citext" => (Codec::Text, Wire::Text),
        "ltree.ltree" | "ltree.lquery" | "ltree.ltxtquery" => (Codec::Text, Wire::Versioned),
        "hstore.hstore" => (Codec::Hstore, Wire::Hstore),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::types::TypeMap;

    fn of(type_oid: u32) -> Form {
        Form::of(type_oid, &SessionTypes::default())
    }

    fn told(types: impl IntoIterator<Item = (u32, Structure)>) -> SessionTypes {
        let map = TypeMap::default();
        map.tell(types);
        SessionTypes::new(Arc::new(map), TypeOptions::default())
    }

    fn composite(attributes: &[(&str, u32)]) -> Structure {
        let attribute =
            |(name, type_oid): &(&str, u32)| Attribute { name: (*name).to_owned(), type_oid: *type_oid };
        Structure::Composite { attributes: attributes.iter().map(attribute).collect() }
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
        assert_eq!((array.parts[0].type_oid, &array.parts[0].form), (2205, &Form::as_text()));
    }

    #[test]
    fn what_a_map_was_told_is_read_through() {
        let types = told([
            (20_000, Structure::Enum),
            (20_001, Structure::Array { element: 20_000, delimiter: b',' }),
            (20_002, Structure::Domain { base: 1007 }),
            (20_003, Structure::Domain { base: 20_002 }),
            (20_004, Structure::Range { subtype: 701 }),
            (20_005, Structure::Scalar { send: "regclasssend".into() }),
            (20_006, Structure::Array { element: 20_005, delimiter: b';' }),
        ]);
        let of = |oid| Form::of(oid, &types);
        assert_eq!(of(20_000), Form::scalar((Codec::Text, Wire::Text)));
        assert_eq!(of(20_001).parts[0].form, of(20_000));
        assert_eq!(of(20_003), of(1007));
        assert_eq!(of(20_004).parts[0].form.wire, Wire::Float8);
        assert_eq!(of(20_006).wire, Wire::TextArray(b';'));
    }

    #[test]
    fn a_composite_is_read_by_its_attributes() {
        let types = told([(20_000, composite(&[("a", 23), ("", 1007)])), (20_001, composite(&[]))]);
        let form = Form::of(20_000, &types);
        assert_eq!(
            (form.codec, form.wire, form.is_binary),
            (Codec::Composite, Wire::Composite(20_000), true)
        );
        let parts: Vec<_> =
            form.parts.iter().map(|part| (&*part.name, part.type_oid, part.form.wire)).collect();
        assert_eq!(parts, [("a", 23, Wire::Int4), ("", 1007, Wire::Array)]);
        assert_eq!(Form::of(20_001, &types).parts.len(), 0);
    }

    #[test]
    fn a_composite_with_what_has_no_binary_form_comes_as_text_and_so_do_those_with_it() {
        let types = told([
            // aclitem[], int4[], timestamptz, jsonb, and a range, which only its text is of.
            (20_000, composite(&[("a", 1034), ("b", 1007), ("c", 1184), ("d", 3802), ("e", 3904)])),
            (20_001, Structure::Array { element: 20_000, delimiter: b',' }),
            (20_002, composite(&[("all", 20_001)])),
        ]);
        let form = Form::of(20_002, &types);
        assert_eq!((form.wire, form.is_binary), (Wire::TextComposite(20_002), false));
        let array = &form.parts[0].form;
        assert_eq!((array.wire, array.is_binary), (Wire::TextArray(b','), false));
        let wires: Vec<_> = array.parts[0].form.parts.iter().map(|part| part.form.wire).collect();
        let list = Wire::TextArray(b',');
        assert_eq!(wires, [list, list, Wire::Spelled(Spelling::Moment), Wire::Text, Wire::Text]);
        let codecs: Vec<_> = array.parts[0].form.parts.iter().map(|part| part.form.codec).collect();
        assert_eq!(codecs, [Codec::Array, Codec::Array, Codec::Date, Codec::Json, Codec::WireText]);
    }

    #[test]
    fn types_that_are_made_of_themselves_end_somewhere() {
        let types = told([
            (20_000, Structure::Array { element: 20_001, delimiter: b',' }),
            (20_001, Structure::Domain { base: 20_000 }),
            (20_002, Structure::Domain { base: 20_002 }),
            (20_003, composite(&[("one", 20_003), ("two", 20_003)])),
        ]);
        for oid in [20_000, 20_001, 20_002, 20_003] {
            assert!(!Form::of(oid, &types).is_binary);
        }
    }

    #[test]
    fn types_that_use_each_other_many_times_do_not_grow_without_end() {
        let mut tower = vec![(20_000, composite(&[("n", 23)]))];
        for oid in 20_001..20_030 {
            tower.push((oid, composite(&[("a", oid - 1), ("b", oid - 1), ("c", oid - 1)])));
        }
        let types = told(tower);
        assert!(Form::of(20_005, &types).is_binary);
        assert!(!Form::of(20_029, &types).is_binary);
    }
}
