use super::super::employer::Employer;
use super::super::find::PeopleError;
use super::super::shown::plain;
use super::links;
use crate::Hub;
use crate::access;
use crate::exchange::mint::open_number;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Claim, Claims, Field, FieldName, Kind, Links, Value, person_view_at};
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::claim::{self, Wanted};
use kobling_store::people::same;
use kobling_store::people::subject::{self, Subject};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Subjects read at once.
const PAGE_SUBJECTS: i64 = 4_000;
/// Persons with the same e-mail or name and birth date at most; what more have is no trace of one
/// person but a placeholder.
const HOLDERS_MAX: usize = 20;
/// Suggestions and conflicts told at most.
const TOLD_MAX: usize = 10_000;

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The hub's own id.
    pub id: SubjectId,
    /// The name; none if nobody tells it.
    pub name: Option<String>,
    /// Keys of the sources that know the person.
    pub sources: Vec<String>,
}

/// Two persons of different sources who may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suggested {
    /// The one.
    pub person: Who,
    /// The other.
    pub other: Who,
    /// How likely, of 100; never on the name alone.
    pub score: u8,
    /// What is the same.
    pub because: Vec<&'static str>,
}

/// A field of which two sources say different things of one person today.
#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    /// Of whom.
    pub person: Who,
    /// The field.
    pub field: String,
    /// Who says what, whose word counts first.
    pub said: Vec<Said>,
    /// Whether a line of the authority table decides.
    pub decided: bool,
}

/// What a source says.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// The source's key.
    pub source: String,
    /// The value.
    #[serde(serialize_with = "plain")]
    pub value: Value,
}

/// Somebody who is told of under another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Linked {
    /// Who is linked.
    pub person: SubjectId,
    /// Under whom they are told of.
    pub same_as: SubjectId,
    /// Who said so.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Who may be one, where sources differ, and who is linked.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Suggestions {
    /// Pairs, the likeliest first.
    pub suggested: Vec<Suggested>,
    /// Fields, by person.
    pub conflicts: Vec<Conflict>,
    /// Links that hold.
    pub linked: Vec<Linked>,
}

/// A person as far as it matters here.
struct Known {
    no: SubjectNo,
    who: Who,
    sources: BTreeSet<SourceNo>,
    is_numbered: bool,
    email: Option<String>,
    /// Name and date of birth.
    born: Option<String>,
    name: Option<String>,
}

struct Searching<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    employer: Employer,
    links: Links,
    keys: BTreeMap<SourceNo, String>,
    only: Option<SubjectNo>,
    found: Suggestions,
}

/// Looks through all persons, those first whom a table describes: at least one of a pair is one of
/// these. Memory grows with them, and with who has an e-mail address or a birth date of theirs.
pub(super) async fn all(
    hub: &Hub,
    tenant: TenantId,
    only: Option<SubjectNo>,
) -> Result<Suggestions, PeopleError> {
    let day = access::civil_now(hub, tenant).await?.date();
    let mut tx = hub.db.read().await?;
    let version = tenant::version(&mut tx, tenant).await?;
    let links = links(&mut tx, tenant, version).await?;
    let sources = source::list(&mut tx, tenant).await?;
    let only = only.map(|it| links.one(it));
    let mut searching = Searching {
        hub,
        tenant,
        employer: Employer::on(&mut tx, tenant, version, day).await?,
        links,
        keys: sources.into_iter().map(|it| (it.no, it.key)).collect(),
        only,
        found: Suggestions::default(),
    };
    let described = searching.described(&mut tx).await?;
    let candidates = searching.candidates(&mut tx, &described).await?;
    let apart: BTreeSet<(SubjectNo, SubjectNo)> =
        same::apart(&mut tx, tenant).await?.into_iter().collect();
    searching.suggest(&described, &candidates, &apart);
    searching.list_links(&mut tx).await?;
    Ok(searching.found)
}

