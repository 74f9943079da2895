//! Who did what, when. Rows are added and read, nothing else.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::TenantId;

/// One act.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// What was done: `plan.release` and the like.
    pub action: String,
    /// To what, and why.
    pub detail: serde_json::Value,
}

/// Adds an entry.
pub async fn write(tx: &mut Tx, tenant: TenantId, entry: &Entry) -> Result<(), StoreError> {
    let sql = "UPDATE tenant SET next_audit_no = next_audit_no + 1 WHERE tenant_id = $1
               RETURNING next_audit_no - 1";
    let audit_no: i64 = tx
        .query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let sql = "INSERT INTO audit (tenant_id, audit_no, at, who, action, detail)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let Entry { at, who, action, detail } = entry;
    let values = values![tenant, audit_no, *at, who.as_str(), action.as_str(), detail];
    tx.execute(sql, values).await?;
    Ok(())
}

/// The entries of an instant, in the order in which they were written.
pub async fn at(tx: &mut Tx, tenant: TenantId, at: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT at, who, action, detail FROM audit WHERE tenant_id = $1 AND at = $2
                ORDER BY audit_no";
    tx.query(sql, values![tenant, at], read_entry).await
}

/// The last `entries_max` entries, newest first.
pub async fn last(
    tx: &mut Tx,
    tenant: TenantId,
    entries_max: u32,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT at, who, action, detail FROM audit WHERE tenant_id = $1
                ORDER BY audit_no DESC LIMIT $2";
    tx.query(sql, values![tenant, i64::from(entries_max)], read_entry).await
}

fn read_entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    Ok(Entry { at: row.get(0)?, who: row.get(1)?, action: row.get(2)?, detail: row.get(3)? })
}
