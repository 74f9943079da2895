//! The records that were sent.

use super::super::plan::{PlanState, read_state};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::{PushNo, RecordNo, RunNo, SourceNo, TenantId};
use kobling_domain::people::Kind;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What [`read`] reads of those records of a source for which the rest of the statement holds.
macro_rules! received {
    ($rest:literal) => {
        concat!(
            "SELECT x.push_no, x.kind, x.native_no, x.receipt, x.record_no, x.received_at,
                    x.digest, x.outcome, x.code, p.run_no, l.hash, l.state
               FROM push_record x
               JOIN push p ON p.tenant_id = x.tenant_id AND p.source_no = x.source_no
                          AND p.push_no = x.push_no
               LEFT JOIN plan l ON l.tenant_id = p.tenant_id AND l.run_no = p.run_no
              WHERE x.tenant_id = $1 AND x.source_no = $2",
            $rest
        )
    };
}

/// A record as it is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is about.
    pub kind: Kind,
    /// The number of the source's key of it.
    pub native_no: i64,
    /// What its sender asks by what became of it.
    pub receipt: Uuid,
    /// Where it stands among those that were sent.
    pub record_no: RecordNo,
    /// When it came.
    pub received_at: Timestamp,
    /// Digest of what it says, as an AES block.
    pub digest: [u8; 16],
    /// What it says, sealed; empty once it was read.
    pub body: Vec<u8>,
}

/// What the run that read a record made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It changes nothing.
    Unchanged,
    /// It has an item in the run's plan.
    Planned,
    /// It was set aside, for a reason that has this code.
    SetAside {
        /// The code.
        code: String,
    },
}

/// A record with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// In which sending it came.
    pub push: PushNo,
    /// What was sent; its body is left out.
    pub record: Record,
    /// What its run made of it; none before it was read.
    pub outcome: Option<Outcome>,
    /// That run.
    pub run: Option<RunNo>,
    /// The plan of that run.
    pub plan: Option<([u8; 32], PlanState)>,
}

/// Puts records, none of which is about the subject of another, each in the place of one about the same
/// subject, whose receipt it keeps. Tells the receipts.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    push: PushNo,
    all: &[Record],
) -> Result<BTreeMap<(Kind, i64), Uuid>, StoreError> {
    let sql = "INSERT INTO push_record (tenant_id, source_no, push_no, kind, native_no, receipt,
                                        record_no, received_at, digest, body)
               SELECT $1, $2, $3, given.kind, given.native_no, given.receipt, given.record_no,
                      given.received_at, given.digest, given.body
                 FROM {rows kind int, native_no int, receipt uuid, record_no int,
                            received_at instant, digest bytes, body bytes} AS given
                WHERE true
               ON CONFLICT (tenant_id, source_no, push_no, kind, native_no) DO UPDATE
                  SET record_no = excluded.record_no, received_at = excluded.received_at,
                      digest = excluded.digest, body = excluded.body
               RETURNING kind, native_no, receipt";
    let rows = Rows::column(all.iter().map(|it| it.kind))
        .and(all.iter().map(|it| it.native_no))
        .and(all.iter().map(|it| it.receipt))
        .and(all.iter().map(|it| it.record_no))
        .and(all.iter().map(|it| it.received_at))
        .and(all.iter().map(|it| it.digest))
        .and(all.iter().map(|it| it.body.as_slice()));
    let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    let put = tx.query_rows(sql, values![tenant, source, push], rows, read).await?;
    Ok(put.into_iter().collect())
}

/// How many records of each kind were put, each subject counted once.
pub async fn counts(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    push: PushNo,
) -> Result<BTreeMap<Kind, u64>, StoreError> {
    let sql = "SELECT kind, count(*) FROM push_record
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3
                GROUP BY kind ORDER BY kind";
    let found =
        tx.query(sql, values![tenant, source, push], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    Ok(found.into_iter().collect())
}

/// The first `records_max` records after `after`, by kind and number, with their sealed bodies.
pub async fn contents(
    tx: &mut Tx,
    tenant: TenantId,
    (source, push): (SourceNo, PushNo),
    after: Option<(Kind, i64)>,
    records_max: u32,
) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT kind, native_no, receipt, record_no, received_at, digest, body
                 FROM push_record
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3
                  AND (kind, native_no) > ($4, $5)
                ORDER BY kind, native_no LIMIT $6";
    let mut values = values![tenant, source, push];
    match after {
        Some((kind, native_no)) => values.extend(values![kind, native_no]),
        None => values.extend(values![0_i64, i64::MIN]),
    }
    values.extend(values![i64::from(records_max)]);
    tx.query(sql, values, |row| {
        Ok(Record {
            kind: row.get(0)?,
            native_no: row.get(1)?,
            receipt: row.get(2)?,
            record_no: row.get(3)?,
            received_at: row.get(4)?,
            digest: row.get(5)?,
            body: row.get(6)?,
        })
    })
    .await
}

