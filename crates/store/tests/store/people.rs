use crate::{instant, tenant};
use jiff::civil::{Date, date};
use kobling_domain::id::{RecordNo, RunNo, SourceNo, SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, FieldName, Kind, NativeKey, State, Track, Value};
use kobling_domain::time::{Origin, Slice, Validity};
use kobling_store::access::tenant as tenants;
use kobling_store::exchange::source;
use kobling_store::people::claim::{self, ClaimKey, NewClaim, Refs};
use kobling_store::people::subject::{self, Issuer, NewSubject, SubjectKey};
use kobling_store::people::{digest, protect, roster};
use kobling_store::{StoreError, Tx};
use kobling_testkit::database::Database;
use uuid::Uuid;

const SOURCE: SourceNo = SourceNo(1);
const RECORD: (SourceNo, Track) = (SOURCE, Track::Record);

/// Subjects 1 and 2 are units, 3 a person, 4 and 5 that person's employments.
async fn employer(it: &Database) -> (TenantId, Tx) {
    let tenant = tenant(&it.db).await;
    let mut tx = it.db.write().await.unwrap();
    source::put(&mut tx, tenant, "opus").await.unwrap();
    let new = |kind, number: u128, key| NewSubject {
        kind,
        id: SubjectId(Uuid::from_u128(number)),
        issuer: if kind == Kind::Person { Issuer::Cpr } else { Issuer::Source(SOURCE) },
        key,
        generation: 1,
        number_sealed: None,
    };
    let native = |number| SubjectKey::Native(NativeKey::number(number));
    let subjects = vec![
        new(Kind::Unit, 11, native(9)),
        new(Kind::Unit, 12, native(10)),
        new(Kind::Person, 13, SubjectKey::Number([7; 32])),
        new(Kind::Employment, 14, native(100)),
        new(Kind::Employment, 15, native(101)),
    ];
    let minted = subject::mint(&mut tx, tenant, subjects).await.unwrap();
    assert_eq!(minted, [1, 2, 3, 4, 5].map(SubjectNo));
    (tenant, tx)
}

fn slice(from: Date, until: Option<Date>, city: &str) -> Slice<State> {
    let mut state = State::new();
    state.set(Field::PersonCity, Value::Text(city.to_owned()));
    state.set(Field::EmploymentPositionTitle, Value::Text("Lærer".to_owned()));
    state.set_named(FieldName::Extra("x".to_owned()), Value::Int(4));
    let origin = Origin { run: RunNo(1), record: RecordNo(7) };
    let validity = Validity::new(from, until).unwrap();
    Slice { validity, state, stated_from: from, origin }
}

fn of_employment(number: i64, slice: Slice<State>, unit: i64) -> NewClaim {
    let refs = Refs { person: Some(SubjectNo(3)), unit: Some(SubjectNo(unit)), parent: None };
    NewClaim { subject: SubjectNo(number), slice, digest: [1; 16], refs }
}

async fn next_version(tx: &mut Tx, tenant: TenantId) -> Version {
    tenants::take_version(tx, tenant, instant(1), None).await.unwrap()
}

#[tokio::test]
async fn a_subject_is_found_by_each_key_it_has_and_by_its_id() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let issuer = Issuer::Source(SOURCE);
        let native = |number| SubjectKey::Native(NativeKey::number(number));

        let keys = [native(10), native(77), native(9), native(10)];
        let found = subject::by_key(&mut tx, tenant, issuer, Kind::Unit, &keys).await.unwrap();
        assert_eq!(found, [Some(2), None, Some(1), Some(2)].map(|it| it.map(SubjectNo)));
        let found = subject::by_number(&mut tx, tenant, &[[7; 32], [8; 32]]).await.unwrap();
        assert_eq!(found, [Some(SubjectNo(3)), None]);

        let renumbered = (issuer, &SubjectKey::Native(NativeKey::number(200)), 1);
        subject::add_key(&mut tx, tenant, SubjectNo(4), Kind::Employment, renumbered)
            .await
            .unwrap();
        subject::set_native(&mut tx, tenant, SubjectNo(4), &NativeKey::number(200)).await.unwrap();
        let keys = [native(100), native(200)];
        let found = subject::by_key(&mut tx, tenant, issuer, Kind::Employment, &keys).await;
        assert_eq!(found.unwrap(), [Some(SubjectNo(4)); 2]);

        let id = SubjectId(Uuid::from_u128(14));
        let found = subject::by_id(&mut tx, tenant, id).await.unwrap().unwrap();
        assert_eq!((found.no, found.native), (SubjectNo(4), Some(NativeKey::number(200))));
        let all = subject::between(&mut tx, tenant, SubjectNo(1), SubjectNo(99)).await.unwrap();
        let some = subject::by_no(&mut tx, tenant, &[SubjectNo(5), SubjectNo(1)]).await.unwrap();
        assert_eq!(some, [all[0].clone(), all[4].clone()]);
        assert_eq!(subject::last(&mut tx, tenant).await.unwrap(), SubjectNo(5));
    }
}

