//! Values of every form there is, whole and with bytes changed: none makes a panic or more memory than it may, and rows go on
//! behind one that is refused. `CORNAC_FUZZ` gives the number of rounds, `CORNAC_SEED` the seed.

use std::sync::Arc;

use super::*;
use crate::{
    chance::Chance,
    codec::{Figure, FromText, Spelling, Wire},
    description::{Column, Source},
    form::Form,
    shape::Shapes,
    type_options::TypeOptions,
    types::{self, Attribute, SessionTypes, Structure, TypeMap},
};

/// Types of the database's own, from this OID on.
const FIRST: u32 = 30_000;

fn own_types() -> Vec<(u32, Structure)> {
    let attribute = |name: &str, type_oid: u32| Attribute { name: name.to_owned(), type_oid };
    let structures = [
        Structure::Enum,
        Structure::Domain { base: 1007 },
        Structure::Composite { attributes: Arc::from([attribute("a", 23), attribute("b", 25)]) },
        Structure::Array { element: FIRST + 2, delimiter: b',' },
        Structure::Composite {
            attributes: Arc::from([
                attribute("", FIRST + 2),
                attribute("__proto__", FIRST + 3),
                attribute("at", 1184),
                attribute("price", 1700),
                attribute("document", 3802),
                attribute("names", 2249),
            ]),
        },
        // aclitem has no binary form: the whole comes as text.
        Structure::Composite { attributes: Arc::from([attribute("acl", 1033), attribute("list", 1007)]) },
        Structure::Composite { attributes: Arc::from([]) },
        Structure::Scalar { send: "hstore.hstore".into() },
        Structure::Scalar { send: "vector.vector".into() },
        Structure::Scalar { send: "vector.halfvec".into() },
        Structure::Scalar { send: "ltree.ltree".into() },
        Structure::Range { subtype: 25 },
        Structure::Multirange { range: FIRST + 11 },
        Structure::Domain { base: FIRST + 4 },
        Structure::Array { element: FIRST + 12, delimiter: b',' },
        // A range of regclass, which comes as text.
        Structure::Range { subtype: 2205 },
        Structure::Multirange { range: FIRST + 15 },
    ];
    (FIRST..).zip(structures).collect()
}

/// Bytes that the server may send for a value.
struct Values<'a> {
    chance: &'a mut Chance,
    types: &'a SessionTypes,
}

