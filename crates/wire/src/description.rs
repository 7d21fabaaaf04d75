//! What the server says of a statement and of its own state.

use crate::{
    body::{Body, Malformed, diagnostic},
    record::letter,
};

/// A column of a result, as RowDescription tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    pub name: String,
    pub type_oid: u32,
    pub source: Source,
    /// Its values come as text. What a statement's description says of that is not known yet.
    pub is_text: bool,
}

/// Where a column comes from and how it was declared. Nothing of it changes how its values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// 0 for a column that is none of a table.
    pub table_oid: u32,
    /// The number of the table's column, from 1.
    pub attribute: i16,
    /// In bytes; negative for a type of no fixed size.
    pub type_size: i16,
    /// What stands in parentheses behind the type's name, in the type's own encoding; -1 for nothing.
    pub type_modifier: i32,
}

impl Source {
    /// The source of an expression: there is none.
    pub const NONE: Self = Self { table_oid: 0, attribute: 0, type_size: -1, type_modifier: -1 };
}

/// The fixed part of a column's description behind its name: table, attribute, type, size, modifier, format.
const COLUMN_TAIL: usize = 18;

pub fn row_description(body: &[u8]) -> Result<Vec<Column>, Malformed> {
    let mut body = Body(body);
    let count = body.count()?;
    // A column takes at least its name's end and the fixed part: a count the body cannot hold is a lie.
    if count * (COLUMN_TAIL + 1) > body.0.len() {
        return Err(Malformed("it announces more columns than it holds"));
    }
    let mut columns = Vec::with_capacity(count);
    for _ in 0..count {
        let name = std::str::from_utf8(body.c_string()?)
            .map_err(|_| Malformed("a column's name is not UTF-8"))?
            .to_owned();
        let (table_oid, attribute) = (body.u32()?, body.i16()?);
        let type_oid = body.u32()?;
        let (type_size, type_modifier) = (body.i16()?, body.i32()?);
        let is_text = match body.i16()? {
            0 => true,
            1 => false,
            _ => return Err(Malformed("a column's format is unknown")),
        };
        let source = Source { table_oid, attribute, type_size, type_modifier };
        columns.push(Column { name, type_oid, source, is_text });
    }
    body.end()?;
    Ok(columns)
}

pub fn parameter_description(body: &[u8]) -> Result<Vec<u32>, Malformed> {
    let mut body = Body(body);
    // 16 bits without sign: a statement may have 65,535 parameters.
    let count = usize::from(u16::from_be_bytes(body.i16()?.to_be_bytes()));
    if body.0.len() != count * 4 {
        return Err(Malformed("its count of parameters does not fit its length"));
    }
    (0..count).map(|_| body.u32()).collect()
}

pub fn parameter_status(body: &[u8]) -> Result<(String, String), Malformed> {
    let mut body = Body(body);
    let pair = (diagnostic(body.c_string()?), diagnostic(body.c_string()?));
    body.end()?;
    Ok(pair)
}

/// Whether an encoding's name is one of those of UTF8. PostgreSQL compares letters and digits, without their case.
pub fn is_utf8(encoding: &str) -> bool {
    let name: String = encoding.chars().filter(char::is_ascii_alphanumeric).collect();
    ["utf8", "unicode"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A notification: the sender's pid, the channel and the payload.
pub fn notification(body: &[u8]) -> Result<(i32, String, String), Malformed> {
    let mut body = Body(body);
    let pid = body.i32()?;
    let (channel, payload) = (diagnostic(body.c_string()?), diagnostic(body.c_string()?));
    body.end()?;
    Ok((pid, channel, payload))
}

/// CopyInResponse and CopyOutResponse: an overall format and one for each column. Nothing of it is of use here.
pub fn copy_response(body: &[u8]) -> Result<(), Malformed> {
    match body.split_first_chunk::<3>() {
        Some((&[_, high, low], formats))
            if formats.len() == usize::from(u16::from_be_bytes([high, low])) * 2 =>
        {
            Ok(())
        }
        _ => Err(Malformed("its count of columns does not fit its length")),
    }
}

pub fn command_complete(body: &[u8]) -> Result<&[u8], Malformed> {
    let mut body = Body(body);
    let tag = body.c_string()?;
    body.end()?;
    Ok(tag)
}

/// Where the session stands with transactions, as ReadyForQuery tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    Idle,
    InTransaction,
    Failed,
}

impl TransactionStatus {
    pub fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'I' => Some(Self::Idle),
            b'T' => Some(Self::InTransaction),
            b'E' => Some(Self::Failed),
            _ => None,
        }
    }

    pub fn as_byte(self) -> u8 {
        match self {
            Self::Idle => b'I',
            Self::InTransaction => b'T',
            Self::Failed => b'E',
        }
    }
}

pub fn ready_for_query(body: &[u8]) -> Result<TransactionStatus, Malformed> {
    match body {
        [byte] => TransactionStatus::from_byte(*byte).ok_or(Malformed("its transaction status is unknown")),
        _ => Err(Malformed("its length is not 1")),
    }
}

/// The fields of an ErrorResponse or NoticeResponse: a letter each, and a text.
///
/// <https://www.postgresql.org/docs/current/protocol-error-fields.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostic(pub Vec<(u8, String)>);

/// PostgreSQL 18 knows 18 fields. A field takes two bytes and many times that in memory.
const MOST_FIELDS: usize = 64;

impl Diagnostic {
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut body = Body(body);
        let mut fields = Vec::with_capacity(8);
        loop {
            match body.u8()? {
                0 => break,
                _ if fields.len() == MOST_FIELDS => {
                    return Err(Malformed("it has more fields than there are"));
                }
                letter => fields.push((letter, diagnostic(body.c_string()?))),
            }
        }
        body.end()?;
        Ok(Self(fields))
    }

    pub fn field(&self, letter: u8) -> Option<&str> {
        self.0.iter().find(|(l, _)| *l == letter).map(|(_, text)| text.as_str())
    }

    pub fn sqlstate(&self) -> &str {
        self.field(letter::SQLSTATE).unwrap_or_default()
    }
}
