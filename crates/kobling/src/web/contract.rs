//! Generated from the OpenAPI document: every operation is asked as everybody, and what is answered is
//! what the document says.

use super::testing::{Answer, App, FJORDBY, SignedIn};
use kobling_domain::access::{Grant, Operation, Role, may};
use kobling_domain::id::TenantId;
use kobling_hub::access::clients::{self, NewClient, Proof, Shown};
use kobling_hub::agreement::receipt::{self, HubKey};
use kobling_hub::exchange::lane::steps::{Steps, Uninterrupted};
use kobling_hub::exchange::progress::{Progress, Silent};
use kobling_hub::jobs::{self, Worker};
use kobling_store::job;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands beside the demo's configuration: a party that runs no system, and a target group.
const MORE: &str = r#"
[[party]]
key = "stranger"
name = "A supplier of nothing (synthetic)"
kind = "supplier"

[[group]]
key = "teachers"
name = "Teachers"
any = [{ units = ["20001"] }]

[[interface]]
key = "staff"
name = "Staff"
system = "opus"
version = "1.0.6"
[[interface.operation]]
key = "read"
name = "One employee"
category = [{ key = "0002", name = "Personal data", package = "add_on", fields = ["person.name"] }]

[[source]]
key = "hr"
system = "opus"
format = "push"
[source.push.fields]
unit = ["unit.name"]
employment = ["employment.position_title"]
"#;
/// Another employer in the same store.
const OTHER: &str = r#"
[tenant]
key = "skovby"
name = "Skovby Kommune"

[[party]]
key = "skovby"
name = "Skovby Kommune"
kind = "employer"
"#;

/// A target of messages that holds every change.
const MESSENGER: &str = r#"
[[system]]
key = "messenger"
name = "A messenger (synthetic)"
uuid = "0c0ffee0-0000-4000-8000-000000000003"
party = "learning"

[[target]]
key = "messenger"
system = "messenger"
format = "messages"
folder = "DIR"
brakes = { change = { count = 0, per_mille = 0 } }

[[agreement]]
key = "messenger"
source = "opus"
target = "messenger"
scope = ["20001"]
from = "2026-01-01"
purpose = "A test"
legal_basis = "None"
fields = [FIELDS]
"#;

/// A server of two employers, its document, and what stands for the parameters of its paths.
struct World {
    app: App,
    other: TenantId,
    document: Value,
    places: BTreeMap<&'static str, String>,
    sent: Sent,
}

/// What the source that sends its records itself has sent.
struct Sent {
    receipt: String,
    snapshot: String,
}

impl App {
    /// Sends a record of the source `hr`, and opens a snapshot of it.
    async fn send(&self, signed: &SignedIn) -> Sent {
        let headers =
            [("authorization", signed.bearer.as_str()), ("content-type", "application/json")];
        let record = "/api/v1/sources/hr/units/1";
        let body = r#"{ "fields": { "unit.name": "Fjordby" } }"#;
        let receipt = self.ask("PUT", record, &headers, body).await.json();
        let opened = self.ask("POST", "/api/v1/sources/hr/snapshots", &headers, "{}").await.json();
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        Sent { receipt: text(&receipt["receipt"]), snapshot: text(&opened["snapshot"]) }
    }
}

/// An operation of the document.
struct Asked<'a> {
    name: &'a str,
    method: String,
    path: String,
    told: &'a Value,
}

impl World {
    async fn new() -> Self {
        let (app, held) = App::with_nights().await;
        app.configure(&format!("{FJORDBY}{MORE}")).await;
        let other = app.configure(OTHER).await;
        let document = app.get("/api/v1/openapi.json", None).await.json();
        let owner = app.outsider(app.tenant, "fjordby", Role::EmployerOwner).await;
        let first = app.get("/api/v1/persons?limit=1", Some(&owner)).await.json();
        let person = first["items"][0]["id"].as_str().unwrap().to_owned();
        let employment = first["items"][0]["employments"][0]["id"].as_str().unwrap().to_owned();
        let text = str::to_owned;
        let places = [
            ("/persons/{id}", person),
            ("/employments/{id}", employment),
            ("/units/{id}", text("20001")),
            ("/sources/{key}", text("opus")),
            ("/parties/{key}", text("payroll")),
            ("/systems/{key}", text("plan2learn")),
            ("/interfaces/{key}", text("staff")),
            ("/agreements/{key}", text("plan2learn")),
            ("/targets/{key}", text("plan2learn")),
            ("/deliveries/{target}", text("plan2learn")),
            ("/groups/{key}", text("teachers")),
            ("/users/{key}", text("employer_owner-of-fjordby@kobling.example")),
            ("/runs/{run}", text("1")),
            ("/plans/{plan}", held),
        ];
        let sent = app.send(&owner).await;
        Self { app, other, document, places: places.into(), sent }
    }

