//! A stored plan looked through anew, beside the ledger it was made against.

use super::super::figures::{Figures, then_and_now, unit_of};
use super::super::item::{Mentioned, PART_ITEM, Planned};
use super::super::run::RunError;
use super::super::summary::Settled;
use crate::Hub;
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, SubjectNo, TenantId};
use kobling_domain::people::{Kind, NativeKey, State};
use kobling_domain::time::Slice;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan;
use kobling_store::people::claim;
use kobling_store::people::subject::{self, Issuer, SubjectKey};
use std::collections::{BTreeMap, BTreeSet};

/// Items read at once.
const PAGE_ITEMS: u32 = 1_000;

/// What a plan does, and where.
pub(super) struct Survey {
    pub(super) figures: Figures,
    pub(super) items: Vec<Placed>,
}

/// One item, with the unit it is about.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) kind: Kind,
    pub(super) native: NativeKey,
    pub(super) native_no: i64,
    /// The unit an employment was in on the input's date.
    pub(super) before: Option<NativeKey>,
    /// The unit it is in afterwards.
    pub(super) after: Option<NativeKey>,
    marks: BTreeSet<Mark>,
}

/// What the brakes look for in an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It is about what the input no longer mentions.
    Gone,
    /// What it is about is there on the input's date and would not be.
    Ends,
    /// It newly says that an address is protected.
    Protects,
    /// It says so no more.
    LosesProtection,
}

impl Placed {
    pub(super) fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// Whether a unit is there on the input's date and would not be.
    pub(super) fn ends_unit(&self) -> bool {
        self.kind == Kind::Unit && self.is(Mark::Ends)
    }

    /// Whether the input no longer mentions it, or says that it has ended.
    pub(super) fn is_gone_or_ends(&self) -> bool {
        self.is(Mark::Gone) || self.is(Mark::Ends)
    }

    /// The unit in which it happens.
    pub(super) fn place(&self) -> Option<&NativeKey> {
        match self.kind {
            Kind::Unit => Some(&self.native),
            Kind::Employment
            | Kind::Person
            | Kind::Position
            | Kind::Activity
            | Kind::Qualification
            | Kind::Absence => self.before.as_ref(),
        }
    }
}

/// Looks through the plan of a run, which speaks for `date`.
pub(super) async fn survey(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, run): (SourceNo, RunNo),
    settled: Settled,
    date: Date,
) -> Result<Survey, RunError> {
    let mut survey = Survey { figures: Figures::default(), items: Vec::new() };
    let mut after = None;
    loop {
        let page = plan::items(tx, tenant, run, after, PAGE_ITEMS).await?;
        let Some(last) = page.last() else { return Ok(survey) };
        after = Some((last.kind, last.native_no, last.part));
        let mut planned = Vec::with_capacity(page.len());
        for it in page.iter().filter(|it| it.part == PART_ITEM) {
            planned.push(Planned::open(&hub.keys, tenant, run, it)?);
        }
        let before = before(tx, tenant, source, &planned).await?;
        for (it, before) in planned.iter().zip(before) {
            survey.note(it, &before, settled, date);
        }
    }
}

impl Survey {
    fn note(&mut self, it: &Planned, before: &[Slice<State>], settled: Settled, date: Date) {
        let item = &it.item;
        // An older input says nothing of what it does not mention.
        let is_gone = settled.is_newest && it.is_about_gone();
        let mentioned = if is_gone { Mentioned::No } else { Mentioned::Yes };
        if is_gone {
            self.figures.note_gone(item.kind, &item.native, before, date);
        }
        let (lost, protects) = (self.figures.protection_lost.len(), self.figures.protects.len());
        self.figures.note(item, mentioned, before, date);
        let (then, now) = then_and_now(item, before, date);
        let ends = then.is_some() && now.is_none();
        let marks = [
            (Mark::Gone, is_gone),
            (Mark::Ends, ends),
            (Mark::Protects, self.figures.protects.len() > protects),
            (Mark::LosesProtection, self.figures.protection_lost.len() > lost),
        ];
        self.items.push(Placed {
            kind: item.kind,
            native: item.native.clone(),
            native_no: it.native_no,
            before: unit_of(then),
            after: unit_of(now),
            marks: marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect(),
        });
    }
}

/// What the ledger believes of what each item is about.
async fn before(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    planned: &[Planned],
) -> Result<Vec<Vec<Slice<State>>>, StoreError> {
    let mut all = Vec::with_capacity(planned.len());
    for of_kind in planned.chunk_by(|a, b| a.item.kind == b.item.kind) {
        let Some(kind) = of_kind.first().map(|it| it.item.kind) else { continue };
        let known_as =
            |it: &Planned| it.item.renumbered_from.as_ref().unwrap_or(&it.item.native).clone();
        let keys: Vec<SubjectKey> = of_kind.iter().map(known_as).map(SubjectKey::Native).collect();
        let subjects = subject::by_key(tx, tenant, Issuer::Source(source), kind, &keys).await?;
        let known: Vec<SubjectNo> = subjects.iter().copied().flatten().collect();
        let mut slices: BTreeMap<SubjectNo, Vec<Slice<State>>> = BTreeMap::new();
        for claim in claim::open(tx, tenant, source, kind.track(), &known).await? {
            slices.entry(claim.subject).or_default().push(claim.slice);
        }
        all.extend(
            subjects.into_iter().map(|it| it.and_then(|it| slices.remove(&it)).unwrap_or_default()),
        );
    }
    Ok(all)
}
