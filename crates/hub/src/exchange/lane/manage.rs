//! What a person can see of messages, and decide.

use super::LaneError;
use super::held;
use super::order;
use super::save;
use crate::Hub;
use crate::access;
use crate::exchange::decision::Decision;
use jiff::Timestamp;
use kobling_domain::exchange::lane::Action;
use kobling_domain::id::{SubjectId, SubjectNo, TargetNo, TenantId};
use kobling_domain::people::{Field, Kind};
use kobling_formats::messages::{Content, Document, Fields};
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::message::{self, MessageKey, MessageState};
use kobling_store::exchange::{lane, target};
use kobling_store::job;
use kobling_store::people::subject;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Messages listed at most.
pub const LISTED_MAX: u32 = 10_000;

/// A message that has not ended well yet.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The target's key.
    pub target: String,
    /// Our own id of the subject.
    pub subject: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// Its name, as far as the target may have it.
    pub name: Option<String>,
    /// What the message tells the target to do.
    pub action: Action,
    /// Its number in the lane.
    pub seq: i64,
    /// `pending`, `held` or `rejected`.
    pub state: &'static str,
    /// What differs from what the target has.
    pub changed: Vec<String>,
    /// How often it has been sent.
    pub attempts: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is sent next; none if it is not.
    pub next_at: Option<Timestamp>,
    /// What was wrong the last time.
    pub reason: Option<String>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// What all that is held of its action is released by; none if it is not held.
    pub hash: Option<String>,
}

/// What a person decided.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    /// The target's key.
    pub target: String,
    /// How many messages it concerns.
    pub messages: u64,
}

/// The unfinished messages of the target of that key, in the order in which they are sent.
#[crate::boxed]
pub async fn list(hub: &Hub, tenant: TenantId, key: &str) -> Result<Vec<Listed>, LaneError> {
    let mut tx = hub.db.read().await?;
    let no = number(&mut tx, tenant, key).await?;
    let stored = message::list(&mut tx, tenant, no, LISTED_MAX).await?;
    let subjects: Vec<_> = stored.iter().map(|it| it.subject_no).collect();
    let accepted = lane::accepted(&mut tx, tenant, no, &subjects).await?;
    let accepted: BTreeMap<SubjectNo, Vec<u8>> = accepted.into_iter().collect();
    let hashes = held::hashes(&mut tx, tenant, no).await?;
    let mut listed = Vec::with_capacity(stored.len());
    for it in stored {
        let before = accepted.get(&it.subject_no).map(Vec::as_slice);
        let hash = hashes.get(&it.action).filter(|_| it.state == MessageState::Held).cloned();
        listed.push(Listed { hash, ..opened(hub, (tenant, no), key, it, before)? });
    }
    Ok(listed)
}

/// The unfinished message of a subject, if there is one.
pub async fn find(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    subject: SubjectId,
) -> Result<Option<Listed>, LaneError> {
    let mut tx = hub.db.read().await?;
    let no = number(&mut tx, tenant, key).await?;
    let Some(subject) = subject::by_id(&mut tx, tenant, subject).await? else { return Ok(None) };
    let Some(it) = message::one(&mut tx, tenant, no, subject.no).await? else { return Ok(None) };
    let accepted = lane::accepted(&mut tx, tenant, no, &[subject.no]).await?;
    let hash = match it.state {
        MessageState::Held => held::hashes(&mut tx, tenant, no).await?.remove(&it.action),
        MessageState::Pending | MessageState::Dead => None,
    };
    let before = accepted.first().map(|it| it.1.as_slice());
    Ok(Some(Listed { hash, ..opened(hub, (tenant, no), key, it, before)? }))
}

fn opened(
    hub: &Hub,
    (tenant, no): (TenantId, TargetNo),
    key: &str,
    it: message::Listed,
    before: Option<&[u8]>,
) -> Result<Listed, LaneError> {
    let document = save::open(hub, tenant, no, it.subject_no, &it.body)?;
    let before = before.map(|sealed| save::open(hub, tenant, no, it.subject_no, sealed));
    Ok(shown(key, it, document, before.transpose()?))
}

fn shown(key: &str, it: message::Listed, document: Document, before: Option<Document>) -> Listed {
    let before = before.and_then(|it| it.content);
    let content = document.content.as_ref().or(before.as_ref());
    Listed {
        target: key.to_owned(),
        subject: it.subject,
        kind: it.kind,
        name: content.and_then(name),
        action: it.action,
        seq: it.seq,
        state: match it.state {
            MessageState::Pending => "pending",
            MessageState::Held => "held",
            MessageState::Dead => "rejected",
        },
        changed: document.changed.unwrap_or_default(),
        attempts: it.attempts,
        made_at: it.made_at,
        next_at: Some(it.next_at).filter(|_| it.state == MessageState::Pending),
        reason: it.reason,
        owner: it.owner,
        hash: None,
    }
}

/// The name of a unit or a person.
pub(super) fn name(content: &Content) -> Option<String> {
    match content {
        Content::Unit(it) => text(&it.fields, Field::UnitName),
        Content::Person(it) => text(&it.fields, Field::PersonName),
    }
}

/// The e-mail of a person.
pub(super) fn email(content: &Content) -> Option<String> {
    match content {
        Content::Unit(_) => None,
        Content::Person(it) => text(&it.fields, Field::PersonEmail),
    }
}

