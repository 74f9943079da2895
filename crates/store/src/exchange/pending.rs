//! Sets of files on their way to a target. Bodies are sealed by the caller.
//!
//! One set of a target is on its way at a time, and whoever works on it holds the target's lock.
//! Its files and parts are stored first, under a number of its own; with the row of the set it
//! becomes the target's. What has no such row was never announced and is cleared away.

use super::{delivered, set_list};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{TenantId, Version};

/// How far a set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingState {
    /// Nothing of it was sent.
    Ready,
    /// Some of it may lie at the target.
    Begun,
    /// The same, and the rest may not be sent.
    Broken,
}

impl PendingState {
    fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Begun => "begun",
            Self::Broken => "broken",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Ready, Self::Begun, Self::Broken].into_iter().find(|it| it.name() == name)
    }
}

/// A set that is on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingSet {
    /// Its number among the target's.
    pub set_no: i64,
    /// How far it is.
    pub state: PendingState,
    /// The ledger version it was made from.
    pub version: Version,
    /// The day it was made for.
    pub as_of: Date,
    /// When.
    pub made_at: Timestamp,
    /// Under which terms; of one that is held, by what.
    pub detail: serde_json::Value,
    /// What became of sending it so far.
    pub trouble: Trouble,
}

/// What became of sending a set that has not been taken yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// How often it was tried in vain, the sets that it took the place of included.
    pub attempts: u32,
    /// When it is tried again by itself.
    pub next_at: Option<Timestamp>,
    /// Since when nobody sends it by itself any more.
    pub dead_at: Option<Timestamp>,
    /// What was wrong the last time.
    pub reason: Option<String>,
    /// Who has to see to it.
    pub owner: Option<String>,
}

/// A file of such a set.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingFile {
    /// Its place in the order in which the receiver wants them.
    pub position: i64,
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// The MAC of its content.
    pub mac: [u8; 32],
    /// What is kept beside its receipt.
    pub detail: serde_json::Value,
}

/// Where a part of a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartKey {
    /// The set.
    pub set_no: i64,
    /// The file.
    pub position: i64,
    /// Which part of it.
    pub part: i64,
}

/// The number of the target's next set.
pub async fn next_set_no(tx: &mut Tx, tenant: TenantId, target: &str) -> Result<i64, StoreError> {
    let mut last = 0;
    for sql in [
        "SELECT MAX(set_no) FROM pending_set WHERE tenant_id = $1 AND target = $2",
        "SELECT MAX(set_no) FROM pending_part WHERE tenant_id = $1 AND target = $2",
        "SELECT MAX(set_no) FROM set_list WHERE tenant_id = $1 AND target = $2",
        "SELECT MAX(set_no) FROM file_receipt WHERE tenant_id = $1 AND target = $2",
    ] {
        let found: Vec<Option<i64>> =
            tx.query(sql, values![tenant, target], |row| row.optional(0)).await?;
        last = found.into_iter().flatten().fold(last, i64::max);
    }
    Ok(last.saturating_add(1))
}

/// Stores a part of a file.
pub async fn put_part(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    key: PartKey,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO pending_part (tenant_id, target, set_no, position, part, body)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let PartKey { set_no, position, part } = key;
    tx.execute(sql, values![tenant, target, set_no, position, part, body]).await?;
    Ok(())
}

/// A part of a file; none past the last.
pub async fn part(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    key: PartKey,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM pending_part
                WHERE tenant_id = $1 AND target = $2 AND set_no = $3 AND position = $4
                  AND part = $5";
    let PartKey { set_no, position, part } = key;
    let found: Vec<Vec<u8>> =
        tx.query(sql, values![tenant, target, set_no, position, part], |row| row.get(0)).await?;
    Ok(found.into_iter().next())
}

/// Makes the stored parts of that number the target's set, in the place of any other, with its files.
pub async fn announce(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    set: &PendingSet,
    files: &[PendingFile],
) -> Result<(), StoreError> {
    clear(tx, tenant, target, Some(set.set_no)).await?;
    let sql = "INSERT INTO pending_file
                   (tenant_id, target, set_no, position, file, bytes, mac, detail)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for it in files {
        let PendingFile { position, file, bytes, mac, detail } = it.clone();
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let mac = mac.to_vec();
        let row = values![tenant, target, set.set_no, position, file, bytes, mac, detail];
        tx.execute(sql, row).await?;
    }
    let sql = "INSERT INTO pending_set
                   (tenant_id, target, set_no, state, version, as_of, made_at, detail, attempts)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)";
    let PendingSet { set_no, state, version, as_of, made_at, detail, trouble } = set.clone();
    let row = values![tenant, target, set_no, state.name(), version, as_of, made_at, detail];
    tx.execute(sql, row).await?;
    note(tx, tenant, target, trouble).await
}

