//! The formats in which the values of a result come.

use crate::{description::Column, form::Form, shape::Shape, types::SessionTypes};

/// The formats that a Bind asked for.
pub(super) struct Formats<'a> {
    /// One for all columns, or one each; `None` for text throughout, which is what a Bind asks for that names none.
    asked: Option<&'a [u8]>,
    types: &'a SessionTypes,
}

impl<'a> Formats<'a> {
    /// What is asked for when a result is expected to have this shape.
    pub(super) fn of(shape: Option<&'a Shape>, types: &'a SessionTypes) -> Self {
        Self { asked: shape.and_then(|shape| shape.formats.get(2..)), types }
    }

    fn asked_for_text(&self, column: usize) -> bool {
        let codes = self.asked.map_or(&[][..], |asked| asked.as_chunks::<2>().0);
        let code = if codes.len() == 1 { codes.first() } else { codes.get(column) };
        code.is_none_or(|code| *code == [0, 0])
    }

    /// Settles how columns are read that the server told of with their formats. False when the values of one cannot be
    /// read: its type is another than expected, and was asked for in a format that is none of that type's.
    pub(super) fn honour(&self, columns: &mut [Column]) -> bool {
        let mut is_readable = true;
        for (index, column) in columns.iter_mut().enumerate() {
            match (!Form::of(column.type_oid, self.types).is_binary, column.is_text) {
                (false, false) => {}
                // Values of this type always come as text.
                (true, true) => column.is_text = false,
                (true, false) => is_readable = false,
                // The server took no notice, or was asked for what the column used to be.
                (false, true) => {
                    let is_known = Form::of_text(column.type_oid, self.types).is_some();
                    is_readable &= is_known || !self.asked_for_text(index);
                }
            }
        }
        is_readable
    }
}
