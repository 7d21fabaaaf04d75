//! The shape of a result: its columns, how each is converted, and where its cell lies in a packed row.
//!
//! A packed row is, in native byte order: a bit per column that is set for NULL (in words of 32), then the
//! 4-byte cells, then, from a multiple of 8, the 8-byte cells. Rows are a multiple of 8 bytes long.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError, Weak, atomic::AtomicU32, atomic::Ordering},
};

use crate::{
    body::{Body, Malformed},
    codec::Lane,
    description::{Column, Source},
    field_forms::FieldForms,
    form::Form,
    key_lists::KeyLists,
    record::{Announce, Record, kind, size},
    type_options::TypeOptions,
    types::{self, SessionTypes, Survey, Version},
};

/// A column in its place.
#[derive(Debug)]
pub struct PlacedColumn {
    pub name: String,
    pub type_oid: u32,
    pub source: Source,
    pub form: Form,
    /// Its values come as text whatever they were asked for in.
    pub is_text: bool,
    /// The format that the server says the values come in: 1 for binary, 0 for text.
    pub format: i16,
    /// Bytes from the row's start.
    pub slot: usize,
    /// The lists of keys in a column of JSON documents.
    pub key_lists: KeyLists,
}

pub struct Shape {
    pub id: u32,
    pub columns: Vec<PlacedColumn>,
    /// Bytes of a packed row.
    pub stride: usize,
    /// The result format codes of a Bind message, as they go on the wire.
    pub formats: Vec<u8>,
    /// The forms of fields whose types come with their rows.
    pub fields: Option<Arc<FieldForms>>,
    /// What the types of its columns were known to be.
    pub types: Version,
    announce: Arc<Announce>,
}

impl Shape {
    fn new(id: u32, key: &Key, types: &SessionTypes, announce: Arc<Announce>) -> Self {
        let mut columns: Vec<PlacedColumn> = key
            .columns
            .iter()
            .map(|column| PlacedColumn {
                form: form_of(column, types),
                format: i16::from(!column.is_text && Form::of(column.type_oid, types).is_binary),
                name: column.name.clone(),
                type_oid: column.type_oid,
                source: column.source,
                is_text: column.is_text,
                slot: 0,
                key_lists: KeyLists::default(),
            })
            .collect();
        let mut end = columns.len().div_ceil(32) * 4;
        for (lane, width) in [(Lane::Four, 4), (Lane::Eight, 8)] {
            end = end.next_multiple_of(width);
            for column in columns.iter_mut().filter(|column| column.form.codec.lane() == lane) {
                column.slot = end;
                end += width;
            }
        }
        let formats = formats(&columns);
        let has_fields = columns.iter().any(|column| column.form.has_fields());
        let fields =
            has_fields.then(|| Arc::new(FieldForms::new(id, types.with_forgotten(), announce.clone())));
        Self { id, columns, stride: end.next_multiple_of(8), formats, fields, types: key.types, announce }
    }

    /// What tells the environment of this shape.
    fn record(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.columns.len() * 48);
        let mut record =
            Record::new(&mut out, kind::SHAPE, &[self.id, size(self.columns.len()), size(self.stride)]);
        for column in &self.columns {
            column.form.write(&mut record);
            record.word(column.type_oid);
            record.word(size(column.slot));
            record.word(column.source.table_oid);
            record.signed(column.source.attribute.into());
            record.signed(column.source.type_size.into());
            record.signed(column.source.type_modifier);
            record.word(size(column.name.len()));
            record.bytes(column.name.as_bytes());
        }
        record.finish();
        out
    }

    /// Whether this is the shape of the columns that a RowDescription of a portal tells of.
    pub fn is_described_by(&self, body: &[u8]) -> bool {
        self.fits(Body(body)).unwrap_or(false)
    }

    fn fits(&self, mut body: Body<'_>) -> Result<bool, Malformed> {
        if body.count()? != self.columns.len() {
            return Ok(false);
        }
        for PlacedColumn { name, type_oid, source, format, .. } in &self.columns {
            let fits = body.c_string()? == name.as_bytes()
                && body.u32()? == source.table_oid
                && body.i16()? == source.attribute
                && body.u32()? == *type_oid
                && body.i16()? == source.type_size
                && body.i32()? == source.type_modifier
                && body.i16()? == *format;
            if !fits {
                return Ok(false);
            }
        }
        body.end().map(|()| true)
    }

    /// The columns that it was made of.
    pub fn unplaced_columns(&self) -> Vec<Column> {
        let unplaced = |column: &PlacedColumn| Column {
            name: column.name.clone(),
            type_oid: column.type_oid,
            source: column.source,
            is_text: column.is_text,
        };
        self.columns.iter().map(unplaced).collect()
    }

    /// Tells the environment something that the shape's rows rely on.
    pub(crate) fn announce(&self, record: Vec<u8>) {
        (self.announce)(record);
    }
}

