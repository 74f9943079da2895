//! All that a source knows, sent record by record: it is whole once its sender says how much it is, and
//! that is what came.

use super::super::input::{Content, Input};
use super::super::progress::Progress;
use super::super::report::RunReport;
use super::super::run::{self, Intent, RunError};
use super::super::source::Source;
use super::{PushError, Sender, Sent, Understood, begin, note, numbers, opened, sending};
use super::{Receipt, receipt, understood};
use crate::Hub;
use crate::exchange::pushed;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use kobling_domain::people::Kind;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::push::{self as pushes, Extent, Push, PushState, Record};
use kobling_store::job;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// So long a snapshot may be open.
const LENGTH: SignedDuration = SignedDuration::from_hours(12);
/// Records put into one, each time counted.
const PUTS_MAX: u64 = 1_000_000;

/// A snapshot that a source sends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Snapshot {
    /// Its id.
    pub snapshot: Uuid,
    /// The source's key.
    pub source: String,
    /// `open`, `closed` (it waits to be read), `read`, `refused` (it could not be), `abandoned` (another
    /// one was opened) or `expired` (it was not closed in time).
    pub state: &'static str,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it expires unless it is closed.
    pub expires_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How many records of each kind it holds.
    pub counts: BTreeMap<Kind, u64>,
    /// The run that read it.
    pub run: Option<i64>,
    /// How that run ended: `applied`, `unchanged`, `held` or `refused`.
    pub run_state: Option<&'static str>,
}

/// Whether it was left open for too long.
pub(super) fn is_over(hub: &Hub, it: &Push) -> bool {
    it.state == PushState::Open && ends_at(it) <= hub.clock.now()
}

fn ends_at(it: &Push) -> Timestamp {
    it.opened_at.checked_add(LENGTH).unwrap_or(Timestamp::MAX)
}

/// Opens a snapshot. One that is open already is abandoned: its sender has begun anew.
///
/// # Errors
///
/// Refuses it while the one before waits to be read.
pub async fn open(hub: &Hub, tenant: TenantId, sender: Sender<'_>) -> Result<Snapshot, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, sender.source).await?;
    begin(hub, &mut tx, tenant, &source).await?;
    let waiting = pushes::snapshots(&mut tx, tenant, source.no, PushState::Closed).await?;
    if let Some(it) = waiting.first() {
        return Err(PushError::SnapshotUnderWay { snapshot: it.id });
    }
    for it in pushes::snapshots(&mut tx, tenant, source.no, PushState::Open).await? {
        pushes::forget_contents(&mut tx, tenant, source.no, it.no).await?;
        pushes::end(&mut tx, tenant, source.no, (it.no, PushState::Abandoned), None).await?;
    }
    let (no, _) = opened(hub, &mut tx, tenant, &source, (Extent::Snapshot, sender.by)).await?;
    let opened = pushes::get(&mut tx, tenant, source.no, no).await?;
    let opened = opened.ok_or(StoreError::Missing { what: "snapshot that was opened" })?;
    let told = told(hub, &mut tx, tenant, &source, &opened).await?;
    tx.commit().await?;
    Ok(told)
}

/// A snapshot, as it stands now.
#[crate::boxed]
pub async fn snapshot(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    snapshot: Uuid,
) -> Result<Snapshot, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, key).await?;
    let found = find(&mut tx, tenant, &source, snapshot).await?;
    Ok(told(hub, &mut tx, tenant, &source, &found).await?)
}

/// Puts a record into a snapshot, in the place of what was put there of the same subject.
///
/// # Errors
///
/// Refuses what the source may not send, and anything once the snapshot takes nothing more.
pub async fn put_into(
    hub: &Hub,
    tenant: TenantId,
    (sender, snapshot): (Sender<'_>, Uuid),
    sent: Sent<'_>,
) -> Result<Receipt, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, sender.source).await?;
    let it = understood(hub, &source, sent)?;
    let of = to_fill(hub, &mut tx, tenant, &source, snapshot).await?;
    let put = fill(hub, &mut tx, tenant, (&source, &of), sent.kind, &[it]).await?;
    tx.commit().await?;
    let id = put.first().ok_or(StoreError::Missing { what: "receipt of a record" })?;
    receipt(hub, tenant, sender.source, *id).await
}

/// A snapshot that is open. Nobody else fills or closes it until the transaction ends.
pub(super) async fn to_fill(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    snapshot: Uuid,
) -> Result<Push, PushError> {
    pushes::lock(tx, tenant, source.no).await?;
    let found = find(tx, tenant, source, snapshot).await?;
    let state = state(hub, &found);
    if state == PushState::Open {
        return Ok(found);
    }
    Err(PushError::NotOpen { snapshot, state: state.name() })
}

