//! What an agreement's last closing in emergency came to, and what one would do now.

use super::account::{Refused, calls};
use super::emergency::{self, EmergencyError, Signed};
use super::reopen;
use crate::Hub;
use crate::access;
use jiff::Timestamp;
use kobling_domain::agreement::Call;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::agreement::closing::{self, Closing};
use kobling_store::agreement::gate;
use kobling_store::engine::Tx;
use schemars::JsonSchema;
use serde::Serialize;

/// An agreement's last closing in emergency.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Its receipt.
    pub signed: Signed,
    /// How far it is undone.
    pub undoing: Undoing,
}

/// How far a closing is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
#[schemars(rename = "ClosingUndoing")]
pub enum Undoing {
    /// Nobody has asked for it: two people open it again.
    Closed,
    /// One has asked for it; another opens it.
    Asked {
        /// Who.
        by: String,
        /// Why.
        reason: String,
        /// Until when their word counts.
        until: Timestamp,
    },
    /// It is open again.
    Open {
        /// The second of the two.
        by: String,
        /// When.
        at: Timestamp,
    },
}

/// What a closing in emergency would do now.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The key of the target for which nothing would leave.
    pub target: String,
    /// What those are called who receive.
    pub receivers: Vec<String>,
    /// The programs that would be refused, by key.
    pub clients: Vec<String>,
    /// The webhooks that would be told nothing, by key.
    pub webhooks: Vec<String>,
    /// Whom one would call.
    pub call: Vec<Call>,
}

/// The last closing of an agreement. One whose process died before its receipt was signed is signed
/// now.
///
/// # Errors
///
/// Refused of an agreement that was never closed like this.
#[crate::boxed]
pub async fn closed(hub: &Hub, tenant: TenantId, key: &str) -> Result<Closed, EmergencyError> {
    let all = closing::list(&mut hub.db.read().await?, tenant).await?;
    let open = || EmergencyError::Open { agreement: key.to_owned() };
    let found = all.into_iter().find(|it| it.agreement == key).ok_or_else(open)?;
    let undoing = undoing(&found, hub.clock.now());
    Ok(Closed { signed: emergency::signed(hub, tenant, found).await?, undoing })
}

/// What closing an agreement in emergency would do.
///
/// # Errors
///
/// An unknown agreement is refused.
#[crate::boxed]
pub async fn ahead(hub: &Hub, tenant: TenantId, key: &str) -> Result<Ahead, EmergencyError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let text = emergency::agreement(&configuration, key)?;
    let (refused, _) = Refused::of(&mut tx, tenant, &configuration, text).await?;
    let receivers = configuration.receivers_of(text);
    let named = configuration.parties.iter().filter(|it| receivers.contains(&it.key));
    Ok(Ahead {
        target: text.target.clone(),
        receivers: named.map(|it| it.name.clone()).collect(),
        clients: refused.clients,
        webhooks: refused.webhooks,
        call: calls(&configuration, text),
    })
}

/// The closing that keeps the target of an agreement shut; none if it is open.
pub(super) async fn standing(
    tx: &mut Tx,
    tenant: TenantId,
    target: &str,
) -> Result<Option<Closing>, StoreError> {
    match gate::shut_by(tx, tenant, super::gate::Way::Target.gate(target)).await? {
        Some(no) => Ok(Some(emergency::get(tx, tenant, no).await?)),
        None => Ok(None),
    }
}

fn undoing(it: &Closing, now: Timestamp) -> Undoing {
    if let Some(word) = &it.reopened {
        return Undoing::Open { by: word.by.clone(), at: word.at };
    }
    let asked = it.asked.as_ref().filter(|it| now < reopen::counts_until(it));
    asked.map_or(Undoing::Closed, |it| Undoing::Asked {
        by: it.by.clone(),
        reason: it.reason.clone(),
        until: reopen::counts_until(it),
    })
}
