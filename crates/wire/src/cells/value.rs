//! One value into its cell.

use super::{Chunk, Unfit, text::LONGEST, unfit};
use crate::{
    codec::Wire,
    form::Form,
    shape::{PlacedColumn, Shape},
    value,
};

/// A cell's content in native order.
pub(super) enum Packed {
    Four([u8; 4]),
    Eight([u8; 8]),
}

impl Packed {
    pub(super) fn pair(start: u32, end: u32) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (start.to_ne_bytes(), end.to_ne_bytes());
        Packed::Eight([a, b, c, d, e, f, g, h])
    }
}

impl Chunk {
    #[inline]
    pub(super) fn value(
        &mut self,
        row: usize,
        shape: &Shape,
        index: usize,
        column: &PlacedColumn,
        body: &[u8],
    ) -> Result<(), Unfit> {
        let slot = row + column.slot;
        let packed = match column.form.wire {
            Wire::JsonDocument => self.document(shape, index, body)?,
            Wire::JsonbDocument => self.document(shape, index, value::versioned(body)?)?,
            _ => self.item(&column.form, body)?,
        };
        match packed {
            Packed::Four(bytes) => put(&mut self.cells, slot, bytes),
            Packed::Eight(bytes) => put(&mut self.cells, slot, bytes),
        }
        Ok(())
    }

    /// A value that may be made of others.
    #[inline]
    pub(super) fn item(&mut self, form: &Form, body: &[u8]) -> Result<Packed, Unfit> {
        let place = match form.wire {
            Wire::Array => self.array(form, body)?,
            Wire::TextArray(delimiter) => self.text_array(form, delimiter, body)?,
            Wire::Range => self.range(form, body)?,
            Wire::TextRange => self.text_range(form, body)?,
            Wire::Multirange => self.multirange(form, body)?,
            Wire::TextMultirange => self.text_multirange(form, body)?,
            Wire::Composite(type_oid) => self.composite(type_oid, form, body)?,
            Wire::TextComposite(type_oid) => self.text_composite(type_oid, form, body)?,
            Wire::Record => self.record(body)?,
            Wire::Vector => self.vector::<4>(form, body, value::float4)?,
            Wire::TextVector => self.text_vector(form, body)?,
            Wire::TextNumbers => self.text_numbers(form, body)?,
            Wire::HalfVector => self.vector::<2>(form, body, value::half)?,
            wire => return self.scalar(wire, body),
        };
        Ok(Packed::Four(place.to_ne_bytes()))
    }

