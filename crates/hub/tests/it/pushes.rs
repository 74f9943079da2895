//! Records that a source sends itself, by a clock that the tests move.

use crate::world::{World, cpr};
use jiff::SignedDuration;
use kobling_domain::people::Kind;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::push::{
    self, Batch, Line, PlacedState, PushError, Receipt, ReceiptState, Sender, Sent, Snapshot,
    Statement,
};
use kobling_hub::jobs::{self, Did, Worker};
use kobling_hub::people;
use kobling_store::exchange::push as stored;
use kobling_store::exchange::source;
use kobling_store::job;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const HR: Sender<'_> = Sender { source: "hr", by: "client:hr" };
const ABSENCES: Sender<'_> = Sender { source: "absences", by: "client:hr" };

const SOURCES: &str = r#"
mode = "snapshot"

[[source]]
key = "hr"
system = "opus"
format = "push"
[source.push.fields]
unit = ["unit.name", "unit.parent"]
employment = [
  "person.national_number", "person.first_name", "person.last_name", "employment.unit",
  "employment.position_title", "employment.hours_numerator", "employment.is_manager",
]
[source.brakes]
employments_gone = { count = 1, per_mille = 0 }
off = ["unit_emptied"]

[[source]]
key = "absences"
system = "opus"
format = "push"
[source.push]
employments = "hr"
[source.push.fields]
absence = ["absence.kind"]
"#;

/// An employer whose HR system sends, and the time.
struct Office(World);

impl Office {
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for world in World::each().await {
            world.configure(SOURCES).await;
            let it = Self(world);
            let unit = it.put(HR, (Kind::Unit, "1"), json!({ "unit.name": "Fjordby" })).await;
            assert_eq!(unit.unwrap().state, ReceiptState::Applied);
            all.push(it);
        }
        all
    }

    fn hub(&self) -> &Hub {
        &self.0.hub
    }

    async fn send(
        &self,
        sender: Sender<'_>,
        (kind, id): (Kind, &str),
        statement: Value,
    ) -> Result<Receipt, PushError> {
        let statement: Statement = serde_json::from_value(statement).unwrap();
        let sent = Sent { kind, id, statement: &statement };
        Box::pin(push::put(self.hub(), self.0.tenant, sender, sent)).await
    }

    async fn put(
        &self,
        sender: Sender<'_>,
        of: (Kind, &str),
        fields: Value,
    ) -> Result<Receipt, PushError> {
        self.send(sender, of, json!({ "fields": fields })).await
    }

    /// Puts an employment of a person, with a title.
    async fn employ(&self, id: &str, person: u16, title: &str) -> Receipt {
        self.send(HR, (Kind::Employment, id), employment(person, title)).await.unwrap()
    }

    async fn open(&self) -> Snapshot {
        push::open(self.hub(), self.0.tenant, HR).await.unwrap()
    }

    async fn put_into(
        &self,
        snapshot: Uuid,
        (kind, id): (Kind, &str),
        statement: Value,
    ) -> Result<Receipt, PushError> {
        let statement: Statement = serde_json::from_value(statement).unwrap();
        let sent = Sent { kind, id, statement: &statement };
        push::put_into(self.hub(), self.0.tenant, (HR, snapshot), sent).await
    }

    async fn put_all_into(
        &self,
        snapshot: Uuid,
        kind: Kind,
        all: Value,
    ) -> Result<Batch, PushError> {
        let read = |it: Value| serde_json::from_value(it).map_err(|it| it.to_string());
        let all = all.as_array().unwrap().clone().into_iter().zip(1..);
        let lines = all.map(|(it, place)| Line { place, read: read(it) }).collect();
        push::put_all_into(self.hub(), self.0.tenant, (HR, snapshot), (kind, lines)).await
    }

    /// Opens a snapshot, puts the unit and these employments, and closes it.
    async fn snapshot(&self, employments: &[(&str, u16)]) -> Snapshot {
        let of = self.open().await.snapshot;
        let unit = json!({ "fields": { "unit.name": "Fjordby" } });
        self.put_into(of, (Kind::Unit, "1"), unit).await.unwrap();
        for (id, person) in employments {
            let told = employment(*person, "Lærer");
            self.put_into(of, (Kind::Employment, id), told).await.unwrap();
        }
        let counts =
            [(Kind::Unit, 1), (Kind::Employment, u64::try_from(employments.len()).unwrap())];
        self.close(of, &counts).await.unwrap();
        assert!(self.work().await.is_none());
        push::snapshot(self.hub(), self.0.tenant, "hr", of).await.unwrap()
    }

    async fn close(&self, of: Uuid, counts: &[(Kind, u64)]) -> Result<Snapshot, PushError> {
        let counts: BTreeMap<Kind, u64> = counts.iter().copied().collect();
        push::close(self.hub(), self.0.tenant, (HR, of), &counts).await
    }

    /// Does what was asked for; why it failed.
    async fn work(&self) -> Option<String> {
        let worker = Worker::new(self.hub(), (&Uninterrupted, &Silent));
        let ran = jobs::run_next(&worker, &[job::RUN]).await.unwrap()?;
        if let Some(Did::Looked(looked)) = &ran.report {
            assert_eq!(looked.refused, [""; 0]);
        }
        ran.error
    }

    async fn receipt(&self, receipt: Uuid) -> Receipt {
        push::receipt(self.hub(), self.0.tenant, "hr", receipt).await.unwrap()
    }

    fn later(&mut self, by: SignedDuration) {
        self.0.hub.clock = Clock::Fixed(self.0.hub.clock.now() + by);
    }

    async fn shown(&self, kind: Kind, id: &str) -> Value {
        let when = people::When::default();
        let shown = people::show(self.hub(), self.0.tenant, kind, id, when).await;
        serde_json::to_value(shown.unwrap()).unwrap()
    }

    async fn is_there(&self, id: &str) -> bool {
        let shown = self.shown(Kind::Employment, id).await;
        shown["slices"].as_array().is_some_and(|it| !it.is_empty())
    }
}

