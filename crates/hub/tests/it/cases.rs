//! The hard cases of Opus files, each through the ledger. docs/cases.md tells where each is held.

use crate::world::{CLIENT, World, cpr, employee, name_of, stub, unit, with, xml};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::exchange::brake::Brake;
use kobling_domain::id::Version;
use kobling_domain::people::{Field, Kind, Value};
use kobling_formats::opus::{FunctionElement, FunctionPlace, Record};
use kobling_formats::synthetic::{Employer, Flaw};
use kobling_hub::exchange::report::RunState;
use kobling_hub::exchange::waiting;
use kobling_hub::people::UnitIs;
use kobling_store::people::{claim, digest};
use std::error::Error;

/// The 2nd of March and the days after it.
fn day(nth: i32) -> Date {
    date(2026, 3, 2) + nth.days()
}

/// A root, a school and one employment in it, number 100.
fn small() -> Vec<Record> {
    vec![unit(1, 0), unit(10, 1), employee(100, 1, 10)]
}

/// The same with one element of the employment set otherwise.
fn small_with(name: &str, text: &str) -> Vec<Record> {
    vec![unit(1, 0), unit(10, 1), with(&employee(100, 1, 10), name, text)]
}

async fn employment(world: &World, number: i64) -> Vec<String> {
    world.days(Kind::Employment, number).await
}

/// A world in which `small` was applied on day 0.
async fn begun() -> World {
    let world = World::snapshot().await;
    assert_eq!(world.day(day(0), &small()).await.state, RunState::Applied);
    world
}

#[tokio::test]
async fn case_01_half_a_file_is_held_and_shows_what_it_would_do() {
    let employer = Employer::new(400, 3).unwrap();
    let world = World::snapshot().await;
    world.extract(&employer.extract(0)).await;
    let ledger = world.ledger().await;
    let mut half = Vec::new();
    employer.extract(1).write_flawed(Flaw::HalfGone, &mut half).unwrap();
    let held = world.run(&employer.extract(1).file_name(), &half).await;
    assert_eq!(held.state, RunState::Held);
    assert!(held.gone > 150, "{held:?}");
    let shown = kobling_hub::exchange::plan::show(
        &world.hub,
        world.tenant,
        held.plan.as_deref().unwrap(),
        1_000,
    )
    .await
    .unwrap();
    let left: u64 = shown.by_unit.iter().map(|it| it.change.left).sum();
    assert!(left > 150 && shown.items.len() > 150, "{left} leave their units");
    world.reject(&held).await.unwrap();
    assert_eq!(world.ledger().await, ledger);
    let good = world.extract(&employer.extract(2)).await;
    assert_eq!((good.state, good.quarantined), (RunState::Applied, 0));
}

#[tokio::test]
async fn case_02_a_file_cut_in_a_record_is_refused_with_its_line() {
    let world = begun().await;
    let ledger = world.ledger().await;
    let whole = xml(&small_with("position", "Leder"));
    for cut in [whole.len() - 20, whole.len() / 2, 60] {
        let refused = world.try_run(&name_of(day(1)), &whole[..cut]).await.unwrap_err();
        assert!(refused.is_bad_input());
        let mut told = refused.to_string();
        let mut cause = refused.source();
        while let Some(it) = cause {
            told.push_str(&it.to_string());
            cause = it.source();
        }
        assert!(told.contains("line"), "{told}");
        assert_eq!(world.ledger().await, ledger);
    }
    let good = world.run(&name_of(day(1)), &whole).await;
    assert_eq!((good.state, good.applied), (RunState::Applied, 1));
}

#[tokio::test]
async fn case_04_one_unit_one_employment_and_one_function_are_lists_of_one() {
    let mut only = employee(100, 1, 1);
    let mut function = FunctionElement::default();
    function.set(FunctionPlace::ALL[0], "2024-01-01");
    function.set(FunctionPlace::ALL[1], "9999-12-31");
    function.set(FunctionPlace::ALL[2], "12");
    only.functions.push(function);
    let world = World::snapshot().await;
    let report = world.day(day(0), &[unit(1, 0), only]).await;
    assert_eq!((report.applied, report.quarantined), (2, 0), "{report:?}");
    let state = world.slices(Kind::Employment, 100).await[0].state.clone();
    let one = |it: &Value| matches!(it, Value::Functions(it) if it.len() == 1);
    assert!(state.get(Field::EmploymentFunctions).is_some_and(one), "{state:?}");
}

