//! The end of a run: nothing to do, applied, or held.

use super::apply;
use super::hash;
use super::reading::{Counts, ReadThrough, Reading};
use super::report::{RunReport, RunState};
use super::run::{Intent, RunError, Running};
use super::source::Source;
use super::summary::{Settled, Summary};
use super::superseded;
use crate::Hub;
use kobling_domain::exchange::Span;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::{RunNo, TenantId, Version};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, Plan, PlanState};
use kobling_store::exchange::quarantine;
use kobling_store::exchange::run::{self as runs, Finish};
use kobling_store::exchange::source::{self, Applied};
use serde_json::json;

/// What was found out about a plan.
pub(super) struct Outcome {
    pub(super) brakes: Vec<Tripped>,
    /// Whether every record of the source was judged in this run.
    pub(super) settles_epochs: bool,
}

/// Ends a run whose plan is drafted: applies it, holds it, or finds it empty.
pub(super) async fn plan(
    mut reading: Reading<'_>,
    read: &ReadThrough,
    outcome: Outcome,
) -> Result<RunReport, RunError> {
    let Running { hub, tenant, source, intent, progress, run, .. } = reading.running;
    let summary = summary(&reading, read, &outcome);
    let read_version = tenant::version(&mut reading.ledger, tenant).await?;
    if reading.figures.items() == 0 && outcome.brakes.is_empty() {
        let mut tx = hub.db.write().await?;
        apply::seen_only(&mut tx, tenant, source, run).await?;
        superseded::mark(&mut tx, reading.running).await?;
        settle(&mut tx, hub, tenant, source, run, &summary, None).await?;
        tx.commit().await?;
        return Ok(report(&reading, &summary, RunState::Unchanged, None, outcome.brakes, None));
    }
    let is_held = intent == Intent::Make || !outcome.brakes.is_empty();
    let mut tx = hub.db.write().await?;
    let hash = hash::of_stored(&mut tx, tenant, run).await?;
    superseded::mark(&mut tx, reading.running).await?;
    let stored = Plan {
        run,
        source: source.no,
        hash,
        state: if is_held { PlanState::Held } else { PlanState::Draft },
        read_version,
        summary: serde_json::to_value(&summary)?,
        brakes: serde_json::to_value(&outcome.brakes)?,
        decision: None,
    };
    plan::put(&mut tx, tenant, &stored).await?;
    let (state, version) = if is_held {
        hold(&mut tx, hub, tenant, run, &summary, hash).await?;
        (RunState::Held, None)
    } else {
        let version = apply::apply(hub, &mut tx, tenant, source, run, progress).await?;
        plan::decide(&mut tx, tenant, run, (PlanState::Draft, PlanState::Applied), None).await?;
        settle(&mut tx, hub, tenant, source, run, &summary, Some(hash)).await?;
        (RunState::Applied, Some(version))
    };
    tx.commit().await?;
    Ok(report(&reading, &summary, state, Some(hash), outcome.brakes, version))
}

/// Ends a run that has nothing to do for another reason.
pub(super) async fn nothing(
    mut reading: Reading<'_>,
    read: &ReadThrough,
    note: &str,
) -> Result<RunReport, RunError> {
    let Running { hub, tenant, run, .. } = reading.running;
    reading.notes.push(note.to_owned());
    reading.counts.unchanged += std::mem::take(&mut reading.counts.planned);
    let outcome = Outcome { brakes: Vec::new(), settles_epochs: false };
    let summary = summary(&reading, read, &outcome);
    let mut tx = hub.db.write().await?;
    plan::delete_items(&mut tx, tenant, run).await?;
    let finish = finish(hub, &summary, runs::RunState::Unchanged, None);
    runs::finish(&mut tx, tenant, run, &finish).await?;
    tx.commit().await?;
    Ok(report(&reading, &summary, RunState::Unchanged, None, Vec::new(), None))
}

/// Writes down that a run's plan is held.
pub(super) async fn hold(
    tx: &mut Tx,
    hub: &Hub,
    tenant: TenantId,
    run: RunNo,
    summary: &Summary,
    hash: [u8; 32],
) -> Result<(), RunError> {
    let finish = finish(hub, summary, runs::RunState::Held, Some(hash));
    Ok(runs::finish(tx, tenant, run, &finish).await?)
}

/// Writes down that a run's plan is in the ledger, or was empty.
pub(super) async fn settle(
    tx: &mut Tx,
    hub: &Hub,
    tenant: TenantId,
    source: &Source,
    run: RunNo,
    summary: &Summary,
    hash: Option<[u8; 32]>,
) -> Result<(), RunError> {
    let Settled { is_newest, settles_epochs, epoch } = summary.settled;
    if is_newest {
        let applied = Applied {
            run,
            name: summary.input.clone(),
            date: summary.date,
            mac: summary.input_mac,
        };
        source::set_applied(tx, tenant, source.no, &applied).await?;
    }
    if settles_epochs {
        source::settle_epochs(tx, tenant, source.no, epoch).await?;
        quarantine::forget_before(tx, tenant, source.no, run).await?;
    }
    plan::forget_items(tx, tenant, run).await?;
    let state = match hash {
        Some(_) => runs::RunState::Applied,
        None => runs::RunState::Unchanged,
    };
    Ok(runs::finish(tx, tenant, run, &finish(hub, summary, state, hash)).await?)
}

fn finish(
    hub: &Hub,
    summary: &Summary,
    state: runs::RunState,
    plan_hash: Option<[u8; 32]>,
) -> Finish {
    let Counts { read, unchanged, quarantined, parsed, planned } = summary.counts;
    let (applied, held) = match state {
        runs::RunState::Held => (0, planned),
        runs::RunState::Applied
        | runs::RunState::Unchanged
        | runs::RunState::Reading
        | runs::RunState::Refused => (planned, 0),
    };
    let gone = summary.gone;
    Finish {
        state,
        finished_at: hub.clock.now(),
        input_mac: Some(summary.input_mac),
        plan_hash,
        counts: runs::Counts { read, applied, unchanged, held, quarantined, gone, parsed },
        detail: json!({}),
    }
}

fn summary(reading: &Reading<'_>, read: &ReadThrough, outcome: &Outcome) -> Summary {
    let Running { hub, source, input, .. } = reading.running;
    Summary {
        source: source.text.key.clone(),
        input: input.name.clone(),
        path: input.path.clone(),
        date: input.date(),
        exported_at: input.exported_at,
        input_mac: hub.keys.input_mac(read.input_digest),
        counts: reading.counts,
        gone: reading.figures.gone(),
        units: reading.figures.units.clone(),
        employments: reading.figures.employments.clone(),
        by_unit: reading.figures.by_unit.iter().map(|(unit, it)| (unit.clone(), *it)).collect(),
        configured: source.configured,
        is_first_load: false,
        settled: Settled {
            is_newest: matches!(reading.span, Span::Since(_)),
            settles_epochs: outcome.settles_epochs,
            epoch: source.epoch,
        },
    }
}

fn report(
    reading: &Reading<'_>,
    summary: &Summary,
    state: RunState,
    hash: Option<[u8; 32]>,
    brakes: Vec<Tripped>,
    version: Option<Version>,
) -> RunReport {
    let mut report = summary.report(state, hash, brakes, version);
    report.set_aside.clone_from(&reading.set_aside);
    report.notes.clone_from(&reading.notes);
    report
}
