//! Plans and their items. Items are sealed by the caller; here they are bytes.

use crate::engine::Row;
use crate::engine::bulk::{self, Cells, Table};
use crate::{StoreError, Tx, values};
use jiff::Timestamp;
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, TenantId, Version};
use kobling_domain::people::Kind;

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanState {
    /// It is whole, and nothing was decided.
    Draft,
    /// It waits for a person.
    Held,
    /// It is in the ledger.
    Applied,
    /// A newer file took its place.
    Superseded,
    /// A person refused it.
    Rejected,
}

impl PlanState {
    const ALL: [Self; 5] =
        [Self::Draft, Self::Held, Self::Applied, Self::Superseded, Self::Rejected];

    /// The name in documents and the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Held => "held",
            Self::Applied => "applied",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
        }
    }
}

/// What a run would change.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The run that made it.
    pub run: RunNo,
    /// The source that run read.
    pub source: SourceNo,
    /// SHA-256 over the MACs of its items, in order.
    pub hash: [u8; 32],
    /// Where it stands.
    pub state: PlanState,
    /// The ledger version it was made against.
    pub read_version: Version,
    /// Counts and the like.
    pub summary: serde_json::Value,
    /// The brakes that tripped.
    pub brakes: serde_json::Value,
    /// Who decided what, if anybody has.
    pub decision: Option<Decision>,
}

/// A person's word on a held plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// One change of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredItem {
    /// What it changes.
    pub kind: Kind,
    /// The source's key of it.
    pub native_no: i64,
    /// Counted from 0 where a subject has several.
    pub part: i64,
    /// HMAC of its canonical form.
    pub mac: [u8; 32],
    /// The day from which it takes effect.
    pub effective: Option<Date>,
    /// Why: the name of a reason.
    pub reason: Option<String>,
    /// What it does, sealed; empty once that is decided.
    pub body: Vec<u8>,
}

const PLAN_ITEM: Table = Table {
    name: "plan_item",
    key: &["tenant_id", "run_no", "kind", "native_no", "part"],
    columns: &["mac", "effective", "reason", "body"],
};

