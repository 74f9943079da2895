//! Who is signed in, and the links that sign somebody in.

use super::account::{Account, account_at, read_account};
use super::client::{Client, client_at};
use super::tenant::{Tenant, read_tenant};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{TenantId, UserNo};
use uuid::Uuid;

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

/// Who asks with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A user.
    User(Session),
    /// A program.
    Client {
        /// Which.
        client: Client,
        /// The certificate with which alone its token counts, if there is one.
        certificate: Option<[u8; 32]>,
    },
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

/// Who has a token, found in one look; with the tenant of that UUID, if there is one. A session may
/// have ended, a program's token has not.
pub async fn holder(
    tx: &mut Tx,
    tenant: Uuid,
    token_digest: [u8; 32],
    now: Timestamp,
) -> Result<Option<(Tenant, Option<Holder>)>, StoreError> {
    let sql = "SELECT t.tenant_id, t.tenant_uuid, t.key, t.name, t.time_zone, t.version,
                      a.user_no, a.user_id, a.key, a.name, a.person_id, a.added_at, a.disabled_at,
                      s.seen_at, s.ends_at,
                      c.client_id, c.key, c.name, c.party, c.role, c.secret_digest, c.public_key,
                      c.added_at, c.revoked_at, c.certificate, k.certificate
                 FROM tenant t
                 LEFT JOIN session s ON s.tenant_id = t.tenant_id AND s.token_digest = $2
                 LEFT JOIN account a ON a.tenant_id = s.tenant_id AND a.user_no = s.user_no
                 LEFT JOIN client_token k
                   ON k.tenant_id = t.tenant_id AND k.token_digest = $2 AND k.ends_at > $3
                 LEFT JOIN client c ON c.tenant_id = k.tenant_id AND c.client_id = k.client_id
                WHERE t.tenant_uuid = $1";
    tx.query_opt(sql, values![tenant, token_digest, now], |row| {
        let user: Option<UserNo> = row.optional(6)?;
        let client: Option<Uuid> = row.optional(15)?;
        let holder = match (user, client) {
            (Some(_), _) => Some(Holder::User(Session {
                account: account_at(row, 6)?,
                seen_at: row.get(13)?,
                ends_at: row.get(14)?,
            })),
            (None, Some(_)) => {
                Some(Holder::Client { client: client_at(row, 15)?, certificate: row.optional(25)? })
            }
            (None, None) => None,
        };
        Ok((read_tenant(row)?, holder))
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
