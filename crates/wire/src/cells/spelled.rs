//! Values that came as text although binary was asked for: some relatives of PostgreSQL answer so.

use super::{
    Chunk, Unfit, unfit,
    value::{Packed, position, safe},
};
use crate::{
    codec::{FromText, Spelling},
    form::Form,
    value,
};

impl Chunk {
    /// Writes the cell of a value that is spelled out.
    #[cold]
    pub(super) fn spelled(&mut self, spelling: Spelling, body: &[u8]) -> Result<Packed, Unfit> {
        use Packed::{Eight, Four};
        let text = std::str::from_utf8(body).map_err(|_| "its text is not UTF-8")?;
        Ok(match spelling {
            Spelling::Bool => match text {
                "t" | "true" => Four(1_i32.to_ne_bytes()),
                "f" | "false" => Four(0_i32.to_ne_bytes()),
                _ => return Err("its text is no bool".into()),
            },
            Spelling::Int => Four(parsed::<i32>(text)?.to_ne_bytes()),
            Spelling::Int8 => Eight(parsed::<i64>(text)?.to_ne_bytes()),
            Spelling::Int8Safe => Eight(safe(parsed(text)?)?.to_ne_bytes()),
            Spelling::Uint8 => Eight(parsed::<u64>(text)?.to_ne_bytes()),
            Spelling::Number => Eight(parsed::<f64>(text)?.to_ne_bytes()),
            Spelling::Bytes => {
                let start = position(self.bytes.len())?;
                self.bytes.extend(value::bytea_from(text).ok_or("its text is no bytea")?);
                Packed::pair(start, position(self.bytes.len())?)
            }
        })
    }

    /// Writes the cell of a value whose text is turned into its binary form.
    #[cold]
    pub(super) fn turned(&mut self, of: FromText, body: &[u8]) -> Result<Packed, Unfit> {
        let text = std::str::from_utf8(body).map_err(|_| "its text is not UTF-8")?;
        let binary = match of {
            FromText::Date | FromText::DateText => value::date_from(text).ok_or(unfit::NO_ISO_FORM)?.to_vec(),
            FromText::Timestamp
            | FromText::TimestampText
            | FromText::Timestamptz
            | FromText::TimestamptzText => value::timestamp_from(text).ok_or(unfit::NO_ISO_FORM)?.to_vec(),
            FromText::Interval | FromText::IntervalText => {
                value::interval_from(text).ok_or("its text is no interval")?.to_vec()
            }
            FromText::Tid => value::tid_from(text).ok_or("its text is no tid")?.to_vec(),
            FromText::Lsn => value::pg_lsn_from(text).ok_or("its text is no pg_lsn")?.to_vec(),
            FromText::Snapshot => value::snapshot_from(text).ok_or("its text is no snapshot")?,
            FromText::Hstore => value::hstore_from(text).ok_or("its text is no hstore")?,
            FromText::Geometry(figure) => {
                value::geometry_from(figure, text).ok_or("its text is no figure of its type")?
            }
        };
        self.scalar(of.wire(), &binary)
    }

    /// Appends numbers between blanks as an array, and gives its place in 4-byte words.
    pub(super) fn text_numbers(&mut self, form: &Form, body: &[u8]) -> Result<u32, Unfit> {
        let list = [b"{", body, b"}"].concat();
        self.text_array(form, b' ', &list)
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "its text is no number of its type")
}