/// Writes a plan, in the place of the one the run wrote before.
pub async fn put(tx: &mut Tx, tenant: TenantId, plan: &Plan) -> Result<(), StoreError> {
    let sql = "INSERT INTO plan (tenant_id, run_no, source_no, hash, state, read_version, summary,
                                 brakes, decided_by, reason, decided_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (tenant_id, run_no) DO UPDATE
                  SET hash = excluded.hash, state = excluded.state,
                      read_version = excluded.read_version, summary = excluded.summary,
                      brakes = excluded.brakes, decided_by = excluded.decided_by,
                      reason = excluded.reason, decided_at = excluded.decided_at";
    let decision = plan.decision.as_ref();
    let values = values![
        tenant,
        plan.run,
        plan.source,
        plan.hash,
        plan.state.name(),
        plan.read_version,
        &plan.summary,
        &plan.brakes,
        decision.map(|it| it.by.as_str()),
        decision.map(|it| it.reason.as_str()),
        decision.map(|it| it.at),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// Moves a plan from one state to another. [`StoreError::Stale`] if it is no longer there.
pub async fn decide(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    (from, to): (PlanState, PlanState),
    decision: Option<&Decision>,
) -> Result<(), StoreError> {
    let sql = "UPDATE plan SET state = $4, decided_by = $5, reason = $6, decided_at = $7
                WHERE tenant_id = $1 AND run_no = $2 AND state = $3";
    let values = values![
        tenant,
        run,
        from.name(),
        to.name(),
        decision.map(|it| it.by.as_str()),
        decision.map(|it| it.reason.as_str()),
        decision.map(|it| it.at),
    ];
    match tx.execute(sql, values).await? {
        0 => Err(StoreError::Stale { what: "plan" }),
        _ => Ok(()),
    }
}

/// The plans of a source, newest first.
pub async fn list(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
    plans_max: u32,
) -> Result<Vec<Plan>, StoreError> {
    let sql = "SELECT run_no, source_no, hash, state, read_version, summary, brakes, decided_by,
                      reason, decided_at
                 FROM plan WHERE tenant_id = $1 AND source_no = $2
                ORDER BY run_no DESC LIMIT $3";
    tx.query(sql, values![tenant, source, i64::from(plans_max)], read_plan).await
}

/// How many plans of each source are held.
pub async fn held(tx: &mut Tx, tenant: TenantId) -> Result<Vec<(SourceNo, u64)>, StoreError> {
    let sql = "SELECT source_no, count(*) FROM plan WHERE tenant_id = $1 AND state = $2
                GROUP BY source_no ORDER BY source_no";
    let held = PlanState::Held.name();
    tx.query(sql, values![tenant, held], |row| Ok((row.get(0)?, row.get(1)?))).await
}

/// The plans of that hash, newest first.
pub async fn by_hash(
    tx: &mut Tx,
    tenant: TenantId,
    hash: &[u8; 32],
) -> Result<Vec<Plan>, StoreError> {
    let sql = "SELECT run_no, source_no, hash, state, read_version, summary, brakes, decided_by,
                      reason, decided_at
                 FROM plan WHERE tenant_id = $1 AND hash = $2 ORDER BY run_no DESC";
    tx.query(sql, values![tenant, *hash], read_plan).await
}

/// The plans whose hash is one of these two or between them, newest first.
pub async fn between(
    tx: &mut Tx,
    tenant: TenantId,
    first: &[u8; 32],
    last: &[u8; 32],
    plans_max: u32,
) -> Result<Vec<Plan>, StoreError> {
    let sql = "SELECT run_no, source_no, hash, state, read_version, summary, brakes, decided_by,
                      reason, decided_at
                 FROM plan WHERE tenant_id = $1 AND hash >= $2 AND hash <= $3
                ORDER BY run_no DESC LIMIT $4";
    tx.query(sql, values![tenant, *first, *last, plans_max], read_plan).await
}

/// The plan of a run.
pub async fn of_run(tx: &mut Tx, tenant: TenantId, run: RunNo) -> Result<Option<Plan>, StoreError> {
    let sql = "SELECT run_no, source_no, hash, state, read_version, summary, brakes, decided_by,
                      reason, decided_at
                 FROM plan WHERE tenant_id = $1 AND run_no = $2";
    tx.query_opt(sql, values![tenant, run], read_plan).await
}

/// Adds items to the plan of a run.
pub async fn add_items(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    items: Vec<StoredItem>,
) -> Result<(), StoreError> {
    let rows = items.into_iter().map(|it| (tenant, run, it)).collect();
    bulk::load(tx, &PLAN_ITEM, rows, write_item).await
}

/// The first `items_max` items after `after`, in order of kind, key and part.
pub async fn items(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    after: Option<(Kind, i64, i64)>,
    items_max: u32,
) -> Result<Vec<StoredItem>, StoreError> {
    let sql = "SELECT kind, native_no, part, mac, effective, reason, body FROM plan_item
                WHERE tenant_id = $1 AND run_no = $2 AND (kind, native_no, part) > ($3, $4, $5)
                ORDER BY kind, native_no, part LIMIT $6";
    let (kind, native_no, part) = match after {
        Some((kind, native_no, part)) => (values![kind], native_no, part),
        None => (values![0_i64], i64::MIN, i64::MIN),
    };
    let mut values = values![tenant, run];
    values.extend(kind);
    values.extend(values![native_no, part, i64::from(items_max)]);
    tx.query(sql, values, read_item).await
}

/// Deletes the items of a plan: those of a dead draft, or after their retention.
pub async fn delete_items(tx: &mut Tx, tenant: TenantId, run: RunNo) -> Result<u64, StoreError> {
    let sql = "DELETE FROM plan_item WHERE tenant_id = $1 AND run_no = $2";
    tx.execute(sql, values![tenant, run]).await
}

/// Forgets what the items of a decided plan did: whom they were about and why stays. What was
/// applied stands in the ledger; nobody needs the rest, and erasure need not look for it.
pub async fn forget_items(tx: &mut Tx, tenant: TenantId, run: RunNo) -> Result<(), StoreError> {
    let sql = "UPDATE plan_item SET body = $3 WHERE tenant_id = $1 AND run_no = $2";
    tx.execute(sql, values![tenant, run, Vec::<u8>::new()]).await?;
    Ok(())
}

fn read_plan(row: &Row<'_>) -> Result<Plan, StoreError> {
    let decision = match row.optional(7)? {
        None => None,
        Some(by) => Some(Decision { by, reason: row.get(8)?, at: row.get(9)? }),
    };
    Ok(Plan {
        run: row.get(0)?,
        source: row.get(1)?,
        hash: row.get(2)?,
        state: read_state(row, 3)?,
        read_version: row.get(4)?,
        summary: row.get(5)?,
        brakes: row.get(6)?,
        decision,
    })
}

pub(in crate::exchange) fn read_state(
    row: &Row<'_>,
    column: usize,
) -> Result<PlanState, StoreError> {
    let name: String = row.get(column)?;
    let corrupt = StoreError::Corrupt { column, expected: "a plan's state" };
    PlanState::ALL.into_iter().find(|it| it.name() == name).ok_or(corrupt)
}

pub(super) fn read_item(row: &Row<'_>) -> Result<StoredItem, StoreError> {
    Ok(StoredItem {
        kind: row.get(0)?,
        native_no: row.get(1)?,
        part: row.get(2)?,
        mac: row.get(3)?,
        effective: row.optional(4)?,
        reason: row.optional(5)?,
        body: row.get(6)?,
    })
}

fn write_item((tenant, run, it): &(TenantId, RunNo, StoredItem), cells: &mut Cells<'_, '_>) {
    cells.put(*tenant);
    cells.put(*run);
    cells.put(it.kind);
    cells.put(it.native_no);
    cells.put(it.part);
    cells.put(&it.mac);
    cells.put(it.effective);
    cells.put(it.reason.as_deref());
    cells.put(it.body.as_slice());
}
