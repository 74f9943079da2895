use super::{DeliverError, Order, order};
use crate::Hub;
use std::time::{Duration, Instant};

/// So long the sender believes that it may still send.
const LEASE: Duration = Duration::from_secs(1);

/// The right to send what an order says: the agreement it was made under is in force, unchanged,
/// and the target is where it was.
pub(super) struct Lease<'a> {
    hub: &'a Hub,
    order: &'a Order,
    read_at: Option<Instant>,
}

impl<'a> Lease<'a> {
    pub(super) fn new(hub: &'a Hub, order: &'a Order) -> Self {
        Self { hub, order, read_at: None }
    }

    /// Refuses if the agreement was ended or changed meanwhile; reads it if the last reading is
    /// too old.
    pub(super) async fn check(&mut self) -> Result<(), DeliverError> {
        match self.read_at {
            Some(at) if at.elapsed() < LEASE => Ok(()),
            Some(_) | None => self.renew().await,
        }
    }

    /// The same, read now.
    pub(super) async fn renew(&mut self) -> Result<(), DeliverError> {
        let read_at = Instant::now();
        let Self { hub, order, .. } = self;
        let mut tx = hub.db.read().await?;
        let now = order::read(hub, &mut tx, order.tenant, &order.target.key).await;
        let now = now.map_err(|source| DeliverError::Closed { source: Box::new(source) })?;
        if now.terms != order.terms {
            return Err(DeliverError::Reconfigured);
        }
        self.read_at = Some(read_at);
        Ok(())
    }
}
