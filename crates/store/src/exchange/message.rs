//! Messages: stored before they are sent, sent again until they are answered. Bodies are sealed by
//! the caller.
//!
//! Who changes both a lane and its message locks the lane first, so that no two wait for each other:
//! somebody's data may be forgotten while messages leave.

mod person;

pub use person::{
    Held, Listed, MessageState, give_up, held, list, one, release, revive, revive_all,
};

use crate::engine::bulk::{self, Cells, Table};
use crate::engine::{Row, Rows};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::exchange::lane::{Action, ActionFigures, Digest};
use kobling_domain::id::{SubjectNo, TargetNo, TenantId};
use kobling_domain::time::OPEN_START;

/// A message that is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Of whom.
    pub subject: SubjectNo,
    /// Its number in the lane.
    pub seq: i64,
    /// What it tells the target to do.
    pub action: Action,
    /// Lower ones are sent first.
    pub rank: i64,
    /// What is sent, sealed.
    pub body: Vec<u8>,
    /// What the target has once it has accepted it.
    pub leads_to: Option<Digest>,
    /// When it was made, and from when on it may be sent.
    pub made_at: Timestamp,
    /// Whether it has passed the target's brakes.
    pub cleared: bool,
}

/// A message that is being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Of whom.
    pub subject: SubjectNo,
    /// Its number in the lane.
    pub seq: i64,
    /// What it tells the target to do.
    pub action: Action,
    /// Lower ones are sent first.
    pub rank: i64,
    /// What is sent, sealed.
    pub body: Vec<u8>,
    /// How often it has been sent, this time included.
    pub attempts: u32,
}

/// Names a message: another one of the same lane has another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageKey {
    /// Of whom.
    pub subject: SubjectNo,
    /// Its number in the lane.
    pub seq: i64,
}

const MESSAGE: Table = Table {
    name: "message",
    key: &["tenant_id", "target_no", "subject_no"],
    columns: &[
        "seq",
        "action",
        "rank",
        "body",
        "leads_to",
        "made_at",
        "cleared",
        "attempts",
        "sent_at",
        "next_at",
        "dead_at",
        "reason",
        "owner",
        "given_up_by",
    ],
};

/// Stores messages, each in the place of the one its lane had. No subject stands there twice.
pub async fn put(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    messages: Vec<NewMessage>,
) -> Result<(), StoreError> {
    let rows = messages.into_iter().map(|it| (tenant, target, it)).collect();
    bulk::upsert(tx, &MESSAGE, rows, write).await
}

/// Takes away the messages of these subjects.
pub async fn remove(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subjects: &[SubjectNo],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM message
                WHERE tenant_id = $1 AND target_no = $2
                  AND subject_no IN (SELECT subject_no FROM {rows subject_no int} AS given)";
    let rows = Rows::column(subjects.iter().copied());
    tx.execute_rows(sql, values![tenant, target], rows).await?;
    Ok(())
}

