//! The frame around Kerberos' tokens, checked before Heimdal sees them.
//!
//! Heimdal 7's initiator goes on to decode an uninitialised buffer when the frame of the server's token is not what it
//! expects: a server could crash the process with a few bytes.

/// `1.2.840.113554.1.2.2` in DER, tag and length included.
const KERBEROS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
/// TOK_ID of KRB_AP_REP and KRB_ERROR, what an acceptor may send.
const AP_REP: [u8; 2] = [2, 0];
const KRB_ERROR: [u8; 2] = [3, 0];

/// RFC 2743, section 3.1, around RFC 4121, section 4.1: tag, length of all the rest, mechanism, TOK_ID.
pub(super) fn is_acceptor_token(token: &[u8]) -> bool {
    let Some((0x60, rest)) = token.split_first().map(|(tag, rest)| (*tag, rest)) else { return false };
    let Some((length, content)) = split_length(rest) else { return false };
    let Some(inner) = content.strip_prefix(KERBEROS) else { return false };
    length == content.len() && inner.first_chunk().is_some_and(|id| matches!(*id, AP_REP | KRB_ERROR))
}

/// A length as DER wants it: definite, and in as few bytes as it takes.
fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=3).contains(&count) {
        return None;
    }
    let (digits, content) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    let shortest = length >= 0x80 && digits.first() != Some(&0);
    shortest.then_some((length, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(length: &[u8], id: [u8; 2], body: usize) -> Vec<u8> {
        [&[0x60], length, KERBEROS, &id, &vec![7; body]].concat()
    }

    #[test]
    fn frames_of_every_length_are_known() {
        for (length, body) in [
            (&[13][..], 0),
            (&[0x7f], 127 - 13),
            (&[0x81, 0x80], 128 - 13),
            (&[0x82, 1, 0], 256 - 13),
            (&[0x83, 1, 0, 0], 65_536 - 13),
        ] {
            assert!(is_acceptor_token(&framed(length, AP_REP, body)), "{length:?}");
            assert!(is_acceptor_token(&framed(length, KRB_ERROR, body)), "{length:?}");
        }
    }

    #[test]
    fn other_tokens_are_not() {
        let good = framed(&[20], AP_REP, 7);
        assert!(is_acceptor_token(&good));
        for end in 0..good.len() {
            assert!(!is_acceptor_token(&good[..end]), "cut at {end}");
        }
        for at in 0..15 {
            let mut changed = good.clone();
            changed[at] ^= 0x40;
            assert!(!is_acceptor_token(&changed), "changed at {at}");
        }
        assert!(!is_acceptor_token(&[good.as_slice(), b"x"].concat()));
        assert!(!is_acceptor_token(&framed(&[20], [1, 0], 7)), "a token of the initiator's");
    }

    #[test]
    fn lengths_that_der_does_not_allow_are_refused() {
        for length in [
            &[0x80][..],
            &[0x81, 20],
            &[0x82, 0, 20],
            &[0x84, 0, 0, 0, 20],
            &[0x88, 0, 0, 0, 0, 0, 0, 0, 20],
            &[0xff],
        ] {
            assert!(!is_acceptor_token(&framed(length, AP_REP, 7)), "{length:?}");
        }
    }
}
