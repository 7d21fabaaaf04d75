//! The way of a session's records to their reader.

use std::{sync::Arc, time::Instant};

use super::handle::Handle;
use crate::{
    completions::{Completions, Receipt},
    runtime,
};

/// Appends records and sees to it that they are read.
pub fn hand_on(completions: &Arc<dyn Completions>, records: Vec<u8>) {
    hand_on_with(completions, records, None);
}

/// Appends records with the receipt of those that nobody asked for, if there are any.
pub(super) fn hand_on_with(completions: &Arc<dyn Completions>, records: Vec<u8>, receipt: Option<Receipt>) {
    if completions.push(records, receipt) {
        completions.ring();
    } else {
        runtime::ring_when_idle(completions);
    }
}

/// Reads for a session that the lookout of this thread watches, which tells whether its socket `has_ended`. Whoever calls
/// this reads the records then.
pub fn read_answer(session: &Handle, has_ended: bool, now: Instant, completions: &Arc<dyn Completions>) {
    session.read_answer(has_ended, now, |records| {
        completions.push(records.bytes, Receipt::new(session, records.unasked));
    });
}
