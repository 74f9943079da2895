//! Those who may sign in, and their roles.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::access::Grant;
use kobling_domain::id::{SubjectId, TenantId, UserNo};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number inside the store.
    pub no: UserNo,
    /// Its id outside.
    pub id: Uuid,
    /// The name it signs in with.
    pub key: String,
    /// What people call them.
    pub name: String,
    /// The person they are, if the hub knows them.
    pub person: Option<SubjectId>,
    /// When they were admitted.
    pub added_at: Timestamp,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<Timestamp>,
}

/// A user who is not there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id outside.
    pub id: Uuid,
    /// The name it signs in with.
    pub key: String,
    /// What people call them.
    pub name: String,
    /// The person they are, if the hub knows them.
    pub person: Option<SubjectId>,
}

/// Adds a user.
pub async fn add(
    tx: &mut Tx,
    tenant: TenantId,
    new: &NewAccount,
    at: Timestamp,
) -> Result<UserNo, StoreError> {
    let sql = "INSERT INTO account (tenant_id, user_no, user_id, key, name, person_id, added_at)
               SELECT $1, coalesce(max(user_no), 0) + 1, $2, $3, $4, $5, $6
                 FROM account WHERE tenant_id = $1
               RETURNING user_no";
    let NewAccount { id, key, name, person } = new;
    let values = values![tenant, *id, key.as_str(), name.as_str(), *person, at];
    tx.query_opt(sql, values, |row| row.get(0)).await?.ok_or(StoreError::Missing { what: "user" })
}

/// Lets a user sign in no more, from `at` on; with none, again.
pub async fn disable(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sql = "UPDATE account SET disabled_at = $3 WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user, at]).await?;
    Ok(())
}

/// Gives a user exactly these roles.
pub async fn grant(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    grants: &[Grant],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM account_role WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user]).await?;
    for Grant { party, role } in grants {
        let sql = "INSERT INTO account_role (tenant_id, user_no, party, role)
                   VALUES ($1, $2, $3, $4)";
        tx.execute(sql, values![tenant, user, party.as_str(), role.name()]).await?;
    }
    Ok(())
}

/// The user of that key.
pub async fn by_key(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT user_no, user_id, key, name, person_id, added_at, disabled_at
                 FROM account WHERE tenant_id = $1 AND key = $2";
    tx.query_opt(sql, values![tenant, key], read_account).await
}

/// Says what a sign-in service calls a user; with none, no longer.
pub async fn call(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserNo,
    subject: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE account SET subject = $3 WHERE tenant_id = $1 AND user_no = $2";
    tx.execute(sql, values![tenant, user, subject]).await?;
    Ok(())
}

/// The user whom a sign-in service calls so.
pub async fn by_subject(
    tx: &mut Tx,
    tenant: TenantId,
    subject: &str,
) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT user_no, user_id, key, name, person_id, added_at, disabled_at
                 FROM account WHERE tenant_id = $1 AND subject = $2";
    tx.query_opt(sql, values![tenant, subject], read_account).await
}

/// All users, by key.
pub async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Account>, StoreError> {
    let sql = "SELECT user_no, user_id, key, name, person_id, added_at, disabled_at
                 FROM account WHERE tenant_id = $1 ORDER BY key";
    tx.query(sql, values![tenant], read_account).await
}

/// The roles of a user, by party and role.
pub async fn grants(tx: &mut Tx, tenant: TenantId, user: UserNo) -> Result<Vec<Grant>, StoreError> {
    let sql = "SELECT party, role FROM account_role WHERE tenant_id = $1 AND user_no = $2
                ORDER BY party, role";
    tx.query(sql, values![tenant, user], |row| read_grant(row, 0)).await
}

/// The roles of all users.
pub async fn all_grants(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<BTreeMap<UserNo, Vec<Grant>>, StoreError> {
    let sql = "SELECT user_no, party, role FROM account_role WHERE tenant_id = $1
                ORDER BY user_no, party, role";
    let all = tx.query(sql, values![tenant], |row| Ok((row.get(0)?, read_grant(row, 1)?)));
    let mut by_user: BTreeMap<UserNo, Vec<Grant>> = BTreeMap::new();
    for (user, grant) in all.await? {
        by_user.entry(user).or_default().push(grant);
    }
    Ok(by_user)
}

/// An account whose columns begin at the first.
pub(super) fn read_account(row: &Row<'_>) -> Result<Account, StoreError> {
    account_at(row, 0)
}

/// The account whose columns begin with the given one.
pub(super) fn account_at(row: &Row<'_>, first: usize) -> Result<Account, StoreError> {
    Ok(Account {
        no: row.get(first)?,
        id: row.get(first + 1)?,
        key: row.get(first + 2)?,
        name: row.get(first + 3)?,
        person: row.optional(first + 4)?,
        added_at: row.get(first + 5)?,
        disabled_at: row.optional(first + 6)?,
    })
}

fn read_grant(row: &Row<'_>, column: usize) -> Result<Grant, StoreError> {
    let role: String = row.get(column + 1)?;
    let role = role.parse();
    let corrupt = |_| StoreError::Corrupt { column: column + 1, expected: "a role" };
    Ok(Grant { party: row.get(column)?, role: role.map_err(corrupt)? })
}
