//! Composites that come as text, since an attribute has no binary form that is of use: `(1,"a ""b""",,"{1,2}")`.

use super::{Chunk, Unfit, text_part};
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
            if text_part::take(&mut rest, b",)", &mut text).ok_or(MALFORMED)? {
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
