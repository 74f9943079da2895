//! Every kind of work: done twice it has its effect once, and stopped anywhere, whoever does it next
//! brings it to the same end.

use crate::world::{World, employee, name_of, unit, with, xml};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use kobling_domain::people::Kind;
use kobling_hub::Hub;
use kobling_hub::access::configuration::Language;
use kobling_hub::clock::Clock;
use kobling_hub::connectors::hook::{Hooks, Reach, TIME_MAX};
use kobling_hub::connectors::mail::{MailServer, Mailer, Security};
use kobling_hub::exchange::lane::steps::Uninterrupted;
use kobling_hub::exchange::progress::Silent;
use kobling_hub::exchange::push::{self, Sender, Sent, Statement};
use kobling_hub::jobs::{self, Worker};
use kobling_hub::notice::{Letter, Notice, Post, Wording};
use kobling_hub::people;
use kobling_hub::webhook::{self, Keep};
use kobling_store::exchange::{file_receipt, run};
use kobling_store::{job, notice};
use kobling_testkit::listener::Listener;
use kobling_testkit::receiver::Receiver;
use kobling_testkit::server::{self, Smtpd};
use serde_json::json;
use std::collections::BTreeSet;
use std::pin::pin;
use std::task::Poll;

/// A source that sends its records itself, beside the one that has files.
const HR: &str = "mode = \"snapshot\"\n[[source]]\nkey = \"hr\"\nsystem = \"opus\"\nformat = \"push\"\n\
                  [source.push.fields]\nunit = [\"unit.name\"]\n\
                  employment = [\"employment.position_title\"]";

const FIRST: Date = date(2026, 3, 2);
/// Waits after which a job would have come to its end long ago.
const WAITS_MAX: usize = 2_000;

/// What a job of each kind works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// A target that takes messages.
    Messages,
    /// A target that takes a set of files.
    Set,
    /// A source that is read by itself.
    Source,
    /// A source that sends a snapshot.
    Snapshot,
    /// A letter.
    Letter,
    /// A webhook that is told that the ledger changed.
    Webhook,
}

impl Case {
    /// What its jobs are asked for by.
    fn job(self, nth: usize) -> (&'static str, String) {
        match self {
            Self::Messages | Self::Set => (job::DELIVER, "target".to_owned()),
            Self::Source => (job::READ, "opus".to_owned()),
            Self::Snapshot => (job::RUN, "hr".to_owned()),
            Self::Letter => (job::NOTIFY, format!("missing {nth}")),
            Self::Webhook => (job::WEBHOOK, "events".to_owned()),
        }
    }

    /// After so many waits more it is stopped again. A reading has many.
    fn stride(self) -> usize {
        match self {
            Self::Messages | Self::Set | Self::Letter | Self::Webhook => 1,
            Self::Source | Self::Snapshot => 7,
        }
    }
}

/// The cases of a kind of job. Who adds a kind is led here.
fn cases(kind: &str) -> &'static [Case] {
    match kind {
        job::DELIVER => &[Case::Messages, Case::Set],
        job::READ => &[Case::Source],
        job::RUN => &[Case::Snapshot],
        job::WEBHOOK => &[Case::Webhook],
        other => {
            assert_eq!(other, job::NOTIFY, "jobs of this kind are done by nobody here: add a case");
            &[Case::Letter]
        }
    }
}

/// An employer with the target of a case.
struct Office {
    world: World,
    case: Case,
    receiver: Receiver,
    listener: Listener,
    smtpd: Option<Smtpd>,
    hooks: Hooks,
}

/// Says of a notice what it is.
struct Plain;

impl Wording for Plain {
    fn letter(&self, notice: &Notice, employer: &str, _: Language) -> Letter {
        Letter { subject: employer.to_owned(), text: format!("{notice:?}") }
    }
}

impl Office {
    /// One on each engine.
    async fn each(case: Case) -> Vec<Self> {
        let mut all = Vec::new();
        for world in World::each().await {
            let smtpd = matches!(case, Case::Letter).then(Smtpd::start);
            let (receiver, listener) = (Receiver::start(), Listener::start());
            let hooks = Hooks::new(None, Reach::Everywhere, TIME_MAX).unwrap();
            let it = Self { world, case, receiver, listener, smtpd, hooks };
            it.configure().await;
            all.push(it);
        }
        all
    }

