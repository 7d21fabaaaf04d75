//! Bodies that no server sends: random bytes, and real values with a few bytes changed.

use super::*;

/// George Marsaglia's xorshift, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

type Write = fn(&[u8], &mut Vec<u8>) -> Result<(), Malformed>;

const WRITERS: [Write; 14] = [
    numeric,
    uuid,
    date,
    time,
    timetz,
    timestamp,
    timestamptz,
    interval,
    inet,
    cidr,
    macaddr,
    macaddr8,
    pg_lsn,
    bits,
];

/// Runs a body through everything; gives how many took it for a value.
fn read_as_everything(body: &[u8], out: &mut Vec<u8>) -> usize {
    let mut accepted = 0;
    for write in WRITERS {
        out.clear();
        if write(body, out).is_ok() {
            accepted += 1;
            assert!(out.is_ascii(), "{body:?}");
            assert!(out.len() <= 8 * body.len() + 147_500, "{body:?}");
        }
    }
    let _ = (float4(body), tid(body), versioned(body), numeric_f64(body));
    let _ = (timestamp_ms(body), date_ms(body), interval_parts(body));
    if let Ok((header, elements)) = array(body) {
        assert!(header.ndims <= MAX_DIMENSIONS && header.count <= body.len() / 4, "{body:?}");
        let taken: Vec<_> = elements.collect();
        assert!(taken.len() <= header.count, "{body:?}");
        if taken.iter().all(Result::is_ok) {
            accepted += 1;
            assert_eq!(taken.len(), header.count, "{body:?}");
        }
    }
    accepted
}

#[test]
fn no_body_makes_a_decoder_panic() {
    // 22 decoders see each body: millions in all.
    const ROUNDS: usize = 150_000;
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let seeds: [&[u8]; 8] = [
        &[0, 3, 0, 1, 0x40, 0, 0, 4, 0, 1, 0x27, 0x0f, 0, 9],
        &[0, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
        &[2, 24, 0, 4, 10, 0, 0, 0],
        &[3, 128, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7, 255, 255,
            255, 255,
        ],
        &[0, 0, 0, 11, 0xa5, 0xe0],
    ];
    let mut out = Vec::new();
    let mut accepted = 0;
    let mut body = Vec::new();
    for round in 0..ROUNDS {
        body.clear();
        if round % 3 == 0 {
            let length = random.below(40);
            body.extend((0..length).map(|_| random.next().to_be_bytes()[0]));
        } else {
            body.extend_from_slice(seeds[random.below(seeds.len())]);
            for _ in 0..=random.below(3) {
                let at = random.below(body.len());
                body[at] = match random.below(4) {
                    0 => 0xff,
                    1 => 0,
                    2 => 0x7f,
                    _ => random.next().to_be_bytes()[0],
                };
            }
            if random.below(8) == 0 {
                body.truncate(random.below(body.len()));
            }
        }
        accepted += read_as_everything(&body, &mut out);
    }
    // The mutations must not be so wild that only the length checks are tested.
    assert!(accepted > ROUNDS / 4, "{accepted} of {ROUNDS} bodies were values");
}
