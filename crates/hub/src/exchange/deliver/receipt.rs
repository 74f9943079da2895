//! What a target was last given: of each row its id and a digest, and of the whole set the folder it
//! went to and a MAC.

use super::lease::Lease;
use super::output::Output;
use super::pending::{self, Stored};
use super::set::Made;
use super::shelf::SealedShelf;
use super::{DeliverError, Order};
use crate::Hub;
use crate::hex::hex;
use kobling_domain::agreement::{Became, Outcome};
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::{File, FileSet, Inventory};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::delivered::{self, Delivered};
use kobling_store::exchange::file_receipt::{self, FileReceipt};
use kobling_store::exchange::pending::{PendingFile, PendingSet};
use kobling_store::exchange::set_list::{self, ListKey};
use kobling_store::sealed::{KeyRing, context};
use serde::Deserialize;
use serde_json::json;
use xxhash_rust::xxh3::Xxh3;
use zeroize::Zeroizing;

/// What is said of a file that was written to a folder here.
pub const IN_PLACE: &str = "made lasting and renamed into place";

/// What the target was last given.
pub(super) struct Last {
    pub(super) inventory: Inventory,
    /// The MAC of all bytes.
    pub(super) set: String,
    folder: String,
    /// Whether the target was found to hold something else, which is not to stay.
    has_drifted: bool,
}

/// What of a receipt can be read without the key.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    folder: String,
    set: String,
    drifted: bool,
}

impl Last {
    /// Why a set must go to the target although it was given the same rows: it was given them
    /// elsewhere, or it was found to hold something else.
    pub(super) fn outdated(&self, order: &Order) -> Option<String> {
        let (old, new) = (&self.folder, order.place.to_string());
        if *old != new {
            Some(format!("the set was last delivered to {old}, so all of it was written to {new}"))
        } else if self.has_drifted {
            Some("what the target holds had drifted, so all was sent anew".to_owned())
        } else {
            None
        }
    }

    /// The same of a folder, where `differences` tell whether the rows still lie there.
    pub(super) fn missed(&self, order: &Order, differences: &[String]) -> Option<String> {
        self.outdated(order).or_else(|| {
            let differences = (!differences.is_empty()).then(|| differences.join(", "))?;
            Some(format!(
                "all was written anew, as the last set no longer lies there: {differences}"
            ))
        })
    }
}

/// The receipt of the last delivery; none if there was none.
pub(super) async fn last(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
) -> Result<Option<Last>, DeliverError> {
    let receipts = delivered::list(ledger, order.tenant, &order.target.key).await?;
    let Some(first) = receipts.first() else { return Ok(None) };
    // A detail that cannot be read names no folder and no set, so everything is written anew.
    let Detail { folder, set, drifted: has_drifted } =
        serde_json::from_value(first.detail.clone()).unwrap_or_default();
    let named = |it: &Delivered| File::ALL.into_iter().find(|file| file.name() == it.file);
    let shelf = Box::new(SealedShelf::new(hub, order));
    let mut inventory = Inventory::empty(shelf, receipts.iter().filter_map(named));
    for receipt in &receipts {
        let Some(file) = named(receipt) else { continue };
        let mut of = Parts::of(order.tenant, &order.target.key, (receipt.set_no, file));
        while let Some(part) = of.next(hub, ledger).await? {
            inventory.add(file, &part)?;
        }
    }
    Ok(Some(Last { inventory, set, folder, has_drifted }))
}

/// The list of the rows of a file of a set, part by part.
pub(super) struct Parts<'a> {
    tenant: TenantId,
    target: &'a str,
    next: ListKey<'static>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(tenant: TenantId, target: &'a str, (set_no, file): (i64, File)) -> Self {
        Self { tenant, target, next: ListKey { set_no, file: file.name(), part: 0 } }
    }

    /// The next part; none after the last.
    pub(super) async fn next(
        &mut self,
        hub: &Hub,
        tx: &mut Tx,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let Self { tenant, target, next } = *self;
        let Some(sealed) = set_list::part(tx, tenant, target, next).await? else {
            return Ok(None);
        };
        self.next.part += 1;
        let context = context::set_list(tenant, target, (next.file, next.part));
        hub.keys.open(&context, &sealed).map(Some)
    }
}

/// Keeps what the target's folder now has; the receipts of its files.
pub(super) async fn keep(
    hub: &Hub,
    order: &Order,
    stored: &Stored,
    lease: &Lease<'_>,
) -> Result<Vec<FileReceipt>, DeliverError> {
    let mut tx = hub.db.write().await?;
    refuse_older(&mut tx, order).await?;
    let mut receipts = Vec::new();
    for file in &stored.files {
        let receipt = of(hub, order, (&stored.set, file), IN_PLACE);
        file_receipt::put(&mut tx, order.tenant, &order.target.key, receipt.clone()).await?;
        receipts.push(receipt);
    }
    pending::finish(hub, &mut tx, order, stored).await?;
    lease.end(&mut tx, &finished(&receipts)).await?;
    tx.commit().await?;
    Ok(receipts)
}

/// What became of files that have receipts.
pub(super) fn finished(receipts: &[FileReceipt]) -> Vec<Outcome> {
    let finished = |it: &FileReceipt| Outcome {
        name: it.file.clone(),
        became: Became::Finished,
        said: format!("{:.0}: {}", it.at, it.answer),
    };
    receipts.iter().map(finished).collect()
}

/// The receipt of a file that has arrived now.
pub(super) fn of(
    hub: &Hub,
    order: &Order,
    (set, file): (&PendingSet, &PendingFile),
    answer: &str,
) -> FileReceipt {
    FileReceipt {
        set_no: set.set_no,
        position: file.position,
        file: file.file.clone(),
        bytes: file.bytes,
        mac: file.mac,
        version: set.version,
        as_of: set.as_of,
        at: hub.clock.now(),
        place: order.place.to_string(),
        answer: answer.to_owned(),
    }
}

/// What is kept of a file that can be read without the key.
pub(super) fn detail<W>(
    order: &Order,
    made: &Made<Output<W>>,
    (file, output): (File, &Output<W>),
    set: &str,
) -> serde_json::Value {
    json!({
        "as_of": order.today,
        "rows": made.rows.get(file),
        "bytes": output.bytes(),
        "folder": order.place.to_string(),
        "set": set,
    })
}

/// Refuses an order if the target was given a later state of the ledger.
pub(super) async fn refuse_older(tx: &mut Tx, order: &Order) -> Result<(), DeliverError> {
    let receipts = delivered::list(tx, order.tenant, &order.target.key).await?;
    match receipts.iter().map(|it| it.version).max() {
        Some(stored) if stored > order.version => {
            Err(DeliverError::Overtaken { version: order.version.0, stored: stored.0 })
        }
        Some(_) | None => Ok(()),
    }
}

/// What stands for the bytes of a whole set: equal for equal sets, and nobody can try out guesses
/// of what is in it without the key.
pub(super) fn set_mac<W>(keys: &KeyRing, outputs: &FileSet<Output<W>>) -> String {
    let mut all = Xxh3::new();
    for (_, output) in outputs.iter() {
        all.update(&output.digest().to_be_bytes());
    }
    hex(&keys.input_mac(all.digest128()))
}
