//! Arguments as the facade writes them.

pub(crate) fn null() -> Vec<u8> {
    vec![0]
}

pub(crate) fn int(value: i32) -> Vec<u8> {
    [&[3][..], &value.to_le_bytes()].concat()
}

pub(crate) fn text(value: &str) -> Vec<u8> {
    [&[7][..], &u32::try_from(value.len()).unwrap().to_le_bytes(), value.as_bytes()].concat()
}

/// What no parameter takes, such as `undefined`.
pub(crate) fn refused(name: &str) -> Vec<u8> {
    [&[13][..], &u32::try_from(name.len()).unwrap().to_le_bytes(), name.as_bytes()].concat()
}
