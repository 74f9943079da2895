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
use std::collections::BTreeMap;

/// Units and positions met so far in one application; there are few of either.
#[derive(Default)]
pub(super) struct Minting {
    units: BTreeMap<NativeKey, SubjectNo>,
    positions: BTreeMap<NativeKey, SubjectNo>,
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
                let context = number_context(applying.tenant, id);
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
    let digits = hub.keys.open(&number_context(tenant, person), sealed)?;
    let text = std::str::from_utf8(&digits).map_err(|_| StoreError::Sealed)?;
    NationalNumber::parse(text).map_err(|_| StoreError::Sealed)
}

pub(super) fn number_context(tenant: TenantId, person: SubjectId) -> Vec<u8> {
    context(tenant, "person.national_number", person.0.as_bytes())
}

/// The subjects a state refers to. A unit that the source has not described yet is minted without
/// claims, so that the reference holds when it comes; a position is a key and nothing else.
pub(super) async fn references(
    applying: &mut Applying<'_>,
    tx: &mut Tx,
    state: &State,
    person: Option<SubjectNo>,
) -> Result<Refs, StoreError> {
    let native = |field| state.text(field).map(NativeKey::text);
    let unit = unit(applying, tx, native(Field::EmploymentUnit)).await?;
    let parent = self::unit(applying, tx, native(Field::UnitParent)).await?;
    if let Some(title) = native(Field::EmploymentPositionTitle)
        && !applying.minting.positions.contains_key(&title)
    {
        let found = natives(applying, tx, Kind::Position, std::slice::from_ref(&title)).await?;
        applying.minting.positions.extend(found.into_iter().map(|it| (title.clone(), it)));
    }
    Ok(Refs { person, unit, parent })
}

async fn unit(
    applying: &mut Applying<'_>,
    tx: &mut Tx,
    native: Option<NativeKey>,
) -> Result<Option<SubjectNo>, StoreError> {
    let Some(native) = native else { return Ok(None) };
    if let Some(known) = applying.minting.units.get(&native) {
        return Ok(Some(*known));
    }
    let found = natives(applying, tx, Kind::Unit, std::slice::from_ref(&native)).await?;
    let found = found.first().copied();
    applying.minting.units.extend(found.map(|it| (native, it)));
    Ok(found)
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
