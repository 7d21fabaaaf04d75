//! Reads completion records as JavaScript does, and holds them to their rules.

use std::collections::HashMap;

use cornac_wire::record::{Class, flag, kind};

/// A record, as far as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Rows {
        request: u32,
        rows: Vec<Vec<String>>,
        last: bool,
        status: u8,
        tag: String,
    },
    Failed {
        request: u32,
        last: bool,
        status: u8,
        class: u32,
        fields: Vec<(char, String)>,
    },
    Done {
        request: u32,
    },
    Surplus {
        request: u32,
    },
    Composed {
        request: u32,
    },
    /// In microseconds.
    Times {
        request: u32,
        sent: u32,
        answered: u32,
        complete: u32,
    },
    Room {
        request: u32,
        bytes: u32,
    },
    Described {
        request: u32,
        shape: u32,
        types: Vec<u32>,
        name: String,
    },
    Shape {
        id: u32,
    },
    Released {
        id: u32,
    },
    Notice(Vec<(char, String)>),
    Notification {
        channel: String,
        payload: String,
    },
    Parameter {
        name: String,
        value: String,
    },
    Parameters {
        query: u32,
        types: Vec<u32>,
    },
    Ended {
        class: u32,
        fields: Vec<(char, String)>,
    },
    Keys(Vec<String>),
    /// Data of a COPY, of so many messages.
    Data {
        request: u32,
        messages: u32,
        data: Vec<u8>,
    },
}

/// A codec, and those of the values that its values are made of.
struct Form {
    codec: u32,
    parts: Vec<Form>,
}

impl Form {
    fn read(cursor: &mut Cursor<'_>) -> Self {
        let (codec, parts) = (cursor.word(), cursor.word());
        Self { codec, parts: (0..parts).map(|_| Form::read(cursor)).collect() }
    }
}

struct Cell {
    name: String,
    form: Form,
    slot: usize,
    /// Of a column of documents: the keys of its objects, by the number of their list.
    key_lists: Vec<Vec<String>>,
}

struct Shape {
    cells: Vec<Cell>,
    stride: usize,
}

/// The reader's memory: the shapes that were announced and not released.
#[derive(Default)]
pub(crate) struct Reader {
    shapes: HashMap<u32, Shape>,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn word(&mut self) -> u32 {
        self.at += 4;
        u32::from_ne_bytes(self.bytes[self.at - 4..self.at].try_into().unwrap())
    }

    fn size(&mut self) -> usize {
        usize::try_from(self.word()).unwrap()
    }

    fn text(&mut self, length: usize) -> String {
        self.at += length;
        String::from_utf8(self.bytes[self.at - length..self.at].to_vec()).unwrap()
    }

    fn fields(&mut self) -> Vec<(char, String)> {
        let count = self.word();
        let mut fields = Vec::new();
        for _ in 0..count {
            let letter = char::from_u32(self.word()).unwrap();
            let length = self.size();
            fields.push((letter, self.text(length)));
        }
        fields
    }
}

