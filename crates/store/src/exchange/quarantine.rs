//! Records that were set aside, each with the reason. Bodies are sealed by the caller.

use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use kobling_domain::id::{RecordNo, RunNo, SourceNo, TenantId};
use kobling_domain::people::Kind;

/// A record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// What it describes.
    pub kind: Kind,
    /// The source's key of it; below nought if it has none that can be read.
    pub native_no: i64,
    /// The run that set it aside.
    pub run: RunNo,
    /// Where it stood in that run's input.
    pub record: RecordNo,
    /// The line it began on.
    pub line: i64,
    /// Why: a code of the documentation.
    pub code: String,
    /// What is kept of it, sealed.
    pub body: Vec<u8>,
}

const QUARANTINE: Table = Table {
    name: "quarantine",
    key: &["tenant_id", "source_no", "kind", "native_no"],
    columns: &["run_no", "record_no", "line", "code", "body"],
};

/// Sets records aside, each in the place of the one set aside before under its key. No key stands
/// in `records` twice.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    records: Vec<SetAside>,
) -> Result<(), StoreError> {
    let rows = records.into_iter().map(|it| (tenant, source, it)).collect();
    bulk::upsert(tx, &QUARANTINE, rows, write).await
}

/// The record that is set aside under that key.
pub async fn one(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    native_no: i64,
) -> Result<Option<SetAside>, StoreError> {
    let sql = "SELECT kind, native_no, run_no, record_no, line, code, body FROM quarantine
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3 AND native_no = $4";
    tx.query_opt(sql, values![tenant, source, kind, native_no], read).await
}

/// Takes records back in: they were read well since.
pub async fn release(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    native_nos: &[i64],
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM quarantine
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3
                  AND native_no IN (SELECT native_no FROM {rows native_no int} AS given)";
    let rows = Rows::column(native_nos.iter().copied());
    tx.execute_rows(sql, values![tenant, source, kind], rows).await
}

/// Forgets the records without a readable key that were set aside before `run`, whose input says
/// all anew. The others wait for one under their key.
pub async fn forget_keyless(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    run: RunNo,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM quarantine
                WHERE tenant_id = $1 AND source_no = $2 AND native_no < 0 AND run_no < $3";
    tx.execute(sql, values![tenant, source, run]).await
}

/// Forgets records that were set aside before `run`, which has read everything anew.
pub async fn forget_before(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    run: RunNo,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM quarantine WHERE tenant_id = $1 AND source_no = $2 AND run_no < $3";
    tx.execute(sql, values![tenant, source, run]).await
}

/// The first `records_max` records of a source that are set aside, by kind and key.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    records_max: u32,
) -> Result<Vec<SetAside>, StoreError> {
    let sql = "SELECT kind, native_no, run_no, record_no, line, code, body FROM quarantine
                WHERE tenant_id = $1 AND source_no = $2 ORDER BY kind, native_no LIMIT $3";
    tx.query(sql, values![tenant, source, i64::from(records_max)], read).await
}

/// How many records of a source are set aside, by why.
pub async fn counts(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Vec<(String, u64)>, StoreError> {
    let sql = "SELECT code, count(*) FROM quarantine WHERE tenant_id = $1 AND source_no = $2
                GROUP BY code ORDER BY code";
    tx.query(sql, values![tenant, source], |row| Ok((row.get(0)?, row.get(1)?))).await
}

fn read(row: &Row<'_>) -> Result<SetAside, StoreError> {
    Ok(SetAside {
        kind: row.get(0)?,
        native_no: row.get(1)?,
        run: row.get(2)?,
        record: row.get(3)?,
        line: row.get(4)?,
        code: row.get(5)?,
        body: row.get(6)?,
    })
}

fn write((tenant, source, it): &(TenantId, SourceNo, SetAside), cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(*source);
    cells.put(it.kind);
    cells.put(it.native_no);
    cells.put(it.run);
    cells.put(it.record);
    cells.put(it.line);
    cells.put(it.code.as_str());
    cells.put(it.body.as_slice());
}
