//! Composites, rows of no type of their own, and hstores.

use super::{Form, Parts, place, word};

impl Parts<'_> {
    pub(super) fn composite(&self, form: &Form, at: usize) -> String {
        let count = form.parts.len();
        let first = (at + count.div_ceil(32) * 4).next_multiple_of(8);
        let attribute = |index: usize| {
            if word(self.arrays, at + index / 32 * 4) >> (index % 32) & 1 == 1 {
                return format!("{}:null", form.names[index]);
            }
            let value = self.value(&form.parts[index], self.arrays, first + index * 8);
            format!("{}:{value}", form.names[index])
        };
        format!("{{{}}}", (0..count).map(attribute).collect::<Vec<_>>().join(","))
    }

    pub(super) fn record(&self, at: usize) -> String {
        let field = |index: usize| {
            let at = at + 8 + index * 16;
            match word(self.arrays, at) {
                u32::MAX => "null".to_owned(),
                number => {
                    let form = &self.fields[usize::try_from(number).unwrap()];
                    self.value(form, self.arrays, at + 8)
                }
            }
        };
        format!("({})", (0..place(self.arrays, at)).map(field).collect::<Vec<_>>().join(","))
    }

    pub(super) fn hstore(&self, at: usize) -> String {
        let pair = |index: usize| {
            let at = at + 8 + index * 16;
            let key = self.text(place(self.arrays, at), place(self.arrays, at + 4));
            match word(self.arrays, at + 8) {
                u32::MAX => format!("{key}=>null"),
                _ => format!("{key}=>{}", self.text(place(self.arrays, at + 8), place(self.arrays, at + 12))),
            }
        };
        format!("<{}>", (0..place(self.arrays, at)).map(pair).collect::<Vec<_>>().join(","))
    }
}
