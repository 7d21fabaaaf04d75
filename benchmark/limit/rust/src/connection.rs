//! One socket, blocking, with up to `depth` calls on the wire: what the protocol costs when nothing is built from it.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::{DataRowBody, Message};
use postgres_protocol::message::frontend;

use crate::workload::{Kind, Workload};

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const STATEMENT: &str = "s";
const READ_SIZE: usize = 256 * 1024;

/// What one answer amounted to.
#[derive(Default, Clone, Copy)]
pub struct Answer {
    pub rows: u64,
    pub integer_sum: i64,
    /// When its call was written; only stamped calls are timed.
    pub sent: Option<Instant>,
}

pub struct Connection {
    stream: TcpStream,
    received: BytesMut,
    unsent: BytesMut,
    chunk: Vec<u8>,
    kinds: Vec<Kind>,
    in_flight: VecDeque<Option<Instant>>,
}

impl Connection {
    /// Opens a trusted session and prepares the workload's statement.
    pub fn open(workload: &Workload) -> Outcome<Self> {
        let variable = |name: &str, or: &str| std::env::var(name).unwrap_or_else(|_| or.to_owned());
        let address = format!("{}:{}", variable("PGHOST", "127.0.0.1"), variable("PGPORT", "5432"));
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream,
            received: BytesMut::new(),
            unsent: BytesMut::new(),
            chunk: vec![0; READ_SIZE],
            kinds: workload.columns.iter().map(|(_, kind)| Kind::of(kind)).collect(),
            in_flight: VecDeque::new(),
        };
        let (user, database) = (variable("PGUSER", "postgres"), variable("PGDATABASE", "postgres"));
        frontend::startup_message(
            [("user", user.as_str()), ("database", &database)],
            &mut connection.unsent,
        )?;
        connection.until_ready()?;
        frontend::parse(STATEMENT, &workload.sql, [], &mut connection.unsent)?;
        frontend::sync(&mut connection.unsent);
        connection.until_ready()?;
        Ok(connection)
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Puts a call behind those already written; `exchange` sends it.
    pub fn call(&mut self, argument: Option<i64>, stamp: bool) -> Outcome<()> {
        let values = argument.map(|value| value.to_string());
        frontend::bind(
            "",
            STATEMENT,
            [0],
            values,
            |value, buffer| {
                buffer.extend_from_slice(value.as_bytes());
                Ok(IsNull::No)
            },
            [1],
            &mut self.unsent,
        )
        .map_err(|_| "the arguments do not fit a message")?;
        frontend::execute("", 0, &mut self.unsent)?;
        frontend::sync(&mut self.unsent);
        self.in_flight.push_back(stamp.then(Instant::now));
        Ok(())
    }

    /// Sends what was called, reads at least one answer, and hands over all that came whole.
    pub fn exchange(&mut self, pending: &mut Answer, mut complete: impl FnMut(Answer)) -> Outcome<()> {
        self.flush()?;
        let mut completed = false;
        while !completed {
            while let Some(message) = Message::parse(&mut self.received)? {
                match message {
                    Message::DataRow(row) => {
                        pending.rows += 1;
                        pending.integer_sum += sum_row(&row, &self.kinds)?;
                    }
                    Message::ReadyForQuery(_) => {
                        pending.sent = self.in_flight.pop_front().flatten();
                        complete(std::mem::take(pending));
                        completed = true;
                    }
                    Message::ErrorResponse(_) => return Err("the server refused the statement".into()),
                    _ => {}
                }
            }
            if !completed {
                self.receive()?;
            }
        }
        Ok(())
    }

    fn until_ready(&mut self) -> Outcome<()> {
        self.flush()?;
        loop {
            while let Some(message) = Message::parse(&mut self.received)? {
                match message {
                    Message::ReadyForQuery(_) => return Ok(()),
                    Message::ErrorResponse(_) => return Err("the server refused the session".into()),
                    Message::AuthenticationSaslContinue(_)
                    | Message::AuthenticationSasl(_)
                    | Message::AuthenticationCleartextPassword => {
                        return Err("the bare loop knows no passwords".into());
                    }
                    _ => {}
                }
            }
            self.receive()?;
        }
    }

    fn flush(&mut self) -> Outcome<()> {
        self.stream.write_all(&self.unsent)?;
        self.unsent.clear();
        Ok(())
    }

    fn receive(&mut self) -> Outcome<()> {
        let length = self.stream.read(&mut self.chunk)?;
        if length == 0 {
            return Err("the server closed the connection".into());
        }
        self.received.extend_from_slice(&self.chunk[..length]);
        Ok(())
    }
}

fn sum_row(row: &DataRowBody, kinds: &[Kind]) -> Outcome<i64> {
    let bytes = row.buffer();
    let mut sum = 0;
    let mut ranges = row.ranges();
    let mut column = 0;
    while let Some(range) = ranges.next()? {
        if let Some(range) = range {
            sum += kinds[column].sum(&bytes[range]);
        }
        column += 1;
    }
    Ok(sum)
}
