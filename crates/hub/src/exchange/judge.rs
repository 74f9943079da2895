//! What the brakes look at, gathered from the plan's figures and the ledger.

use super::figures::{Above, Figures};
use super::run::RunError;
use super::source::Source;
use jiff::civil::Date;
use kobling_domain::exchange::brake::{
    self, Gone, KnownName, PlanFigures, Tripped, UnitPeople, emptied,
};
use kobling_domain::id::{SourceNo, SubjectNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey, Tree};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::census;
use kobling_store::exchange::run::{self as runs, RunState};
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many of the last runs tell how many records are usual.
const USUAL_RUNS: usize = 5;
/// They are looked for among so many.
const LOOKED_AT_RUNS: u32 = 30;
/// Units asked for at once.
const PAGE_UNITS: usize = 1_000;

/// What is known of the input itself.
pub(super) struct InputFacts {
    pub(super) date: Date,
    pub(super) older_than: Option<Date>,
    pub(super) known_name: KnownName,
    pub(super) records: u64,
    /// Whether nothing of its source is known yet.
    pub(super) is_first_load: bool,
    /// Whether it speaks about what it does not mention.
    pub(super) is_snapshot: bool,
    pub(super) root_missing: Option<NativeKey>,
}

/// What is judged, and the organisation it is judged by.
struct Judging<'a> {
    ledger: &'a mut Tx,
    tenant: TenantId,
    source: &'a Source,
    figures: &'a Figures,
    date: Date,
    /// Names of the units on the input's date, before the plan.
    names: BTreeMap<NativeKey, String>,
    tree: Tree<NativeKey>,
}

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
        older_than: facts.older_than,
        known_name: facts.known_name,
        records: facts.records,
        units: figures.units_gone.clone(),
        employments: figures.employments_gone.clone(),
        root_missing: facts.root_missing.or_else(|| figures.root_gone.clone()),
        protection_lost: figures.protection_lost.clone(),
        ..PlanFigures::default()
    };
    if facts.is_snapshot {
        plan.records_before = usual_reads(ledger, tenant, source.no).await?;
    }
    for (kind, gone) in [(Kind::Unit, &mut plan.units), (Kind::Employment, &mut plan.employments)] {
        if gone.gone > 0 {
            gone.open = census::open(ledger, tenant, source.no, kind, facts.date).await?;
        }
    }
    let somebody_leaves = figures.by_unit.values().any(|it| it.left > 0);
    if somebody_leaves || !figures.parents.is_empty() {
        let date = facts.date;
        // In a first load the units are in the transaction already; before it there were none.
        let (names, tree) = if facts.is_first_load {
            (BTreeMap::new(), Tree::new(BTreeMap::new()))
        } else {
            organisation(ledger, tenant, source.no, date).await?
        };
        let mut judging = Judging { ledger, tenant, source, figures, date, names, tree };
        plan.tree_faults = judging.new_faults();
        plan.employments_below = judging.gone_below().await?;
        plan.emptied = judging.emptied().await?;
        plan.moved = judging.moved().await?;
    }
    Ok(brake::check(&source.text.brakes, &plan))
}

