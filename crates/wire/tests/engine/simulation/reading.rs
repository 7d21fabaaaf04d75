//! What comes of the engine.

use cornac_wire::record::Class;

use super::Schedule;
use crate::support::{model::types::said, reader::Told};

impl Schedule {
    /// What the engine tells is compared with what was asked of it.
    pub(super) fn read(&mut self) {
        for told in self.lab.records() {
            if matches!(&told, Told::Notification { channel, .. } if channel == "flood") {
                self.floods -= 1;
            }
            if let Told::Rows { request, rows, .. } = &told {
                let asked = self.asked.get_mut(request).unwrap();
                asked.seen += rows.len();
                let may_be_text = asked.has_types
                    && (self.model.is_denied
                        || self.model.refused > asked.refused
                        || self.database.changes() > asked.changes);
                for row in rows {
                    let said = said(&row[0]);
                    assert_eq!(said.id, asked.says, "an answer went to the wrong call");
                    assert!(!said.is_text || may_be_text, "{} is not read as what it is of", row[0]);
                }
            }
            if let Told::Failed { request, last: false, .. } = &told {
                self.given_up.insert(*request);
            }
            if let Told::Data { request, data, .. } = &told {
                self.pours.get_mut(request).unwrap().hear(data);
            }
            if let Told::Room { request, bytes } = &told {
                let load = self.loads.get_mut(request).unwrap();
                load.is_asked = true;
                load.waiting -= usize::try_from(*bytes).unwrap();
            }
            if let Told::Ended { class, .. } = &told {
                assert_ne!(*class, Class::Protocol as u32, "the server was misunderstood: {told:?}");
            }
            if let Some(id) = told.ends() {
                self.check(id, &told);
                assert!(self.ended.insert(id, told).is_none(), "call {id} ended twice");
            }
        }
    }
}
