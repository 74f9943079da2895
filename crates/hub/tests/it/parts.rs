//! Held plans released in part, and limits of single units.

use crate::world::{DECISION, World, employee, unit, with};
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::people::{Field, Kind, NativeKey};
use kobling_formats::opus::Record;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::part::{self, Rest};
use kobling_hub::exchange::plan::{self, PlanError};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::{RunReport, RunState};
use kobling_store::access::audit;

/// The 2nd of March and the days after it.
fn day(nth: i8) -> Date {
    date(2026, 3, 2 + nth)
}

/// A root, two areas, and in each a school of eight people: 100 to 107 in unit 11, 200 to 207 in
/// unit 21.
fn employer() -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(10, 1), unit(11, 10), unit(20, 1), unit(21, 20)];
    records.extend((0..8).map(|it| employee(100 + i64::from(it), it, 11)));
    records.extend((0..8).map(|it| employee(200 + i64::from(it), 100 + it, 21)));
    records
}

const UNITS: [i64; 5] = [1, 10, 11, 20, 21];
const EMPLOYMENTS: [i64; 8] = [100, 101, 102, 103, 200, 207, 300, 400];

fn without(records: &[Record], is_out: impl Fn(i64) -> bool) -> Vec<Record> {
    records.iter().filter(|it| !is_out(it.native_no)).cloned().collect()
}

fn change(records: &mut [Record], number: i64, element: &str, text: &str) {
    let it = records.iter_mut().find(|it| it.native_no == number).unwrap();
    *it = with(it, element, text);
}

fn protect(records: &mut [Record], number: i64) {
    let it = records.iter_mut().find(|it| it.native_no == number).unwrap();
    it.set_attribute("address", "protected", "true");
}

fn brakes(report: &RunReport) -> Vec<(Brake, Option<&str>)> {
    report.brakes.iter().map(|it| (it.brake, it.below.as_ref().map(NativeKey::as_str))).collect()
}

async fn except(world: &World, report: &RunReport, brake: Brake) -> Rest {
    let hash = report.plan.as_deref().unwrap();
    part::except(&world.hub, world.tenant, hash, brake.name(), &DECISION).await.unwrap()
}

async fn release(world: &World, rest: &Rest) -> RunReport {
    let report = decide::release(&world.hub, world.tenant, &rest.hash, &DECISION, &Silent).await;
    let report = report.unwrap();
    let sum = report.applied + report.unchanged + report.held + report.quarantined;
    assert_eq!(report.read, sum, "{report:?}");
    report
}

/// A school is missing, and somebody at another school has really left.
#[tokio::test]
async fn all_but_an_emptied_school_is_released_and_the_other_schools_leaver_is_ended() {
    for world in World::each().await {
        world.configure("mode = \"snapshot\"\nannul_within_days = 0").await;
        world.day(day(0), &employer()).await;
        let mut next = without(&employer(), |it| it == 21 || it == 100 || (200..300).contains(&it));
        change(&mut next, 101, "position", "Leder");
        let held = world.day(day(1), &next).await;
        assert_eq!(brakes(&held), [(Brake::UnitEmptied, None)]);
        let rest = except(&world, &held, Brake::UnitEmptied).await;
        assert_eq!((rest.taken_out, rest.brakes.len()), (9, 0));
        let report = release(&world, &rest).await;
        assert_eq!((report.applied, report.gone, report.held), (1, 1, 0));
        assert_eq!(world.days(Kind::Employment, 100).await, ["2014-08-01..2026-03-03"]);
        assert_eq!(world.days(Kind::Employment, 200).await, ["2014-08-01.."]);
        assert_eq!(world.days(Kind::Unit, 21).await, ["0001-01-01.."]);
        // The next complete file finds the school missing still, and nobody else.
        let next = world.day(day(2), &next).await;
        assert_eq!((brakes(&next), next.gone), (vec![(Brake::UnitEmptied, None)], 9));
    }
}

/// Everything a brake can hold at once: a school missing, another moved, a protection lost, a title
/// changed, somebody new, somebody gone.
fn eventful() -> Vec<Record> {
    let mut next = without(&employer(), |it| it == 21 || it == 100 || (200..300).contains(&it));
    change(&mut next, 101, "position", "Leder");
    change(&mut next, 11, "parentOrgUnit", "20");
    change(&mut next, 102, "address", "Åben Vej 1");
    next.push(employee(300, 300, 11));
    next
}

