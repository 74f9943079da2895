//! Jobs: work that is to be done, claimed by lease and done outside any transaction.
//!
//! A job is asked for in the transaction of the change that needs it. Asking twice is asking once;
//! what is asked for while it is done is done once more. Jobs are the one thing that is looked for
//! across tenants, by whoever has time.

use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::id::TenantId;

/// Brings a target up to date: its lanes and what is on them, or the set of files that is on its
/// way.
pub const DELIVER: &str = "deliver";
/// Looks whether something has come to a source, and reads it.
pub const READ: &str = "read";
/// Sends the letter that tells of a notice.
pub const NOTIFY: &str = "notify";
/// Reads what waits at a source, as somebody asked.
pub const RUN: &str = "run";
/// Tells a webhook what happened.
pub const WEBHOOK: &str = "webhook";
/// Every kind of job.
pub const KINDS: [&str; 5] = [DELIVER, READ, NOTIFY, RUN, WEBHOOK];

/// When a job runs that nobody asks for. Its row stays: a number of a lease that was given again
/// would let somebody who lost the job long ago take it for theirs.
const NEVER: Timestamp = Timestamp::constant(253_370_764_800, 0);

/// A job that is ours until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub key: String,
    /// How often it had been asked for when it was claimed.
    asked: i64,
    /// Ours; who claims it later has a higher one.
    lease_no: i64,
    /// How often it has failed since it last went well.
    pub failures: u32,
}

/// A job as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub key: String,
    /// Not before.
    pub run_at: Timestamp,
    /// Who claimed it has it until then.
    pub lease_until: Option<Timestamp>,
    /// How often it has failed since it last went well.
    pub failures: u32,
    /// Why, the last time.
    pub error: Option<String>,
}

impl Waiting {
    /// Whether it is to be done some day.
    pub fn is_wanted(&self) -> bool {
        self.run_at < NEVER
    }
}

/// Asks for a job at `run_at`, or earlier if it was asked for earlier.
pub async fn ask(
    tx: &mut Tx,
    tenant: TenantId,
    kind: &str,
    key: &str,
    run_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (tenant_id, kind, key, run_at, asked, lease_no, failures)
               VALUES ($1, $2, $3, $4, 1, 0, 0)
               ON CONFLICT (tenant_id, kind, key) DO UPDATE
                  SET asked = job.asked + 1,
                      run_at = CASE WHEN job.run_at < excluded.run_at THEN job.run_at
                                    ELSE excluded.run_at END";
    tx.execute(sql, values![tenant, kind, key, run_at]).await?;
    Ok(())
}

/// Says when a job is due next, whatever was said before.
pub async fn schedule(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
    run_at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (tenant_id, kind, key, run_at, asked, lease_no, failures)
               VALUES ($1, $2, $3, $4, 1, 0, 0)
               ON CONFLICT (tenant_id, kind, key) DO UPDATE SET run_at = excluded.run_at";
    tx.execute(sql, values![tenant, kind, key, run_at]).await?;
    Ok(())
}

/// Asks that every target of a tenant that has lanes and is configured follow the ledger, whose
/// transaction this is, and that webhooks be told.
pub async fn ask_to_deliver(
    tx: &mut Tx,
    tenant: TenantId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (tenant_id, kind, key, run_at, asked, lease_no, failures)
               SELECT tenant_id, 'deliver', key, $2, 1, 0, 0 FROM target
                WHERE tenant_id = $1 AND closed_at IS NULL
               ON CONFLICT (tenant_id, kind, key) DO UPDATE
                  SET asked = job.asked + 1,
                      run_at = CASE WHEN job.run_at < excluded.run_at THEN job.run_at
                                    ELSE excluded.run_at END";
    tx.execute(sql, values![tenant, now]).await?;
    let sql = "INSERT INTO job (tenant_id, kind, key, run_at, asked, lease_no, failures)
               SELECT tenant_id, 'webhook', key, $2, 1, 0, 0 FROM webhook
                WHERE tenant_id = $1 AND stopped_at IS NULL
               ON CONFLICT (tenant_id, kind, key) DO UPDATE
                  SET asked = job.asked + 1,
                      run_at = CASE WHEN job.run_at < excluded.run_at THEN job.run_at
                                    ELSE excluded.run_at END";
    tx.execute(sql, values![tenant, now]).await?;
    Ok(())
}

/// Says when a job is due next, also where somebody does it just now. One whose time has come by
/// `now` and that nobody has done yet stays due.
pub async fn appoint(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
    run_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO job (tenant_id, kind, key, run_at, asked, lease_no, failures)
               VALUES ($1, $2, $3, $4, 1, 0, 0)
               ON CONFLICT (tenant_id, kind, key) DO UPDATE
                  SET asked = job.asked + 1,
                      run_at = CASE WHEN job.run_at <= $5
                                     AND (job.lease_until IS NULL OR job.lease_until <= $5)
                                    THEN job.run_at ELSE excluded.run_at END";
    tx.execute(sql, values![tenant, kind, key, run_at, now]).await?;
    Ok(())
}

/// Claims the job that has waited longest, of all of these kinds whose time has come and that
/// nobody has.
pub async fn claim_next(
    tx: &mut Tx,
    kinds: &[&str],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    let sql = "UPDATE job SET lease_until = $2, lease_no = lease_no + 1
                WHERE (tenant_id, kind, key) =
                      (SELECT tenant_id, kind, key FROM job
                        WHERE run_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
                          AND kind IN (SELECT of_kind FROM {rows of_kind text} AS given)
                        ORDER BY run_at, tenant_id, kind, key LIMIT 1 {skip locked})
               RETURNING tenant_id, kind, key, asked, lease_no, failures";
    let kinds = Rows::column(kinds.iter().copied());
    let claimed = tx.query_rows(sql, values![now, lease_until], kinds, read_claimed).await?;
    Ok(claimed.into_iter().next())
}

