//! The data of a COPY into the server. What comes down is composed at once; JavaScript is told when the socket has taken
//! it, and until then sends no more than a window's worth.

use std::collections::VecDeque;

use bytes::{BufMut, BytesMut};
use postgres_protocol::message::frontend;

use super::{
    Ask, Engine, Life,
    flight::Flight,
    plan::{Block, Copy, Plan},
};
use crate::{
    copy_records::{Layout, RecordBatch, TRAILER},
    failure::Failure,
    frontend_tag,
    message_limit::LARGEST_MESSAGE,
    param,
    record::{self, Record, kind},
};

/// The longest text of a CopyFail, in bytes: it becomes part of the server's message.
const LONGEST_REASON: usize = 1000;

impl Flight {
    /// Whether data is there for the COPY that the server is to be sent.
    pub(super) fn sends_copy(&self) -> bool {
        self.call.request.ask == Ask::CopyIn && !self.call.settled && self.failure.is_none()
    }
}

impl Engine {
    /// The server waits for data: it is asked for.
    pub(super) fn begin_copy_in(&mut self) {
        let Some(Flight { call, plan: Plan::Copy(copy), .. }) = self.flight.front_mut() else { return };
        copy.begin_in();
        Record::new(&mut self.records, kind::COPY_ROOM, &[call.request.id, 0]).finish();
        if !matches!(self.life, Life::Open) {
            self.fail_copy_in("the connection is being closed");
        }
    }

    /// Data for the COPY of a call, as it is. What comes for one that has ended is dropped.
    pub fn copy_in_data(&mut self, request: u32, data: &[u8]) {
        let size = data.len();
        self.compose_block(request, size, |_, _, out| {
            check_length(size + 4)?;
            out.put_slice(data);
            Ok(())
        });
    }

    /// Records for the COPY of a call.
    pub fn copy_in_records(&mut self, request: u32, batch: &RecordBatch<'_>) {
        let types = self.types.with_codecs(&self.codecs);
        if self.copying_in(request).is_some_and(|copy| copy.records.is_none()) {
            let relied_on = batch.type_oids().filter(|oid| param::is_structured(*oid, &types));
            let relied_on = self.types.map().parts(relied_on);
            if let Some(copy) = self.copying_in(request) {
                copy.relied_on = relied_on;
            }
        }
        self.compose_block(request, batch.arguments.len(), |layout, length, out| {
            if layout.is_none() {
                batch.layout.begin(out);
            }
            *layout = Some(batch.layout);
            batch.encode(&types, length, out)
        });
    }

    /// A COPY has failed. Where that may be since its records were written by what their types are no more, these are looked up
    /// before the next one: the records of this one cannot be had again.
    pub(super) fn doubt_records(&self, flight: &Flight) {
        let Plan::Copy(copy) = &flight.plan else { return };
        let is_of_records = match &flight.failure {
            Some(Failure::Record { .. }) => true,
            // data_exception and its like, of the type's input function
            Some(Failure::Server { diagnostic, .. }) => {
                matches!(diagnostic.sqlstate().get(..2), Some("22" | "42"))
            }
            _ => false,
        };
        if is_of_records && !copy.relied_on.is_empty() {
            self.types.map().forget_these(&copy.relied_on);
        }
    }

    /// All data for the COPY of a call has come.
    pub fn copy_in_done(&mut self, request: u32) {
        if self.copying_in(request).is_some_and(|copy| copy.records == Some(Layout::Binary)) {
            self.copy_in_data(request, TRAILER);
        }
        let out = self.output.composing();
        let Some(Plan::Copy(copy)) = front_plan(&mut self.flight, request) else { return };
        if !copy.takes_data() {
            return;
        }
        copy.end_in();
        copy.is_synced = true;
        frontend::copy_done(out);
        frontend::sync(out);
        self.extend_front();
    }

