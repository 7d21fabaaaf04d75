//! A value that fits its type, about to be written in one of the two formats.

use bytes::{BufMut, BytesMut};

use super::ParamKind;
use super::iso::push_iso;
use crate::value;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain<'a> {
    Bool(bool),
    Int2(i16),
    Int4(i32),
    Int8(i64),
    Oid(u32),
    Xid8(u64),
    Lsn(u64),
    Float4(f32),
    Float8(f64),
    /// A number for a type that has no limits.
    Number(f64),
    Digits(&'a str),
    Text(&'a str),
    Byte(u8),
    Bytes(&'a [u8]),
    Bits(&'a [u8]),
    /// Days since 2000-01-01, `i32`'s ends being the infinities.
    Days(i32),
    /// Microseconds since 2000-01-01, `i64`'s ends being the infinities.
    Micros(i64),
    /// A `Date` inside JSON.
    IsoDate(i64),
}

impl Plain<'_> {
    /// Appends the binary form, without its length.
    pub(super) fn binary(self, kind: ParamKind, out: &mut BytesMut) {
        if matches!(kind, ParamKind::Json | ParamKind::Jsonb) {
            // JSON is text in either format, behind a version number for jsonb.
            if kind == ParamKind::Jsonb {
                out.put_u8(1);
            }
            return self.text(kind, out);
        }
        match self {
            Plain::Bool(value) => out.put_u8(u8::from(value)),
            Plain::Int2(value) => out.put_i16(value),
            Plain::Int4(value) => out.put_i32(value),
            Plain::Int8(value) => out.put_i64(value),
            Plain::Oid(value) => out.put_u32(value),
            Plain::Xid8(value) | Plain::Lsn(value) => out.put_u64(value),
            Plain::Float4(value) => out.put_f32(value),
            Plain::Float8(value) => out.put_f64(value),
            Plain::Days(value) => out.put_i32(value),
            Plain::Micros(value) => out.put_i64(value),
            Plain::Byte(value) => out.put_u8(value),
            Plain::Bytes(value) => out.put_slice(value),
            Plain::Bits(value) => {
                // Lengths were checked before: this one stays below 2^31.
                out.put_i32(i32::try_from(value.len() * 8).unwrap_or(i32::MAX));
                out.put_slice(value);
            }
            // The binary form of text is the text.
            Plain::Text(_) | Plain::Number(_) | Plain::Digits(_) | Plain::IsoDate(_) => self.text(kind, out),
        }
    }

    /// Appends the text form, without quotes.
    pub(super) fn text(self, kind: ParamKind, out: &mut impl BufMut) {
        match self {
            Plain::Bool(value) if matches!(kind, ParamKind::Json | ParamKind::Jsonb) => {
                out.put_slice(if value { b"true" } else { b"false" });
            }
            Plain::Bool(value) => out.put_u8(if value { b't' } else { b'f' }),
            Plain::Int2(value) => integer(value, out),
            Plain::Int4(value) => integer(value, out),
            Plain::Int8(value) => integer(value, out),
            Plain::Oid(value) => integer(value, out),
            Plain::Xid8(value) => integer(value, out),
            Plain::Lsn(value) => through(out, |text| value::pg_lsn(&value.to_be_bytes(), text)),
            Plain::Float4(value) => number(f64::from(value), out),
            Plain::Float8(value) | Plain::Number(value) => number(value, out),
            Plain::Digits(value) | Plain::Text(value) => out.put_slice(value.as_bytes()),
            Plain::Byte(0) => {}
            Plain::Byte(value @ 1..=127) => out.put_u8(value),
            Plain::Byte(value) => out.put_slice(format!("\\{value:03o}").as_bytes()),
            Plain::Bytes(value) => through(out, |text| {
                value::bytea(value, text);
                Ok(())
            }),
            Plain::Bits(value) => {
                for byte in value {
                    for bit in (0..8).rev() {
                        out.put_u8(b'0' + (byte >> bit & 1));
                    }
                }
            }
            Plain::Days(value) => through(out, |text| value::date(&value.to_be_bytes(), text)),
            Plain::Micros(value) if kind == ParamKind::Timestamptz => {
                through(out, |text| value::timestamptz(&value.to_be_bytes(), text));
            }
            Plain::Micros(value) => through(out, |text| value::timestamp(&value.to_be_bytes(), text)),
            Plain::IsoDate(value) => {
                out.put_u8(b'"');
                through(out, |text| {
                    push_iso(value, text);
                    Ok(())
                });
                out.put_u8(b'"');
            }
        }
    }
}

/// As JavaScript shows it, but for -0, whose sign JavaScript leaves out.
pub(super) fn number(value: f64, out: &mut impl BufMut) {
    if value == 0.0 && value.is_sign_negative() {
        out.put_u8(b'-');
    }
    value::shortest(value, out);
}

fn integer(value: impl itoa::Integer, out: &mut impl BufMut) {
    out.put_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Uses a writer of the decoding side, for text that is rarely sent. It cannot fail: the value was checked.
fn through(out: &mut impl BufMut, write: impl FnOnce(&mut Vec<u8>) -> Result<(), value::Malformed>) {
    let mut text = Vec::with_capacity(32);
    if write(&mut text).is_ok() {
        out.put_slice(&text);
    }
}
