//! How the values of a type come and what becomes of them, by what the type is and what the connection's options
//! choose.

mod scalars;
#[cfg(test)]
mod tests;

use crate::{
    codec::{Codec, Spelling, Wire},
    record::{Record, size},
    types::{Attribute, Custom, Exchange, SessionTypes, Structure},
};
use scalars::{scalar, spelled, text_in_binary};

/// How values are read, and those that they are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub codec: Codec,
    pub wire: Wire,
    /// Whether values are asked for in binary.
    pub is_binary: bool,
    /// The elements of an array, the bounds of a range, the ranges of a multirange, the attributes of a composite.
    pub parts: Box<[Part]>,
    /// The number of the program's codec that reads it.
    pub number: u32,
}

/// A type that another one is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub type_oid: u32,
    pub form: Form,
    /// The name of an attribute of a composite; else empty.
    pub name: Box<str>,
}

/// Types that are made of types that are made of types: more than these is no type of an honest server.
const DEEPEST: u32 = 64;

/// Parts of a form, and parts of its parts. What has more is read as its text: a type that is used twice in each of a
/// row of types has a form of endless size.
const MOST_PARTS: usize = 64 * 1024;

impl Form {
    /// The form of a column whose values come in the format that they are asked for.
    pub fn of(type_oid: u32, types: &SessionTypes) -> Self {
        match Self::of_part(type_oid, types) {
            Form { codec: Codec::Json, wire: Wire::Versioned, .. } => {
                Self::scalar((Codec::Document, Wire::JsonbDocument))
            }
            Form { codec: Codec::Json, .. } => Self::scalar((Codec::Document, Wire::JsonDocument)),
            form => form,
        }
    }

    /// The form of a part of a value.
    pub fn of_part(type_oid: u32, types: &SessionTypes) -> Self {
        let binary = Builder::new(types).binary(type_oid, DEEPEST);
        binary.unwrap_or_else(|| Builder::new(types).text(type_oid, DEEPEST))
    }

    /// The form of a column whose values come as text although they were asked for in binary. `None` where the text can only be
    /// handed on as it is.
    pub fn of_text(type_oid: u32, types: &SessionTypes) -> Option<Self> {
        let of = Self::of(type_oid, types);
        if of.has_custom() {
            let read = Builder::new(types).readable_text(type_oid, DEEPEST)?;
            return Some(Self { is_binary: true, ..read });
        }
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

    /// Whether a value of it, or one of its parts, is read by a codec of the program's.
    fn has_custom(&self) -> bool {
        matches!(self.codec, Codec::Custom | Codec::CustomTuple)
            || self.parts.iter().any(|part| part.form.has_custom())
    }

    /// Tells of it in a record: a codec, how many parts it has, the number of one of the program's, and the parts, an attribute
    /// behind its name.
    pub fn write(&self, record: &mut Record<'_>) {
        record.word(u32::from(self.codec as u8));
        record.word(size(self.parts.len()));
        if matches!(self.codec, Codec::Custom | Codec::CustomTuple | Codec::CustomInText) {
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

/// Finds the form of one type.
struct Builder<'a> {
    types: &'a SessionTypes,
    /// Parts that it may have still.
    parts_left: usize,
}

impl<'a> Builder<'a> {
    fn new(types: &'a SessionTypes) -> Self {
        Self { types, parts_left: MOST_PARTS }
    }

    /// The form of a type that comes in binary.
    fn binary(&mut self, type_oid: u32, depth: u32) -> Option<Form> {
        let depth = depth.checked_sub(1)?;
        self.parts_left = self.parts_left.checked_sub(1)?;
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

    /// The form of a type with a codec of the program's, if its values come in binary.
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
            (Exchange::Text | Exchange::Tuple | Exchange::AliasInText, _) => return None,
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
            (Exchange::Alias | Exchange::AliasInText, _) => return self.readable_text(custom.number, depth),
            (Exchange::Binary, structure) => Form::scalar(binary_in_text(structure.as_ref())),
            (Exchange::Tuple, _) => return None,
        };
        Some(Form { number: custom.number, ..form }.in_text())
    }

    /// The form of a type that comes as text.
    fn text(&mut self, type_oid: u32, depth: u32) -> Form {
        self.readable_text(type_oid, depth).unwrap_or_else(Form::as_text)
    }

    /// The same; `None` where the text can only be handed on as it is.
    fn readable_text(&mut self, type_oid: u32, depth: u32) -> Option<Form> {
        let depth = depth.checked_sub(1)?;
        self.parts_left = self.parts_left.checked_sub(1)?;
        if let Some(custom) = self.types.codec(type_oid) {
            return self.custom_text(custom, type_oid, depth);
        }
        match self.types.find(type_oid)? {
            Structure::Array { element, delimiter } => {
                let element_form = self.text(element, depth);
                let wire =
                    if VECTORS.contains(&type_oid) { Wire::TextNumbers } else { Wire::TextArray(delimiter) };
                Some(Form::made_of(Codec::Array, wire, element, element_form).in_text())
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
            Structure::Range { subtype } => {
                let bound = self.text(subtype, depth);
                Some(Form::made_of(Codec::Range, Wire::TextRange, subtype, bound).in_text())
            }
            Structure::Multirange { range } => {
                let range_form = self.readable_text(range, depth)?;
                Some(Form::made_of(Codec::Array, Wire::TextMultirange, range, range_form).in_text())
            }
        }
    }

    fn scalar(&mut self, send: &str) -> Option<Form> {
        match send {
            // pgvector's types are lists of numbers.
            "vector.vector" => Some(list_of_numbers(Wire::Vector)),
            "vector.halfvec" => Some(list_of_numbers(Wire::HalfVector)),
            _ => scalar(send, self.types.options()).map(Form::scalar),
        }
    }
}

/// How the binary form of a type's values is read from their text, for a codec that takes nothing else. Where the text
/// does not tell it, the value is refused.
fn binary_in_text(structure: Option<&Structure>) -> (Codec, Wire) {
    match structure {
        Some(Structure::Scalar { send }) if send == "byteasend" => {
            (Codec::Custom, Wire::Spelled(Spelling::Bytes))
        }
        Some(structure) if text_in_binary(structure) == Some(Wire::Text) => (Codec::Custom, Wire::Bytes),
        _ => (Codec::CustomInText, Wire::Text),
    }
}

const FLOAT4: u32 = 700;
/// int2vector and oidvector, whose text is not that of an array.
const VECTORS: [u32; 2] = [22, 30];

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
