//! How values come out, as the connection's `types` option chooses: one small number per connection.

/// Packed `TypeOptions`; `src/boundary/type-options.ts` packs them, bit for bit as here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeOptions(pub u32);

/// Where the choice of each option begins, in bits; it takes two. 0 is the default.
mod place {
    pub(super) const INT8: u32 = 0;
    pub(super) const NUMERIC: u32 = 2;
    pub(super) const TIMESTAMPTZ: u32 = 4;
    pub(super) const TIMESTAMP: u32 = 6;
    pub(super) const DATE: u32 = 8;
    pub(super) const TIME: u32 = 10;
    pub(super) const JSON: u32 = 12;
    pub(super) const BYTEA: u32 = 14;
    pub(super) const INTERVAL: u32 = 16;
}

/// The form of an int8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int8 {
    Auto = 0,
    BigInt = 1,
    Number = 2,
    Text = 3,
}

/// The form of a date or time value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Date = 1,
    Text = 2,
    Temporal = 3,
}

impl TypeOptions {
    fn choice(self, place: u32) -> u32 {
        (self.0 >> place) & 3
    }

    fn moment(self, place: u32, default: Moment) -> Moment {
        [Moment::Date, Moment::Text, Moment::Temporal]
            .into_iter()
            .find(|moment| *moment as u32 == self.choice(place))
            .unwrap_or(default)
    }

    pub fn int8(self) -> Int8 {
        [Int8::BigInt, Int8::Number, Int8::Text]
            .into_iter()
            .find(|form| *form as u32 == self.choice(place::INT8))
            .unwrap_or(Int8::Auto)
    }

    pub fn numeric_as_number(self) -> bool {
        self.choice(place::NUMERIC) == 1
    }

    pub fn timestamptz(self) -> Moment {
        self.moment(place::TIMESTAMPTZ, Moment::Date)
    }

    pub fn timestamp(self) -> Moment {
        self.moment(place::TIMESTAMP, Moment::Date)
    }

    pub fn date(self) -> Moment {
        self.moment(place::DATE, Moment::Text)
    }

    pub fn time(self) -> Moment {
        self.moment(place::TIME, Moment::Text)
    }

    /// `Moment::Date` stands for the class of its own that an interval has.
    pub fn interval(self) -> Moment {
        self.moment(place::INTERVAL, Moment::Date)
    }

    pub fn json_as_text(self) -> bool {
        self.choice(place::JSON) == 1
    }

    pub fn bytea_as_uint8array(self) -> bool {
        self.choice(place::BYTEA) == 1
    }
}
