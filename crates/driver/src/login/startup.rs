//! The messages around authentication: StartupMessage, NegotiateProtocolVersion, and what follows
//! AuthenticationOk. PostgreSQL's manual, "Message Formats" and "Start-up".

use bytes::{BufMut, BytesMut};
use cornac_wire::record::letter;

use crate::error::{ConnectError, FailureKind};
use crate::options::ConnectOptions;
use crate::progress::Progress;

/// The most messages of one kind during start-up. An honest server sends a handful of them.
const MAX_MESSAGES: usize = 1_000;

/// Fields of an error or a notice: the protocol knows eighteen.
const MAX_FIELDS: usize = 64;

/// What the server told about the session.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// `None`: the server told no process id and no key (some proxies do not).
    pub(crate) backend: Option<(i32, Vec<u8>)>,
    pub(crate) parameters: Vec<(String, String)>,
    parameter_messages: usize,
    notices: usize,
}

/// Reads consecutive NUL-terminated strings.
pub(crate) struct Strings<'a>(pub(crate) &'a [u8]);

impl<'a> Strings<'a> {
    /// The next string, or `None` when its end is missing.
    pub(crate) fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        Some(text)
    }
}

pub(crate) fn read_i32(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(i32::from_be_bytes)
}

/// tokio-postgres's startup message with our version and every startup parameter.
///
/// `theirs` is its body: the version, then its pairs. A pair of ours replaces theirs of the same name.
pub(crate) fn startup_message(theirs: &[u8], options: &ConnectOptions) -> Option<BytesMut> {
    let (major, minor) = options.protocol.numbers();
    let mut message = BytesMut::with_capacity(theirs.len() + 256);
    message.put_i32(0);
    message.put_u16(major);
    message.put_u16(minor);
    let mut strings = Strings(theirs.get(4..)?);
    loop {
        let name = strings.next()?;
        if name.is_empty() {
            break;
        }
        let value = strings.next()?;
        if !options.parameters.iter().any(|(ours, _)| ours.as_bytes() == name) {
            put_pair(&mut message, name, value);
        }
    }
    for (name, value) in &options.parameters {
        put_pair(&mut message, name.as_bytes(), value.as_bytes());
    }
    message.put_u8(0);
    let length = i32::try_from(message.len()).ok()?;
    message.get_mut(..4)?.copy_from_slice(&length.to_be_bytes());
    Some(message)
}

fn put_pair(message: &mut BytesMut, name: &[u8], value: &[u8]) {
    for text in [name, value] {
        message.put_slice(text);
        message.put_u8(0);
    }
}

/// NegotiateProtocolVersion: the version to go on with. The same rules as libpq 18.
pub(crate) fn negotiated(
    body: &[u8],
    asked: (u16, u16),
    progress: &Progress,
) -> Result<(u16, u16), ConnectError> {
    let refuse =
        |why: String| Err(progress.protocol(format!("server sent an invalid protocol negotiation: {why}")));
    let (Some(version), Some(count)) = (read_i32(body, 0), read_i32(body, 4)) else {
        return refuse("it is too short".into());
    };
    let [high, low, minor_high, minor_low] = version.to_be_bytes();
    let offered = (u16::from_be_bytes([high, low]), u16::from_be_bytes([minor_high, minor_low]));
    let (major, minor) = offered;
    if major != asked.0 {
        return refuse(format!("it asks for protocol {major}.{minor}"));
    }
    if minor > asked.1 {
        return refuse(format!("it asks for {major}.{minor}, higher than {}.{}", asked.0, asked.1));
    }
    if minor == 1 {
        return refuse("protocol 3.1 does not exist".into());
    }
    if count < 0 {
        return refuse(format!("it lists {count} unknown parameters"));
    }
    if count > 0 {
        // Only parameters named "_pq_.…" are negotiable, and the driver sends none.
        return refuse("it rejects a protocol parameter that was not sent".into());
    }
    if offered == asked {
        return refuse("it changes nothing".into());
    }
    if body.len() != 8 {
        return refuse("bytes follow its end".into());
    }
    Ok(offered)
}

impl Facts {
    /// NoticeResponse: only counted, since nobody can listen yet.
    pub(crate) fn notice(&mut self, body: &[u8], progress: &Progress) -> Result<(), ConnectError> {
        count(&mut self.notices, "notices", progress)?;
        match fields(body) {
            Some(_) => Ok(()),
            None => Err(progress.protocol("server sent a malformed NoticeResponse message")),
        }
    }

    /// ParameterStatus: the last value of a name counts.
    pub(crate) fn parameter(&mut self, body: &[u8], progress: &Progress) -> Result<(), ConnectError> {
        count(&mut self.parameter_messages, "parameters", progress)?;
        let mut strings = Strings(body);
        let pair = strings.next().zip(strings.next()).filter(|_| strings.0.is_empty());
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let Some((name, value)) = pair.and_then(|(name, value)| text(name).zip(text(value))) else {
            return Err(progress.protocol("server sent a malformed ParameterStatus message"));
        };
        match self.parameters.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => self.parameters.push((name, value)),
        }
        Ok(())
    }

    /// BackendKeyData: four bytes of key in protocol 3.0, 4 to 256 in 3.2.
    pub(crate) fn backend_key(
        &mut self,
        body: &[u8],
        protocol: (u16, u16),
        progress: &Progress,
    ) -> Result<(), ConnectError> {
        if self.backend.is_some() {
            return Err(progress.protocol("server sent a second BackendKeyData message"));
        }
        let (Some(pid), Some(key)) = (read_i32(body, 0), body.get(4..)) else {
            return Err(progress.protocol("server sent a malformed BackendKeyData message"));
        };
        let allowed = if protocol >= (3, 2) { 4..=256 } else { 4..=4 };
        if !allowed.contains(&key.len()) {
            return Err(progress.protocol(format!(
                "server sent a cancel key of {} {}, protocol {}.{} allows {} to {}",
                key.len(),
                if key.len() == 1 { "byte" } else { "bytes" },
                protocol.0,
                protocol.1,
                allowed.start(),
                allowed.end()
            )));
        }
        self.backend = Some((pid, key.to_vec()));
        Ok(())
    }
}

