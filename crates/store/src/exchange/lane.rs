//! Lanes: for each subject of a target, what it should have, what it has, and the message between
//! the two. Bodies are sealed by the caller.

use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{Accepted, Action, Digest, Sent, Unfinished};
use kobling_domain::id::{SubjectNo, TargetNo, TenantId};
use kobling_domain::people::Kind;
use kobling_domain::time::OPEN_START;

/// The digest of what is there and not known.
const UNKNOWN: Digest = [0; 16];

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Of whom.
    pub subject: SubjectNo,
    /// What the target should have; none if nothing.
    pub wanted: Option<Digest>,
    /// What it has.
    pub accepted: Accepted,
    /// The number of the last message that may have left.
    pub seq: i64,
    /// The day on which it is to be looked at again.
    pub reconsider_on: Option<Date>,
    /// Its unfinished message.
    pub message: Option<Unfinished>,
    /// Whether that message has passed the target's brakes.
    pub cleared: bool,
}

/// What a target should have of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of whom.
    pub subject: SubjectNo,
    /// What it is.
    pub kind: Kind,
    /// The digest of it; none if nothing.
    pub digest: Option<Digest>,
    /// The next day on which it would be something else by itself.
    pub reconsider_on: Option<Date>,
}

/// Where the lanes of a target stand. Every subject that it has, or should have, or is still told
/// of, is due and counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub due: u64,
    /// The target has what it should have.
    pub accepted: u64,
    /// A message is on its way, or about to be made.
    pub pending: u64,
    /// A message waits for a person to release it.
    pub held: u64,
    /// A message is a dead letter.
    pub rejected: u64,
}

/// The lanes of these subjects, by number. Those without one are left out.
pub async fn of(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subjects: &[SubjectNo],
) -> Result<Vec<Lane>, StoreError> {
    let sql = "SELECT s.subject_no, s.wanted, s.digest, s.seq, s.reconsider_on,
                      m.action, m.leads_to, m.sent_at, m.dead_at, m.cleared
                 FROM {rows subject_no int} AS given
                CROSS JOIN target_subject s
                 LEFT JOIN message m ON m.tenant_id = $1 AND m.target_no = $2
                                    AND m.subject_no = s.subject_no
                WHERE s.tenant_id = $1 AND s.target_no = $2 AND s.subject_no = given.subject_no
                ORDER BY s.subject_no";
    let rows = Rows::column(subjects.iter().copied());
    tx.query_rows(sql, values![tenant, target], rows, read).await
}

