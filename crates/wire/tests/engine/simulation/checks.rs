//! Whether the ends of calls agree with what the server knows of them.

use cornac_wire::{engine::SetsEnd, record::Class};

use super::{Asked, Schedule, calls::Portal, supplies::Pour};
use crate::support::reader::Told;

/// What a call fails with whose source has failed.
const SETS_FAILED: &str = "the argument sets could not be had to their end";

impl Schedule {
    /// Whether a call's end agrees with what the server knows of it.
    pub(super) fn check(&self, id: u32, told: &Told) {
        let asked = &self.asked[&id];
        let ran = self.model.ran.get(&id).copied().unwrap_or(0);
        // A read that has met a type that is not what it was is run again.
        let may_run_again = asked.has_types && self.database.changes() > 0;
        assert!(ran <= 1 + u32::from(may_run_again), "call {id} ran {ran} times");
        let added = self.model.added.get(&id).copied().unwrap_or(0);
        if let (Some(adding), Told::Failed { status, .. }) = (self.addings.get(&id), told) {
            // Outside of a transaction nothing stays, unless the answer was lost.
            let is_lost = told.field('x') == "1" || told.field('C') == "57P01";
            assert!(added == 0 || *status != b'I' || is_lost, "of call {id} something stays");
            let message = told.field('M');
            if adding.is_refused && message.starts_with("invalid input for query argument $1 in element #")
                || adding.end == Some(SetsEnd::Failed) && message == SETS_FAILED
            {
                return;
            }
        }
        match told {
            Told::Rows { .. } if self.addings.contains_key(&id) => {
                let adding = &self.addings[&id];
                assert_eq!(adding.end, Some(SetsEnd::Complete));
                assert_eq!(added, adding.sets, "of call {id} not everything was taken in");
            }
            Told::Rows { tag, .. } if asked.is_part() => {
                assert!(asked.seen <= asked.rows, "call {id} has more rows than it asked for");
                assert!(tag.is_empty() || *tag == format!("RAN {}", asked.says));
            }
            Told::Rows { tag, .. } => {
                assert!(ran > 0, "call {id} ended well but did not run");
                assert_eq!(*tag, format!("RAN {id}"));
                if let Some(load) = self.loads.get(&id) {
                    assert!(load.sent == self.model.copied[&id], "the server has other data");
                }
                assert!(self.pours.get(&id).is_none_or(Pour::is_whole), "of COPY {id} data is missing");
                assert_eq!(asked.seen, if asked.returns_rows() { asked.rows } else { 0 });
            }
            Told::Failed { class, status, .. } if *class == Class::Server as u32 => {
                let code = told.field('C');
                let may_learn = self.learns && !self.closing && !self.lab.engine.is_ended();
                let fitting = match code {
                    "22012" => asked.verb == "fail",
                    "23503" => asked.verb == "late",
                    "42601" => asked.verb == "wrong",
                    "42P01" => asked.verb == "refuse",
                    // It is learnt, and the call runs again, unless a transaction was begun meanwhile, not all sets of the
                    // call were there any more, or its second try was for a type made anew.
                    "26000" => {
                        let is_spent = !may_learn || asked.verb == "add" || may_run_again;
                        self.pooled && (*status != b'I' || is_spent) || self.went_stale
                    }
                    "22P02" | "42883" => self.went_stale,
                    "57014" => {
                        asked.verb == "load"
                            || self.closing
                            || told.field('H').contains("another call's cancel")
                    }
                    "0A000" => self.went_stale || may_run_again,
                    // A transaction has ended with the question for its types, or they were the server's last words.
                    "53200" | "42501" => asked.has_types && (*status == b'E' || self.lab.engine.is_ended()),
                    // Outside of a transaction, or behind the end of the one that it was opened in.
                    "25P01" => asked.verb == "open",
                    "34000" => asked.verb == "read",
                    "25P02" | "57P01" => true,
                    _ => false,
                };
                assert!(fitting, "call {id} ({}) ended with {code}", asked.verb);
                // Its rows have waited for an answer that has ended the transaction.
                let is_question = matches!(code, "53200" | "42501")
                    || code == "57014" && asked.has_types && *status == b'E';
                let may_have_run = code == "57P01" || is_question || may_run_again;
                assert!(ran == 0 || may_have_run, "call {id} ran and ended with {code}");
            }
            Told::Failed { class, .. } if *class == Class::Interface as u32 => {
                // Whatever follows an opening goes out with it.
                let is_inside = self.openings.range(..id).next().is_some()
                    && told.field('M').starts_with("the transaction could not be");
                let is_fitting =
                    is_inside || asked.verb.starts_with("copy") || told.field('M') == "connection is closing";
                assert!(is_fitting, "call {id} ({}) ended with {told:?}", asked.verb);
                // COPY TO STDOUT has run, and its data is of no use to a call for rows, or came no further.
                assert!(ran == 0 || matches!(asked.verb, "copy" | "pour") || asked.has_types);
            }
            Told::Failed { class, .. } if *class == Class::Lost as u32 => {
                assert!(ran == 0 || told.field('x') == "1", "call {id} ran, and is said not to have");
            }
            Told::Failed { class, status, .. } if asked.has_types => {
                self.check_types(id, asked, *class, *status, told);
            }
            Told::Done { .. } => assert!(self.given_up.contains(&id), "call {id} has no answer"),
            other => panic!("call {id} ended with {other:?}"),
        }
    }

