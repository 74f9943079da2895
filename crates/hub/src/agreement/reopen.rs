//! Opening again what was closed in emergency: two people, and nothing that was refused counts again.

use super::authority::{Known, refuse_not_allowed, refuse_program};
use super::closed::standing;
use super::emergency::EmergencyError;
use super::in_force;
use crate::Hub;
use crate::access;
use crate::exchange::decision::Decision;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::access::Operation;
use kobling_domain::id::TenantId;
use kobling_store::access::audit;
use kobling_store::agreement::closing::{self, Word};
use kobling_store::agreement::gate;
use kobling_store::job;
use serde_json::json;

/// So long the word of the first of two waits for the second.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// How far an agreement is on its way to be open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopening {
    /// Somebody has asked for it; another person opens it.
    Asked,
    /// It is open: what waits leaves.
    Open,
}

/// Takes the word of one of the two who open an agreement again. With the second what waits leaves;
/// clients and webhooks that were refused stay so: they are admitted and started anew, with new
/// secrets.
///
/// # Errors
///
/// Refused to whoever may not and to a program, if the agreement is not closed in emergency, and to the
/// same person twice.
#[crate::boxed]
pub async fn reopen(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    known: &Known<'_>,
    decision: &Decision<'_>,
) -> Result<Reopening, EmergencyError> {
    refuse_not_allowed(hub, tenant, (known, Operation::ReopenAgreement), decision).await?;
    refuse_program(known)?;
    let (mut tx, now) = (hub.db.write().await?, hub.clock.now());
    let configuration = access::load(&mut tx, tenant).await?;
    let open = || EmergencyError::Open { agreement: key.to_owned() };
    let target = in_force(&configuration, key).map(|it| it.target.clone());
    let closed = match &target {
        Some(target) => standing(&mut tx, tenant, target).await?,
        None => None,
    };
    let closed = closed.ok_or_else(open)?;
    let (by, reason) = (decision.by().to_owned(), decision.reason().to_owned());
    let word = Word { by, at: now, reason };
    let counts = |it: &Word| now < counts_until(it);
    let (state, action) = match closed.asked.filter(counts) {
        Some(first) if is_same(&first.by, &word.by) => {
            let (agreement, by) = (key.to_owned(), first.by);
            return Err(EmergencyError::SamePerson { agreement, by });
        }
        Some(_) => {
            closing::reopen(&mut tx, tenant, (closed.no, &word)).await?;
            gate::open(&mut tx, tenant, closed.no).await?;
            job::ask_to_deliver(&mut tx, tenant, now).await?;
            (Reopening::Open, "agreement.reopen")
        }
        None => {
            closing::ask(&mut tx, tenant, (closed.no, &word)).await?;
            (Reopening::Asked, "agreement.ask_to_reopen")
        }
    };
    let detail = json!({
        "agreement": key, "closing": closed.no, "reason": decision.reason(),
    });
    audit::write(&mut tx, tenant, &decision.entry(now, action, detail)).await?;
    tx.commit().await?;
    Ok(state)
}

/// Until when the word of the first counts.
pub(super) fn counts_until(word: &Word) -> Timestamp {
    word.at.checked_add(WAITS).unwrap_or(Timestamp::MAX)
}

/// Names are typed at the command line.
fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