fn employment(person: u16, title: &str) -> Value {
    json!({
        "from": "2014-08-01",
        "fields": {
            "person.national_number": cpr(person),
            "person.first_name": "Åse",
            "person.last_name": "Prøve Testesen",
            "employment.unit": "1",
            "employment.position_title": title,
            "employment.hours_numerator": 37,
            "employment.is_manager": false,
        },
    })
}

#[tokio::test]
async fn one_record_goes_through_a_run_of_its_own_and_its_receipt_says_what_became_of_it() {
    for office in Box::pin(Office::each()).await {
        let first = office.employ("E1", 1, "Lærer").await;
        assert_eq!((first.state, first.plan.is_some()), (ReceiptState::Applied, true));
        let shown = office.shown(Kind::Employment, "E1").await;
        let values = &shown["slices"][0]["values"];
        assert_eq!(values["employment.hours_numerator"]["value"], 37_000, "{shown}");
        assert_eq!(values["employment.position_title"]["origin"]["input"], "employment E1");
        let again = office.employ("E1", 1, "Lærer").await;
        assert_eq!((again.state, again.plan), (ReceiptState::Unchanged, None));
        let wrong = json!({ "from": "2026-03-05", "until": "2026-03-01" });
        let wrong = office.send(HR, (Kind::Employment, "E1"), wrong).await.unwrap();
        assert_eq!(wrong.state, ReceiptState::Quarantined);
        assert_eq!(wrong.code.as_deref(), Some("end_before_start"));
        assert!(wrong.problem.unwrap().contains("lies before its first"));
        assert!(office.is_there("E1").await, "its subject keeps its last state");
        assert_eq!(office.receipt(first.receipt).await.state, ReceiptState::Applied);
    }
}

