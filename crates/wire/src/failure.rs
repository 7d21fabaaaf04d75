//! Why a request failed and why a session ended.

use crate::{
    description::Diagnostic,
    record::{self, Class, Record, flag, kind, letter},
};

/// How a request ends that does not succeed.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The server's error, with what the driver adds to its hint.
    Server {
        diagnostic: Diagnostic,
        note: Option<&'static str>,
        /// Whether the call may have run, where the error says that the server ended the session.
        maybe_executed: bool,
    },
    /// An argument that cannot be sent; counted from 1.
    Data {
        message: String,
        argument: u32,
        hint: Option<String>,
        /// No argument can be sent for the type.
        is_unsupported: bool,
    },
    /// A field of a record that cannot be written; records are counted from 0, columns from 1.
    Record {
        message: String,
        record: u64,
        column: u32,
        hint: Option<&'static str>,
    },
    Interface {
        message: String,
        hint: Option<String>,
    },
    /// The session ended first; `maybe_executed` when the statement had gone out.
    Lost {
        maybe_executed: bool,
    },
    Timeout {
        limit_ms: u32,
        /// The server may have run the call, or a part of it.
        maybe_executed: bool,
    },
    CloseTimeout {
        limit_ms: u32,
    },
    /// A value that is well-formed and cannot be what is wanted of it.
    Value {
        message: String,
        sqlstate: &'static str,
        hint: Option<&'static str>,
    },
    /// A value that does not fit its column.
    Protocol {
        message: String,
        hint: Option<&'static str>,
    },
    /// A composite has other attributes than its type was known to have; of which type, and which attribute from 0.
    Outdated {
        message: String,
        schema: String,
        name: String,
        position: u32,
    },
    /// What the driver could not bring to an end.
    Internal {
        message: String,
    },
}

impl Failure {
    pub fn class(&self) -> Class {
        match self {
            Failure::Server { .. } => Class::Server,
            Failure::Data { is_unsupported: true, .. } => Class::Unsupported,
            Failure::Data { .. } | Failure::Record { .. } | Failure::Value { .. } => Class::Data,
            Failure::Interface { .. } => Class::Interface,
            Failure::Lost { .. } => Class::Lost,
            Failure::Timeout { .. } | Failure::CloseTimeout { .. } => Class::Timeout,
            Failure::Protocol { .. } => Class::Protocol,
            Failure::Outdated { .. } => Class::Outdated,
            Failure::Internal { .. } => Class::Internal,
        }
    }

    fn fields(&self) -> Vec<(u8, String)> {
        match self {
            Failure::Server { diagnostic, note, maybe_executed } => {
                let mut fields = diagnostic.0.clone();
                if is_shutdown(diagnostic) {
                    fields.push((letter::MAYBE_EXECUTED, u8::from(*maybe_executed).to_string()));
                }
                if let Some(note) = note {
                    match fields.iter_mut().find(|(found, _)| *found == letter::HINT) {
                        Some((_, hint)) => {
                            hint.push(' ');
                            hint.push_str(note);
                        }
                        None => fields.push((letter::HINT, (*note).to_owned())),
                    }
                }
                fields
            }
            Failure::Data { message, argument, hint, .. } => {
                let mut fields =
                    vec![(letter::MESSAGE, message.clone()), (letter::ARGUMENT, argument.to_string())];
                fields.extend(hint.clone().map(|hint| (letter::HINT, hint)));
                fields
            }
            Failure::Record { message, record, column, hint } => {
                let mut fields = vec![
                    (letter::MESSAGE, message.clone()),
                    (letter::ARGUMENT, column.to_string()),
                    (letter::ELEMENT, record.to_string()),
                ];
                fields.extend(hint.map(|hint| (letter::HINT, hint.to_owned())));
                fields
            }
            Failure::Interface { message, hint } => {
                let mut fields = vec![(letter::MESSAGE, message.clone())];
                fields.extend(hint.clone().map(|hint| (letter::HINT, hint)));
                fields
            }
            Failure::Lost { maybe_executed } => vec![
                (letter::MESSAGE, "connection was closed in the middle of operation".to_owned()),
                (letter::MAYBE_EXECUTED, u8::from(*maybe_executed).to_string()),
            ],
            Failure::Timeout { limit_ms, maybe_executed } => {
                vec![
                    (letter::MESSAGE, format!("query timed out after {limit_ms} ms")),
                    (letter::PHASE, "query".to_owned()),
                    (letter::MAYBE_EXECUTED, u8::from(*maybe_executed).to_string()),
                ]
            }
            Failure::CloseTimeout { limit_ms } => vec![
                (letter::MESSAGE, format!("close timed out after {limit_ms} ms: the connection was dropped")),
                (letter::PHASE, "close".to_owned()),
            ],
            Failure::Value { message, sqlstate, hint } => {
                let mut fields =
                    vec![(letter::MESSAGE, message.clone()), (letter::SQLSTATE, (*sqlstate).to_owned())];
                fields.extend(hint.map(|hint| (letter::HINT, hint.to_owned())));
                fields
            }
            Failure::Protocol { message, hint } => {
                let mut fields = vec![(letter::MESSAGE, message.clone())];
                fields.extend(hint.map(|hint| (letter::HINT, hint.to_owned())));
                fields
            }
            Failure::Internal { message } => vec![(letter::MESSAGE, message.clone())],
            Failure::Outdated { message, schema, name, position } => {
                let position = position.to_string();
                [
                    (letter::MESSAGE, message),
                    (letter::SCHEMA, schema),
                    (letter::DATA_TYPE, name),
                    (letter::ATTRIBUTE, &position),
                ]
                .map(|(letter, text)| (letter, text.clone()))
                .into()
            }
        }
    }

