//! JSON documents in a chunk.
//!
//! JSON.parse is what reading rows with documents costs most of on JavaScript's thread, and it does not get cheaper
//! in bulk. So documents are read here, and JavaScript makes their objects of literals, one per list of keys.
//!
//! A document is one leaf: 8 bytes, which are a double unless their high word is one of [`leaf`]. Objects and arrays
//! lie among the chunk's arrays, at multiples of 8 bytes: the number of the key list (or [`ARRAY`]), the count of
//! leaves, and the leaves. What is better read by JSON.parse travels as text: documents that are very large, and
//! those with equal keys in one object, half a surrogate pair, a number beyond the doubles, or too many key lists, and
//! those of a row whose documents before have taken much room.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{
    Chunk, Unfit,
    text::Text,
    unfit,
    value::{Packed, position},
};
use crate::{
    key_lists::{END, Found, Open, keys},
    record::{self, kind, letter},
    shape::Shape,
};

/// The high words of leaves that are no doubles. JSON has no NaN, and these words are those of NaNs that no arithmetic
/// makes.
mod leaf {
    /// The low word is where a text begins, the low half of the high word its length.
    pub(super) const TEXT: u32 = 0xffff_0000;
    /// The low word is 0 for null, 1 for true, 2 for false.
    pub(super) const LITERAL: u32 = 0xfffe_0000;
    /// The low word is the place of an object or array.
    pub(super) const NODE: u32 = 0xfffd_0000;
    /// The low word is a 4-byte integer.
    pub(super) const INT: u32 = 0xfffc_0000;
    /// The low word is the place of the start and the end of a text.
    pub(super) const LONG_TEXT: u32 = 0xfffb_0000;
    /// As `LONG_TEXT`: a document to be parsed.
    pub(super) const JSON: u32 = 0xfffa_0000;
}

/// In place of a key list.
const ARRAY: u32 = u32::MAX;

/// Bytes of a document beyond which it goes as text: a leaf may take four times the bytes of its digits.
const LARGEST: usize = 1 << 20;

/// Bytes of nodes of one row beyond which its other documents go as text, which takes no more than came.
const MOST_NODES: usize = 16 << 20;

type Leaf = [u8; 8];

/// The leaves of the objects and arrays that are open, and the keys of the objects. One serves a whole session.
#[derive(Default)]
pub(super) struct Scratch {
    leaves: Vec<Leaf>,
    keys: Vec<u8>,
}

impl Scratch {
    /// Gives back what one large document made it grow to.
    fn shrink(&mut self) {
        super::reset(&mut self.leaves);
        super::reset(&mut self.keys);
    }

    #[cfg(test)]
    pub(super) fn allocated(&self) -> usize {
        self.leaves.capacity() * size_of::<Leaf>() + self.keys.capacity()
    }
}

impl Chunk {
    /// Appends the document of a column and gives its leaf.
    pub(super) fn document(&mut self, shape: &Shape, column: usize, body: &[u8]) -> Result<Packed, Unfit> {
        let (text, nodes) = (self.text.mark(), self.arrays.len());
        let leaf = self.read(shape, column, body);
        self.scratch.shrink();
        if let Some(leaf) = leaf {
            return Ok(Packed::Eight(leaf));
        }
        self.text.rewind(text);
        self.arrays.truncate(nodes);
        let start = self.text.units();
        self.text.push(body)?;
        let place = pair(&mut self.arrays, start, self.text.units()).ok_or(unfit::TOO_LARGE)?;
        Ok(Packed::Eight(make(place, leaf::JSON)))
    }

    /// None when the document had better be parsed, or refused, by JSON.parse.
    fn read(&mut self, shape: &Shape, column: usize, body: &[u8]) -> Option<Leaf> {
        if body.len() > LARGEST || self.arrays.len() - self.row_arrays > MOST_NODES {
            return None;
        }
        let lists = shape.columns.get(column)?.key_lists.open()?;
        let mut reader = Reader {
            text: &mut self.text,
            nodes: &mut self.arrays,
            scratch: &mut self.scratch,
            lists,
            shape,
            column,
        };
        let mut json = serde_json::Deserializer::from_slice(body);
        let leaf = Value(&mut reader).deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(leaf)
    }
}

fn make(low: u32, high: u32) -> Leaf {
    (u64::from(high) << 32 | u64::from(low)).to_ne_bytes()
}

