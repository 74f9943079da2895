//! The set that is on its way: stored before it is sent, and forgotten when it is through.

use super::output::Output;
use super::set::Made;
use super::spool::{Parts, Sealing, Spool};
use super::{DeliverError, Order, receipt};
use crate::Hub;
use kobling_formats::plan2learn::{File, FileSet};
use kobling_store::engine::Tx;
use kobling_store::exchange::pending::{self, PartKey, PendingFile, PendingSet, PendingState};
use serde_json::json;

/// Parts stored in one transaction: others write as well.
const PARTS_AT_ONCE: usize = 4;

/// A set that was made and is not the target's yet.
pub(super) struct Stored {
    pub(super) set: PendingSet,
    pub(super) files: Vec<PendingFile>,
}

/// What an earlier delivery left.
pub(super) enum Left {
    /// Nothing that matters any more.
    Nothing,
    /// A set some of which may lie at the target already, to be brought to its end first.
    Unfinished(Stored),
    /// Some of a set may lie at the target, and the rest of it may not be sent any more.
    Broken,
}

/// What an earlier delivery left, put right as far as the store is concerned. Of a set nothing was
/// sent of, the next takes the place.
pub(super) async fn left(hub: &Hub, order: &Order) -> Result<Left, DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    let mut tx = hub.db.write().await?;
    let set = pending::get(&mut tx, tenant, target).await?;
    let left = match set {
        Some(set) if set.state == PendingState::Begun && is_allowed(order, &set) => {
            let files = pending::files(&mut tx, tenant, target, set.set_no).await?;
            Left::Unfinished(Stored { set, files })
        }
        Some(set) if set.state != PendingState::Ready => {
            pending::give_up(&mut tx, tenant, target).await?;
            Left::Broken
        }
        Some(_) | None => {
            pending::clear(&mut tx, tenant, target, None).await?;
            Left::Nothing
        }
    };
    tx.commit().await?;
    Ok(left)
}

/// Whether what was stored may be sent under what is configured now.
fn is_allowed(order: &Order, set: &PendingSet) -> bool {
    set.detail.get("terms") == Some(&order.terms)
}

/// How the target's next set is sealed, and under which number.
pub(super) async fn sealing(hub: &Hub, order: &Order) -> Result<Sealing, DeliverError> {
    let mut tx = hub.db.read().await?;
    let set_no = pending::next_set_no(&mut tx, order.tenant, &order.target.key).await?;
    Ok(sealing_of(hub, order, set_no))
}

/// How the target's set of that number is sealed.
pub(super) fn sealing_of(hub: &Hub, order: &Order, set_no: i64) -> Sealing {
    let (keys, tenant, target) = (hub.keys.clone(), order.tenant, order.target.key.clone());
    Sealing { keys, tenant, target, set_no }
}

/// The files to write a set to.
pub(super) fn outputs(
    sealing: &Sealing,
    files: &[File],
) -> Result<FileSet<Output<Spool>>, DeliverError> {
    FileSet::try_from_fn(files.iter().copied(), |file| {
        let spool = Spool::new(sealing.clone(), position(file));
        spool.map(Output::new).map_err(DeliverError::Spool)
    })
}

/// Makes a stored set the one that is on its way.
pub(super) async fn announce(
    tx: &mut Tx,
    order: &Order,
    stored: &Stored,
) -> Result<(), DeliverError> {
    let Stored { set, files } = stored;
    Ok(pending::announce(tx, order.tenant, &order.target.key, set, files).await?)
}

/// What stands for a set that was made, to be [announced](announce) once its parts are stored.
pub(super) fn describe(
    hub: &Hub,
    order: &Order,
    set_no: i64,
    made: &Made<Output<Spool>>,
) -> Result<Stored, DeliverError> {
    let set = PendingSet {
        set_no,
        state: PendingState::Ready,
        version: order.version,
        as_of: order.today,
        made_at: hub.clock.now(),
        detail: json!({ "terms": order.terms }),
    };
    let whole = receipt::set_mac(&hub.keys, &made.outputs);
    let mut files = Vec::new();
    for (file, output) in made.outputs.iter() {
        files.push(PendingFile {
            position: position(file),
            file: file.name().to_owned(),
            bytes: output.bytes(),
            mac: hub.keys.input_mac(output.digest()),
            detail: receipt::detail(order, made, (file, output), &whole),
            inventory: receipt::sealed(hub, order, &made.inventory, file)?,
        });
    }
    Ok(Stored { set, files })
}

/// Stores the bytes of a set, a few parts at a time. Nobody looks at them until it is announced.
pub(super) async fn store(
    hub: &Hub,
    order: &Order,
    set_no: i64,
    outputs: FileSet<Output<Spool>>,
) -> Result<(), DeliverError> {
    let mut parts: FileSet<Parts> =
        outputs.try_map(|_, it| it.into_inner().end().map_err(DeliverError::Spool))?;
    let files: Vec<File> = parts.files().collect();
    for file in files {
        let Some(parts) = parts.get_mut(file) else { continue };
        loop {
            let mut tx = hub.db.write().await?;
            let stored = store_some(&mut tx, order, set_no, position(file), parts).await?;
            tx.commit().await?;
            if stored < PARTS_AT_ONCE {
                break;
            }
        }
    }
    Ok(())
}

async fn store_some(
    tx: &mut Tx,
    order: &Order,
    set_no: i64,
    position: i64,
    parts: &mut Parts,
) -> Result<usize, DeliverError> {
    for stored in 0..PARTS_AT_ONCE {
        let Some((part, body)) = parts.next().map_err(DeliverError::Spool)? else {
            return Ok(stored);
        };
        let key = PartKey { set_no, position, part };
        pending::put_part(tx, order.tenant, &order.target.key, key, body).await?;
    }
    Ok(PARTS_AT_ONCE)
}

/// A file's place in the receiver's order.
pub(super) fn position(file: File) -> i64 {
    let position = File::ALL.into_iter().position(|it| it == file);
    position.and_then(|it| i64::try_from(it).ok()).unwrap_or(i64::MAX)
}