impl Reader {
    pub(crate) fn shapes(&self) -> usize {
        self.shapes.len()
    }

    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Told> {
        let mut told = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut cursor = Cursor { bytes: rest, at: 0 };
            let (kind, size) = (cursor.word(), cursor.size());
            assert!(size >= 8 && size.is_multiple_of(8) && size <= rest.len(), "a record of {size} bytes");
            cursor.bytes = &rest[..size];
            told.push(self.record(kind, &mut cursor));
            rest = &rest[size..];
        }
        told
    }

    fn record(&mut self, record: u32, cursor: &mut Cursor<'_>) -> Told {
        match record {
            kind::ROWS => self.rows(cursor),
            kind::FAILED => {
                let (request, flags, class) = (cursor.word(), cursor.word(), cursor.word());
                let last = flags & flag::LAST != 0;
                let status = u8::try_from(flags >> flag::STATUS_SHIFT & 0xff).unwrap();
                Told::Failed { request, last, status, class, fields: cursor.fields() }
            }
            kind::DONE => Told::Done { request: cursor.word() },
            kind::TIMES => Told::Times {
                request: cursor.word(),
                sent: cursor.word(),
                answered: cursor.word(),
                complete: cursor.word(),
            },
            kind::SETS_COMPOSED => Told::Composed { request: cursor.word() },
            kind::SURPLUS => Told::Surplus { request: cursor.word() },
            kind::COPY_ROOM => Told::Room { request: cursor.word(), bytes: cursor.word() },
            kind::DESCRIBED => {
                let (request, _flags, shape) = (cursor.word(), cursor.word(), cursor.word());
                let (count, length) = (cursor.word(), cursor.size());
                assert!(shape == 0 || self.shapes.contains_key(&shape), "a shape that was not announced");
                let types = (0..count).map(|_| cursor.word()).collect();
                Told::Described { request, shape, types, name: cursor.text(length) }
            }
            kind::SHAPE => self.shape(cursor),
            kind::SHAPE_RELEASED => {
                let id = cursor.word();
                assert!(self.shapes.remove(&id).is_some(), "shape {id} was released but never announced");
                Told::Released { id }
            }
            kind::NOTICE => {
                cursor.word();
                Told::Notice(cursor.fields())
            }
            kind::NOTIFICATION => {
                cursor.word();
                cursor.word();
                let [(_, channel), (_, payload)] = cursor.fields().try_into().unwrap();
                Told::Notification { channel, payload }
            }
            kind::PARAMETER => {
                cursor.word();
                let [(_, name), (_, value)] = cursor.fields().try_into().unwrap();
                Told::Parameter { name, value }
            }
            kind::PARAMETERS => {
                let (query, _session, count) = (cursor.word(), cursor.word(), cursor.word());
                Told::Parameters { query, types: (0..count).map(|_| cursor.word()).collect() }
            }
            kind::ENDED => {
                cursor.word();
                Told::Ended { class: cursor.word(), fields: cursor.fields() }
            }
            kind::KEYS => self.keys(cursor),
            kind::DATA => {
                let (request, messages, length) = (cursor.word(), cursor.word(), cursor.size());
                let data = cursor.bytes[cursor.at..cursor.at + length].to_vec();
                Told::Data { request, messages, data }
            }
            other => panic!("a record of kind {other}"),
        }
    }

    fn shape(&mut self, cursor: &mut Cursor<'_>) -> Told {
        let (id, columns, stride) = (cursor.word(), cursor.word(), cursor.size());
        let mut cells = Vec::new();
        for _ in 0..columns {
            let (form, _type_oid, slot) = (Form::read(cursor), cursor.word(), cursor.size());
            for _of_its_source in 0..4 {
                cursor.word();
            }
            let length = cursor.size();
            let name = cursor.text(length);
            cells.push(Cell { form, slot, name, key_lists: Vec::new() });
        }
        assert!(self.shapes.insert(id, Shape { cells, stride }).is_none(), "shape {id} was announced twice");
        Told::Shape { id }
    }

    fn keys(&mut self, cursor: &mut Cursor<'_>) -> Told {
        let (id, column, list) = (cursor.word(), cursor.size(), cursor.size());
        let keys: Vec<String> = cursor.fields().into_iter().map(|(_, key)| key).collect();
        let shape = self.shapes.get_mut(&id).expect("keys of a shape that is not known");
        let lists = &mut shape.cells[column].key_lists;
        assert_eq!(lists.len(), list, "key lists are announced once, in order");
        lists.push(keys.clone());
        Told::Keys(keys)
    }

    fn rows(&mut self, cursor: &mut Cursor<'_>) -> Told {
        let (request, shape, count, flags) = (cursor.word(), cursor.word(), cursor.size(), cursor.word());
        let lengths = [cursor.size(), cursor.size(), cursor.size(), cursor.size(), cursor.size()];
        cursor.word();
        let mut parts = [&cursor.bytes[..0]; 5];
        for (part, length) in parts.iter_mut().zip(lengths) {
            *part = &cursor.bytes[cursor.at..cursor.at + length];
            cursor.at += length;
        }
        assert!(cursor.bytes.len() - cursor.at < 8, "a rows record is longer than its parts");
        let [cells, arrays, text, buffers, tag] = parts;
        let units: Vec<u16> = if flags & flag::UTF16 == 0 {
            text.iter().map(|byte| u16::from(*byte)).collect()
        } else {
            text.chunks(2).map(|pair| u16::from_ne_bytes(pair.try_into().unwrap())).collect()
        };
        let parts = Parts { arrays, units: &units, buffers };
        let mut rows = Vec::new();
        if count > 0 {
            let shape = self.shapes.get(&shape).expect("rows of a shape that is not known any more");
            assert_eq!(cells.len(), count * shape.stride);
            for place in 0..count {
                rows.push(parts.row(shape, &cells[place * shape.stride..][..shape.stride]));
            }
        }
        let status = u8::try_from(flags >> flag::STATUS_SHIFT & 0xff).unwrap();
        let last = flags & flag::LAST != 0;
        Told::Rows { request, rows, last, status, tag: tag.iter().copied().map(char::from).collect() }
    }
}