    /// The data of a call's COPY cannot be had to its end: the server is told why, and keeps nothing of it.
    pub fn copy_in_failed(&mut self, request: u32, reason: &str) {
        if self.copying_in(request).is_some() {
            self.fail_copy_in(reason);
        }
    }

    /// Ends the COPY that waits for data at the front; whether there is one. The server's error follows.
    pub(super) fn fail_copy_in(&mut self, reason: &str) -> bool {
        let Some(Flight { plan: Plan::Copy(copy), .. }) = self.flight.front_mut() else { return false };
        if !copy.takes_data() {
            return false;
        }
        copy.refuse();
        copy.is_synced = true;
        let out = self.output.composing();
        out.put_u8(frontend_tag::COPY_FAIL);
        let reason = short(reason);
        out.put_i32(i32::try_from(reason.len()).unwrap_or(0) + 5);
        out.put_slice(reason.as_bytes());
        out.put_u8(0);
        frontend::sync(out);
        self.extend_front();
        true
    }

    /// One CopyData message, or the end of the COPY where its content is refused. `write` is told where the message's length
    /// stands.
    fn compose_block(
        &mut self,
        request: u32,
        size: usize,
        write: impl FnOnce(&mut Option<Layout>, usize, &mut BytesMut) -> Result<(), Failure>,
    ) {
        let out = self.output.composing();
        let Some(Plan::Copy(copy)) = front_plan(&mut self.flight, request) else { return };
        if !copy.takes_data() {
            return;
        }
        let start = out.len();
        out.put_u8(frontend_tag::COPY_DATA);
        let place = out.len();
        out.put_i32(0);
        match write(&mut copy.records, place, out) {
            Ok(()) => {
                let length = out.len() - place;
                if let Some(place) = out.get_mut(place..place + 4) {
                    place.copy_from_slice(&i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
                }
                let end = self.output.end();
                copy.blocks.push_back(Block { end, size });
                self.extend_front();
            }
            Err(failure) => {
                out.truncate(start);
                if let Some(front) = self.flight.front_mut() {
                    front.failure = Some(failure);
                }
                self.fail_copy_in("a record was refused");
            }
        }
    }

    fn copying_in(&mut self, request: u32) -> Option<&mut Copy> {
        match front_plan(&mut self.flight, request) {
            Some(Plan::Copy(copy)) if copy.takes_data() => Some(copy),
            _ => None,
        }
    }

    fn extend_front(&mut self) {
        let end = self.output.end();
        if let Some(front) = self.flight.front_mut() {
            front.span.end = end;
        }
    }

    /// Tells how much of the data that came down the socket has taken.
    pub(super) fn tell_room(&mut self) {
        let written = self.output.written();
        let Some(Flight { call, plan: Plan::Copy(copy), .. }) = self.flight.front_mut() else { return };
        let mut gone = 0;
        while copy.blocks.front().is_some_and(|block| block.end <= written) {
            gone += copy.blocks.pop_front().map_or(0, |block| block.size);
        }
        if gone > 0 && copy.takes_data() {
            let words = [call.request.id, record::size(gone)];
            Record::new(&mut self.records, kind::COPY_ROOM, &words).finish();
        }
    }
}

fn front_plan(flight: &mut VecDeque<Flight>, request: u32) -> Option<&mut Plan> {
    flight.front_mut().filter(|front| front.call.request.id == request).map(|front| &mut front.plan)
}

/// Refuses a message that PostgreSQL would end the session over.
fn check_length(length: usize) -> Result<(), Failure> {
    if length <= LARGEST_MESSAGE {
        return Ok(());
    }
    let message =
        format!("data of {length} bytes is too long for one message: PostgreSQL takes {LARGEST_MESSAGE}");
    Err(Failure::Interface { message, hint: Some("copy it in smaller parts".to_owned()) })
}

/// Without NUL, which ends a text of the protocol, and not longer than a message should be.
fn short(reason: &str) -> String {
    let mut end = reason.len().min(LONGEST_REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.get(..end).unwrap_or_default().replace('\0', " ")
}
