//! What seems to speak on a port where PostgreSQL was expected, by the first bytes that it says.

use crate::error::ConnectError;
use crate::progress::Progress;

/// Bytes that tell every protocol known here.
pub(crate) const TELLING: usize = 8;

/// The error for a server that does not speak PostgreSQL's protocol; `None` where it may.
///
/// No message of PostgreSQL's that may come first begins like any of these.
pub(crate) fn refusal(said: &[u8], progress: &Progress) -> Option<ConnectError> {
    let peer = &progress.peer;
    if matches!(said, [0x15 | 0x16, 3, 0..=4, ..]) {
        let message = format!("server at {peer} speaks TLS only, from the first byte on");
        return Some(progress.protocol(message).with_hint(
            "check host and port, or use sslnegotiation=direct if this is PostgreSQL 17 or newer behind TLS",
        ));
    }
    let protocol = protocol(said)?;
    let message = format!("server at {peer} seems to speak {protocol}, not PostgreSQL's protocol");
    Some(progress.protocol(message).with_hint("check host and port"))
}

fn protocol(said: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 7] = [
        (b"HTTP/", "HTTP"),
        (b"SSH-", "SSH"),
        (b"-ERR", "Redis's protocol"),
        (b"-DENIED", "Redis's protocol"),
        (b"220 ", "SMTP or FTP"),
        (b"220-", "SMTP or FTP"),
        (b"* OK", "IMAP"),
    ];
    let known = BEGINNINGS.into_iter().find(|(beginning, _)| said.starts_with(beginning));
    known.map(|(_, protocol)| protocol).or_else(|| is_mysql(said).then_some("MySQL's protocol"))
}

/// A greeting has its length in three bytes, a number, the version 10 and the server's version as text; a refusal has
/// 255 and an error between 1024 and 1279 (such as 1040, "Too many connections").
fn is_mysql(said: &[u8]) -> bool {
    matches!(said, [_, 0, 0, 0, 10, b'0'..=b'9', ..] | [_, _, 0, 0, 255, _, 4, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(said: &[u8]) -> Option<String> {
        refusal(said, &Progress::new("h:1".into())).map(|error| error.message)
    }

    #[test]
    fn strangers_are_named_by_their_first_bytes() {
        let rows: [(&[u8], &str); 10] = [
            (b"HTTP/1.1 400 Bad Request\r\n", "HTTP"),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH"),
            (b"-ERR unknown command\r\n", "Redis"),
            (b"-DENIED Redis is running in protected mode", "Redis"),
            (b"220 mail.example ESMTP\r\n", "SMTP"),
            (b"* OK IMAP4rev1\r\n", "IMAP"),
            // The length of a greeting may look like any letter.
            (b"S\0\0\0\x0a8.0.36\0", "MySQL"),
            (b"N\0\0\0\x0a5.5.5-10.11.6-MariaDB\0", "MySQL"),
            (b"\x17\0\0\0\xff\x10\x04Too many connections", "MySQL"),
            (b"\x15\x03\x01\0\x02\x02\x46", "TLS only"),
        ];
        for (said, name) in rows {
            assert!(named(said).is_some_and(|message| message.contains(name)), "{name}");
        }
    }

    #[test]
    fn what_postgresql_may_say_first_is_let_be() {
        for said in [
            &b""[..],
            b"S",
            b"N",
            b"R\0\0\0\x08\0\0\0\0",
            b"R\0\0\0\x0a\0\0\0\x0a\0\0",
            b"E\0\0\0\x0aSFATAL",
            b"N\0\0\0\x0aSNOTICE",
            b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0",
            b"Ecould not fork new process\n\0",
        ] {
            assert_eq!(named(said), None, "{said:?}");
        }
    }
}
