//! Work that was asked for in the transaction of a change, done by whoever has time.

use crate::connectors::in_full;
use crate::exchange::decision::Decision;
use crate::exchange::deliver::{self, Delivery, DeliveryState, Intent};
use crate::exchange::delivery::{Delivered, DeliveryError};
use crate::exchange::lane::steps::Steps;
use crate::exchange::lane::{self, Done, Keeper, LaneError, Report, manage};
use crate::exchange::progress::Progress;
use crate::exchange::watch::{self, Looked, WatchError};
use crate::notice::{self, HeldBy, Notice, Post, PostError};
use crate::webhook::{self, Event, Sender, Sent, WebhookError};
use crate::{Hub, access, traced};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::pending;
use kobling_store::job::{self, Claimed};
use serde::Serialize;
use std::fmt;
use tracing::Instrument;

/// A job that failed is tried again after this, and after twice as long each further time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// So often the wait doubles at most.
const DOUBLINGS_MAX: u32 = 8;

/// So often in a row a webhook takes nothing, and it is stopped: after about a day.
const TOLD_IN_VAIN_MAX: u32 = 40;

/// So often in a row a source cannot be looked at before its owner is told.
const TOLD_AFTER: u32 = 3;

/// Who does the work.
#[derive(Clone, Copy)]
pub struct Worker<'a> {
    /// The store, the keys and the time.
    pub hub: &'a Hub,
    /// Is told of each step of a delivery.
    pub steps: &'a dyn Steps,
    /// Is told how far it has come.
    pub progress: &'a dyn Progress,
    /// How letters leave; without, nobody is written to.
    pub post: Option<Post<'a>>,
    /// How webhooks are told what happens; without, it waits for somebody who can.
    pub sender: Option<Sender<'a>>,
}

impl<'a> Worker<'a> {
    /// One that writes no letters and tells no webhooks.
    pub fn new(hub: &'a Hub, (steps, progress): (&'a dyn Steps, &'a dyn Progress)) -> Self {
        Self { hub, steps, progress, post: None, sender: None }
    }
}

/// What a job did.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Did {
    /// It delivered.
    Delivered(Delivered),
    /// It looked at a source.
    Looked(Looked),
    /// It told of a notice.
    Told {
        /// Of which.
        notice: String,
    },
    /// It told a webhook what happened.
    Announced {
        /// Which.
        webhook: String,
        /// How many events.
        events: u64,
    },
}

impl Did {
    /// Whether anybody wants to hear of it.
    pub fn is_news(&self) -> bool {
        match self {
            Self::Delivered(_) | Self::Told { .. } => true,
            Self::Announced { events, .. } => *events > 0,
            Self::Looked(it) => it.is_news(),
        }
    }
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered(it) => it.fmt(f),
            Self::Looked(it) => it.fmt(f),
            Self::Told { notice } => writeln!(f, "{notice}: the letter has left"),
            Self::Announced { webhook, events } => {
                writeln!(f, "webhook {webhook}: {events} events told")
            }
        }
    }
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error(transparent)]
    Watch(#[from] WatchError),
    #[error(transparent)]
    Post(#[from] PostError),
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    #[error("this program does not know how it is done")]
    Unknown,
}

/// A job that was done, or failed.
#[derive(Debug, Serialize)]
pub struct Ran {
    /// What it was.
    pub kind: String,
    /// To what.
    pub key: String,
    /// What it did; none if it failed.
    pub report: Option<Did>,
    /// Why it failed.
    pub error: Option<String>,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(report) = &self.report {
            report.fmt(f)?;
        }
        if let Some(error) = &self.error {
            writeln!(f, "{} {}: {error}", self.kind, self.key)?;
        }
        Ok(())
    }
}

/// Does the job that has waited longest of these kinds; none if no job's time has come.
#[crate::boxed(?Send)]
pub async fn run_next(worker: &Worker<'_>, kinds: &[&str]) -> Result<Option<Ran>, StoreError> {
    let hub = worker.hub;
    let now = hub.clock.now();
    let mut tx = hub.db.write().await?;
    let claimed = job::claim_next(&mut tx, kinds, now, lane::lease_until(now)).await?;
    tx.commit().await?;
    let Some(job) = claimed else { return Ok(None) };
    let span = traced::job(&job.kind);
    let done = Box::pin(run(worker, &job)).instrument(span.clone()).await;
    traced::ended(&span, &done);
    let (report, error) = match done {
        Ok(report) => (Some(report), None),
        Err(error) => (None, Some(in_full(&error))),
    };
    Ok(Some(Ran { kind: job.kind, key: job.key, report, error }))
}

