//! Runs: one reading of one source each.

use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, TenantId};

/// Where a run stands. A run that never finished died; nothing needs repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It reads, or died reading.
    Reading,
    /// What it found is in the ledger.
    Applied,
    /// It found nothing to change.
    Unchanged,
    /// Its plan waits for a person.
    Held,
    /// Its input was refused, or it failed.
    Refused,
}

impl RunState {
    const ALL: [Self; 5] =
        [Self::Reading, Self::Applied, Self::Unchanged, Self::Held, Self::Refused];

    /// The name in documents and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Held => "held",
            Self::Refused => "refused",
        }
    }
}

/// What a run is begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// The source it reads.
    pub source: SourceNo,
    /// The file's name.
    pub input_name: String,
    /// The file's date, where it tells one.
    pub input_date: Option<Date>,
    /// The employer's civil date, taken once.
    pub today: Date,
    /// When it began.
    pub started_at: Timestamp,
}

/// What a run ends with. Every record read is counted once: `read` is the sum of the next four.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// How it ended.
    pub state: RunState,
    /// When.
    pub finished_at: Timestamp,
    /// MAC of all bytes of the input, if it was read to its end.
    pub input_mac: Option<[u8; 32]>,
    /// The plan's hash, if there was one.
    pub plan_hash: Option<[u8; 32]>,
    /// The counts.
    pub counts: Counts,
    /// Whatever else there is to tell.
    pub detail: serde_json::Value,
}

/// The counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read.
    pub read: u64,
    /// Records that changed the ledger.
    pub applied: u64,
    /// Records that changed nothing.
    pub unchanged: u64,
    /// Records of a held plan.
    pub held: u64,
    /// Records set aside.
    pub quarantined: u64,
    /// Subjects the input no longer mentions.
    pub gone: u64,
    /// Records parsed.
    pub parsed: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number.
    pub no: RunNo,
    /// What it was begun with.
    pub begun: NewRun,
    /// Where it stands.
    pub state: RunState,
    /// Records read so far; while it reads, now and then written down.
    pub read: u64,
    /// How it ended; none while it reads, and if it died.
    pub finish: Option<Finish>,
}

/// Begins a run.
pub async fn begin(tx: &mut Tx, tenant: TenantId, run: &NewRun) -> Result<RunNo, StoreError> {
    let sql = "UPDATE tenant SET next_run_no = next_run_no + 1 WHERE tenant_id = $1
               RETURNING next_run_no - 1";
    let no: RunNo = tx
        .query_opt(sql, values![tenant], |row| row.get(0))
        .await?
        .ok_or(StoreError::Missing { what: "tenant" })?;
    let sql = "INSERT INTO run (tenant_id, run_no, source_no, input_name, input_date, today,
                                started_at, state, read, applied, unchanged, held, quarantined,
                                gone, parsed, detail)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, $9)";
    let NewRun { source, input_name, input_date, today, started_at } = run;
    let values = values![
        tenant,
        no,
        *source,
        input_name.as_str(),
        *input_date,
        *today,
        *started_at,
        RunState::Reading.name(),
        serde_json::Value::Null,
    ];
    tx.execute(sql, values).await?;
    Ok(no)
}

