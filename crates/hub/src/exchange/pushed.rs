//! What a source sent by itself, as a run reads it and as what it made of it.

use super::input::Content;
use super::item::UnreadableItem;
use super::records::{Numbered, Proof, native_of};
use super::run::{RunError, Running};
use kobling_domain::id::{PushNo, RecordNo, RunNo, SourceNo, TenantId};
use kobling_domain::people::Kind;
use kobling_formats::delimited::Layout;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::PlanState;
use kobling_store::exchange::push::{self, PushState, Record};
use kobling_store::exchange::quarantine::SetAside;
use kobling_store::sealed::context;
use std::collections::{BTreeMap, VecDeque};
use xxhash_rust::xxh3::Xxh3;

/// Records opened at once.
const PAGE_RECORDS: u32 = 1_000;

/// What a source sent, as records in the order of their keys.
pub(super) struct Pushed<'a> {
    layouts: &'a BTreeMap<Kind, Layout>,
    push: PushNo,
    whole: Whole,
    after: Option<(Kind, i64)>,
    page: VecDeque<Numbered>,
    unreadable: u64,
    hash: Box<Xxh3>,
}

/// Whether it was said to be all that the source knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    Yes,
    No,
}

impl<'a> Pushed<'a> {
    pub(super) fn new(layouts: &'a BTreeMap<Kind, Layout>, (push, whole): (PushNo, Whole)) -> Self {
        let (page, hash) = (VecDeque::new(), Box::new(Xxh3::new()));
        Self { layouts, push, whole, after: None, page, unreadable: 0, hash }
    }

    /// The next record; none behind the last.
    pub(super) async fn next(
        &mut self,
        running: Running<'_>,
    ) -> Result<Option<Numbered>, RunError> {
        while self.page.is_empty() {
            let Running { hub, tenant, source, .. } = running;
            let mut tx = hub.db.read().await?;
            let of = (source.no, self.push);
            let records = push::contents(&mut tx, tenant, of, self.after, PAGE_RECORDS).await?;
            let Some(last) = records.last() else { return Ok(None) };
            self.after = Some((last.kind, last.native_no));
            for it in records {
                self.take(running, &it)?;
            }
        }
        Ok(self.page.pop_front())
    }

    /// Opens a record. One of a kind that the source may send no more has no readable key.
    fn take(&mut self, running: Running<'_>, it: &Record) -> Result<(), RunError> {
        let Running { hub, tenant, source, .. } = running;
        let at = (source.no, self.push, it.kind, it.native_no);
        let bytes = hub.keys.open(&context::push_record(tenant, at), &it.body)?;
        self.hash.update(it.kind.name().as_bytes());
        self.hash.update(&bytes);
        let texts = serde_json::from_slice(&bytes).map_err(UnreadableItem::Text)?;
        let row = self.layouts.get(&it.kind).map(|layout| layout.row(it.record_no, &texts));
        let Some(Ok(row)) = row else {
            self.unreadable += 1;
            return Ok(());
        };
        let native = native_of(hub, &row.key);
        self.page.push_back(Numbered { row, native, native_no: it.native_no, kind: it.kind });
        Ok(())
    }

    /// What is proved of it behind the last record.
    pub(super) fn proof(&self) -> Proof {
        let complete = self.whole == Whole::Yes && self.unreadable == 0;
        Proof { complete, unreadable_keys: self.unreadable }
    }

    /// xxh3-128 of all that was read.
    pub(super) fn digest(&self) -> u128 {
        self.hash.digest128()
    }
}

/// Whom the records that were set aside are about, and why they were.
pub(super) fn aside(records: &[SetAside]) -> Vec<(Kind, i64, String)> {
    records.iter().map(|it| (it.kind, it.native_no, it.code.clone())).collect()
}

/// Writes down what the run made of each record, in the transaction that ends it. What a file said is
/// nobody's to ask for by record.
pub(super) async fn judge(
    tx: &mut Tx,
    running: Running<'_>,
    aside: &[(Kind, i64, String)],
) -> Result<(), StoreError> {
    let Running { tenant, source, input, run, .. } = running;
    let Some(no) = input.content.push() else { return Ok(()) };
    push::judge(tx, tenant, (source.no, no), run, aside).await?;
    push::end(tx, tenant, source.no, (no, PushState::Read), Some(run)).await
}

/// Writes down that what was sent cannot be read, and forgets what it said.
pub(super) async fn refuse(tx: &mut Tx, running: Running<'_>) -> Result<(), StoreError> {
    let Running { tenant, source, input, run, .. } = running;
    let Some(no) = input.content.push() else { return Ok(()) };
    push::forget_contents(tx, tenant, source.no, no).await?;
    push::end(tx, tenant, source.no, (no, PushState::Refused), Some(run)).await
}

/// The run whose held plan is about the one record of `push` alone, as it was sent before.
pub(super) async fn held_before(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    push: PushNo,
) -> Result<Option<RunNo>, StoreError> {
    let record = push::contents(tx, tenant, (source, push), None, 1).await?.pop();
    let Some(it) = record else { return Ok(None) };
    let before = push::last_of(tx, tenant, source, (it.kind, it.native_no), push).await?;
    let Some(before) = before else { return Ok(None) };
    let of = push::get(tx, tenant, source, before.push).await?;
    let is_alone = of.is_some_and(|it| it.extent == push::Extent::Record);
    let is_held = matches!(before.plan, Some((_, PlanState::Held)));
    Ok(before.run.filter(|_| is_alone && is_held))
}

impl Content {
    /// What was sent, where it is no file.
    pub(super) fn push(&self) -> Option<PushNo> {
        match self {
            Self::File(_) => None,
            Self::Record(no) | Self::Snapshot(no) => Some(*no),
        }
    }
}

/// The place of a record among those sent with it.
pub(super) fn place(puts: u64) -> RecordNo {
    RecordNo(i64::try_from(puts).unwrap_or(i64::MAX))
}