impl Searching<'_> {
    /// The persons of whom something is claimed by itself, and where their sources differ.
    async fn described(&mut self, tx: &mut Tx) -> Result<Vec<Known>, PeopleError> {
        let mut described = Vec::new();
        let mut first = SubjectNo(0);
        let last = subject::last(tx, self.tenant).await?;
        while first <= last {
            let until = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            let page = self.page(tx, first, SubjectNo(until.0 - 1)).await?;
            for (person, own, employments) in page {
                if own.is_empty() {
                    continue;
                }
                let Some(known) = self.known(&person, &own, &employments)? else { continue };
                if self.only.is_none_or(|it| it == person.no) {
                    self.note_conflicts(&known.who, &own, &employments);
                }
                described.push(known);
            }
            first = until;
        }
        Ok(described)
    }

    /// Everybody who has an e-mail address, or a name and date of birth, of one of these.
    async fn candidates(
        &mut self,
        tx: &mut Tx,
        described: &[Known],
    ) -> Result<Vec<Known>, PeopleError> {
        let wanted: BTreeSet<&String> =
            described.iter().flat_map(|it| [&it.email, &it.born]).flatten().collect();
        let (mut candidates, mut first) = (Vec::new(), SubjectNo(0));
        let last = subject::last(tx, self.tenant).await?;
        while first <= last && !wanted.is_empty() {
            let until = SubjectNo(first.0.saturating_add(PAGE_SUBJECTS));
            for (person, own, employments) in self.page(tx, first, SubjectNo(until.0 - 1)).await? {
                let Some(known) = self.known(&person, &own, &employments)? else { continue };
                if [&known.email, &known.born].into_iter().flatten().any(|it| wanted.contains(it)) {
                    candidates.push(known);
                }
            }
            first = until;
        }
        Ok(candidates)
    }

    /// The persons among the subjects numbered from `first` to `last`, each with the claims on
    /// them and on their employments.
    async fn page(
        &self,
        tx: &mut Tx,
        first: SubjectNo,
        last: SubjectNo,
    ) -> Result<Vec<(Subject, Vec<Claim>, Vec<Claims>)>, PeopleError> {
        let mut persons = subject::between(tx, self.tenant, first, last).await?;
        persons.retain(|it| it.kind == Kind::Person && self.links.one(it.no) == it.no);
        let numbers: Vec<SubjectNo> =
            persons.iter().flat_map(|it| self.links.all_of(it.no)).collect();
        let mut own: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for it in claim::at(tx, self.tenant, &numbers, self.employer.version).await? {
            let one = self.links.one(it.subject);
            let claim::Claim { source, track, since, slice, .. } = it;
            own.entry(one).or_default().push(Claim { source, track, since, slice });
        }
        let mut employments: BTreeMap<SubjectNo, Vec<Claims>> = BTreeMap::new();
        for told in self.employer.naming(tx, (&numbers, Wanted::All)).await? {
            let Some(person) = told.person else { continue };
            employments.entry(self.links.one(person)).or_default().push(told.claims);
        }
        let page = persons.into_iter().map(|it| {
            let (own, through) = (own.remove(&it.no), employments.remove(&it.no));
            (it, own.unwrap_or_default(), through.unwrap_or_default())
        });
        Ok(page.collect())
    }

    fn known(
        &self,
        person: &Subject,
        own: &[Claim],
        employments: &[Claims],
    ) -> Result<Option<Known>, PeopleError> {
        let Employer { rules, day, .. } = &self.employer;
        let Some(picture) = person_view_at(rules, own, employments, *day) else { return Ok(None) };
        let text = |field| picture.text(field).map(str::to_owned);
        let name = text(Field::PersonName);
        let lower = name.as_ref().map(|it| it.to_lowercase());
        let born = match (&person.number_sealed, picture.get(Field::PersonBirthDate)) {
            (_, Some(Value::Date(day))) => Some(day_of(*day)),
            (Some(sealed), _) => {
                let number = open_number(self.hub, self.tenant, person.id, sealed)?;
                birth_of(number.digits())
            }
            (None, _) => None,
        };
        let through = employments.iter().flat_map(|it| &it.list);
        let sources: BTreeSet<SourceNo> = own.iter().chain(through).map(|it| it.source).collect();
        let keys = sources.iter().filter_map(|it| self.keys.get(it).cloned()).collect();
        Ok(Some(Known {
            no: person.no,
            who: Who { id: person.id, name, sources: keys },
            sources,
            is_numbered: person.number_sealed.is_some(),
            email: text(Field::PersonEmail).map(|it| it.to_lowercase()),
            born: lower.as_ref().zip(born).map(|(name, born)| format!("{name} {born}")),
            name: lower,
        }))
    }

    fn note_conflicts(&mut self, who: &Who, own: &[Claim], employments: &[Claims]) {
        let day = self.employer.day;
        let through = employments.iter().flat_map(|it| &it.list);
        let mut said: BTreeMap<&FieldName, BTreeMap<SourceNo, &Value>> = BTreeMap::new();
        for claim in own.iter().chain(through).filter(|it| it.slice.validity.contains(day)) {
            for (name, value) in claim.slice.state.fields_of(Kind::Person) {
                said.entry(name).or_default().entry(claim.source).or_insert(value);
            }
        }
        let authority = &self.employer.rules.authority;
        for (name, by_source) in said {
            let mut values = by_source.values();
            let first = values.next();
            let differs = values.any(|it| Some(it) != first);
            if !differs || self.found.conflicts.len() >= TOLD_MAX {
                continue;
            }
            let decided = by_source.keys().any(|it| authority.decides(name, *it, day));
            let mut said: Vec<(SourceNo, &Value)> = by_source.into_iter().collect();
            said.sort_by_key(|(source, _)| authority.place(name, *source, day));
            let said = said.into_iter().map(|(source, value)| Said {
                source: self.keys.get(&source).cloned().unwrap_or_default(),
                value: value.clone(),
            });
            self.found.conflicts.push(Conflict {
                person: who.clone(),
                field: name.to_string(),
                said: said.collect(),
                decided,
            });
        }
    }

    fn suggest(
        &mut self,
        described: &[Known],
        candidates: &[Known],
        apart: &BTreeSet<(SubjectNo, SubjectNo)>,
    ) {
        let mut by_key: BTreeMap<&String, Vec<&Known>> = BTreeMap::new();
        for it in candidates {
            for key in [&it.email, &it.born].into_iter().flatten() {
                by_key.entry(key).or_default().push(it);
            }
        }
        by_key.retain(|_, holders| holders.len() <= HOLDERS_MAX);
        let mut pairs = BTreeMap::new();
        for a in described {
            let keys = [&a.email, &a.born].into_iter().flatten();
            for b in keys.filter_map(|it| by_key.get(it)).flatten() {
                let pair = (a.no.min(b.no), a.no.max(b.no));
                let is_wanted = self.only.is_none_or(|it| it == a.no || it == b.no);
                if a.no != b.no && is_wanted && !apart.contains(&pair) {
                    pairs.extend(suggested(a, b).map(|it| (pair, it)));
                }
            }
        }
        self.found.suggested = pairs.into_values().collect();
        self.found.suggested.sort_by_key(|it| std::cmp::Reverse(it.score));
        self.found.suggested.truncate(TOLD_MAX);
    }

    async fn list_links(&mut self, tx: &mut Tx) -> Result<(), PeopleError> {
        let mut links = same::history(tx, self.tenant).await?;
        links.retain(|it| self.links.same_as(it.subject) == Some(it.same_as));
        links.retain(|it| it.until == kobling_domain::id::Version::OPEN);
        links.retain(|it| self.only.is_none_or(|only| self.links.one(it.subject) == only));
        let numbers: Vec<SubjectNo> =
            links.iter().flat_map(|it| [it.subject, it.same_as]).collect();
        let subjects = subject::by_no(tx, self.tenant, &numbers).await?;
        let ids: BTreeMap<SubjectNo, SubjectId> =
            subjects.into_iter().map(|it| (it.no, it.id)).collect();
        let linked = links.into_iter().filter_map(|it| {
            let (person, same_as) = (*ids.get(&it.subject)?, *ids.get(&it.same_as)?);
            Some(Linked { person, same_as, by: it.who, reason: it.reason })
        });
        self.found.linked = linked.collect();
        Ok(())
    }
}

