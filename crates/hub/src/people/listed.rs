//! Persons, employments, units and who leads them on a day, as they were known at some time, a page at a time.
//!
//! Their order is that in which the hub came to know of them, which never changes.

use super::employer::{Employer, Told, roles};
use super::find::PeopleError;
use super::shown::{PersonOf, When, open};
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Chart, Field, Kind, NativeKey, Picture, Role, View, view};
use kobling_domain::time::Validity;
use kobling_store::engine::Tx;
use kobling_store::people::claim::Wanted as Claimed;
use kobling_store::people::subject::{self, Subject};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A page of what there is on a day.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// After which the next page begins; none after the last.
    pub next: Option<SubjectId>,
}

/// Which page, and of whom.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Of which day, and as known when.
    pub when: When,
    /// Those that come after this one.
    pub after: Option<SubjectId>,
    /// Not more than so many.
    pub count: usize,
    /// Only these persons, or theirs; none for all.
    pub only: Option<&'a [SubjectId]>,
}

/// An employment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedEmployment {
    /// The hub's own id.
    pub id: SubjectId,
    /// The source's number of it.
    pub number: NativeKey,
    /// The hub's own id of the person; none if nobody is named.
    pub person: Option<SubjectId>,
    /// The source's number of the unit.
    pub unit: Option<NativeKey>,
    /// The position's title.
    pub title: Option<String>,
    /// The first day on which its unit and title are these; none if they have always been.
    pub from: Option<Date>,
    /// The first day on which they are no longer; none if no end is known.
    pub until: Option<Date>,
}

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedPerson {
    /// The person.
    #[serde(flatten)]
    pub person: PersonOf,
    /// Their employments on the day, by number.
    pub employments: Vec<ListedEmployment>,
}

/// A unit in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedUnit {
    /// The hub's own id.
    pub id: SubjectId,
    /// The source's number of it.
    pub number: NativeKey,
    /// Its name; none if nobody tells it.
    pub name: Option<String>,
    /// The number of the unit above; none at the root.
    pub parent: Option<NativeKey>,
    /// The first day on which it is so; none if it has always been.
    pub from: Option<Date>,
    /// The first day on which it is no longer so; none if no end is known.
    pub until: Option<Date>,
}

/// A unit with who leads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedManager {
    /// The hub's own id of the unit.
    pub unit: SubjectId,
    /// The source's number of the unit.
    pub number: NativeKey,
    /// Who leads the unit itself; none where the nearest unit above that has a manager is asked.
    pub manager: Option<PersonOf>,
    /// The number of the employment that leads.
    pub employment: Option<NativeKey>,
}

/// The employments there are on a day: among `count` that the hub knows, so a page may hold fewer.
pub async fn employments(
    hub: &Hub,
    tenant: TenantId,
    wanted: Wanted<'_>,
) -> Result<Listed<ListedEmployment>, PeopleError> {
    let mut desk = Desk::open(hub, tenant, wanted.when).await?;
    let page = desk.page(Kind::Employment, wanted).await?;
    let next = next(&page, wanted.count);
    let told = desk.employer.told_of(&mut desk.tx, (page, OF_EMPLOYMENTS)).await?;
    let items = desk.employments(&told, &[]).await?.into_iter().map(|it| it.1).collect();
    Ok(Listed { items, next })
}

/// The persons who are employed on a day: among `count` that the hub knows, likewise.
pub async fn persons(
    hub: &Hub,
    tenant: TenantId,
    wanted: Wanted<'_>,
) -> Result<Listed<ListedPerson>, PeopleError> {
    let mut desk = Desk::open(hub, tenant, wanted.when).await?;
    let page = desk.page(Kind::Person, wanted).await?;
    let all: Vec<SubjectNo> =
        page.iter().flat_map(|it| desk.employer.links.all_of(it.no)).collect();
    let told = desk.employer.naming(&mut desk.tx, (&all, OF_PERSONS)).await?;
    let mut by_person: BTreeMap<SubjectNo, Vec<ListedEmployment>> = BTreeMap::new();
    for (person, it) in desk.employments(&told, &page).await? {
        by_person.entry(person).or_default().push(it);
    }
    let mut names = desk.employer.names_by(&mut desk.tx, &numbers(&page), told).await?;
    // Who is said to be somebody else is told of there.
    let items = page.iter().filter_map(|it| {
        let mut employments = by_person.remove(&it.no)?;
        employments.sort_by(|a, b| a.number.cmp(&b.number));
        let person = PersonOf { id: it.id, name: names.remove(&it.no) };
        Some(ListedPerson { person, employments })
    });
    Ok(Listed { items: items.collect(), next: next(&page, wanted.count) })
}

