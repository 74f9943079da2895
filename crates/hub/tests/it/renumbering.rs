//! Hard case 10: payroll cancels an employment and makes it anew under another number.

use crate::world::{DECISION, SOURCE, World, employee, stub, unit, with};
use jiff::civil::{Date, date};
use kobling_domain::people::{Field, Kind};
use kobling_formats::opus::Record;
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::{plan, quarantine};

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

#[tokio::test]
async fn case_10_a_leave_stub_and_a_new_number_with_the_same_first_day_are_one_employment() {
    for world in World::each().await {
        world.day(FIRST, &employer(&[employee(100, 1, 10), employee(101, 2, 10)])).await;
        let old = world.subject(Kind::Employment, 100).await;
        let anew = with(&employee(500, 1, 10), "numerator", "30");
        let next = employer(&[stub(100), employee(101, 2, 10), anew]);
        let report = world.day(SECOND, &next).await;
        assert_eq!((report.state, report.applied, report.gone), (RunState::Applied, 2, 0));
        let shown = plan::show(&world.hub, world.tenant, report.plan.as_deref().unwrap(), 0);
        let shown = serde_json::to_value(shown.await.unwrap().employments).unwrap();
        assert_eq!(shown, serde_json::json!({ "renumbered": 1 }));
        assert_eq!(world.subject(Kind::Employment, 500).await, old);
        assert_eq!(
            world.days(Kind::Employment, 500).await,
            ["2014-08-01..2026-03-03", "2026-03-03.."]
        );
        // The stub is told for some nights more, then no longer: nobody ends by either.
        let again = world.day(THIRD, &next).await;
        assert_eq!((again.state, again.gone, again.quarantined), (RunState::Unchanged, 0, 0));
        let without =
            employer(&[employee(101, 2, 10), with(&employee(500, 1, 10), "numerator", "30")]);
        for day in [date(2026, 3, 5), date(2026, 3, 6)] {
            let report = world.day(day, &without).await;
            assert_eq!((report.state, report.gone), (RunState::Unchanged, 0), "{report:?}");
        }
        assert_eq!(world.days(Kind::Employment, 500).await.len(), 2);
    }
}

#[tokio::test]
async fn a_new_number_from_the_first_day_after_a_leave_stub_goes_on_as_the_same_employment() {
    for world in World::each().await {
        world.configure("mode = \"delta\"").await;
        world.day(FIRST, &employer(&[employee(100, 1, 10), employee(101, 2, 10)])).await;
        let old = world.subject(Kind::Employment, 100).await;
        let begins =
            |number, person| with(&employee(number, person, 10), "entryDate", &SECOND.to_string());
        let leader = with(&begins(501, 2), "position", "Leder");
        let changes = [stub(100), stub(101), begins(500, 1), leader];
        let report = world.day(SECOND, &changes).await;
        assert_eq!((report.applied, report.read), (4, 4), "{report:?}");
        assert_eq!(world.subject(Kind::Employment, 500).await, old);
        assert_eq!(world.days(Kind::Employment, 500).await, ["2014-08-01.."]);
        // Another position is another employment.
        assert_eq!(world.days(Kind::Employment, 101).await, ["2014-08-01..2026-03-03"]);
        assert_eq!(world.days(Kind::Employment, 501).await, ["2026-03-03.."]);
    }
}

/// The number was somebody else's, who has left.
#[tokio::test]
async fn an_employment_is_renumbered_onto_a_number_that_a_person_says_is_used_again() {
    for world in World::each().await {
        let (moves, left) = (employee(100, 1, 10), employee(50, 2, 10));
        world.day(FIRST, &employer(&[left, moves.clone()])).await;
        let old = world.subject(Kind::Employment, 100).await;
        let next = employer(&[employee(50, 1, 10), moves.clone()]);
        assert_eq!(world.day(SECOND, &next).await.quarantined, 1);
        let decided = quarantine::decide(
            &world.hub,
            world.tenant,
            (SOURCE, 50),
            quarantine::Verdict::Reuse,
            &DECISION,
        );
        decided.await.unwrap();
        let report = world.day(THIRD, &employer(&[employee(50, 1, 10)])).await;
        assert_eq!((report.state, report.applied), (RunState::Applied, 1), "{report:?}");
        assert_eq!(world.subject(Kind::Employment, 50).await, old);
        assert_eq!(world.days(Kind::Employment, 50).await, ["2014-08-01.."]);
    }
}