/// When the next job's time comes; none if there is no job.
#[crate::boxed]
pub async fn next_at(hub: &Hub) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = hub.db.read().await?;
    let waiting = job::list(&mut tx).await?.into_iter();
    Ok(waiting.map(|it| it.lease_until.map_or(it.run_at, |lease| lease.max(it.run_at))).min())
}

/// Delivers messages to the target of that key at once.
///
/// # Errors
///
/// [`LaneError::UnderWay`] while somebody else does.
#[crate::boxed(?Send)]
pub async fn deliver(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    watch: (&dyn Steps, &dyn Progress),
) -> Result<Report, LaneError> {
    // What cannot be delivered to is not asked for.
    lane::standing(hub, tenant, key).await?;
    let now = hub.clock.now();
    let mut tx = hub.db.write().await?;
    job::ask(&mut tx, tenant, job::DELIVER, key, now).await?;
    let wanted = (job::DELIVER, key);
    let claimed = job::claim(&mut tx, tenant, wanted, now, lane::lease_until(now)).await?;
    tx.commit().await?;
    match claimed {
        Some(job) => messages(hub, &job, watch).await,
        None => Err(LaneError::UnderWay { key: key.to_owned() }),
    }
}

/// Delivers to the target of that key at once, and then what the brakes hold of this delivery, as
/// somebody has decided.
#[crate::boxed(?Send)]
pub async fn deliver_all(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    decision: &Decision<'_>,
    watch: (&dyn Steps, &dyn Progress),
) -> Result<Report, LaneError> {
    let first = deliver(hub, tenant, key, watch).await?;
    for it in &first.standing.brakes {
        manage::release(hub, tenant, key, &it.hash, decision).await?;
    }
    if first.standing.brakes.is_empty() {
        return Ok(first);
    }
    let Report { sent, standing, .. } = deliver(hub, tenant, key, watch).await?;
    Ok(Report { made: first.made, sent: first.sent.and(sent), standing })
}

async fn run(worker: &Worker<'_>, job: &Claimed) -> Result<Did, JobError> {
    match job.kind.as_str() {
        job::DELIVER => Ok(Did::Delivered(deliver_to(worker, job).await?)),
        job::READ => Ok(Did::Looked(read(worker, job).await?)),
        job::NOTIFY => Ok(notify(worker, job).await?),
        job::RUN => Ok(Did::Looked(run_now(worker, job).await?)),
        job::WEBHOOK => Ok(announce(worker, job).await?),
        _ => Err(JobError::Unknown),
    }
}

async fn deliver_to(worker: &Worker<'_>, job: &Claimed) -> Result<Delivered, DeliveryError> {
    let span = traced::delivery(&job.key);
    let done = Box::pin(delivered(worker, job)).instrument(span.clone()).await;
    traced::ended(&span, &done);
    done
}

async fn delivered(worker: &Worker<'_>, job: &Claimed) -> Result<Delivered, DeliveryError> {
    let Worker { hub, steps, progress, .. } = *worker;
    if lane::takes_messages(hub, job.tenant, &job.key).await? {
        Ok(Delivered::Messages(messages(hub, job, (steps, progress)).await?))
    } else {
        set(hub, job, progress).await
    }
}

/// Looks at a source. One that cannot be looked at is tried again, ever more seldom.
async fn read(worker: &Worker<'_>, job: &Claimed) -> Result<Looked, WatchError> {
    let Worker { hub, progress, .. } = *worker;
    let keeper = Keeper::new(hub, job);
    let done = keeper.beside(Box::pin(watch::look(hub, job.tenant, &job.key, progress))).await;
    let mut tx = hub.db.write().await?;
    match &done {
        Ok(_) => {
            let next = watch::next(hub, &mut tx, job.tenant, &job.key).await?;
            job::finish(&mut tx, job, next).await?;
        }
        Err(error) => {
            let appointed = watch::next_appointed(hub, &mut tx, job.tenant, &job.key).await;
            let next = later(hub, job).into_iter().chain(appointed.ok().flatten()).min();
            job::fail(&mut tx, job, &in_full(error), next).await?;
            if job.failures + 1 == TOLD_AFTER {
                let zone = access::zone_in(&mut tx, job.tenant).await?;
                let day = hub.clock.civil(&zone).date();
                let notice = Notice::SourceUnreachable { source: job.key.clone(), day };
                notice::tell(hub, &mut tx, job.tenant, &notice).await?;
            }
        }
    }
    tx.commit().await?;
    done
}

