use super::super::ledger::{Person, Reading, Unit, key};
use super::super::own::Own;
use super::roles::Roles;
use crate::access::configuration::OWN_FIELDS;
use jiff::civil::Date;
use kobling_domain::agreement::{
    EmploymentFacts, ManagerFacts, ManagerPicture, Projected, Projection,
};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{
    Chart, Claims, Field, Kind, NativeKey, Role, person_view_at, view_at,
};
use kobling_formats::messages::Content;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::people::{claim, subject};
use std::collections::{BTreeMap, BTreeSet};

/// The units of a day and who leads them: what a subject's content is drawn from beside its own
/// claims.
pub(super) struct Portrait<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) projection: &'a Projection<'a>,
    pub(super) units: &'a BTreeMap<NativeKey, Unit<'a>>,
    pub(super) chart: &'a Chart<'a>,
    /// By employment, who leads a unit, as far as the agreement lets it out.
    pub(super) managers: BTreeMap<NativeKey, Projected<ManagerPicture>>,
    pub(super) positions: BTreeMap<NativeKey, SubjectId>,
    pub(super) own: Own<'a>,
}

/// Who leads the units of the day, by employment, as far as the agreement lets it out.
pub(super) async fn managers(
    reading: &Reading<'_>,
    ledger: &mut Tx,
    projection: &Projection<'_>,
    units: &BTreeMap<NativeKey, Unit<'_>>,
    (chart, roles): (&Chart<'_>, &Roles),
) -> Result<BTreeMap<NativeKey, Projected<ManagerPicture>>, StoreError> {
    let numbers = roles.employments();
    let leaders: Vec<&Role> = units.keys().filter_map(|it| chart.leader(it)).collect();
    let employments: BTreeSet<SubjectNo> =
        leaders.iter().filter_map(|it| numbers.get(&it.employment)).copied().collect();
    let employments: Vec<SubjectNo> = employments.into_iter().collect();
    let persons: BTreeSet<SubjectNo> = leaders.iter().map(|it| it.person).collect();
    let persons: Vec<SubjectNo> = persons.into_iter().collect();
    let mut lists = BTreeMap::new();
    for it in claim::at(ledger, reading.tenant, &employments, reading.version).await? {
        reading.put(&mut lists, it.subject, it);
    }
    let mut subjects = subject::by_no(ledger, reading.tenant, &employments).await?;
    subjects.extend(subject::by_no(ledger, reading.tenant, &persons).await?);
    let ids: BTreeMap<SubjectNo, SubjectId> = subjects.iter().map(|it| (it.no, it.id)).collect();
    let mut managers = BTreeMap::new();
    for role in leaders {
        let no = numbers.get(&role.employment);
        let (Some(no), Some(unit)) = (no, units.get(&role.unit)) else { continue };
        let (Some(list), Some(person)) = (lists.get(no), ids.get(&role.person)) else { continue };
        let Some(id) = ids.get(no).copied() else { continue };
        let native = role.employment.clone();
        let claims = Claims { kind: Kind::Employment, native, list: list.clone() };
        let Some(picture) = view_at(&reading.rules, &claims, reading.today) else { continue };
        let (picture, unit_id) = (&picture, Some(unit.id));
        let employment = EmploymentFacts {
            id,
            unit: unit_id,
            position: None,
            picture,
            primary: None,
            first_day: None,
        };
        let it = ManagerFacts { unit: unit.facts(), person: *person, employment };
        let projected = projection.manager(&it);
        managers.extend(projected.map(|it| (role.employment.clone(), it)));
    }
    Ok(managers)
}

impl Portrait<'_> {
    /// What the target may have of a unit; none if nothing.
    pub(super) fn unit(&self, native: &NativeKey) -> Option<Content> {
        let unit = self.projection.unit(&self.units.get(native)?.facts())?;
        let leader = self.chart.leader(native);
        let manager = leader.and_then(|it| self.managers.get(&it.employment));
        Some(Content::unit(&unit, manager))
    }

    /// What the target may have of a person; none if nothing.
    pub(super) fn person(&self, person: &Person) -> Option<Content> {
        let today = self.reading.today;
        let rules = &self.reading.rules;
        let picture = person_view_at(rules, &person.own, &person.employments, today)?;
        let pictures = self.reading.pictures(person);
        let facts = self.reading.facts(&pictures, self.units, &self.positions);
        let facts_of_person = self.reading.person_facts(person, &picture, &facts);
        let projected = self.projection.person(&facts_of_person)?;
        let positions: Vec<_> =
            facts.iter().filter_map(|it| self.projection.position(it)).collect();
        let led = facts.iter().filter(|it| it.picture.days.contains(today));
        let managers = led.filter_map(|it| Some((it.id, self.manager(person.no, it)?)));
        let mut content = Content::person(&projected, &positions, &managers.collect());
        self.stand_in(person.id, &mut content);
        Some(content)
    }

    /// Puts what the target may keep in the place of ours.
    fn stand_in(&self, person: SubjectId, content: &mut Content) {
        let Content::Person(content) = content else { return };
        let agreed = self.reading.agreement.fields();
        for field in OWN_FIELDS.into_iter().filter(|it| agreed.contains(it)) {
            let ours = content.fields.get(field.name()).and_then(|it| it.as_str());
            let theirs = self.own.in_place_of((person, field), ours.unwrap_or_default());
            if let Some(theirs) = theirs {
                content.fields.insert(field.name().to_owned(), theirs.into());
            }
        }
    }

    /// Who leads a person by one of their employments.
    fn manager(
        &self,
        person: SubjectNo,
        employment: &EmploymentFacts<'_>,
    ) -> Option<&Projected<ManagerPicture>> {
        let unit = key(employment.picture, Field::EmploymentUnit)?;
        self.managers.get(&self.chart.manager(&unit, person).manager?.employment)
    }
}

/// The next day after `today` on which a person would be told of otherwise by themselves.
pub(super) fn next_turn(person: &Person, today: Date) -> Option<Date> {
    let through = person.employments.iter().flat_map(|it| &it.list);
    let days = person.own.iter().chain(through).map(|it| it.slice.validity);
    let turns = days.flat_map(|it| [Some(it.from()), it.until()]);
    turns.flatten().filter(|it| *it > today).min()
}