#[tokio::test]
async fn what_is_released_and_what_is_left_out_are_the_whole_plan() {
    let settings = "mode = \"snapshot\"\n[source.brakes]\nmoved_people_min = 5\n\
                    employments_gone = { count = 3, per_mille = 0 }\n\
                    [source.brakes.below.20]\nunits_gone = { count = 0, per_mille = 0 }";
    let mut first = employer();
    protect(&mut first, 102);
    for brake in [Brake::Gone, Brake::UnitEmptied, Brake::UnitMoved, Brake::ProtectionLost] {
        let (parts, whole) = (World::with(settings).await, World::with(settings).await);
        for world in [&parts, &whole] {
            world.day(day(0), &first).await;
        }
        let held = parts.day(day(1), &eventful()).await;
        assert!(brakes(&held).iter().any(|it| it.0 == brake), "{brake} does not hold it");
        let all = parts.shown(&held).await;

        let mut rest = except(&parts, &held, brake).await;
        assert!(!rest.brakes.contains(&brake), "{brake} holds the rest still");
        assert!(rest.taken_out > 0);
        let released = release(&parts, &rest).await;
        assert_eq!(released.state, RunState::Applied);
        // The same file again brings exactly what was left out.
        let again = parts.day(day(1), &eventful()).await;
        assert_eq!(again.state, RunState::Held, "{brake}");
        rest.taken_out = parts.shown(&again).await;
        assert_eq!(all, rest.taken_out + released.applied + released.gone, "{brake}");
        parts.release(&again).await.unwrap();

        let held = whole.day(day(1), &eventful()).await;
        whole.release(&held).await.unwrap();
        assert_eq!(
            parts.believed(&UNITS, &EMPLOYMENTS).await,
            whole.believed(&UNITS, &EMPLOYMENTS).await,
            "{brake}"
        );
    }
}

#[tokio::test]
async fn leaving_out_the_gone_of_one_kind_leaves_the_other_and_the_units_people_stand_in() {
    let settings = "mode = \"snapshot\"\n[source.brakes]\noff = [\"unit_emptied\"]\n\
                    employments_gone = { count = 3, per_mille = 0 }";
    let world = World::with(settings).await;
    let mut first = employer();
    first.push(unit(30, 1));
    world.day(day(0), &first).await;
    let next = without(&employer(), |it| it == 21 || (200..300).contains(&it));
    let held = world.day(day(1), &next).await;
    assert_eq!(brakes(&held), [(Brake::Gone, None)]);
    let rest = except(&world, &held, Brake::Gone).await;
    assert_eq!(rest.taken_out, 9, "eight people, and the unit they are in");
    release(&world, &rest).await;
    assert_eq!(world.days(Kind::Unit, 21).await, ["0001-01-01.."]);
    let empty = world.days(Kind::Unit, 30).await;
    assert_eq!(empty, ["0001-01-01..2026-03-03"], "an empty unit is really gone");
}

#[tokio::test]
async fn single_units_have_limits_of_their_own_for_every_brake_that_knows_units() {
    for world in World::each().await {
        let mut first = employer();
        protect(&mut first, 200);
        world.configure("mode = \"snapshot\"\nannul_within_days = 0").await;
        world.day(day(0), &first).await;

        let below = "mode = \"snapshot\"\n[source.brakes]\nprotection_lost_max = 9\n\
                     [source.brakes.below.20]\nemployments_gone = { count = 1, per_mille = 0 }\n\
                     units_gone = { count = 0, per_mille = 0 }\nmoved_people_min = 3\n\
                     protection_lost_max = 0";
        world.configure(below).await;
        let mut next = without(&first, |it| it == 206 || it == 207 || it == 106 || it == 107);
        change(&mut next, 21, "parentOrgUnit", "10");
        change(&mut next, 11, "parentOrgUnit", "20");
        let at = next.iter().position(|it| it.native_no == 200).unwrap();
        next[at] = with(&employee(200, 100, 21), "position", "Leder");
        let held = world.day(day(1), &next).await;
        assert_eq!(
            brakes(&held),
            [
                (Brake::Gone, Some("20")),
                (Brake::UnitMoved, None),
                (Brake::ProtectionLost, Some("20"))
            ]
        );
        let moved: Vec<&str> = held.brakes[1].items.iter().map(NativeKey::as_str).collect();
        assert_eq!(moved, ["21"], "eight people may move elsewhere");
        let rest = except(&world, &held, Brake::Gone).await;
        assert_eq!(rest.taken_out, 2, "those of the other school are gone");
        assert_eq!(rest.brakes, [Brake::UnitMoved, Brake::ProtectionLost]);
    }
}

#[tokio::test]
async fn a_brake_can_be_off_for_one_unit_and_counts_the_others_only() {
    let settings = "mode = \"snapshot\"\nannul_within_days = 0\n[source.brakes]\n\
                    employments_gone = { count = 3, per_mille = 0 }\n\
                    [source.brakes.below.20]\noff = [\"gone\", \"unit_emptied\"]";
    for world in World::each().await {
        world.configure(settings).await;
        world.day(day(0), &employer()).await;
        let leaves = |it: i64| it == 100 || (200..300).contains(&it);
        let report = world.day(day(1), &without(&employer(), leaves)).await;
        assert_eq!((report.state, report.gone), (RunState::Applied, 9));
        let leaves = |it: i64| (100..105).contains(&it) || (200..300).contains(&it);
        let report = world.day(day(2), &without(&employer(), leaves)).await;
        assert_eq!(brakes(&report), [(Brake::Gone, None)]);
        assert_eq!((report.brakes[0].count, report.brakes[0].limit), (4, 3));
    }
}

