//! Completion records in words.

use cornac_wire::record::{Class, NO_REQUEST};

/// A record, as far as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Rows {
        request: u32,
        rows: Vec<Vec<String>>,
        last: bool,
        status: u8,
        tag: String,
    },
    Failed {
        request: u32,
        last: bool,
        status: u8,
        class: u32,
        fields: Vec<(char, String)>,
    },
    Done {
        request: u32,
    },
    Surplus {
        request: u32,
    },
    Wanted {
        request: u32,
        types: Vec<u32>,
    },
    Composed {
        request: u32,
    },
    /// In microseconds.
    Times {
        request: u32,
        sent: u32,
        answered: u32,
        complete: u32,
    },
    Room {
        request: u32,
        bytes: u32,
    },
    Described {
        request: u32,
        shape: u32,
        types: Vec<u32>,
        name: String,
    },
    Shape {
        id: u32,
    },
    Released {
        id: u32,
    },
    Notice {
        request: u32,
        fields: Vec<(char, String)>,
    },
    Notification {
        channel: String,
        payload: String,
    },
    Parameter {
        name: String,
        value: String,
    },
    Parameters {
        query: u32,
        types: Vec<u32>,
    },
    Ended {
        class: u32,
        fields: Vec<(char, String)>,
    },
    Keys(Vec<String>),
    /// How fields are read whose types come with their rows.
    FieldForm {
        number: usize,
    },
    /// Data of a COPY, of so many messages.
    Data {
        request: u32,
        messages: u32,
        data: Vec<u8>,
    },
}

fn field(fields: &[(char, String)], letter: char) -> &str {
    fields.iter().find(|(l, _)| *l == letter).map_or("", |(_, text)| text)
}

fn class_name(class: u32) -> &'static str {
    let classes = [
        (Class::Server, "server"),
        (Class::Data, "data"),
        (Class::Interface, "interface"),
        (Class::Lost, "lost"),
        (Class::Timeout, "timeout"),
        (Class::Protocol, "protocol"),
        (Class::Internal, "internal"),
        (Class::Outdated, "outdated"),
    ];
    classes.iter().find(|(known, _)| *known as u32 == class).map_or("?", |(_, name)| name)
}

impl Told {
    /// The request whose last record it is.
    pub(crate) fn ends(&self) -> Option<u32> {
        match self {
            Told::Rows { request, last: true, .. }
            | Told::Failed { request, last: true, .. }
            | Told::Done { request } => Some(*request),
            _ => None,
        }
    }

    pub(crate) fn field(&self, letter: char) -> &str {
        match self {
            Told::Failed { fields, .. } | Told::Ended { fields, .. } | Told::Notice { fields, .. } => {
                field(fields, letter)
            }
            _ => "",
        }
    }

    /// The record in a few words.
    pub(crate) fn words(&self) -> String {
        match self {
            Told::Rows { request, rows, last, status, tag } => {
                let rows: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
                let end = if *last { format!(" end {} {tag}", char::from(*status)) } else { String::new() };
                format!("#{request} rows [{}]{end}", rows.join("; "))
            }
            Told::Failed { request, last, class, fields, .. } => {
                let what = match field(fields, 'C') {
                    "" => field(fields, 'M'),
                    code => code,
                };
                let more = if *last { "" } else { " more" };
                format!("#{request} {} {what}{more}", class_name(*class))
            }
            Told::Done { request } => format!("#{request} done"),
            Told::Times { request, sent, answered, complete } => {
                format!("#{request} sent {sent} answered {answered} complete {complete}")
            }
            Told::Wanted { request, types } => format!("#{request} wanted for {types:?}"),
            Told::Composed { request } => format!("#{request} composed"),
            Told::Surplus { request } => format!("#{request} surplus"),
            Told::Room { request, bytes } => format!("#{request} room {bytes}"),
            Told::Described { request, shape, types, name } => {
                let name = if name.is_empty() { "unnamed" } else { name.as_str() };
                let rows = if *shape == 0 { "no rows" } else { "rows" };
                format!("#{request} described {name} {types:?} {rows}")
            }
            Told::Shape { .. } => "shape".to_owned(),
            Told::Released { .. } => "released".to_owned(),
            Told::FieldForm { number } => format!("field {number}"),
            Told::Keys(keys) => format!("keys {}", keys.join(",")),
            Told::Data { request, messages, data } => {
                format!("#{request} data of {messages}: {}", data.escape_ascii())
            }
            Told::Notice { request: NO_REQUEST, fields } => format!("notice {}", field(fields, 'C')),
            Told::Notice { request, fields } => format!("notice {} of #{request}", field(fields, 'C')),
            Told::Notification { channel, payload } => format!("notification {channel} {payload}"),
            Told::Parameter { name, value } => format!("parameter {name} {value}"),
            Told::Parameters { types, .. } => format!("parameters {types:?}"),
            Told::Ended { class, fields } => {
                let what =
                    if field(fields, 'C').is_empty() { field(fields, 'M') } else { field(fields, 'C') };
                format!("ended {} {what}", class_name(*class))
            }
        }
    }
}
