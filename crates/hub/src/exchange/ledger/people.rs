use super::super::mint::open_number;
use super::{Reading, Unit, key};
use jiff::civil::Date;
use kobling_domain::agreement::{Address, EmploymentFacts, PersonFacts};
use kobling_domain::id::{SubjectId, SubjectNo};
use kobling_domain::people::{
    Claim, Claims, Field, Kind, NationalNumber, NativeKey, Picture, Track, view_near,
};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// A person with all that is claimed of their employments.
pub(in super::super) struct Person {
    pub(in super::super) no: SubjectNo,
    pub(in super::super) id: SubjectId,
    pub(in super::super) number: Option<NationalNumber>,
    /// Whether any source protects the address.
    pub(in super::super) address: Address,
    pub(in super::super) own: Vec<Claim>,
    pub(in super::super) employments: Vec<Claims>,
    pub(in super::super) employment_ids: Vec<SubjectId>,
}

/// What is known of somebody who is one with a person.
#[derive(Default)]
struct Other {
    number: Option<NationalNumber>,
    /// None where the store knows of no protection.
    address: Option<Address>,
}

/// An employment on the day of its existence that is nearest to today.
pub(in super::super) struct Pictured<'a> {
    pub(in super::super) native: &'a NativeKey,
    pub(in super::super) id: SubjectId,
    /// The first of all days on which it was there.
    pub(in super::super) first_day: Option<Date>,
    pub(in super::super) picture: Picture<'a>,
}

