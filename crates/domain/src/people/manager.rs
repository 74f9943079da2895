use super::{DEPTH_MAX, Field, NativeKey, Tree, UnitDays, View};
use crate::id::SubjectNo;
use crate::time::Validity;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Some days on which an employment leads its unit. The role ends with the employment and moves
/// with it; a person may hold several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The unit it leads.
    pub unit: NativeKey,
    /// The employment's number.
    pub employment: NativeKey,
    /// Whose employment it is.
    pub person: SubjectNo,
    /// The manager level: 1 is the top, 0 is none.
    pub level: Option<i64>,
    /// The days.
    pub validity: Validity,
}

impl Role {
    /// The roles that an employment of `person` has over all its days.
    pub fn all_of(view: &View<'_>, employment: &NativeKey, person: SubjectNo) -> Vec<Self> {
        let role = |(validity, picture): &(Validity, super::Picture<'_>)| {
            let unit = NativeKey::text(picture.text(Field::EmploymentUnit)?);
            let level = picture.int(Field::EmploymentSuperiorLevel);
            let employment = employment.clone();
            picture.is(Field::EmploymentIsManager).then_some(Self {
                unit,
                employment,
                person,
                level,
                validity: *validity,
            })
        };
        view.slices.iter().filter_map(role).collect()
    }

    /// The lowest level leads; an employment without a level comes last, and among equals the
    /// lowest number first.
    fn rank(&self) -> (i64, &NativeKey) {
        (self.level_or_last(), &self.employment)
    }

    fn level_or_last(&self) -> i64 {
        self.level.filter(|it| *it > 0).unwrap_or(i64::MAX)
    }
}

/// Who leads what on one day.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    tree: Tree<NativeKey>,
    leaders: BTreeMap<&'a NativeKey, Vec<&'a Role>>,
}

/// Who somebody's manager is, and what was in the way of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The manager; none if every unit up to the root is without one.
    pub manager: Option<&'a Role>,
    /// How many units above their own the manager leads.
    pub steps: usize,
    /// What was in the way, in order of the climb.
    pub reports: Vec<Report>,
}

/// Something about managers that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Report {
    /// Several persons lead the unit on the same level; the lowest number is taken.
    Tie {
        /// The unit.
        unit: NativeKey,
        /// Their employments, the one taken first.
        employments: Vec<NativeKey>,
    },
    /// The units above each other form a ring; the climb ended there.
    Cycle {
        /// The unit that came up again.
        unit: NativeKey,
    },
    /// The unit is not there on the day; the climb ended there.
    MissingUnit {
        /// The unit.
        unit: NativeKey,
    },
    /// More than [`DEPTH_MAX`] units stand above each other; the climb ended there.
    TooDeep {
        /// The last unit that was looked at.
        unit: NativeKey,
    },
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tie { unit, employments } => {
                write!(f, "unit {unit} has several managers on one level:")?;
                employments.iter().try_for_each(|it| write!(f, " {it}"))
            }
            Self::Cycle { unit } => write!(f, "unit {unit} stands above itself"),
            Self::MissingUnit { unit } => {
                write!(
                    f,
                    "unit {unit} is not there: its source has not told of it, or it is closed"
                )
            }
            Self::TooDeep { unit } => {
                write!(f, "more than {DEPTH_MAX} units stand above each other, unit {unit} is one")
            }
        }
    }
}

impl<'a> Chart<'a> {
    /// The chart on `day`.
    pub fn on(units: &[UnitDays<NativeKey>], roles: &'a [Role], day: Date) -> Self {
        Self::of(Tree::on(units, day), roles, day)
    }

    /// The chart of the units that there are on `day`.
    pub fn of(tree: Tree<NativeKey>, roles: &'a [Role], day: Date) -> Self {
        let mut leaders: BTreeMap<&NativeKey, Vec<&Role>> = BTreeMap::new();
        for role in roles.iter().filter(|it| it.validity.contains(day)) {
            leaders.entry(&role.unit).or_default().push(role);
        }
        for roles in leaders.values_mut() {
            roles.sort_by(|a, b| a.rank().cmp(&b.rank()));
        }
        Self { tree, leaders }
    }

    /// The unit tree of the day.
    pub fn tree(&self) -> &Tree<NativeKey> {
        &self.tree
    }

