//! Rules that hold a plan, or a target's deliveries, until a person releases or rejects it.

use crate::people::{Kind, NativeKey, Tree};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The rules. Each has a default limit and can be set per source, some per unit and its subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// More open subjects than usual are no longer mentioned.
    Gone,
    /// The root unit is no longer mentioned.
    RootMissing,
    /// A unit with all below it has lost all its people.
    UnitEmptied,
    /// The input has fewer records than the last runs lead one to expect.
    FewerRecords,
    /// The input is older than the last applied one.
    OlderThanApplied,
    /// An input of this name was read before, with other bytes.
    SameNameOtherBytes,
    /// A unit was put below another one, with its people.
    UnitMoved,
    /// An address was protected and would no longer be.
    ProtectionLost,
    /// The plan would leave the unit tree with more faults than before.
    ManagerTreeBroken,
    /// A target would be told that many people are no longer active.
    MassInactivation,
}

impl Brake {
    /// Every brake.
    pub const ALL: [Self; 10] = [
        Self::Gone,
        Self::RootMissing,
        Self::UnitEmptied,
        Self::FewerRecords,
        Self::OlderThanApplied,
        Self::SameNameOtherBytes,
        Self::UnitMoved,
        Self::ProtectionLost,
        Self::ManagerTreeBroken,
        Self::MassInactivation,
    ];

    /// The name in configurations, documents and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::RootMissing => "root_missing",
            Self::UnitEmptied => "unit_emptied",
            Self::FewerRecords => "fewer_records",
            Self::OlderThanApplied => "older_than_applied",
            Self::SameNameOtherBytes => "same_name_other_bytes",
            Self::UnitMoved => "unit_moved",
            Self::ProtectionLost => "protection_lost",
            Self::ManagerTreeBroken => "manager_tree_broken",
            Self::MassInactivation => "mass_inactivation",
        }
    }

    /// The brake of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The most that passes: a count, or a share of the whole if that is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// So many pass in any case.
    pub count: u64,
    /// So many thousandths of the whole pass.
    pub per_mille: u64,
}

impl Allowed {
    /// The most that passes of `whole`.
    pub fn of(self, whole: u64) -> u64 {
        self.count.max(whole.saturating_mul(self.per_mille) / 1000)
    }
}

/// The limits of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Open units that may be gone.
    pub units_gone: Allowed,
    /// Open employments that may be gone.
    pub employments_gone: Allowed,
    /// The same below single units, by their number.
    pub employments_gone_below: BTreeMap<NativeKey, Allowed>,
    /// A unit that had fewer people may lose them all.
    pub emptied_people_min: u64,
    /// Records that may be missing, of the fewest in the last runs.
    pub fewer_records: Allowed,
    /// A unit with fewer people may be moved.
    pub moved_people_min: u64,
    /// Persons that may lose the protection of their address.
    pub protection_lost_max: u64,
    /// Persons a target may be told to inactivate.
    pub inactivated: Allowed,
    /// Brakes that do not work for this source.
    pub off: BTreeSet<Brake>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            units_gone: Allowed { count: 3, per_mille: 20 },
            employments_gone: Allowed { count: 20, per_mille: 20 },
            employments_gone_below: BTreeMap::new(),
            emptied_people_min: 5,
            fewer_records: Allowed { count: 20, per_mille: 20 },
            moved_people_min: 20,
            protection_lost_max: 0,
            inactivated: Allowed { count: 20, per_mille: 20 },
            off: BTreeSet::new(),
        }
    }
}

/// So many of the open ones are no longer mentioned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Open before the plan.
    pub open: u64,
    /// Of these, not mentioned.
    pub gone: u64,
    /// Some of them, by key.
    pub items: Vec<NativeKey>,
}

/// A unit that loses, or takes along, its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPeople {
    /// The unit.
    pub unit: NativeKey,
    /// Its name.
    pub name: String,
    /// Open employments in it and below it, before the plan.
    pub people: u64,
}

/// What the brakes look at: the figures of one plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFigures {
    /// The date of the input.
    pub day: Option<Date>,
    /// The date of the last applied input.
    pub last_applied: Option<Date>,
    /// Whether the name of the input is known with other bytes.
    pub known_name: KnownName,
    /// Records read.
    pub records: u64,
    /// Records read by each of the last complete runs.
    pub records_before: Vec<u64>,
    /// Units gone.
    pub units: Gone,
    /// Employments gone.
    pub employments: Gone,
    /// Employments gone below the units for which there is a limit of their own.
    pub employments_below: BTreeMap<NativeKey, Gone>,
    /// The root unit, if it is gone.
    pub root_missing: Option<NativeKey>,
    /// Units that had people and would have none; see [`emptied`].
    pub emptied: Vec<UnitPeople>,
    /// Units that would stand below another unit.
    pub moved: Vec<UnitPeople>,
    /// Employments whose record says an address is no longer protected.
    pub protection_lost: Vec<NativeKey>,
    /// Faults of the unit tree that were not there before, as text.
    pub tree_faults: Vec<String>,
}

/// What is known of an input's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnownName {
    /// New, or known with the same bytes.
    #[default]
    Fits,
    /// Known, with other bytes.
    OtherBytes,
}

