//! A certificate authority made on the spot, and a TLS server at the other end of a pipe in memory.

#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod cases;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use cornac_driver::tls::{self, Roots, TlsClient, TlsConfigError, TlsError, TlsOptions, Verify};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A CA: a root, or one below another.
pub(crate) struct Ca {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) certificate: Certificate,
}

impl Ca {
    pub(crate) fn root(name: &str) -> Self {
        Self::root_with(name, |_| {})
    }

    pub(crate) fn root_with(name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = Self::params(name);
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { params, key, certificate }
    }

    pub(crate) fn below(&self, name: &str, serial: u64, edit: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = Self::params(name);
        params.serial_number = Some(SerialNumber::from(serial));
        edit(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        Self { params, key, certificate }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    pub(crate) fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// A certificate with these subjectAltNames and this common name, `None` for an empty subject.
    pub(crate) fn leaf(&self, common_name: Option<&str>, names: &[&str]) -> Leaf {
        self.leaf_with(common_name, names, |_| {})
    }

    pub(crate) fn leaf_with(
        &self,
        common_name: Option<&str>,
        names: &[&str],
        edit: impl FnOnce(&mut CertificateParams),
    ) -> Leaf {
        let params = leaf_params(common_name, names, edit);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        Leaf { chain: vec![certificate.der().clone()], key: key.serialize_der() }
    }

    /// A revocation list in PEM that is due again at the end of this year.
    pub(crate) fn crl(&self, revoked: &[u64], next_update: i32) -> Vec<u8> {
        let revoked_certs = revoked
            .iter()
            .map(|&serial| RevokedCertParams {
                serial_number: SerialNumber::from(serial),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2019, 1, 1),
            next_update: date_time_ymd(next_update, 12, 31),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer()).unwrap().pem().unwrap().into_bytes()
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        self.certificate.pem().into_bytes()
    }
}

pub(crate) fn leaf_params(
    common_name: Option<&str>,
    names: &[&str],
    edit: impl FnOnce(&mut CertificateParams),
) -> CertificateParams {
    let names = names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    if let Some(name) = common_name {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    edit(&mut params);
    params
}

/// What an end of the connection shows: its chain, and the key in PKCS#8.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: Vec<u8>,
}

impl Leaf {
    pub(crate) fn and(mut self, issuer: &Ca) -> Self {
        self.chain.push(issuer.certificate.der().clone());
        self
    }

    /// From files that OpenSSL wrote.
    pub(crate) fn from_pem(certificate: &[u8], key: &[u8]) -> Self {
        use rustls::pki_types::pem::PemObject;
        let key = PrivateKeyDer::from_pem_slice(key).unwrap();
        Self {
            chain: vec![CertificateDer::from_pem_slice(certificate).unwrap()],
            key: key.secret_der().to_vec(),
        }
    }

    pub(crate) fn certificate_pem(&self) -> Vec<u8> {
        self.chain.iter().map(|der| pem("CERTIFICATE", der)).collect::<String>().into_bytes()
    }

    pub(crate) fn key_pem(&self) -> Vec<u8> {
        pem("PRIVATE KEY", &self.key).into_bytes()
    }
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    use base64ct::{Base64, Encoding};
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", Base64::encode_string(der))
}

/// Shows its chain whatever it is, and signs with its key whether the two belong together or not.
#[derive(Debug)]
struct Shameless(Arc<CertifiedKey>);

impl ResolvesServerCert for Shameless {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

pub(crate) fn server(leaf: &Leaf) -> ServerConfig {
    server_with(leaf, rustls::ALL_VERSIONS, None)
}

pub(crate) fn server_with(
    leaf: &Leaf,
    versions: &[&'static rustls::SupportedProtocolVersion],
    clients: Option<Arc<dyn rustls::server::danger::ClientCertVerifier>>,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(leaf.key.clone()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let shown = Arc::new(CertifiedKey::new(leaf.chain.clone(), key));
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let builder = match clients {
        Some(clients) => builder.with_client_cert_verifier(clients),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(Shameless(shown)));
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    config
}

/// Prepares a connection outside of any runtime.
pub(crate) fn prepare(options: &TlsOptions) -> Result<TlsClient, TlsConfigError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(tls::client(options, PEER))
}

pub(crate) type Stream = tokio_rustls::client::TlsStream<DuplexStream>;

/// One connection: the handshake, and two bytes each way, since TLS 1.3 tells late that it refuses a client.
pub(crate) async fn connect(
    server: &Arc<ServerConfig>,
    options: &TlsOptions,
    direct: bool,
) -> Result<Stream, TlsError> {
    let client = tls::client(options, PEER).await.unwrap();
    let (near, far) = tokio::io::duplex(64 * 1024);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(server));
    let serve = async {
        if let Ok(mut stream) = acceptor.accept(far).await {
            let _ = stream.write_all(b"hi").await;
            let _ = stream.flush().await;
            let mut answer = [0; 2];
            let _ = stream.read_exact(&mut answer).await;
        }
    };
    let dial = async {
        let mut stream = tls::handshake(&client, near, direct).await?;
        let mut greeting = [0; 2];
        match stream.read_exact(&mut greeting).await {
            Ok(_) => {}
            Err(error) => return Err(tls::error_in(&error).unwrap_or_else(|| panic!("{error}"))),
        }
        stream.write_all(b"ho").await.unwrap();
        stream.flush().await.unwrap();
        Ok(stream)
    };
    tokio::join!(serve, dial).1
}

pub(crate) fn options(verify: Verify, roots: &[Vec<u8>], host: &str) -> TlsOptions {
    TlsOptions {
        verify,
        server_name: Some(host.to_owned()),
        roots: Roots::Given(roots.to_vec()),
        ..TlsOptions::default()
    }
}

/// A server that wants certificates of `clients`.
pub(crate) fn asking(
    server_ca: &Ca,
    clients: &Ca,
    version: &'static rustls::SupportedProtocolVersion,
) -> Arc<ServerConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(clients.certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    Arc::new(server_with(&server_ca.leaf(None, &["db.example"]), &[version], Some(verifier)))
}