#[tokio::test]
async fn case_05_files_are_taken_by_the_time_in_their_names() {
    let world = begun().await;
    let stray = world.file("notes.txt", b"").path().to_owned();
    let folder = stray.parent().unwrap();
    // Written newest first: the file system's times tell another order.
    for (nth, title) in [(4, "D"), (2, "C"), (1, "B")] {
        world.file(&name_of(day(nth)), &xml(&small_with("position", title)));
    }
    world.configure(&format!("mode = \"snapshot\"\nfolder = {folder:?}")).await;
    let waiting = waiting::files(&world.hub, world.tenant, "opus").await.unwrap();
    let dates: Vec<Date> = waiting.inputs.iter().map(|it| it.date()).collect();
    assert_eq!(dates, [day(1), day(2), day(4)], "what was applied does not wait");
    assert!(waiting.notes.iter().any(|it| it.contains("notes.txt")), "{:?}", waiting.notes);
}

#[tokio::test]
async fn case_07_a_moved_last_changed_is_nothing_and_a_function_is_a_change_without_it() {
    let world = begun().await;
    let mut touched = small();
    touched[2].last_changed = Some("2026-03-03".to_owned());
    let report = world.day(day(1), &touched).await;
    assert_eq!((report.state, report.parsed), (RunState::Unchanged, 0));
    let mut function = FunctionElement::default();
    function.set(FunctionPlace::ALL[0], "2026-01-01");
    function.set(FunctionPlace::ALL[1], "2026-12-31");
    function.set(FunctionPlace::ALL[2], "12");
    touched[2].functions.push(function);
    let report = world.day(day(2), &touched).await;
    assert_eq!((report.state, report.applied), (RunState::Applied, 1), "{report:?}");
    assert_eq!(employment(&world, 100).await, ["2014-08-01..2026-03-04", "2026-03-04.."]);
}

#[tokio::test]
async fn case_08_a_stub_ends_the_open_annuls_the_unbegun_and_leaves_the_rest_alone() {
    let world = World::snapshot().await;
    let mut records = small();
    records.push(with(&employee(101, 2, 10), "leaveDate", "2026-01-31"));
    records.push(with(&employee(102, 3, 10), "entryDate", "2026-06-01"));
    world.day(day(0), &records).await;
    let person = world.claims(Kind::Employment, 100).await[0].refs.person;
    let stubs = [unit(1, 0), unit(10, 1), stub(100), stub(101), stub(102), stub(777)];
    let report = world.day(day(1), &stubs).await;
    assert_eq!((report.applied, report.unchanged), (2, 4), "{report:?}");
    assert_eq!(employment(&world, 100).await, ["2014-08-01..2026-03-03"]);
    assert_eq!(employment(&world, 101).await, ["2014-08-01..2026-02-01"]);
    assert_eq!(employment(&world, 102).await, [""; 0]);
    assert_eq!(world.subject(Kind::Employment, 777).await, None);
    let claim = &world.claims(Kind::Employment, 100).await[0];
    assert!(person.is_some() && claim.refs.person == person, "it is still somebody's");
    // The same stubs the next night, and then a full record again: reopened, the gap kept.
    let again = world.day(day(2), &stubs).await;
    assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
    let back = with(&employee(100, 1, 10), "entryDate", "2026-03-09");
    world.day(day(3), &[unit(1, 0), unit(10, 1), back, stub(101), stub(102)]).await;
    assert_eq!(employment(&world, 100).await, ["2026-03-09.."]);
}

