//! Sources: what was last applied of each, and the epochs under which records were judged.

use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, TenantId};

/// A source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its number inside the store.
    pub no: SourceNo,
    /// What people call it in commands and configurations.
    pub key: String,
    /// What was last applied of it; none before the first load.
    pub applied: Option<Applied>,
}

/// An input that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The run that read it.
    pub run: RunNo,
    /// Its file name; of a correction without a date in its name, that of the file it corrects.
    pub name: String,
    /// Its date.
    pub date: Date,
    /// MAC of all its bytes.
    pub mac: [u8; 32],
}

/// The source of that key, made if there is none.
pub async fn put(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<Source, StoreError> {
    if let Some(source) = by_key(tx, tenant, key).await? {
        return Ok(source);
    }
    let sql = "UPDATE tenant SET next_source_no = next_source_no + 1 WHERE tenant_id = $1
               RETURNING next_source_no - 1";
    let no: SourceNo = tx
        .query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let sql = "INSERT INTO source (tenant_id, source_no, key) VALUES ($1, $2, $3)";
    tx.execute(sql, values![tenant, no, key]).await?;
    Ok(Source { no, key: key.to_owned(), applied: None })
}

/// The source of that key.
pub async fn by_key(
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
) -> Result<Option<Source>, StoreError> {
    Ok(list(tx, tenant).await?.into_iter().find(|it| it.key == key))
}

/// All sources, by number.
pub async fn list(tx: &mut Tx, tenant: TenantId) -> Result<Vec<Source>, StoreError> {
    let sql = "SELECT source_no, key, applied_run_no, applied_name, applied_date, applied_mac
                 FROM source WHERE tenant_id = $1 ORDER BY source_no";
    tx.query(sql, values![tenant], |row| {
        let applied = match row.optional(2)? {
            None => None,
            Some(run) => {
                Some(Applied { run, name: row.get(3)?, date: row.get(4)?, mac: row.get(5)? })
            }
        };
        Ok(Source { no: row.get(0)?, key: row.get(1)?, applied })
    })
    .await
}

/// Notes what was applied last.
pub async fn set_applied(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    applied: &Applied,
) -> Result<(), StoreError> {
    let sql = "UPDATE source SET applied_run_no = $3, applied_name = $4, applied_date = $5,
                      applied_mac = $6
                WHERE tenant_id = $1 AND source_no = $2";
    let Applied { run, name, date, mac } = applied;
    tx.execute(sql, values![tenant, source, *run, name.as_str(), *date, *mac]).await?;
    Ok(())
}

/// The epoch that stands for this parser and this configuration, made if there is none, and all
/// epochs that were declared the same as it, itself included.
pub async fn epoch(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    parser_version: i64,
    config_version: i64,
) -> Result<(i64, Vec<i64>), StoreError> {
    let wanted = (parser_version, config_version);
    if let Some(found) = known_epoch(&epochs(tx, tenant, source).await?, wanted) {
        return Ok(found);
    }
    // Whoever else is about to make it waits here, and then finds it made.
    let sql = "UPDATE source SET key = key WHERE tenant_id = $1 AND source_no = $2";
    tx.execute(sql, values![tenant, source]).await?;
    let epochs = epochs(tx, tenant, source).await?;
    if let Some(found) = known_epoch(&epochs, wanted) {
        return Ok(found);
    }
    let epoch = epochs.last().map_or(1, |it| it.no + 1);
    let sql = "INSERT INTO seen_epoch (tenant_id, source_no, epoch, parser_version,
                                       config_version, same_as)
               VALUES ($1, $2, $3, $4, $5, $3)";
    tx.execute(sql, values![tenant, source, epoch, parser_version, config_version]).await?;
    Ok((epoch, vec![epoch]))
}

/// Declares all older epochs the same as `epoch`: a complete run has judged every record anew.
pub async fn settle_epochs(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    epoch: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE seen_epoch SET same_as = $3
                WHERE tenant_id = $1 AND source_no = $2 AND epoch <= $3";
    tx.execute(sql, values![tenant, source, epoch]).await?;
    Ok(())
}

fn known_epoch(epochs: &[Epoch], wanted: (i64, i64)) -> Option<(i64, Vec<i64>)> {
    let found = epochs.iter().rfind(|it| (it.parser_version, it.config_version) == wanted)?;
    let equal = epochs.iter().filter(|it| it.same_as == found.same_as);
    Some((found.no, equal.map(|it| it.no).collect()))
}

struct Epoch {
    no: i64,
    parser_version: i64,
    config_version: i64,
    same_as: i64,
}

async fn epochs(tx: &mut Tx, tenant: TenantId, source: SourceNo) -> Result<Vec<Epoch>, StoreError> {
    let sql = "SELECT epoch, parser_version, config_version, same_as FROM seen_epoch
                WHERE tenant_id = $1 AND source_no = $2 ORDER BY epoch";
    tx.query(sql, values![tenant, source], |row| {
        Ok(Epoch {
            no: row.get(0)?,
            parser_version: row.get(1)?,
            config_version: row.get(2)?,
            same_as: row.get(3)?,
        })
    })
    .await
}
