//! OAUTHBEARER (RFC 7628): the token goes out in the first message, a failure comes back as JSON.

use crate::error::{ConnectError, FailureKind};
use crate::login::policy::Transportation;
use crate::options::{ConnectOptions, Secret};
use crate::progress::Progress;

/// RFC 7628 section 3.1's separator, and the whole answer to a failure.
pub(crate) const ACKNOWLEDGE: &[u8] = b"\x01";

/// A bearer token is as good as a password: whoever gets it may use it, the server included. So it goes to a server that
/// TLS has verified, to this machine, or where the user has named the method.
pub(crate) fn permit(
    options: &ConnectOptions,
    transport: Transportation,
    progress: &Progress,
) -> Result<(), ConnectError> {
    if transport.verified || transport.local || options.allow_unprotected_token {
        return Ok(());
    }
    let connection = if transport.encrypted {
        "a TLS connection that does not verify the server"
    } else {
        "an unencrypted connection"
    };
    Err(progress
        .error(
            FailureKind::Method,
            format!(
                "server at {} asked for an OAuth token over {connection}, which was refused",
                progress.peer
            ),
        )
        .with_hint("use sslmode 'verify-full', or name 'oauth' in requireAuth"))
}

/// The client's only message.
pub(crate) fn initial_response(token: &Secret) -> Vec<u8> {
    [b"n,,\x01auth=Bearer ".as_slice(), token.expose(), b"\x01\x01"].concat()
}

/// The `status` of the server's error document (RFC 7628 section 3.2.2), when it is a plain word.
///
/// The document is untrusted; only this word is worth showing.
pub(crate) fn failure_status(document: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(document).ok()?;
    let value = text.split_once("\"status\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let word = value.strip_prefix('"')?.split('"').next()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    (!word.is_empty() && word.len() <= 64 && word.chars().all(plain)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_framed_as_rfc_7628_has_it() {
        assert_eq!(initial_response(&Secret::new("t0k")), b"n,,\x01auth=Bearer t0k\x01\x01");
    }

    #[test]
    fn the_status_of_a_failure_is_shown_only_when_it_is_a_plain_word() {
        assert_eq!(
            failure_status(br#"{ "status" : "invalid_token", "scope": "x" }"#).as_deref(),
            Some("invalid_token")
        );
        for odd in [&b"{}"[..], br#"{"status":"a b"}"#, br#"{"status":""}"#, b"\xff", br#"{"status":1}"#] {
            assert_eq!(failure_status(odd), None);
        }
    }
}
