//! Closing in emergency: the gates are shut in one short transaction, and then it is found out what
//! was under way and what became of it.
//!
//! That transaction takes no version of the ledger and writes no audit: it waits for nobody who
//! changes the employer's row, however long that takes. What is said of it beside the closing itself
//! is written after.

use super::account::{Refused, accounted, begun, left};
use super::authority::{Known, refuse_not_allowed};
use super::closed::standing;
use super::gate::{LEASE, Way};
use super::journal::{Journal, JournalError, Order};
use super::receipt::{self, HubKey, ReceiptError};
use super::{AgreementError, in_force};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::access::users::UserError;
use crate::access::{self, ConfigureError};
use crate::exchange::decision::Decision;
use jiff::Timestamp;

use kobling_domain::access::Operation;
use kobling_domain::agreement::{AgreementText, Became, Receipt, ReceiptState};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::{audit, client};
use kobling_store::agreement::closing::{self, Closing, NewClosing};
use kobling_store::agreement::gate;
use kobling_store::engine::Tx;
use kobling_store::webhook;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// So long whoever was sending is given to tell what became of it: until their lease has run out, and
/// to write that down.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// A database that takes no word of anybody for so long cannot be written.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);
/// How often it is looked whether they have.
const LOOKED_EVERY: Duration = Duration::from_millis(50);

/// Why an agreement was not closed in emergency, or its receipt is not there.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// There is no such agreement.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// It is closed.
    #[error("agreement {agreement} was closed in emergency at {at} by {by}; it is closed still")]
    Closed {
        /// Its key.
        agreement: String,
        /// When.
        at: Timestamp,
        /// By whom.
        by: String,
    },
    /// It never was, or is open again.
    #[error("agreement {agreement} is not closed in emergency")]
    Open {
        /// Its key.
        agreement: String,
    },
    /// One person is not two.
    #[error("{by} has asked for agreement {agreement} to be opened again; another person opens it")]
    SamePerson {
        /// Its key.
        agreement: String,
        /// Who.
        by: String,
    },
    /// None of their roles allows it.
    #[error("no role of {by} allows this; who may: {who}")]
    NotAllowed {
        /// Who asked.
        by: String,
        /// The roles that do.
        who: String,
    },
    /// A program is no person.
    #[error("two people open an agreement again, and {by} is a program")]
    NoPerson {
        /// Which.
        by: String,
    },
    /// Whether they may cannot be found out.
    #[error("the roles of whoever asks cannot be read")]
    User(#[from] UserError),
    /// The order cannot be kept.
    #[error("the order to close cannot be kept")]
    Journal(#[from] JournalError),
    /// Somebody else writes for long.
    #[error("the database has taken nothing for {} seconds", WRITTEN_WITHIN.as_secs())]
    Busy,
    /// The receipt cannot be signed.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// What is stored of it cannot be read.
    #[error("what is stored of the closing cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl EmergencyError {
    /// Whether what was asked is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Agreement(it) => it.is_bad_input(),
            Self::Closed { .. }
            | Self::Open { .. }
            | Self::SamePerson { .. }
            | Self::NotAllowed { .. }
            | Self::NoPerson { .. } => true,
            Self::User(_)
            | Self::Journal(_)
            | Self::Busy
            | Self::Receipt(_)
            | Self::Unreadable(_)
            | Self::Store(_) => false,
        }
    }
}

impl From<ConfigureError> for EmergencyError {
    fn from(error: ConfigureError) -> Self {
        Self::Agreement(error.into())
    }
}

/// A receipt, and its text as it was signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What it says.
    pub receipt: Receipt,
    /// Every byte of it.
    pub text: String,
}

