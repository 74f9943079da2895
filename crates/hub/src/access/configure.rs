//! Between a configuration as text and the store's versioned rows.

mod difference;
mod error;
pub(crate) mod follow;

pub use difference::{Change, Difference, Differing};
pub use error::ConfigureError;

use super::configuration::{Configuration, TargetText, problems};
use crate::Hub;
use crate::agreement;
use crate::agreement::draft::{self, Parted};
use difference::{Objects, differing, entries, objects};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use kobling_domain::id::{TenantId, Version};
use kobling_store::StoreError;
use kobling_store::access::{audit, setting, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::{source, target};
use kobling_store::job;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Whether a configuration is written or only compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Written.
    Yes,
    /// Only compared.
    No,
}

/// Who configures, as it stands in the audit.
const BY: &str = "config apply";

/// The employer of that key, or the only one there is.
#[crate::boxed]
pub async fn tenant(hub: &Hub, key: Option<&str>) -> Result<TenantId, ConfigureError> {
    let mut tx = hub.db.read().await?;
    let tenants = tenant::list(&mut tx).await?;
    let known = || tenants.iter().map(|it| it.key.clone()).collect::<Vec<_>>().join(", ");
    match (key, tenants.as_slice()) {
        (_, []) => Err(ConfigureError::NoTenant),
        (None, [only]) => Ok(only.id),
        (None, _) => Err(ConfigureError::WhichTenant { known: known() }),
        (Some(key), _) => {
            tenants.iter().find(|it| it.key == key).map(|it| it.id).ok_or_else(|| {
                ConfigureError::UnknownTenant { key: key.to_owned(), known: known() }
            })
        }
    }
}

/// Every employer in the store.
#[crate::boxed]
pub async fn tenants(hub: &Hub) -> Result<Vec<tenant::Tenant>, StoreError> {
    let mut tx = hub.db.read().await?;
    tenant::list(&mut tx).await
}

/// Makes the store hold what `configuration` says, in one transaction under one ledger version.
/// Applying the same again changes nothing. Of agreements that are not the employer's alone it makes
/// drafts.
#[crate::boxed]
pub async fn apply(
    hub: &Hub,
    configuration: &Configuration,
    write: Write,
) -> Result<Difference, ConfigureError> {
    let text = &configuration.tenant;
    let mut tx = hub.db.write().await?;
    let before = tenant::by_key(&mut tx, &text.key).await?;
    let held = match &before {
        Some(it) => objects_held(&mut tx, it.id, it.version).await?,
        None => Objects::new(),
    };
    let parted = parted(hub, &mut tx, before.as_ref(), configuration).await?;
    let wanted = objects(&parted.effective)?;
    let applied = differing(&held, &wanted);
    let drafted = drafted(&held, &parted)?;
    let mut difference = Difference {
        tenant: text.key.clone(),
        differing: applied.iter().chain(&drafted).cloned().collect(),
        version: None,
    };
    if write == Write::No || difference.differing.is_empty() {
        return Ok(difference);
    }
    // Derived from the key, so that a store made anew from the same texts has the same ids.
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("kobling {}", text.key).as_bytes());
    let id = tenant::put(&mut tx, uuid, &text.key, &text.name, &text.time_zone).await?;
    tenant::note_keys(&mut tx, id, hub.keys.check()).await?;
    let version = tenant::take_version(&mut tx, id, hub.clock.now(), None).await?;
    for it in &applied {
        match wanted.get(&(it.kind.clone(), it.key.clone())) {
            Some(body) => setting::put(&mut tx, id, version, &it.kind, &it.key, body).await?,
            None => setting::close(&mut tx, id, version, &it.kind, &it.key).await?,
        }
    }
    draft::keep(hub, &mut tx, (id, version), &applied, &parted, BY).await?;
    for source in &configuration.sources {
        source::put(&mut tx, id, &source.key).await?;
    }
    for it in applied.iter().filter(|it| it.kind == "target") {
        let at = (it.kind.clone(), it.key.clone());
        let texts = (held.get(&at), wanted.get(&at));
        follow::target(hub, &mut tx, (id, &it.key), texts).await?;
    }
    for it in parted.effective.targets.iter().filter(|it| it.follows()) {
        target::put(&mut tx, id, &it.key).await?;
    }
    follow::webhooks(hub, &mut tx, id, &applied).await?;
    follow::timetables(hub, &mut tx, id, configuration, &applied).await?;
    job::ask_to_deliver(&mut tx, id, hub.clock.now()).await?;
    let entry = audit::Entry {
        at: hub.clock.now(),
        who: BY.to_owned(),
        action: "configuration.apply".to_owned(),
        detail: json!({ "objects": difference.differing.len(), "version": version.0 }),
    };
    audit::write(&mut tx, id, &entry).await?;
    tx.commit().await?;
    difference.version = Some(version.0);
    Ok(difference)
}

