use super::super::mint::open_number;
use super::super::progress::Silent;
use super::super::{deliver, lane};
use super::TakeoverError;
use super::list::Held;
use crate::Hub;
use crate::access;
use crate::access::configuration::TargetFormat;
use crate::exchange::target as configured;
use kobling_domain::exchange::{Traits, birth_of};
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NationalNumber, NativeKey, Track};
use kobling_formats::listing::Listing;
use kobling_formats::plan2learn::{File, FileSet};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::source;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, Subject, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Who would be sent.
#[derive(Default)]
pub(super) struct Ours {
    ids: Vec<SubjectId>,
    names: Vec<Option<String>>,
    traits: Vec<Traits>,
    places: BTreeMap<SubjectId, usize>,
    /// The source whose employments they have.
    source: String,
}

impl Ours {
    pub(super) fn all(&self) -> impl Iterator<Item = (SubjectId, &Traits)> {
        self.ids.iter().copied().zip(&self.traits)
    }

    pub(super) fn position(&self, id: SubjectId) -> Option<usize> {
        self.places.get(&id).copied()
    }

    pub(super) fn name(&self, id: SubjectId) -> Option<String> {
        self.names.get(self.position(id)?)?.clone()
    }

    fn push(&mut self, id: SubjectId, name: Option<String>, email: Option<String>) {
        self.places.insert(id, self.ids.len());
        self.ids.push(id);
        self.names.push(name);
        self.traits.push(Traits { email, ..Traits::default() });
    }

    fn traits_of(&mut self, id: SubjectId) -> Option<&mut Traits> {
        self.traits.get_mut(*self.places.get(&id)?)
    }
}

/// Who the target would be sent, with as much of them as `theirs` can be matched by. National
/// numbers are looked up inside the hub, whether or not the agreement lets them out.
pub(super) async fn gather(
    hub: &Hub,
    ledger: &mut Tx,
    (tenant, target): (TenantId, &str),
    theirs: &[&Held],
) -> Result<Ours, TakeoverError> {
    let mut ours = Box::pin(sent(hub, ledger, tenant, target)).await?;
    for (person, number) in numbered(hub, ledger, tenant, theirs).await? {
        if let Some(traits) = ours.traits_of(person.id) {
            traits.birth = birth_of(&number);
            traits.number = Some(number);
        }
    }
    for (person, employment) in employed(ledger, tenant, &ours.source, theirs).await? {
        if let Some(traits) = ours.traits_of(person.id) {
            traits.employments.insert(employment);
            tell_number(hub, tenant, &person, traits)?;
        }
    }
    // By e-mail alone nobody is matched; but whoever has another number is not even a candidate.
    let emails: BTreeSet<String> =
        theirs.iter().filter_map(|it| it.email.as_ref()).map(|it| it.to_lowercase()).collect();
    let is_wanted = |it: &Traits| {
        let email = it.email.as_ref().map(|it| it.trim().to_lowercase());
        it.number.is_none() && email.is_some_and(|it| emails.contains(&it))
    };
    let wanted: Vec<SubjectId> =
        ours.all().filter(|(_, it)| is_wanted(it)).map(|(id, _)| id).collect();
    for person in subject::by_ids(ledger, tenant, &wanted).await? {
        if let Some(traits) = ours.traits_of(person.id) {
            tell_number(hub, tenant, &person, traits)?;
        }
    }
    Ok(ours)
}

