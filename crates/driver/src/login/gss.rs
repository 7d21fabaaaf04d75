//! GSSAPI and SSPI authentication: tokens to and fro until both sides have proved themselves.

use crate::error::{ConnectError, FailureKind};
use crate::options::{AuthMethod, ConnectOptions, GssContext, GssError, GssLibrary, GssOptions, GssProvider};
use crate::progress::{Progress, Step};
use crate::runtime;

/// PostgreSQL's PG_MAX_AUTH_TOKEN_LENGTH: no honest token is longer.
pub(crate) const MAX_TOKEN: usize = 65_535;

/// Tokens that a server may send. Kerberos takes one, negotiation a few more.
const MAX_TOKENS: usize = 16;

/// The system's library, opened when first needed.
pub(crate) struct SystemLibrary;

impl GssProvider for SystemLibrary {
    fn open(&self, options: &GssOptions, negotiate: bool) -> Result<Box<dyn GssContext>, GssError> {
        let library = match options.library {
            GssLibrary::Gssapi => cornac_gss::Library::Gssapi,
            GssLibrary::Sspi => cornac_gss::Library::Sspi,
        };
        let open = if negotiate { cornac_gss::Context::negotiate } else { cornac_gss::Context::new };
        Ok(Box::new(open(library, &options.service, &options.host)?))
    }
}

impl GssContext for cornac_gss::Context {
    fn step(&mut self, token: &[u8]) -> Result<(Vec<u8>, bool), GssError> {
        let step = Self::step(self, token)?;
        Ok((step.token, step.complete))
    }
}

/// The exchange's state between two messages.
pub(crate) struct Exchange {
    context: Option<Box<dyn GssContext>>,
    complete: bool,
    tokens_received: usize,
}

impl Exchange {
    /// Opens the context and makes the first token.
    pub(crate) async fn begin(
        options: &ConnectOptions,
        method: AuthMethod,
        tcp: bool,
        progress: &Progress,
    ) -> Result<(Self, Vec<u8>), ConnectError> {
        let negotiate = method == AuthMethod::Sspi;
        let asked = if negotiate { "SSPI" } else { "GSSAPI" };
        if !tcp || options.gss.host.is_empty() {
            let why = if tcp { "without a host name" } else { "over a Unix socket, which has no host name" };
            return Err(
                progress.error(FailureKind::Gss, format!("server asked for {asked} authentication {why}"))
            );
        }
        progress.enter(Step::GssLibrary);
        let gss = options.gss.clone();
        let provider = options.gss_provider.clone();
        let opened = runtime::ask_kerberos(move || match provider {
            Some(provider) => provider.open(&gss, negotiate),
            None => SystemLibrary.open(&gss, negotiate),
        })
        .await;
        let context = settle(opened, progress)?;
        let mut exchange = Self { context: Some(context), complete: false, tokens_received: 0 };
        let token = exchange.step(Vec::new(), progress).await?;
        if token.is_empty() {
            return Err(progress.error(FailureKind::Gss, "the Kerberos library made no token to begin with"));
        }
        Ok((exchange, token))
    }

    /// Takes the server's token; what is returned is sent unless it is empty.
    pub(crate) async fn answer(
        &mut self,
        token: &[u8],
        progress: &Progress,
    ) -> Result<Vec<u8>, ConnectError> {
        if self.complete && self.tokens_received > 0 {
            return Err(progress.protocol("server sent a GSSAPI token after the exchange was complete"));
        }
        if token.is_empty() || token.len() > MAX_TOKEN {
            return Err(progress.protocol(format!(
                "server sent a GSSAPI token of {} bytes, 1 to {MAX_TOKEN} are possible",
                token.len()
            )));
        }
        self.tokens_received += 1;
        if self.tokens_received > MAX_TOKENS {
            return Err(progress.protocol(format!("server sent more than {MAX_TOKENS} GSSAPI tokens")));
        }
        self.step(token.to_vec(), progress).await
    }

    /// AuthenticationOk has come: the server must have proved itself by then.
    pub(crate) fn finish(&self, progress: &Progress) -> Result<(), ConnectError> {
        if self.complete && self.tokens_received > 0 {
            return Ok(());
        }
        Err(progress.error(
            FailureKind::Auth,
            "server ended GSSAPI authentication before it had proved its own identity",
        ))
    }

    async fn step(&mut self, token: Vec<u8>, progress: &Progress) -> Result<Vec<u8>, ConnectError> {
        let Some(mut context) = self.context.take() else {
            return Err(progress.error(FailureKind::Gss, "the Kerberos context is gone"));
        };
        progress.enter(Step::GssLibrary);
        // The library talks to the KDC and may wait for it.
        let stepped = runtime::ask_kerberos(move || {
            context.step(&token).map(|(token, complete)| (context, token, complete))
        })
        .await;
        let (context, token, complete) = settle(stepped, progress)?;
        self.context = Some(context);
        self.complete = complete;
        progress.enter(Step::GssToken);
        Ok(token)
    }
}

fn settle<T>(outcome: Option<Result<T, GssError>>, progress: &Progress) -> Result<T, ConnectError> {
    match outcome {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => {
            let mut made = progress.error(FailureKind::Gss, error.message);
            made.hint = error.hint;
            Err(made)
        }
        None => Err(progress.error(FailureKind::Gss, "the Kerberos library's thread ended unexpectedly")),
    }
}
