//! Target groups, and the people each holds on a day.

mod edit;

pub use edit::{SaveError, Stands, save, stands};

use super::employer::{Employer, Told};
use super::find::PeopleError;
use super::organisation::Organisation;
use super::shown::When;
use crate::Hub;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, Group, GroupError, GroupOn, GroupText, NativeKey, view_at};
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::subject;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Units and people looked up at once.
const BATCH: usize = 500;

/// Why no group can be shown.
#[derive(Debug, thiserror::Error)]
pub enum GroupsError {
    /// No such group.
    #[error("there is no group {key:?} (there is: {known})")]
    Unknown {
        /// The key as given.
        key: String,
        /// Keys there are.
        known: String,
    },
    /// The stored group cannot be used.
    #[error("the stored group cannot be used")]
    Group(#[from] GroupError),
    /// The ledger or the configuration cannot be read.
    #[error("the people of the group cannot be found")]
    People(#[from] PeopleError),
}

/// A group as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Described {
    /// Its key.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Its rules in words, in order.
    pub rules: Vec<String>,
}

/// The people of a group on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Members {
    /// The group.
    pub group: Described,
    /// The day.
    pub as_of: Date,
    /// The version of the ledger.
    pub version: Version,
    /// Who is in it, by name.
    pub people: Vec<Member>,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    /// The hub's own id of them.
    pub person: SubjectId,
    /// Their name.
    pub name: Option<String>,
    /// The employments by which they are in it.
    pub because: Vec<Because>,
}

/// Why somebody is in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Because {
    /// The employment's number.
    pub employment: NativeKey,
    /// Its position title.
    pub title: Option<String>,
    /// The number of its unit.
    pub unit: Option<NativeKey>,
    /// The name of its unit.
    pub unit_name: Option<String>,
    /// The first rule that holds of it; 1 for the first.
    pub rule: usize,
}

/// The groups that are configured, by key.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId) -> Result<Vec<Described>, GroupsError> {
    let texts = texts(&mut read(hub).await?, tenant).await?;
    Ok(texts.iter().map(described).collect())
}

/// Who is in the group of that key, as it was written then, on a day, else on the employer's today, and
/// why: over all that was known, whatever any agreement lets out of it.
///
/// # Errors
///
/// An unknown key is refused with those there are, and an instant before the ledger began.
#[crate::boxed]
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    when: When,
) -> Result<Members, GroupsError> {
    let (mut tx, employer) = when.found(hub, tenant).await?;
    let configured =
        access::load_at(&mut tx, tenant, employer.version).await.map_err(PeopleError::from)?;
    let texts = configured.groups;
    let text = texts.iter().find(|it| it.key == key).ok_or_else(|| GroupsError::Unknown {
        key: key.to_owned(),
        known: texts.iter().map(|it| it.key.as_str()).collect::<Vec<_>>().join(", "),
    })?;
    held(&mut tx, &employer, text).await
}

/// The same of a group that is configured nowhere: what a rule would hold.
#[crate::boxed]
pub async fn preview(
    hub: &Hub,
    tenant: TenantId,
    text: &GroupText,
    as_of: Option<Date>,
) -> Result<Members, GroupsError> {
    let when = When { as_of, known_at: None };
    let (mut tx, employer) = when.found(hub, tenant).await?;
    held(&mut tx, &employer, text).await
}

async fn held(tx: &mut Tx, employer: &Employer, text: &GroupText) -> Result<Members, GroupsError> {
    let people = members(tx, employer, &Group::parse(text)?).await?;
    let (as_of, version) = (employer.day, employer.version);
    Ok(Members { group: described(text), as_of, version, people })
}

async fn read(hub: &Hub) -> Result<Tx, PeopleError> {
    Ok(hub.db.read().await?)
}

async fn texts(tx: &mut Tx, tenant: TenantId) -> Result<Vec<GroupText>, PeopleError> {
    Ok(access::load(tx, tenant).await?.groups)
}

fn described(text: &GroupText) -> Described {
    let rules = text.any.iter().map(ToString::to_string).collect();
    Described { key: text.key.clone(), name: text.name.clone(), rules }
}

async fn members(
    tx: &mut Tx,
    employer: &Employer,
    group: &Group,
) -> Result<Vec<Member>, PeopleError> {
    let mut found = BTreeMap::new();
    // A unit's number tells it among the units of its source only.
    for source in source::list(tx, employer.tenant).await? {
        gather(tx, employer, (group, source.no), &mut found).await?;
    }
    let numbers: Vec<SubjectNo> = found.keys().copied().collect();
    let mut people = Vec::with_capacity(numbers.len());
    for batch in numbers.chunks(BATCH) {
        let mut names = employer.names(tx, batch).await?;
        for person in subject::by_no(tx, employer.tenant, batch).await? {
            let because = found.remove(&person.no).unwrap_or_default().into_values().collect();
            let name = names.remove(&person.no);
            people.push(Member { person: person.id, name, because });
        }
    }
    people.sort_by(|a, b| (&a.name, a.person).cmp(&(&b.name, b.person)));
    Ok(people)
}

/// Those whom employments of one source make members, each with why.
type Found = BTreeMap<SubjectNo, BTreeMap<NativeKey, Because>>;

async fn gather(
    tx: &mut Tx,
    employer: &Employer,
    (group, source): (&Group, SourceNo),
    found: &mut Found,
) -> Result<(), PeopleError> {
    let organisation = employer.organisation(tx, Some(source)).await?;
    let group = group.on(&organisation.tree, employer.day);
    let units: BTreeSet<NativeKey> = organisation.days.iter().map(|it| it.unit.clone()).collect();
    let units: Vec<NativeKey> = units.into_iter().collect();
    for units in units.chunks(BATCH) {
        let told = employer.employments_in(tx, &organisation.numbers(units)).await?;
        for it in &told {
            if let (Some(person), Some(why)) =
                (it.person, because(employer, organisation, &group, it))
            {
                let person = employer.links.one(person);
                found.entry(person).or_default().insert(why.employment.clone(), why);
            }
        }
    }
    Ok(())
}

/// Why an employment makes its person a member; none if it does not.
fn because(
    employer: &Employer,
    organisation: &Organisation,
    group: &GroupOn<'_>,
    told: &Told,
) -> Option<Because> {
    let picture = view_at(&employer.rules, &told.claims, employer.day)?;
    let rule = group.rule_for(&picture)?;
    let unit = picture.text(Field::EmploymentUnit).map(NativeKey::text);
    let unit_name = unit.as_ref().and_then(|it| organisation.name(it)).map(str::to_owned);
    let title = picture.text(Field::EmploymentPositionTitle).map(str::to_owned);
    Some(Because { employment: told.claims.native.clone(), title, unit, unit_name, rule })
}