/// The configuration, parted into what it may bring into force and what it drafts.
async fn parted(
    hub: &Hub,
    tx: &mut Tx,
    before: Option<&tenant::Tenant>,
    configuration: &Configuration,
) -> Result<Parted, ConfigureError> {
    let name = &configuration.tenant.time_zone;
    let unknown = |source| ConfigureError::TimeZone { zone: name.clone(), source };
    let today = hub.clock.civil(&TimeZone::get(name).map_err(unknown)?).date();
    let (held, changes) = match before {
        Some(it) => {
            let held = load_at(tx, it.id, it.version).await?;
            (held, agreement::changes(tx, it.id, it.version).await?)
        }
        None => (Configuration::of(configuration.tenant.clone()), BTreeMap::new()),
    };
    let mut parted = draft::part(&held, changes, configuration, today);
    if parted.effective != *configuration {
        parted.problems.extend(problems(&parted.effective));
    }
    if parted.problems.is_empty() {
        Ok(parted)
    } else {
        Err(ConfigureError::Parties { problems: parted.problems })
    }
}

/// The drafts that are made and taken back, as they are told of.
fn drafted(held: &Objects, parted: &Parted) -> Result<Vec<Differing>, ConfigureError> {
    let at = |key: &String| (agreement::KIND.to_owned(), key.clone());
    let told = |key: &String, change, entries| Differing {
        kind: agreement::KIND.to_owned(),
        key: key.clone(),
        change,
        entries,
    };
    let mut all = Vec::new();
    for (key, it) in &parted.drafted {
        let unkept = |source| ConfigureError::Draft { key: key.clone(), source };
        let new = serde_json::to_value(&it.text).map_err(unkept)?;
        let mut entries = held.get(&at(key)).map(|old| entries(old, &new)).unwrap_or_default();
        entries.extend(moved(&parted.effective, it.target.as_ref()));
        all.push(told(key, Change::Drafted, entries));
    }
    all.extend(parted.withdrawn.iter().map(|it| told(it, Change::Withdrawn, BTreeMap::new())));
    Ok(all)
}

/// The entries that are agreed on of a target and would be otherwise.
fn moved(
    effective: &Configuration,
    target: Option<&TargetText>,
) -> BTreeMap<String, (Value, Value)> {
    let Some(new) = target else { return BTreeMap::new() };
    let old = effective.targets.iter().find(|it| it.key == new.key);
    let told = |it: &TargetText| Value::Object(it.terms().into_iter().collect());
    old.map(|old| entries(&told(old), &told(new))).unwrap_or_default()
}

/// Whether the store is sealed and indexed with the hub's keys. With others, known people would
/// be taken for unknown ones, and what is written could not be opened again.
#[crate::boxed]
pub async fn are_keys(hub: &Hub) -> Result<bool, ConfigureError> {
    Ok(tenant::are_keys(&mut hub.db.read().await?, hub.keys.check()).await?)
}

/// What the store holds now.
#[crate::boxed]
pub async fn load(tx: &mut Tx, tenant: TenantId) -> Result<Configuration, ConfigureError> {
    let version = tenant::version(tx, tenant).await?;
    load_at(tx, tenant, version).await
}