    /// Every operation of the API that is not open to everybody.
    fn operations(&self) -> Vec<Asked<'_>> {
        let mut all = Vec::new();
        for (path, operations) in self.document["paths"].as_object().unwrap() {
            for (method, told) in operations.as_object().unwrap() {
                if told["security"].as_array().unwrap().is_empty() {
                    continue;
                }
                let name = told["operationId"].as_str().unwrap();
                all.push(Asked {
                    name,
                    method: method.to_uppercase(),
                    path: self.filled(path),
                    told,
                });
            }
        }
        all
    }

    fn filled(&self, path: &str) -> String {
        let Sent { receipt, snapshot } = &self.sent;
        let path = path.replace("{step}", "released_by_source");
        let path = &path.replace("/waiting/{id}", "/waiting/1");
        let filled = path
            .replace("{records}/{id}", "employments/E1")
            .replace("{records}", "employments")
            .replace("{receipt}", receipt)
            .replace("{snapshot}", snapshot);
        if filled != *path || path.ends_with("/snapshots") {
            return filled.replace("{key}", "hr");
        }
        let place = self.places.iter().find(|(place, _)| path.contains(*place));
        let Some((place, value)) = place else {
            assert!(!path.contains('{'), "{path}: nothing stands for its parameters here");
            return path.to_owned();
        };
        let collection = place.rsplit_once('/').unwrap().0;
        path.replace(place, &format!("{collection}/{value}"))
    }

    async fn ask(&self, asked: &Asked<'_>, signed: &SignedIn) -> Answer {
        self.send(asked, signed, &[("if-match", "*")], &body(asked.name)).await
    }

    async fn send(
        &self,
        asked: &Asked<'_>,
        signed: &SignedIn,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let bearer = ("authorization", signed.bearer.as_str());
        let mut all = vec![bearer, ("content-type", "application/json")];
        all.extend(headers);
        self.app.ask(&asked.method, &asked.path, &all, &body.to_string()).await
    }

    fn operation(&self, name: &str) -> Asked<'_> {
        self.operations().into_iter().find(|it| it.name == name).unwrap()
    }

    /// Does what must be possible, and answers what the document says.
    async fn done(&self, name: &str, signed: &SignedIn, body: Value) -> Value {
        let asked = self.operation(name);
        let answer = self.send(&asked, signed, &[], &body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        assert_eq!(self.faults(&asked, &answer), Vec::<String>::new(), "{name}");
        answer.json()
    }

    /// What an answer has that the document does not say.
    fn faults(&self, asked: &Asked<'_>, answer: &Answer) -> Vec<String> {
        let told = &asked.told["responses"][answer.status.to_string()]["content"];
        let media = answer.header("content-type");
        let schema = &told[media]["schema"];
        if schema.is_null() {
            return vec![format!("{} as {media:?} is not in the document", answer.status)];
        }
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap();
        let body = answer.json();
        validator.iter_errors(&body).map(|it| format!("{}: {it}", it.instance_path())).collect()
    }
}

/// What is sent to do something.
fn body(name: &str) -> Value {
    match name {
        "release_plan" | "reject_plan" | "retry_delivery" | "give_up_delivery"
        | "reopen_agreement" => {
            json!({ "reason": "looked at it" })
        }
        "release_delivery" => json!({ "hash": "0", "reason": "looked at it" }),
        "save_group" => json!({ "name": "Teachers", "any": [{ "units": ["20001"] }] }),
        "put_record" | "put_into_snapshot" => {
            json!({ "fields": { "employment.position_title": "Lærer" } })
        }
        "put_all_into_snapshot" => {
            json!([{ "id": "E2", "fields": { "employment.position_title": "Lærer" } }, 0])
        }
        "close_snapshot" => json!({ "counts": { "employment": 9 } }),
        // A day that has passed: nobody who is asked first ends it for the others.
        "close_agreement" => json!({ "until": "2026-03-01", "reason": "looked at it" }),
        // Another word than its key: nobody who is asked first closes it for the others.
        "close_in_emergency" => json!({ "confirm": "no", "reason": "looked at it" }),
        "do_agreement_step" => json!({ "verdict": "done", "reason": "looked at it" }),
        _ => json!({}),
    }
}

