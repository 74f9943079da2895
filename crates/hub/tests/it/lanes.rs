//! Lanes: from a change of the ledger to its one effect at a target.

mod changes;
mod closing;
mod decisions;
mod drift;
mod foreseen;
mod holders;
mod laws;
mod links;
mod sending;
mod steps;

use crate::world::{World, employee, unit, with};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use kobling_domain::id::SubjectId;
use kobling_domain::people::Kind;
use kobling_formats::messages::{Content, Document};
use kobling_formats::opus::Record;
use kobling_hub::Hub;
use kobling_hub::clock::Clock;
use kobling_hub::exchange::decision::Decision;
use kobling_hub::exchange::lane::steps::{Step, Steps, Stopped, Uninterrupted};
use kobling_hub::exchange::lane::{self, LaneError, Report, manage};
use kobling_hub::exchange::progress::{Progress, Silent};
use kobling_hub::jobs::{self, Worker};
use kobling_store::job;
use kobling_store::people::subject;
use kobling_testkit::receiver::Receiver;
use std::cell::Cell;
use std::collections::BTreeMap;

pub(crate) const TARGET: &str = "identity";
/// A second target with the same agreement: what it is told at once is what the first should have
/// come to.
pub(crate) const TWIN: &str = "twin";
const FIRST: Date = date(2026, 3, 2);
const SECOND: Date = date(2026, 3, 3);
const THIRD: Date = date(2026, 3, 4);

/// Nobody stops a delivery, nobody watches it.
const WATCH: (&dyn Steps, &dyn Progress) = (&Uninterrupted, &Silent);

const FIELDS: &str = r#"["person.name", "person.address", "person.email", "employment.position_title",
    "employment.is_manager", "employment.entry_date", "unit.name"]"#;

/// An employer with a target that takes messages, and a twin of it.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) receiver: Receiver,
}

impl Office {
    async fn new() -> Self {
        Self::of(World::snapshot().await).await
    }

    async fn each() -> [Self; 2] {
        let [a, b] = World::each().await;
        [Self::of(a).await, Self::of(b).await]
    }

    async fn of(world: World) -> Self {
        let it = Self { world, receiver: Receiver::start() };
        it.configure("", "scope = [\"1\"]").await;
        it
    }

    /// Gives the target other settings, and both agreements another scope and other days.
    async fn configure(&self, target: &str, agreement: &str) {
        self.configure_with(target, agreement, "").await;
    }

    /// The same, and more of the agreement with the target alone, or beside it.
    async fn configure_with(&self, target: &str, agreement: &str, more: &str) {
        let (url, folder) = (&self.receiver.url, self.world.folder());
        let agreement = |key: &str| {
            format!(
                "[[agreement]]\nkey = \"{key}\"\nsource = \"opus\"\ntarget = \"{key}\"\n\
                 from = \"2020-01-01\"\npurpose = \"accounts\"\nlegal_basis = \"article 6\"\n\
                 fields = {FIELDS}\n{agreement}\n"
            )
        };
        let target = |key: &str, place: &str| {
            format!(
                "[[target]]\nkey = \"{key}\"\nsystem = \"opus\"\nformat = \"messages\"\n{place}\n\
                 {target}\n"
            )
        };
        self.world
            .configure(&format!(
                "mode = \"snapshot\"\n{}{}{}{more}{}",
                target(TARGET, &format!("http = {{ url = \"{url}\" }}")),
                target(TWIN, &format!("folder = \"{folder}/twin\"")),
                agreement(TARGET),
                agreement(TWIN),
            ))
            .await;
    }

    /// The hub when it is noon of `day`.
    fn at(&self, day: Date) -> Hub {
        let noon: Timestamp = format!("{day}T11:00:00Z").parse().unwrap();
        Hub { clock: Clock::Fixed(noon), ..self.world.hub.clone() }
    }

    async fn deliver(&self) -> Report {
        self.deliver_by(&self.world.hub).await.unwrap()
    }

    async fn deliver_on(&self, day: Date) -> Report {
        self.deliver_by(&self.at(day)).await.unwrap()
    }

    async fn deliver_by(&self, hub: &Hub) -> Result<Report, LaneError> {
        let report = jobs::deliver(hub, self.world.tenant, TARGET, WATCH).await?;
        let it = &report.standing;
        assert_eq!(it.due, it.accepted + it.pending + it.held + it.rejected, "{it:?}");
        assert_eq!(self.receiver.received().faults, [""; 0]);
        Ok(report)
    }

