//! Figures for whoever watches over an installation: counts under keys of what is configured, and
//! nothing of a person.

use crate::Hub;
use crate::access::{self, ConfigureError};
use crate::exchange::delivery::{self, DeliveryError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_store::StoreError;
use kobling_store::access::tenant::Tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::{delivered, plan, quarantine, run, source};
use kobling_store::job::{self, Waiting};
use kobling_store::notice;
use std::collections::BTreeMap;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// A configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// What is told apart, by name: keys of employers, sources and targets, and states.
    pub labels: Vec<(&'static str, String)>,
    /// The figure.
    pub value: i64,
}

/// Figures of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, after `kobling_`.
    pub name: &'static str,
    /// What it counts, in a sentence without its full stop.
    pub help: &'static str,
    /// The figures.
    pub samples: Vec<Sample>,
}

/// All figures at this moment, by name.
#[crate::boxed]
pub async fn metrics(hub: &Hub) -> Result<Vec<Metric>, MetricsError> {
    let mut all = Gathered::default();
    for employer in access::tenants(hub).await? {
        of_employer(hub, &employer, &mut all).await?;
    }
    let mut tx = hub.db.read().await?;
    of_jobs(&job::list(&mut tx).await?, hub.clock.now(), &mut all);
    drop(tx);
    let load = hub.db.load();
    all.put(CONNECTIONS, [("state", "in_use".to_owned())], load.in_use);
    all.put(CONNECTIONS, [("state", "most".to_owned())], load.most);
    Ok(all.0.into_iter().map(|((name, help), samples)| Metric { name, help, samples }).collect())
}

type Named = (&'static str, &'static str);

const CONNECTIONS: Named = ("connections", "Connections of this process to the store");
const JOBS: Named = ("jobs", "Jobs by their kind and where they stand");
const JOB_WAIT: Named = ("job_oldest_due_seconds", "For how long the oldest due job has waited");
const LEDGER: Named = ("ledger_version", "The version of an employer's ledger");
const LETTERS: Named = ("letters_unsent", "Notices that no letter has told");
const LANES: Named = ("lanes", "What targets should have, by where it stands; due is the sum");
const LAST_RUN: Named = ("last_run_timestamp_seconds", "When the last run of a source began");
const PLANS: Named = ("plans_held", "Plans that wait for a person");
const RECORDS: Named = ("last_run_records", "Records of the last run of a source");
const RUNS: Named = ("runs", "Runs of a source by how they ended");
const SET_ASIDE: Named = ("records_set_aside", "Records in quarantine");
const FRESH: Named = ("source_data_timestamp_seconds", "For which day a source's data speak");
const DELIVERED: Named = ("delivered_timestamp_seconds", "When a target of files took one last");

#[derive(Default)]
struct Gathered(BTreeMap<Named, Vec<Sample>>);

impl Gathered {
    fn put<const N: usize>(
        &mut self,
        named: Named,
        labels: [(&'static str, String); N],
        value: impl TryInto<i64>,
    ) {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.0.entry(named).or_default().push(Sample { labels: labels.into(), value });
    }
}

async fn of_employer(hub: &Hub, employer: &Tenant, all: &mut Gathered) -> Result<(), MetricsError> {
    let tenant = employer.id;
    let name = || ("employer", employer.key.clone());
    all.put(LEDGER, [name()], employer.version.0);
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    all.put(LETTERS, [name()], notice::unsent(&mut tx, tenant).await?.len());
    let zone = access::zone_in(&mut tx, tenant).await?;
    let runs = run::by_state(&mut tx, tenant).await?;
    let held: BTreeMap<SourceNo, u64> = plan::held(&mut tx, tenant).await?.into_iter().collect();
    for stored in source::list(&mut tx, tenant).await? {
        if configuration.sources.iter().any(|it| it.key == stored.key) {
            let labels = || [name(), ("source", stored.key.clone())];
            all.put(PLANS, labels(), held.get(&stored.no).copied().unwrap_or_default());
            for (_, state, count) in runs.iter().filter(|it| it.0 == stored.no) {
                let [employer, source] = labels();
                all.put(RUNS, [employer, source, ("state", state.name().to_owned())], *count);
            }
            of_source(&mut tx, tenant, &stored, &zone, (labels, &mut *all)).await?;
        }
    }
    for target in &configuration.targets {
        let labels = || [name(), ("target", target.key.clone())];
        let files = delivered::list(&mut tx, tenant, &target.key).await?;
        if let Some(at) = files.iter().map(|it| it.at).max() {
            all.put(DELIVERED, labels(), at.as_second());
        }
    }
    drop(tx);
    for target in &configuration.targets {
        let standing = match delivery::standing(hub, tenant, &target.key).await {
            Ok(standing) => standing,
            Err(DeliveryError::Store(error)) => return Err(error.into()),
            // One that cannot be delivered to has nothing that is due; its card says why.
            Err(DeliveryError::Messages(_) | DeliveryError::Set(_)) => continue,
        };
        for (state, count) in [
            ("due", standing.due),
            ("accepted", standing.accepted),
            ("pending", standing.pending),
            ("held", standing.held),
            ("rejected", standing.rejected),
        ] {
            let target = ("target", target.key.clone());
            all.put(LANES, [name(), target, ("state", state.to_owned())], count);
        }
    }
    Ok(())
}

async fn of_source(
    tx: &mut Tx,
    tenant: TenantId,
    stored: &source::Source,
    zone: &TimeZone,
    (labels, all): (impl Fn() -> [(&'static str, String); 2], &mut Gathered),
) -> Result<(), MetricsError> {
    let counts = quarantine::counts(tx, tenant, stored.no).await?;
    all.put(SET_ASIDE, labels(), counts.iter().map(|it| it.1).sum::<u64>());
    if let Some(applied) = &stored.applied {
        let day = applied.date.to_zoned(zone.clone()).ok();
        all.put(FRESH, labels(), day.map_or(0, |it| it.timestamp().as_second()));
    }
    let Some(last) = run::last(tx, tenant, stored.no, 1).await?.into_iter().next() else {
        return Ok(());
    };
    all.put(LAST_RUN, labels(), last.begun.started_at.as_second());
    let counts = last.finish.map(|it| it.counts).unwrap_or_default();
    for (outcome, count) in [
        ("read", last.read),
        ("applied", counts.applied),
        ("unchanged", counts.unchanged),
        ("held", counts.held),
        ("set_aside", counts.quarantined),
        ("gone", counts.gone),
    ] {
        let [employer, source] = labels();
        all.put(RECORDS, [employer, source, ("outcome", outcome.to_owned())], count);
    }
    Ok(())
}

fn of_jobs(jobs: &[Waiting], now: Timestamp, all: &mut Gathered) {
    for kind in job::KINDS {
        let ours = || jobs.iter().filter(|it| it.kind == kind);
        let is_held = |it: &&Waiting| it.lease_until.is_some_and(|until| until > now);
        let is_due = |it: &&Waiting| it.run_at <= now && !is_held(it);
        for (state, count) in [
            ("under_way", ours().filter(is_held).count()),
            ("due", ours().filter(is_due).count()),
            ("failing", ours().filter(|it| it.error.is_some()).count()),
        ] {
            all.put(JOBS, [("kind", kind.to_owned()), ("state", state.to_owned())], count);
        }
        let oldest = ours().filter(is_due).map(|it| it.run_at).min();
        let waited = oldest.map_or(0, |it| now.duration_since(it).as_secs());
        all.put(JOB_WAIT, [("kind", kind.to_owned())], waited);
    }
}