/// What a target would be told about persons it believes to be active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetFigures {
    /// Persons it believes to be active.
    pub active: u64,
    /// Of these, no longer active or no longer told of.
    pub inactivated: u64,
}

/// A brake that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tripped {
    /// Which.
    pub brake: Brake,
    /// What kind of subject it is about.
    pub kind: Option<Kind>,
    /// What was counted.
    pub count: u64,
    /// The most that would have passed, or the least, for brakes on too few.
    pub limit: u64,
    /// What is wrong, with figures, and what to do. Holds no personal data.
    pub text: String,
    /// Keys of what it is about, at most [`ITEMS_MAX`].
    pub items: Vec<NativeKey>,
}

/// How many items a tripped brake names.
pub const ITEMS_MAX: usize = 20;

/// The brakes that hold a plan with these figures, in the order of [`Brake::ALL`].
pub fn check(limits: &Limits, plan: &PlanFigures) -> Vec<Tripped> {
    let employments_below = plan.employments_below.iter().filter_map(|(unit, gone)| {
        let allowed = *limits.employments_gone_below.get(unit)?;
        gone_too_many(Kind::Employment, &format!(" below unit {unit}"), gone, allowed)
    });
    gone_too_many(Kind::Unit, "", &plan.units, limits.units_gone)
        .into_iter()
        .chain(gone_too_many(Kind::Employment, "", &plan.employments, limits.employments_gone))
        .chain(employments_below)
        .chain(plan.root_missing.as_ref().map(root_missing))
        .chain(unit_emptied(limits.emptied_people_min, &plan.emptied))
        .chain(fewer_records(limits.fewer_records, plan))
        .chain(older_than_applied(plan))
        .chain(same_name_other_bytes(plan.known_name))
        .chain(unit_moved(limits.moved_people_min, &plan.moved))
        .chain(protection_lost(limits.protection_lost_max, &plan.protection_lost))
        .chain(tree_broken(&plan.tree_faults))
        .filter(|it| !limits.off.contains(&it.brake))
        .collect()
}

/// The brake that holds deliveries to a target with these figures.
pub fn check_target(limits: &Limits, target: TargetFigures) -> Option<Tripped> {
    let TargetFigures { active, inactivated } = target;
    let limit = limits.inactivated.of(active);
    let off = limits.off.contains(&Brake::MassInactivation);
    (inactivated > limit && !off).then(|| Tripped {
        brake: Brake::MassInactivation,
        kind: Some(Kind::Person),
        count: inactivated,
        limit,
        text: format!(
            "the target would be told that {inactivated} of {active} active persons are no longer \
             active, more than the {limit} that may pass. Look at the preview; release it if they \
             have really left, else correct the source or the agreement"
        ),
        items: Vec::new(),
    })
}

/// The units that had people in or below them and have none any more, each with how many it had;
/// of a subtree that is emptied as a whole only its top.
///
/// `before` and `after` count the open employments directly in each unit; `tree` is the tree as it
/// was before. People who moved to another unit have left this one.
pub fn emptied(
    tree: &Tree<NativeKey>,
    before: &BTreeMap<NativeKey, u64>,
    after: &BTreeMap<NativeKey, u64>,
) -> BTreeMap<NativeKey, u64> {
    let had = with_subtrees(tree, before);
    let has = with_subtrees(tree, after);
    let lost_all = |unit: &NativeKey| {
        had.get(unit).is_some_and(|it| *it > 0) && has.get(unit).is_none_or(|it| *it == 0)
    };
    let is_top = |unit: &NativeKey| !tree.parent(unit).is_some_and(lost_all);
    had.iter()
        .filter(|(unit, _)| lost_all(unit) && is_top(unit))
        .map(|(unit, people)| (unit.clone(), *people))
        .collect()
}

