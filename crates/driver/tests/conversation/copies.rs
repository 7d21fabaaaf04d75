//! COPYs both ways, as JavaScript has them: data that waits for its consumer, and data that the server has asked for.

use std::collections::BTreeMap;

use bytes::Bytes;
use cornac_driver::session::Command;

use crate::support::{chance::Chance, reader::Told};

/// A COPY into the server.
#[derive(Default)]
pub(crate) struct Load {
    pub(crate) sent: Vec<u8>,
    is_asked: bool,
    is_over: bool,
}

#[derive(Default)]
pub(crate) struct Copies {
    loads: BTreeMap<u32, Load>,
    /// Bytes of each COPY out of the server that have come, and how many of them were not taken.
    poured: BTreeMap<u32, (usize, usize)>,
}

impl Copies {
    /// A COPY into the server begins.
    pub(crate) fn load(&mut self, id: u32) {
        self.loads.insert(id, Load::default());
    }

    pub(crate) fn sent(&self, id: u32) -> Option<&[u8]> {
        self.loads.get(&id).map(|load| &load.sent[..])
    }

    /// Bytes of a COPY out of the server that have come.
    pub(crate) fn poured(&self, id: u32) -> usize {
        self.poured.get(&id).map_or(0, |(seen, _)| *seen)
    }

    pub(crate) fn hear(&mut self, told: &Told) {
        match told {
            Told::Data { request, data, .. } => {
                let (seen, untaken) = self.poured.entry(*request).or_default();
                *seen += data.len();
                *untaken += data.len();
            }
            Told::Room { request, .. } => {
                if let Some(load) = self.loads.get_mut(request) {
                    load.is_asked = true;
                }
            }
            told => {
                // Nothing is said of a call that has ended: its number may be another one's.
                if let Some(id) = told.ends() {
                    if let Some((_, untaken)) = self.poured.get_mut(&id) {
                        *untaken = 0;
                    }
                    if let Some(load) = self.loads.get_mut(&id) {
                        load.is_over = true;
                    }
                }
            }
        }
    }

    /// What consumers and sources do next: something, or all that is left to do.
    pub(crate) fn go_on(&mut self, chance: &mut Chance, all: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        for (request, (_, untaken)) in &mut self.poured {
            if *untaken > 0 {
                let bytes = if all { *untaken } else { chance.below(*untaken) + 1 };
                *untaken -= bytes;
                commands.push(Command::Taken { request: *request, bytes });
            }
        }
        for (request, load) in &mut self.loads {
            if !load.is_asked || load.is_over {
                continue;
            }
            let request = *request;
            match chance.below(if all { 2 } else { 6 }) {
                0 => {
                    load.is_over = true;
                    commands.push(Command::CopyDone(request));
                }
                1 => {
                    load.is_over = true;
                    commands
                        .push(Command::CopyFailed { request, reason: "the source has failed".to_owned() });
                }
                _ => {
                    let data = vec![chance.byte(); chance.below(3_000)];
                    load.sent.extend(&data);
                    commands.push(Command::CopyData { request, data: Bytes::from(data) });
                }
            }
        }
        commands
    }
}
