//! What a server's error tells about a statement or a description that was remembered.
//!
//! Others change tables and types, and poolers and DISCARD take prepared statements away. What was remembered is then
//! wrong, and the server says so with codes that mean other things as well. Whatever is judged here was refused
//! before the statement could run, so that a second try harms nothing.

use crate::{description::Diagnostic, record::letter};

/// The message that the server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Parse with the parameter types that a remembered description has.
    Parse,
    /// Bind of a statement that was prepared in an earlier round trip.
    BindPrepared,
    /// Bind of a statement that was parsed just before it, with a remembered description.
    BindDescribed,
}

/// What has become of what was remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has nothing to do with the error.
    Fresh,
    /// It does not fit any more.
    Stale,
    /// The parameters may be of other types now: the argument was refused as what they were. Only describing the
    /// statement again tells.
    Doubtful,
    /// The server has no statement of this name, and so perhaps none at all.
    Vanished,
}

pub fn verdict(refused: Refused, diagnostic: &Diagnostic) -> Verdict {
    let sqlstate = diagnostic.sqlstate();
    match (sqlstate, refused) {
        // invalid_sql_statement_name
        ("26000", Refused::BindPrepared) => Verdict::Vanished,
        // feature_not_supported: the result of a cached plan is another now.
        ("0A000", _) => Verdict::Stale,
        // internal_error: a type was dropped. The text is never translated.
        ("XX000", _) if message(diagnostic).starts_with("cache lookup failed") => Verdict::Stale,
        // insufficient_privilege: preparing it again would not change that.
        ("42501", _) => Verdict::Fresh,
        // protocol_violation: the formats asked for are not as many as the columns.
        ("08P01", Refused::BindDescribed) => Verdict::Stale,
        _ => match (sqlstate.get(..2), refused) {
            // The text does not fit the parameter types, or the types are gone. If it is wrong by itself, describing it
            // again says so.
            (Some("42" | "22"), Refused::Parse) => Verdict::Stale,
            // It was analysed anew: a table or a column is another now. The place in the text is what tells such an
            // error from one of a type's input function, such as that of regclass or tsquery.
            (Some("42"), _) if diagnostic.field(letter::POSITION).is_some() => Verdict::Stale,
            // data_exception, integrity_constraint_violation (of a domain), or what else an input function raises.
            (Some("22" | "23" | "42"), Refused::BindPrepared | Refused::BindDescribed) => Verdict::Doubtful,
            _ => Verdict::Fresh,
        },
    }
}

fn message(diagnostic: &Diagnostic) -> &str {
    diagnostic.field(letter::MESSAGE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Refused::{BindDescribed, BindPrepared, Parse};
    use Verdict::{Doubtful, Fresh, Stale, Vanished};

    #[test]
    fn a_verdict_depends_on_code_and_message() {
        for (sqlstate, fields, expected) in [
            ("26000", "", [Fresh, Vanished, Fresh]),
            ("0A000", "", [Stale, Stale, Stale]),
            ("XX000", "Mcache lookup failed for type 16414", [Stale, Stale, Stale]),
            ("XX000", "Munexpected end of data", [Fresh, Fresh, Fresh]),
            ("42P01", "P15", [Stale, Stale, Stale]),
            ("42703", "P8", [Stale, Stale, Stale]),
            // select $1::regclass, select $1::tsquery
            ("42P01", "", [Stale, Doubtful, Doubtful]),
            ("42601", "", [Stale, Doubtful, Doubtful]),
            ("42501", "P1", [Fresh, Fresh, Fresh]),
            ("22P02", "", [Stale, Doubtful, Doubtful]),
            // A domain's check.
            ("23514", "", [Fresh, Doubtful, Doubtful]),
            ("08P01", "", [Fresh, Fresh, Stale]),
            ("57014", "", [Fresh, Fresh, Fresh]),
            ("25P02", "", [Fresh, Fresh, Fresh]),
            ("53200", "", [Fresh, Fresh, Fresh]),
            ("", "", [Fresh, Fresh, Fresh]),
        ] {
            let mut diagnostic = Diagnostic(vec![(b'C', sqlstate.to_owned())]);
            if let Some((letter, text)) = fields.as_bytes().first().zip(fields.get(1..)) {
                diagnostic.0.push((*letter, text.to_owned()));
            }
            let verdicts = [Parse, BindPrepared, BindDescribed].map(|refused| verdict(refused, &diagnostic));
            assert_eq!(verdicts, expected, "{sqlstate} {fields}");
        }
    }
}
