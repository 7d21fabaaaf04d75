//! What the tests of the engine share: messages of a server, a reader of records, and a bench to put them together.

pub(crate) mod answer_words;
pub(crate) mod answers;
pub(crate) mod arguments;
pub(crate) mod catalog;
pub(crate) mod chance;
pub(crate) mod exchanges;
pub(crate) mod lab;
#[allow(dead_code, reason = "recordings are of real servers")]
pub(crate) mod model;
mod parts;
pub(crate) mod reader;
pub(crate) mod requests;
pub(crate) mod schedules;
pub(crate) mod script;
pub(crate) mod told;