/// Reads a source, as somebody asked. One that cannot be looked at is tried again, ever more seldom,
/// as long as that may help.
async fn run_now(worker: &Worker<'_>, job: &Claimed) -> Result<Looked, WatchError> {
    let Worker { hub, progress, .. } = *worker;
    let keeper = Keeper::new(hub, job);
    let work = watch::look_now(hub, job.tenant, &job.key, progress);
    let done = keeper.beside(Box::pin(work)).await;
    let mut tx = hub.db.write().await?;
    match &done {
        Ok(_) => job::finish(&mut tx, job, None).await?,
        Err(error) => {
            let next = error.may_pass().then(|| later(hub, job)).flatten();
            job::fail(&mut tx, job, &in_full(error), next).await?;
        }
    }
    tx.commit().await?;
    done
}

/// Sends a letter, if somebody said how.
async fn notify(worker: &Worker<'_>, job: &Claimed) -> Result<Did, PostError> {
    let Worker { hub, post, .. } = *worker;
    let sent = match post {
        Some(post) => notice::send(hub, job.tenant, &job.key, post).await,
        None => Ok(()),
    };
    let mut tx = hub.db.write().await?;
    match &sent {
        Ok(()) => job::finish(&mut tx, job, None).await?,
        Err(error) => {
            let next = error.may_pass().then(|| later(hub, job)).flatten();
            job::fail(&mut tx, job, &in_full(error), next).await?;
        }
    }
    tx.commit().await?;
    sent.map(|()| Did::Told { notice: job.key.clone() })
}

/// Tells a webhook what happened. One that takes nothing is tried ever more seldom, and at last no
/// more.
async fn announce(worker: &Worker<'_>, job: &Claimed) -> Result<Did, WebhookError> {
    let Worker { hub, sender, .. } = *worker;
    let Some(sender) = sender else {
        let mut tx = hub.db.write().await?;
        job::finish(&mut tx, job, later(hub, job)).await?;
        tx.commit().await?;
        return Ok(Did::Announced { webhook: job.key.clone(), events: 0 });
    };
    let keeper = Keeper::new(hub, job);
    let work = Box::pin(webhook::send(hub, job.tenant, &job.key, sender));
    let sent = keeper.beside(work).await;
    let mut tx = hub.db.write().await?;
    match &sent {
        Ok(Sent::All(_)) => job::finish(&mut tx, job, None).await?,
        Ok(Sent::Some(_)) => job::finish(&mut tx, job, Some(hub.clock.now())).await?,
        Err(error) if error.is_final() || job.failures + 1 >= TOLD_IN_VAIN_MAX => {
            webhook::stop_in(hub, &mut tx, job.tenant, &job.key, "kobling work").await?;
            job::fail(&mut tx, job, &in_full(error), None).await?;
        }
        Err(error) => job::fail(&mut tx, job, &in_full(error), later(hub, job)).await?,
    }
    tx.commit().await?;
    let (Sent::All(events) | Sent::Some(events)) = sent?;
    Ok(Did::Announced { webhook: job.key.clone(), events })
}

async fn messages(
    hub: &Hub,
    job: &Claimed,
    (steps, progress): (&dyn Steps, &dyn Progress),
) -> Result<Report, LaneError> {
    let keeper = Keeper::new(hub, job);
    let work = Box::pin(lane::deliver(hub, job.tenant, &job.key, &keeper, (steps, progress)));
    let done = keeper.beside(work).await;
    let mut tx = hub.db.write().await?;
    match &done {
        Ok(Done { next, report }) => {
            job::finish(&mut tx, job, *next).await?;
            if report.sent.accepted > 0 {
                accepted(hub, &mut tx, job).await?;
            }
            for it in of_messages(hub, &job.key, report) {
                notice::tell(hub, &mut tx, job.tenant, &it).await?;
            }
        }
        // It is configured otherwise some day, which asks again, or a day comes on which what is
        // configured already says something else.
        Err(error) if error.is_bad_input() => {
            let turn = lane::next_turn(hub, &mut tx, job.tenant, &job.key).await.ok().flatten();
            job::fail(&mut tx, job, &in_full(error), turn).await?;
        }
        Err(LaneError::Reconfigured) => {
            job::fail(&mut tx, job, "reconfigured", Some(hub.clock.now())).await?;
        }
        Err(error) => job::fail(&mut tx, job, &in_full(error), later(hub, job)).await?,
    }
    tx.commit().await?;
    done.map(|it| it.report)
}

