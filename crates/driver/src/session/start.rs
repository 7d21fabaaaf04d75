//! From a connection that is established to a session that runs.

use std::{
    io,
    sync::{Arc, Mutex},
};

use cornac_wire::{description::TransactionStatus, engine::Options, shape::Shapes};

use super::{carrier::Task, conversation::Conversation, handle::Handle, sockets::Watched};
use crate::{
    completions::Completions, connect::Established, databases, description_groups::DescriptionGroups,
    poolers, runtime,
};

/// What a session's task is started with.
pub struct Start {
    pub session: u32,
    pub established: Established,
    pub options: Options,
    pub shapes: Arc<Shapes>,
    pub completions: Arc<dyn Completions>,
    /// The groups of the environment, and the number of the session's; 0 for none.
    pub groups: Arc<DescriptionGroups>,
    pub group: u32,
    pub inbox: Handle,
    /// The record that tells of the session, ahead of any other of its own.
    pub announcement: Vec<u8>,
}

/// Starts the task of a session on the I/O threads.
pub fn start(start: Start) -> io::Result<()> {
    let runtime = runtime::io()?;
    let _context = runtime.enter();
    let Start { session, established, mut options, shapes, completions, groups, group, inbox, announcement } =
        start;
    let Established { socket, tls, leftover, parameters, transaction_status, cancel, target, .. } =
        established;
    let version = parameters.iter().find(|(name, _)| name == "server_version");
    let version = version.map_or("", |(_, version)| version.as_str());
    options.major_version = databases::major_version(version);
    let types = databases::types_of(&target, version);
    let descriptions = groups.of(group, &target, version);
    inbox.show_types(types.clone());
    if options.learns_poolers && poolers::is_known(&target) {
        options.cache.size = 0;
    }
    let status = TransactionStatus::from_byte(transaction_status).unwrap_or(TransactionStatus::Idle);
    let socket = Watched::new(socket)?;
    let mut conversation = Conversation::new(session, options, shapes, status, socket, tls, leftover);
    conversation.share_types(types);
    if let Some(descriptions) = descriptions {
        conversation.share_descriptions(descriptions);
    }
    let conversation = Arc::new(Mutex::new(conversation));
    inbox.share(session, &conversation);
    let pooler = options.learns_poolers.then_some(target);
    let task = Task::new(session, conversation, inbox, completions.clone(), cancel, pooler);
    // The reader is woken at once: somebody waits for this record, and there is but one.
    completions.push(announcement, None);
    completions.ring();
    runtime.spawn(task.run());
    Ok(())
}
