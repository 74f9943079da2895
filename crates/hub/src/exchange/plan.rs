//! Stored plans: looking at them.

mod error;
mod search;

pub use error::PlanError;
pub use search::{FieldChange, FoundItem, ItemPlace, Wanted, search};

use super::figures::{ByReason, UnitChange};
use super::item::{PART_ITEM, Planned};
use super::judge;
use super::run::RunError;
use super::summary::Summary;
use super::undo::Undoes;
use crate::Hub;
use crate::hex::{from_hex, hex};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::Reason;
use kobling_domain::exchange::brake::{Brake, Tripped};
use kobling_domain::id::TenantId;
use kobling_domain::people::{Field, Kind, NativeKey};
use kobling_domain::time::{OPEN_START, Validity};
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::draft;
use kobling_store::exchange::native;
use kobling_store::exchange::plan::{self, Plan, PlanState, StoredItem};
use kobling_store::exchange::source as sources;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Plans of a source that are looked through.
const PLANS_MAX: u32 = 500;
/// Items read at once.
const PAGE_ITEMS: u32 = 1_000;
/// Persons named whom a held plan would protect.
const PROTECTS_MAX: usize = 200;
/// Plans looked at whose hashes begin alike; a plan that was made again has the same.
const SAME_BEGINNING_MAX: u32 = 100;
/// Acts looked through for a plan that stands no more.
const PARTED_MAX: u32 = 1_000;
/// The act of leaving out what a brake holds, in the audit.
pub(super) const EXCEPT: &str = "plan.except";
/// The act of applying alone what protects somebody.
pub(super) const PROTECT: &str = "plan.protect";
/// The fewest characters of a hash that name a plan.
const HASH_CHARACTERS_MIN: usize = 6;

/// A plan in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlanListed")]
pub struct Listed {
    /// Its hash.
    pub plan: String,
    /// The run that made it.
    pub run: i64,
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
    /// Changes of persons, activities, qualifications and absences.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Kind, u64>,
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
    /// The changes that newly protect an address, while the plan is held; the first ones.
    pub protects: Vec<ShownItem>,
    /// Changes of units by reason.
    pub units: ByReason,
    /// Changes of employments by reason.
    pub employments: ByReason,
    /// Changes of persons, activities, qualifications and absences by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Kind, ByReason>,
    /// What happens to the people of each unit, the largest losses first.
    pub by_unit: Vec<ShownUnit>,
    /// The run it undoes, if it was made to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Undoes>,
    /// What held it.
    pub brakes: Vec<Tripped>,
    /// Who decided, when and why.
    pub decided: Option<Decided>,
    /// The changes one by one.
    pub items: Vec<ShownItem>,
}

/// What happens to the people of one unit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlanUnit")]
pub struct ShownUnit {
    /// The source's key of it.
    pub unit: NativeKey,
    /// Its name on the input's date, as far as it is known.
    pub name: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub change: UnitChange,
}

/// A person's word on a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Decision")]
pub struct Decided {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// One change of a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PlanItem")]
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

/// All plans, the latest first.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<Listed>, PlanError> {
    let mut tx = hub.db.read().await?;
    let mut listed = Vec::new();
    for plan in all(&mut tx, tenant).await? {
        let summary = summary(&plan)?;
        let brakes: Vec<Tripped> = tripped(&plan)?;
        listed.push(Listed {
            plan: hex(&plan.hash),
            run: plan.run.0,
            state: plan.state.name(),
            source: summary.source,
            input: summary.input,
            date: summary.date,
            units: summary.units.0.values().sum(),
            employments: summary.employments.0.values().sum(),
            others: summary.others.iter().map(|(kind, it)| (*kind, it.0.values().sum())).collect(),
            brakes: brakes.iter().map(|it| it.brake).collect(),
        });
    }
    Ok(listed)
}