impl Drop for Shape {
    fn drop(&mut self) {
        let mut record = Vec::with_capacity(16);
        Record::new(&mut record, kind::SHAPE_RELEASED, &[self.id]).finish();
        (self.announce)(record);
    }
}

/// How a column's values are read, in the format in which they come.
fn form_of(column: &Column, types: &SessionTypes) -> Form {
    if column.is_text {
        Form::of_text(column.type_oid, types).unwrap_or_else(Form::as_text)
    } else {
        Form::of(column.type_oid, types)
    }
}

/// One code when all columns agree, else one each. 1 is binary, 0 text.
fn formats(columns: &[PlacedColumn]) -> Vec<u8> {
    let mut codes: Vec<u16> = columns.iter().map(|column| u16::from(column.form.is_binary)).collect();
    if codes.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) {
        codes.truncate(1);
    }
    let count = u16::try_from(codes.len()).unwrap_or(u16::MAX);
    std::iter::once(count).chain(codes).flat_map(u16::to_be_bytes).collect()
}

/// What a shape is made of: equal ones are one shape.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    columns: Vec<Column>,
    options: TypeOptions,
    types: Version,
    /// The database that the types in values are of, and since when nothing of it was forgotten.
    epoch: u64,
}

/// The shapes of one environment, each announced to it before its first row and when its last user is gone.
pub struct Shapes {
    announce: Arc<Announce>,
    next: AtomicU32,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    shapes: HashMap<Key, Weak<Shape>>,
    /// Those that were asked for last, the latest at the end. They live on when nothing else uses them, so that what
    /// is described anew each time does not make a decoder each time.
    recent: VecDeque<Arc<Shape>>,
    /// Shapes that are gone leave their keys behind: swept when there are so many.
    sweep_at: usize,
}

/// Keys below which no sweep pays.
const FEW: usize = 64;

/// Shapes that are kept whether used or not.
const RECENT: usize = 128;

impl Known {
    /// Keeps a shape as the latest. What had to leave for it is given back, to be dropped outside of the lock.
    fn keep(&mut self, shape: &Arc<Shape>) -> Option<Arc<Shape>> {
        match self.recent.iter().rposition(|recent| Arc::ptr_eq(recent, shape)) {
            Some(at) if at + 1 == self.recent.len() => return None,
            Some(at) => drop(self.recent.remove(at)),
            None => {}
        }
        self.recent.push_back(shape.clone());
        if self.recent.len() > RECENT { self.recent.pop_front() } else { None }
    }
}

impl Shapes {
    pub fn new(announce: Arc<Announce>) -> Self {
        Self { announce, next: AtomicU32::new(1), known: Mutex::default() }
    }

    /// The shape of these columns under these options, made and announced when it is new. What `types` has learnt since
    /// one was made makes another.
    pub fn intern(&self, columns: Vec<Column>, types: &SessionTypes) -> Arc<Shape> {
        let Survey { version, unknown } = types.survey(columns.iter().map(|column| column.type_oid));
        // Another session may forget from now on what was known just now.
        let types = if unknown.is_empty() { &types.with_forgotten() } else { types };
        let may_have_fields = |column: &Column| !types::is_plain(column.type_oid);
        let epoch = if columns.iter().any(may_have_fields) { types.map().epoch() } else { 0 };
        let key = Key { columns, options: types.options(), types: version, epoch };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = known.shapes.get(&key).and_then(Weak::upgrade) {
            let pushed_out = known.keep(&shape);
            drop(known);
            drop(pushed_out);
            return shape;
        }
        if known.shapes.len() >= known.sweep_at.max(FEW) {
            known.shapes.retain(|_, shape| shape.strong_count() > 0);
            known.sweep_at = known.shapes.len() * 2;
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let shape = Arc::new(Shape::new(id, &key, types, self.announce.clone()));
        known.shapes.insert(key, Arc::downgrade(&shape));
        (self.announce)(shape.record());
        let pushed_out = known.keep(&shape);
        drop(known);
        drop(pushed_out);
        shape
    }
}
