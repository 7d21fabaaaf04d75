//! What a call is run by that is known of its text already.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use super::{
    Engine,
    flight::{Call, Flight},
    plan::Origin,
};
use crate::{description::TransactionStatus, record, statement::Statement};

impl Engine {
    /// What was described for this very call, as long as the server has it: another statement may have taken its place in
    /// the cache while the call waited, or all of them may have been dropped or lost.
    pub(super) fn still_described(&self, call: &mut Call) -> Option<Arc<Statement>> {
        let statement = call.described.take()?;
        self.statements.has(&call.request.query, &statement.name).then_some(statement)
    }

    /// What the call is executed by; `None` when that is to be described first.
    pub(super) fn statement_of(&mut self, call: &mut Call, now: Instant) -> Option<(Arc<Statement>, Origin)> {
        if let Some(statement) = self.still_described(call) {
            return Some((statement, Origin::Described));
        }
        if call.doubt.is_some() {
            return None;
        }
        let query = &call.request.query;
        let (status, flight) = (self.status, &self.flight);
        // With thousands of calls in flight this takes longer than all the rest: it is not asked for each of them.
        let asks_others = || may_ask_others(call, status, flight);
        let found = self.statements.find(query, now, asks_others)?;
        if found.is_taken_over {
            let parameters = &found.statement.description.parameters;
            record::parameters(self.session, query, parameters, &mut self.records);
        }
        let origin = if found.is_prepared { Origin::Prepared } else { Origin::Remembered };
        Some((found.statement, origin))
    }
}

/// Whether what another session was told of the call's text may be relied on. Where it does not fit this session, whose
/// `search_path` may be another, the call is described and run again, which cannot be done within a transaction.
fn may_ask_others(call: &Call, status: TransactionStatus, flight: &VecDeque<Flight>) -> bool {
    let is_outside = status == TransactionStatus::Idle && call.request.within == 0;
    let keeps_outside = |flight: &Flight| !flight.call.is_opening() && flight.call.is_repeatable();
    is_outside && !call.is_opening() && flight.iter().all(keeps_outside)
}
