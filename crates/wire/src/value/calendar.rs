//! The proleptic Gregorian calendar, as days from and to civil dates.

/// From 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
pub(crate) const EPOCH_DAYS: i64 = 10_957;
pub(super) const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A date of the proleptic Gregorian calendar, with a year 0 (1 BC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
}

/// The date that lies `days` after 2000-01-01; for |days| up to 2^40 or so.
///
/// Years are counted from 1 March, so that the leap day is a year's last: then a month's length follows from its
/// number alone (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
#[inline]
pub(crate) fn civil(days: i64) -> Civil {
    const DAYS_OF_ERA: i64 = 146_097;
    // Days since 0000-03-01.
    let days = days + 730_425;
    let era = days.div_euclid(DAYS_OF_ERA);
    // Below 146,097, so that the rest is done in 32 bits.
    let day_of_era = u32::try_from(days.rem_euclid(DAYS_OF_ERA)).unwrap_or(0);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + i64::from(year_of_era) + i64::from(month <= 2);
    Civil { year, month, day }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        let cases = [
            (0, 2000, 1, 1),
            (59, 2000, 2, 29),
            (60, 2000, 3, 1),
            (-1, 1999, 12, 31),
            (-10_957, 1970, 1, 1),
            (-36_466, 1900, 2, 28),
            (-36_465, 1900, 3, 1),
            (-730_119, 1, 1, 1),
            (-730_120, 0, 12, 31),
            (-2_451_545, -4713, 11, 24),
            (2_145_031_948, 5_874_897, 12, 31),
        ];
        for (days, year, month, day) in cases {
            assert_eq!(civil(days), Civil { year, month, day }, "{days}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(-800_001);
        for days in -800_000..800_000 {
            let next = civil(days);
            let leap = next.year % 4 == 0 && (next.year % 100 != 0 || next.year % 400 == 0);
            if next.day != before.day + 1 {
                assert_eq!(next.day, 1);
                let length = match before.month {
                    2 if leap => 29,
                    2 => 28,
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                assert_eq!(before.day, length, "{before:?} then {next:?}");
            }
            before = next;
        }
    }
}
