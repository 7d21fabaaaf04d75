//! Arguments as JavaScript wrote them into the submission buffer: a tag, then its payload, little endian.

use super::spelled::Spelling;

/// How each kind of argument begins.
mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT32: u8 = 3;
    pub(super) const FLOAT64: u8 = 4;
    pub(super) const INT64: u8 = 5;
    pub(super) const BIG_INT: u8 = 6;
    pub(super) const TEXT: u8 = 7;
    pub(super) const BYTES: u8 = 8;
    pub(super) const DATE: u8 = 9;
    pub(super) const JSON: u8 = 10;
    pub(super) const OBJECT: u8 = 11;
    pub(super) const ARRAY: u8 = 12;
    pub(super) const REFUSED: u8 = 13;
    pub(super) const SPELLED: u8 = 14;
    pub(super) const FIELDS: u8 = 15;
    pub(super) const ROW: u8 = 16;
    pub(super) const WIRE: u8 = 17;
    pub(super) const NO_JSON: u8 = 18;
    pub(super) const RANGE: u8 = 19;
}

/// What stands in place of the length of the JSON of an array or a spelled value.
mod as_json {
    /// There is none.
    pub(super) const NONE: u32 = 0xffff_ffff;
    /// There can be none: the reason follows.
    pub(super) const REFUSED: u32 = 0xffff_fffe;
}

