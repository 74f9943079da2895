//! What is read of a source's folder, what is not, and what is said of it.

use crate::world::{SOURCE, World, employee, name_of, unit, with, xml};
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::people::{Field, Kind};
use kobling_formats::opus::Record;
use kobling_hub::exchange::input::{self, Dated};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::exchange::waiting::{self, Read, Take, Why};
use kobling_hub::{doctor, doctor::Level};
use std::path::Path;

fn day(nth: i8) -> Date {
    date(2026, 3, 2 + nth)
}

/// A root with a school of eight people.
fn employer() -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(10, 1)];
    records.extend((0..8).map(|it| employee(100 + i64::from(it), it, 10)));
    records
}

fn titled(title: &str) -> Vec<Record> {
    let change = |it: Record| if it.native_no == 100 { with(&it, "position", title) } else { it };
    employer().into_iter().map(change).collect()
}

async fn with_folder(world: World) -> World {
    world.configure(&format!("mode = \"snapshot\"\nfolder = {:?}", world.folder())).await;
    world
}

async fn begun() -> World {
    let world = with_folder(World::snapshot().await).await;
    world.file(&name_of(day(0)), &xml(&employer()));
    assert_eq!(states(&look(&world).await), ["applied"]);
    world
}

async fn look(world: &World) -> Read {
    waiting::read(&world.hub, world.tenant, SOURCE, Take::All, &Silent).await.unwrap()
}

/// How each file that was read came to its end.
fn states(read: &Read) -> Vec<&'static str> {
    let state = |it: &Result<_, RunError>| match it {
        Ok(kobling_hub::exchange::report::RunReport { state, .. }) => match state {
            RunState::Applied => "applied",
            RunState::Held => "held",
            RunState::Unchanged => "unchanged",
        },
        Err(error) if error.is_bad_input() => "refused",
        Err(_) => "failed",
    };
    read.inputs.iter().map(|(_, it)| state(it)).collect()
}

fn brakes(read: &Read) -> Vec<Brake> {
    let report = read.inputs.last().unwrap().1.as_ref().unwrap();
    report.brakes.iter().map(|it| it.brake).collect()
}

async fn title(world: &World) -> Option<String> {
    let slices = world.slices(Kind::Employment, 100).await;
    slices.last()?.state.text(Field::EmploymentPositionTitle).map(str::to_owned)
}

#[tokio::test]
async fn a_file_of_a_day_to_come_is_refused_by_folder_and_keeps_no_other_from_being_read() {
    let world = begun().await;
    world.file("ZLPE20991231224013_delta.xml", &xml(&titled("Leder")));
    let read = look(&world).await;
    assert_eq!(states(&read), ["refused"]);
    let refused = read.inputs[0].1.as_ref().unwrap_err().to_string();
    assert!(refused.contains("2099-12-31") && refused.contains("2026-03-10"), "{refused}");
    world.file(&name_of(day(1)), &xml(&titled("Rektor")));
    let read = look(&world).await;
    assert_eq!(states(&read), ["applied"]);
    assert!(matches!(&read.left[0].why, Why::Refused { problem } if problem.contains("2099")));
    assert!(read.notes.is_empty(), "nobody waits for 2099: {:?}", read.notes);
    assert_eq!(title(&world).await.as_deref(), Some("Rektor"));
}

#[tokio::test]
async fn a_file_of_tomorrow_is_refused_today_and_read_when_its_day_has_come() {
    let mut world = begun().await;
    world.file("ZLPE20260311010000_delta.xml", &xml(&titled("Leder")));
    assert_eq!(states(&look(&world).await), ["refused"]);
    assert_eq!(states(&look(&world).await), [""; 0]);
    world.hub.clock = kobling_hub::clock::Clock::Fixed("2026-03-11T05:00:00Z".parse().unwrap());
    assert_eq!(states(&look(&world).await), ["applied"]);
}

#[tokio::test]
async fn a_named_file_of_a_day_to_come_is_refused_and_changes_nothing() {
    for world in World::each().await {
        world.day(day(0), &employer()).await;
        let ledger = world.ledger().await;
        let input = world.file("ZLPE20260311000001_delta.xml", &xml(&titled("Leder")));
        let run = run::run(&world.hub, world.tenant, SOURCE, &input, Intent::Apply, &Silent).await;
        assert!(matches!(run, Err(RunError::Future { .. })), "{run:?}");
        assert_eq!(world.ledger().await, ledger);
        let good = world.day(day(1), &titled("Rektor")).await;
        assert_eq!(good.state, RunState::Applied);
    }
}

