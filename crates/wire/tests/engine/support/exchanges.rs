//! Recorded exchanges with a real server: `recorded.rs` says how to read them.

pub(crate) const EXCHANGES: &[(&str, &str)] = &[
    ("cancel", include_str!("../recorded/cancel.txt")),
    ("changed", include_str!("../recorded/changed.txt")),
    ("copy", include_str!("../recorded/copy.txt")),
    ("ended", include_str!("../recorded/ended.txt")),
    ("errors", include_str!("../recorded/errors.txt")),
    ("messages", include_str!("../recorded/messages.txt")),
    ("pipeline", include_str!("../recorded/pipeline.txt")),
    ("retyped", include_str!("../recorded/retyped.txt")),
    ("transaction", include_str!("../recorded/transaction.txt")),
    ("uncached", include_str!("../recorded/uncached.txt")),
    ("values", include_str!("../recorded/values.txt")),
];

/// The bytes of a line, behind its mark.
pub(crate) fn bytes(line: &str) -> Vec<u8> {
    let hexadecimal: String = line.split('#').next().unwrap().split_whitespace().collect();
    let digits: Vec<u8> = hexadecimal.bytes().collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The size of the statement cache that the exchange was recorded with.
pub(crate) fn cache_size(exchange: &str) -> usize {
    exchange.lines().find_map(|line| line.strip_prefix("cache ")).unwrap().parse().unwrap()
}
