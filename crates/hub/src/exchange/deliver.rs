//! Deliveries: from one picture of the ledger to the files in a target's folder.
//!
//! The order of things is what makes it safe: the folder is locked before the ledger is read, so
//! that who delivers later delivers what is newer. Then the rows are written aside and proved
//! closed, compared with what the target was last given, judged by its brake, noted in the audit,
//! put in place all together, and only then is the receipt kept. The receipt decides what a
//! delivery that broke off has been: with it the set is the target's, without it is undone.

mod bring;
mod change;
pub(super) mod drift;
mod error;
mod folder;
mod lease;
pub mod manage;
pub(super) mod order;
mod output;
mod pending;
mod receipt;
mod report;
mod row;
mod send;
pub(super) mod set;
mod shelf;
mod spool;
mod trouble;
pub(super) mod walk;
pub mod went;

pub use error::DeliverError;
pub use folder::FolderError;
pub use receipt::IN_PLACE;
pub use report::{Delivery, DeliveryState, FileReport, Receipt};

use super::decision::Decision;
use super::progress::Progress;
use super::{takeover, target as configured};
use crate::Hub;
use crate::access;
use crate::agreement::gate;
use bring::Bringing;
use change::Change;
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::FileSet;
use kobling_store::engine::{Tx, target_lock};
use kobling_store::exchange::file_receipt;
use order::Order;
use output::Output;
use std::io;

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
    match intent {
        Intent::Look => {
            let mut ledger = hub.db.read().await?;
            let order = order::read(hub, &mut ledger, tenant, key).await?;
            look(hub, &mut ledger, order, progress).await
        }
        Intent::Deliver | Intent::Release(_) => bring(hub, tenant, key, intent, progress).await,
    }
}

/// What the target of this order would be sent, made and thrown away.
pub(super) async fn look(
    hub: &Hub,
    ledger: &mut Tx,
    mut order: Order,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let last = receipt::last(hub, ledger, &order).await?;
    order.keep_files(last.as_ref());
    let outputs = FileSet::from_fn(order.form.files.clone(), |_| Output::new(io::sink()));
    let mut made = set::make(hub, ledger, &order, outputs, progress).await?;
    if let Err(open) =
        takeover::refuse_open::<DeliverError>(ledger, order.tenant, &order.target).await
    {
        made.notes.push(open.to_string());
    }
    let change = Change::between(&order, last.as_ref(), &made.inventory)?;
    Ok(report::report(&order, &made, &change, DeliveryState::DryRun))
}

async fn bring(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    intent: Intent<'_>,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let mut ledger = hub.db.read().await?;
    let order = order::read(hub, &mut ledger, tenant, key).await?;
    takeover::refuse_open::<DeliverError>(&mut ledger, tenant, &order.target).await?;
    gate::refuse_shut_target(&mut ledger, tenant, key).await?;
    drop(ledger);
    let lock = target_lock(&hub.db, tenant, key).await?;
    let _lock = lock.ok_or_else(|| DeliverError::UnderWay { target: key.to_owned() })?;
    let order = order::read(hub, &mut hub.db.read().await?, tenant, key).await?;
    let done = Box::pin(Bringing { hub, tenant, key, intent, progress }.bring(&order)).await;
    if let Err(error) = &done
        && trouble::note(hub, &order, error).await.is_err()
    {
        // What went wrong first is what is told.
    }
    done
}

/// When a set that follows the ledger by itself is made anew though nothing changed: when a day
/// begins, those who come and go with it do. None for one that is delivered by hand.
pub(crate) async fn next_day(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Timestamp>, DeliverError> {
    let configuration = access::load(tx, tenant).await?;
    if !configured::text(&configuration, key)?.follows() {
        return Ok(None);
    }
    let zone = configured::zone(&configuration)?;
    let tomorrow = hub.clock.civil(&zone).date().tomorrow().ok();
    Ok(tomorrow.and_then(|it| it.to_zoned(zone).ok()).map(|it| it.timestamp()))
}

/// What the target of that key has taken, the latest set first; at most `limit` files of those that
/// come after the file of a set and a place.
#[crate::boxed]
pub async fn receipts(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    after: Option<(i64, i64)>,
    limit: u32,
) -> Result<Vec<Receipt>, DeliverError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    configured::text(&configuration, key)?;
    let receipts = file_receipt::list(&mut tx, tenant, key, after, limit).await?;
    Ok(receipts.into_iter().map(Receipt::from).collect())
}
