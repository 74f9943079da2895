//! Plans that are held: what they leave alone, and what becomes of them.

use crate::world::{DECISION, SOURCE, World, employee, name_of, unit, with, xml};
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::id::{RunNo, TenantId};
use kobling_domain::people::{Field, Kind};
use kobling_formats::opus::Record;
use kobling_formats::synthetic::Employer;
use kobling_hub::exchange::plan::PlanError;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::exchange::{decide, part};
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::StoredItem;
use kobling_store::exchange::{draft, plan};
use std::error::Error;

/// The 2nd of March and the days after it.
fn day(nth: i8) -> Date {
    date(2026, 3, 2 + nth)
}

/// A root with two schools of eight people each.
fn employer() -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(10, 1), unit(20, 1)];
    records.extend((0..8).map(|it| employee(100 + i64::from(it), it, 10)));
    records.extend((0..8).map(|it| employee(200 + i64::from(it), 100 + it, 20)));
    records
}

/// The same with the position of one employment.
fn with_position(number: i64, position: &str) -> Vec<Record> {
    changed(&employer(), number, position)
}

fn changed(records: &[Record], number: i64, position: &str) -> Vec<Record> {
    let change = |it: &Record| {
        if it.native_no == number { with(it, "position", position) } else { it.clone() }
    };
    records.iter().map(change).collect()
}

/// The same without the second school and its people.
fn without_school(records: &[Record]) -> Vec<Record> {
    let is_left = |it: &&Record| it.native_no != 20 && !(200..300).contains(&it.native_no);
    records.iter().filter(is_left).cloned().collect()
}

/// An employment's positions with the days on which they begin.
async fn positions(world: &World, number: i64) -> Vec<(String, String)> {
    let slices = world.slices(Kind::Employment, number).await;
    slices
        .iter()
        .map(|it| {
            let title = it.state.text(Field::EmploymentPositionTitle).unwrap_or_default();
            (it.validity.from().to_string(), title.to_owned())
        })
        .collect()
}

fn owned(positions: &[(&str, &str)]) -> Vec<(String, String)> {
    positions.iter().map(|(from, title)| ((*from).to_owned(), (*title).to_owned())).collect()
}

/// Its people would be told nowhere, as if the whole school were missing.
#[tokio::test]
async fn a_unit_that_goes_while_its_people_stay_in_it_holds_the_plan() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let before = world.ledger().await;
        let mut next = employer();
        next.retain(|it| it.native_no != 20);
        let held = world.day(day(1), &next).await;
        assert_eq!(held.state, RunState::Held);
        assert_eq!(held.brakes.iter().map(|it| it.brake).collect::<Vec<_>>(), [Brake::UnitEmptied]);
        assert!(held.brakes[0].text.contains("unit 20"), "{}", held.brakes[0].text);
        assert_eq!(world.ledger().await, before);
    }
}

#[tokio::test]
async fn a_released_plan_does_exactly_what_an_unbraked_run_would_have_done() {
    for world in World::each().await {
        let twin = World::snapshot().await;
        for it in [&world, &twin] {
            it.day(day(0), &employer()).await;
        }
        let before = world.ledger().await;
        let held = world.make(day(1), &with_position(100, "Leder")).await;
        assert_eq!((held.state, held.held, held.applied), (RunState::Held, 1, 0));
        assert_eq!(world.ledger().await, before, "a held plan has changed nothing");
        let released = world.release(&held).await.unwrap();
        let direct = twin.day(day(1), &with_position(100, "Leder")).await;
        assert_eq!((released.state, released.plan), (RunState::Applied, direct.plan));
        assert_eq!(world.ledger().await, twin.ledger().await);
        let again = world.day(day(1), &with_position(100, "Leder")).await;
        assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
    }
}

#[tokio::test]
async fn equal_plans_have_equal_hashes_whatever_ran_before_them() {
    let employer = Employer::new(300, 5).unwrap();
    let [a, b] = World::each().await;
    let first = a.extract(&employer.extract(0)).await;
    b.try_run("ZLPE20260301224013_delta.xml", b"<kmd>").await.unwrap_err();
    b.try_run("ZLPE20260301224014_delta.xml", b"").await.unwrap_err();
    assert_eq!(b.extract(&employer.extract(0)).await.plan, first.plan);
    let second = a.extract(&employer.extract(1)).await;
    b.extract(&employer.extract(0)).await;
    assert_eq!(b.extract(&employer.extract(1)).await.plan, second.plan);
}

