//! Stored plans: looking at them, releasing them, rejecting them.

use super::apply;
use super::conclude::settle;
use super::figures::{ByReason, UnitChange};
use super::first::{self, Released};
use super::hash;
use super::input::{Dated, Input};
use super::item::{PART_ITEM, Planned};
use super::progress::Progress;
use super::report::{RunReport, RunState};
use super::run::{Intent, RunError, Running};
use super::source::Source;
use super::summary::Summary;
use crate::Hub;
use crate::hex::hex;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::Reason;
use kobling_domain::exchange::brake::{Brake, Tripped};
use kobling_domain::id::{RunNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey};
use kobling_domain::time::Validity;
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::{Tx, run_lock};
use kobling_store::exchange::plan::{self, Plan, PlanState};
use kobling_store::exchange::{draft, source as sources};
use serde::Serialize;
use serde_json::json;

/// Plans of a source that are looked through.
const PLANS_MAX: u32 = 500;
/// Items read at once.
const PAGE_ITEMS: u32 = 1_000;
/// The fewest characters of a hash that name a plan.
const HASH_CHARACTERS_MIN: usize = 6;

/// Why a plan cannot be shown or decided on.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No such plan.
    #[error("there is no plan {hash}; `kobling plan list` lists them")]
    Unknown {
        /// The hash as given.
        hash: String,
    },
    /// Several plans begin so.
    #[error("several plans begin with {hash}; give more of the hash")]
    Ambiguous {
        /// The hash as given.
        hash: String,
    },
    /// It is no longer held.
    #[error("plan {hash} is {state}, not held; there is nothing to decide")]
    NotHeld {
        /// Its hash.
        hash: String,
        /// What it is.
        state: &'static str,
    },
    /// The source was configured otherwise since.
    #[error("source {key:?} was configured otherwise since the plan was made; run it again")]
    Reconfigured {
        /// The source.
        key: String,
    },
    /// The stored items are not those that were shown.
    #[error("the stored items of plan {hash} are not those it was named for; nothing was applied")]
    Tampered {
        /// Its hash.
        hash: String,
    },
    /// The file is no longer the one that was read.
    #[error("{path} no longer says what plan {hash} was made of; run the source again")]
    OtherFile {
        /// The plan.
        hash: String,
        /// The file.
        path: String,
    },
    /// No such brake.
    #[error("{brake:?} is no brake; there is: {known}")]
    UnknownBrake {
        /// As given.
        brake: String,
        /// All brakes.
        known: String,
    },
    /// A plan cannot do without what this brake holds.
    #[error("plan {hash} cannot be applied except {brake}: {why}")]
    NotSeparable {
        /// The plan.
        hash: String,
        /// The brake.
        brake: Brake,
        /// Why.
        why: &'static str,
    },
    /// The stored summary cannot be read.
    #[error("what is stored of plan {hash} cannot be read")]
    Unreadable {
        /// The plan.
        hash: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Applying failed.
    #[error("the plan was not applied")]
    Run(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A plan in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its hash.
    pub plan: String,
    /// `held`, `applied` and so on.
    pub state: &'static str,
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// The date for which it speaks.
    pub date: Date,
    /// Changes of units.
    pub units: u64,
    /// Changes of employments.
    pub employments: u64,
    /// Names of the brakes that held it.
    pub brakes: Vec<Brake>,
}

/// A plan in figures, per unit, and by name if wanted.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its hash.
    pub plan: String,
    /// `held`, `applied` and so on.
    pub state: &'static str,
    /// The source's key.
    pub source: String,
    /// The input's name.
    pub input: String,
    /// The date for which it speaks.
    pub date: Date,
    /// Changes of units by reason.
    pub units: ByReason,
    /// Changes of employments by reason.
    pub employments: ByReason,
    /// What happens to the people of each unit, the largest losses first.
    pub by_unit: Vec<(NativeKey, UnitChange)>,
    /// What held it.
    pub brakes: Vec<Tripped>,
    /// Who decided, when and why.
    pub decided: Option<Decided>,
    /// The changes one by one.
    pub items: Vec<ShownItem>,
}

/// A person's word on a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// One change of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct ShownItem {
    /// What it is about.
    pub kind: Kind,
    /// The source's key of it.
    pub native: NativeKey,
    /// Why.
    pub reason: Reason,
    /// The day from which it counts.
    pub effective: Date,
    /// A name to know it by.
    pub name: Option<String>,
    /// The days that are written.
    pub written: Vec<Validity>,
}

