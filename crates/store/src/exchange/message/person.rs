//! What a person sees of messages, and decides.

use super::{Fate, MessageKey, action, bury};
use crate::engine::Row;
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use kobling_domain::exchange::lane::{Action, Digest};
use kobling_domain::id::{SubjectId, SubjectNo, TargetNo, TenantId};
use kobling_domain::people::Kind;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// It is sent when its time has come.
    Pending,
    /// A brake holds it.
    Held,
    /// It is a dead letter.
    Dead,
}

/// A message as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Of whom, inside the store.
    pub subject_no: SubjectNo,
    /// Of whom.
    pub subject: SubjectId,
    /// What that is.
    pub kind: Kind,
    /// Its number in the lane.
    pub seq: i64,
    /// What it tells the target to do.
    pub action: Action,
    /// Where it stands.
    pub state: MessageState,
    /// How often it has been sent.
    pub attempts: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is sent next.
    pub next_at: Timestamp,
    /// What was wrong the last time.
    pub reason: Option<String>,
    /// Who has to see to it.
    pub owner: Option<String>,
    /// What is sent, sealed.
    pub body: Vec<u8>,
}

/// A message that waits for a person, and where it leads: another one in its place leads elsewhere
/// or was made at another time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Of whom.
    pub subject: SubjectNo,
    /// Its number in the lane.
    pub seq: i64,
    /// What the target has once it has accepted it.
    pub leads_to: Option<Digest>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// The messages of an action that nobody has let pass yet, by subject.
pub async fn held(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    action: Action,
) -> Result<Vec<Held>, StoreError> {
    let sql = "SELECT subject_no, seq, leads_to, made_at FROM message
                WHERE tenant_id = $1 AND target_no = $2 AND action = $3 AND NOT cleared
                  AND dead_at IS NULL ORDER BY subject_no";
    tx.query(sql, values![tenant, target, action.name()], read_held).await
}

/// Lets the messages of an action pass, and tells which these were, by subject.
pub async fn release(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    action: Action,
) -> Result<Vec<Held>, StoreError> {
    let sql = "UPDATE message SET cleared = $4
                WHERE tenant_id = $1 AND target_no = $2 AND action = $3 AND NOT cleared
                  AND dead_at IS NULL
               RETURNING subject_no, seq, leads_to, made_at";
    let values = values![tenant, target, action.name(), true];
    let mut released = tx.query(sql, values, read_held).await?;
    released.sort_unstable();
    Ok(released)
}

/// Makes a message a dead letter because a person says so.
pub async fn give_up(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    message: MessageKey,
    (now, reason, by): (Timestamp, &str, &str),
) -> Result<(), StoreError> {
    bury(tx, tenant, target, message, (now, reason, by), Fate::Unknown).await?;
    let sql = "UPDATE message SET given_up_by = $5
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3 AND seq = $4";
    tx.execute(sql, values![tenant, target, message.subject, message.seq, by]).await?;
    Ok(())
}

/// Lets every dead letter be sent again, byte for byte, but those that a person gave up; tells how
/// many.
pub async fn revive_all(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sql = "UPDATE message SET dead_at = NULL, attempts = 0, next_at = $3, owner = NULL
                WHERE tenant_id = $1 AND target_no = $2 AND dead_at IS NOT NULL
                  AND given_up_by IS NULL";
    tx.execute(sql, values![tenant, target, now]).await
}

/// Lets a dead letter be sent again, byte for byte; tells whether there was one.
pub async fn revive(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subject: SubjectNo,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE message SET dead_at = NULL, attempts = 0, next_at = $4, owner = NULL,
                                  given_up_by = NULL
                WHERE tenant_id = $1 AND target_no = $2 AND subject_no = $3
                  AND dead_at IS NOT NULL";
    Ok(tx.execute(sql, values![tenant, target, subject, now]).await? == 1)
}

/// The unfinished messages of a target in the order in which they are sent, at most
/// `messages_max`.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    messages_max: u32,
) -> Result<Vec<Listed>, StoreError> {
    let sql = "SELECT m.subject_no, s.subject_id, s.kind, m.seq, m.action, m.cleared, m.dead_at,
                      m.attempts, m.made_at, m.next_at, m.reason, m.owner, m.body
                 FROM message m CROSS JOIN subject s
                WHERE m.tenant_id = $1 AND m.target_no = $2
                  AND s.tenant_id = $1 AND s.subject_no = m.subject_no
                ORDER BY m.rank, m.subject_no LIMIT $3";
    tx.query(sql, values![tenant, target, messages_max], read_listed).await
}

/// The unfinished message of a subject.
pub async fn one(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    subject: SubjectNo,
) -> Result<Option<Listed>, StoreError> {
    let sql = "SELECT m.subject_no, s.subject_id, s.kind, m.seq, m.action, m.cleared, m.dead_at,
                      m.attempts, m.made_at, m.next_at, m.reason, m.owner, m.body
                 FROM message m CROSS JOIN subject s
                WHERE m.tenant_id = $1 AND m.target_no = $2 AND m.subject_no = $3
                  AND s.tenant_id = $1 AND s.subject_no = m.subject_no";
    tx.query_opt(sql, values![tenant, target, subject], read_listed).await
}

fn read_held(row: &Row<'_>) -> Result<Held, StoreError> {
    let (subject, seq, made_at) = (row.get(0)?, row.get(1)?, row.get(3)?);
    Ok(Held { subject, seq, leads_to: row.optional(2)?, made_at })
}

fn read_listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    let state = match (row.get(5)?, row.optional::<Timestamp>(6)?) {
        (_, Some(_)) => MessageState::Dead,
        (true, None) => MessageState::Pending,
        (false, None) => MessageState::Held,
    };
    Ok(Listed {
        subject_no: row.get(0)?,
        subject: row.get(1)?,
        kind: row.get(2)?,
        seq: row.get(3)?,
        action: action(row, 4)?,
        state,
        attempts: row.get(7)?,
        made_at: row.get(8)?,
        next_at: row.get(9)?,
        reason: row.optional(10)?,
        owner: row.optional(11)?,
        body: row.get(12)?,
    })
}
