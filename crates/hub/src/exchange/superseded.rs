//! Held plans whose place the plan of a newer input takes.

use super::input::Content;
use super::pushed;
use super::run::Running;
use super::summary::Summary;
use jiff::civil::DateTime;
use kobling_domain::id::RunNo;
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, PlanState};
use serde::Deserialize;
use std::cmp::Reverse;

/// Plans of a source that are looked through: a held one is among the latest.
const PLANS_MAX: u32 = 500;

/// The runs of held plans whose inputs are not newer than this run's, that of the latest input
/// first. A plan of a newer input stays: an older file says nothing about it. Of one record that was
/// sent it is the plan of what it said before.
pub(super) async fn runs(tx: &mut Tx, running: Running<'_>) -> Result<Vec<RunNo>, StoreError> {
    let Running { tenant, source, input, .. } = running;
    match input.content {
        Content::Record(no) => {
            return Ok(pushed::held_before(tx, tenant, source.no, no).await?.into_iter().collect());
        }
        Content::File(_) | Content::Snapshot(_) => {}
    }
    let plans = plan::list(tx, tenant, source.no, PLANS_MAX).await?;
    let mut held: Vec<(DateTime, RunNo)> = plans
        .into_iter()
        .filter(|it| it.state == PlanState::Held)
        .filter_map(|it| Some((Summary::deserialize(it.summary).ok()?, it.run)))
        // A plan of an older file speaks for days of its own.
        .filter(|(it, _)| it.settled.is_newest && it.exported_at <= input.exported_at)
        .map(|(it, run)| (it.exported_at, run))
        .collect();
    held.sort_by_key(|it| Reverse(*it));
    Ok(held.into_iter().map(|(_, run)| run).collect())
}

/// Marks those plans as superseded and forgets what their items did.
pub(super) async fn mark(tx: &mut Tx, running: Running<'_>) -> Result<(), StoreError> {
    let tenant = running.tenant;
    for run in runs(tx, running).await? {
        plan::decide(tx, tenant, run, (PlanState::Held, PlanState::Superseded), None).await?;
        plan::forget_items(tx, tenant, run).await?;
    }
    Ok(())
}