/// Closes an agreement at once: from the commit on nothing starts to leave for its target, whoever
/// receives there is refused and told nothing, and what was under way is accounted for. What waits is
/// kept. While the database cannot be written the order is kept in the journal, and the receipt says
/// so.
///
/// # Errors
///
/// Refused to whoever may not, of an unknown agreement, and of one that is closed like this already.
#[crate::boxed]
pub async fn close(
    hub: &Hub,
    journal: &Journal,
    (tenant, key): (TenantId, &str),
    known: &Known<'_>,
    decision: &Decision<'_>,
) -> Result<Signed, EmergencyError> {
    refuse_not_allowed(hub, tenant, (known, Operation::CloseInEmergency), decision).await?;
    let said = (decision.by(), decision.reason());
    let order = Order::new(tenant, key, said, hub.clock.now());
    let configuration = access::load(&mut hub.db.read().await?, tenant).await?;
    let text = agreement(&configuration, key)?;
    refuse_closed(hub, tenant, text).await?;
    journal.add(&order)?;
    match carry_out(hub, &configuration, &order).await {
        Ok(signed) => {
            journal.remove(&order)?;
            Ok(signed)
        }
        Err(EmergencyError::Store(_) | EmergencyError::Busy) => {
            interim(hub, &configuration, text, &order)
        }
        Err(other) => {
            journal.remove(&order)?;
            Err(other)
        }
    }
}

/// Carries out the orders that wait in the journal, the first one first; what came of each.
///
/// # Errors
///
/// An order that cannot be carried out yet stays, with those after it.
#[crate::boxed]
pub async fn carry_out_journal(
    hub: &Hub,
    journal: &Journal,
) -> Result<Vec<Signed>, EmergencyError> {
    let mut done = Vec::new();
    for order in journal.orders()? {
        let configuration = access::load(&mut hub.db.read().await?, order.tenant()).await?;
        match carry_out(hub, &configuration, &order).await {
            Ok(signed) => done.push(signed),
            // It was carried out by a process that died before it could forget it.
            Err(EmergencyError::Closed { .. }) => {}
            Err(other) => return Err(other),
        }
        journal.remove(&order)?;
    }
    Ok(done)
}

/// The closing of that number.
pub(super) async fn get(tx: &mut Tx, tenant: TenantId, no: i64) -> Result<Closing, StoreError> {
    closing::get(tx, tenant, no).await?.ok_or(StoreError::Missing { what: "closing" })
}

/// The agreement of that key, whatever its days.
pub(super) fn agreement<'a>(
    configuration: &'a Configuration,
    key: &str,
) -> Result<&'a AgreementText, EmergencyError> {
    let known = || configuration.agreements.iter().map(|it| it.key.as_str()).collect::<Vec<_>>();
    let unknown = || AgreementError::Unknown { key: key.to_owned(), known: known().join(", ") };
    Ok(in_force(configuration, key).ok_or_else(unknown)?)
}

async fn refuse_closed(
    hub: &Hub,
    tenant: TenantId,
    text: &AgreementText,
) -> Result<(), EmergencyError> {
    match standing(&mut hub.db.read().await?, tenant, &text.target).await? {
        Some(Closing { agreement, closed_at: at, by, .. }) => {
            Err(EmergencyError::Closed { agreement, at, by })
        }
        None => Ok(()),
    }
}

async fn carry_out(
    hub: &Hub,
    configuration: &Configuration,
    order: &Order,
) -> Result<Signed, EmergencyError> {
    let text = agreement(configuration, &order.agreement)?;
    let tenant = order.tenant();
    let shutting = Box::pin(shut(hub, configuration, text, order));
    let no = tokio::time::timeout(WRITTEN_WITHIN, shutting).await;
    let no = match no.unwrap_or(Err(EmergencyError::Busy)) {
        Ok(no) => no,
        Err(error) => {
            // Somebody else may have been quicker.
            refuse_closed(hub, tenant, text).await?;
            return Err(error);
        }
    };
    wait_for_outcomes(hub, tenant, no).await?;
    let found = get(&mut hub.db.read().await?, tenant, no).await?;
    signed(hub, tenant, found).await
}

/// Shuts the gates, and takes what it receives by from whoever receives; the number of the closing.
async fn shut(
    hub: &Hub,
    configuration: &Configuration,
    text: &AgreementText,
    order: &Order,
) -> Result<i64, EmergencyError> {
    let tenant = order.tenant();
    let mut tx = hub.db.write().await?;
    let (refused, clients) = Refused::of(&mut tx, tenant, configuration, text).await?;
    let closed_at = hub.clock.now();
    let new = NewClosing {
        agreement: &order.agreement,
        target: &text.target,
        ordered_at: order.at,
        closed_at,
        by: &order.by,
        reason: &order.reason,
        refused: &json!(refused),
    };
    let no = closing::add(&mut tx, tenant, new).await?;
    let webhooks = refused.webhooks.iter().map(|it| Way::Webhook.gate(it));
    for gate in std::iter::once(Way::Target.gate(&text.target)).chain(webhooks) {
        if gate::shut(&mut tx, tenant, gate, no).await?
            && let Some(it) = gate::under_way(&mut tx, tenant, gate).await?
        {
            closing::add_departure(&mut tx, tenant, (no, gate), &it).await?;
        }
    }
    for it in &clients {
        client::revoke(&mut tx, tenant, it.id, closed_at).await?;
    }
    for key in &refused.webhooks {
        webhook::spend(&mut tx, tenant, key, closed_at).await?;
    }
    tx.commit().await?;
    Ok(no)
}

