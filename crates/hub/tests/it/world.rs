//! An employer in a database of its own, and files to feed it with.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use kobling_domain::id::{SubjectNo, TenantId, Version};
use kobling_domain::people::{Kind, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_formats::opus::{Record, RecordKind, write_end, write_record, write_start};
use kobling_formats::synthetic::Extract;
use kobling_hub::Hub;
use kobling_hub::access::configuration::Configuration;
use kobling_hub::access::keys::{self, DEMO_KEYS};
use kobling_hub::access::{self, Write};
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decide;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::input::Input;
use kobling_hub::exchange::plan::{self, PlanError};
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::report::RunReport;
use kobling_hub::exchange::run::{self, Intent, RunError};
use kobling_hub::people::Kept;
use kobling_hub::secrets::Secrets;
use kobling_store::exchange::source;
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::digest;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use kobling_testkit::database::Database;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The client of every file here.
pub(crate) const CLIENT: &str = "999";
/// The key of the only source.
pub(crate) const SOURCE: &str = "opus";

/// Somebody's word on a plan.
pub(crate) static DECISION: LazyLock<Decision<'_>> =
    LazyLock::new(|| Decision::new("Signe Test", "looked at", date(2026, 3, 5)).unwrap());

pub(crate) const CONFIGURATION: &str = r#"
[tenant]
key = "fjordby"
name = "Fjordby Kommune"

[[party]]
key = "payroll"
name = "Payroll Supplier"
kind = "supplier"

[[system]]
key = "opus"
name = "KMD Opus Personale"
uuid = "0c0ffee0-0000-4000-8000-000000000999"
party = "payroll"

[[source]]
key = "opus"
system = "opus"
format = "opus"
client = "999"
"#;

/// An employer with one source.
pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) tenant: TenantId,
    pub(crate) database: Database,
    dir: PathBuf,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl World {
    /// One on each engine, its source a snapshot.
    pub(crate) async fn each() -> [Self; 2] {
        let [a, b] = Database::each().await;
        [Self::of(a, "mode = \"snapshot\"").await, Self::of(b, "mode = \"snapshot\"").await]
    }

    /// One on SQLite, its source a snapshot.
    pub(crate) async fn snapshot() -> Self {
        Self::with("mode = \"snapshot\"").await
    }

    /// One on SQLite, its source with these settings.
    pub(crate) async fn with(settings: &str) -> Self {
        Self::of(Database::sqlite().await, settings).await
    }

    pub(crate) async fn of(database: Database, settings: &str) -> Self {
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = format!("hub-{}-{nth}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(dir);
        // One that was killed long ago may have left one: systems give numbers of processes again.
        drop(std::fs::remove_dir_all(&dir));
        std::fs::create_dir_all(&dir).unwrap();
        let hub = Hub {
            db: database.db.clone(),
            keys: keys::parse(DEMO_KEYS).unwrap(),
            clock: Clock::Fixed("2026-03-10T05:00:00Z".parse().unwrap()),
            secrets: Secrets::Environment,
            kept: Kept::default(),
        };
        let world = Self { hub, tenant: TenantId(1), database, dir };
        world.configure(settings).await;
        world
    }

    /// Gives the source other settings.
    pub(crate) async fn configure(&self, settings: &str) {
        let text = format!("{CONFIGURATION}{settings}\n");
        let configuration: Configuration = toml::from_str(&text).unwrap();
        access::apply(&self.hub, &configuration, Write::Yes).await.unwrap();
        assert_eq!(access::tenant(&self.hub, None).await.unwrap(), self.tenant);
    }

    /// The folder in which its files lie.
    pub(crate) fn folder(&self) -> &str {
        self.dir.to_str().unwrap()
    }

    /// Puts a file where a run finds it.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> Input {
        let path = self.dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        Input::new(&path, self.hub.clock.civil(&TimeZone::UTC))
    }

    /// Runs the source with a file of that name and bytes.
    pub(crate) async fn try_run(&self, name: &str, bytes: &[u8]) -> Result<RunReport, RunError> {
        let input = self.file(name, bytes);
        run::run(&self.on(input.date()), self.tenant, SOURCE, &input, Intent::Apply, &Silent).await
    }

    /// The hub in the evening of a day, or at its own time if that is later.
    pub(crate) fn on(&self, day: Date) -> Hub {
        let evening = day.at(23, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let clock = Clock::Fixed(evening.max(self.hub.clock.now()));
        Hub { clock, ..self.hub.clone() }
    }

    /// The same, and every record is counted once.
    pub(crate) async fn run(&self, name: &str, bytes: &[u8]) -> RunReport {
        let report = self.try_run(name, bytes).await.unwrap();
        let sum = report.applied + report.unchanged + report.held + report.quarantined;
        assert_eq!(report.read, sum, "{report:?}");
        report
    }

    /// Runs the source with the file of a date.
    pub(crate) async fn day(&self, date: Date, records: &[Record]) -> RunReport {
        self.run(&name_of(date), &xml(records)).await
    }

    /// Runs the source with a synthetic extract.
    pub(crate) async fn extract(&self, extract: &Extract<'_>) -> RunReport {
        self.run(&extract.file_name(), &bytes(extract)).await
    }

    /// Makes a plan of the file of a date and leaves it held.
    pub(crate) async fn make(&self, date: Date, records: &[Record]) -> RunReport {
        let input = self.file(&name_of(date), &xml(records));
        run::run(&self.on(date), self.tenant, SOURCE, &input, Intent::Make, &Silent).await.unwrap()
    }

    /// The digest of the whole ledger.
    pub(crate) async fn ledger(&self) -> [u8; 32] {
        let mut tx = self.hub.db.read().await.unwrap();
        digest::ledger(&mut tx, self.tenant).await.unwrap()
    }

    pub(crate) async fn release(&self, report: &RunReport) -> Result<RunReport, PlanError> {
        let hash = report.plan.as_deref().unwrap();
        decide::release(&self.hub, self.tenant, hash, &DECISION, &Silent).await
    }

    pub(crate) async fn reject(&self, report: &RunReport) -> Result<plan::Shown, PlanError> {
        let hash = report.plan.as_deref().unwrap();
        decide::reject(&self.hub, self.tenant, hash, &DECISION).await
    }

    /// How many changes the plan of a report has.
    pub(crate) async fn shown(&self, report: &RunReport) -> u64 {
        let hash = report.plan.as_deref().unwrap();
        let shown = plan::show(&self.hub, self.tenant, hash, 10_000).await.unwrap();
        u64::try_from(shown.items.len()).unwrap()
    }

    /// All that is believed of some units and employments, whenever it came to be.
    pub(crate) async fn believed(&self, units: &[i64], employments: &[i64]) -> Vec<String> {
        let mut all = Vec::new();
        for (kind, numbers) in [(Kind::Unit, units), (Kind::Employment, employments)] {
            for number in numbers {
                for it in self.slices(kind, *number).await {
                    let state = it.state.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>();
                    all.push(format!("{kind} {number} {} {}", days(&it), state.join(" ")));
                }
            }
        }
        all
    }

    /// The state of every plan, the latest first.
    pub(crate) async fn plans(&self) -> Vec<&'static str> {
        let plans = plan::list(&self.hub, self.tenant).await.unwrap();
        plans.iter().map(|it| it.state).collect()
    }

    /// The subject of a native number.
    pub(crate) async fn subject(&self, kind: Kind, number: i64) -> Option<SubjectNo> {
        let mut tx = self.hub.db.write().await.unwrap();
        let source = source::by_key(&mut tx, self.tenant, SOURCE).await.unwrap().unwrap().no;
        let key = [SubjectKey::Native(NativeKey::number(number))];
        let issuer = Issuer::Source(source);
        subject::by_key(&mut tx, self.tenant, issuer, kind, &key).await.unwrap()[0]
    }

    /// What is believed of a subject, by day.
    pub(crate) async fn claims(&self, kind: Kind, number: i64) -> Vec<Claim> {
        let mut claims = self.history(kind, number).await;
        claims.retain(|it| it.until == Version::OPEN);
        claims.sort_by_key(|it| it.slice.validity.from());
        claims
    }

    /// Everything that was ever believed of a subject.
    pub(crate) async fn history(&self, kind: Kind, number: i64) -> Vec<Claim> {
        let Some(subject) = self.subject(kind, number).await else { return Vec::new() };
        let mut tx = self.hub.db.read().await.unwrap();
        claim::history(&mut tx, self.tenant, &[subject]).await.unwrap()
    }

    pub(crate) async fn slices(&self, kind: Kind, number: i64) -> Vec<Slice<State>> {
        self.claims(kind, number).await.into_iter().map(|it| it.slice).collect()
    }

    /// The days of a subject's slices, as text: `2014-08-01..`.
    pub(crate) async fn days(&self, kind: Kind, number: i64) -> Vec<String> {
        self.slices(kind, number).await.iter().map(days).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.dir));
    }
}