    async fn configure(&self) {
        let (url, folder) = (&self.receiver.url, self.world.folder());
        let target = match self.case {
            Case::Source => {
                let timetable = "[source.timetable]\ncron = \"0 3 1 1 *\"\nsettle_s = 0";
                let settings = format!("mode = \"snapshot\"\nfolder = \"{folder}\"\n{timetable}");
                return self.world.configure(&settings).await;
            }
            Case::Snapshot => return self.world.configure(HR).await,
            Case::Letter => return,
            Case::Webhook => {
                let url = &self.listener.url;
                let webhook = "[[webhook]]\nkey = \"events\"\nparty = \"fjordby\"";
                let party = "[[party]]\nkey = \"fjordby\"\nname = \"F\"\nkind = \"employer\"";
                let settings = format!("mode = \"snapshot\"\n{party}\n{webhook}\nurl = \"{url}\"");
                self.world.configure(&settings).await;
                let (hub, tenant) = (&self.world.hub, self.world.tenant);
                webhook::start(hub, tenant, "events", Keep::Secret, "a test").await.unwrap();
                return;
            }
            Case::Messages => format!("format = \"messages\"\nhttp = {{ url = \"{url}\" }}\n"),
            Case::Set => {
                format!(
                    "format = \"plan2learn\"\nprofile = \"viborg\"\nfolder = \"{folder}/set\"\n"
                )
            }
        };
        self.world
            .configure(&format!(
                "mode = \"snapshot\"\n[[target]]\nkey = \"target\"\nsystem = \"opus\"\n{target}\
                 [[agreement]]\nkey = \"a\"\nsource = \"opus\"\ntarget = \"target\"\n\
                 scope = [\"1\"]\nfrom = \"2020-01-01\"\npurpose = \"p\"\nlegal_basis = \"l\"\n\
                 fields = [\"person.name\", \"employment.position_title\", \"employment.primary\", \
                 \"unit.name\"]\n"
            ))
            .await;
    }

