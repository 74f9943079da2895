use crate::time::Validity;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How many units may stand above each other. No employer has as many; what goes deeper is a
/// fault of the data.
pub const DEPTH_MAX: usize = 32;

/// Some days of one unit and what stands above it on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitDays<K> {
    /// The unit.
    pub unit: K,
    /// The unit above; none at the root.
    pub parent: Option<K>,
    /// The days.
    pub validity: Validity,
}

/// The units of an employer on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree<K> {
    parents: BTreeMap<K, Option<K>>,
}

/// What is wrong with a tree. Nothing of it stops a plan; it is shown, and brakes count it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault<K> {
    /// These units stand above each other in a ring; the lowest key comes first.
    Cycle {
        /// Each unit, followed by the one above it.
        units: Vec<K>,
    },
    /// More than one unit has none above it.
    SecondRoot {
        /// The further root.
        unit: K,
        /// The root with the lowest key.
        first: K,
    },
    /// The unit above is not there on this day.
    MissingParent {
        /// The unit.
        unit: K,
        /// What it names as the unit above.
        parent: K,
    },
    /// The unit above ends before the unit does.
    ParentEndsFirst {
        /// The unit.
        unit: K,
        /// The unit above.
        parent: K,
        /// The first day without it.
        on: Date,
    },
    /// More than [`DEPTH_MAX`] units stand above it.
    TooDeep {
        /// The unit.
        unit: K,
    },
}

impl<K> Fault<K> {
    /// The unit that has it; of a ring the first.
    pub fn unit(&self) -> Option<&K> {
        match self {
            Self::Cycle { units } => units.first(),
            Self::SecondRoot { unit, .. }
            | Self::MissingParent { unit, .. }
            | Self::ParentEndsFirst { unit, .. }
            | Self::TooDeep { unit } => Some(unit),
        }
    }
}

impl<K: fmt::Display> fmt::Display for Fault<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cycle { units } => {
                f.write_str("units stand above each other in a ring:")?;
                units.iter().try_for_each(|it| write!(f, " {it}"))
            }
            Self::SecondRoot { unit, first } => {
                write!(f, "unit {unit} has no unit above it, and neither has {first}")
            }
            Self::MissingParent { unit, parent } => {
                write!(f, "unit {unit} stands below {parent}, which is not there")
            }
            Self::ParentEndsFirst { unit, parent, on } => {
                write!(f, "unit {unit} stands below {parent}, which ends before it, on {on}")
            }
            Self::TooDeep { unit } => {
                write!(f, "more than {DEPTH_MAX} units stand above unit {unit}")
            }
        }
    }
}

impl<K: Ord + Clone> Tree<K> {
    /// The tree of these units, each with the one above it.
    pub fn new(units: impl IntoIterator<Item = (K, Option<K>)>) -> Self {
        Self { parents: units.into_iter().collect() }
    }

    /// The tree on `day`.
    pub fn on(units: &[UnitDays<K>], day: Date) -> Self {
        let there = units.iter().filter(|it| it.validity.contains(day));
        Self::new(there.map(|it| (it.unit.clone(), it.parent.clone())))
    }

    /// Whether `unit` is in the tree.
    pub fn contains(&self, unit: &K) -> bool {
        self.parents.contains_key(unit)
    }

    /// Every unit, in order of keys.
    pub fn units(&self) -> impl Iterator<Item = &K> {
        self.parents.keys()
    }

    /// The unit above `unit`; none at a root, and none if it is not in the tree itself.
    pub fn parent(&self, unit: &K) -> Option<&K> {
        self.named_parent(unit).filter(|it| self.contains(it))
    }

    /// What `unit` names as the unit above, whether that is in the tree or not.
    pub fn named_parent(&self, unit: &K) -> Option<&K> {
        self.parents.get(unit)?.as_ref()
    }

    /// The units above `unit`, the nearest first. In a ring the climb ends where it began.
    pub fn ancestors<'a>(&'a self, unit: &'a K) -> impl Iterator<Item = &'a K> {
        std::iter::successors(self.parent(unit), |it| self.parent(it))
            .take(DEPTH_MAX)
            .take_while(move |it| *it != unit)
    }

    /// Whether `unit` is `top` or stands below it.
    pub fn is_within(&self, unit: &K, top: &K) -> bool {
        unit == top || self.ancestors(unit).any(|it| it == top)
    }

    /// Those of `tops` that are in the tree, and all that stand below them.
    pub fn subtrees(&self, tops: &BTreeSet<K>) -> BTreeSet<K> {
        let within = |unit: &&K| {
            tops.contains(unit) || self.ancestors(unit).any(|above| tops.contains(above))
        };
        self.units().filter(within).cloned().collect()
    }

    /// The roots: units that name none above them.
    pub fn roots(&self) -> impl Iterator<Item = &K> {
        self.parents.iter().filter(|(_, parent)| parent.is_none()).map(|(unit, _)| unit)
    }

