//! When a call was sent and answered, for those whose callers ask.

use std::time::Instant;

use super::{Engine, flight::Flight};
use crate::record::{Record, kind};

impl Engine {
    /// The socket has taken more: what is sent by now is known for the calls that want to know.
    pub(super) fn note_sent(&mut self, now: Instant) {
        let written = self.output.written();
        if self.timed_until.is_none() {
            return;
        }
        for flight in &mut self.flight {
            if !flight.is_sent(written) {
                break;
            }
            if let Some(times) = &mut flight.call.times {
                times.sent.get_or_insert(now);
            }
        }
        self.timed_until = self.timed_until.filter(|place| *place > written);
    }

    /// The call at the front is being answered.
    pub(super) fn note_answer(&mut self, now: Instant) {
        if let Some(times) = self.flight.front_mut().and_then(|flight| flight.call.times.as_mut()) {
            times.answered.get_or_insert(now);
        }
    }

    /// Tells them, in front of the call's last record.
    pub(super) fn tell_times(&mut self, flight: &Flight, now: Instant) {
        let call = &flight.call;
        let (Some(times), Some(start)) = (&call.times, call.request.timed) else { return };
        if call.settled {
            return;
        }
        let since = |moment: Option<Instant>| {
            let passed = moment.unwrap_or(now).saturating_duration_since(start);
            u32::try_from(passed.as_micros()).unwrap_or(u32::MAX)
        };
        let words = [call.request.id, since(times.sent), since(times.answered), since(Some(now))];
        Record::new(&mut self.records, kind::TIMES, &words).finish();
    }
}
