use super::super::{takeover, target as configured};
use super::LaneError;
use super::order::{self, Order};
use crate::Hub;
use crate::access;
use crate::agreement::gate::LEASE;
use std::time::Instant;

/// A reading of the agreement that is at most a second old.
pub(super) struct AgreementLease<'a> {
    order: &'a Order,
    read_at: Option<Instant>,
}

impl<'a> AgreementLease<'a> {
    pub(super) fn new(order: &'a Order) -> Self {
        Self { order, read_at: None }
    }

    /// Reads the agreement again if the lease has run out.
    ///
    /// # Errors
    ///
    /// [`LaneError::Reconfigured`] if another agreement is in force than the messages were made
    /// under, or the target is another one: nothing more leaves.
    pub(super) async fn check(&mut self, hub: &Hub) -> Result<(), LaneError> {
        if self.read_at.is_some_and(|it| it.elapsed() < LEASE) {
            return Ok(());
        }
        let begun = Instant::now();
        still_agreed(hub, self.order).await?;
        self.read_at = Some(begun);
        Ok(())
    }
}

/// Refuses if another agreement is in force than the messages of `order` were made under, or the
/// target is another one.
pub(super) async fn still_agreed(hub: &Hub, order: &Order) -> Result<(), LaneError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, order.tenant).await?;
    let key = &order.target.key;
    let target = order::target_text(&configuration, key)?;
    takeover::refuse_open::<LaneError>(&mut tx, order.tenant, &target).await?;
    let texts = configured::agreements(&configuration, key);
    let today = hub.clock.civil(&order.zone).date();
    let text = order::in_force(&texts, key, today)?;
    if target != order.target || text != order.text.as_ref() {
        return Err(LaneError::Reconfigured);
    }
    Ok(())
}