#[tokio::test]
async fn a_rejected_plan_changes_nothing_and_can_be_made_again() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let before = world.ledger().await;
        let held = world.make(day(1), &with_position(100, "Leder")).await;
        assert_eq!(world.reject(&held).await.unwrap().state, "rejected");
        assert!(matches!(world.release(&held).await, Err(PlanError::NotHeld { .. })));
        assert_eq!(world.ledger().await, before);
        let again = world.make(day(1), &with_position(100, "Leder")).await;
        assert_eq!(again.plan, held.plan);
        assert_eq!(world.plans().await, ["held", "rejected", "applied"]);
    }
}

#[tokio::test]
async fn a_newer_file_supersedes_a_held_plan() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let held = world.make(day(1), &with_position(100, "Leder")).await;
        let newer = world.day(day(2), &with_position(101, "Leder")).await;
        assert_eq!(newer.state, RunState::Applied);
        assert_eq!(world.plans().await, ["applied", "superseded", "applied"]);
        assert!(matches!(world.release(&held).await, Err(PlanError::NotHeld { .. })));
        assert_eq!(positions(&world, 100).await, owned(&[("2014-08-01", "Lærer")]));
    }
}

#[tokio::test]
async fn a_newer_file_without_changes_supersedes_a_held_plan_too() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    world.make(day(1), &with_position(100, "Leder")).await;
    world.day(day(2), &employer()).await;
    assert_eq!(world.plans().await, ["superseded", "applied"]);
}

#[tokio::test]
async fn a_file_older_than_the_held_one_does_not_supersede_it() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    world.make(day(5), &with_position(100, "Leder")).await;
    world.day(day(0), &employer()).await;
    assert_eq!(world.plans().await, ["held", "applied"]);
    world.make(day(3), &with_position(101, "Leder")).await;
    assert_eq!(world.plans().await, ["held", "held", "applied"]);
}

#[tokio::test]
async fn a_change_that_stood_equal_in_superseded_plans_keeps_the_earliest_effective_date() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let one = with_position(100, "Leder");
        world.make(day(1), &one).await;
        let two = changed(&one, 101, "Leder");
        world.make(day(2), &two).await;
        world.make(day(3), &two).await;
        world.day(day(4), &two).await;
        let from = |day| owned(&[("2014-08-01", "Lærer"), (day, "Leder")]);
        assert_eq!(positions(&world, 100).await, from("2026-03-03"));
        assert_eq!(positions(&world, 101).await, from("2026-03-04"));
    }
}

#[tokio::test]
async fn a_change_that_was_taken_back_in_between_counts_from_when_it_came_again() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    world.make(day(1), &with_position(100, "Leder")).await;
    world.make(day(2), &with_position(101, "Leder")).await;
    world.day(day(3), &with_position(100, "Leder")).await;
    let expected = owned(&[("2014-08-01", "Lærer"), ("2026-03-05", "Leder")]);
    assert_eq!(positions(&world, 100).await, expected);
}

#[tokio::test]
async fn a_file_older_than_the_last_applied_is_held_and_released_fills_its_own_days_only() {
    for world in World::each().await {
        world.day(day(0), &with_position(100, "A")).await;
        world.day(day(6), &with_position(100, "C")).await;
        let mut older = with_position(100, "B");
        // Nothing is inferred from absence.
        older.retain(|it| it.native_no != 105);
        let held = world.day(day(3), &older).await;
        assert_eq!((held.state, held.gone), (RunState::Held, 0), "{held:?}");
        assert!(held.brakes.iter().any(|it| it.brake == Brake::OlderThanApplied));
        world.release(&held).await.unwrap();
        let filled = [("2014-08-01", "A"), ("2026-03-05", "B"), ("2026-03-08", "C")];
        assert_eq!(positions(&world, 100).await, owned(&filled));
        assert_eq!(world.days(Kind::Employment, 105).await, ["2014-08-01.."]);
        // What was seen last is still what the newest file said.
        let same = world.day(day(7), &with_position(100, "C")).await;
        assert_eq!((same.state, same.parsed), (RunState::Unchanged, 0));
        let back = world.day(day(8), &with_position(100, "B")).await;
        assert_eq!(back.state, RunState::Applied);
        assert_eq!(positions(&world, 100).await[3], ("2026-03-10".to_owned(), "B".to_owned()));
    }
}

