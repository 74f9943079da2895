//! People by name, or by the number of an employment.

use super::find::{PeopleError, by_number};
use super::shown::UnitOf;
use crate::Hub;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Field, Kind, NativeKey, view_near};
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::people::roster::{self, Entry};
use kobling_store::people::subject;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Employments on one day.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The day.
    pub as_of: Date,
    /// Each employment, by the person's name.
    pub employments: Vec<FoundEmployment>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// An employment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundEmployment {
    /// The hub's own id of the person; none if nobody is named.
    pub person: Option<SubjectId>,
    /// The person's name; empty where there is none.
    pub name: String,
    /// The hub's own id of the employment.
    pub employment: SubjectId,
    /// The source's number of it.
    pub number: NativeKey,
    /// The position's title; empty where there is none.
    pub title: String,
    /// The unit.
    pub unit: Option<UnitOf>,
    /// The first day on which it is so.
    pub from: Date,
    /// The first day on which it is no longer so; none if no end is known.
    pub until: Option<Date>,
}

/// The employments on `as_of`, else on the employer's today: those whose number `find` is, else of
/// those whose name has every word of it the first `employments_max`.
#[crate::boxed]
pub async fn search(
    hub: &Hub,
    tenant: TenantId,
    (find, as_of): (&str, Option<Date>),
    employments_max: u32,
) -> Result<Found, PeopleError> {
    let day = match as_of {
        Some(day) => day,
        None => access::civil_now(hub, tenant).await?.date(),
    };
    let mut tx = hub.db.read().await?;
    let mut entries = numbered(&mut tx, tenant, find, day).await?;
    if entries.is_empty() {
        entries = roster::search(&mut tx, tenant, day, find, employments_max + 1).await?;
    }
    let wanted = usize::try_from(employments_max).unwrap_or(usize::MAX);
    let more = entries.len() > wanted;
    entries.truncate(wanted);
    let version = tenant::version(&mut tx, tenant).await?;
    let employer = hub.kept.employer(&mut tx, (tenant, version, day)).await?;
    let units: BTreeSet<SubjectNo> = entries.iter().filter_map(|it| it.unit).collect();
    let units: Vec<SubjectNo> = units.into_iter().collect();
    let told = employer.told(&mut tx, &units).await?;
    let units: BTreeMap<SubjectNo, UnitOf> = told
        .into_iter()
        .map(|it| {
            let near = view_near(&employer.rules, &it.claims, day);
            let name = near.and_then(|near| near.text(Field::UnitName).map(str::to_owned));
            (it.subject.no, UnitOf { number: it.claims.native, name })
        })
        .collect();
    let person = |it: &Entry| it.person.map(|no| employer.links.one(no));
    let named = entries.iter().flat_map(|it| [Some(it.subject), person(it)]).flatten();
    let named: BTreeSet<SubjectNo> = named.collect();
    let named: Vec<SubjectNo> = named.into_iter().collect();
    let subjects = subject::by_no(&mut tx, tenant, &named).await?;
    let subjects: BTreeMap<SubjectNo, _> = subjects.into_iter().map(|it| (it.no, it)).collect();
    let employment = |it: Entry| {
        let own = subjects.get(&it.subject)?;
        Some(FoundEmployment {
            person: it.person.and_then(|no| subjects.get(&employer.links.one(no))).map(|it| it.id),
            name: it.name,
            employment: own.id,
            number: own.native.clone().unwrap_or_else(|| NativeKey::text("")),
            title: it.title,
            unit: it.unit.and_then(|no| units.get(&no)).cloned(),
            from: it.validity.from(),
            until: it.validity.until(),
        })
    };
    Ok(Found {
        as_of: day,
        employments: entries.into_iter().filter_map(employment).collect(),
        more,
    })
}

/// The employments on `day` that a source knows by that number.
async fn numbered(
    tx: &mut Tx,
    tenant: TenantId,
    number: &str,
    day: Date,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    // No name has a digit.
    if number.contains(|it: char| it.is_ascii_digit()) {
        for no in by_number(tx, tenant, &[Kind::Employment], number).await?.into_keys() {
            entries.extend(roster::between(tx, tenant, no, no).await?);
        }
    }
    entries.retain(|it| it.validity.contains(day));
    Ok(entries)
}
