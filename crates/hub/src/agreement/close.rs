//! The ordinary end of an agreement: on a day, for a reason.

use super::release::put;
use super::version::{self, numbers};
use super::{AgreementError, CHANGE, Change, KIND, in_force, list};
use crate::Hub;
use crate::access;
use crate::exchange::decision::Decision;
use jiff::civil::Date;
use kobling_domain::agreement::AgreementText;
use kobling_domain::id::TenantId;
use kobling_store::access::{audit, setting, tenant};
use kobling_store::job;
use serde_json::json;

/// Which version of an agreement is closed, and when.
#[derive(Clone, Copy, Debug)]
pub struct Closing {
    /// The number of the version in force that was looked at; none for whichever it is.
    pub version: Option<u32>,
    /// The first day on which it no longer holds; the employer's today without one.
    pub until: Option<Date>,
}

/// Ends an agreement on a day, as a version of its own; gives the day. What was sent goes on being
/// looked after until then, and what the target should hold from that day on follows as ever. An
/// agreement whose first day is not over is taken out: nothing more leaves, and what left that day is
/// left there. A draft that waits is taken back, for it would open the agreement again.
///
/// # Errors
///
/// Refused if it was never in force, has ended or ends before, for a day that has passed, and if
/// another version is in force than the one that was looked at.
#[crate::boxed]
pub async fn close(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    closing: Closing,
    decision: &Decision<'_>,
) -> Result<Date, AgreementError> {
    let (mut tx, now) = (hub.db.write().await?, hub.clock.now());
    let ledger = tenant::take_version(&mut tx, tenant, now, None).await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let versions = version::at(&mut tx, tenant, key, ledger).await?;
    let (latest, number) = numbers(&versions);
    let text = match in_force(&configuration, key) {
        Some(text) => text.clone(),
        None if latest == 0 => {
            let known = configuration.agreements.iter().map(|it| it.key.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(AgreementError::Unknown { key: key.to_owned(), known });
        }
        None => return Err(AgreementError::NeverInForce { key: key.to_owned() }),
    };
    if let Some(seen) = closing.version.filter(|it| *it != number) {
        return Err(AgreementError::Changed { key: key.to_owned(), seen, now: number });
    }
    let today = list::day(&configuration, now)?;
    let until = closing.until.unwrap_or(today);
    may_end(&text, until, today)?;
    if until <= text.from {
        setting::close(&mut tx, tenant, ledger, KIND, key).await?;
        setting::close(&mut tx, tenant, ledger, CHANGE, key).await?;
    } else {
        let text = AgreementText { until: Some(until), ..text };
        let (by, reason) = (decision.by().to_owned(), Some(decision.reason().to_owned()));
        let change = Change { text: text.clone(), target: None, by, reason, acts: Vec::new() };
        put(&mut tx, tenant, ledger, CHANGE, key, &change).await?;
        put(&mut tx, tenant, ledger, KIND, key, &text).await?;
    }
    job::ask_to_deliver(&mut tx, tenant, now).await?;
    let detail = json!({
        "agreement": key, "until": until, "reason": decision.reason(), "version": ledger.0,
    });
    let entry = decision.entry(now, "agreement.close", detail);
    audit::write(&mut tx, tenant, &entry).await?;
    tx.commit().await?;
    Ok(until)
}

fn may_end(text: &AgreementText, until: Date, today: Date) -> Result<(), AgreementError> {
    let key = text.key.clone();
    if until < today {
        return Err(AgreementError::Past { key, until, today });
    }
    match text.until {
        Some(ends) if ends <= until => Err(AgreementError::EndsBefore { key, ends, until }),
        Some(_) | None => Ok(()),
    }
}
