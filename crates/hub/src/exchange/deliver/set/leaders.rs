use super::super::super::ledger::{Person, Unit, key, parent};
use super::super::{DeliverError, row};
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentFacts, ManagerFacts, ManagerPicture, Projected, Projection,
};
use kobling_domain::people::{Chart, Field, NativeKey, Role, UnitDays};
use kobling_formats::plan2learn::SetWriter;
use std::collections::BTreeMap;
use std::io::Write;

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

    /// Writes one manager for each unit that has one; nobody inherits.
    pub(super) fn write<W: Write>(
        &self,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        today: Date,
        set: &mut SetWriter<W>,
    ) -> Result<(), DeliverError> {
        let days = units.iter().map(|(unit, it)| UnitDays {
            unit: unit.clone(),
            parent: parent(&it.picture),
            validity: it.picture.days,
        });
        let days: Vec<UnitDays<NativeKey>> = days.collect();
        let chart = Chart::on(&days, &self.roles, today);
        for unit in units.keys() {
            let leader = chart.leader(unit).and_then(|it| self.managers.get(&it.employment));
            if let Some(leder) = leader.and_then(row::leder) {
                set.leder(&leder)?;
            }
        }
        Ok(())
    }
}
