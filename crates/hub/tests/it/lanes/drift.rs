//! What a target of messages holds against what it should, by a list that it gives.

use super::{FIRST, Office, SECOND, TARGET, THIRD, employer, people, titled};
use crate::world::with;
use jiff::SignedDuration;
use kobling_domain::id::SubjectId;
use kobling_formats::messages::Content;
use kobling_formats::opus::Record;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::drift::{self, Drift, DriftError, FileDrift, How};
use kobling_hub::exchange::progress::Silent;
use kobling_testkit::receiver::Fault;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use uuid::Uuid;

type Held = BTreeMap<SubjectId, Content>;

/// Writes what a target holds as it would give it.
fn list(office: &Office, held: &Held) -> PathBuf {
    let line = |(id, content): (&SubjectId, &Content)| {
        json!({ "subject": id, "content": content }).to_string() + "\n"
    };
    written(office, &held.iter().map(line).collect::<String>())
}

fn written(office: &Office, text: &str) -> PathBuf {
    let path = PathBuf::from(office.world.folder()).join("held.ndjson");
    std::fs::write(&path, text).unwrap();
    path
}

async fn found(office: &Office, held: &Held) -> Drift {
    let list = [list(office, held)];
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    drift::drift(hub, tenant, TARGET, &list, &Silent).await.unwrap()
}

async fn settled(office: &Office, held: &Held) -> Drift {
    let list = [list(office, held)];
    let (hub, tenant) = (&office.world.hub, office.world.tenant);
    drift::settle(hub, tenant, TARGET, &list, &Silent).await.unwrap()
}

fn counts(it: &FileDrift) -> [usize; 6] {
    [it.agreed, it.awaited, it.accepted, it.edited, it.missing, it.extra]
}

fn persons(drift: &Drift) -> &FileDrift {
    drift.files.iter().find(|it| it.name == "persons").unwrap()
}

/// Somebody at the target types another value.
fn type_in(held: &mut Held, id: SubjectId, field: &str, value: &str) {
    let fields = match held.get_mut(&id).unwrap() {
        Content::Person(it) => &mut it.fields,
        Content::Unit(it) => &mut it.fields,
    };
    fields.insert(field.to_owned(), json!(value));
}

fn later(hub: &Hub) -> Hub {
    let now = hub.clock.now() + SignedDuration::from_secs(6);
    Hub { clock: Clock::Fixed(now), ..hub.clone() }
}

fn reachable(all: &[Record]) -> Vec<Record> {
    all.iter().map(|it| with(it, "email", "aase@fjordby.example")).collect()
}

#[tokio::test]
async fn each_subject_is_told_by_what_it_should_be_what_was_sent_and_what_is_held() {
    for office in Office::each().await {
        let mut all = people(4);
        office.world.day(FIRST, &employer(&all)).await;
        office.deliver().await;
        all[3] = titled(&all[3], "Skoleleder");
        office.world.day(SECOND, &employer(&all)).await;
        office.receiver.script([Some(Fault::CutBefore)]);
        office.deliver().await;
        let mut held = office.receiver.received().has;
        assert_eq!(counts(persons(&found(&office, &held).await)), [3, 1, 0, 0, 0, 0]);

        let [edited, gone] = [office.person(100).await, office.person(101).await];
        let strange = SubjectId(Uuid::from_u128(7));
        held.insert(strange, held[&edited].clone());
        type_in(&mut held, edited, "person.name", "Åse 010300-0017");
        held.remove(&gone);
        let told = found(&office, &held).await;
        assert_eq!(counts(&told.files[0]), [3, 0, 0, 0, 0, 0]);
        assert_eq!(counts(persons(&told)), [1, 1, 0, 1, 1, 1]);
        let how: BTreeMap<SubjectId, How> =
            persons(&told).rows.iter().map(|it| (it.id, it.how)).collect();
        let expected = [(edited, How::Edited), (gone, How::Missing), (strange, How::Extra)];
        assert_eq!(how, BTreeMap::from(expected));
        let row = persons(&told).rows.iter().find(|it| it.id == edited).unwrap();
        let [field] = row.fields.as_slice() else { panic!("{row:?}") };
        assert_eq!(field.column, "person.name");
        assert_eq!(field.should.as_deref(), Some("Åse Testesen 0"));
        assert_eq!(field.holds, "Åse 01••••-••••");
    }
}

#[tokio::test]
async fn what_is_enforced_is_sent_again_though_nothing_has_changed_here() {
    for office in Office::each().await {
        let drift = "drift = { default = \"enforce\", \"employment.position_title\" = \"report\" }";
        office.configure(drift, "scope = [\"1\"]").await;
        office.world.day(FIRST, &employer(&people(3))).await;
        office.deliver().await;
        let before = office.told().len();
        let mut held = office.receiver.received().has;
        type_in(&mut held, office.person(100).await, "person.name", "Somebody");
        held.remove(&office.person(101).await);
        assert_eq!(counts(persons(&found(&office, &held).await)), [1, 0, 0, 1, 1, 0]);
        assert_eq!(office.deliver().await.sent.accepted, 0, "it was only told");
        settled(&office, &held).await;
        let report = office.deliver().await;
        assert_eq!((report.made.change, report.sent.accepted), (2, 2));
        assert_eq!(office.told()[before..], ["change person 2", "change person 2"]);
        let held = office.receiver.received().has;
        assert_eq!(counts(persons(&found(&office, &held).await)), [3, 0, 0, 0, 0, 0]);
        settled(&office, &held).await;
        assert_eq!(office.deliver().await.sent.accepted, 0);
    }
}

