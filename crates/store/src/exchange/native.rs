//! Numbers for the keys of sources whose keys are text: each is minted once and never given up.

use crate::engine::Rows;
use crate::engine::bulk::{self, Cells, Table};
use crate::{StoreError, Tx, values};
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::people::{Kind, NativeKey};
use std::collections::BTreeMap;

const NATIVE_NUMBER: Table = Table {
    name: "native_number",
    key: &["tenant_id", "source_no", "kind", "native_key"],
    columns: &["native_no"],
};

/// The numbers of those of `keys` that have one.
pub async fn numbers(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    keys: &[NativeKey],
) -> Result<BTreeMap<NativeKey, i64>, StoreError> {
    let sql = "SELECT n.native_key, n.native_no
                 FROM {rows native_key text} AS given CROSS JOIN native_number n
                WHERE n.tenant_id = $1 AND n.source_no = $2 AND n.kind = $3
                  AND n.native_key = given.native_key";
    let rows = Rows::column(keys.iter().map(|it| it.as_str().to_owned()));
    let found: Vec<(String, i64)> = tx
        .query_rows(sql, values![tenant, source, kind], rows, |row| Ok((row.get(0)?, row.get(1)?)))
        .await?;
    Ok(found.into_iter().map(|(key, no)| (NativeKey::text(&key), no)).collect())
}

/// The numbers under which records of `keys` are kept: minted ones, and of a source whose keys are
/// numbers the keys themselves. Keys that no record was read of have none.
pub async fn of_keys(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    keys: &[NativeKey],
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT native_no FROM native_number
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3 LIMIT 1";
    let any: Option<i64> =
        tx.query_opt(sql, values![tenant, source, kind], |row| row.get(0)).await?;
    if any.is_none() {
        return Ok(keys.iter().filter_map(NativeKey::as_number).collect());
    }
    Ok(numbers(tx, tenant, source, kind, keys).await?.into_values().collect())
}

/// Gives `keys`, none of which has a number, the next ones in their order. Only who holds the
/// source's run lock may call it.
pub async fn mint(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    keys: &[NativeKey],
) -> Result<BTreeMap<NativeKey, i64>, StoreError> {
    let sql = "SELECT native_no FROM native_number
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3
                ORDER BY native_no DESC LIMIT 1";
    let last: Option<i64> =
        tx.query_opt(sql, values![tenant, source, kind], |row| row.get(0)).await?;
    let numbered: BTreeMap<NativeKey, i64> =
        keys.iter().cloned().zip(last.unwrap_or(0) + 1..).collect();
    let rows = numbered.iter().map(|(key, no)| (tenant, source, kind, key.clone(), *no)).collect();
    bulk::load(tx, &NATIVE_NUMBER, rows, write).await?;
    Ok(numbered)
}

/// The keys of those of `numbers` that were minted.
pub async fn keys(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    numbers: &[i64],
) -> Result<BTreeMap<i64, NativeKey>, StoreError> {
    let sql = "SELECT n.native_no, n.native_key
                 FROM {rows native_no int} AS given CROSS JOIN native_number n
                WHERE n.tenant_id = $1 AND n.source_no = $2 AND n.kind = $3
                  AND n.native_no = given.native_no";
    let rows = Rows::column(numbers.iter().copied());
    let found: Vec<(i64, String)> = tx
        .query_rows(sql, values![tenant, source, kind], rows, |row| Ok((row.get(0)?, row.get(1)?)))
        .await?;
    Ok(found.into_iter().map(|(no, key)| (no, NativeKey::text(&key))).collect())
}

fn write(
    (tenant, source, kind, key, no): &(TenantId, SourceNo, Kind, NativeKey, i64),
    cells: &mut Cells<'_, '_>,
) {
    cells.put(*tenant);
    cells.put(*source);
    cells.put(*kind);
    cells.put(key.as_str());
    cells.put(*no);
}
