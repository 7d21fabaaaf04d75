//! Errors of webpki and rustls as sentences. Neither library's own text reaches a user: it is Rust, not English.

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use webpki::Error;

use super::algorithm;
use super::certificate::Certificate;
use super::date;
use super::errors::{TlsError, TlsErrorKind};
use super::roots::Unusable;

/// Why no path leads from the server's certificate to a root.
pub(super) fn chain(error: &Error, leaf: &Certificate, of_system: bool) -> TlsError {
    let whose = |is_leaf: bool| if is_leaf { "server certificate" } else { "intermediate certificate" };
    match error {
        Error::CertExpired { not_after, .. } => {
            let whose = whose(*not_after == leaf.not_after());
            TlsError::certificate(format!("{whose} expired on {}", date::utc(*not_after)))
                .hint("have it renewed; if it is in date, this machine's clock is wrong")
        }
        Error::CertNotValidYet { not_before, .. } => {
            let whose = whose(*not_before == leaf.not_before());
            TlsError::certificate(format!("{whose} is not valid before {}", date::utc(*not_before)))
                .hint("if it is in date, this machine's clock is wrong")
        }
        Error::InvalidCertValidity => TlsError::certificate("server certificate ends before it begins"),
        Error::UnknownIssuer => unknown_issuer(leaf, of_system),
        Error::CertRevoked => TlsError::certificate("server certificate, or the certificate of its CA, has been revoked"),
        Error::UnknownRevocationStatus => TlsError::certificate(format!(
            "server certificate may have been revoked: no certificate revocation list covers it and all of its issuers, \
             from {} upwards",
            leaf.issuer_name()
        ))
        .hint("give the list of each CA as sslcrl, or none at all"),
        Error::CrlExpired { next_update, .. } => TlsError::certificate(format!(
            "certificate revocation list is out of date, its next update was due on {}",
            date::utc(*next_update)
        ))
        .hint("fetch the CA's current list"),
        Error::InvalidCrlSignatureForPublicKey => {
            TlsError::certificate("certificate revocation list was not signed by the CA it names")
        }
        Error::IssuerNotCrlSigner => {
            TlsError::certificate("certificate revocation list was signed by a CA that may not sign lists")
        }
        Error::UnsupportedCrlSignatureAlgorithmContext(context) => unsupported_signature(
            "certificate revocation list",
            &context.signature_algorithm_id,
        ),
        Error::InvalidSignatureForPublicKey => TlsError::certificate(format!(
            "server certificate was not signed by the configured root that has the name of its issuer, {}",
            leaf.issuer_name()
        ))
        .hint("the CA has probably got a new key: configure its current certificate"),
        Error::UnsupportedSignatureAlgorithmContext(context) => {
            unsupported_signature("server certificate or its CA's", &context.signature_algorithm_id)
        }
        Error::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
            unsupported_signature("server certificate or its CA's", &context.signature_algorithm_id)
        }
        Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => {
            TlsError::certificate("server certificate is not for TLS servers by its extended key usage")
                .hint("have it issued with the usage serverAuth")
        }
        Error::CaUsedAsEndEntity if leaf.is_self_issued() => unknown_issuer(leaf, of_system),
        Error::CaUsedAsEndEntity => TlsError::certificate(
            "server certificate is a CA's certificate, which counts for a server only if it is configured as root itself",
        )
        .hint("configure this very certificate as sslrootcert, or have one issued that is not for a CA"),
        Error::EndEntityUsedAsCa => {
            TlsError::certificate("server certificate was issued by a certificate that is not a CA's")
        }
        Error::NameConstraintViolation => {
            TlsError::certificate("server certificate is for a name that its CA may not issue certificates for")
        }
        Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => {
            too_many_cas()
        }
        Error::UnsupportedCriticalExtension => {
            TlsError::certificate("server certificate has a critical extension that is not supported")
        }
        Error::MaximumSignatureChecksExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumNameConstraintComparisonsExceeded => {
            TlsError::certificate("server sent too many certificates to look for a path among them")
        }
        Error::CertDistrusted => TlsError::certificate("server certificate belongs to a key that is known to be bad"),
        _ => TlsError::certificate("server certificate or its CA's breaks the rules of RFC 5280"),
    }
}

/// A certificate that only a list of the future covers.
pub(super) fn list_not_yet_valid(begin: UnixTime) -> TlsError {
    TlsError::certificate(format!("certificate revocation list is not valid before {}", date::utc(begin)))
        .hint("if it is in date, this machine's clock is wrong")
}

/// Why the root at the end of an otherwise good path does not count.
pub(super) fn root(unusable: &Unusable, leaf: &Certificate) -> TlsError {
    match unusable {
        Unusable::Expired(at) => {
            TlsError::certificate(format!("root certificate expired on {}", date::utc(*at)))
                .hint("configure the CA's current certificate")
        }
        Unusable::NotYet(at) => {
            TlsError::certificate(format!("root certificate is not valid before {}", date::utc(*at)))
                .hint("if it is in date, this machine's clock is wrong")
        }
        Unusable::NoCa => TlsError::certificate(format!(
            "server certificate was issued by {}, whose configured certificate is not a CA's",
            leaf.issuer_name()
        )),
        Unusable::NoPurpose => TlsError::certificate(format!(
            "server certificate was issued by {}, whose configured certificate is not for TLS servers by its extended \
             key usage",
            leaf.issuer_name()
        )),
        Unusable::PathLength => too_many_cas(),
    }
}

fn too_many_cas() -> TlsError {
    TlsError::certificate("server certificate has more CAs above it than are allowed")
}