#[tokio::test]
async fn a_key_that_is_reused_names_the_subject_of_its_last_generation() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let key = SubjectKey::Native(NativeKey::number(100));
        let second = NewSubject {
            kind: Kind::Employment,
            id: SubjectId(Uuid::from_u128(16)),
            issuer: Issuer::Source(SOURCE),
            key: key.clone(),
            generation: 2,
            number_sealed: Some(vec![1, 2]),
        };
        subject::mint(&mut tx, tenant, vec![second]).await.unwrap();
        let issuer = Issuer::Source(SOURCE);
        let found = subject::generations(&mut tx, tenant, issuer, Kind::Employment, &[key]).await;
        assert_eq!(found.unwrap(), [Some((SubjectNo(6), 2))]);
    }
}

#[tokio::test]
async fn closed_claims_are_still_known_at_the_versions_that_believed_them() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let first = next_version(&mut tx, tenant).await;
        let before = slice(date(2020, 1, 1), None, "Fjordby");
        let written = vec![of_employment(4, before.clone(), 1)];
        claim::insert(&mut tx, tenant, RECORD, first, written).await.unwrap();

        let second = next_version(&mut tx, tenant).await;
        let key = ClaimKey { subject: SubjectNo(4), valid_from: date(2020, 1, 1), since: first };
        claim::close(&mut tx, tenant, RECORD, second, &[key]).await.unwrap();
        let (day, after) = (date(2026, 3, 4), slice(date(2026, 3, 4), None, "Havneby"));
        let remnant = before.over(Validity::new(date(2020, 1, 1), Some(day)).unwrap());
        let written =
            vec![of_employment(4, after.clone(), 2), of_employment(4, remnant.clone(), 1)];
        claim::insert(&mut tx, tenant, RECORD, second, written).await.unwrap();

        let subjects = [SubjectNo(4), SubjectNo(5)];
        let slices = |found: Vec<claim::Claim>| -> Vec<Slice<State>> {
            found.into_iter().map(|it| it.slice).collect()
        };
        let open = claim::open(&mut tx, tenant, SOURCE, Track::Record, &subjects).await.unwrap();
        assert_eq!(open[0].refs.person, Some(SubjectNo(3)));
        assert_eq!((open[0].since, open[0].until), (second, Version::OPEN));
        assert_eq!(slices(open), [remnant.clone(), after.clone()]);
        let at_first = claim::at(&mut tx, tenant, &subjects, first).await.unwrap();
        assert_eq!(slices(at_first), std::slice::from_ref(&before));
        let person = [SubjectNo(3)];
        let naming = claim::naming(&mut tx, tenant, &person, second).await.unwrap();
        assert_eq!(slices(naming), [remnant.clone(), after.clone()]);
        let (from, to) = (SubjectNo(1), SubjectNo(9));
        let between = claim::between(&mut tx, tenant, from, to, second).await.unwrap();
        assert_eq!(slices(between), [remnant.clone(), after.clone()]);
        let history = claim::history(&mut tx, tenant, &[SubjectNo(4)]).await.unwrap();
        assert_eq!(slices(history), [before, remnant, after]);

        let again = claim::close(&mut tx, tenant, RECORD, second, &[key]).await;
        assert!(matches!(again, Err(StoreError::Stale { what: "claim" })));
        claim::check_no_overlap(&mut tx, tenant, SOURCE, Track::Record, &subjects).await.unwrap();
    }
}