/// Ends a run, or changes how it ended.
pub async fn finish(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    finish: &Finish,
) -> Result<(), StoreError> {
    let sql = "UPDATE run SET state = $3, finished_at = $4, input_mac = $5, plan_hash = $6,
                      read = $7, applied = $8, unchanged = $9, held = $10, quarantined = $11,
                      gone = $12, parsed = $13, detail = $14
                WHERE tenant_id = $1 AND run_no = $2";
    let Finish { state, finished_at, input_mac, plan_hash, counts, detail } = finish;
    let values = values![
        tenant,
        run,
        state.name(),
        *finished_at,
        *input_mac,
        *plan_hash,
        counts.read,
        counts.applied,
        counts.unchanged,
        counts.held,
        counts.quarantined,
        counts.gone,
        counts.parsed,
        detail,
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// Why a run was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// When.
    pub at: Timestamp,
    /// MAC of all bytes of the input, if it is the input's fault.
    pub input_mac: Option<[u8; 32]>,
    /// The reason, and whatever else there is to tell.
    pub detail: serde_json::Value,
}

/// Notes how many records a run has read so far.
pub async fn tell(tx: &mut Tx, tenant: TenantId, run: RunNo, read: u64) -> Result<(), StoreError> {
    let sql = "UPDATE run SET read = $3 WHERE tenant_id = $1 AND run_no = $2 AND state = $4";
    tx.execute(sql, values![tenant, run, read, RunState::Reading.name()]).await?;
    Ok(())
}

/// Notes why a run was refused.
pub async fn refuse(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    refused: &Refused,
) -> Result<(), StoreError> {
    let sql = "UPDATE run SET state = $3, finished_at = $4, input_mac = $5, detail = $6
                WHERE tenant_id = $1 AND run_no = $2";
    let Refused { at, input_mac, detail } = refused;
    let state = RunState::Refused.name();
    tx.execute(sql, values![tenant, run, state, *at, *input_mac, detail]).await?;
    Ok(())
}

/// The run of that number.
pub async fn get(tx: &mut Tx, tenant: TenantId, run: RunNo) -> Result<Option<Run>, StoreError> {
    let sql = "SELECT run_no, source_no, input_name, input_date, today, started_at, state,
                      finished_at, input_mac, plan_hash, read, applied, unchanged, held,
                      quarantined, gone, parsed, detail
                 FROM run WHERE tenant_id = $1 AND run_no = $2";
    tx.query_opt(sql, values![tenant, run], read_run).await
}

/// The last `runs_max` runs of a source, newest first.
pub async fn last(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    runs_max: u32,
) -> Result<Vec<Run>, StoreError> {
    let sql = "SELECT run_no, source_no, input_name, input_date, today, started_at, state,
                      finished_at, input_mac, plan_hash, read, applied, unchanged, held,
                      quarantined, gone, parsed, detail
                 FROM run WHERE tenant_id = $1 AND source_no = $2 ORDER BY run_no DESC LIMIT $3";
    tx.query(sql, values![tenant, source, i64::from(runs_max)], read_run).await
}

/// The last `runs_max` runs of all sources that began before the one given, newest first.
pub async fn recent(
    tx: &mut Tx,
    tenant: TenantId,
    before: Option<RunNo>,
    runs_max: u32,
) -> Result<Vec<Run>, StoreError> {
    let before = before.unwrap_or(RunNo(i64::MAX));
    let sql = "SELECT run_no, source_no, input_name, input_date, today, started_at, state,
                      finished_at, input_mac, plan_hash, read, applied, unchanged, held,
                      quarantined, gone, parsed, detail
                 FROM run WHERE tenant_id = $1 AND run_no < $2 ORDER BY run_no DESC LIMIT $3";
    tx.query(sql, values![tenant, before, i64::from(runs_max)], read_run).await
}

/// How many runs of each source ended how.
pub async fn by_state(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Vec<(SourceNo, RunState, u64)>, StoreError> {
    let sql = "SELECT source_no, state, count(*) FROM run WHERE tenant_id = $1
                GROUP BY source_no, state ORDER BY source_no, state";
    let read = |row: &Row<'_>| Ok((row.get(0)?, read_state(row, 1)?, row.get(2)?));
    tx.query(sql, values![tenant], read).await
}

/// Whether a file of `day` or later has come to a source and was not refused.
pub async fn has_come(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    day: Date,
) -> Result<bool, StoreError> {
    let sql = "SELECT run_no FROM run
                WHERE tenant_id = $1 AND source_no = $2 AND input_date >= $3
                  AND state IN ('applied', 'unchanged', 'held') LIMIT 1";
    let found = tx.query_opt(sql, values![tenant, source, day], |row| row.get::<i64>(0)).await?;
    Ok(found.is_some())
}

fn read_run(row: &Row<'_>) -> Result<Run, StoreError> {
    let begun = NewRun {
        source: row.get(1)?,
        input_name: row.get(2)?,
        input_date: row.optional(3)?,
        today: row.get(4)?,
        started_at: row.get(5)?,
    };
    let finish = match row.optional(7)? {
        None => None,
        Some(finished_at) => Some(read_finish(row, finished_at)?),
    };
    Ok(Run { no: row.get(0)?, begun, state: read_state(row, 6)?, read: row.get(10)?, finish })
}

pub(super) fn read_state(row: &Row<'_>, column: usize) -> Result<RunState, StoreError> {
    let name: String = row.get(column)?;
    let corrupt = StoreError::Corrupt { column, expected: "a run's state" };
    RunState::ALL.into_iter().find(|it| it.name() == name).ok_or(corrupt)
}

fn read_finish(row: &Row<'_>, finished_at: Timestamp) -> Result<Finish, StoreError> {
    Ok(Finish {
        state: read_state(row, 6)?,
        finished_at,
        input_mac: row.optional(8)?,
        plan_hash: row.optional(9)?,
        counts: Counts {
            read: row.get(10)?,
            applied: row.get(11)?,
            unchanged: row.get(12)?,
            held: row.get(13)?,
            quarantined: row.get(14)?,
            gone: row.get(15)?,
            parsed: row.get(16)?,
        },
        detail: row.get(17)?,
    })
}