/// One query argument, by its JavaScript kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    Null,
    Bool(bool),
    Int32(i32),
    Float64(f64),
    Int64(i64),
    /// A bigint that 64 bits with sign do not hold: decimal digits, perhaps after `-`.
    BigInt(&'a str),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A `Date`, in milliseconds since 1970; NaN for an invalid one.
    Date(f64),
    /// The text of a `Json` value.
    Json(&'a str),
    /// An object, as `JSON.stringify` wrote it.
    Object(&'a str),
    /// An object that has no JSON form: why.
    NoJson(&'a str),
    Array(ArrayArg<'a>),
    /// A value in its type's own text.
    Spelled(Spelled<'a>),
    /// A Range with bounds that are not spelled: its bounds, NULL for none, and for each whether it is in the range.
    Range(ArrayArg<'a>),
    /// The members of an object that is a value of a composite type, or of hstore.
    Fields(FieldsArg<'a>),
    /// A list that is one value of its type, and no array.
    Row(ArrayArg<'a>),
    /// The binary form of its type, as a codec of the program's has made it.
    Wire(&'a [u8]),
    /// What no parameter takes, by its name: `undefined`, `a symbol` …
    Refused(&'a str),
}

impl Arg<'_> {
    /// Bytes of what is sent as it is, 0 for what is written anew.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Arg::Text(text) | Arg::Json(text) | Arg::Object(text) => text.len(),
            Arg::Bytes(bytes) | Arg::Wire(bytes) => bytes.len(),
            _ => 0,
        }
    }
}

/// An array whose elements have not been read yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrayArg<'a> {
    /// How many elements it claims to have; [`Reader`] finds out.
    pub count: u32,
    elements: &'a [u8],
    /// The array as JSON.
    pub(super) json: AsJson<'a>,
}

/// A value of a type of PostgreSQL's as JSON, for a parameter that may be json.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum AsJson<'a> {
    /// It stands deep in arrays, or its parameter is known not to be json.
    None,
    Text(&'a str),
    /// Why it has no JSON form. It may still be a value of PostgreSQL's.
    Refused(&'a str),
}

impl<'a> ArrayArg<'a> {
    /// The elements, one argument each.
    #[must_use]
    pub fn elements(&self) -> Reader<'a> {
        Reader::new(self.elements)
    }
}

/// An object whose members have not been read yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldsArg<'a> {
    members: &'a [u8],
}

impl<'a> FieldsArg<'a> {
    /// The members, by their names.
    #[must_use]
    pub fn members(&self) -> Members<'a> {
        Members(Reader::new(self.members))
    }
}

/// Reads the members of an object one after another.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a>(Reader<'a>);

impl<'a> Members<'a> {
    /// The next name and its value, `None` behind the last.
    #[allow(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<(&'a str, Arg<'a>)>, Damaged> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let name = self.0.text()?;
        Ok(Some((name, self.0.next()?)))
    }
}

/// A value as its type's input function reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spelled<'a> {
    pub(super) spelling: Spelling,
    pub(super) text: &'a str,
    /// The value as JSON, where its parameter may be json.
    pub(super) json: AsJson<'a>,
}

/// The submission buffer does not hold what it should. It comes from this driver's own JavaScript, so that this is a
/// bug there and not the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

/// Reads arguments one after another.
///
/// It never looks into an array (the array's length says where it ends), so its work for one argument and its stack
/// do not grow with nesting.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// As much of an array's element as its shape depends on.
pub(super) enum Skimmed<'a> {
    Null,
    Text(&'a [u8]),
    Array(ArrayArg<'a>),
    /// What a codec of the program's has made.
    Wire,
    Other,
}

impl<'a> Reader<'a> {
    #[must_use]
    pub fn new(arguments: &'a [u8]) -> Self {
        Self { rest: arguments }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next argument. Its length is checked, and text is UTF-8.
    #[allow(
        clippy::should_implement_trait,
        reason = "the caller knows how many there are, and wants an error"
    )]
    pub fn next(&mut self) -> Result<Arg<'a>, Damaged> {
        let [kind] = self.take()?;
        Ok(match kind {
            tag::NULL => Arg::Null,
            tag::FALSE => Arg::Bool(false),
            tag::TRUE => Arg::Bool(true),
            tag::INT32 => Arg::Int32(i32::from_le_bytes(self.take()?)),
            tag::FLOAT64 => Arg::Float64(f64::from_le_bytes(self.take()?)),
            tag::INT64 => Arg::Int64(i64::from_le_bytes(self.take()?)),
            tag::BIG_INT => Arg::BigInt(self.digits()?),
            tag::TEXT => Arg::Text(self.text()?),
            tag::BYTES => {
                let length = self.length()?;
                Arg::Bytes(self.bytes(length)?)
            }
            tag::DATE => Arg::Date(f64::from_le_bytes(self.take()?)),
            tag::JSON => Arg::Json(self.text()?),
            tag::OBJECT => Arg::Object(self.text()?),
            tag::NO_JSON => Arg::NoJson(self.text()?),
            tag::ARRAY => Arg::Array(self.array()?),
            tag::REFUSED => Arg::Refused(self.text()?),
            tag::SPELLED => Arg::Spelled(self.spelled()?),
            tag::FIELDS => {
                let length = self.length()?;
                Arg::Fields(FieldsArg { members: self.bytes(length)? })
            }
            tag::ROW => Arg::Row(self.array()?),
            tag::RANGE => Arg::Range(self.array()?),
            tag::WIRE => {
                let length = self.length()?;
                Arg::Wire(self.bytes(length)?)
            }
            _ => return Err(Damaged),
        })
    }

    /// Steps over the next argument and tells what matters to an array's shape. Text is not looked at.
    pub(super) fn skim(&mut self) -> Result<Skimmed<'a>, Damaged> {
        let [kind] = self.take()?;
        match kind {
            tag::NULL => return Ok(Skimmed::Null),
            tag::FALSE | tag::TRUE => {}
            tag::INT32 => {
                self.take::<4>()?;
            }
            tag::FLOAT64 | tag::INT64 | tag::DATE => {
                self.take::<8>()?;
            }
            tag::ARRAY => return Ok(Skimmed::Array(self.array()?)),
            tag::SPELLED => return Ok(Skimmed::Text(self.spelled()?.text.as_bytes())),
            tag::TEXT => {
                let length = self.length()?;
                return Ok(Skimmed::Text(self.bytes(length)?));
            }
            tag::ROW | tag::RANGE => {
                self.array()?;
            }
            tag::WIRE => {
                let length = self.length()?;
                self.bytes(length)?;
                return Ok(Skimmed::Wire);
            }
            tag::BIG_INT
            | tag::BYTES
            | tag::JSON
            | tag::OBJECT
            | tag::NO_JSON
            | tag::REFUSED
            | tag::FIELDS => {
                let length = self.length()?;
                self.bytes(length)?;
            }
            _ => return Err(Damaged),
        }
        Ok(Skimmed::Other)
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(Damaged)?;
        self.rest = rest;
        Ok(*head)
    }

    #[inline]
    fn length(&mut self) -> Result<u32, Damaged> {
        self.take().map(u32::from_le_bytes)
    }

    #[inline]
    fn bytes(&mut self, length: u32) -> Result<&'a [u8], Damaged> {
        let length = usize::try_from(length).map_err(|_| Damaged)?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline]
    fn utf8(&mut self, length: u32) -> Result<&'a str, Damaged> {
        simdutf8::basic::from_utf8(self.bytes(length)?).map_err(|_| Damaged)
    }

    #[inline]
    fn text(&mut self) -> Result<&'a str, Damaged> {
        let length = self.length()?;
        self.utf8(length)
    }

    /// Digits go into SQL literals and JSON as they are, so they must be nothing else.
    fn digits(&mut self) -> Result<&'a str, Damaged> {
        let text = self.text()?;
        let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Damaged);
        }
        Ok(text)
    }

    fn array(&mut self) -> Result<ArrayArg<'a>, Damaged> {
        let length = self.length()?;
        let count = self.length()?;
        let elements = self.bytes(length)?;
        Ok(ArrayArg { count, elements, json: self.json()? })
    }

    fn spelled(&mut self) -> Result<Spelled<'a>, Damaged> {
        let [spelling] = self.take()?;
        let spelling = Spelling::read(spelling).ok_or(Damaged)?;
        Ok(Spelled { spelling, text: self.text()?, json: self.json()? })
    }

    fn json(&mut self) -> Result<AsJson<'a>, Damaged> {
        Ok(match self.length()? {
            as_json::NONE => AsJson::None,
            as_json::REFUSED => AsJson::Refused(self.text()?),
            length => AsJson::Text(self.utf8(length)?),
        })
    }
}
