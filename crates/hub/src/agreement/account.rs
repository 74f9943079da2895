//! What a closing came to, gathered for its receipt.

use super::emergency::EmergencyError;
use super::receipt::HubKey;
use crate::Hub;
use crate::access::configuration::{Configuration, PartyKind, PartyText, TargetFormat};
use jiff::{SignedDuration, Timestamp};
use kobling_domain::agreement::{
    AgreementText, Became, Call, CallRole, InFlight, LastDelivered, Outcome, Receipt, ReceiptState,
};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::client;
use kobling_store::agreement::closing::{self, Departure};
use kobling_store::engine::Tx;
use kobling_store::exchange::{file_receipt, pending, target};
use kobling_store::people::subject;
use serde::{Deserialize, Serialize};

/// Receipts of files that are looked through for what was under way.
const RECEIPTS_MAX: u32 = 64;

/// What is refused from a closing on, by key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Refused {
    pub(super) clients: Vec<String>,
    pub(super) webhooks: Vec<String>,
}

impl Refused {
    /// What a closing refuses from now on, with the clients themselves.
    pub(super) async fn of(
        tx: &mut Tx,
        tenant: TenantId,
        configuration: &Configuration,
        text: &AgreementText,
    ) -> Result<(Self, Vec<client::Client>), StoreError> {
        let parties = configuration.receivers_of(text);
        let mut all = client::list(tx, tenant).await?;
        all.retain(|it| it.revoked_at.is_none() && parties.contains(&it.grant.party));
        let webhooks = configuration.webhooks.iter().filter(|it| parties.contains(&it.party));
        let refused = Self {
            clients: all.iter().map(|it| it.key.clone()).collect(),
            webhooks: webhooks.map(|it| it.key.clone()).collect(),
        };
        Ok((refused, all))
    }
}

/// What became of something that was under way. Of what nobody told of, only a file that has a receipt
/// is known to have arrived.
pub(super) async fn accounted(
    tx: &mut Tx,
    tenant: TenantId,
    departure: Departure,
) -> Result<InFlight, EmergencyError> {
    let Departure { way, key, items, started_at, outcomes } = departure;
    if let Some(told) = outcomes {
        let outcomes = Vec::<Outcome>::deserialize(told)?;
        return Ok(InFlight { way, key, started_at, outcomes });
    }
    let taken = file_receipt::list(tx, tenant, &key, None, RECEIPTS_MAX).await?;
    let outcome = |name: String| {
        let is_it = |it: &&file_receipt::FileReceipt| it.file == name && it.at >= started_at;
        let (became, said) = match taken.iter().find(is_it) {
            Some(it) => (Became::Finished, format!("{:.0}: {}", it.at, it.answer)),
            None => (Became::Unknown, "its sender has not told".to_owned()),
        };
        Outcome { name, became, said }
    };
    let outcomes = Vec::<String>::deserialize(items)?.into_iter().map(outcome).collect();
    Ok(InFlight { way, key, started_at, outcomes })
}

/// The last that a target took, and how much waits for it.
pub(super) async fn left(
    tx: &mut Tx,
    tenant: TenantId,
    configuration: &Configuration,
    key: &str,
) -> Result<(Option<LastDelivered>, u64), EmergencyError> {
    let format = configuration.targets.iter().find(|it| it.key == key).map(|it| it.format);
    match format {
        Some(TargetFormat::Messages) => {
            let Some(stored) = target::by_key(tx, tenant, key).await? else { return Ok((None, 0)) };
            let waiting = closing::messages_waiting(tx, tenant, stored.no).await?;
            let last = closing::last_accepted(tx, tenant, stored.no).await?;
            let Some((no, at)) = last else { return Ok((None, waiting)) };
            let of = subject::by_no(tx, tenant, &[no]).await?;
            let id = of.first().map(|it| it.id.to_string()).unwrap_or_default();
            Ok((Some(LastDelivered { name: format!("a message about {id}"), at }), waiting))
        }
        Some(TargetFormat::Plan2learn) | None => {
            let taken = file_receipt::list(tx, tenant, key, None, RECEIPTS_MAX).await?;
            let last = taken.into_iter().max_by_key(|it| it.at);
            let last = last.map(|it| LastDelivered {
                name: format!("{} of set {}", it.file, it.set_no),
                at: it.at,
            });
            let waits = pending::get(tx, tenant, key).await?;
            let Some(set) = waits else { return Ok((last, 0)) };
            let files = pending::files(tx, tenant, key, set.set_no).await?;
            Ok((last, u64::try_from(files.len()).unwrap_or(u64::MAX)))
        }
    }
}

/// What every receipt says, whether its order is carried out or not.
pub(super) fn begun(
    hub: &Hub,
    configuration: &Configuration,
    text: &AgreementText,
    (by, reason, ordered_at): (&str, &str, Timestamp),
) -> Result<Receipt, EmergencyError> {
    let clock = SignedDuration::from_hours(Receipt::BREACH_HOURS);
    Ok(Receipt {
        kind: Receipt::KIND.to_owned(),
        state: ReceiptState::Interim,
        hub_key: HubKey::of(&hub.keys)?.name(),
        employer: configuration.tenant.name.clone(),
        agreement: text.key.clone(),
        target: text.target.clone(),
        number: None,
        by: by.to_owned(),
        reason: reason.to_owned(),
        ordered_at,
        closed_at: None,
        breach_report_until: ordered_at.checked_add(clock).unwrap_or(Timestamp::MAX),
        last_delivered: None,
        in_flight: Vec::new(),
        kept: 0,
        refused_clients: Vec::new(),
        stopped_webhooks: Vec::new(),
        call: calls(configuration, text),
    })
}

/// Whom to call, each once: the customer and whoever runs the hub first, then support, then who
/// received.
pub(super) fn calls(configuration: &Configuration, text: &AgreementText) -> Vec<Call> {
    let party = |key: &str| configuration.parties.iter().find(|it| it.key == key);
    let source = configuration.sources.iter().find(|it| it.key == text.source);
    let system = source.and_then(|it| configuration.systems.iter().find(|s| s.key == it.system));
    let operators = configuration.parties.iter().filter(|it| it.kind == PartyKind::Operator);
    let receivers = configuration.receivers_of(text);
    let mut all: Vec<(CallRole, &PartyText)> = Vec::new();
    all.extend(configuration.employer().map(|it| (CallRole::Customer, it)));
    all.extend(operators.map(|it| (CallRole::Operator, it)));
    all.extend(system.and_then(|it| party(&it.party)).map(|it| (CallRole::SourceSupport, it)));
    all.extend(receivers.iter().filter_map(|it| party(it)).map(|it| (CallRole::Receiver, it)));
    let call = |(role, it): &(CallRole, &PartyText)| Call {
        role: *role,
        name: it.name.clone(),
        phone: it.phone.clone(),
        mail: it.mail.clone(),
    };
    all.iter().map(call).collect()
}
