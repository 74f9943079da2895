//! What became of each record that a source sent.

use super::super::quarantine;
use super::super::source::Source;
use super::{PushError, sending};
use crate::Hub;
use crate::hex::hex;
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_domain::people::{Kind, NativeKey};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::PlanState;
use kobling_store::exchange::push::{self as pushes, Outcome, Push, PushState, Received};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    /// It waits for its snapshot to be closed and read.
    Waiting,
    /// What it says stands in the ledger.
    Applied,
    /// It says what the ledger says already.
    Unchanged,
    /// It has a part in a plan that waits for a person.
    Held,
    /// It cannot be read, or nobody knows whom it is about; its subject keeps its last state.
    Quarantined,
    /// Its plan was held, and something newer took its place.
    Superseded,
    /// Its plan was held, and a person rejected it.
    Rejected,
    /// Its snapshot was not read, and will not be.
    Lapsed,
}

/// What a sender holds of a record that it sent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// Its id.
    pub receipt: Uuid,
    /// What the record is about.
    pub kind: Kind,
    /// The source's key of it.
    pub id: NativeKey,
    /// When it came.
    pub received_at: Timestamp,
    /// What became of it.
    pub state: ReceiptState,
    /// The run that read it.
    pub run: Option<i64>,
    /// The hash of that run's plan, if there was anything to change.
    pub plan: Option<String>,
    /// Why it was set aside: a code that never changes.
    pub code: Option<String>,
    /// The same in words, as long as it is.
    pub problem: Option<String>,
}

/// The receipt of that id, as it stands now.
///
/// # Errors
///
/// Refuses one that the source does not have, or has no more.
#[crate::boxed]
pub async fn receipt(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    receipt: Uuid,
) -> Result<Receipt, PushError> {
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, key).await?;
    let found = pushes::find_receipt(&mut tx, tenant, source.no, receipt).await?;
    let found = found.ok_or(PushError::UnknownReceipt { receipt })?;
    let of = pushes::get(&mut tx, tenant, source.no, found.push).await?;
    let of = of.ok_or(StoreError::Missing { what: "what was sent" })?;
    let mut all = told(hub, &mut tx, tenant, (&source, &of), vec![found]).await?;
    all.pop().ok_or(PushError::UnknownReceipt { receipt })
}

/// The first `count` receipts of a snapshot after a cursor, and the cursor of the next ones.
#[crate::boxed]
pub async fn receipts(
    hub: &Hub,
    tenant: TenantId,
    (key, snapshot): (&str, Uuid),
    after: Option<&str>,
    count: usize,
) -> Result<(Vec<Receipt>, Option<String>), PushError> {
    let after = after.map(place).transpose()?;
    let mut tx = hub.db.write().await?;
    let source = sending(&mut tx, tenant, key).await?;
    let of = super::snapshot::find(&mut tx, tenant, &source, snapshot).await?;
    let wanted = u32::try_from(count + 1).unwrap_or(u32::MAX);
    let mut found = pushes::receipts(&mut tx, tenant, (source.no, of.no), after, wanted).await?;
    let has_more = found.len() > count;
    found.truncate(count);
    let next = found.last().filter(|_| has_more);
    let next = next.map(|it| format!("{}:{}", it.record.kind, it.record.native_no));
    Ok((told(hub, &mut tx, tenant, (&source, &of), found).await?, next))
}

fn place(cursor: &str) -> Result<(Kind, i64), PushError> {
    let read = || {
        let (name, number) = cursor.split_once(':')?;
        Some((Kind::from_name(name)?, number.parse().ok()?))
    };
    read().ok_or(PushError::Cursor)
}

async fn told(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (source, of): (&Source, &Push),
    all: Vec<Received>,
) -> Result<Vec<Receipt>, PushError> {
    let mut receipts = Vec::with_capacity(all.len());
    for it in all {
        let numbers = [it.record.native_no];
        let keys = source.natives(tx, tenant, it.record.kind, &numbers).await?;
        let id = keys.into_iter().next().ok_or(StoreError::Missing { what: "key of a record" })?;
        let at = (source.no, it.record.kind, it.record.native_no);
        let code = match &it.outcome {
            Some(Outcome::SetAside { code }) => Some(code.clone()),
            Some(Outcome::Unchanged | Outcome::Planned) | None => None,
        };
        let problem = match it.run.filter(|_| code.is_some()) {
            Some(run) => quarantine::reason_of(hub, tx, tenant, at, run).await?,
            None => None,
        };
        let state = state(of, &it);
        receipts.push(Receipt {
            receipt: it.record.receipt,
            kind: it.record.kind,
            id,
            received_at: it.record.received_at,
            state,
            run: it.run.map(|it| it.0),
            plan: it.plan.filter(|_| it.outcome == Some(Outcome::Planned)).map(|it| hex(&it.0)),
            code,
            problem,
        });
    }
    Ok(receipts)
}

fn state(of: &Push, it: &Received) -> ReceiptState {
    match (&it.outcome, it.plan.map(|it| it.1), of.state) {
        (Some(Outcome::Unchanged), _, _) => ReceiptState::Unchanged,
        (Some(Outcome::SetAside { .. }), _, _) => ReceiptState::Quarantined,
        (Some(Outcome::Planned), Some(PlanState::Held), _) => ReceiptState::Held,
        (Some(Outcome::Planned), Some(PlanState::Superseded), _) => ReceiptState::Superseded,
        (Some(Outcome::Planned), Some(PlanState::Rejected), _) => ReceiptState::Rejected,
        (Some(Outcome::Planned), Some(PlanState::Applied | PlanState::Draft) | None, _) => {
            ReceiptState::Applied
        }
        (None, _, PushState::Open | PushState::Closed | PushState::Read) => ReceiptState::Waiting,
        (None, _, PushState::Refused | PushState::Abandoned | PushState::Expired) => {
            ReceiptState::Lapsed
        }
    }
}
