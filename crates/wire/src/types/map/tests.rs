use super::*;

fn scalar(send: &'static str) -> Structure {
    Structure::Scalar { send: Cow::Borrowed(send) }
}

fn composite(attributes: &[(&str, u32)]) -> Structure {
    let attribute =
        |(name, type_oid): &(&str, u32)| Attribute { name: (*name).to_owned(), type_oid: *type_oid };
    Structure::Composite { attributes: attributes.iter().map(attribute).collect() }
}

fn version(map: &TypeMap, oids: &[u32]) -> Version {
    map.survey(oids.iter().copied()).version
}

#[test]
fn built_in_types_are_known_without_being_told() {
    let map = TypeMap::default();
    for (oid, structure) in [
        (23, scalar("int4send")),
        (1007, Structure::Array { element: 23, delimiter: b',' }),
        (1020, Structure::Array { element: 603, delimiter: b';' }),
        (3904, Structure::Range { subtype: 23 }),
        (4451, Structure::Multirange { range: 3904 }),
        (1033, scalar("")),
    ] {
        assert_eq!(map.find(oid), Some(structure), "{oid}");
    }
    assert_eq!(map.find(16_384), None);
    assert_eq!(map.survey([23, 1007]), Survey::default());
}

#[test]
fn what_is_told_is_known_to_whoever_shares_the_map_and_to_nobody_else() {
    let (map, other) = (TypeMap::default(), TypeMap::default());
    let (before, revision) = (version(&map, &[23, 16_384]), map.revision());
    map.tell([(16_384, Structure::Enum), (16_385, Structure::Domain { base: 16_384 })]);
    assert_ne!(map.revision(), revision);
    assert_eq!(map.find(16_384), Some(Structure::Enum));
    assert_eq!(other.find(16_384), None);
    let after = version(&map, &[16_384]);
    assert_ne!(before, after);
    // Nothing new: what was made stays good.
    let revision = map.revision();
    map.tell([(16_384, Structure::Enum)]);
    assert_eq!((version(&map, &[16_384]), map.revision()), (after, revision));
    // What has nothing to do with it: the same.
    map.tell([(16_390, Structure::Enum)]);
    assert_eq!(version(&map, &[16_384]), after);
    // Made anew under the same number.
    map.tell([(16_384, Structure::Domain { base: 25 })]);
    assert_ne!(version(&map, &[16_384]), after);
    other.tell([(16_384, Structure::Domain { base: 25 })]);
    assert_ne!(version(&map, &[16_384]), version(&other, &[16_384]));
}

#[test]
fn a_type_is_found_by_its_name_and_schema() {
    let map = TypeMap::default();
    let known = |schema: &str| Known {
        structure: Structure::Enum,
        name: "mood".to_owned(),
        schema: schema.to_owned(),
    };
    map.tell([(16_390, known("public"))]);
    map.tell([(16_400, known("other"))]);
    assert_eq!(map.named("public", "mood"), Some(16_390));
    assert_eq!(map.named("other", "mood"), Some(16_400));
    assert_eq!(map.named("public", "Mood"), None);
    // Dropped and made again.
    map.tell([(16_384, known("public"))]);
    assert_eq!(map.named("public", "mood"), Some(16_384));
}

#[test]
fn a_built_in_type_is_never_another() {
    let map = TypeMap::default();
    map.tell([(23, Structure::Enum)]);
    assert_eq!(map.find(23), Some(scalar("int4send")));
}

#[test]
fn the_rows_of_the_catalog_are_what_the_server_says() {
    let map = TypeMap::default();
    // pg_class and an array of it.
    assert_eq!(map.find(83), None);
    assert_eq!(map.survey([273]).unknown, [83]);
    map.tell([(83, composite(&[("oid", 26)]))]);
    assert_eq!(map.find(83), Some(composite(&[("oid", 26)])));
    assert!(map.survey([273]).unknown.is_empty());
}

