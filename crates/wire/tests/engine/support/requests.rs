//! What the driver wrote, message by message.

use cornac_wire::{
    frontend_tag,
    types::{jit_off, look_up_question},
};

use super::lab::VERSION;

/// One message to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) tag: u8,
    pub(crate) body: Vec<u8>,
}

/// Takes the complete messages off the front of `bytes`.
pub(crate) fn take(bytes: &mut Vec<u8>) -> Vec<Message> {
    let mut found = Vec::new();
    let mut rest = &bytes[..];
    while let [tag, a, b, c, d, behind @ ..] = rest {
        let length = usize::try_from(i32::from_be_bytes([*a, *b, *c, *d])).unwrap() - 4;
        if behind.len() < length {
            break;
        }
        found.push(Message { tag: *tag, body: behind[..length].to_vec() });
        rest = &behind[length..];
    }
    let unread = rest.len();
    bytes.drain(..bytes.len() - unread);
    found
}

impl Message {
    /// The string that begins at `at`, and where the next field begins.
    pub(crate) fn string(&self, at: usize) -> (&str, usize) {
        let length = self.body[at..].iter().position(|byte| *byte == 0).unwrap();
        (std::str::from_utf8(&self.body[at..at + length]).unwrap(), at + length + 1)
    }

    /// The 32-bit words at `at`, behind their count.
    pub(crate) fn words(&self, at: usize) -> Vec<u32> {
        let count = usize::from(u16::from_be_bytes([self.body[at], self.body[at + 1]]));
        let words = self.body[at + 2..].chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap()));
        let words: Vec<u32> = words.collect();
        assert_eq!(words.len(), count, "words are not as many as it says");
        words
    }

    /// Statement and values of a Bind, and of each result format whether it is binary.
    pub(crate) fn bind(&self) -> (&str, Vec<Option<Vec<u8>>>, Vec<bool>) {
        let (_portal, at) = self.string(0);
        let (name, mut at) = self.string(at);
        let word = |at: usize| usize::from(u16::from_be_bytes([self.body[at], self.body[at + 1]]));
        at += 2 + 2 * word(at);
        let count = word(at);
        at += 2;
        let mut values = Vec::new();
        for _ in 0..count {
            let length = i32::from_be_bytes(self.body[at..at + 4].try_into().unwrap());
            at += 4;
            values.push(usize::try_from(length).ok().map(|length| {
                at += length;
                self.body[at - length..at].to_vec()
            }));
        }
        let formats: Vec<bool> = (0..word(at)).map(|index| word(at + 2 + 2 * index) == 1).collect();
        assert_eq!(at + 2 + 2 * formats.len(), self.body.len(), "a Bind has more than it says");
        (name, values, formats)
    }
}

/// A portal that has a name, in words.
fn portal(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" {}", name.replace("cornac_", "p")) }
}

/// Messages in words. Statement names are numbered as they appear, so that they can be compared.
#[derive(Default)]
pub(crate) struct Words {
    names: Vec<String>,
}

impl Words {
    fn name(&mut self, name: &str) -> String {
        if name.is_empty() {
            return "unnamed".to_owned();
        }
        let place = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        format!("s{}", place + 1)
    }

    pub(crate) fn of(&mut self, message: &Message) -> String {
        match message.tag {
            frontend_tag::PARSE => {
                let (name, at) = message.string(0);
                let sql = message.string(at).0;
                let jit_off = jit_off(VERSION).unwrap();
                let sql = match sql {
                    sql if sql == look_up_question(VERSION) => "types",
                    sql if sql == jit_off.before => "jit-off",
                    sql if sql == jit_off.behind => "jit-back",
                    sql => sql,
                };
                format!("parse {} {sql}", self.name(name))
            }
            frontend_tag::DESCRIBE => match message.body[0] {
                frontend_tag::STATEMENT => format!("describe {}", self.name(message.string(1).0)),
                _ => format!("describe portal{}", portal(message.string(1).0)),
            },
            frontend_tag::BIND => {
                let (name, values, _) = message.bind();
                format!("bind {} {}{}", self.name(name), values.len(), portal(message.string(0).0))
            }
            frontend_tag::EXECUTE => {
                let (name, at) = message.string(0);
                let limit = i32::from_be_bytes(message.body[at..at + 4].try_into().unwrap());
                let limit = if limit == 0 { String::new() } else { format!(" {limit}") };
                format!("execute{}{limit}", portal(name))
            }
            frontend_tag::CLOSE if message.body[0] == frontend_tag::PORTAL => {
                format!("close portal{}", portal(message.string(1).0))
            }
            frontend_tag::CLOSE => format!("close {}", self.name(message.string(1).0)),
            frontend_tag::SYNC => "sync".to_owned(),
            frontend_tag::FLUSH => "flush".to_owned(),
            frontend_tag::QUERY => format!("query {}", message.string(0).0),
            frontend_tag::COPY_DATA => format!("copy data {:?}", String::from_utf8_lossy(&message.body)),
            frontend_tag::COPY_DONE => "copy done".to_owned(),
            frontend_tag::COPY_FAIL => "copy fail".to_owned(),
            frontend_tag::TERMINATE => "terminate".to_owned(),
            tag => panic!("the driver wrote a message of type {}", char::from(tag)),
        }
    }
}
