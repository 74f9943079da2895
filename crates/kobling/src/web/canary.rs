//! Every field of the ledger holds a word that stands nowhere else. What leaves by an agreement that
//! names three of them holds these three and no other, whichever way it leaves.
//!
//! The ways are taken from what there is: the table of routes, and the formats and profiles that the
//! OpenAPI document tells. A new one is asked without being named here, or fails the test until somebody
//! has said here how it is asked.

use super::letters::Letters;
use super::route::{self, Route, Verb};
use super::state::Site;
use super::testing::{Answer, App, METRICS_TOKEN, SignedIn};
use kobling_domain::access::{Grant, Role};
use kobling_domain::people::{Field, FieldType, Kind};
use kobling_hub::access;
use kobling_hub::access::clients::{self, NewClient, Proof, Shown};
use kobling_hub::access::configuration::{Language, PushText};
use kobling_hub::agreement::{self, Journal, Known, emergency};
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::deliver::{self, Intent};
use kobling_hub::exchange::lane::steps::{Steps, Uninterrupted};
use kobling_hub::exchange::progress::{Progress, Silent};
use kobling_hub::jobs::{self, Worker};
use kobling_hub::notice::{Notice, Wording};
use kobling_hub::webhook::{self, Keep};
use kobling_store::{job, notice, webhook as told};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::mem::discriminant;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The only fields that the agreements name, of each kind of subject that every target is told of.
const AGREED: [Field; 3] = [Field::UnitCity, Field::PersonEmail, Field::EmploymentPositionTitle];
/// What no text can be planted in: yes and no, numbers, lists; what is worked out from days, numbers and
/// other fields; and the numbers of units and employments, which are keys.
const UNPLANTED: [Field; 27] = [
    Field::UnitNumber,
    Field::UnitParent,
    Field::PersonNationalNumber,
    Field::PersonName,
    Field::PersonAddressProtected,
    Field::EmploymentNumber,
    Field::EmploymentEntryDate,
    Field::EmploymentLeaveDate,
    Field::EmploymentUnit,
    Field::EmploymentInvoiceRecipient,
    Field::EmploymentIsManager,
    Field::EmploymentSuperiorLevel,
    Field::EmploymentHoursNumerator,
    Field::EmploymentHoursDenominator,
    Field::EmploymentFunctions,
    Field::EmploymentPrimary,
    Field::PositionTitle,
    Field::QualificationObtained,
    Field::QualificationValidUntil,
    Field::AbsenceEmployment,
    Field::AbsenceFirstDay,
    Field::AbsenceLastDay,
    Field::EmploymentInvoiceLevel1,
    Field::EmploymentInvoiceLevel2,
    Field::EmploymentSubordinateLevel,
    Field::EmploymentWageStep,
    Field::EmploymentSupplementaryId,
];
/// Stands in every text of whom the agreements are not about.
const OUTSIDE: &str = "Udenfor";
/// An impossible number of each of the two, as it is written.
const NUMBERS: [&str; 2] = ["7101809991", "7202859994"];

/// What is planted: by field, the ways in which its value may be written.
type Words = BTreeMap<Field, Vec<String>>;

/// The text fields and dates that a source may tell in rows of a kind, the number that finds the person aside.
fn fields_of(kind: Kind) -> Vec<Field> {
    let is_person = |it: Field| it.kind() == Kind::Person && kind == Kind::Employment;
    let is_of = |it: Field| it.kind() == kind || is_person(it);
    let is_planted = |it: Field| !UNPLANTED.contains(&it);
    let all = Field::ALL.iter().copied().filter(|it| is_of(*it) && is_planted(*it));
    all.filter(|it| matches!(it.value_type(), FieldType::Text | FieldType::Date)).collect()
}

fn words() -> Words {
    let kinds = [Kind::Unit, Kind::Employment, Kind::Activity, Kind::Qualification, Kind::Absence];
    let all = kinds.into_iter().flat_map(fields_of).enumerate();
    let written = |(n, field): (usize, Field)| {
        let day = 10 + n % 19;
        let year = 1900 + n;
        let spoken = if field.value_type() == FieldType::Date {
            [format!("{year}-07-{day}"), format!("{day}-07-{year}"), format!("{day}/07/{year}")]
                .into()
        } else {
            vec![format!("qz{n:03}x")]
        };
        (field, spoken)
    };
    all.map(written).collect()
}

/// The fields whose words stand in what left.
fn found(words: &Words, bytes: &[u8]) -> BTreeSet<Field> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let stands = |it: &&Field| words[*it].iter().any(|word| text.contains(word.as_str()));
    words.keys().filter(stands).copied().collect()
}

