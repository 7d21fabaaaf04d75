//! Messages that PostgreSQL does not take: it ends the session over one of 1 GiB less a byte, its memory allocator's
//! limit (MaxAllocSize in its memutils.h). What is refused here is of zeros that nobody writes, so that the system gives
//! no memory for it.

use std::sync::Arc;

use bytes::Bytes;
use cornac_wire::{
    copy_records::{Layout, RecordBatch},
    engine::{Ask, Request, SetBatch, SetsEnd, Sink},
    query::Query,
};

use crate::{
    calls::{described, one},
    support::{
        answers::*,
        arguments,
        lab::{Lab, fetch, query},
        reader::Told,
    },
};

/// The length of the largest message, which counts itself and not the tag.
const LARGEST: usize = 0x3fff_fffe;

/// An argument of bytes, which the facade writes behind their count.
fn zeros(before: &[u8], count: usize) -> Bytes {
    let mut all = vec![0; before.len() + 5 + count];
    all[..before.len()].copy_from_slice(before);
    all[before.len()] = 8;
    all[before.len() + 1..before.len() + 5].copy_from_slice(&u32::try_from(count).unwrap().to_le_bytes());
    Bytes::from(all)
}

/// A statement with two parameters of type bytea, on the server.
fn warm() -> (Lab, Arc<Query>) {
    let mut lab = Lab::new(10);
    let sql = query("insert into t values ($1, $2)");
    lab.submit(fetch(1, &sql, &[arguments::null(), arguments::null()]));
    lab.sent();
    lab.hear(&[described(&[17, 17], &[])]);
    lab.sent();
    lab.hear(&[bind_complete(), complete("INSERT 0 1"), ready(b'I')]);
    (lab, sql)
}

/// The call was refused for arguments of so many bytes and the rest of the message.
fn refused(told: &[Told], count: usize) {
    refused_in("", &told[0], count);
}

/// The call was refused for a set of such arguments, which the end of the message tells.
fn refused_in(place: &str, told: &Told, count: usize) {
    let message = told.field('M').strip_suffix(place).unwrap();
    let length = message.strip_prefix("the arguments take at least ").unwrap();
    let length = length.strip_suffix(" bytes together, PostgreSQL takes 1073741822 a message").unwrap();
    assert!((count..count + 100).contains(&length.parse().unwrap()), "{message}");
    assert_eq!(told.field('H'), "send them in parts, or load large data by COPY");
}

fn is_usable(lab: &mut Lab) {
    lab.fetch(9, &query("select 1"));
    lab.sent();
    lab.hear(&[described(&[], &[("n", 23)])]);
    lab.sent();
    assert_eq!(lab.hear(&[one(9)]), ["#9 rows [n=9] end I SELECT 1"]);
}

#[test]
fn arguments_of_one_to_two_gibibytes_are_refused_before_a_byte_is_copied() {
    let (mut lab, sql) = warm();
    for count in [LARGEST, 1 << 30, (1 << 31) - 1] {
        let request = fetch(2, &sql, &[]);
        let arguments = zeros(&arguments::null(), count);
        lab.submit(Request { arguments, argument_count: 2, ..request });
        assert_eq!(lab.sent(), "");
        refused(&lab.records(), count);
    }
    is_usable(&mut lab);
}

#[test]
fn arguments_count_together() {
    let (mut lab, sql) = warm();
    let small = arguments::text(&"x".repeat(1_000));
    let request = fetch(2, &sql, &[]);
    let arguments = zeros(&small, LARGEST - 1_000);
    lab.submit(Request { arguments, argument_count: 2, ..request });
    assert_eq!(lab.sent(), "");
    refused(&lab.records(), LARGEST - 1_000 + small.len());
    is_usable(&mut lab);
}

#[test]
fn a_text_that_neither_parse_nor_query_can_hold_is_refused() {
    // Made by hand, since nobody needs to look into it.
    let text = |count: usize| {
        let sql = String::from_utf8(vec![0; count]).unwrap();
        Arc::new(Query { sql, ..Query::new(7, String::new()) })
    };
    for count in [LARGEST, (1 << 31) - 1] {
        let query = text(count);
        for ask in [Ask::Statement, Ask::Script] {
            let mut lab = Lab::new(10);
            lab.submit(Request { ask, sink: Sink::Dropped, ..fetch(2, &query, &[]) });
            assert_eq!(lab.sent(), "");
            let expected =
                format!("#2 interface the query has {count} bytes, PostgreSQL takes 1072693246 at most");
            assert_eq!(lab.told(), [expected]);
            is_usable(&mut lab);
        }
    }
}

#[test]
fn what_stands_beside_a_text_in_its_message_counts_too() {
    let most = LARGEST - 0x10_0000;
    let sql = || String::from_utf8(vec![0; most]).unwrap();
    let plain = Arc::new(Query { sql: sql(), ..Query::new(7, String::new()) });
    let comment = Some(" /*a*/".into());
    let own = Arc::new(Query { sql: sql(), ..Query::own(8, String::new(), Some("name".to_owned())) });
    let prepare = Request { ask: Ask::Prepare, sink: Sink::Dropped, ..fetch(2, &own, &[]) };
    for (request, more) in [
        (Request { comment: comment.clone(), ..fetch(2, &plain, &[]) }, 6),
        (Request { comment, ask: Ask::Script, sink: Sink::Dropped, ..fetch(2, &plain, &[]) }, 6),
        (prepare, 4),
    ] {
        let mut lab = Lab::new(10);
        lab.submit(request);
        assert_eq!(lab.sent(), "");
        let length = most + more;
        let expected = format!("#2 interface the query has {length} bytes, PostgreSQL takes {most} at most");
        assert_eq!(lab.told(), [expected]);
        is_usable(&mut lab);
    }
}

