//! The conversation with the server, from StartupMessage to ReadyForQuery.

mod relay;

use bytes::BytesMut;
use postgres_protocol::message::backend::{
    AUTHENTICATION_TAG, BACKEND_KEY_DATA_TAG, PARAMETER_STATUS_TAG, READY_FOR_QUERY_TAG,
};
use postgres_protocol::message::frontend;
use tokio::io::{AsyncRead, AsyncWrite};

use super::client::Client;
use super::frame::{Frame, FrameReader};
use super::policy::{self, Transportation};
use super::sasl::{self, Mechanism};
use super::startup::{self, Facts};
use super::{LoggedIn, gss, oauth};
use crate::error::{ConnectError, FailureKind};
use crate::options::{AuthMethod, ConnectOptions};
use crate::progress::{Progress, Step};
use relay::{data, exact};

// Authentication codes, PostgreSQL's manual, "Message Formats".
const OK: i32 = 0;
const CLEARTEXT: i32 = 3;
const MD5: i32 = 5;
const GSS: i32 = 7;
const GSS_CONTINUE: i32 = 8;
const SSPI: i32 = 9;
const SASL: i32 = 10;
const SASL_CONTINUE: i32 = 11;
const SASL_FINAL: i32 = 12;

// Types of messages that postgres-protocol has no names for.
const NEGOTIATE_PROTOCOL_VERSION: u8 = b'v';
const PASSWORD: u8 = b'p';

pub(super) struct Broker<'a, S> {
    stream: &'a mut S,
    client: Client,
    options: &'a ConnectOptions,
    transport: Transportation,
    has_binding: bool,
    progress: &'a Progress,
    reader: FrameReader,
    facts: Facts,
    /// The version asked for, then the negotiated one.
    protocol: (u16, u16),
}

