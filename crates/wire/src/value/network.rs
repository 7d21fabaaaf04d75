//! `inet` and `cidr`.

use super::{Malformed, exactly};

/// `10.0.0.1`, `10.0.0.1/8` or `::1`: the prefix length only where it is not that of a single address.
pub fn inet(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    address(body, false, out)
}

/// `10.0.0.0/8` or `::/0`: always with the prefix length.
pub fn cidr(body: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    address(body, true, out)
}

fn address(body: &[u8], always_prefix: bool, out: &mut Vec<u8>) -> Result<(), Malformed> {
    // PostgreSQL's own numbers: AF_INET is 2 everywhere, and IPv6 is always one more.
    let (prefix, longest) = match body {
        [2, prefix, _is_cidr, 4, rest @ ..] => {
            push_v4(exactly(rest)?, out);
            (*prefix, 32)
        }
        [3, prefix, _is_cidr, 16, rest @ ..] => {
            push_v6(exactly(rest)?, out);
            (*prefix, 128)
        }
        [_, _, _, _, ..] => return Err(Malformed("it is no IPv4 and no IPv6 address")),
        _ => return Err(Malformed("it ends too early")),
    };
    if prefix > longest {
        return Err(Malformed("its prefix is longer than an address"));
    }
    if always_prefix || prefix != longest {
        out.push(b'/');
        push_number(prefix, out);
    }
    Ok(())
}

fn push_number(value: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn push_v4(bytes: [u8; 4], out: &mut Vec<u8>) {
    for (index, byte) in bytes.into_iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        push_number(byte, out);
    }
}

/// Writes an IPv6 address as PostgreSQL does (the classic `inet_net_ntop`): the first longest run of two zero
/// groups or more becomes `::`, and mapped and compatible IPv4 addresses end in dotted form.
fn push_v6(bytes: [u8; 16], out: &mut Vec<u8>) {
    let groups: [u16; 8] = std::array::from_fn(|i| u16::from_be_bytes([bytes[2 * i], bytes[2 * i + 1]]));
    let zeros = longest_zeros(&groups);
    let [.., a, b, c, d] = bytes;
    let embeds_v4 = zeros.start == 0 && (zeros.end == 6 || zeros.end == 5 && groups[5] == 0xffff);
    for (index, &group) in groups.iter().enumerate() {
        if zeros.contains(&index) {
            if index == zeros.start {
                out.push(b':');
            }
            continue;
        }
        if index > 0 {
            out.push(b':');
        }
        if embeds_v4 && index == 6 {
            push_v4([a, b, c, d], out);
            return;
        }
        push_group(group, out);
    }
    if zeros.end == groups.len() && !zeros.is_empty() {
        out.push(b':');
    }
}

fn longest_zeros(groups: &[u16; 8]) -> std::ops::Range<usize> {
    let mut best = 0..0;
    let mut start = 0;
    for (index, &group) in groups.iter().enumerate() {
        if group != 0 {
            start = index + 1;
        } else if index + 1 - start > best.len() {
            best = start..index + 1;
        }
    }
    if best.len() < 2 { 0..0 } else { best }
}

fn push_group(group: u16, out: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut started = false;
    for shift in [12, 8, 4, 0] {
        let digit = usize::from(group >> shift & 15);
        started |= digit != 0 || shift == 0;
        if started {
            out.push(DIGITS[digit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for body in [
            &[][..],
            &[2, 32, 0],
            &[2, 33, 0, 4, 1, 2, 3, 4],
            &[2, 32, 0, 4, 1, 2, 3],
            &[2, 32, 0, 4, 1, 2, 3, 4, 5],
            &[2, 32, 0, 16, 1, 2, 3, 4],
            &[3, 32, 0, 4, 1, 2, 3, 4],
            &[4, 32, 0, 4, 1, 2, 3, 4],
            &[3, 129, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            assert!(inet(body, &mut Vec::new()).is_err(), "{body:?}");
            assert!(cidr(body, &mut Vec::new()).is_err(), "{body:?}");
        }
    }
}
