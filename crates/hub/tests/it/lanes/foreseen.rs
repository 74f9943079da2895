//! What would be told, before anything is.

use super::{FIRST, Office, SECOND, TARGET, employer, people, titled};
use crate::world::with;
use jiff::civil::{Date, date};
use kobling_formats::opus::Record;
use kobling_hub::exchange::lane::{Foreseen, Report, look};
use kobling_hub::exchange::progress::Silent;

/// Looks on a day, twice, and then delivers on it: what was foreseen is what is made.
async fn foreseen_and_delivered(office: &Office, day: Date) -> (Foreseen, Report) {
    let hub = office.at(day);
    let seen = look(&hub, office.world.tenant, TARGET, &Silent).await.unwrap();
    let again = look(&hub, office.world.tenant, TARGET, &Silent).await.unwrap();
    assert_eq!((again.made, &again.messages), (seen.made, &seen.messages), "looking does nothing");
    let before = office.receiver.received().effects.len();
    let report = office.deliver_by(&hub).await.unwrap();
    let brakes: Vec<_> = report.standing.brakes.iter().map(|it| it.tripped.clone()).collect();
    assert_eq!((seen.made, &seen.brakes), (report.made, &brakes), "{day}");
    let told = office.receiver.received().effects.split_off(before);
    if seen.brakes.is_empty() {
        let foretold = |it: &kobling_hub::exchange::lane::Foretold| {
            (it.subject, it.action, it.changed.clone())
        };
        let mut foretold: Vec<_> = seen.messages.iter().map(foretold).collect();
        let told =
            told.iter().map(|it| (it.subject, it.action, it.changed.clone().unwrap_or_default()));
        let mut told: Vec<_> = told.collect();
        foretold.sort();
        told.sort();
        assert_eq!(foretold, told, "{day}");
    }
    (seen, report)
}

#[tokio::test]
async fn what_is_foreseen_is_what_is_then_made() {
    for office in Office::each().await {
        let mut all = people(5);
        all[3] = with(&all[3], "entryDate", "2026-03-20");
        all[4] = with(&all[4], "leaveDate", "2026-04-09");
        office.world.day(FIRST, &employer(&all)).await;
        let (seen, _) = foreseen_and_delivered(&office, FIRST).await;
        assert_eq!((seen.made.create, seen.messages.len()), (8, 8));
        assert!(seen.messages.iter().any(|it| it.name.as_deref() == Some("Åse Testesen 0")));
        all[1] = titled(&all[1], "Skoleleder");
        office.world.day(SECOND, &employer(&all)).await;
        foreseen_and_delivered(&office, SECOND).await;
        let mut changed = 0;
        for day in [date(2026, 3, 20), date(2026, 4, 9), date(2026, 4, 10)] {
            let (seen, _) = foreseen_and_delivered(&office, day).await;
            changed += seen.made.change + seen.made.inactivate;
        }
        assert_eq!(changed, 2, "one begins and one has left");
        office.configure("", "scope = [\"1\"]\nuntil = \"2026-05-01\"").await;
        let (seen, _) = foreseen_and_delivered(&office, date(2026, 5, 1)).await;
        assert_eq!(seen.made.inactivate, 7);
        assert!(seen.messages.iter().all(|it| it.name.is_some()), "a person sees whom");
    }
}

#[tokio::test]
async fn the_brakes_that_would_hold_are_foreseen_with_what_waits_already() {
    let office = Office::new().await;
    let brakes = "brakes = { inactivate = { count = 3, per_mille = 10 }, change = \"any\" }";
    office.configure(brakes, "scope = [\"1\"]").await;
    office.world.day(FIRST, &employer(&people(10))).await;
    foreseen_and_delivered(&office, FIRST).await;
    let left = |record: &Record| with(record, "leaveDate", "2026-03-01");
    let mut fewer = people(10);
    fewer.iter_mut().take(4).for_each(|it| *it = left(it));
    office.world.day(SECOND, &employer(&fewer)).await;
    let (seen, _) = foreseen_and_delivered(&office, SECOND).await;
    assert_eq!(seen.brakes[0].count, 4);
    // One more has left, and one of those that wait has not.
    fewer[4] = left(&fewer[4]);
    fewer[0] = people(1).remove(0);
    office.world.day(super::THIRD, &employer(&fewer)).await;
    let (seen, _) = foreseen_and_delivered(&office, super::THIRD).await;
    assert_eq!((seen.made.inactivate, seen.brakes[0].count), (1, 4));
}
