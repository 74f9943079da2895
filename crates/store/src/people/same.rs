//! Persons whom somebody has said to be one, or two: versioned like claims.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use kobling_domain::id::{SubjectNo, TenantId, Version};
use std::collections::BTreeSet;

/// A link: the person is the other, from one version of the ledger until another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who is linked.
    pub subject: SubjectNo,
    /// Who that is.
    pub same_as: SubjectNo,
    /// The version that linked them.
    pub since: Version,
    /// The version that parted them; [`Version::OPEN`] while they are one.
    pub until: Version,
    /// Who said so.
    pub who: String,
    /// Why.
    pub reason: String,
}

/// The links that held at `known_at`: who is whom.
pub async fn at(
    tx: &mut Tx,
    tenant: TenantId,
    known_at: Version,
) -> Result<Vec<(SubjectNo, SubjectNo)>, StoreError> {
    let sql = "SELECT subject_no, same_as_no FROM same_as
                WHERE tenant_id = $1 AND since_version <= $2 AND until_version > $2
                ORDER BY subject_no";
    tx.query(sql, values![tenant, known_at], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Whom a link that was made or ended in the versions after the first one, up to the last, is about.
pub async fn changed_since(
    tx: &mut Tx,
    tenant: TenantId,
    (after, last): (Version, Version),
) -> Result<BTreeSet<SubjectNo>, StoreError> {
    let sql = "SELECT subject_no, same_as_no FROM same_as
                WHERE tenant_id = $1
                  AND ((since_version > $2 AND since_version <= $3)
                       OR (until_version > $2 AND until_version <= $3))";
    let read = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?]);
    let pairs: Vec<[SubjectNo; 2]> = tx.query(sql, values![tenant, after, last], read).await?;
    Ok(pairs.into_iter().flatten().collect())
}

/// Every link there ever was, by version.
pub async fn history(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Link>, StoreError> {
    let sql = "SELECT subject_no, same_as_no, since_version, until_version, who, reason
                 FROM same_as WHERE tenant_id = $1 ORDER BY since_version, subject_no";
    tx.query(sql, values![tenant], read).await
}

/// Links a person to another at `version`, which was taken in this transaction.
pub async fn link(tx: &mut Tx, tenant: TenantId, it: &Link) -> Result<(), StoreError> {
    let sql = "INSERT INTO same_as (tenant_id, subject_no, since_version, until_version,
                                    same_as_no, who, reason)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let Link { subject, same_as, since, until, who, reason } = it;
    let (who, reason) = (who.as_str(), reason.as_str());
    tx.execute(sql, values![tenant, *subject, *since, *until, *same_as, who, reason]).await?;
    Ok(())
}

/// Ends a person's link at `version`, which was taken in this transaction; tells whether there was
/// one.
pub async fn part(
    tx: &mut Tx,
    tenant: TenantId,
    subject: SubjectNo,
    version: Version,
) -> Result<bool, StoreError> {
    let sql = "UPDATE same_as SET until_version = $3
                WHERE tenant_id = $1 AND subject_no = $2 AND until_version = $4";
    Ok(tx.execute(sql, values![tenant, subject, version, Version::OPEN]).await? > 0)
}

/// Pairs that somebody has said to be two persons, the lower number first.
pub async fn apart(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Vec<(SubjectNo, SubjectNo)>, StoreError> {
    let sql = "SELECT subject_no, other_no FROM not_same WHERE tenant_id = $1
                ORDER BY subject_no, other_no";
    tx.query(sql, values![tenant], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// Writes down that two are not one.
pub async fn keep_apart(
    tx: &mut Tx,
    tenant: TenantId,
    (a, b): (SubjectNo, SubjectNo),
    version: Version,
    (who, reason): (&str, &str),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO not_same (tenant_id, subject_no, other_no, version, who, reason)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (tenant_id, subject_no, other_no) DO UPDATE
                  SET version = excluded.version, who = excluded.who, reason = excluded.reason";
    tx.execute(sql, values![tenant, a.min(b), a.max(b), version, who, reason]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Link, StoreError> {
    Ok(Link {
        subject: row.get(0)?,
        same_as: row.get(1)?,
        since: row.get(2)?,
        until: row.get(3)?,
        who: row.get(4)?,
        reason: row.get(5)?,
    })
}