impl Reading<'_> {
    /// The persons among the subjects numbered from `first` to `last`.
    pub(in super::super) async fn persons(
        &self,
        ledger: &mut Tx,
        first: SubjectNo,
        last: SubjectNo,
    ) -> Result<Vec<Person>, StoreError> {
        let subjects = subject::between(ledger, self.tenant, first, last).await?;
        self.persons_of(ledger, subjects).await
    }

    /// The persons among `subjects` of whom anything is claimed.
    pub(in super::super) async fn persons_of(
        &self,
        ledger: &mut Tx,
        mut subjects: Vec<Subject>,
    ) -> Result<Vec<Person>, StoreError> {
        let (tenant, version) = (self.tenant, self.version);
        // Who is said to be somebody else is told of there.
        subjects.retain(|it| it.kind == Kind::Person && self.links.one(it.no) == it.no);
        let numbers = subjects.iter().flat_map(|it| self.links.all_of(it.no));
        let numbers: Vec<SubjectNo> = numbers.collect();
        let mut own: BTreeMap<SubjectNo, Vec<Claim>> = BTreeMap::new();
        for it in claim::at(ledger, tenant, &numbers, version).await? {
            if self.sources.contains(&it.source) {
                let claim::Claim { subject, source, track, since, slice, .. } = it;
                let list = own.entry(self.links.one(subject)).or_default();
                list.push(Claim { source, track, since, slice });
            }
        }
        let mut through: BTreeMap<SubjectNo, BTreeMap<SubjectNo, Vec<Claim>>> = BTreeMap::new();
        for it in claim::naming(ledger, tenant, &numbers, version).await? {
            if let Some(person) = it.refs.person.filter(|_| it.track == Track::Record) {
                self.put(through.entry(self.links.one(person)).or_default(), it.subject, it);
            }
        }
        let employments: Vec<SubjectNo> =
            through.values().flat_map(BTreeMap::keys).copied().collect();
        let employments = subject::by_no(ledger, tenant, &employments).await?;
        let employments: BTreeMap<SubjectNo, Subject> =
            employments.into_iter().map(|it| (it.no, it)).collect();
        let mut others = self.others(ledger, &subjects).await?;
        let mut persons = Vec::with_capacity(subjects.len());
        for it in subjects {
            let (own, through) = (own.remove(&it.no), through.remove(&it.no));
            if own.is_some() || through.is_some() {
                let lists = through.unwrap_or_default();
                let mut whole = self.whole(&it, own.unwrap_or_default(), lists, &employments)?;
                if let Some(other) = others.remove(&it.no) {
                    whole.number = whole.number.or(other.number);
                    whole.address = other.address.unwrap_or(whole.address);
                }
                persons.push(whole);
            }
        }
        Ok(persons)
    }

    /// What is known of others who are one with these, beside what is claimed of them.
    async fn others(
        &self,
        ledger: &mut Tx,
        subjects: &[Subject],
    ) -> Result<BTreeMap<SubjectNo, Other>, StoreError> {
        let mut known: BTreeMap<SubjectNo, Other> = BTreeMap::new();
        if self.links.is_empty() {
            return Ok(known);
        }
        let named = self.agreement.fields().contains(&Field::PersonNationalNumber);
        let others = subjects.iter().flat_map(|it| self.links.others(it.no));
        let others: Vec<SubjectNo> = others.copied().collect();
        for it in subject::by_no(ledger, self.tenant, &others).await? {
            let other = known.entry(self.links.one(it.no)).or_default();
            if it.protected {
                other.address = Some(Address::Protected);
            }
            if let Some(sealed) = it.number_sealed.as_ref().filter(|_| named) {
                other.number = Some(open_number(self.hub, self.tenant, it.id, sealed)?);
            }
        }
        Ok(known)
    }

    fn whole(
        &self,
        person: &Subject,
        own: Vec<Claim>,
        lists: BTreeMap<SubjectNo, Vec<Claim>>,
        subjects: &BTreeMap<SubjectNo, Subject>,
    ) -> Result<Person, StoreError> {
        let named = self.agreement.fields().contains(&Field::PersonNationalNumber);
        let sealed = person.number_sealed.as_ref().filter(|_| named);
        let number =
            sealed.map(|it| open_number(self.hub, self.tenant, person.id, it)).transpose()?;
        let (mut employments, mut employment_ids) = (Vec::new(), Vec::new());
        for (no, list) in lists {
            let Some(it) = subjects.get(&no) else { continue };
            let Some(native) = it.native.clone() else { continue };
            employments.push(Claims { kind: Kind::Employment, native, list });
            employment_ids.push(it.id);
        }
        let address = if person.protected { Address::Protected } else { Address::Open };
        let (no, id) = (person.no, person.id);
        Ok(Person { no, id, number, address, own, employments, employment_ids })
    }

    /// The employments of a person that are there on some day.
    pub(in super::super) fn pictures<'p>(&self, person: &'p Person) -> Vec<Pictured<'p>> {
        let all = person.employments.iter().zip(&person.employment_ids);
        let picture = |(it, id): (&'p Claims, &SubjectId)| {
            let picture = view_near(&self.rules, it, self.today)?;
            let first_day = it.list.iter().map(|it| it.slice.validity.from()).min();
            Some(Pictured { native: &it.native, id: *id, first_day, picture })
        };
        all.filter_map(picture).collect()
    }

    /// What is projected of these employments: by which unit of the day and which position.
    pub(in super::super) fn facts<'f>(
        &self,
        pictures: &'f [Pictured<'_>],
        units: &BTreeMap<NativeKey, Unit<'_>>,
        positions: &BTreeMap<NativeKey, SubjectId>,
    ) -> Vec<EmploymentFacts<'f>> {
        let primary = self.primary(pictures);
        let facts = pictures.iter().map(|it| {
            let unit = key(&it.picture, Field::EmploymentUnit);
            let position = key(&it.picture, Field::EmploymentPositionTitle);
            EmploymentFacts {
                id: it.id,
                unit: unit.and_then(|it| units.get(&it)).map(|it| it.id),
                position: position.and_then(|it| positions.get(&it)).copied(),
                picture: &it.picture,
                primary: primary.map(|primary| primary == it.native),
                first_day: it.first_day,
            }
        });
        facts.collect()
    }

    /// What is projected of a person. An address is protected if anything says so.
    pub(in super::super) fn person_facts<'f>(
        &self,
        person: &'f Person,
        picture: &'f Picture<'_>,
        employments: &'f [EmploymentFacts<'f>],
    ) -> PersonFacts<'f> {
        let is_protected = picture.is(Field::PersonAddressProtected);
        PersonFacts {
            id: person.id,
            picture,
            address: if is_protected { Address::Protected } else { person.address },
            national_number: person.number.as_ref().map(NationalNumber::digits),
            employments,
            membership: self.membership(person),
        }
    }

    /// Keeps a claim, if the agreement's source made it.
    pub(in super::super) fn put(
        &self,
        lists: &mut BTreeMap<SubjectNo, Vec<Claim>>,
        subject: SubjectNo,
        it: claim::Claim,
    ) {
        if it.source == self.source {
            let claim::Claim { source, track, since, slice, .. } = it;
            lists.entry(subject).or_default().push(Claim { source, track, since, slice });
        }
    }

    /// Looks up the positions of `persons` that were not met before.
    pub(in super::super) async fn learn_positions(
        &self,
        ledger: &mut Tx,
        persons: &[Person],
        positions: &mut BTreeMap<NativeKey, SubjectId>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant;
        let claims = persons.iter().flat_map(|it| &it.employments).flat_map(|it| &it.list);
        let titles: BTreeSet<&str> =
            claims.filter_map(|it| it.slice.state.text(Field::EmploymentPositionTitle)).collect();
        let keys: Vec<SubjectKey> = titles
            .into_iter()
            .map(NativeKey::text)
            .filter(|it| !positions.contains_key(it))
            .map(SubjectKey::Native)
            .collect();
        let issuer = Issuer::Source(self.source);
        let found = subject::by_key(ledger, tenant, issuer, Kind::Position, &keys).await?;
        let numbers: Vec<SubjectNo> = found.into_iter().flatten().collect();
        for it in subject::by_no(ledger, tenant, &numbers).await? {
            positions.extend(it.native.map(|native| (native, it.id)));
        }
        Ok(())
    }
}
