//! Take-over: the first delivery to a target that already holds data typed by hand.
//!
//! The target's list is kept sealed. Whenever somebody looks, it is matched anew with what the
//! target would be sent; what a person has decided stays. Until a person has released it nothing
//! leaves, so nothing is created, changed or made inactive there before somebody has looked. What
//! stays of a released list is whom each of the target's own ids was taken for.

mod list;
mod ours;
mod told;

pub use list::Columns;
pub use told::{Counts, Entry, Our, Standing, Takeover, Their};

use super::super::decide::Decision;
use super::{DeliverError, Order, order};
use crate::Hub;
use kobling_domain::exchange::{Found, Ground, Traits, take_over};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_formats::listing::{Listing, ListingError};
use kobling_store::StoreError;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::exchange::delivered;
use kobling_store::exchange::takeover::{self as stored, Taken, Word};
use list::Held;
use ours::Ours;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a take-over does not go on. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The list cannot be read.
    #[error("the list cannot be read")]
    List(#[from] ListingError),
    /// No column tells who is who.
    #[error("no column tells the target's own ids; say which: --map id=COLUMN (there is: {known})")]
    NoIds {
        /// Columns there are.
        known: String,
    },
    /// An id stands twice, or is empty.
    #[error("row {row} has {what}")]
    BadId {
        /// The row, counted from 1 without the header.
        row: usize,
        /// What is wrong with its id.
        what: &'static str,
    },
    /// What is mapped is nothing that is asked for.
    #[error("{given:?} maps nothing; write id, number, employment, birth, name or email = COLUMN")]
    BadMap {
        /// As given.
        given: String,
    },
    /// It is not the first delivery.
    #[error(
        "target {target:?} has been delivered to already; compare it by `kobling target drift`"
    )]
    AlreadyDelivered {
        /// The target.
        target: String,
    },
    /// There is nothing to take over.
    #[error("no list of what target {target:?} holds has been given")]
    NoList {
        /// The target.
        target: String,
    },
    /// It is over.
    #[error("the list of target {target:?} is released; nothing of it can be changed any more")]
    Released {
        /// The target.
        target: String,
    },
    /// No such entry.
    #[error("the list of target {target:?} has no entry with the id {id:?}")]
    NoEntry {
        /// The target.
        target: String,
        /// The id as given.
        id: String,
    },
    /// Nobody who would be sent has that id.
    #[error("nobody who would be sent has the id {id:?}; `kobling target takeover show` lists ids")]
    NotOurs {
        /// The id as given.
        id: String,
    },
    /// One of ours is somebody else there.
    #[error("{id} is taken for entry {other:?} by a person already; decide on that one first")]
    Taken {
        /// Of ours.
        id: SubjectId,
        /// Theirs.
        other: String,
    },
    /// Something is still doubtful.
    #[error("{count} entries are doubtful; decide on each of them first")]
    Doubtful {
        /// How many.
        count: usize,
    },
    /// Nobody, or no reason, is named.
    #[error("a decision needs who decides and why; neither may be empty")]
    Undecided,
    /// What is stored cannot be read.
    #[error("what is stored of the list cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// What would be sent cannot be told.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl TakeoverError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::List(_)
            | Self::NoIds { .. }
            | Self::BadId { .. }
            | Self::BadMap { .. }
            | Self::AlreadyDelivered { .. }
            | Self::NoList { .. }
            | Self::Released { .. }
            | Self::NoEntry { .. }
            | Self::NotOurs { .. }
            | Self::Taken { .. }
            | Self::Doubtful { .. }
            | Self::Undecided => true,
            Self::Deliver(it) => it.is_bad_input(),
            Self::Unreadable(_) | Self::Store(_) => false,
        }
    }
}

/// Whom an entry is to be taken for.
#[derive(Clone, Copy, Debug)]
pub enum Verdict<'a> {
    /// The person of ours with this id.
    Same(&'a str),
    /// Nobody of ours.
    Nobody,
}

/// Keeps the list of what a target holds, in the place of one that is not released, and shows what
/// is found in it. From now on nothing is delivered to the target until it is released.
///
/// # Errors
///
/// Refuses a list in which the target's ids are not told, are empty or come twice, and a target
/// that has been delivered to.
pub async fn begin(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (name, bytes): (&str, &[u8]),
    columns: &Columns,
) -> Result<Takeover, TakeoverError> {
    let listing = Listing::read(bytes)?;
    let mut tx = hub.db.write().await?;
    let order = order::read(hub, &mut tx, tenant, target).await?;
    let (held, notes) = list::held(&listing, columns, order.today)?;
    if !delivered::list(&mut tx, tenant, target).await?.is_empty() {
        return Err(TakeoverError::AlreadyDelivered { target: target.to_owned() });
    }
    if let Some(before) = stored::get(&mut tx, tenant, target).await? {
        refuse_released(&before, target)?;
    }
    let list = name.to_owned();
    let kept = stored::Takeover { list, listed_at: hub.clock.now(), released: None };
    let mut entries = Vec::with_capacity(held.len());
    for (no, it) in (1..).zip(&held) {
        let body = it.sealed(hub, tenant, target, no)?;
        entries.push(stored::Entry { no, body, taken: None, word: None });
    }
    stored::put(&mut tx, tenant, target, &kept, entries).await?;
    let counts = json!({ "target": target, "entries": held.len() });
    write_audit(hub, &mut tx, tenant, ("takeover.list", "takeover"), counts).await?;
    tx.commit().await?;
    let mut shown = show(hub, tenant, target).await?;
    shown.notes = notes;
    Ok(shown)
}

