//! Programs of parties that are told what happens (`CloudEvents` 1.0, signed as Standard Webhooks say).
//!
//! What happens is written down for each of them in the transaction in which it becomes true, and sent
//! by a job of its own, in order. An event holds nothing of a person: it says where to ask.

mod event;
mod sign;
mod standing;

pub use event::Event;
pub use sign::Secret;
pub use standing::{Keep, Standing, State, standings, start, stop};
pub(crate) use standing::{standings_in, stop_in};

use crate::Hub;
use crate::access::configuration::{About, Configuration, WebhookText};
use crate::access::{self, ConfigureError};
use crate::agreement::Shut;
use crate::agreement::gate::{GateError, Right, Way};
use crate::connectors::hook::{HookError, Hooks};
use crate::exchange::lane::LaneError;
use jiff::{SignedDuration, Timestamp};
use kobling_domain::agreement::{Became, Outcome};
use kobling_domain::id::{TenantId, Version};
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::sealed::context;
use kobling_store::{job, webhook};
use serde_json::json;
use uuid::Uuid;

/// So long it is remembered what was told, and kept what was not.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A job sends so many, and then lets others do their work.
const EVENTS_MAX: u64 = 100;

/// How events leave.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// Hands them to addresses.
    pub hooks: &'a Hooks,
    /// Where this hub is found, such as `https://kobling.example`.
    pub base_url: &'a str,
}

/// Why an event has not left.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is not configured.
    #[error("there is no webhook {key:?}; the configuration names those there are")]
    Unknown {
        /// Its key as given.
        key: String,
    },
    /// It was never started.
    #[error("the webhook {key:?} was never started")]
    NotStarted {
        /// Its key.
        key: String,
    },
    /// The address did not take it.
    #[error(transparent)]
    Hook(#[from] HookError),
    /// What there is to tell cannot be read or written.
    #[error("what there is to tell cannot be read")]
    Unreadable(#[from] serde_json::Error),
    /// Its secret is none.
    #[error("the secret of the webhook cannot be used: {reason}")]
    Secret {
        /// Why.
        reason: String,
    },
    /// The agreement that it hangs on was closed in emergency.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// Somebody else tells it by now.
    #[error(transparent)]
    Lost(#[from] LaneError),
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl WebhookError {
    /// Whether no further try would do: the address wants nothing, or is none.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Hook(it) => it.is_gone(),
            Self::Unknown { .. }
            | Self::NotStarted { .. }
            | Self::Unreadable(_)
            | Self::Shut(_)
            | Self::Secret { .. } => true,
            Self::Lost(_) | Self::Configure(_) | Self::Store(_) => false,
        }
    }
}

impl From<GateError> for WebhookError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Shut(it) => it.into(),
            GateError::Lost => Self::Lost(LaneError::Lost),
            GateError::Store(it) => it.into(),
        }
    }
}

/// What became of what there was to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All of it is told: so many events.
    All(u64),
    /// There is more.
    Some(u64),
}

/// Writes down what happened for every webhook that it concerns, in the transaction in which it
/// becomes true.
pub(crate) async fn happened(
    tx: &mut Tx,
    tenant: TenantId,
    now: Timestamp,
    event: &Event,
) -> Result<(), StoreError> {
    let mut started = webhook::list(tx, tenant).await?;
    started.retain(|it| it.stopped_at.is_none());
    if started.is_empty() {
        return Ok(());
    }
    let configuration = match access::load(tx, tenant).await {
        Ok(configuration) => configuration,
        Err(ConfigureError::Store(error)) => return Err(error),
        // Whoever reads it next says what is wrong with it.
        Err(_) => return Ok(()),
    };
    if let Ok(before) = now.checked_sub(KEPT) {
        webhook::forget_before(tx, tenant, before).await?;
    }
    let (name, detail) = (event.name(), json!(event));
    for it in started {
        let text = configuration.webhook(&it.key);
        if text.is_some_and(|it| is_for(&configuration, it, event))
            && webhook::add(tx, tenant, &it.key, (&name, now, &detail)).await?
        {
            job::ask(tx, tenant, job::WEBHOOK, &it.key, now).await?;
        }
    }
    Ok(())
}