#[tokio::test]
async fn what_a_source_may_not_send_is_refused_by_name_and_leaves_nothing() {
    for office in Box::pin(Office::each()).await {
        let refused = async |of: (Kind, &str), statement: Value| {
            office.send(HR, of, statement).await.unwrap_err().to_string()
        };
        let email = json!({ "fields": { "person.email": "aase@example.org" } });
        let said = refused((Kind::Employment, "E1"), email).await;
        assert!(said.contains("does not send \"person.email\" of employments"), "{said}");
        let shoe = json!({ "fields": { "person.shoe_size": 43 } });
        assert!(refused((Kind::Employment, "E1"), shoe).await.contains("is not a field"));
        let said = refused((Kind::Absence, "A1"), json!({})).await;
        assert!(said.contains("sends no absences"), "{said}");
        let number = cpr(1);
        let said = refused((Kind::Employment, &number), json!({})).await;
        assert!(said.contains("looks like a national number") && !said.contains(&number), "{said}");
        let files = Sender { source: "opus", ..HR };
        let said = office.send(files, (Kind::Unit, "1"), json!({})).await.unwrap_err();
        assert!(matches!(said, PushError::ReadFromFiles { .. }));
        let large = json!({ "fields": { "unit.name": "x".repeat(70_000) } });
        assert!(refused((Kind::Unit, "2"), large).await.contains("65536 bytes at most"));
    }
}

#[tokio::test]
async fn only_a_snapshot_whose_counts_match_speaks_about_what_it_does_not_mention() {
    for office in Box::pin(Office::each()).await {
        let first = office.snapshot(&[("E1", 1), ("E2", 2), ("E3", 3)]).await;
        assert_eq!((first.state, first.run_state), ("read", Some("applied")));
        let of = office.open().await.snapshot;
        let unit = json!({ "fields": { "unit.name": "Fjordby" } });
        office.put_into(of, (Kind::Unit, "1"), unit).await.unwrap();
        for (id, person) in [("E1", 1), ("E2", 2)] {
            let told = employment(person, "Lærer");
            office.put_into(of, (Kind::Employment, id), told).await.unwrap();
        }
        let other = office.close(of, &[(Kind::Unit, 1), (Kind::Employment, 3)]).await;
        let said = other.unwrap_err().to_string();
        assert!(said.contains("1 unit, 3 employments") && said.contains("2 employments"), "{said}");
        assert!(office.is_there("E3").await);
        // It is open still, and may be made whole.
        office.close(of, &[(Kind::Unit, 1), (Kind::Employment, 2)]).await.unwrap();
        assert!(office.is_there("E3").await, "nothing happens before it is read");
        assert_eq!(office.work().await, None);
        assert!(!office.is_there("E3").await && office.is_there("E2").await);
        let read = push::snapshot(office.hub(), office.0.tenant, "hr", of).await.unwrap();
        assert_eq!((read.state, read.run_state), ("read", Some("applied")));
        assert_eq!(read.counts[&Kind::Employment], 2);
    }
}

#[tokio::test]
async fn a_snapshot_that_loses_too_many_is_held_and_its_receipts_follow_the_decision() {
    for office in Box::pin(Office::each()).await {
        office.snapshot(&[("E1", 1), ("E2", 2), ("E3", 3)]).await;
        let held = office.snapshot(&[("E4", 4)]).await;
        assert_eq!(held.run_state, Some("held"));
        let (tenant, of) = (office.0.tenant, ("hr", held.snapshot));
        let states = async || -> Vec<ReceiptState> {
            let told = push::receipts(office.hub(), tenant, of, None, 1).await.unwrap();
            let rest =
                push::receipts(office.hub(), tenant, of, told.1.as_deref(), 9).await.unwrap();
            assert_eq!(rest.1, None);
            told.0.iter().chain(&rest.0).map(|it| it.state).collect()
        };
        assert_eq!(states().await, [ReceiptState::Unchanged, ReceiptState::Held]);
        let told = push::receipts(office.hub(), tenant, of, None, 9).await.unwrap().0;
        let hash = told[1].plan.clone().unwrap();
        let decision = &crate::world::DECISION;
        decide::release(office.hub(), tenant, &hash, decision, &Silent).await.unwrap();
        assert_eq!(states().await, [ReceiptState::Unchanged, ReceiptState::Applied]);
        assert!(!office.is_there("E1").await && office.is_there("E4").await);
    }
}