/// What the brakes of a target look at: how many messages of each action nobody has let pass yet.
pub async fn uncleared(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<ActionFigures, StoreError> {
    let sql = "SELECT action, count(*) FROM message
                WHERE tenant_id = $1 AND target_no = $2 AND NOT cleared AND dead_at IS NULL
                GROUP BY action";
    let counts: Vec<(String, u64)> =
        tx.query(sql, values![tenant, target], |row| Ok((row.get(0)?, row.get(1)?))).await?;
    let count = |action: Action| {
        counts.iter().find(|(name, _)| name == action.name()).map_or(0, |(_, count)| *count)
    };
    Ok(ActionFigures {
        has: super::lane::has(tx, tenant, target).await?,
        create: count(Action::Create),
        change: count(Action::Change),
        inactivate: count(Action::Inactivate),
    })
}

/// Lets the messages of an action pass; tells how many.
pub async fn clear(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    action: Action,
) -> Result<u64, StoreError> {
    let sql = "UPDATE message SET cleared = $4
                WHERE tenant_id = $1 AND target_no = $2 AND action = $3 AND NOT cleared
                  AND dead_at IS NULL";
    tx.execute(sql, values![tenant, target, action.name(), true]).await
}

/// Takes the first messages whose time has come, in their order, and notes that they leave: what
/// dies from here on is sent again.
pub async fn take(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    now: Timestamp,
    messages_max: u32,
) -> Result<Vec<Taken>, StoreError> {
    let sql = "UPDATE target_subject SET seq = first.seq
                 FROM (SELECT subject_no, seq FROM message
                        WHERE tenant_id = $1 AND target_no = $2 AND cleared
                          AND dead_at IS NULL AND next_at <= $3
                        ORDER BY rank, subject_no LIMIT $4) AS first
                WHERE target_subject.tenant_id = $1 AND target_subject.target_no = $2
                  AND target_subject.subject_no = first.subject_no
               RETURNING target_subject.subject_no, target_subject.seq";
    let values = values![tenant, target, now, messages_max];
    let first: Vec<(SubjectNo, i64)> =
        tx.query(sql, values, |row| Ok((row.get(0)?, row.get(1)?))).await?;
    // What was forgotten while its lane was waited for is not taken.
    let sql = "UPDATE message SET attempts = attempts + 1, sent_at = coalesce(sent_at, $3)
                WHERE tenant_id = $1 AND target_no = $2 AND (subject_no, seq) IN
                      (SELECT subject_no, seq FROM {rows subject_no int, seq int} AS given)
               RETURNING subject_no, seq, action, rank, body, attempts";
    let rows = Rows::column(first.iter().map(|it| it.0)).and(first.iter().map(|it| it.1));
    let mut taken = tx.query_rows(sql, values![tenant, target, now], rows, read_taken).await?;
    taken.sort_by_key(|it| (it.rank, it.subject));
    Ok(taken)
}

/// Notes that a target took messages, and in which words. Their lanes have come to where they
/// lead; a lane that should be elsewhere by now is due at once.
pub async fn accept(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    now: Timestamp,
    messages: &[(MessageKey, String)],
) -> Result<(), StoreError> {
    let sql = "UPDATE target_subject
                  SET digest = m.leads_to, accepted_at = $3, answer = given.answer,
                      accepted = CASE WHEN m.leads_to IS NOT NULL THEN m.body END,
                      reconsider_on = CASE WHEN target_subject.wanted IS NOT DISTINCT FROM m.leads_to
                                           THEN target_subject.reconsider_on ELSE $4 END
                 FROM {rows subject_no int, seq int, answer text} AS given CROSS JOIN message m
                WHERE target_subject.tenant_id = $1 AND target_subject.target_no = $2
                  AND target_subject.subject_no = given.subject_no
                  AND m.tenant_id = $1 AND m.target_no = $2
                  AND m.subject_no = given.subject_no AND m.seq = given.seq";
    let rows = Rows::column(messages.iter().map(|(it, _)| it.subject))
        .and(messages.iter().map(|(it, _)| it.seq))
        .and(messages.iter().map(|(_, answer)| answer.as_str()));
    tx.execute_rows(sql, values![tenant, target, now, OPEN_START], rows).await?;
    let sql = "DELETE FROM message
                WHERE tenant_id = $1 AND target_no = $2 AND (subject_no, seq) IN
                      (SELECT subject_no, seq FROM {rows subject_no int, seq int} AS given)";
    let rows = Rows::column(messages.iter().map(|(it, _)| it.subject))
        .and(messages.iter().map(|(it, _)| it.seq));
    tx.execute_rows(sql, values![tenant, target], rows).await?;
    Ok(())
}

/// Notes that messages are to be sent again, each at its time, and what was wrong.
pub async fn postpone(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    messages: &[(MessageKey, Timestamp, String)],
) -> Result<(), StoreError> {
    let sql = "UPDATE message SET next_at = given.next_at, reason = given.reason
                 FROM {rows subject_no int, seq int, next_at instant, reason text} AS given
                WHERE message.tenant_id = $1 AND message.target_no = $2
                  AND message.subject_no = given.subject_no AND message.seq = given.seq";
    let rows = Rows::column(messages.iter().map(|(it, ..)| it.subject))
        .and(messages.iter().map(|(it, ..)| it.seq))
        .and(messages.iter().map(|(_, at, _)| *at))
        .and(messages.iter().map(|(.., reason)| reason.as_str()));
    tx.execute_rows(sql, values![tenant, target], rows).await?;
    Ok(())
}

/// What is known of a message that becomes a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The target said that it does not take it: it has what it had.
    Refused,
    /// Nobody knows: it may have arrived.
    Unknown,
}

