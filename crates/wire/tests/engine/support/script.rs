//! What a recorded exchange asks of the engine, a line of text each.

use bytes::Bytes;
use cornac_wire::{
    engine::{Request, Sink},
    query::Query,
};
use std::{collections::HashMap, sync::Arc};

use super::{
    arguments,
    lab::{Lab, fetch, query, script},
};

/// The queries of a script: the same text is the same query.
#[derive(Default)]
pub(crate) struct Script {
    queries: HashMap<String, Arc<Query>>,
}

impl Script {
    /// Does what a line says; false when it is no such line.
    ///
    /// ```text
    /// fetch 1 select 1             rows of a statement
    /// first 2 select 1             its first row
    /// run 2 select 1               nothing but its tag
    /// with 3 7 seven select $1, $2 the number 7 and the string 'seven' as arguments; a query has its last words
    /// script 4 begin; select 1
    /// abandon 4
    /// close
    /// ```
    pub(crate) fn line(&mut self, lab: &mut Lab, line: &str) -> bool {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (id, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let number = || id.parse().unwrap();
        match verb {
            "fetch" => lab.submit(fetch(number(), &self.query(rest), &[])),
            "first" => lab
                .submit(Request { sink: Sink::Cells { most: 1 }, ..fetch(number(), &self.query(rest), &[]) }),
            "run" => lab.submit(Request { sink: Sink::Dropped, ..fetch(number(), &self.query(rest), &[]) }),
            "script" => lab.submit(script(number(), rest)),
            "with" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let sql = words.iter().position(|word| *word == "select" || *word == "insert").unwrap();
                let values: Vec<Vec<u8>> = words[..sql]
                    .iter()
                    .map(|word| word.parse().map_or_else(|_| arguments::text(word), arguments::int))
                    .collect();
                let request = fetch(number(), &self.query(&words[sql..].join(" ")), &[]);
                let argument_count = u32::try_from(values.len()).unwrap();
                lab.submit(Request { arguments: Bytes::from(values.concat()), argument_count, ..request });
            }
            "abandon" => lab.abandon(number()),
            "close" => lab.engine.close(),
            _ => return false,
        }
        true
    }

    fn query(&mut self, sql: &str) -> Arc<Query> {
        self.queries.entry(sql.to_owned()).or_insert_with(|| query(sql)).clone()
    }
}