#[tokio::test]
async fn an_older_file_that_arrives_late_in_the_folder_is_recorded_and_held() {
    for world in World::each().await {
        let world = with_folder(world).await;
        world.file(&name_of(day(0)), &xml(&employer()));
        world.file(&name_of(day(2)), &xml(&titled("Rektor")));
        assert_eq!(states(&look(&world).await), ["applied", "applied"]);
        world.file(&name_of(day(1)), &xml(&titled("Leder")));
        let read = look(&world).await;
        assert_eq!(states(&read), ["held"]);
        assert_eq!(brakes(&read), [Brake::OlderThanApplied]);
        assert_eq!(title(&world).await.as_deref(), Some("Rektor"));
        // The next night goes on; the late one waits and is not read again.
        world.file(&name_of(day(3)), &xml(&titled("Direktør")));
        let read = look(&world).await;
        assert_eq!(states(&read), ["applied"]);
        assert!(matches!(read.left.as_slice(), [it] if !it.is_newer));
        assert_eq!(world.plans().await, ["applied", "held", "applied", "applied"]);
    }
}

#[tokio::test]
async fn a_file_delivered_again_with_other_bytes_under_its_name_is_held_by_folder() {
    for world in World::each().await {
        let world = with_folder(world).await;
        world.file(&name_of(day(0)), &xml(&employer()));
        world.file(&name_of(day(1)), &xml(&titled("Rektor")));
        assert_eq!(states(&look(&world).await), ["applied", "applied"]);
        for (nth, expected) in [
            (1, vec![Brake::SameNameOtherBytes]),
            (0, vec![Brake::OlderThanApplied, Brake::SameNameOtherBytes]),
        ] {
            world.file(&name_of(day(nth)), &xml(&titled("Leder")));
            let read = look(&world).await;
            assert_eq!(states(&read), ["held"], "{nth}");
            let mut found = brakes(&read);
            found.sort();
            assert_eq!(found, expected, "{nth}");
            assert_eq!(title(&world).await.as_deref(), Some("Rektor"));
        }
    }
}

#[tokio::test]
async fn the_same_file_restored_with_another_time_is_not_read_again() {
    let world = begun().await;
    let path = world.file(&name_of(day(0)), &xml(&employer())).path().to_owned();
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let waiting = waiting::files(&world.hub, world.tenant, SOURCE).await.unwrap();
    assert_eq!(waiting.inputs.len(), 1, "its stamp is another one");
    assert_eq!(states(&look(&world).await), [""; 0]);
    let waiting = waiting::files(&world.hub, world.tenant, SOURCE).await.unwrap();
    assert_eq!(waiting.inputs.len(), 0, "its stamp is known now");
}

#[tokio::test]
async fn a_held_or_refused_file_is_not_read_again_until_its_bytes_are_others() {
    for world in World::each().await {
        let world = with_folder(world).await;
        world.file(&name_of(day(0)), &xml(&employer()));
        let whole = xml(&titled("Leder"));
        world.file(&name_of(day(1)), &whole[..whole.len() / 2]);
        world.file(&name_of(day(2)), &xml(&employer()[..2]));
        assert_eq!(states(&look(&world).await), ["applied", "refused", "held"]);
        for _ in 0..2 {
            let read = look(&world).await;
            assert_eq!(states(&read), [""; 0]);
            let told: Vec<String> = read.left.iter().map(ToString::to_string).collect();
            assert!(told[0].contains("was refused before and was not read again"), "{told:?}");
            assert!(told[1].contains("is held already"), "{told:?}");
        }
        assert_eq!(world.plans().await, ["held", "applied"]);
        world.file(&name_of(day(1)), &whole);
        let read = look(&world).await;
        assert_eq!(states(&read), ["applied"]);
        assert_eq!(title(&world).await.as_deref(), Some("Leder"));
        // What was held rests on what has moved on, so the newest file is planned anew.
        assert_eq!(states(&look(&world).await), ["held"]);
        assert_eq!(states(&look(&world).await), [""; 0]);
    }
}

#[tokio::test]
async fn a_plan_that_was_only_asked_for_does_not_keep_its_file_from_being_read() {
    let world = begun().await;
    world.make(day(1), &titled("Leder")).await;
    assert_eq!(states(&look(&world).await), ["applied"]);
}

