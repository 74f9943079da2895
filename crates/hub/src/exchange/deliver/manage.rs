//! What a person can see of a set on its way to a target, and decide: it is one lane, whose message
//! is the whole set.

use super::pending::{Held, Release};
use super::{DeliverError, order};
use crate::Hub;
use crate::access;
use crate::exchange::decision::Decision;
use crate::exchange::lane::{Brake, Counted, Standing};
use crate::exchange::target as configured;
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::exchange::lane::{Action, TrippedAction};
use kobling_domain::id::TenantId;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::pending::{self, PendingSet, Trouble};
use kobling_store::exchange::{delivered, file_receipt};
use kobling_store::job;
use serde::Serialize;
use serde_json::json;

/// A set that the target has not taken yet.
#[derive(Clone, Debug, Serialize)]
pub struct ListedSet {
    /// The target's key.
    pub target: String,
    /// Its number among the target's.
    pub set: i64,
    /// Its files that have no receipt yet, in the receiver's order; none of a set that is held.
    pub files: Vec<String>,
    /// The ledger version it was made from.
    pub version: i64,
    /// The employer's civil date it was made for.
    pub as_of: Date,
    /// `pending`, `held` or `rejected`.
    pub state: &'static str,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is tried again by itself; none if it is not.
    pub next_at: Option<Timestamp>,
    /// What was wrong the last time, or what holds it.
    pub reason: Option<String>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// What it is released by; none if it is not held.
    pub hash: Option<String>,
}

/// Where a set that was not taken yet stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Pending,
    Held,
    Rejected,
}

impl State {
    fn of(set: &PendingSet, held: Option<&Held>) -> Self {
        match held {
            Some(it) if it.released.is_none() => Self::Held,
            Some(_) | None if set.trouble.dead_at.is_some() => Self::Rejected,
            Some(_) | None => Self::Pending,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Rejected => "rejected",
        }
    }
}

/// Where the one lane of the target of that key stands.
#[crate::boxed]
pub async fn standing(hub: &Hub, tenant: TenantId, key: &str) -> Result<Standing, DeliverError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    order::set_target(&configuration, key)?;
    let today = hub.clock.civil(&configured::zone(&configuration)?).date();
    let agreements = configured::agreements(&configuration, key);
    let agreement = configured::in_force(&agreements, key, today)?;
    let set = pending::get(&mut tx, tenant, key).await?;
    let held = set.as_ref().and_then(Held::of);
    let state = set.as_ref().map(|it| State::of(it, held.as_ref()));
    let has = delivered::list(&mut tx, tenant, key).await?;
    let taken = file_receipt::list(&mut tx, tenant, key, None, 1).await?;
    let made = set.as_ref().map(|it| (it.version.0, it.as_of));
    let made = made.or_else(|| taken.first().map(|it| (it.version.0, it.as_of)));
    let count = |it: bool| u64::from(it);
    Ok(Standing {
        target: key.to_owned(),
        counted: Counted::Sets,
        agreement: agreement.map(|it| it.key.clone()),
        version: made.map(|it| it.0),
        as_of: made.map(|it| it.1),
        due: count(state.is_some() || !has.is_empty()),
        accepted: count(state.is_none() && !has.is_empty()),
        pending: count(state == Some(State::Pending)),
        held: count(state == Some(State::Held)),
        rejected: count(state == Some(State::Rejected)),
        brakes: held.filter(|it| it.released.is_none()).map(tripped).into_iter().collect(),
        gap_ms: 0,
        rests_until: None,
        next_at: set.and_then(|it| it.trouble.next_at),
    })
}

/// The brake of a set, told as one of messages: both are about who would be made inactive.
fn tripped(held: Held) -> Brake {
    let hash = held.hash();
    let (count, limit, text) = (held.brake.count, held.brake.limit, held.brake.text);
    Brake { tripped: TrippedAction { action: Action::Inactivate, count, limit, text }, hash }
}

/// The set on its way to the target of that key, if there is one.
#[crate::boxed]
pub async fn list(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
) -> Result<Option<ListedSet>, DeliverError> {
    let mut tx = hub.db.read().await?;
    order::set_target(&access::load(&mut tx, tenant).await?, key)?;
    let Some(set) = pending::get(&mut tx, tenant, key).await? else { return Ok(None) };
    let files = pending::files(&mut tx, tenant, key, set.set_no).await?;
    let receipts = file_receipt::of_set(&mut tx, tenant, key, set.set_no).await?;
    let is_there = |position| receipts.iter().any(|it| it.position == position);
    let files = files.into_iter().filter(|it| !is_there(it.position)).map(|it| it.file);
    let held = Held::of(&set);
    let state = State::of(&set, held.as_ref());
    let Trouble { attempts, next_at, reason, owner, .. } = set.trouble;
    Ok(Some(ListedSet {
        target: key.to_owned(),
        set: set.set_no,
        files: files.collect(),
        version: set.version.0,
        as_of: set.as_of,
        state: state.name(),
        attempts,
        made_at: set.made_at,
        next_at,
        hash: held.as_ref().filter(|_| state == State::Held).map(Held::hash),
        reason: reason.or_else(|| held.map(|it| it.brake.text)),
        owner,
    }))
}

