//! What the brakes look at, gathered from the plan's figures and the ledger.

use super::figures::{Above, Figures};
use super::run::RunError;
use super::source::Source;
use jiff::civil::Date;
use kobling_domain::exchange::brake::{
    self, Gone, KnownName, PlanFigures, Tripped, UnitPeople, emptied,
};
use kobling_domain::id::{SubjectNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey, Tree};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::census;
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// So many of the last runs tell how many records are usual.
const USUAL_RUNS: u32 = 5;
/// Units asked for at once.
const PAGE_UNITS: usize = 1_000;

/// What is known of the input itself.
pub(super) struct InputFacts {
    pub(super) date: Date,
    pub(super) older_than: Option<Date>,
    pub(super) known_name: KnownName,
    pub(super) records: u64,
    /// Whether it speaks about what it does not mention.
    pub(super) is_snapshot: bool,
    pub(super) root_missing: Option<NativeKey>,
}

/// A unit on the input's date, before the plan.
struct UnitNow {
    name: String,
    parent: Option<NativeKey>,
}

type Units = BTreeMap<NativeKey, UnitNow>;

/// The brakes that hold a plan with these figures.
pub(super) async fn judge(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    figures: &Figures,
    facts: InputFacts,
) -> Result<Vec<Tripped>, RunError> {
    let mut plan = PlanFigures {
        day: Some(facts.date),
        last_applied: facts.older_than,
        known_name: facts.known_name,
        records: facts.records,
        units: figures.units_gone.clone(),
        employments: figures.employments_gone.clone(),
        root_missing: facts.root_missing.or_else(|| figures.root_gone.clone()),
        protection_lost: figures.protection_lost.clone(),
        ..PlanFigures::default()
    };
    if facts.is_snapshot {
        plan.records_before = census::last_reads(ledger, tenant, source.no, USUAL_RUNS).await?;
    }
    for (kind, gone) in [(Kind::Unit, &mut plan.units), (Kind::Employment, &mut plan.employments)] {
        if gone.gone > 0 {
            gone.open = census::open(ledger, tenant, source.no, kind, facts.date).await?;
        }
    }
    let somebody_leaves = figures.by_unit.values().any(|it| it.left > 0);
    if somebody_leaves || !figures.parents.is_empty() {
        let units = units_now(ledger, tenant, source, facts.date).await?;
        let tree = Tree::new(units.iter().map(|(key, it)| (key.clone(), it.parent.clone())));
        plan.tree_faults = new_faults(&tree, figures);
        plan.employments_below =
            gone_below(ledger, tenant, source, figures, &tree, facts.date).await?;
        plan.emptied =
            emptied_units(ledger, tenant, source, figures, &units, &tree, facts.date).await?;
        plan.moved =
            moved_units(ledger, tenant, source, figures, &units, &tree, facts.date).await?;
    }
    Ok(brake::check(&source.text.brakes, &plan))
}

async fn units_now(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    date: Date,
) -> Result<Units, RunError> {
    let version = tenant::version(ledger, tenant).await?;
    let claims = claim::of_units(ledger, tenant, version).await?;
    let now =
        claims.into_iter().filter(|it| it.source == source.no && it.slice.validity.contains(date));
    let mut by_subject: BTreeMap<SubjectNo, Claim> = now.map(|it| (it.subject, it)).collect();
    let subjects: Vec<SubjectNo> = by_subject.keys().copied().collect();
    let mut units = Units::new();
    for page in subjects.chunks(PAGE_UNITS) {
        for unit in subject::by_no(ledger, tenant, page).await? {
            let (Some(key), Some(claim)) = (unit.native, by_subject.remove(&unit.no)) else {
                continue;
            };
            let text = |field| claim.slice.state.text(field);
            let name = text(Field::UnitName).unwrap_or_default().to_owned();
            let parent = text(Field::UnitParent).map(NativeKey::text);
            units.insert(key, UnitNow { name, parent });
        }
    }
    Ok(units)
}

