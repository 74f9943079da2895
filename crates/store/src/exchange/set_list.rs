//! The rows of sets, in parts. Bodies are sealed by the caller.
//!
//! A set's lists are stored before it is announced, like its files, and are those of what the target
//! has once it is through: nothing is moved, [`delivered`](super::delivered) names the set.

use crate::{StoreError, Tx, values};
use kobling_domain::id::TenantId;

/// Where a part of a list belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListKey<'a> {
    /// The set.
    pub set_no: i64,
    /// The file whose rows it lists, by name.
    pub file: &'a str,
    /// Which part of the list.
    pub part: i64,
}

/// Stores a part of a list.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    key: ListKey<'_>,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO set_list (tenant_id, target, set_no, file, part, body)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let ListKey { set_no, file, part } = key;
    tx.execute(sql, values![tenant, target, set_no, file, part, body]).await?;
    Ok(())
}

/// A part of a list; none past the last.
pub async fn part(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    key: ListKey<'_>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT body FROM set_list
                WHERE tenant_id = $1 AND target = $2 AND set_no = $3 AND file = $4 AND part = $5";
    let ListKey { set_no, file, part } = key;
    tx.query_opt(sql, values![tenant, target, set_no, file, part], |row| row.get(0)).await
}

/// Forgets the lists of a target's sets, save those of the set of number `kept` and of what the
/// target has.
pub(super) async fn clear(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    kept: i64,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM set_list
                WHERE tenant_id = $1 AND target = $2 AND set_no <> $3
                  AND NOT EXISTS (SELECT 1 FROM delivered
                                   WHERE delivered.tenant_id = set_list.tenant_id
                                     AND delivered.target = set_list.target
                                     AND delivered.file = set_list.file
                                     AND delivered.set_no = set_list.set_no)";
    tx.execute(sql, values![tenant, target, kept]).await?;
    Ok(())
}

/// Forgets the lists of all sets that no target has.
pub(super) async fn clear_all(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    let sql = "DELETE FROM set_list
                WHERE tenant_id = $1
                  AND NOT EXISTS (SELECT 1 FROM delivered
                                   WHERE delivered.tenant_id = set_list.tenant_id
                                     AND delivered.target = set_list.target
                                     AND delivered.file = set_list.file
                                     AND delivered.set_no = set_list.set_no)";
    tx.execute(sql, values![tenant]).await?;
    Ok(())
}
