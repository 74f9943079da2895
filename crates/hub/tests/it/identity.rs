//! Who is who: persons without a national number, and numbers that change hands (hard cases 15
//! and 16).

use crate::world::{DECISION, SOURCE, World, cpr, employee, stub, unit, with};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::id::{SubjectNo, Version};
use kobling_domain::people::{Field, Kind, Value};
use kobling_formats::opus::Record;
use kobling_hub::exchange::quarantine::{self, Decided, QuarantineError, Verdict};
use kobling_hub::exchange::report::RunState;
use kobling_store::access::audit;
use kobling_store::people::subject::{self, Subject};
use kobling_store::people::{claim, roster};
use kobling_store::sealed::context;
use kobling_testkit::database::Database;

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

async fn decide(world: &World, verdict: Verdict) -> Result<Decided, QuarantineError> {
    quarantine::decide(&world.hub, world.tenant, (SOURCE, 100), verdict, &DECISION).await
}

/// The national number of a person, as it is delivered.
async fn number(world: &World, person: SubjectNo) -> String {
    let it = subject(world, person).await;
    let context = context::number(world.tenant, it.id);
    let digits = world.hub.keys.open(&context, &it.number_sealed.unwrap()).unwrap();
    String::from_utf8(digits.to_vec()).unwrap()
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
        let new = |person| with(&employee(100, person, 10), "entryDate", "2026-02-20");
        world.day(day(0), &employer(&[new(1), stays.clone()])).await;
        let gone = world.day(day(1), &employer(std::slice::from_ref(&stays))).await;
        assert_eq!((gone.state, gone.gone), (RunState::Applied, 1));
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0], "it is annulled");
        let report = world.day(day(2), &employer(&[new(3), stays.clone()])).await;
        assert_eq!((report.quarantined, report.applied), (1, 0), "{report:?}");
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0]);
        let back = world.day(day(3), &employer(&[new(1), stays])).await;
        assert_eq!((back.quarantined, back.applied), (0, 1), "{back:?}");
    }
}

#[tokio::test]
async fn case_16_a_corrected_national_number_is_that_of_the_same_person() {
    for world in World::each().await {
        let second = employee(101, 1, 10);
        world.day(day(0), &employer(&[employee(100, 1, 10), second.clone()])).await;
        let before = person(&world, 100).await.unwrap();
        let corrected = with(&with(&employee(100, 1, 10), "cpr", &cpr(2)), "position", "Leder");
        let records = employer(&[corrected, second]);
        assert_eq!(world.day(day(1), &records).await.quarantined, 1);
        let listed = quarantine::list(&world.hub, world.tenant, Some(SOURCE)).await.unwrap();
        assert_eq!((listed.len(), listed[0].number), (1, Some(100)));
        assert_eq!((listed[0].code.as_str(), listed[0].run), ("other_person", 2));
        assert!(listed[0].line > 1 && listed[0].text.contains("another national number"));
        assert!(listed[0].input.starts_with("ZLPE20260303"), "{listed:?}");
        let told = format!("{listed:?}");
        assert!(!told.contains(&cpr(2)) && !told.contains(&cpr(1)), "{told}");

        let decided = decide(&world, Verdict::Correction).await.unwrap();
        assert_eq!(decided.ended, None);
        assert_eq!(quarantine::list(&world.hub, world.tenant, None).await.unwrap(), []);
        assert_eq!(number(&world, before).await, cpr(2));
        let again = decide(&world, Verdict::Correction).await;
        assert!(matches!(again, Err(QuarantineError::NotSetAside { number: 100, .. })));

        // The same file, read again, is applied.
        let report = world.day(day(1), &records).await;
        assert_eq!((report.quarantined, report.applied), (0, 1), "{report:?}");
        assert_eq!(person(&world, 100).await, Some(before));
        assert_eq!(person(&world, 101).await, Some(before), "either number names the person");
        let state = world.slices(Kind::Employment, 100).await.pop().unwrap().state;
        assert_eq!(state.text(Field::EmploymentPositionTitle), Some("Leder"));
        let mut tx = world.hub.db.read().await.unwrap();
        let last = audit::last(&mut tx, world.tenant, 9).await.unwrap();
        let acts: Vec<&str> = last.iter().map(|it| it.action.as_str()).collect();
        assert!(acts.contains(&"quarantine.decide"), "{acts:?}");
    }
}

