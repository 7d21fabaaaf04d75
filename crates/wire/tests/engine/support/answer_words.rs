//! The server's messages in words, as recordings tell them.

/// The message's name, and what of it can be read.
pub(crate) fn words(tag: u8, body: &[u8]) -> String {
    let name = match tag {
        b'1' => "ParseComplete",
        b'2' => "BindComplete",
        b'3' => "CloseComplete",
        b'A' => "NotificationResponse",
        b'C' => "CommandComplete",
        b'D' => "DataRow",
        b'E' => "ErrorResponse",
        b'G' => "CopyInResponse",
        b'H' => "CopyOutResponse",
        b'I' => "EmptyQueryResponse",
        b'N' => "NoticeResponse",
        b'S' => "ParameterStatus",
        b'T' => "RowDescription",
        b'Z' => "ReadyForQuery",
        b'c' => "CopyDone",
        b'd' => "CopyData",
        b'n' => "NoData",
        b't' => "ParameterDescription",
        tag => panic!("no recording has a message {:?}", char::from(tag)),
    };
    let text = match tag {
        b'C' | b'S' => strings(body).join(" "),
        b'A' => strings(body.get(4..).unwrap()).join(" "),
        b'E' | b'N' => {
            let fields = strings(body);
            let code = fields.iter().find_map(|field| field.strip_prefix('C')).unwrap();
            let message = fields.iter().find_map(|field| field.strip_prefix('M')).unwrap();
            format!("{code} {message}")
        }
        b'Z' => strings(body).join(""),
        b'd' => String::from_utf8_lossy(body).trim_end().replace('\t', " "),
        _ => String::new(),
    };
    [name, text.as_str()].join(" ").trim_end().to_owned()
}

fn strings(body: &[u8]) -> Vec<String> {
    let texts = body.split(|byte| *byte == 0).filter(|text| !text.is_empty());
    texts.map(|text| String::from_utf8_lossy(text).replace('\n', " ")).collect()
}