#[tokio::test]
async fn an_older_file_that_says_what_the_newest_says_still_fills_the_days_between() {
    let world = World::snapshot().await;
    world.day(day(0), &with_position(100, "A")).await;
    world.day(day(6), &with_position(100, "C")).await;
    let held = world.day(day(3), &with_position(100, "C")).await;
    assert_eq!((held.state, held.held), (RunState::Held, 1));
    world.release(&held).await.unwrap();
    let filled = [("2014-08-01", "A"), ("2026-03-05", "C")];
    assert_eq!(positions(&world, 100).await, owned(&filled));
}

#[tokio::test]
async fn an_employment_that_only_an_older_file_knows_ends_where_the_newer_one_speaks() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    world.day(day(6), &employer()).await;
    let mut older = employer();
    older.push(with(&employee(900, 900, 10), "entryDate", "2026-03-04"));
    let held = world.day(day(3), &older).await;
    world.release(&held).await.unwrap();
    assert_eq!(world.days(Kind::Employment, 900).await, ["2026-03-05..2026-03-08"]);
    let next = world.day(day(7), &employer()).await;
    assert_eq!((next.state, next.gone), (RunState::Unchanged, 0), "{next:?}");
    // It comes back: that is news, though the record is the older file's.
    let back = world.day(day(8), &older).await;
    assert_eq!((back.state, back.applied), (RunState::Applied, 1));
}

/// An older file changes nothing of what it leaves out; but it may be cut.
#[tokio::test]
async fn an_older_file_is_held_with_all_that_looks_wrong_about_it() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        world.day(day(6), &employer()).await;
        let held = world.day(day(3), &without_school(&with_position(100, "B"))).await;
        let brakes: Vec<Brake> = held.brakes.iter().map(|it| it.brake).collect();
        assert_eq!(brakes, [Brake::UnitEmptied, Brake::OlderThanApplied]);
        assert_eq!((held.held, held.gone), (1, 0));
        world.release(&held).await.unwrap();
        assert_eq!(world.days(Kind::Employment, 200).await, ["2014-08-01.."]);
    }
}

#[tokio::test]
async fn the_same_older_file_again_changes_nothing() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    world.day(day(1), &with_position(100, "Leder")).await;
    let ledger = world.ledger().await;
    let again = world.day(day(0), &employer()).await;
    assert_eq!(again.state, RunState::Unchanged, "{again:?}");
    assert_eq!(world.ledger().await, ledger);
    assert_eq!(world.plans().await, ["applied", "applied"]);
}

#[tokio::test]
async fn the_same_name_with_other_bytes_is_held() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        world.day(day(1), &employer()).await;
        let other = world.day(day(1), &with_position(100, "Leder")).await;
        assert_eq!(other.state, RunState::Held);
        assert!(other.brakes.iter().any(|it| it.brake == Brake::SameNameOtherBytes));
        assert_eq!(world.day(day(1), &employer()).await.state, RunState::Unchanged);
    }
}

#[tokio::test]
async fn release_refuses_what_was_planned_against_another_ledger() {
    for world in World::each().await {
        world.day(day(0), &with_position(100, "A")).await;
        world.day(day(6), &with_position(100, "D")).await;
        // Two older files, each held: the days of the first overlap those of the second.
        let second = world.day(day(3), &with_position(100, "C")).await;
        let first = world.day(day(1), &with_position(100, "B")).await;
        assert_eq!(world.plans().await, ["held", "held", "applied", "applied"]);
        world.release(&first).await.unwrap();
        let ledger = world.ledger().await;
        let refused = world.release(&second).await.unwrap_err();
        let refused = Error::source(&refused).unwrap().source().unwrap().to_string();
        assert!(refused.contains("ledger has changed"), "{refused}");
        assert_eq!(world.ledger().await, ledger);
        // Made anew it fits.
        let second = world.day(day(3), &with_position(100, "C")).await;
        world.release(&second).await.unwrap();
        let titles: Vec<String> = positions(&world, 100).await.into_iter().map(|it| it.1).collect();
        assert_eq!(titles, ["A", "B", "C", "D"]);
    }
}

