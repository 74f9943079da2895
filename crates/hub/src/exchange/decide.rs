//! Deciding on held plans: releasing, rejecting, releasing in part.

use super::apply;
use super::conclude::settle;
use super::first::{self, Released};
use super::hash;
use super::input::{Dated, Input};
use super::item::{PART_ITEM, Planned};
use super::judge;
use super::plan::{PlanError, Shown, find, show, summary, tripped};
use super::progress::Progress;
use super::report::{RunReport, RunState};
use super::run::{Intent, RunError, Running};
use super::source::Source;
use super::summary::Summary;
use crate::Hub;
use crate::hex::hex;
use crate::people::roster;
use kobling_domain::exchange::Reason;
use kobling_domain::exchange::brake::{Brake, Tripped};
use kobling_domain::id::{RunNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::{RunLock, Tx, run_lock};
use kobling_store::exchange::draft;
use kobling_store::exchange::plan::{self, Plan, PlanState};
use serde_json::json;
use std::collections::BTreeSet;

/// Items read at once.
const PAGE_ITEMS: u32 = 1_000;

/// Who decides on a plan, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Applies a held plan, exactly as it was shown. Refuses, and changes nothing, if the ledger or
/// the source's configuration has moved on.
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
    progress: &dyn Progress,
) -> Result<RunReport, PlanError> {
    let decided = decided(hub, decision)?;
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let plan = held(&mut tx, tenant, &plan).await?;
    let source = Source::load(&mut tx, tenant, &summary.source).await?;
    if source.configured != summary.configured {
        return Err(PlanError::Reconfigured { key: summary.source });
    }
    // What changes only what it mentions is guarded by the claims it replaces. The others also
    // rest on what the last applied input did not change.
    let rests_on_last = summary.settled.speaks_for_all || !summary.settled.is_newest;
    if rests_on_last && source.applied.as_ref().map(|it| it.run) != summary.settled.follows {
        return Err(PlanError::MovedOn { hash: hex(&plan.hash), key: summary.source });
    }
    if summary.is_first_load {
        drop(tx);
        let released = (hub, tenant, &source, &plan);
        return release_first(released, &summary, decided, progress).await;
    }
    if hash::of_stored(&mut tx, tenant, plan.run).await? != plan.hash {
        return Err(PlanError::Tampered { hash: hex(&plan.hash) });
    }
    let version = apply::apply(hub, &mut tx, tenant, &source, plan.run, progress)
        .await
        .map_err(RunError::Apply)?;
    let step = (PlanState::Held, PlanState::Applied);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    settle(&mut tx, hub, tenant, &source, plan.run, &summary, Some(plan.hash)).await?;
    write_audit(&mut tx, tenant, "plan.release", &plan, &decided).await?;
    tx.commit().await?;
    let (hash, version) = (Some(plan.hash), Some(version));
    let mut report = summary.report(RunState::Applied, hash, tripped(&plan)?, version);
    roster::follow(hub, tenant, &mut report, progress).await;
    Ok(report)
}

/// Puts a held plan aside for good.
pub async fn reject(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Shown, PlanError> {
    let decided = decided(hub, decision)?;
    let found = find(&mut hub.db.read().await?, tenant, hash).await?;
    let _lock = lock(hub, tenant, &found, &summary(&found)?).await?;
    let mut tx = hub.db.write().await?;
    let plan = held(&mut tx, tenant, &found).await?;
    let step = (PlanState::Held, PlanState::Rejected);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    plan::delete_items(&mut tx, tenant, plan.run).await?;
    write_audit(&mut tx, tenant, "plan.reject", &plan, &decided).await?;
    tx.commit().await?;
    show(hub, tenant, &hex(&plan.hash), 0).await
}

/// What is left of a plan without what a brake holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Its hash.
    pub hash: String,
    /// The brakes that hold it still.
    pub brakes: Vec<Brake>,
}

/// Makes a plan of the items of a held plan without those that `brake` holds, under a hash of its
/// own, in the place of it. Everything that is no longer mentioned is left out with them, wherever
/// it was: an annulled item does not tell its unit. The caller releases the rest by its hash,
/// unless other brakes hold it.
pub async fn except(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    brake: &str,
) -> Result<Rest, PlanError> {
    let brake = Brake::from_name(brake).ok_or_else(|| PlanError::UnknownBrake {
        brake: brake.to_owned(),
        known: Brake::ALL.map(Brake::name).join(", "),
    })?;
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let mut summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let mut plan = held(&mut tx, tenant, &plan).await?;
    let held_by = tripped(&plan)?.into_iter().find(|it| it.brake == brake);
    let Some(held_by) = held_by else {
        let why = "this brake does not hold it";
        return Err(PlanError::NotSeparable { hash: hex(&plan.hash), brake, why });
    };
    if let Some(why) = inseparable(brake, &summary) {
        return Err(PlanError::NotSeparable { hash: hex(&plan.hash), brake, why });
    }
    let (_, tree) = judge::organisation(&mut tx, tenant, plan.source, summary.date).await?;
    let emptied: BTreeSet<NativeKey> = if brake == Brake::UnitEmptied {
        tree.subtrees(&held_by.items.into_iter().collect())
    } else {
        BTreeSet::new()
    };
    let withdrawn = withdraw(hub, &mut tx, tenant, plan.run, &emptied).await?;
    for (kind, reason) in &withdrawn {
        let counts = match kind {
            Kind::Unit => &mut summary.units,
            Kind::Employment | Kind::Person | Kind::Position => &mut summary.employments,
        };
        if let Some(count) = counts.0.get_mut(reason) {
            *count = count.saturating_sub(1);
        }
    }
    summary.gone = 0;
    // What is still missing is for the next complete input to say.
    summary.settled.settles_epochs = false;
    let left: Vec<Tripped> = tripped(&plan)?
        .into_iter()
        .filter(|it| !matches!(it.brake, Brake::Gone | Brake::RootMissing) && it.brake != brake)
        .collect();
    plan.hash = hash::of_stored(&mut tx, tenant, plan.run).await?;
    let unwritable = |source| PlanError::Unreadable { hash: hex(&plan.hash), source };
    plan.summary = serde_json::to_value(&summary).map_err(unwritable)?;
    plan.brakes = serde_json::to_value(&left).map_err(unwritable)?;
    plan::put(&mut tx, tenant, &plan).await?;
    tx.commit().await?;
    Ok(Rest { hash: hex(&plan.hash), brakes: left.iter().map(|it| it.brake).collect() })
}

