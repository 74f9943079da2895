//! Deliveries: from one picture of the ledger to the files in a target's folder.
//!
//! The order of things is what makes it safe: the folder is locked before the ledger is read, so
//! that who delivers later delivers what is newer. Then the rows are written aside and proved
//! closed, compared with what the target was last given, judged by its brake, noted in the audit,
//! put in place all together, and only then is the receipt kept. The receipt decides what a
//! delivery that broke off has been: with it the set is the target's, without it is undone.

pub mod drift;
mod error;
mod folder;
mod lease;
pub(super) mod order;
mod output;
mod pending;
mod preview;
mod receipt;
mod report;
mod row;
mod send;
mod set;
mod spool;
pub mod takeover;
pub(super) mod walk;

pub use error::DeliverError;
pub use folder::FolderError;
pub use preview::{Asked, Foreseen, Preview, PreviewError, preview};
pub use report::{Delivery, DeliveryState, FileReport, Receipt};

use super::decide::Decision;
use super::progress::Progress;
use crate::Hub;
use crate::access;
use crate::connectors::Place;
use folder::Folder;
use kobling_domain::agreement::Agreement;
use kobling_domain::exchange::brake::{self, Limits, TargetFigures, Tripped};
use kobling_domain::id::TenantId;
use kobling_domain::people::Kind;
use kobling_formats::plan2learn::{File, Inactivated, Inventory, SetDiff, diff};
use kobling_store::access::audit;
use kobling_store::engine::{Tx, target_lock};
use kobling_store::exchange::file_receipt;
use order::Order;
use output::Output;
use pending::Left;
use receipt::Last;
use serde_json::json;
use std::path::Path;

/// What is to become of the set that is made.
#[derive(Clone, Copy, Debug)]
pub enum Intent<'a> {
    /// It is delivered unless the target's brake holds it.
    Deliver,
    /// It is delivered whatever the brake says, as a person decides.
    Release(Decision<'a>),
    /// It is compared and thrown away.
    Look,
}

/// Brings the target of that key to the state its agreement allows, on the employer's today.
///
/// # Errors
///
/// Whatever fails, the files in the target's folder stay as they were; where only the receipt
/// could not be kept, the next delivery puts them back.
pub async fn deliver(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    intent: Intent<'_>,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    if let Intent::Release(Decision { by, reason }) = intent
        && (by.trim().is_empty() || reason.trim().is_empty())
    {
        return Err(DeliverError::Undecided);
    }
    match intent {
        Intent::Look => look(hub, tenant, key, progress).await,
        Intent::Deliver | Intent::Release(_) => bring(hub, tenant, key, intent, progress).await,
    }
}

async fn look(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, key).await?;
    preview::look(hub, &mut ledger, order, progress).await
}

async fn bring(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    intent: Intent<'_>,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let mut ledger = hub.db.read().await?;
    order::read(hub, &mut ledger, tenant, key).await?;
    takeover::refuse_open(&mut ledger, tenant, key).await?;
    drop(ledger);
    let lock = target_lock(&hub.db, tenant, key).await?;
    let _lock = lock.ok_or_else(|| DeliverError::UnderWay { target: key.to_owned() })?;
    let order = order::read(hub, &mut hub.db.read().await?, tenant, key).await?;
    let left = pending::left(hub, &order).await?;
    let delivering = Delivering { hub, tenant, key, intent, progress };
    match &order.place {
        Place::Folder(path) => delivering.put_in_folder(path, &order.place).await,
        Place::Sftp(_) | Place::Ftps(_) => Box::pin(delivering.send_to_server(&order, left)).await,
    }
}

/// One delivery: who brings what where.
#[derive(Clone, Copy)]
struct Delivering<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    key: &'a str,
    intent: Intent<'a>,
    progress: &'a dyn Progress,
}

