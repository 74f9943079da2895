//! The set that is on its way: stored before it is sent, and forgotten when it is through.

use super::output::Output;
use super::set::Made;
use super::spool::{Parts, Sealing, Spool};
use super::{DeliverError, Order, receipt};
use crate::Hub;
use crate::exchange::lane::Brake;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::exchange::brake::Tripped;
use kobling_formats::plan2learn::{File, FileSet, Inventory};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::pending::{
    self, PartKey, PendingFile, PendingSet, PendingState, Trouble,
};
use kobling_store::exchange::set_list::{self, ListKey};
use kobling_store::job;
use kobling_store::sealed::context;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

/// Parts stored in one transaction: others write as well.
const PARTS_AT_ONCE: usize = 4;
/// When whoever works looks after a set whose delivery has not come to its end.
const LOOKED_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// A set that was made and is not the target's yet.
pub(super) struct Stored {
    pub(super) set: PendingSet,
    pub(super) files: Vec<PendingFile>,
}

impl Stored {
    /// The names of its files.
    pub(super) fn names(&self) -> Vec<String> {
        self.files.iter().map(|it| it.file.clone()).collect()
    }
}

/// What an earlier delivery left, and how often it was tried in vain.
pub(super) struct Earlier {
    pub(super) left: Left,
    pub(super) attempts: u32,
    held: Option<Held>,
}

/// What is left of a set.
pub(super) enum Left {
    /// Nothing that matters any more.
    Nothing,
    /// Some of it may lie at the target already; it is to be brought to its end first.
    Unfinished(Stored),
    /// Some of it may lie at the target, and the rest of it may not be sent any more.
    Broken,
}

/// A set that a brake holds. It is not stored, only what stands for its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) brake: Tripped,
    set: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) released: Option<Release>,
}

/// By whom a set may go that a brake holds, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Release {
    pub(super) by: String,
    pub(super) reason: String,
}

impl Held {
    pub(super) fn new(brake: &Tripped, set: String) -> Self {
        Self { brake: brake.clone(), set, released: None }
    }

    /// What a person releases the set by.
    pub(super) fn hash(&self) -> String {
        Brake::short(&self.set)
    }

    /// What holds a set of which no more than its row is stored.
    pub(super) fn of(set: &PendingSet) -> Option<Self> {
        serde_json::from_value(set.detail.get("held")?.clone()).ok()
    }
}

impl Earlier {
    /// The release of the very set that `set` stands for.
    pub(super) fn released(&self, set: &str) -> Option<&Release> {
        self.held.as_ref().filter(|it| it.set == set)?.released.as_ref()
    }
}

/// What an earlier delivery left. Of a set nothing was sent of, the next takes the place.
pub(super) async fn earlier(hub: &Hub, order: &Order) -> Result<Earlier, DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    let mut tx = hub.db.read().await?;
    let Some(set) = pending::get(&mut tx, tenant, target).await? else {
        return Ok(Earlier { left: Left::Nothing, attempts: 0, held: None });
    };
    let (attempts, held) = (set.trouble.attempts, Held::of(&set));
    let left = match set.state {
        PendingState::Ready => Left::Nothing,
        PendingState::Begun if is_allowed(order, &set) => {
            let files = pending::files(&mut tx, tenant, target, set.set_no).await?;
            Left::Unfinished(Stored { set, files })
        }
        PendingState::Begun => {
            drop(tx);
            let mut tx = hub.db.write().await?;
            pending::give_up(&mut tx, tenant, target).await?;
            tx.commit().await?;
            Left::Broken
        }
        PendingState::Broken => Left::Broken,
    };
    Ok(Earlier { left, attempts, held })
}

/// Whether what was stored may be sent under what is configured now.
fn is_allowed(order: &Order, set: &PendingSet) -> bool {
    set.detail.get("terms") == Some(&order.terms)
}

/// The number of the target's next set.
pub(super) async fn next_set_no(hub: &Hub, order: &Order) -> Result<i64, StoreError> {
    pending::next_set_no(&mut hub.db.read().await?, order.tenant, &order.target.key).await
}

