//! What the texts of composites and ranges are made of: attributes and bounds.

/// Takes the text of a part off the front, up to one of these bytes, as PostgreSQL quotes it. False for none at all, which
/// is NULL or a bound that is not there; `None` when it does not end.
pub(super) fn take(rest: &mut &[u8], ends: &[u8], text: &mut Vec<u8>) -> Option<bool> {
    text.clear();
    let mut is_quoted = false;
    let mut is_there = false;
    loop {
        let (byte, behind) = rest.split_first()?;
        match (byte, behind) {
            (byte, _) if !is_quoted && ends.contains(byte) => return Some(is_there),
            (b'"', [b'"', behind @ ..]) if is_quoted => {
                text.push(b'"');
                *rest = behind;
            }
            (b'"', _) => {
                is_quoted = !is_quoted;
                *rest = behind;
            }
            (b'\\', [escaped, behind @ ..]) => {
                text.push(*escaped);
                *rest = behind;
            }
            (b'\\', []) => return None,
            _ => {
                text.push(*byte);
                *rest = behind;
            }
        }
        is_there = true;
    }
}