/// Lets the very set go that a brake holds and that `hash` names. If another one would be sent by
/// then, it is judged anew.
#[crate::boxed]
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    hash: &str,
    decision: &Decision<'_>,
) -> Result<(), DeliverError> {
    let deciding = Deciding { hub, tenant, key, decision };
    let (mut tx, set) = deciding.begin(State::Held, None).await?;
    let (Some(mut held), mut detail) = (Held::of(&set), set.detail) else { return Ok(()) };
    if held.hash() != hash {
        return Err(DeliverError::HeldOtherwise { target: key.to_owned(), hash: hash.to_owned() });
    }
    let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
    held.released = Some(Release { by, reason });
    if let Some(place) = detail.get_mut("held") {
        *place = json!(held);
    }
    pending::set_detail(&mut tx, tenant, key, &detail).await?;
    job::ask(&mut tx, tenant, job::DELIVER, key, hub.clock.now()).await?;
    deciding.end(tx, "delivery.release", set.set_no).await
}

/// Lets a set be tried again that nobody sends by itself any more. `seen` is the number of the one that
/// was looked at; none for whichever it is.
#[crate::boxed]
pub async fn retry(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    seen: Option<i64>,
    decision: &Decision<'_>,
) -> Result<(), DeliverError> {
    let deciding = Deciding { hub, tenant, key, decision };
    let (mut tx, set) = deciding.begin(State::Rejected, seen).await?;
    let now = hub.clock.now();
    let trouble = Trouble { next_at: Some(now), reason: set.trouble.reason, ..Trouble::default() };
    pending::note(&mut tx, tenant, key, trouble).await?;
    job::ask(&mut tx, tenant, job::DELIVER, key, now).await?;
    deciding.end(tx, "delivery.retry", set.set_no).await
}

/// Lets nobody send the set on its way by itself any more. `seen` as for [`retry`].
#[crate::boxed]
pub async fn give_up(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    seen: Option<i64>,
    decision: &Decision<'_>,
) -> Result<(), DeliverError> {
    let deciding = Deciding { hub, tenant, key, decision };
    let (mut tx, set) = deciding.begin(State::Pending, seen).await?;
    let trouble = Trouble {
        attempts: set.trouble.attempts,
        next_at: None,
        dead_at: Some(hub.clock.now()),
        reason: Some(decision.reason().to_owned()),
        owner: Some(decision.by().to_owned()),
    };
    pending::note(&mut tx, tenant, key, trouble).await?;
    job::forget(&mut tx, tenant, (job::DELIVER, key)).await?;
    deciding.end(tx, "delivery.give_up", set.set_no).await
}

/// A person's word on the set on its way to a target.
struct Deciding<'a> {
    hub: &'a Hub,
    tenant: TenantId,
    key: &'a str,
    decision: &'a Decision<'a>,
}

impl Deciding<'_> {
    /// The set that is decided on, which must stand so.
    async fn begin(
        &self,
        wanted: State,
        seen: Option<i64>,
    ) -> Result<(Tx, PendingSet), DeliverError> {
        let Self { hub, tenant, key, .. } = *self;
        let mut tx = hub.db.write().await?;
        order::set_target(&access::load(&mut tx, tenant).await?, key)?;
        let set = pending::get(&mut tx, tenant, key).await?;
        if set.as_ref().zip(seen).is_some_and(|(it, seen)| it.set_no != seen) {
            return Err(DeliverError::OtherSet { target: key.to_owned() });
        }
        let set = set.filter(|it| State::of(it, Held::of(it).as_ref()) == wanted);
        let (target, state) = (key.to_owned(), wanted.name());
        Ok((tx, set.ok_or(DeliverError::NoSet { target, state })?))
    }

    /// Writes down who decided what and why.
    async fn end(&self, mut tx: Tx, action: &str, set: i64) -> Result<(), DeliverError> {
        let Self { hub, tenant, key, decision } = *self;
        let detail = json!({ "target": key, "set": set, "reason": decision.reason() });
        audit::write(&mut tx, tenant, &decision.entry(hub.clock.now(), action, detail)).await?;
        Ok(tx.commit().await?)
    }
}
