//! Requests that may be sent again, and are carried out once.

use crate::Hub;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::kept_answer::{self, KeptAnswer, Request};
use kobling_store::sealed::context;

/// So long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// A request without an answer after so long died with its process.
const UNDER_WAY_MAX: SignedDuration = SignedDuration::from_mins(2);

/// A request that its client named.
#[derive(Clone, Debug)]
pub struct Named {
    /// Whose data it is about.
    pub tenant: TenantId,
    /// Who asks.
    pub who: String,
    /// The key they gave it.
    pub key: String,
    /// SHA-256 of what is asked.
    pub digest: [u8; 32],
}

/// What is to be done about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is carried out.
    First,
    /// It is being carried out.
    UnderWay,
    /// It was; this was answered.
    Answered(Vec<u8>),
    /// Something else was asked under its key.
    Other,
}

/// Looks whether a request came before, and if not, notes that it is carried out.
#[crate::boxed]
pub async fn begin(hub: &Hub, named: &Named) -> Result<Turn, StoreError> {
    let (now, request) = (hub.clock.now(), request(named));
    let mut tx = hub.db.write().await?;
    kept_answer::sweep(&mut tx, named.tenant, before(now, KEPT)).await?;
    let turn = match kept_answer::find(&mut tx, named.tenant, request).await? {
        Some(it) if it.digest != named.digest => Turn::Other,
        Some(KeptAnswer { body: Some(sealed), .. }) => Turn::Answered(
            hub.keys.open(&context::kept_answer(named.tenant, &named.key), &sealed)?.to_vec(),
        ),
        Some(it) if it.begun_at > before(now, UNDER_WAY_MAX) => Turn::UnderWay,
        Some(_) | None => {
            kept_answer::begin(&mut tx, named.tenant, request, now).await?;
            Turn::First
        }
    };
    tx.commit().await?;
    Ok(turn)
}

/// Keeps what was answered.
#[crate::boxed]
pub async fn keep(hub: &Hub, named: &Named, body: &[u8]) -> Result<(), StoreError> {
    let sealed = hub.keys.seal(&context::kept_answer(named.tenant, &named.key), body)?;
    let mut tx = hub.db.write().await?;
    kept_answer::keep(&mut tx, named.tenant, request(named), &sealed).await?;
    tx.commit().await
}

/// Forgets a request that was refused: it changed nothing, and may be sent again.
#[crate::boxed]
pub async fn forget(hub: &Hub, named: &Named) -> Result<(), StoreError> {
    let mut tx = hub.db.write().await?;
    kept_answer::forget(&mut tx, named.tenant, request(named)).await?;
    tx.commit().await
}

fn request(named: &Named) -> Request<'_> {
    Request { who: &named.who, key: &named.key, digest: named.digest }
}

fn before(now: Timestamp, length: SignedDuration) -> Timestamp {
    now.checked_sub(length).unwrap_or(Timestamp::MIN)
}