    /// Reads a day's file, in which the title of one person is another, and asks for the job.
    async fn change(&mut self, nth: usize) {
        let day = FIRST + i64::try_from(nth).unwrap().days();
        let noon: Timestamp = format!("{day}T11:00:00Z").parse().unwrap();
        self.world.hub.clock = Clock::Fixed(noon);
        let titled = with(&employee(100, 1, 2), "position", &title(nth));
        let file = [unit(1, 0), unit(2, 1), titled, employee(101, 2, 2)];
        let mut tx = match self.case {
            Case::Messages | Case::Set | Case::Webhook => {
                self.world.day(day, &file).await;
                self.world.hub.db.write().await.unwrap()
            }
            Case::Source => {
                self.world.file(&name_of(day), &xml(&file));
                self.world.hub.db.write().await.unwrap()
            }
            Case::Snapshot => {
                self.send(nth).await;
                self.world.hub.db.write().await.unwrap()
            }
            Case::Letter => {
                let missing = Notice::FileMissing { source: title(nth), day };
                let notice = notice::Notice {
                    key: self.case.job(nth).1,
                    at: noon,
                    recipients: json!(["hr@fjordby.example"]),
                    language: "en".to_owned(),
                    detail: json!(missing),
                    sent_at: None,
                };
                let mut tx = self.world.hub.db.write().await.unwrap();
                notice::put(&mut tx, self.world.tenant, &notice).await.unwrap();
                tx
            }
        };
        let (kind, key) = self.case.job(nth);
        job::ask(&mut tx, self.world.tenant, kind, &key, noon).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends a snapshot in which the title of one person is another, and closes it.
    async fn send(&self, nth: usize) {
        let (hub, tenant) = (&self.world.hub, self.world.tenant);
        let sender = Sender { source: "hr", by: "client:hr" };
        let of = push::open(hub, tenant, sender).await.unwrap().snapshot;
        for (kind, id, fields) in [
            (Kind::Unit, "1", json!({ "unit.name": "Fjordby" })),
            (Kind::Employment, "100", json!({ "employment.position_title": title(nth) })),
        ] {
            let statement: Statement = serde_json::from_value(json!({ "fields": fields })).unwrap();
            let sent = Sent { kind, id, statement: &statement };
            push::put_into(hub, tenant, (sender, of), sent).await.unwrap();
        }
        let counts = [(Kind::Unit, 1), (Kind::Employment, 1)].into();
        push::close(hub, tenant, (sender, of), &counts).await.unwrap();
    }

    /// How letters leave.
    fn mailer(&self) -> Option<Mailer> {
        let smtpd = self.smtpd.as_ref()?;
        let server = MailServer {
            host: smtpd.address.to_string(),
            port: Some(server::PORT),
            security: Security::Starttls,
            login: Some((smtpd.user().to_owned(), smtpd.password().to_owned().into())),
            from: "Kobling <kobling@fjordby.example>".to_owned(),
            ca_file: Some(smtpd.ca_file()),
        };
        Some(Mailer::new(&server).unwrap())
    }

    /// The hub so many seconds after the last change.
    fn later(&self, seconds: i64) -> Hub {
        let clock = Clock::Fixed(self.world.hub.clock.now() + SignedDuration::from_secs(seconds));
        Hub { clock, ..self.world.hub.clone() }
    }

    /// Does all work that is due. A transaction of whoever was stopped may hold the job for a moment
    /// longer, and whoever looks for work goes past it meanwhile; a lock of theirs on the source makes
    /// it be tried again.
    async fn work(&self, hub: &Hub) {
        /// Looks after which a job that is still there is left over.
        const LOOKS_MAX: u32 = 2_000;
        let (mailer, mut hub) = (self.mailer(), hub.clone());
        for look in 1.. {
            let worker = self.worker(&hub, mailer.as_ref());
            while let Some(ran) = jobs::run_next(&worker, &job::KINDS).await.unwrap() {
                match &ran.error {
                    Some(error) if error.contains("another run of source") => {
                        let later = hub.clock.now() + SignedDuration::from_hours(1);
                        hub = Hub { clock: Clock::Fixed(later), ..hub.clone() };
                        break;
                    }
                    error => assert_eq!(*error, None),
                }
            }
            let mut tx = hub.db.read().await.unwrap();
            let left = job::list(&mut tx).await.unwrap();
            if left.iter().all(|it| it.run_at > hub.clock.now()) {
                return;
            }
            assert!(look < LOOKS_MAX, "a job is left over");
        }
    }

    fn worker<'a>(&'a self, hub: &'a Hub, mailer: Option<&'a Mailer>) -> Worker<'a> {
        let post = mailer.map(|mailer| Post { mailer, wording: &Plain });
        let base_url = "https://kobling.example";
        let sender = Some(webhook::Sender { hooks: &self.hooks, base_url });
        Worker { post, sender, ..Worker::new(hub, (&Uninterrupted, &Silent)) }
    }

    /// What has come of it at the target: everything that had an effect, once each.
    async fn effects(&self) -> Vec<String> {
        match self.case {
            Case::Messages => {
                let received = self.receiver.received();
                assert_eq!(received.faults, [""; 0]);
                let told = received.effects.iter();
                told.map(|it| format!("{} {} {}", it.action, it.subject, it.seq)).collect()
            }
            Case::Set => {
                let mut tx = self.world.hub.db.read().await.unwrap();
                let all = file_receipt::list(&mut tx, self.world.tenant, "target", None, 1_000);
                let all = all.await.unwrap();
                let sets: BTreeSet<i64> = all.iter().map(|it| it.set_no).collect();
                assert_eq!(all.len(), sets.len() * 5, "a receipt for each file of a set");
                sets.iter().map(ToString::to_string).collect()
            }
            Case::Source | Case::Snapshot => {
                let mut tx = self.world.hub.db.read().await.unwrap();
                let runs = run::recent(&mut tx, self.world.tenant, None, 1_000).await.unwrap();
                let applied = runs.iter().filter(|it| it.state == run::RunState::Applied);
                applied.map(|it| it.begun.input_name.clone()).collect()
            }
            Case::Letter => {
                let all = self.smtpd.as_ref().unwrap().received();
                let ids: BTreeSet<String> =
                    all.iter().map(|it| it.header("Message-ID").to_owned()).collect();
                ids.into_iter().collect()
            }
            Case::Webhook => {
                let heard = self.listener.heard();
                let ids: BTreeSet<String> =
                    heard.iter().map(|it| it.header("webhook-id").to_owned()).collect();
                ids.into_iter().collect()
            }
        }
    }

    /// Whether the target, the ledger or the owner has what the nth change says.
    async fn has(&self, nth: usize) -> bool {
        let all = match self.case {
            Case::Source => {
                let slices = self.world.believed(&[], &[100]).await;
                return slices.iter().any(|it| it.contains(&title(nth)));
            }
            Case::Snapshot => {
                let (hub, tenant) = (&self.world.hub, self.world.tenant);
                let when = people::When::default();
                let shown = people::show(hub, tenant, Kind::Employment, "100", when).await;
                format!("{:?}", shown.ok())
            }
            Case::Letter => format!("{:?}", self.smtpd.as_ref().unwrap().received()),
            // It says that something changed, and not what.
            Case::Webhook => return self.effects().await.len() > nth,
            Case::Messages => format!("{:?}", self.receiver.received().has),
            Case::Set => {
                let file = format!("{}/set/bruger.csv", self.world.folder());
                std::fs::read_to_string(file).unwrap_or_default()
            }
        };
        all.contains(&title(nth))
    }
}