#[tokio::test]
async fn the_doctor_tells_of_a_refused_file_as_long_as_it_lies_in_the_folder() {
    let world = begun().await;
    let whole = xml(&titled("Leder"));
    let cut = world.file(&name_of(day(1)), &whole[..whole.len() / 2]).path().to_owned();
    world.file(&name_of(day(2)), &whole);
    look(&world).await;
    let refused = |world: &World| {
        let (hub, tenant) = (world.hub.clone(), world.tenant);
        async move {
            let findings = doctor::examine(&hub, tenant).await.unwrap();
            findings.into_iter().find(|it| it.what == "source opus: refused files").unwrap()
        }
    };
    let finding = refused(&world).await;
    assert_eq!(finding.level, Level::Warning);
    assert!(finding.found.contains(&name_of(day(1))) && finding.found.contains("is cut"));
    std::fs::remove_file(cut).unwrap();
    assert_eq!(refused(&world).await.level, Level::Ok);
}

#[tokio::test]
async fn working_days_without_a_file_are_told_by_number() {
    let world = begun().await;
    // From Monday the 2nd to Thursday the 5th, and on to Monday the 9th over a weekend.
    world.file(&name_of(day(3)), &xml(&employer()));
    world.file(&name_of(day(4)), &xml(&employer()));
    world.file(&name_of(day(7)), &xml(&employer()));
    let read = look(&world).await;
    let name = name_of(day(3));
    assert_eq!(read.notes, [format!("2 working days without a file lie before {name}")]);
}

#[tokio::test]
async fn a_file_without_a_date_corrects_the_last_one_and_moves_no_date() {
    for world in World::each().await {
        let world = with_folder(world).await;
        world.file(&name_of(day(0)), &xml(&employer()));
        look(&world).await;
        let path = world.file("mine.XML", &xml(&titled("Leder"))).path().to_owned();
        let input = input::of_source(&world.hub, world.tenant, SOURCE, &path, None).await.unwrap();
        assert_eq!((input.date(), input.dated), (day(0), Dated::ByLast));
        let run = run::run(&world.hub, world.tenant, SOURCE, &input, Intent::Apply, &Silent).await;
        assert_eq!(run.unwrap().applied, 1);
        assert_eq!(title(&world).await.as_deref(), Some("Leder"));
        // A file of the same day and the next one are picked as if it had not been.
        world.file("ZLPE20260302235959_delta.xml", &xml(&titled("Rektor")));
        world.file(&name_of(day(1)), &xml(&titled("Direktør")));
        assert_eq!(states(&look(&world).await), ["applied", "applied"]);
    }
}

#[tokio::test]
async fn a_date_that_is_not_the_one_in_the_name_is_refused() {
    let world = World::snapshot().await;
    let of = async |name: &str, date| {
        input::of_source(&world.hub, world.tenant, SOURCE, Path::new(name), Some(date)).await
    };
    let refused = of(&name_of(day(0)), day(1)).await.unwrap_err();
    assert!(refused.is_bad_input());
    let told = refused.to_string();
    assert!(told.contains("2026-03-02") && told.contains("2026-03-03"), "{told}");
    assert_eq!(of(&name_of(day(0)), day(0)).await.unwrap().dated, Dated::ByName);
    let undated = of("mine.xml", day(1)).await.unwrap();
    assert_eq!((undated.date(), undated.dated), (day(1), Dated::ByCaller));
}

#[tokio::test]
async fn a_file_refused_before_its_first_record_is_recorded_with_its_reason() {
    let world = begun().await;
    world.file(&name_of(day(1)), b"");
    world.file(&name_of(day(2)), b"<html></html>");
    assert_eq!(states(&look(&world).await), ["refused", "refused"]);
    let read = look(&world).await;
    assert_eq!(states(&read), [""; 0]);
    assert_eq!(read.left.len(), 2);
    let missing = world.file(&name_of(day(3)), b"").path().with_file_name("missing.xml");
    let input = input::of_source(&world.hub, world.tenant, SOURCE, &missing, None).await.unwrap();
    let run = run::run(&world.hub, world.tenant, SOURCE, &input, Intent::Apply, &Silent).await;
    assert!(matches!(run, Err(RunError::Open { .. })), "{run:?}");
}
