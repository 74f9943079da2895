use super::{DeliverError, Order, order};
use crate::Hub;
use crate::agreement::gate::{Right, Way};
use kobling_domain::agreement::Outcome;
use kobling_store::engine::Tx;

/// The right to send what an order says: nobody has closed the agreement it was made under, it is in
/// force, unchanged, and the target is where it was.
pub(super) struct Lease<'a> {
    hub: &'a Hub,
    order: &'a Order,
    right: Right,
}

impl<'a> Lease<'a> {
    /// Takes the right to send these files, in the transaction by which they start.
    pub(super) async fn take(
        hub: &'a Hub,
        tx: &mut Tx,
        order: &'a Order,
        files: &[String],
    ) -> Result<Self, DeliverError> {
        let way = (Way::Target, &*order.target.key);
        let right = Right::take(tx, order.tenant, way, (files, hub.clock.now())).await?;
        Ok(Self { hub, order, right })
    }

    /// Refuses if the agreement was ended or changed meanwhile; reads it if the last reading is
    /// too old.
    pub(super) async fn check(&mut self) -> Result<(), DeliverError> {
        let Self { hub, order, right } = self;
        right.check(hub, || still_agreed(hub, order)).await
    }

    /// The same, read now.
    pub(super) async fn renew(&mut self) -> Result<(), DeliverError> {
        let Self { hub, order, right } = self;
        right.renew(hub, || still_agreed(hub, order)).await
    }

    /// What comes of `work`, as long as that holds.
    pub(super) async fn hold<T, E>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, DeliverError>
    where
        DeliverError: From<E>,
    {
        let Self { hub, order, right } = self;
        Ok(right.hold(hub, || still_agreed(hub, order), work).await??)
    }

    /// Gives the right back of what has not begun; why it has not.
    pub(super) async fn not_begun(&self, why: DeliverError) -> DeliverError {
        self.over(&[]).await;
        why
    }

    /// Gives the right back, with what became of the files that have begun, as far as that can be
    /// written: else nobody knows.
    pub(super) async fn over(&self, outcomes: &[Outcome]) {
        let told = async {
            let mut tx = self.hub.db.write().await?;
            self.right.end(&mut tx, outcomes).await?;
            tx.commit().await
        };
        drop(told.await);
    }

    /// Gives the right back, with what became of each file, in a transaction that is to be committed.
    pub(super) async fn end(&self, tx: &mut Tx, outcomes: &[Outcome]) -> Result<(), DeliverError> {
        Ok(self.right.end(tx, outcomes).await?)
    }
}

async fn still_agreed(hub: &Hub, order: &Order) -> Result<(), DeliverError> {
    let mut tx = hub.db.read().await?;
    let now = order::read(hub, &mut tx, order.tenant, &order.target.key).await;
    let now = now.map_err(|source| DeliverError::Closed { source: Box::new(source) })?;
    if now.terms != order.terms {
        return Err(DeliverError::Reconfigured);
    }
    Ok(())
}
