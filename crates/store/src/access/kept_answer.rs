//! Answers to requests that their clients may send again.

use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::TenantId;

/// A request, as its client names it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asked.
    pub who: &'a str,
    /// The key they gave it.
    pub key: &'a str,
    /// What was asked.
    pub digest: [u8; 32],
}

/// What is known of a request that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// What was asked.
    pub digest: [u8; 32],
    /// When.
    pub begun_at: Timestamp,
    /// The answer, sealed; none while the request is being carried out.
    pub body: Option<Vec<u8>>,
}

/// What is known under that key; none if nothing was asked under it.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    request: Request<'_>,
) -> Result<Option<KeptAnswer>, StoreError> {
    let sql = "SELECT digest, begun_at, body FROM kept_answer
                WHERE tenant_id = $1 AND who = $2 AND request = $3";
    tx.query_opt(sql, values![tenant, request.who, request.key], |row| {
        Ok(KeptAnswer { digest: row.get(0)?, begun_at: row.get(1)?, body: row.optional(2)? })
    })
    .await
}

/// Notes that a request is being carried out.
pub async fn begin(
    tx: &mut Tx,
    tenant: TenantId,
    request: Request<'_>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO kept_answer (tenant_id, who, request, digest, begun_at)
               VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (tenant_id, who, request) DO UPDATE
                  SET digest = excluded.digest, begun_at = excluded.begun_at, body = NULL";
    let Request { who, key, digest } = request;
    tx.execute(sql, values![tenant, who, key, digest, at]).await?;
    Ok(())
}

/// Keeps the answer to a request, sealed.
pub async fn keep(
    tx: &mut Tx,
    tenant: TenantId,
    request: Request<'_>,
    body: &[u8],
) -> Result<(), StoreError> {
    let sql = "UPDATE kept_answer SET body = $4
                WHERE tenant_id = $1 AND who = $2 AND request = $3";
    tx.execute(sql, values![tenant, request.who, request.key, body]).await?;
    Ok(())
}

/// Forgets a request.
pub async fn forget(tx: &mut Tx, tenant: TenantId, request: Request<'_>) -> Result<(), StoreError> {
    let sql = "DELETE FROM kept_answer WHERE tenant_id = $1 AND who = $2 AND request = $3";
    tx.execute(sql, values![tenant, request.who, request.key]).await?;
    Ok(())
}

/// Forgets all that were asked before an instant.
pub async fn sweep(tx: &mut Tx, tenant: TenantId, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM kept_answer WHERE tenant_id = $1 AND begun_at < $2";
    tx.execute(sql, values![tenant, before]).await?;
    Ok(())
}
