//! Arrays that come as text, since their elements have no binary form that is of use: `{pg_class,NULL,"a b"}`.

use super::{
    Chunk, Unfit,
    array::{part, width},
    value::Packed,
};
use crate::{form::Form, value::MAX_DIMENSIONS};

impl Chunk {
    /// Appends an array and gives its place in 4-byte words.
    pub(super) fn text_array(&mut self, form: &Form, delimiter: u8, body: &[u8]) -> Result<u32, Unfit> {
        let element = &part(form)?.form;
        let mut reader = Reader {
            rest: body,
            delimiter,
            element,
            chunk: self,
            elements: Vec::new(),
            unquoted: Vec::new(),
            lengths: [None; MAX_DIMENSIONS],
            depth: 0,
        };
        reader.decoration()?;
        reader.expect(b'{')?;
        let is_empty = reader.rest == b"}";
        if is_empty {
            reader.rest = &[];
        } else {
            reader.level(0)?;
        }
        if !reader.rest.is_empty() {
            return Err(MALFORMED);
        }
        let Reader { elements, lengths, depth, .. } = reader;
        let dimensions: Vec<i32> = lengths
            .iter()
            .take(if is_empty { 0 } else { depth + 1 })
            .map(|length| i32::try_from(length.unwrap_or(0)).unwrap_or(i32::MAX))
            .collect();
        let has_nulls = elements.iter().any(Option::is_none);
        let node = self.begin_array(&dimensions, elements.len(), has_nulls, width(element))?;
        for (index, element) in elements.into_iter().enumerate() {
            match element {
                Some(packed) => self.put_element(node, index, packed),
                None => self.set_null_element(node, index),
            }
        }
        Ok(node.place)
    }
}

const MALFORMED: Unfit = Unfit::Malformed("its text is no array");

struct Reader<'a> {
    rest: &'a [u8],
    delimiter: u8,
    element: &'a Form,
    chunk: &'a mut Chunk,
    /// `None` for NULL.
    elements: Vec<Option<Packed>>,
    unquoted: Vec<u8>,
    /// The sizes of the dimensions that were met, outermost first.
    lengths: [Option<usize>; MAX_DIMENSIONS],
    /// Where the elements are.
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn expect(&mut self, byte: u8) -> Result<(), Unfit> {
        if self.peek() != Some(byte) {
            return Err(MALFORMED);
        }
        self.skip(1);
        Ok(())
    }

    /// `[1:3][-1:0]=`, the bounds of an array that does not begin at 1: they are read over.
    fn decoration(&mut self) -> Result<(), Unfit> {
        if self.peek() != Some(b'[') {
            return Ok(());
        }
        let end = memchr::memchr(b'=', self.rest).ok_or(MALFORMED)?;
        self.skip(end + 1);
        Ok(())
    }

    /// What stands between two braces, the opening one being read.
    fn level(&mut self, depth: usize) -> Result<(), Unfit> {
        let mut count = 0;
        loop {
            if self.peek() == Some(b'{') {
                if depth + 1 >= MAX_DIMENSIONS || self.lengths.get(depth + 1).is_none() {
                    return Err(MALFORMED);
                }
                self.skip(1);
                self.level(depth + 1)?;
            } else {
                if self.elements.is_empty() {
                    self.depth = depth;
                }
                if self.depth != depth {
                    return Err(MALFORMED);
                }
                let element = self.element()?;
                self.elements.push(element);
            }
            count += 1;
            match self.peek() {
                Some(byte) if byte == self.delimiter => self.skip(1),
                Some(b'}') => break,
                _ => return Err(MALFORMED),
            }
        }
        self.skip(1);
        let Some(length) = self.lengths.get_mut(depth) else { return Err(MALFORMED) };
        if *length.get_or_insert(count) != count || self.depth < depth {
            return Err(MALFORMED);
        }
        Ok(())
    }

    fn element(&mut self) -> Result<Option<Packed>, Unfit> {
        if self.peek() == Some(b'"') {
            self.skip(1);
            self.quoted()?;
            self.chunk.item(self.element, &self.unquoted).map(Some)
        } else {
            let is_end = |byte: &u8| matches!(*byte, b'}' | b'{' | b'"' | b'\\') || *byte == self.delimiter;
            let end = self.rest.iter().position(is_end).ok_or(MALFORMED)?;
            let (text, rest) = self.rest.split_at_checked(end).ok_or(MALFORMED)?;
            self.rest = rest;
            match text {
                // The empty text is quoted.
                b"" => Err(MALFORMED),
                b"NULL" => Ok(None),
                text => self.chunk.item(self.element, text).map(Some),
            }
        }
    }

    /// Reads to the closing quotation mark and past it.
    fn quoted(&mut self) -> Result<(), Unfit> {
        self.unquoted.clear();
        loop {
            let end = memchr::memchr2(b'"', b'\\', self.rest).ok_or(MALFORMED)?;
            let (text, rest) = self.rest.split_at_checked(end).ok_or(MALFORMED)?;
            self.unquoted.extend_from_slice(text);
            self.rest = rest;
            match rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(());
                }
                [b'\\', escaped, rest @ ..] => {
                    self.unquoted.push(*escaped);
                    self.rest = rest;
                }
                _ => return Err(MALFORMED),
            }
        }
    }
}