/// Sends what waits for the webhook of that key, in order.
pub(crate) async fn send(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    sender: Sender<'_>,
) -> Result<Sent, WebhookError> {
    let mut tx = hub.db.write().await?;
    let configuration = access::load(&mut tx, tenant).await?;
    let text = configuration.webhook(key);
    let text = text.ok_or_else(|| WebhookError::Unknown { key: key.to_owned() })?;
    note_ledger(hub, &mut tx, tenant, (&configuration, text)).await?;
    let stored = webhook::get(&mut tx, tenant, key).await?;
    tx.commit().await?;
    let stored = stored.ok_or_else(|| WebhookError::NotStarted { key: key.to_owned() })?;
    let secret = hub.keys.open(&context::webhook(tenant, key), &stored.secret)?;
    let secret = Secret::of(&secret)?;
    for count in 0..EVENTS_MAX {
        let mut tx = hub.db.read().await?;
        let next = webhook::next(&mut tx, tenant, key).await?;
        let is_started = webhook::get(&mut tx, tenant, key).await?;
        drop(tx);
        let is_started = is_started.is_some_and(|it| it.stopped_at.is_none());
        let Some(event) = next.filter(|_| is_started) else { return Ok(Sent::All(count)) };
        let name = format!("{key}-{}", event.no);
        let mut tx = hub.db.write().await?;
        let started = (std::slice::from_ref(&name), hub.clock.now());
        let mut right = Right::take(&mut tx, tenant, (Way::Webhook, key), started).await?;
        tx.commit().await?;
        let work = Box::pin(post(hub, (tenant, text), &secret, &event, sender));
        let told = match right.hold(hub, || async { Ok(()) }, work).await {
            Ok(told) => told,
            Err(error) => Err(error),
        };
        let said = told.as_ref().map_or_else(ToString::to_string, Clone::clone);
        let (now, mut tx) = (hub.clock.now(), hub.db.write().await?);
        right.end(&mut tx, &[outcome(name, &told)]).await?;
        webhook::said(&mut tx, tenant, key, (&said, now)).await?;
        if told.is_ok() {
            webhook::sent(&mut tx, tenant, (key, event.no), now).await?;
        }
        tx.commit().await?;
        told?;
    }
    Ok(Sent::Some(EVENTS_MAX))
}

/// What became of an event that was posted.
fn outcome(name: String, told: &Result<String, WebhookError>) -> Outcome {
    match told {
        Ok(said) => Outcome { name, became: Became::Finished, said: said.clone() },
        Err(why) => Outcome { name, became: Became::Unknown, said: why.to_string() },
    }
}

/// Writes down that the ledger changed, if it has since that was told. Changes that come close after
/// each other are one event.
async fn note_ledger(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    (configuration, text): (&Configuration, &WebhookText),
) -> Result<(), StoreError> {
    let stored = webhook::get(tx, tenant, &text.key).await?;
    let Some(stored) = stored.filter(|it| it.stopped_at.is_none()) else { return Ok(()) };
    let Version(version) = tenant::version(tx, tenant).await?;
    let Version(after) = stored.told;
    let event = Event::LedgerChanged { version, after };
    if version > after && is_for(configuration, text, &event) {
        let detail = (event.name(), hub.clock.now(), json!(event));
        webhook::add(tx, tenant, &text.key, (&detail.0, detail.1, &detail.2)).await?;
    }
    webhook::told(tx, tenant, &text.key, Version(version)).await
}

fn is_for(configuration: &Configuration, text: &WebhookText, event: &Event) -> bool {
    text.wants(event.kind()) && configuration.concerns(&text.party, event.about())
}

/// Sends one event; what the address said. It has the same id however often it is sent.
async fn post(
    hub: &Hub,
    (tenant, text): (TenantId, &WebhookText),
    secret: &Secret,
    stored: &webhook::Event,
    sender: Sender<'_>,
) -> Result<String, WebhookError> {
    let event: Event = serde_json::from_value(stored.detail.clone())?;
    let name = format!("kobling event {tenant} {} {}", text.key, stored.no);
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string();
    let subject = match event.about() {
        About::Ledger => "ledger".to_owned(),
        About::Source(key) => format!("sources/{key}"),
        About::Target(key) => format!("targets/{key}"),
        About::Agreement { key, .. } => format!("agreements/{key}"),
    };
    let body = serde_json::to_vec(&json!({
        "specversion": "1.0",
        "id": id,
        "source": sender.base_url,
        "type": format!("kobling.{}", event.kind().name()),
        "subject": subject,
        "time": stored.at,
        "dataref": format!("{}{}", sender.base_url, event.path()),
    }))?;
    let timestamp = hub.clock.now().as_second().to_string();
    let signature = secret.sign(&id, &timestamp, &body);
    let headers = [
        ("content-type", "application/cloudevents+json"),
        ("webhook-id", &*id),
        ("webhook-timestamp", &*timestamp),
        ("webhook-signature", &*signature),
    ];
    let status = sender.hooks.post(&text.url, &headers, body).await?;
    Ok(format!("HTTP {}", status.as_u16()))
}
