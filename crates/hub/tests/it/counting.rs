//! What a run reads, parses and writes, counted exactly.

use crate::world::{World, bytes};
use kobling_formats::synthetic::Employer;
use kobling_hub::exchange::report::RunState;
use std::collections::BTreeSet;

const EMPLOYEES: u32 = 500;

#[tokio::test]
async fn a_run_without_changes_parses_nothing_and_writes_only_its_run() {
    let employer = Employer::new(EMPLOYEES, 1).unwrap();
    for world in World::each().await {
        let first = world.extract(&employer.extract(0)).await;
        assert_eq!((first.state, first.parsed > 500), (RunState::Applied, true), "{first:?}");
        let before = world.database.contents().await;
        let again = world.extract(&employer.extract(0)).await;
        assert_eq!(again.state, RunState::Unchanged);
        assert_eq!((again.parsed, again.unchanged), (0, again.read));
        let after = world.database.contents().await;
        let changed: BTreeSet<&str> = after
            .iter()
            .filter(|(table, rows)| before.get(*table) != Some(rows))
            .map(|(table, _)| table.as_str())
            .collect();
        // The tenant's row counts runs; the source's row names the last input.
        assert_eq!(changed, BTreeSet::from(["run", "source", "tenant"]));
    }
}

#[tokio::test]
async fn a_touch_of_every_record_parses_nothing_and_changes_nothing() {
    let employer = Employer::new(EMPLOYEES, 1).unwrap();
    for world in World::each().await {
        world.extract(&employer.extract(0)).await;
        let ledger = world.ledger().await;
        let touched = bytes(&employer.extract(0).touched());
        let report = world.run("ZLPE20260303224013_delta.xml", &touched).await;
        assert_eq!((report.state, report.parsed), (RunState::Unchanged, 0));
        assert_eq!(world.ledger().await, ledger);
    }
}

#[tokio::test]
async fn the_next_day_changes_exactly_what_changed() {
    let employer = Employer::new(EMPLOYEES, 1).unwrap();
    for world in World::each().await {
        world.extract(&employer.extract(0)).await;
        let report = world.extract(&employer.extract(1)).await;
        // 1 % change; 0.2 % are new; 0.2 % leave, by a stub or by a date: each has its record.
        assert_eq!(report.state, RunState::Applied, "{report:?}");
        assert_eq!((report.applied, report.parsed), (5 + 1 + 1, 5 + 1 + 1), "{report:?}");
        assert_eq!((report.gone, report.quarantined), (0, 0));
    }
}

#[tokio::test]
async fn a_shuffled_file_makes_the_same_plan_and_the_same_ledger() {
    let employer = Employer::new(EMPLOYEES, 1).unwrap();
    for world in World::each().await {
        let shuffled = World::snapshot().await;
        for day in 0..3 {
            let a = world.extract(&employer.extract(day)).await;
            let b = shuffled.extract(&employer.extract(day).shuffled(u64::from(day))).await;
            assert_eq!((a.plan, a.applied), (b.plan, b.applied), "day {day}");
            assert_eq!(world.ledger().await, shuffled.ledger().await, "day {day}");
        }
    }
}

#[tokio::test]
async fn twelve_days_of_an_employer_end_alike_on_both_engines_whatever_the_order() {
    let employer = Employer::new(300, 7).unwrap();
    let [a, b] = World::each().await;
    for day in 0..12 {
        let in_order = a.extract(&employer.extract(day)).await;
        let extract = employer.extract(day);
        let other = b.extract(&if day % 2 == 1 { extract.shuffled(3) } else { extract }).await;
        assert_eq!(in_order.plan, other.plan, "day {day}");
        assert!(in_order.brakes.is_empty(), "{in_order:?}");
    }
    assert_eq!(a.ledger().await, b.ledger().await);
}
