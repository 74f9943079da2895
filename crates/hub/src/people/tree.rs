//! The units of an employer as a tree, on any day.

use super::employer::Employer;
use super::find::PeopleError;
use crate::Hub;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{NativeKey, Tree};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::{roster, subject};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All units on one day.
#[derive(Clone, Debug, Serialize)]
pub struct Units {
    /// The day.
    pub as_of: Date,
    /// The version of the ledger.
    pub version: Version,
    /// Each unit after the one it stands below; below one unit, by name.
    pub units: Vec<UnitNode>,
}

/// A unit with its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitNode {
    /// The hub's own id.
    pub id: SubjectId,
    /// The source that tells of it.
    pub source: String,
    /// The source's number of it.
    pub number: NativeKey,
    /// Its name; none if nobody has described it.
    pub name: Option<String>,
    /// The unit above, by the hub's own id; none at the root.
    pub parent: Option<SubjectId>,
    /// Units above it; 0 at the root.
    pub depth: usize,
    /// People in the unit itself.
    pub people: u64,
    /// People in it and in all units below it; who is in several is counted once.
    pub people_below: u64,
}

/// The units on `as_of`, else on the employer's today, as the hub knows them now.
#[crate::boxed]
pub async fn units(
    hub: &Hub,
    tenant: TenantId,
    as_of: Option<Date>,
) -> Result<Arc<Units>, PeopleError> {
    let day = match as_of {
        Some(day) => day,
        None => access::civil_now(hub, tenant).await?.date(),
    };
    let mut tx = hub.db.read().await?;
    let version = tenant::version(&mut tx, tenant).await?;
    let roster = roster::place(&mut tx, tenant).await?;
    hub.kept.units(&mut tx, (tenant, version, day), roster).await
}

impl Units {
    /// Those of an employer on one day.
    pub(super) async fn of(tx: &mut Tx, employer: &Employer) -> Result<Self, PeopleError> {
        let Employer { tenant, version, day, .. } = *employer;
        let mut people = roster::people_by_unit(tx, tenant, day).await?;
        let mut units = Vec::new();
        for source in source::list(tx, tenant).await? {
            let organisation = employer.organisation(tx, Some(source.no)).await?;
            let tree = &organisation.tree;
            let numbers: BTreeMap<NativeKey, SubjectNo> = tree
                .units()
                .filter_map(|it| Some((it.clone(), *organisation.numbers([it]).first()?)))
                .collect();
            let all: Vec<SubjectNo> = numbers.values().copied().collect();
            let found = subject::by_no(tx, tenant, &all).await?;
            let ids: BTreeMap<SubjectNo, SubjectId> =
                found.iter().map(|it| (it.no, it.id)).collect();
            let grove = Grove {
                source: &source.key,
                tree,
                name: &|it| organisation.name(it),
                subject: &|it| ids.get(numbers.get(it)?).copied(),
            };
            let mut own = |it: &NativeKey| {
                numbers.get(it).and_then(|no| people.remove(no)).unwrap_or_default()
            };
            units.extend(grove.nodes(&mut own));
        }
        Ok(Self { as_of: day, version, units })
    }
}

/// The units of one source.
struct Grove<'a> {
    source: &'a str,
    tree: &'a Tree<NativeKey>,
    name: &'a dyn Fn(&NativeKey) -> Option<&'a str>,
    subject: &'a dyn Fn(&NativeKey) -> Option<SubjectId>,
}

/// Takes the people of a unit itself, once.
type Own<'a> = dyn FnMut(&NativeKey) -> BTreeSet<SubjectNo> + 'a;

impl Grove<'_> {
    fn nodes(&self, own: &mut Own<'_>) -> Vec<UnitNode> {
        let mut below: BTreeMap<Option<&NativeKey>, Vec<&NativeKey>> = BTreeMap::new();
        for unit in self.tree.units() {
            below.entry(self.tree.parent(unit)).or_default().push(unit);
        }
        for units in below.values_mut() {
            units.sort_by_key(|it| ((self.name)(it), (*it).clone()));
        }
        let mut nodes = Vec::new();
        let mut met = BTreeSet::new();
        let roots = below.get(&None).cloned().unwrap_or_default();
        // Units in a ring hang on no root; each ring is entered somewhere.
        for root in roots.into_iter().chain(self.tree.units()) {
            self.gather((root, 0), &below, own, &mut met, &mut nodes);
        }
        nodes
    }

    /// Adds a unit and all below it; gives the people they have.
    fn gather<'b>(
        &self,
        (unit, depth): (&'b NativeKey, usize),
        below: &BTreeMap<Option<&'b NativeKey>, Vec<&'b NativeKey>>,
        own: &mut Own<'_>,
        met: &mut BTreeSet<&'b NativeKey>,
        nodes: &mut Vec<UnitNode>,
    ) -> BTreeSet<SubjectNo> {
        let Some(id) = (self.subject)(unit) else { return BTreeSet::new() };
        if !met.insert(unit) {
            return BTreeSet::new();
        }
        let place = nodes.len();
        let parent = self.tree.parent(unit).and_then(self.subject);
        let mut all = own(unit);
        let people = counted(&all);
        nodes.push(UnitNode {
            id,
            source: self.source.to_owned(),
            number: unit.clone(),
            name: (self.name)(unit).map(str::to_owned),
            parent,
            depth,
            people,
            people_below: people,
        });
        for child in below.get(&Some(unit)).into_iter().flatten() {
            let mut more = self.gather((child, depth + 1), below, own, met, nodes);
            // The fewer are added to the more, so that a deep tree costs no more than a flat one.
            if more.len() > all.len() {
                std::mem::swap(&mut all, &mut more);
            }
            all.extend(more);
        }
        if let Some(node) = nodes.get_mut(place) {
            node.people_below = counted(&all);
        }
        all
    }
}

fn counted(people: &BTreeSet<SubjectNo>) -> u64 {
    people.len().try_into().unwrap_or(u64::MAX)
}
