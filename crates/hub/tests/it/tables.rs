//! Delimited sources: they go the same way as an extract of Opus.

use crate::world::{CONFIGURATION, DECISION, World, cpr, employee, unit, with};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Field, Kind, NativeKey, Value};
use kobling_hub::access::{self, Write};
use kobling_hub::exchange::decide;
use kobling_hub::exchange::input;
use kobling_hub::exchange::plan;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::quarantine;
use kobling_hub::exchange::report::{RunReport, RunState};
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::exchange::undo::{self, Which};
use kobling_hub::people::{About, When, show};
use kobling_store::exchange::source;
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};

const MEMBERS: &str = r#"
[[source]]
key = "members"
system = "opus"
format = "delimited"
folder = "members"
[source.delimited]
kind = "person"
key = "No"
from = "From"
until = "Until"
count = "COUNT"
name = "members_%Y%m%d.csv"
[source.delimited.fields]
"person.name" = "Name"
"person.email" = "E-mail"
"person.national_number" = "CPR"
"person.address" = "Street"
"#;

const HR: &str = r#"
[[source]]
key = "hr"
system = "opus"
format = "delimited"
[source.delimited]
kind = "person"
key = "Staff"
trailer = "END"
name = "hr_%Y%m%d.csv"
[source.delimited.match_on]
column = "Employment"
by = "employment"
source = "opus"
[source.delimited.fields]
"person.mobile" = "Mobile"
"person.email" = "E-mail"
"person.address" = "Street"
"#;

/// The 2nd of March and the days after it.
fn day(nth: i32) -> Date {
    date(2026, 3, 2) + nth.days()
}

async fn configured(world: &World, more: &str) {
    let text = format!("{CONFIGURATION}mode = \"snapshot\"\n{more}");
    let configuration = access::configuration::parse(&text).unwrap();
    access::apply(&world.hub, &configuration, Write::Yes).await.unwrap();
}

async fn try_run(
    world: &World,
    source: &str,
    day: Date,
    text: &str,
    intent: Intent,
) -> Result<RunReport, RunError> {
    let name = format!("{source}_{:04}{:02}{:02}.csv", day.year(), day.month(), day.day());
    let path = world.file(&name, text.as_bytes()).path().to_owned();
    let input = input::of_source(&world.hub, world.tenant, source, &path, None).await?;
    assert_eq!(input.date(), day);
    run::run(&world.on(day), world.tenant, source, &input, intent, &Silent).await
}

async fn read(world: &World, source: &str, day: Date, text: &str) -> RunReport {
    let report = try_run(world, source, day, text, Intent::Apply).await.unwrap();
    let sum = report.applied + report.unchanged + report.held + report.quarantined;
    assert_eq!(report.read, sum, "{report:?}");
    report
}

/// A file of members that tells its own number of rows.
fn members(rows: &[&str]) -> String {
    let header = "No;Name;E-mail;CPR;Street;From;Until";
    format!("{header}\n{}\nCOUNT;{}\n", rows.join("\n"), rows.len())
}

fn hr(rows: &[&str]) -> String {
    format!("Staff;Employment;Mobile;E-mail;Street\n{}\nEND;;;;\n", rows.join("\n"))
}

async fn person(world: &World, source: &str, key: &str) -> Option<SubjectNo> {
    let mut tx = world.hub.db.read().await.unwrap();
    let no = source::by_key(&mut tx, world.tenant, source).await.unwrap().unwrap().no;
    let key = [SubjectKey::Native(NativeKey::text(key))];
    let issuer = Issuer::Source(no);
    subject::by_key(&mut tx, world.tenant, issuer, Kind::Person, &key).await.unwrap()[0]
}

async fn subject_of(world: &World, no: SubjectNo) -> Subject {
    let mut tx = world.hub.db.read().await.unwrap();
    subject::by_no(&mut tx, world.tenant, &[no]).await.unwrap().remove(0)
}

async fn claims(world: &World, no: SubjectNo) -> Vec<Claim> {
    let mut tx = world.hub.db.read().await.unwrap();
    let mut claims = claim::history(&mut tx, world.tenant, &[no]).await.unwrap();
    claims.retain(|it| it.until == kobling_domain::id::Version::OPEN);
    claims
}

/// What is shown of a person on the last day of March.
async fn shown(world: &World, no: SubjectNo, field: Field) -> Option<String> {
    let id = subject_of(world, no).await.id.to_string();
    let when = When { as_of: Some(date(2026, 3, 31)), known_at: None };
    let shown = show(&world.hub, world.tenant, Kind::Person, &id, when).await.unwrap();
    assert!(matches!(shown.about, About::Person { .. }));
    let values = &shown.slices.first()?.values;
    let value = values.iter().find(|(name, _)| name.to_string() == field.name())?;
    value.1.value.as_text().map(str::to_owned)
}

