//! Who is signed in, and the links that sign somebody in.

use super::account::{Account, read_account};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{TenantId, UserNo};

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub account: Account,
    /// When they were last seen.
    pub seen_at: Timestamp,
    /// When it ends, however busy they are.
    pub ends_at: Timestamp,
}

/// Signs a user in.
pub async fn open(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
    user: UserNo,
    (now, ends_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO session (tenant_id, token_digest, user_no, opened_at, seen_at, ends_at)
               VALUES ($1, $2, $3, $4, $4, $5)";
    tx.execute(sql, values![tenant, token_digest, user, now, ends_at]).await?;
    Ok(())
}

/// The session of that token, ended or not.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
) -> Result<Option<Session>, StoreError> {
    let sql = "SELECT a.user_no, a.user_id, a.key, a.name, a.person_id, a.added_at, a.disabled_at,
                      s.seen_at, s.ends_at
                 FROM session s
                 JOIN account a ON a.tenant_id = s.tenant_id AND a.user_no = s.user_no
                WHERE s.tenant_id = $1 AND s.token_digest = $2";
    tx.query_opt(sql, values![tenant, token_digest], |row| {
        Ok(Session { account: read_account(row)?, seen_at: row.get(7)?, ends_at: row.get(8)? })
    })
    .await
}

/// Notes that somebody was seen.
pub async fn seen(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE session SET seen_at = $3 WHERE tenant_id = $1 AND token_digest = $2";
    tx.execute(sql, values![tenant, token_digest, now]).await?;
    Ok(())
}

/// Signs out. Whether there was a session.
pub async fn close(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM session WHERE tenant_id = $1 AND token_digest = $2";
    Ok(tx.execute(sql, values![tenant, token_digest]).await? == 1)
}

/// Signs a user out everywhere, and takes their links back.
pub async fn close_all(tx: &mut Tx, tenant: TenantId, user: UserNo) -> Result<(), StoreError> {
    let sql = "DELETE FROM session WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user]).await?;
    let sql = "DELETE FROM sign_in_link WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user]).await?;
    Ok(())
}

/// Removes sessions and links that have ended.
pub async fn sweep(tx: &mut Tx, tenant: TenantId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM session WHERE tenant_id = $1 AND ends_at <= $2";
    tx.execute(sql, values![tenant, now]).await?;
    let sql = "DELETE FROM sign_in_link WHERE tenant_id = $1 AND ends_at <= $2";
    tx.execute(sql, values![tenant, now]).await?;
    Ok(())
}

/// Adds a link that signs a user in once.
pub async fn add_link(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
    user: UserNo,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO sign_in_link (tenant_id, token_digest, user_no, ends_at)
               VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![tenant, token_digest, user, ends_at]).await?;
    Ok(())
}

/// Takes a link: it can be taken once. Whom it signs in; none if it is taken, ended or unknown.
pub async fn take_link(
    tx: &mut Tx,
    tenant: TenantId,
    token_digest: [u8; 32],
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT a.user_no, a.user_id, a.key, a.name, a.person_id, a.added_at, a.disabled_at
                 FROM sign_in_link l
                 JOIN account a ON a.tenant_id = l.tenant_id AND a.user_no = l.user_no
                WHERE l.tenant_id = $1 AND l.token_digest = $2 AND l.ends_at > $3";
    let account = tx.query_opt(sql, values![tenant, token_digest, now], read_account).await?;
    let sql = "DELETE FROM sign_in_link WHERE tenant_id = $1 AND token_digest = $2";
    // Who deletes the row has it: two who read it at the same time do not both.
    let was_there = tx.execute(sql, values![tenant, token_digest]).await? == 1;
    Ok(account.filter(|_| was_there))
}
