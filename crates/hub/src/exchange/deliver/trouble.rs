//! What becomes of a set that was not taken: it is tried again by itself, or waits for a person.

use super::pending::Held;
use super::{DeliverError, FolderError, Order};
use crate::Hub;
use crate::connectors::in_full;
use kobling_domain::exchange::lane::{Answer, Delay, Then, after};
use kobling_store::exchange::pending::{self, Trouble};
use kobling_store::job;

/// Notes why the set on its way was not taken, and asks that it be tried again if that may help.
pub(super) async fn note(
    hub: &Hub,
    order: &Order,
    error: &DeliverError,
) -> Result<(), DeliverError> {
    let (tenant, target, now) = (order.tenant, &*order.target.key, hub.clock.now());
    let Some(answer) = answer(error) else { return Ok(()) };
    let mut tx = hub.db.write().await?;
    let Some(set) = pending::get(&mut tx, tenant, target).await? else { return Ok(()) };
    if Held::of(&set).is_some() {
        return Ok(());
    }
    let attempts = set.trouble.attempts.saturating_add(1);
    let mut trouble = Trouble { attempts, reason: Some(in_full(error)), ..Trouble::default() };
    match after(&answer, attempts, &order.target.patience, 0, now) {
        Then::Again { at } => {
            trouble.next_at = Some(at);
            job::schedule(&mut tx, tenant, (job::DELIVER, target), at).await?;
        }
        Then::Done | Then::Dead => {
            trouble.dead_at = Some(now);
            trouble.owner = Some(order.owner.clone());
            job::forget(&mut tx, tenant, (job::DELIVER, target)).await?;
        }
    }
    pending::note(&mut tx, tenant, target, trouble).await?;
    Ok(tx.commit().await?)
}

/// What the target said, if it was the target that did not take it.
fn answer(error: &DeliverError) -> Option<Answer> {
    let reason = in_full(error);
    match error {
        DeliverError::Place(it) if !it.may_pass() => Some(Answer::Rejected { reason }),
        DeliverError::Place(_)
        | DeliverError::Folder(FolderError::Refused { .. } | FolderError::NotAMarker { .. }) => {
            Some(Answer::Later { reason, delay: Delay::Unreachable })
        }
        DeliverError::Folder(FolderError::UnderWay { .. })
        | DeliverError::Target(_)
        | DeliverError::NoPlace { .. }
        | DeliverError::Messages { .. }
        | DeliverError::NoAgreement { .. }
        | DeliverError::NotInForce { .. }
        | DeliverError::Extent(_)
        | DeliverError::Reconfigured
        | DeliverError::Protected
        | DeliverError::Nobody
        | DeliverError::Overtaken { .. }
        | DeliverError::NoSet { .. }
        | DeliverError::NoSubjects { .. }
        | DeliverError::OtherSet { .. }
        | DeliverError::HeldOtherwise { .. }
        | DeliverError::Set(_)
        | DeliverError::UnderWay { .. }
        | DeliverError::Closed { .. }
        | DeliverError::Shut(_)
        | DeliverError::Spool(_)
        | DeliverError::LastSet(_)
        | DeliverError::Store(_) => None,
    }
}
