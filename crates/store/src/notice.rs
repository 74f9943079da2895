//! Notices: what somebody should know who is not looking, until a letter has told them.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use serde_json::Value;

/// A notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it is about. The same is told once.
    pub key: String,
    /// Since when it is there.
    pub at: Timestamp,
    /// The addresses it goes to, as an array of texts.
    pub recipients: Value,
    /// In which language.
    pub language: String,
    /// What there is to tell.
    pub detail: Value,
    /// When the letter left.
    pub sent_at: Option<Timestamp>,
}

/// Writes a notice down, unless one of that key is there. Whether it is new.
pub async fn put(tx: &mut Tx, tenant: TenantId, notice: &Notice) -> Result<bool, StoreError> {
    let sql = "INSERT INTO notice (tenant_id, key, at, recipients, language, detail)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, key) DO NOTHING";
    let Notice { key, at, recipients, language, detail, .. } = notice;
    let values = values![tenant, key.as_str(), *at, recipients, language.as_str(), detail];
    Ok(tx.execute(sql, values).await? == 1)
}

/// The notice of that key.
pub async fn get(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Option<Notice>, StoreError> {
    let sql = "SELECT key, at, recipients, language, detail, sent_at FROM notice
                WHERE tenant_id = $1 AND key = $2";
    tx.query_opt(sql, values![tenant, key], read).await
}

/// Those that no letter has told yet, the oldest first.
pub async fn unsent(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Notice>, StoreError> {
    let sql = "SELECT key, at, recipients, language, detail, sent_at FROM notice
                WHERE tenant_id = $1 AND sent_at IS NULL ORDER BY at, key";
    tx.query(sql, values![tenant], read).await
}

/// Notes that the letter has left.
pub async fn sent(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE notice SET sent_at = $3 WHERE tenant_id = $1 AND key = $2";
    tx.execute(sql, values![tenant, key, at]).await?;
    Ok(())
}

/// Forgets notices from before `at`, and the work they asked for.
pub async fn forget_before(tx: &mut Tx, tenant: TenantId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM job WHERE tenant_id = $1 AND kind = 'notify' AND key IN
                      (SELECT key FROM notice WHERE tenant_id = $1 AND at < $2)";
    tx.execute(sql, values![tenant, at]).await?;
    let sql = "DELETE FROM notice WHERE tenant_id = $1 AND at < $2";
    tx.execute(sql, values![tenant, at]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Notice, StoreError> {
    Ok(Notice {
        key: row.get(0)?,
        at: row.get(1)?,
        recipients: row.get(2)?,
        language: row.get(3)?,
        detail: row.get(4)?,
        sent_at: row.optional(5)?,
    })
}
