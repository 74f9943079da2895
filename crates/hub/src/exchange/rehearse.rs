//! A held plan applied for a look: to a copy of the ledger, so that nobody waits for whoever looks.

use super::decide::{held, input_of, releasable};
use super::drafted::Items;
use super::plan::{PlanError, find, summary};
use super::progress::Progress;
use super::run::{Intent, RunError, Running};
use super::{apply, first};
use crate::Hub;
use crate::hex::hex;
use kobling_domain::id::TenantId;
use kobling_store::engine::Tx;

/// The ledger as it would be with a held plan applied. Nobody else sees it, and dropping it leaves nothing.
pub(super) struct Rehearsed {
    pub(super) ledger: Tx,
    /// The plan's hash.
    pub(super) plan: String,
}

/// Applies the held plan whose hash begins so, for as long as the result is looked at. Refuses
/// what its release would refuse.
pub(super) async fn rehearse(
    hub: &Hub,
    tenant: TenantId,
    hash: &str,
    progress: &dyn Progress,
) -> Result<Rehearsed, PlanError> {
    let found = find(&mut hub.db.read().await?, tenant, hash).await?;
    let summary = summary(&found)?;
    let mut ledger = hub.db.copy(tenant).await?;
    let plan = held(&mut ledger, tenant, &found).await?;
    let source = releasable(&mut ledger, tenant, &plan, &summary).await?;
    if summary.is_first_load {
        let (input, intent, run) = (&input_of(&summary), Intent::Make, plan.run);
        let running = Running { hub, tenant, source: &source, input, intent, progress, run };
        if first::rehearse(&mut ledger, running).await? != plan.hash {
            let (hash, path) = (hex(&plan.hash), summary.path.display().to_string());
            return Err(PlanError::OtherFile { hash, path });
        }
    } else {
        apply::apply(
            hub,
            &mut ledger,
            tenant,
            &source,
            (plan.run, &summary, Items::Stored),
            progress,
        )
        .await
        .map_err(RunError::Apply)?;
    }
    Ok(Rehearsed { ledger, plan: hex(&plan.hash) })
}
