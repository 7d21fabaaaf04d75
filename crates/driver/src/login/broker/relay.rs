//! Messages one at a time: what the server said, what tokio-postgres answers, and what is sent.

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use postgres_protocol::message::backend::{AUTHENTICATION_TAG, ERROR_RESPONSE_TAG, NOTICE_RESPONSE_TAG};

use super::{Broker, OK, PASSWORD};
use crate::error::{ConnectError, FailureKind};
use crate::login::frame::Frame;
use crate::login::policy;
use crate::login::startup::{self, read_i32};
use crate::progress::Progress;

impl<S> Broker<'_, S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    /// The next message but notices, which nobody hears yet; an ErrorResponse is the end.
    pub(super) async fn next(&mut self) -> Result<Frame, ConnectError> {
        loop {
            let frame = self.reader.next(self.stream, self.progress).await?;
            match frame.tag() {
                NOTICE_RESPONSE_TAG => self.facts.notice(frame.body(), self.progress)?,
                ERROR_RESPONSE_TAG => return Err(startup::server_error(frame.body(), self.progress)),
                _ => return Ok(frame),
            }
        }
    }

    pub(super) async fn next_authentication(&mut self) -> Result<Frame, ConnectError> {
        let frame = self.next().await?;
        if frame.tag() == AUTHENTICATION_TAG { Ok(frame) } else { Err(self.progress.unexpected(frame.tag())) }
    }

    pub(super) async fn expect(&mut self, code: i32) -> Result<Frame, ConnectError> {
        let frame = self.next_authentication().await?;
        match self.code(&frame)? {
            found if found == code => Ok(frame),
            OK => Err(self.progress.error(
                FailureKind::Auth,
                "server ended the SASL exchange before it had proved that it knows the password",
            )),
            other => Err(self.second_request(other)),
        }
    }

    pub(super) async fn expect_ok(&mut self) -> Result<Frame, ConnectError> {
        let frame = self.next_authentication().await?;
        match self.code(&frame)? {
            OK => exact(&frame, 4, self.progress).map(|()| frame),
            other => Err(self.second_request(other)),
        }
    }

    pub(super) fn second_request(&self, code: i32) -> ConnectError {
        self.progress.protocol(format!(
            "server sent authentication request {code} while the driver waited for {}",
            self.progress.step().awaited()
        ))
    }

    pub(super) fn code(&self, frame: &Frame) -> Result<i32, ConnectError> {
        read_i32(frame.body(), 0)
            .ok_or_else(|| self.progress.protocol("server sent an authentication message without a code"))
    }

    pub(super) fn need_password(&self) -> Result<(), ConnectError> {
        match self.options.usable_password() {
            Some(_) => Ok(()),
            None => Err(policy::no_password(self.progress)),
        }
    }

    pub(super) fn give(&mut self, frame: &Frame) -> Result<(), ConnectError> {
        self.client.give(frame.raw(), self.progress)
    }

    /// The client's answer to an authentication request; nothing but a password message is one.
    pub(super) fn take_answer(&mut self) -> Result<BytesMut, ConnectError> {
        match self.client.take() {
            Some((PASSWORD, body)) => Ok(body),
            Some((other, _)) => Err(self.progress.error(
                FailureKind::Auth,
                format!("the client answered authentication with message 0x{other:02x}"),
            )),
            None => Err(self
                .progress
                .error(FailureKind::Auth, "the client did not answer the authentication request")),
        }
    }

    pub(super) async fn relay_answer(&mut self) -> Result<(), ConnectError> {
        let answer = self.take_answer()?;
        self.send_response(&answer).await
    }

    /// Sends a body as `p`, the type that passwords, SASL and GSSAPI answers share.
    pub(super) async fn send_response(&mut self, body: &[u8]) -> Result<(), ConnectError> {
        let length = i32::try_from(body.len() + 4).map_err(|_| {
            self.progress.error(FailureKind::Auth, "an authentication answer is too long to send")
        })?;
        let mut message = BytesMut::with_capacity(body.len() + 5);
        message.put_u8(PASSWORD);
        message.put_i32(length);
        message.put_slice(body);
        self.send(&message).await
    }

    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), ConnectError> {
        let sent = async {
            self.stream.write_all(message).await?;
            self.stream.flush().await
        };
        let Err(error) = sent.await else { return Ok(()) };
        // A server that refused and closed has usually said why: that beats "broken pipe".
        match self.next().await {
            Err(refusal) if refusal.kind == FailureKind::Server => Err(refusal),
            _ => Err(self.progress.lost(&error)),
        }
    }
}

/// What follows the code of an authentication message.
pub(super) fn data(frame: &Frame) -> &[u8] {
    frame.body().get(4..).unwrap_or_default()
}

pub(super) fn exact(frame: &Frame, length: usize, progress: &Progress) -> Result<(), ConnectError> {
    if frame.body().len() == length {
        return Ok(());
    }
    let found = frame.body().len();
    let plural = if found == 1 { "byte" } else { "bytes" };
    Err(progress.protocol(format!(
        "server sent an authentication message with {found} {plural} where {length} belong"
    )))
}
