//! Faults that a reading of the whole program found, each with the scenario that showed it.

use crate::world::{DECISION, SOURCE, World, employee, name_of, stub, unit, with, xml};
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::people::{Field, Kind};
use kobling_formats::opus::Record;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::part;
use kobling_hub::exchange::plan::{self, PlanError};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::waiting::{self, Take};
use kobling_store::exchange::{quarantine, source};

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

/// The same with one element of one employment set otherwise.
fn otherwise(number: i64, name: &str, text: &str) -> Vec<Record> {
    let change = |it: Record| if it.native_no == number { with(&it, name, text) } else { it };
    employer().into_iter().map(change).collect()
}

async fn title(world: &World, number: i64) -> Option<String> {
    let slices = world.slices(Kind::Employment, number).await;
    slices.last()?.state.text(Field::EmploymentPositionTitle).map(str::to_owned)
}

#[tokio::test]
async fn a_cut_file_in_the_folder_does_not_keep_the_newer_ones_from_being_read() {
    let world = World::with("mode = \"snapshot\"").await;
    world.configure(&format!("mode = \"snapshot\"\nfolder = {:?}", world.folder())).await;
    world.file(&name_of(day(0)), &xml(&employer()));
    let whole = xml(&employer());
    world.file(&name_of(day(1)), &whole[..whole.len() / 2]);
    world.file(&name_of(day(2)), &xml(&otherwise(100, "position", "Leder")));
    let read = waiting::read(&world.hub, world.tenant, SOURCE, Take::All, &Silent).await.unwrap();
    let came: Vec<bool> = read.inputs.iter().map(|(_, it)| it.is_ok()).collect();
    assert_eq!(came, [true, false, true]);
    assert_eq!(title(&world, 100).await.as_deref(), Some("Leder"));
}

#[tokio::test]
async fn a_rejected_file_in_the_folder_is_not_asked_about_again() {
    let world = World::with("mode = \"snapshot\"").await;
    world.configure(&format!("mode = \"snapshot\"\nfolder = {:?}", world.folder())).await;
    world.file(&name_of(day(0)), &xml(&employer()));
    world.file(&name_of(day(1)), &xml(&employer()[..3]));
    let read = waiting::read(&world.hub, world.tenant, SOURCE, Take::All, &Silent).await.unwrap();
    let held = read.inputs.last().unwrap().1.as_ref().unwrap();
    assert_eq!(held.state, RunState::Held);
    world.reject(held).await.unwrap();
    let again = waiting::read(&world.hub, world.tenant, SOURCE, Take::All, &Silent).await.unwrap();
    assert_eq!(again.inputs.len(), 0);
}

/// The second file does not speak of employment 100, so it does not take back its move.
#[tokio::test]
async fn a_file_of_changes_does_not_supersede_a_held_one_and_both_can_be_applied() {
    for world in World::each().await {
        world.configure("mode = \"snapshot\"").await;
        world.day(day(0), &employer()).await;
        world.configure("mode = \"delta\"").await;
        let held = world.make(day(1), &[with(&employer()[3], "position", "Leder")]).await;
        let applied = world.day(day(2), &[stub(101)]).await;
        assert_eq!(applied.state, RunState::Applied);
        assert_eq!(world.release(&held).await.unwrap().applied, 1);
        assert_eq!(title(&world, 100).await.as_deref(), Some("Leder"));
        assert_eq!(world.days(Kind::Employment, 101).await, ["2014-08-01..2026-03-04"]);
    }
}

/// What the held snapshot found unchanged may have been changed by the one applied since.
#[tokio::test]
async fn a_snapshot_is_not_released_after_another_one_was_applied() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let held = world.make(day(3), &otherwise(101, "position", "Leder")).await;
        world.day(day(2), &otherwise(100, "position", "Rektor")).await;
        let refused = world.release(&held).await.unwrap_err();
        assert!(matches!(refused, PlanError::MovedOn { .. }), "{refused:?}");
        assert_eq!(title(&world, 101).await.as_deref(), Some("Lærer"));
    }
}