/// Why a plan cannot do without what a brake holds, if it cannot.
fn inseparable(brake: Brake, summary: &Summary) -> Option<&'static str> {
    match brake {
        Brake::Gone | Brake::RootMissing | Brake::UnitEmptied => {
            summary.is_first_load.then_some("it is a first load")
        }
        Brake::FewerRecords | Brake::OlderThanApplied | Brake::SameNameOtherBytes => {
            Some("the brake is about the file as a whole; release or reject it")
        }
        Brake::UnitMoved | Brake::ProtectionLost | Brake::ManagerTreeBroken => {
            Some("other changes may rest on what it holds; release or reject it")
        }
        Brake::MassInactivation => Some("it holds deliveries, not plans"),
    }
}

/// Takes out of a plan all items about what the input no longer mentions, and all that take
/// somebody out of one of the `emptied` units.
async fn withdraw(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    emptied: &BTreeSet<NativeKey>,
) -> Result<Vec<(Kind, Reason)>, PlanError> {
    let (mut withdrawn, mut after) = (Vec::new(), None);
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(withdrawn) };
        after = Some((last.kind, last.native_no, last.part));
        for it in page.iter().filter(|it| it.part == PART_ITEM) {
            let planned = Planned::open(&hub.keys, tenant, run, it).map_err(RunError::Item)?;
            if planned.is_about_gone() || leaves(&planned, emptied) {
                draft::withdraw(tx, tenant, run, it.kind, it.native_no).await?;
                withdrawn.push((it.kind, planned.item.reason));
            }
        }
    }
}

/// Whether an item takes an employment out of one of `units`: it was there, and is there no more
/// on the day from which the change counts.
fn leaves(planned: &Planned, units: &BTreeSet<NativeKey>) -> bool {
    let item = &planned.item;
    let is_in = |slice: &Slice<State>| {
        let unit = slice.state.text(Field::EmploymentUnit).map(NativeKey::text);
        unit.is_some_and(|unit| units.contains(&unit))
    };
    let (after, before): (Vec<_>, Vec<_>) =
        item.written.iter().partition(|it| it.validity.contains(item.effective));
    before.iter().any(|it| is_in(it)) && !after.iter().any(|it| is_in(it))
}

async fn release_first(
    (hub, tenant, source, plan): (&Hub, TenantId, &Source, &Plan),
    summary: &Summary,
    decided: plan::Decision,
    progress: &dyn Progress,
) -> Result<RunReport, PlanError> {
    let input = Input {
        path: summary.path.clone(),
        name: summary.input.clone(),
        exported_at: summary.exported_at,
        dated: Dated::ByName,
    };
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

async fn held(tx: &mut Tx, tenant: TenantId, plan: &Plan) -> Result<Plan, PlanError> {
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

async fn lock(
    hub: &Hub,
    tenant: TenantId,
    plan: &Plan,
    summary: &Summary,
) -> Result<RunLock, PlanError> {
    let under_way = || RunError::UnderWay { key: summary.source.clone() };
    let lock = run_lock(&hub.db, tenant, plan.source).await?;
    Ok(lock.ok_or_else(under_way)?)
}

fn decided(hub: &Hub, decision: &Decision<'_>) -> Result<plan::Decision, PlanError> {
    let Decision { by, reason } = decision;
    if by.trim().is_empty() || reason.trim().is_empty() {
        return Err(PlanError::Undecided);
    }
    Ok(plan::Decision { by: (*by).to_owned(), reason: (*reason).to_owned(), at: hub.clock.now() })
}

pub(super) async fn write_audit(
    tx: &mut Tx,
    tenant: TenantId,
    action: &str,
    plan: &Plan,
    decided: &plan::Decision,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at: decided.at,
        who: decided.by.clone(),
        action: action.to_owned(),
        detail: json!({ "plan": hex(&plan.hash), "reason": decided.reason }),
    };
    audit::write(tx, tenant, &entry).await
}