#[tokio::test]
async fn whom_a_target_holds_and_should_not_is_inactivated_where_that_is_enforced() {
    for office in Office::each().await {
        office.configure("drift = { default = \"enforce\" }", "scope = [\"2\"]").await;
        let mut all = people(2);
        all[1].set("orgUnit", "3");
        office.world.day(FIRST, &employer(&all)).await;
        office.deliver().await;
        let mut held = office.receiver.received().has;
        let [ours, outside] = [office.person(100).await, office.person(101).await];
        assert!(!held.contains_key(&outside));
        held.insert(outside, held[&ours].clone());
        assert_eq!(counts(persons(&settled(&office, &held).await)), [1, 0, 0, 0, 0, 1]);
        let report = office.deliver().await;
        assert_eq!((report.made.inactivate, report.sent.accepted), (1, 1));
        assert_eq!(office.receiver.received().effects.last().unwrap().subject, outside);
    }
}

#[tokio::test]
async fn a_value_that_the_target_may_keep_is_sent_back_until_ours_changes() {
    for office in Office::each().await {
        let drift = "drift = { default = \"report\", \"person.email\" = \"accept\" }";
        office.configure(drift, "scope = [\"1\"]").await;
        let mut all = reachable(&people(2));
        office.world.day(FIRST, &employer(&all)).await;
        office.deliver().await;
        let mut held = office.receiver.received().has;
        type_in(&mut held, office.person(100).await, "person.email", "own@elsewhere.example");
        assert_eq!(counts(persons(&settled(&office, &held).await)), [1, 0, 1, 0, 0, 0]);
        office.deliver().await;
        assert!(office.has(100).await.unwrap().contains("own@elsewhere.example"));
        all[0] = titled(&all[0], "Skoleleder");
        office.world.day(SECOND, &employer(&all)).await;
        office.deliver().await;
        let has = office.has(100).await.unwrap();
        assert!(has.contains("Skoleleder") && has.contains("own@elsewhere.example"), "{has}");
        let held = office.receiver.received().has;
        assert_eq!(counts(persons(&found(&office, &held).await)), [2, 0, 0, 0, 0, 0]);
        all[0] = with(&all[0], "email", "new@fjordby.example");
        office.world.day(THIRD, &employer(&all)).await;
        office.deliver().await;
        assert!(office.has(100).await.unwrap().contains("new@fjordby.example"));
    }
}

/// Theirs may be our own older value: nobody can tell.
#[tokio::test]
async fn a_value_is_not_accepted_where_ours_is_on_its_way() {
    let office = Office::new().await;
    let drift = "drift = { default = \"report\", \"person.email\" = \"accept\" }";
    office.configure(drift, "scope = [\"1\"]").await;
    let mut all = reachable(&people(1));
    office.world.day(FIRST, &employer(&all)).await;
    office.deliver().await;
    let mut held = office.receiver.received().has;
    all[0] = with(&all[0], "email", "new@fjordby.example");
    office.world.day(SECOND, &employer(&all)).await;
    office.receiver.script([Some(Fault::CutBefore)]);
    office.deliver().await;
    type_in(&mut held, office.person(100).await, "person.email", "old@fjordby.example");
    let told = settled(&office, &held).await;
    assert_eq!(counts(persons(&told)), [0, 0, 0, 1, 0, 0]);
    let field = &persons(&told).rows[0].fields[0];
    assert_eq!(field.should.as_deref(), Some("new@fjordby.example"));
    office.deliver_by(&later(&office.world.hub)).await.unwrap();
    assert!(office.has(100).await.unwrap().contains("new@fjordby.example"));
}

#[tokio::test]
async fn a_list_that_does_not_tell_whom_is_refused_by_its_line_and_shows_no_number() {
    let office = Office::new().await;
    let tell = async |lists: &[PathBuf]| {
        let (hub, tenant) = (&office.world.hub, office.world.tenant);
        drift::drift(hub, tenant, TARGET, lists, &Silent).await.unwrap_err()
    };
    assert!(matches!(tell(&[]).await, DriftError::NeverDelivered { .. }));
    office.world.day(FIRST, &employer(&people(1))).await;
    office.deliver().await;
    assert!(matches!(tell(&[]).await, DriftError::NoList { .. }));
    let missing = tell(&["/nowhere/held.ndjson".into()]).await;
    assert_eq!(missing.to_string(), "/nowhere/held.ndjson cannot be opened");
    let line = json!({
        "subject": Uuid::from_u128(7), "kind": "person", "seq": 3,
        "content": { "person": { "fields": {}, "employments": [] } },
    });
    for (text, expected) in [
        (format!("{line}\n\n{line}\n"), "line 3: an earlier line tells of the same subject"),
        ("{\"subject\": \"7101800001\"}\n".to_owned(), "line 1: column 24: no `subject`"),
        (format!("{line}\n7101800001 Åse\n"), "line 2: column 10: no `subject`"),
        (format!("{line}\n{{\"sub"), "line 2: column 5: no JSON object"),
        ("x".repeat(2 << 20), "line 1: the line is longer than a mebibyte"),
    ] {
        let error = tell(&[written(&office, &text)]).await;
        assert!(error.is_bad_input());
        let said = error.to_string();
        assert!(said.contains(expected) && !said.contains("710180"), "{said}");
    }
}