/// What the store held at `version`.
#[crate::boxed]
pub async fn load_at(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
) -> Result<Configuration, ConfigureError> {
    let mut lists: BTreeMap<String, Value> = BTreeMap::new();
    for ((kind, _), body) in objects_held(tx, tenant, version).await? {
        if kind == "tenant" {
            lists.insert(kind, body);
        } else if let Value::Array(list) = lists.entry(kind).or_insert_with(|| json!([])) {
            list.push(body);
        }
    }
    let whole = Value::Object(lists.into_iter().collect());
    Configuration::deserialize(whole).map_err(|source| ConfigureError::Unreadable {
        kind: "configuration".to_owned(),
        key: tenant.to_string(),
        source,
    })
}

/// What was configured at an instant; now, without one.
#[crate::boxed]
pub async fn configured(
    hub: &Hub,
    tenant: TenantId,
    known_at: Option<Timestamp>,
) -> Result<Configuration, ConfigureError> {
    let mut tx = hub.db.read().await?;
    let version = match known_at {
        Some(at) => tenant::version_at(&mut tx, tenant, at).await?,
        None => tenant::version(&mut tx, tenant).await?,
    };
    if let (Some(at), Version::ZERO) = (known_at, version) {
        return Err(ConfigureError::NothingKnown { at });
    }
    load_at(&mut tx, tenant, version).await
}

/// What was configured last, drafts of agreements in the place of what they would change: applying
/// that changes nothing.
#[crate::boxed]
pub async fn written(hub: &Hub, tenant: TenantId) -> Result<Configuration, ConfigureError> {
    let mut tx = hub.db.read().await?;
    let version = tenant::version(&mut tx, tenant).await?;
    let mut configuration = load_at(&mut tx, tenant, version).await?;
    let changes = agreement::changes(&mut tx, tenant, version).await?;
    let drafts = agreement::drafts(&configuration, changes);
    let moved: Vec<&TargetText> = drafts.values().filter_map(|it| it.target.as_ref()).collect();
    for it in &mut configuration.targets {
        if let Some(would) = moved.iter().find(|would| would.key == it.key) {
            *it = it.under(would);
        }
    }
    configuration.agreements.retain(|it| !drafts.contains_key(&it.key));
    configuration.agreements.extend(drafts.into_values().map(|it| it.text));
    configuration.agreements.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(configuration)
}

/// The same as text that [`apply`] takes.
#[crate::boxed]
pub async fn export(hub: &Hub, tenant: TenantId) -> Result<String, ConfigureError> {
    let configuration = written(hub, tenant).await?;
    toml::to_string_pretty(&configuration).map_err(ConfigureError::Unwritable)
}

async fn objects_held(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
) -> Result<Objects, ConfigureError> {
    let mut settings = setting::list(tx, tenant, version).await?;
    settings.retain(|it| it.kind != agreement::CHANGE);
    Ok(settings.into_iter().map(|it| ((it.kind, it.key), it.body)).collect())
}

/// The employer's civil date and time.
#[crate::boxed]
pub async fn civil_now(hub: &Hub, tenant: TenantId) -> Result<DateTime, ConfigureError> {
    Ok(hub.clock.civil(&zone(hub, tenant).await?))
}

/// The employer's time zone.
#[crate::boxed]
pub async fn zone(hub: &Hub, tenant: TenantId) -> Result<TimeZone, ConfigureError> {
    zone_in(&mut hub.db.read().await?, tenant).await
}

/// The same, in a transaction.
pub(crate) async fn zone_in(tx: &mut Tx, tenant: TenantId) -> Result<TimeZone, ConfigureError> {
    zone_of(tenant::by_id(tx, tenant).await?)
}

/// The time zone of an employer that was read.
pub(crate) fn zone_of(it: tenant::Tenant) -> Result<TimeZone, ConfigureError> {
    let zone = it.time_zone;
    TimeZone::get(&zone).map_err(|source| ConfigureError::TimeZone { zone, source })
}