/// Refuses the message that is one too many.
fn count(messages: &mut usize, what: &str, progress: &Progress) -> Result<(), ConnectError> {
    *messages += 1;
    if *messages <= MAX_MESSAGES {
        return Ok(());
    }
    Err(progress.protocol(format!("server sent more than {MAX_MESSAGES} {what} during start-up")))
}

/// The fields of ErrorResponse and NoticeResponse by their letter; `None` when the form is wrong.
fn fields(body: &[u8]) -> Option<Vec<(u8, String)>> {
    let mut fields = Vec::new();
    let mut strings = Strings(body);
    loop {
        match strings.next()? {
            [] => return strings.0.is_empty().then_some(fields),
            _ if fields.len() >= MAX_FIELDS => return None,
            [letter, text @ ..] => fields.push((*letter, String::from_utf8_lossy(text).into_owned())),
        }
    }
}

/// ErrorResponse as an error of the current step, with every field.
pub(crate) fn server_error(body: &[u8], progress: &Progress) -> ConnectError {
    let Some(fields) = fields(body) else {
        return progress.protocol("server sent a malformed ErrorResponse message");
    };
    let text = |wanted: u8| fields.iter().find(|(found, _)| *found == wanted).map(|(_, text)| text.clone());
    let mut error = progress.error(
        FailureKind::Server,
        text(letter::MESSAGE).unwrap_or_else(|| "server sent an error without a text".into()),
    );
    error.hint = text(letter::HINT);
    error.fields = fields;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress::new("test".into())
    }

    fn negotiation(version: u32, rest: &[u8]) -> Vec<u8> {
        [&version.to_be_bytes()[..], rest].concat()
    }

    #[test]
    fn a_lower_minor_version_is_taken_and_everything_else_refused() {
        let none = [0; 4];
        assert_eq!(negotiated(&negotiation(0x3_0000, &none), (3, 2), &progress()), Ok((3, 0)));
        let lies: [(u32, &[u8]); 9] = [
            (0x3_0002, &none),
            (0x3_0003, &none),
            (0x3_0001, &none),
            (0x4_0000, &none),
            (0x2_0000, &none),
            (0, &none),
            (0x3_0000, &[0xff; 4]),
            (0x3_0000, b"\0\0\0\x01_pq_.x\0"),
            (0x3_0000, &[0, 0]),
        ];
        for (version, rest) in lies {
            let error = negotiated(&negotiation(version, rest), (3, 2), &progress()).unwrap_err();
            assert_eq!(error.kind, FailureKind::Protocol, "{version:x}");
        }
    }

    #[test]
    fn cancel_keys_have_four_bytes_in_3_0_and_up_to_256_in_3_2() {
        for (length, in_30, in_32) in [
            (0, false, false),
            (3, false, false),
            (4, true, true),
            (32, false, true),
            (256, false, true),
            (257, false, false),
        ] {
            let body = [&7i32.to_be_bytes()[..], &vec![9; length]].concat();
            assert_eq!(Facts::default().backend_key(&body, (3, 0), &progress()).is_ok(), in_30, "{length}");
            let mut facts = Facts::default();
            assert_eq!(facts.backend_key(&body, (3, 2), &progress()).is_ok(), in_32, "{length}");
            assert_eq!(facts.backend.is_some(), in_32);
        }
    }

    #[test]
    fn parameters_keep_their_last_value_and_malformed_ones_are_refused() {
        let mut facts = Facts::default();
        facts.parameter(b"a\x001\0", &progress()).unwrap();
        facts.parameter(b"a\x002\0", &progress()).unwrap();
        assert_eq!(facts.parameters, [("a".to_owned(), "2".to_owned())]);
        for lie in [&b""[..], b"a", b"a\0", b"a\0b", b"a\0b\0c", b"\xff\0b\0"] {
            assert!(facts.parameter(lie, &progress()).is_err(), "{lie:?}");
        }
    }

    #[test]
    fn a_server_error_keeps_its_fields_and_a_malformed_one_is_a_protocol_error() {
        let error = server_error(b"SFATAL\0C28P01\0Mno\0Htry\0\0", &progress());
        assert_eq!(
            (error.kind, error.message.as_str(), error.hint.as_deref()),
            (FailureKind::Server, "no", Some("try"))
        );
        assert_eq!(error.sqlstate(), Some("28P01"));
        assert_eq!(server_error(b"\0", &progress()).kind, FailureKind::Server);
        for lie in [&b""[..], b"SFATAL", b"SFATAL\0", b"SFATAL\0\0x"] {
            assert_eq!(server_error(lie, &progress()).kind, FailureKind::Protocol, "{lie:?}");
        }
    }
}
