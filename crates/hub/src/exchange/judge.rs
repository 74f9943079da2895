//! What the brakes look at, gathered from the plan's figures and the ledger.

use super::figures::{Above, Figures};
use super::run::RunError;
use super::source::Source;
use jiff::civil::Date;
use kobling_domain::exchange::brake::{
    self, Below, Brake, Gone, KnownName, PlanFigures, Records, Tripped, UnitPeople, emptied,
};
use kobling_domain::id::{SourceNo, SubjectNo, TenantId};
use kobling_domain::people::{Fault, Field, Kind, NativeKey, Tree};
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
    pub(super) records: Records,
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

/// The brakes that hold a plan, and what they looked at.
pub(super) struct Judged {
    pub(super) tripped: Vec<Tripped>,
    pub(super) plan: PlanFigures,
    /// The units as they were on the input's date.
    pub(super) tree: Tree<NativeKey>,
}

/// The brakes that hold a plan with these figures.
pub(super) async fn judge(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &Source,
    figures: &Figures,
    facts: InputFacts,
) -> Result<Judged, RunError> {
    let mut plan = PlanFigures {
        day: Some(facts.date),
        older_than: facts.older_than,
        known_name: facts.known_name,
        records: facts.records,
        root_missing: facts.root_missing.or_else(|| figures.root_gone.clone()),
        ..PlanFigures::default()
    };
    // Whoever else speaks for all has told how many records that is.
    if facts.is_snapshot && source.is_opus() {
        plan.records_before = usual_reads(ledger, tenant, source.no).await?;
    }
    let date = facts.date;
    // In a first load the units are in the transaction already; before it there were none.
    let (names, tree) = if figures.are_about_units() && !facts.is_first_load {
        organisation(ledger, tenant, source.no, date).await?
    } else {
        (BTreeMap::new(), Tree::new(BTreeMap::new()))
    };
    let mut judging = Judging { ledger, tenant, source, figures, date, names, tree };
    plan.tree_faults = judging.new_faults();
    plan.units = judging.units_gone().await?;
    plan.employments = judging.employments_gone().await?;
    plan.protection_lost = judging.protection_lost();
    plan.below = judging.below().await?;
    plan.emptied = judging.emptied().await?;
    plan.moved = judging.moved().await?;
    plan.others = judging.others_gone().await?;
    let tripped = brake::check(&source.text.brakes, &plan);
    Ok(Judged { tripped, plan, tree: judging.tree })
}

