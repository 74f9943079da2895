//! The roster: who is employed where, derived from the claims for lists and search.
//!
//! It follows the ledger in a step of its own after each change, so that nobody waits for it who
//! waits for the ledger. Killed before or within that step, it stands where it stood, and the next
//! step goes on from there.

use crate::Hub;
use crate::exchange::progress::{Progress, Stage};
use crate::exchange::report::RunReport;
use kobling_domain::id::{SubjectNo, TenantId};
use kobling_store::StoreError;
use kobling_store::people::roster;

/// Brings it up to the ledger in short transactions; tells of how many employments it made the rows
/// anew. Does nothing, and writes nothing, where it is.
#[crate::boxed(?Send)]
pub async fn bring_up(
    hub: &Hub,
    tenant: TenantId,
    progress: &dyn Progress,
) -> Result<u64, StoreError> {
    let mut tx = hub.db.read().await?;
    let is_behind = roster::is_behind(&mut tx, tenant).await?;
    drop(tx);
    let (mut done, mut more) = (0, is_behind);
    while more {
        progress.at(Stage::Roster, done, 0);
        let mut tx = hub.db.write().await?;
        let page = roster::bring_up(&mut tx, tenant).await?;
        tx.commit().await?;
        done += page.employments;
        more = page.more;
    }
    Ok(done)
}

/// Brings it up after a run. The ledger has what the run wrote, so a roster that cannot follow is
/// no failure of the run.
pub(crate) async fn follow(
    hub: &Hub,
    tenant: TenantId,
    report: &mut RunReport,
    progress: &dyn Progress,
) {
    match bring_up(hub, tenant, progress).await {
        Ok(employments) => report.roster = employments,
        Err(error) => report.notes.push(format!(
            "the roster does not tell of this run yet ({error}); the next run brings it up, or \
             `kobling db refresh`"
        )),
    }
}

/// Makes it anew, in one transaction.
#[crate::boxed(?Send)]
pub async fn rebuild(
    hub: &Hub,
    tenant: TenantId,
    progress: &dyn Progress,
) -> Result<(), StoreError> {
    progress.at(Stage::Roster, 0, 0);
    let mut tx = hub.db.write().await?;
    roster::rebuild(&mut tx, tenant).await?;
    tx.commit().await
}

/// The first employment of which it tells something else than a new one would.
#[crate::boxed]
pub async fn first_fault(hub: &Hub, tenant: TenantId) -> Result<Option<SubjectNo>, StoreError> {
    let mut tx = hub.db.read().await?;
    roster::first_fault(&mut tx, tenant).await
}
