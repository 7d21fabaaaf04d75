//! Records exchanges with a real server for `tests/engine/recorded`.
//!
//! ```sh
//! cargo run -p cornac-wire --example record -- 127.0.0.1:5432 USER DATABASE crates/wire/tests/engine/recorded
//! ```
//!
//! The user must be let in without a password. Nothing is left behind in the database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a recording that fails is thrown away"
)]

#[path = "../tests/engine/support/mod.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod support;

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use postgres_protocol::message::backend::{BACKEND_KEY_DATA_TAG, ERROR_RESPONSE_TAG, READY_FOR_QUERY_TAG};
use support::{
    answer_words,
    lab::Lab,
    reader::Told,
    requests::{self, Words},
    script::Script,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Name, cache size and calls; an empty line waits until everything so far is answered.
const EXCHANGES: &[(&str, usize, &str)] = &[
    ("values", 10, "\
fetch 1 select 1::int2 a, 2::int4 b, -3::int8 c, true d, 1.5::float8 e, -12345.6789::numeric f, null::text g
fetch 2 select 'ascii' a, 'gr\u{fc}n' b, '\u{1f418} \u{4f60}' c, 'a'::\"char\" d, ''::text e, '\\x00ff'::bytea f
fetch 3 select '2024-02-29 12:00:00.123456+00'::timestamptz a, '0044-03-15 BC'::date b, '23:59:59.999999'::time c
fetch 4 select '{1,null,3}'::int4[] a, '{{a,b},{c,d}}'::text[] b, '{}'::int8[] c, '{\"k\": [1, 2]}'::jsonb d
fetch 5 select relacl, oid, relname from pg_class where relname = 'pg_type'
fetch 6 select
fetch 7 select n from generate_series(1, 3) n
with 8 7 seven select $1::int4 n, $2::text t"),
    ("pipeline", 10, "\
fetch 1 select 1 n
first 2 select n from generate_series(1, 9) n

fetch 3 select 1 n
fetch 4 select 2 n
first 5 select n from generate_series(1, 9) n
fetch 6 select 1 n"),
    ("errors", 10, "\
fetch 1 select 1 / (2 - n) q from generate_series(1, 3) n
fetch 2 select nothing

fetch 3 select 1 / (2 - n) q from generate_series(1, 3) n
fetch 4 select 1 / (2 - n) q from generate_series(1, 3) n
fetch 5
script 6
script 7 select 1; select 1 / 0; select 3"),
    ("transaction", 10, "\
script 1 begin; create temp table parents (id int primary key); create temp table children (parent int references parents initially deferred)
with 2 1 insert into children values ($1)
fetch 3 select 1 / 0
fetch 4 select 4
script 5 rollback
script 6 create temp table parents (id int primary key); create temp table children (parent int references parents initially deferred)
with 7 1 insert into children values ($1)
script 8 insert into children values (2)
script 9 drop table children, parents"),
    ("messages", 10, "\
script 1 do $$ begin raise notice 'one'; raise warning 'two'; end $$; set time zone 'Asia/Tokyo'; select 1
script 2 listen news; notify news, 'fine'
script 3 begin; notify news, 'later'; commit; select 2
fetch 4 set application_name to 'recorded'"),
    ("copy", 10, "\
script 1 create temp table t (n int, s text); insert into t values (1, 'one'), (2, null)
fetch 2 copy t to stdout
script 3 copy t to stdout; select 1
fetch 4 copy t from stdin
script 5 select 1; copy t from stdin; select 2
fetch 6 select count(*) from t
run 8 copy t to stdout
script 9 create temp view v as select * from t
run 10 copy v from stdin
run 11 copy t from stdin
fetch 12 select count(*) from t
script 7 drop table t cascade"),
    ("changed", 10, "\
script 1 create temp table t (n int)
fetch 2 select * from t
fetch 3 select 3 n

script 4 do $$ begin execute 'deallocate all'; end $$

fetch 5 select * from t
fetch 6 select 3 n
fetch 7 select * from t

script 13 deallocate all

fetch 14 select 3 n
fetch 15 select 3 n

script 8 alter table t add column s text

fetch 9 select * from t

script 10 alter table t drop column s; begin

fetch 11 select * from t

script 12 rollback; drop table t"),
    ("retyped", 10, "\
script 1 create temp table t (n int)
with 2 7 insert into t values ($1)

with 3 seven insert into t values ($1)

script 4 alter table t alter n type text

with 5 seven insert into t values ($1)

with 6 8 insert into t values ($1)

script 7 alter table t alter n type int using 1; begin

with 8 9 insert into t values ($1)

script 9 rollback; drop table t"),
    ("uncached", 0, "\
with 1 7 seven select $1::int4 n, $2::text t
with 2 8 eight select $1::int4 n, $2::text t

with 3 9 nine select $1::int4 n, $2::text t
with 4 10 ten select $1::int4 n, $2::text t
fetch 5 select 1 / 0
first 6 select n from generate_series(1, 9) n"),
    ("cancel", 10, "\
fetch 1 select pg_sleep(10)
fetch 2 select 2 n
described
abandon 1"),
    ("ended", 10, "\
fetch 1 select 1 n

fetch 2 select pg_terminate_backend(pg_backend_pid())
fetch 3 select 1 n"),
];

struct Peer {
    stream: TcpStream,
    key: Vec<u8>,
    input: Vec<u8>,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, user, database, folder] = &arguments[..] else {
        return Err("usage: record ADDRESS USER DATABASE FOLDER".into());
    };
    for (name, cache, calls) in EXCHANGES {
        let mut peer = log_in(address, user, database)?;
        let text = record(&mut peer, address, *cache, calls)?;
        fs::write(format!("{folder}/{name}.txt"), text)?;
        writeln!(io::stdout(), "{name}")?;
    }
    Ok(())
}

fn log_in(address: &str, user: &str, database: &str) -> Outcome<Peer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    let mut body = 196_608_i32.to_be_bytes().to_vec();
    for text in ["user", user, "database", database, "client_encoding", "UTF8", ""] {
        body.extend(text.as_bytes());
        body.push(0);
    }
    stream.write_all(&[&i32::try_from(body.len() + 4)?.to_be_bytes()[..], &body].concat())?;
    let mut peer = Peer { stream, key: Vec::new(), input: Vec::new() };
    loop {
        peer.read()?;
        for message in requests::take(&mut peer.input) {
            match message.tag {
                BACKEND_KEY_DATA_TAG => peer.key = message.body,
                ERROR_RESPONSE_TAG => return Err(String::from_utf8_lossy(&message.body).into()),
                READY_FOR_QUERY_TAG => return Ok(peer),
                _ => {}
            }
        }
    }
}

impl Peer {
    /// Whether more may come.
    fn read(&mut self) -> Outcome<bool> {
        let mut buffer = [0; 65_536];
        match self.stream.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(length) => {
                self.input.extend_from_slice(&buffer[..length]);
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Ok(true)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn cancel(&self, address: &str) -> Outcome<()> {
        let mut stream = TcpStream::connect(address)?;
        let head = [i32::try_from(self.key.len())? + 8, 80_877_102].map(i32::to_be_bytes).concat();
        stream.write_all(&[head, self.key.clone()].concat())?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

fn line(text: &mut String, mark: char, tag: u8, body: &[u8], words: &str) -> Outcome<()> {
    let hexadecimal = body.iter().fold(String::new(), |mut hexadecimal, byte| {
        let _ = write!(hexadecimal, "{byte:02x}");
        hexadecimal
    });
    let length = i32::try_from(body.len() + 4)?;
    writeln!(text, "{mark} {tag:02x} {length:08x} {hexadecimal} # {words}")?;
    Ok(())
}

/// Plays the calls against the server and writes down what passes.
fn record(peer: &mut Peer, address: &str, cache: usize, calls: &str) -> Outcome<String> {
    let mut text = format!("cache {cache}\n");
    let (mut lab, mut script, mut words) = (Lab::new(cache), Script::default(), Words::default());
    for call in calls.lines() {
        let before = call == "described";
        if call.is_empty() || before {
            exchange(peer, &mut lab, &mut words, &mut text, before)?;
            continue;
        }
        writeln!(text, "{call}")?;
        script.line(&mut lab, call);
    }
    lab.wait(100);
    if lab.wants_cancel() {
        peer.cancel(address)?;
        writeln!(text, "cancel")?;
        lab.cancel_closed();
    }
    exchange(peer, &mut lab, &mut words, &mut text, false)?;
    Ok(text)
}

/// Until everything is answered, or only until nothing more comes by itself.
fn exchange(
    peer: &mut Peer,
    lab: &mut Lab,
    words: &mut Words,
    text: &mut String,
    brief: bool,
) -> Outcome<()> {
    while !lab.engine.is_ended() {
        lab.engine.pump(lab.now);
        let mut output = lab.engine.output().to_vec();
        lab.engine.written(output.len(), lab.now);
        peer.stream.write_all(&output)?;
        let messages = requests::take(&mut output);
        let quiet = messages.is_empty();
        for message in messages {
            line(text, '>', message.tag, &message.body, &words.of(&message).replace('\n', " "))?;
        }
        let open = peer.read()?;
        let answers = requests::take(&mut peer.input);
        let silent = answers.is_empty();
        for answer in answers {
            line(text, '<', answer.tag, &answer.body, &answer_words::words(answer.tag, &answer.body))?;
            lab.hear_bytes(&support::answers::message(answer.tag, &answer.body));
        }
        if !open {
            writeln!(text, "eof")?;
            lab.engine.receive_end();
        }
        let told = lab.records();
        let shapes = |told: &&Told| !matches!(told, Told::Shape { .. } | Told::Released { .. });
        for record in told.iter().filter(shapes) {
            writeln!(text, "= {}", record.words())?;
        }
        if silent && quiet && (brief || lab.engine.is_quiet()) {
            break;
        }
    }
    Ok(())
}