/// Makes a message a dead letter; tells whether it was there. What a brake held stays held, should
/// somebody have it sent all the same.
pub async fn bury(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    message: MessageKey,
    (now, reason, owner): (Timestamp, &str, &str),
    fate: Fate,
) -> Result<bool, StoreError> {
    let MessageKey { subject, seq } = message;
    let sql = "UPDATE target_subject SET digest = $5, accepted = NULL
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3 AND EXISTS
                      (SELECT 1 FROM message m
                        WHERE m.tenant_id = $1 AND m.target_no = $2 AND m.subject_no = $3
                          AND m.seq = $4 AND m.sent_at IS NOT NULL)";
    match fate {
        Fate::Refused => {}
        Fate::Unknown => {
            const UNKNOWN: Digest = [0; 16];
            tx.execute(sql, values![tenant, target, subject, seq, UNKNOWN]).await?;
        }
    }
    let sql = "UPDATE target_subject SET reconsider_on = $5
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3 AND EXISTS
                      (SELECT 1 FROM message m
                        WHERE m.tenant_id = $1 AND m.target_no = $2 AND m.subject_no = $3
                          AND m.seq = $4
                          AND target_subject.wanted IS DISTINCT FROM m.leads_to)";
    tx.execute(sql, values![tenant, target, subject, seq, OPEN_START]).await?;
    let sql = "UPDATE message SET dead_at = $5, reason = $6, owner = $7
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3 AND seq = $4";
    let values = values![tenant, target, subject, seq, now, reason, owner];
    Ok(tx.execute(sql, values).await? == 1)
}

/// When the next message is to be sent; none if none is.
pub async fn next_at(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT next_at FROM message
                WHERE tenant_id = $1 AND target_no = $2 AND cleared AND dead_at IS NULL
                ORDER BY next_at LIMIT 1";
    tx.query_opt(sql, values![tenant, target], |row| row.get(0)).await
}

fn action(row: &Row<'_>, column: usize) -> Result<Action, StoreError> {
    let corrupt = StoreError::Corrupt { column, expected: "an action" };
    Action::from_name(&row.get::<String>(column)?).ok_or(corrupt)
}

fn read_taken(row: &Row<'_>) -> Result<Taken, StoreError> {
    Ok(Taken {
        subject: row.get(0)?,
        seq: row.get(1)?,
        action: action(row, 2)?,
        rank: row.get(3)?,
        body: row.get(4)?,
        attempts: row.get(5)?,
    })
}

fn write((tenant, target, it): &(TenantId, TargetNo, NewMessage), cells: &mut Cells<'_, '_>) {
    let nothing: Option<i64> = None;
    cells.put(*tenant);
    cells.put(*target);
    cells.put(it.subject);
    cells.put(it.seq);
    cells.put(it.action.name());
    cells.put(it.rank);
    cells.put(it.body.as_slice());
    cells.put(it.leads_to.as_ref());
    cells.put(it.made_at);
    cells.put(it.cleared);
    cells.put(0);
    cells.put(nothing);
    cells.put(it.made_at);
    cells.put(nothing);
    cells.put(nothing);
    cells.put(nothing);
    cells.put(nothing);
}
