//! How an employer's sources, targets and agreements stand, for those who must act: in codes and
//! figures, so that every language can say it.

mod agreements;
mod why;

pub use why::Why;

use crate::Hub;
use crate::access::configuration::{Configuration, SourceText, TargetFormat, TargetText};
use crate::access::{self, ConfigureError};
use crate::doctor::Level;
use crate::exchange::watch;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::time::calendar::{self, Gap};
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::agreement::closing;
use kobling_store::engine::Tx;
use kobling_store::exchange::delivered::LastGiven;
use kobling_store::exchange::run::{self, Run, RunState};
use kobling_store::exchange::{delivered, file_receipt, lane, plan, quarantine, source, target};
use serde::Serialize;
use std::collections::BTreeMap;

/// Runs and receipts that the figures by day are made of, at most.
const LOOKED_AT: u32 = 1_000;
/// Days for which there are figures.
const DAYS: usize = 14;

/// Why there is no overview.
#[derive(Debug, thiserror::Error)]
pub enum OverviewError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The day is past those that can be told.
    #[error("there is no such day in the employer's time zone")]
    Day(#[from] jiff::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// How everything stands.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The employer's civil date.
    pub today: Date,
    /// What stands worst first.
    pub cards: Vec<Card>,
    /// The last days, the earliest first.
    pub days: Vec<DayFigures>,
}

/// What a card is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A source.
    Source,
    /// A target.
    Target,
    /// An agreement.
    Agreement,
}

/// How one source, target or agreement stands.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// What it is.
    pub thing: Thing,
    /// Its key.
    pub key: String,
    /// The system it reads or delivers to; the purpose of an agreement.
    pub name: String,
    /// How bad the worst of its reasons is.
    pub level: Level,
    /// Why it stands so, the worst first.
    pub reasons: Vec<Why>,
    /// The party that must act; none if nobody must.
    pub acts: Option<String>,
    /// The keys of the parties whose systems it concerns.
    pub parties: Vec<String>,
    /// The day for which its data speaks.
    pub fresh: Option<Date>,
    /// When it was last read or delivered to.
    pub at: Option<Timestamp>,
}

/// What happened on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DayFigures {
    /// The day, as the employer's clock has it.
    pub day: Date,
    /// Runs that began.
    pub runs: u64,
    /// Of these, those that were held or refused.
    pub stopped: u64,
    /// Records whose change went into the ledger.
    pub changes: u64,
    /// Files that targets took.
    pub files: u64,
}

/// Looks at everything that an employer exchanges.
#[crate::boxed]
pub async fn overview(hub: &Hub, tenant: TenantId) -> Result<Overview, OverviewError> {
    let mut tx = hub.db.read().await?;
    let employer = tenant::by_id(&mut tx, tenant).await?;
    let version = employer.version;
    let zone = access::zone_of(employer)?;
    let today = hub.clock.civil(&zone).date();
    let configuration = hub.kept.configuration(&mut tx, (tenant, version)).await?;
    let drafts = hub.kept.drafts(&mut tx, (tenant, version)).await?;
    let runs = run::recent(&mut tx, tenant, None, LOOKED_AT).await?;
    let delivered = delivered::last(&mut tx, tenant).await?;
    let now = hub.clock.now();
    let mut days = last_days(today);
    for it in &runs {
        if let Some(day) = days.get_mut(&zone.to_datetime(it.begun.started_at).date()) {
            day.runs += 1;
            day.changes += it.finish.as_ref().map_or(0, |it| it.counts.applied);
            day.stopped += u64::from(is_stopped(it.state));
        }
    }
    for at in file_receipt::taken_since(&mut tx, tenant, begin(&zone, &days)?).await? {
        if let Some(day) = days.get_mut(&zone.to_datetime(at).date()) {
            day.files += 1;
        }
    }
    let closings = closing::list(&mut tx, tenant).await?.into_iter();
    let shut = closings.filter(|it| it.reopened.is_none()).map(|it| (it.target, it.closed_at));
    let (shut, configuration) = (shut.collect(), &*configuration);
    let mut desk = Desk { tx, tenant, now, zone, today, configuration, delivered, shut };
    let mut cards = desk.sources(&runs).await?;
    let agreed = agreements::agreed(configuration, today);
    for text in &configuration.targets {
        let no_agreement = (!agreed.contains(text.key.as_str())).then_some(Why::NoAgreement);
        cards.push(desk.target(text, no_agreement).await?);
    }
    cards.extend(desk.agreements(&drafts));
    cards.sort_by(|a, b| (rank(b.level), a.thing, &a.key).cmp(&(rank(a.level), b.thing, &b.key)));
    Ok(Overview { today, cards, days: days.into_values().collect() })
}