/// A held plan protects nobody yet.
#[tokio::test]
async fn a_held_plan_names_first_whom_it_protects_and_can_be_applied_to_them_alone() {
    for world in World::each().await {
        let mut first = employer();
        first.push(employee(400, 3, 11));
        world.day(day(0), &first).await;
        let mut next = first.clone();
        protect(&mut next, 103);
        next.retain(|it| it.native_no != 21 && !(200..300).contains(&it.native_no));
        change(&mut next, 101, "position", "Leder");
        let held = world.day(day(1), &next).await;
        assert_eq!(held.state, RunState::Held);
        assert_eq!(held.protects, [NativeKey::number(103)]);
        assert!(held.to_string().contains("NOT PROTECTED YET"), "{held}");
        let hash = held.plan.clone().unwrap();
        let shown = plan::show(&world.hub, world.tenant, &hash, 0).await.unwrap();
        assert_eq!(shown.protects[0].name.as_deref(), Some("Åse Testesen 3"));

        let rest = part::protect(&world.hub, world.tenant, &hash, &DECISION).await.unwrap();
        assert_eq!((rest.taken_out, rest.brakes.as_slice()), (1, &[Brake::UnitEmptied][..]));
        for number in [103, 400] {
            let history = world.history(Kind::Employment, number).await;
            let tells = |it: &kobling_store::people::claim::Claim| {
                it.slice.state.text(Field::PersonAddress).is_some()
            };
            assert!(!history.iter().any(tells), "{number}");
        }
        assert_eq!(world.days(Kind::Employment, 200).await, ["2014-08-01.."]);
        assert_eq!(world.slices(Kind::Employment, 101).await.len(), 1, "the rest waits");
        let again = part::protect(&world.hub, world.tenant, &rest.hash, &DECISION).await;
        assert!(matches!(again, Err(PlanError::ProtectsNobody { .. })), "{again:?}");

        let report = release(&world, &rest).await;
        assert_eq!((report.applied, report.held, report.gone), (2, 0, 9));
        let twin = World::snapshot().await;
        twin.day(day(0), &first).await;
        let whole = twin.day(day(1), &next).await;
        twin.release(&whole).await.unwrap();
        assert_eq!(
            world.believed(&UNITS, &EMPLOYMENTS).await,
            twin.believed(&UNITS, &EMPLOYMENTS).await
        );
    }
}

#[tokio::test]
async fn what_became_of_a_parted_plan_is_told_by_its_own_hash_and_by_the_audit() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let next = without(&employer(), |it| (200..300).contains(&it));
        let report = world.make(day(1), &next).await;
        let part = except(&world, &report, Brake::UnitEmptied).await;
        let held = report.plan.unwrap();
        let asked = held.get(..12).unwrap();
        let told = plan::show(&world.hub, world.tenant, asked, 0).await.unwrap_err();
        assert!(told.is_bad_input(), "{told}");
        assert!(matches!(told, PlanError::Parted { rest, .. } if rest == part.hash));

        let mut tx = world.hub.db.read().await.unwrap();
        let entry = audit::last(&mut tx, world.tenant, 1).await.unwrap().remove(0);
        assert_eq!((entry.action.as_str(), entry.who.as_str()), ("plan.except", DECISION.by()));
        assert_eq!(entry.detail["plan"], held.as_str());
        assert_eq!(entry.detail["rest"], part.hash.as_str());
        assert_eq!(entry.detail["brake"], "unit_emptied");
        assert_eq!(entry.detail["taken_out"], part.taken_out);
        assert_eq!(entry.detail["reason"], DECISION.reason());
    }
}

/// What would be left of it could not be released either.
#[tokio::test]
async fn of_a_plan_that_the_ledger_has_left_behind_nothing_is_taken_out() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let next = without(&employer(), |it| (200..300).contains(&it));
        let held = world.make(day(3), &next).await.plan.unwrap();
        let mut meanwhile = employer();
        change(&mut meanwhile, 100, "position", "Rektor");
        world.day(day(2), &meanwhile).await;
        let brake = Brake::UnitEmptied.name();
        let refused = part::except(&world.hub, world.tenant, &held, brake, &DECISION).await;
        assert!(matches!(refused, Err(PlanError::MovedOn { .. })), "{refused:?}");
        let shown = plan::show(&world.hub, world.tenant, &held, 0).await.unwrap();
        assert_eq!(shown.state, "held");
    }
}
