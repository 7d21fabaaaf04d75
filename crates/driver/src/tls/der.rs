//! A reader of DER (X.690), no more of it than certificates, CRLs and keys need.
//!
//! Every length is checked against what is there, nothing is copied, and malformed input ends in `None`: the
//! bytes come from a server that has proved nothing yet.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;

/// The tag of a context-specific, constructed element: `[number]`.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element: its contents, and the whole of it with tag and length.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) body: &'a [u8],
    pub(super) whole: &'a [u8],
}

/// Reads one element after the other.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, `None` at the end and for anything malformed.
    pub(super) fn element(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Tag numbers above 30 take several bytes; X.509 has none.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let count = usize::from(first & 0x7f);
            // 0x80 is BER's indefinite length, and four bytes count to 4 GiB.
            if count == 0 || count > 4 {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            rest = after;
            digits
                .iter()
                .try_fold(0_usize, |sum, &digit| sum.checked_mul(256)?.checked_add(usize::from(digit)))?
        };
        let (body, after) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len() - after.len())?;
        self.0 = after;
        Some(Element { tag, body, whole })
    }

    /// The contents of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.element()?;
        (element.tag == tag).then_some(element.body)
    }

    /// The whole of the next element, which must have this tag.
    pub(super) fn expect_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.element()?;
        (element.tag == tag).then_some(element.whole)
    }

    /// The contents of the next element if it has this tag; what has another tag stays unread.
    pub(super) fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) { self.expect(tag) } else { None }
    }
}

/// The contents of the sequence that `bytes` begin with, whatever follows it.
pub(super) fn sequence(bytes: &[u8]) -> Option<Reader<'_>> {
    Reader::new(bytes).expect(SEQUENCE).map(Reader::new)
}

/// Whether `bytes` are exactly one sequence and nothing else.
pub(super) fn is_one_sequence(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    reader.expect(SEQUENCE).is_some() && reader.is_empty()
}

/// A bit string whose bits fill its bytes, as keys and signatures have it.
pub(super) fn whole_bits(body: &[u8]) -> Option<&[u8]> {
    match body.split_first()? {
        (0, bytes) => Some(bytes),
        _ => None,
    }
}

/// Seconds since 1970 of a `Time` (RFC 5280, 4.1.2.5): UTCTime or GeneralizedTime, in UTC and with seconds.
pub(super) fn time(element: &Element<'_>) -> Option<i64> {
    let text = element.body.strip_suffix(b"Z")?;
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pair = |at: usize| -> Option<i64> {
        let digits = text.get(at..at + 2)?;
        Some(i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0'))
    };
    let (year, rest) = match (element.tag, text.len()) {
        (UTC_TIME, 12) => {
            let year = pair(0)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        (GENERALIZED_TIME, 14) => (pair(0)? * 100 + pair(2)?, 4),
        _ => return None,
    };
    let (month, day) = (pair(rest)?, pair(rest + 2)?);
    let (hour, minute, second) = (pair(rest + 4)?, pair(rest + 6)?, pair(rest + 8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(super::date::days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_elements_are_none() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x05a",
            b"\x30\x80\x00\x00",
            b"\x30\x85\x01\x00\x00\x00\x00",
            b"\x3f\x81\x01\x00",
        ] {
            assert!(Reader::new(bytes).element().is_none(), "{bytes:02x?}");
        }
        assert!(Reader::new(b"\x30\x84\xff\xff\xff\xffabc").element().is_none());
    }

    #[test]
    fn long_lengths_are_read() {
        let mut bytes = vec![0x04, 0x82, 0x01, 0x00];
        bytes.resize(4 + 256, 7);
        bytes.push(9);
        let mut reader = Reader::new(&bytes);
        let element = reader.element().unwrap();
        assert_eq!((element.tag, element.body.len(), element.whole.len()), (OCTET_STRING, 256, 260));
        assert!(!reader.is_empty());
    }

    #[test]
    fn times_of_both_kinds_are_seconds_since_1970() {
        let read = |tag, body| time(&Element { tag, body, whole: body });
        assert_eq!(read(UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(read(UTC_TIME, b"240229235959Z"), Some(1_709_251_199));
        assert_eq!(read(UTC_TIME, b"491231235959Z"), Some(2_524_607_999));
        assert_eq!(read(UTC_TIME, b"500101000000Z"), Some(-631_152_000));
        assert_eq!(read(GENERALIZED_TIME, b"99991231235959Z"), Some(253_402_300_799));
        for bad in
            [&b"2401010000Z"[..], b"240101000000", b"241301000000Z", b"24010100000xZ", b"240101240000Z"]
        {
            assert_eq!(read(UTC_TIME, bad), None, "{bad:?}");
        }
    }
}
