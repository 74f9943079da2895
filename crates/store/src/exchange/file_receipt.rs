//! What targets have taken, file by file. A receipt tells nothing of what is in the file that
//! could be found out without the key.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{TenantId, Version};

/// Receipts of so many sets of a target are kept: those of a year, if one goes every night.
const SETS_KEPT: i64 = 400;

/// That a target has taken a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReceipt {
    /// The set, by its number among the target's.
    pub set_no: i64,
    /// The file's place in the receiver's order.
    pub position: i64,
    /// Its name.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// The MAC of its content.
    pub mac: [u8; 32],
    /// The ledger version it was made from.
    pub version: Version,
    /// The day it was made for.
    pub as_of: Date,
    /// When it was taken.
    pub at: Timestamp,
    /// Where it lies.
    pub place: String,
    /// What was said or seen there.
    pub answer: String,
}

/// Keeps a receipt; a file of a set has one.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    receipt: FileReceipt,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO file_receipt (tenant_id, target, set_no, position, file, bytes, mac,
                                         version, as_of, at, place, answer)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
               ON CONFLICT (tenant_id, target, set_no, position) DO UPDATE
                  SET at = excluded.at, answer = excluded.answer";
    let FileReceipt { set_no, position, file, bytes, mac, version, as_of, at, place, answer } =
        receipt;
    let (bytes, mac) = (i64::try_from(bytes).unwrap_or(i64::MAX), mac.to_vec());
    let row = values![
        tenant, target, set_no, position, file, bytes, mac, version, as_of, at, place, answer
    ];
    tx.execute(sql, row).await?;
    let sql = "DELETE FROM file_receipt WHERE tenant_id = $1 AND target = $2 AND set_no <= $3";
    tx.execute(sql, values![tenant, target, set_no.saturating_sub(SETS_KEPT)]).await?;
    Ok(())
}

/// The receipts of a set, in the receiver's order.
pub async fn of_set(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    set_no: i64,
) -> Result<Vec<FileReceipt>, StoreError> {
    let sql = "SELECT set_no, position, file, bytes, mac, version, as_of, at, place, answer
                 FROM file_receipt
                WHERE tenant_id = $1 AND target = $2 AND set_no = $3 ORDER BY position";
    tx.query(sql, values![tenant, target, set_no], read).await
}

/// A target's receipts, the latest set first; at most `limit` of those that come after the one of a
/// set and a place.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    after: Option<(i64, i64)>,
    limit: u32,
) -> Result<Vec<FileReceipt>, StoreError> {
    let (set_no, position) = after.unwrap_or((i64::MAX, i64::MAX));
    let sql = "SELECT set_no, position, file, bytes, mac, version, as_of, at, place, answer
                 FROM file_receipt
                WHERE tenant_id = $1 AND target = $2
                  AND (set_no < $3 OR (set_no = $3 AND position > $4))
                ORDER BY set_no DESC, position LIMIT $5";
    let values = values![tenant, target, set_no, position, i64::from(limit)];
    tx.query(sql, values, read).await
}

/// When targets took files since an instant, one for each file. It looks through the receipts of all.
pub async fn taken_since(
    tx: &mut Tx,
    tenant: TenantId,
    since: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    let sql = "SELECT at FROM file_receipt WHERE tenant_id = $1 AND at >= $2";
    tx.query(sql, values![tenant, since], |row| row.get(0)).await
}

fn read(row: &Row<'_>) -> Result<FileReceipt, StoreError> {
    Ok(FileReceipt {
        set_no: row.get(0)?,
        position: row.get(1)?,
        file: row.get(2)?,
        bytes: row.get(3)?,
        mac: row.get(4)?,
        version: row.get(5)?,
        as_of: row.get(6)?,
        at: row.get(7)?,
        place: row.get(8)?,
        answer: row.get(9)?,
    })
}
