use super::super::super::ledger::{Person, Unit, key, parent};
use super::super::{DeliverError, row};
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentFacts, ManagerFacts, ManagerPicture, Projected, Projection,
};
use kobling_domain::people::{Chart, Field, NativeKey, Role, UnitDays};
use kobling_formats::plan2learn::{Managers, SetWriter};
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

    /// Writes the manager of each unit that has one, or all its managers, the one who leads it
    /// first; nobody inherits.
    pub(super) fn write<W: Write>(
        &self,
        units: &BTreeMap<NativeKey, Unit<'_>>,
        today: Date,
        managers: Managers,
        set: &mut SetWriter<'_, W>,
    ) -> Result<(), DeliverError> {
        let days = units.iter().map(|(unit, it)| UnitDays {
            unit: unit.clone(),
            parent: parent(&it.picture),
            validity: it.picture.days,
        });
        let days: Vec<UnitDays<NativeKey>> = days.collect();
        let chart = Chart::on(&days, &self.roles, today);
        let told = match managers {
            Managers::One => 1,
            Managers::All => usize::MAX,
        };
        for role in units.keys().flat_map(|it| chart.leaders(it).take(told)) {
            let leader = self.managers.get(&role.employment);
            if let Some(leder) = leader.and_then(|it| row::leder(it, managers)) {
                set.leder(&leder)?;
            }
        }
        Ok(())
    }
}
