//! Hard case 10: payroll cancels an employment and makes it anew under another number.

use crate::world::{World, employee, unit, with};
use jiff::civil::{Date, date};
use kobling_domain::people::{Field, Kind};
use kobling_formats::opus::Record;
use kobling_hub::exchange::plan;
use kobling_hub::exchange::report::RunState;

const FIRST: Date = date(2026, 3, 2);
const SECOND: Date = date(2026, 3, 3);
const THIRD: Date = date(2026, 3, 4);

fn employer(employees: &[Record]) -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(10, 1)];
    records.extend_from_slice(employees);
    records
}

#[tokio::test]
async fn case_10_an_employment_made_anew_under_another_number_is_the_same_employment() {
    for world in World::each().await {
        world.day(FIRST, &employer(&[employee(100, 1, 10), employee(101, 2, 10)])).await;
        let old = world.subject(Kind::Employment, 100).await.unwrap();
        let anew = with(&employee(500, 1, 10), "numerator", "30");
        let next = employer(&[employee(101, 2, 10), anew]);
        let report = world.day(SECOND, &next).await;
        assert_eq!((report.state, report.applied, report.gone), (RunState::Applied, 1, 0));
        let shown = plan::show(&world.hub, world.tenant, report.plan.as_deref().unwrap(), 0);
        let shown = serde_json::to_value(shown.await.unwrap().employments).unwrap();
        assert_eq!(shown, serde_json::json!({ "renumbered": 1 }));
        assert_eq!(world.subject(Kind::Employment, 500).await, Some(old));
        let slices = world.slices(Kind::Employment, 500).await;
        let hours = |nth: usize| slices[nth].state.int(Field::EmploymentHoursNumerator);
        assert_eq!((slices.len(), hours(0), hours(1)), (2, Some(37_000), Some(30_000)));
        let again = world.day(THIRD, &next).await;
        assert_eq!((again.state, again.parsed, again.gone), (RunState::Unchanged, 0, 0));
    }
}

#[tokio::test]
async fn a_number_that_was_given_up_is_not_taken_back_by_itself() {
    let world = World::snapshot().await;
    world.day(FIRST, &employer(&[employee(100, 1, 10)])).await;
    world.day(SECOND, &employer(&[employee(500, 1, 10)])).await;
    let both = employer(&[employee(100, 1, 10), employee(500, 1, 10)]);
    let report = world.day(THIRD, &both).await;
    assert_eq!((report.quarantined, report.applied), (1, 0), "{report:?}");
    assert_eq!(world.days(Kind::Employment, 500).await, ["2014-08-01.."]);
}

#[tokio::test]
async fn another_position_is_another_employment_and_two_that_fit_are_named() {
    let world = World::snapshot().await;
    let before = [employee(100, 1, 10), employee(101, 2, 10), employee(102, 2, 10)];
    world.day(FIRST, &employer(&before)).await;
    let after = [with(&employee(500, 1, 10), "position", "Leder"), employee(501, 2, 10)];
    let report = world.day(SECOND, &employer(&after)).await;
    assert_eq!((report.applied, report.gone), (2, 3), "{report:?}");
    assert!(report.notes.iter().any(|it| it.contains("101, 102")), "{:?}", report.notes);
    assert_ne!(
        world.subject(Kind::Employment, 500).await,
        world.subject(Kind::Employment, 100).await
    );
}

#[tokio::test]
async fn a_held_renumbering_is_released_as_one() {
    let world = World::snapshot().await;
    world.day(FIRST, &employer(&[employee(100, 1, 10)])).await;
    let held = world.make(SECOND, &employer(&[employee(500, 1, 10)])).await;
    assert_eq!((held.state, held.held), (RunState::Held, 1));
    assert_eq!(world.subject(Kind::Employment, 500).await, None);
    world.release(&held).await.unwrap();
    assert_eq!(
        world.subject(Kind::Employment, 500).await,
        world.subject(Kind::Employment, 100).await
    );
    assert_eq!(world.days(Kind::Employment, 500).await, ["2014-08-01.."]);
}

#[tokio::test]
async fn a_renumbering_that_is_taken_back_is_one_change_too() {
    let world = World::snapshot().await;
    world.day(FIRST, &employer(&[employee(100, 1, 10)])).await;
    world.day(SECOND, &employer(&[employee(500, 1, 10)])).await;
    let subject = world.subject(Kind::Employment, 500).await;
    let back = employer(&[employee(100, 1, 10)]);
    let report = world.day(THIRD, &back).await;
    assert_eq!((report.applied, report.gone, report.quarantined), (1, 0, 0), "{report:?}");
    assert_eq!(world.subject(Kind::Employment, 100).await, subject);
    assert_eq!(world.days(Kind::Employment, 100).await, ["2014-08-01.."]);
    let again = world.day(date(2026, 3, 5), &back).await;
    assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
}
