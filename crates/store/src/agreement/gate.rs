//! The gate before each way out. Its row's lock puts starts and closings in order: what starts after a
//! closing is committed finds it shut, and what had started stands in the row.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use serde_json::Value;

/// Which gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate<'a> {
    /// What kind of way: `target` or `webhook`.
    pub way: &'a str,
    /// Its key.
    pub key: &'a str,
}

/// What was under way when a gate was shut.
#[derive(Clone, Debug, PartialEq)]
pub struct UnderWay {
    /// The number of its start.
    pub departure_no: i64,
    /// What it is.
    pub items: Value,
    /// When it started.
    pub started_at: Timestamp,
}

/// Writes down that these things start to leave, in the place of what started before; the number of
/// the start. None, and nothing is written, if the gate is shut.
pub async fn start(
    tx: &mut Tx,
    tenant: TenantId,
    gate: Gate<'_>,
    (items, now): (&Value, Timestamp),
) -> Result<Option<i64>, StoreError> {
    let sql = "INSERT INTO gate (tenant_id, way, key, departure_no, items, started_at)
               VALUES ($1, $2, $3, 1, $4, $5)
               ON CONFLICT (tenant_id, way, key) DO UPDATE
                  SET departure_no = gate.departure_no + 1, items = excluded.items,
                      started_at = excluded.started_at
                WHERE gate.closing_no IS NULL
               RETURNING departure_no";
    let values = values![tenant, gate.way, gate.key, items, now];
    tx.query_opt(sql, values, |row| row.get(0)).await
}

/// Whether what started under that number may still go on. It is a write, so that nothing goes on
/// while nothing can be written.
pub async fn renew(
    tx: &mut Tx,
    tenant: TenantId,
    (gate, departure_no): (Gate<'_>, i64),
) -> Result<bool, StoreError> {
    let sql = "UPDATE gate SET departure_no = departure_no
                WHERE tenant_id = $1 AND way = $2 AND key = $3 AND departure_no = $4
                  AND closing_no IS NULL";
    Ok(tx.execute(sql, values![tenant, gate.way, gate.key, departure_no]).await? == 1)
}

/// Notes that what started under that number is over, and what became of it: forgotten if the gate is
/// open, told to the closing that shut it otherwise.
pub async fn end(
    tx: &mut Tx,
    tenant: TenantId,
    (gate, departure_no): (Gate<'_>, i64),
    outcomes: &Value,
) -> Result<(), StoreError> {
    let sql = "UPDATE gate SET items = NULL
                WHERE tenant_id = $1 AND way = $2 AND key = $3 AND departure_no = $4
                  AND closing_no IS NULL";
    if tx.execute(sql, values![tenant, gate.way, gate.key, departure_no]).await? == 1 {
        return Ok(());
    }
    let sql = "UPDATE closing_departure SET outcomes = $5
                WHERE tenant_id = $1 AND way = $2 AND key = $3 AND departure_no = $4";
    tx.execute(sql, values![tenant, gate.way, gate.key, departure_no, outcomes]).await?;
    Ok(())
}

/// The closing that has shut a gate; none if it is open.
pub async fn shut_by(
    tx: &mut Tx,
    tenant: TenantId,
    gate: Gate<'_>,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT closing_no FROM gate WHERE tenant_id = $1 AND way = $2 AND key = $3";
    let found = tx.query_opt(sql, values![tenant, gate.way, gate.key], |row| row.optional(0));
    Ok(found.await?.flatten())
}

/// Shuts a gate, whether anything ever passed it or not. Whether that was this closing's doing: not if
/// it was shut already.
pub async fn shut(
    tx: &mut Tx,
    tenant: TenantId,
    gate: Gate<'_>,
    closing_no: i64,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO gate (tenant_id, way, key, departure_no, closing_no)
               VALUES ($1, $2, $3, 0, $4)
               ON CONFLICT (tenant_id, way, key) DO UPDATE SET closing_no = excluded.closing_no
                WHERE gate.closing_no IS NULL";
    Ok(tx.execute(sql, values![tenant, gate.way, gate.key, closing_no]).await? == 1)
}

/// What is under way at a gate.
pub async fn under_way(
    tx: &mut Tx,
    tenant: TenantId,
    gate: Gate<'_>,
) -> Result<Option<UnderWay>, StoreError> {
    let sql = "SELECT departure_no, items, started_at FROM gate
                WHERE tenant_id = $1 AND way = $2 AND key = $3 AND items IS NOT NULL";
    tx.query_opt(sql, values![tenant, gate.way, gate.key], read).await
}

/// Opens all gates that a closing has shut; nothing is under way there, and who was has lost the right.
pub async fn open(tx: &mut Tx, tenant: TenantId, closing_no: i64) -> Result<(), StoreError> {
    let sql = "UPDATE gate
                  SET closing_no = NULL, items = NULL, departure_no = departure_no + 1
                WHERE tenant_id = $1 AND closing_no = $2";
    tx.execute(sql, values![tenant, closing_no]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<UnderWay, StoreError> {
    Ok(UnderWay { departure_no: row.get(0)?, items: row.get(1)?, started_at: row.get(2)? })
}
