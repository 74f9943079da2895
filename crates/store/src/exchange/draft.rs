//! Plans in the making, and single items of stored ones.

use super::plan::{StoredItem, read_item};
use crate::{StoreError, Tx, values};
use kobling_domain::id::{RunNo, SourceNo, TenantId};
use kobling_domain::people::Kind;

/// The item of a plan about one subject.
pub async fn item(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    kind: Kind,
    native_no: i64,
) -> Result<Option<StoredItem>, StoreError> {
    let sql = "SELECT kind, native_no, part, mac, effective, reason, body FROM plan_item
                WHERE tenant_id = $1 AND run_no = $2 AND kind = $3 AND native_no = $4 AND part = 0";
    tx.query_opt(sql, values![tenant, run, kind, native_no], read_item).await
}

/// The keys of all subjects of one kind that a plan changes, in order.
pub async fn item_keys(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    kind: Kind,
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT native_no FROM plan_item
                WHERE tenant_id = $1 AND run_no = $2 AND kind = $3 AND part = 0
                ORDER BY native_no";
    tx.query(sql, values![tenant, run, kind], |row| row.get(0)).await
}

/// Takes one item out of a plan; tells whether there was one.
pub async fn withdraw(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    kind: Kind,
    native_no: i64,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM plan_item
                WHERE tenant_id = $1 AND run_no = $2 AND kind = $3 AND native_no = $4 AND part = 0";
    Ok(tx.execute(sql, values![tenant, run, kind, native_no]).await? > 0)
}

/// Whether a run is still taken for reading; nobody can take it for dead until the transaction
/// ends.
pub async fn is_reading(tx: &mut Tx, tenant: TenantId, run: RunNo) -> Result<bool, StoreError> {
    let sql = "UPDATE run SET state = 'reading'
                WHERE tenant_id = $1 AND run_no = $2 AND state = 'reading'";
    Ok(tx.execute(sql, values![tenant, run]).await? == 1)
}

/// Clears away what runs of a source drafted before they died, and marks those runs as refused.
/// Only who holds the source's run lock may call it.
pub async fn discard_dead(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM plan_item WHERE tenant_id = $1 AND run_no IN
                   (SELECT run_no FROM run
                     WHERE tenant_id = $1 AND source_no = $2 AND state = 'reading')";
    tx.execute(sql, values![tenant, source]).await?;
    let sql = "UPDATE run SET state = 'refused'
                WHERE tenant_id = $1 AND source_no = $2 AND state = 'reading'";
    tx.execute(sql, values![tenant, source]).await
}