/// The instant at which the first of these days begins.
fn begin(zone: &TimeZone, days: &BTreeMap<Date, DayFigures>) -> Result<Timestamp, OverviewError> {
    let first = days.keys().next().copied().unwrap_or(Date::MIN);
    Ok(first.to_zoned(zone.clone())?.timestamp())
}

struct Desk<'a> {
    tx: Tx,
    tenant: TenantId,
    now: Timestamp,
    zone: TimeZone,
    today: Date,
    configuration: &'a Configuration,
    /// What each target was given last.
    delivered: BTreeMap<String, LastGiven>,
    /// The targets that were closed in emergency, and since when.
    shut: BTreeMap<String, Timestamp>,
}

impl Desk<'_> {
    async fn sources(&mut self, runs: &[Run]) -> Result<Vec<Card>, OverviewError> {
        let held = plan::held(&mut self.tx, self.tenant).await?;
        let held: BTreeMap<SourceNo, u64> = held.into_iter().collect();
        let stored = source::list(&mut self.tx, self.tenant).await?;
        let mut cards = Vec::new();
        let configuration = self.configuration;
        for text in &configuration.sources {
            let found = stored.iter().find(|it| it.key == text.key);
            let last = runs.iter().find(|run| found.is_some_and(|it| it.no == run.begun.source));
            let held = found.and_then(|it| held.get(&it.no)).copied().unwrap_or_default();
            cards.push(self.source(text, found, last, held).await?);
        }
        Ok(cards)
    }

    async fn source(
        &mut self,
        text: &SourceText,
        stored: Option<&source::Source>,
        last: Option<&Run>,
        held: u64,
    ) -> Result<Card, OverviewError> {
        let mut reasons: Vec<Why> = last.and_then(why_of_run).into_iter().collect();
        let missing = watch::missing(&mut self.tx, self.tenant, text, self.now, &self.zone);
        reasons.extend(missing.await?.map(|day| Why::Missing { day }));
        let applied = stored.and_then(|it| it.applied.as_ref());
        let days = text.working_days(&self.configuration.tenant.time_zone);
        match applied.map(|it| calendar::gap(it.date, self.today, days)) {
            None => reasons.push(Why::NeverRead),
            Some(Gap::Missing { working_days }) => {
                reasons.push(Why::Late { days: working_days.into() });
            }
            Some(Gap::Usual) => {}
        }
        if held > 0 {
            reasons.push(Why::Held { plans: held });
        }
        if let Some(it) = stored {
            let counts = quarantine::counts(&mut self.tx, self.tenant, it.no).await?;
            let records: u64 = counts.iter().map(|it| it.1).sum();
            reasons.extend((records > 0).then_some(Why::SetAside { records }));
        }
        // What is wrong with the data is the sender's to mend; what waits, the employer's.
        let acts = match held {
            0 => self.party_of(&text.system),
            _ => Some(self.configuration.tenant.name.clone()),
        };
        let at = last.map(|it| it.begun.started_at);
        let name = self.name_of(&text.system);
        let fresh = applied.map(|it| it.date);
        let parties = self.party_keys(&[&text.system]);
        Ok(card((Thing::Source, &text.key, name), reasons, (acts, parties), (fresh, at)))
    }

    async fn target(
        &mut self,
        text: &TargetText,
        no_agreement: Option<Why>,
    ) -> Result<Card, OverviewError> {
        let shut = self.why_shut(&text.key);
        let mut reasons: Vec<Why> = shut.into_iter().chain(no_agreement).collect();
        let (fresh, at) = match text.format {
            TargetFormat::Plan2learn => self.files(text, &mut reasons),
            TargetFormat::Messages => self.lanes(text, &mut reasons).await?,
        };
        let owner = text.owner.as_ref().and_then(|it| self.party(it));
        let acts = owner.or_else(|| self.party_of(&text.system));
        let name = self.name_of(&text.system);
        let parties = self.party_keys(&[&text.system]);
        Ok(card((Thing::Target, &text.key, name), reasons, (acts, parties), (fresh, at)))
    }

    fn files(
        &self,
        text: &TargetText,
        reasons: &mut Vec<Why>,
    ) -> (Option<Date>, Option<Timestamp>) {
        let last = self.delivered.get(&text.key);
        reasons.extend(last.is_none().then_some(Why::NeverDelivered));
        let fresh = last.and_then(|it| it.detail.get("as_of")?.as_str()?.parse().ok());
        (fresh, last.map(|it| it.at))
    }

    async fn lanes(
        &mut self,
        text: &TargetText,
        reasons: &mut Vec<Why>,
    ) -> Result<(Option<Date>, Option<Timestamp>), StoreError> {
        let stored = target::by_key(&mut self.tx, self.tenant, &text.key).await?;
        let Some((stored, done)) = stored.and_then(|it| it.done.map(|done| (it, done))) else {
            reasons.push(Why::NeverDelivered);
            return Ok((None, None));
        };
        let counts = lane::counts(&mut self.tx, self.tenant, stored.no).await?;
        let found = [
            (counts.rejected, Why::DeadLetters { messages: counts.rejected }),
            (counts.held, Why::HeldMessages { messages: counts.held }),
            (counts.pending, Why::OnTheWay { messages: counts.pending }),
        ];
        reasons.extend(found.into_iter().filter(|it| it.0 > 0).map(|it| it.1));
        Ok((Some(done.on), None))
    }

    /// That a target was closed in emergency, if it was.
    fn why_shut(&self, target: &str) -> Option<Why> {
        self.shut.get(target).map(|at| Why::ClosedInEmergency { at: *at })
    }

    fn name_of(&self, system: &str) -> String {
        let found = self.configuration.systems.iter().find(|it| it.key == system);
        found.map_or_else(|| system.to_owned(), |it| it.name.clone())
    }

    fn party_of(&self, system: &str) -> Option<String> {
        let found = self.configuration.systems.iter().find(|it| it.key == system)?;
        self.party(&found.party)
    }

    fn party_keys(&self, systems: &[&String]) -> Vec<String> {
        let all = self.configuration.systems.iter();
        all.filter(|it| systems.contains(&&it.key)).map(|it| it.party.clone()).collect()
    }

    fn party(&self, key: &str) -> Option<String> {
        self.configuration.parties.iter().find(|it| it.key == key).map(|it| it.name.clone())
    }
}