#[tokio::test]
async fn leaving_out_an_emptied_unit_leaves_its_people_where_they_are() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let moved = employer().into_iter().map(|it| {
            let it =
                if (200..300).contains(&it.native_no) { with(&it, "orgUnit", "10") } else { it };
            if it.native_no == 100 { with(&it, "position", "Leder") } else { it }
        });
        let held = world.day(day(1), &moved.collect::<Vec<_>>()).await;
        assert!(held.brakes.iter().any(|it| it.brake == Brake::UnitEmptied));
        let hash = held.plan.unwrap();
        let rest = part::except(&world.hub, world.tenant, &hash, "unit_emptied", &DECISION)
            .await
            .unwrap()
            .hash;
        let released = decide::release(&world.hub, world.tenant, &rest, &DECISION, &Silent).await;
        assert_eq!(released.unwrap().state, RunState::Applied);
        assert_eq!(title(&world, 100).await.as_deref(), Some("Leder"));
        for number in 200..208 {
            let slices = world.slices(Kind::Employment, number).await;
            assert_eq!(slices.len(), 1);
            assert_eq!(slices[0].state.text(Field::EmploymentUnit), Some("20"));
        }
    }
}

#[tokio::test]
async fn a_brake_that_does_not_hold_a_plan_cannot_be_left_out() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    let held = world.make(day(1), &otherwise(100, "position", "Leder")).await;
    let refused =
        part::except(&world.hub, world.tenant, &held.plan.unwrap(), "gone", &DECISION).await;
    assert!(matches!(refused, Err(PlanError::NotSeparable { .. })), "{refused:?}");
    assert_eq!(world.plans().await[0], "held");
}

#[tokio::test]
async fn the_first_file_is_held_if_its_units_stand_above_each_other_in_a_ring() {
    for world in World::each().await {
        let mut records = employer();
        records.extend([unit(30, 40), unit(40, 30)]);
        let held = world.day(day(0), &records).await;
        assert_eq!(held.state, RunState::Held);
        let brakes: Vec<Brake> = held.brakes.iter().map(|it| it.brake).collect();
        assert_eq!(brakes, [Brake::ManagerTreeBroken]);
    }
}

#[tokio::test]
async fn the_first_load_keeps_which_records_it_set_aside() {
    for world in World::each().await {
        let loaded = world.day(day(0), &otherwise(100, "numerator", "many")).await;
        assert_eq!((loaded.state, loaded.quarantined), (RunState::Applied, 1));
        assert_eq!(set_aside(&world).await, [100]);
        world.day(day(1), &employer()).await;
        assert_eq!(set_aside(&world).await, [0_i64; 0], "read well since, so forgotten");
    }
}

#[tokio::test]
async fn a_cut_file_leaves_nothing_set_aside() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let mut bytes = xml(&otherwise(100, "numerator", "many"));
        bytes.truncate(bytes.len() - 20);
        assert!(world.try_run(&name_of(day(1)), &bytes).await.is_err());
        assert_eq!(set_aside(&world).await, [0_i64; 0]);
    }
}

#[tokio::test]
async fn an_earlier_file_of_the_same_day_is_held_too() {
    let world = World::snapshot().await;
    world.day(day(0), &employer()).await;
    let early = format!("{}_delta.xml", name_of(day(0)).replace("224013_delta.xml", "060000"));
    let held = world.run(&early, &xml(&otherwise(100, "position", "Leder"))).await;
    let brakes: Vec<Brake> = held.brakes.iter().map(|it| it.brake).collect();
    assert_eq!((held.state, brakes), (RunState::Held, vec![Brake::OlderThanApplied]));
}

#[tokio::test]
async fn losing_a_coming_leave_date_is_no_return() {
    let world = World::snapshot().await;
    world.day(day(0), &otherwise(100, "leaveDate", "2026-12-31")).await;
    let plan = world.make(day(1), &employer()).await.plan.unwrap();
    let shown = plan::show(&world.hub, world.tenant, &plan, 10).await.unwrap();
    let reasons: Vec<&str> = shown.items.iter().map(|it| it.reason.name()).collect();
    assert_eq!(reasons, ["changed"]);
}

/// Nobody knows what an unknown element holds: a number of ten digits may be a person's.
#[tokio::test]
async fn an_unknown_element_carries_no_national_number_and_nothing_of_a_protected_person() {
    let world = World::snapshot().await;
    let mut records = otherwise(100, "spouseNumber", "710180-0042");
    let protected = records[4].clone();
    records[4] = with(&with(&protected, "address", "**ADRESSEBESKYTTET**"), "road", "Skovvej 1");
    world.day(day(0), &records).await;
    let extras = |slices: Vec<kobling_domain::time::Slice<kobling_domain::people::State>>| {
        slices[0].state.extras().map(|(_, value)| format!("{value:?}")).collect::<Vec<_>>()
    };
    let plain = extras(world.slices(Kind::Employment, 100).await);
    assert_eq!(plain.len(), 1);
    assert!(plain[0].contains("withheld"), "{plain:?}");
    assert_eq!(extras(world.slices(Kind::Employment, 101).await), [""; 0]);
}