#[tokio::test]
async fn what_changed_since_a_version_is_told_in_pages_by_version_and_subject() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let of = |number| of_employment(number, slice(date(2020, 1, 1), None, "Fjordby"), 1);
        let first = next_version(&mut tx, tenant).await;
        let unit = NewClaim { refs: Refs::default(), ..of(1) };
        claim::insert(&mut tx, tenant, RECORD, first, vec![unit, of(4)]).await.unwrap();
        let second = next_version(&mut tx, tenant).await;
        claim::insert(&mut tx, tenant, RECORD, second, vec![of(5)]).await.unwrap();
        let third = next_version(&mut tx, tenant).await;
        let key = |number| ClaimKey {
            subject: SubjectNo(number),
            valid_from: date(2020, 1, 1),
            since: first,
        };
        claim::close(&mut tx, tenant, RECORD, third, &[key(1), key(4)]).await.unwrap();
        claim::insert(&mut tx, tenant, RECORD, third, vec![of(4)]).await.unwrap();

        let (mut after, mut told) = (claim::Place::behind(Version::ZERO), Vec::new());
        loop {
            let page = claim::changed_since(&mut tx, tenant, after, third, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.place;
            told.extend(page.iter().map(|it| (it.place.version, it.place.subject.0, it.kind)));
        }
        let (unit, employment) = (Kind::Unit, Kind::Employment);
        let expected = [
            (first, 1, unit),
            (first, 4, employment),
            (second, 5, employment),
            (third, 1, unit),
            (third, 4, employment),
        ];
        assert_eq!(told, expected);
        let only_second = claim::Place::behind(first);
        let page = claim::changed_since(&mut tx, tenant, only_second, second, 9).await.unwrap();
        assert_eq!(page.len(), 1);
    }
}

#[tokio::test]
async fn two_open_claims_on_one_day_are_refused() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let version = next_version(&mut tx, tenant).await;
        let claims = vec![
            of_employment(4, slice(date(2020, 1, 1), None, "Fjordby"), 1),
            of_employment(5, slice(date(2020, 1, 1), Some(date(2021, 1, 2)), "Fjordby"), 1),
            of_employment(5, slice(date(2021, 1, 1), None, "Fjordby"), 1),
        ];
        claim::insert(&mut tx, tenant, RECORD, version, claims).await.unwrap();
        let of = |number| vec![SubjectNo(number), SubjectNo(number)];
        let four = claim::check_no_overlap(&mut tx, tenant, SOURCE, Track::Record, &of(4)).await;
        let five = claim::check_no_overlap(&mut tx, tenant, SOURCE, Track::Record, &of(5)).await;
        assert!(four.is_ok());
        assert!(matches!(five, Err(StoreError::Overlap { subject: SubjectNo(5) })));
    }
}

#[tokio::test]
async fn employments_are_counted_in_the_unit_they_are_in_on_the_day() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let version = next_version(&mut tx, tenant).await;
        let (from, until) = (date(2020, 1, 1), Some(date(2021, 1, 1)));
        let claims = vec![
            of_employment(4, slice(from, None, "Fjordby"), 1),
            of_employment(5, slice(from, until, "Fjordby"), 1),
        ];
        claim::insert(&mut tx, tenant, RECORD, version, claims).await.unwrap();
        let units = [SubjectNo(1), SubjectNo(2)];
        for (day, expected) in
            [(date(2020, 6, 1), vec![(SubjectNo(1), 2)]), (date(2019, 1, 1), vec![])]
        {
            let found = claim::employments_in_units(&mut tx, tenant, &units, day).await.unwrap();
            assert_eq!(found, expected);
        }
    }
}

#[tokio::test]
async fn protecting_a_person_erases_the_address_in_every_version() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let first = next_version(&mut tx, tenant).await;
        let claims = vec![
            of_employment(4, slice(date(2020, 1, 1), None, "Fjordby"), 1),
            of_employment(5, slice(date(2020, 1, 1), None, "Havneby"), 1),
        ];
        claim::insert(&mut tx, tenant, RECORD, first, claims).await.unwrap();
        let second = next_version(&mut tx, tenant).await;
        let key = ClaimKey { subject: SubjectNo(5), valid_from: date(2020, 1, 1), since: first };
        claim::close(&mut tx, tenant, RECORD, second, &[key]).await.unwrap();

        assert_eq!(protect::persons(&mut tx, tenant, &[SubjectNo(3)]).await.unwrap(), 2);
        assert_eq!(protect::persons(&mut tx, tenant, &[SubjectNo(3)]).await.unwrap(), 0);
        for number in [4, 5] {
            let history = claim::history(&mut tx, tenant, &[SubjectNo(number)]).await.unwrap();
            let state = &history[0].slice.state;
            assert_eq!(state.get(Field::PersonCity), Some(&Value::Erased));
            assert_eq!(state.text(Field::EmploymentPositionTitle), Some("Lærer"));
        }
        let person = subject::by_no(&mut tx, tenant, &[SubjectNo(3)]).await.unwrap();
        assert!(person[0].protected);
    }
}

