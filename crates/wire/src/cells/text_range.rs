//! Ranges and multiranges that come as text, since their bounds have no binary form that is of use: `[1.0,2.50)`,
//! `{(,"a b"],empty}`.

use super::{
    Chunk, Unfit,
    array::{part, width},
    node::range_flag,
    text_part,
    value::Packed,
};
use crate::form::Form;

const MALFORMED: Unfit = Unfit::Malformed("its text is no range");
const EMPTY: &[u8] = b"empty";

impl Chunk {
    /// Appends a range and gives its place in 4-byte words.
    pub(super) fn text_range(&mut self, form: &Form, mut body: &[u8]) -> Result<u32, Unfit> {
        let place = self.take_text_range(form, &mut body)?;
        if body.is_empty() { Ok(place) } else { Err(MALFORMED) }
    }

    /// Appends the ranges of a multirange as an array.
    pub(super) fn text_multirange(&mut self, form: &Form, body: &[u8]) -> Result<u32, Unfit> {
        let range = &part(form)?.form;
        let mut rest = body.strip_prefix(b"{").ok_or(MALFORMED)?;
        let mut places = Vec::new();
        while rest != b"}" {
            if !places.is_empty() {
                rest = rest.strip_prefix(b",").ok_or(MALFORMED)?;
            }
            places.push(self.take_text_range(range, &mut rest)?);
        }
        let dimensions = i32::try_from(places.len()).unwrap_or(i32::MAX);
        let dimensions = if places.is_empty() { &[][..] } else { &[dimensions][..] };
        let node = self.begin_array(dimensions, places.len(), false, width(range))?;
        for (index, place) in places.into_iter().enumerate() {
            self.put_element(node, index, Packed::Four(place.to_ne_bytes()));
        }
        Ok(node.place)
    }

    /// Takes a range off the front of a text.
    fn take_text_range(&mut self, form: &Form, rest: &mut &[u8]) -> Result<u32, Unfit> {
        let bound = &part(form)?.form;
        if let Some(behind) = rest.strip_prefix(EMPTY) {
            *rest = behind;
            let node = self.begin_range(range_flag::EMPTY)?;
            return Ok(node.place);
        }
        let mut text = Vec::new();
        let lower_inclusive = one_of(rest, b'(', b'[')?;
        let lower = self.take_bound(bound, rest, b",", &mut text)?;
        *rest = rest.strip_prefix(b",").ok_or(MALFORMED)?;
        let upper = self.take_bound(bound, rest, b")]", &mut text)?;
        let upper_inclusive = one_of(rest, b')', b']')?;
        let node = self.begin_range(
            flag(lower_inclusive, range_flag::LOWER_INCLUSIVE)
                | flag(upper_inclusive, range_flag::UPPER_INCLUSIVE)
                | flag(lower.is_none(), range_flag::LOWER_INFINITE)
                | flag(upper.is_none(), range_flag::UPPER_INFINITE),
        )?;
        for (at, packed) in [(node.lower, lower), (node.upper, upper)] {
            if let Some(packed) = packed {
                self.put_bound(at, packed);
            }
        }
        Ok(node.place)
    }

    /// `None` for a bound that is not there.
    fn take_bound(
        &mut self,
        bound: &Form,
        rest: &mut &[u8],
        ends: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<Option<Packed>, Unfit> {
        if text_part::take(rest, ends, text).ok_or(MALFORMED)? {
            self.item(bound, text).map(Some)
        } else {
            Ok(None)
        }
    }
}

fn flag(is_set: bool, flag: u8) -> u8 {
    if is_set { flag } else { 0 }
}

/// Takes a bracket off the front: whether it is the second one of the two.
fn one_of(rest: &mut &[u8], exclusive: u8, inclusive: u8) -> Result<bool, Unfit> {
    match rest.split_first() {
        Some((byte, behind)) if *byte == exclusive || *byte == inclusive => {
            *rest = behind;
            Ok(*byte == inclusive)
        }
        _ => Err(MALFORMED),
    }
}
