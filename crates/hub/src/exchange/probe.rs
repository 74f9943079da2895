//! Trying a place step by step, and saying in words what works.

use crate::Hub;
use crate::access::{self, ConfigureError};
use crate::connectors::{self, Connection, Place, PlaceError, Step};
use crate::doctor::{Finding, Level};
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;

/// A certificate that ends within so many days is warned of: a new one takes its time.
const EXPIRES_WITHIN_DAYS: i64 = 30;
/// What is written, renamed and removed again. No receiver reads names that begin with a dot.
const PROBE: [&str; 2] = [".kobling-test-1", ".kobling-test-2"];

/// What was tried at a place.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The place.
    pub place: String,
    /// Step by step, up to the first that failed.
    pub steps: Vec<Finding>,
}

impl Report {
    /// How many steps failed.
    pub fn failed(&self) -> usize {
        self.steps.iter().filter(|it| it.level == Level::Problem).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.place)?;
        for it in &self.steps {
            let level = match it.level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Problem => "FAILED",
            };
            writeln!(f, "  {level:<8} {}: {}", it.what, it.found)?;
            if let Some(advice) = &it.advice {
                writeln!(f, "  {:<8} {advice}", "")?;
            }
        }
        Ok(())
    }
}

/// Why nothing was tried.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No such target or source.
    #[error("there is no {kind} {key:?}; there is: {known}")]
    Unknown {
        /// What was asked for.
        kind: &'static str,
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// It has no place.
    #[error("{kind} {key:?} has no place to try; its files are named by hand")]
    NoPlace {
        /// What was asked for.
        kind: &'static str,
        /// The key.
        key: String,
    },
    /// The configuration cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Tries the place of the target of that key, and writes, renames and removes a file of its own.
#[crate::boxed]
pub async fn target(hub: &Hub, tenant: TenantId, key: &str) -> Result<Report, ProbeError> {
    let configuration = access::load(&mut hub.db.read().await?, tenant).await?;
    let all = &configuration.targets;
    let all = all.iter().map(|it| (&*it.key, it.place()));
    let place = place("target", key, all)?;
    let mut tried = Tried::new(hub, &place);
    if let Some(mut there) = tried.get_there(hub, &place).await {
        tried.listed(&mut there).await;
        let renames = !matches!(&place, Place::Ftps(it) if !it.rename);
        tried.written(&mut there, renames.then_some(PROBE[1])).await;
    }
    Ok(tried.report)
}

/// Tries the place of the source of that key. Nothing is written there.
#[crate::boxed]
pub async fn source(hub: &Hub, tenant: TenantId, key: &str) -> Result<Report, ProbeError> {
    let configuration = access::load(&mut hub.db.read().await?, tenant).await?;
    let all = &configuration.sources;
    let all = all.iter().map(|it| (&*it.key, it.place()));
    let place = place("source", key, all)?;
    let mut tried = Tried::new(hub, &place);
    if tried.is_missing(&place) {
        return Ok(tried.report);
    }
    if let Some(mut there) = tried.get_there(hub, &place).await {
        tried.listed(&mut there).await;
    }
    Ok(tried.report)
}

/// The place of the one of that key among `all`.
fn place<'a>(
    kind: &'static str,
    key: &str,
    all: impl Iterator<Item = (&'a str, Option<Place>)>,
) -> Result<Place, ProbeError> {
    let mut known = Vec::new();
    for (other, place) in all {
        if other == key {
            return place.ok_or_else(|| ProbeError::NoPlace { kind, key: key.to_owned() });
        }
        known.push(other);
    }
    Err(ProbeError::Unknown { kind, key: key.to_owned(), known: known.join(", ") })
}

struct Tried {
    report: Report,
    now: Timestamp,
}

impl Tried {
    fn new(hub: &Hub, place: &Place) -> Self {
        let report = Report { place: place.to_string(), steps: Vec::new() };
        Self { report, now: hub.clock.now() }
    }

    /// Whether the folder is not there. A run makes it, and waits in it for ever if the files arrive
    /// elsewhere.
    fn is_missing(&mut self, place: &Place) -> bool {
        let is_missing = match place {
            Place::Folder(path) => !path.is_dir(),
            Place::Sftp(_) | Place::Ftps(_) => false,
        };
        if is_missing {
            let advice =
                "name the folder in which the files arrive, or make it if none has arrived yet";
            self.report.steps.push(Finding::problem("folder", "it is not there", advice));
        }
        is_missing
    }

    async fn get_there(&mut self, hub: &Hub, place: &Place) -> Option<Connection> {
        let now = self.now;
        let steps = &mut self.report.steps;
        let mut told = |step| steps.push(worked(step, now));
        let there = connectors::connect_telling(place, &hub.secrets, &mut told).await;
        there.map_err(|it| self.fail(failed_step(&it), &it)).ok()
    }

    async fn listed(&mut self, there: &mut Connection) {
        match there.list().await {
            Ok(all) => self.ok("folder", format!("it can be listed; files there: {}", all.len())),
            Err(error) => self.fail("folder", &error),
        }
    }

    /// Writes a file, renames it to `second` if that is asked for, and removes it.
    async fn written(&mut self, there: &mut Connection, second: Option<&str>) {
        let [first, _] = PROBE;
        if let Err(error) = write(there, first).await {
            self.fail("write", &error);
            return;
        }
        self.ok("write", "a file can be written");
        let mut name = first;
        if let Some(second) = second {
            match there.rename(first, second).await {
                Ok(_) => {
                    self.ok("rename", "it can be renamed");
                    name = second;
                }
                Err(error) => {
                    let advice = "ask for the right to rename; if the server has none to give, set \
                                  rename = false, and files are written under their own names";
                    let found = chain(&error);
                    self.report.steps.push(Finding::problem("rename", found, advice));
                }
            }
        }
        match there.remove(name).await {
            Ok(()) => self.ok("remove", "it can be removed"),
            Err(error) => self.fail("remove", &error),
        }
    }

    fn ok(&mut self, what: &str, found: impl Into<String>) {
        self.report.steps.push(Finding::ok(what, found));
    }

    fn fail(&mut self, what: &str, error: &PlaceError) {
        self.report.steps.push(Finding::problem(what, chain(error), error.advice()));
    }
}

async fn write(there: &mut Connection, name: &str) -> Result<(), PlaceError> {
    let mut upload = there.create(name).await?;
    upload.write(b"written by kobling target test; it removes it again\n").await?;
    upload.finish().await
}

fn worked(step: Step, now: Timestamp) -> Finding {
    match step {
        Step::Resolved(1) => Finding::ok("name", "it resolves to one address"),
        Step::Resolved(count) => Finding::ok("name", format!("it resolves to {count} addresses")),
        Step::Answered => Finding::ok("port", "it answers"),
        Step::HostKey(print) => Finding::ok("host key", format!("it is the pinned one, {print}")),
        Step::Certificate(None) => Finding::ok("certificate", "it is accepted"),
        Step::Certificate(Some(until)) => certificate(until, now),
        Step::LoggedIn(user) => Finding::ok("login", format!("user {user} is let in")),
    }
}

fn certificate(until: Timestamp, now: Timestamp) -> Finding {
    let found = format!("it is accepted and valid until {until:.0}");
    let left = until.duration_since(now);
    if left < SignedDuration::from_hours(24 * EXPIRES_WITHIN_DAYS) {
        let found = format!("{found}; days left: {}", left.as_hours() / 24);
        let advice = "ask who runs the server to renew it before that day; from then on nothing \
                      is delivered there";
        return Finding::warning("certificate", found, advice);
    }
    Finding::ok("certificate", found)
}

/// At which step of getting there an error comes.
fn failed_step(error: &PlaceError) -> &'static str {
    match error {
        PlaceError::Unresolved { .. } => "name",
        PlaceError::Unreachable { .. } => "port",
        PlaceError::OtherHostKey { .. } | PlaceError::NoHostKey { .. } => "host key",
        PlaceError::Certificate { .. } | PlaceError::NoTls { .. } => "certificate",
        PlaceError::Login { .. } | PlaceError::NoPassword { .. } => "login",
        PlaceError::File { .. } => "key or certificate file",
        PlaceError::Folder { .. }
        | PlaceError::Refused { .. }
        | PlaceError::NotNow { .. }
        | PlaceError::Size { .. } => "folder",
        PlaceError::TimedOut { .. } | PlaceError::Broken { .. } => "connection",
    }
}

/// An error with its causes, on one line.
fn chain(error: &PlaceError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(", because ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
