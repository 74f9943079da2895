//! Who did what, when. Rows are added and read, nothing else; each batch of them is chained to the
//! one before it.

use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{SubjectId, TenantId};
use sha2::{Digest, Sha256};

/// One act.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// What was done: `plan.release` and the like.
    pub action: String,
    /// To what, and why.
    pub detail: serde_json::Value,
}

/// An entry with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered {
    /// Its number: 1 for the first of a tenant.
    pub no: i64,
    /// The entry.
    pub entry: Entry,
}

/// Entries that were written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The number of its first entry.
    pub first_no: i64,
    /// The number of its last entry.
    pub last_no: i64,
    /// The digest over the one before it and its entries.
    pub digest: [u8; 32],
}

/// Adds an entry.
pub async fn write(tx: &mut Tx, tenant: TenantId, entry: &Entry) -> Result<(), StoreError> {
    write_all(tx, tenant, std::slice::from_ref(entry)).await?;
    Ok(())
}

/// Adds entries as one batch; gives the number of the first.
pub async fn write_all(
    tx: &mut Tx,
    tenant: TenantId,
    entries: &[Entry],
) -> Result<i64, StoreError> {
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let sql = "UPDATE tenant SET next_audit_no = next_audit_no + $2 WHERE tenant_id = $1
               RETURNING next_audit_no - $2";
    let first_no: i64 = tx
        .query_opt(sql, values![tenant, count], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let numbered: Vec<Numbered> = (first_no..)
        .zip(entries)
        .map(|(no, entry)| Numbered { no, entry: entry.clone() })
        .collect();
    let sql = "INSERT INTO audit (tenant_id, audit_no, at, who, action, detail)
               SELECT $1, given.audit_no, given.at, given.who, given.action, given.detail
                 FROM {rows audit_no int, at instant, who text, action text, detail json} AS given";
    let rows = Rows::column(numbered.iter().map(|it| it.no))
        .and(entries.iter().map(|it| it.at))
        .and(entries.iter().map(|it| it.who.as_str()))
        .and(entries.iter().map(|it| it.action.as_str()))
        .and(entries.iter().map(|it| &it.detail));
    tx.execute_rows(sql, values![tenant], rows).await?;
    let Some(last) = numbered.last() else { return Ok(first_no) };
    let before = head(tx, tenant).await?.map(|it| it.digest);
    let digest = digest(before, &numbered);
    let sql = "INSERT INTO audit_batch (tenant_id, last_no, first_no, digest)
               VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![tenant, last.no, first_no, digest]).await?;
    Ok(first_no)
}

/// Notes of whom entries say that their data was read.
pub async fn note_subjects(
    tx: &mut Tx,
    tenant: TenantId,
    read: &[(i64, SubjectId)],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit_subject (tenant_id, subject_id, audit_no)
               SELECT $1, given.subject_id, given.audit_no
                 FROM {rows subject_id uuid, audit_no int} AS given WHERE true
               ON CONFLICT (tenant_id, subject_id, audit_no) DO NOTHING";
    // In order of keys, neighbours are written one after the other.
    let mut read = read.to_vec();
    read.sort_unstable_by_key(|(no, subject)| (*subject, *no));
    let rows =
        Rows::column(read.iter().map(|(_, subject)| *subject)).and(read.iter().map(|(no, _)| *no));
    tx.execute_rows(sql, values![tenant], rows).await?;
    Ok(())
}

/// The entries that say that somebody's data was read, the newest first.
pub async fn of_subject(
    tx: &mut Tx,
    tenant: TenantId,
    subject: SubjectId,
    entries_max: u32,
) -> Result<Vec<Numbered>, StoreError> {
    let sql = "SELECT a.audit_no, a.at, a.who, a.action, a.detail
                 FROM audit_subject s
                 JOIN audit a ON a.tenant_id = s.tenant_id AND a.audit_no = s.audit_no
                WHERE s.tenant_id = $1 AND s.subject_id = $2
                ORDER BY a.audit_no DESC LIMIT $3";
    tx.query(sql, values![tenant, subject, entries_max], read_numbered).await
}

