//! How webhooks stand; starting and stopping them.

use super::{Secret, WebhookError};
use crate::Hub;
use crate::access;
use crate::access::users::note;
use crate::agreement::gate::{self, Way};
use jiff::Timestamp;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use kobling_store::sealed::context;
use kobling_store::{job, webhook};
use serde::Serialize;
use serde_json::json;
use std::fmt;

/// How a webhook stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its key.
    pub key: String,
    /// The party whose program it is.
    pub party: String,
    /// The address.
    pub url: String,
    /// Whether it is told anything.
    pub state: State,
    /// Events that wait.
    pub waiting: u64,
    /// What the address said last.
    pub said: Option<String>,
    /// When.
    pub said_at: Option<Timestamp>,
}

/// Whether a webhook is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has started it yet.
    New,
    /// It is told what happens.
    Started,
    /// It was stopped, by somebody or as it took nothing.
    Stopped,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, party, url, state, waiting, said, said_at } = self;
        let state = match state {
            State::New => "not started",
            State::Started => "started",
            State::Stopped => "stopped",
        };
        write!(f, "{key}  {party}  {url}  {state}, {waiting} waiting")?;
        match (said, said_at) {
            (Some(said), Some(at)) => writeln!(f, ", last said at {at}: {said}"),
            (_, _) => writeln!(f),
        }
    }
}

/// All that are configured, by key.
#[crate::boxed]
pub async fn standings(hub: &Hub, tenant: TenantId) -> Result<Vec<Standing>, WebhookError> {
    standings_in(&mut hub.db.read().await?, tenant).await
}

/// The same, in a transaction.
pub(crate) async fn standings_in(
    tx: &mut Tx,
    tenant: TenantId,
) -> Result<Vec<Standing>, WebhookError> {
    let mut texts = access::load(tx, tenant).await?.webhooks;
    texts.sort_by(|a, b| a.key.cmp(&b.key));
    let mut all = Vec::new();
    for it in texts {
        let stored = webhook::get(tx, tenant, &it.key).await?;
        let state = match &stored {
            None => State::New,
            Some(stored) if stored.stopped_at.is_some() => State::Stopped,
            Some(_) => State::Started,
        };
        let waiting = webhook::waiting(tx, tenant, &it.key).await?;
        let (said, said_at) = stored.map_or((None, None), |it| (it.said, it.said_at));
        let (key, party, url) = (it.key, it.party, it.url);
        all.push(Standing { key, party, url, state, waiting, said, said_at });
    }
    Ok(all)
}

/// Whether a webhook that has a secret gets another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It keeps the one it has.
    Secret,
    /// It gets another one; the one before counts no more.
    Nothing,
}

/// Starts a webhook, or lets one that was stopped go on. A new secret is told here and never again.
#[crate::boxed]
pub async fn start(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    keep: Keep,
    by: &str,
) -> Result<Option<Secret>, WebhookError> {
    let mut tx = hub.db.write().await?;
    known(&mut tx, tenant, key).await?;
    gate::refuse_shut(&mut tx, tenant, Way::Webhook, key).await?;
    let stored = webhook::get(&mut tx, tenant, key).await?.filter(|it| it.spent_at.is_none());
    let (secret, sealed) = if let (Some(stored), Keep::Secret) = (stored, keep) {
        (None, stored.secret)
    } else {
        let secret = Secret::generate()?;
        let sealed = hub.keys.seal(&context::webhook(tenant, key), secret.bytes())?;
        (Some(secret), sealed)
    };
    let version = tenant::version(&mut tx, tenant).await?;
    webhook::start(&mut tx, tenant, key, &sealed, version).await?;
    let detail = json!({ "webhook": key, "new_secret": secret.is_some() });
    note(hub, &mut tx, tenant, (by, "webhook.start"), detail).await?;
    job::cancel(&mut tx, tenant, job::WEBHOOK, key).await?;
    job::ask(&mut tx, tenant, job::WEBHOOK, key, hub.clock.now()).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Tells a webhook nothing from now on.
#[crate::boxed]
pub async fn stop(hub: &Hub, tenant: TenantId, key: &str, by: &str) -> Result<(), WebhookError> {
    let mut tx = hub.db.write().await?;
    known(&mut tx, tenant, key).await?;
    stop_in(hub, &mut tx, tenant, key, by).await?;
    Ok(tx.commit().await?)
}

/// The same, in a transaction.
pub(crate) async fn stop_in(
    hub: &Hub,
    tx: &mut Tx,
    tenant: TenantId,
    key: &str,
    by: &str,
) -> Result<(), StoreError> {
    webhook::stop(tx, tenant, key, hub.clock.now()).await?;
    note(hub, tx, tenant, (by, "webhook.stop"), json!({ "webhook": key })).await
}

async fn known(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<(), WebhookError> {
    let configuration = access::load(tx, tenant).await?;
    let found = configuration.webhook(key);
    found.map(drop).ok_or_else(|| WebhookError::Unknown { key: key.to_owned() })
}