impl<'a, S> Broker<'a, S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) fn new(
        stream: &'a mut S,
        client: Client,
        options: &'a ConnectOptions,
        transport: Transportation,
        has_binding: bool,
        progress: &'a Progress,
    ) -> Self {
        Self {
            stream,
            client,
            options,
            transport,
            has_binding,
            progress,
            reader: FrameReader::default(),
            facts: Facts::default(),
            protocol: options.protocol.numbers(),
        }
    }

    pub(super) async fn run(mut self) -> Result<LoggedIn, ConnectError> {
        self.start().await?;
        let (ok, auth_method) = self.authenticate().await?;
        self.give(&ok)?;
        let transaction_status = self.await_ready().await?;
        Ok(LoggedIn {
            facts: self.facts,
            protocol: self.protocol,
            transaction_status,
            auth_method,
            leftover: self.reader.into_leftover(),
        })
    }

    async fn start(&mut self) -> Result<(), ConnectError> {
        self.progress.enter(Step::AuthenticationRequest);
        let theirs = self.client.take_startup();
        let message = theirs
            .and_then(|theirs| startup::startup_message(&theirs, self.options))
            .ok_or_else(|| ConnectError::config("the startup message could not be built"))?;
        self.send(&message).await
    }

    /// Answers the server's request, up to AuthenticationOk. That is legal only when both sides have proved themselves.
    async fn authenticate(&mut self) -> Result<(Frame, &'static str), ConnectError> {
        let request = self.first_request().await?;
        let code = self.code(&request)?;
        match code {
            OK => {
                policy::permit(self.options, AuthMethod::None, self.progress)?;
                policy::permit_unbound(self.options, AuthMethod::None, self.progress)?;
                exact(&request, 4, self.progress)?;
                Ok((request, AuthMethod::None.as_str()))
            }
            CLEARTEXT => self.by_password(request, AuthMethod::Password).await,
            MD5 => self.by_password(request, AuthMethod::Md5).await,
            GSS => self.by_gss(request, AuthMethod::Gss).await,
            SSPI => self.by_gss(request, AuthMethod::Sspi).await,
            SASL => self.by_sasl(request).await,
            GSS_CONTINUE | SASL_CONTINUE | SASL_FINAL => Err(self.progress.protocol(format!(
                "server continued an authentication exchange that had not begun (code {code})"
            ))),
            other => Err(self.progress.error(
                FailureKind::Method,
                match other {
                    1 => "server asked for Kerberos V4 authentication, which is not supported".to_owned(),
                    2 => "server asked for Kerberos V5 authentication, which is not supported".to_owned(),
                    4 => "server asked for a crypt() password, which is not supported".to_owned(),
                    6 => "server asked for SCM credentials, which is not supported".to_owned(),
                    unknown => format!("server asked for an unknown way of authentication (code {unknown})"),
                },
            )),
        }
    }

    /// The first message that matters: NegotiateProtocolVersion may come once before it.
    async fn first_request(&mut self) -> Result<Frame, ConnectError> {
        let mut negotiated = false;
        loop {
            let frame = self.next().await?;
            match frame.tag() {
                AUTHENTICATION_TAG => return Ok(frame),
                NEGOTIATE_PROTOCOL_VERSION if !negotiated => {
                    self.protocol = startup::negotiated(frame.body(), self.protocol, self.progress)?;
                    negotiated = true;
                }
                NEGOTIATE_PROTOCOL_VERSION => {
                    return Err(self.progress.protocol("server negotiated the protocol version twice"));
                }
                other => return Err(self.progress.unexpected(other)),
            }
        }
    }

    async fn by_password(
        &mut self,
        request: Frame,
        method: AuthMethod,
    ) -> Result<(Frame, &'static str), ConnectError> {
        exact(&request, if method == AuthMethod::Md5 { 8 } else { 4 }, self.progress)?;
        policy::permit(self.options, method, self.progress)?;
        policy::permit_unbound(self.options, method, self.progress)?;
        policy::permit_plaintext(self.options, method, self.transport, self.progress)?;
        self.need_password()?;
        self.give(&request)?;
        self.relay_answer().await?;
        self.progress.enter(Step::PasswordVerdict);
        Ok((self.expect_ok().await?, method.as_str()))
    }

    async fn by_gss(
        &mut self,
        request: Frame,
        method: AuthMethod,
    ) -> Result<(Frame, &'static str), ConnectError> {
        exact(&request, 4, self.progress)?;
        policy::permit(self.options, method, self.progress)?;
        policy::permit_unbound(self.options, method, self.progress)?;
        let (mut exchange, token) =
            gss::Exchange::begin(self.options, method, self.transport.tcp, self.progress).await?;
        self.send_response(&token).await?;
        loop {
            let frame = self.next_authentication().await?;
            match self.code(&frame)? {
                GSS_CONTINUE => {
                    let token = exchange.answer(data(&frame), self.progress).await?;
                    if !token.is_empty() {
                        self.send_response(&token).await?;
                    }
                }
                OK => {
                    exact(&frame, 4, self.progress)?;
                    exchange.finish(self.progress)?;
                    return Ok((frame, method.as_str()));
                }
                code => return Err(self.second_request(code)),
            }
        }
    }

    async fn by_sasl(&mut self, request: Frame) -> Result<(Frame, &'static str), ConnectError> {
        let list = data(&request);
        let mechanism = sasl::choose(list, self.options, self.transport, self.has_binding, self.progress)?;
        let ok = match mechanism {
            Mechanism::OauthBearer => self.by_oauth().await?,
            Mechanism::Scram | Mechanism::ScramPlus => self.by_scram(&request, mechanism).await?,
        };
        Ok((ok, mechanism.method()))
    }

    async fn by_scram(&mut self, request: &Frame, mechanism: Mechanism) -> Result<Frame, ConnectError> {
        self.need_password()?;
        self.give(request)?;
        let initial = self.take_answer()?;
        // The client chooses by the same rules. Should it ever choose otherwise, nothing is sent.
        let nonce = sasl::client_nonce(&initial, mechanism).ok_or_else(|| {
            self.progress.error(FailureKind::Auth, "the client began another SASL exchange than was chosen")
        })?;
        self.send_response(&initial).await?;

        self.progress.enter(Step::SaslChallenge);
        let challenge = self.expect(SASL_CONTINUE).await?;
        let iterations = sasl::check_server_first(data(&challenge), &nonce, self.progress)?;
        self.progress.enter(Step::SaslKey);
        self.client.give_to_derive(challenge.raw(), iterations, self.progress).await?;
        self.relay_answer().await?;

        self.progress.enter(Step::SaslProof);
        let proof = self.expect(SASL_FINAL).await?;
        sasl::check_server_final(data(&proof), self.progress)?;
        // The server has proved itself only when the client accepts its signature.
        self.give(&proof)?;

        self.progress.enter(Step::SaslVerdict);
        self.expect_ok().await
    }

    async fn by_oauth(&mut self) -> Result<Frame, ConnectError> {
        oauth::permit(self.options, self.transport, self.progress)?;
        let token = self.options.usable_oauth_token().map(oauth::initial_response).unwrap_or_default();
        let mut message = BytesMut::new();
        frontend::sasl_initial_response(Mechanism::OauthBearer.name(), &token, &mut message)
            .map_err(|error| self.progress.lost(&error))?;
        self.send(&message).await?;
        self.progress.enter(Step::OauthVerdict);
        let frame = self.next_authentication().await?;
        match self.code(&frame)? {
            OK => {
                exact(&frame, 4, self.progress)?;
                Ok(frame)
            }
            SASL_CONTINUE => {
                let status = oauth::failure_status(data(&frame));
                self.send_response(oauth::ACKNOWLEDGE).await?;
                // Now the server owes an ErrorResponse, which next() turns into the error.
                let outcome = self.next().await;
                Err(match outcome {
                    Err(mut error) => {
                        if let (FailureKind::Server, None, Some(status)) = (error.kind, &error.hint, status) {
                            error.hint =
                                Some(format!("the server's status for the OAuth token is '{status}'"));
                        }
                        error
                    }
                    Ok(frame) => self.progress.unexpected(frame.tag()),
                })
            }
            code => Err(self.second_request(code)),
        }
    }

    /// From AuthenticationOk to ReadyForQuery; gives the transaction status.
    async fn await_ready(&mut self) -> Result<u8, ConnectError> {
        self.progress.enter(Step::Ready);
        loop {
            let frame = self.next().await?;
            match frame.tag() {
                PARAMETER_STATUS_TAG => self.facts.parameter(frame.body(), self.progress)?,
                BACKEND_KEY_DATA_TAG => self.facts.backend_key(frame.body(), self.protocol, self.progress)?,
                READY_FOR_QUERY_TAG => match frame.body() {
                    [status @ (b'I' | b'T' | b'E')] => {
                        self.give(&frame)?;
                        return Ok(*status);
                    }
                    _ => return Err(self.progress.protocol("server sent a malformed ReadyForQuery message")),
                },
                other => return Err(self.progress.unexpected(other)),
            }
        }
    }
}
