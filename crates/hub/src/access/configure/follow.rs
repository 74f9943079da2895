//! What is kept of sources and targets, and the work they ask for, follows what is configured.

use super::{Change, ConfigureError, Differing};
use crate::Hub;
use crate::access::configuration::{Configuration, Delivery, TargetFormat, TargetText};
use jiff::tz::TimeZone;
use kobling_domain::exchange::lane::Pace;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::{lane, own_value, pending, target};
use kobling_store::{job, webhook};
use serde_json::{Value, json};

/// Lets what is kept of a target follow what is configured of it: of its lanes, if it takes
/// messages, else of its set. Whether it follows the ledger by itself is said after this.
pub(super) async fn target(
    hub: &Hub,
    tx: &mut Tx,
    target: (TenantId, &str),
    (old, new): (Option<&Value>, Option<&Value>),
) -> Result<(), StoreError> {
    let takes = |format| move |it: &&Value| it.get("format") == Some(&json!(format));
    let (messages, files) = (takes(TargetFormat::Messages), takes(TargetFormat::Plan2learn));
    if let Some(old) = old.filter(&messages) {
        lanes(hub, tx, target, (old, new.filter(&messages))).await
    } else if let Some(old) = old.filter(&files) {
        set(hub, tx, target, (old, new.filter(&files))).await
    } else {
        Ok(())
    }
}

/// The same of a target that its parties have moved.
pub(crate) async fn moved(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (old, new): (&TargetText, &TargetText),
) -> Result<(), StoreError> {
    target(hub, tx, (tenant, &new.key), (Some(&json!(old)), Some(&json!(new)))).await?;
    if new.follows() {
        target::put(tx, tenant, &new.key).await?;
    }
    Ok(())
}

/// Of a set for a target that is no longer configured no byte is kept, only that some of it may
/// lie there; and what another system held of its own counts no more.
async fn set(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, key): (TenantId, &str),
    (old, new): (&Value, Option<&Value>),
) -> Result<(), StoreError> {
    if new.is_none_or(|it| it.get("system") != old.get("system")) {
        own_value::forget(tx, tenant, key).await?;
    }
    if new.is_none() {
        pending::give_up(tx, tenant, key).await?;
        job::cancel(tx, tenant, job::DELIVER, key).await?;
    }
    if let Some(stored) = target::by_key(tx, tenant, key).await? {
        target::close(tx, tenant, stored.no, hub.clock.now()).await?;
    }
    if old.get("delivery") == Some(&json!(Delivery::WhenChanged)) {
        // What follows still is asked for anew.
        job::forget(tx, tenant, (job::DELIVER, key)).await?;
    }
    Ok(())
}

/// Whoever lies elsewhere, or is another system, has none of what was told before; a target that is
/// no longer configured keeps nothing of it here.
async fn lanes(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, key): (TenantId, &str),
    (old, new): (&Value, Option<&Value>),
) -> Result<(), StoreError> {
    let Some(stored) = target::by_key(tx, tenant, key).await? else { return Ok(()) };
    if new.is_some_and(|it| place(it) == place(old)) {
        return Ok(());
    }
    lane::forget_all(tx, tenant, stored.no).await?;
    target::undo(tx, tenant, stored.no).await?;
    if new.is_none() {
        target::forget_roles(tx, tenant, stored.no).await?;
        target::set_pace(tx, tenant, stored.no, Pace::default()).await?;
        target::close(tx, tenant, stored.no, hub.clock.now()).await?;
    }
    // Whoever delivers there just now does so no more.
    job::cancel(tx, tenant, job::DELIVER, key).await
}

/// Which system a target is, and where its messages go.
fn place(target: &Value) -> [Option<&Value>; 3] {
    [target.get("system"), target.get("folder"), target.pointer("/http/url")]
}

/// Stops a webhook that leaves the configuration, or comes to be another address, and forgets what it
/// was to be told: its secret was given to whoever listened there.
pub(super) async fn webhooks(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    differing: &[Differing],
) -> Result<(), StoreError> {
    for it in differing.iter().filter(|it| it.kind == "webhook" && it.change != Change::Added) {
        let is_elsewhere = ["url", "party"].iter().any(|name| it.entries.contains_key(*name));
        if it.change == Change::Removed || is_elsewhere {
            webhook::stop(tx, tenant, &it.key, hub.clock.now()).await?;
            webhook::forget(tx, tenant, &it.key).await?;
            job::cancel(tx, tenant, job::WEBHOOK, &it.key).await?;
        }
    }
    Ok(())
}

/// Says when sources whose timetable may have changed are looked at next. One that has none any
/// more is left alone.
pub(super) async fn timetables(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    configuration: &Configuration,
    differing: &[Differing],
) -> Result<(), ConfigureError> {
    let zone = &configuration.tenant.time_zone;
    let unknown = |source| ConfigureError::TimeZone { zone: zone.clone(), source };
    let (zone, now) = (TimeZone::get(zone).map_err(unknown)?, hub.clock.now());
    for it in differing.iter().filter(|it| it.kind == "source" && it.change == Change::Removed) {
        job::cancel(tx, tenant, job::READ, &it.key).await?;
    }
    let is_elsewhere = differing.iter().any(|it| it.kind == "tenant");
    for it in &configuration.sources {
        let key = &it.key;
        let is_other = differing.iter().any(|it| it.kind == "source" && it.key == *key);
        if !(is_other || is_elsewhere) {
            continue;
        }
        let unusable = |source| ConfigureError::Timetable { key: key.clone(), source };
        let table = it.timetable.as_ref().map(|it| it.parse().map_err(unusable)).transpose()?;
        match table.and_then(|it| it.next(now, &zone)) {
            Some(next) => job::appoint(tx, tenant, (job::READ, key), next, now).await?,
            None => job::forget(tx, tenant, (job::READ, key)).await?,
        }
    }
    Ok(())
}
