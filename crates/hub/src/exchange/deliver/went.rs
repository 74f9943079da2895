//! Where what the hub knows of somebody went: which targets may have which fields of them, and when
//! each took what.

use super::DeliverError;
use super::receipt::Parts;
use crate::Hub;
use crate::access;
use crate::access::configuration::{Configuration, TargetFormat, TargetText};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use kobling_domain::id::{SubjectId, SubjectNo, TenantId, Version};
use kobling_domain::people::Field;
use kobling_formats::plan2learn::{File, part_has};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::{delivered, file_receipt, lane, target};
use kobling_store::people::subject;
use serde::Serialize;
use std::collections::BTreeMap;

/// Receipts of a target that are looked through.
const RECEIPTS_MAX: u32 = 2_500;

/// What one target may have of somebody, and when it took it.
#[derive(Clone, Debug, Serialize)]
pub struct Went {
    /// The target's key.
    pub target: String,
    /// The system it delivers to.
    pub name: String,
    /// The agreement in force.
    pub agreement: String,
    /// What for.
    pub purpose: String,
    /// By which law.
    pub legal_basis: String,
    /// The fields it may have.
    pub fields: Vec<Field>,
    /// Whether it was told of them, and not that they are gone.
    pub has: bool,
    /// What it took, the earliest first: of whole sets all, of messages the last.
    pub took: Vec<Took>,
}

/// Something that a target took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Took {
    /// The ledger version it was made from.
    pub version: Version,
    /// The day it was made for.
    pub as_of: Option<Date>,
    /// When the target took it.
    pub at: Timestamp,
    /// The number of the set, or of the message in its lane.
    pub number: i64,
}

impl Went {
    /// Whether the target may have `field`, itself or as a part of another.
    pub fn covers(&self, field: Field) -> bool {
        const PARTS: [(Field, Field); 3] = [
            (Field::PersonFirstName, Field::PersonName),
            (Field::PersonLastName, Field::PersonName),
            (Field::EmploymentPositionTitle, Field::PositionTitle),
        ];
        let whole = |it: &Field| PARTS.contains(&(field, *it));
        let answered = field.answered_with();
        let known = |it: &Field| *it == field || *it == answered || whole(it);
        self.fields.iter().any(known)
    }

    /// The first of what it took that was made from `version` or a later one.
    pub fn first_since(&self, version: Version) -> Option<&Took> {
        self.took.iter().find(|it| it.version >= version)
    }
}

/// Where what is known of a person went.
#[crate::boxed]
pub async fn went(
    hub: &Hub,
    tenant: TenantId,
    person: SubjectId,
) -> Result<Vec<Went>, DeliverError> {
    let today = access::civil_now(hub, tenant).await?.date();
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let Some(found) = subject::by_id(&mut tx, tenant, person).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for agreement in configuration.agreements.iter().filter(|it| holds_on(it, today)) {
        let text = configuration.targets.iter().find(|it| it.key == agreement.target);
        let Some(text) = text else { continue };
        let (has, took) = match text.format {
            TargetFormat::Plan2learn => {
                let took = sets(&mut tx, tenant, &text.key).await?;
                (is_in_set(hub, &mut tx, tenant, &text.key, person).await?, took)
            }
            TargetFormat::Messages => of_lane(&mut tx, tenant, &text.key, found.no).await?,
        };
        let fields = agreement.fields.iter().filter_map(|it| it.parse().ok()).collect();
        all.push(Went {
            target: text.key.clone(),
            name: name_of(&configuration, text),
            agreement: agreement.key.clone(),
            purpose: agreement.purpose.clone(),
            legal_basis: agreement.legal_basis.clone(),
            fields,
            has,
            took,
        });
    }
    Ok(all)
}

fn holds_on(text: &AgreementText, day: Date) -> bool {
    text.from <= day && text.until.is_none_or(|it| it > day)
}

fn name_of(configuration: &Configuration, target: &TargetText) -> String {
    let found = configuration.systems.iter().find(|it| it.key == target.system);
    found.map_or_else(|| target.key.clone(), |it| it.name.clone())
}

/// The sets a target took, each by its last file.
async fn sets(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Vec<Took>, StoreError> {
    let mut sets: BTreeMap<i64, Took> = BTreeMap::new();
    for it in file_receipt::list(tx, tenant, key, None, RECEIPTS_MAX).await? {
        let took =
            Took { version: it.version, as_of: Some(it.as_of), at: it.at, number: it.set_no };
        let known = sets.entry(it.set_no).or_insert_with(|| took.clone());
        known.at = known.at.max(took.at);
    }
    Ok(sets.into_values().collect())
}

/// Whether the last set has a row of that person.
async fn is_in_set(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    person: SubjectId,
) -> Result<bool, DeliverError> {
    let name = File::Bruger.name();
    let files = delivered::list(tx, tenant, key).await?;
    let Some(file) = files.iter().find(|it| it.file == name) else { return Ok(false) };
    let mut parts = Parts::of(tenant, key, (file.set_no, File::Bruger));
    while let Some(part) = parts.next(hub, tx).await? {
        if part_has(File::Bruger, &part, person)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a target has somebody, and the last message of them that it took.
async fn of_lane(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    person: SubjectNo,
) -> Result<(bool, Vec<Took>), StoreError> {
    let Some(target) = target::by_key(tx, tenant, key).await? else {
        return Ok((false, Vec::new()));
    };
    let Some(taken) = lane::taken(tx, tenant, target.no, person).await? else {
        return Ok((false, Vec::new()));
    };
    let is_settled = taken.is_settled;
    let done = target.done.filter(|_| is_settled);
    let took = taken.at.map(|at| Took {
        // What it has is what it should have: so it has what was known when it was last followed.
        version: done.map_or(Version::ZERO, |it| it.version),
        as_of: done.map(|it| it.on),
        at,
        number: taken.seq,
    });
    Ok((taken.has, took.into_iter().collect()))
}
