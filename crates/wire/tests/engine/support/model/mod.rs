//! A model of a server: it obeys the protocol, runs a toy language, and keeps a log of what it ran.
//!
//! | statement | what it does |
//! |---|---|
//! | `select ROWS MS`, `insert ROWS MS` | return their only argument so many times, after so long |
//! | `select ROWS MS pair` | the same in a composite; `pairs` in an array of one, `fields` in a row with a field of one |
//! | `select ROWS MS NAME` | the same in a column of any other name |
//! | `begin #ID`, `commit #ID` | open and end a transaction |
//! | `fail #ID ROWS` | returns rows, then an error |
//! | `late #ID` | ends well, but the commit behind it does not |
//! | `wrong #ID` | does not parse |
//! | `refuse #ID` | takes an argument that its type refuses, as regclass does |
//! | `call #ID MS` | runs for so long |
//! | `add MS` | takes its argument in, after so long; of all between two Syncs everything stays or nothing |
//! | `ROLLBACK` | takes them out again |
//! | `copy #ID out MS` | COPY that sends a line, and another one after so long |
//! | `copy #ID in` | COPY that waits for data |
//! | `copy #ID pour LINES` | COPY that sends so many lines of 50,000 bytes, each when it is stepped |
//!
//! Portals with a name are read in parts and end with their transaction. What they run is not counted.

mod preparing;
pub(crate) mod running;
pub(crate) mod types;

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use cornac_wire::frontend_tag;

use super::{answers::*, chance::Chance, requests, requests::Message};
use types::Database;

#[derive(Clone)]
struct Prepared {
    sql: String,
    /// The schema it was planned under.
    schema: u64,
    /// The type of its parameter.
    parameter: u32,
    /// The number that the composite had.
    pair: u32,
}

type Statements = HashMap<String, Prepared>;

/// A statement that was given its arguments.
#[derive(Clone)]
struct Portal {
    sql: String,
    id: u32,
    /// Rows that it has given.
    given: u32,
    /// Its first column comes in binary.
    is_binary: bool,
}

/// What the server is busy with, and until when.
struct Running {
    id: u32,
    sql: String,
    until: Instant,
    simple: bool,
    is_binary: bool,
    /// A portal with a name has that name here, and the most rows that are wanted: 0 for all.
    part: Option<(String, u32)>,
}

/// A COPY FROM STDIN that takes data.
struct Copying {
    id: u32,
    simple: bool,
    data: Vec<u8>,
}

pub(crate) struct Model {
    chance: Chance,
    input: Vec<u8>,
    requests: VecDeque<Message>,
    /// Bytes on their way to the driver.
    pub(crate) output: Vec<u8>,
    statements: Statements,
    /// The statements of another session, which a pooler may hand out at the end of a transaction.
    elsewhere: Option<Statements>,
    /// The type of parameters just now.
    parameter: u32,
    /// The one without a name is taken away by its execution.
    portals: HashMap<String, Portal>,
    status: u8,
    /// An error was sent: messages are skipped up to the Sync.
    skipping: bool,
    /// The Sync will fail.
    late: Option<u32>,
    running: Option<Running>,
    /// COPY FROM STDIN waits for data; whether a simple query asked for it.
    copying: Option<Copying>,
    schema: u64,
    pub(crate) types: Database,
    /// It refuses no question for types.
    pub(crate) is_honest: bool,
    /// Questions for types that were refused for once; whether one was for ever.
    pub(crate) refused: u32,
    pub(crate) is_denied: bool,
    /// Calls whose execution was asked for, in order.
    pub(crate) asked: Vec<u32>,
    /// The data of each COPY that ended well.
    pub(crate) copied: HashMap<u32, Vec<u8>>,
    /// How many arguments of a call were taken in, and those that the next Sync decides on.
    pub(crate) added: HashMap<u32, usize>,
    unsynced: Vec<u32>,
    /// How often a call ran to its end.
    pub(crate) ran: HashMap<u32, u32>,
    pub(crate) gone: bool,
}

fn number(sql: &str, place: usize) -> u32 {
    sql.split(' ').nth(place).and_then(|word| word.trim_start_matches('#').parse().ok()).unwrap_or(0)
}

fn verb(sql: &str) -> &str {
    sql.split(' ').next().unwrap()
}

fn takes_argument(sql: &str) -> bool {
    matches!(verb(sql), "select" | "insert" | "refuse" | "add")
}

impl Model {
    pub(crate) fn new(chance: Chance, types: Database) -> Self {
        Self {
            chance,
            input: Vec::new(),
            requests: VecDeque::new(),
            output: Vec::new(),
            statements: HashMap::new(),
            elsewhere: None,
            parameter: 23,
            portals: HashMap::new(),
            status: b'I',
            skipping: false,
            late: None,
            running: None,
            copying: None,
            schema: 0,
            types,
            is_honest: false,
            refused: 0,
            is_denied: false,
            asked: Vec::new(),
            added: HashMap::new(),
            unsynced: Vec::new(),
            copied: HashMap::new(),
            ran: HashMap::new(),
            gone: false,
        }
    }