/// Two words at a multiple of 8 bytes, and their place.
fn pair(nodes: &mut Vec<u8>, first: u32, second: u32) -> Option<u32> {
    nodes.resize(nodes.len().next_multiple_of(8), 0);
    let place = position(nodes.len() / 4).ok()?;
    nodes.extend_from_slice(&first.to_ne_bytes());
    nodes.extend_from_slice(&second.to_ne_bytes());
    Some(place)
}

struct Reader<'a> {
    text: &'a mut Text,
    nodes: &'a mut Vec<u8>,
    scratch: &'a mut Scratch,
    lists: Open<'a>,
    shape: &'a Shape,
    column: usize,
}

/// Why a document is left to JSON.parse. Nobody reads it.
const LEFT: &str = "left to JSON.parse";

impl Reader<'_> {
    fn text<E: Error>(&mut self, text: &str) -> Result<Leaf, E> {
        let start = self.text.units();
        self.text.push(text.as_bytes()).map_err(|_| E::custom(LEFT))?;
        let end = self.text.units();
        if let Ok(length) = u16::try_from(end - start) {
            return Ok(make(start, leaf::TEXT | u32::from(length)));
        }
        let place = pair(self.nodes, start, end).ok_or_else(|| E::custom(LEFT))?;
        Ok(make(place, leaf::LONG_TEXT))
    }

    /// Closes the object or array whose leaves begin at `first`.
    fn node<E: Error>(&mut self, head: u32, first: usize) -> Result<Leaf, E> {
        let leaves = self.scratch.leaves.get(first..).unwrap_or_default();
        let place = pair(self.nodes, head, record::size(leaves.len())).ok_or_else(|| E::custom(LEFT))?;
        self.nodes.extend_from_slice(leaves.as_flattened());
        self.scratch.leaves.truncate(first);
        Ok(make(place, leaf::NODE))
    }

    /// The number of the key list that begins at `first`.
    fn keys<E: Error>(&mut self, first: usize) -> Result<u32, E> {
        let list = self.scratch.keys.get(first..).unwrap_or_default();
        let number = match self.lists.find(list) {
            Found::Known(number) => number,
            Found::New(number) => {
                let mut announced = Vec::new();
                let words = [self.shape.id, record::size(self.column), number];
                record::fields(&mut announced, kind::KEYS, &words, keys(list).map(|key| (letter::NAME, key)));
                self.shape.announce(announced);
                number
            }
            Found::Refused => return Err(E::custom(LEFT)),
        };
        self.scratch.keys.truncate(first);
        Ok(number)
    }
}

/// Any value.
struct Value<'r, 'a>(&'r mut Reader<'a>);

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = Leaf;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Leaf, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = Leaf;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Leaf, E> {
        Ok(make(0, leaf::LITERAL))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Leaf, E> {
        Ok(make(if value { 1 } else { 2 }, leaf::LITERAL))
    }

    #[allow(clippy::cast_precision_loss, reason = "to the nearest double, as JSON.parse rounds")]
    fn visit_i64<E>(self, value: i64) -> Result<Leaf, E> {
        Ok(match i32::try_from(value) {
            Ok(int) => make(int.cast_unsigned(), leaf::INT),
            Err(_) => (value as f64).to_ne_bytes(),
        })
    }

    #[allow(clippy::cast_precision_loss, reason = "to the nearest double, as JSON.parse rounds")]
    fn visit_u64<E>(self, value: u64) -> Result<Leaf, E> {
        Ok(match i32::try_from(value) {
            Ok(int) => make(int.cast_unsigned(), leaf::INT),
            Err(_) => (value as f64).to_ne_bytes(),
        })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Leaf, E> {
        Ok(value.to_ne_bytes())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Leaf, E> {
        self.0.text(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Leaf, A::Error> {
        let first = self.0.scratch.leaves.len();
        while let Some(leaf) = elements.next_element_seed(Value(self.0))? {
            self.0.scratch.leaves.push(leaf);
        }
        self.0.node(ARRAY, first)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Leaf, A::Error> {
        let (first_leaf, first_key) = (self.0.scratch.leaves.len(), self.0.scratch.keys.len());
        while members.next_key_seed(Key(&mut self.0.scratch.keys))?.is_some() {
            let leaf = members.next_value_seed(Value(self.0))?;
            self.0.scratch.leaves.push(leaf);
        }
        let list = self.0.keys(first_key)?;
        self.0.node(list, first_leaf)
    }
}

/// The key of a member, appended to those before it.
struct Key<'r>(&'r mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        self.0.extend_from_slice(key.as_bytes());
        self.0.push(END);
        Ok(())
    }
}
