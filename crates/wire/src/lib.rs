//! PostgreSQL's protocol without I/O: bytes go in, bytes and completed results come out.
//!
//! [`engine::Engine`] runs one session: requests are queued, written and answered in order. It neither reads a
//! socket nor waits, so that any thread can drive it and tests can feed it one byte at a time.

pub mod body;
pub mod cells;
pub mod codec;
pub mod copy_records;
pub mod deadline;
pub mod description;
pub mod description_memory;
pub mod engine;
pub mod failure;
pub mod field_forms;
pub mod form;
pub mod frame;
pub mod frontend_tag;
pub mod kept_statements;
pub mod key_lists;
pub mod message_limit;
pub mod param;
pub mod query;
pub mod record;
pub mod shape;
pub mod shared_descriptions;
pub mod spare;
pub mod staleness;
pub mod statement;
pub mod statements;
pub mod type_options;
pub mod types;
pub mod value;

#[cfg(test)]
#[path = "../tests/engine/support/chance.rs"]
mod chance;