/// The units there are on a day: among `count` that the hub knows, likewise.
pub async fn units(
    hub: &Hub,
    tenant: TenantId,
    wanted: Wanted<'_>,
) -> Result<Listed<ListedUnit>, PeopleError> {
    let mut desk = Desk::open(hub, tenant, wanted.when).await?;
    let page = desk.page(Kind::Unit, wanted).await?;
    let next = next(&page, wanted.count);
    let told = desk.employer.told_of(&mut desk.tx, (page, OF_UNITS)).await?;
    let items = told.iter().filter_map(|it| desk.unit(it)).collect();
    Ok(Listed { items, next })
}

/// Who leads the units that there are on a day: of `count` units that the hub knows, likewise.
pub async fn managers(
    hub: &Hub,
    tenant: TenantId,
    wanted: Wanted<'_>,
) -> Result<Listed<ListedManager>, PeopleError> {
    let mut desk = Desk::open(hub, tenant, wanted.when).await?;
    let page = desk.page(Kind::Unit, wanted).await?;
    let Desk { tx, employer } = &mut desk;
    let units = employer.told(tx, &numbers(&page)).await?;
    let staff = employer.employments_in(tx, &numbers(&page)).await?;
    // A unit's number tells it among the units of its source only.
    let mut by_source: BTreeMap<Option<SourceNo>, Vec<Role>> = BTreeMap::new();
    for it in &staff {
        let leading = roles(&employer.rules, std::slice::from_ref(it));
        by_source.entry(it.source()).or_default().extend(leading);
    }
    let charts = by_source.iter().map(|(source, it)| (*source, Chart::on(&[], it, employer.day)));
    let charts: BTreeMap<Option<SourceNo>, Chart<'_>> = charts.collect();
    let leader = |it: &Told| charts.get(&it.source())?.leader(&it.claims.native);
    let leading: BTreeSet<SubjectNo> =
        units.iter().filter_map(leader).map(|it| it.person).collect();
    let leading: Vec<SubjectNo> = leading.into_iter().collect();
    let mut names = employer.names(tx, &leading).await?;
    let persons = subject::by_no(tx, employer.tenant, &leading).await?;
    let persons: BTreeMap<SubjectNo, PersonOf> = persons
        .into_iter()
        .map(|it| (it.no, PersonOf { id: it.id, name: names.remove(&it.no) }))
        .collect();
    let items = units.iter().filter(|it| desk.unit(it).is_some()).map(|it| ListedManager {
        unit: it.subject.id,
        number: it.claims.native.clone(),
        manager: leader(it).and_then(|it| persons.get(&it.person)).cloned(),
        employment: leader(it).map(|it| it.employment.clone()),
    });
    Ok(Listed { items: items.collect(), next: next(&page, wanted.count) })
}

fn numbers(page: &[Subject]) -> Vec<SubjectNo> {
    page.iter().map(|it| it.no).collect()
}

/// After a page that is full there may be another one.
fn next(page: &[Subject], count: usize) -> Option<SubjectId> {
    page.last().filter(|_| page.len() == count).map(|it| it.id)
}