/// Operations that need something that waits: the tests below that decide on it have it.
const DECIDING: [&str; 15] = [
    "show_waiting",
    "close_in_emergency",
    "show_closing",
    "reopen_agreement",
    "do_agreement_step",
    "close_agreement",
    "release_plan",
    "reject_plan",
    "release_delivery",
    "retry_delivery",
    "give_up_delivery",
    "put_record",
    "put_into_snapshot",
    "put_all_into_snapshot",
    "close_snapshot",
];

#[tokio::test]
async fn every_operation_answers_somebody_and_nobody_what_is_not_in_the_document() {
    let world = World::new().await;
    let mut signed = BTreeMap::new();
    for role in Role::ALL {
        signed.insert(role, world.app.signed_in(role).await);
    }
    for asked in world.operations() {
        let mut answered = Vec::new();
        for (role, signed) in &signed {
            let answer = world.ask(&asked, signed).await;
            let faults = world.faults(&asked, &answer);
            let (name, status) = (asked.name, answer.status);
            assert_eq!(faults, Vec::<String>::new(), "{name} as {role}: {}", answer.text());
            if (200..300).contains(&status) {
                answered.push(*role);
            }
            let operation = asked.told["x-kobling-operation"].as_str().unwrap();
            let operation = Operation::ALL.into_iter().find(|it| it.name() == operation).unwrap();
            let is_let_in = may(*role, operation).is_some();
            assert_eq!(status != 403, is_let_in, "{name} as {role}: {status}");
        }
        let is_deciding = DECIDING.contains(&asked.name);
        assert!(is_deciding || !answered.is_empty(), "{} answers nobody", asked.name);
    }
}

