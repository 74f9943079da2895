//! The end of a run: nothing to do, applied, or held.

use super::apply;
use super::counts::Counts;
use super::figures::ByReason;
use super::input::Content;
use super::pushed;
use super::reading::{ReadThrough, Reading};
use super::report::{RunReport, RunState};
use super::run::{Intent, RunError, Running};
use super::source::Source;
use super::summary::{Settled, Summary};
use super::superseded;
use crate::Hub;
use crate::notice::{self, Notice};
use kobling_domain::exchange::Span;
use kobling_domain::exchange::brake::Tripped;
use kobling_domain::id::{RunNo, TenantId, Version};
use kobling_domain::people::Kind;
use kobling_formats::opus::Mode;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, Plan, PlanState};
use kobling_store::exchange::quarantine::{self, SetAside as Quarantined};
use kobling_store::exchange::run::{self as runs, Finish};
use kobling_store::exchange::source::{self, Applied};
use serde_json::json;
use std::collections::BTreeMap;

/// What was found out about a plan.
pub(super) struct Outcome {
    pub(super) brakes: Vec<Tripped>,
    /// Whether the input speaks about what it does not mention.
    pub(super) speaks_for_all: bool,
}

/// Ends a run whose plan is drafted: applies it, holds it, or finds it empty.
pub(super) async fn plan(
    mut reading: Reading<'_>,
    read: &ReadThrough,
    outcome: Outcome,
) -> Result<RunReport, RunError> {
    let Running { hub, tenant, source, intent, progress, run, .. } = reading.running;
    let summary = summary(&reading, read, &outcome);
    let quarantined = reading.aside.take_kept();
    let aside = pushed::aside(&quarantined);
    let read_version = tenant::version(&mut reading.ledger, tenant).await?;
    if reading.figures.items() == 0 && outcome.brakes.is_empty() {
        let items = reading.drafted.take().await?;
        let mut tx = begin(&reading).await?;
        apply::seen_only(hub, &mut tx, tenant, (source, run), items).await?;
        quarantine_all(&mut tx, &reading, quarantined).await?;
        supersede(&mut tx, &reading, &summary).await?;
        settle(&mut tx, hub, tenant, source, run, &summary, None).await?;
        pushed::judge(&mut tx, reading.running, &aside).await?;
        tx.commit().await?;
        return Ok(report(&reading, &summary, RunState::Unchanged, None, outcome.brakes, None));
    }
    let is_held = intent == Intent::Make || !outcome.brakes.is_empty();
    if is_held {
        reading.drafted.store().await?;
    }
    let hash = reading.drafted.hash().await?;
    let items = reading.drafted.take().await?;
    let mut tx = begin(&reading).await?;
    quarantine_all(&mut tx, &reading, quarantined).await?;
    supersede(&mut tx, &reading, &summary).await?;
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
        if let Some(it) = Notice::held(&summary, &hash, &outcome.brakes) {
            notice::tell(hub, &mut tx, tenant, &it).await?;
        }
        (RunState::Held, None)
    } else {
        let what = (run, &summary, items);
        let version = apply::apply(hub, &mut tx, tenant, source, what, progress).await?;
        plan::decide(&mut tx, tenant, run, (PlanState::Draft, PlanState::Applied), None).await?;
        settle(&mut tx, hub, tenant, source, run, &summary, Some(hash)).await?;
        (RunState::Applied, Some(version))
    };
    pushed::judge(&mut tx, reading.running, &aside).await?;
    tx.commit().await?;
    Ok(report(&reading, &summary, state, Some(hash), outcome.brakes, version))
}

/// Begins the transaction that ends a run, unless somebody took the run for dead meanwhile: a lock
/// session that is lost lets another run begin, which clears away what this one drafted.
async fn begin(reading: &Reading<'_>) -> Result<Tx, RunError> {
    let Running { hub, tenant, source, run, .. } = reading.running;
    let mut tx = hub.db.write().await?;
    if draft::is_reading(&mut tx, tenant, run).await? {
        return Ok(tx);
    }
    Err(RunError::UnderWay { key: source.text.key.clone() })
}

/// Keeps what the run set aside. Only the newest input tells what is wrong now.
async fn quarantine_all(
    tx: &mut Tx,
    reading: &Reading<'_>,
    quarantined: Vec<Quarantined>,
) -> Result<(), RunError> {
    let Running { tenant, source, run, .. } = reading.running;
    match reading.span {
        Span::Since(_) => {
            for kind in Kind::ALL {
                let back = reading.taken_back.iter().filter(|it| it.0 == kind);
                let back: Vec<i64> = back.map(|it| it.1).collect();
                quarantine::release(tx, tenant, source.no, kind, &back).await?;
            }
            if source.text.mode != Mode::Delta {
                quarantine::forget_keyless(tx, tenant, source.no, run).await?;
            }
            Ok(quarantine::put(tx, tenant, source.no, quarantined).await?)
        }
        Span::Between(..) => Ok(()),
    }
}

