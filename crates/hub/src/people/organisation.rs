//! The units of one source on one day.

use super::employer::Told;
use jiff::civil::Date;
use kobling_domain::id::SubjectNo;
use kobling_domain::people::{Field, NativeKey, Rules, Tree, UnitDays, view, view_near};
use std::collections::BTreeMap;

/// All units of a source.
pub(super) struct Organisation {
    pub(super) days: Vec<UnitDays<NativeKey>>,
    /// Those that are there on the day.
    pub(super) tree: Tree<NativeKey>,
    units: BTreeMap<NativeKey, (SubjectNo, Option<String>)>,
}

impl Organisation {
    pub(super) fn of(rules: &Rules, told: &[Told], day: Date) -> Self {
        let (mut days, mut units) = (Vec::new(), BTreeMap::new());
        for unit in told {
            let native = unit.claims.native.clone();
            let slices = view(rules, &unit.claims).slices;
            days.extend(slices.iter().map(|(validity, picture)| UnitDays {
                unit: native.clone(),
                parent: picture.text(Field::UnitParent).map(NativeKey::text),
                validity: *validity,
            }));
            let near = view_near(rules, &unit.claims, day);
            let name = near.and_then(|it| it.text(Field::UnitName).map(str::to_owned));
            units.insert(native, (unit.subject.no, name));
        }
        Self { tree: Tree::on(&days, day), days, units }
    }

    /// A unit and all above it, the nearest first.
    pub(super) fn chain<'a>(&'a self, unit: &'a NativeKey) -> Vec<&'a NativeKey> {
        std::iter::once(unit).chain(self.tree.ancestors(unit)).collect()
    }

    /// Of the tree no more than these units.
    pub(super) fn cut_to(&self, units: &[&NativeKey]) -> Tree<NativeKey> {
        let there = units.iter().filter(|it| self.tree.contains(it));
        Tree::new(there.map(|it| ((*it).clone(), self.tree.named_parent(it).cloned())))
    }

    /// The subject of a unit, if anything is claimed of it.
    pub(super) fn number(&self, unit: &NativeKey) -> Option<SubjectNo> {
        self.units.get(unit).map(|it| it.0)
    }

    /// The subjects of these units, likewise.
    pub(super) fn numbers<'a>(
        &self,
        units: impl IntoIterator<Item = &'a NativeKey>,
    ) -> Vec<SubjectNo> {
        units.into_iter().filter_map(|it| self.number(it)).collect()
    }

    pub(super) fn name(&self, unit: &NativeKey) -> Option<&str> {
        self.units.get(unit)?.1.as_deref()
    }
}