    /// Whether a call may end like this that needs types.
    fn check_types(&self, id: u32, asked: &Asked, class: u32, status: u8, told: &Told) {
        let has_changed = self.database.changes() > 0;
        let message = told.field('M');
        let is_refused = self.model.is_denied || self.model.refused > asked.refused;
        // A field that nobody knows, and that nobody could ask for in a transaction that has failed.
        let is_unknown = message.contains("could not be looked up") && (is_refused || status == b'E');
        // One of a type that is gone has no form.
        let is_gone = message.contains("no binary form");
        let may_be = [
            (Class::Outdated, has_changed),
            (Class::Data, is_gone && has_changed),
            (Class::Protocol, is_unknown || has_changed),
        ];
        let is_fitting = may_be.iter().any(|(kind, may_be)| *may_be && *kind as u32 == class);
        assert!(is_fitting, "call {id} ended with {told:?}");
    }

    /// The parts of a portal are its rows, each once, in the order of the calls.
    pub(super) fn check_portal(&self, portal: &Portal) {
        let well = |id: &u32| matches!(self.ended[id], Told::Rows { .. });
        let seen: usize = portal.parts.iter().map(|id| self.asked[id].seen).sum();
        assert!(seen <= portal.rows, "portal {} gave {seen} rows of {}", portal.number, portal.rows);
        // Rows that cannot be read any more have come from a portal all the same.
        let is_there = matches!(&self.ended[&portal.opener], Told::Failed { class, .. }
            if *class == Class::Outdated as u32 || *class == Class::Protocol as u32);
        if !well(&portal.opener) && !is_there {
            let none = portal.parts.iter().all(|id| self.asked[id].seen == 0);
            assert!(none || self.given_up.contains(&portal.opener), "a portal that is not open gave rows");
        }
        // As long as each call has ended well, nothing was left out.
        let mut rows_left = portal.rows;
        let mut parts = portal.parts.clone();
        parts.sort_by_key(|id| self.place_of(*id));
        for id in parts.iter().take_while(|id| well(id)) {
            let Told::Rows { tag, .. } = &self.ended[id] else { continue };
            let limit = self.asked[id].rows.max(1);
            let Asked { seen, verb, .. } = self.asked[id];
            assert_eq!(seen, rows_left.min(if verb == "open" { self.asked[id].rows } else { limit }));
            rows_left -= seen;
            assert!(tag.is_empty() || rows_left == 0, "a portal has ended early");
        }
    }
}