/// Notes what became of sending the target's set.
pub async fn note(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    trouble: Trouble,
) -> Result<(), StoreError> {
    let sql = "UPDATE pending_set
                  SET attempts = $3, next_at = $4, dead_at = $5, reason = $6, owner = $7
                WHERE tenant_id = $1 AND target = $2";
    let Trouble { attempts, next_at, dead_at, reason, owner } = trouble;
    tx.execute(sql, values![tenant, target, attempts, next_at, dead_at, reason, owner]).await?;
    Ok(())
}

/// The set that is on its way to the target.
pub async fn get(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Option<PendingSet>, StoreError> {
    let sql = "SELECT set_no, state, version, as_of, made_at, detail, attempts, next_at, dead_at,
                      reason, owner
                 FROM pending_set WHERE tenant_id = $1 AND target = $2";
    tx.query_opt(sql, values![tenant, target], |row| {
        let state: String = row.get(1)?;
        let corrupt = StoreError::Corrupt { column: 1, expected: "a pending set's state" };
        Ok(PendingSet {
            set_no: row.get(0)?,
            state: PendingState::of(&state).ok_or(corrupt)?,
            version: row.get(2)?,
            as_of: row.get(3)?,
            made_at: row.get(4)?,
            detail: row.get(5)?,
            trouble: Trouble {
                attempts: row.get(6)?,
                next_at: row.optional(7)?,
                dead_at: row.optional(8)?,
                reason: row.optional(9)?,
                owner: row.optional(10)?,
            },
        })
    })
    .await
}

/// Changes what is said of the target's set beside its files.
pub async fn set_detail(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let sql = "UPDATE pending_set SET detail = $3 WHERE tenant_id = $1 AND target = $2";
    tx.execute(sql, values![tenant, target, detail.clone()]).await?;
    Ok(())
}

/// Its files, in the receiver's order.
pub async fn files(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    set_no: i64,
) -> Result<Vec<PendingFile>, StoreError> {
    let sql = "SELECT position, file, bytes, mac, detail FROM pending_file
                WHERE tenant_id = $1 AND target = $2 AND set_no = $3 ORDER BY position";
    tx.query(sql, values![tenant, target, set_no], |row| {
        Ok(PendingFile {
            position: row.get(0)?,
            file: row.get(1)?,
            bytes: row.get(2)?,
            mac: row.get(3)?,
            detail: row.get(4)?,
        })
    })
    .await
}

/// Notes that from now on some of the set may lie at the target. A set that was given up meanwhile
/// stays so.
pub async fn begin(tx: &mut Tx, tenant: TenantId, target: &str) -> Result<(), StoreError> {
    let sql = "UPDATE pending_set SET state = 'begun'
                WHERE tenant_id = $1 AND target = $2 AND state = 'ready'";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}

/// Gives a begun set up: its files go, and that some may lie at the target stays.
pub async fn give_up(tx: &mut Tx, tenant: TenantId, target: &str) -> Result<(), StoreError> {
    let sql = "UPDATE pending_set SET state = 'broken' WHERE tenant_id = $1 AND target = $2";
    tx.execute(sql, values![tenant, target]).await?;
    clear_files(tx, tenant, target, None).await
}

/// Gives up the sets of all targets, those that are not announced yet as well: they hold what may
/// not be kept. Whoever is sending one finds no further part of it.
pub async fn give_up_all(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    for sql in [
        "UPDATE pending_set SET state = 'broken' WHERE tenant_id = $1",
        "DELETE FROM pending_file WHERE tenant_id = $1",
        "DELETE FROM pending_part WHERE tenant_id = $1",
    ] {
        tx.execute(sql, values![tenant]).await?;
    }
    set_list::clear_all(tx, tenant).await
}

/// The set is the target's: notes its files as delivered and forgets it.
pub async fn finish(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    set: &PendingSet,
    at: Timestamp,
) -> Result<(), StoreError> {
    delivered::put_all(tx, tenant, target, (set.set_no, set.version, at)).await?;
    clear(tx, tenant, target, None).await
}

/// Forgets the target's set, and what was stored for one that was never announced. Parts of the
/// set of number `kept` stay.
pub async fn clear(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    kept: Option<i64>,
) -> Result<(), StoreError> {
    clear_files(tx, tenant, target, kept).await?;
    let sql = "DELETE FROM pending_set WHERE tenant_id = $1 AND target = $2";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}

async fn clear_files(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    kept: Option<i64>,
) -> Result<(), StoreError> {
    // Numbers begin with 1.
    let kept = kept.unwrap_or(0);
    for sql in [
        "DELETE FROM pending_file WHERE tenant_id = $1 AND target = $2 AND set_no <> $3",
        "DELETE FROM pending_part WHERE tenant_id = $1 AND target = $2 AND set_no <> $3",
    ] {
        tx.execute(sql, values![tenant, target, kept]).await?;
    }
    set_list::clear(tx, tenant, target, kept).await
}