/// Notes what `run` made of every record it read, and forgets what they said: `aside` was set aside,
/// what has an item in the run's plan is planned, and nothing changes by the rest.
pub async fn judge(
    tx: &mut Tx,
    tenant: TenantId,
    (source, push): (SourceNo, PushNo),
    run: RunNo,
    aside: &[(Kind, i64, String)],
) -> Result<(), StoreError> {
    let sql = "UPDATE push_record
                  SET body = $5, code = NULL,
                      outcome = CASE WHEN EXISTS
                          (SELECT 1 FROM plan_item i
                            WHERE i.tenant_id = $1 AND i.run_no = $4 AND i.part = 0
                              AND i.kind = push_record.kind
                              AND i.native_no = push_record.native_no)
                          THEN 'planned' ELSE 'unchanged' END
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3";
    tx.execute(sql, values![tenant, source, push, run, Vec::<u8>::new()]).await?;
    if aside.is_empty() {
        return Ok(());
    }
    let rows = Rows::column(aside.iter().map(|it| it.0))
        .and(aside.iter().map(|it| it.1))
        .and(aside.iter().map(|it| it.2.as_str()));
    let sql = "UPDATE push_record SET outcome = 'set_aside', code = given.code
                 FROM {rows kind int, native_no int, code text} AS given
                WHERE push_record.tenant_id = $1 AND push_record.source_no = $2
                  AND push_record.push_no = $3 AND push_record.kind = given.kind
                  AND push_record.native_no = given.native_no";
    tx.execute_rows(sql, values![tenant, source, push], rows).await?;
    Ok(())
}

/// Forgets what the records said that nobody will read.
pub async fn forget_contents(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    push: PushNo,
) -> Result<(), StoreError> {
    let sql = "UPDATE push_record SET body = $4
                WHERE tenant_id = $1 AND source_no = $2 AND push_no = $3";
    tx.execute(sql, values![tenant, source, push, Vec::<u8>::new()]).await?;
    Ok(())
}

/// The last record about a subject that was sent before `push` and was read.
pub async fn last_of(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    (kind, native_no): (Kind, i64),
    before: PushNo,
) -> Result<Option<Received>, StoreError> {
    let sql = received!(
        " AND x.kind = $3 AND x.native_no = $4 AND x.push_no < $5 AND x.outcome IS NOT NULL
        ORDER BY x.push_no DESC LIMIT 1"
    );
    tx.query_opt(sql, values![tenant, source, kind, native_no, before], read).await
}

/// The record of that receipt.
pub async fn find_receipt(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    receipt: Uuid,
) -> Result<Option<Received>, StoreError> {
    let sql = received!(" AND x.receipt = $3");
    tx.query_opt(sql, values![tenant, source, receipt], read).await
}

/// The first `records_max` records of a sending after `after`, by kind and number.
pub async fn receipts(
    tx: &mut Tx,
    tenant: TenantId,
    (source, push): (SourceNo, PushNo),
    after: Option<(Kind, i64)>,
    records_max: u32,
) -> Result<Vec<Received>, StoreError> {
    let sql = received!(
        " AND x.push_no = $3 AND (x.kind, x.native_no) > ($4, $5)
        ORDER BY x.kind, x.native_no LIMIT $6"
    );
    let mut values = values![tenant, source, push];
    match after {
        Some((kind, native_no)) => values.extend(values![kind, native_no]),
        None => values.extend(values![0_i64, i64::MIN]),
    }
    values.extend(values![i64::from(records_max)]);
    tx.query(sql, values, read).await
}

fn read(row: &Row<'_>) -> Result<Received, StoreError> {
    let outcome = match row.optional::<String>(7)?.as_deref() {
        None => None,
        Some("unchanged") => Some(Outcome::Unchanged),
        Some("planned") => Some(Outcome::Planned),
        Some(_) => Some(Outcome::SetAside { code: row.get(8)? }),
    };
    let plan = match row.optional(10)? {
        None => None,
        Some(hash) => Some((hash, read_state(row, 11)?)),
    };
    Ok(Received {
        push: row.get(0)?,
        record: Record {
            kind: row.get(1)?,
            native_no: row.get(2)?,
            receipt: row.get(3)?,
            record_no: row.get(4)?,
            received_at: row.get(5)?,
            digest: row.get(6)?,
            body: Vec::new(),
        },
        outcome,
        run: row.optional(9)?,
        plan,
    })
}