/// One plan; with its changes one by one if `items_max` is more than 0.
#[crate::boxed]
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    items_max: usize,
) -> Result<Shown, PlanError> {
    let mut tx = hub.db.read().await?;
    let plan = find(&mut tx, tenant, hash).await?;
    let summary = summary(&plan)?;
    let by_unit = shown_units(&mut tx, tenant, &plan, &summary).await?;
    let protects = shown_protects(hub, &mut tx, tenant, &plan, &summary).await?;
    Ok(Shown {
        plan: hex(&plan.hash),
        state: plan.state.name(),
        source: summary.source,
        input: summary.input,
        date: summary.date,
        protects,
        units: summary.units,
        employments: summary.employments,
        others: summary.others,
        by_unit,
        undoes: summary.undoes,
        brakes: tripped(&plan)?,
        items: items(hub, &mut tx, tenant, &plan, items_max).await?,
        decided: plan.decision.map(|it| Decided { by: it.by, reason: it.reason, at: it.at }),
    })
}

async fn items(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    items_max: usize,
) -> Result<Vec<ShownItem>, PlanError> {
    let run = plan.run;
    let (mut shown, mut after) = (Vec::new(), None);
    while shown.len() < items_max {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.kind, last.native_no, last.part));
        let decided: Vec<&StoredItem> = page.iter().filter(|it| it.body.is_empty()).collect();
        let mut natives = decided_natives(tx, tenant, plan, &decided).await?;
        for it in page.iter().filter(|it| it.part == PART_ITEM) {
            shown.push(if it.body.is_empty() {
                decided_item(it, natives.remove(&(it.kind, it.native_no)))
            } else {
                let planned = Planned::open(&hub.keys, tenant, run, it).map_err(RunError::Item)?;
                shown_item(&planned)
            });
        }
    }
    shown.truncate(items_max);
    Ok(shown)
}

/// Whom a held plan would protect.
async fn shown_protects(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    summary: &Summary,
) -> Result<Vec<ShownItem>, PlanError> {
    let mut shown = Vec::new();
    if plan.state != PlanState::Held {
        return Ok(shown);
    }
    let keys: Vec<NativeKey> = summary.protects.iter().take(PROTECTS_MAX).cloned().collect();
    let mut numbers: Vec<(Kind, i64)> = Vec::new();
    for kind in [Kind::Person, Kind::Employment] {
        let minted = native::numbers(tx, tenant, plan.source, kind, &keys).await?;
        numbers.extend(minted.into_values().map(|it| (kind, it)));
    }
    if numbers.is_empty() {
        let of_opus = keys.iter().filter_map(NativeKey::as_number);
        numbers.extend(of_opus.map(|it| (Kind::Employment, it)));
    }
    for (kind, number) in numbers {
        let Some(it) = draft::item(tx, tenant, plan.run, kind, number).await? else { continue };
        let planned = Planned::open(&hub.keys, tenant, plan.run, &it).map_err(RunError::Item)?;
        shown.push(shown_item(&planned));
    }
    Ok(shown)
}

/// The keys of items of which only the number is kept, where the source's keys are text.
async fn decided_natives(
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    items: &[&StoredItem],
) -> Result<BTreeMap<(Kind, i64), NativeKey>, StoreError> {
    let mut natives = BTreeMap::new();
    let kinds: BTreeSet<Kind> = items.iter().map(|it| it.kind).collect();
    for kind in kinds {
        let of_kind = items.iter().filter(|it| it.kind == kind);
        let numbers: Vec<i64> = of_kind.map(|it| it.native_no).collect();
        let found = native::keys(tx, tenant, plan.source, kind, &numbers).await?;
        natives.extend(found.into_iter().map(|(no, key)| ((kind, no), key)));
    }
    Ok(natives)
}

