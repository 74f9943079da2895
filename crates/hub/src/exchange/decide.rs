//! Deciding on held plans: releasing and rejecting.

use super::apply;
use super::conclude::settle;
use super::decision::Decision;
use super::drafted::Items;
use super::first::{self, Released};
use super::hash;
use super::input::{Content, Dated, Input};
use super::plan::{PlanError, Shown, find, show, summary, tripped};
use super::progress::Progress;
use super::report::{RunReport, RunState};
use super::run::{Intent, RunError, Running};
use super::source::Source;
use super::summary::Summary;
use crate::Hub;
use crate::hex::hex;
use crate::people::roster;
use crate::webhook::{self, Event};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::{RunLock, Tx, run_lock};
use kobling_store::exchange::plan::{self, Plan, PlanState};
use serde_json::json;

/// Applies a held plan, exactly as it was shown. Refuses, and changes nothing, if the ledger or
/// the source's configuration has moved on.
#[crate::boxed(?Send)]
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
    progress: &dyn Progress,
) -> Result<RunReport, PlanError> {
    let decided = decided(hub, decision);
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let plan = held(&mut tx, tenant, &plan).await?;
    let source = releasable(&mut tx, tenant, &plan, &summary).await?;
    if summary.is_first_load {
        drop(tx);
        let released = (hub, tenant, &source, &plan);
        return release_first(released, &summary, decided, progress).await;
    }
    if hash::of_stored(&mut tx, tenant, plan.run).await? != plan.hash {
        return Err(PlanError::Tampered { hash: hex(&plan.hash) });
    }
    let what = (plan.run, &summary, Items::Stored);
    let version = apply::apply(hub, &mut tx, tenant, &source, what, progress)
        .await
        .map_err(RunError::Apply)?;
    let step = (PlanState::Held, PlanState::Applied);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    settle(&mut tx, hub, tenant, &source, plan.run, &summary, Some(plan.hash)).await?;
    write_audit(&mut tx, tenant, (Verdict::Release, &summary.source), &plan, &decided).await?;
    tx.commit().await?;
    let (hash, version) = (Some(plan.hash), Some(version));
    let mut report = summary.report(RunState::Applied, hash, tripped(&plan)?, version);
    roster::follow(hub, tenant, &mut report, progress).await;
    Ok(report)
}

/// The source of a held plan, if nothing that the plan rests on has moved on.
pub(super) async fn releasable(
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    summary: &Summary,
) -> Result<Source, PlanError> {
    let source = Source::load(tx, tenant, &summary.source).await?;
    let (hash, key) = (hex(&plan.hash), summary.source.clone());
    let is_moved_on = source.applied.as_ref().map(|it| it.run) != summary.settled.follows;
    if let Some(undoes) = &summary.undoes {
        let run = undoes.run;
        return if is_moved_on { Err(PlanError::UndoMovedOn { hash, run }) } else { Ok(source) };
    }
    if source.configured != summary.configured {
        return Err(PlanError::Reconfigured { key });
    }
    // What changes only what it mentions is guarded by the claims it replaces. The others also
    // rest on what the last applied input did not change.
    let rests_on_last = summary.settled.speaks_for_all || !summary.settled.is_newest;
    if rests_on_last && is_moved_on {
        return Err(PlanError::MovedOn { hash, key });
    }
    Ok(source)
}

/// Puts a held plan aside for good.
#[crate::boxed(?Send)]
pub async fn reject(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Shown, PlanError> {
    let decided = decided(hub, decision);
    let found = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&found)?;
    let _lock = lock(hub, tenant, &found, &summary).await?;
    let mut tx = hub.db.write().await?;
    let plan = held(&mut tx, tenant, &found).await?;
    let step = (PlanState::Held, PlanState::Rejected);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    plan::delete_items(&mut tx, tenant, plan.run).await?;
    write_audit(&mut tx, tenant, (Verdict::Reject, &summary.source), &plan, &decided).await?;
    tx.commit().await?;
    show(hub, tenant, &hex(&plan.hash), 0).await
}

async fn release_first(
    (hub, tenant, source, plan): (&Hub, TenantId, &Source, &Plan),
    summary: &Summary,
    decided: plan::Decision,
    progress: &dyn Progress,
) -> Result<RunReport, PlanError> {
    let input = input_of(summary);
    let (input, intent, run) = (&input, Intent::Apply, plan.run);
    let running = Running { hub, tenant, source, input, intent, progress, run };
    let released = Released::Plan { hash: plan.hash, decided };
    let mut report = first::load_released(running, released).await?;
    if report.state != RunState::Applied {
        let (hash, path) = (hex(&plan.hash), summary.path.display().to_string());
        return Err(PlanError::OtherFile { hash, path });
    }
    roster::follow(hub, tenant, &mut report, progress).await;
    Ok(report)
}

/// The file that the plan of a first load was made of.
pub(super) fn input_of(summary: &Summary) -> Input {
    Input {
        content: Content::File(summary.path.clone()),
        name: summary.input.clone(),
        exported_at: summary.exported_at,
        dated: Dated::ByName,
        stamp: summary.file,
    }
}

pub(super) async fn held(tx: &mut Tx, tenant: TenantId, plan: &Plan) -> Result<Plan, PlanError> {
    let now = plan::by_hash(tx, tenant, &plan.hash).await?;
    let now = now.into_iter().find(|it| it.run == plan.run).unwrap_or_else(|| plan.clone());
    match now.state {
        PlanState::Held => Ok(now),
        state @ (PlanState::Draft
        | PlanState::Applied
        | PlanState::Superseded
        | PlanState::Rejected) => {
            Err(PlanError::NotHeld { hash: hex(&now.hash), state: state.name() })
        }
    }
}

pub(super) async fn lock(
    hub: &Hub,
    tenant: TenantId,
    plan: &Plan,
    summary: &Summary,
) -> Result<RunLock, PlanError> {
    let under_way = || RunError::UnderWay { key: summary.source.clone() };
    let lock = run_lock(&hub.db, tenant, plan.source).await?;
    Ok(lock.ok_or_else(under_way)?)
}

pub(super) fn decided(hub: &Hub, decision: &Decision<'_>) -> plan::Decision {
    let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
    plan::Decision { by, reason, at: hub.clock.now() }
}

/// What was decided of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Release,
    Reject,
}

/// Says in the audit, and to webhooks, what was decided.
pub(super) async fn write_audit(
    tx: &mut Tx,
    tenant: TenantId,
    (verdict, source): (Verdict, &str),
    plan: &Plan,
    decided: &plan::Decision,
) -> Result<(), StoreError> {
    let (source, hash) = (source.to_owned(), hex(&plan.hash));
    let (action, event) = match verdict {
        Verdict::Release => ("plan.release", Event::PlanReleased { source, plan: hash }),
        Verdict::Reject => ("plan.reject", Event::PlanRejected { source, plan: hash }),
    };
    let entry = audit::Entry {
        at: decided.at,
        who: decided.by.clone(),
        action: action.to_owned(),
        detail: json!({ "plan": hex(&plan.hash), "reason": decided.reason }),
    };
    audit::write(tx, tenant, &entry).await?;
    webhook::happened(tx, tenant, decided.at, &event).await
}
