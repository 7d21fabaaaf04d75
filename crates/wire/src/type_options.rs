//! How values come out, as the connection's `types` option chooses: one small number per connection.

/// Packed `TypeOptions`; `src/boundary/type-options.ts` packs them, bit for bit as here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TypeOptions(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Int8 {
    Auto,
    BigInt,
    Number,
    Text,
}

/// The form of a date or time value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Date,
    Text,
    Temporal,
}

impl TypeOptions {
    fn bits(self, shift: u32) -> u32 {
        (self.0 >> shift) & 3
    }

    fn moment(self, shift: u32, default: Moment) -> Moment {
        match self.bits(shift) {
            1 => Moment::Date,
            2 => Moment::Text,
            3 => Moment::Temporal,
            _ => default,
        }
    }

    pub fn int8(self) -> Int8 {
        match self.bits(0) {
            1 => Int8::BigInt,
            2 => Int8::Number,
            3 => Int8::Text,
            _ => Int8::Auto,
        }
    }

    pub fn numeric_as_number(self) -> bool {
        self.bits(2) == 1
    }

    pub fn timestamptz(self) -> Moment {
        self.moment(4, Moment::Date)
    }

    pub fn timestamp(self) -> Moment {
        self.moment(6, Moment::Date)
    }

    pub fn date(self) -> Moment {
        self.moment(8, Moment::Text)
    }

    pub fn time(self) -> Moment {
        self.moment(10, Moment::Text)
    }

    pub fn json_as_text(self) -> bool {
        self.bits(12) == 1
    }

    pub fn bytea_as_uint8array(self) -> bool {
        self.bits(14) == 1
    }
}