/// Refuses what left, if it holds what was not agreed on.
fn refuse_more(words: &Words, way: &str, bytes: &[u8]) -> BTreeSet<Field> {
    let found = found(words, bytes);
    let more: Vec<_> = found.iter().filter(|it| !AGREED.contains(it)).collect();
    assert!(more.is_empty(), "{way} tells {more:?}");
    let text = String::from_utf8_lossy(bytes);
    assert!(!text.contains(OUTSIDE), "{way} tells of somebody whom no agreement is about: {text}");
    for it in NUMBERS {
        assert!(!text.contains(it), "{way} tells a national number");
    }
    found
}

/// The names that a type of the API's document has.
fn variants(document: &Value, name: &str) -> Vec<String> {
    let all = document["components"]["schemas"][name]["oneOf"].as_array().unwrap();
    all.iter().map(|it| it["const"].as_str().unwrap().to_owned()).collect()
}

/// The targets, one for each way in which data may be written, by key.
fn targets(document: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for format in variants(document, "TargetFormat") {
        match format.as_str() {
            "plan2learn" => {
                for profile in variants(document, "Profile") {
                    all.insert(
                        profile.clone(),
                        format!("format = \"plan2learn\"\nprofile = \"{profile}\""),
                    );
                }
            }
            "messages" => {
                all.insert(format.clone(), "format = \"messages\"".to_owned());
            }
            other => panic!("nobody has said how a target of {other} is asked"),
        }
    }
    all
}

fn quoted(fields: impl IntoIterator<Item = Field>) -> String {
    let all: Vec<String> = fields.into_iter().map(|it| format!("\"{it}\"")).collect();
    all.join(", ")
}

fn configuration(document: &Value, dir: &Path) -> String {
    let mut text = vec!["[tenant]\nkey = \"fjordby\"\nname = \"Fjordby Kommune\"\n".to_owned()];
    for (key, kind) in [("fjordby", "employer"), ("learning", "supplier"), ("payroll", "supplier")]
    {
        text.push(format!(
            "[[party]]\nkey = \"{key}\"\nname = \"{key}\"\nkind = \"{kind}\"\n\
             mail = [\"{key}@kobling.example\"]\n"
        ));
    }
    for (n, (key, party)) in [("pay", "payroll"), ("learn", "learning")].iter().enumerate() {
        text.push(format!(
            "[[system]]\nkey = \"{key}\"\nname = \"{key}\"\nparty = \"{party}\"\n\
             uuid = \"0c0ffee0-0000-4000-8000-00000000000{n}\"\n"
        ));
    }
    let source = |key: &str| {
        format!("[[source]]\nkey = \"{key}\"\nsystem = \"pay\"\nformat = \"push\"\n[source.push]\n")
    };
    let more = [Field::UnitParent];
    text.push(source("ledger"));
    text.push(format!(
        "[source.push.fields]\nunit = [{}]\n",
        quoted(fields_of(Kind::Unit).into_iter().chain(more))
    ));
    let more = [Field::PersonNationalNumber, Field::EmploymentUnit];
    text.push(format!(
        "employment = [{}]\n",
        quoted(fields_of(Kind::Employment).into_iter().chain(more))
    ));
    let brakes = "[source.brakes]\nemployments_gone = { count = 0, per_mille = 0 }\n";
    text.push(brakes.to_owned());
    for kind in [Kind::Activity, Kind::Qualification, Kind::Absence] {
        text.push(source(kind.plural()));
        text.push("employments = \"ledger\"\n".to_owned());
        text.push(format!(
            "[source.push.fields]\n{} = [{}]\n",
            kind.name(),
            quoted(fields_of(kind))
        ));
    }
    for (key, form) in targets(document) {
        let folder = dir.join("out").join(&key);
        let (folder, fields) = (folder.display(), quoted(AGREED));
        text.push(format!(
            "[[target]]\nkey = \"{key}\"\nsystem = \"learn\"\n{form}\nfolder = \"{folder}\"\n\
             [[agreement]]\nkey = \"{key}\"\nsource = \"ledger\"\n\
             sources = [\"activities\", \"qualifications\", \"absences\"]\ntarget = \"{key}\"\n\
             scope = [\"20002\"]\nfrom = \"2026-01-01\"\npurpose = \"A test\"\nlegal_basis = \"None\"\n\
             fields = [{fields}]\n"
        ));
    }
    let hook =
        "[[webhook]]\nkey = \"hook\"\nparty = \"fjordby\"\nurl = \"https://learning.example/in\"\n";
    text.concat() + hook
}