    /// Bytes of the driver arrive.
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        self.requests.extend(requests::take(&mut self.input));
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.requests.is_empty() && self.running.is_none() && self.output.is_empty()
    }

    pub(crate) fn is_in_transaction(&self) -> bool {
        self.status != b'I'
    }

    pub(crate) fn deallocate(&mut self) {
        // The statement of a question may be among them: that counts as a question that was refused.
        self.refused += 1;
        self.statements.clear();
    }

    pub(crate) fn alter(&mut self) {
        self.schema += 1;
    }

    /// Parameters are of another type from now on: int4 or int8.
    pub(crate) fn retype(&mut self) {
        self.parameter = if self.parameter == 23 { 20 } else { 23 };
    }

    /// A pooler in transaction mode is between.
    pub(crate) fn pool(&mut self) {
        self.elsewhere = Some(Statements::new());
    }

    /// A cancel request arrives: it hits what runs, or nothing.
    pub(crate) fn cancel(&mut self) {
        let copying = self.copying.take().map(|copying| copying.simple);
        if self.running.as_ref().is_some_and(|running| verb(&running.sql) == "types") {
            self.refused += 1;
        }
        if let Some(simple) = copying.or(self.running.take().map(|running| running.simple)) {
            self.fail("57014", simple);
        }
    }

    /// The session ends, with last words or without.
    pub(crate) fn die(&mut self, words: bool) {
        if words {
            self.say(fatal("57P01"));
        }
        self.gone = true;
    }

    fn say(&mut self, message: Vec<u8>) {
        // Between any two messages the server may say something of its own.
        match self.chance.below(40) {
            0 => self.output.extend(notice("00000")),
            1 => self.output.extend(parameter("TimeZone", "UTC")),
            2 => self.output.extend(notification(1, "news", "fine")),
            _ => {}
        }
        self.output.extend(message);
    }

    fn ready(&mut self) {
        self.skipping = false;
        if self.status == b'I'
            && let Some(elsewhere) = &mut self.elsewhere
            && self.chance.one_in(2)
        {
            std::mem::swap(&mut self.statements, elsewhere);
        }
        if self.status == b'I' {
            self.portals.clear();
        }
        let status = self.status;
        self.say(ready(status));
    }

    fn fail(&mut self, sqlstate: &str, simple: bool) {
        self.fail_with(error(sqlstate), simple);
    }

    fn fail_with(&mut self, error: Vec<u8>, simple: bool) {
        self.unsynced.clear();
        if self.status == b'T' {
            self.status = b'E';
        }
        self.say(error);
        if simple {
            self.ready();
        } else {
            self.skipping = true;
        }
    }

    /// Does one thing, if there is one to do.
    pub(crate) fn step(&mut self, now: Instant) {
        if self.gone {
            return;
        }
        if let Some(running) = self.running.take_if(|running| running.until <= now) {
            self.finish(&running);
            return;
        }
        if self.running.is_some() {
            return;
        }
        if self.copying.is_some() && self.chance.one_in(12) {
            // By a timeout, say: nothing has to be asked for that.
            if let Some(copying) = self.copying.take() {
                self.fail("57014", copying.simple);
            }
            return;
        }
        let Some(message) = self.requests.pop_front() else { return };
        if self.copying.is_some() {
            self.copy_in(&message);
            return;
        }
        if self.skipping && message.tag != frontend_tag::SYNC {
            return;
        }
        match message.tag {
            frontend_tag::PARSE => self.parse(&message),
            frontend_tag::DESCRIBE => self.describe(&message),
            frontend_tag::BIND => self.bind(&message),
            frontend_tag::EXECUTE => self.execute(&message, now),
            frontend_tag::SYNC => self.sync(),
            frontend_tag::FLUSH => {}
            // It belongs to a COPY that has failed meanwhile.
            frontend_tag::COPY_FAIL => {}
            frontend_tag::CLOSE => {
                match message.body[0] {
                    frontend_tag::PORTAL => drop(self.portals.remove(message.string(1).0)),
                    _ => drop(self.statements.remove(message.string(1).0)),
                }
                self.say(close_complete());
            }
            frontend_tag::QUERY => {
                let sql = message.string(0).0.to_owned();
                let portal = Portal { id: number(&sql, 1), sql, given: 0, is_binary: false };
                self.run(portal, now, true, None);
            }
            frontend_tag::TERMINATE => self.gone = true,
            tag => panic!("the server was sent {:?} out of place", char::from(tag)),
        }
    }
}