#[tokio::test]
async fn nothing_is_inferred_from_a_snapshot_that_was_not_closed_in_time_or_was_begun_anew() {
    for mut office in Box::pin(Office::each()).await {
        office.snapshot(&[("E1", 1)]).await;
        let late = office.open().await;
        let put = office.put_into(late.snapshot, (Kind::Employment, "E2"), employment(2, "Lærer"));
        let receipt = put.await.unwrap();
        assert_eq!(receipt.state, ReceiptState::Waiting);
        office.later(SignedDuration::from_hours(12));
        let said = office.close(late.snapshot, &[(Kind::Employment, 1)]).await.unwrap_err();
        assert!(said.to_string().contains("is expired"), "{said}");
        office.employ("E3", 3, "Lærer").await;
        assert_eq!(office.receipt(receipt.receipt).await.state, ReceiptState::Lapsed);
        let first = office.open().await;
        let second = office.open().await;
        let told = push::snapshot(office.hub(), office.0.tenant, "hr", first.snapshot).await;
        assert_eq!(told.unwrap().state, "abandoned");
        let put = office.put_into(first.snapshot, (Kind::Employment, "E2"), json!({})).await;
        assert!(matches!(put, Err(PushError::NotOpen { state: "abandoned", .. })), "{put:?}");
        assert_eq!(second.state, "open");
        assert!(office.is_there("E1").await);
    }
}

#[tokio::test]
async fn of_a_record_that_is_put_twice_the_last_one_counts_once() {
    for office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let first = office.put_into(of, (Kind::Employment, "E1"), employment(1, "Lærer")).await;
        let second = office.put_into(of, (Kind::Employment, "E1"), employment(1, "Leder")).await;
        let receipt = second.unwrap().receipt;
        assert_eq!(first.unwrap().receipt, receipt);
        office.put_into(of, (Kind::Unit, "1"), json!({})).await.unwrap();
        office.close(of, &[(Kind::Unit, 1), (Kind::Employment, 1)]).await.unwrap();
        assert_eq!(office.work().await, None);
        let shown = office.shown(Kind::Employment, "E1").await;
        let title = &shown["slices"][0]["values"]["employment.position_title"]["value"];
        assert_eq!(*title, "Leder", "{shown}");
        assert_eq!(office.receipt(receipt).await.state, ReceiptState::Applied);
    }
}

/// An employment as a record of a batch.
fn entry(id: &str, person: u16, title: &str) -> Value {
    let mut entry = employment(person, title);
    entry["id"] = json!(id);
    entry
}