#[test]
fn a_survey_reaches_all_that_types_are_made_of() {
    let map = TypeMap::default();
    assert_eq!(map.survey([16_400, 16_390, 23, 16_400]).unknown, [16_390, 16_400]);
    map.tell([(16_400, composite(&[("a", 23), ("b", 16_401), ("c", 16_402)]))]);
    let before = map.survey([16_400]);
    assert_eq!(before.unknown, [16_401, 16_402]);
    map.tell([
        (16_401, Structure::Array { element: 16_400, delimiter: b',' }),
        (16_402, Structure::Domain { base: 16_403 }),
    ]);
    assert_eq!(map.survey([16_400]).unknown, [16_403]);
    map.tell([(16_403, Structure::Range { subtype: 701 })]);
    let whole = map.survey([16_400]);
    assert!(whole.unknown.is_empty() && whole.version != before.version);
    map.tell([(16_403, Structure::Range { subtype: 700 })]);
    assert_ne!(version(&map, &[16_400]), whole.version);
}

#[test]
fn what_is_forgotten_is_unknown_and_never_taken_for_what_comes_after() {
    let map = TypeMap::default();
    map.tell([(16_384, Structure::Enum)]);
    let (before, epoch) = (version(&map, &[16_384]), map.epoch());
    map.forget();
    assert_ne!(map.epoch(), epoch);
    assert_eq!(map.survey([16_384]), Survey { version: Version::default(), unknown: vec![16_384] });
    map.tell([(16_384, Structure::Enum)]);
    assert_ne!(version(&map, &[16_384]), before);
}

#[test]
fn what_was_asked_before_something_was_forgotten_is_not_taken_in() {
    let map = TypeMap::default();
    let epoch = map.epoch();
    assert!(map.tell_of(epoch, [(16_384, Structure::Enum)]));
    map.forget();
    assert!(!map.tell_of(epoch, [(16_384, Structure::Enum)]));
    assert_eq!(map.find(16_384), None);
    assert!(map.tell_of(map.epoch(), [(16_384, Structure::Enum)]));
    assert_eq!(map.find(16_384), Some(Structure::Enum));
}

#[test]
fn temporary_types_without_end_do_not_fill_memory() {
    let map = TypeMap::default();
    for oid in 0..3 * u32::try_from(MOST).unwrap() {
        map.tell([(100_000 + oid, Structure::Enum)]);
    }
    assert!(map.read().len() <= MOST);
}

#[test]
fn what_is_forgotten_is_asked_for_and_still_of_use_to_who_has_begun() {
    let map = TypeMap::default();
    let pair = composite(&[("a", 23)]);
    map.tell([(16_384, Structure::Enum), (16_385, pair.clone())]);
    let known = Known { structure: Structure::Enum, name: "mood".to_owned(), schema: "public".to_owned() };
    map.tell([(16_386, known.clone())]);
    map.forget();
    assert_eq!(map.survey([16_384, 16_385]).unknown, [16_384, 16_385]);
    assert_eq!((map.find(16_385), map.last_known(16_385)), (None, Some(pair)));
    // A name may be another type's by now.
    assert_eq!((map.named("public", "mood"), map.known(16_386)), (None, Some(known.clone())));
    let changed = composite(&[("a", 23), ("b", 25)]);
    map.tell([(16_385, changed.clone())]);
    assert_eq!((map.find(16_385), map.last_known(16_385)), (Some(changed.clone()), Some(changed)));
    map.tell([(16_386, known)]);
    assert_eq!(map.named("public", "mood"), Some(16_386));
}

#[test]
fn some_types_are_forgotten_and_others_stay() {
    let map = TypeMap::default();
    map.tell([(16_384, Structure::Enum), (16_385, Structure::Enum)]);
    let (revision, epoch) = (map.revision(), map.epoch());
    map.forget_these(&[16_385, 16_390]);
    assert_eq!(map.survey([16_384, 16_385]).unknown, [16_385]);
    // What was asked before may be of before.
    assert!(map.revision() != revision && map.epoch() != epoch);
}