#[tokio::test]
async fn release_refuses_after_the_source_was_configured_otherwise() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    let held = world.make(day(1), &with_position(100, "Leder")).await;
    world.configure("mode = \"delta\"").await;
    let ledger = world.ledger().await;
    assert!(matches!(world.release(&held).await, Err(PlanError::Reconfigured { .. })));
    assert_eq!(world.ledger().await, ledger);
}

#[tokio::test]
async fn release_refuses_items_that_are_not_those_that_were_shown() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let ledger = world.ledger().await;
        let held = world.make(day(1), &with_position(100, "Leder")).await;
        let run = RunNo(2);
        let mut tx = world.hub.db.write().await.unwrap();
        let items = plan::items(&mut tx, world.tenant, run, None, 10).await.unwrap();
        let mut item = items[0].clone();
        *item.body.last_mut().unwrap() ^= 1;
        replace(&mut tx, world.tenant, run, &item).await;
        tx.commit().await.unwrap();
        let refused = world.release(&held).await.unwrap_err();
        assert!(matches!(refused, PlanError::Run(_)), "{refused:?}");

        let mut tx = world.hub.db.write().await.unwrap();
        draft::withdraw(&mut tx, world.tenant, run, item.kind, item.native_no).await.unwrap();
        tx.commit().await.unwrap();
        let refused = world.release(&held).await.unwrap_err();
        assert!(matches!(refused, PlanError::Tampered { .. }), "{refused:?}");
        assert_eq!(world.ledger().await, ledger);
    }
}

/// Puts an item in the place of one as another program might.
async fn replace(tx: &mut Tx, tenant: TenantId, run: RunNo, item: &StoredItem) {
    let mut all = plan::items(tx, tenant, run, None, 100).await.unwrap();
    plan::delete_items(tx, tenant, run).await.unwrap();
    let at = |it: &StoredItem| (it.kind, it.native_no, it.part);
    let place = all.iter().position(|it| at(it) == at(item)).unwrap();
    all[place] = item.clone();
    plan::add_items(tx, tenant, run, all).await.unwrap();
}

/// It would let the next run take a record for one that was read.
#[tokio::test]
async fn release_refuses_what_was_seen_if_another_program_has_changed_it() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let file = String::from_utf8(xml(&with_position(100, "Leder"))).unwrap();
        // Other bytes that say the same: nothing to plan, but something that was seen.
        let file = file.replacen("</city>", "</city> ", 9);
        let input = world.file(&name_of(day(1)), file.as_bytes());
        let held = run::run(&world.hub, world.tenant, SOURCE, &input, Intent::Make, &Silent);
        let held = held.await.unwrap();
        let mut tx = world.hub.db.write().await.unwrap();
        let items = plan::items(&mut tx, world.tenant, RunNo(2), None, 100).await.unwrap();
        let mut seen = items.into_iter().find(|it| it.reason.is_none()).unwrap();
        let text = String::from_utf8(seen.body.clone()).unwrap();
        seen.body = text.replace("\"epoch\":1", "\"epoch\":2").into_bytes();
        assert_ne!(seen.body, text.as_bytes());
        replace(&mut tx, world.tenant, RunNo(2), &seen).await;
        tx.commit().await.unwrap();
        let refused = world.release(&held).await.unwrap_err();
        let refused = Error::source(&refused).unwrap().source().unwrap().to_string();
        assert!(refused.contains("changed by another program"), "{refused}");
    }
}