/// The persons as they would be delivered.
async fn sent(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Ours, TakeoverError> {
    let configuration = access::load(ledger, tenant).await?;
    match configured::text(&configuration, target)?.format {
        TargetFormat::Plan2learn => of_set(hub, ledger, tenant, target).await,
        TargetFormat::Messages => {
            let (source, persons) = lane::persons(hub, ledger, tenant, target).await?;
            let mut ours = Ours { source, ..Ours::default() };
            for it in persons {
                ours.push(it.subject, it.name, it.email);
            }
            Ok(ours)
        }
    }
}

/// The persons of the set.
async fn of_set(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Ours, TakeoverError> {
    let order = deliver::order::read(hub, ledger, tenant, target).await?;
    let mut ours = Ours { source: order.agreement.source().to_owned(), ..Ours::default() };
    let outputs = FileSet::from_fn(order.form.files.clone(), |_| Vec::new());
    let made = deliver::set::make(hub, ledger, &order, outputs, &Silent).await?;
    let Some(persons) = made.outputs.get(File::Bruger) else { return Ok(ours) };
    let listing = Listing::read(persons)?;
    let id = listing.column("BrugerId")?;
    let (name, email) = (listing.column("Navn").ok(), listing.column("E-mail").ok());
    for row in listing.rows() {
        let text = |place: Option<usize>| row.get(place?).filter(|it| !it.is_empty()).cloned();
        if let Some(id) = text(Some(id)).and_then(|it| Uuid::parse_str(&it).ok()) {
            ours.push(SubjectId(id), text(name), text(email));
        }
    }
    Ok(ours)
}

/// The persons with a national number of the list.
async fn numbered(
    hub: &Hub,
    ledger: &mut Tx,
    tenant: TenantId,
    theirs: &[&Held],
) -> Result<Vec<(Subject, NationalNumber)>, StoreError> {
    let numbers: Vec<_> = theirs.iter().filter_map(|it| it.number()).collect();
    let indexes: Vec<[u8; 32]> = numbers.iter().map(|it| hub.keys.blind_index(it)).collect();
    let found = subject::by_number(ledger, tenant, &indexes).await?;
    let found: BTreeMap<SubjectNo, _> =
        found.into_iter().zip(numbers).filter_map(|(no, it)| Some((no?, it))).collect();
    let subjects: Vec<SubjectNo> = found.keys().copied().collect();
    let subjects = subject::by_no(ledger, tenant, &subjects).await?;
    let with_number = |it: Subject| found.get(&it.no).cloned().map(|number| (it, number));
    Ok(subjects.into_iter().filter_map(with_number).collect())
}

/// The persons of the employments of the list.
async fn employed(
    ledger: &mut Tx,
    tenant: TenantId,
    source: &str,
    theirs: &[&Held],
) -> Result<Vec<(Subject, String)>, StoreError> {
    let source = source::by_key(ledger, tenant, source).await?;
    let Some(source) = source.map(|it| it.no) else { return Ok(Vec::new()) };
    let numbers: BTreeSet<&String> =
        theirs.iter().filter_map(|it| it.employment.as_ref()).collect();
    let numbers: Vec<&String> = numbers.into_iter().collect();
    let keys = numbers.iter().map(|it| SubjectKey::Native(NativeKey::text(it)));
    let keys: Vec<SubjectKey> = keys.collect();
    let issuer = Issuer::Source(source);
    let found = subject::by_key(ledger, tenant, issuer, Kind::Employment, &keys).await?;
    let found: BTreeMap<SubjectNo, &String> =
        found.into_iter().zip(numbers).filter_map(|(no, it)| Some((no?, it))).collect();
    let employments: Vec<SubjectNo> = found.keys().copied().collect();
    let persons = claim::last_persons(ledger, tenant, source, Track::Record, &employments).await?;
    let subjects: BTreeSet<SubjectNo> = persons.values().copied().collect();
    let subjects: Vec<SubjectNo> = subjects.into_iter().collect();
    let subjects = subject::by_no(ledger, tenant, &subjects).await?;
    let subjects: BTreeMap<SubjectNo, Subject> =
        subjects.into_iter().map(|it| (it.no, it)).collect();
    let of = |(employment, person): (&SubjectNo, &SubjectNo)| {
        Some((subjects.get(person)?.clone(), (*found.get(employment)?).clone()))
    };
    Ok(persons.iter().filter_map(of).collect())
}

fn tell_number(
    hub: &Hub,
    tenant: TenantId,
    person: &Subject,
    traits: &mut Traits,
) -> Result<(), StoreError> {
    if let Some(sealed) = &person.number_sealed {
        let number = open_number(hub, tenant, person.id, sealed)?;
        traits.birth = birth_of(&number);
        traits.number = Some(number);
    }
    Ok(())
}