/// How many records the last inputs had that spoke for everybody, newest first.
async fn usual_reads(
    ledger: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Vec<u64>, RunError> {
    let runs = runs::last(ledger, tenant, source, LOOKED_AT_RUNS).await?;
    let finished = runs.into_iter().filter_map(|it| it.finish);
    let usual = finished
        .filter(|it| matches!(it.state, RunState::Applied | RunState::Unchanged))
        .filter(|it| it.detail.get("snapshot") == Some(&Value::Bool(true)))
        .map(|it| it.counts.read);
    Ok(usual.take(USUAL_RUNS).collect())
}

/// The names of all units and what stands above each, on `date`, before the plan.
pub(super) async fn organisation(
    ledger: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    date: Date,
) -> Result<(BTreeMap<NativeKey, String>, Tree<NativeKey>), RunError> {
    let version = tenant::version(ledger, tenant).await?;
    let claims = claim::of_units(ledger, tenant, version).await?;
    let now =
        claims.into_iter().filter(|it| it.source == source && it.slice.validity.contains(date));
    let mut by_subject: BTreeMap<SubjectNo, Claim> = now.map(|it| (it.subject, it)).collect();
    let subjects: Vec<SubjectNo> = by_subject.keys().copied().collect();
    let (mut names, mut parents) = (BTreeMap::new(), BTreeMap::new());
    for page in subjects.chunks(PAGE_UNITS) {
        for unit in subject::by_no(ledger, tenant, page).await? {
            let (Some(key), Some(claim)) = (unit.native, by_subject.remove(&unit.no)) else {
                continue;
            };
            let text = |field| claim.slice.state.text(field);
            names.insert(key.clone(), text(Field::UnitName).unwrap_or_default().to_owned());
            parents.insert(key, text(Field::UnitParent).map(NativeKey::text));
        }
    }
    Ok((names, Tree::new(parents)))
}

impl Judging<'_> {
    /// Faults of the tree after the plan that it does not have before.
    fn new_faults(&self) -> Vec<String> {
        if self.figures.parents.is_empty() {
            return Vec::new();
        }
        let named = |unit: &NativeKey| (unit.clone(), self.tree.named_parent(unit).cloned());
        let mut after: BTreeMap<NativeKey, Option<NativeKey>> =
            self.tree.units().map(named).collect();
        for (unit, above) in &self.figures.parents {
            match above {
                None => drop(after.remove(unit)),
                Some(Above::Root) => drop(after.insert(unit.clone(), None)),
                Some(Above::Unit(parent)) => drop(after.insert(unit.clone(), Some(parent.clone()))),
            }
        }
        let before: BTreeSet<_> = self.tree.faults().into_iter().collect();
        let after = Tree::new(after).faults();
        after.iter().filter(|it| !before.contains(it)).map(ToString::to_string).collect()
    }

    /// Units that have people and would have none, in them or below.
    async fn emptied(&mut self) -> Result<Vec<UnitPeople>, RunError> {
        let figures = self.figures;
        let losing = figures.by_unit.iter().filter(|(_, it)| it.left > it.joined);
        let losing: Vec<NativeKey> = losing.map(|(unit, _)| unit.clone()).collect();
        let had = self.people(&losing).await?;
        let loses_all = losing.iter().any(|unit| {
            let change = figures.by_unit.get(unit).copied().unwrap_or_default();
            let had = had.get(unit).copied().unwrap_or_default();
            had > 0 && had + change.joined <= change.left
        });
        if !loses_all {
            return Ok(Vec::new());
        }
        let all: Vec<NativeKey> = self.names.keys().cloned().collect();
        let before = self.people(&all).await?;
        let mut after = before.clone();
        for (unit, change) in &figures.by_unit {
            let count = after.entry(unit.clone()).or_default();
            *count = (*count + change.joined).saturating_sub(change.left);
        }
        let emptied = emptied(&self.tree, &before, &after);
        Ok(emptied.into_iter().map(|(unit, people)| self.named(unit, people)).collect())
    }

    /// Employments gone below each unit that has a limit of its own.
    async fn gone_below(&mut self) -> Result<BTreeMap<NativeKey, Gone>, RunError> {
        let mut all = BTreeMap::new();
        for top in self.source.text.brakes.employments_gone_below.keys() {
            let below = self.subtree(top);
            let gone = below.iter().filter_map(|unit| self.figures.gone_by_unit.get(unit)).sum();
            let open = self.people(&below).await?.values().sum();
            all.insert(top.clone(), Gone { open, gone, items: Vec::new() });
        }
        Ok(all)
    }

    /// Units that would stand below another unit, with the people in them and below.
    async fn moved(&mut self) -> Result<Vec<UnitPeople>, RunError> {
        let mut moved = Vec::new();
        for unit in &self.figures.units_moved {
            let people = self.people(&self.subtree(unit)).await?;
            moved.push(self.named(unit.clone(), people.values().sum()));
        }
        Ok(moved)
    }

    /// How many employments are in each of `units` on the date, before the plan.
    async fn people(&mut self, units: &[NativeKey]) -> Result<BTreeMap<NativeKey, u64>, RunError> {
        let (issuer, tenant) = (Issuer::Source(self.source.no), self.tenant);
        let mut counts = BTreeMap::new();
        for page in units.chunks(PAGE_UNITS) {
            let keys: Vec<SubjectKey> = page.iter().cloned().map(SubjectKey::Native).collect();
            let found = subject::by_key(self.ledger, tenant, issuer, Kind::Unit, &keys).await?;
            let native: BTreeMap<SubjectNo, &NativeKey> =
                found.iter().zip(page).filter_map(|(no, key)| Some(((*no)?, key))).collect();
            let subjects: Vec<SubjectNo> = native.keys().copied().collect();
            let people =
                claim::employments_in_units(self.ledger, tenant, &subjects, self.date).await?;
            for (unit, people) in people {
                counts.extend(native.get(&unit).map(|key| ((*key).clone(), people)));
            }
        }
        Ok(counts)
    }

    /// The unit and all that stand below it.
    fn subtree(&self, top: &NativeKey) -> Vec<NativeKey> {
        self.tree.subtrees(&BTreeSet::from([top.clone()])).into_iter().collect()
    }

    fn named(&self, unit: NativeKey, people: u64) -> UnitPeople {
        let name = self.names.get(&unit).cloned().unwrap_or_default();
        UnitPeople { unit, name, people }
    }
}
