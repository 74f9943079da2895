//! What was last seen of each record of a source, so that what did not change need not be parsed.

use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::people::Kind;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the ledger, or changed nothing there.
    Applied,
    /// It was set aside.
    Quarantined,
    /// The source no longer mentions it.
    Gone,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Applied, Self::Quarantined, Self::Gone];

    fn code(self) -> i64 {
        match self {
            Self::Applied => 0,
            Self::Quarantined => 1,
            Self::Gone => 2,
        }
    }

    fn from_row(row: &Row<'_>, column: usize) -> Result<Self, StoreError> {
        let code: i64 = row.get(column)?;
        let corrupt = StoreError::Corrupt { column, expected: "an outcome" };
        Self::ALL.into_iter().find(|it| it.code() == code).ok_or(corrupt)
    }
}

/// As much of a row as tells whether a record is the same as last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenMark {
    /// The source's key.
    pub native_no: i64,
    /// Digest of the record without its date of last change, as an AES block.
    pub digest: [u8; 16],
    /// What became of it.
    pub outcome: Outcome,
    /// The parser and configuration it was judged under.
    pub epoch: i64,
}

/// What is known of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// What it describes.
    pub kind: Kind,
    /// The source's key.
    pub native_no: i64,
    /// Digest of the record without its date of last change, as an AES block.
    pub digest: [u8; 16],
    /// Digest of what it states, as an AES block.
    pub content: [u8; 16],
    /// What became of it.
    pub outcome: Outcome,
    /// The parser and configuration it was judged under.
    pub epoch: i64,
    /// The first day without the subject, where one is known.
    pub until: Option<Date>,
    /// The date of the first input that mentioned it.
    pub first_seen: Date,
}

const SEEN: Table = Table {
    name: "seen",
    key: &["tenant_id", "source_no", "kind", "native_no"],
    columns: &["digest", "content", "outcome", "epoch", "until_date", "first_seen"],
};

/// The first `rows_max` marks after the key `after`, in order of keys.
pub async fn page(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    after: Option<i64>,
    rows_max: usize,
) -> Result<Vec<SeenMark>, StoreError> {
    let sql = "SELECT native_no, digest, outcome, epoch FROM seen
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3 AND native_no > $4
                ORDER BY native_no LIMIT $5";
    let limit = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let values = values![tenant, source, kind, after.unwrap_or(i64::MIN), limit];
    tx.query(sql, values, |row| {
        Ok(SeenMark {
            native_no: row.get(0)?,
            digest: row.get(1)?,
            outcome: Outcome::from_row(row, 2)?,
            epoch: row.get(3)?,
        })
    })
    .await
}

/// All that is known of the given keys, in order of keys.
pub async fn rows(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    native_nos: &[i64],
) -> Result<Vec<SeenRow>, StoreError> {
    let sql = "SELECT s.kind, s.native_no, s.digest, s.content, s.outcome, s.epoch, s.until_date,
                      s.first_seen
                 FROM {rows native_no int} AS given CROSS JOIN seen s
                WHERE s.tenant_id = $1 AND s.source_no = $2 AND s.kind = $3
                  AND s.native_no = given.native_no
                ORDER BY s.native_no";
    let rows = Rows::column(native_nos.iter().copied());
    tx.query_rows(sql, values![tenant, source, kind], rows, |row| {
        Ok(SeenRow {
            kind: row.get(0)?,
            native_no: row.get(1)?,
            digest: row.get(2)?,
            content: row.get(3)?,
            outcome: Outcome::from_row(row, 4)?,
            epoch: row.get(5)?,
            until: row.optional(6)?,
            first_seen: row.get(7)?,
        })
    })
    .await
}

/// Writes rows over what was known of their keys. No key stands in `rows` twice.
pub async fn upsert(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    rows: Vec<SeenRow>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(|it| (tenant, source, it)).collect();
    bulk::upsert(tx, &SEEN, rows, write).await
}

/// Writes rows whose keys are new: the first load of a source.
pub async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    rows: Vec<SeenRow>,
) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(|it| (tenant, source, it)).collect();
    bulk::load(tx, &SEEN, rows, write).await
}

/// Forgets the given keys.
pub async fn delete(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    kind: Kind,
    native_nos: &[i64],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM seen
                WHERE tenant_id = $1 AND source_no = $2 AND kind = $3
                  AND native_no IN (SELECT native_no FROM {rows native_no int} AS given)";
    let rows = Rows::column(native_nos.iter().copied());
    tx.execute_rows(sql, values![tenant, source, kind], rows).await?;
    Ok(())
}

fn write((tenant, source, it): &(TenantId, SourceNo, SeenRow), cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(*source);
    cells.put(it.kind);
    cells.put(it.native_no);
    cells.put(&it.digest);
    cells.put(&it.content);
    cells.put(it.outcome.code());
    cells.put(it.epoch);
    cells.put(it.until);
    cells.put(it.first_seen);
}
