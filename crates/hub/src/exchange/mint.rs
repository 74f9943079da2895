//! Finding subjects by their keys, and minting those that have none yet.

use super::apply::Applying;
use super::item::Planned;
use crate::Hub;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId};
use kobling_domain::people::{Field, Kind, NationalNumber, NativeKey, State};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::people::claim::Refs;
use kobling_store::people::subject::{self, Issuer, NewSubject, SubjectKey};
use kobling_store::sealed::context;
use std::collections::{BTreeMap, BTreeSet};

/// Units and positions met so far in one application; there are few of either.
#[derive(Default)]
pub(super) struct Minting {
    units: BTreeMap<NativeKey, SubjectNo>,
    positions: BTreeSet<NativeKey>,
}

/// The subjects of these keys of the source, minted where new.
pub(super) async fn natives(
    applying: &Applying<'_>,
    tx: &mut Tx,
    kind: Kind,
    natives: &[NativeKey],
) -> Result<Vec<SubjectNo>, StoreError> {
    let issuer = Issuer::Source(applying.source.no);
    let keys: Vec<SubjectKey> = natives.iter().cloned().map(SubjectKey::Native).collect();
    let name = applying.source.text.key.as_str();
    found_or_minted(applying, tx, (issuer, name, kind), keys, |_, _| Ok(None)).await
}

/// The subjects that these items describe, minted where new. A person whom a source describes for
/// the first time is the one its row names, and is found by the source's key from then on.
pub(super) async fn subjects(
    applying: &Applying<'_>,
    tx: &mut Tx,
    kind: Kind,
    items: &[Planned],
) -> Result<Vec<SubjectNo>, StoreError> {
    if kind == Kind::Person {
        known_persons(applying, tx, items).await?;
    }
    let keys: Vec<NativeKey> = items.iter().map(|it| it.item.native.clone()).collect();
    natives(applying, tx, kind, &keys).await
}

/// Lets persons who are known otherwise be found by the source's keys, and gives those a national
/// number who were known by the source's key before theirs was told.
async fn known_persons(
    applying: &Applying<'_>,
    tx: &mut Tx,
    items: &[Planned],
) -> Result<(), StoreError> {
    let (tenant, issuer) = (applying.tenant, Issuer::Source(applying.source.no));
    let key = |it: &Planned| SubjectKey::Native(it.item.native.clone());
    let keys: Vec<SubjectKey> = items.iter().map(key).collect();
    let known = subject::by_key(tx, tenant, issuer, Kind::Person, &keys).await?;
    let mut new = Vec::new();
    for ((it, key), known) in items.iter().zip(&keys).zip(known) {
        match known {
            Some(known) => name(applying, tx, known, it.item.person.as_ref()).await?,
            None => new.push((it.clone(), key)),
        }
    }
    let (new, new_keys): (Vec<Planned>, Vec<&SubjectKey>) = new.into_iter().unzip();
    let named = persons(applying, tx, &new).await?;
    for ((it, key), named) in new.iter().zip(new_keys).zip(named) {
        let Some(person) = it.item.of.or(named) else { continue };
        subject::add_key(tx, tenant, person, Kind::Person, (issuer, key, 1)).await?;
        name(applying, tx, person, it.item.person.as_ref()).await?;
    }
    Ok(())
}

/// Lets a person be found by a national number who had none.
async fn name(
    applying: &Applying<'_>,
    tx: &mut Tx,
    person: SubjectNo,
    number: Option<&NationalNumber>,
) -> Result<(), StoreError> {
    let (Applying { hub, tenant, .. }, Some(number)) = (applying, number) else { return Ok(()) };
    let found = subject::by_no(tx, *tenant, &[person]).await?;
    let unnumbered = found.into_iter().find(|it| it.number_sealed.is_none());
    let Some(it) = unnumbered else { return Ok(()) };
    let index = hub.keys.blind_index(number);
    if subject::by_number(tx, *tenant, &[index]).await?.first().copied().flatten().is_some() {
        // The number is that of somebody with whom the person is said to be one.
        return Ok(());
    }
    let key = SubjectKey::Number(index);
    subject::add_key(tx, *tenant, person, Kind::Person, (Issuer::Cpr, &key, 1)).await?;
    let sealed = hub.keys.seal(&context::number(*tenant, it.id), number.digits().as_bytes())?;
    subject::set_number(tx, *tenant, person, &sealed).await
}

/// The persons whose employments these are, minted where new.
pub(super) async fn persons(
    applying: &Applying<'_>,
    tx: &mut Tx,
    items: &[Planned],
) -> Result<Vec<Option<SubjectNo>>, StoreError> {
    let hub_keys = &applying.hub.keys;
    let numbers: BTreeMap<[u8; 32], &NationalNumber> = items
        .iter()
        .filter_map(|it| it.item.person.as_ref())
        .map(|number| (hub_keys.blind_index(number), number))
        .collect();
    let indexes: Vec<[u8; 32]> = numbers.keys().copied().collect();
    let keys = indexes.iter().copied().map(SubjectKey::Number).collect();
    let seal = |key: &SubjectKey, id| match key {
        SubjectKey::Number(index) => numbers
            .get(index)
            .map(|number| {
                let context = context::number(applying.tenant, id);
                hub_keys.seal(&context, number.digits().as_bytes())
            })
            .transpose(),
        SubjectKey::Native(_) => Ok(None),
    };
    let whose = (Issuer::Cpr, "cpr", Kind::Person);
    let subjects = found_or_minted(applying, tx, whose, keys, seal).await?;
    let by_index: BTreeMap<[u8; 32], SubjectNo> = indexes.into_iter().zip(subjects).collect();
    Ok(items
        .iter()
        .map(|it| {
            let number = it.item.person.as_ref()?;
            by_index.get(&hub_keys.blind_index(number)).copied()
        })
        .collect())
}