fn with_subtrees(
    tree: &Tree<NativeKey>,
    people: &BTreeMap<NativeKey, u64>,
) -> BTreeMap<NativeKey, u64> {
    let mut sums = BTreeMap::new();
    for (unit, count) in people {
        for it in std::iter::once(unit).chain(tree.ancestors(unit)) {
            let sum: &mut u64 = sums.entry(it.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
    sums
}

fn gone_too_many(kind: Kind, place: &str, gone: &Gone, allowed: Allowed) -> Option<Tripped> {
    let limit = allowed.of(gone.open);
    let (count, open) = (gone.gone, gone.open);
    (count > limit).then(|| Tripped {
        brake: Brake::Gone,
        kind: Some(kind),
        count,
        limit,
        text: format!(
            "{count} of {open} open {kind}s{place} are no longer mentioned, more than the {limit} \
             that may pass. Check that the input is whole; release the plan if they have really \
             gone, else reject it"
        ),
        items: first_items(&gone.items),
    })
}

fn root_missing(root: &NativeKey) -> Tripped {
    Tripped {
        brake: Brake::RootMissing,
        kind: Some(Kind::Unit),
        count: 1,
        limit: 0,
        text: format!(
            "the root unit {root} is no longer mentioned. If the input holds changes only, set the \
             source to delta and reject this plan; release it only if the organisation has a new \
             root"
        ),
        items: vec![root.clone()],
    }
}

fn unit_emptied(people_min: u64, emptied: &[UnitPeople]) -> Option<Tripped> {
    let lost = at_least(people_min, emptied);
    let worst = lost.first()?;
    let (unit, name, people) = (&worst.unit, &worst.name, worst.people);
    let more = and_more(lost.len());
    Some(Tripped {
        brake: Brake::UnitEmptied,
        kind: Some(Kind::Unit),
        count: count(lost.len()),
        limit: 0,
        text: format!(
            "unit {unit} ({name}) and all below it would lose all of their {people} people{more}. \
             Check that the input is whole; release the plan if the unit has really closed, else \
             reject it"
        ),
        items: units(&lost),
    })
}

fn fewer_records(allowed: Allowed, plan: &PlanFigures) -> Option<Tripped> {
    if plan.records_before.len() < USUAL_RUNS_MIN {
        return None;
    }
    let fewest = *plan.records_before.iter().min()?;
    let limit = fewest.saturating_sub(allowed.of(fewest));
    let (count, runs) = (plan.records, plan.records_before.len());
    (count < limit).then(|| Tripped {
        brake: Brake::FewerRecords,
        kind: None,
        count,
        limit,
        text: format!(
            "the input has {count} records; none of the last {runs} had fewer than {fewest}, and \
             {limit} would have passed. Check that the input is whole; release the plan if it is, \
             else reject it"
        ),
        items: Vec::new(),
    })
}

fn older_than_applied(plan: &PlanFigures) -> Option<Tripped> {
    let (day, applied) = plan.day.zip(plan.last_applied)?;
    (day < applied).then(|| Tripped {
        brake: Brake::OlderThanApplied,
        kind: None,
        count: 1,
        limit: 0,
        text: format!(
            "the input is of {day}, and one of {applied} has been applied. Release the plan to \
             fill in the days from {day} until the next applied input; reject it if it was sent by \
             mistake"
        ),
        items: Vec::new(),
    })
}

fn same_name_other_bytes(name: KnownName) -> Option<Tripped> {
    match name {
        KnownName::Fits => None,
        KnownName::OtherBytes => Some(Tripped {
            brake: Brake::SameNameOtherBytes,
            kind: None,
            count: 1,
            limit: 0,
            text:
                "an input of this name was read before, with other content. Ask the sender which \
                   is right; release the plan if it is this one, else reject it"
                    .to_owned(),
            items: Vec::new(),
        }),
    }
}

fn unit_moved(people_min: u64, moved: &[UnitPeople]) -> Option<Tripped> {
    let moved = at_least(people_min, moved);
    let largest = moved.first()?;
    let (unit, name, people) = (&largest.unit, &largest.name, largest.people);
    let more = and_more(moved.len());
    Some(Tripped {
        brake: Brake::UnitMoved,
        kind: Some(Kind::Unit),
        count: count(moved.len()),
        limit: 0,
        text: format!(
            "unit {unit} ({name}) would move below another unit, with {people} people{more}. Their \
             managers and what targets receive may change; release the plan if the move is meant, \
             else reject it"
        ),
        items: units(&moved),
    })
}

fn protection_lost(max: u64, employments: &[NativeKey]) -> Option<Tripped> {
    let lost = count(employments.len());
    (lost > max).then(|| Tripped {
        brake: Brake::ProtectionLost,
        kind: Some(Kind::Person),
        count: lost,
        limit: max,
        text: format!(
            "the address of {lost} protected persons would no longer be protected, more than the \
             {max} that may pass. Ask payroll; release the plan if the protection has really \
             ended, else reject it"
        ),
        items: first_items(employments),
    })
}

fn tree_broken(faults: &[String]) -> Option<Tripped> {
    let first = faults.first()?;
    let more = and_more(faults.len());
    Some(Tripped {
        brake: Brake::ManagerTreeBroken,
        kind: Some(Kind::Unit),
        count: count(faults.len()),
        limit: 0,
        text: format!(
            "the unit tree would have faults it does not have now: {first}{more}. Managers cannot \
             be found across them; correct the source, or release the plan and live with them"
        ),
        items: Vec::new(),
    })
}

/// Those with at least so many people, the largest first.
fn at_least(people_min: u64, units: &[UnitPeople]) -> Vec<&UnitPeople> {
    let mut units: Vec<_> = units.iter().filter(|it| it.people >= people_min.max(1)).collect();
    units.sort_by_key(|it| (Reverse(it.people), it.unit.clone()));
    units
}

fn units(units: &[&UnitPeople]) -> Vec<NativeKey> {
    units.iter().take(ITEMS_MAX).map(|it| it.unit.clone()).collect()
}

fn first_items(items: &[NativeKey]) -> Vec<NativeKey> {
    items.iter().take(ITEMS_MAX).cloned().collect()
}

fn and_more(units: usize) -> String {
    match units {
        0 | 1 => String::new(),
        units => format!(" (and {} more)", units - 1),
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// So many runs make a usual range.
const USUAL_RUNS_MIN: usize = 3;
