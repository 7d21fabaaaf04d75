//! Tables of servers, each tried at every level of verification.

use std::collections::HashSet;
use std::sync::Arc;

use cornac_driver::tls::{TlsErrorKind, TlsOptions, Verify};

use super::{Ca, Leaf, connect, options, server};

pub(crate) const HOST: &str = "db.example";
/// Accepted.
pub(crate) const YES: Option<&str> = None;

/// One server, and what `none`, `ca` and `full` say: nothing when they accept it, else words of the message.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) leaf: Leaf,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) host: &'static str,
    pub(crate) outcomes: [Option<&'static str>; 3],
}

pub(crate) fn case(
    name: &'static str,
    leaf: Leaf,
    root: &Ca,
    host: &'static str,
    outcomes: [Option<&'static str>; 3],
) -> Case {
    Case { name, leaf, roots: vec![root.pem()], crls: vec![], host, outcomes }
}

pub(crate) async fn run(cases: Vec<Case>) {
    let mut names = HashSet::new();
    let mut failures = Vec::new();
    for case in cases {
        assert!(names.insert(case.name), "{} stands twice in the table", case.name);
        let server = Arc::new(server(&case.leaf));
        for (verify, expected) in [Verify::None, Verify::Ca, Verify::Full].into_iter().zip(case.outcomes) {
            let options = TlsOptions { crls: case.crls.clone(), ..options(verify, &case.roots, case.host) };
            let what = format!("{} under {verify:?}", case.name);
            match (connect(&server, &options, false).await, expected) {
                (Ok(_), None) => {}
                (Ok(_), Some(reason)) => failures.push(format!("{what} was accepted, despite: {reason}")),
                (Err(error), None) => failures.push(format!("{what} was refused: {error}")),
                (Err(error), Some(reason)) => {
                    assert_eq!(error.kind, TlsErrorKind::Certificate, "{what}: {error}");
                    assert_sentence(&error.message);
                    if !error.message.contains(reason) {
                        failures.push(format!("{what} was refused for another reason: {error}"));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Messages are written for people: no Rust in them, no full stop.
fn assert_sentence(message: &str) {
    for rust in [" { ", " }", "Error", "Some(", "::", "ServerName", "DnsName"] {
        assert!(!message.contains(rust), "{message}");
    }
    assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
}
