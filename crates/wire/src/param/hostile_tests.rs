//! Submissions that no JavaScript of ours writes: random bytes, and real ones with a few bytes changed.

use bytes::BytesMut;

use super::spelled::Spelling;
use super::submission::*;
use super::{Reader, describe, encode};
use crate::types::{Attribute, SessionTypes, Structure, TypeMap};

/// George Marsaglia's xorshift, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

#[test]
fn no_submission_makes_the_encoder_panic() {
    const ROUNDS: usize = 100_000;
    const TYPES_A_ROUND: usize = 12;
    let seeds = [
        int(7),
        number(-1.5e300),
        bigint(i64::MIN),
        digits("123456789012345678901"),
        text("a \"quoted\" NULL"),
        bytes(&[1, 2, 3]),
        date(1_706_695_200_123.0),
        json("[1]"),
        refused("undefined"),
        array(&[int(1), text("2"), null()]),
        array(&[array(&[number(1.0), date(0.0)]), array(&[boolean(true), bigint(2)])]),
        spelled(Spelling::Range, "[1,2)", "{}"),
        range(&[object("{}"), null(), boolean(true), boolean(false)]),
        array(&[range(&[fields(&[("a", int(1))]), int(2), boolean(false), boolean(false)]), null()]),
        array(&[spelled(Spelling::Point, "(1,2)", "{}"), array(&[int(1), number(2.5)])]),
        array_without_json(&[text("{"), int(1)], "why"),
        array_with_json(&[text("{"), object("{}")], "[\"{\",{}]"),
        fields(&[("a", int(1)), ("b", array(&[int(1)])), ("e", object("{}"))]),
        fields(&[("d", array(&[fields(&[]), row(&[null(), null(), text("1"), null(), null()])]))]),
        array(&[row(&[int(1), null(), null(), null(), text("x")])]),
        fields(&[("k", text("v")), ("n", null())]),
        wire(&[0, 0, 0, 1]),
    ];
    let types: Vec<u32> = crate::types::all()
        .iter()
        .map(|entry| entry.oid)
        .chain([0, 16_384, u32::MAX])
        .chain(16_385..=16_391)
        .collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let map = TypeMap::default();
    let attribute = |name: &str, type_oid| Attribute { name: name.to_owned(), type_oid };
    let attributes = [("a", 23), ("b", 1007), ("c", 16_385), ("d", 16_388), ("e", 114)];
    map.tell([
        (16_385, Structure::Domain { base: 3802 }),
        (16_386, Structure::Enum),
        (
            16_387,
            Structure::Composite { attributes: attributes.map(|(name, oid)| attribute(name, oid)).into() },
        ),
        (16_388, Structure::Array { element: 16_387, delimiter: b',' }),
        (16_389, Structure::Scalar { send: "hstore.hstore".into() }),
        (16_390, Structure::Scalar { send: "vector.vector".into() }),
        (16_391, Structure::Array { element: 16_390, delimiter: b',' }),
    ]);
    let types_of = SessionTypes::new(std::sync::Arc::new(map), crate::type_options::TypeOptions::default());
    let mut out = BytesMut::new();
    let mut sent = 0;
    for round in 0..ROUNDS {
        let mut buffer;
        if round % 4 == 0 {
            buffer = (0..random.below(40)).map(|_| random.byte()).collect::<Vec<_>>();
            if let Some(tag) = buffer.first_mut() {
                *tag %= 18;
            }
        } else {
            buffer = seeds[random.below(seeds.len())].clone();
            for _ in 0..random.below(3) {
                let at = random.below(buffer.len());
                buffer[at] = if random.below(2) == 0 { random.byte() % 18 } else { random.byte() };
            }
        }
        let mut reader = Reader::new(&buffer);
        while let Ok(arg) = reader.next() {
            assert!(describe(&arg).chars().count() <= 60);
            for _ in 0..TYPES_A_ROUND {
                out.clear();
                let type_oid = types[random.below(types.len())];
                match encode(&arg, type_oid, &types_of, &mut out) {
                    Ok(_) => {
                        let (length, body) = out.split_first_chunk::<4>().unwrap();
                        let length = i32::from_be_bytes(*length);
                        assert!(
                            length == -1 || usize::try_from(length) == Ok(body.len()),
                            "{buffer:?} {type_oid}"
                        );
                        // A literal writes at most four characters for a byte, a binary array nine bytes more.
                        assert!(body.len() <= 16 * buffer.len() + 64, "{buffer:?} {type_oid}");
                        sent += 1;
                    }
                    Err(refusal) => {
                        assert!(out.is_empty(), "{buffer:?} {type_oid}");
                        assert!(!refusal.reason.is_empty());
                    }
                }
            }
        }
    }
    // The mutations must not be so wild that only the tags are tested.
    assert!(sent > ROUNDS / 2, "only {sent} were sent");
}