/// Brings the set on its way to its end, and what has changed since after it.
async fn set(
    hub: &Hub,
    job: &Claimed,
    progress: &dyn Progress,
) -> Result<Delivered, DeliveryError> {
    let keeper = Keeper::new(hub, job);
    let work = async {
        let done = deliver::deliver(hub, job.tenant, &job.key, Intent::Deliver, progress).await;
        Ok::<_, DeliveryError>(Delivered::Set(done?))
    };
    let done = keeper.beside(Box::pin(work)).await;
    let mut tx = hub.db.write().await?;
    let set = pending::get(&mut tx, job.tenant, &job.key).await?;
    let trouble = set.map(|it| it.trouble).unwrap_or_default();
    match &done {
        Ok(report) => {
            let next = deliver::next_day(hub, &mut tx, job.tenant, &job.key).await?;
            job::finish(&mut tx, job, next).await?;
            if let Delivered::Set(report) = report
                && report.state == DeliveryState::Delivered
            {
                accepted(hub, &mut tx, job).await?;
            }
            if let Delivered::Set(report) = report
                && let Some(it) = of_set(report)
            {
                notice::tell(hub, &mut tx, job.tenant, &it).await?;
            }
        }
        // A person has to do something first.
        Err(error) if error.is_bad_input() || trouble.dead_at.is_some() => {
            job::fail(&mut tx, job, &in_full(error), None).await?;
            if trouble.dead_at.is_some() {
                let notice = dead_letters(hub, &job.key, 1);
                notice::tell(hub, &mut tx, job.tenant, &notice).await?;
            }
        }
        Err(error) => {
            let next = trouble.next_at.filter(|it| *it > hub.clock.now());
            let next = next.or_else(|| later(hub, job));
            job::fail(&mut tx, job, &in_full(error), next).await?;
        }
    }
    tx.commit().await?;
    done
}

/// Lets webhooks know that a target took what it was sent.
async fn accepted(hub: &Hub, tx: &mut Tx, job: &Claimed) -> Result<(), StoreError> {
    let at = hub.clock.now();
    let event = Event::DeliveryAccepted { target: job.key.clone(), at };
    webhook::happened(tx, job.tenant, at, &event).await
}

/// What somebody should know of a delivery of messages.
fn of_messages(hub: &Hub, target: &str, report: &Report) -> Vec<Notice> {
    let held = report.standing.brakes.iter().map(|it| Notice::DeliveryHeld {
        target: target.to_owned(),
        hash: it.hash.clone(),
        brake: HeldBy::Messages(it.tripped.clone()),
    });
    let letters = report.standing.rejected;
    let dead = (report.sent.rejected > 0).then(|| dead_letters(hub, target, letters));
    held.chain(dead).collect()
}

/// What somebody should know of a set.
fn of_set(report: &Delivery) -> Option<Notice> {
    (report.state == DeliveryState::Held).then(|| Notice::DeliveryHeld {
        target: report.target.clone(),
        hash: report.as_of.to_string(),
        brake: HeldBy::Set(report.brakes.clone()),
    })
}

/// One notice an hour, however many letters there are.
fn dead_letters(hub: &Hub, target: &str, letters: u64) -> Notice {
    let now = hub.clock.now();
    let hour =
        now.round(TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Trunc)).unwrap_or(now);
    Notice::DeadLetters { target: target.to_owned(), letters, hour }
}

/// When a job that failed is tried again.
fn later(hub: &Hub, job: &Claimed) -> Option<Timestamp> {
    let wait = FIRST_WAIT.saturating_mul(1 << job.failures.min(DOUBLINGS_MAX));
    hub.clock.now().checked_add(wait).ok()
}