/// The last messages that the target took of these subjects, sealed as they were stored.
pub async fn accepted(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subjects: &[SubjectNo],
) -> Result<Vec<(SubjectNo, Vec<u8>)>, StoreError> {
    let sql = "SELECT s.subject_no, s.accepted
                 FROM {rows subject_no int} AS given CROSS JOIN target_subject s
                WHERE s.tenant_id = $1 AND s.target_no = $2 AND s.subject_no = given.subject_no
                  AND s.accepted IS NOT NULL
                ORDER BY s.subject_no";
    let rows = Rows::column(subjects.iter().copied());
    tx.query_rows(sql, values![tenant, target], rows, |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// The subjects of a kind that a target has, or should have, or is told of: the first
/// `subjects_max` after `after`, by number.
pub async fn page(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    kind: Kind,
    after: SubjectNo,
    subjects_max: u32,
) -> Result<Vec<SubjectNo>, StoreError> {
    let sql = "SELECT s.subject_no FROM target_subject s
                WHERE s.tenant_id = $1 AND s.target_no = $2 AND s.kind = $3 AND s.subject_no > $4
                  AND (s.wanted IS NOT NULL OR s.digest IS NOT NULL OR EXISTS
                       (SELECT 1 FROM message m
                         WHERE m.tenant_id = $1 AND m.target_no = $2
                           AND m.subject_no = s.subject_no))
                ORDER BY s.subject_no LIMIT $5";
    let values = values![tenant, target, kind, after, subjects_max];
    tx.query(sql, values, |row| row.get(0)).await
}

/// The subjects that are to be looked at again on `day` or were before, by number.
pub async fn due(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    day: Date,
) -> Result<Vec<(SubjectNo, Kind)>, StoreError> {
    let sql = "SELECT subject_no, kind FROM target_subject
                WHERE tenant_id = $1 AND target_no = $2 AND reconsider_on <= $3
                ORDER BY subject_no";
    tx.query(sql, values![tenant, target, day], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// The first day on which some subject is to be looked at again.
pub async fn next_due(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<Option<Date>, StoreError> {
    let sql = "SELECT reconsider_on FROM target_subject
                WHERE tenant_id = $1 AND target_no = $2 AND reconsider_on IS NOT NULL
                ORDER BY reconsider_on LIMIT 1";
    tx.query_opt(sql, values![tenant, target], |row| row.get(0)).await
}

/// Notes what a target should have of some subjects. No subject stands in `wanted` twice.
pub async fn want(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    wanted: &[Wanted],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO target_subject (tenant_id, target_no, subject_no, kind, wanted, seq,
                                           reconsider_on)
               SELECT $1, $2, given.subject_no, given.kind, given.wanted, 0, given.reconsider_on
                 FROM {rows subject_no int, kind int, wanted bytes, reconsider_on date} AS given
                WHERE true
               ON CONFLICT (tenant_id, target_no, subject_no) DO UPDATE
                  SET wanted = excluded.wanted, reconsider_on = excluded.reconsider_on";
    let rows = Rows::column(wanted.iter().map(|it| it.subject))
        .and(wanted.iter().map(|it| it.kind))
        .and(wanted.iter().map(|it| it.digest))
        .and(wanted.iter().map(|it| it.reconsider_on));
    tx.execute_rows(sql, values![tenant, target], rows).await?;
    Ok(())
}

/// Forgets what targets were told of persons whose data must not stand here any more: what they
/// took, and messages on their way. What they have is unknown from now on, and a fresh message
/// brings it to what they may have.
pub async fn forget(
    tx: &mut Tx,
    tenant: TenantId,
    persons: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "UPDATE target_subject SET accepted = NULL, wanted = NULL, reconsider_on = $2,
                      digest = CASE WHEN digest IS NOT NULL OR EXISTS
                                         (SELECT 1 FROM message m
                                           WHERE m.tenant_id = $1
                                             AND m.target_no = target_subject.target_no
                                             AND m.subject_no = target_subject.subject_no
                                             AND m.sent_at IS NOT NULL)
                                    THEN $3 ELSE digest END
                WHERE tenant_id = $1
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    let rows = || Rows::column(persons.iter().copied());
    tx.execute_rows(sql, values![tenant, OPEN_START, UNKNOWN], rows()).await?;
    let sql = "DELETE FROM message
                WHERE tenant_id = $1 AND (target_no, subject_no) IN
                      (SELECT s.target_no, s.subject_no
                         FROM {rows subject_no int} AS given CROSS JOIN target_subject s
                        WHERE s.tenant_id = $1 AND s.subject_no = given.subject_no)";
    tx.execute_rows(sql, values![tenant], rows()).await?;
    Ok(())
}

/// Forgets all that a target was told, and messages on their way: of those it was told of, nobody
/// knows from now on what it has. Numbers go on from where they were, as who receives them takes
/// no lower one.
pub async fn forget_all(tx: &mut Tx, tenant: TenantId, target: TargetNo) -> Result<(), StoreError> {
    let sql = "UPDATE target_subject SET accepted = NULL, wanted = NULL, reconsider_on = NULL,
                      accepted_at = NULL, answer = NULL,
                      digest = CASE WHEN digest IS NOT NULL OR EXISTS
                                         (SELECT 1 FROM message m
                                           WHERE m.tenant_id = $1 AND m.target_no = $2
                                             AND m.subject_no = target_subject.subject_no
                                             AND m.sent_at IS NOT NULL)
                                    THEN $3 ELSE digest END
                WHERE tenant_id = $1 AND target_no = $2";
    tx.execute(sql, values![tenant, target, UNKNOWN]).await?;
    let sql = "DELETE FROM message WHERE tenant_id = $1 AND target_no = $2";
    tx.execute(sql, values![tenant, target]).await?;
    Ok(())
}

/// Notes that what a target has of these subjects is not what it was sent, and not known.
pub async fn doubt(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subjects: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "UPDATE target_subject SET digest = $3
                WHERE tenant_id = $1 AND target_no = $2
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    let rows = Rows::column(subjects.iter().copied());
    tx.execute_rows(sql, values![tenant, target, UNKNOWN], rows).await?;
    Ok(())
}

/// Notes that these subjects are to be looked at again, whatever the day.
pub async fn reconsider(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subjects: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "UPDATE target_subject SET reconsider_on = $3
                WHERE tenant_id = $1 AND target_no = $2
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    let rows = Rows::column(subjects.iter().copied());
    tx.execute_rows(sql, values![tenant, target, OPEN_START], rows).await?;
    Ok(())
}

/// Where the lanes of a target stand.
pub async fn counts(tx: &mut Tx, tenant: TenantId, target: TargetNo) -> Result<Counts, StoreError> {
    let sql = "SELECT count(*),
                      count(CASE WHEN state = 'accepted' THEN 1 END),
                      count(CASE WHEN state = 'pending' THEN 1 END),
                      count(CASE WHEN state = 'held' THEN 1 END),
                      count(CASE WHEN state = 'rejected' THEN 1 END)
                 FROM (SELECT CASE WHEN m.dead_at IS NOT NULL THEN 'rejected'
                                   WHEN m.cleared THEN 'pending'
                                   WHEN m.subject_no IS NOT NULL THEN 'held'
                                   WHEN s.wanted = s.digest THEN 'accepted'
                                   ELSE 'pending' END AS state
                         FROM target_subject s
                         LEFT JOIN message m ON m.tenant_id = $1 AND m.target_no = $2
                                            AND m.subject_no = s.subject_no
                        WHERE s.tenant_id = $1 AND s.target_no = $2
                          AND (s.wanted IS NOT NULL OR s.digest IS NOT NULL
                               OR m.subject_no IS NOT NULL)) AS lanes";
    let counts = tx.query_opt(sql, values![tenant, target], |row| {
        Ok(Counts {
            due: row.get(0)?,
            accepted: row.get(1)?,
            pending: row.get(2)?,
            held: row.get(3)?,
            rejected: row.get(4)?,
        })
    });
    Ok(counts.await?.unwrap_or_default())
}

/// What a target took of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether it has the subject.
    pub has: bool,
    /// Whether what it has is what it should have.
    pub is_settled: bool,
    /// The number of the last message that may have left.
    pub seq: i64,
    /// When it last took one; none if it never did.
    pub at: Option<Timestamp>,
}

/// What a target took of `subject`; none if it was never told of it.
pub async fn taken(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subject: SubjectNo,
) -> Result<Option<Taken>, StoreError> {
    let sql = "SELECT wanted, digest, seq, accepted_at FROM target_subject
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3";
    let read = |row: &Row<'_>| {
        let (wanted, digest): (Option<Digest>, Option<Digest>) =
            (row.optional(0)?, row.optional(1)?);
        let (has, is_settled) = (digest.is_some(), wanted == digest);
        Ok(Taken { has, is_settled, seq: row.get(2)?, at: row.optional(3)? })
    };
    tx.query_opt(sql, values![tenant, target, subject], read).await
}

/// How many subjects a target has.
pub async fn has(tx: &mut Tx, tenant: TenantId, target: TargetNo) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM target_subject
                WHERE tenant_id = $1 AND target_no = $2 AND digest IS NOT NULL";
    Ok(tx.query_opt(sql, values![tenant, target], |row| row.get(0)).await?.unwrap_or(0))
}

fn read(row: &Row<'_>) -> Result<Lane, StoreError> {
    let action = row.optional::<String>(5)?.as_deref().and_then(Action::from_name);
    let sent = match (row.optional::<Timestamp>(7)?, row.optional::<Timestamp>(8)?) {
        (_, Some(_)) => Sent::Dead,
        (Some(_), None) => Sent::Unanswered,
        (None, None) => Sent::Never,
    };
    let leads_to = row.optional(6)?;
    Ok(Lane {
        subject: row.get(0)?,
        wanted: row.optional(1)?,
        accepted: match row.optional::<Digest>(2)? {
            None => Accepted::Nothing,
            Some(UNKNOWN) => Accepted::Unknown,
            Some(known) => Accepted::Known(known),
        },
        seq: row.get(3)?,
        reconsider_on: row.optional(4)?,
        message: action.map(|action| Unfinished { action, leads_to, sent }),
        cleared: row.optional(9)?.unwrap_or(false),
    })
}
