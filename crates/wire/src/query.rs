//! A query's text, shared by every connection that runs it.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a statement's words tell about how it may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// COPY has the wire alone: a server that meets other messages behind COPY FROM STDIN ends the session. As with
    /// `Control`, it is known that it takes no arguments and returns no columns.
    Copy,
    /// SELECT, VALUES and TABLE that lock and store nothing: another place among other reads gives them the same
    /// result.
    Read,
    /// SELECT that locks or stores, INSERT, UPDATE, DELETE, MERGE and WITH: a first run that was rolled back leaves
    /// nothing.
    Write,
    /// Transaction control, SET, LISTEN, MOVE and their like take no arguments and return no columns, which is known
    /// without asking the server.
    Control,
    /// Everything else, such as CALL and DO, which may commit inside. It is never run a second time.
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
    pub kind: StatementKind,
    /// Characters, as the limit on cacheable statements counts them.
    pub characters: usize,
    /// It is one prepared statement's alone, which is kept until it is let go.
    pub own: Option<Own>,
}

/// A statement that is prepared for its own sake.
#[derive(Debug)]
pub struct Own {
    /// The name that the user has chosen, `None` for one of ours.
    pub name: Option<String>,
}

impl Query {
    pub fn new(id: u32, sql: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let kind = kind_of(&sql);
        let characters = sql.chars().count();
        Self { key: NEXT.fetch_add(1, Ordering::Relaxed), id, sql, kind, characters, own: None }
    }

    /// Whether it is known without asking that it takes no arguments and returns no columns.
    pub fn is_bare(&self) -> bool {
        self.own.is_none() && matches!(self.kind, StatementKind::Control | StatementKind::Copy)
    }

    /// Whether it is prepared under a name of the user's.
    pub fn is_named(&self) -> bool {
        self.own.as_ref().is_some_and(|own| own.name.is_some())
    }

    /// The text of one prepared statement.
    pub fn own(id: u32, sql: String, name: Option<String>) -> Self {
        Self { own: Some(Own { name }), ..Self::new(id, sql) }
    }
}

fn kind_of(sql: &str) -> StatementKind {
    match first_word(sql).to_ascii_lowercase().as_str() {
        "copy" => StatementKind::Copy,
        "select" | "values" | "table" if !locks_or_stores(sql) => StatementKind::Read,
        "select" | "values" | "table" | "insert" | "update" | "delete" | "merge" | "with" => {
            StatementKind::Write
        }
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" | "listen"
        | "unlisten" | "set" | "reset" | "move" => StatementKind::Control,
        _ => StatementKind::Other,
    }
}

/// Whether FOR (UPDATE, SHARE …) or INTO stands anywhere. A string or a comment may hold the word as well: the
/// statement then counts as one that locks, which is never wrong.
fn locks_or_stores(sql: &str) -> bool {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word.eq_ignore_ascii_case("for") || word.eq_ignore_ascii_case("into"))
}

/// The first word behind blanks, parentheses, comments and empty statements.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '(' | '\u{b}'));
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
            ("((select 1) union select 2)", "select"),
        ] {
            assert_eq!(first_word(sql), word, "{sql}");
        }
    }

    #[test]
    fn statements_are_told_apart_by_what_running_them_again_does() {
        for (sql, kind) in [
            ("Copy t to stdout", StatementKind::Copy),
            ("select 1", StatementKind::Read),
            ("(VALUES (1))", StatementKind::Read),
            ("table t", StatementKind::Read),
            ("select \"former\", intox from t", StatementKind::Read),
            ("select a from t for update", StatementKind::Write),
            ("select a from t For/* it */No Key Update", StatementKind::Write),
            ("select a into b from t", StatementKind::Write),
            ("select 'for'", StatementKind::Write),
            ("insert into t values (1)", StatementKind::Write),
            ("update t set a = 1", StatementKind::Write),
            ("delete from t", StatementKind::Write),
            ("merge into t using s on true when matched then do nothing", StatementKind::Write),
            ("with a as (select 1) table a", StatementKind::Write),
            ("call p()", StatementKind::Other),
            ("DO $$$$", StatementKind::Other),
            ("vacuum", StatementKind::Other),
            ("begin", StatementKind::Control),
            ("/* a */ START TRANSACTION", StatementKind::Control),
            ("rollback to s", StatementKind::Control),
            ("listen c", StatementKind::Control),
            ("set a to 1", StatementKind::Control),
            ("move forward 3 from c", StatementKind::Control),
            ("show a", StatementKind::Other),
            ("", StatementKind::Other),
        ] {
            assert_eq!(Query::new(0, sql.into()).kind, kind, "{sql}");
        }
    }
}
