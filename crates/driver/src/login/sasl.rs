//! What a SASL exchange must look like. tokio-postgres computes SCRAM; the broker reads along and refuses
//! what RFC 5802, RFC 7677 and PostgreSQL's manual do not allow before anything is derived from a password.

use base64ct::{Base64, Encoding};

use super::startup::Strings;
use crate::error::{ConnectError, FailureKind};
use crate::login::policy::{self, Transportation};
use crate::options::{AuthMethod, ChannelBinding, ConnectOptions};
use crate::progress::Progress;

/// postgres-protocol's cap: an unbounded count lets a server burn the client's CPU (CVE-2026-42198).
const MAX_ITERATIONS: u32 = 100_000;

/// Mechanisms that a server may offer. PostgreSQL offers three at most.
const MAX_MECHANISMS: usize = 100;

/// Mechanisms that a message lists before it only counts them.
const LISTED: usize = 5;

/// The exchange that was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    Scram,
    ScramPlus,
    OauthBearer,
}

impl Mechanism {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scram => "SCRAM-SHA-256",
            Self::ScramPlus => "SCRAM-SHA-256-PLUS",
            Self::OauthBearer => "OAUTHBEARER",
        }
    }

    /// The name that `Established` reports.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Scram => "scram-sha-256",
            Self::ScramPlus => "scram-sha-256-plus",
            Self::OauthBearer => "oauth",
        }
    }
}

/// Chooses from AuthenticationSASL's list, and says why when nothing fits.
pub(crate) fn choose(
    list: &[u8],
    options: &ConnectOptions,
    transport: Transportation,
    has_binding: bool,
    progress: &Progress,
) -> Result<Mechanism, ConnectError> {
    let offered = mechanisms(list)
        .ok_or_else(|| progress.protocol("server sent a malformed list of SASL mechanisms"))?;
    if offered.is_empty() {
        return Err(progress.error(FailureKind::Auth, "server offered an empty list of SASL mechanisms"));
    }
    if offered.len() > MAX_MECHANISMS {
        return Err(progress.protocol(format!(
            "server offered {} SASL mechanisms, more than {MAX_MECHANISMS}",
            offered.len()
        )));
    }
    let offers = |mechanism: Mechanism| offered.iter().any(|name| *name == mechanism.name().as_bytes());
    let (plus, scram) = (offers(Mechanism::ScramPlus), offers(Mechanism::Scram));
    if plus && !transport.encrypted {
        return Err(progress.error(
            FailureKind::Auth,
            "server offered SCRAM-SHA-256-PLUS over a connection that is not encrypted by TLS",
        ));
    }

    let oauth = offers(Mechanism::OauthBearer);
    let binding_required = options.channel_binding == ChannelBinding::Require;
    let by_token = oauth
        && options.usable_oauth_token().is_some()
        && policy::allows(options, AuthMethod::Oauth)
        && !binding_required;
    if by_token {
        return Ok(Mechanism::OauthBearer);
    }
    if !plus && !scram {
        if oauth {
            policy::permit(options, AuthMethod::Oauth, progress)?;
            policy::permit_unbound(options, AuthMethod::Oauth, progress)?;
            return Err(progress
                .error(
                    FailureKind::Method,
                    "server asked for OAuth authentication, but no token was supplied",
                )
                .with_hint("give a function that returns a token as the option 'oauthToken'"));
        }
        let mut names = offered.iter().take(LISTED).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
        if offered.len() > LISTED {
            names.push_str(&format!(" and {} more", offered.len() - LISTED));
        }
        return Err(progress
            .error(FailureKind::Method, format!("server offered no supported SASL mechanism, only {names}"))
            .with_hint("SCRAM-SHA-256, SCRAM-SHA-256-PLUS and OAUTHBEARER are supported"));
    }

    policy::permit(options, AuthMethod::ScramSha256, progress)?;
    let bound = plus && has_binding && options.channel_binding != ChannelBinding::Disable;
    if binding_required && !bound {
        let why = if plus {
            "the signature algorithm of its certificate has none (RFC 5929)"
        } else {
            "it did not offer SCRAM-SHA-256-PLUS"
        };
        return Err(progress.error(
            FailureKind::Method,
            format!("channel binding is required, but cannot be had from the server: {why}"),
        ));
    }
    // tokio-postgres takes PLUS whenever the server has it and there is a binding, else plain SCRAM.
    if !bound && !scram {
        return Err(progress
            .error(
                FailureKind::Method,
                "server offered SCRAM-SHA-256-PLUS only, but there is no channel binding to use",
            )
            .with_hint(
                "channel binding is off, or the server's certificate has a signature without one (Ed25519)",
            ));
    }
    Ok(if bound { Mechanism::ScramPlus } else { Mechanism::Scram })
}

