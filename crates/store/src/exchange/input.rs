//! Inputs that were met before, and what became of them.

use super::plan::{self, PlanState};
use super::run::{self, RunState};
use crate::{StoreError, Tx, values};
use jiff::civil::Date;
use kobling_domain::id::{RunNo, SourceNo, TenantId, Version};
use serde_json::Value;

/// An input as one run met it.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// The run.
    pub run: RunNo,
    /// The input's name.
    pub name: String,
    /// Its date, where it tells one.
    pub date: Option<Date>,
    /// The employer's civil date then.
    pub today: Date,
    /// MAC of all its bytes, where they were read.
    pub mac: Option<[u8; 32]>,
    /// Where the run stands.
    pub state: RunState,
    /// Whatever else the run told.
    pub detail: Value,
    /// What it planned, if it came to a plan.
    pub plan: Option<MetPlan>,
}

/// The plan of an input.
#[derive(Clone, Debug, PartialEq)]
pub struct MetPlan {
    /// Its hash.
    pub hash: [u8; 32],
    /// Where it stands.
    pub state: PlanState,
    /// The ledger version it was made against.
    pub read_version: Version,
    /// The brakes that tripped.
    pub brakes: Value,
}

/// All inputs of a source that were met, the latest first.
pub async fn met(tx: &mut Tx, tenant: TenantId, source: SourceNo) -> Result<Vec<Met>, StoreError> {
    let sql = "SELECT r.run_no, r.input_name, r.input_date, r.today, r.input_mac, r.state,
                      r.detail, p.hash, p.state, p.read_version, p.brakes
                 FROM run r
                 LEFT JOIN plan p ON p.tenant_id = r.tenant_id AND p.run_no = r.run_no
                WHERE r.tenant_id = $1 AND r.source_no = $2
                ORDER BY r.run_no DESC";
    tx.query(sql, values![tenant, source], |row| {
        let plan = match row.optional(7)? {
            None => None,
            Some(hash) => Some(MetPlan {
                hash,
                state: plan::read_state(row, 8)?,
                read_version: row.get(9)?,
                brakes: row.get(10)?,
            }),
        };
        Ok(Met {
            run: row.get(0)?,
            name: row.get(1)?,
            date: row.optional(2)?,
            today: row.get(3)?,
            mac: row.optional(4)?,
            state: run::read_state(row, 5)?,
            detail: row.get(6)?,
            plan,
        })
    })
    .await
}

/// Changes what else a run tells.
pub async fn note(
    tx: &mut Tx,
    tenant: TenantId,
    run: RunNo,
    detail: &Value,
) -> Result<(), StoreError> {
    let sql = "UPDATE run SET detail = $3 WHERE tenant_id = $1 AND run_no = $2";
    tx.execute(sql, values![tenant, run, detail]).await?;
    Ok(())
}
