//! Composites, rows of no type of their own, and hstore in a chunk: each is a node among its arrays, see
//! [`crate::codec::Codec`].

use super::{
    Chunk, Unfit,
    array::part,
    unfit,
    value::{Packed, position, put, set_bit},
};
use crate::{
    form::{Form, Part},
    value::{Malformed, take, take_i32, take_value},
};

/// Bytes that a field takes at least: the OID of its type and its length.
const LEAST_FIELD: usize = 8;

/// Bytes of a cell.
const CELL: usize = 8;

/// A node whose cells are not there yet.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    /// In 4-byte words.
    pub(super) place: u32,
    /// Where the bits of NULLs begin, in bytes.
    bits: usize,
    /// Where the cells begin, in bytes.
    first: usize,
}

impl Chunk {
    /// Appends a composite from its binary form, and gives its place in 4-byte words.
    pub(super) fn composite(&mut self, type_oid: u32, form: &Form, mut body: &[u8]) -> Result<u32, Unfit> {
        let count =
            usize::try_from(take_i32(&mut body)?).map_err(|_| "its count of attributes is negative")?;
        if count != form.parts.len() {
            return Err(Unfit::outdated(type_oid, count.min(form.parts.len())));
        }
        if body.len() < form.parts.len() * LEAST_FIELD {
            return Err("it ends too early".into());
        }
        let cells = self.begin_cells(form.parts.len())?;
        for (index, Part { type_oid: attribute, form, .. }) in form.parts.iter().enumerate() {
            if u32::from_be_bytes(take(&mut body)?) != *attribute {
                return Err(Unfit::outdated(type_oid, index));
            }
            match take_value(&mut body)? {
                Some(value) => {
                    let packed = self.item(form, value)?;
                    self.put_cell(cells, index, packed);
                }
                None => self.set_null_cell(cells, index),
            }
        }
        if body.is_empty() { Ok(cells.place) } else { Err("bytes follow its last attribute".into()) }
    }

    /// Room for the attributes of a composite.
    pub(super) fn begin_cells(&mut self, count: usize) -> Result<Cells, Unfit> {
        let place = self.begin_node()?;
        let bits = self.arrays.len();
        let first = (bits + count.div_ceil(32) * 4).next_multiple_of(8);
        self.arrays.resize(first + count * CELL, 0);
        Ok(Cells { place, bits, first })
    }

    pub(super) fn put_cell(&mut self, cells: Cells, index: usize, packed: Packed) {
        self.put_packed(cells.first + index * CELL, packed);
    }

    pub(super) fn set_null_cell(&mut self, cells: Cells, index: usize) {
        set_bit(&mut self.arrays, cells.bits, index);
    }

    fn put_packed(&mut self, at: usize, packed: Packed) {
        match packed {
            Packed::Four(bytes) => put(&mut self.arrays, at, bytes),
            Packed::Eight(bytes) => put(&mut self.arrays, at, bytes),
        }
    }

    /// Appends a row whose fields' types come with it. Fields of types that are not known are noted.
    pub(super) fn record(&mut self, mut body: &[u8]) -> Result<u32, Unfit> {
        let count = usize::try_from(take_i32(&mut body)?)
            .ok()
            .filter(|count| *count <= body.len() / LEAST_FIELD)
            .ok_or("it claims more fields than it has room for")?;
        self.depth = self.depth.checked_add(1).filter(|depth| *depth < DEEPEST).ok_or(unfit::TOO_DEEP)?;
        let place = self.begin_node()?;
        self.word(position(count)?);
        self.word(0);
        let first = self.arrays.len();
        self.arrays.resize(first + count * 2 * CELL, 0);
        for index in 0..count {
            let type_oid = u32::from_be_bytes(take(&mut body)?);
            let at = first + index * 2 * CELL;
            let Some(value) = take_value(&mut body)? else {
                put(&mut self.arrays, at, (-1_i32).to_ne_bytes());
                continue;
            };
            let Some(field) = self.fields.as_ref().and_then(|fields| fields.find(type_oid)) else {
                self.unknown.push(type_oid);
                continue;
            };
            if !field.form.is_binary {
                return Err(unfit::NO_BINARY_FORM);
            }
            let packed = self.item(&field.form, value)?;
            put(&mut self.arrays, at, field.number.to_ne_bytes());
            self.put_packed(at + CELL, packed);
        }
        self.depth -= 1;
        if body.is_empty() { Ok(place) } else { Err("bytes follow its last field".into()) }
    }

    /// Appends an hstore.
    pub(super) fn hstore(&mut self, mut body: &[u8]) -> Result<u32, Unfit> {
        const LEAST_PAIR: usize = 8;
        let count = usize::try_from(take_i32(&mut body)?)
            .ok()
            .filter(|count| *count <= body.len() / LEAST_PAIR)
            .ok_or("it claims more pairs than it has room for")?;
        let place = self.begin_node()?;
        self.word(position(count)?);
        self.word(0);
        for _ in 0..count {
            let key = take_value(&mut body)?.ok_or("a key of it is NULL")?;
            let value = take_value(&mut body)?;
            for text in [Some(key), value] {
                let (start, end) = match text {
                    Some(text) => {
                        let start = self.text.units();
                        self.text.push(text)?;
                        (start, self.text.units())
                    }
                    None => (u32::MAX, u32::MAX),
                };
                self.word(start);
                self.word(end);
            }
        }
        if body.is_empty() { Ok(place) } else { Err("bytes follow its last pair".into()) }
    }

    /// Appends a vector from its text, `[1,2.5]`, as an array.
    pub(super) fn text_vector(&mut self, form: &Form, body: &[u8]) -> Result<u32, Unfit> {
        const MALFORMED: Unfit = Unfit::Malformed("its text is no vector");
        part(form)?;
        let text = std::str::from_utf8(body).map_err(|_| MALFORMED)?;
        let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or(MALFORMED)?;
        let numbers = match text {
            "" => Vec::new(),
            text => {
                text.split(',').map(str::parse::<f64>).collect::<Result<_, _>>().map_err(|_| MALFORMED)?
            }
        };
        let length = i32::try_from(numbers.len()).unwrap_or(i32::MAX);
        let dimensions = if numbers.is_empty() { &[][..] } else { &[length][..] };
        let node = self.begin_array(dimensions, numbers.len(), false, CELL)?;
        for (index, number) in numbers.into_iter().enumerate() {
            self.put_element(node, index, Packed::Eight(number.to_ne_bytes()));
        }
        Ok(node.place)
    }

    /// Appends a vector of numbers of `N` bytes as an array.
    pub(super) fn vector<const N: usize>(
        &mut self,
        form: &Form,
        mut body: &[u8],
        number: impl Fn(&[u8]) -> Result<f64, Malformed>,
    ) -> Result<u32, Unfit> {
        part(form)?;
        let count = i32::from(i16::from_be_bytes(take(&mut body)?));
        let _unused = take::<2>(&mut body)?;
        let (numbers, rest) = body.as_chunks::<N>();
        if !rest.is_empty() || usize::try_from(count) != Ok(numbers.len()) {
            return Err("its length is not that of its dimensions".into());
        }
        let dimensions = [count];
        let dimensions = if count == 0 { &[][..] } else { &dimensions[..] };
        let node = self.begin_array(dimensions, numbers.len(), false, CELL)?;
        for (index, bytes) in numbers.iter().enumerate() {
            self.put_element(node, index, Packed::Eight(number(bytes)?.to_ne_bytes()));
        }
        Ok(node.place)
    }
}

/// Rows within rows, by which a server could have more memory used than there is.
const DEEPEST: u32 = 64;