/// The names of the list; `None` when its form is wrong.
fn mechanisms(list: &[u8]) -> Option<Vec<&[u8]>> {
    let mut strings = Strings(list);
    let mut names = Vec::new();
    loop {
        match strings.next()? {
            [] => return strings.0.is_empty().then_some(names),
            name => names.push(name),
        }
    }
}

/// A name from the server, fit for a message: printable, quoted, bounded.
fn shown(name: &[u8]) -> String {
    format!("'{}'", name.get(..name.len().min(40)).unwrap_or_default().escape_ascii())
}

/// The client's own nonce, out of SASLInitialResponse: mechanism, length, `gs2-header n=,r=NONCE`.
pub(crate) fn client_nonce(initial: &[u8], mechanism: Mechanism) -> Option<Vec<u8>> {
    let mut strings = Strings(initial);
    if strings.next()? != mechanism.name().as_bytes() {
        return None;
    }
    let first = strings.0.get(4..)?;
    let at = first.windows(2).position(|pair| pair == b"r=")?;
    Some(first.get(at + 2..)?.to_vec())
}

/// Checks SCRAM's server-first-message, `r=…,s=…,i=…`, before a key is derived from the password; gives the iterations
/// that this takes.
pub(crate) fn check_server_first(
    message: &[u8],
    nonce: &[u8],
    progress: &Progress,
) -> Result<u32, ConnectError> {
    let refuse =
        |why: &str| Err(progress.error(FailureKind::Auth, format!("server broke the SCRAM exchange: {why}")));
    let mut parts = message.split(|byte| *byte == b',');
    let mut attribute = |prefix: &[u8]| parts.next().and_then(|part| part.strip_prefix(prefix));
    if message.starts_with(b"m=") {
        return refuse("it asks for an extension that is not known");
    }
    if message.starts_with(b"e=") {
        return refuse("it reports an error");
    }
    let (Some(combined), Some(salt), Some(iterations)) =
        (attribute(b"r="), attribute(b"s="), attribute(b"i="))
    else {
        return refuse("its first message is malformed");
    };
    if parts.next().is_some() {
        return refuse("its first message has attributes that are not known");
    }
    if !combined.starts_with(nonce) || combined.len() <= nonce.len() {
        return refuse("its nonce does not extend the client's");
    }
    if !combined.iter().all(u8::is_ascii_graphic) {
        return refuse("its nonce has characters that cannot be printed");
    }
    if salt.is_empty() || !is_base64(salt) {
        return refuse("its salt is not base64");
    }
    check_iterations(iterations, progress)
}

fn check_iterations(digits: &[u8], progress: &Progress) -> Result<u32, ConnectError> {
    let refuse =
        |why: &str| Err(progress.error(FailureKind::Auth, format!("server broke the SCRAM exchange: {why}")));
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return refuse("its iteration count is not a number");
    }
    // Digits only, so that what does not parse is too large.
    let count = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<u32>().ok());
    match count {
        Some(0) => refuse("its iteration count is 0"),
        Some(count) if count <= MAX_ITERATIONS => Ok(count),
        _ => Err(progress
            .error(
                FailureKind::Auth,
                format!(
                    "server asked for {} SCRAM iterations, the limit is 100,000",
                    String::from_utf8_lossy(digits.get(..digits.len().min(20)).unwrap_or_default())
                ),
            )
            .with_hint("lower scram_iterations on the server and set the password again")),
    }
}

