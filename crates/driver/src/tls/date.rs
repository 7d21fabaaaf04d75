//! Dates of certificates for messages.

use der::DateTime;
use rustls::pki_types::UnixTime;

/// `2024-01-31 10:00:00 UTC`.
pub(super) fn utc(time: UnixTime) -> String {
    let since_1970 = std::time::Duration::from_secs(time.as_secs());
    match DateTime::from_unix_duration(since_1970) {
        Ok(date) => format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            date.year(),
            date.month(),
            date.day(),
            date.hour(),
            date.minutes(),
            date.seconds()
        ),
        Err(_) => "a day after the year 9999".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_people_read_them() {
        let date = |seconds| utc(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)));
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(1_709_251_199), "2024-02-29 23:59:59 UTC");
        assert_eq!(date(253_402_300_799), "9999-12-31 23:59:59 UTC");
        assert_eq!(date(253_402_300_800), "a day after the year 9999");
    }
}