#[tokio::test]
async fn case_15_a_number_that_is_used_again_is_another_employment_of_another_person() {
    for world in World::each().await {
        world.day(day(0), &employer(&[employee(100, 1, 10)])).await;
        let old = world.subject(Kind::Employment, 100).await.unwrap();
        let before = person(&world, 100).await;
        let other = with(&employee(100, 2, 10), "entryDate", "2026-03-03");
        let records = employer(&[other]);
        assert_eq!(world.day(day(1), &records).await.quarantined, 1);
        let decided = decide(&world, Verdict::Reuse).await.unwrap();
        assert_eq!(decided.ended, Some(day(1)));
        let new = world.subject(Kind::Employment, 100).await.unwrap();
        assert_ne!(new, old);
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0], "until the next run");

        let report = world.day(day(2), &records).await;
        assert_eq!((report.quarantined, report.applied, report.gone), (0, 1, 0), "{report:?}");
        assert_eq!(world.subject(Kind::Employment, 100).await, Some(new));
        assert_eq!(world.days(Kind::Employment, 100).await, ["2026-03-03.."]);
        assert_ne!(person(&world, 100).await, before);
        let mut tx = world.hub.db.read().await.unwrap();
        let ended = claim::history(&mut tx, world.tenant, &[old]).await.unwrap();
        let ended: Vec<_> = ended.iter().filter(|it| it.until == Version::OPEN).collect();
        assert_eq!(ended.len(), 1, "nothing is merged");
        assert_eq!(ended[0].slice.validity.until(), Some(day(1)));
        assert_eq!(ended[0].refs.person, before);
        assert_eq!(roster::first_fault(&mut tx, world.tenant).await.unwrap(), None);
        drop(tx);
        let again = world.day(day(3), &records).await;
        assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
        // A stub ends the new employment and leaves the old one as it ended.
        let left = world.day(day(4), &employer(&[stub(100)])).await;
        assert_eq!((left.quarantined, left.applied), (0, 1), "{left:?}");
    }
}

#[tokio::test]
async fn a_correction_to_the_number_of_another_known_person_is_refused() {
    for world in World::each().await {
        let second = employee(101, 2, 10);
        world.day(day(0), &employer(&[employee(100, 1, 10), second.clone()])).await;
        let known = person(&world, 100).await;
        let other = with(&employee(100, 1, 10), "cpr", &cpr(2));
        assert_eq!(world.day(day(1), &employer(&[other, second])).await.quarantined, 1);
        let ledger = world.ledger().await;
        let refused = decide(&world, Verdict::Correction).await.unwrap_err();
        assert!(matches!(refused, QuarantineError::OfAnother { number: 100 }), "{refused}");
        assert!(refused.is_bad_input() && !refused.to_string().contains(&cpr(2)));
        assert_eq!(world.ledger().await, ledger);
        assert_eq!(person(&world, 100).await, known);
        assert_eq!(quarantine::list(&world.hub, world.tenant, None).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_number_that_was_given_up_is_used_again_when_a_person_says_so() {
    for world in World::each().await {
        world.day(day(0), &employer(&[employee(100, 1, 10)])).await;
        world.day(day(1), &employer(&[employee(500, 1, 10)])).await;
        let both = employer(&[employee(100, 1, 10), employee(500, 1, 10)]);
        assert_eq!(world.day(day(2), &both).await.quarantined, 1);
        let correction = decide(&world, Verdict::Correction).await;
        assert!(matches!(correction, Err(QuarantineError::NotDecidable { .. })));
        assert_eq!(decide(&world, Verdict::Reuse).await.unwrap().ended, None);
        let report = world.day(day(2), &both).await;
        assert_eq!((report.quarantined, report.applied), (0, 1), "{report:?}");
        assert_eq!(world.days(Kind::Employment, 500).await, ["2014-08-01.."]);
        let (a, b) = (
            world.subject(Kind::Employment, 100).await,
            world.subject(Kind::Employment, 500).await,
        );
        assert_ne!(a, b);
    }
}

#[tokio::test]
async fn a_record_that_is_read_well_again_is_set_aside_no_more() {
    for database in Database::each().await {
        let world = World::of(database, "mode = \"delta\"").await;
        world.day(day(0), &employer(&[employee(100, 1, 10)])).await;
        assert_eq!(world.day(day(1), &[employee(100, 2, 10)]).await.quarantined, 1);
        assert_eq!(world.day(day(2), &[employee(900, 900, 10)]).await.quarantined, 0);
        let listed = || quarantine::list(&world.hub, world.tenant, None);
        assert_eq!(listed().await.unwrap().len(), 1, "nothing was said of it");
        assert_eq!(world.day(day(3), &[employee(100, 1, 10)]).await.quarantined, 0);
        assert_eq!(listed().await.unwrap(), []);
    }
}
