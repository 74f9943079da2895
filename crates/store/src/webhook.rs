//! Addresses at which programs of parties are told what happens, and what they are told.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{TenantId, Version};
use serde_json::Value;

/// How a webhook stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its key.
    pub key: String,
    /// With what is signed, sealed.
    pub secret: Vec<u8>,
    /// The version of the ledger that it was told of last.
    pub told: Version,
    /// Since when nobody tells it anything.
    pub stopped_at: Option<Timestamp>,
    /// Since when its secret may not be used any more.
    pub spent_at: Option<Timestamp>,
    /// What the address said last.
    pub said: Option<String>,
    /// When.
    pub said_at: Option<Timestamp>,
}

/// Something that a webhook is to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number: later ones have higher ones.
    pub no: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub detail: Value,
}

/// Starts a webhook, with a secret of its own the first time; it is told of what comes after the
/// version. One that was stopped goes on where it was.
pub async fn start(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    secret: &[u8],
    told: Version,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook (tenant_id, key, secret, told_version, next_no)
               VALUES ($1, $2, $3, $4, 1)
               ON CONFLICT (tenant_id, key) DO UPDATE
                  SET secret = excluded.secret, stopped_at = NULL, spent_at = NULL";
    tx.execute(sql, values![tenant, key, secret, told]).await?;
    Ok(())
}

/// Tells a webhook nothing from now on.
pub async fn stop(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook SET stopped_at = $3 WHERE tenant_id = $1 AND key = $2";
    tx.execute(sql, values![tenant, key, at]).await?;
    Ok(())
}

/// Tells a webhook nothing from now on, and uses its secret no more.
pub async fn spend(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook SET stopped_at = $3, spent_at = $3 WHERE tenant_id = $1 AND key = $2";
    tx.execute(sql, values![tenant, key, at]).await?;
    Ok(())
}

/// The webhook of that key; none if it was never started.
pub async fn get(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Option<Webhook>, StoreError> {
    let sql = "SELECT key, secret, told_version, stopped_at, said, said_at, spent_at FROM webhook
                WHERE tenant_id = $1 AND key = $2";
    tx.query_opt(sql, values![tenant, key], read).await
}

/// All that were ever started, by key.
pub async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Webhook>, StoreError> {
    let sql = "SELECT key, secret, told_version, stopped_at, said, said_at, spent_at FROM webhook
                WHERE tenant_id = $1 ORDER BY key";
    tx.query(sql, values![tenant], read).await
}

/// Adds what a webhook is to be told, unless it was told of that name before. Whether it is new.
pub async fn add(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    (name, at, detail): (&str, Timestamp, &Value),
) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook SET next_no = next_no + 1 WHERE tenant_id = $1 AND key = $2
               RETURNING next_no";
    let next: Option<i64> = tx.query_opt(sql, values![tenant, key], |row| row.get(0)).await?;
    let no = next.ok_or(StoreError::Missing { what: "webhook" })?;
    let sql = "INSERT INTO webhook_event (tenant_id, webhook, event_no, name, at, detail)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (tenant_id, webhook, name) DO NOTHING";
    Ok(tx.execute(sql, values![tenant, key, no, name, at, detail]).await? == 1)
}

/// What it is to be told next.
pub async fn next(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Option<Event>, StoreError> {
    let sql = "SELECT event_no, at, detail FROM webhook_event
                WHERE tenant_id = $1 AND webhook = $2 AND sent_at IS NULL
                ORDER BY event_no LIMIT 1";
    let read = |row: &Row<'_>| Ok(Event { no: row.get(0)?, at: row.get(1)?, detail: row.get(2)? });
    tx.query_opt(sql, values![tenant, key], read).await
}

/// How many events wait.
pub async fn waiting(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM webhook_event
                WHERE tenant_id = $1 AND webhook = $2 AND sent_at IS NULL";
    Ok(tx.query_opt(sql, values![tenant, key], |row| row.get(0)).await?.unwrap_or_default())
}

/// Notes that an event was taken.
pub async fn sent(
    tx: &mut Tx,
    tenant: TenantId,
    (key, no): (&str, i64),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_event SET sent_at = $4
                WHERE tenant_id = $1 AND webhook = $2 AND event_no = $3";
    tx.execute(sql, values![tenant, key, no, at]).await?;
    Ok(())
}

/// Notes of which version of the ledger it was told.
pub async fn told(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    version: Version,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook SET told_version = $3 WHERE tenant_id = $1 AND key = $2";
    tx.execute(sql, values![tenant, key, version]).await?;
    Ok(())
}

/// Notes what the address said.
pub async fn said(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    (said, at): (&str, Timestamp),
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook SET said = $3, said_at = $4 WHERE tenant_id = $1 AND key = $2";
    tx.execute(sql, values![tenant, key, said, at]).await?;
    Ok(())
}

/// Forgets what happened before `at`, told or not.
pub async fn forget_before(tx: &mut Tx, tenant: TenantId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM webhook_event WHERE tenant_id = $1 AND at < $2";
    tx.execute(sql, values![tenant, at]).await?;
    Ok(())
}

/// Forgets all that a webhook was told or is to be told.
pub async fn forget(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM webhook_event WHERE tenant_id = $1 AND webhook = $2";
    tx.execute(sql, values![tenant, key]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        key: row.get(0)?,
        secret: row.get(1)?,
        told: row.get(2)?,
        stopped_at: row.optional(3)?,
        said: row.optional(4)?,
        said_at: row.optional(5)?,
        spent_at: row.optional(6)?,
    })
}