#[tokio::test]
async fn case_09_what_vanishes_is_annulled_while_new_and_ended_when_old_and_still_remembered() {
    let world = begun().await;
    let mut records = small();
    records.push(employee(101, 2, 10));
    records[2].native_no = 100;
    world.day(day(40), &records).await;
    let report = world.day(day(41), &[unit(1, 0), unit(10, 1)]).await;
    assert_eq!((report.state, report.gone), (RunState::Applied, 2), "{report:?}");
    // Known for 41 days: it ends. Known since yesterday: it never was.
    assert_eq!(employment(&world, 100).await, ["2014-08-01..2026-04-12"]);
    assert_eq!(employment(&world, 101).await, [""; 0]);
    let believed = world.history(Kind::Employment, 101).await;
    assert_eq!(believed.len(), 1);
    assert_ne!(believed[0].until, Version::OPEN);
    let claim = &world.claims(Kind::Employment, 100).await[0];
    assert!(claim.refs.person.is_some(), "it is still somebody's");
    let again = world.day(day(42), &[unit(1, 0), unit(10, 1)]).await;
    assert_eq!((again.state, again.gone), (RunState::Unchanged, 0));
    // The same record comes back: it exists as it says.
    let back = world.day(day(43), &records).await;
    assert_eq!((back.applied, back.quarantined), (2, 0));
    assert_eq!(employment(&world, 101).await, ["2014-08-01.."]);
    assert_eq!(world.slices(Kind::Employment, 100).await.last().unwrap().validity.until(), None);
}

#[tokio::test]
async fn case_11_a_leave_date_is_set_shortened_extended_and_taken_back() {
    let world = begun().await;
    for (nth, leave, days) in [
        (1, "2026-06-30", "2014-08-01..2026-07-01"),
        (2, "2026-04-30", "2014-08-01..2026-05-01"),
        (3, "2026-08-31", "2014-08-01..2026-09-01"),
        (4, "", "2014-08-01.."),
        (5, "9999-12-31", "2014-08-01.."),
    ] {
        world.day(day(nth), &small_with("leaveDate", leave)).await;
        let slices = world.slices(Kind::Employment, 100).await;
        assert_eq!(slices.len(), 1, "{leave}: only existence changes");
        assert_eq!(crate::world::days(&slices[0]), days, "{leave}");
    }
    let never = world.day(day(6), &small_with("leaveDate", "2014-07-31")).await;
    assert_eq!(never.applied, 1);
    assert_eq!(employment(&world, 100).await, [""; 0]);
}

#[tokio::test]
async fn case_12_an_entry_date_is_moved_both_ways_and_may_be_missing_or_to_come() {
    let world = begun().await;
    world.day(day(1), &small_with("entryDate", "2010-01-01")).await;
    assert_eq!(employment(&world, 100).await, ["2010-01-01.."]);
    world.day(day(2), &small_with("entryDate", "2026-02-01")).await;
    assert_eq!(employment(&world, 100).await, ["2026-02-01.."]);
    world.day(day(3), &small_with("entryDate", "2026-09-01")).await;
    assert_eq!(employment(&world, 100).await, ["2026-09-01.."], "pre-boarding");
    let pensioner = with(&employee(101, 2, 10), "entryDate", "");
    let mut records = small_with("entryDate", "2026-09-01");
    records.push(pensioner);
    let report = world.day(day(4), &records).await;
    assert_eq!((report.quarantined, report.applied), (0, 0), "{report:?}");
    assert_eq!(employment(&world, 101).await, [""; 0]);
}

#[tokio::test]
async fn case_13_the_last_day_is_a_day_at_work_also_where_clocks_change() {
    let world = World::snapshot().await;
    let ends = [(100, "2026-03-29"), (101, "2026-10-25"), (102, "9999-12-31")];
    let mut records = vec![unit(1, 0)];
    records.extend(ends.map(|(number, leave)| {
        with(&employee(number, u16::try_from(number).unwrap(), 1), "leaveDate", leave)
    }));
    world.day(day(0), &records).await;
    assert_eq!(employment(&world, 100).await, ["2014-08-01..2026-03-30"]);
    assert_eq!(employment(&world, 101).await, ["2014-08-01..2026-10-26"]);
    assert_eq!(employment(&world, 102).await, ["2014-08-01.."]);
}

