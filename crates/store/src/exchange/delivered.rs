//! What each target was last given, file by file. Its rows are listed by [`set_list`](super::set_list).

use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{TenantId, Version};

/// A file that was delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// Its name.
    pub file: String,
    /// When.
    pub at: Timestamp,
    /// The ledger version it was made from.
    pub version: Version,
    /// Counts, digests and the like.
    pub detail: serde_json::Value,
    /// The set it belongs to, by its number among the target's.
    pub set_no: i64,
}

/// Notes the files of the target's announced set of that number as delivered, each in the place of
/// the one before.
pub(super) async fn put_all(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    (set_no, version, at): (i64, Version, Timestamp),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO delivered (tenant_id, target, file, at, version, detail, set_no)
               SELECT tenant_id, target, file, $4, $5, detail, set_no FROM pending_file
                WHERE tenant_id = $1 AND target = $2 AND set_no = $3
               ON CONFLICT (tenant_id, target, file) DO UPDATE
                  SET at = excluded.at, version = excluded.version, detail = excluded.detail,
                      set_no = excluded.set_no";
    tx.execute(sql, values![tenant, target, set_no, at, version]).await?;
    Ok(())
}

/// What a target was last given, by file.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Vec<Delivered>, StoreError> {
    let sql = "SELECT file, at, version, detail, set_no FROM delivered
                WHERE tenant_id = $1 AND target = $2 ORDER BY file";
    tx.query(sql, values![tenant, target], |row| {
        Ok(Delivered {
            file: row.get(0)?,
            at: row.get(1)?,
            version: row.get(2)?,
            detail: row.get(3)?,
            set_no: row.get(4)?,
        })
    })
    .await
}

/// Changes what is said of a file beside what it held.
pub async fn set_detail(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    (file, detail): (&str, serde_json::Value),
) -> Result<(), StoreError> {
    let sql = "UPDATE delivered SET detail = $4
                WHERE tenant_id = $1 AND target = $2 AND file = $3";
    tx.execute(sql, values![tenant, target, file, detail]).await?;
    Ok(())
}

/// What a target was given last of all.
#[derive(Clone, Debug, PartialEq)]
pub struct LastGiven {
    /// When.
    pub at: Timestamp,
    /// Counts, digests and the like of the file that came last.
    pub detail: serde_json::Value,
}

/// What each target was given last of all, by target.
pub async fn last(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<std::collections::BTreeMap<String, LastGiven>, StoreError> {
    let sql = "SELECT target, at, detail
                 FROM (SELECT target, at, detail,
                              row_number() OVER (PARTITION BY target
                                                 ORDER BY at DESC, file DESC) AS nth
                         FROM delivered WHERE tenant_id = $1) AS given
                WHERE nth = 1";
    let read = |row: &crate::engine::Row<'_>| {
        Ok((row.get(0)?, LastGiven { at: row.get(1)?, detail: row.get(2)? }))
    };
    Ok(tx.query(sql, values![tenant], read).await?.into_iter().collect())
}
