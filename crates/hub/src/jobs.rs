//! Work that was asked for in the transaction of a change, done by whoever has time.

use crate::Hub;
use crate::connectors::in_full;
use crate::exchange::decision::Decision;
use crate::exchange::deliver::{self, Intent};
use crate::exchange::delivery::{Delivered, DeliveryError};
use crate::exchange::lane::steps::Steps;
use crate::exchange::lane::{self, Done, Keeper, LaneError, Report, manage};
use crate::exchange::progress::Progress;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::exchange::pending;
use kobling_store::job::{self, Claimed};
use serde::Serialize;
use std::fmt;

/// A job that failed is tried again after this, and after twice as long each further time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// So often the wait doubles at most.
const DOUBLINGS_MAX: u32 = 8;

/// A job that was done, or failed.
#[derive(Debug, Serialize)]
pub struct Ran {
    /// What it was.
    pub kind: String,
    /// To what.
    pub key: String,
    /// What it did; none if it failed.
    pub report: Option<Delivered>,
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

/// Does the job that has waited longest; none if no job's time has come.
pub async fn run_next(
    hub: &Hub,
    watch: (&dyn Steps, &dyn Progress),
) -> Result<Option<Ran>, StoreError> {
    let now = hub.clock.now();
    let mut tx = hub.db.write().await?;
    let claimed = job::claim_next(&mut tx, now, lane::lease_until(now)).await?;
    tx.commit().await?;
    let Some(job) = claimed else { return Ok(None) };
    let (report, error) = match run(hub, &job, watch).await {
        Ok(report) => (Some(report), None),
        Err(error) => (None, Some(in_full(&error))),
    };
    Ok(Some(Ran { kind: job.kind, key: job.key, report, error }))
}

/// When the next job's time comes; none if there is no job.
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

async fn run(
    hub: &Hub,
    job: &Claimed,
    watch: (&dyn Steps, &dyn Progress),
) -> Result<Delivered, DeliveryError> {
    if lane::takes_messages(hub, job.tenant, &job.key).await? {
        Ok(Delivered::Messages(messages(hub, job, watch).await?))
    } else {
        set(hub, job, watch.1).await
    }
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
        Ok(Done { next, .. }) => job::finish(&mut tx, job, *next).await?,
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
        Ok::<_, DeliveryError>(done?)
    };
    let done = keeper.beside(Box::pin(work)).await;
    let mut tx = hub.db.write().await?;
    let set = pending::get(&mut tx, job.tenant, &job.key).await?;
    let trouble = set.map(|it| it.trouble).unwrap_or_default();
    match &done {
        Ok(_) => job::finish(&mut tx, job, None).await?,
        // A person has to do something first.
        Err(error) if error.is_bad_input() || trouble.dead_at.is_some() => {
            job::fail(&mut tx, job, &in_full(error), None).await?;
        }
        Err(error) => {
            let next = trouble.next_at.filter(|it| *it > hub.clock.now());
            let next = next.or_else(|| later(hub, job));
            job::fail(&mut tx, job, &in_full(error), next).await?;
        }
    }
    tx.commit().await?;
    Ok(Delivered::Set(done?))
}

/// When a job that failed is tried again.
fn later(hub: &Hub, job: &Claimed) -> Option<Timestamp> {
    let wait = FIRST_WAIT.saturating_mul(1 << job.failures.min(DOUBLINGS_MAX));
    hub.clock.now().checked_add(wait).ok()
}
