//! A model of a server: it obeys the protocol, runs a toy language, and keeps a log of what it ran.
//!
//! | statement | what it does |
//! |---|---|
//! | `select ROWS MS`, `insert ROWS MS` | return their only argument so many times, after so long |
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

pub(crate) mod running;

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use cornac_wire::frontend_tag;

use super::{answers::*, chance::Chance, requests, requests::Message};

#[derive(Clone)]
struct Prepared {
    sql: String,
    /// The schema it was planned under.
    schema: u64,
    /// The type of its parameter.
    parameter: u32,
}

type Statements = HashMap<String, Prepared>;

/// A statement that was given its arguments.
struct Portal {
    sql: String,
    id: u32,
    /// Rows that it has given.
    given: u32,
}

/// What the server is busy with, and until when.
struct Running {
    id: u32,
    sql: String,
    until: Instant,
    simple: bool,
    /// Of a portal with a name: that name, and the most rows that are wanted, 0 for all.
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
    /// Of another session, which a pooler may hand out at the end of a transaction.
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

fn result_of(sql: &str, columns: fn(&[(&str, u32)]) -> Vec<u8>) -> Vec<u8> {
    match verb(sql) {
        "select" | "insert" | "fail" => columns(&[("n", 23)]),
        _ => no_data(),
    }
}

impl Model {
    pub(crate) fn new(chance: Chance) -> Self {
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

    pub(crate) fn deallocate(&mut self) {
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
            // Of a COPY that has failed meanwhile.
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
                self.run(sql.clone(), number(&sql, 1), now, true, None);
            }
            frontend_tag::TERMINATE => self.gone = true,
            tag => panic!("the server was sent {:?} out of place", char::from(tag)),
        }
    }

    /// Whether a transaction that has failed refuses this.
    fn refuses(&mut self, sql: &str) -> bool {
        let refuses = self.status == b'E' && verb(sql) != "commit";
        if refuses {
            self.fail("25P02", false);
        }
        refuses
    }

    fn parse(&mut self, message: &Message) {
        let (name, at) = message.string(0);
        let (sql, at) = message.string(at);
        let sql = sql.to_owned();
        if self.refuses(&sql) {
            return;
        }
        if verb(&sql) == "wrong" {
            return self.fail("42601", false);
        }
        let given = message.words(at);
        if given.iter().any(|given| *given != self.parameter) {
            return self.fail("42883", false);
        }
        if !name.is_empty() && self.statements.contains_key(name) {
            return self.fail("42P05", false);
        }
        let prepared = Prepared { sql, schema: self.schema, parameter: self.parameter };
        self.statements.insert(name.to_owned(), prepared);
        self.say(parse_complete());
    }

    fn describe(&mut self, message: &Message) {
        let sql = if message.body[0] == frontend_tag::PORTAL {
            self.portals.get(message.string(1).0).map(|portal| portal.sql.clone())
        } else {
            self.statements.get(message.string(1).0).map(|statement| statement.sql.clone())
        };
        let Some(sql) = sql else { return self.fail("26000", false) };
        if message.body[0] == frontend_tag::STATEMENT {
            let types: &[u32] = if takes_argument(&sql) { &[self.parameter] } else { &[] };
            self.say(parameters(types));
        }
        let columns = if message.body[0] == frontend_tag::PORTAL { binary_columns } else { columns };
        self.say(result_of(&sql, columns));
    }

    fn bind(&mut self, message: &Message) {
        let (name, values) = message.bind();
        let Some(statement) = self.statements.get(name).cloned() else { return self.fail("26000", false) };
        if self.refuses(&statement.sql) {
            return;
        }
        if statement.schema != self.schema {
            return self.fail_with(error_in("0A000", "RevalidateCachedQuery"), false);
        }
        if takes_argument(&statement.sql) && statement.parameter != self.parameter {
            return self.fail("22P02", false);
        }
        if verb(&statement.sql) == "refuse" {
            return self.fail("42P01", false);
        }
        let id = match values.first() {
            // A number in text, with filling behind it.
            Some(Some(value)) if value.len() > 8 => number(&String::from_utf8_lossy(value), 0),
            Some(Some(value)) => value.iter().fold(0, |id, byte| id << 8 | u32::from(*byte)),
            _ => number(&statement.sql, 1),
        };
        let portal = message.string(0).0.to_owned();
        if !portal.is_empty() && self.portals.contains_key(&portal) {
            return self.fail("42P03", false);
        }
        self.portals.insert(portal, Portal { sql: statement.sql, id, given: 0 });
        self.say(bind_complete());
    }

    fn execute(&mut self, message: &Message, now: Instant) {
        let (name, at) = message.string(0);
        let limit = u32::from_be_bytes(message.body[at..at + 4].try_into().unwrap());
        if name.is_empty() {
            let Some(Portal { sql, id, .. }) = self.portals.remove("") else {
                return self.fail("34000", false);
            };
            assert_eq!(limit, 0, "a limit of rows switches parallel plans off");
            return self.run(sql, id, now, false, None);
        }
        let Some(Portal { sql, id, .. }) = self.portals.get(name) else { return self.fail("34000", false) };
        let (sql, id) = (sql.clone(), *id);
        if !self.refuses(&sql) {
            self.run(sql, id, now, false, Some((name.to_owned(), limit)));
        }
    }
}