/// What a list tells of an employment.
const TOLD: [Field; 2] = [Field::EmploymentUnit, Field::EmploymentPositionTitle];
/// What is read for it.
const OF_EMPLOYMENTS: Claimed = Claimed::Only(&TOLD);
/// The same with the person's name, and what ranks the employments that may give it.
const OF_PERSONS: Claimed = Claimed::Only(&[
    TOLD[0],
    TOLD[1],
    Field::PersonName,
    Field::PersonFirstName,
    Field::PersonLastName,
    Field::EmploymentContractCode,
    Field::EmploymentHoursNumerator,
]);
const OF_UNITS: Claimed = Claimed::Only(&[Field::UnitName, Field::UnitParent]);

/// The days around `day` on which an employment is what a list tells of it, whatever else changes, and what
/// it is on the day.
fn around<'v, 'a>(view: &'v View<'a>, day: Date) -> Option<(Validity, &'v Picture<'a>)> {
    let at = view.slices.iter().position(|(days, _)| days.contains(day))?;
    let (before, from) = view.slices.split_at_checked(at)?;
    let ((days, picture), after) = from.split_first()?;
    let is_same =
        |it: &Picture<'_>| TOLD.iter().all(|field| it.text(*field) == picture.text(*field));
    let grown = |days: Validity, (more, it): &(Validity, Picture<'_>)| {
        days.united(more).filter(|_| is_same(it)).ok_or(days)
    };
    let days = before.iter().rev().try_fold(*days, grown).unwrap_or_else(|it| it);
    let days = after.iter().try_fold(days, grown).unwrap_or_else(|it| it);
    Some((days, picture))
}

/// Where pages are made.
struct Desk {
    tx: Tx,
    employer: Arc<Employer>,
}

impl Desk {
    async fn open(hub: &Hub, tenant: TenantId, when: When) -> Result<Self, PeopleError> {
        let (tx, employer) = when.found(hub, tenant).await?;
        Ok(Self { tx, employer })
    }

    /// The subjects that a page is made of.
    async fn page(&mut self, kind: Kind, wanted: Wanted<'_>) -> Result<Vec<Subject>, PeopleError> {
        let Self { tx, employer } = self;
        let tenant = employer.tenant;
        let after = match wanted.after {
            Some(id) => subject::by_id(tx, tenant, id).await?.map(|it| it.no),
            None => Some(SubjectNo(0)),
        };
        // Nothing comes after what is not there.
        let Some(after) = after else { return Ok(Vec::new()) };
        let Some(only) = wanted.only else {
            let count = u32::try_from(wanted.count).unwrap_or(u32::MAX);
            return Ok(subject::of_kind(tx, tenant, kind, after, count).await?);
        };
        let persons: Vec<SubjectNo> =
            subject::by_ids(tx, tenant, only).await?.into_iter().map(|it| it.no).collect();
        let subjects: BTreeSet<SubjectNo> = match kind {
            Kind::Employment => {
                let all: Vec<SubjectNo> =
                    persons.iter().flat_map(|it| employer.links.all_of(*it)).collect();
                let told = employer.naming(tx, (&all, Claimed::Only(&[]))).await?;
                told.into_iter().map(|it| it.subject.no).collect()
            }
            Kind::Person
            | Kind::Unit
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => persons.into_iter().collect(),
        };
        let of_page = subjects.into_iter().filter(|it| *it > after).take(wanted.count);
        Ok(subject::by_no(tx, tenant, &of_page.collect::<Vec<_>>()).await?)
    }

