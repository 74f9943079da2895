use super::super::{takeover, target as configured};
use super::LaneError;
use super::order::{self, Order};
use crate::Hub;
use crate::access;
use crate::access::configuration::TargetText;
use kobling_domain::agreement::AgreementText;
use std::time::{Duration, Instant};

/// So long a sender trusts that the agreement it read is still in force.
const LEASE: Duration = Duration::from_secs(1);

/// The right to send under an agreement: a reading of it that is at most a second old.
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
        let (target, text) = self.now(hub).await?;
        if target != self.order.target || text != self.order.text {
            return Err(LaneError::Reconfigured);
        }
        self.read_at = Some(begun);
        Ok(())
    }

    async fn now(&self, hub: &Hub) -> Result<(TargetText, Option<AgreementText>), LaneError> {
        let mut tx = hub.db.read().await?;
        let configuration = access::load(&mut tx, self.order.tenant).await?;
        let key = &self.order.target.key;
        let target = order::target_text(&configuration, key)?;
        takeover::refuse_open::<LaneError>(&mut tx, self.order.tenant, &target).await?;
        let texts = configured::agreements(&configuration, key);
        let today = hub.clock.civil(&self.order.zone).date();
        Ok((target, order::in_force(&texts, key, today)?.cloned()))
    }
}
