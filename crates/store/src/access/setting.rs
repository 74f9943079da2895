//! What is configured: each object one versioned row.

use crate::{StoreError, Tx, values};
use kobling_domain::id::{TenantId, Version};

/// One configured object.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What it is: `source`, `target`, `agreement` …
    pub kind: String,
    /// Which one.
    pub key: String,
    /// The ledger version it was written at.
    pub since: Version,
    /// What it says.
    pub body: serde_json::Value,
}

/// All settings that hold at `version`, by kind and key; ask with the ledger's version for those
/// of now.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
) -> Result<Vec<Setting>, StoreError> {
    let sql = "SELECT kind, key, since_version, body FROM setting
                WHERE tenant_id = $1 AND since_version <= $2 AND until_version > $2
                ORDER BY kind, key";
    tx.query(sql, values![tenant, version], |row| {
        Ok(Setting { kind: row.get(0)?, key: row.get(1)?, since: row.get(2)?, body: row.get(3)? })
    })
    .await
}

/// Those of one kind, by key.
pub async fn of_kind(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
    kind: &str,
) -> Result<Vec<Setting>, StoreError> {
    let sql = "SELECT kind, key, since_version, body FROM setting
                WHERE tenant_id = $1 AND kind = $3 AND since_version <= $2 AND until_version > $2
                ORDER BY key";
    tx.query(sql, values![tenant, version, kind], |row| {
        Ok(Setting { kind: row.get(0)?, key: row.get(1)?, since: row.get(2)?, body: row.get(3)? })
    })
    .await
}

/// A setting and the versions in which it held.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The setting.
    pub setting: Setting,
    /// The first version in which it no longer held; [`Version::OPEN`] while it does.
    pub until: Version,
}

/// All that a setting ever was, in order.
pub async fn history(
    tx: &mut Tx,
    tenant: TenantId,
    kind: &str,
    key: &str,
) -> Result<Vec<Held>, StoreError> {
    let sql = "SELECT kind, key, since_version, body, until_version FROM setting
                WHERE tenant_id = $1 AND kind = $2 AND key = $3
                ORDER BY since_version";
    tx.query(sql, values![tenant, kind, key], |row| {
        let (kind, key, since) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let setting = Setting { kind, key, since, body: row.get(3)? };
        Ok(Held { setting, until: row.get(4)? })
    })
    .await
}

/// Writes a setting over the one that held, at a version that was taken in this transaction.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
    kind: &str,
    key: &str,
    body: &serde_json::Value,
) -> Result<(), StoreError> {
    close(tx, tenant, version, kind, key).await?;
    let sql = "INSERT INTO setting (tenant_id, kind, key, since_version, until_version, body)
               VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, values![tenant, kind, key, version, Version::OPEN, body]).await?;
    Ok(())
}

/// Ends a setting, if there is one.
pub async fn close(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
    kind: &str,
    key: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE setting SET until_version = $4
                WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND until_version = $5";
    tx.execute(sql, values![tenant, kind, key, version, Version::OPEN]).await?;
    Ok(())
}
