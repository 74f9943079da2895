//! Take-over: the first delivery to a target that already holds data typed by hand.
//!
//! The target's list is kept sealed. Whenever somebody looks, it is matched anew with what the
//! target would be sent; what a person has decided stays. Until a person has released it nothing
//! leaves, so nothing is created, changed or made inactive there before somebody has looked. What
//! stays of a released list is whom each of the target's own ids was taken for.

mod error;
mod list;
mod matching;
mod ours;
mod there;
mod told;

pub use error::TakeoverError;
pub use list::Columns;
pub use there::read_there;
pub use told::{Counts, Entry, Our, Standing, Takeover, Their};

use super::decision::Decision;
use super::target::{self as configured, TargetError};
use crate::Hub;
use crate::access;
use crate::access::configuration::{HoldsData, TargetFormat, TargetText};
use kobling_domain::id::TenantId;
use kobling_formats::listing::Listing;
use kobling_store::StoreError;
use kobling_store::access::{audit, tenant};
use kobling_store::engine::Tx;
use kobling_store::exchange::takeover::{self as stored, Taken, Word};
use kobling_store::exchange::{delivered, target as lanes};
use kobling_store::job;
use list::Held;
use matching::{Matched, Matching, Verdicts, matched};
use serde_json::json;

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
#[crate::boxed(?Send)]
pub async fn begin(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    (name, bytes): (&str, &[u8]),
    columns: &Columns,
) -> Result<Takeover, TakeoverError> {
    let listing = Listing::read(bytes)?;
    let mut tx = hub.db.write().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let today = hub.clock.civil(&configured::zone(&configuration)?).date();
    let (held, notes) = list::held(&listing, columns, today)?;
    if was_delivered(&mut tx, tenant, configured::text(&configuration, target)?).await? {
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
#[crate::boxed(?Send)]
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
    let word = word(hub, decision);
    let (mut tx, matched) = looked_at(hub, tenant, target).await?;
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
    write_audit(hub, &mut tx, tenant, ("takeover.decide", decision.by()), detail).await?;
    tx.commit().await?;
    show(hub, tenant, target).await
}

/// Lets the target be delivered to. Of each entry stays its id and whom it was taken for.
///
/// # Errors
///
/// Refuses while an entry is doubtful.
#[crate::boxed(?Send)]
pub async fn release(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
    decision: &Decision<'_>,
) -> Result<Takeover, TakeoverError> {
    let word = word(hub, decision);
    let (mut tx, matched) = looked_at(hub, tenant, target).await?;
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
    write_audit(hub, &mut tx, tenant, ("takeover.release", decision.by()), detail).await?;
    if lanes::by_key(&mut tx, tenant, target).await?.is_some() {
        job::ask(&mut tx, tenant, job::DELIVER, target, hub.clock.now()).await?;
    }
    tx.commit().await?;
    show(hub, tenant, target).await
}

/// The list of a target, matched while others may write, and a transaction to write in, in which all
/// is as it was matched.
async fn looked_at(
    hub: &Hub,
    tenant: TenantId,
    target: &str,
) -> Result<(Tx, Matching), TakeoverError> {
    let mut ledger = hub.db.read().await?;
    let version = tenant::version(&mut ledger, tenant).await?;
    let matched = matched(hub, &mut ledger, tenant, target).await?;
    drop(ledger);
    let mut tx = hub.db.write().await?;
    let kept = stored::get(&mut tx, tenant, target).await?;
    let entries = stored::entries(&mut tx, tenant, target).await?;
    let decided = entries.iter().map(|it| (it.no, &it.word));
    let is_as_it_was = tenant::version(&mut tx, tenant).await? == version
        && kept.as_ref() == Some(&matched.kept)
        && decided.eq(matched.entries.iter().map(|it| (it.no, &it.word)));
    if !is_as_it_was {
        return Err(TakeoverError::Changed { target: target.to_owned() });
    }
    Ok((tx, matched))
}

/// Refuses to deliver to a target whose list is not released, or is lacking.
pub(super) async fn refuse_open<E>(
    tx: &mut Tx,
    tenant: TenantId,
    target: &TargetText,
) -> Result<(), E>
where
    E: From<TargetError> + From<StoreError>,
{
    let key = target.key.clone();
    match (stored::get(tx, tenant, &target.key).await?, target.holds_data) {
        (Some(it), _) if it.released.is_none() => {
            Err(TargetError::TakeoverOpen { target: key, list: it.list }.into())
        }
        (None, HoldsData::Yes) if !was_delivered(tx, tenant, target).await? => {
            Err(TargetError::TakeoverLacking { target: key }.into())
        }
        (Some(_) | None, HoldsData::Yes | HoldsData::No) => Ok(()),
    }
}

async fn was_delivered(
    tx: &mut Tx,
    tenant: TenantId,
    target: &TargetText,
) -> Result<bool, StoreError> {
    match target.format {
        TargetFormat::Plan2learn => Ok(!delivered::list(tx, tenant, &target.key).await?.is_empty()),
        TargetFormat::Messages => {
            let stored = lanes::by_key(tx, tenant, &target.key).await?;
            Ok(stored.is_some_and(|it| it.done.is_some()))
        }
    }
}

fn refuse_released(kept: &stored::Takeover, target: &str) -> Result<(), TakeoverError> {
    match kept.released {
        Some(_) => Err(TakeoverError::Released { target: target.to_owned() }),
        None => Ok(()),
    }
}

fn word(hub: &Hub, decision: &Decision<'_>) -> Word {
    let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
    Word { by, reason, at: hub.clock.now() }
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