/// What is found in a target's list.
pub async fn show(hub: &Hub, tenant: TenantId, target: &str) -> Result<Takeover, TakeoverError> {
    let mut tx = hub.db.read().await?;
    Ok(matched(hub, &mut tx, tenant, target).await?.told(target))
}

/// Takes an entry of a target's list for one of ours, or for nobody, as a person says.
pub async fn decide(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (entry, verdict): (&str, Verdict<'_>),
    decision: &Decision<'_>,
) -> Result<Takeover, TakeoverError> {
    let word = word(hub, decision)?;
    let mut tx = hub.db.write().await?;
    let matched = matched(hub, &mut tx, tenant, target).await?;
    refuse_released(&matched.kept, target)?;
    let found = matched.entries.iter().find(|it| it.held.id == entry);
    let found = found.ok_or_else(|| TakeoverError::NoEntry {
        target: target.to_owned(),
        id: entry.to_owned(),
    })?;
    let taken = match verdict {
        Verdict::Nobody => Taken::ForNobody,
        Verdict::Same(id) => Taken::For(matched.ours_of(id, entry)?),
    };
    stored::decide(&mut tx, tenant, target, found.no, (taken, &word)).await?;
    let detail = json!({ "target": target, "entry": found.no, "reason": word.reason });
    write_audit(hub, &mut tx, tenant, ("takeover.decide", decision.by), detail).await?;
    tx.commit().await?;
    show(hub, tenant, target).await
}

/// Lets the target be delivered to. Of each entry stays its id and whom it was taken for.
///
/// # Errors
///
/// Refuses while an entry is doubtful.
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    decision: &Decision<'_>,
) -> Result<Takeover, TakeoverError> {
    let word = word(hub, decision)?;
    let mut tx = hub.db.write().await?;
    let matched = matched(hub, &mut tx, tenant, target).await?;
    refuse_released(&matched.kept, target)?;
    let is_doubtful = |it: &&Matched| matches!(it.found, Verdicts::Doubtful(_));
    let count = matched.entries.iter().filter(is_doubtful).count();
    if count > 0 {
        return Err(TakeoverError::Doubtful { count });
    }
    let mut entries = Vec::with_capacity(matched.entries.len());
    for it in &matched.entries {
        let taken = match &it.found {
            Verdicts::Same(ours, _) => Taken::For(*ours),
            Verdicts::Nobody | Verdicts::Doubtful(_) => Taken::ForNobody,
        };
        let body = Held::named(&it.held.id).sealed(hub, tenant, target, it.no)?;
        entries.push(stored::Entry { no: it.no, body, taken: Some(taken), word: it.word.clone() });
    }
    let mut kept = matched.kept;
    let detail = json!({ "target": target, "entries": entries.len(), "reason": word.reason });
    kept.released = Some(word);
    stored::put(&mut tx, tenant, target, &kept, entries).await?;
    write_audit(hub, &mut tx, tenant, ("takeover.release", decision.by), detail).await?;
    tx.commit().await?;
    show(hub, tenant, target).await
}

