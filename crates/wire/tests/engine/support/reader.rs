//! Reads completion records as JavaScript does, and holds them to their rules.

use std::collections::HashMap;

use cornac_wire::{
    codec::Codec,
    record::{flag, kind},
};

use super::parts::Parts;
pub(crate) use super::told::Told;

/// A codec, and those of the values that its values are made of.
pub(super) struct Form {
    pub(super) codec: u32,
    pub(super) parts: Vec<Form>,
    /// The names of a composite's attributes.
    pub(super) names: Vec<String>,
}

impl Form {
    fn read(cursor: &mut Cursor<'_>) -> Self {
        let (codec, count) = (cursor.word(), cursor.word());
        let (mut parts, mut names) = (Vec::new(), Vec::new());
        if [Codec::Custom, Codec::CustomTuple].iter().any(|custom| codec == *custom as u32) {
            // The number of a codec of one's own.
            cursor.word();
        }
        let has_names = [Codec::Composite, Codec::CustomTuple].iter().any(|named| codec == *named as u32);
        for _ in 0..count {
            if has_names {
                let length = cursor.size();
                names.push(cursor.text(length));
            }
            parts.push(Form::read(cursor));
        }
        Self { codec, parts, names }
    }
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) slot: usize,
    /// The keys of the objects in a column of documents, by the number of their list.
    pub(super) key_lists: Vec<Vec<String>>,
}

pub(super) struct Shape {
    pub(super) columns: Vec<Column>,
    pub(super) stride: usize,
    /// How fields are read whose types come with their rows.
    pub(super) fields: Vec<Form>,
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
            kind::DONE => {
                let (request, _status) = (cursor.word(), cursor.word());
                Told::Done { request }
            }
            kind::TIMES => Told::Times {
                request: cursor.word(),
                sent: cursor.word(),
                answered: cursor.word(),
                complete: cursor.word(),
            },
            kind::ARGUMENTS_WANTED => {
                let (request, count) = (cursor.word(), cursor.word());
                Told::Wanted { request, types: (0..count).map(|_| cursor.word()).collect() }
            }
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
                Told::Notice { request: cursor.word(), fields: cursor.fields() }
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
            kind::FIELD_FORM => {
                let (id, number) = (cursor.word(), cursor.size());
                let shape = self.shapes.get_mut(&id).expect("a field of a shape that is not known");
                assert_eq!(shape.fields.len(), number, "fields are announced once, in order");
                shape.fields.push(Form::read(cursor));
                Told::FieldForm { number }
            }
            kind::DATA => {
                let (request, messages, length) = (cursor.word(), cursor.word(), cursor.size());
                let data = cursor.bytes[cursor.at..cursor.at + length].to_vec();
                Told::Data { request, messages, data }
            }
            other => panic!("a record of kind {other}"),
        }
    }

    fn shape(&mut self, cursor: &mut Cursor<'_>) -> Told {
        let (id, count, stride) = (cursor.word(), cursor.word(), cursor.size());
        let mut columns = Vec::new();
        for _ in 0..count {
            let (form, _type_oid, slot) = (Form::read(cursor), cursor.word(), cursor.size());
            for _of_its_source in 0..4 {
                cursor.word();
            }
            let length = cursor.size();
            let name = cursor.text(length);
            columns.push(Column { form, slot, name, key_lists: Vec::new() });
        }
        assert!(
            self.shapes.insert(id, Shape { columns, stride, fields: Vec::new() }).is_none(),
            "shape {id} was announced twice"
        );
        Told::Shape { id }
    }

    fn keys(&mut self, cursor: &mut Cursor<'_>) -> Told {
        let (id, column, list) = (cursor.word(), cursor.size(), cursor.size());
        let keys: Vec<String> = cursor.fields().into_iter().map(|(_, key)| key).collect();
        let shape = self.shapes.get_mut(&id).expect("keys of a shape that is not known");
        let lists = &mut shape.columns[column].key_lists;
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
        let mut rows = Vec::new();
        if count > 0 {
            let shape = self.shapes.get(&shape).expect("rows of a shape that is not known any more");
            let parts = Parts { arrays, units: &units, buffers, fields: &shape.fields };
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