impl Delivering<'_> {
    async fn put_in_folder(&self, path: &Path, place: &Place) -> Result<Delivery, DeliverError> {
        let Self { hub, tenant, key, intent, progress } = *self;
        let folder = Folder::lock(path)?;
        // Only a snapshot taken under the lock is newer than what lies in the folder.
        let mut ledger = hub.db.read().await?;
        let mut order = order::read(hub, &mut ledger, tenant, key).await?;
        if order.place != *place {
            return Err(DeliverError::Reconfigured);
        }
        let last = receipt::last(hub, &mut ledger, &order).await?;
        order.keep_files(last.as_ref());
        let staging = folder.stage(last.as_ref().map(|it| it.set.as_str()))?;
        let outputs = staging.outputs(&order.form.files)?;
        let mut made = set::make(hub, &mut ledger, &order, outputs, progress).await?;
        drop(ledger);
        let change = Change::between(&order, last.as_ref(), &made.inventory);
        let state = match &last {
            _ if change.is_held(intent) => DeliveryState::Held,
            Some(last) if change.is_none() => {
                let missed = last.missed(&order, &staging.differences(&made.outputs)?);
                let state = if missed.is_some() {
                    DeliveryState::Delivered
                } else {
                    DeliveryState::Unchanged
                };
                made.notes.extend(missed);
                state
            }
            Some(_) | None => DeliveryState::Delivered,
        };
        let mut receipts = Vec::new();
        if state == DeliveryState::Delivered {
            announce(hub, &order, &change, intent).await?.commit().await?;
            staging.publish(&receipt::set_mac(&hub.keys, &made.outputs), &order.form.files)?;
            receipts = receipt::keep(hub, &order, &made).await?;
        }
        staging.end()?;
        let mut report = report::report(&order, &made, &change, state);
        report.receipts = receipts.into_iter().map(Receipt::from).collect();
        Ok(report)
    }

    /// The set of an earlier delivery that broke off goes first: until it is through, nobody knows
    /// what the target has.
    async fn send_to_server(&self, order: &Order, left: Left) -> Result<Delivery, DeliverError> {
        let Self { hub, tenant, key, intent, progress } = *self;
        let mut receipts = Vec::new();
        let mut notes = Vec::new();
        if let Left::Unfinished(stored) = &left {
            receipts = send::send(hub, order, stored).await?;
            let at = stored.set.made_at;
            notes.push(format!("the set of {at:.0}, which had broken off, was brought to its end"));
        }
        let mut ledger = hub.db.read().await?;
        let mut order = order::read(hub, &mut ledger, tenant, key).await?;
        let last = receipt::last(hub, &mut ledger, &order).await?;
        order.keep_files(last.as_ref());
        let sealing = pending::sealing(hub, &order).await?;
        let outputs = pending::outputs(&sealing, &order.form.files)?;
        let making = set::make(hub, &mut ledger, &order, outputs, progress);
        let mut made = Box::pin(making).await?;
        drop(ledger);
        let change = Change::between(&order, last.as_ref(), &made.inventory);
        let is_broken = matches!(left, Left::Broken);
        let moved = last.as_ref().filter(|it| !it.is_at(&order)).map(|it| it.moved(&order));
        let is_there = last.is_some() && change.is_none() && moved.is_none() && !is_broken;
        let state = match (change.is_held(intent), is_there) {
            (true, _) => DeliveryState::Held,
            (false, true) if receipts.is_empty() => DeliveryState::Unchanged,
            (false, _) => DeliveryState::Delivered,
        };
        notes.extend(moved);
        if is_broken {
            notes.push("of an earlier set only a part was sent, so all was sent anew".to_owned());
        }
        made.notes.extend(notes);
        let mut report = report::report(&order, &made, &change, state);
        if state == DeliveryState::Delivered && !is_there {
            let stored = pending::describe(hub, &order, sealing.set_no, &made)?;
            pending::store(hub, &order, sealing.set_no, made.outputs).await?;
            let mut tx = announce(hub, &order, &change, intent).await?;
            pending::announce(&mut tx, &order, &stored).await?;
            tx.commit().await?;
            receipts = send::send(hub, &order, &stored).await?;
        }
        report.receipts = receipts.into_iter().map(Receipt::from).collect();
        Ok(report)
    }
}

