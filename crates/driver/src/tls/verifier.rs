//! Whether the server is who it says it is: rustls asks here with the certificates the server sent.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, RequiredEkuNotFoundContext, VerifiedPath};

use super::certificate::Certificate;
use super::crl::RevocationLists;
use super::errors::TlsError;
use super::options::Verify;
use super::roots::Trust;
use super::{explain, names};

/// The smallest RSA key whose signatures the cryptography below verifies.
const SMALLEST_RSA_KEY: usize = 2048;

/// Checks as [`Verify`] says. Signatures of the handshake are checked always: without them neither possession of
/// the key nor channel binding means anything.
pub(super) struct ServerVerifier {
    verify: Verify,
    trust: Option<Arc<Trust>>,
    crls: RevocationLists,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for ServerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerVerifier")
            .field("verify", &self.verify)
            .field("trust", &self.trust)
            .field("crls", &self.crls)
            .finish_non_exhaustive()
    }
}

impl ServerVerifier {
    pub(super) fn new(
        verify: Verify,
        trust: Option<Arc<Trust>>,
        crls: RevocationLists,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self { verify, trust, crls, algorithms }
    }

    fn check(
        &self,
        whole: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), TlsError> {
        let Some(leaf) = Certificate::parse(whole) else {
            // To encrypt takes no more than the key, which rustls reads by itself.
            let is_enough = self.verify == Verify::None && EndEntityCert::try_from(whole).is_ok();
            let damaged = || TlsError::certificate("server certificate is damaged or no X.509 certificate");
            return is_enough.then_some(()).ok_or_else(damaged);
        };
        // rustls cannot check the handshake's signature with such certificates, whatever else is accepted.
        check_kind(&leaf)?;
        let of_system = self.trust.as_ref().is_some_and(|trust| trust.of_system);
        let end_entity =
            EndEntityCert::try_from(whole).map_err(|error| explain::chain(&error, &leaf, of_system))?;
        if self.verify == Verify::None {
            return Ok(());
        }
        let Some(trust) = &self.trust else {
            return Err(TlsError::certificate(
                "server certificate cannot be verified without a root certificate",
            ));
        };
        let constrained = self.check_chain(trust, whole, &end_entity, &leaf, intermediates, now)?;
        if !leaf.may_protect() {
            return Err(TlsError::certificate("server certificate is not for TLS by its key usage")
                .hint("have it issued with the key usage digitalSignature"));
        }
        match self.verify {
            Verify::Full => names::check(&leaf, name, constrained),
            Verify::Ca | Verify::None => Ok(()),
        }
    }

    /// Finds a path to a root and returns whether any issuer on it limits the names it vouches for.
    fn check_chain(
        &self,
        trust: &Trust,
        whole: &CertificateDer<'_>,
        end_entity: &EndEntityCert<'_>,
        leaf: &Certificate,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<bool, TlsError> {
        let explained = |error| match (error, self.crls.not_before(now)) {
            (webpki::Error::UnknownRevocationStatus, Some(begin)) => explain::list_not_yet_valid(begin),
            (error, _) => explain::chain(&error, leaf, trust.of_system),
        };
        let bad_root = RefCell::new(None);
        // What OpenSSL asks of CAs beyond webpki, which ignores the key usage of all and takes roots as they are.
        let check_issuers = |path: &VerifiedPath<'_>| {
            let mut below = 0;
            for issuer in path.intermediate_certificates() {
                let whole = issuer.der();
                let issuer = Certificate::parse(&whole).filter(Certificate::may_issue);
                let issuer = issuer.ok_or(webpki::Error::EndEntityUsedAsCa)?;
                below += usize::from(!issuer.is_self_issued());
            }
            trust.check(path.anchor(), below, now).map_err(|unusable| {
                *bad_root.borrow_mut() = Some(unusable);
                webpki::Error::EndEntityUsedAsCa
            })
        };
        let path = self.crls.with_options(now, |revocation| {
            end_entity.verify_for_usage(
                self.algorithms.all,
                &trust.anchors,
                intermediates,
                now,
                KeyUsage::server_auth(),
                revocation,
                Some(&check_issuers),
            )
        });
        match path {
            Ok(path) => Ok(path.anchor().name_constraints.is_some()
                || path.intermediate_certificates().any(|issuer| {
                    Certificate::parse(&issuer.der()).is_none_or(|issuer| issuer.has_name_constraints())
                })),
            Err(error) if trust.holds(whole) => {
                self.check_configured(whole, leaf, now, error).map_err(explained).map(|()| false)
            }
            Err(error) => Err(match bad_root.take() {
                Some(unusable) => explain::root(&unusable, leaf),
                None => explained(error),
            }),
        }
    }

    /// A certificate that is a configured root itself, as PostgreSQL's manual makes one for a quick start
    /// ("openssl req -x509"): it is marked as a CA, which webpki refuses for a server, OpenSSL does not.
    fn check_configured(
        &self,
        whole: &CertificateDer<'_>,
        leaf: &Certificate,
        now: UnixTime,
        error: webpki::Error,
    ) -> Result<(), webpki::Error> {
        let (not_before, not_after) = (leaf.not_before(), leaf.not_after());
        if now < not_before {
            return Err(webpki::Error::CertNotValidYet { time: now, not_before });
        }
        if now > not_after {
            return Err(webpki::Error::CertExpired { time: now, not_after });
        }
        if !leaf.may_serve() {
            let required = KeyUsage::server_auth();
            return Err(webpki::Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext {
                required,
                present: Vec::new(),
            }));
        }
        if self.crls.is_empty() {
            return Ok(());
        }
        if !leaf.is_self_issued() {
            return Err(error);
        }
        self.crls.check_self_signed(whole, leaf, &self.algorithms, now)
    }
}

fn check_kind(leaf: &Certificate) -> Result<(), TlsError> {
    if leaf.version() < 3 {
        return Err(TlsError::certificate(format!(
            "server certificate is an X.509 certificate of version {}, which is not supported",
            leaf.version()
        ))
        .hint("have it issued again as version 3, with the host as subjectAltName"));
    }
    match leaf.rsa_bits() {
        Some(bits) if bits < SMALLEST_RSA_KEY => Err(TlsError::certificate(format!(
            "server certificate has an RSA key of {bits} bits, at least {SMALLEST_RSA_KEY} are needed"
        ))
        .hint("have it issued again for a longer key")),
        _ => Ok(()),
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.check(end_entity, intermediates, server_name, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(error) => Err(CertificateError::Other(OtherError(Arc::new(error))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
