//! The other end of the link: the model of a server, in clear or behind TLS.

use std::{
    io::{Read, Write},
    sync::{Arc, LazyLock},
    time::Instant,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::support::{
    chance::Chance,
    model::{Model, types::Database},
};

pub(crate) struct Server {
    pub(crate) model: Model,
    tls: Option<ServerConnection>,
    /// Bytes on their way to the driver, as they go over the wire.
    pub(crate) sent: Vec<u8>,
    said_goodbye: bool,
}

impl Server {
    pub(crate) fn plain(chance: Chance) -> Self {
        let model = Model::new(chance, Database::default());
        Self { model, tls: None, sent: Vec::new(), said_goodbye: false }
    }

    /// A server behind TLS, and the client's side after the handshake.
    pub(crate) fn encrypted(chance: Chance) -> (Self, Box<ClientConnection>) {
        let (server, client) = shake_hands();
        (Self { tls: Some(server), ..Self::plain(chance) }, Box::new(client))
    }

    /// Bytes of the driver arrive.
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        let Some(tls) = &mut self.tls else { return self.model.hear(bytes) };
        let mut rest = bytes;
        while !rest.is_empty() {
            tls.read_tls(&mut rest).unwrap();
            tls.process_new_packets().expect("what the driver sends is TLS");
            let mut plain = Vec::new();
            // Nothing more is no error here.
            let _ = tls.reader().read_to_end(&mut plain);
            self.model.hear(&plain);
        }
    }

    /// Does one thing, and says what there is to say.
    pub(crate) fn step(&mut self, now: Instant) {
        self.model.step(now);
        self.speak();
    }

    pub(crate) fn speak(&mut self) {
        let plain = std::mem::take(&mut self.model.output);
        let Some(tls) = &mut self.tls else { return self.sent.extend(plain) };
        let mut rest = &plain[..];
        while !rest.is_empty() {
            let taken = tls.writer().write(rest).unwrap();
            rest = &rest[taken..];
            while tls.wants_write() {
                tls.write_tls(&mut self.sent).unwrap();
            }
        }
        if self.model.gone && !std::mem::replace(&mut self.said_goodbye, true) {
            tls.send_close_notify();
            tls.write_tls(&mut self.sent).unwrap();
        }
    }
}

/// One certificate serves them all.
static CONFIGS: LazyLock<(Arc<ServerConfig>, Arc<ClientConfig>)> = LazyLock::new(|| {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["db.example".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (Arc::new(server), Arc::new(client))
});

fn shake_hands() -> (ServerConnection, ClientConnection) {
    let (server, client) = &*CONFIGS;
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    let mut client = ClientConnection::new(Arc::clone(client), "db.example".try_into().unwrap()).unwrap();
    while server.is_handshaking() || client.is_handshaking() || server.wants_write() || client.wants_write() {
        let (mut up, mut down) = (Vec::new(), Vec::new());
        while client.wants_write() {
            client.write_tls(&mut up).unwrap();
        }
        let mut rest = &up[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            server.process_new_packets().unwrap();
        }
        while server.wants_write() {
            server.write_tls(&mut down).unwrap();
        }
        let mut rest = &down[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets().unwrap();
        }
    }
    (server, client)
}
