//! Closings in emergency, and what was under way when they came.

use super::gate::{Gate, UnderWay};
use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{SubjectNo, TargetNo, TenantId};
use serde_json::Value;

/// A closing that is not stored yet.
#[derive(Clone, Copy, Debug)]
pub struct NewClosing<'a> {
    /// The agreement's key.
    pub agreement: &'a str,
    /// The key of the target that it is for.
    pub target: &'a str,
    /// When somebody wanted it.
    pub ordered_at: Timestamp,
    /// When it is done.
    pub closed_at: Timestamp,
    /// Who wanted it.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// What is refused from then on.
    pub refused: &'a Value,
}

/// Somebody's word on opening again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Whose.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A closing.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// Its number among the tenant's.
    pub no: i64,
    /// The agreement's key.
    pub agreement: String,
    /// The key of the target that it is for.
    pub target: String,
    /// When somebody wanted it.
    pub ordered_at: Timestamp,
    /// When it was done.
    pub closed_at: Timestamp,
    /// Who wanted it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What is refused from then on.
    pub refused: Value,
    /// The receipt as it was signed; none while what was under way is still waited for.
    pub receipt: Option<String>,
    /// The first of the two who open again.
    pub asked: Option<Word>,
    /// The second.
    pub reopened: Option<Word>,
}

/// Something that was under way at a closing.
#[derive(Clone, Debug, PartialEq)]
pub struct Departure {
    /// What kind of way it took: `target` or `webhook`.
    pub way: String,
    /// The way's key.
    pub key: String,
    /// What it was.
    pub items: Value,
    /// When it started.
    pub started_at: Timestamp,
    /// What became of it; none while its sender has not told.
    pub outcomes: Option<Value>,
}

/// Adds a closing; its number.
pub async fn add(tx: &mut Tx, tenant: TenantId, new: NewClosing<'_>) -> Result<i64, StoreError> {
    let sql =
        "INSERT INTO closing (tenant_id, closing_no, agreement, target, ordered_at, closed_at,
                                    closed_by, reason, refused)
               SELECT $1, coalesce(max(closing_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8
                 FROM closing WHERE tenant_id = $1
               RETURNING closing_no";
    let NewClosing { agreement, target, ordered_at, closed_at, by, reason, refused } = new;
    let values = values![tenant, agreement, target, ordered_at, closed_at, by, reason, refused];
    let added = tx.query_opt(sql, values, |row| row.get(0)).await?;
    added.ok_or(StoreError::Missing { what: "closing" })
}

/// Notes that something was under way when a closing came.
pub async fn add_departure(
    tx: &mut Tx,
    tenant: TenantId,
    (closing_no, gate): (i64, Gate<'_>),
    it: &UnderWay,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO closing_departure
                   (tenant_id, closing_no, way, key, departure_no, items, started_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let UnderWay { departure_no, items, started_at } = it;
    let (no, at) = (*departure_no, *started_at);
    tx.execute(sql, values![tenant, closing_no, gate.way, gate.key, no, items, at]).await?;
    Ok(())
}

/// What was under way when a closing came, by way and key.
pub async fn departures(
    tx: &mut Tx,
    tenant: TenantId,
    closing_no: i64,
) -> Result<Vec<Departure>, StoreError> {
    let sql = "SELECT way, key, items, started_at, outcomes FROM closing_departure
                WHERE tenant_id = $1 AND closing_no = $2 ORDER BY way, key";
    tx.query(sql, values![tenant, closing_no], |row| {
        Ok(Departure {
            way: row.get(0)?,
            key: row.get(1)?,
            items: row.get(2)?,
            started_at: row.get(3)?,
            outcomes: row.optional(4)?,
        })
    })
    .await
}

/// Keeps the receipt of a closing, unless it has one; whether it had none.
pub async fn sign(
    tx: &mut Tx,
    tenant: TenantId,
    (closing_no, receipt): (i64, &str),
) -> Result<bool, StoreError> {
    let sql = "UPDATE closing SET receipt = $3
                WHERE tenant_id = $1 AND closing_no = $2 AND receipt IS NULL";
    Ok(tx.execute(sql, values![tenant, closing_no, receipt]).await? == 1)
}

/// Keeps the word of the first who would open again, in the place of anybody's before.
pub async fn ask(
    tx: &mut Tx,
    tenant: TenantId,
    (closing_no, word): (i64, &Word),
) -> Result<(), StoreError> {
    let sql = "UPDATE closing SET asked_by = $3, asked_at = $4, asked_reason = $5
                WHERE tenant_id = $1 AND closing_no = $2";
    let Word { by, at, reason } = word;
    let values = values![tenant, closing_no, by.as_str(), *at, reason.as_str()];
    tx.execute(sql, values).await?;
    Ok(())
}

/// Keeps the word of the second, who opens again.
pub async fn reopen(
    tx: &mut Tx,
    tenant: TenantId,
    (closing_no, word): (i64, &Word),
) -> Result<(), StoreError> {
    let sql = "UPDATE closing SET reopened_by = $3, reopened_at = $4, reopened_reason = $5
                WHERE tenant_id = $1 AND closing_no = $2";
    let Word { by, at, reason } = word;
    let values = values![tenant, closing_no, by.as_str(), *at, reason.as_str()];
    tx.execute(sql, values).await?;
    Ok(())
}

/// All closings, the latest first.
pub async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Closing>, StoreError> {
    let sql = "SELECT closing_no, agreement, target, ordered_at, closed_at, closed_by, reason,
                      refused, receipt, asked_by, asked_at, asked_reason, reopened_by, reopened_at,
                      reopened_reason
                 FROM closing WHERE tenant_id = $1 ORDER BY closing_no DESC";
    tx.query(sql, values![tenant], read).await
}

/// The closing of that number.
pub async fn get(tx: &mut Tx, tenant: TenantId, no: i64) -> Result<Option<Closing>, StoreError> {
    Ok(list(tx, tenant).await?.into_iter().find(|it| it.no == no))
}

/// The subject of the last message that a target took, and when it did.
pub async fn last_accepted(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<Option<(SubjectNo, Timestamp)>, StoreError> {
    let sql = "SELECT subject_no, accepted_at FROM target_subject
                WHERE tenant_id = $1 AND target_no = $2 AND accepted_at IS NOT NULL
                ORDER BY accepted_at DESC, subject_no LIMIT 1";
    tx.query_opt(sql, values![tenant, target], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// How many messages wait for a target.
pub async fn messages_waiting(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM message
                WHERE tenant_id = $1 AND target_no = $2 AND dead_at IS NULL";
    Ok(tx.query_opt(sql, values![tenant, target], |row| row.get(0)).await?.unwrap_or_default())
}

fn read(row: &Row<'_>) -> Result<Closing, StoreError> {
    Ok(Closing {
        no: row.get(0)?,
        agreement: row.get(1)?,
        target: row.get(2)?,
        ordered_at: row.get(3)?,
        closed_at: row.get(4)?,
        by: row.get(5)?,
        reason: row.get(6)?,
        refused: row.get(7)?,
        receipt: row.optional(8)?,
        asked: word(row, 9)?,
        reopened: word(row, 12)?,
    })
}

fn word(row: &Row<'_>, first: usize) -> Result<Option<Word>, StoreError> {
    let Some(by) = row.optional(first)? else { return Ok(None) };
    Ok(Some(Word { by, at: row.get(first + 1)?, reason: row.get(first + 2)? }))
}
