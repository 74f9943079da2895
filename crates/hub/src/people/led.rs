//! A leader's own people: those in their units, and, one level at a time, the leaders below.

use super::employer::{Employer, Told, roles};
use super::find::{PeopleError, find};
use super::organisation::Organisation;
use super::show::{Belongings, belongings};
use super::shown::{ActivityOf, PersonOf, QualificationOf, UnitOf};
use crate::Hub;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId};
use kobling_domain::people::{Chart, Field, Kind, NativeKey, Role, view_at};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A leader with their own people on one day.
#[derive(Clone, Debug, Serialize)]
pub struct Team {
    /// The leader.
    pub manager: PersonOf,
    /// The day.
    pub day: Date,
    /// The units they lead.
    pub units: Vec<UnitOf>,
    /// Their people, whose qualification expires first before whose expires later.
    pub people: Vec<Led>,
}

/// One of a leader's own people.
#[derive(Clone, Debug, Serialize)]
pub struct Led {
    /// Who.
    pub person: PersonOf,
    /// The unit they work in.
    pub unit: UnitOf,
    /// The position's title.
    pub title: Option<String>,
    /// Whether they lead that unit; their own people are told of with them.
    pub leads: bool,
    /// What expires first, or expired and was not renewed.
    pub expires: Option<Expiry>,
    /// All qualifications, what ends first before what ends later.
    pub qualifications: Vec<QualificationOf>,
    /// All activities.
    pub activities: Vec<ActivityOf>,
}

/// A qualification that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// What.
    pub name: String,
    /// The last day.
    pub valid_until: Date,
    /// Whether that day is past.
    pub is_past: bool,
}

/// One place that a person has below a leader.
struct Seat {
    person: SubjectNo,
    unit: UnitOf,
    title: Option<String>,
    leads: bool,
}

/// The people of the leader that `id` names: the hub's own id of the person, or the number of the
/// employment by which they lead.
#[crate::boxed]
pub async fn team(
    hub: &Hub,
    tenant: TenantId,
    id: &str,
    as_of: Option<Date>,
) -> Result<Team, PeopleError> {
    let day = match as_of {
        Some(day) => day,
        None => access::civil_now(hub, tenant).await?.date(),
    };
    let mut tx = hub.db.read().await?;
    let version = tenant::version(&mut tx, tenant).await?;
    let employer = hub.kept.employer(&mut tx, (tenant, version, day)).await?;
    let found = match find(&mut tx, tenant, Some(Kind::Person), id).await {
        Err(PeopleError::PersonByNumber | PeopleError::OtherKind { .. }) => {
            find(&mut tx, tenant, Some(Kind::Employment), id).await?
        }
        found => found?,
    };
    let leader = match found.kind {
        Kind::Employment => {
            employer.told(&mut tx, &[found.no]).await?.first().and_then(|it| it.person)
        }
        Kind::Unit
        | Kind::Person
        | Kind::Position
        | Kind::Activity
        | Kind::Qualification
        | Kind::Absence => Some(employer.links.one(found.no)),
    };
    let unknown = || PeopleError::Unknown { what: "manager".to_owned(), id: found.id.to_string() };
    let leader = leader.ok_or_else(unknown)?;
    let (mut units, mut seats) = (Vec::new(), Vec::new());
    let own = employer.employments_of(&mut tx, leader).await?;
    let sources: BTreeSet<Option<SourceNo>> = own.iter().map(Told::source).collect();
    for source in sources {
        let organisation = employer.organisation(&mut tx, source).await?;
        let of_source: Vec<Told> = employer
            .employments_of(&mut tx, leader)
            .await?
            .into_iter()
            .filter(|it| it.source() == source)
            .collect();
        let mut climb = Descent { employer: &employer, organisation, source, leader };
        climb.people(&mut tx, &of_source, &mut units, &mut seats).await?;
    }
    let people = led(&employer, &mut tx, seats).await?;
    let manager = employer.person_of(&mut tx, leader).await?;
    Ok(Team { manager, day, units, people })
}

/// One leader's way down the units of one source.
struct Descent<'a> {
    employer: &'a Employer,
    organisation: &'a Organisation,
    source: Option<SourceNo>,
    leader: SubjectNo,
}

