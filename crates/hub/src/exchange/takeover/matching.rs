//! A target's list, matched with what the target would be sent.

use super::TakeoverError;
use super::list::Held;
use super::ours::{self, Ours};
use crate::Hub;
use kobling_domain::exchange::{Found, Ground, Traits, take_over};
use kobling_domain::id::{SubjectId, TenantId};
use kobling_store::engine::Tx;
use kobling_store::exchange::takeover::{self as stored, Taken, Word};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A list with what is found in it.
pub(super) struct Matching {
    pub(super) kept: stored::Takeover,
    pub(super) entries: Vec<Matched>,
    pub(super) ours: Ours,
    /// Of ours, those who are in no entry and may be in none.
    pub(super) only_here: Vec<SubjectId>,
}

pub(super) struct Matched {
    pub(super) no: i64,
    pub(super) held: Held,
    pub(super) found: Verdicts,
    pub(super) word: Option<Word>,
}

pub(super) enum Verdicts {
    Same(SubjectId, Option<Ground>),
    Doubtful(Vec<(SubjectId, Ground)>),
    Nobody,
}

impl Matching {
    /// The one of ours with that id, unless a person took somebody else for them.
    pub(super) fn ours_of(&self, id: &str, entry: &str) -> Result<SubjectId, TakeoverError> {
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

pub(super) async fn matched(
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
    let held: Vec<&Held> = all.iter().map(|(held, _)| held).collect();
    let ours = ours::gather(hub, tx, (tenant, target), &held).await?;
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