/// Sends a record of a source.
async fn put(app: &App, by: &SignedIn, path: &str, body: &Value) {
    let headers = [("authorization", by.bearer.as_str()), ("content-type", "application/json")];
    let path = format!("/api/v1/sources/{path}");
    let answer = app.ask("PUT", &path, &headers, &body.to_string()).await;
    let state = answer.json()["state"].clone();
    assert_eq!(
        (answer.status, state.as_str()),
        (200, Some("applied")),
        "{path}: {}",
        answer.text()
    );
}

/// What is planted in the fields of rows of a kind.
fn planted(words: &Words, kind: Kind) -> Value {
    fields_of(kind).into_iter().map(|it| (it.name().to_owned(), json!(words[&it][0]))).collect()
}

/// The same with a word of whom no agreement is about in each text.
fn outside(kind: Kind) -> Value {
    let texts = fields_of(kind).into_iter().filter(|it| it.value_type() == FieldType::Text);
    texts.map(|it| (it.name().to_owned(), json!(format!("{OUTSIDE} {it}")))).collect()
}

fn with(fields: &Value, more: &[(&str, &str)]) -> Value {
    let mut fields = fields.clone();
    for (name, value) in more {
        fields[name] = json!(value);
    }
    fields
}

async fn fill(app: &App, words: &Words) {
    let by = app.signed_in(Role::SystemOwner).await;
    put(app, &by, "ledger/units/20001", &json!({ "fields": {} })).await;
    let unit = with(&planted(words, Kind::Unit), &[("unit.parent", "20001")]);
    put(app, &by, "ledger/units/20002", &json!({ "fields": unit })).await;
    let unit = with(&outside(Kind::Unit), &[("unit.parent", "20001")]);
    put(app, &by, "ledger/units/20003", &json!({ "fields": unit })).await;
    let rows = [
        ("E1", planted(words, Kind::Employment), "20002"),
        ("E2", outside(Kind::Employment), "20003"),
    ];
    for ((key, fields, unit), number) in rows.iter().zip(NUMBERS) {
        let more = [("employment.unit", *unit), ("person.national_number", number)];
        let body = json!({ "from": "2020-01-01", "fields": with(fields, &more) });
        put(app, &by, &format!("ledger/employments/{key}"), &body).await;
    }
    for kind in [Kind::Activity, Kind::Qualification, Kind::Absence] {
        for (employment, fields) in [("E1", planted(words, kind)), ("E2", outside(kind))] {
            let body = json!({ "from": "2026-03-01", "employment": employment, "fields": fields });
            let path = format!("{}/{}/of-{employment}", kind.plural(), kind.plural());
            put(app, &by, &path, &body).await;
        }
    }
}

/// Every file below a folder, in one.
fn bytes_below(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_dir() { bytes_below(&path) } else { std::fs::read(&path).unwrap() };
        all.extend(path.to_string_lossy().as_bytes());
        all.extend(bytes);
    }
    all
}

/// What is written to the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct World {
    app: App,
    words: Words,
    document: Value,
    ids: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let app = App::new().await;
        let document = app.get("/api/v1/openapi.json", None).await.json();
        let words = words();
        app.configure(&configuration(&document, app.dir())).await;
        webhook::start(&app.hub, app.tenant, "hook", Keep::Secret, "a test").await.unwrap();
        fill(&app, &words).await;
        let owner = app.signed_in(Role::EmployerOwner).await;
        let mut ids: Vec<String> =
            ["20002", "E1", "ledger", "learning", "learn", "hook", "1", "none"]
                .map(str::to_owned)
                .into();
        ids.extend(targets(&document).into_keys());
        for list in ["persons", "employments"] {
            let told = app.get(&format!("/api/v1/{list}"), Some(&owner)).await.json();
            let all = told["items"].as_array().unwrap();
            ids.extend(all.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        }
        Self { app, words, document, ids }
    }

    fn dir(&self) -> std::path::PathBuf {
        self.app.dir().join("out")
    }

    /// Every address of a route, its parameters filled with each of what there is.
    fn addresses(&self, route: &Route) -> Vec<String> {
        let filled = |id: &String| {
            let parts = route.path.split('/');
            let parts = parts.map(|it| if it.starts_with('{') { id } else { it });
            parts.collect::<Vec<_>>().join("/")
        };
        if route.path.contains('{') {
            self.ids.iter().map(filled).collect()
        } else {
            vec![route.path.to_owned(), format!("{}?as=csv", route.path)]
        }
    }

    async fn ask(&self, route: &Route, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.app.ask(route.verb.name(), path, headers, "").await
    }
}