/// Puts records of one kind into a snapshot that is open. Of those about one subject the last one
/// counts. Tells the receipt of each.
pub(super) async fn fill(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, of): (&Source, &Push),
    kind: Kind,
    all: &[Understood],
) -> Result<Vec<Uuid>, PushError> {
    let puts = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let before = pushes::count_puts(tx, tenant, source.no, (of.no, puts)).await?;
    let before = before.filter(|it| it.saturating_add(puts) <= PUTS_MAX);
    let before = before.ok_or(PushError::TooMany { puts_max: PUTS_MAX })?;
    let keys = all.iter().map(|it| &it.native).collect();
    let numbers = numbers(tx, tenant, source, kind, keys).await?;
    let at = hub.clock.now();
    let mut last = BTreeMap::new();
    for (it, no) in all.iter().zip(before + 1..) {
        let native_no = it.number(&numbers)?;
        let place = (pushed::place(no), at);
        last.insert(native_no, it.record(hub, tenant, (source, of.no), native_no, place)?);
    }
    let records: Vec<Record> = last.into_values().collect();
    let receipts = pushes::put(tx, tenant, source.no, of.no, &records).await?;
    let receipt = |it: &Understood| {
        let found = receipts.get(&(kind, it.number(&numbers)?)).copied();
        Ok(found.ok_or(StoreError::Missing { what: "receipt of a record" })?)
    };
    all.iter().map(receipt).collect()
}

/// Closes a snapshot that holds what its sender says, and asks that it be read. Nothing is inferred
/// from one that was not closed.
///
/// # Errors
///
/// Refuses other counts than there are; the snapshot stays open.
pub async fn close(
    hub: &Hub,
    tenant: TenantId,
    (sender, snapshot): (Sender<'_>, Uuid),
    told_counts: &BTreeMap<Kind, u64>,
) -> Result<Snapshot, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, sender.source).await?;
    let of = to_fill(hub, &mut tx, tenant, &source, snapshot).await?;
    let found = pushes::counts(&mut tx, tenant, source.no, of.no).await?;
    let some: BTreeMap<Kind, u64> =
        told_counts.iter().filter(|it| *it.1 > 0).map(|(kind, it)| (*kind, *it)).collect();
    if some != found {
        return Err(PushError::Counts { told: some, found });
    }
    let at = hub.clock.now();
    pushes::close(&mut tx, tenant, source.no, of.no, at).await?;
    job::ask(&mut tx, tenant, job::RUN, sender.source, at).await?;
    let detail = json!({ "source": sender.source, "push": of.id });
    note(&mut tx, tenant, (at, sender.by, "push.close"), detail).await?;
    let closed = find(&mut tx, tenant, &source, snapshot).await?;
    let told = told(hub, &mut tx, tenant, &source, &closed).await?;
    tx.commit().await?;
    Ok(told)
}

/// Runs the source with each snapshot that was closed and not read, the oldest first.
pub(crate) async fn read_closed(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Vec<(String, Result<RunReport, RunError>)>, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, key).await?;
    let closed = pushes::snapshots(&mut tx, tenant, source.no, PushState::Closed).await?;
    tx.commit().await?;
    let mut read = Vec::new();
    for it in closed {
        let (content, name) = (Content::Snapshot(it.no), format!("snapshot {}", it.no));
        let input = Input::sent(content, name.clone(), hub.clock.civil(&source.time_zone));
        let report = run::run(hub, tenant, key, &input, Intent::Apply, progress);
        read.push((name, Box::pin(report).await));
    }
    Ok(read)
}

/// The snapshot of that id.
pub(super) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    snapshot: Uuid,
) -> Result<Push, PushError> {
    let found = pushes::find(tx, tenant, source.no, snapshot).await?;
    let found = found.filter(|it| it.extent == Extent::Snapshot);
    found.ok_or(PushError::UnknownSnapshot { snapshot })
}

/// Where it stands, also if nobody has noted yet that its time is over.
fn state(hub: &Hub, it: &Push) -> PushState {
    if is_over(hub, it) { PushState::Expired } else { it.state }
}

async fn told(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    source: &Source,
    it: &Push,
) -> Result<Snapshot, StoreError> {
    Ok(Snapshot {
        snapshot: it.id,
        source: source.text.key.clone(),
        state: state(hub, it).name(),
        opened_at: it.opened_at,
        expires_at: ends_at(it),
        closed_at: it.closed_at,
        counts: pushes::counts(tx, tenant, source.no, it.no).await?,
        run: it.run.map(|it| it.0),
        run_state: it.run_state.map(|it| it.name()),
    })
}
