//! Who is who: persons without a national number, and numbers that change hands (hard cases 15
//! and 16).

use crate::world::{World, cpr, employee, unit, with};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Field, Kind, Value};
use kobling_formats::opus::Record;
use kobling_hub::exchange::report::RunState;
use kobling_store::people::subject::{self, Subject};

/// The 2nd of March and the days after it.
fn day(nth: i32) -> Date {
    date(2026, 3, 2) + nth.days()
}

fn employer(employees: &[Record]) -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(10, 1), employee(900, 900, 10)];
    records.extend_from_slice(employees);
    records
}

/// An employment whose national number Opus does not tell, in either way.
fn unnumbered(number: i64) -> Record {
    with(&employee(number, 1, 10), "cpr", if number % 2 == 0 { "" } else { "0000000000" })
}

async fn person(world: &World, employment: i64) -> Option<SubjectNo> {
    let claims = world.claims(Kind::Employment, employment).await;
    let person = claims.first()?.refs.person;
    assert!(claims.iter().all(|it| it.refs.person == person), "one employment, one person");
    person
}

async fn subject(world: &World, no: SubjectNo) -> Subject {
    let mut tx = world.hub.db.read().await.unwrap();
    subject::by_no(&mut tx, world.tenant, &[no]).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_employment_without_a_national_number_has_a_person_of_its_own() {
    for world in World::each().await {
        let records = employer(&[unnumbered(100), unnumbered(101)]);
        let report = world.day(day(0), &records).await;
        assert_eq!((report.applied, report.quarantined), (5, 0), "{report:?}");
        let (a, b) = (person(&world, 100).await.unwrap(), person(&world, 101).await.unwrap());
        assert_ne!(a, b);
        let (a, b) = (subject(&world, a).await, subject(&world, b).await);
        assert_eq!((a.kind, b.kind), (Kind::Person, Kind::Person));
        assert_eq!((a.number_sealed, b.number_sealed), (None, None));
        let again = world.day(day(1), &records).await;
        assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
        // The same in a later run, and when it comes back after it was annulled.
        world.day(day(2), &employer(&[unnumbered(100), unnumbered(101), unnumbered(103)])).await;
        let new = person(&world, 103).await;
        assert!(new.is_some());
        world.day(day(3), &employer(&[unnumbered(100), unnumbered(101)])).await;
        assert_eq!(person(&world, 103).await, None);
        world.day(day(4), &employer(&[unnumbered(100), unnumbered(101), unnumbered(103)])).await;
        assert_eq!(person(&world, 103).await, new);
    }
}

#[tokio::test]
async fn a_national_number_that_comes_later_names_the_person_of_that_number() {
    for world in World::each().await {
        let second = employee(102, 7, 10);
        world.day(day(0), &employer(&[unnumbered(100), second.clone()])).await;
        let numbered = person(&world, 102).await;
        assert_ne!(person(&world, 100).await, numbered);
        let named = with(&unnumbered(100), "cpr", &cpr(7));
        let report = world.day(day(1), &employer(&[named, second.clone()])).await;
        assert_eq!((report.applied, report.quarantined), (1, 0), "{report:?}");
        assert_eq!(person(&world, 100).await, numbered);
        // A number that is no longer told takes nobody away; another one is another matter.
        let report = world.day(day(2), &employer(&[unnumbered(100), second.clone()])).await;
        assert_eq!(report.quarantined, 0);
        assert_eq!(person(&world, 100).await, numbered);
        let other = with(&unnumbered(100), "cpr", &cpr(8));
        let report = world.day(day(3), &employer(&[other, second])).await;
        assert_eq!((report.quarantined, report.applied), (1, 0));
        assert_eq!(person(&world, 100).await, numbered);
    }
}

#[tokio::test]
async fn a_person_without_a_national_number_is_protected_and_stays_so_when_it_is_known() {
    for world in World::each().await {
        world.day(day(0), &employer(&[unnumbered(100)])).await;
        let before = person(&world, 100).await.unwrap();
        let hidden = with(&unnumbered(100), "address", "*B*Prøvevej 3");
        world.day(day(1), &employer(&[hidden])).await;
        assert!(subject(&world, before).await.protected);
        let named = with(&unnumbered(100), "cpr", &cpr(7));
        // The record no longer says that it is protected: a brake asks, and a person lets it through.
        let held = world.day(day(2), &employer(&[named])).await;
        world.release(&held).await.unwrap();
        let after = person(&world, 100).await.unwrap();
        assert!(after != before && subject(&world, after).await.protected);
        for claim in world.history(Kind::Employment, 100).await {
            let told = claim.slice.state.get(Field::PersonAddress);
            assert!(matches!(told, None | Some(Value::Erased)), "{told:?}");
        }
    }
}

#[tokio::test]
async fn an_annulled_number_that_comes_back_with_another_person_is_set_aside() {
    for world in World::each().await {
        let stays = employee(101, 2, 10);
        world.day(day(0), &employer(&[employee(100, 1, 10), stays.clone()])).await;
        let gone = world.day(day(1), &employer(std::slice::from_ref(&stays))).await;
        assert_eq!((gone.state, gone.gone), (RunState::Applied, 1));
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0], "it is annulled");
        let report = world.day(day(2), &employer(&[employee(100, 3, 10), stays.clone()])).await;
        assert_eq!((report.quarantined, report.applied), (1, 0), "{report:?}");
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0]);
        let back = world.day(day(3), &employer(&[employee(100, 1, 10), stays])).await;
        assert_eq!((back.quarantined, back.applied), (0, 1), "{back:?}");
    }
}