/// How many records the last inputs had that spoke for everybody, newest first.
async fn usual_reads(
    ledger: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Vec<Records>, RunError> {
    let runs = runs::last(ledger, tenant, source, LOOKED_AT_RUNS).await?;
    let finished = runs.into_iter().filter_map(|it| it.finish);
    let usual = finished
        .filter(|it| matches!(it.state, RunState::Applied | RunState::Unchanged))
        .filter(|it| it.detail.get("snapshot") == Some(&Value::Bool(true)))
        .filter_map(|it| {
            let units = it.detail.get("units")?.as_u64()?;
            Some(Records { units, employments: it.counts.read.saturating_sub(units) })
        });
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
    fn new_faults(&self) -> Vec<Fault<NativeKey>> {
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
        let off = self.off(Brake::ManagerTreeBroken);
        let after = Tree::new(after).faults();
        let is_new = |it: &&Fault<NativeKey>| {
            !before.contains(it) && !it.unit().is_some_and(|unit| off.contains(unit))
        };
        after.into_iter().filter(|it| is_new(&it)).collect()
    }

    /// The units for which this brake is off, with all below them.
    fn off(&self, brake: Brake) -> BTreeSet<NativeKey> {
        let tops = self.source.text.brakes.off_below(brake);
        if tops.is_empty() { tops } else { self.tree.subtrees(&tops) }
    }

    /// Units gone where the brake on them is not off.
    async fn units_gone(&mut self) -> Result<Gone, RunError> {
        let off = self.off(Brake::Gone);
        let mut gone = self.figures.units_gone(|unit| !off.contains(unit));
        if gone.all() > 0 {
            gone.open = self.open(Kind::Unit).await?.saturating_sub(length(off.len()));
        }
        Ok(gone)
    }

    /// Employments gone, likewise.
    async fn employments_gone(&mut self) -> Result<Gone, RunError> {
        let off = self.off(Brake::Gone);
        let is_off = |unit: Option<&NativeKey>| unit.is_some_and(|it| off.contains(it));
        let mut gone = self.figures.employments_gone(|unit| !is_off(unit));
        if gone.all() > 0 {
            let off: Vec<NativeKey> = off.into_iter().collect();
            let people: u64 = self.people(&off).await?.values().sum();
            gone.open = self.open(Kind::Employment).await?.saturating_sub(people);
        }
        Ok(gone)
    }

    /// Persons, activities, qualifications and absences gone; they are in no unit.
    async fn others_gone(&mut self) -> Result<BTreeMap<Kind, Gone>, RunError> {
        let mut others = self.figures.others_gone.clone();
        for (kind, gone) in &mut others {
            gone.open = self.open(*kind).await?;
        }
        Ok(others)
    }

    /// How many subjects of a kind have not ended.
    async fn open(&mut self, kind: Kind) -> Result<u64, RunError> {
        Ok(census::open(self.ledger, self.tenant, self.source.no, kind, self.date).await?)
    }

    /// Employments that lose the protection of the address where the brake on it is not off.
    fn protection_lost(&self) -> Vec<NativeKey> {
        let off = self.off(Brake::ProtectionLost);
        let lost = self.figures.protection_lost.iter();
        let lost = lost.filter(|(_, unit)| !unit.as_ref().is_some_and(|it| off.contains(it)));
        lost.map(|(employment, _)| employment.clone()).collect()
    }

    /// Units that have people and would have none, in them or below, or would not be there.
    async fn emptied(&mut self) -> Result<Vec<UnitPeople>, RunError> {
        let figures = self.figures;
        let losing = figures.by_unit.iter().filter(|(_, it)| it.left > it.joined);
        let losing = losing.map(|(unit, _)| unit);
        // Who is still said to be in a unit that is gone is in none.
        let vanishing = figures.parents.iter().filter(|(_, above)| above.is_none());
        let vanishing: BTreeSet<&NativeKey> = vanishing.map(|(unit, _)| unit).collect();
        let losing: BTreeSet<&NativeKey> = losing.chain(vanishing.iter().copied()).collect();
        let losing: Vec<NativeKey> = losing.into_iter().cloned().collect();
        let had = self.people(&losing).await?;
        let loses_all = losing.iter().any(|unit| {
            let change = figures.by_unit.get(unit).copied().unwrap_or_default();
            let had = had.get(unit).copied().unwrap_or_default();
            had > 0 && (vanishing.contains(unit) || had + change.joined <= change.left)
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
        for unit in vanishing {
            after.insert(unit.clone(), 0);
        }
        let emptied = emptied(&self.tree, &before, &after);
        Ok(emptied.into_iter().map(|(unit, people)| self.named(unit, people)).collect())
    }

    /// What happens in each unit that has limits of its own, and below it.
    async fn below(&mut self) -> Result<BTreeMap<NativeKey, Below>, RunError> {
        let mut all = BTreeMap::new();
        let figures = self.figures;
        for top in self.source.text.brakes.below.keys() {
            let there = self.subtree(top);
            let is_there = |unit: Option<&NativeKey>| unit.is_some_and(|it| there.contains(it));
            let mut units = figures.units_gone(|unit| there.contains(unit));
            units.open = length(there.len());
            let mut employments = figures.employments_gone(is_there);
            let lost = figures.protection_lost.iter().filter(|(_, unit)| is_there(unit.as_ref()));
            let protection_lost = lost.map(|(employment, _)| employment.clone()).collect();
            if employments.all() > 0 {
                let there: Vec<NativeKey> = there.into_iter().collect();
                employments.open = self.people(&there).await?.values().sum();
            }
            all.insert(top.clone(), Below { units, employments, protection_lost });
        }
        Ok(all)
    }

    /// Units that would stand below another unit, with the people in them and below.
    async fn moved(&mut self) -> Result<Vec<UnitPeople>, RunError> {
        let mut moved = Vec::new();
        for unit in &self.figures.units_moved {
            let there: Vec<NativeKey> = self.subtree(unit).into_iter().collect();
            let people = self.people(&there).await?;
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
    fn subtree(&self, top: &NativeKey) -> BTreeSet<NativeKey> {
        self.tree.subtrees(&BTreeSet::from([top.clone()]))
    }

    fn named(&self, unit: NativeKey, people: u64) -> UnitPeople {
        let name = self.names.get(&unit).cloned().unwrap_or_default();
        let above = self.tree.ancestors(&unit).cloned().collect();
        UnitPeople { unit, name, people, above }
    }
}

fn length(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