#[tokio::test]
async fn equal_ledgers_have_equal_digests_on_both_engines() {
    let mut digests = Vec::new();
    for (it, city) in Database::each().await.iter().zip(["Fjordby", "Fjordby"]) {
        digests.push(digest_of(it, city).await);
    }
    let other = Database::sqlite().await;
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[0], digest_of(&other, "Havneby").await);
}

async fn digest_of(it: &Database, city: &str) -> [u8; 32] {
    let (tenant, mut tx) = employer(it).await;
    let version = next_version(&mut tx, tenant).await;
    let claims = vec![of_employment(4, slice(date(2020, 1, 1), None, city), 1)];
    claim::insert(&mut tx, tenant, RECORD, version, claims).await.unwrap();
    digest::ledger(&mut tx, tenant).await.unwrap()
}

#[tokio::test]
async fn the_claims_on_units_are_found_without_those_on_people() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let version = next_version(&mut tx, tenant).await;
        let state = [(FieldName::Known(Field::UnitName), Value::Text("Skolen".to_owned()))];
        let mut unit = slice(date(2020, 1, 1), None, "");
        unit.state = state.into_iter().collect();
        let refs = Refs { parent: Some(SubjectNo(2)), ..Refs::default() };
        let unit = NewClaim { subject: SubjectNo(1), slice: unit, digest: [2; 16], refs };
        let person = of_employment(4, slice(date(2020, 1, 1), None, "Fjordby"), 1);
        claim::insert(&mut tx, tenant, RECORD, version, vec![unit, person]).await.unwrap();
        let found = claim::of_units(&mut tx, tenant, version).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].subject, found[0].refs.parent), (SubjectNo(1), Some(SubjectNo(2))));
    }
}

#[tokio::test]
async fn a_rebuilt_roster_is_the_one_that_was_maintained() {
    for it in Database::each().await {
        let (tenant, mut tx) = employer(&it).await;
        let first = next_version(&mut tx, tenant).await;
        let claims = vec![
            of_employment(4, slice(date(2020, 1, 1), None, "Fjordby"), 1),
            of_employment(5, slice(date(2020, 1, 1), None, "Fjordby"), 1),
        ];
        claim::insert(&mut tx, tenant, RECORD, first, claims).await.unwrap();
        assert!(roster::is_behind(&mut tx, tenant).await.unwrap());
        assert_eq!(roster::bring_up(&mut tx, tenant).await.unwrap().employments, 2);
        assert!(!roster::is_behind(&mut tx, tenant).await.unwrap());

        let second = next_version(&mut tx, tenant).await;
        let key = ClaimKey { subject: SubjectNo(5), valid_from: date(2020, 1, 1), since: first };
        claim::close(&mut tx, tenant, RECORD, second, &[key]).await.unwrap();
        let mut named = slice(date(2026, 3, 4), None, "Fjordby");
        named.state.set(Field::PersonLastName, Value::Text("Ågård".to_owned()));
        let moved = vec![of_employment(5, named, 2)];
        claim::insert(&mut tx, tenant, RECORD, second, moved).await.unwrap();
        assert_eq!(roster::bring_up(&mut tx, tenant).await.unwrap().employments, 1);

        let (from, to) = (SubjectNo(1), SubjectNo(9));
        let maintained = roster::between(&mut tx, tenant, from, to).await.unwrap();
        roster::rebuild(&mut tx, tenant).await.unwrap();
        assert_eq!(roster::between(&mut tx, tenant, from, to).await.unwrap(), maintained);
        assert_eq!(maintained.len(), 2);
        assert!(!roster::is_behind(&mut tx, tenant).await.unwrap());
        let day = date(2026, 3, 4);
        let found = roster::in_unit(&mut tx, tenant, SubjectNo(2), day, 9).await.unwrap();
        assert_eq!((found.len(), found[0].subject), (1, SubjectNo(5)));
        assert_eq!(found[0].title, "Lærer");
        let counted = roster::people_by_unit(&mut tx, tenant, day).await.unwrap();
        assert_eq!(counted[&SubjectNo(2)].len(), 1);
        let named = roster::search(&mut tx, tenant, day, "AAGÅRD", 9).await.unwrap();
        assert_eq!(named, found, "whatever the case, and however å is written");
        for (find, count) in [("zz", 0), ("", 2), ("%", 2)] {
            let found = roster::search(&mut tx, tenant, day, find, 9).await.unwrap();
            assert_eq!(found.len(), count, "{find:?}");
        }
    }
}