#[tokio::test]
async fn a_register_whose_keys_are_text_is_read_once_and_then_changes_nothing() {
    for world in World::each().await {
        configured(&world, MEMBERS).await;
        let file =
            members(&["M-1;Bo Testesen;bo@example.org;;;;", "M-2;Ea Testesen;;;;2026-01-01;"]);
        let first = read(&world, "members", day(0), &file).await;
        assert_eq!((first.state, first.applied), (RunState::Applied, 2), "{first:?}");
        let again = read(&world, "members", day(1), &file).await;
        assert_eq!((again.state, again.parsed), (RunState::Unchanged, 0));
        let bo = person(&world, "members", "M-1").await.unwrap();
        assert_eq!(shown(&world, bo, Field::PersonName).await.as_deref(), Some("Bo Testesen"));
        // In another order, with a new one in between and one changed.
        let file = members(&[
            "M-2;Ea Testesen;;;;2026-01-01;",
            "A-9;Ib Testesen;;;;;",
            "M-1;Bo Testesen;new@example.org;;;;",
        ]);
        let changed = read(&world, "members", day(2), &file).await;
        assert_eq!((changed.applied, changed.unchanged, changed.parsed), (2, 1, 2));
        let email = shown(&world, bo, Field::PersonEmail).await;
        assert_eq!(email.as_deref(), Some("new@example.org"));
    }
}

#[tokio::test]
async fn who_is_no_longer_mentioned_by_a_whole_register_has_left_it_and_by_another_has_not() {
    for world in World::each().await {
        configured(&world, MEMBERS).await;
        let both = ["M-1;Bo;;;;2020-01-01;", "M-2;Ea;;;;2020-01-01;"];
        read(&world, "members", day(0), &members(&both)).await;
        let later = date(2026, 5, 1);
        let open = members(&both[..1]);
        let cut = open.replace("COUNT;1", "COUNT;2");
        let refused = try_run(&world, "members", later, &cut, Intent::Apply).await.unwrap_err();
        assert!(refused.is_bad_input() && refused.to_string().contains("2 rows"), "{refused}");
        let gone = read(&world, "members", later, &open).await;
        assert_eq!(gone.gone, 1, "{gone:?}");
        let ea = person(&world, "members", "M-2").await.unwrap();
        assert_eq!(claims(&world, ea).await[0].slice.validity.until(), Some(later));
        let back = read(&world, "members", later + 1.day(), &members(&both)).await;
        assert_eq!(back.applied, 1);
        assert_eq!(claims(&world, ea).await[0].slice.validity.until(), None);
    }
}

#[tokio::test]
async fn an_hr_system_gives_what_payroll_does_not_have_and_blanks_nothing() {
    for world in World::each().await {
        configured(&world, HR).await;
        let records = [unit(1, 0), with(&employee(100, 1, 1), "email", "payroll@example.org")];
        world.day(day(0), &records).await;
        let file = hr(&["S1;100;11223344;;", "S9;999;55667788;;"]);
        let report = read(&world, "hr", day(0), &file).await;
        assert_eq!((report.applied, report.quarantined), (1, 1), "{report:?}");
        assert_eq!(report.set_aside[0].code, "person_unknown");
        let employed = world.claims(Kind::Employment, 100).await[0].refs.person.unwrap();
        assert_eq!(person(&world, "hr", "S1").await, Some(employed), "one person, two sources");
        let told = |field| shown(&world, employed, field);
        assert_eq!(told(Field::PersonMobile).await.as_deref(), Some("11223344"));
        assert_eq!(told(Field::PersonEmail).await.as_deref(), Some("payroll@example.org"));
        assert_eq!(told(Field::PersonFirstName).await.as_deref(), Some("Åse"));
        // Payroll comes again without a mobile number, and HR forgets the person.
        world.day(day(1), &records).await;
        assert_eq!(told(Field::PersonMobile).await.as_deref(), Some("11223344"));
        let gone = read(&world, "hr", date(2026, 3, 20), &hr(&[])).await;
        assert_eq!((gone.gone, gone.state), (1, RunState::Applied), "{gone:?}");
        assert_eq!(told(Field::PersonMobile).await, None);
        assert_eq!(told(Field::PersonEmail).await.as_deref(), Some("payroll@example.org"));
    }
}

