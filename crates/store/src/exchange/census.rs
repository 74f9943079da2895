//! Counts that brakes compare a plan with.

use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::people::Kind;

/// How many subjects of a kind a source mentions that have not ended on `day`.
pub async fn open(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    day: Date,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM seen
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3 AND outcome = 0
                  AND (until_date IS NULL OR until_date > $4)";
    let found = tx.query_opt(sql, values![tenant, source, kind, day], |row| row.get(0)).await?;
    Ok(found.unwrap_or(0))
}

/// The digests under which inputs of that name came to an end, newest first.
pub async fn digests_of_name(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    name: &str,
) -> Result<Vec<[u8; 32]>, StoreError> {
    let sql = "SELECT input_mac FROM run
                WHERE tenant_id = $1 AND source_no = $2 AND input_name = $3
                  AND state IN ('applied', 'unchanged') AND input_mac IS NOT NULL
                ORDER BY run_no DESC";
    tx.query(sql, values![tenant, source, name], |row| row.get(0)).await
}

/// The date of the first input after `date` that was applied.
pub async fn next_applied_date(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    date: Date,
) -> Result<Option<Date>, StoreError> {
    let sql = "SELECT input_date FROM run
                WHERE tenant_id = $1 AND source_no = $2 AND input_date > $3
                  AND state IN ('applied', 'unchanged')
                ORDER BY input_date LIMIT 1";
    tx.query_opt(sql, values![tenant, source, date], |row| row.get(0)).await
}
