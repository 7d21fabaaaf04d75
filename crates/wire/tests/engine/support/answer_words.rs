//! The server's messages in words, as recordings tell them.

use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, CLOSE_COMPLETE_TAG, COMMAND_COMPLETE_TAG, COPY_DATA_TAG, COPY_DONE_TAG,
    COPY_IN_RESPONSE_TAG, COPY_OUT_RESPONSE_TAG, DATA_ROW_TAG, EMPTY_QUERY_RESPONSE_TAG, ERROR_RESPONSE_TAG,
    NO_DATA_TAG, NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG,
    PARAMETER_STATUS_TAG, PARSE_COMPLETE_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};

/// The message's name, and what of it can be read.
pub(crate) fn words(tag: u8, body: &[u8]) -> String {
    let name = match tag {
        PARSE_COMPLETE_TAG => "ParseComplete",
        BIND_COMPLETE_TAG => "BindComplete",
        CLOSE_COMPLETE_TAG => "CloseComplete",
        NOTIFICATION_RESPONSE_TAG => "NotificationResponse",
        COMMAND_COMPLETE_TAG => "CommandComplete",
        DATA_ROW_TAG => "DataRow",
        ERROR_RESPONSE_TAG => "ErrorResponse",
        COPY_IN_RESPONSE_TAG => "CopyInResponse",
        COPY_OUT_RESPONSE_TAG => "CopyOutResponse",
        EMPTY_QUERY_RESPONSE_TAG => "EmptyQueryResponse",
        NOTICE_RESPONSE_TAG => "NoticeResponse",
        PARAMETER_STATUS_TAG => "ParameterStatus",
        ROW_DESCRIPTION_TAG => "RowDescription",
        READY_FOR_QUERY_TAG => "ReadyForQuery",
        COPY_DONE_TAG => "CopyDone",
        COPY_DATA_TAG => "CopyData",
        NO_DATA_TAG => "NoData",
        PARAMETER_DESCRIPTION_TAG => "ParameterDescription",
        tag => panic!("no recording has a message {:?}", char::from(tag)),
    };
    let text = match tag {
        COMMAND_COMPLETE_TAG | PARAMETER_STATUS_TAG => strings(body).join(" "),
        NOTIFICATION_RESPONSE_TAG => strings(body.get(4..).unwrap()).join(" "),
        ERROR_RESPONSE_TAG | NOTICE_RESPONSE_TAG => {
            let fields = strings(body);
            let code = fields.iter().find_map(|field| field.strip_prefix('C')).unwrap();
            let message = fields.iter().find_map(|field| field.strip_prefix('M')).unwrap();
            format!("{code} {message}")
        }
        READY_FOR_QUERY_TAG => strings(body).join(""),
        COPY_DATA_TAG => String::from_utf8_lossy(body).trim_end().replace('\t', " "),
        _ => String::new(),
    };
    [name, text.as_str()].join(" ").trim_end().to_owned()
}

fn strings(body: &[u8]) -> Vec<String> {
    let texts = body.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    texts.map(|text| String::from_utf8_lossy(text).replace('\n', " ")).collect()
}
