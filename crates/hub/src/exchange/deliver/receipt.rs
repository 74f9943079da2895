//! What a target was last given: of each row its id and a digest, sealed, and of the whole set the
//! folder it went to and a MAC.

use super::output::Output;
use super::set::Made;
use super::{DeliverError, Order};
use crate::Hub;
use crate::hex::hex;
use kobling_formats::plan2learn::{File, FileSet, Inventory};
use kobling_store::engine::Tx;
use kobling_store::exchange::delivered::{self, Delivered};
use kobling_store::sealed::{KeyRing, context};
use serde::Deserialize;
use serde_json::json;
use xxhash_rust::xxh3::Xxh3;

/// What the target was last given.
pub(super) struct Receipt {
    pub(super) inventory: Inventory,
    /// The MAC of all bytes.
    pub(super) set: String,
    folder: String,
}

/// What of a receipt can be read without the key.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    folder: String,
    set: String,
}

impl Receipt {
    /// Why a set must be written although the target was given the same rows: it was given them
    /// elsewhere, or `differences` tell that they do not lie there any more. None if they do.
    pub(super) fn missed(&self, order: &Order, differences: &[String]) -> Option<String> {
        let folder = &order.target.folder;
        if self.folder != *folder {
            Some(format!(
                "the set was last delivered to {}, so all of it was written to {folder}",
                self.folder
            ))
        } else if differences.is_empty() {
            None
        } else {
            let differences = differences.join(", ");
            Some(format!(
                "all was written anew, as the last set no longer lies there: {differences}"
            ))
        }
    }
}

/// The receipt of the last delivery; none if there was none.
pub(super) async fn last(
    hub: &Hub,
    ledger: &mut Tx,
    order: &Order,
) -> Result<Option<Receipt>, DeliverError> {
    let receipts = delivered::list(ledger, order.tenant, &order.target.key).await?;
    let Some(first) = receipts.first() else { return Ok(None) };
    // A detail that cannot be read names no folder and no set, so everything is written anew.
    let Detail { folder, set } = serde_json::from_value(first.detail.clone()).unwrap_or_default();
    let received = |file: &File| receipts.iter().find(|it| it.file == file.name());
    let files = File::ALL.into_iter().filter(|it| received(it).is_some());
    let bodies = FileSet::try_from_fn(files, |file| {
        let body = received(&file).map(|it| it.body.as_slice()).unwrap_or_default();
        hub.keys.open(&sealing_context(order, file), body).map(|it| it.to_vec())
    })?;
    Ok(Some(Receipt { inventory: Inventory::from_bytes(bodies)?, set, folder }))
}

/// Keeps what the target now has.
pub(super) async fn keep<W>(
    hub: &Hub,
    order: &Order,
    made: &Made<Output<W>>,
) -> Result<(), DeliverError> {
    let mut tx = hub.db.write().await?;
    refuse_older(&mut tx, order).await?;
    let set = set_mac(&hub.keys, &made.outputs);
    for (file, output) in made.outputs.iter() {
        let body = hub.keys.seal(&sealing_context(order, file), &made.inventory.bytes(file))?;
        let delivered = Delivered {
            file: file.name().to_owned(),
            at: hub.clock.now(),
            version: order.version,
            detail: json!({
                "as_of": order.today,
                "rows": made.rows.get(file),
                "bytes": output.bytes(),
                "folder": order.target.folder,
                "set": set,
            }),
            body,
        };
        delivered::put(&mut tx, order.tenant, &order.target.key, delivered).await?;
    }
    Ok(tx.commit().await?)
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

fn sealing_context(order: &Order, file: File) -> Vec<u8> {
    context(order.tenant, &format!("delivered {}", order.target.key), file.name().as_bytes())
}