/// Faults of the tree after the plan that it does not have before.
fn new_faults(tree: &Tree<NativeKey>, figures: &Figures) -> Vec<String> {
    if figures.parents.is_empty() {
        return Vec::new();
    }
    let mut after: BTreeMap<NativeKey, Option<NativeKey>> =
        tree.units().map(|unit| (unit.clone(), tree.named_parent(unit).cloned())).collect();
    for (unit, above) in &figures.parents {
        match above {
            None => drop(after.remove(unit)),
            Some(Above::Root) => drop(after.insert(unit.clone(), None)),
            Some(Above::Unit(parent)) => drop(after.insert(unit.clone(), Some(parent.clone()))),
        }
    }
    let before: BTreeSet<_> = tree.faults().into_iter().collect();
    let after = Tree::new(after).faults();
    after.iter().filter(|it| !before.contains(it)).map(ToString::to_string).collect()
}

/// Units that have people and would have none, in them or below.
async fn emptied_units(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    figures: &Figures,
    units: &Units,
    tree: &Tree<NativeKey>,
    date: Date,
) -> Result<Vec<UnitPeople>, RunError> {
    let left: Vec<NativeKey> = figures
        .by_unit
        .iter()
        .filter(|(_, it)| it.left > it.joined)
        .map(|(unit, _)| unit.clone())
        .collect();
    let had = people(ledger, tenant, source, &left, date).await?;
    let loses_all = left.iter().any(|unit| {
        let change = figures.by_unit.get(unit).copied().unwrap_or_default();
        let had = had.get(unit).copied().unwrap_or_default();
        had > 0 && had + change.joined <= change.left
    });
    if !loses_all {
        return Ok(Vec::new());
    }
    let all: Vec<NativeKey> = units.keys().cloned().collect();
    let before = people(ledger, tenant, source, &all, date).await?;
    let mut after = before.clone();
    for (unit, change) in &figures.by_unit {
        let count = after.entry(unit.clone()).or_default();
        *count = (*count + change.joined).saturating_sub(change.left);
    }
    let emptied = emptied(tree, &before, &after);
    Ok(emptied.into_iter().map(|(unit, people)| unit_people(units, unit, people)).collect())
}

/// Employments gone below each unit that has a limit of its own.
async fn gone_below(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    figures: &Figures,
    tree: &Tree<NativeKey>,
    date: Date,
) -> Result<BTreeMap<NativeKey, Gone>, RunError> {
    let mut all = BTreeMap::new();
    for top in source.text.brakes.employments_gone_below.keys() {
        let below = tree.subtrees(&BTreeSet::from([top.clone()]));
        let gone = below.iter().filter_map(|unit| figures.gone_by_unit.get(unit)).sum();
        let below: Vec<NativeKey> = below.into_iter().collect();
        let open = people(ledger, tenant, source, &below, date).await?.values().sum();
        all.insert(top.clone(), Gone { open, gone, items: Vec::new() });
    }
    Ok(all)
}

async fn moved_units(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    figures: &Figures,
    units: &Units,
    tree: &Tree<NativeKey>,
    date: Date,
) -> Result<Vec<UnitPeople>, RunError> {
    let mut moved = Vec::new();
    for unit in &figures.units_moved {
        let below = tree.subtrees(&BTreeSet::from([unit.clone()]));
        let below: Vec<NativeKey> = below.into_iter().collect();
        let people = people(ledger, tenant, source, &below, date).await?;
        moved.push(unit_people(units, unit.clone(), people.values().sum()));
    }
    Ok(moved)
}

fn unit_people(units: &Units, unit: NativeKey, people: u64) -> UnitPeople {
    let name = units.get(&unit).map(|it| it.name.clone()).unwrap_or_default();
    UnitPeople { unit, name, people }
}

/// How many employments are in each of `units` on `date`, before the plan.
async fn people(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    units: &[NativeKey],
    date: Date,
) -> Result<BTreeMap<NativeKey, u64>, RunError> {
    let mut counts = BTreeMap::new();
    for page in units.chunks(PAGE_UNITS) {
        let keys: Vec<SubjectKey> = page.iter().cloned().map(SubjectKey::Native).collect();
        let issuer = Issuer::Source(source.no);
        let found = subject::by_key(ledger, tenant, issuer, Kind::Unit, &keys).await?;
        let native: BTreeMap<SubjectNo, &NativeKey> =
            found.iter().zip(page).filter_map(|(no, key)| Some(((*no)?, key))).collect();
        let subjects: Vec<SubjectNo> = native.keys().copied().collect();
        for (unit, people) in claim::people_in_units(ledger, tenant, &subjects, date).await? {
            if let Some(key) = native.get(&unit) {
                counts.insert((*key).clone(), people);
            }
        }
    }
    Ok(counts)
}