/// The digest of a batch: over the one before it, zeros before the first, and for each entry its
/// number, its microsecond, and who, what and detail with their lengths before them.
pub fn digest(before: Option<[u8; 32]>, batch: &[Numbered]) -> [u8; 32] {
    let mut all = Sha256::new();
    all.update(before.unwrap_or_default());
    for Numbered { no, entry } in batch {
        all.update(no.to_be_bytes());
        all.update(entry.at.as_microsecond().to_be_bytes());
        for text in [&entry.who, &entry.action, &entry.detail.to_string()] {
            all.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            all.update(text);
        }
    }
    all.finalize().into()
}

/// The last batch; none before the first.
pub async fn head(tx: &mut Tx, tenant: TenantId) -> Result<Option<Batch>, StoreError> {
    let sql = "SELECT first_no, last_no, digest FROM audit_batch WHERE tenant_id = $1
                ORDER BY last_no DESC LIMIT 1";
    tx.query_opt(sql, values![tenant], read_batch).await
}

/// The batches after the one that ends with `after_no`, in order.
pub async fn batches(
    tx: &mut Tx,
    tenant: TenantId,
    after_no: i64,
    batches_max: u32,
) -> Result<Vec<Batch>, StoreError> {
    let sql = "SELECT first_no, last_no, digest FROM audit_batch
                WHERE tenant_id = $1 AND last_no > $2 ORDER BY last_no LIMIT $3";
    tx.query(sql, values![tenant, after_no, batches_max], read_batch).await
}

/// The entries after the one of that number, in order.
pub async fn after(
    tx: &mut Tx,
    tenant: TenantId,
    after_no: i64,
    entries_max: u32,
) -> Result<Vec<Numbered>, StoreError> {
    let sql = "SELECT audit_no, at, who, action, detail FROM audit
                WHERE tenant_id = $1 AND audit_no > $2 ORDER BY audit_no LIMIT $3";
    tx.query(sql, values![tenant, after_no, entries_max], read_numbered).await
}

/// The entries before the one of that number, the newest first.
pub async fn before(
    tx: &mut Tx,
    tenant: TenantId,
    before_no: i64,
    entries_max: u32,
) -> Result<Vec<Numbered>, StoreError> {
    let sql = "SELECT audit_no, at, who, action, detail FROM audit
                WHERE tenant_id = $1 AND audit_no < $2 ORDER BY audit_no DESC LIMIT $3";
    tx.query(sql, values![tenant, before_no, entries_max], read_numbered).await
}

/// The number that the next entry will have.
pub async fn next_no(tx: &mut Tx, tenant: TenantId) -> Result<i64, StoreError> {
    let sql = "SELECT next_audit_no FROM tenant WHERE tenant_id = $1";
    let next = tx.query_opt(sql, values![tenant], |row| row.get(0)).await?;
    next.ok_or(StoreError::Missing { what: "tenant" })
}

/// The entries of an instant, in the order in which they were written.
pub async fn at(tx: &mut Tx, tenant: TenantId, at: Timestamp) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT audit_no, at, who, action, detail FROM audit
                WHERE tenant_id = $1 AND at = $2 ORDER BY audit_no";
    let all = tx.query(sql, values![tenant, at], read_numbered).await?;
    Ok(all.into_iter().map(|it| it.entry).collect())
}

/// The last entries about acts of that name, newest first.
pub async fn of_action(
    tx: &mut Tx,
    tenant: TenantId,
    action: &str,
    entries_max: u32,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT audit_no, at, who, action, detail FROM audit
                WHERE tenant_id = $1 AND action = $2 ORDER BY audit_no DESC LIMIT $3";
    let all = tx.query(sql, values![tenant, action, entries_max], read_numbered).await?;
    Ok(all.into_iter().map(|it| it.entry).collect())
}

/// The last `entries_max` entries, newest first.
pub async fn last(
    tx: &mut Tx,
    tenant: TenantId,
    entries_max: u32,
) -> Result<Vec<Entry>, StoreError> {
    let all = before(tx, tenant, i64::MAX, entries_max).await?;
    Ok(all.into_iter().map(|it| it.entry).collect())
}

fn read_numbered(row: &Row<'_>) -> Result<Numbered, StoreError> {
    let (at, who, action) = (row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Numbered { no: row.get(0)?, entry: Entry { at, who, action, detail: row.get(4)? } })
}

fn read_batch(row: &Row<'_>) -> Result<Batch, StoreError> {
    Ok(Batch { first_no: row.get(0)?, last_no: row.get(1)?, digest: row.get(2)? })
}