#[tokio::test]
async fn case_14_two_employments_under_one_number_are_one_person_with_two_records() {
    let world = World::snapshot().await;
    let second = with(&with(&employee(101, 1, 10), "lastName", "Gift"), "position", "Vikar");
    let mut records = small();
    records.push(second);
    world.day(day(0), &records).await;
    let (a, b) =
        (world.claims(Kind::Employment, 100).await, world.claims(Kind::Employment, 101).await);
    assert_eq!(a[0].refs.person, b[0].refs.person);
    assert_eq!(a[0].slice.state.text(Field::PersonLastName), Some("Testesen 1"));
    assert_eq!(b[0].slice.state.text(Field::PersonLastName), Some("Gift"));
}

#[tokio::test]
async fn case_15_a_number_with_another_person_is_set_aside_until_somebody_decides() {
    let world = begun().await;
    let person = world.claims(Kind::Employment, 100).await[0].refs.person;
    let other = small_with("cpr", &cpr(2));
    let report = world.day(day(1), &other).await;
    assert_eq!((report.quarantined, report.applied, report.gone), (1, 0, 0));
    let told = format!("{report} {report:?}");
    assert!(!told.contains(&cpr(2)) && !told.contains(&cpr(1)), "no number is told: {told}");
    assert_eq!(world.claims(Kind::Employment, 100).await[0].refs.person, person);
    assert_eq!(employment(&world, 100).await, ["2014-08-01.."], "it keeps its last state");
    // The same the next night is set aside again, and the first number is taken back in.
    assert_eq!(world.day(day(2), &other).await.quarantined, 1);
    let good = world.day(day(3), &small()).await;
    assert_eq!((good.quarantined, good.unchanged), (0, 3));
}

#[tokio::test]
async fn case_19_an_employment_waits_for_its_unit_and_is_in_it_when_it_comes() {
    let world = World::snapshot().await;
    let report = world.day(day(0), &[unit(1, 0), employee(100, 1, 10)]).await;
    assert_eq!((report.state, report.applied), (RunState::Applied, 2));
    let issue = report.open_issues.employments[0].to_string();
    assert_eq!(issue, "employment 100 is in unit 10, which its source has not told of");
    let waiting = world.claims(Kind::Employment, 100).await[0].refs.unit.unwrap();
    assert_eq!(world.days(Kind::Unit, 10).await, [""; 0], "nothing is claimed of the unit");
    let report = world.day(day(1), &small()).await;
    assert_eq!((report.state, report.applied), (RunState::Applied, 1), "{report:?}");
    assert_eq!(report.open_issues.count, 0, "it is gone when the unit comes");
    assert_eq!(world.subject(Kind::Unit, 10).await, Some(waiting));
    assert_eq!(world.days(Kind::Unit, 10).await.len(), 1);
}

#[tokio::test]
async fn case_19_an_employment_in_a_closed_unit_is_an_open_issue() {
    for world in World::each().await {
        let closed = with(&unit(10, 1), "endDate", "2026-02-28");
        let report = world.day(day(0), &[unit(1, 0), closed, employee(100, 1, 10)]).await;
        let issues = report.open_issues;
        assert_eq!((issues.count, issues.employments[0].unit_is), (1, UnitIs::Closed));
    }
}

#[tokio::test]
async fn case_20_a_parent_may_come_after_its_child_and_a_unit_may_lack_its_address() {
    let world = World::snapshot().await;
    let closed = with(&with(&unit(30, 10), "longName", "#Lukket"), "endDate", "2026-12-31");
    let parent = with(&unit(10, 1), "endDate", "2026-06-30");
    let report = world.day(day(0), &[closed, parent, unit(1, 0), employee(100, 1, 30)]).await;
    assert_eq!((report.state, report.applied), (RunState::Applied, 4), "{report:?}");
    let parent = world.claims(Kind::Unit, 30).await[0].refs.parent;
    assert_eq!(parent, world.subject(Kind::Unit, 10).await);
    assert_eq!(world.days(Kind::Unit, 10).await[0].split("..").last(), Some("2026-07-01"));
}