/// Waits until all who were sending have told what became of it, or until they must have stopped.
async fn wait_for_outcomes(hub: &Hub, tenant: TenantId, no: i64) -> Result<(), StoreError> {
    debug_assert!(LEASE < TOLD_WITHIN, "they have stopped by then");
    let until = Instant::now() + TOLD_WITHIN;
    loop {
        let departures = closing::departures(&mut hub.db.read().await?, tenant, no).await?;
        if departures.iter().all(|it| it.outcomes.is_some()) || until <= Instant::now() {
            return Ok(());
        }
        pause().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "senders are other processes: nobody tells us")]
async fn pause() {
    tokio::time::sleep(LOOKED_EVERY).await;
}

/// The receipt of a closing, signed now if it was not.
pub(super) async fn signed(
    hub: &Hub,
    tenant: TenantId,
    found: Closing,
) -> Result<Signed, EmergencyError> {
    let text = match found.receipt.clone() {
        Some(text) => text,
        None => sign(hub, tenant, &found).await?,
    };
    let receipt = receipt::verify(&text, &HubKey::of(&hub.keys)?)?;
    Ok(Signed { receipt, text })
}

async fn sign(hub: &Hub, tenant: TenantId, closing: &Closing) -> Result<String, EmergencyError> {
    let mut tx = hub.db.read().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let text = agreement(&configuration, &closing.agreement)?;
    let mut in_flight = Vec::new();
    for it in closing::departures(&mut tx, tenant, closing.no).await? {
        in_flight.push(accounted(&mut tx, tenant, it).await?);
    }
    let (last_delivered, kept) = left(&mut tx, tenant, &configuration, &closing.target).await?;
    let refused = Refused::deserialize(&closing.refused)?;
    let receipt = Receipt {
        state: ReceiptState::Final,
        number: Some(closing.no),
        closed_at: Some(closing.closed_at),
        last_delivered,
        in_flight,
        kept,
        refused_clients: refused.clients,
        stopped_webhooks: refused.webhooks,
        ..begun(hub, &configuration, text, (&closing.by, &closing.reason, closing.ordered_at))?
    };
    drop(tx);
    let text = receipt::signed(&hub.keys, &receipt)?;
    let mut tx = hub.db.write().await?;
    if closing::sign(&mut tx, tenant, (closing.no, &text)).await? {
        let detail = json!({
            "agreement": closing.agreement, "closing": closing.no, "target": closing.target,
            "closed_at": closing.closed_at, "reason": closing.reason,
            "clients": receipt.refused_clients, "webhooks": receipt.stopped_webhooks,
            "finished": receipt.count(Became::Finished), "cut": receipt.count(Became::Cut),
            "unknown": receipt.count(Became::Unknown),
        });
        let (at, who) = (hub.clock.now(), closing.by.clone());
        let action = "agreement.close_in_emergency".to_owned();
        audit::write(&mut tx, tenant, &audit::Entry { at, who, action, detail }).await?;
        tx.commit().await?;
        return Ok(text);
    }
    // Somebody else signed it meanwhile.
    let signed = get(&mut tx, tenant, closing.no).await?.receipt;
    Ok(signed.unwrap_or(text))
}

/// The receipt of an order that is kept and not carried out.
fn interim(
    hub: &Hub,
    configuration: &Configuration,
    text: &AgreementText,
    order: &Order,
) -> Result<Signed, EmergencyError> {
    let receipt = begun(hub, configuration, text, (&order.by, &order.reason, order.at))?;
    let text = receipt::signed(&hub.keys, &receipt)?;
    Ok(Signed { receipt, text })
}