fn card(
    (thing, key, name): (Thing, &str, String),
    mut reasons: Vec<Why>,
    (acts, parties): (Option<String>, Vec<String>),
    (fresh, at): (Option<Date>, Option<Timestamp>),
) -> Card {
    if reasons.is_empty() {
        reasons.push(Why::InOrder);
    }
    reasons.sort_by_key(|it| std::cmp::Reverse(rank(it.level())));
    let level = reasons.first().map_or(Level::Ok, Why::level);
    let acts = acts.filter(|_| level != Level::Ok);
    Card { thing, key: key.to_owned(), name, level, reasons, acts, parties, fresh, at }
}

fn rank(level: Level) -> u8 {
    match level {
        Level::Ok => 0,
        Level::Warning => 1,
        Level::Problem => 2,
    }
}

fn why_of_run(last: &Run) -> Option<Why> {
    let run = last.no.0;
    match last.state {
        RunState::Reading => Some(Why::Reading { run, since: last.begun.started_at }),
        RunState::Refused => Some(Why::Refused { run, input: last.begun.input_name.clone() }),
        RunState::Applied | RunState::Unchanged | RunState::Held => None,
    }
}

fn is_stopped(state: RunState) -> bool {
    match state {
        RunState::Held | RunState::Refused => true,
        RunState::Reading | RunState::Applied | RunState::Unchanged => false,
    }
}

fn last_days(today: Date) -> BTreeMap<Date, DayFigures> {
    let days = std::iter::successors(Some(today), |it| it.yesterday().ok()).take(DAYS);
    days.map(|day| (day, DayFigures { day, runs: 0, stopped: 0, changes: 0, files: 0 })).collect()
}
