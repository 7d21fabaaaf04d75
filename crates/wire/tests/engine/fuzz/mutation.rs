//! Damage.

use crate::support::chance::Chance;

/// Numbers that lie at the edge of something.
pub(super) const EDGES: &[u32] =
    &[0, 1, 3, 4, 5, 7, 8, 0x7f, 0xff, 0x7fff, 0xffff, 0x10_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/// Makes the length of a message that of its body.
pub(super) fn fix_length(message: &mut [u8]) {
    if message.len() >= 5 {
        let length = u32::try_from(message.len() - 1).unwrap();
        message[1..5].copy_from_slice(&length.to_be_bytes());
    }
}

/// Changes bytes, words at the edge of something, and lengths.
pub(super) fn scramble(bytes: &mut Vec<u8>, chance: &mut Chance) {
    for _ in 0..=chance.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 => bytes[at] = chance.byte(),
            1 => bytes[at] ^= 1 << chance.below(8),
            2 => {
                let edge = chance.pick(EDGES);
                let word = if chance.one_in(2) { edge.to_be_bytes() } else { edge.to_le_bytes() };
                for (place, byte) in bytes[at..].iter_mut().zip(word) {
                    *place = byte;
                }
            }
            3 => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, chance.byte()),
            _ => {
                let end = at + chance.below(bytes.len() - at + 1);
                let run = bytes[at..end].to_vec();
                bytes.splice(at..at, run);
            }
        }
    }
}
