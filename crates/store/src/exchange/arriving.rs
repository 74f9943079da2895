//! Files that lie where those of a watched source arrive, and since when each looks as it does.

use crate::engine::Rows;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{SourceNo, TenantId};

/// A file that waits to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arriving {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written, where its place tells.
    pub modified: Option<Timestamp>,
    /// Since when it was seen to look so.
    pub since: Timestamp,
}

/// The files of a source that were seen to arrive, by name.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<Vec<Arriving>, StoreError> {
    let sql = "SELECT name, bytes, modified, since FROM arriving
                WHERE tenant_id = $1 AND source_no = $2 ORDER BY name";
    tx.query(sql, values![tenant, source], |row| {
        Ok(Arriving {
            name: row.get(0)?,
            bytes: row.get(1)?,
            modified: row.optional(2)?,
            since: row.get(3)?,
        })
    })
    .await
}

/// Puts these files in the place of those that were noted before.
pub async fn replace(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    files: &[Arriving],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM arriving WHERE tenant_id = $1 AND source_no = $2";
    tx.execute(sql, values![tenant, source]).await?;
    let rows = Rows::column(files.iter().map(|it| it.name.as_str()))
        .and(files.iter().map(|it| it.bytes))
        .and(files.iter().map(|it| it.modified))
        .and(files.iter().map(|it| it.since));
    let sql = "INSERT INTO arriving (tenant_id, source_no, name, bytes, modified, since)
               SELECT $1, $2, name, bytes, modified, since
                 FROM {rows name text, bytes int, modified instant, since instant} AS given";
    tx.execute_rows(sql, values![tenant, source], rows).await?;
    Ok(())
}