/// The days of a slice, as text.
pub(crate) fn days(slice: &Slice<State>) -> String {
    let until = slice.validity.until().map(|it| it.to_string()).unwrap_or_default();
    format!("{}..{until}", slice.validity.from())
}

/// The name Opus gives the file of a date.
pub(crate) fn name_of(date: Date) -> String {
    format!("ZLPE{:04}{:02}{:02}224013_delta.xml", date.year(), date.month(), date.day())
}

/// The file of a synthetic extract.
pub(crate) fn bytes(extract: &Extract<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    extract.write(&mut bytes).unwrap();
    bytes
}

/// The file of some records.
pub(crate) fn xml(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_start(&mut bytes).unwrap();
    for record in records {
        write_record(&mut bytes, record).unwrap();
    }
    write_end(&mut bytes).unwrap();
    bytes
}

/// A unit below another one; the root is below 0.
pub(crate) fn unit(number: i64, parent: i64) -> Record {
    let mut record = Record::new(RecordKind::Unit, number, CLIENT);
    record.last_changed = Some("2026-01-01".to_owned());
    record.set("startDate", "1900-01-01");
    record.set("endDate", "9999-12-31");
    record.set("longName", &format!("Enhed {number}"));
    if parent != 0 {
        record.set("parentOrgUnit", &parent.to_string());
    }
    record
}

