use super::{
    Allowed, Brake, Found, Gone, ITEMS_MAX, KnownName, Limits, LimitsBelow, PlanFigures, Records,
    Tripped, UnitPeople,
};
use crate::people::{Fault, Kind, NativeKey, Tree};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many runs make a usual range.
const USUAL_RUNS_MIN: usize = 3;

/// The brakes that hold a plan with these figures, in the order of [`Brake::ALL`].
pub fn check(limits: &Limits, plan: &PlanFigures) -> Vec<Tripped> {
    let others = plan
        .others
        .iter()
        .filter_map(|(kind, gone)| gone_too_many(*kind, None, gone, limits.employments_gone));
    gone(limits, plan)
        .into_iter()
        .chain(others)
        .chain(plan.root_missing.as_ref().map(root_missing))
        .chain(unit_emptied(&held(limits, Brake::UnitEmptied, plan)))
        .chain(fewer_records(Kind::Unit, limits.units_fewer, plan))
        .chain(fewer_records(Kind::Employment, limits.employments_fewer, plan))
        .chain(older_than_applied(plan))
        .chain(same_name_other_bytes(plan.known_name))
        .chain(unit_moved(&held(limits, Brake::UnitMoved, plan)))
        .chain(protection_lost(limits, plan))
        .chain(tree_broken(&plan.tree_faults))
        .filter(|it| !limits.off.contains(&it.brake))
        .collect()
}

/// All units that a brake on units holds, of which [`Tripped::items`] names the first; none for a
/// brake that is about something else.
pub fn units_held(limits: &Limits, brake: Brake, plan: &PlanFigures) -> BTreeSet<NativeKey> {
    held(limits, brake, plan).into_iter().map(|it| it.unit.clone()).collect()
}

