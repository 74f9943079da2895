//! Tenants, and the versions of their ledgers.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{RunNo, TenantId, Version};
use uuid::Uuid;

/// One data controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its number inside the store.
    pub id: TenantId,
    /// Its id outside.
    pub uuid: Uuid,
    /// What people call it in commands.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// The version of its ledger.
    pub version: Version,
}

/// Adds a tenant, or gives the one with this key its name and time zone. The UUID of a known
/// tenant stays.
pub async fn put(
    tx: &mut Tx,
    uuid: Uuid,
    key: &str,
    name: &str,
    time_zone: &str,
) -> Result<TenantId, StoreError> {
    let sql = "INSERT INTO tenant (tenant_id, tenant_uuid, key, name, time_zone, version,
                                   next_subject_no, next_source_no, next_run_no, next_audit_no)
               SELECT coalesce(max(tenant_id), 0) + 1, $1, $2, $3, $4, 0, 1, 1, 1, 1
                 FROM tenant WHERE true
               ON CONFLICT (key) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone
               RETURNING tenant_id";
    let values = values![uuid, key, name, time_zone];
    tx.query_opt(sql, values, |row| row.get(0)).await?.ok_or(StoreError::Missing { what: "tenant" })
}

/// Notes which keys a tenant's data is sealed and indexed with, where that is not noted yet.
pub async fn note_keys(
    tx: &mut Tx,
    tenant: TenantId,
    key_check: [u8; 32],
) -> Result<(), StoreError> {
    let sql = "UPDATE tenant SET key_check = $2 WHERE tenant_id = $1 AND key_check IS NULL";
    tx.execute(sql, values![tenant, key_check]).await?;
    Ok(())
}

/// Whether these are the keys that the data of every tenant is sealed and indexed with.
pub async fn are_keys(tx: &mut Tx, key_check: [u8; 32]) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM tenant WHERE key_check IS NOT NULL AND key_check <> $1";
    let others: Option<i64> = tx.query_opt(sql, values![key_check], |row| row.get(0)).await?;
    Ok(others == Some(0))
}

/// The tenant of that key.
pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<Tenant>, StoreError> {
    Ok(list(tx).await?.into_iter().find(|it| it.key == key))
}

/// The tenant of that UUID.
pub async fn by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Tenant>, StoreError> {
    let sql = "SELECT tenant_id, tenant_uuid, key, name, time_zone, version
                 FROM tenant WHERE tenant_uuid = $1";
    tx.query_opt(sql, values![uuid], read_tenant).await
}

/// The tenant of that number.
pub async fn by_id(tx: &mut Tx, tenant: TenantId) -> Result<Tenant, StoreError> {
    let sql = "SELECT tenant_id, tenant_uuid, key, name, time_zone, version
                 FROM tenant WHERE tenant_id = $1";
    let found = tx.query_opt(sql, values![tenant], read_tenant).await?;
    found.ok_or(StoreError::Missing { what: "tenant" })
}

/// All tenants, by number.
pub async fn list(tx: &mut Tx) -> Result<Vec<Tenant>, StoreError> {
    let sql = "SELECT tenant_id, tenant_uuid, key, name, time_zone, version
                 FROM tenant ORDER BY tenant_id";
    tx.query(sql, [], read_tenant).await
}

pub(super) fn read_tenant(row: &Row<'_>) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.get(0)?,
        uuid: row.get(1)?,
        key: row.get(2)?,
        name: row.get(3)?,
        time_zone: row.get(4)?,
        version: row.get(5)?,
    })
}

/// The version of the ledger as the transaction sees it.
pub async fn version(tx: &mut Tx, tenant: TenantId) -> Result<Version, StoreError> {
    let sql = "SELECT version FROM tenant WHERE tenant_id = $1";
    tx.query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })
}

/// Takes the next version of the ledger. Every ledger transaction does so first: the lock on the
/// tenant's row makes the order of versions the order of commits.
pub async fn take_version(
    tx: &mut Tx,
    tenant: TenantId,
    at: Timestamp,
    run: Option<RunNo>,
) -> Result<Version, StoreError> {
    let sql = "UPDATE tenant SET version = version + 1 WHERE tenant_id = $1 RETURNING version";
    let version: Version = tx
        .query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let sql = "INSERT INTO ledger_version (tenant_id, version, at, run_no) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![tenant, version, at, run]).await?;
    Ok(version)
}

/// The version that held at `at`.
pub async fn version_at(
    tx: &mut Tx,
    tenant: TenantId,
    at: Timestamp,
) -> Result<Version, StoreError> {
    let sql = "SELECT coalesce(max(version), 0) FROM ledger_version
                WHERE tenant_id = $1 AND at <= $2";
    Ok(tx.query_opt(sql, values![tenant, at], |row| row.get(0)).await?.unwrap_or(Version::ZERO))
}

/// When a version was taken, and by which run.
pub async fn version_taken(
    tx: &mut Tx,
    tenant: TenantId,
    version: Version,
) -> Result<Option<(Timestamp, Option<RunNo>)>, StoreError> {
    let sql = "SELECT at, run_no FROM ledger_version WHERE tenant_id = $1 AND version = $2";
    tx.query_opt(sql, values![tenant, version], |row| Ok((row.get(0)?, row.optional(1)?))).await
}

/// The versions that a run took, in order.
pub async fn versions_of(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
) -> Result<Vec<Version>, StoreError> {
    let sql = "SELECT version FROM ledger_version WHERE tenant_id = $1 AND run_no = $2
                ORDER BY version";
    tx.query(sql, values![tenant, run], |row| row.get(0)).await
}