#[tokio::test]
async fn case_22_working_time_in_its_quirks_is_no_reason_to_set_a_record_aside() {
    let world = World::snapshot().await;
    let mut records = vec![unit(1, 0)];
    for (nth, (a, b)) in
        [("1 ", "37.000 "), ("0", "37"), ("50", "100"), ("18,5", "37"), ("10", "0")]
            .into_iter()
            .enumerate()
    {
        let nth = u16::try_from(nth).unwrap();
        let record = employee(100 + i64::from(nth), nth, 1);
        records.push(with(&with(&record, "numerator", a), "denominator", b));
    }
    let report = world.day(day(0), &records).await;
    assert_eq!((report.applied, report.quarantined), (6, 0), "{report:?}");
    let hours = world.slices(Kind::Employment, 103).await[0].state.clone();
    assert_eq!(hours.int(Field::EmploymentHoursNumerator), Some(18_500));
}

#[tokio::test]
async fn case_23_a_correction_of_the_past_leaves_what_was_known_before_it() {
    for world in World::each().await {
        world.day(day(0), &small()).await;
        let known_then = {
            let mut tx = world.hub.db.read().await.unwrap();
            kobling_store::access::tenant::version(&mut tx, world.tenant).await.unwrap()
        };
        let left = small_with("leaveDate", "2026-01-31");
        world.day(day(1), &left).await;
        assert_eq!(employment(&world, 100).await, ["2014-08-01..2026-02-01"]);
        let subject = world.subject(Kind::Employment, 100).await.unwrap();
        let mut tx = world.hub.db.read().await.unwrap();
        let then = claim::at(&mut tx, world.tenant, &[subject], known_then).await.unwrap();
        assert_eq!(then.len(), 1);
        assert!(then[0].slice.validity.contains(date(2026, 2, 15)), "then it was believed");
        let version = Version(known_then.0 + 1);
        let now = claim::at(&mut tx, world.tenant, &[subject], version).await.unwrap();
        assert!(!now[0].slice.validity.contains(date(2026, 2, 15)));
    }
}

#[tokio::test]
async fn case_24_who_reads_while_a_run_writes_sees_the_ledger_as_before() {
    let employer = Employer::new(200, 3).unwrap();
    for world in World::each().await {
        world.extract(&employer.extract(0)).await;
        let before = world.ledger().await;
        let mut reader = world.hub.db.read().await.unwrap();
        let seen = digest::ledger(&mut reader, world.tenant).await.unwrap();
        world.extract(&employer.extract(1)).await;
        assert_eq!(seen, before);
        assert_eq!(digest::ledger(&mut reader, world.tenant).await.unwrap(), before);
        drop(reader);
        assert_ne!(world.ledger().await, before);
    }
}

#[tokio::test]
async fn case_25_texts_come_through_and_nobody_needs_a_national_number() {
    for world in World::each().await {
        let address = "Prøvevej 9, 2. tv; \"gården\" 🐎";
        let odd = with(&with(&employee(100, 1, 1), "address", address), "cpr", "");
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        bytes.extend(xml(&[unit(1, 0), odd]));
        let report = world.run(&name_of(day(0)), &bytes).await;
        assert_eq!((report.applied, report.quarantined), (2, 0), "{report:?}");
        let claim = &world.claims(Kind::Employment, 100).await[0];
        assert_eq!(claim.slice.state.text(Field::PersonAddress), Some(address));
        let unnumbered = claim.refs.person;
        assert!(unnumbered.is_some(), "a person of its own");
        // The number is told later: then the employment is that person's.
        let known = with(&employee(100, 1, 1), "address", address);
        let report = world.day(day(1), &[unit(1, 0), known]).await;
        assert_eq!(report.quarantined, 0, "{report:?}");
        let claims = world.claims(Kind::Employment, 100).await;
        let numbered = claims.last().unwrap().refs.person;
        assert!(numbered.is_some() && numbered != unnumbered, "{claims:?}");
    }
}

/// The faults that other readers of Opus had to correct, by what they are called there.
mod known_faults {
    use super::*;

    #[tokio::test]
    async fn annulleret_in_the_position_takes_the_employment_away_and_does_not_end_it() {
        let world = begun().await;
        let report = world.day(day(1), &small_with("position", "Annulleret")).await;
        assert_eq!((report.applied, report.quarantined), (1, 0), "{report:?}");
        assert_eq!(employment(&world, 100).await, [""; 0]);
        assert_eq!(world.history(Kind::Employment, 100).await.len(), 1);
    }