/// Marks held plans whose place this one takes: those of inputs that say less than this one, which
/// is the newest and speaks for everybody, and of a record that was sent once more that of what it
/// said before. Changes that a later input does not mention stay held.
async fn supersede(tx: &mut Tx, reading: &Reading<'_>, summary: &Summary) -> Result<(), RunError> {
    let is_record = matches!(reading.running.input.content, Content::Record(_));
    if is_record || (summary.settled.is_newest && summary.settled.speaks_for_all) {
        superseded::mark(tx, reading.running).await?;
    }
    Ok(())
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
    let outcome = Outcome { brakes: Vec::new(), speaks_for_all: false };
    let summary = summary(&reading, read, &outcome);
    let mut tx = hub.db.write().await?;
    plan::delete_items(&mut tx, tenant, run).await?;
    finish_unchanged(&mut tx, hub, tenant, run, &summary).await?;
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

/// Writes down that a run found nothing to plan.
pub(super) async fn finish_unchanged(
    tx: &mut Tx,
    hub: &Hub,
    tenant: TenantId,
    run: RunNo,
    summary: &Summary,
) -> Result<(), RunError> {
    let finish = finish(hub, summary, runs::RunState::Unchanged, None);
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
    let Settled { is_newest, settles_epochs, epoch, .. } = summary.settled;
    // A held plan of changes may be released after a newer one was applied.
    let newer = source.applied.as_ref().filter(|it| it.date > summary.date);
    if is_newest && newer.is_none() {
        let applied = Applied {
            run,
            name: last_name(source, summary),
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

/// The name that tells how far the source was read. A correction without a date in its name leaves
/// that of the file it corrects standing: the next file is picked by it.
fn last_name(source: &Source, summary: &Summary) -> String {
    let naming = source.naming();
    let corrected = source
        .applied
        .as_ref()
        .filter(|it| it.date == summary.date && naming.exported_at(&it.name).is_some())
        .filter(|_| naming.exported_at(&summary.input).is_none());
    corrected.map_or_else(|| summary.input.clone(), |it| it.name.clone())
}

fn finish(
    hub: &Hub,
    summary: &Summary,
    state: runs::RunState,
    plan_hash: Option<[u8; 32]>,
) -> Finish {
    let Counts { read, unchanged, quarantined, parsed, .. } = summary.counts;
    let (applied, held) = match state {
        runs::RunState::Held => summary.counts.while_held(),
        runs::RunState::Applied
        | runs::RunState::Unchanged
        | runs::RunState::Reading
        | runs::RunState::Refused => summary.counts.when_applied(),
    };
    let gone = summary.gone;
    Finish {
        state,
        finished_at: hub.clock.now(),
        input_mac: Some(summary.input_mac),
        plan_hash,
        counts: runs::Counts { read, applied, unchanged, held, quarantined, gone, parsed },
        detail: json!({
            "snapshot": summary.settled.is_newest && summary.settled.speaks_for_all,
            "units": summary.counts.units,
            "file": summary.file,
        }),
    }
}

fn summary(reading: &Reading<'_>, read: &ReadThrough, outcome: &Outcome) -> Summary {
    let Running { hub, source, input, .. } = reading.running;
    let mut summary = Summary {
        source: source.text.key.clone(),
        input: input.name.clone(),
        path: input.path().to_owned(),
        date: input.date(),
        exported_at: input.exported_at,
        file: input.stamp,
        input_mac: hub.keys.input_mac(read.input_digest),
        counts: reading.counts,
        gone: 0,
        units: ByReason::default(),
        employments: ByReason::default(),
        others: BTreeMap::new(),
        by_unit: Vec::new(),
        protects: Vec::new(),
        protection_lost: Vec::new(),
        configured: source.configured,
        is_first_load: false,
        settled: Settled {
            is_newest: matches!(reading.span, Span::Since(_)),
            settles_epochs: outcome.speaks_for_all && matches!(reading.span, Span::Since(_)),
            speaks_for_all: outcome.speaks_for_all,
            follows: source.applied.as_ref().map(|it| it.run),
            epoch: source.epoch,
        },
        undoes: None,
    };
    summary.take_figures(&reading.figures);
    summary
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
    report.set_aside = reading.aside.named().to_vec();
    report.notes.clone_from(&reading.notes);
    report.notes.extend(reading.masked.note());
    report
}