/// The units of a plan, by name and the largest losses first.
async fn shown_units(
    tx: &mut Tx,
    tenant: TenantId,
    plan: &Plan,
    summary: &Summary,
) -> Result<Vec<ShownUnit>, PlanError> {
    let (mut names, _) = judge::organisation(tx, tenant, plan.source, summary.date).await?;
    let shown = summary.by_unit.iter().map(|(unit, change)| ShownUnit {
        unit: unit.clone(),
        name: names.remove(unit),
        change: *change,
    });
    let mut shown: Vec<ShownUnit> = shown.collect();
    shown.sort_by_key(|it| (std::cmp::Reverse(it.change.left), it.unit.clone()));
    Ok(shown)
}

/// An item of which only whom it is about and why is kept.
fn decided_item(item: &StoredItem, native: Option<NativeKey>) -> ShownItem {
    let named = |reason: &Reason| Some(reason.name()) == item.reason.as_deref();
    ShownItem {
        kind: item.kind,
        native: native.unwrap_or_else(|| NativeKey::number(item.native_no)),
        reason: Reason::ALL.into_iter().find(named).unwrap_or(Reason::Changed),
        effective: item.effective.unwrap_or(OPEN_START),
        name: None,
        written: Vec::new(),
    }
}

fn shown_item(planned: &Planned) -> ShownItem {
    let item = &planned.item;
    let state = item.written.last().map(|it| &it.state);
    let name = state.and_then(|state| {
        let text = |field| state.text(field).map(str::to_owned);
        match item.kind {
            Kind::Unit => text(Field::UnitName),
            Kind::Activity => text(Field::ActivityName),
            Kind::Qualification => text(Field::QualificationName),
            Kind::Absence => text(Field::AbsenceKind),
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
pub(super) async fn find(tx: &mut Tx, tenant: TenantId, hash: &str) -> Result<Plan, PlanError> {
    if hash.len() < HASH_CHARACTERS_MIN {
        return Err(PlanError::TooShort { hash: hash.to_owned() });
    }
    let unknown = || PlanError::Unknown { hash: hash.to_owned() };
    let (first, last) = (filled(hash, '0').ok_or_else(unknown)?, filled(hash, 'f'));
    let last = last.ok_or_else(unknown)?;
    let mut found = plan::between(tx, tenant, &first, &last, SAME_BEGINNING_MAX).await?.into_iter();
    let Some(latest) = found.next() else {
        return Err(parted(tx, tenant, hash).await?.unwrap_or_else(unknown));
    };
    if found.any(|it| it.hash != latest.hash) {
        return Err(PlanError::Ambiguous { hash: hash.to_owned() });
    }
    Ok(latest)
}

/// The hash that begins with `begin` and goes on with the same digit.
fn filled(begin: &str, digit: char) -> Option<[u8; 32]> {
    let digits: String = begin.chars().chain(std::iter::repeat(digit)).take(64).collect();
    if begin.len() > digits.len() { None } else { from_hex(&digits) }
}

/// What became of a plan of which a part was taken out.
async fn parted(
    tx: &mut Tx,
    tenant: TenantId,
    hash: &str,
) -> Result<Option<PlanError>, StoreError> {
    let begin = hash.to_ascii_lowercase();
    for action in [EXCEPT, PROTECT] {
        for entry in audit::of_action(tx, tenant, action, PARTED_MAX).await? {
            let of = |key: &str| entry.detail.get(key)?.as_str().map(str::to_owned);
            let is_this = of("plan").is_some_and(|it| it.starts_with(&begin));
            if let Some(rest) = of("rest").filter(|_| is_this) {
                return Ok(Some(PlanError::Parted { hash: hash.to_owned(), rest, at: entry.at }));
            }
        }
    }
    Ok(None)
}

pub(super) fn summary(plan: &Plan) -> Result<Summary, PlanError> {
    serde_json::from_value(plan.summary.clone())
        .map_err(|source| PlanError::Unreadable { hash: hex(&plan.hash), source })
}

pub(super) fn tripped(plan: &Plan) -> Result<Vec<Tripped>, PlanError> {
    serde_json::from_value(plan.brakes.clone())
        .map_err(|source| PlanError::Unreadable { hash: hex(&plan.hash), source })
}
