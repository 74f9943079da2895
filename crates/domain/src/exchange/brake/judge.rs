use super::{
    Allowed, Brake, Gone, ITEMS_MAX, KnownName, Limits, PlanFigures, TargetFigures, Tripped,
    UnitPeople,
};
use crate::people::{Kind, NativeKey, Tree};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So many runs make a usual range.
const USUAL_RUNS_MIN: usize = 3;

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
    let TargetFigures { kind, active, inactivated } = target;
    let limit = limits.inactivated.of(active);
    let off = limits.off.contains(&Brake::MassInactivation);
    (inactivated > limit && !off).then(|| Tripped {
        brake: Brake::MassInactivation,
        kind: Some(kind),
        count: inactivated,
        limit,
        text: format!(
            "the target would be told that {inactivated} of {active} active {kind}s are no longer \
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
    let (day, applied) = plan.day.zip(plan.older_than)?;
    Some(Tripped {
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