/// The persons of employments that no national number tells, minted where new: such a person is
/// known by the source's key of the employment.
pub(super) async fn unnumbered(
    applying: &Applying<'_>,
    tx: &mut Tx,
    items: &[Planned],
    persons: &mut [Option<SubjectNo>],
) -> Result<(), StoreError> {
    let is_open = |(it, person): &(&Planned, &mut Option<SubjectNo>)| {
        person.is_none() && !it.item.written.is_empty()
    };
    let (employments, open): (Vec<NativeKey>, Vec<&mut Option<SubjectNo>>) = items
        .iter()
        .zip(persons)
        .filter(is_open)
        .map(|(it, person)| (it.item.native.clone(), person))
        .unzip();
    if employments.is_empty() {
        return Ok(());
    }
    let minted = natives(applying, tx, Kind::Person, &employments).await?;
    for (person, minted) in open.into_iter().zip(minted) {
        *person = Some(minted);
    }
    Ok(())
}

/// The national number of the person of that id, from how it is stored.
pub(crate) fn open_number(
    hub: &Hub,
    tenant: TenantId,
    person: SubjectId,
    sealed: &[u8],
) -> Result<NationalNumber, StoreError> {
    let digits = hub.keys.open(&context::number(tenant, person), sealed)?;
    let text = std::str::from_utf8(&digits).map_err(|_| StoreError::Sealed)?;
    NationalNumber::parse(text).map_err(|_| StoreError::Sealed)
}

impl Minting {
    /// The subjects a state refers to.
    pub(super) fn references(&self, state: &State, person: Option<SubjectNo>) -> Refs {
        let unit = |field| self.units.get(&NativeKey::text(state.text(field)?)).copied();
        Refs { person, unit: unit(Field::EmploymentUnit), parent: unit(Field::UnitParent) }
    }
}

/// Finds or mints the subjects that items refer to. A unit that the source has not described yet is
/// minted without claims, so that the reference holds when it comes; a position is a key and nothing
/// else.
pub(super) async fn referred(
    applying: &mut Applying<'_>,
    tx: &mut Tx,
    items: &[Planned],
) -> Result<(), StoreError> {
    let (mut units, mut positions) = (BTreeSet::new(), BTreeSet::new());
    for state in items.iter().flat_map(|it| &it.item.written).map(|it| &it.state) {
        let native = |field| state.text(field).map(NativeKey::text);
        units.extend([Field::EmploymentUnit, Field::UnitParent].into_iter().filter_map(native));
        positions.extend(native(Field::EmploymentPositionTitle));
    }
    let Minting { units: known_units, positions: known_positions } = &applying.minting;
    units.retain(|it| !known_units.contains_key(it));
    positions.retain(|it| !known_positions.contains(it));
    let units: Vec<NativeKey> = units.into_iter().collect();
    let found = natives(applying, tx, Kind::Unit, &units).await?;
    applying.minting.units.extend(units.into_iter().zip(found));
    let new: Vec<NativeKey> = positions.into_iter().collect();
    natives(applying, tx, Kind::Position, &new).await?;
    applying.minting.positions.extend(new);
    Ok(())
}

async fn found_or_minted(
    applying: &Applying<'_>,
    tx: &mut Tx,
    (issuer, name, kind): (Issuer, &str, Kind),
    keys: Vec<SubjectKey>,
    seal: impl Fn(&SubjectKey, SubjectId) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Vec<SubjectNo>, StoreError> {
    const GENERATION: i64 = 1;
    let found = if applying.is_first_load() && kind == Kind::Employment {
        // Each number comes once, and nothing else mints one: none can be known yet.
        vec![None; keys.len()]
    } else {
        subject::by_key(tx, applying.tenant, issuer, kind, &keys).await?
    };
    let mut new = Vec::new();
    for (key, _) in keys.iter().zip(&found).filter(|(_, found)| found.is_none()) {
        let id = applying.hub.keys.subject_id(
            applying.source.tenant_uuid,
            name,
            kind,
            &key.bytes(),
            GENERATION,
        );
        let (key, number_sealed) = (key.clone(), seal(key, id)?);
        new.push(NewSubject { kind, id, issuer, key, generation: GENERATION, number_sealed });
    }
    if new.is_empty() {
        return Ok(found.into_iter().flatten().collect());
    }
    let mut minted = subject::mint(tx, applying.tenant, new).await?.into_iter();
    Ok(found.into_iter().filter_map(|it| it.or_else(|| minted.next())).collect())
}
