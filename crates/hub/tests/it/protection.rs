//! Hard case 17: protected addresses are nowhere, whenever and by whichever record they are
//! protected.

use crate::world::{World, employee, name_of, stub, unit, with, xml};
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::people::{Field, Kind, State, Value};
use kobling_domain::time::Slice;
use kobling_formats::opus::Record;
use kobling_hub::exchange::report::RunState;

const FIRST: Date = date(2026, 3, 2);
const SECOND: Date = date(2026, 3, 3);
const THIRD: Date = date(2026, 3, 4);

fn protected(record: &Record) -> Record {
    let mut record = record.clone();
    record.set_attribute("address", "protected", "true");
    record
}

fn employer(employees: &[Record]) -> Vec<Record> {
    let mut records = vec![unit(1, 0)];
    records.extend_from_slice(employees);
    records
}

/// Whether any claim ever made on the employment holds an address.
async fn tells_address(world: &World, number: i64) -> bool {
    let claims = world.history(Kind::Employment, number).await;
    assert!(!claims.is_empty());
    claims.iter().any(|it| it.slice.state.text(Field::PersonAddress).is_some())
}

#[tokio::test]
async fn case_17_an_address_protected_in_any_of_three_encodings_is_never_stored() {
    for world in World::each().await {
        let plain = employee(100, 1, 1);
        let starred = with(&employee(101, 2, 1), "address", "*B*Prøvevej 1");
        let literal = with(&employee(102, 3, 1), "address", "**ADRESSEBESKYTTET**");
        let report = world.day(FIRST, &employer(&[protected(&plain), starred, literal])).await;
        assert_eq!((report.applied, report.quarantined), (4, 0));
        for number in [100, 101, 102] {
            assert!(!tells_address(&world, number).await);
            let state = world.slices(Kind::Employment, number).await.pop().unwrap().state;
            assert!(state.is(Field::PersonAddressProtected));
            assert_eq!(state.text(Field::PersonCity), None);
        }
    }
}

#[tokio::test]
async fn case_17_protecting_later_erases_the_address_in_every_version_of_all_employments() {
    for world in World::each().await {
        let (a, b, c) = (employee(100, 1, 1), employee(101, 1, 1), employee(102, 2, 1));
        let a = with(&a, "address", "Hemmelig Sti 7");
        world.day(FIRST, &employer(&[a.clone(), b.clone(), c.clone()])).await;
        let moved = with(&a, "address", "Hemmelig Sti 8");
        world.day(SECOND, &employer(&[moved.clone(), b.clone(), c.clone()])).await;
        let report = world.day(THIRD, &employer(&[protected(&moved), b, c])).await;
        assert_eq!((report.state, report.applied), (RunState::Applied, 1));
        assert!(!tells_address(&world, 100).await);
        assert!(!tells_address(&world, 101).await, "the other employment loses it too");
        assert!(tells_address(&world, 102).await, "nobody else does");
        let first = &world.history(Kind::Employment, 100).await[0];
        assert_eq!(first.slice.state.get(Field::PersonAddress), Some(&Value::Erased));
        let contents = world.database.contents().await;
        let whole: String = contents.into_values().flatten().collect();
        assert!(!whole.contains("Hemmelig Sti"), "no column holds it");
    }
}

#[tokio::test]
async fn case_17_a_new_employment_of_a_protected_person_brings_no_address() {
    for world in World::each().await {
        world.day(FIRST, &employer(&[protected(&employee(100, 1, 1))])).await;
        let second = with(&employee(101, 1, 1), "address", "Hemmelig Sti 7");
        let records = employer(&[protected(&employee(100, 1, 1)), second]);
        assert_eq!(world.day(SECOND, &records).await.applied, 1);
        assert!(!tells_address(&world, 101).await);
        let again = world.day(THIRD, &records).await;
        assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
    }
}

#[tokio::test]
async fn case_17_an_ended_employment_stays_protected() {
    let world = World::snapshot().await;
    let open = with(&employee(100, 1, 1), "address", "Hemmelig Sti 7");
    world.day(FIRST, &employer(&[open])).await;
    world.day(SECOND, &employer(&[stub(100)])).await;
    // A new employment says that the address is protected: the ended one told it.
    world.day(THIRD, &employer(&[stub(100), protected(&employee(200, 1, 1))])).await;
    assert!(!tells_address(&world, 100).await);
}

#[tokio::test]
async fn the_order_of_records_does_not_tell_whose_address_was_protected_when() {
    let (a, b) = (protected(&employee(100, 1, 1)), employee(101, 1, 1));
    let (one, other) = (World::snapshot().await, World::snapshot().await);
    one.run(&name_of(FIRST), &xml(&employer(&[a.clone(), b.clone()]))).await;
    other.run(&name_of(FIRST), &xml(&employer(&[b, a]))).await;
    assert_eq!(one.ledger().await, other.ledger().await);
}

#[tokio::test]
async fn releasing_a_lost_protection_lets_addresses_come_back() {
    for world in World::each().await {
        let (a, b) = (employee(100, 1, 1), employee(101, 1, 1));
        world.day(FIRST, &employer(&[protected(&a), b.clone()])).await;
        assert!(!tells_address(&world, 101).await);
        let open = with(&a, "address", "Åben Vej 1");
        let held = world.day(SECOND, &employer(&[open.clone(), b.clone()])).await;
        assert_eq!(held.brakes[0].brake, Brake::ProtectionLost);
        assert!(held.brakes[0].text.contains("of 1 protected person would"), "{held}");
        world.release(&held).await.unwrap();
        let address =
            |slice: &Slice<State>| slice.state.text(Field::PersonAddress).map(str::to_owned);
        let slices = world.slices(Kind::Employment, 100).await;
        assert_eq!(address(slices.last().unwrap()).as_deref(), Some("Åben Vej 1"));
        // The other employment lost its address by this one's protection; the next file tells it.
        let next = world.day(THIRD, &employer(&[open.clone(), b.clone()])).await;
        assert_eq!((next.state, next.applied), (RunState::Applied, 1));
        let slices = world.slices(Kind::Employment, 101).await;
        assert!(address(slices.last().unwrap()).is_some());
        // And a protection that comes again is one.
        let again = world.day(date(2026, 3, 5), &employer(&[protected(&open), b])).await;
        assert_eq!(again.state, RunState::Applied);
        assert!(!tells_address(&world, 100).await && !tells_address(&world, 101).await);
    }
}

#[tokio::test]
async fn who_is_protected_by_another_employment_stays_so_when_one_protection_ends() {
    let world = World::snapshot().await;
    let (a, b) = (employee(100, 1, 1), employee(101, 1, 1));
    world.day(FIRST, &employer(&[protected(&a), protected(&b)])).await;
    let held = world.day(SECOND, &employer(&[a, protected(&b)])).await;
    world.release(&held).await.unwrap();
    assert!(!tells_address(&world, 100).await);
}