#[tokio::test]
async fn of_another_employer_or_party_nothing_is_told() {
    let world = World::new().await;
    let (app, own) = (&world.app, world.app.tenant);
    let elsewhere = app.outsider(world.other, "skovby", Role::EmployerOwner).await;
    let stranger = app.outsider(own, "stranger", Role::SupplierTechnician).await;
    let told: Vec<&String> = world.places.values().filter(|it| it.len() > 1).collect();
    for asked in world.operations().iter().filter(|it| it.name != "show_session") {
        for signed in [&elsewhere, &stranger] {
            let answer = world.ask(asked, signed).await;
            let (name, status) = (asked.name, answer.status);
            let parameters = asked.told["parameters"].as_array().unwrap();
            let is_of_one = parameters.iter().any(|it| it["in"] == "path");
            // Who reaches nothing there may still make something new of their own.
            let expected: &[u16] = match (is_of_one, asked.name) {
                (true, "save_group") => &[403, 412],
                (true, _) => &[403, 404],
                (false, _) => &[200, 403],
            };
            assert!(expected.contains(&status), "{name}: {status} {}", answer.text());
            if status == 200 {
                for it in &told {
                    assert!(!answer.text().contains(it.as_str()), "{name} tells {it}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_waits_is_decided_and_answered_as_the_document_says() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let reason = json!({ "reason": "looked at it" });
    let released = world.done("release_plan", &owner, reason.clone()).await;
    assert_eq!(released["state"], "applied");
    let again = world.operation("reject_plan");
    let again = world.send(&again, &owner, &[], &reason).await;
    assert_eq!(
        (again.status, again.json()["type"].as_str()),
        (409, Some("urn:kobling:problem:conflict"))
    );
    let other = World::new().await;
    let owner = other.app.signed_in(Role::SystemOwner).await;
    assert_eq!(other.done("reject_plan", &owner, reason).await["state"], "rejected");
}

#[tokio::test]
async fn deliveries_are_given_up_sent_again_and_released_by_what_was_looked_at() {
    let mut world = World::new().await;
    world.places.insert("/deliveries/{target}", "messenger".to_owned());
    let dir = world.app.dir().join("messages");
    std::fs::create_dir_all(&dir).unwrap();
    for fields in ["\"person.name\"", "\"person.name\", \"person.email\""] {
        let more = MESSENGER.replace("DIR", dir.to_str().unwrap()).replace("FIELDS", fields);
        world.app.configure(&format!("{FJORDBY}{MORE}{more}")).await;
        let watch: (&dyn Steps, &dyn Progress) = (&Uninterrupted, &Silent);
        let (hub, tenant) = (&world.app.hub, world.app.tenant);
        Box::pin(jobs::deliver(hub, tenant, "messenger", watch)).await.unwrap();
    }
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let waiting = async || {
        let path = "/api/v1/deliveries/messenger/waiting?limit=200";
        world.app.get(path, Some(&owner)).await.json()["items"].as_array().unwrap().clone()
    };
    let held = waiting().await;
    assert!(!held.is_empty() && held.iter().all(|it| it["state"] == "held"), "{held:?}");
    let one = json!({ "subject": held[0]["subject"], "reason": "they are told otherwise" });
    let seen = async || {
        let asked = Asked {
            path: format!(
                "/api/v1/deliveries/messenger/waiting/{}",
                held[0]["id"].as_str().unwrap()
            ),
            ..world.operation("show_waiting")
        };
        let answer = world.send(&asked, &owner, &[], &json!({})).await;
        assert_eq!(world.faults(&asked, &answer), Vec::<String>::new());
        answer.header("etag").to_owned()
    };
    let decide = async |name: &str, mark: &str| {
        let asked = world.operation(name);
        let answer = world.send(&asked, &owner, &[("if-match", mark)], &one).await;
        assert_eq!(world.faults(&asked, &answer), Vec::<String>::new());
        answer
    };
    let first = seen().await;
    let unsaid = world.send(&world.operation("give_up_delivery"), &owner, &[], &one).await;
    assert_eq!(unsaid.status, 428, "{}", unsaid.text());
    let given_up = decide("give_up_delivery", &first).await;
    assert_eq!(given_up.json()["standing"]["rejected"], 1);
    let second = decide("give_up_delivery", &first).await;
    assert_eq!(
        (second.status, second.json()["current"]["state"].as_str()),
        (412, Some("rejected"))
    );
    let again = decide("retry_delivery", &seen().await).await;
    assert_eq!(again.json()["standing"]["rejected"], 0);
    let stale = json!({ "hash": "another", "reason": "looked at it" });
    let refused = world.send(&world.operation("release_delivery"), &owner, &[], &stale).await;
    assert_eq!(refused.status, 412, "{}", refused.text());
    let hash = waiting().await[0]["hash"].clone();
    let release = json!({ "hash": hash, "reason": "looked at it" });
    let released = world.done("release_delivery", &owner, release).await;
    assert_eq!(released["standing"]["held"], 0);
}

#[tokio::test]
async fn a_source_sends_a_snapshot_and_single_records_as_the_document_says() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let record =
        json!({ "from": "2026-03-01", "fields": { "employment.position_title": "Lærer" } });
    let put = world.done("put_into_snapshot", &owner, record.clone()).await;
    assert_eq!((put["state"].as_str(), put["id"].as_str()), (Some("waiting"), Some("E1")));
    let other = world.send(&world.operation("put_record"), &owner, &[], &record).await;
    assert_eq!((other.status, other.header("retry-after")), (409, "1"), "{}", other.text());
    let closing = world.operation("close_snapshot");
    let wrong = json!({ "counts": { "employment": 2 } });
    let wrong = world.send(&closing, &owner, &[], &wrong).await;
    assert_eq!(wrong.status, 409, "{}", wrong.text());
    let unit = format!("/api/v1/sources/hr/snapshots/{}/units/1", world.sent.snapshot);
    let headers = [("authorization", owner.bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(world.app.ask("PUT", &unit, &headers, "{}").await.status, 200);
    let counts = json!({ "counts": { "unit": 1, "employment": 1 } });
    let closed = world.send(&closing, &owner, &[], &counts).await;
    assert_eq!((closed.status, closed.json()["state"].as_str()), (202, Some("closed")));
    assert_eq!(world.faults(&closing, &closed), Vec::<String>::new());
    let worker = Worker::new(&world.app.hub, (&Uninterrupted, &Silent));
    Box::pin(jobs::run_next(&worker, &[job::RUN])).await.unwrap().unwrap();
    let read = world.done("show_snapshot", &owner, json!({})).await;
    assert_eq!(
        (read["state"].as_str(), read["run_state"].as_str()),
        (Some("read"), Some("applied"))
    );
    let receipts = world.done("list_push_receipts", &owner, json!({})).await;
    assert_eq!(receipts["items"][1]["state"], "applied");
    let again = world.done("put_record", &owner, record).await;
    assert_eq!(again["state"], "unchanged");
}

#[tokio::test]
async fn a_program_sends_for_the_party_that_it_is_bound_to_and_for_no_other() {
    let world = World::new().await;
    let (app, own) = (&world.app, world.app.tenant);
    let grant = |party: &str| Grant { party: party.to_owned(), role: Role::SupplierTechnician };
    let bearer = async |party: &str| {
        let (key, name, proof) = (party.to_owned(), party.to_owned(), Proof::Secret);
        let new = NewClient { key, name, grant: grant(party), proof };
        let (client, secret) = clients::add(&app.hub, own, &new, "a test").await.unwrap();
        let secret = secret.unwrap();
        let shown = Shown::Secret { client_id: &client.client_id, secret: &secret.reveal() };
        let issued = clients::issue(&app.hub, shown).await.unwrap();
        format!("Bearer {}", issued.token.reveal())
    };
    let told = world.operation("list_push_receipts");
    for (party, status) in [("payroll", 200), ("learning", 404)] {
        let bearer = bearer(party).await;
        let answer = app.ask("GET", &told.path, &[("authorization", bearer.as_str())], "").await;
        assert_eq!(answer.status, status, "{party}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_source_is_read_because_somebody_asks_and_tells_how_that_stands() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let asking = world.operation("run_source");
    let asked = world.send(&asking, &owner, &[], &json!({})).await;
    assert_eq!((asked.status, asked.json()["turn"].as_str()), (202, Some("waiting")));
    assert_eq!(world.faults(&asking, &asked), Vec::<String>::new());
    let headers = [("authorization", owner.bearer.as_str())];
    let sends = world.app.ask("POST", "/api/v1/sources/hr/runs", &headers, "").await;
    assert_eq!(sends.status, 409, "{}", sends.text());
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_as_before_and_carried_out_once() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let (key, reason) = ([("idempotency-key", "night-3")], json!({ "reason": "looked at it" }));
    let asked = world.operation("release_plan");
    let refused = world.send(&asked, &owner, &key, &json!({ "reason": " " })).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let first = world.send(&asked, &owner, &key, &reason).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let again = world.send(&asked, &owner, &key, &reason).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    let other = world.send(&asked, &owner, &key, &json!({ "reason": "another" })).await;
    assert_eq!((other.status, other.json()["status"].as_u64()), (422, Some(422)));
    let elsewhere = world.operation("reject_plan");
    assert_eq!(world.send(&elsewhere, &owner, &key, &reason).await.status, 422);
    let somebody_else = world.app.signed_in(Role::EmployerOwner).await;
    assert_eq!(world.send(&asked, &somebody_else, &key, &reason).await.status, 409);
    let later = world.app.at("2026-03-12T05:00:00Z".parse().unwrap());
    let bearer = later.sign_in("system_owner@fjordby.example").await;
    let headers = [("authorization", bearer.bearer.as_str()), key[0]];
    let forgotten = later.ask("POST", &asked.path, &headers, "").await;
    assert_eq!(forgotten.status, 400, "the answer was kept for a day: {}", forgotten.text());
}

#[tokio::test]
async fn who_writes_second_is_shown_how_it_stands_and_loses_nothing() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::SystemOwner).await;
    let read = world.operation("show_group");
    let seen = world.send(&read, &owner, &[], &json!({})).await;
    let mark = seen.header("etag").to_owned();
    let unchanged = world.send(&read, &owner, &[("if-none-match", &mark)], &json!({})).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let save = world.operation("save_group");
    let named = |name: &str| json!({ "name": name, "any": [{ "units": ["20001"] }] });
    let unsaid = world.send(&save, &owner, &[], &named("First")).await;
    assert_eq!(unsaid.status, 428, "{}", unsaid.text());
    let first = world.send(&save, &owner, &[("if-match", &mark)], &named("First")).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let second = world.send(&save, &owner, &[("if-match", &mark)], &named("Second")).await;
    assert_eq!(second.status, 412);
    assert_eq!(second.json()["current"]["name"], "First");
    assert_eq!(world.faults(&save, &second), Vec::<String>::new());
    let made = world.send(&save, &owner, &[("if-none-match", "*")], &named("Third")).await;
    assert_eq!(made.status, 412, "there is one already");
    let now = first.header("etag");
    let third = world.send(&save, &owner, &[("if-match", now)], &named("Third")).await;
    assert_eq!((third.status, third.json()["name"].as_str()), (200, Some("Third")));
    let wrong = json!({ "name": "Third", "any": [] });
    let wrong = world.send(&save, &owner, &[("if-match", "*")], &wrong).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text());
}

#[tokio::test]
async fn a_draft_is_released_by_each_of_its_parties_and_closed_as_the_document_says() {
    let world = World::new().await;
    let standard = FJORDBY.replace("template = \"self\"", "template = \"standard\"");
    world.app.configure(&format!("{standard}{MORE}")).await;
    let owner = world.app.signed_in(Role::EmployerOwner).await;
    let supplier = world.app.signed_in(Role::SupplierTechnician).await;
    let (reading, source) =
        (world.operation("show_agreement_steps"), world.operation("do_agreement_step"));
    let target =
        Asked { path: source.path.replace("_source", "_target"), ..world.operation(source.name) };
    let mark = async |asked: &Asked<'_>| {
        let answer = world.send(asked, &owner, &[], &json!({})).await;
        assert_eq!(world.faults(asked, &answer), Vec::<String>::new());
        answer.header("etag").to_owned()
    };
    let (seen, release) = (mark(&reading).await, body("do_agreement_step"));
    let say = async |asked: &Asked<'_>, by: &SignedIn, seen: &str| {
        let answer = world.send(asked, by, &[("if-match", seen)], &release).await;
        assert_eq!(world.faults(asked, &answer), Vec::<String>::new());
        answer
    };
    assert_eq!(world.send(&source, &owner, &[], &release).await.status, 428);
    let wrong = say(&source, &supplier, &seen).await;
    assert!(wrong.status == 409 && wrong.text().contains("for fjordby to do"), "{}", wrong.text());
    assert_eq!(say(&source, &owner, &seen).await.json()["state"], "draft");
    let stale = say(&target, &supplier, &seen).await;
    assert_eq!(
        (stale.status, stale.json()["current"]["steps"][0]["state"].as_str()),
        (412, Some("done"))
    );
    let seen = mark(&reading).await;
    assert_eq!(say(&target, &supplier, &seen).await.json()["state"], "in_force");
    let versions = world.done("list_agreement_versions", &supplier, json!({})).await;
    assert_eq!(versions["items"][1]["differences"][0]["entry"], "template");
    let closing = world.operation("close_agreement");
    let seen = mark(&world.operation("show_agreement")).await;
    let end = json!({ "until": "2026-04-01", "reason": "the contract has ended" });
    let closed = world.send(&closing, &supplier, &[("if-match", &seen)], &end).await;
    assert_eq!((closed.status, closed.json()["until"].as_str()), (200, Some("2026-04-01")));
    assert_eq!(world.faults(&closing, &closed), Vec::<String>::new());
    assert_eq!(world.send(&closing, &supplier, &[("if-match", &seen)], &end).await.status, 412);
    assert_eq!(world.done("show_agreement", &owner, json!({})).await["until"], "2026-04-01");
}

#[tokio::test]
async fn an_agreement_is_closed_in_emergency_and_opened_by_two_as_the_document_says() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::EmployerOwner).await;
    let duty = world.app.signed_in(Role::DutyDesk).await;
    let order = json!({ "confirm": "plan2learn", "reason": "a breach at the receiver" });
    let closing = world.operation("close_in_emergency");
    let wrong = world.send(&closing, &duty, &[], &body("close_in_emergency")).await;
    assert!(wrong.status == 400 && wrong.text().contains("nothing was closed"), "{}", wrong.text());
    let none = world.operation("show_closing");
    assert_eq!(world.send(&none, &owner, &[], &json!({})).await.status, 404);
    let closed = world.done("close_in_emergency", &duty, order.clone()).await;
    let signed = closed["signed"].as_str().unwrap();
    let key = HubKey::of(&world.app.hub.keys).unwrap();
    let receipt = serde_json::to_value(receipt::verify(signed, &key).unwrap()).unwrap();
    assert_eq!(
        (&receipt, &receipt["by"]),
        (&closed["receipt"], &json!("duty_desk@fjordby.example"))
    );
    assert_eq!(world.send(&closing, &owner, &[], &order).await.status, 409);
    let standing = world.done("show_agreement", &owner, json!({})).await["standing"].clone();
    assert_eq!(standing, "closed_in_emergency");
    let renewed = json!({ "reason": "the receiver has new credentials" });
    let asked = world.done("reopen_agreement", &owner, renewed.clone()).await;
    assert_eq!(asked["is_open"], false);
    let undoing = world.done("show_closing", &duty, json!({})).await["undoing"].clone();
    assert_eq!(undoing["by"], "employer_owner@fjordby.example");
    let again = world.operation("reopen_agreement");
    assert_eq!(world.send(&again, &owner, &[], &renewed).await.status, 409);
    assert_eq!(world.done("reopen_agreement", &duty, renewed).await["is_open"], true);
    assert_eq!(world.done("show_closing", &duty, json!({})).await["undoing"]["state"], "open");
}

#[tokio::test]
async fn a_client_is_told_how_many_requests_are_left_and_refused_after_the_last() {
    let app = App::new().await.limited(3);
    let owner = app.signed_in(Role::EmployerOwner).await;
    let other = app.signed_in(Role::Auditor).await;
    for left in [2, 1, 0] {
        let answer = app.get("/api/v1/session", Some(&owner)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit"), format!("\"client\";r={left};t=60"));
        assert_eq!(answer.header("ratelimit-policy"), "\"client\";q=3;w=60");
    }
    let refused = app.get("/api/v1/session", Some(&owner)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    assert_eq!(refused.json()["type"], "urn:kobling:problem:too-many-requests");
    assert_eq!(app.get("/api/v1/session", Some(&other)).await.status, 200);
}

#[tokio::test]
async fn an_address_from_which_nobody_is_signed_in_is_refused_after_its_last_request() {
    let app = App::new().await.limited(100);
    let here = ("x-forwarded-for", "192.0.2.7");
    let token = async |from: (&str, &str)| app.ask("POST", "/oauth2/token", &[from], "").await;
    for left in [1, 0] {
        let answer = token(here).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("ratelimit"), format!("\"sign-in\";r={left};t=60"));
    }
    let refused = token(here).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    let form = app.ask("POST", "/sign-in", &[here], "user=nobody&password=wrong").await;
    assert_eq!((form.status, form.header("content-type")), (429, "text/html; charset=utf-8"));
    assert_eq!(token(("x-forwarded-for", "192.0.2.8")).await.status, 400);
    // Asking otherwise goes on, and is counted too; what never changes is not.
    let guess = app.ask("GET", "/api/v1/session", &[here], "").await;
    assert_eq!((guess.status, guess.header("ratelimit")), (401, "\"address\";r=99;t=60"));
    let live = app.ask("GET", "/health/live", &[here], "").await;
    assert_eq!((live.status, live.header("ratelimit")), (200, ""));
}

#[tokio::test]
async fn a_group_is_told_as_it_was_known() {
    let world = World::new().await;
    let owner = world.app.signed_in(Role::EmployerOwner).await;
    let path = "/api/v1/groups/teachers/members?known_at=";
    let early = world.app.get(&format!("{path}2000-01-01T00:00:00Z"), Some(&owner)).await;
    assert_eq!(early.status, 404, "{}", early.text());
    let now = world.app.get(&format!("{path}2026-03-10T05:00:00Z"), Some(&owner)).await;
    assert_eq!(now.status, 200);
    assert!(!now.json()["items"].as_array().unwrap().is_empty());
}
