//! Exchanges with a real server, replayed whole, a byte at a time and in random cuts: always the same records.
//!
//! `examples/record.rs` makes them. A line that begins with `>` is a message that the driver wrote, with `<` one of
//! the server, with `=` a record; bytes are in hexadecimal, what follows `#` is a comment. The others are calls.

use crate::support::{
    answer_words,
    chance::Chance,
    exchanges::{EXCHANGES, bytes, cache_size},
    lab::Lab,
    reader::Told,
    requests::{self, Words},
    script::Script,
};

/// Replays an exchange, the server's bytes cut where `cut` says, and returns the records in words.
fn replay(name: &str, exchange: &str, mut cut: impl FnMut(usize) -> usize) -> Vec<String> {
    let (mut lab, mut script) = (Lab::new(cache_size(exchange)), Script::default());
    let (mut sent, mut told, mut theirs) = (Vec::new(), Vec::new(), Words::default());
    let mut lines = exchange.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(message) = line.strip_prefix("> ") {
            sent.extend(bytes(message));
            if lines.peek().is_some_and(|next| next.starts_with("> ")) {
                continue;
            }
            let expected: Vec<String> =
                requests::take(&mut sent).iter().map(|message| theirs.of(message)).collect();
            assert_eq!(lab.sent(), expected.join(", "), "{name}");
        } else if let Some(message) = line.strip_prefix("< ") {
            let mut rest = &bytes(message)[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(cut(rest.len()));
                lab.hear_bytes(now);
                rest = later;
            }
        } else if line == "cancel" {
            lab.wait(100);
            assert!(lab.wants_cancel());
            lab.cancel_closed();
        } else if line == "eof" {
            lab.engine.receive_end();
        } else {
            script.line(&mut lab, line);
        }
        told.extend(lab.records());
    }
    let shapes = |told: &&Told| !matches!(told, Told::Shape { .. } | Told::Released { .. });
    told.iter().filter(shapes).map(Told::words).collect()
}

#[test]
fn recorded_exchanges_give_the_same_records_however_they_are_cut() {
    for (name, exchange) in EXCHANGES {
        let expected: Vec<&str> = exchange.lines().filter_map(|line| line.strip_prefix("= ")).collect();
        assert!(!expected.is_empty(), "{name} has no records");
        assert_eq!(replay(name, exchange, |length| length), expected, "{name}, whole");
        assert_eq!(replay(name, exchange, |_| 1), expected, "{name}, a byte at a time");
        for seed in 0..50 {
            let mut chance = Chance::new(seed);
            let cut = |length: usize| 1 + chance.below(length);
            assert_eq!(replay(name, exchange, cut), expected, "{name}, cut by seed {seed}");
        }
    }
}

#[test]
fn recorded_exchanges_name_each_message_of_the_server_in_words() {
    for (name, exchange) in EXCHANGES {
        for line in exchange.lines().filter_map(|line| line.strip_prefix("< ")) {
            let (_, comment) = line.split_once("# ").unwrap();
            let message = bytes(line);
            let (head, body) = message.split_at(5);
            assert_eq!(comment, answer_words::words(head[0], body), "{name}");
        }
    }
}