/// The units that had people in or below them and have none any more, each with how many it had.
///
/// `before` and `after` count the open employments directly in each unit; `tree` is the tree as it
/// was before. People who moved to another unit have left this one.
pub fn emptied(
    tree: &Tree<NativeKey>,
    before: &BTreeMap<NativeKey, u64>,
    after: &BTreeMap<NativeKey, u64>,
) -> BTreeMap<NativeKey, u64> {
    let mut had = with_subtrees(tree, before);
    let has = with_subtrees(tree, after);
    had.retain(|unit, people| *people > 0 && has.get(unit).is_none_or(|it| *it == 0));
    had
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

/// Too many gone of the whole source, then below each unit with limits of its own.
fn gone(limits: &Limits, plan: &PlanFigures) -> Vec<Tripped> {
    let mut tripped = Vec::new();
    for (kind, gone) in [(Kind::Unit, &plan.units), (Kind::Employment, &plan.employments)] {
        tripped.extend(gone_too_many(kind, None, gone, limits.gone(kind)));
    }
    for (unit, below) in &plan.below {
        let Some(limits) = limits.below.get(unit) else { continue };
        for (kind, gone) in [(Kind::Unit, &below.units), (Kind::Employment, &below.employments)] {
            let allowed = limits.gone(kind);
            tripped.extend(allowed.and_then(|it| gone_too_many(kind, Some(unit), gone, it)));
        }
    }
    tripped
}

fn gone_too_many(
    kind: Kind,
    below: Option<&NativeKey>,
    gone: &Gone,
    allowed: Allowed,
) -> Option<Tripped> {
    let limit = allowed.of(gone.open);
    let count = gone.all();
    (count > limit).then(|| Tripped {
        brake: Brake::Gone,
        kind: Some(kind),
        below: below.cloned(),
        count,
        limit,
        text: format!(
            "{}, more than the {limit} that may pass. Check that the input is whole; release the \
             plan if they have really gone, else reject it",
            what_is_gone(kind, below, gone)
        ),
        found: Found::OutOf(gone.open),
        items: first_items(&gone.items),
    })
}

fn what_is_gone(kind: Kind, below: Option<&NativeKey>, it: &Gone) -> String {
    let of_open = format!("{} of {} open {}{}", it.all(), it.open, kind.plural(), place(below));
    match (it.gone, it.ended) {
        (gone, 0) => format!("{of_open} {} no longer mentioned", is_or_are(gone)),
        (0, _) => format!("{of_open} would end by what their records say"),
        (gone, ended) => format!(
            "{of_open} would end: {gone} no longer mentioned, {ended} by what their records say"
        ),
    }
}

pub(super) fn is_or_are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn place(below: Option<&NativeKey>) -> String {
    below.map(|unit| format!(" in unit {unit} and below")).unwrap_or_default()
}

fn root_missing(root: &NativeKey) -> Tripped {
    Tripped {
        brake: Brake::RootMissing,
        kind: Some(Kind::Unit),
        below: None,
        count: 1,
        limit: 0,
        text: format!(
            "the root unit {root} is no longer mentioned. If the input holds changes only, set the \
             source to delta and reject this plan; release it only if the organisation has a new \
             root"
        ),
        found: Found::Nothing,
        items: vec![root.clone()],
    }
}

fn unit_emptied(lost: &[&UnitPeople]) -> Option<Tripped> {
    let worst = lost.first()?;
    let (unit, name, people) = (&worst.unit, &worst.name, worst.people);
    let more = and_more(lost.len());
    Some(Tripped {
        brake: Brake::UnitEmptied,
        kind: Some(Kind::Unit),
        below: None,
        count: count(lost.len()),
        limit: 0,
        text: format!(
            "unit {unit} ({name}) and all below it would lose everybody in it: {}{more}. \
             Check that the input is whole; release the plan if the unit has really closed, else \
             reject it",
            Kind::Employment.counted(people)
        ),
        found: of_unit(worst),
        items: units(lost),
    })
}

fn fewer_records(kind: Kind, allowed: Allowed, plan: &PlanFigures) -> Option<Tripped> {
    if plan.records_before.len() < USUAL_RUNS_MIN {
        return None;
    }
    let of_kind = |it: &Records| match kind {
        Kind::Unit => it.units,
        Kind::Employment
        | Kind::Person
        | Kind::Position
        | Kind::Activity
        | Kind::Qualification
        | Kind::Absence => it.employments,
    };
    let fewest = plan.records_before.iter().map(of_kind).min()?;
    let limit = fewest.saturating_sub(allowed.of(fewest));
    let (count, runs) = (of_kind(&plan.records), plan.records_before.len());
    (count < limit).then(|| Tripped {
        brake: Brake::FewerRecords,
        kind: Some(kind),
        below: None,
        count,
        limit,
        text: format!(
            "the input has {count} records of {}; none of the last {runs} had fewer than \
             {fewest}, and {limit} would have passed. Check that the input is whole; release the \
             plan if it is, else reject it",
            kind.plural()
        ),
        found: Found::OutOf(fewest),
        items: Vec::new(),
    })
}

fn older_than_applied(plan: &PlanFigures) -> Option<Tripped> {
    let (day, applied) = plan.day.zip(plan.older_than)?;
    Some(Tripped {
        brake: Brake::OlderThanApplied,
        kind: None,
        below: None,
        count: 1,
        limit: 0,
        text: format!(
            "the input is of {day}, and one of {applied} has been applied. Release the plan to \
             fill in the days from {day} until the next applied input; reject it if it was sent by \
             mistake"
        ),
        found: Found::Days { day, applied },
        items: Vec::new(),
    })
}

fn same_name_other_bytes(name: KnownName) -> Option<Tripped> {
    match name {
        KnownName::Fits => None,
        KnownName::OtherBytes => Some(Tripped {
            brake: Brake::SameNameOtherBytes,
            kind: None,
            below: None,
            count: 1,
            limit: 0,
            text:
                "an input of this name was read before, with other content. Ask the sender which \
                   is right; release the plan if it is this one, else reject it"
                    .to_owned(),
            found: Found::Nothing,
            items: Vec::new(),
        }),
    }
}

fn unit_moved(moved: &[&UnitPeople]) -> Option<Tripped> {
    let largest = moved.first()?;
    let (unit, name, people) = (&largest.unit, &largest.name, largest.people);
    let more = and_more(moved.len());
    Some(Tripped {
        brake: Brake::UnitMoved,
        kind: Some(Kind::Unit),
        below: None,
        count: count(moved.len()),
        limit: 0,
        text: format!(
            "unit {unit} ({name}) would move below another unit, with {}{more}. Their \
             managers and what targets receive may change; release the plan if the move is meant, \
             else reject it",
            Kind::Employment.counted(people)
        ),
        found: of_unit(largest),
        items: units(moved),
    })
}

/// Too many protections lost of the whole source, then below each unit with a limit of its own.
fn protection_lost(limits: &Limits, plan: &PlanFigures) -> Vec<Tripped> {
    let whole = (None, &plan.protection_lost, limits.protection_lost_max);
    let below = plan.below.iter().filter_map(|(unit, it)| {
        let max = limits.below.get(unit)?.protection_lost_max?;
        Some((Some(unit), &it.protection_lost, max))
    });
    let all = std::iter::once(whole).chain(below);
    all.filter_map(|(unit, lost, max)| protection_lost_by(unit, lost, max)).collect()
}

fn protection_lost_by(
    below: Option<&NativeKey>,
    employments: &[NativeKey],
    max: u64,
) -> Option<Tripped> {
    let lost = count(employments.len());
    let persons =
        if lost == 1 { "1 protected person" } else { &format!("{lost} protected persons") };
    let place = place(below);
    (lost > max).then(|| Tripped {
        brake: Brake::ProtectionLost,
        kind: Some(Kind::Person),
        below: below.cloned(),
        count: lost,
        limit: max,
        text: format!(
            "the address of {persons}{place} would no longer be protected, more than the {max} \
             that may pass. Ask payroll; release the plan if the protection has really ended, else \
             reject it"
        ),
        found: Found::Nothing,
        items: first_items(employments),
    })
}

fn tree_broken(faults: &[Fault<NativeKey>]) -> Option<Tripped> {
    let first = faults.first()?;
    let more = and_more(faults.len());
    Some(Tripped {
        brake: Brake::ManagerTreeBroken,
        kind: Some(Kind::Unit),
        below: None,
        count: count(faults.len()),
        limit: 0,
        text: format!(
            "the unit tree would have faults it does not have now: {first}{more}. Managers cannot \
             be found across them; correct the source, or release the plan and live with them"
        ),
        found: Found::Tree(first.clone()),
        items: Vec::new(),
    })
}

/// The units that a brake on units holds, the largest first: those with so many people as are set
/// nearest above them. Of a subtree that is emptied as a whole only the top is named.
fn held<'a>(limits: &Limits, brake: Brake, plan: &'a PlanFigures) -> Vec<&'a UnitPeople> {
    let (units, people_min, min_below): (_, _, fn(&LimitsBelow) -> Option<u64>) = match brake {
        Brake::UnitEmptied => {
            (&plan.emptied, limits.emptied_people_min, |it| it.emptied_people_min)
        }
        Brake::UnitMoved => (&plan.moved, limits.moved_people_min, |it| it.moved_people_min),
        Brake::Gone
        | Brake::RootMissing
        | Brake::FewerRecords
        | Brake::OlderThanApplied
        | Brake::SameNameOtherBytes
        | Brake::ProtectionLost
        | Brake::ManagerTreeBroken
        | Brake::MassInactivation
        | Brake::MassCreation
        | Brake::MassChange => return Vec::new(),
    };
    let counts = |it: &&UnitPeople| {
        let places: Vec<NativeKey> = std::iter::once(&it.unit).chain(&it.above).cloned().collect();
        let is_off = limits.nearest(&places, |it| it.off.contains(&brake).then_some(())).is_some();
        let people_min = limits.nearest(&places, min_below).unwrap_or(people_min);
        !is_off && it.people >= people_min.max(1)
    };
    let mut held: Vec<&UnitPeople> = units.iter().filter(counts).collect();
    if brake == Brake::UnitEmptied {
        let all: BTreeSet<&NativeKey> = held.iter().map(|it| &it.unit).collect();
        held.retain(|it| !it.above.iter().any(|above| all.contains(above)));
    }
    held.sort_by_key(|it| (Reverse(it.people), it.unit.clone()));
    held
}

fn of_unit(it: &UnitPeople) -> Found {
    Found::Unit { unit: it.unit.clone(), name: it.name.clone(), people: it.people }
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