    /// Everything that is wrong with it, in order.
    pub fn faults(&self) -> Vec<Fault<K>> {
        let mut faults = BTreeSet::new();
        let mut roots = self.roots();
        if let Some(first) = roots.next() {
            faults.extend(
                roots.map(|it| Fault::SecondRoot { unit: it.clone(), first: first.clone() }),
            );
        }
        for (unit, parent) in &self.parents {
            if let Some(parent) = parent.as_ref().filter(|it| !self.contains(it)) {
                faults.insert(Fault::MissingParent { unit: unit.clone(), parent: parent.clone() });
            }
            faults.extend(self.fault_above(unit));
        }
        faults.into_iter().collect()
    }

    /// A ring that `unit` is part of, or a climb that does not end.
    fn fault_above(&self, unit: &K) -> Option<Fault<K>> {
        let mut path = vec![unit];
        while let Some(above) = path.last().and_then(|it| self.parent(it)) {
            if above == unit {
                let first = path.iter().enumerate().min_by_key(|(_, it)| **it).map(|(at, _)| at)?;
                path.rotate_left(first);
                return Some(Fault::Cycle { units: path.into_iter().cloned().collect() });
            }
            if path.contains(&above) {
                return None; // It stands below a ring; the ring is reported by its own units.
            }
            if path.len() > DEPTH_MAX {
                return Some(Fault::TooDeep { unit: unit.clone() });
            }
            path.push(above);
        }
        None
    }
}

/// Units that outlive the unit above them, in order. A parent that is not there at all is told by
/// [`Tree::faults`].
pub fn orphaned_ends<K: Ord + Clone>(units: &[UnitDays<K>]) -> Vec<Fault<K>> {
    let mut ends: BTreeMap<&K, Option<Date>> = BTreeMap::new();
    for days in units {
        let end = days.validity.until();
        ends.entry(&days.unit)
            .and_modify(|it| *it = it.zip(end).map(|(a, b)| a.max(b)))
            .or_insert(end);
    }
    let fault = |days: &UnitDays<K>| {
        let parent = days.parent.as_ref()?;
        let on = (*ends.get(parent)?)?;
        let outlives = days.validity.until().is_none_or(|until| until > on);
        outlives.then(|| Fault::ParentEndsFirst {
            unit: days.unit.clone(),
            parent: parent.clone(),
            on,
        })
    };
    units.iter().filter_map(fault).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn tree(units: &[(u32, Option<u32>)]) -> Tree<u32> {
        Tree::new(units.iter().copied())
    }

    /// Hard case 20.
    #[test]
    fn a_ring_is_told_once_and_a_unit_below_it_is_not_part_of_it() {
        let tree = tree(&[(1, None), (4, Some(2)), (2, Some(3)), (3, Some(4)), (5, Some(3))]);
        assert_eq!(tree.faults(), [Fault::Cycle { units: vec![2, 3, 4] }]);
        assert_eq!(tree.ancestors(&2).collect::<Vec<_>>(), [&3, &4]);
        assert!(tree.ancestors(&5).count() <= DEPTH_MAX);
    }

    #[test]
    fn a_unit_above_itself_is_a_ring_of_one() {
        assert_eq!(tree(&[(1, Some(1))]).faults(), [Fault::Cycle { units: vec![1] }]);
    }

    #[test]
    fn a_second_root_and_a_missing_parent_are_faults_whatever_order_the_units_come_in() {
        let faults = tree(&[(3, Some(9)), (2, None), (1, None)]).faults();
        let expected =
            [Fault::SecondRoot { unit: 2, first: 1 }, Fault::MissingParent { unit: 3, parent: 9 }];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_parent_listed_after_its_child_is_no_fault() {
        assert_eq!(tree(&[(3, Some(2)), (2, Some(1)), (1, None)]).faults(), []);
    }

    #[test]
    fn a_tree_as_deep_as_allowed_is_no_fault_and_one_deeper_is() {
        let units: Vec<_> =
            (0..).take(DEPTH_MAX + 2).map(|it: u32| (it, it.checked_sub(1))).collect();
        let deepest = units.last().unwrap().0;
        assert_eq!(tree(&units[..=DEPTH_MAX]).faults(), []);
        assert_eq!(tree(&units).faults(), [Fault::TooDeep { unit: deepest }]);
    }

    #[test]
    fn a_parent_that_ends_before_its_child_is_told_with_the_day() {
        let end = date(2026, 7, 1);
        let closing = Validity::new(date(2020, 1, 1), Some(end)).unwrap();
        let units = [
            UnitDays { unit: 1, parent: None, validity: closing },
            UnitDays { unit: 2, parent: Some(1), validity: Validity::ALWAYS },
            UnitDays { unit: 3, parent: Some(1), validity: closing },
        ];
        assert_eq!(orphaned_ends(&units), [Fault::ParentEndsFirst { unit: 2, parent: 1, on: end }]);
    }

    #[test]
    fn a_subtree_holds_its_top_and_all_below() {
        let tree = tree(&[(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))]);
        assert_eq!(tree.subtrees(&BTreeSet::from([2])), BTreeSet::from([2, 3]));
        assert_eq!(tree.subtrees(&BTreeSet::from([2, 7, 4])), BTreeSet::from([2, 3, 4]));
        assert!(tree.is_within(&3, &1) && tree.is_within(&3, &3) && !tree.is_within(&1, &3));
    }
}
