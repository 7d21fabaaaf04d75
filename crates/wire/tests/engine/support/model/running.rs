//! What the model's statements do.

use std::time::{Duration, Instant};

use cornac_wire::frontend_tag;

use super::{Copying, Model, Portal, Running, number, verb};
use crate::support::{answers::*, requests::Message};

/// It sends line after line.
fn pours(sql: &str) -> bool {
    sql.split(' ').nth(2) == Some("pour")
}

/// One line of a COPY that sends many.
pub(crate) fn line(id: u32, place: u32) -> Vec<u8> {
    vec![(id ^ place).to_le_bytes()[0]; 50_000]
}

impl Model {
    pub(super) fn run(&mut self, portal: Portal, now: Instant, simple: bool, part: Option<(String, u32)>) {
        let Portal { sql, id, is_binary, .. } = portal;
        let is_own = matches!(verb(&sql), "ROLLBACK" | "types" | "jit");
        if part.is_none() && !is_own && self.asked.last() != Some(&id) {
            self.asked.push(id);
        }
        if simple && self.status == b'E' && verb(&sql) != "commit" {
            return self.fail("25P02", true);
        }
        let ms = match verb(&sql) {
            "select" | "insert" | "call" => number(&sql, 2),
            "copy" if !pours(&sql) => number(&sql, 3),
            "add" => number(&sql, 1),
            "types" => *self.chance.pick(&[0, 0, 5, 150]),
            _ => 0,
        };
        if verb(&sql) == "copy" && !sql.ends_with("in") {
            self.say(copy_out());
            if !pours(&sql) {
                self.say(copy_data(b"1\n"));
            }
        }
        let until = now + Duration::from_millis(u64::from(ms));
        self.running = Some(Running { id, sql, until, simple, is_binary, part });
    }

    pub(super) fn finish(&mut self, running: &Running) {
        let Running { id, sql, simple, is_binary, .. } = running;
        if let Some((name, limit)) = &running.part {
            return self.read(name, *limit);
        }
        let rows = number(sql, if verb(sql) == "fail" { 2 } else { 1 });
        match verb(sql) {
            "wrong" => return self.fail("42601", *simple),
            "fail" | "select" | "insert" => {
                if *simple {
                    self.say(self.result_of(sql, false));
                }
                for _ in 0..rows {
                    self.say(self.types.row(sql, *id, *is_binary));
                }
                if verb(sql) == "fail" {
                    return self.fail("22012", *simple);
                }
            }
            "types" => return self.tell_types(sql),
            "jit" => {
                self.say(int_row(1));
                return self.say(complete("SELECT 1"));
            }
            "begin" => self.status = b'T',
            "add" => {
                self.unsynced.push(*id);
                return self.say(complete("ADDED"));
            }
            "ROLLBACK" => {
                assert_eq!(self.status, b'I', "a transaction is ended that is not the driver's");
                self.unsynced.clear();
                self.say(notice("25P01"));
                return self.say(complete("ROLLBACK"));
            }
            "commit" => self.status = b'I',
            "copy" if sql.ends_with("in") => {
                self.copying = Some(Copying { id: *id, simple: *simple, data: Vec::new() });
                return self.say(copy_in());
            }
            "copy" if pours(sql) && number(sql, 3) > 0 => {
                let lines_left = number(sql, 3) - 1;
                self.say(copy_data(&line(*id, lines_left)));
                let sql = format!("copy #{id} pour {lines_left}");
                self.running = Some(Running { sql, part: None, ..*running });
                return;
            }
            "copy" if pours(sql) => self.say(copy_done()),
            "copy" => {
                self.say(copy_data(b"2\n"));
                self.say(copy_done());
            }
            _ => {}
        }
        self.say(complete(&format!("RAN {id}")));
        if verb(sql) == "late" && self.status == b'I' {
            self.late = Some(*id);
            if *simple {
                self.late = None;
                return self.fail("23503", true);
            }
            return;
        }
        *self.ran.entry(*id).or_default() += 1;
        if *simple {
            self.ready();
        }
    }

    /// Some rows of a portal. Its end is met by asking for more than there are.
    fn read(&mut self, name: &str, limit: u32) {
        let Some(Portal { sql, id, given, is_binary }) = self.portals.get_mut(name) else { return };
        let rows_left = number(sql, 1) - *given;
        let rows = if limit == 0 { rows_left } else { rows_left.min(limit) };
        *given += rows;
        let (row, id) = (self.types.row(sql, *id, *is_binary), *id);
        for _ in 0..rows {
            self.say(row.clone());
        }
        if rows == limit {
            self.say(portal_suspended());
        } else {
            self.say(complete(&format!("RAN {id}")));
        }
    }

    pub(super) fn sync(&mut self) {
        for id in std::mem::take(&mut self.unsynced) {
            *self.added.entry(id).or_default() += 1;
        }
        if self.late.take().is_some() && !self.skipping {
            self.say(error("23503"));
        }
        self.ready();
    }

    pub(super) fn copy_in(&mut self, message: &Message) {
        match message.tag {
            // Ignored in copy mode.
            frontend_tag::SYNC | frontend_tag::FLUSH => {}
            frontend_tag::COPY_FAIL => {
                if let Some(copying) = self.copying.take() {
                    self.fail("57014", copying.simple);
                }
            }
            frontend_tag::COPY_DATA => {
                if let Some(copying) = &mut self.copying {
                    copying.data.extend_from_slice(&message.body);
                }
            }
            frontend_tag::COPY_DONE => {
                if let Some(Copying { id, simple, data }) = self.copying.take() {
                    self.copied.insert(id, data);
                    *self.ran.entry(id).or_default() += 1;
                    self.say(complete(&format!("RAN {id}")));
                    assert!(!simple, "a simple query has no data");
                }
            }
            tag => panic!("the server was sent {:?} in the midst of COPY", char::from(tag)),
        }
    }
}