/// Refuses to deliver to a target whose list is not released.
pub(super) async fn refuse_open(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<(), DeliverError> {
    match stored::get(tx, tenant, target).await? {
        Some(it) if it.released.is_none() => {
            Err(DeliverError::TakeoverOpen { target: target.to_owned(), list: it.list })
        }
        Some(_) | None => Ok(()),
    }
}

/// A list with what is found in it.
struct Matching {
    kept: stored::Takeover,
    entries: Vec<Matched>,
    ours: Ours,
    /// Of ours, those who are in no entry and may be in none.
    only_here: Vec<SubjectId>,
}

struct Matched {
    no: i64,
    held: Held,
    found: Verdicts,
    word: Option<Word>,
}

enum Verdicts {
    Same(SubjectId, Option<Ground>),
    Doubtful(Vec<(SubjectId, Ground)>),
    Nobody,
}

impl Matching {
    /// The one of ours with that id, unless a person took somebody else for them.
    fn ours_of(&self, id: &str, entry: &str) -> Result<SubjectId, TakeoverError> {
        let parsed = Uuid::parse_str(id).ok().map(SubjectId);
        let known = parsed.filter(|it| self.ours.position(*it).is_some());
        let known = known.ok_or_else(|| TakeoverError::NotOurs { id: id.to_owned() })?;
        let taken = |it: &&Matched| {
            let is_same = matches!(&it.found, Verdicts::Same(ours, _) if *ours == known);
            is_same && it.word.is_some() && it.held.id != entry
        };
        match self.entries.iter().find(taken) {
            Some(it) => Err(TakeoverError::Taken { id: known, other: it.held.id.clone() }),
            None => Ok(known),
        }
    }
}

async fn matched(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Matching, TakeoverError> {
    let kept = stored::get(tx, tenant, target).await?;
    let kept = kept.ok_or_else(|| TakeoverError::NoList { target: target.to_owned() })?;
    let mut all = Vec::new();
    for it in stored::entries(tx, tenant, target).await? {
        all.push((Held::open(hub, tenant, target, &it)?, it));
    }
    if kept.released.is_some() {
        let entries = all.into_iter().map(|(held, it)| decided(held, it)).collect();
        return Ok(Matching { kept, entries, ours: Ours::default(), only_here: Vec::new() });
    }
    let order: Order = order::read(hub, tx, tenant, target).await?;
    let held: Vec<&Held> = all.iter().map(|(held, _)| held).collect();
    let ours = ours::gather(hub, tx, &order, &held).await?;
    Ok(found(kept, all, ours))
}

/// Matches what nobody has decided on with who is not taken.
fn found(kept: stored::Takeover, all: Vec<(Held, stored::Entry)>, ours: Ours) -> Matching {
    let mut spoken_for: BTreeSet<SubjectId> = BTreeSet::new();
    for (_, it) in &all {
        if let Some(Taken::For(ours)) = it.taken {
            spoken_for.insert(ours);
        }
    }
    let free: Vec<(SubjectId, &Traits)> =
        ours.all().filter(|(id, _)| !spoken_for.contains(id)).collect();
    let open = all.iter().filter(|(_, it)| it.taken.is_none());
    let theirs: Vec<Traits> = open.map(|(held, _)| held.traits()).collect();
    let traits: Vec<Traits> = free.iter().map(|(_, it)| (*it).clone()).collect();
    let mut verdicts = take_over(&theirs, &traits).into_iter();
    let id = |nth: usize| free.get(nth).map(|it| it.0);
    let mut entries = Vec::with_capacity(all.len());
    for (held, it) in all {
        if it.taken.is_some() {
            entries.push(decided(held, it));
            continue;
        }
        let found = match verdicts.next() {
            Some(Found::Matched(nth, ground)) => {
                id(nth).map_or(Verdicts::Nobody, |it| Verdicts::Same(it, Some(ground)))
            }
            Some(Found::Doubtful(all)) => Verdicts::Doubtful(
                all.into_iter().filter_map(|(nth, ground)| Some((id(nth)?, ground))).collect(),
            ),
            Some(Found::None) | None => Verdicts::Nobody,
        };
        entries.push(Matched { no: it.no, held, found, word: None });
    }
    for it in &entries {
        match &it.found {
            Verdicts::Same(ours, _) => drop(spoken_for.insert(*ours)),
            Verdicts::Doubtful(all) => spoken_for.extend(all.iter().map(|it| it.0)),
            Verdicts::Nobody => {}
        }
    }
    let only_here = ours.all().map(|it| it.0).filter(|it| !spoken_for.contains(it)).collect();
    Matching { kept, entries, ours, only_here }
}

fn decided(held: Held, it: stored::Entry) -> Matched {
    let found = match it.taken {
        Some(Taken::For(ours)) => Verdicts::Same(ours, None),
        Some(Taken::ForNobody) | None => Verdicts::Nobody,
    };
    Matched { no: it.no, held, found, word: it.word }
}

fn refuse_released(kept: &stored::Takeover, target: &str) -> Result<(), TakeoverError> {
    match kept.released {
        Some(_) => Err(TakeoverError::Released { target: target.to_owned() }),
        None => Ok(()),
    }
}

fn word(hub: &Hub, decision: &Decision<'_>) -> Result<Word, TakeoverError> {
    let Decision { by, reason } = decision;
    if by.trim().is_empty() || reason.trim().is_empty() {
        return Err(TakeoverError::Undecided);
    }
    Ok(Word { by: (*by).to_owned(), reason: (*reason).to_owned(), at: hub.clock.now() })
}

async fn write_audit(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (action, who): (&str, &str),
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let (at, who, action) = (hub.clock.now(), who.to_owned(), action.to_owned());
    audit::write(tx, tenant, &audit::Entry { at, who, action, detail }).await
}