    /// Tells the set of arguments that failed, in a call of this method.
    #[must_use]
    pub fn of_element(mut self, element: u64, method: &str) -> Self {
        if let Failure::Data { message, .. } | Failure::Interface { message, .. } = &mut self {
            let place = format!(" in element #{element} of {method}() sequence");
            // The set is named behind the argument's number, if that is named.
            let at = message.find(": ").unwrap_or(message.len());
            message.insert_str(at, &place);
        }
        self
    }

    /// Appends the record that rejects a request.
    pub fn record(&self, request: u32, last: bool, status: u8, out: &mut Vec<u8>) {
        self.record_of_set(request, last, status, None, out);
    }

    /// Writes the record of a call for many that has failed; `element` is the number of the set that is to blame.
    pub fn record_of_set(
        &self,
        request: u32,
        last: bool,
        status: u8,
        element: Option<u64>,
        out: &mut Vec<u8>,
    ) {
        let flags = if last { flag::LAST } else { 0 } | u32::from(status) << flag::STATUS_SHIFT;
        let mut fields = self.fields();
        if matches!(self, Failure::Server { .. } | Failure::Data { .. }) {
            fields.extend(element.map(|element| (letter::ELEMENT, element.to_string())));
        }
        record::fields(
            out,
            kind::FAILED,
            &[request, flags, self.class() as u32],
            fields.iter().map(|(letter, text)| (*letter, text.as_str())),
        );
    }
}

/// The server ends the session, whatever the call was.
fn is_shutdown(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.sqlstate(), "57P01" | "57P02" | "57P03")
}

/// Why a session ended.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The server's last words.
    Server(Diagnostic),
    /// The server did what the protocol does not allow.
    Protocol(String),
    /// The socket failed.
    Io {
        message: String,
        os_error: Option<i32>,
    },
    /// The server closed the connection without a word.
    Eof,
    /// The user closed it.
    Closed,
    /// A cancel request could not be delivered or did nothing.
    Cancel(String),
    Internal(String),
}

impl Cause {
    pub fn class(&self) -> Class {
        match self {
            Cause::Server(_) => Class::Server,
            Cause::Protocol(_) => Class::Protocol,
            Cause::Io { .. } | Cause::Eof | Cause::Cancel(_) => Class::Lost,
            Cause::Closed => Class::Interface,
            Cause::Internal(_) => Class::Internal,
        }
    }

    /// Appends the record that tells a session's end.
    pub fn record(&self, session: u32, out: &mut Vec<u8>) {
        let mut own = Vec::new();
        let fields = match self {
            Cause::Server(diagnostic) => &diagnostic.0,
            _ => {
                let message = match self {
                    Cause::Protocol(message)
                    | Cause::Cancel(message)
                    | Cause::Internal(message)
                    | Cause::Io { message, .. } => message.clone(),
                    Cause::Eof => "server closed the connection unexpectedly".to_owned(),
                    Cause::Closed | Cause::Server(_) => "connection was closed".to_owned(),
                };
                own.push((letter::MESSAGE, message));
                if let Cause::Io { os_error: Some(number), .. } = self {
                    own.push((letter::OS_ERROR, number.to_string()));
                }
                &own
            }
        };
        let mut record =
            Record::new(out, kind::ENDED, &[session, self.class() as u32, record::size(fields.len())]);
        for (letter, text) in fields {
            record.field(*letter, text);
        }
        record.finish();
    }
}
