//! SCRAM-SHA-256 from the server's side (RFC 5802), with a place for every lie.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::{CANARY, Peer, auth};

/// Few, so that unoptimised test builds stay within the time a refusal may take.
pub const ITERATIONS: u32 = 64;
pub const SALT: &[u8] = b"0123456789abcdef";

/// Makes server-first-message from the client's nonce.
pub type First = Box<dyn Fn(&str) -> String + Send + Sync>;
/// Makes server-final-message from the true signature; `None` skips AuthenticationSASLFinal.
pub type Last = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the server says.
pub struct Script {
    pub mechanisms: &'static [u8],
    pub first: First,
    pub last: Last,
    /// Sent behind the end.
    pub rest: Vec<u8>,
    /// `tls-server-end-point` data that the client must have bound to.
    pub binding: Vec<u8>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            mechanisms: b"SCRAM-SHA-256\0\0",
            first: Box::new(|nonce| {
                format!("r={nonce}SERVER,s={},i={ITERATIONS}", Base64::encode_string(SALT))
            }),
            last: Box::new(|signature| Some(format!("v={signature}"))),
            rest: super::welcome(),
            binding: Vec::new(),
        }
    }
}

/// What the server found out about the client.
#[derive(Debug)]
pub struct Outcome {
    pub mechanism: String,
    pub gs2_header: String,
    /// The client's proof and channel binding are right.
    pub proved: bool,
}

/// Plays the exchange from AuthenticationSASL on. `None` when the client left early.
pub async fn play(peer: &mut Peer, script: &Script) -> Option<Outcome> {
    peer.send(auth(10, script.mechanisms)).await;
    let initial = peer.message().await;
    let end = initial.iter().position(|byte| *byte == 0)?;
    let mechanism = String::from_utf8(initial[..end].to_vec()).unwrap();
    let first = String::from_utf8(initial[end + 5..].to_vec()).unwrap();
    let bare = &first[first.find("n=,r=").unwrap()..];
    let gs2_header = first[..first.len() - bare.len()].to_owned();
    let nonce = bare.strip_prefix("n=,r=").unwrap();

    let server_first = (script.first)(nonce);
    peer.send(auth(11, &server_first)).await;
    let answer = String::from_utf8(peer.message().await).unwrap();
    let (without_proof, proof) = answer.rsplit_once(",p=")?;
    let auth_message = format!("{bare},{server_first},{without_proof}");
    let salted = pbkdf2(CANARY.as_bytes(), SALT, ITERATIONS);
    let client_key = hmac(&salted, b"Client Key");
    let stored_key: [u8; 32] = Sha256::digest(client_key).into();
    let client_signature = hmac(&stored_key, auth_message.as_bytes());
    let right: Vec<u8> = client_key.iter().zip(client_signature).map(|(key, sign)| key ^ sign).collect();
    let bound = Base64::encode_string(&[gs2_header.as_bytes(), &script.binding].concat());
    let proved = Base64::encode_string(&right) == proof && without_proof.starts_with(&format!("c={bound},"));

    let signature = hmac(&hmac(&salted, b"Server Key"), auth_message.as_bytes());
    if let Some(last) = (script.last)(&Base64::encode_string(&signature)) {
        peer.send(auth(12, last)).await;
    }
    peer.send(&script.rest).await;
    Some(Outcome { mechanism, gs2_header, proved })
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut last = hmac(password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = last;
    for _ in 1..iterations {
        last = hmac(password, &last);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}