async fn deliver(world: &World) {
    let (hub, tenant) = (&world.app.hub, world.app.tenant);
    for (key, form) in targets(&world.document) {
        if form.contains("messages") {
            let watch: (&dyn Steps, &dyn Progress) = (&Uninterrupted, &Silent);
            Box::pin(jobs::deliver(hub, tenant, &key, watch)).await.unwrap();
        } else {
            Box::pin(deliver::deliver(hub, tenant, &key, Intent::Deliver, &Silent)).await.unwrap();
        }
    }
}

#[test]
fn every_field_is_planted_or_said_to_be_none_that_can_be() {
    let words = words();
    let missing = Field::ALL.iter().filter(|it| !words.contains_key(*it));
    let missing: BTreeSet<Field> = missing.copied().collect();
    assert_eq!(missing, BTreeSet::from(UNPLANTED));
    let push =
        |kind, fields| PushText { employments: None, fields: BTreeMap::from([(kind, fields)]) };
    assert!(push(Kind::Unit, fields_of(Kind::Unit)).layouts().is_ok());
}

#[tokio::test]
async fn what_is_delivered_holds_the_three_fields_that_are_agreed_on_and_nothing_else() {
    let world = World::new().await;
    deliver(&world).await;
    for (key, form) in targets(&world.document) {
        let dir = world.dir().join(&key);
        let left = if dir.exists() { bytes_below(&dir) } else { Vec::new() };
        let found = refuse_more(&world.words, &form, &left);
        assert_eq!(found, BTreeSet::from(AGREED), "{form}: {}", String::from_utf8_lossy(&left));
    }
}

#[tokio::test]
async fn whoever_receives_is_answered_nothing_by_any_route_that_is_not_agreed_on() {
    let lines = Lines::default();
    let log = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    let (app, words) = (&world.app, &world.words);
    deliver(&world).await;
    let owner = app.sign_in("employer_owner@fjordby.example").await;
    let mut seen = BTreeSet::new();
    for id in &world.ids {
        let told = app.get(&format!("/api/v1/employments/{id}"), Some(&owner)).await;
        seen.extend(found(words, &told.body));
    }
    assert!(seen.len() > 20, "the employer is told what is planted: {seen:?}");
    for role in [Role::SupplierTechnician, Role::OccupationalService] {
        app.user(role).await;
    }
    let mut asked = 0;
    for route in route::all() {
        for path in world.addresses(&route) {
            let nobody = world.ask(&route, &path, &[]).await;
            assert_eq!(refuse_more(words, route.path, &nobody.body), BTreeSet::new(), "{path}");
            for role in [Role::SupplierTechnician, Role::OccupationalService] {
                // One of the routes signs out.
                let by = app.sign_in(&format!("{role}@fjordby.example")).await;
                let token = ("x-form-token", by.form_token.as_str());
                let answer = world.ask(&route, &path, &[("cookie", &by.cookie), token]).await;
                let way = format!("{} {path} to {role}", route.verb.name());
                refuse_more(words, &way, &answer.body);
                refuse_more(words, &way, format!("{:?}", answer.headers).as_bytes());
                asked += u32::from(answer.status == 200 && route.verb == Verb::Get);
            }
        }
    }
    assert!(asked > 50, "they are answered: {asked}");
    let program = program(app).await;
    for route in route::all().iter().filter(|it| it.path.starts_with("/api/")) {
        for path in world.addresses(route) {
            let answer = world.ask(route, &path, &[("authorization", &program)]).await;
            refuse_more(words, &format!("{path} to a program"), &answer.body);
        }
    }
    let written = lines.0.lock().unwrap().clone();
    assert!(!written.is_empty());
    assert_eq!(refuse_more(words, "the log", &written), BTreeSet::new());
}

/// A program of the party that receives, as it shows who it is.
async fn program(app: &App) -> String {
    let grant = Grant { party: "learning".to_owned(), role: Role::SupplierTechnician };
    let (key, name) = ("program".to_owned(), "A program".to_owned());
    let new = NewClient { key, name, grant, proof: Proof::Secret };
    let (client, secret) = clients::add(&app.hub, app.tenant, &new, "a test").await.unwrap();
    let secret = secret.unwrap();
    let shown = Shown::Secret { client_id: &client.client_id, secret: &secret.reveal() };
    format!("Bearer {}", clients::issue(&app.hub, shown).await.unwrap().token.reveal())
}

