use super::super::super::ledger::{Person, Unit, key, unit_days};
use super::super::DeliverError;
use super::Sink;
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentFacts, ManagerFacts, ManagerPicture, Projected, Projection,
};
use kobling_domain::people::{Chart, Field, NativeKey, Role};
use std::collections::BTreeMap;

/// Who leads which unit, as far as the agreement lets it out.
#[derive(Default)]
pub(super) struct Leaders {
    roles: Vec<Role>,
    managers: BTreeMap<NativeKey, Projected<ManagerPicture>>,
}

impl Leaders {
    /// Keeps who leads the unit of this employment, if it does and the agreement lets it out.
    pub(super) fn learn(
        &mut self,
        person: &Person,
        employment: &NativeKey,
        facts: &EmploymentFacts<'_>,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        projection: &Projection<'_>,
    ) {
        let picture = facts.picture;
        let Some(key) = key(picture, Field::EmploymentUnit) else { return };
        let Some(unit) = units.get(&key) else { return };
        if !picture.is(Field::EmploymentIsManager) {
            return;
        }
        let manager = ManagerFacts { unit: unit.facts(), person: person.id, employment: *facts };
        if let Some(projected) = projection.manager(&manager) {
            self.managers.insert(employment.clone(), projected);
            self.roles.push(Role {
                unit: key,
                employment: employment.clone(),
                person: person.no,
                level: picture.int(Field::EmploymentSuperiorLevel),
                validity: picture.days,
            });
        }
    }

    /// Tells of each unit that has any who lead it; nobody inherits.
    pub(super) fn tell<S: Sink>(
        &self,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        today: Date,
        sink: &mut S,
    ) -> Result<(), DeliverError> {
        let days = unit_days(units);
        let chart = Chart::on(&days, &self.roles, today);
        for unit in units.keys() {
            let leader = |it: &Role| {
                let manager = self.managers.get(&it.employment)?;
                Some(Leader { manager, level: it.level })
            };
            let leaders: Vec<Leader<'_>> = chart.leaders(unit).filter_map(leader).collect();
            if !leaders.is_empty() {
                sink.leaders(&leaders)?;
            }
        }
        Ok(())
    }
}

/// Somebody who leads a unit.
pub(in super::super::super) struct Leader<'a> {
    pub(in super::super::super) manager: &'a Projected<ManagerPicture>,
    /// The manager level; the lowest leads.
    pub(in super::super::super) level: Option<i64>,
}
