//! What vanishes: annulled or ended, and turned into the other by a person.

use crate::world::{DECISION, World, employee, stub, unit, with};
use jiff::civil::{Date, date};
use kobling_domain::people::Kind;
use kobling_formats::opus::Record;
use kobling_hub::exchange::annul::{self, AnnulError};
use kobling_hub::exchange::report::RunState;
use kobling_hub::people;
use kobling_store::access::audit;

/// The 2nd of March and the days after it.
fn day(nth: i8) -> Date {
    date(2026, 3, 2 + nth)
}

fn employer(employees: &[Record]) -> Vec<Record> {
    let mut records = vec![unit(1, 0)];
    records.extend_from_slice(employees);
    records
}

#[tokio::test]
async fn who_was_employed_before_the_first_load_and_vanishes_soon_after_it_is_ended_not_annulled() {
    for world in World::each().await {
        let old = with(&employee(100, 1, 1), "entryDate", "1990-01-01");
        let new = with(&employee(101, 2, 1), "entryDate", "2026-02-20");
        let coming = with(&employee(102, 3, 1), "entryDate", "2026-04-01");
        let stays = employee(103, 4, 1);
        world.day(day(0), &employer(&[old, new, coming, stays.clone()])).await;
        assert_eq!(world.day(day(10), &employer(&[stays])).await.gone, 3);
        assert_eq!(world.days(Kind::Employment, 100).await, ["1990-01-01..2026-03-12"]);
        assert_eq!(world.days(Kind::Employment, 101).await, [""; 0]);
        assert_eq!(world.days(Kind::Employment, 102).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_person_turns_an_end_by_vanishing_into_an_annulment_and_both_stay_known() {
    for world in World::each().await {
        let (gone, stays) = (employee(100, 1, 1), employee(101, 2, 1));
        world.day(day(0), &employer(&[gone.clone(), stays.clone()])).await;
        world.day(day(1), &employer(std::slice::from_ref(&stays))).await;
        assert_eq!(world.days(Kind::Employment, 100).await, ["2014-08-01..2026-03-03"]);

        let annulled = annul::annul(&world.hub, world.tenant, "100", &DECISION).await.unwrap();
        assert_eq!(annulled.until, Some(day(1)));
        assert_eq!(world.days(Kind::Employment, 100).await, [""; 0]);
        let history = people::history(&world.hub, world.tenant, "100").await.unwrap();
        assert_eq!(history.claims.len(), 2, "what was believed then is still known");
        let decided = history.claims[1].replaced.clone().unwrap().decided.unwrap();
        assert_eq!((decided.by.as_str(), decided.reason.as_str()), ("Signe Test", "looked at"));
        assert_eq!(decided.action, "employment.annul");
        let mut tx = world.hub.db.read().await.unwrap();
        let entries = audit::last(&mut tx, world.tenant, 1).await.unwrap();
        assert_eq!(entries[0].detail["version"], annulled.version.0);
        drop(tx);

        let again = annul::annul(&world.hub, world.tenant, "100", &DECISION).await;
        assert!(matches!(again, Err(AnnulError::Already { .. })), "{again:?}");
        // Nothing is left to end, and who comes back is back.
        let same = world.day(day(2), &employer(std::slice::from_ref(&stays))).await;
        assert_eq!((same.state, same.gone), (RunState::Unchanged, 0));
        world.day(day(3), &employer(&[gone, stays])).await;
        assert_eq!(world.days(Kind::Employment, 100).await, ["2014-08-01.."]);
    }
}

#[tokio::test]
async fn only_what_vanished_is_annulled_by_a_person() {
    let world = World::snapshot().await;
    let ended = with(&employee(102, 3, 1), "leaveDate", "2026-02-28");
    let all = [employee(100, 1, 1), employee(101, 2, 1), ended];
    world.day(day(0), &employer(&all)).await;
    world.day(day(1), &employer(&[all[0].clone(), stub(101)])).await;
    for (id, why) in [("100", "it is open"), ("101", "a stub ended it"), ("102", "it had ended")] {
        let refused = annul::annul(&world.hub, world.tenant, id, &DECISION).await;
        assert!(matches!(refused, Err(AnnulError::NotVanished { .. })), "{why}: {refused:?}");
    }
    let nobody = annul::annul(&world.hub, world.tenant, "999", &DECISION).await.unwrap_err();
    assert!(nobody.is_bad_input(), "{nobody}");
}