impl Descent<'_> {
    /// Goes down from the units that the leader leads, through those that nobody leads, to the next
    /// leaders.
    async fn people(
        &mut self,
        tx: &mut Tx,
        own: &[Told],
        units: &mut Vec<UnitOf>,
        seats: &mut Vec<Seat>,
    ) -> Result<(), PeopleError> {
        let day = self.employer.day;
        let roles_of_own = roles(&self.employer.rules, own);
        let on_day = roles_of_own.iter().filter(|it| it.validity.contains(day));
        let mut level: BTreeSet<NativeKey> = on_day.map(|it| it.unit.clone()).collect();
        let (mut met, mut is_top) = (BTreeSet::new(), true);
        while !level.is_empty() {
            met.extend(level.iter().cloned());
            let mut staff =
                self.employer.employments_in(tx, &self.organisation.numbers(&level)).await?;
            staff.retain(|it| it.source() == self.source);
            let leading: Vec<Role> = roles(&self.employer.rules, &staff);
            let chart = Chart::on(&self.organisation.days, &leading, day);
            let mut next = BTreeSet::new();
            for unit in &level {
                let leader = chart.leader(unit).map(|it| it.person);
                let is_own = leader == Some(self.leader);
                if is_top && !is_own {
                    // A deputy: somebody else leads the unit.
                    continue;
                }
                if is_own {
                    units.push(self.unit_of(unit));
                }
                let is_led_by_other = leader.is_some() && !is_own;
                self.seat(unit, &staff, leader.filter(|_| is_led_by_other), seats);
                if !is_led_by_other {
                    next.extend(self.below(unit));
                }
            }
            level = next.difference(&met).cloned().collect();
            is_top = false;
        }
        Ok(())
    }

    /// Takes those in a unit, or its own leader alone.
    fn seat(
        &self,
        unit: &NativeKey,
        staff: &[Told],
        only: Option<SubjectNo>,
        seats: &mut Vec<Seat>,
    ) {
        for it in staff {
            let picture = view_at(&self.employer.rules, &it.claims, self.employer.day);
            let (Some(picture), Some(person)) = (picture, it.person) else { continue };
            let is_here =
                picture.text(Field::EmploymentUnit).map(NativeKey::text).as_ref() == Some(unit);
            let is_wanted = only.is_none_or(|only| only == person) && person != self.leader;
            if is_here && is_wanted && !seats.iter().any(|seat| seat.person == person) {
                seats.push(Seat {
                    person,
                    unit: self.unit_of(unit),
                    title: picture.text(Field::EmploymentPositionTitle).map(str::to_owned),
                    leads: only.is_some(),
                });
            }
        }
    }

    fn below(&self, unit: &NativeKey) -> Vec<NativeKey> {
        let day = self.employer.day;
        let days = self.organisation.days.iter();
        let below = days.filter(|it| it.parent.as_ref() == Some(unit) && it.validity.contains(day));
        below.map(|it| it.unit.clone()).collect()
    }

    fn unit_of(&self, unit: &NativeKey) -> UnitOf {
        let name = self.organisation.name(unit).map(str::to_owned);
        UnitOf { number: unit.clone(), name }
    }
}

async fn led(employer: &Employer, tx: &mut Tx, seats: Vec<Seat>) -> Result<Vec<Led>, PeopleError> {
    let persons: Vec<SubjectNo> = seats.iter().map(|it| it.person).collect();
    let mut belonging: BTreeMap<SubjectNo, Vec<Told>> = BTreeMap::new();
    for it in employer.belonging(tx, &persons).await? {
        if let Some(person) = it.person {
            belonging.entry(person).or_default().push(it);
        }
    }
    let mut people = Vec::with_capacity(seats.len());
    for it in seats {
        let told = belonging.remove(&it.person).unwrap_or_default();
        let Belongings { activities, qualifications, .. } = belongings(employer, &told);
        people.push(Led {
            person: employer.person_of(tx, it.person).await?,
            unit: it.unit,
            title: it.title,
            leads: it.leads,
            expires: expiry(&qualifications, employer.day),
            qualifications,
            activities,
        });
    }
    let end = |it: &Led| {
        let until = it.expires.as_ref().map(|it| it.valid_until);
        (until.is_none(), until, it.person.name.clone())
    };
    people.sort_by_key(end);
    Ok(people)
}

/// What ends first among the qualifications: of several of one name, the one that lasts longest
/// counts.
fn expiry(qualifications: &[QualificationOf], day: Date) -> Option<Expiry> {
    let mut last: BTreeMap<&str, Option<Date>> = BTreeMap::new();
    for it in qualifications {
        let known = last.entry(it.name.as_str()).or_insert(it.valid_until);
        *known = match (*known, it.valid_until) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (None, _) | (_, None) => None,
        };
    }
    let ends = last.into_iter().filter_map(|(name, until)| Some((until?, name)));
    let (valid_until, name) = ends.min()?;
    Some(Expiry { name: name.to_owned(), valid_until, is_past: valid_until < day })
}
