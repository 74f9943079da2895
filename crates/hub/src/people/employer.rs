//! An employer on one day, as the ledger told it at one version.

use super::find::PeopleError;
use super::matches;
use super::rules::rules;
use crate::access;
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, SubjectNo, TenantId, Version};
use kobling_domain::people::{
    Claim, Claims, Field, Links, NativeKey, Role, Rules, Track, UnitDays, person_view_at, view,
    view_near,
};
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Subject};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Employer {
    pub(super) tenant: TenantId,
    pub(super) version: Version,
    pub(super) day: Date,
    pub(super) rules: Rules,
    /// Who is one with whom.
    pub(super) links: Links,
}

/// A subject and what is claimed of it.
pub(super) struct Told {
    pub(super) subject: Subject,
    pub(super) claims: Claims,
    /// Whose employment it is on the day, else on the last day there is.
    pub(super) person: Option<SubjectNo>,
}

/// All units of an employer.
#[derive(Default)]
pub(super) struct Organisation {
    pub(super) days: Vec<UnitDays<NativeKey>>,
    units: BTreeMap<NativeKey, (SubjectNo, Option<String>)>,
}

impl Organisation {
    /// The subjects of these units, as far as anything is claimed of them.
    pub(super) fn numbers<'a>(
        &self,
        units: impl IntoIterator<Item = &'a NativeKey>,
    ) -> Vec<SubjectNo> {
        units.into_iter().filter_map(|it| self.units.get(it)).map(|it| it.0).collect()
    }

    pub(super) fn name(&self, unit: &NativeKey) -> Option<&str> {
        self.units.get(unit)?.1.as_deref()
    }
}

impl Employer {
    pub(super) async fn on(
        tx: &mut Tx,
        tenant: TenantId,
        version: Version,
        day: Date,
    ) -> Result<Self, PeopleError> {
        // Before the first version nothing was configured, and nothing is claimed.
        let rules = if version == Version::ZERO {
            Rules::default()
        } else {
            let configuration = access::load_at(tx, tenant, version).await?;
            rules(&configuration, &source::list(tx, tenant).await?)
        };
        let links = matches::links(tx, tenant, version).await?;
        Ok(Self { tenant, version, day, rules, links })
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
        self.naming(tx, &self.links.all_of(person)).await
    }

    /// The employments that name one of `persons`, with the claims that do.
    pub(super) async fn naming(
        &self,
        tx: &mut Tx,
        persons: &[SubjectNo],
    ) -> Result<Vec<Told>, PeopleError> {
        let mut claims = claim::naming(tx, self.tenant, persons, self.version).await?;
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
    ) -> Result<Organisation, PeopleError> {
        let mut claims = claim::of_units(tx, self.tenant, self.version).await?;
        claims.retain(|it| Some(it.source) == source);
        let mut all = Organisation::default();
        for unit in self.group(tx, claims).await? {
            let native = unit.claims.native.clone();
            let slices = view(&self.rules, &unit.claims).slices;
            all.days.extend(slices.iter().map(|(validity, picture)| UnitDays {
                unit: native.clone(),
                parent: picture.text(Field::UnitParent).map(NativeKey::text),
                validity: *validity,
            }));
            let near = view_near(&self.rules, &unit.claims, self.day);
            let name = near.and_then(|it| it.text(Field::UnitName).map(str::to_owned));
            all.units.insert(native, (unit.subject.no, name));
        }
        Ok(all)
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
        let mut own: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for claim in claim::at(tx, self.tenant, persons, self.version).await? {
            own.entry(claim.subject).or_default().push(plain(claim));
        }
        let naming = claim::naming(tx, self.tenant, persons, self.version).await?;
        let mut employments: BTreeMap<SubjectNo, Vec<Claims>> = BTreeMap::new();
        for told in self.group(tx, naming).await? {
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
        let mut by_subject: BTreeMap<SubjectNo, Vec<claim::Claim>> = BTreeMap::new();
        for claim in claims {
            by_subject.entry(claim.subject).or_default().push(claim);
        }
        let numbers: Vec<SubjectNo> = by_subject.keys().copied().collect();
        let subjects = subject::by_no(tx, self.tenant, &numbers).await?;
        let told = subjects.into_iter().filter_map(|subject| {
            let list = by_subject.remove(&subject.no)?;
            let on_day = list.iter().find(|it| it.slice.validity.contains(self.day));
            let person = on_day.or(list.last()).and_then(|it| it.refs.person);
            let person = person.map(|it| self.links.one(it));
            let native = subject.native.clone().unwrap_or_else(|| NativeKey::text(""));
            let list = list.into_iter().map(plain).collect();
            Some(Told { claims: Claims { kind: subject.kind, native, list }, person, subject })
        });
        Ok(told.collect())
    }
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
