//! Programs that sign in by themselves, and what they ask with.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::access::Grant;
use kobling_domain::id::TenantId;
use uuid::Uuid;

/// A program that signs in by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id outside.
    pub id: Uuid,
    /// Short name.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// For which party it asks, and in which role.
    pub grant: Grant,
    /// What is kept of its secret, if it has one.
    pub secret_digest: Option<[u8; 32]>,
    /// The public part of its key as PEM, if it has one.
    pub public_key: Option<String>,
    /// SHA-256 of its certificate, if it has one.
    pub certificate: Option<[u8; 32]>,
    /// When it was admitted.
    pub added_at: Timestamp,
    /// Since when it may not ask any more.
    pub revoked_at: Option<Timestamp>,
}

/// Adds a client.
pub async fn add(tx: &mut Tx, tenant: TenantId, new: &Client) -> Result<(), StoreError> {
    let sql = "INSERT INTO client (tenant_id, client_id, key, name, party, role, secret_digest,
                                   public_key, certificate, added_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let Client { id, key, name, grant, secret_digest, public_key, certificate, added_at, .. } = new;
    let values = values![
        tenant,
        *id,
        key.as_str(),
        name.as_str(),
        grant.party.as_str(),
        grant.role.name(),
        *secret_digest,
        public_key.as_deref(),
        *certificate,
        *added_at,
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// The client of that id.
pub async fn by_id(tx: &mut Tx, tenant: TenantId, id: Uuid) -> Result<Option<Client>, StoreError> {
    let sql = "SELECT client_id, key, name, party, role, secret_digest, public_key, added_at,
                      revoked_at, certificate FROM client WHERE tenant_id = $1 AND client_id = $2";
    tx.query_opt(sql, values![tenant, id], read).await
}

/// All clients, by key.
pub async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Client>, StoreError> {
    let sql = "SELECT client_id, key, name, party, role, secret_digest, public_key, added_at,
                      revoked_at, certificate FROM client WHERE tenant_id = $1 ORDER BY key";
    tx.query(sql, values![tenant], read).await
}

/// Gives a client another certificate.
pub async fn renew(
    tx: &mut Tx,
    tenant: TenantId,
    id: Uuid,
    certificate: [u8; 32],
) -> Result<(), StoreError> {
    let sql = "UPDATE client SET certificate = $3 WHERE tenant_id = $1 AND client_id = $2";
    tx.execute(sql, values![tenant, id, certificate]).await?;
    Ok(())
}

/// Lets a client ask no more from `at` on, and takes its tokens back.
pub async fn revoke(
    tx: &mut Tx,
    tenant: TenantId,
    id: Uuid,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE client SET revoked_at = $3 WHERE tenant_id = $1 AND client_id = $2";
    tx.execute(sql, values![tenant, id, at]).await?;
    let sql = "DELETE FROM client_token WHERE tenant_id = $1 AND client_id = $2";
    tx.execute(sql, values![tenant, id]).await?;
    Ok(())
}

/// Gives a client a token, which counts only with that certificate, if there is one; tokens that have
/// ended are removed.
pub async fn add_token(
    tx: &mut Tx,
    tenant: TenantId,
    (token_digest, client, certificate): ([u8; 32], Uuid, Option<[u8; 32]>),
    (now, ends_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let sql = "DELETE FROM client_token WHERE tenant_id = $1 AND ends_at <= $2";
    tx.execute(sql, values![tenant, now]).await?;
    let sql = "INSERT INTO client_token (tenant_id, token_digest, client_id, ends_at, certificate)
               VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, values![tenant, token_digest, client, ends_at, certificate]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Client, StoreError> {
    client_at(row, 0)
}

/// The client whose columns begin with the given one.
pub(super) fn client_at(row: &Row<'_>, first: usize) -> Result<Client, StoreError> {
    let role: String = row.get(first + 4)?;
    let corrupt = |_| StoreError::Corrupt { column: first + 4, expected: "a role" };
    Ok(Client {
        id: row.get(first)?,
        key: row.get(first + 1)?,
        name: row.get(first + 2)?,
        grant: Grant { party: row.get(first + 3)?, role: role.parse().map_err(corrupt)? },
        secret_digest: row.optional(first + 5)?,
        public_key: row.optional(first + 6)?,
        added_at: row.get(first + 7)?,
        revoked_at: row.optional(first + 8)?,
        certificate: row.optional(first + 9)?,
    })
}
