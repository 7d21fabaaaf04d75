//! Decimal digits of a fixed number, by table.

/// `00` to `99`, two characters each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut tens = 0;
    let mut index = 0;
    while tens < 10 {
        let mut ones = 0;
        while ones < 10 {
            pairs[index] = [b'0' + tens, b'0' + ones];
            index += 1;
            ones += 1;
        }
        tens += 1;
    }
    pairs
};

/// The two digits of a number below 100; of anything else the last two.
#[inline]
pub(super) fn pair(value: u32) -> [u8; 2] {
    PAIRS.get(usize::try_from(value % 100).unwrap_or(0)).copied().unwrap_or([b'0'; 2])
}

/// The four digits of a number below 10,000; of anything else the last four.
#[inline]
pub(super) fn four(value: u32) -> [u8; 4] {
    let [a, b] = pair(value / 100);
    let [c, d] = pair(value);
    [a, b, c, d]
}

/// Microseconds (below 10^6) as a point and up to six digits, without trailing zeros; nothing for 0.
#[inline]
pub(super) fn push_fraction(micros: u32, out: &mut Vec<u8>) {
    if micros == 0 {
        return;
    }
    let [a, b] = pair(micros / 10_000);
    let [c, d, e, f] = four(micros % 10_000);
    let all = [b'.', a, b, c, d, e, f];
    let end = all.iter().rposition(|&digit| digit != b'0').map_or(1, |last| last + 1);
    out.extend_from_slice(all.get(..end).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_its_number() {
        for value in 0..100 {
            assert_eq!(pair(value), *format!("{value:02}").as_bytes());
        }
        for value in 0..10_000 {
            assert_eq!(four(value), *format!("{value:04}").as_bytes());
        }
    }

    #[test]
    fn fractions_lose_trailing_zeros_only() {
        for (micros, text) in
            [(0, ""), (1, ".000001"), (100_000, ".1"), (120_300, ".1203"), (999_999, ".999999")]
        {
            let mut out = Vec::new();
            push_fraction(micros, &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }
}