/// An open employment in a unit, of the person whose impossible national number ends so.
pub(crate) fn employee(number: i64, person: u16, unit: i64) -> Record {
    let mut record = Record::new(RecordKind::Employee, number, CLIENT);
    record.last_changed = Some("2026-01-01".to_owned());
    record.set("entryDate", "2014-08-01");
    record.set("cpr", &cpr(person));
    record.set("firstName", "Åse");
    record.set("lastName", &format!("Testesen {person}"));
    record.set("address", &format!("Prøvevej {person}, 2. tv"));
    record.set("postalCode", "9999");
    record.set("city", "Fjordby");
    record.set("workContract", "01");
    record.set("position", "Lærer");
    record.set("orgUnit", &unit.to_string());
    record.set("numerator", "37");
    record.set("denominator", "37");
    record
}

/// The same with one element set otherwise.
pub(crate) fn with(record: &Record, name: &str, text: &str) -> Record {
    let mut record = record.clone();
    record.set(name, text);
    record
}

/// A stub: the employment has ended.
pub(crate) fn stub(number: i64) -> Record {
    let mut record = Record::new(RecordKind::Employee, number, CLIENT);
    record.action = Some("leave".to_owned());
    record
}

/// A national number that nobody can have: day of birth 71.
pub(crate) fn cpr(person: u16) -> String {
    format!("710180{person:04}")
}