/// Two persons, if their sources and numbers allow that they are one.
fn suggested(a: &Known, b: &Known) -> Option<Suggested> {
    let are_two = a.is_numbered && b.is_numbered;
    if are_two || !a.sources.is_disjoint(&b.sources) {
        return None;
    }
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let (email, born, name) =
        (same(&a.email, &b.email), same(&a.born, &b.born), same(&a.name, &b.name));
    let (score, because) = match (email, born, name) {
        (true, true, _) => (95, vec!["e-mail", "name and date of birth"]),
        (false, true, _) => (80, vec!["name and date of birth"]),
        (true, false, true) => (75, vec!["e-mail", "name"]),
        (true, false, false) => (50, vec!["e-mail"]),
        (false, false, _) => return None,
    };
    Some(Suggested { person: a.who.clone(), other: b.who.clone(), score, because })
}

/// A day as a national number begins.
fn day_of(day: Date) -> String {
    format!("{:02}{:02}{:02}", day.day(), day.month(), day.year().rem_euclid(100))
}

/// The date of birth in a CPR number; days from 61 on are those of made-up numbers.
fn birth_of(digits: &str) -> Option<String> {
    let day: u8 = digits.get(..2)?.parse().ok()?;
    let rest = digits.get(2..6).filter(|_| digits.len() == 10)?;
    Some(format!("{:02}{rest}", if day > 60 { day - 60 } else { day }))
}