/// Checks the form of SCRAM's server-final-message; whether the signature is right, tokio-postgres finds out.
pub(crate) fn check_server_final(message: &[u8], progress: &Progress) -> Result<(), ConnectError> {
    let refuse =
        |why: &str| Err(progress.error(FailureKind::Auth, format!("server broke the SCRAM exchange: {why}")));
    if message.starts_with(b"e=") {
        return refuse("it reports an error instead of its signature");
    }
    // SHA-256 in base64 has 44 characters.
    match message.strip_prefix(b"v=") {
        Some(signature) if signature.len() == 44 && is_base64(signature) => Ok(()),
        _ => refuse("its signature is missing or malformed"),
    }
}

fn is_base64(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| Base64::decode_vec(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lie_in_the_first_message_of_scram_is_refused() {
        let progress = Progress::new("test".into());
        let check = |text: &str| check_server_first(text.as_bytes(), b"abc", &progress);
        assert_eq!(check("r=abcdef,s=QSXCR+Q6sek8bf92,i=4096"), Ok(4096));
        assert_eq!(check("r=abcdef,s=QSXCR+Q6sek8bf92,i=100000"), Ok(100_000));
        for lie in [
            "",
            "r=abc,s=QSXCR+Q6sek8bf92,i=4096",
            "r=ab,s=QSXCR+Q6sek8bf92,i=4096",
            "r=xyzabc,s=QSXCR+Q6sek8bf92,i=4096",
            "r=abc\u{1},s=QSXCR+Q6sek8bf92,i=4096",
            "r=abcd\u{e9},s=QSXCR+Q6sek8bf92,i=4096",
            "r=abcd,s=,i=4096",
            "r=abcd,s=!!!!,i=4096",
            "r=abcd,s=QSX,i=4096",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=0",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=-1",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=+1",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=12x",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=100001",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=2147483648",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=99999999999999999999",
            "r=abcd,s=QSXCR+Q6sek8bf92,i=4096,x=y",
            "m=ext,r=abcd,s=QSXCR+Q6sek8bf92,i=4096",
            "e=other-error",
            "s=QSXCR+Q6sek8bf92,r=abcd,i=4096",
        ] {
            assert_eq!(check(lie).unwrap_err().kind, FailureKind::Auth, "{lie}");
        }
        assert!(check("r=abcd,s=QSXCR+Q6sek8bf92,i=100001").unwrap_err().message.contains("100,000"));
    }

    #[test]
    fn a_server_signature_has_44_characters_of_base64() {
        let progress = Progress::new("test".into());
        let check = |text: &str| check_server_final(text.as_bytes(), &progress);
        assert_eq!(check("v=U+ppxD5XUKtradnv8e2MkeupiA8FU87Sg8CXzXHDAzw="), Ok(()));
        for lie in
            ["", "v=", "v=AAAA", "e=invalid-proof", "v=U+ppxD5XUKtradnv8e2MkeupiA8FU87Sg8CXzXHDAzw=,x=y"]
        {
            assert!(check(lie).is_err(), "{lie}");
        }
    }

    #[test]
    fn the_list_of_mechanisms_must_end_properly() {
        assert_eq!(mechanisms(b"A\0B\0\0"), Some(vec![&b"A"[..], b"B"]));
        assert_eq!(mechanisms(b"\0"), Some(Vec::new()));
        for lie in [&b""[..], b"A", b"A\0", b"A\0\0B"] {
            assert_eq!(mechanisms(lie), None, "{lie:?}");
        }
    }
}