/// One argument set of bytes.
fn large_set(count: usize) -> SetBatch {
    let head = [u32::try_from(5 + count).unwrap(), 1].map(u32::to_ne_bytes).concat();
    SetBatch { count: 1, sets: zeros(&head, count) }
}

#[test]
fn a_set_that_one_message_cannot_hold_is_refused_before_it_is_copied() {
    for count in [LARGEST, 1 << 30, (1 << 31) - 6] {
        for behind_another in [false, true] {
            let mut lab = Lab::new(10);
            let sql = query("insert into t values ($1)");
            lab.submit(fetch(1, &sql, &[arguments::null()]));
            lab.sent();
            lab.hear(&[described(&[17], &[])]);
            lab.sent();
            lab.hear(&[bind_complete(), complete("INSERT 0 1"), ready(b'I')]);
            lab.submit(Request { ask: Ask::Many, sink: Sink::Dropped, ..fetch(2, &sql, &[]) });
            let now = lab.now;
            if behind_another {
                lab.engine.sets(2, arguments::sets(&[vec![arguments::null()]]), SetsEnd::Open, now);
                lab.sent();
                lab.hear_bytes(&[bind_complete(), complete("INSERT 0 1")].concat());
            }
            lab.engine.sets(2, large_set(count), SetsEnd::Complete, now);
            let sent = lab.sent();
            assert!(!sent.contains("bind s1"), "{sent}");
            if behind_another {
                let undone = [parse_complete(), bind_complete(), notice("25P01"), complete("ROLLBACK")];
                lab.hear_bytes(&[undone.concat(), ready(b'I')].concat());
            }
            let told = lab.records().into_iter().find(|told| told.ends() == Some(2)).unwrap();
            let number = u32::from(behind_another);
            refused_in(&format!(" in element #{number} of executeMany() sequence"), &told, count);
            is_usable(&mut lab);
        }
    }
}

/// A COPY that the server has asked data for.
fn copying() -> Lab {
    let mut lab = Lab::new(10);
    let copy = fetch(1, &query("copy t from stdin"), &[]);
    lab.submit(Request { ask: Ask::CopyIn, sink: Sink::Dropped, ..copy });
    lab.sent();
    lab.hear(&[copy_bound(), copy_in()]);
    lab
}

/// How the COPY ends whose last data was refused; the session goes on.
fn copy_refused(mut lab: Lab) -> Told {
    let length = lab.engine.output().len();
    assert!(length < 100, "{length} bytes are sent");
    let sent = lab.sent();
    assert!(sent.ends_with("copy fail, sync"), "{sent}");
    lab.told();
    lab.hear_bytes(&[error("57014"), ready(b'I')].concat());
    let told = lab.records().into_iter().find(|told| told.ends() == Some(1)).unwrap();
    is_usable(&mut lab);
    told
}

#[test]
fn data_of_a_copy_that_one_message_cannot_hold_is_refused_before_a_byte_is_copied() {
    for count in [LARGEST - 3, 1 << 30, (1 << 31) - 1] {
        let mut lab = copying();
        lab.engine.copy_in_data(1, &vec![0; count]);
        let told = copy_refused(lab);
        let length = count + 4;
        let expected =
            format!("data of {length} bytes is too long for one message: PostgreSQL takes 1073741822");
        assert_eq!((told.field('M'), told.field('H')), (&*expected, "copy it in smaller parts"));
    }
}

#[test]
fn a_record_that_one_message_cannot_hold_is_refused_by_its_column_before_it_is_copied() {
    let types: Vec<u8> = [25_u32, 17].iter().flat_map(|oid| oid.to_ne_bytes()).collect();
    for (layout, room) in [(Layout::Binary, 21), (Layout::Text, 9)] {
        for count in [LARGEST - room, 1 << 30, (1 << 31) - 1] {
            let mut lab = copying();
            let small = [arguments::text("a"), arguments::null()].concat();
            let batch = RecordBatch { layout, first: 0, count: 1, types: &types, arguments: &small };
            lab.engine.copy_in_records(1, &batch);
            let large = zeros(&[small.clone(), arguments::text("b")].concat(), count);
            let batch = RecordBatch { layout, first: 1, count: 2, types: &types, arguments: &large };
            lab.engine.copy_in_records(1, &batch);
            let told = copy_refused(lab);
            assert_eq!((told.field('e'), told.field('a')), ("2", "2"));
            let length = told.field('M').strip_prefix("with it the record takes at least ").unwrap();
            let length = length.strip_suffix(" bytes, PostgreSQL takes 1073741822 a message").unwrap();
            assert!((count..count + 100).contains(&length.parse().unwrap()), "{length}");
        }
    }
}
