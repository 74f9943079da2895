//! What targets hold of their own and may keep. Values are sealed by the caller.

use crate::engine::Rows;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::exchange::lane::Digest;
use kobling_domain::id::{SubjectId, TenantId};

/// A value of a target's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnValue {
    /// Whose.
    pub subject: SubjectId,
    /// Of which field, by its name.
    pub field: String,
    /// The digest of ours when it was accepted.
    pub ours: Digest,
    /// Theirs, sealed.
    pub theirs: Vec<u8>,
}

/// Every own value of a target.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Vec<OwnValue>, StoreError> {
    let sql = "SELECT subject_id, field, ours, theirs FROM own_value
                WHERE tenant_id = $1 AND target = $2 ORDER BY subject_id, field";
    tx.query(sql, values![tenant, target], |row| {
        let (subject, field) = (row.get(0)?, row.get(1)?);
        Ok(OwnValue { subject, field, ours: row.get(2)?, theirs: row.get(3)? })
    })
    .await
}

/// Accepts values, each in the place of the one before. No field of a subject stands there twice.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    at: Timestamp,
    all: &[OwnValue],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO own_value (tenant_id, target, subject_id, field, ours, theirs, at)
               SELECT $1, $2, given.subject_id, given.field, given.ours, given.theirs, $3
                 FROM {rows subject_id uuid, field text, ours bytes, theirs bytes} AS given
                WHERE true
               ON CONFLICT (tenant_id, target, subject_id, field) DO UPDATE
                  SET ours = excluded.ours, theirs = excluded.theirs, at = excluded.at";
    let rows = Rows::column(all.iter().map(|it| it.subject))
        .and(all.iter().map(|it| it.field.as_str()))
        .and(all.iter().map(|it| it.ours))
        .and(all.iter().map(|it| it.theirs.as_slice()));
    tx.execute_rows(sql, values![tenant, target, at], rows).await?;
    Ok(())
}

/// Forgets every own value of a target.
pub async fn forget(tx: &mut Tx, tenant: TenantId, target: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM own_value WHERE tenant_id = $1 AND target = $2";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}