#[tokio::test]
async fn all_but_what_is_gone_can_be_released_under_a_hash_of_its_own() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let partial = without_school(&with_position(100, "Leder"));
        let held = world.day(day(1), &partial).await;
        assert_eq!((held.state, held.gone), (RunState::Held, 9));
        assert!(held.brakes.iter().any(|it| it.brake == Brake::UnitEmptied));
        let hash = held.plan.clone().unwrap();
        let rest = part::except(&world.hub, world.tenant, &hash, "unit_emptied", &DECISION)
            .await
            .unwrap()
            .hash;
        assert_ne!(rest, hash);
        assert!(matches!(world.release(&held).await, Err(PlanError::Parted { .. })));
        let released =
            decide::release(&world.hub, world.tenant, &rest, &DECISION, &Silent).await.unwrap();
        assert_eq!((released.applied, released.gone), (1, 0));
        assert_eq!(world.days(Kind::Employment, 200).await, ["2014-08-01.."]);
        assert_eq!(positions(&world, 100).await.len(), 2);
        // The next complete file still finds them missing.
        assert_eq!(world.day(day(2), &partial).await.gone, 9);
    }
}

#[tokio::test]
async fn a_held_first_load_is_released_only_with_the_same_bytes() {
    for world in World::each().await {
        let empty = world.ledger().await;
        let held = world.make(day(0), &employer()).await;
        assert_eq!((held.state, held.held), (RunState::Held, 19));
        assert_eq!(world.ledger().await, empty);
        world.file(&name_of(day(0)), &xml(&with_position(100, "Leder")));
        let refused = world.release(&held).await.unwrap_err();
        assert!(matches!(refused, PlanError::OtherFile { .. }), "{refused:?}");
        assert_eq!(world.ledger().await, empty);
        assert_eq!(world.plans().await, ["held"]);
        world.file(&name_of(day(0)), &xml(&employer()));
        assert_eq!(world.release(&held).await.unwrap().state, RunState::Applied);
        let twin = World::snapshot().await;
        twin.day(day(0), &employer()).await;
        assert_eq!(world.ledger().await, twin.ledger().await);
    }
}

#[tokio::test]
async fn two_runs_of_one_source_never_interleave() {
    let employer = Employer::new(300, 5).unwrap();
    for world in World::each().await {
        let file = crate::world::bytes(&employer.extract(0));
        let input = world.file(&employer.extract(0).file_name(), &file);
        let (hub, tenant) = (&world.hub, world.tenant);
        let run = || run::run(hub, tenant, SOURCE, &input, Intent::Apply, &Silent);
        let (a, b) = tokio::join!(run(), run());
        let (done, other) = match a {
            Ok(done) if done.state == RunState::Applied => (done, b),
            a => (b.unwrap(), a),
        };
        assert_eq!(done.state, RunState::Applied);
        match other {
            Err(refused) => assert!(matches!(refused, RunError::UnderWay { .. }), "{refused:?}"),
            Ok(second) => assert_eq!(second.state, RunState::Unchanged),
        }
    }
}

#[tokio::test]
async fn a_plan_makes_the_same_ledger_from_memory_as_when_it_was_held_and_as_when_it_is_too_large()
{
    // Two slices of each come to more than what a plan may come to in memory.
    let text = |letter: &str| letter.repeat(60_000);
    let staff = |letter: &str| -> Vec<Record> {
        let one = |it: u16| with(&employee(i64::from(it), it, 20), "address", &text(letter));
        [unit(10, 0), unit(20, 10)].into_iter().chain((100..200).map(one)).collect()
    };
    let small = |letter: &str| -> Vec<Record> { staff(letter).into_iter().take(12).collect() };
    let [applied, held] = [World::snapshot().await, World::snapshot().await];
    for world in [&applied, &held] {
        world.day(day(0), &staff("a")).await;
    }
    let few = [small("b"), staff("a").split_off(12)].concat();
    for (nth, records) in (1..).zip([few, staff("c")]) {
        let at_once = applied.day(day(nth), &records).await;
        let made = held.make(day(nth), &records).await;
        assert_eq!((at_once.state, made.state), (RunState::Applied, RunState::Held));
        assert_eq!(at_once.plan, made.plan);
        held.release(&made).await.unwrap();
        assert_eq!(applied.ledger().await, held.ledger().await);
    }
}