fn text(fields: &Fields, field: Field) -> Option<String> {
    fields.get(field.name()).and_then(|it| it.as_str()).map(str::to_owned)
}

/// Lets the messages pass that `hash` names: those that a brake holds of one action, as they were
/// when a person looked at them.
///
/// # Errors
///
/// Refuses, and lets nothing pass, if others are held by now, or while a delivery is under way,
/// whose messages no brake has judged yet.
#[crate::boxed]
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<Decided, LaneError> {
    let (mut tx, no) = begin(hub, tenant, key).await?;
    let (key, now) = (key.to_owned(), hub.clock.now());
    if job::is_under_way(&mut tx, tenant, (job::DELIVER, &key), now).await? {
        return Err(LaneError::UnderWay { key });
    }
    let hashes = held::hashes(&mut tx, tenant, no).await?;
    if hashes.is_empty() {
        return Err(LaneError::NothingHeld { key });
    }
    let hash = hash.to_owned();
    let Some((action, _)) = hashes.iter().find(|(_, it)| **it == hash) else {
        return Err(LaneError::HeldOtherwise { key, hash });
    };
    let released = message::release(&mut tx, tenant, no, *action).await?;
    // What came since it was read passes no more than what was there before it.
    if held::hash(*action, &released) != hash {
        return Err(LaneError::HeldOtherwise { key, hash });
    }
    let messages = u64::try_from(released.len()).unwrap_or(u64::MAX);
    let detail = json!({ "action": action, "messages": messages, "hash": hash });
    end(hub, tx, (tenant, &key), decision, "delivery.release", detail).await?;
    Ok(Decided { target: key, messages })
}

/// Lets dead letters be sent again, byte for byte: that of one subject, or all but those that a
/// person gave up. `seen` is the number of the one that was looked at; none for whichever it is.
#[crate::boxed]
pub async fn retry(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    (of, seen): (Option<SubjectId>, Option<i64>),
    decision: &Decision<'_>,
) -> Result<Decided, LaneError> {
    let (mut tx, no) = begin(hub, tenant, key).await?;
    let now = hub.clock.now();
    let messages = match of {
        None => message::revive_all(&mut tx, tenant, no, now).await?,
        Some(subject) => {
            let what = "dead letter";
            let it = one(&mut tx, tenant, no, (subject, seen), what).await?;
            if !message::revive(&mut tx, tenant, no, it.subject_no, now).await? {
                return Err(LaneError::NoMessage { what, subject });
            }
            1
        }
    };
    let detail = json!({ "subject": of, "messages": messages });
    end(hub, tx, (tenant, key), decision, "delivery.retry", detail).await?;
    Ok(Decided { target: key.to_owned(), messages })
}

/// Makes the unfinished message of a subject a dead letter: nobody sends it any more until
/// somebody says so, or something else is to be told. `seen` as for [`retry`].
#[crate::boxed]
pub async fn give_up(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    (id, seen): (SubjectId, Option<i64>),
    decision: &Decision<'_>,
) -> Result<Decided, LaneError> {
    let (mut tx, no) = begin(hub, tenant, key).await?;
    let it = one(&mut tx, tenant, no, (id, seen), "unfinished message").await?;
    let message = MessageKey { subject: it.subject_no, seq: it.seq };
    let why = (hub.clock.now(), decision.reason(), decision.by());
    message::give_up(&mut tx, tenant, no, message, why).await?;
    let detail = json!({ "subject": id, "seq": it.seq });
    end(hub, tx, (tenant, key), decision, "delivery.give_up", detail).await?;
    Ok(Decided { target: key.to_owned(), messages: 1 })
}

async fn one(
    tx: &mut Tx,
    tenant: TenantId,
    target: TargetNo,
    (id, seen): (SubjectId, Option<i64>),
    what: &'static str,
) -> Result<message::Listed, LaneError> {
    let missing = LaneError::NoMessage { what, subject: id };
    let Some(subject) = subject::by_id(tx, tenant, id).await? else { return Err(missing) };
    let found = message::one(tx, tenant, target, subject.no).await?.ok_or(missing)?;
    match seen {
        Some(seen) if seen != found.seq => Err(LaneError::Otherwise { subject: id }),
        Some(_) | None => Ok(found),
    }
}

async fn number(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<TargetNo, LaneError> {
    let configuration = access::load(tx, tenant).await?;
    order::target_text(&configuration, key)?;
    let stored = target::by_key(tx, tenant, key).await?;
    stored.map(|it| it.no).ok_or_else(|| LaneError::Unapplied { key: key.to_owned() })
}

async fn begin(hub: &Hub, tenant: TenantId, key: &str) -> Result<(Tx, TargetNo), LaneError> {
    let mut tx = hub.db.write().await?;
    let no = number(&mut tx, tenant, key).await?;
    Ok((tx, no))
}

/// Writes down who decided what and why, and asks that it be done.
async fn end(
    hub: &Hub,
    mut tx: Tx,
    (tenant, key): (TenantId, &str),
    decision: &Decision<'_>,
    action: &str,
    detail: serde_json::Value,
) -> Result<(), LaneError> {
    let detail = json!({ "target": key, "what": detail, "reason": decision.reason() });
    audit::write(&mut tx, tenant, &decision.entry(hub.clock.now(), action, detail)).await?;
    job::ask(&mut tx, tenant, job::DELIVER, key, hub.clock.now()).await?;
    Ok(tx.commit().await?)
}
