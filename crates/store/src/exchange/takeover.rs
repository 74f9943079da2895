//! What targets held before their first delivery. Bodies are sealed by the caller.

use crate::engine::ValueRef;
use crate::engine::bulk::{self, Cells, Table};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{SubjectId, TenantId};

/// A target's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// The file's name.
    pub list: String,
    /// When it was given.
    pub listed_at: Timestamp,
    /// Who let the target be delivered to, why and when.
    pub released: Option<Word>,
}

/// A person's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Whom an entry was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// This one of ours.
    For(SubjectId),
    /// None of ours.
    ForNobody,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, counted from 1.
    pub no: i64,
    /// What it tells, sealed.
    pub body: Vec<u8>,
    /// Whom it was taken for, if that is decided.
    pub taken: Option<Taken>,
    /// The person who decided; none if it was found.
    pub word: Option<Word>,
}

const ENTRY: Table = Table {
    name: "takeover_entry",
    key: &["tenant_id", "target", "entry_no"],
    columns: &["body", "verdict", "subject_id", "decided_by", "reason", "decided_at"],
};

/// The list of a target.
pub async fn get(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Option<Takeover>, StoreError> {
    let sql = "SELECT list, listed_at, released_by, reason, released_at FROM takeover
                WHERE tenant_id = $1 AND target = $2";
    tx.query_opt(sql, values![tenant, target], |row| {
        let released = match row.optional(2)? {
            None => None,
            Some(by) => Some(Word { by, reason: row.get(3)?, at: row.get(4)? }),
        };
        Ok(Takeover { list: row.get(0)?, listed_at: row.get(1)?, released })
    })
    .await
}

/// Keeps a list, in the place of the one before.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    takeover: &Takeover,
    entries: Vec<Entry>,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM takeover_entry WHERE tenant_id = $1 AND target = $2";
    tx.execute(sql, values![tenant, target]).await?;
    let sql = "INSERT INTO takeover (tenant_id, target, list, listed_at, released_by, reason,
                                     released_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (tenant_id, target) DO UPDATE
                  SET list = excluded.list, listed_at = excluded.listed_at,
                      released_by = excluded.released_by, reason = excluded.reason,
                      released_at = excluded.released_at";
    let released = takeover.released.as_ref();
    let values = values![
        tenant,
        target,
        takeover.list.as_str(),
        takeover.listed_at,
        released.map(|it| it.by.as_str()),
        released.map(|it| it.reason.as_str()),
        released.map(|it| it.at),
    ];
    tx.execute(sql, values).await?;
    let rows = entries.into_iter().map(|it| (tenant, target.to_owned(), it)).collect();
    bulk::load(tx, &ENTRY, rows, write).await
}

/// The entries of a target's list, in order.
pub async fn entries(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT entry_no, body, verdict, subject_id, decided_by, reason, decided_at
                 FROM takeover_entry WHERE tenant_id = $1 AND target = $2 ORDER BY entry_no";
    tx.query(sql, values![tenant, target], |row| {
        let verdict: Option<String> = row.optional(2)?;
        let taken = match (verdict.as_deref(), row.optional(3)?) {
            (Some("same"), Some(subject)) => Some(Taken::For(subject)),
            (Some("nobody"), None) => Some(Taken::ForNobody),
            (None, None) => None,
            _ => return Err(StoreError::Corrupt { column: 2, expected: "a verdict" }),
        };
        let word = match row.optional(4)? {
            None => None,
            Some(by) => Some(Word { by, reason: row.get(5)?, at: row.get(6)? }),
        };
        Ok(Entry { no: row.get(0)?, body: row.get(1)?, taken, word })
    })
    .await
}

/// Writes down whom an entry is taken for. [`StoreError::Stale`] if there is none of that place.
pub async fn decide(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
    no: i64,
    (taken, word): (Taken, &Word),
) -> Result<(), StoreError> {
    let sql = "UPDATE takeover_entry SET verdict = $4, subject_id = $5, decided_by = $6,
                      reason = $7, decided_at = $8
                WHERE tenant_id = $1 AND target = $2 AND entry_no = $3";
    let (verdict, subject) = columns(Some(taken));
    let Word { by, reason, at } = word;
    let values = values![tenant, target, no, verdict, subject, by.as_str(), reason.as_str(), *at];
    match tx.execute(sql, values).await? {
        0 => Err(StoreError::Stale { what: "entry of a list" }),
        _ => Ok(()),
    }
}

fn columns(taken: Option<Taken>) -> (Option<&'static str>, Option<SubjectId>) {
    match taken {
        Some(Taken::For(subject)) => (Some("same"), Some(subject)),
        Some(Taken::ForNobody) => (Some("nobody"), None),
        None => (None, None),
    }
}

fn write((tenant, target, it): &(TenantId, String, Entry), cells: &mut Cells<'_, '_>) {
    let (verdict, subject) = columns(it.taken);
    cells.put(*tenant);
    cells.put(target.as_str());
    cells.put(it.no);
    cells.put(it.body.as_slice());
    cells.put(verdict);
    cells.put(subject.map(|it| ValueRef::Uuid(it.0)));
    cells.put(it.word.as_ref().map(|it| it.by.as_str()));
    cells.put(it.word.as_ref().map(|it| it.reason.as_str()));
    cells.put(it.word.as_ref().map(|it| it.at));
}