struct Parts<'a> {
    arrays: &'a [u8],
    units: &'a [u16],
    buffers: &'a [u8],
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
    fn row(&self, shape: &Shape, row: &[u8]) -> Vec<String> {
        let value = |(index, cell): (usize, &Cell)| {
            if word(row, index / 32 * 4) >> (index % 32) & 1 == 1 {
                return format!("{}=null", cell.name);
            }
            if cell.form.codec == 18 {
                return format!("{}={}", cell.name, self.document(&cell.key_lists, row, cell.slot));
            }
            format!("{}={}", cell.name, self.value(&cell.form, row, cell.slot))
        };
        shape.cells.iter().enumerate().map(value).collect()
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

fn field(fields: &[(char, String)], letter: char) -> &str {
    fields.iter().find(|(l, _)| *l == letter).map_or("", |(_, text)| text)
}

fn class_name(class: u32) -> &'static str {
    let classes = [
        (Class::Server, "server"),
        (Class::Data, "data"),
        (Class::Interface, "interface"),
        (Class::Lost, "lost"),
        (Class::Timeout, "timeout"),
        (Class::Protocol, "protocol"),
        (Class::Internal, "internal"),
    ];
    classes.iter().find(|(known, _)| *known as u32 == class).map_or("?", |(_, name)| name)
}

impl Told {
    /// The request whose last record it is.
    pub(crate) fn ends(&self) -> Option<u32> {
        match self {
            Told::Rows { request, last: true, .. }
            | Told::Failed { request, last: true, .. }
            | Told::Done { request } => Some(*request),
            _ => None,
        }
    }

    pub(crate) fn field(&self, letter: char) -> &str {
        match self {
            Told::Failed { fields, .. } | Told::Ended { fields, .. } | Told::Notice(fields) => {
                field(fields, letter)
            }
            _ => "",
        }
    }

    /// The record in a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Told::Rows { request, rows, last, status, tag } => {
                let rows: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
                let end = if *last { format!(" end {} {tag}", char::from(*status)) } else { String::new() };
                format!("#{request} rows [{}]{end}", rows.join("; "))
            }
            Told::Failed { request, last, class, fields, .. } => {
                let what = match field(fields, 'C') {
                    "" => field(fields, 'M'),
                    code => code,
                };
                let more = if *last { "" } else { " more" };
                format!("#{request} {} {what}{more}", class_name(*class))
            }
            Told::Done { request } => format!("#{request} done"),
            Told::Times { request, sent, answered, complete } => {
                format!("#{request} sent {sent} answered {answered} complete {complete}")
            }
            Told::Composed { request } => format!("#{request} composed"),
            Told::Surplus { request } => format!("#{request} surplus"),
            Told::Room { request, bytes } => format!("#{request} room {bytes}"),
            Told::Described { request, shape, types, name } => {
                let name = if name.is_empty() { "unnamed" } else { name.as_str() };
                let rows = if *shape == 0 { "no rows" } else { "rows" };
                format!("#{request} described {name} {types:?} {rows}")
            }
            Told::Shape { .. } => "shape".to_owned(),
            Told::Released { .. } => "released".to_owned(),
            Told::Keys(keys) => format!("keys {}", keys.join(",")),
            Told::Data { request, messages, data } => {
                format!("#{request} data of {messages}: {}", data.escape_ascii())
            }
            Told::Notice(fields) => format!("notice {}", field(fields, 'C')),
            Told::Notification { channel, payload } => format!("notification {channel} {payload}"),
            Told::Parameter { name, value } => format!("parameter {name} {value}"),
            Told::Parameters { types, .. } => format!("parameters {types:?}"),
            Told::Ended { class, fields } => {
                let what =
                    if field(fields, 'C').is_empty() { field(fields, 'M') } else { field(fields, 'C') };
                format!("ended {} {what}", class_name(*class))
            }
        }
    }
}