/// Whether [`happen`] brings about such a notice. Who adds a kind is led here; the others are made of
/// keys, days and counts alone.
fn is_brought_about(it: &Notice) -> bool {
    match it {
        Notice::PlanHeld(_) | Notice::DraftWaits(_) | Notice::AgreementEnds(_) => true,
        Notice::RunRefused { .. }
        | Notice::FileMissing { .. }
        | Notice::SourceUnreachable { .. }
        | Notice::DeliveryHeld { .. }
        | Notice::DeadLetters { .. }
        | Notice::DraftRejected(_) => false,
    }
}

/// Drafts an agreement, lets others end soon, and sends a snapshot in which nearly everybody is missing.
async fn happen(world: &World) {
    let app = &world.app;
    let text = configuration(&world.document, app.dir());
    let ends = "from = \"2026-01-01\"\nuntil = \"2026-04-01\"";
    let text = text.replace("from = \"2026-01-01\"", ends);
    let standard = "[[agreement]]\ntemplate = \"standard\"\n";
    app.configure(&text.replacen("[[agreement]]\n", standard, 1)).await;
    agreement::remind(&app.hub).await.unwrap();
    let by = app.sign_in("system_owner@fjordby.example").await;
    let headers = [("authorization", by.bearer.as_str()), ("content-type", "application/json")];
    let snapshots = "/api/v1/sources/ledger/snapshots";
    let opened = app.ask("POST", snapshots, &headers, "{}").await.json();
    let snapshot = format!("{snapshots}/{}", opened["snapshot"].as_str().unwrap());
    let root = json!({ "fields": {} }).to_string();
    app.ask("PUT", &format!("{snapshot}/units/20001"), &headers, &root).await;
    let counts = json!({ "counts": { "unit": 1 } }).to_string();
    let closed = app.ask("POST", &format!("{snapshot}/close"), &headers, &counts).await;
    assert_eq!(closed.status, 202, "{}", closed.text());
    let worker = Worker::new(&app.hub, (&Uninterrupted, &Silent));
    Box::pin(jobs::run_next(&worker, &[job::RUN])).await.unwrap().unwrap();
}

#[tokio::test]
async fn letters_events_figures_receipts_and_configurations_tell_no_field_of_anybody() {
    let world = World::new().await;
    let (app, words) = (&world.app, &world.words);
    let (hub, tenant) = (&app.hub, app.tenant);
    deliver(&world).await;
    happen(&world).await;
    let none = |way: &str, bytes: &[u8]| {
        assert_eq!(refuse_more(words, way, bytes), BTreeSet::new(), "{way}");
    };
    let decision = Decision::new("Signe", "a test", jiff::civil::date(2026, 3, 10)).unwrap();
    let journal = Journal::at(app.dir().join("closings"));
    let which = (tenant, "messages");
    let closed = emergency::close(hub, &journal, which, &Known::BesideKeys, &decision).await;
    let closed = closed.unwrap();
    none("the receipt of a closing", closed.text.as_bytes());
    let mut tx = hub.db.write().await.unwrap();
    let letters = Letters::new(Site::new("https://kobling.example").unwrap());
    let notices = notice::unsent(&mut tx, tenant).await.unwrap();
    let mut kinds = Vec::new();
    for it in notices {
        let notice: Notice = serde_json::from_value(it.detail).unwrap();
        kinds.extend(is_brought_about(&notice).then(|| discriminant(&notice)));
        for language in [Language::Da, Language::Nl, Language::En] {
            let letter = letters.letter(&notice, "Fjordby Kommune", language);
            none(&it.key, format!("{}\n{}", letter.subject, letter.text).as_bytes());
        }
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 3, "each kind that is brought about is told by letter");
    let mut events = 0;
    while let Some(event) = told::next(&mut tx, tenant, "hook").await.unwrap() {
        none("an event", event.detail.to_string().as_bytes());
        told::sent(&mut tx, tenant, ("hook", event.no), event.at).await.unwrap();
        events += 1;
    }
    assert!(events >= 4, "and the employer's program of those and of deliveries: {events}");
    drop(tx);
    none("the configuration", access::export(hub, tenant).await.unwrap().as_bytes());
    let bearer = format!("Bearer {METRICS_TOKEN}");
    let figures = app.ask("GET", "/metrics", &[("authorization", &bearer)], "").await;
    assert_eq!(figures.status, 200);
    none("the figures", &figures.body);
}