/// People write what they need where there is room for it.
#[tokio::test]
async fn a_national_number_in_a_title_is_masked_before_anything_is_kept_and_the_report_says_so() {
    let world = World::snapshot().await;
    let first = world.day(day(0), &otherwise(100, "position", "Vikar for 010300-0017")).await;
    let note = first.notes.join(" ");
    assert!(note.contains("employment.position_title of employment 100"), "{note}");
    let then = world.day(day(1), &otherwise(101, "position", "Vikar for 010300-0017")).await;
    assert!(then.notes.join(" ").contains("of employment 101"), "{:?}", then.notes);
    for number in [100, 101] {
        let slices = world.slices(Kind::Employment, number).await;
        let titles: Vec<&str> =
            slices.iter().filter_map(|it| it.state.text(Field::EmploymentPositionTitle)).collect();
        assert!(titles.contains(&"Vikar for 01••••-••••"), "{titles:?}");
        assert!(titles.iter().all(|it| !it.contains("0017")), "{titles:?}");
    }
}

/// The numbers of the employments that are set aside.
async fn set_aside(world: &World) -> Vec<i64> {
    let mut tx = world.hub.db.read().await.unwrap();
    let source = source::by_key(&mut tx, world.tenant, SOURCE).await.unwrap().unwrap().no;
    let records = quarantine::list(&mut tx, world.tenant, source, 100).await.unwrap();
    records.into_iter().map(|it| it.native_no).collect()
}

#[tokio::test]
async fn many_who_end_by_what_their_records_say_are_held_like_many_who_are_gone() {
    let many = || {
        let mut records = vec![unit(1, 0), unit(10, 1), unit(20, 1)];
        records.extend((0..60).map(|it| employee(100 + i64::from(it), it, 10)));
        records
    };
    for (what, element, text) in [
        ("past leave dates", "leaveDate", "2026-01-31"),
        ("no entry date", "entryDate", ""),
        ("an end before the start", "leaveDate", "2010-01-31"),
        ("leave stubs", "", ""),
    ] {
        let end = |it: &Record| {
            if element.is_empty() { stub(it.native_no) } else { with(it, element, text) }
        };
        let world = World::snapshot().await;
        world.day(day(0), &many()).await;
        let next = |last: i64| -> Vec<Record> {
            let ends = |it: &Record| (100..last).contains(&it.native_no);
            many().iter().map(|it| if ends(it) { end(it) } else { it.clone() }).collect()
        };
        let held = world.day(day(1), &next(121)).await;
        assert_eq!((held.state, held.applied), (RunState::Held, 0), "{what}");
        let brake = held.brakes.iter().find(|it| it.brake == Brake::Gone).unwrap();
        assert_eq!((brake.kind, brake.count), (Some(Kind::Employment), 21), "{what}");
        assert!(brake.text.contains("would end by what their records say"), "{}", brake.text);
        let passes = world.day(day(2), &next(120)).await;
        assert_eq!((passes.state, passes.gone), (RunState::Applied, 0), "{what}");
    }
}

#[tokio::test]
async fn those_whom_their_records_end_can_be_left_out_by_the_same_brake() {
    for world in World::each().await {
        let many = |ended: i64| {
            let mut records = vec![unit(1, 0), unit(10, 1)];
            let people = (0..60).map(|it| employee(100 + i64::from(it), it, 10));
            records.extend(
                people.map(|it| if it.native_no < ended { stub(it.native_no) } else { it }),
            );
            records
        };
        world.day(day(0), &many(0)).await;
        let mut next = many(130);
        next.retain(|it| it.native_no != 159);
        next.push(with(&employee(159, 59, 10), "position", "Leder"));
        let held = world.day(day(1), &next).await;
        let hash = held.plan.unwrap();
        let rest = part::except(&world.hub, world.tenant, &hash, "gone", &DECISION).await.unwrap();
        assert_eq!((rest.taken_out, rest.brakes.as_slice()), (30, [].as_slice()));
        let hash = &rest.hash;
        let released = decide::release(&world.hub, world.tenant, hash, &DECISION, &Silent).await;
        let released = released.unwrap();
        assert_eq!((released.applied, released.held), (1, 30));
        assert_eq!(title(&world, 159).await.as_deref(), Some("Leder"));
        assert_eq!(world.slices(Kind::Employment, 100).await.len(), 1);
        let again = world.day(day(2), &next).await;
        assert_eq!(again.state, RunState::Held, "what was left out comes again");
    }
}