#[tokio::test]
async fn the_authority_table_says_which_of_two_sources_wins_and_for_which_days() {
    let world = World::snapshot().await;
    let authority = "[[authority]]\nfield = \"person.email\"\nsources = [\"hr\", \"opus\"]\n\
                     from = \"2026-03-01\"\nuntil = \"2026-06-01\"\n";
    configured(&world, &format!("{HR}{authority}")).await;
    let records = [unit(1, 0), with(&employee(100, 1, 1), "email", "payroll@example.org")];
    world.day(day(0), &records).await;
    read(&world, "hr", day(0), &hr(&["S1;100;;hr@example.org;"])).await;
    let employed = world.claims(Kind::Employment, 100).await[0].refs.person.unwrap();
    let email = shown(&world, employed, Field::PersonEmail).await;
    assert_eq!(email.as_deref(), Some("hr@example.org"));
    let later = format!("{}{}", authority.replace("2026-06-01", "2026-03-02"), {
        "[[authority]]\nfield = \"person.email\"\nsources = [\"opus\", \"hr\"]\n"
    });
    configured(&world, &format!("{HR}{later}")).await;
    let email = shown(&world, employed, Field::PersonEmail).await;
    assert_eq!(email.as_deref(), Some("payroll@example.org"));
}

#[tokio::test]
async fn a_national_number_meets_by_itself_whoever_comes_first_and_stands_nowhere_in_clear() {
    for world in World::each().await {
        let by_number = MEMBERS.replace("key = \"No\"", "key = \"CPR\"");
        configured(&world, &by_number).await;
        let row = format!("x;Åse Testesen;;{};;;", cpr(1));
        read(&world, "members", day(0), &members(&[&row])).await;
        world.day(day(0), &[unit(1, 0), employee(100, 1, 1)]).await;
        let employed = world.claims(Kind::Employment, 100).await[0].refs.person.unwrap();
        let own = claims(&world, employed).await;
        assert_eq!(own.len(), 1, "the register's claim is on the same person");
        assert!(subject_of(&world, employed).await.number_sealed.is_some());
        let plans = plan::list(&world.hub, world.tenant).await.unwrap();
        let shown = plan::show(&world.hub, world.tenant, &plans.last().unwrap().plan, 10).await;
        let text = serde_json::to_string(&shown.unwrap()).unwrap();
        assert!(!text.contains(&cpr(1)) && text.contains("person"), "{text}");
    }
}

#[tokio::test]
async fn a_member_whose_number_is_told_later_stays_the_same_and_another_known_person_is_not_taken()
{
    let world = World::snapshot().await;
    configured(&world, MEMBERS).await;
    world.day(day(0), &[unit(1, 0), employee(100, 1, 1)]).await;
    read(&world, "members", day(0), &members(&["M-1;Bo;;;;;", "M-2;Åse;;;;;"])).await;
    let (bo, aase) =
        (person(&world, "members", "M-1").await, person(&world, "members", "M-2").await);
    let rows = [format!("M-1;Bo;;{};;;", cpr(7)), format!("M-2;Åse;;{};;;", cpr(1))];
    let report = read(&world, "members", day(1), &members(&[&rows[0], &rows[1]])).await;
    assert_eq!((report.applied, report.quarantined), (1, 1), "{report:?}");
    assert!(report.set_aside[0].text.contains("match link"), "{report:?}");
    assert_eq!(person(&world, "members", "M-1").await, bo);
    assert!(subject_of(&world, bo.unwrap()).await.number_sealed.is_some());
    assert!(subject_of(&world, aase.unwrap()).await.number_sealed.is_none());
    let listed = quarantine::list(&world.hub, world.tenant, Some("members")).await.unwrap();
    assert_eq!(listed[0].key, Some(NativeKey::text("M-2")));
}

#[tokio::test]
async fn two_rows_about_one_person_are_not_mixed() {
    let world = World::snapshot().await;
    configured(&world, HR).await;
    world.day(day(0), &[unit(1, 0), employee(100, 1, 1), employee(101, 1, 1)]).await;
    let report = read(&world, "hr", day(0), &hr(&["S1;100;11;;", "S2;101;22;;"])).await;
    assert_eq!((report.applied, report.quarantined), (1, 1), "{report:?}");
    assert_eq!(report.set_aside[0].code, "person_repeated");
    let again = read(&world, "hr", day(1), &hr(&["S1;100;11;;", "S2;101;22;;"])).await;
    assert_eq!((again.unchanged, again.quarantined), (1, 1), "{again:?}");
}

#[tokio::test]
async fn a_protected_person_gets_no_address_from_another_source() {
    for world in World::each().await {
        configured(&world, HR).await;
        let mut protected = employee(100, 1, 1);
        protected.set_attribute("address", "protected", "true");
        let other = employee(101, 2, 1);
        world.day(day(0), &[unit(1, 0), protected, other]).await;
        read(&world, "hr", day(0), &hr(&["S1;100;;;Hidden Road 1", "S2;101;;;Prøvevej 2"])).await;
        let secret = person(&world, "hr", "S1").await.unwrap();
        let state = claims(&world, secret).await.remove(0).slice.state;
        assert_eq!(state.get(Field::PersonAddress), Some(&Value::Erased));
        assert_eq!(shown(&world, secret, Field::PersonAddress).await, None);
    }
}

