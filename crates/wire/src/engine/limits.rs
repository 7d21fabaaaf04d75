//! The time limits of calls.

use std::{collections::HashSet, time::Instant};

use super::{Engine, Request, unsent::closing};
use crate::failure::Failure;

impl Engine {
    pub(super) fn time_out(&mut self, now: Instant) {
        while let Some(order) = self.deadlines.take_due(now) {
            if let Some(call) = self.queue.by_order_mut(order).filter(|call| call.request.is_sent_anyway) {
                call.settled = true;
                let request = call.request.clone();
                self.tell_timeout(&request, true);
                continue;
            }
            if let Some(mut call) = self.queue.take_by_order(order) {
                self.tell_timeout(&call.request, call.has_run());
                call.settled = true;
                self.reject(&call, closing());
                continue;
            }
            let Some(place) = self.flight.iter().position(|flight| flight.call.order == order) else {
                continue;
            };
            let written = self.output.written();
            let Some(flight) = self.flight.get(place).filter(|flight| !flight.call.settled) else { continue };
            let stays = !flight.is_open() || !flight.began_idle;
            let runs = flight.plan.runs() && !flight.plan.keeps_nothing();
            let went_out = (runs && stays && !flight.is_unsent(written))
                || flight.call.has_run()
                || flight.call.request.is_sent_anyway;
            let request = flight.call.request.clone();
            self.tell_timeout(&request, went_out);
            self.abandon_in_flight(place, now);
        }
    }

    fn tell_timeout(&mut self, request: &Request, maybe_executed: bool) {
        let limit_ms = request.deadline.map_or(0, |deadline| deadline.limit_ms);
        let failure = Failure::Timeout { limit_ms, maybe_executed };
        failure.record(request.id, false, self.status.as_byte(), &mut self.records);
    }

    /// Deadlines of calls that have ended do not pile up.
    pub(super) fn forget_deadlines(&mut self) {
        if self.deadlines.is_stale(self.pending()) {
            let in_flight: HashSet<u64> = self.flight.iter().map(|flight| flight.call.order).collect();
            let queue = &self.queue;
            self.deadlines.retain(|order| queue.contains(order) || in_flight.contains(&order));
        }
    }
}
