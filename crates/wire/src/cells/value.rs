//! One value into its cell.

use super::Chunk;
use crate::{
    codec::Wire,
    shape::{Cell, Shape},
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
        column: usize,
        cell: &Cell,
        body: &[u8],
    ) -> Result<(), &'static str> {
        let slot = row + cell.slot;
        let packed = match cell.codec.wire {
            Wire::Array => Packed::Four(self.array(cell.codec.element, body)?.to_ne_bytes()),
            Wire::JsonDocument => self.document(shape, column, body)?,
            Wire::JsonbDocument => self.document(shape, column, value::jsonb(body).map_err(|e| e.0)?)?,
            wire => self.scalar(wire, body)?,
        };
        match packed {
            Packed::Four(bytes) => put(&mut self.cells, slot, bytes),
            Packed::Eight(bytes) => put(&mut self.cells, slot, bytes),
        }
        Ok(())
    }

    // Called once a value: a call and its result through memory cost more than most of the conversions (a sixth of a
    // row of eight columns).
    #[inline(always)]
    pub(super) fn scalar(&mut self, wire: Wire, body: &[u8]) -> Result<Packed, &'static str> {
        use Packed::{Eight, Four};
        Ok(match wire {
            Wire::Int4 => Four(i32::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Int2 => Four(i32::from(i16::from_be_bytes(fixed(body)?)).to_ne_bytes()),
            Wire::Bool => match body {
                [0] => Four(0_i32.to_ne_bytes()),
                [1] => Four(1_i32.to_ne_bytes()),
                _ => return Err("a bool is one byte, 0 or 1"),
            },
            Wire::Int8 => Eight(i64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Uint8 => Eight(u64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Int8Safe => Eight(safe(i64::from_be_bytes(fixed(body)?))?.to_ne_bytes()),
            Wire::Uint4 => Eight(f64::from(u32::from_be_bytes(fixed(body)?)).to_ne_bytes()),
            Wire::Float4 => Eight(f64::from(f32::from_be_bytes(fixed(body)?)).to_ne_bytes()),
            Wire::Float8 => Eight(f64::from_be_bytes(fixed(body)?).to_ne_bytes()),
            Wire::Timestamp | Wire::Timestamptz => {
                Eight(value::timestamp_ms(body).map_err(|e| e.0)?.to_ne_bytes())
            }
            Wire::Date => Eight(value::date_ms(body).map_err(|e| e.0)?.to_ne_bytes()),
            Wire::NumericNumber => Eight(value::numeric_f64(body).map_err(|e| e.0)?.to_ne_bytes()),
            Wire::Text => return self.text(body),
            Wire::Jsonb => return self.text(value::jsonb(body).map_err(|e| e.0)?),
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
            Wire::Void => Four([0; 4]),
            Wire::Spelled(spelling) => return self.spelled(spelling, body),
            Wire::Array | Wire::JsonDocument | Wire::JsonbDocument => return Err("it is no array's element"),
        })
    }

    fn text(&mut self, body: &[u8]) -> Result<Packed, &'static str> {
        let start = self.text.units();
        self.text.push(body)?;
        Ok(Packed::pair(start, self.text.units()))
    }

    fn ascii(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), value::Malformed>,
    ) -> Result<Packed, &'static str> {
        let start = self.text.units();
        self.text.push_ascii(write)?.map_err(|malformed| malformed.0)?;
        Ok(Packed::pair(start, self.text.units()))
    }

    /// "char": one byte, whatever it is, as the character of that number.
    fn char(&mut self, body: &[u8]) -> Result<Packed, &'static str> {
        match body {
            [byte] => self.text(char::from(*byte).encode_utf8(&mut [0; 2]).as_bytes()),
            _ => Err("a \"char\" is one byte"),
        }
    }
}

/// The bytes of a value of fixed size.
#[inline]
fn fixed<const N: usize>(body: &[u8]) -> Result<[u8; N], &'static str> {
    body.try_into().map_err(|_| "its length is not that of its type")
}

/// 2^53 - 1, the largest integer a JavaScript number holds exactly.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

pub(super) fn safe(number: i64) -> Result<f64, &'static str> {
    if number.unsigned_abs() > MAX_SAFE_INTEGER {
        return Err("it is beyond the integers a number holds exactly: choose types.int8 'auto' or 'bigint'");
    }
    // Exact below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "checked above")]
    Ok(number as f64)
}

pub(super) fn position(length: usize) -> Result<u32, &'static str> {
    u32::try_from(length).map_err(|_| "it is longer than a result can hold")
}

#[inline]
pub(super) fn put<const N: usize>(buffer: &mut [u8], at: usize, bytes: [u8; N]) {
    if let Some(place) = buffer.get_mut(at..at + N) {
        place.copy_from_slice(&bytes);
    }
}