fn unknown_issuer(leaf: &Certificate, of_system: bool) -> TlsError {
    let roots = if of_system { "roots of the system" } else { "configured roots" };
    if leaf.is_self_issued() {
        return TlsError::certificate(format!(
            "server certificate of {} is self-signed and not one of the {roots}",
            leaf.subject_name()
        ))
        .hint("configure it as sslrootcert if it is the right one");
    }
    TlsError::certificate(format!(
        "server certificate was issued by {}, and no path leads from there to one of the {roots}",
        leaf.issuer_name()
    ))
    .hint(if of_system {
        "give the CA's certificate as sslrootcert, or as ca of the ssl option"
    } else {
        "configure the root of this CA as sslrootcert; the server must send the intermediate certificates"
    })
}

fn unsupported_signature(what: &str, identifier: &[u8]) -> TlsError {
    TlsError::certificate(format!(
        "{what} is signed with {}, which is not accepted",
        algorithm::name(identifier)
    ))
    .hint("have it issued again with SHA-256 or better")
}

/// A failure inside rustls.
pub(super) fn rustls_error(error: &rustls::Error) -> TlsError {
    use rustls::Error as Rustls;
    let protocol = |message: &str| TlsError::new(TlsErrorKind::Protocol, message);
    match error {
        Rustls::InvalidCertificate(error) => certificate_error(error),
        Rustls::AlertReceived(alert) => refused(*alert),
        Rustls::NoCertificatesPresented => TlsError::certificate("server sent no certificate"),
        Rustls::InvalidMessage(_) => protocol("server did not answer in TLS"),
        Rustls::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => protocol("server offers no TLS version that is allowed here")
            .hint("TLS 1.2 and 1.3 are supported; see sslMinProtocolVersion and sslMaxProtocolVersion"),
        Rustls::PeerIncompatible(_) => {
            protocol("server and client have no cipher suite or key exchange in common")
        }
        Rustls::PeerMisbehaved(rustls::PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            protocol("server chose an application protocol that was not offered")
        }
        Rustls::PeerMisbehaved(_)
        | Rustls::InappropriateMessage { .. }
        | Rustls::InappropriateHandshakeMessage { .. } => protocol("server broke the rules of TLS"),
        Rustls::DecryptError | Rustls::PeerSentOversizedRecord => {
            protocol("server sent a TLS record that cannot be decrypted")
        }
        Rustls::NoApplicationProtocol => protocol("server does not speak PostgreSQL by its answer to ALPN"),
        _ => protocol("TLS failed for a reason of its own"),
    }
}

fn certificate_error(error: &CertificateError) -> TlsError {
    match error {
        CertificateError::Other(other) => match other.0.downcast_ref::<TlsError>() {
            Some(error) => error.clone(),
            None => TlsError::certificate("server certificate breaks the rules of RFC 5280"),
        },
        CertificateError::BadSignature => TlsError::certificate(
            "server does not own the key of its certificate: its signature over the handshake is wrong",
        ),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsError::certificate("server certificate has a key of a kind that is not supported")
                .hint("RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 and P-521, and Ed25519 can be used")
        }
        _ => TlsError::certificate("server certificate is damaged or breaks the rules of RFC 5280"),
    }
}

/// The server ended the handshake. Alerts have the names of RFC 8446, section 6.
fn refused(alert: AlertDescription) -> TlsError {
    const OURS: &str = "the server means the client certificate, given as sslcert and sslkey";
    use AlertDescription as Alert;
    let (name, hint) = match alert {
        Alert::HandshakeFailure => (
            "handshake_failure",
            Some(
                "cipher suites or key exchange have nothing in common, or the server wants a client certificate",
            ),
        ),
        Alert::ProtocolVersion => (
            "protocol_version",
            Some("TLS 1.2 and 1.3 are supported; see sslMinProtocolVersion and sslMaxProtocolVersion"),
        ),
        Alert::InsufficientSecurity => ("insufficient_security", None),
        Alert::NoApplicationProtocol => {
            ("no_application_protocol", Some("the server on this port does not speak PostgreSQL"))
        }
        Alert::CertificateRequired => {
            ("certificate_required", Some("give a client certificate as sslcert and sslkey"))
        }
        Alert::UnknownCA => ("unknown_ca", Some(OURS)),
        Alert::BadCertificate => ("bad_certificate", Some(OURS)),
        Alert::UnsupportedCertificate => ("unsupported_certificate", Some(OURS)),
        Alert::CertificateRevoked => ("certificate_revoked", Some(OURS)),
        Alert::CertificateExpired => ("certificate_expired", Some(OURS)),
        Alert::CertificateUnknown => ("certificate_unknown", Some(OURS)),
        Alert::AccessDenied => ("access_denied", Some(OURS)),
        Alert::DecryptError => ("decrypt_error", None),
        Alert::UnrecognisedName => {
            ("unrecognized_name", Some("the server does not know this host; sslsni=0 tells it none"))
        }
        Alert::InternalError => ("internal_error", Some("the server's log tells more")),
        Alert::IllegalParameter => ("illegal_parameter", None),
        Alert::DecodeError => ("decode_error", None),
        Alert::UnexpectedMessage => ("unexpected_message", None),
        Alert::BadRecordMac => ("bad_record_mac", None),
        Alert::CloseNotify => ("close_notify", None),
        other => {
            let number = u8::from(other);
            return TlsError::new(TlsErrorKind::Refused, format!("server refused TLS with alert {number}"));
        }
    };
    let error = TlsError::new(TlsErrorKind::Refused, format!("server refused TLS with alert {name}"));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