#[tokio::test]
async fn records_put_at_once_are_read_as_if_put_one_by_one_and_a_bad_one_refuses_only_itself() {
    for office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let unit = json!([{ "id": "1", "fields": { "unit.name": "Fjordby" } }]);
        office.put_all_into(of, Kind::Unit, unit).await.unwrap();
        let number = cpr(1);
        let mut shoe = entry("E2", 2, "Lærer");
        shoe["fields"]["person.shoe_size"] = json!(43);
        let mut long = entry("E3", 3, "Lærer");
        long["fields"]["person.last_name"] = json!("x".repeat(70_000));
        let batch = json!([
            entry("E1", 1, "Lærer"),
            shoe,
            entry(&number, 9, "Lærer"),
            { "id": "E4", "frmo": "2026-01-01" },
            long,
            entry("E5", 5, "Leder"),
        ]);
        let told = office.put_all_into(of, Kind::Employment, batch).await.unwrap();
        assert_eq!((told.put, told.refused), (2, 4));
        let told: Vec<_> =
            told.records.iter().map(|it| (it.place, it.state, it.code, it.receipt)).collect();
        let waiting = PlacedState::Waiting;
        let codes: Vec<_> = told.iter().map(|it| (it.0, it.2)).collect();
        assert_eq!(
            codes,
            [
                (1, None),
                (2, Some("unknown_field")),
                (3, Some("unreadable_key")),
                (4, Some("unreadable")),
                (5, Some("too_large")),
                (6, None),
            ]
        );
        assert!(told.iter().all(|it| (it.1 == waiting) == it.3.is_some()));
        office.close(of, &[(Kind::Unit, 1), (Kind::Employment, 2)]).await.unwrap();
        assert_eq!(office.work().await, None);
        let receipt = office.receipt(told[5].3.unwrap()).await;
        assert_eq!((receipt.state, receipt.id.as_str()), (ReceiptState::Applied, "E5"));
        assert!(office.is_there("E1").await);
    }
}