/// Claims one job, whose time has come or not; none if somebody has it, or nobody asked for it.
pub async fn claim(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    let sql = "UPDATE job SET lease_until = $5, lease_no = lease_no + 1
                WHERE tenant_id = $1 AND kind = $2 AND key = $3
                  AND (lease_until IS NULL OR lease_until <= $4)
               RETURNING tenant_id, kind, key, asked, lease_no, failures";
    tx.query_opt(sql, values![tenant, kind, key, now, lease_until], read_claimed).await
}

/// Whether somebody does a job at `now`.
pub async fn is_under_way(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT lease_no FROM job
                WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND lease_until > $4";
    let found = tx.query_opt(sql, values![tenant, kind, key, now], |row| row.get::<i64>(0)).await?;
    Ok(found.is_some())
}

/// Keeps a job ours for longer; false if it is not ours any more.
pub async fn renew(tx: &mut Tx, job: &Claimed, lease_until: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE job SET lease_until = $5
                WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND lease_no = $4";
    let Claimed { tenant, kind, key, lease_no, .. } = job;
    let values = values![*tenant, kind.as_str(), key.as_str(), *lease_no, lease_until];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Ends a job that went well. It runs again at `next`, else when it is asked for, and at once if it
/// was asked for meanwhile. Who lost the lease changes nothing.
pub async fn finish(tx: &mut Tx, job: &Claimed, next: Option<Timestamp>) -> Result<(), StoreError> {
    let sql = "UPDATE job SET lease_until = NULL, failures = 0, error = NULL,
                      run_at = CASE WHEN asked = $5 THEN $6 ELSE run_at END
                WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND lease_no = $4";
    let Claimed { tenant, kind, key, asked, lease_no, .. } = job;
    let (kind, key, next) = (kind.as_str(), key.as_str(), next.unwrap_or(NEVER));
    tx.execute(sql, values![*tenant, kind, key, *lease_no, *asked, next]).await?;
    Ok(())
}

/// Ends a job that failed; it is tried again at `next`, else when it is asked for, and at once if
/// it was asked for meanwhile.
pub async fn fail(
    tx: &mut Tx,
    job: &Claimed,
    error: &str,
    next: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sql = "UPDATE job SET lease_until = NULL, failures = failures + 1, error = $7,
                      run_at = CASE WHEN asked = $5 THEN $6 ELSE run_at END
                WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND lease_no = $4";
    let Claimed { tenant, kind, key, asked, lease_no, .. } = job;
    let (kind, key, next) = (kind.as_str(), key.as_str(), next.unwrap_or(NEVER));
    tx.execute(sql, values![*tenant, kind, key, *lease_no, *asked, next, error]).await?;
    Ok(())
}

/// Notes that a job is not needed any more, whoever does it.
pub async fn forget(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
) -> Result<(), StoreError> {
    let sql = "UPDATE job SET run_at = $4, failures = 0, error = NULL
                WHERE tenant_id = $1 AND kind = $2 AND key = $3";
    tx.execute(sql, values![tenant, kind, key, NEVER]).await?;
    Ok(())
}

/// Takes a job away, from whoever does it too.
pub async fn cancel(
    tx: &mut Tx,
    tenant: TenantId,
    kind: &str,
    key: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE job SET lease_no = lease_no + 1, lease_until = NULL, failures = 0,
                              error = NULL, run_at = $4
                WHERE tenant_id = $1 AND kind = $2 AND key = $3";
    tx.execute(sql, values![tenant, kind, key, NEVER]).await?;
    Ok(())
}

/// A job, whether it waits or not; none that nobody ever asked for.
pub async fn get(
    tx: &mut Tx,
    tenant: TenantId,
    (kind, key): (&str, &str),
) -> Result<Option<Waiting>, StoreError> {
    let sql = "SELECT tenant_id, kind, key, run_at, lease_until, failures, error FROM job
                WHERE tenant_id = $1 AND kind = $2 AND key = $3";
    tx.query_opt(sql, values![tenant, kind, key], read_waiting).await
}

/// Every job of all tenants that waits or has failed, by time.
pub async fn list(tx: &mut Tx) -> Result<Vec<Waiting>, StoreError> {
    let sql = "SELECT tenant_id, kind, key, run_at, lease_until, failures, error FROM job
                WHERE run_at < $1 OR error IS NOT NULL ORDER BY run_at, tenant_id, kind, key";
    tx.query(sql, values![NEVER], read_waiting).await
}

fn read_waiting(row: &Row<'_>) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        tenant: row.get(0)?,
        kind: row.get(1)?,
        key: row.get(2)?,
        run_at: row.get(3)?,
        lease_until: row.optional(4)?,
        failures: row.get(5)?,
        error: row.optional(6)?,
    })
}

fn read_claimed(row: &Row<'_>) -> Result<Claimed, StoreError> {
    Ok(Claimed {
        tenant: row.get(0)?,
        kind: row.get(1)?,
        key: row.get(2)?,
        asked: row.get(3)?,
        lease_no: row.get(4)?,
        failures: row.get(5)?,
    })
}
