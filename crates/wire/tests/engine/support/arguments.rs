//! Arguments as the facade writes them.

use bytes::Bytes;
use cornac_wire::engine::SetBatch;

pub(crate) fn null() -> Vec<u8> {
    vec![0]
}

pub(crate) fn int(value: i32) -> Vec<u8> {
    [&[3][..], &value.to_le_bytes()].concat()
}

pub(crate) fn text(value: &str) -> Vec<u8> {
    [&[7][..], &u32::try_from(value.len()).unwrap().to_le_bytes(), value.as_bytes()].concat()
}

/// An array that is known to be no document.
pub(crate) fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    let encoded = elements.concat();
    let words = [encoded.len(), elements.len()].map(|word| u32::try_from(word).unwrap().to_le_bytes());
    [&[12][..], &words.concat(), &encoded, &u32::MAX.to_le_bytes()].concat()
}

/// An object for a composite: its members.
pub(crate) fn fields(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let member = |(name, value): &(&str, Vec<u8>)| {
        [&u32::try_from(name.len()).unwrap().to_le_bytes()[..], name.as_bytes(), value].concat()
    };
    let encoded: Vec<u8> = members.iter().flat_map(member).collect();
    [&[15][..], &u32::try_from(encoded.len()).unwrap().to_le_bytes(), &encoded].concat()
}

/// What no parameter takes, such as `undefined`.
pub(crate) fn refused(name: &str) -> Vec<u8> {
    [&[13][..], &u32::try_from(name.len()).unwrap().to_le_bytes(), name.as_bytes()].concat()
}

/// Sets of arguments that come together.
pub(crate) fn sets(sets: &[Vec<Vec<u8>>]) -> SetBatch {
    let mut bytes = Vec::new();
    for arguments in sets {
        let encoded = arguments.concat();
        bytes.extend(u32::try_from(encoded.len()).unwrap().to_ne_bytes());
        bytes.extend(u32::try_from(arguments.len()).unwrap().to_ne_bytes());
        bytes.extend(encoded);
    }
    SetBatch { count: u32::try_from(sets.len()).unwrap(), sets: Bytes::from(bytes) }
}
