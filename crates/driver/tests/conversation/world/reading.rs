//! What JavaScript reads of a conversation.

use super::World;
use crate::support::{model::types::said, reader::Told};

impl World {
    /// JavaScript reads what there is.
    pub(crate) fn read_records(&mut self) {
        self.read += std::mem::take(&mut self.unread);
        let records = std::mem::take(&mut *self.queue.lock().unwrap());
        for told in self.reader.read(&records) {
            self.copies.hear(&told);
            if let Told::Rows { request, rows, .. } = &told {
                let says = self.openers.get(request).unwrap_or(request);
                for row in rows {
                    let said = said(&row[0]);
                    assert_eq!(said.id, *says, "an answer went to the wrong call");
                    if said.is_text {
                        self.texts.insert(*request);
                    }
                }
                *self.rows.entry(*request).or_default() += rows.len();
            }
            match &told {
                Told::Notification { payload, .. } => self.notifications.push(payload.clone()),
                Told::Data { data, .. } => self.data += data.len(),
                _ => {}
            }
            if matches!(told, Told::Ended { .. }) {
                assert!(self.end.replace(told).is_none(), "the session ended twice");
                continue;
            }
            if let Some(id) = told.ends() {
                assert!(self.ends.insert(id, told).is_none(), "{id} ended twice");
            }
        }
    }

    /// What a failed call is told of whether it may have run.
    pub(crate) fn maybe_executed(&self, id: u32) -> bool {
        self.ends[&id].field('x') == "1"
    }
}