#[tokio::test]
async fn an_address_that_is_protected_no_more_comes_back_from_every_source() {
    for world in World::each().await {
        configured(&world, HR).await;
        let open = with(&employee(100, 1, 1), "address", "Open Road 1");
        let mut protected = open.clone();
        protected.set_attribute("address", "protected", "true");
        world.day(day(0), &[unit(1, 0), protected]).await;
        read(&world, "hr", day(0), &hr(&["S1;100;;;Hidden Road 1"])).await;
        let secret = person(&world, "hr", "S1").await.unwrap();
        let address = async |world: &World| {
            let states = claims(world, secret).await.into_iter().map(|it| it.slice.state);
            states.last().unwrap().get(Field::PersonAddress).cloned()
        };
        assert_eq!(address(&world).await, Some(Value::Erased));
        let held = world.day(day(1), &[unit(1, 0), open]).await;
        world.release(&held).await.unwrap();
        let again = read(&world, "hr", day(2), &hr(&["S1;100;;;Hidden Road 1"])).await;
        assert_eq!(again.applied, 1, "{again:?}");
        assert_eq!(address(&world).await, Some(Value::Text("Hidden Road 1".into())));
    }
}

#[tokio::test]
async fn a_plan_of_text_keys_is_held_shown_and_released_as_it_was_shown() {
    for world in World::each().await {
        configured(&world, MEMBERS).await;
        let rows: Vec<String> =
            (0..60).map(|it| format!("M-{it};Bo {it};;;;2020-01-01;")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let made = try_run(&world, "members", day(0), &members(&rows), Intent::Make).await.unwrap();
        assert_eq!(made.state, RunState::Held);
        let hash = made.plan.clone().unwrap();
        let applied = decide::release(&world.hub, world.tenant, &hash, &DECISION, &Silent).await;
        assert_eq!(applied.unwrap().applied, 60);
        let late = date(2026, 6, 1);
        let half = members(&rows[..30]);
        let held = try_run(&world, "members", late, &half, Intent::Apply).await.unwrap();
        assert_eq!((held.state, held.gone), (RunState::Held, 30), "{held:?}");
        assert!(held.brakes[0].text.contains("30 of 60 open persons"), "{:?}", held.brakes);
        let hash = held.plan.unwrap();
        let shown = plan::show(&world.hub, world.tenant, &hash, 100).await.unwrap();
        assert_eq!(shown.items[0].native, NativeKey::text("M-30"));
        decide::release(&world.hub, world.tenant, &hash, &DECISION, &Silent).await.unwrap();
        let shown = plan::show(&world.hub, world.tenant, &hash, 100).await.unwrap();
        assert_eq!(
            shown.items[0].native,
            NativeKey::text("M-30"),
            "the key stays when it is decided"
        );
        let gone = person(&world, "members", "M-30").await.unwrap();
        assert_eq!(claims(&world, gone).await[0].slice.validity.until(), Some(late));
    }
}

#[tokio::test]
async fn an_undoing_brings_back_whom_a_register_left_out_and_what_it_said_otherwise() {
    for world in World::each().await {
        configured(&world, MEMBERS).await;
        let [bo, eva] = ["M-1;Bo;b@x.example;;;2020-01-01;", "M-2;Eva;;;;2020-01-01;"];
        read(&world, "members", day(0), &members(&[bo, eva])).await;
        let other = bo.replace("b@x", "other@x");
        let bad = read(&world, "members", day(1), &members(&[&other])).await;
        let which = Which::Plan(bad.plan.as_deref().unwrap());
        let undone = undo::undo(&world.hub, world.tenant, which).await.unwrap();
        assert_eq!((undone.undoes.stay, undone.others[&Kind::Person].0.len()), (0, 2));
        let hash = undone.plan.unwrap();
        decide::release(&world.hub, world.tenant, &hash, &DECISION, &Silent).await.unwrap();
        for (key, email) in [("M-1", Some("b@x.example")), ("M-2", None)] {
            let person = person(&world, "members", key).await.unwrap();
            let claims = claims(&world, person).await;
            let [only] = claims.as_slice() else { panic!("{claims:?}") };
            assert_eq!(only.slice.validity.until(), None, "{key}");
            assert_eq!(only.slice.state.text(Field::PersonEmail), email);
        }
        let again = try_run(&world, "members", day(2), &members(&[&other]), Intent::Make).await;
        assert_eq!(again.unwrap().gone, 1, "what the next file says counts anew");
    }
}