/// Who decides on a plan, and why.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// All plans, the latest first.
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<Listed>, PlanError> {
    let mut tx = hub.db.read().await?;
    let mut listed = Vec::new();
    for plan in all(&mut tx, tenant).await? {
        let summary = summary(&plan)?;
        let brakes: Vec<Tripped> = tripped(&plan)?;
        listed.push(Listed {
            plan: hex(&plan.hash),
            state: plan.state.name(),
            source: summary.source,
            input: summary.input,
            date: summary.date,
            units: summary.units.0.values().sum(),
            employments: summary.employments.0.values().sum(),
            brakes: brakes.iter().map(|it| it.brake).collect(),
        });
    }
    Ok(listed)
}

/// One plan; with its changes one by one if `items_max` is more than 0.
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    items_max: usize,
) -> Result<Shown, PlanError> {
    let mut tx = hub.db.read().await?;
    let plan = find(&mut tx, tenant, hash).await?;
    let summary = summary(&plan)?;
    let mut by_unit = summary.by_unit;
    by_unit.sort_by_key(|(unit, it)| (std::cmp::Reverse(it.left), unit.clone()));
    Ok(Shown {
        plan: hex(&plan.hash),
        state: plan.state.name(),
        source: summary.source,
        input: summary.input,
        date: summary.date,
        units: summary.units,
        employments: summary.employments,
        by_unit,
        brakes: tripped(&plan)?,
        items: items(hub, &mut tx, tenant, plan.run, items_max).await?,
        decided: plan.decision.map(|it| Decided { by: it.by, reason: it.reason, at: it.at }),
    })
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
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let plan = held(&mut tx, tenant, &plan).await?;
    let source = Source::load(&mut tx, tenant, &summary.source).await?;
    if source.configured != summary.configured {
        return Err(PlanError::Reconfigured { key: summary.source });
    }
    let decided = decided(hub, decision);
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
    Ok(summary.report(RunState::Applied, hash, tripped(&plan)?, version))
}

/// Puts a held plan aside for good.
pub async fn reject(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Shown, PlanError> {
    let mut tx = hub.db.write().await?;
    let found = find(&mut tx, tenant, hash).await?;
    let plan = held(&mut tx, tenant, &found).await?;
    let decided = decided(hub, decision);
    let step = (PlanState::Held, PlanState::Rejected);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    plan::delete_items(&mut tx, tenant, plan.run).await?;
    write_audit(&mut tx, tenant, "plan.reject", &plan, &decided).await?;
    tx.commit().await?;
    show(hub, tenant, &hex(&plan.hash), 0).await
}

/// Makes a plan of all items of a held plan but those that `brake` holds, under a hash of its
/// own, in the place of it. The caller releases it by that hash.
pub async fn except(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    brake: &str,
) -> Result<String, PlanError> {
    let brake = Brake::from_name(brake).ok_or_else(|| PlanError::UnknownBrake {
        brake: brake.to_owned(),
        known: Brake::ALL.map(Brake::name).join(", "),
    })?;
    let plan = find(&mut hub.db.read().await?, tenant, hash).await?;
    let mut summary = summary(&plan)?;
    let _lock = lock(hub, tenant, &plan, &summary).await?;
    let mut tx = hub.db.write().await?;
    let mut plan = held(&mut tx, tenant, &plan).await?;
    let why = match brake {
        Brake::Gone | Brake::RootMissing | Brake::UnitEmptied if !summary.is_first_load => None,
        Brake::Gone | Brake::RootMissing | Brake::UnitEmptied => Some("it is a first load"),
        Brake::FewerRecords | Brake::OlderThanApplied | Brake::SameNameOtherBytes => {
            Some("the brake is about the file as a whole; release or reject it")
        }
        Brake::UnitMoved | Brake::ProtectionLost | Brake::ManagerTreeBroken => {
            Some("other changes may rest on what it holds; release or reject it")
        }
        Brake::MassInactivation => Some("it holds deliveries, not plans"),
    };
    if let Some(why) = why {
        return Err(PlanError::NotSeparable { hash: hex(&plan.hash), brake, why });
    }
    let withdrawn = withdraw_gone(hub, &mut tx, tenant, plan.run).await?;
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
    plan.hash = hash::of_stored(&mut tx, tenant, plan.run).await?;
    let unwritable = |source| PlanError::Unreadable { hash: hex(&plan.hash), source };
    plan.summary = serde_json::to_value(&summary).map_err(unwritable)?;
    plan::put(&mut tx, tenant, &plan).await?;
    tx.commit().await?;
    Ok(hex(&plan.hash))
}

/// Takes all items about what the input no longer mentions out of a plan.
async fn withdraw_gone(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
) -> Result<Vec<(Kind, Reason)>, PlanError> {
    let (mut withdrawn, mut after) = (Vec::new(), None);
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(withdrawn) };
        after = Some((last.kind, last.native_no, last.part));
        for it in page.iter().filter(|it| it.part == PART_ITEM) {
            let planned = Planned::open(&hub.keys, tenant, run, it).map_err(RunError::Item)?;
            if planned.is_about_gone() {
                draft::withdraw(tx, tenant, run, it.kind, it.native_no).await?;
                withdrawn.push((it.kind, planned.item.reason));
            }
        }
    }
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
    let report = first::load_released(running, Released::Plan(plan.hash)).await?;
    let mut tx = hub.db.write().await?;
    if report.state != RunState::Applied {
        let (hash, path) = (hex(&plan.hash), summary.path.display().to_string());
        return Err(PlanError::OtherFile { hash, path });
    }
    let step = (PlanState::Applied, PlanState::Applied);
    plan::decide(&mut tx, tenant, plan.run, step, Some(&decided)).await?;
    write_audit(&mut tx, tenant, "plan.release", plan, &decided).await?;
    tx.commit().await?;
    Ok(report)
}