    // Called once a value: a call and its result through memory cost more than most of the conversions (a sixth of a
    // row of eight columns).
    #[inline(always)]
    pub(super) fn scalar(&mut self, wire: Wire, body: &[u8]) -> Result<Packed, Unfit> {
        use Packed::{Eight, Four};
        Ok(match wire {
            Wire::Int4 => Four(i32::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Int2 => Four(i32::from(i16::from_be_bytes(fixed(body)?)).to_ne_bytes()),
            Wire::Bool => match body {
                [0] => Four(0_i32.to_ne_bytes()),
                [1] => Four(1_i32.to_ne_bytes()),
                _ => return Err("a bool is one byte, 0 or 1".into()),
            },
            Wire::Int8 => Eight(i64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Uint8 => Eight(u64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Int8Safe => Eight(safe(i64::from_be_bytes(fixed(body)?))?.to_ne_bytes()),
            Wire::Uint4 => Eight(f64::from(u32::from_be_bytes(fixed(body)?)).to_ne_bytes()),
            Wire::Float4 => Eight(value::float4(body)?.to_ne_bytes()),
            Wire::Float8 => Eight(f64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Timestamp => Eight(value::timestamp_ms(body)?.ok_or(unfit::TIMESTAMP)?.to_ne_bytes()),
            Wire::Timestamptz => Eight(value::timestamp_ms(body)?.ok_or(unfit::TIMESTAMPTZ)?.to_ne_bytes()),
            Wire::Date => Eight(value::date_ms(body)?.ok_or(unfit::DATE)?.to_ne_bytes()),
            Wire::NumericNumber => Eight(value::numeric_f64(body)?.to_ne_bytes()),
            Wire::Text => return self.text(body),
            Wire::Versioned => return self.text(value::versioned(body)?),
            Wire::Char => return self.char(body),
            Wire::Bytes => {
                let start = position(self.bytes.len())?;
                let end = position(self.bytes.len() + body.len())?;
                self.bytes.extend_from_slice(body);
                Packed::pair(start, end)
            }
            Wire::Int8Text => {
                let number = i64::from_be_bytes(fixed(body)?);
                return self.ascii(|out| {
                    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
                    Ok(())
                });
            }
            Wire::Uuid => return self.ascii(|out| value::uuid(body, out)),
            Wire::Numeric => return self.ascii(|out| value::numeric(body, out)),
            Wire::DateText => return self.ascii(|out| value::date(body, out)),
            Wire::TimeText => return self.ascii(|out| value::time(body, out)),
            Wire::TimetzText => return self.ascii(|out| value::timetz(body, out)),
            Wire::TimestampText => return self.ascii(|out| value::timestamp(body, out)),
            Wire::TimestamptzText => return self.ascii(|out| value::timestamptz(body, out)),
            Wire::IntervalText => return self.ascii(|out| value::interval(body, out)),
            Wire::Inet => return self.ascii(|out| value::inet(body, out)),
            Wire::Cidr => return self.ascii(|out| value::cidr(body, out)),
            Wire::Macaddr => return self.ascii(|out| value::macaddr(body, out)),
            Wire::Macaddr8 => return self.ascii(|out| value::macaddr8(body, out)),
            Wire::Bits if body.len() > LONGEST / 8 => return Err(unfit::TOO_LONG),
            Wire::Bits => return self.ascii(|out| value::bits(body, out)),
            Wire::Tid => {
                let (block, row) = value::tid(body)?;
                Packed::pair(block, row.into())
            }
            Wire::Interval => Four(self.interval(body)?.to_ne_bytes()),
            Wire::Snapshot => Four(self.snapshot(body)?.to_ne_bytes()),
            Wire::Geometry(figure) => Four(self.geometry(figure, body)?.to_ne_bytes()),
            Wire::Hstore => Four(self.hstore(body)?.to_ne_bytes()),
            Wire::Void => Four([0; 4]),
            Wire::Spelled(spelling) => return self.spelled(spelling, body),
            Wire::FromText(of) => return self.turned(of, body),
            Wire::Array
            | Wire::TextArray(_)
            | Wire::Range
            | Wire::TextRange
            | Wire::Multirange
            | Wire::TextMultirange
            | Wire::Composite(_)
            | Wire::TextComposite(_)
            | Wire::Record
            | Wire::Vector
            | Wire::HalfVector
            | Wire::TextVector
            | Wire::TextNumbers => {
                return Err("its type is made of itself".into());
            }
            Wire::JsonDocument | Wire::JsonbDocument => return Err("it is no part of another value".into()),
        })
    }

    fn text(&mut self, body: &[u8]) -> Result<Packed, Unfit> {
        let start = self.text.units();
        self.text.push(body)?;
        Ok(Packed::pair(start, self.text.units()))
    }

    fn ascii(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), value::Malformed>,
    ) -> Result<Packed, Unfit> {
        let start = self.text.units();
        self.text.push_ascii(write)?;
        Ok(Packed::pair(start, self.text.units()))
    }

    /// "char", as PostgreSQL prints it: nothing for the zero byte, `\351` for one that is no ASCII.
    fn char(&mut self, body: &[u8]) -> Result<Packed, Unfit> {
        match body {
            [0] => self.text(b""),
            [byte @ ..0x80] => self.text(&[*byte]),
            [byte] => {
                let octal = [6, 3, 0].map(|shift| b'0' + (byte >> shift & 7));
                self.ascii(|out| {
                    out.push(b'\\');
                    out.extend_from_slice(&octal);
                    Ok(())
                })
            }
            _ => Err("a \"char\" is one byte".into()),
        }
    }
}

/// The bytes of a value of fixed size.
#[inline]
fn fixed<const N: usize>(body: &[u8]) -> Result<[u8; N], Unfit> {
    body.try_into().map_err(|_| "its length is not that of its type".into())
}

/// 2^53 - 1, the largest integer a JavaScript number holds exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

pub(super) fn safe(number: i64) -> Result<f64, Unfit> {
    if number.unsigned_abs() > MAX_SAFE_INTEGER {
        return Err(unfit::UNSAFE);
    }
    // Exact below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "checked above")]
    Ok(number as f64)
}

/// A place in what a row takes: JavaScript reads it as a signed number of 32 bits.
pub(super) fn position(length: usize) -> Result<u32, Unfit> {
    i32::try_from(length).map(i32::cast_unsigned).map_err(|_| unfit::TOO_LARGE)
}

/// Sets a bit that means NULL. It is counted within its word, in native order: JavaScript reads whole words.
pub(super) fn set_bit(buffer: &mut [u8], start: usize, index: usize) {
    let word = start + index / 32 * 4;
    if let Some(place) = buffer.get_mut(word..word + 4).and_then(|bytes| bytes.first_chunk_mut::<4>()) {
        *place = (u32::from_ne_bytes(*place) | 1 << (index % 32)).to_ne_bytes();
    }
}

#[inline]
pub(super) fn put<const N: usize>(buffer: &mut [u8], at: usize, bytes: [u8; N]) {
    if let Some(place) = buffer.get_mut(at..at + N) {
        place.copy_from_slice(&bytes);
    }
}
