//! The roster: who is employed where, derived from the claims for lists and search.
//!
//! Each apply keeps it up; a first load leaves it to a step of its own after the load.

use crate::Hub;
use crate::exchange::progress::{Progress, Stage};
use kobling_domain::id::{SubjectNo, TenantId};
use kobling_store::StoreError;
use kobling_store::people::roster;

/// Makes it anew, in one transaction.
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

/// Makes it anew where it is missing: the program died after a first load.
pub(crate) async fn rebuild_if_missing(
    hub: &Hub,
    tenant: TenantId,
    progress: &dyn Progress,
) -> Result<(), StoreError> {
    let mut tx = hub.db.read().await?;
    let is_missing = roster::is_empty(&mut tx, tenant).await?;
    drop(tx);
    if is_missing { rebuild(hub, tenant, progress).await } else { Ok(()) }
}

/// The first employment of which it tells something else than a new one would.
pub async fn first_fault(hub: &Hub, tenant: TenantId) -> Result<Option<SubjectNo>, StoreError> {
    let mut tx = hub.db.read().await?;
    roster::first_fault(&mut tx, tenant).await
}