/// How the target's next set is sealed, and under which number.
pub(super) async fn sealing(hub: &Hub, order: &Order) -> Result<Sealing, DeliverError> {
    Ok(sealing_of(hub, order, next_set_no(hub, order).await?))
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

/// Makes a stored set the one that is on its way, and asks that it be looked after.
pub(super) async fn announce(
    hub: &Hub,
    tx: &mut Tx,
    order: &Order,
    stored: Stored,
) -> Result<Stored, DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    pending::announce(tx, tenant, target, &stored.set, &stored.files).await?;
    let then = hub.clock.now().checked_add(LOOKED_AFTER).unwrap_or(Timestamp::MAX);
    job::schedule(tx, tenant, (job::DELIVER, target), then).await?;
    Ok(stored)
}

/// Notes that a brake holds the set that was made. That some of an earlier one may lie at the
/// target stays known.
pub(super) async fn hold(
    hub: &Hub,
    order: &Order,
    earlier: &Earlier,
    held: Held,
) -> Result<(), DeliverError> {
    let state = match earlier.left {
        Left::Broken => PendingState::Broken,
        Left::Nothing | Left::Unfinished(_) => PendingState::Ready,
    };
    let mut set = row(hub, order, (next_set_no(hub, order).await?, 0), state);
    set.detail = json!({ "terms": order.terms, "held": held });
    let mut tx = hub.db.write().await?;
    pending::announce(&mut tx, order.tenant, &order.target.key, &set, &[]).await?;
    Ok(tx.commit().await?)
}

/// Notes that nothing is on its way.
pub(super) async fn clear(hub: &Hub, order: &Order) -> Result<(), DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    let mut tx = hub.db.write().await?;
    pending::clear(&mut tx, tenant, target, None).await?;
    job::forget(&mut tx, tenant, (job::DELIVER, target)).await?;
    Ok(tx.commit().await?)
}

/// Notes that the set on its way is the target's.
pub(super) async fn finish(
    hub: &Hub,
    tx: &mut Tx,
    order: &Order,
    stored: &Stored,
) -> Result<(), DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    pending::finish(tx, tenant, target, &stored.set, hub.clock.now()).await?;
    Ok(job::forget(tx, tenant, (job::DELIVER, target)).await?)
}

fn row(
    hub: &Hub,
    order: &Order,
    (set_no, attempts): (i64, u32),
    state: PendingState,
) -> PendingSet {
    PendingSet {
        set_no,
        state,
        version: order.version,
        as_of: order.today,
        made_at: hub.clock.now(),
        detail: json!({ "terms": order.terms }),
        trouble: Trouble { attempts, ..Trouble::default() },
    }
}

/// What stands for a set that was made, to be [announced](announce) once it is stored.
pub(super) fn describe<W>(
    hub: &Hub,
    order: &Order,
    numbers: (i64, u32),
    made: &Made<Output<W>>,
) -> Stored {
    let whole = receipt::set_mac(&hub.keys, &made.outputs);
    let mut files = Vec::new();
    for (file, output) in made.outputs.iter() {
        files.push(PendingFile {
            position: position(file),
            file: file.name().to_owned(),
            bytes: output.bytes(),
            mac: hub.keys.input_mac(output.digest()),
            detail: receipt::detail(order, made, (file, output), &whole),
        });
    }
    Stored { set: row(hub, order, numbers, PendingState::Ready), files }
}

/// Stores the lists of the rows of a set, a part at a time. Nobody looks at them until it is the
/// target's.
pub(super) async fn store_lists(
    hub: &Hub,
    order: &Order,
    set_no: i64,
    inventory: &Inventory,
) -> Result<(), DeliverError> {
    let (tenant, target) = (order.tenant, &*order.target.key);
    for file in inventory.files() {
        for (part, plain) in (0..).zip(inventory.parts(file)) {
            let plain = Zeroizing::new(plain.map_err(DeliverError::Spool)?);
            let context = context::set_list(tenant, target, (file.name(), part));
            let sealed = hub.keys.seal(&context, &plain)?;
            let mut tx = hub.db.write().await?;
            let key = ListKey { set_no, file: file.name(), part };
            set_list::put(&mut tx, tenant, target, key, sealed).await?;
            tx.commit().await?;
        }
    }
    Ok(())
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
