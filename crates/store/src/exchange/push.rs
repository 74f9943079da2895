//! What a source sent by itself, and what became of each record of it. Bodies are sealed by the caller.

mod record;

pub use record::{
    Outcome, Received, Record, contents, counts, find_receipt, forget_contents, judge, last_of,
    put, receipts,
};

use super::run::{RunState, read_state as read_run_state};
use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{PushNo, RunNo, SourceNo, TenantId};
use uuid::Uuid;

/// What [`read`] reads of those sendings of a source for which the rest of the statement holds.
macro_rules! sendings {
    ($rest:literal) => {
        concat!(
            "SELECT p.push_no, p.id, p.extent, p.state, p.opened_by, p.opened_at, p.closed_at,
                    p.run_no, r.state
               FROM push p LEFT JOIN run r ON r.tenant_id = p.tenant_id AND r.run_no = p.run_no
              WHERE p.tenant_id = $1 AND p.source_no = $2",
            $rest
        )
    };
}

/// How much is sent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One record.
    Record,
    /// All that the source knows, record by record, until it is closed.
    Snapshot,
}

impl Extent {
    const ALL: [Self; 2] = [Self::Record, Self::Snapshot];

    fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Snapshot => "snapshot",
        }
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushState {
    /// Records may be put.
    Open,
    /// It is whole, and waits to be read.
    Closed,
    /// It was read.
    Read,
    /// It could not be read.
    Refused,
    /// Another one took its place before it was closed.
    Abandoned,
    /// It was not closed in time.
    Expired,
}

impl PushState {
    const ALL: [Self; 6] =
        [Self::Open, Self::Closed, Self::Read, Self::Refused, Self::Abandoned, Self::Expired];

    /// The name in documents and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Read => "read",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
            Self::Expired => "expired",
        }
    }
}

/// One sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Its number within the source.
    pub no: PushNo,
    /// What its sender knows it by.
    pub id: Uuid,
    /// How much it is.
    pub extent: Extent,
    /// Where it stands.
    pub state: PushState,
    /// Who sends it.
    pub opened_by: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was said to be whole.
    pub closed_at: Option<Timestamp>,
    /// The run that read it.
    pub run: Option<RunNo>,
    /// How that run ended.
    pub run_state: Option<RunState>,
}

/// Sets a source's row apart until the transaction ends: whoever else is about to send for it waits.
pub async fn lock(tx: &mut Tx, tenant: TenantId, source: SourceNo) -> Result<(), StoreError> {
    let sql =
        "UPDATE source SET next_push_no = next_push_no WHERE tenant_id = $1 AND source_no = $2";
    tx.execute(sql, values![tenant, source]).await?;
    Ok(())
}

/// The number of the next one.
pub async fn next_no(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<PushNo, StoreError> {
    let sql = "UPDATE source SET next_push_no = next_push_no + 1
                WHERE tenant_id = $1 AND source_no = $2 RETURNING next_push_no - 1";
    let no: Option<PushNo> = tx.query_opt(sql, values![tenant, source], |row| row.get(0)).await?;
    no.ok_or(StoreError::Missing { what: "source" })
}

/// Opens one.
pub async fn open(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    (no, id, extent): (PushNo, Uuid, Extent),
    (by, at): (&str, Timestamp),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO push (tenant_id, source_no, push_no, id, extent, state, opened_by,
                                 opened_at, puts)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)";
    let state = PushState::Open.name();
    tx.execute(sql, values![tenant, source, no, id, extent.name(), state, by, at]).await?;
    Ok(())
}

/// The one of that id.
pub async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    id: Uuid,
) -> Result<Option<Push>, StoreError> {
    let sql = sendings!(" AND p.id = $3");
    tx.query_opt(sql, values![tenant, source, id], read).await
}

/// The one of that number.
pub async fn get(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    no: PushNo,
) -> Result<Option<Push>, StoreError> {
    let sql = sendings!(" AND p.push_no = $3");
    tx.query_opt(sql, values![tenant, source, no], read).await
}

/// The snapshots of a source that stand so, the oldest first.
pub async fn snapshots(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    state: PushState,
) -> Result<Vec<Push>, StoreError> {
    let sql = sendings!(" AND p.state = $3 AND p.extent = $4 ORDER BY p.push_no");
    let (state, extent) = (state.name(), Extent::Snapshot.name());
    tx.query(sql, values![tenant, source, state, extent], read).await
}

/// Counts records that are put, and tells how many were before; none if it is not open any more.
pub async fn count_puts(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    (no, records): (PushNo, u64),
) -> Result<Option<u64>, StoreError> {
    let sql = "UPDATE push SET puts = puts + $4
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3 AND state = 'open'
               RETURNING puts - $4";
    tx.query_opt(sql, values![tenant, source, no, records], |row| row.get(0)).await
}

/// Notes that it is whole.
pub async fn close(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    no: PushNo,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE push SET state = 'closed', closed_at = $4
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3";
    tx.execute(sql, values![tenant, source, no, at]).await?;
    Ok(())
}

/// Notes how it ended, and in which run.
pub async fn end(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    (no, state): (PushNo, PushState),
    run: Option<RunNo>,
) -> Result<(), StoreError> {
    let sql = "UPDATE push SET state = $4, run_no = $5
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3";
    tx.execute(sql, values![tenant, source, no, state.name(), run]).await?;
    Ok(())
}

/// Forgets all that was opened before `at`, with its receipts.
pub async fn forget_before(tx: &mut Tx, tenant: TenantId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM push_record WHERE tenant_id = $1 AND (source_no, push_no) IN
                   (SELECT source_no, push_no FROM push WHERE tenant_id = $1 AND opened_at < $2)";
    tx.execute(sql, values![tenant, at]).await?;
    let sql = "DELETE FROM push WHERE tenant_id = $1 AND opened_at < $2";
    tx.execute(sql, values![tenant, at]).await?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Push, StoreError> {
    let (extent, state): (String, String) = (row.get(2)?, row.get(3)?);
    let corrupt = |column, expected| StoreError::Corrupt { column, expected };
    let extent = Extent::ALL.into_iter().find(|it| it.name() == extent);
    let state = PushState::ALL.into_iter().find(|it| it.name() == state);
    let run_state = match row.optional::<String>(8)? {
        None => None,
        Some(_) => Some(read_run_state(row, 8)?),
    };
    Ok(Push {
        no: row.get(0)?,
        id: row.get(1)?,
        extent: extent.ok_or(corrupt(2, "how much was sent"))?,
        state: state.ok_or(corrupt(3, "where what was sent stands"))?,
        opened_by: row.get(4)?,
        opened_at: row.get(5)?,
        closed_at: row.optional(6)?,
        run: row.optional(7)?,
        run_state,
    })
}
