//! The right to let something out: taken where it starts, under the lock of its gate, and renewed by
//! whoever is still at it.
//!
//! Two instants bound what can leave after a closing: a start that was committed before it, and a
//! second for which its sender trusts the last reading. The clock of that second is monotonic, so a
//! process that was stopped and goes on finds its right gone before it hands over another byte.

use super::emergency;
use crate::Hub;
use jiff::Timestamp;
use kobling_domain::agreement::Outcome;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::agreement::gate::{self, Gate};
use kobling_store::engine::Tx;
use serde_json::json;
use std::pin::pin;
use std::time::{Duration, Instant};

/// So long a sender trusts that it may still send.
pub(crate) const LEASE: Duration = Duration::from_secs(1);
/// After so long it asks again, so that the second does not run out while it waits for an answer.
const RENEW_AFTER: Duration = Duration::from_millis(500);

/// A kind of way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To a target, as files or as messages.
    Target,
    /// To a program that is told what happens.
    Webhook,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Webhook => "webhook",
        }
    }

    /// The gate of that way and key.
    pub(super) fn gate(self, key: &str) -> Gate<'_> {
        Gate { way: self.name(), key }
    }
}

/// A gate was shut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "agreement {agreement} was closed in emergency at {at} by {by}: nothing leaves for {key}; what \
     waits is kept until two people open it again (`kobling agreement reopen {agreement}`)"
)]
pub struct Shut {
    /// What it is the gate of.
    pub key: String,
    /// The agreement that was closed.
    pub agreement: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// Why something may not start or go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GateError {
    /// It was closed in emergency.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// Somebody else has started the same since.
    #[error("another process has taken this over, as this one gave no sign of life")]
    Lost,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The right to let out what started under a number.
pub(crate) struct Right {
    tenant: TenantId,
    way: Way,
    key: String,
    departure_no: i64,
    read_at: Instant,
}

impl Right {
    /// Takes it for these things, in the transaction by which they start.
    pub(crate) async fn take(
        tx: &mut Tx,
        tenant: TenantId,
        (way, key): (Way, &str),
        (items, now): (&[String], Timestamp),
    ) -> Result<Self, GateError> {
        let read_at = Instant::now();
        let started = gate::start(tx, tenant, way.gate(key), (&json!(items), now)).await?;
        let Some(departure_no) = started else {
            refuse_shut(tx, tenant, way, key).await?;
            return Err(GateError::Lost);
        };
        Ok(Self { tenant, way, key: key.to_owned(), departure_no, read_at })
    }

    /// Refuses if it is gone; asks again if the last answer is too old. `agreed` tells whether what is
    /// configured still allows it.
    pub(crate) async fn check<E: From<GateError>, F: Future<Output = Result<(), E>>>(
        &mut self,
        hub: &Hub,
        agreed: impl Fn() -> F,
    ) -> Result<(), E> {
        if self.read_at.elapsed() < LEASE {
            return Ok(());
        }
        self.renew(hub, agreed).await
    }

    /// The same, asked now.
    pub(crate) async fn renew<E: From<GateError>, F: Future<Output = Result<(), E>>>(
        &mut self,
        hub: &Hub,
        agreed: impl Fn() -> F,
    ) -> Result<(), E> {
        let begun = Instant::now();
        self.renew_gate(hub).await?;
        agreed().await?;
        self.read_at = begun;
        Ok(())
    }

    /// What comes of `work`, which is gone on with only while the right lasts: it is left where it
    /// stands as soon as that is gone, and waits while nobody answers whether it is.
    pub(crate) async fn hold<T, E: From<GateError>, F: Future<Output = Result<(), E>>>(
        &mut self,
        hub: &Hub,
        agreed: impl Fn() -> F,
        work: impl Future<Output = T>,
    ) -> Result<T, E> {
        let mut work = pin!(work);
        loop {
            let renew_at = self.read_at + RENEW_AFTER;
            tokio::select! {
                // A process that was stopped looks whether it may before it does anything else.
                biased;
                () = tokio::time::sleep_until(renew_at.into()) => self.renew(hub, &agreed).await?,
                done = &mut work => return Ok(done),
            }
        }
    }

    /// Gives it back, with what became of each thing, in a transaction that is to be committed.
    pub(crate) async fn end(&self, tx: &mut Tx, outcomes: &[Outcome]) -> Result<(), StoreError> {
        let departure = (self.way.gate(&self.key), self.departure_no);
        gate::end(tx, self.tenant, departure, &json!(outcomes)).await
    }

    async fn renew_gate(&self, hub: &Hub) -> Result<(), GateError> {
        let Self { tenant, way, ref key, departure_no, .. } = *self;
        let mut tx = hub.db.write().await?;
        if gate::renew(&mut tx, tenant, (way.gate(key), departure_no)).await? {
            return Ok(tx.commit().await?);
        }
        refuse_shut(&mut tx, tenant, way, key).await?;
        Err(GateError::Lost)
    }
}

/// Refuses if the gate of that way is shut.
pub(crate) async fn refuse_shut(
    tx: &mut Tx,
    tenant: TenantId,
    way: Way,
    key: &str,
) -> Result<(), GateError> {
    let Some(no) = gate::shut_by(tx, tenant, way.gate(key)).await? else { return Ok(()) };
    let closing = emergency::get(tx, tenant, no).await?;
    let (agreement, at, by) = (closing.agreement, closing.closed_at, closing.by);
    Err(Shut { key: key.to_owned(), agreement, at, by }.into())
}

/// The same of a target, for whoever has something to send there.
pub(crate) async fn refuse_shut_target(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<(), GateError> {
    refuse_shut(tx, tenant, Way::Target, target).await
}
