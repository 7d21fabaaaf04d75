//! Types of the database, which change while sessions look them up.

use super::Schedule;
use crate::support::{
    arguments,
    lab::{fetch, query},
    reader::Told,
};

impl Schedule {
    /// A type changes, for all sessions of the database, or what is known of them is forgotten.
    pub(super) fn change_types(&mut self) {
        match self.chance.below(3) {
            0 => self.database.alter_type(),
            1 => self.database.renew_type(),
            _ => self.lab.engine.forget_types(),
        }
    }

    /// Whatever has happened to types before, once nothing happens to them any more a call is read by what they are.
    pub(super) fn meet_types(&mut self) {
        self.model.is_honest = true;
        let mut last = None;
        // The first one may be the one that meets what has changed.
        for sql in ["select 1 0 pair", "select 1 0 pairs"].repeat(2) {
            if self.model.is_in_transaction() || self.pooled || self.lab.engine.is_ended() {
                return;
            }
            let id = self.next;
            self.next += 1;
            self.note(id, "select", 1, sql);
            let query = query(sql);
            self.lab.submit(fetch(id, &query, &[arguments::int(id.cast_signed())]));
            self.drain();
            last = self.ended.get(&id);
        }
        assert!(matches!(last, Some(Told::Rows { .. })), "types are not looked up any more: {last:?}");
    }
}