impl Values<'_> {
    fn of(&mut self, form: &Form, depth: usize) -> Vec<u8> {
        let part = |index: usize| form.parts.get(index);
        match form.wire {
            Wire::Bool => vec![u8::from(self.chance.one_in(2))],
            Wire::Int2 => self.bytes(2),
            Wire::Int4 | Wire::Uint4 | Wire::Float4 | Wire::Date | Wire::DateText => self.bytes(4),
            Wire::Int8 | Wire::Int8Text | Wire::Uint8 | Wire::Float8 => self.bytes(8),
            // Safe ones.
            Wire::Int8Safe => [vec![0, 0], self.bytes(6)].concat(),
            Wire::Timestamp | Wire::TimestampText | Wire::Timestamptz | Wire::TimestamptzText => {
                [vec![0, 0], self.bytes(6)].concat()
            }
            Wire::TimeText => [vec![0; 3], self.bytes(5)].concat(),
            Wire::TimetzText => [vec![0; 3], self.bytes(5), vec![0, 0], self.bytes(2)].concat(),
            Wire::Interval | Wire::IntervalText | Wire::Uuid => self.bytes(16),
            Wire::Numeric | Wire::NumericNumber => self.numeric(),
            Wire::Text | Wire::Char if form.wire == Wire::Char => self.bytes(1),
            Wire::Text | Wire::Char => self.text(),
            Wire::Bytes => self.some_bytes(),
            Wire::Versioned => [vec![1], self.json()].concat(),
            Wire::JsonDocument => self.json(),
            Wire::JsonbDocument => [vec![1], self.json()].concat(),
            Wire::Bits => {
                let bytes = self.some_bytes();
                [word(bytes.len() * 8), bytes].concat()
            }
            Wire::Inet | Wire::Cidr => {
                let cidr = u8::from(form.wire == Wire::Cidr);
                if self.chance.one_in(2) {
                    [vec![2, 24, cidr, 4], self.bytes(4)].concat()
                } else {
                    [vec![3, 64, cidr, 16], self.bytes(16)].concat()
                }
            }
            Wire::Macaddr | Wire::Tid => self.bytes(6),
            Wire::Macaddr8 => self.bytes(8),
            Wire::Snapshot => {
                let count = self.chance.below(3);
                let body = self.bytes(16 + count * 8);
                [word(count), body].concat()
            }
            Wire::Geometry(figure) => self.geometry(figure),
            Wire::Void => Vec::new(),
            Wire::Array => self.array(part(0).map(|part| (part.type_oid, &part.form)), depth),
            Wire::TextArray(_) => b"{a,\"b c\",NULL,{}}".to_vec(),
            Wire::Range => self.range(part(0).map(|part| &part.form), depth),
            Wire::TextRange => self.chance.pick(&["[pg_class,\"a b\")", "(,]", "empty"]).as_bytes().to_vec(),
            Wire::TextMultirange => self.chance.pick(&["{[a,b),(c,]}", "{}", "{empty}"]).as_bytes().to_vec(),
            Wire::Multirange => {
                let count = self.chance.below(3);
                let ranges =
                    (0..count).flat_map(|_| framed(&self.part(part(0).map(|part| &part.form), depth)));
                let ranges: Vec<u8> = ranges.collect();
                [word(count), ranges].concat()
            }
            Wire::Spelled(spelling) => spelled(spelling).to_vec(),
            Wire::FromText(of) => from_text(of).to_vec(),
            Wire::TextNumbers => b"1 2 3".to_vec(),
            Wire::Composite(_) => {
                let mut out = word(form.parts.len());
                for part in &form.parts {
                    out.extend(part.type_oid.to_be_bytes());
                    out.extend(self.nullable(&part.form, depth));
                }
                out
            }
            Wire::TextComposite(_) => b"(\"a=r/b\",\"{1,2}\")".to_vec(),
            Wire::Record => self.record(depth),
            Wire::Hstore => {
                let count = self.chance.below(4);
                let mut out = word(count);
                for _ in 0..count {
                    out.extend(framed(&self.text()));
                    let value = self.text();
                    out.extend(if self.chance.one_in(3) { vec![255; 4] } else { framed(&value) });
                }
                out
            }
            Wire::TextVector => self.chance.pick(&["[1.5,-2e-5]", "[0]"]).as_bytes().to_vec(),
            Wire::Vector | Wire::HalfVector => {
                let count = self.chance.below(5);
                let width = if form.wire == Wire::Vector { 4 } else { 2 };
                [word(count << 16), self.bytes(count * width)].concat()
            }
        }
    }

    fn part(&mut self, form: Option<&Form>, depth: usize) -> Vec<u8> {
        match form {
            Some(form) if depth > 0 => self.of(form, depth - 1),
            _ => Vec::new(),
        }
    }

    fn nullable(&mut self, form: &Form, depth: usize) -> Vec<u8> {
        if depth == 0 || self.chance.one_in(4) { vec![255; 4] } else { framed(&self.of(form, depth - 1)) }
    }

    fn array(&mut self, element: Option<(u32, &Form)>, depth: usize) -> Vec<u8> {
        let Some((oid, form)) = element else { return Vec::new() };
        let dims: Vec<usize> = (0..self.chance.below(4)).map(|_| 1 + self.chance.below(3)).collect();
        let mut out = [word(dims.len()), word(1), oid.to_be_bytes().to_vec()].concat();
        for dim in &dims {
            out.extend([word(*dim), self.bytes(4)].concat());
        }
        let count = if dims.is_empty() { 0 } else { dims.iter().product() };
        for _ in 0..count {
            out.extend(self.nullable(form, depth));
        }
        out
    }

    fn range(&mut self, bound: Option<&Form>, depth: usize) -> Vec<u8> {
        // Empty; both; none below; none above; neither.
        let flags = *self.chance.pick(&[1_u8, 2, 4, 6, 8, 0x10, 0x18]);
        let mut out = vec![flags];
        for missing in [0x08, 0x10] {
            if flags & (missing | 1) == 0 {
                out.extend(framed(&self.part(bound, depth)));
            }
        }
        out
    }

    fn record(&mut self, depth: usize) -> Vec<u8> {
        let count = if depth == 0 { 0 } else { self.chance.below(4) };
        let mut out = word(count);
        for _ in 0..count {
            let oid = *self.chance.pick(&[23, 25, 1700, 1007, 2249, 3904, 114, FIRST + 2, 99_999]);
            let form = Form::of_part(oid, self.types);
            out.extend(oid.to_be_bytes());
            out.extend(self.nullable(&form, depth));
        }
        out
    }

    fn geometry(&mut self, figure: Figure) -> Vec<u8> {
        let points = self.chance.below(4);
        match figure {
            Figure::Point => self.bytes(16),
            Figure::Line | Figure::Circle => self.bytes(24),
            Figure::Segment | Figure::Box => self.bytes(32),
            Figure::OpenPath | Figure::ClosedPath => {
                [vec![u8::from(self.chance.one_in(2))], word(points), self.bytes(points * 16)].concat()
            }
            Figure::Polygon => [word(points), self.bytes(points * 16)].concat(),
        }
    }

    fn numeric(&mut self) -> Vec<u8> {
        let count = self.chance.below(5);
        let weight = u8::try_from(self.chance.below(9)).unwrap();
        let mut out = [0, u8::try_from(count).unwrap(), 0, weight, 0, 0, 0, weight].to_vec();
        for _ in 0..count {
            out.extend(u16::try_from(self.chance.below(10_000)).unwrap().to_be_bytes());
        }
        out
    }

    fn json(&mut self) -> Vec<u8> {
        self.chance
            .pick(&[
                r#"{"a": [1, -2.5e10, null, true], "b": {"__proto__": "é\n\ud83d\ude00"}}"#,
                "[]",
                "[[[[{}]]]]",
                "\"text\"",
                "12345678901234567890",
                r#"[{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]"#,
            ])
            .as_bytes()
            .to_vec()
    }

    fn text(&mut self) -> Vec<u8> {
        self.chance.pick(&["", "a", "é", "ж and 😀", "plain text of some words"]).as_bytes().to_vec()
    }

    fn some_bytes(&mut self) -> Vec<u8> {
        let count = self.chance.below(20);
        self.bytes(count)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.chance.byte()).collect()
    }
}