    /// What a target is told that is told everything at once, by subject.
    async fn twin(&self, hub: &Hub) -> BTreeMap<SubjectId, Content> {
        let folder = self.world.folder().to_owned() + "/twin";
        let mut tx = hub.db.write().await.unwrap();
        let twin = kobling_store::exchange::target::by_key(&mut tx, self.world.tenant, TWIN);
        assert_eq!(twin.await.unwrap().unwrap().done, None, "a twin is told once");
        drop(tx);
        jobs::deliver(hub, self.world.tenant, TWIN, WATCH).await.unwrap();
        let mut has = BTreeMap::new();
        let Ok(files) = std::fs::read_dir(folder) else { return has };
        for file in files.flatten().filter(|it| it.path().is_file()) {
            let document = Document::parse(&std::fs::read(file.path()).unwrap()).unwrap();
            has.insert(document.subject, document.content.unwrap());
        }
        has
    }

    /// Does all work that is due.
    async fn work(&self) {
        while jobs::run_next(&Worker::new(&self.world.hub, WATCH), &job::KINDS)
            .await
            .unwrap()
            .is_some()
        {}
    }

    /// Releases all that is held, as it stands.
    async fn release(&self, hub: &Hub, decision: &Decision<'_>) -> u64 {
        let standing = lane::standing(hub, self.world.tenant, TARGET).await.unwrap();
        let mut released = 0;
        for it in standing.brakes {
            let done = manage::release(hub, self.world.tenant, TARGET, &it.hash, decision).await;
            released += done.unwrap().messages;
        }
        released
    }

    /// Jobs whose time has come and that nobody does.
    async fn leftover_jobs(&self, hub: &Hub) -> Vec<String> {
        let mut tx = hub.db.read().await.unwrap();
        let jobs = job::list(&mut tx).await.unwrap();
        let due = jobs.into_iter().filter(|it| it.key == TARGET && it.run_at <= hub.clock.now());
        due.map(|it| format!("{} {} {:?}", it.kind, it.key, it.error)).collect()
    }

    /// Our own id of the person of an employment.
    async fn person(&self, employment: i64) -> SubjectId {
        let claims = self.world.history(Kind::Employment, employment).await;
        let person = claims.iter().find_map(|it| it.refs.person).unwrap();
        let mut tx = self.world.hub.db.read().await.unwrap();
        subject::by_no(&mut tx, self.world.tenant, &[person]).await.unwrap().remove(0).id
    }

    /// What the receiver has of the person of an employment.
    async fn has(&self, employment: i64) -> Option<String> {
        let id = self.person(employment).await;
        let has = self.receiver.received().has.get(&id).cloned();
        has.map(|it| serde_json::to_string(&it).unwrap())
    }

    /// The messages that had their effect, as `create person 1`.
    fn told(&self) -> Vec<String> {
        let effects = self.receiver.received().effects;
        effects.iter().map(|it| format!("{} {} {}", it.action, it.kind, it.seq)).collect()
    }
}

/// Two units, one below the other, and these people.
fn employer(people: &[Record]) -> Vec<Record> {
    let mut records = vec![unit(1, 0), unit(2, 1), unit(3, 1)];
    records.extend_from_slice(people);
    records
}

/// People in unit 2, numbered from 100.
fn people(count: u16) -> Vec<Record> {
    (0..count).map(|it| employee(100 + i64::from(it), it, 2)).collect()
}

fn titled(record: &Record, title: &str) -> Record {
    with(record, "position", title)
}

/// Stops a delivery once, before the nth step.
struct StopAt {
    nth: u32,
    passed: Cell<u32>,
}

impl StopAt {
    fn step(nth: u32) -> Self {
        Self { nth, passed: Cell::new(0) }
    }

    fn has_stopped(&self) -> bool {
        self.passed.get() > self.nth
    }
}

impl Steps for StopAt {
    fn before(&self, step: Step) -> Result<(), Stopped> {
        let passed = self.passed.get();
        self.passed.set(passed + 1);
        if passed == self.nth { Err(Stopped { step }) } else { Ok(()) }
    }
}
