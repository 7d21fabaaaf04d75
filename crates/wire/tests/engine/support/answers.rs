//! Messages of a server, byte for byte as PostgreSQL sends them.
//!
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, CLOSE_COMPLETE_TAG, COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG,
    COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG, EMPTY_QUERY_RESPONSE_TAG, ERROR_RESPONSE_TAG,
    NO_DATA_TAG, NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG,
    PARAMETER_STATUS_TAG, PARSE_COMPLETE_TAG, PORTAL_SUSPENDED_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};

pub(crate) fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).unwrap();
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

fn c_string(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

pub(crate) fn parse_complete() -> Vec<u8> {
    message(PARSE_COMPLETE_TAG, b"")
}

pub(crate) fn bind_complete() -> Vec<u8> {
    message(BIND_COMPLETE_TAG, b"")
}

pub(crate) fn close_complete() -> Vec<u8> {
    message(CLOSE_COMPLETE_TAG, b"")
}

pub(crate) fn portal_suspended() -> Vec<u8> {
    message(PORTAL_SUSPENDED_TAG, b"")
}

/// A COPY is parsed, bound and described in the round in which it is executed.
pub(crate) fn copy_bound() -> Vec<u8> {
    [parse_complete(), bind_complete(), no_data()].concat()
}

pub(crate) fn no_data() -> Vec<u8> {
    message(NO_DATA_TAG, b"")
}

pub(crate) fn empty_query() -> Vec<u8> {
    message(EMPTY_QUERY_RESPONSE_TAG, b"")
}

pub(crate) fn copy_in() -> Vec<u8> {
    message(COPY_IN_RESPONSE_TAG, &[0, 0, 0])
}

pub(crate) fn copy_out() -> Vec<u8> {
    message(COPY_OUT_RESPONSE_TAG, &[0, 0, 0])
}

pub(crate) fn copy_data(data: &[u8]) -> Vec<u8> {
    message(COPY_DATA_TAG, data)
}

pub(crate) fn copy_done() -> Vec<u8> {
    message(COPY_DONE_TAG, b"")
}

pub(crate) fn ready(status: u8) -> Vec<u8> {
    message(READY_FOR_QUERY_TAG, &[status])
}

pub(crate) fn complete(tag: &str) -> Vec<u8> {
    message(COMMAND_COMPLETE_TAG, &c_string(tag))
}

pub(crate) fn parameters(oids: &[u32]) -> Vec<u8> {
    let mut body = u16::try_from(oids.len()).unwrap().to_be_bytes().to_vec();
    body.extend(oids.iter().flat_map(|oid| oid.to_be_bytes()));
    message(PARAMETER_DESCRIPTION_TAG, &body)
}

/// The columns of a statement, or of a portal whose values come as text.
pub(crate) fn columns(columns: &[(&str, u32)]) -> Vec<u8> {
    columns_in(0, columns)
}

/// The columns of a portal whose values come in binary.
pub(crate) fn binary_columns(columns: &[(&str, u32)]) -> Vec<u8> {
    columns_in(1, columns)
}

fn columns_in(format: i16, columns: &[(&str, u32)]) -> Vec<u8> {
    let mut body = i16::try_from(columns.len()).unwrap().to_be_bytes().to_vec();
    for (name, oid) in columns {
        body.extend(c_string(name));
        body.extend([0; 6]);
        body.extend(oid.to_be_bytes());
        body.extend((-1_i16).to_be_bytes());
        body.extend((-1_i32).to_be_bytes());
        body.extend(format.to_be_bytes());
    }
    message(ROW_DESCRIPTION_TAG, &body)
}

pub(crate) fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = i16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        match value {
            None => body.extend((-1_i32).to_be_bytes()),
            Some(value) => {
                body.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
                body.extend_from_slice(value);
            }
        }
    }
    message(DATA_ROW_TAG, &body)
}

pub(crate) fn int_row(value: i32) -> Vec<u8> {
    row(&[Some(&value.to_be_bytes())])
}

fn diagnostic(tag: u8, fields: &[(u8, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (letter, text) in fields {
        body.push(*letter);
        body.extend(c_string(text));
    }
    body.push(0);
    message(tag, &body)
}

pub(crate) fn error(sqlstate: &str) -> Vec<u8> {
    diagnostic(ERROR_RESPONSE_TAG, &[(b'S', "ERROR"), (b'V', "ERROR"), (b'C', sqlstate), (b'M', "it failed")])
}

/// An error that a function of the server's source raised.
pub(crate) fn error_in(sqlstate: &str, routine: &str) -> Vec<u8> {
    let fields = [(b'S', "ERROR"), (b'V', "ERROR"), (b'C', sqlstate), (b'M', "it failed"), (b'R', routine)];
    diagnostic(ERROR_RESPONSE_TAG, &fields)
}

/// An error with a position in the statement.
pub(crate) fn error_at(sqlstate: &str, position: &str) -> Vec<u8> {
    let fields = [(b'S', "ERROR"), (b'V', "ERROR"), (b'C', sqlstate), (b'M', "it failed"), (b'P', position)];
    diagnostic(ERROR_RESPONSE_TAG, &fields)
}

pub(crate) fn error_saying(sqlstate: &str, message: &str) -> Vec<u8> {
    diagnostic(ERROR_RESPONSE_TAG, &[(b'S', "ERROR"), (b'V', "ERROR"), (b'C', sqlstate), (b'M', message)])
}

pub(crate) fn fatal(sqlstate: &str) -> Vec<u8> {
    diagnostic(
        ERROR_RESPONSE_TAG,
        &[(b'S', "FATAL"), (b'V', "FATAL"), (b'C', sqlstate), (b'M', "it ends here")],
    )
}

pub(crate) fn notice(sqlstate: &str) -> Vec<u8> {
    diagnostic(
        NOTICE_RESPONSE_TAG,
        &[(b'S', "NOTICE"), (b'V', "NOTICE"), (b'C', sqlstate), (b'M', "by the way")],
    )
}

pub(crate) fn notice_saying(sqlstate: &str, message: &str) -> Vec<u8> {
    let fields = [(b'S', "NOTICE"), (b'V', "NOTICE"), (b'C', sqlstate), (b'M', message)];
    diagnostic(NOTICE_RESPONSE_TAG, &fields)
}

pub(crate) fn parameter(name: &str, value: &str) -> Vec<u8> {
    message(PARAMETER_STATUS_TAG, &[c_string(name), c_string(value)].concat())
}

pub(crate) fn notification(pid: i32, channel: &str, payload: &str) -> Vec<u8> {
    message(
        NOTIFICATION_RESPONSE_TAG,
        &[pid.to_be_bytes().to_vec(), c_string(channel), c_string(payload)].concat(),
    )
}
