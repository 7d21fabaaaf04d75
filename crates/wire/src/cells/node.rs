//! Values of more than 8 bytes that are no texts: each is a node among the chunk's arrays, from a multiple of 8 bytes
//! on, and its cell is its place there.
//!
//! | value | words |
//! |---|---|
//! | range | flags, 0, lower bound (2), upper bound (2) |
//! | interval | microseconds (2), days, months |
//! | snapshot | count, 0, xmin (2), xmax (2), the transactions (2 each) |
//! | geometric | figure, count, the numbers (2 each) |

use super::{
    Chunk, Unfit,
    array::part,
    value::{Packed, put},
};
use crate::{
    codec::Figure,
    form::Form,
    value::{self, Malformed, take, take_i32, take_value},
};

/// Flags of a range, PostgreSQL's own.
pub(super) mod range_flag {
    pub(in crate::cells) const EMPTY: u8 = 1;
    pub(in crate::cells) const LOWER_INCLUSIVE: u8 = 2;
    pub(in crate::cells) const UPPER_INCLUSIVE: u8 = 4;
    pub(in crate::cells) const LOWER_INFINITE: u8 = 8;
    pub(in crate::cells) const UPPER_INFINITE: u8 = 16;
}

const INCLUSIVE: u8 = range_flag::LOWER_INCLUSIVE | range_flag::UPPER_INCLUSIVE;
const INFINITE: u8 = range_flag::LOWER_INFINITE | range_flag::UPPER_INFINITE;

/// A range in a chunk.
pub(super) struct RangeNode {
    /// In 4-byte words.
    pub(super) place: u32,
    /// Where its bounds are, in bytes.
    pub(super) lower: usize,
    pub(super) upper: usize,
}

impl Chunk {
    pub(super) fn range(&mut self, form: &Form, mut body: &[u8]) -> Result<u32, Unfit> {
        let bound = &part(form)?.form;
        let [flags] = take(&mut body)?;
        if flags & !(range_flag::EMPTY | INCLUSIVE | INFINITE) != 0 {
            return Err("its flags are unknown".into());
        }
        let node = self.begin_range(flags)?;
        for (infinite, at) in
            [(range_flag::LOWER_INFINITE, node.lower), (range_flag::UPPER_INFINITE, node.upper)]
        {
            if flags & (range_flag::EMPTY | infinite) == 0 {
                let value = take_value(&mut body)?.ok_or("a bound of it is NULL")?;
                let packed = self.item(bound, value)?;
                self.put_bound(at, packed);
            }
        }
        if body.is_empty() { Ok(node.place) } else { Err("bytes follow its bounds".into()) }
    }

    /// A range whose bounds are not there yet.
    pub(super) fn begin_range(&mut self, flags: u8) -> Result<RangeNode, Unfit> {
        let place = self.begin_node()?;
        self.word(u32::from(flags));
        let lower = self.arrays.len() + 4;
        self.arrays.resize(lower + 16, 0);
        Ok(RangeNode { place, lower, upper: lower + 8 })
    }

    pub(super) fn put_bound(&mut self, at: usize, packed: Packed) {
        match packed {
            Packed::Four(bytes) => put(&mut self.arrays, at, bytes),
            Packed::Eight(bytes) => put(&mut self.arrays, at, bytes),
        }
    }

    pub(super) fn interval(&mut self, body: &[u8]) -> Result<u32, Unfit> {
        let value::Interval { months, days, microseconds } = value::interval_parts(body)?;
        let place = self.begin_node()?;
        self.arrays.extend_from_slice(&microseconds.to_ne_bytes());
        self.arrays.extend_from_slice(&days.to_ne_bytes());
        self.arrays.extend_from_slice(&months.to_ne_bytes());
        Ok(place)
    }

    pub(super) fn snapshot(&mut self, mut body: &[u8]) -> Result<u32, Unfit> {
        let count = count(&mut body)?;
        let (numbers, rest) = body.as_chunks::<8>();
        if !rest.is_empty() || Some(numbers.len()) != count.checked_add(2) {
            return Err("its number of transactions does not fit its length".into());
        }
        let place = self.begin_node()?;
        self.word(u32::try_from(count).unwrap_or(0));
        self.word(0);
        self.numbers(numbers);
        Ok(place)
    }

    pub(super) fn geometry(&mut self, figure: Figure, mut body: &[u8]) -> Result<u32, Unfit> {
        let (figure, expected) = match figure {
            Figure::Point => (figure, 2),
            Figure::Line | Figure::Circle => (figure, 3),
            Figure::Segment | Figure::Box => (figure, 4),
            Figure::OpenPath | Figure::ClosedPath => {
                let figure = match take(&mut body)? {
                    [0] => Figure::OpenPath,
                    [1] => Figure::ClosedPath,
                    _ => return Err("it is neither open nor closed".into()),
                };
                (figure, count(&mut body)?.saturating_mul(2))
            }
            Figure::Polygon => (figure, count(&mut body)?.saturating_mul(2)),
        };
        let (numbers, rest) = body.as_chunks::<8>();
        if numbers.len() != expected || !rest.is_empty() {
            return Err("its length is not that of its type".into());
        }
        let place = self.begin_node()?;
        self.word(u32::from(figure as u8));
        self.word(u32::try_from(numbers.len()).unwrap_or(0));
        self.numbers(numbers);
        Ok(place)
    }

    /// Numbers of 8 bytes, from the wire's byte order to this machine's.
    fn numbers(&mut self, numbers: &[[u8; 8]]) {
        self.arrays.extend(numbers.iter().flat_map(|number| u64::from_be_bytes(*number).to_ne_bytes()));
    }
}

fn count(body: &mut &[u8]) -> Result<usize, Malformed> {
    usize::try_from(take_i32(body)?).map_err(|_| Malformed("a count of it is negative"))
}
