//! What is asked of the engine.

use cornac_wire::engine::{Ask, Request, Sink};
use std::sync::Arc;

use cornac_wire::query::Query;

use super::{
    Asked, Schedule,
    supplies::{Adding, Load, Pour},
};
use crate::support::{
    arguments,
    lab::{fetch, query, script},
    model::types::has_types,
};

/// A portal that was asked for, whatever has become of it.
pub(super) struct Portal {
    pub(super) number: u32,
    query: Arc<Query>,
    pub(super) opener: u32,
    pub(super) rows: usize,
    /// The calls that read it, in their order.
    pub(super) parts: Vec<u32>,
}

impl Schedule {
    pub(super) fn submit(&mut self) {
        let id = self.next;
        self.next += 1;
        // Portals are open in transactions only.
        match self.chance.below(6) {
            0 | 1 => {
                let request = self.part(id);
                return self.send(request);
            }
            2 if self.chance.one_in(2) => {
                return self.begin(id);
            }
            _ => {}
        }
        if self.chance.one_in(20) {
            return self.reserve(id);
        }
        let rows = *self.chance.pick(&[0, 1, 1, 2]);
        let ms = *self.chance.pick(&[0, 0, 0, 5, 150, 400]);
        let kind = self.chance.below(24);
        let (verb, sql) = match kind {
            0 => ("begin", format!("begin #{id}")),
            1 => ("commit", format!("commit #{id}")),
            2 => ("fail", format!("fail #{id} {rows}")),
            3 => ("late", format!("late #{id}")),
            4 => ("wrong", format!("wrong #{id}")),
            5 => ("call", format!("call #{id} {ms}")),
            6 => ("copy", format!("copy #{id} out {ms}")),
            7 => ("copy in", format!("copy #{id} in")),
            14 | 15 => ("load", format!("copy #{id} in")),
            18 => ("pour", format!("copy #{id} pour {}", if self.chance.one_in(20) { 40 } else { rows })),
            8 if self.chance.one_in(80) => ("select", format!("select 13000 {ms}")),
            9 => ("refuse", format!("refuse #{id}")),
            16..18 => ("add", format!("add {}", ms / 10)),
            10..14 => ("insert", format!("insert {rows} {ms}{}", self.what())),
            _ => ("select", format!("select {rows} {ms}{}", self.what())),
        };
        let rows = if sql.starts_with("select 13000") { 13_000 } else { rows };
        let takes_argument = matches!(verb, "select" | "insert" | "refuse");
        let request = if verb == "load" {
            self.loads.insert(id, Load::default());
            let ask = Ask::CopyIn;
            Request { ask, sink: Sink::Dropped, ..fetch(id, &self.query(sql), &[]) }
        } else if verb == "pour" {
            let lines = sql.rsplit(' ').next().unwrap().parse().unwrap();
            self.pours.insert(id, Pour::new(id, lines));
            Request { sink: Sink::Data, ..fetch(id, &self.query(sql), &[]) }
        } else if verb == "add" {
            self.addings.insert(id, Adding::default());
            Request { ask: Ask::Many, sink: Sink::Dropped, tag: false, ..fetch(id, &self.query(sql), &[]) }
        } else if !takes_argument && self.chance.one_in(3) {
            script(id, &sql)
        } else {
            let query = self.query(sql);
            let arguments = match takes_argument {
                // More than is composed at once.
                true if self.chance.one_in(200) => {
                    vec![arguments::text(&format!("{id} {}", "x".repeat(300_000)))]
                }
                true => vec![arguments::int(id.cast_signed())],
                false => Vec::new(),
            };
            let comment = self.chance.one_in(5).then(|| " /*of a trace*/".into());
            Request { comment, ..fetch(id, &query, &arguments) }
        };
        let sql = request.query.sql.clone();
        self.note(id, verb, rows, &sql);
        self.send(request);
    }

