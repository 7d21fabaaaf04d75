//! How long a shape lives: as long as records refer to it that are not handed on, and a while where it may be needed again.

use cornac_wire::{
    description::{Column, Source},
    types::SessionTypes,
};

use crate::{
    calls::{described, one},
    support::{
        answers::*,
        lab::{Lab, Queue, options, query, shapes},
    },
};

/// Shapes that live on though nothing uses them.
const RECENT: u32 = 128;

/// The answer of these rows of one column.
fn answer(values: &[&[u8]]) -> Vec<u8> {
    let rows: Vec<u8> = values.iter().flat_map(|value| row(&[Some(value)])).collect();
    [bind_complete(), rows, complete("SELECT 1"), ready(b'I')].concat()
}

/// A lab with one call in flight, which nothing but itself has the shape of: its column is of this type.
pub(crate) fn alone_with_its_shape(type_oid: u32, value: &[u8]) -> Lab {
    let mut lab = Lab::new(200);
    let sql = query("select v");
    lab.fetch(1, &sql);
    lab.sent();
    lab.hear(&[described(&[], &[("v", type_oid)])]);
    lab.sent();
    lab.hear(&[answer(&[value])]);
    for id in 2..RECENT + 10 {
        lab.fetch(id, &query(&format!("select {id}")));
        lab.sent();
        lab.hear(&[described(&[], &[(&format!("c{id}"), 23)])]);
        lab.sent();
        lab.hear(&[one(id.cast_signed())]);
    }
    lab.fetch(200, &sql);
    lab.sent();
    lab.engine.drop_statements();
    // What was forgotten is let go of with the records that are handed on next.
    lab.records();
    lab
}

#[test]
fn rows_can_be_read_though_their_shape_ends_with_their_call() {
    let mut lab = alone_with_its_shape(25, b"a");
    assert_eq!(lab.hear(&[answer(&[b"b"])]), ["#200 rows [v=b] end I SELECT 1"]);
}

#[test]
fn rows_can_be_read_though_their_shape_ends_with_the_session() {
    let mut lab = alone_with_its_shape(25, b"a");
    // The first row leaves ahead of a large one.
    let rows = [row(&[Some(b"b")]), row(&[Some(&[b'x'; 100_000])])].concat();
    let told = lab.hear(&[bind_complete(), rows, vec![b'?'; 8]]);
    assert_eq!(told[0], "#200 rows [v=b]");
    assert!(told.iter().any(|told| told.starts_with("#200 lost")), "{told:?}");
}

#[test]
fn shapes_that_were_asked_for_last_live_on_each_of_them_once() {
    let shapes = shapes(&Queue::default());
    let types = SessionTypes::builtin(options(0).types);
    let id_of = |number: u32| {
        let source = Source::NONE;
        let column = Column { name: number.to_string(), type_oid: 23, source, is_text: false };
        shapes.intern(vec![column], &types).id
    };
    let first = id_of(0);
    let mut ids = vec![first];
    for number in 1..RECENT {
        ids.push(id_of(number));
        assert_eq!(id_of(0), first);
    }
    assert_eq!((0..RECENT).map(id_of).collect::<Vec<_>>(), ids);
    // One more takes the place of the one that was asked for the longest ago.
    id_of(RECENT);
    assert_eq!(id_of(1), ids[1]);
    assert_ne!(id_of(0), first);
}