fn spelled(spelling: Spelling) -> &'static [u8] {
    match spelling {
        Spelling::Bool => b"t",
        Spelling::Int | Spelling::Int8 | Spelling::Int8Safe | Spelling::Uint8 => b"42",
        Spelling::Number => b"1.5",
        Spelling::Bytes => b"\\x00ff",
    }
}

fn from_text(of: FromText) -> &'static [u8] {
    match of {
        FromText::Date | FromText::DateText => b"0044-03-15 BC",
        FromText::Timestamp | FromText::TimestampText => b"2024-02-29 12:15:20.5",
        FromText::Timestamptz | FromText::TimestamptzText => b"2024-02-29 12:15:20.5+05:30",
        FromText::Interval | FromText::IntervalText => b"@ 1 year 2 mons -3 days 4 hours ago",
        FromText::Tid => b"(1,2)",
        FromText::Snapshot => b"10:20:10,14,15",
        FromText::Lsn => b"16/B374D848",
        FromText::Hstore => b"\"a\"=>\"1\", \"b\"=>NULL",
        FromText::Geometry(Figure::Point) => b"(1,2)",
        FromText::Geometry(Figure::Line) => b"{1,2,3}",
        FromText::Geometry(Figure::Circle) => b"<(1,2),3>",
        FromText::Geometry(_) => b"((1,2),(3,4))",
    }
}

fn word(number: usize) -> Vec<u8> {
    u32::try_from(number).unwrap().to_be_bytes().to_vec()
}

fn framed(value: &[u8]) -> Vec<u8> {
    [word(value.len()), value.to_vec()].concat()
}

fn row(value: &[u8]) -> Vec<u8> {
    [vec![0, 1], framed(value)].concat()
}