    /// All who lead `unit` itself, the one who does first.
    pub fn leaders(&self, unit: &NativeKey) -> impl Iterator<Item = &'a Role> {
        self.leaders.get(unit).into_iter().flatten().copied()
    }

    /// Who leads `unit` itself; none if it is vacant.
    pub fn leader(&self, unit: &NativeKey) -> Option<&'a Role> {
        self.leaders.get(unit)?.first().copied()
    }

    /// Every unit that several persons lead on the same level.
    pub fn ties(&self) -> Vec<Report> {
        self.leaders.keys().filter_map(|it| self.tie(it)).collect()
    }

    /// The manager of `person` by an employment in `unit`: who leads the unit, else the nearest
    /// unit above that has a manager. Nobody is their own manager, so the head of a unit is led by
    /// the next unit above, whatever deputies the own unit has.
    pub fn manager(&self, unit: &NativeKey, person: SubjectNo) -> Found<'a> {
        let mut reports = Vec::new();
        let mut climbed = BTreeSet::new();
        let mut at = unit;
        loop {
            if !self.tree.contains(at) {
                reports.push(Report::MissingUnit { unit: at.clone() });
                break;
            }
            if !climbed.insert(at) {
                reports.push(Report::Cycle { unit: at.clone() });
                break;
            }
            reports.extend(self.tie(at));
            if let Some(leader) = self.leader(at).filter(|it| it.person != person) {
                return Found { manager: Some(leader), steps: climbed.len() - 1, reports };
            }
            if climbed.len() > DEPTH_MAX {
                reports.push(Report::TooDeep { unit: at.clone() });
                break;
            }
            match self.tree.named_parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        Found { manager: None, steps: climbed.len().saturating_sub(1), reports }
    }

    fn tie(&self, unit: &NativeKey) -> Option<Report> {
        let leaders = self.leaders.get(unit)?;
        let first = leaders.first()?;
        let level = first.level_or_last();
        let equal: Vec<_> = leaders.iter().filter(|it| it.level_or_last() == level).collect();
        let several = equal.iter().any(|it| it.person != first.person);
        several.then(|| Report::Tie {
            unit: unit.clone(),
            employments: equal.iter().map(|it| it.employment.clone()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const ANNA: SubjectNo = SubjectNo(1);
    const BO: SubjectNo = SubjectNo(2);
    const CARL: SubjectNo = SubjectNo(3);
    const DAY: Date = date(2026, 3, 4);

    fn key(number: i64) -> NativeKey {
        NativeKey::number(number)
    }

    /// Units 1 (root) ← 2 ← 3, all days.
    fn units() -> Vec<UnitDays<NativeKey>> {
        [(1, None), (2, Some(1)), (3, Some(2))].map(unit).to_vec()
    }

    fn unit((unit, parent): (i64, Option<i64>)) -> UnitDays<NativeKey> {
        UnitDays { unit: key(unit), parent: parent.map(key), validity: Validity::ALWAYS }
    }

    fn role(unit: i64, employment: i64, person: SubjectNo, level: i64) -> Role {
        let (unit, employment) = (key(unit), key(employment));
        Role { unit, employment, person, level: Some(level), validity: Validity::ALWAYS }
    }

    fn employment_of(found: &Found<'_>) -> Option<i64> {
        found.manager.and_then(|it| it.employment.as_number())
    }

    /// Hard case 21.
    #[test]
    fn of_two_flagged_managers_the_lower_level_leads_and_a_tie_is_reported() {
        let roles = [role(3, 10, ANNA, 3), role(3, 9, BO, 2)];
        let chart = Chart::on(&units(), &roles, DAY);
        let found = chart.manager(&key(3), CARL);
        assert_eq!((employment_of(&found), found.reports), (Some(9), vec![]));

        let roles = [role(3, 10, ANNA, 2), role(3, 9, BO, 2), role(3, 8, CARL, 0)];
        let chart = Chart::on(&units(), &roles, DAY);
        let found = chart.manager(&key(3), CARL);
        assert_eq!(employment_of(&found), Some(9));
        let tie = Report::Tie { unit: key(3), employments: vec![key(9), key(10)] };
        assert_eq!((&found.reports, chart.ties()), (&vec![tie.clone()], vec![tie]));
    }

    #[test]
    fn the_head_of_a_unit_is_led_by_the_unit_above_not_by_a_deputy() {
        let roles = [role(3, 10, ANNA, 2), role(3, 11, BO, 3), role(1, 12, CARL, 1)];
        let chart = Chart::on(&units(), &roles, DAY);
        let found = chart.manager(&key(3), ANNA);
        assert_eq!((employment_of(&found), found.steps), (Some(12), 2));
        assert_eq!(employment_of(&chart.manager(&key(3), BO)), Some(10));
    }

    #[test]
    fn a_manager_of_two_units_is_skipped_in_both() {
        let roles = [role(3, 10, ANNA, 2), role(2, 11, ANNA, 2), role(1, 12, BO, 1)];
        let chart = Chart::on(&units(), &roles, DAY);
        assert_eq!(employment_of(&chart.manager(&key(3), ANNA)), Some(12));
        assert_eq!(employment_of(&chart.manager(&key(3), CARL)), Some(10));
    }

    #[test]
    fn where_every_unit_up_to_the_root_is_vacant_there_is_no_manager() {
        let chart = Chart::on(&units(), &[], DAY);
        assert_eq!(
            chart.manager(&key(3), ANNA),
            Found { manager: None, steps: 2, reports: vec![] }
        );
    }

    #[test]
    fn a_manager_whose_employment_ends_tomorrow_leads_today_and_not_tomorrow() {
        let tomorrow = date(2026, 3, 5);
        let ending = Validity::new(date(2020, 1, 1), Some(tomorrow)).unwrap();
        let roles = [Role { validity: ending, ..role(3, 10, ANNA, 2) }, role(1, 12, CARL, 1)];
        let units = units();
        let on = |day| employment_of(&Chart::on(&units, &roles, day).manager(&key(3), BO));
        assert_eq!((on(DAY), on(tomorrow)), (Some(10), Some(12)));
    }

    #[test]
    fn a_ring_of_units_and_a_missing_unit_end_the_climb_with_a_report() {
        let ring = [(2, Some(3)), (3, Some(2)), (4, Some(5))].map(unit);
        let chart = Chart::on(&ring, &[], DAY);
        assert_eq!(chart.manager(&key(3), ANNA).reports, [Report::Cycle { unit: key(3) }]);
        assert_eq!(chart.manager(&key(4), ANNA).reports, [Report::MissingUnit { unit: key(5) }]);
    }

    #[test]
    fn a_tree_without_end_ends_the_climb_with_a_report() {
        let deep: Vec<_> = (0..100).map(|it| unit((it, Some(it + 1)))).collect();
        let found = Chart::on(&deep, &[], DAY).manager(&key(0), ANNA).reports;
        assert!(matches!(found.as_slice(), [Report::TooDeep { .. }]), "{found:?}");
    }
}
