//! A query's text, shared by every connection that runs it.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a statement's first word tells about how it may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// COPY has the wire alone: a server that meets other messages behind COPY FROM STDIN ends the session.
    Copy,
    /// CALL and DO may commit inside: they are never run a second time.
    Procedural,
    Other,
}

/// The text of a query and what is known of it before the server has seen it.
#[derive(Debug)]
pub struct Query {
    /// Unique in the process, so that a statement cache finds its entry without comparing texts.
    pub key: u64,
    /// The number under which the environment that submitted it knows it.
    pub id: u32,
    pub sql: String,
    pub kind: Kind,
    /// Characters, as the limit on cacheable statements counts them.
    pub characters: usize,
}

impl Query {
    pub fn new(id: u32, sql: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let kind = match first_word(&sql).to_ascii_lowercase().as_str() {
            "copy" => Kind::Copy,
            "call" | "do" => Kind::Procedural,
            _ => Kind::Other,
        };
        let characters = sql.chars().count();
        Self { key: NEXT.fetch_add(1, Ordering::Relaxed), id, sql, kind, characters }
    }
}

/// The first word behind blanks, comments and empty statements.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ';' || c == '\u{b}');
        if let Some(comment) = rest.strip_prefix("--") {
            // A comment ends with its line; PostgreSQL takes a carriage return as an end too.
            rest = comment.find(['\n', '\r']).map_or("", |end| comment.get(end..).unwrap_or_default());
        } else if rest.starts_with("/*") {
            rest = behind_block_comment(rest);
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            return rest.get(..end).unwrap_or_default();
        }
    }
}

/// What follows a block comment; they nest in SQL.
fn behind_block_comment(sql: &str) -> &str {
    let bytes = sql.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at + 1 < bytes.len() {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return sql.get(at..).unwrap_or_default();
                }
            }
            _ => at += 1,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_found_behind_blanks_comments_and_empty_statements() {
        for (sql, word) in [
            ("copy t from stdin", "copy"),
            ("  \n\tCOPY t", "COPY"),
            ("-- a note\ncopy t", "copy"),
            ("--a\rcopy", "copy"),
            ("/* a /* nested */ note */ ; do $$ $$", "do"),
            ("select copy", "select"),
            ("copyright", "copyright"),
            ("/* no end", ""),
            ("-- no end", ""),
            ("", ""),
            ("(select 1)", ""),
        ] {
            assert_eq!(first_word(sql), word, "{sql}");
        }
    }

    #[test]
    fn copy_call_and_do_are_told_apart() {
        assert_eq!(Query::new(0, "Copy t to stdout".into()).kind, Kind::Copy);
        assert_eq!(Query::new(0, "call p()".into()).kind, Kind::Procedural);
        assert_eq!(Query::new(0, "DO $$$$".into()).kind, Kind::Procedural);
        assert_eq!(Query::new(0, "select 1".into()).kind, Kind::Other);
    }
}