fn title(nth: usize) -> String {
    format!("Titel {nth:04}")
}

/// Drops `work` when it has waited so often; whether it came to its end before.
async fn ends_within(waits: usize, work: impl Future) -> bool {
    let (mut work, mut left) = (pin!(work), waits);
    std::future::poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if left == 0 => Poll::Ready(false),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn done_twice_every_job_has_its_effect_once() {
    for case in job::KINDS.into_iter().flat_map(cases) {
        for mut office in Office::each(*case).await {
            office.change(0).await;
            office.work(&office.later(0)).await;
            let effects = office.effects().await;
            assert!(office.has(0).await && !effects.is_empty(), "{case:?}");
            let mut tx = office.world.hub.db.write().await.unwrap();
            let now = office.world.hub.clock.now();
            let (kind, key) = case.job(0);
            job::ask(&mut tx, office.world.tenant, kind, &key, now).await.unwrap();
            tx.commit().await.unwrap();
            office.work(&office.later(1)).await;
            assert_eq!(office.effects().await, effects, "{case:?}");
        }
    }
}

/// A process may die at any wait: while a statement runs, between a commit and the next step, while a
/// message is on its way. Its lease runs out, and somebody else does the job.
#[tokio::test]
async fn stopped_at_any_wait_every_job_comes_to_the_same_end_with_each_effect_once() {
    for case in job::KINDS.into_iter().flat_map(cases) {
        for mut office in Office::each(*case).await {
            office.change(0).await;
            office.work(&office.later(0)).await;
            for nth in 1.. {
                let waits = (nth - 1) * case.stride();
                assert!(waits < WAITS_MAX, "it never comes to an end");
                let before = office.effects().await.len();
                office.change(nth).await;
                let (hub, mailer) = (office.later(0), office.mailer());
                let worker = office.worker(&hub, mailer.as_ref());
                let work = jobs::run_next(&worker, &job::KINDS);
                let has_ended = ends_within(waits, work).await;
                // A set whose process died is looked after some minutes later.
                office.work(&office.later(400)).await;
                assert!(office.has(nth).await, "{case:?} stopped after {waits} waits");
                let effects = office.effects().await.len();
                assert_eq!(effects, before + 1, "{case:?} stopped after {waits} waits");
                if has_ended {
                    // How often work waits depends on what is ready when it is asked: only that it was
                    // stopped on its way, and not how often, can be said of every machine.
                    assert!(nth > 3, "{case:?} was stopped {} times only", nth - 1);
                    break;
                }
            }
        }
    }
}