    /// What the rows of a statement consist of.
    fn what(&mut self) -> &'static str {
        const WHAT: [&str; 6] = ["", "", "", " pair", " pairs", " fields"];
        WHAT[self.chance.below(WHAT.len())]
    }

    /// A call is about to be made.
    pub(super) fn note(&mut self, id: u32, verb: &'static str, rows: usize, sql: &str) {
        self.note_part(id, verb, rows, sql, id);
    }

    /// A call is about to be made whose rows say another number.
    fn note_part(&mut self, id: u32, verb: &'static str, rows: usize, sql: &str, says: u32) {
        // A portal is read as it was opened.
        let opener = self.asked.get(&says).map(|opener| (opener.refused, opener.changes));
        let (refused, changes) = opener.unwrap_or((self.model.refused, self.database.changes()));
        let asked = Asked { verb, rows, seen: 0, says, has_types: has_types(sql), refused, changes };
        self.asked.insert(id, asked);
    }

    /// Begins a transaction; often it goes out with a portal in it.
    fn begin(&mut self, id: u32) {
        let sql = format!("begin #{id}");
        self.note(id, "begin", 0, &sql);
        if self.chance.one_in(2) {
            return self.send(script(id, &sql));
        }
        let query = self.query(sql);
        // It is never given up.
        self.lab.submit(Request { ask: Ask::Opening { number: id }, ..fetch(id, &query, &[]) });
        self.openings.insert(id);
        let inside = self.next;
        self.next += 1;
        let request = self.part(inside);
        self.send(Request { within: id, ..request });
    }

    /// Opens a portal, or reads or closes one that was opened before and may be gone.
    fn part(&mut self, id: u32) -> Request {
        let limit = *self.chance.pick(&[0, 1, 1, 2, 5]);
        let known = self.portals.len();
        if known == 0 || self.chance.one_in(3) {
            let rows = *self.chance.pick(&[0, 1, 2, 3]);
            let verb = *self.chance.pick(&["select", "insert"]);
            let ms = *self.chance.pick(&[0, 0, 5, 150]);
            let what = *self.chance.pick(&["", " pair", " pairs"]);
            let query = self.query(format!("{verb} {rows} {ms}{what}"));
            let portal = u32::try_from(known).unwrap() + 1;
            let parts = if limit > 0 { vec![id] } else { Vec::new() };
            self.portals.push(Portal { number: portal, query: query.clone(), opener: id, rows, parts });
            self.note(id, "open", rows.min(limit), &query.sql);
            let ask = Ask::Open { portal, rows: u32::try_from(limit).unwrap() };
            return Request { ask, ..fetch(id, &query, &[arguments::int(id.cast_signed())]) };
        }
        // The newest are those that may be open.
        let place = known - 1 - self.chance.below(known.min(3));
        let portal = &mut self.portals[place];
        let number = portal.number;
        let (ask, verb, rows) = if self.chance.one_in(5) {
            (Ask::ClosePortal { portal: number }, "close", 0)
        } else {
            portal.parts.push(id);
            let rows = limit.max(1);
            (Ask::Fetch { portal: number, rows: u32::try_from(rows).unwrap() }, "read", rows)
        };
        let (opener, query) = (portal.opener, portal.query.clone());
        self.note_part(id, verb, rows, &query.sql, opener);
        Request { ask, ..fetch(id, &query, &[]) }
    }

    /// Takes a place for calls that are made later.
    fn reserve(&mut self, id: u32) {
        self.note(id, "reserve", 0, "");
        self.lab.submit(Request { ask: Ask::Reserve, ..fetch(id, &query(""), &[]) });
    }

    /// The reservations that were not given up.
    fn reserved(&self) -> Vec<u32> {
        let is_held = |id: &u32| !self.ended.contains_key(id) && !self.given_up.contains(id);
        let reserved = self.asked.iter().filter(|(_, asked)| asked.verb == "reserve");
        reserved.map(|(id, _)| *id).filter(is_held).collect()
    }

    /// Gives a place up that was taken, or all of them.
    pub(super) fn release(&mut self, all: bool) {
        for id in self.reserved() {
            if all || self.chance.one_in(2) {
                self.given_up.insert(id);
                self.lab.abandon(id);
            }
        }
    }

    /// The place of a call among all calls.
    pub(super) fn place_of(&self, id: u32) -> (u32, u32) {
        (self.guests.get(&id).copied().unwrap_or(id), id)
    }

    fn send(&mut self, mut request: Request) {
        if let Some(reservation) = self.reserved().last().filter(|_| self.chance.one_in(3)) {
            request.at = Some(*reservation);
            // What was closed rejects it, wherever its place would have been.
            self.guests.insert(request.id, *reservation);
        }
        request.has_signal = self.chance.one_in(3);
        request.timed = self.chance.one_in(3).then_some(self.lab.now);
        if self.chance.one_in(8) {
            request =
                Request { deadline: self.lab.deadline(*self.chance.pick(&[1, 20, 120, 300])), ..request };
        }
        self.lab.submit(request);
    }
}