#[tokio::test]
async fn of_a_key_that_stands_twice_in_a_batch_the_last_record_counts_once() {
    for office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let first =
            json!([entry("E1", 1, "Lærer"), entry("E2", 2, "Lærer"), entry("E1", 1, "Leder")]);
        let first = office.put_all_into(of, Kind::Employment, first).await.unwrap();
        assert_eq!(first.put, 3);
        assert_eq!(first.records[0].receipt, first.records[2].receipt);
        let again = json!([entry("E2", 2, "Pedagog")]);
        let again = office.put_all_into(of, Kind::Employment, again).await.unwrap();
        assert_eq!(again.records[0].receipt, first.records[1].receipt);
        office.put_into(of, (Kind::Unit, "1"), json!({})).await.unwrap();
        office.close(of, &[(Kind::Unit, 1), (Kind::Employment, 2)]).await.unwrap();
        assert_eq!(office.work().await, None);
        for (id, title) in [("E1", "Leder"), ("E2", "Pedagog")] {
            let shown = office.shown(Kind::Employment, id).await;
            let told = &shown["slices"][0]["values"]["employment.position_title"]["value"];
            assert_eq!(*told, title, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_batch_is_refused_whole_once_its_snapshot_is_closed_or_of_a_kind_that_is_not_sent() {
    for office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let other = office.put_all_into(of, Kind::Absence, json!([])).await;
        assert!(matches!(other, Err(PushError::KindNotSent { .. })), "{other:?}");
        office.close(of, &[]).await.unwrap();
        let batch = json!([entry("E1", 1, "Lærer")]);
        let late = office.put_all_into(of, Kind::Employment, batch).await;
        assert!(matches!(late, Err(PushError::NotOpen { state: "closed", .. })), "{late:?}");
    }
}

#[tokio::test]
async fn nothing_overtakes_a_snapshot_that_is_under_way() {
    for office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let sent = office.send(HR, (Kind::Employment, "E1"), employment(1, "Lærer")).await;
        assert!(matches!(sent, Err(PushError::SnapshotUnderWay { snapshot }) if snapshot == of));
        office.close(of, &[]).await.unwrap();
        let opened = push::open(office.hub(), office.0.tenant, HR).await;
        assert!(matches!(opened, Err(PushError::SnapshotUnderWay { snapshot }) if snapshot == of));
        assert_eq!(office.work().await, None);
        assert_eq!(office.employ("E1", 1, "Lærer").await.state, ReceiptState::Applied);
    }
}

#[tokio::test]
async fn a_held_record_keeps_its_receipt_and_what_is_said_next_takes_its_place() {
    for office in Box::pin(Office::each()).await {
        office.0.configure(&SOURCES.replace("count = 1, per", "count = 0, per")).await;
        office.employ("E1", 1, "Lærer").await;
        let mut ended = employment(1, "Lærer");
        ended["until"] = json!("2026-03-09");
        let end = || office.send(HR, (Kind::Employment, "E1"), ended.clone());
        let held = end().await.unwrap();
        assert_eq!(held.state, ReceiptState::Held);
        assert_eq!(end().await.unwrap().receipt, held.receipt, "sent once more it is the same");
        assert_eq!(office.employ("E2", 2, "Lærer").await.state, ReceiptState::Applied);
        assert_eq!(office.receipt(held.receipt).await.state, ReceiptState::Held);
        assert_eq!(office.employ("E1", 1, "Lærer").await.state, ReceiptState::Unchanged);
        assert_eq!(office.receipt(held.receipt).await.state, ReceiptState::Superseded);
        let anew = end().await.unwrap();
        assert!(anew.state == ReceiptState::Held && anew.receipt != held.receipt);
    }
}

#[tokio::test]
async fn what_was_sent_lies_sealed_until_it_is_read_and_is_forgotten_then() {
    for mut office in Box::pin(Office::each()).await {
        let of = office.open().await.snapshot;
        let sent = office.put_into(of, (Kind::Employment, "E1"), employment(1, "Lærer")).await;
        let (tenant, number) = (office.0.tenant, cpr(1));
        let bodies = async |office: &Office| -> Vec<Vec<u8>> {
            let mut tx = office.hub().db.read().await.unwrap();
            let hr = source::by_key(&mut tx, tenant, "hr").await.unwrap().unwrap();
            let of = stored::find(&mut tx, tenant, hr.no, of).await.unwrap();
            let Some(of) = of else { return Vec::new() };
            let all = stored::contents(&mut tx, tenant, (hr.no, of.no), None, 9).await.unwrap();
            all.into_iter().map(|it| it.body).collect()
        };
        let stored = bodies(&office).await;
        let number = number.as_bytes();
        assert!(stored[0].len() > 100 && !stored[0].windows(number.len()).any(|it| it == number));
        office.close(of, &[(Kind::Employment, 1)]).await.unwrap();
        assert_eq!(office.work().await, None);
        assert_eq!(bodies(&office).await, [Vec::<u8>::new()]);
        let receipt = sent.unwrap().receipt;
        office.later(SignedDuration::from_hours(91 * 24));
        office.employ("E2", 2, "Lærer").await;
        let gone = push::receipt(office.hub(), tenant, "hr", receipt).await;
        assert!(matches!(gone, Err(PushError::UnknownReceipt { .. })), "kept for 90 days");
    }
}

#[tokio::test]
async fn an_absence_that_is_sent_belongs_to_the_person_of_an_employment_that_was_sent() {
    for office in Box::pin(Office::each()).await {
        let away = |employment: &str| {
            json!({
                "from": "2026-03-02",
                "until": "2026-03-07",
                "employment": employment,
                "fields": { "absence.kind": "Sygdom" },
            })
        };
        let early = office.send(ABSENCES, (Kind::Absence, "A1"), away("E1")).await.unwrap();
        assert_eq!(early.code.as_deref(), Some("person_unknown"));
        office.employ("E1", 1, "Lærer").await;
        let sent = office.send(ABSENCES, (Kind::Absence, "A1"), away("E1")).await.unwrap();
        assert_eq!(sent.state, ReceiptState::Applied, "{sent:?}");
        let person = office.shown(Kind::Employment, "E1").await["person"]["id"].clone();
        let shown = office.shown(Kind::Person, person.as_str().unwrap()).await;
        let told = json!([{
            "kind": "Sygdom", "employment": "E1", "from": "2026-03-02", "until": "2026-03-07",
        }]);
        assert_eq!(shown["absences"], told, "{shown}");
    }
}