    /// A unit, if it is there on the day.
    fn unit(&self, it: &Told) -> Option<ListedUnit> {
        let view = view(&self.employer.rules, &it.claims);
        let of_day = |(days, _): &&(Validity, Picture<'_>)| days.contains(self.employer.day);
        let (days, picture) = view.slices.iter().find(of_day)?;
        Some(ListedUnit {
            id: it.subject.id,
            number: it.claims.native.clone(),
            name: picture.text(Field::UnitName).map(str::to_owned),
            parent: picture.text(Field::UnitParent).map(NativeKey::text),
            from: open(days.from()),
            until: days.until(),
        })
    }

    /// Those of the employments that are there on the day, each with whose it is; of some persons it is
    /// known who they are.
    async fn employments(
        &mut self,
        told: &[Told],
        known: &[Subject],
    ) -> Result<Vec<(SubjectNo, ListedEmployment)>, PeopleError> {
        let day = self.employer.day;
        let mut ids: BTreeMap<SubjectNo, SubjectId> =
            known.iter().map(|it| (it.no, it.id)).collect();
        let persons = told.iter().filter_map(|it| it.person).filter(|it| !ids.contains_key(it));
        let persons: Vec<SubjectNo> = persons.collect::<BTreeSet<_>>().into_iter().collect();
        let persons = subject::by_no(&mut self.tx, self.employer.tenant, &persons).await?;
        ids.extend(persons.iter().map(|it| (it.no, it.id)));
        let listed = told.iter().filter_map(|it| {
            let view = view(&self.employer.rules, &it.claims);
            let (days, picture) = around(&view, day)?;
            let text = |field| picture.text(field).map(str::to_owned);
            let person = it.person.unwrap_or(it.subject.no);
            let listed = ListedEmployment {
                id: it.subject.id,
                number: it.claims.native.clone(),
                person: ids.get(&person).copied(),
                unit: text(Field::EmploymentUnit).map(|it| NativeKey::text(&it)),
                title: text(Field::EmploymentPositionTitle),
                from: open(days.from()),
                until: days.until(),
            };
            Some((person, listed))
        });
        Ok(listed.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kobling_domain::id::{RecordNo, RunNo, Version};
    use kobling_domain::people::{Claim, Claims, Rules, State, Track, Value};
    use kobling_domain::time::{Origin, Slice};

    fn claim(from: i16, until: Option<i16>, (title, phone): (&str, &str)) -> Claim {
        let first = |year| date(year, 1, 1);
        let mut state = State::new();
        state.set(Field::EmploymentPositionTitle, Value::Text(title.to_owned()));
        state.set(Field::EmploymentWorkPhone, Value::Text(phone.to_owned()));
        let slice = Slice {
            validity: Validity::new(first(from), until.map(first)).unwrap(),
            state,
            stated_from: first(from),
            origin: Origin { run: RunNo(1), record: RecordNo(1) },
        };
        Claim { source: SourceNo(1), track: Track::Record, since: Version(1), slice }
    }

    #[test]
    fn the_days_of_a_listed_employment_are_those_of_what_the_list_tells() {
        let list = vec![
            claim(2014, Some(2016), ("Lærer", "1")),
            claim(2016, Some(2018), ("Skoleleder", "1")),
            claim(2018, Some(2020), ("Skoleleder", "2")),
            claim(2020, Some(2022), ("Skoleleder", "3")),
            claim(2023, None, ("Skoleleder", "3")),
        ];
        let claims = Claims { kind: Kind::Employment, native: NativeKey::text("7"), list };
        let rules = Rules::default();
        let view = view(&rules, &claims);
        let days = |year| around(&view, date(year, 6, 1)).map(|it| it.0.to_string());
        assert_eq!(days(2015).as_deref(), Some("[2014-01-01, 2016-01-01)"));
        for year in [2016, 2018, 2021] {
            assert_eq!(days(year).as_deref(), Some("[2016-01-01, 2022-01-01)"));
        }
        assert_eq!(days(2022), None);
        assert_eq!(days(2024).as_deref(), Some("[2023-01-01, …)"));
    }

    #[test]
    fn what_is_answered_together_with_what_is_read_is_read_too() {
        for wanted in [OF_EMPLOYMENTS, OF_PERSONS, OF_UNITS] {
            let Claimed::Only(fields) = wanted else { continue };
            let names = |it: &Field| it.kind() != Kind::Employment || TOLD.contains(it);
            for field in fields.iter().filter(|it| names(it)) {
                let answered = field.answered_with();
                for it in Field::ALL.iter().filter(|it| it.answered_with() == answered) {
                    assert!(fields.contains(it), "{}", it.name());
                }
            }
        }
    }
}
