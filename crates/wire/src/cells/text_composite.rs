//! Composites that come as text, since an attribute has no binary form that is of use: `(1,"a ""b""",,"{1,2}")`.

use super::{Chunk, Unfit};
use crate::form::Form;

const MALFORMED: Unfit = Unfit::Malformed("its text is no row");

impl Chunk {
    /// Appends a composite and gives its place in 4-byte words.
    pub(super) fn text_composite(&mut self, type_oid: u32, form: &Form, body: &[u8]) -> Result<u32, Unfit> {
        let mut rest = body.strip_prefix(b"(").ok_or(MALFORMED)?;
        let cells = self.begin_cells(form.parts.len())?;
        let mut text = Vec::new();
        for (index, part) in form.parts.iter().enumerate() {
            if index > 0 {
                let is_short = rest == b")";
                rest = rest
                    .strip_prefix(b",")
                    .ok_or_else(|| if is_short { Unfit::outdated(type_oid, index) } else { MALFORMED })?;
            }
            if attribute(&mut rest, &mut text)? {
                let packed = self.item(&part.form, &text)?;
                self.put_cell(cells, index, packed);
            } else {
                self.set_null_cell(cells, index);
            }
        }
        match rest {
            b")" => Ok(cells.place),
            [b',', ..] => Err(Unfit::outdated(type_oid, form.parts.len())),
            _ => Err(MALFORMED),
        }
    }
}

/// Takes the text of an attribute off the front; false for NULL, which is no text at all.
fn attribute(rest: &mut &[u8], text: &mut Vec<u8>) -> Result<bool, Unfit> {
    text.clear();
    let mut is_quoted = false;
    let mut is_there = false;
    loop {
        let (byte, behind) = rest.split_first().ok_or(MALFORMED)?;
        match (byte, behind) {
            (b',' | b')', _) if !is_quoted => return Ok(is_there),
            (b'"', [b'"', behind @ ..]) if is_quoted => {
                text.push(b'"');
                *rest = behind;
            }
            (b'"', _) => {
                is_quoted = !is_quoted;
                *rest = behind;
            }
            (b'\\', [escaped, behind @ ..]) => {
                text.push(*escaped);
                *rest = behind;
            }
            (b'\\', []) => return Err(MALFORMED),
            _ => {
                text.push(*byte);
                *rest = behind;
            }
        }
        is_there = true;
    }
}