/// Changes a few bytes, as a broken or hostile server might.
fn change(value: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(3) {
        let at = chance.below(value.len() + 1);
        match chance.below(5) {
            0 => value.truncate(at),
            1 => value.extend((0..chance.below(9)).map(|_| chance.byte())),
            2 if at + 4 <= value.len() => {
                let word = *chance.pick(&[u32::MAX, 0, 1, 0x7fff_ffff, 0x8000_0000, 0x0001_0000]);
                value[at..at + 4].copy_from_slice(&word.to_be_bytes());
            }
            _ => {
                if let Some(byte) = value.get_mut(at) {
                    *byte = *chance.pick(&[0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\\', b'[', b',']);
                }
            }
        }
    }
}

/// What a chunk holds and has reserved.
fn memory(chunk: &Chunk) -> usize {
    chunk.cells.capacity() + chunk.arrays.capacity() + chunk.bytes.capacity() + chunk.text.len()
}

/// As each column may be read: in binary or as text, under every choice of the options.
fn shapes(types: &[u32], map: &Arc<TypeMap>) -> Vec<(Arc<Shape>, SessionTypes)> {
    let options = [0, 0b01_0101_0101_0101_0101, 0b10_1010_1010_1010_1010, 0b11_1111_1111_1111_1111];
    let mut shapes = Vec::new();
    for options in options {
        let types_of = SessionTypes::new(map.clone(), TypeOptions(options));
        let registry = Shapes::new(Arc::new(|_| {}));
        for type_oid in types {
            for is_text in [false, true] {
                let name = "c".to_owned();
                let column = Column { name, type_oid: *type_oid, source: Source::NONE, is_text };
                shapes.push((registry.intern(vec![column], &types_of), types_of.clone()));
            }
        }
    }
    shapes
}

#[test]
fn no_value_of_any_type_does_harm() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let rounds = number("CORNAC_FUZZ").unwrap_or(40);
    let map = Arc::new(TypeMap::default());
    map.tell(own_types());
    let built_in = types::all().iter().map(|found| found.oid);
    let all: Vec<u32> = built_in.chain(own_types().iter().map(|(oid, _)| *oid)).chain([99_999]).collect();
    let shapes = shapes(&all, &map);
    let (mut whole, mut taken, mut refused) = (0, 0, 0);
    for seed in 0..rounds {
        let seed = number("CORNAC_SEED").unwrap_or(seed);
        let mut chance = Chance::new(seed);
        for (shape, types) in &shapes {
            let column = &shape.columns[0];
            let told = format!("type {} by {:?}, CORNAC_SEED={seed}", column.type_oid, column.form);
            let value = Values { chance: &mut chance, types }.of(&column.form, 3);
            let mut chunk = Chunk::default();
            let is_good = chunk.push(shape, &row(&value)).is_ok();
            whole += usize::from(is_good);
            chunk.take_unknown();
            let mut changed = value.clone();
            change(&mut changed, &mut chance);
            match chunk.push(shape, &row(&changed)) {
                Ok(()) => taken += 1,
                Err(RowError::Value(misfit)) => {
                    assert_eq!(misfit.column, 0, "{told}");
                    refused += 1;
                }
                // A field of it is of a type that is not known yet: it would be looked up.
                Err(RowError::Unknown { .. }) => refused += 1,
                Err(RowError::Frame(malformed)) => panic!("{told}: {changed:?}: {malformed:?}"),
            }
            // As whoever has a row refused forgets what it was to look up.
            chunk.take_unknown();
            // Ten bytes of a numeric are 131,072 digits.
            let most = 64 * 1024 + (value.len() + changed.len()) * 30_000;
            assert!(memory(&chunk) <= most, "{told}: {changed:?} takes {}", memory(&chunk));
            assert_eq!(chunk.push(shape, &row(&value)).is_ok(), is_good, "{told}: after {changed:?}");
            let mut record = Vec::new();
            chunk.flush(Some(shape), Head::default(), &mut record);
            assert!(record.len() <= most && record.len().is_multiple_of(8), "{told}: {changed:?}");
        }
    }
    // Most values are some, and what is changed is neither always refused nor always taken.
    let all = shapes.len() * usize::try_from(rounds).unwrap();
    assert!(whole > all * 9 / 10, "{whole} of {all} whole values were taken");
    assert!(
        taken > all / 10 && refused > all / 5,
        "{taken} of {all} changed values were taken, {refused} refused"
    );
}