async fn items(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    items_max: usize,
) -> Result<Vec<ShownItem>, PlanError> {
    let (mut shown, mut after) = (Vec::new(), None);
    while shown.len() < items_max {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.kind, last.native_no, last.part));
        for it in page.iter().filter(|it| it.part == PART_ITEM) {
            let planned = Planned::open(&hub.keys, tenant, run, it).map_err(RunError::Item)?;
            shown.push(shown_item(&planned));
        }
    }
    shown.truncate(items_max);
    Ok(shown)
}

fn shown_item(planned: &Planned) -> ShownItem {
    let item = &planned.item;
    let state = item.written.last().map(|it| &it.state);
    let name = state.and_then(|state| {
        let text = |field| state.text(field).map(str::to_owned);
        match item.kind {
            Kind::Unit => text(Field::UnitName),
            Kind::Employment | Kind::Person | Kind::Position => {
                let names = [text(Field::PersonFirstName), text(Field::PersonLastName)];
                let names: Vec<String> = names.into_iter().flatten().collect();
                Some(names.join(" ")).filter(|it| !it.is_empty())
            }
        }
    });
    ShownItem {
        kind: item.kind,
        native: item.native.clone(),
        reason: item.reason,
        effective: item.effective,
        name,
        written: item.written.iter().map(|it| it.validity).collect(),
    }
}

async fn all(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Plan>, StoreError> {
    let mut plans = Vec::new();
    for source in sources::list(tx, tenant).await? {
        plans.extend(plan::list(tx, tenant, source.no, PLANS_MAX).await?);
    }
    plans.sort_by_key(|it| std::cmp::Reverse(it.run));
    Ok(plans)
}

/// The plan whose hash begins so. Of several with the very same hash, the latest.
async fn find(tx: &mut Tx, tenant: TenantId, hash: &str) -> Result<Plan, PlanError> {
    let begin = hash.to_ascii_lowercase();
    let mut plans = all(tx, tenant).await?;
    plans.retain(|it| hex(&it.hash).starts_with(&begin));
    let Some(first) = plans.first().filter(|_| begin.len() >= HASH_CHARACTERS_MIN) else {
        return Err(PlanError::Unknown { hash: hash.to_owned() });
    };
    if plans.iter().any(|it| it.hash != first.hash) {
        return Err(PlanError::Ambiguous { hash: hash.to_owned() });
    }
    Ok(first.clone())
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
) -> Result<kobling_store::engine::RunLock, PlanError> {
    let under_way = || RunError::UnderWay { key: summary.source.clone() };
    let lock = run_lock(&hub.db, tenant, plan.source).await?;
    Ok(lock.ok_or_else(under_way)?)
}

fn summary(plan: &Plan) -> Result<Summary, PlanError> {
    serde_json::from_value(plan.summary.clone())
        .map_err(|source| PlanError::Unreadable { hash: hex(&plan.hash), source })
}

fn tripped(plan: &Plan) -> Result<Vec<Tripped>, PlanError> {
    serde_json::from_value(plan.brakes.clone())
        .map_err(|source| PlanError::Unreadable { hash: hex(&plan.hash), source })
}

fn decided(hub: &Hub, decision: &Decision<'_>) -> plan::Decision {
    plan::Decision {
        by: decision.by.to_owned(),
        reason: decision.reason.to_owned(),
        at: hub.clock.now(),
    }
}

async fn write_audit(
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
