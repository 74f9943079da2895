//! An employer on one day, as the ledger told it at one version.

use super::book::Book;
use super::find::PeopleError;
use super::matches;
use super::organisation::Organisation;
use super::rules::rules;
use super::shown::PersonOf;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{
    Claim, Claims, Field, Links, NativeKey, Role, Rules, Track, person_view_at, view,
};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::claim::{self, Wanted};
use kobling_store::people::subject::{self, Subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

pub(super) struct Employer {
    pub(super) tenant: TenantId,
    pub(super) version: Version,
    pub(super) day: Date,
    pub(super) rules: Rules,
    /// Who is one with whom.
    pub(super) links: Links,
    /// What claims came from, as far as it was asked for.
    pub(super) book: Book,
    /// The units of each source, once one of them is asked for.
    organisations: OnceCell<BTreeMap<SourceNo, Organisation>>,
    nowhere: Organisation,
    /// Who leads each unit on some day, as far as it was asked for.
    leading: Mutex<BTreeMap<SubjectNo, Arc<[Role]>>>,
    /// Those of them who were named.
    leaders: Mutex<BTreeMap<SubjectNo, PersonOf>>,
}

/// A subject and what is claimed of it.
pub(super) struct Told {
    pub(super) subject: Subject,
    pub(super) claims: Claims,
    /// Whose employment it is on the day, else on the last day there is.
    pub(super) person: Option<SubjectNo>,
}

impl Employer {
    pub(super) async fn on(
        tx: &mut Tx,
        tenant: TenantId,
        version: Version,
        day: Date,
    ) -> Result<Self, PeopleError> {
        let sources = source::list(tx, tenant).await?;
        // Before the first version nothing was configured, and nothing is claimed.
        let rules = if version == Version::ZERO {
            Rules::default()
        } else {
            rules(&access::load_at(tx, tenant, version).await?, &sources)
        };
        Ok(Self {
            tenant,
            version,
            day,
            rules,
            links: matches::links(tx, tenant, version).await?,
            book: Book::new(tenant, sources),
            organisations: OnceCell::new(),
            nowhere: Organisation::of(&Rules::default(), &[], day),
            leading: Mutex::default(),
            leaders: Mutex::default(),
        })
    }

    /// What is claimed of subjects that were read, as far as it is wanted.
    pub(super) async fn told_of(
        &self,
        tx: &mut Tx,
        (subjects, wanted): (Vec<Subject>, Wanted),
    ) -> Result<Vec<Told>, PeopleError> {
        let numbers: Vec<SubjectNo> = subjects.iter().map(|it| it.no).collect();
        let claims = claim::parts_at(tx, self.tenant, (&numbers, wanted), self.version).await?;
        Ok(self.grouped(by_subject(claims), subjects))
    }

    /// The employments that name `person`, and their activities, qualifications and absences.
    pub(super) async fn of_person(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<(Vec<Told>, Vec<Told>), PeopleError> {
        let all = self.links.all_of(person);
        let claims = claim::naming(tx, self.tenant, &all, self.version).await?;
        let (employments, others) = claims.into_iter().partition(|it| it.track == Track::Record);
        Ok((self.group(tx, employments).await?, self.group(tx, others).await?))
    }

    /// What is claimed of these subjects. Those of whom nothing is are left out.
    pub(super) async fn told(
        &self,
        tx: &mut Tx,
        subjects: &[SubjectNo],
    ) -> Result<Vec<Told>, PeopleError> {
        let claims = claim::at(tx, self.tenant, subjects, self.version).await?;
        self.group(tx, claims).await
    }

    /// The employments that name `person`, with the claims that do.
    pub(super) async fn employments_of(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<Vec<Told>, PeopleError> {
        self.naming(tx, (&self.links.all_of(person), Wanted::All)).await
    }

    /// The employments that name one of `persons`, with the claims that do, as far as they are wanted.
    pub(super) async fn naming(
        &self,
        tx: &mut Tx,
        persons: (&[SubjectNo], Wanted),
    ) -> Result<Vec<Told>, PeopleError> {
        let mut claims = claim::parts_naming(tx, self.tenant, persons, self.version).await?;
        claims.retain(|it| it.track == Track::Record);
        self.group(tx, claims).await
    }

    /// The activities, qualifications and absences of `persons`.
    pub(super) async fn belonging(
        &self,
        tx: &mut Tx,
        persons: &[SubjectNo],
    ) -> Result<Vec<Told>, PeopleError> {
        let all = persons.iter().flat_map(|it| self.links.all_of(*it));
        let all: Vec<SubjectNo> = all.collect();
        let mut claims = claim::naming(tx, self.tenant, &all, self.version).await?;
        claims.retain(|it| it.track != Track::Record);
        self.group(tx, claims).await
    }

    /// The employments that are in one of `units` on some day.
    pub(super) async fn employments_in(
        &self,
        tx: &mut Tx,
        units: &[SubjectNo],
    ) -> Result<Vec<Told>, PeopleError> {
        let found = claim::employments_in(tx, self.tenant, units, self.version).await?;
        self.told(tx, &found).await
    }

    /// What is claimed of the subjects with these numbers.
    pub(super) async fn between(
        &self,
        tx: &mut Tx,
        (first, last): (SubjectNo, SubjectNo),
    ) -> Result<Vec<Told>, PeopleError> {
        let claims = claim::between(tx, self.tenant, first, last, self.version).await?;
        self.group(tx, claims).await
    }

    /// The units of one source: another may use the same numbers for others.
    pub(super) async fn organisation(
        &self,
        tx: &mut Tx,
        source: Option<SourceNo>,
    ) -> Result<&Organisation, PeopleError> {
        let all = self.organisations.get_or_try_init(|| self.all_units(tx)).await?;
        Ok(source.and_then(|it| all.get(&it)).unwrap_or(&self.nowhere))
    }

    async fn all_units(
        &self,
        tx: &mut Tx,
    ) -> Result<BTreeMap<SourceNo, Organisation>, PeopleError> {
        let mut by_source: BTreeMap<SourceNo, Vec<claim::Claim>> = BTreeMap::new();
        for it in claim::of_units(tx, self.tenant, self.version).await? {
            by_source.entry(it.source).or_default().push(it);
        }
        let mut organisations = BTreeMap::new();
        for (source, claims) in by_source {
            let units = self.group(tx, claims).await?;
            organisations.insert(source, Organisation::of(&self.rules, &units, self.day));
        }
        Ok(organisations)
    }

    /// Who leads these units, each on some day.
    pub(super) async fn leading(
        &self,
        tx: &mut Tx,
        organisation: &Organisation,
        units: &[&NativeKey],
    ) -> Result<Vec<Role>, PeopleError> {
        let (mut all, mut unknown) = (Vec::new(), BTreeMap::new());
        for unit in units {
            let Some(no) = organisation.number(unit) else { continue };
            if let Some(roles) = lock(&self.leading).get(&no) {
                all.extend_from_slice(roles);
            } else {
                unknown.insert(no, *unit);
            }
        }
        if unknown.is_empty() {
            return Ok(all);
        }
        let numbers: Vec<SubjectNo> = unknown.keys().copied().collect();
        let of_staff = roles(&self.rules, &self.employments_in(tx, &numbers).await?);
        for (no, unit) in unknown {
            let here: Arc<[Role]> =
                of_staff.iter().filter(|it| it.unit == *unit).cloned().collect();
            all.extend_from_slice(&here);
            lock(&self.leading).insert(no, here);
        }
        Ok(all)
    }

    /// Somebody who leads a unit, by name.
    pub(super) async fn leader(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<PersonOf, PeopleError> {
        if let Some(known) = lock(&self.leaders).get(&person) {
            return Ok(known.clone());
        }
        let found = self.person_of(tx, person).await?;
        lock(&self.leaders).insert(person, found.clone());
        Ok(found)
    }

    /// A person by name.
    pub(super) async fn person_of(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<PersonOf, PeopleError> {
        let id = subject::by_no(tx, self.tenant, &[person]).await?.first().map(|it| it.id);
        let id = id.ok_or(StoreError::Missing { what: "person" })?;
        Ok(PersonOf { id, name: self.name(tx, person).await? })
    }

    /// The name of a person.
    pub(super) async fn name(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<Option<String>, PeopleError> {
        let own = self.own_claims(tx, person).await?;
        let employments: Vec<Claims> =
            self.employments_of(tx, person).await?.into_iter().map(|it| it.claims).collect();
        let picture = person_view_at(&self.rules, &own, &employments, self.day);
        Ok(picture.and_then(|it| it.text(Field::PersonName).map(str::to_owned)))
    }

    /// The names of these persons, as far as they have any.
    pub(super) async fn names(
        &self,
        tx: &mut Tx,
        persons: &[SubjectNo],
    ) -> Result<BTreeMap<SubjectNo, String>, PeopleError> {
        let naming = claim::naming(tx, self.tenant, persons, self.version).await?;
        let told = self.group(tx, naming).await?;
        self.names_by(tx, persons, told).await
    }

    /// The same, where what names them was read.
    pub(super) async fn names_by(
        &self,
        tx: &mut Tx,
        persons: &[SubjectNo],
        naming: Vec<Told>,
    ) -> Result<BTreeMap<SubjectNo, String>, PeopleError> {
        let mut own: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for claim in claim::at(tx, self.tenant, persons, self.version).await? {
            own.entry(claim.subject).or_default().push(plain(claim));
        }
        let mut employments: BTreeMap<SubjectNo, Vec<Claims>> = BTreeMap::new();
        for told in naming {
            if let Some(person) = told.person {
                employments.entry(person).or_default().push(told.claims);
            }
        }
        let mut names = BTreeMap::new();
        for person in persons {
            let own = own.remove(person).unwrap_or_default();
            let employments = employments.remove(person).unwrap_or_default();
            let picture = person_view_at(&self.rules, &own, &employments, self.day);
            let name = picture.and_then(|it| it.text(Field::PersonName).map(str::to_owned));
            names.extend(name.map(|it| (*person, it)));
        }
        Ok(names)
    }

    /// The claims on a person that no employment makes.
    pub(super) async fn own_claims(
        &self,
        tx: &mut Tx,
        person: SubjectNo,
    ) -> Result<Vec<Claim>, PeopleError> {
        let all = self.links.all_of(person);
        let claims = claim::at(tx, self.tenant, &all, self.version).await?;
        Ok(claims.into_iter().map(plain).collect())
    }

    async fn group(
        &self,
        tx: &mut Tx,
        claims: Vec<claim::Claim>,
    ) -> Result<Vec<Told>, PeopleError> {
        let by_subject = by_subject(claims);
        let numbers: Vec<SubjectNo> = by_subject.keys().copied().collect();
        let subjects = subject::by_no(tx, self.tenant, &numbers).await?;
        Ok(self.grouped(by_subject, subjects))
    }

    fn grouped(&self, mut by_subject: BySubject, subjects: Vec<Subject>) -> Vec<Told> {
        let told = subjects.into_iter().filter_map(|subject| {
            let list = by_subject.remove(&subject.no)?;
            let on_day = list.iter().find(|it| it.slice.validity.contains(self.day));
            let person = on_day.or(list.last()).and_then(|it| it.refs.person);
            let person = person.map(|it| self.links.one(it));
            let native = subject.native.clone().unwrap_or_else(|| NativeKey::text(""));
            let list = list.into_iter().map(plain).collect();
            Some(Told { claims: Claims { kind: subject.kind, native, list }, person, subject })
        });
        told.collect()
    }
}

type BySubject = BTreeMap<SubjectNo, Vec<claim::Claim>>;

fn by_subject(claims: Vec<claim::Claim>) -> BySubject {
    let mut by_subject = BySubject::new();
    for claim in claims {
        by_subject.entry(claim.subject).or_default().push(claim);
    }
    by_subject
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Told {
    /// The source that tells of it.
    pub(super) fn source(&self) -> Option<SourceNo> {
        self.claims.list.first().map(|it| it.source)
    }
}

/// The roles that these employments have over all their days.
pub(super) fn roles(rules: &Rules, employments: &[Told]) -> Vec<Role> {
    let of_one =
        |it: &Told| Some(Role::all_of(&view(rules, &it.claims), &it.claims.native, it.person?));
    employments.iter().filter_map(of_one).flatten().collect()
}

/// How many people these employments are.
pub(super) fn people(employments: &[&Told]) -> usize {
    let person = |it: &&Told| it.person.unwrap_or(it.subject.no);
    employments.iter().map(person).collect::<BTreeSet<_>>().len()
}

fn plain(it: claim::Claim) -> Claim {
    Claim { source: it.source, track: it.track, since: it.since, slice: it.slice }
}