/// What a set changes at the target, and what its brake says to that.
struct Change {
    diff: SetDiff,
    brake: Option<Tripped>,
}

impl Change {
    fn between(order: &Order, last: Option<&Last>, made: &Inventory) -> Self {
        let nothing = Inventory::default();
        let last = last.map_or(&nothing, |it| &it.inventory);
        let diff = diff(last, made);
        let figures = |kind, active: usize, inactivated: usize| {
            let count = |it| u64::try_from(it).unwrap_or(u64::MAX);
            // Of those that were told as coming only, some may be gone as well.
            TargetFigures {
                kind,
                active: count(active.max(inactivated)),
                inactivated: count(inactivated),
            }
        };
        let limits = Limits { inactivated: order.target.inactivated, ..Limits::default() };
        let Inactivated { persons, engagements } = diff.inactivated;
        let persons = figures(Kind::Person, last.active(File::Bruger), persons);
        let employments = figures(Kind::Employment, last.active(File::Engagement), engagements);
        let brake = brake::check_target(&limits, persons)
            .or_else(|| brake::check_target(&limits, employments));
        Self { diff, brake }
    }

    fn is_held(&self, intent: Intent<'_>) -> bool {
        self.brake.is_some() && !matches!(intent, Intent::Release(_))
    }

    fn is_none(&self) -> bool {
        self.diff.files.iter().all(|(_, it)| it.is_empty())
    }
}

/// Writes down that the set leaves, before it does: what cannot be written down does not leave. The
/// caller commits. Refuses if the agreement or the target reads otherwise by now, or has a newer set.
async fn announce(
    hub: &Hub,
    order: &Order,
    change: &Change,
    intent: Intent<'_>,
) -> Result<Tx, DeliverError> {
    let mut tx = hub.db.write().await?;
    let now = access::load(&mut tx, order.tenant).await?;
    let agreements = now.agreements.iter().cloned();
    let still_agreed = agreements
        .filter_map(|it| Agreement::parse(it, order.version).ok())
        .any(|it| it == order.agreement);
    if !still_agreed || !now.targets.contains(&order.target) {
        return Err(DeliverError::Reconfigured);
    }
    receipt::refuse_older(&mut tx, order).await?;
    takeover::refuse_open(&mut tx, order.tenant, &order.target.key).await?;
    let (who, reason) = match intent {
        Intent::Release(Decision { by, reason }) => (by, Some(reason)),
        Intent::Deliver | Intent::Look => ("deliver", None),
    };
    let entry = audit::Entry {
        at: hub.clock.now(),
        who: who.to_owned(),
        action: "target.deliver".to_owned(),
        detail: json!({
            "target": order.target.key,
            "agreement": order.agreement.key(),
            "version": order.version.0,
            "as_of": order.today,
            "released": change.brake.as_ref().filter(|_| reason.is_some()),
            "reason": reason,
        }),
    };
    audit::write(&mut tx, order.tenant, &entry).await?;
    Ok(tx)
}

/// What the target of that key has taken, the latest set first; at most `limit` files.
pub async fn receipts(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    limit: u32,
) -> Result<Vec<Receipt>, DeliverError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let known = configuration.targets.iter().map(|it| it.key.as_str()).collect::<Vec<_>>();
    if !known.contains(&key) {
        let (key, known) = (key.to_owned(), known.join(", "));
        return Err(DeliverError::UnknownTarget { key, known });
    }
    let receipts = file_receipt::list(&mut tx, tenant, key, limit).await?;
    Ok(receipts.into_iter().map(Receipt::from).collect())
}