    #[tokio::test]
    async fn an_empty_position_is_no_reason_to_lose_the_record() {
        let world = begun().await;
        let report = world.day(day(1), &small_with("position", "")).await;
        assert_eq!((report.applied, report.quarantined), (1, 0), "{report:?}");
        let last = world.slices(Kind::Employment, 100).await.pop().unwrap();
        assert_eq!(last.state.text(Field::EmploymentPositionTitle), None);
    }

    #[tokio::test]
    async fn a_manager_to_come_leads_from_the_first_day_and_not_before() {
        let world = begun().await;
        let mut records = small();
        let coming = with(&employee(101, 2, 10), "entryDate", "2026-05-01");
        records.push(with(&coming, "isManager", "true"));
        world.day(day(1), &records).await;
        let slices = world.slices(Kind::Employment, 101).await;
        assert_eq!(slices.len(), 1);
        assert!(slices[0].state.is(Field::EmploymentIsManager));
        assert_eq!(slices[0].validity.from(), date(2026, 5, 1));
    }

    #[tokio::test]
    async fn two_manager_roles_of_one_person_are_two_employments() {
        let world = World::snapshot().await;
        let leads = |number, unit| with(&employee(number, 1, unit), "isManager", "true");
        world.day(day(0), &[unit(1, 0), unit(10, 1), leads(100, 1), leads(101, 10)]).await;
        for (number, unit) in [(100, "1"), (101, "10")] {
            let slice = world.slices(Kind::Employment, number).await.pop().unwrap();
            assert!(slice.state.is(Field::EmploymentIsManager));
            assert_eq!(slice.state.text(Field::EmploymentUnit), Some(unit));
        }
    }

    #[tokio::test]
    async fn a_new_form_of_employment_and_a_new_manager_level_are_taken_as_they_come() {
        let world = begun().await;
        let odd = with(&small()[2], "workContract", "77");
        let odd = with(&with(&odd, "workContractText", "Fleksjob"), "superiorLevel", "9");
        let report = world.day(day(1), &[unit(1, 0), unit(10, 1), odd]).await;
        assert_eq!((report.applied, report.quarantined), (1, 0), "{report:?}");
        let last = world.slices(Kind::Employment, 100).await.pop().unwrap();
        assert_eq!(last.state.text(Field::EmploymentContract), Some("Fleksjob"));
    }

    #[tokio::test]
    async fn a_run_that_died_does_not_block_the_next() {
        let world = begun().await;
        world.try_run(&name_of(day(1)), b"<kmd><orgUnit").await.unwrap_err();
        let report = world.day(day(1), &small_with("position", "Leder")).await;
        assert_eq!(report.state, RunState::Applied);
    }

    #[tokio::test]
    async fn one_bad_record_aborts_nothing() {
        let world = begun().await;
        let bad = with(&employee(101, 2, 10), "entryDate", "i morgen");
        let mut records = small_with("position", "Leder");
        // The bad one three times: each is counted, one is kept.
        records.extend([bad.clone(), bad.clone(), bad]);
        let report = world.day(day(1), &records).await;
        assert_eq!((report.state, report.applied), (RunState::Applied, 1), "{report:?}");
        assert_eq!(report.quarantined, 3);
    }

    #[tokio::test]
    async fn a_file_of_another_client_is_refused() {
        let world = begun().await;
        let ledger = world.ledger().await;
        let mut records = small();
        for it in &mut records {
            it.client = "998".to_owned();
        }
        let refused = world.try_run(&name_of(day(1)), &xml(&records)).await.unwrap_err();
        assert!(refused.is_bad_input());
        assert_eq!((world.ledger().await, CLIENT), (ledger, "999"));
    }

    #[tokio::test]
    async fn an_empty_first_file_is_held() {
        let world = World::snapshot().await;
        let report = world.day(day(0), &[]).await;
        assert_eq!(report.state, RunState::Held);
        assert_eq!(report.brakes[0].brake, Brake::RootMissing);
    }
}
