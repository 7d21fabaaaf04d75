//! PEM as OpenSSL writes it: sections between BEGIN and END lines, with RFC 1421 headers where a key is encrypted.
//! (RFC 7468 has no headers, so readers made for it refuse such keys.)

use base64ct::{Base64, Encoding};
use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};
use zeroize::Zeroizing;

/// One section, its body still in base64: only what is needed is decoded.
pub(super) struct Section {
    pub(super) label: String,
    headers: Vec<(String, String)>,
    base64: Zeroizing<String>,
}

impl Section {
    /// The value of a header such as `DEK-Info`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The bytes of the body, `None` if it is not base64.
    pub(super) fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        Base64::decode_vec(&self.base64).ok().map(Zeroizing::new)
    }
}

/// Whether this is one structure in DER and nothing else.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    AnyRef::from_der(bytes).is_ok_and(|any| any.tag() == Tag::Sequence)
}

/// Whether this is PEM rather than DER.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// All sections in order. Text between them is skipped; the error says what is wrong with one.
pub(super) fn sections(bytes: &[u8]) -> Result<Vec<Section>, String> {
    let mut found = Vec::new();
    let mut open: Option<Section> = None;
    let mut in_headers = false;
    for line in bytes.split(|&byte| byte == b'\n' || byte == b'\r') {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        let Ok(line) = std::str::from_utf8(line) else {
            if let Some(section) = open {
                return Err(format!("its section {} holds bytes that are not text", name(&section.label)));
            }
            continue;
        };
        if let Some(label) = boundary(line, "-----BEGIN ") {
            if let Some(section) = open {
                return Err(format!("its section {} has no END line", name(&section.label)));
            }
            open =
                Some(Section { label: label.to_owned(), headers: Vec::new(), base64: Zeroizing::default() });
            in_headers = true;
        } else if let Some(label) = boundary(line, "-----END ") {
            match open.take() {
                Some(section) if section.label == label => found.push(section),
                Some(section) => {
                    return Err(format!("its section {} ends as {}", name(&section.label), name(label)));
                }
                None => return Err(format!("its section {} has no BEGIN line", name(label))),
            }
        } else if let Some(section) = &mut open {
            match line.split_once(':') {
                Some((key, value)) if in_headers => {
                    section.headers.push((key.trim().to_owned(), value.trim().to_owned()));
                }
                _ => {
                    in_headers = in_headers && line.is_empty();
                    section.base64.push_str(line);
                }
            }
        }
    }
    match open {
        Some(section) => Err(format!("its section {} has no END line", name(&section.label))),
        None => Ok(found),
    }
}

fn boundary<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.strip_prefix(start)?.strip_suffix("-----")
}

/// Continues "… was expected, but the PEM holds": what is there instead.
pub(super) fn only(sections: &[Section]) -> String {
    if sections.is_empty() {
        return "no section".to_owned();
    }
    let labels = sections.iter().take(5).map(|section| name(&section.label)).collect::<Vec<_>>();
    format!("{} only", labels.join(", "))
}

/// A label in a message.
pub(super) fn name(label: &str) -> String {
    super::errors::quoted(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_text_and_headers_are_told_apart() {
        let pem = b"\xef\xbb\xbf-----BEGIN A-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: X,00\r\n\r\nAQ\r\nID\r\n-----END A-----\r\n\
            subject: x\n-----BEGIN B B-----\nBAUG\n-----END B B-----";
        let found = sections(pem).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].header("dek-info"), Some("X,00"));
        assert_eq!(found[0].decode().unwrap().as_slice(), [1, 2, 3]);
        assert_eq!((found[1].label.as_str(), found[1].decode().unwrap().as_slice()), ("B B", &[4, 5, 6][..]));
        assert!(is_pem(pem) && !is_pem(b"\x30\x00"));
    }

    #[test]
    fn broken_sections_say_what_is_wrong() {
        for (pem, reason) in [
            (&b"-----BEGIN A-----\nAQID"[..], "its section \"A\" has no END line"),
            (b"-----BEGIN A-----\nAQID\n-----BEGIN A-----", "its section \"A\" has no END line"),
            (b"-----BEGIN A-----\nAQID\n-----END B-----", "its section \"A\" ends as \"B\""),
            (b"-----END A-----", "its section \"A\" has no BEGIN line"),
            (b"-----BEGIN A-----\n\xff\n-----END A-----", "its section \"A\" holds bytes that are not text"),
        ] {
            assert_eq!(sections(pem).err().as_deref(), Some(reason));
        }
        let odd = sections(b"-----BEGIN A-----\n!!!!\n-----END A-----").unwrap();
        assert!(odd[0].decode().is_none());
    }
}
