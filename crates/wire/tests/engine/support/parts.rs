//! Values of rows as text, from their cells.

mod composites;

use super::reader::{Column, Form, Shape};

/// What the cells of rows refer to.
pub(super) struct Parts<'a> {
    pub(super) arrays: &'a [u8],
    pub(super) units: &'a [u16],
    pub(super) buffers: &'a [u8],
    /// How fields are read whose types come with their rows.
    pub(super) fields: &'a [Form],
}

/// Reads what the leaves of documents say, as JSON.
impl Parts<'_> {
    fn document(&self, lists: &[Vec<String>], cells: &[u8], slot: usize) -> String {
        let (low, high) = (word(cells, slot), word(cells, slot + 4));
        let run = |bytes: &[u8], at: usize| self.text(place(bytes, at), place(bytes, at + 4));
        let node = || usize::try_from(low).unwrap() * 4;
        match high {
            0xffff_0000.. => {
                let start = usize::try_from(low).unwrap();
                format!("{:?}", self.text(start, start + usize::try_from(high & 0xffff).unwrap()))
            }
            0xfffe_0000 => ["null", "true", "false"][usize::try_from(low).unwrap()].to_owned(),
            0xfffd_0000 => self.node(lists, node()),
            0xfffc_0000 => low.cast_signed().to_string(),
            0xfffb_0000 => format!("{:?}", run(self.arrays, node())),
            0xfffa_0000 => run(self.arrays, node()),
            _ => f64::from_ne_bytes(cells[slot..slot + 8].try_into().unwrap()).to_string(),
        }
    }

    fn node(&self, lists: &[Vec<String>], at: usize) -> String {
        let (list, count) = (word(self.arrays, at), place(self.arrays, at + 4));
        let leaf = |index: usize| self.document(lists, self.arrays, at + 8 + index * 8);
        if list == u32::MAX {
            return format!("[{}]", (0..count).map(leaf).collect::<Vec<_>>().join(", "));
        }
        let keys = &lists[usize::try_from(list).unwrap()];
        assert_eq!(keys.len(), count, "a leaf for each key");
        let member = |(index, key): (usize, &String)| format!("{key:?}: {}", leaf(index));
        format!("{{{}}}", keys.iter().enumerate().map(member).collect::<Vec<_>>().join(", "))
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn place(bytes: &[u8], at: usize) -> usize {
    usize::try_from(word(bytes, at)).unwrap()
}

impl Parts<'_> {
    pub(super) fn row(&self, shape: &Shape, row: &[u8]) -> Vec<String> {
        let value = |(index, column): (usize, &Column)| {
            if word(row, index / 32 * 4) >> (index % 32) & 1 == 1 {
                return format!("{}=null", column.name);
            }
            if column.form.codec == 18 {
                return format!("{}={}", column.name, self.document(&column.key_lists, row, column.slot));
            }
            format!("{}={}", column.name, self.value(&column.form, row, column.slot))
        };
        shape.columns.iter().enumerate().map(value).collect()
    }

    fn text(&self, start: usize, end: usize) -> String {
        String::from_utf16(&self.units[start..end]).unwrap()
    }

    fn value(&self, form: &Form, cells: &[u8], slot: usize) -> String {
        let eight = |at: usize| -> [u8; 8] { cells[at..at + 8].try_into().unwrap() };
        match form.codec {
            0 => word(cells, slot).cast_signed().to_string(),
            1 => (word(cells, slot) == 1).to_string(),
            2 | 3 => f64::from_ne_bytes(eight(slot)).to_string(),
            4 | 5 => i64::from_ne_bytes(eight(slot)).to_string(),
            6 => u64::from_ne_bytes(eight(slot)).to_string(),
            9 | 10 => format!("{:?}", &self.buffers[place(cells, slot)..place(cells, slot + 4)]),
            11 => self.array(&form.parts[0], place(cells, slot) * 4),
            17 => "null".to_owned(),
            19 => self.range(&form.parts[0], place(cells, slot) * 4),
            20 | 21 => {
                let at = place(cells, slot) * 4;
                let microseconds = i64::from_ne_bytes(self.arrays[at..at + 8].try_into().unwrap());
                let (days, months) = (word(self.arrays, at + 8), word(self.arrays, at + 12));
                format!("{} {} {microseconds}", months.cast_signed(), days.cast_signed())
            }
            23 => format!("({},{})", word(cells, slot), word(cells, slot + 4)),
            24 => {
                let at = place(cells, slot) * 4;
                self.numbers(at + 8, place(self.arrays, at) + 2, |bytes| {
                    u64::from_ne_bytes(bytes).to_string()
                })
            }
            25 => {
                let at = place(cells, slot) * 4;
                let numbers = self.numbers(at + 8, place(self.arrays, at + 4), |bytes| {
                    f64::from_ne_bytes(bytes).to_string()
                });
                format!("{}:{numbers}", word(self.arrays, at))
            }
            26 => self.composite(form, place(cells, slot) * 4),
            27 => self.record(place(cells, slot) * 4),
            28 => self.hstore(place(cells, slot) * 4),
            _ => self.text(place(cells, slot), place(cells, slot + 4)),
        }
    }

    fn numbers(&self, at: usize, count: usize, text: impl Fn([u8; 8]) -> String) -> String {
        let number = |index| text(self.arrays[at + index * 8..][..8].try_into().unwrap());
        (0..count).map(number).collect::<Vec<_>>().join(",")
    }

    fn range(&self, bound: &Form, at: usize) -> String {
        let flags = word(self.arrays, at);
        if flags & 1 != 0 {
            return "empty".to_owned();
        }
        let side = |infinite, at| {
            if flags & infinite != 0 { String::new() } else { self.value(bound, self.arrays, at) }
        };
        let (open, close) = (if flags & 2 != 0 { '[' } else { '(' }, if flags & 4 != 0 { ']' } else { ')' });
        format!("{open}{},{}{close}", side(8, at + 8), side(16, at + 16))
    }

    fn array(&self, element: &Form, at: usize) -> String {
        let (dimensions, count) = (place(self.arrays, at), place(self.arrays, at + 4));
        if count == 0 {
            return "[]".to_owned();
        }
        let flags = word(self.arrays, at + 8);
        let (nulls, width) = (flags & 1 != 0, if flags & 2 != 0 { 4 } else { 8 });
        let bits = at + 12 + dimensions * 4;
        let behind = bits + if nulls { count.div_ceil(32) * 4 } else { 0 };
        let first = behind.next_multiple_of(8);
        let value = |index: usize| {
            if nulls && word(self.arrays, bits + index / 32 * 4) >> (index % 32) & 1 == 1 {
                return "null".to_owned();
            }
            self.value(element, self.arrays, first + index * width)
        };
        format!("[{}]", (0..count).map(value).collect::<Vec<_>>().join(","))
    }
}
