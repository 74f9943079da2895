use super::book::{Book, Decided, Known, Provenance};
use super::find::{PeopleError, find};
use super::shown::{as_map, open, plain};
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::{Field, FieldName, Kind, NativeKey, Value};
use kobling_store::engine::Tx;
use kobling_store::people::claim::{self, Claim};
use kobling_store::people::same;
use kobling_store::people::subject::{self, Subject};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was ever believed of a subject.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    /// The hub's own id.
    pub id: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// The source's key of it; a person has none.
    pub native: Option<NativeKey>,
    /// Each claim, in the order in which they came to be believed. Of a person, those on all
    /// employments that ever named the person too.
    pub claims: Vec<Believed>,
    /// When the person was said to be one with others, and when no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkedOnce>,
}

/// A link of two persons, with the versions in which it held.
#[derive(Clone, Debug, Serialize)]
pub struct LinkedOnce {
    /// Who was linked.
    pub person: SubjectId,
    /// Whom that was said to be.
    pub same_as: SubjectId,
    /// Since when.
    pub since: Known,
    /// When the link was undone; none while it holds.
    pub until: Option<Known>,
    /// Who said so.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A claim, with both its times.
#[derive(Clone, Debug, Serialize)]
pub struct Believed {
    /// What it is about.
    pub kind: Kind,
    /// The source's key of that.
    pub native: Option<NativeKey>,
    /// The first day; none if it has always been so.
    pub from: Option<Date>,
    /// The first day on which it is no longer so; none if no end is known.
    pub until: Option<Date>,
    /// The first day for which it was stated; days before are assumed.
    pub stated_from: Date,
    /// Since when it is believed.
    pub since: Known,
    /// The person who decided so; none if nobody had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// What took its place; none while it is believed.
    pub replaced: Option<Replaced>,
    /// Who stated it.
    pub origin: Provenance,
    /// What it says.
    #[serde(serialize_with = "values")]
    pub values: Vec<(FieldName, Value)>,
}

/// How belief in a claim ended.
#[derive(Clone, Debug, Serialize)]
pub struct Replaced {
    /// Since when something else is believed.
    #[serde(flatten)]
    pub by: Known,
    /// The file that was read then; none if it was no run.
    pub input: Option<String>,
    /// The records of that file that speak of the subject now; none if it was withdrawn.
    pub records: Vec<i64>,
    /// The person who decided so; none if nobody did.
    pub decided: Option<Decided>,
}

/// Everything that was ever believed of the subject that `id` names.
#[crate::boxed]
pub async fn history(hub: &Hub, tenant: TenantId, id: &str) -> Result<History, PeopleError> {
    let mut tx = hub.db.read().await?;
    let found = find(&mut tx, tenant, None, id).await?;
    let mut numbers = BTreeSet::from([found.no]);
    let mut book = Book::of(&mut tx, tenant).await?;
    let (links, linked) = links_of(&mut tx, tenant, &mut book, found.no).await?;
    numbers.extend(&linked);
    if found.kind == Kind::Person {
        for person in linked.iter().chain([&found.no]) {
            numbers.extend(claim::employments_of(&mut tx, tenant, *person).await?);
        }
    }
    let numbers: Vec<SubjectNo> = numbers.into_iter().collect();
    let mut claims = Vec::new();
    for subject in subject::by_no(&mut tx, tenant, &numbers).await? {
        let all = claim::history(&mut tx, tenant, &[subject.no]).await?;
        let persons: BTreeSet<SubjectNo> = all.iter().filter_map(|it| it.refs.person).collect();
        let persons: Vec<SubjectNo> = persons.into_iter().collect();
        let persons = subject::by_no(&mut tx, tenant, &persons).await?;
        let is_protected = subject.protected || persons.iter().any(|it| it.protected);
        for it in &all {
            // An employment number that was used again tells of the other person too.
            let is_other = found.kind == Kind::Person
                && it
                    .refs
                    .person
                    .is_some_and(|person| person != found.no && !linked.contains(&person));
            if !is_other {
                let believed = believed(&mut tx, &mut book, &subject, &all, it).await?;
                claims.push(if is_protected { believed.without_address() } else { believed });
            }
        }
    }
    claims.sort_by_key(|it| (it.since.version, it.native.clone(), it.from));
    Ok(History { id: found.id, kind: found.kind, native: found.native, claims, links })
}

/// The links that ever named a person, and everybody they named.
async fn links_of(
    tx: &mut Tx,
    tenant: TenantId,
    book: &mut Book,
    person: SubjectNo,
) -> Result<(Vec<LinkedOnce>, BTreeSet<SubjectNo>), PeopleError> {
    let mut all = same::history(tx, tenant).await?;
    all.retain(|it| it.subject == person || it.same_as == person);
    let numbers: BTreeSet<SubjectNo> = all.iter().flat_map(|it| [it.subject, it.same_as]).collect();
    let listed: Vec<SubjectNo> = numbers.iter().copied().collect();
    let ids: BTreeMap<SubjectNo, SubjectId> =
        subject::by_no(tx, tenant, &listed).await?.into_iter().map(|it| (it.no, it.id)).collect();
    let mut links = Vec::with_capacity(all.len());
    for it in all {
        let (Some(person), Some(same_as)) = (ids.get(&it.subject), ids.get(&it.same_as)) else {
            continue;
        };
        let until = match it.until {
            Version::OPEN => None,
            version => Some(book.known(tx, version).await?),
        };
        links.push(LinkedOnce {
            person: *person,
            same_as: *same_as,
            since: book.known(tx, it.since).await?,
            until,
            by: it.who,
            reason: it.reason,
        });
    }
    Ok((links, numbers))
}

impl Believed {
    /// The ledger holds no address of a protected person; should one be found, it is not told.
    fn without_address(mut self) -> Self {
        let is_address = |name: &FieldName| match name {
            FieldName::Known(field) => field.answered_with() == Field::PersonAddress,
            FieldName::Extra(_) => false,
        };
        self.values.retain(|(name, _)| !is_address(name));
        self
    }
}

async fn believed(
    tx: &mut Tx,
    book: &mut Book,
    subject: &Subject,
    all: &[Claim],
    it: &Claim,
) -> Result<Believed, PeopleError> {
    let replaced = match it.until {
        Version::OPEN => None,
        version => {
            let by = book.known(tx, version).await?;
            let input = match by.run {
                Some(run) => Some(book.input(tx, run).await?),
                None => None,
            };
            let written = all.iter().filter(|next| next.since == version);
            let spoken = written.filter(|next| Some(next.slice.origin.run) == by.run);
            let records: BTreeSet<i64> = spoken.map(|next| next.slice.origin.record.0).collect();
            let decided = book.decided(tx, &by).await?;
            Some(Replaced { by, input, records: records.into_iter().collect(), decided })
        }
    };
    let state = it.slice.state.iter();
    let since = book.known(tx, it.since).await?;
    Ok(Believed {
        kind: subject.kind,
        native: subject.native.clone(),
        from: open(it.slice.validity.from()),
        until: it.slice.validity.until(),
        stated_from: it.slice.stated_from,
        since,
        decided: book.decided(tx, &since).await?,
        replaced,
        origin: book.provenance(tx, it.source, it.slice.origin).await?,
        values: state.map(|(name, value)| (name.clone(), value.clone())).collect(),
    })
}

fn values<S: Serializer>(values: &[(FieldName, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    struct Plain<'a>(&'a Value);
    impl Serialize for Plain<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            plain(self.0, serializer)
        }
    }
    let values: Vec<_> = values.iter().map(|(name, it)| (name.clone(), Plain(it))).collect();
    as_map(&values, serializer)
}
