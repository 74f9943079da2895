//! Reading a source now, because somebody asks: how it stands, and asking for it.

use super::runs::{self, Listed};
use crate::Hub;
use crate::access::configuration::{SourceFormat, SourceText};
use crate::access::{self, ConfigureError};
use kobling_domain::id::TenantId;
use kobling_store::access::audit;
use kobling_store::engine::Tx;
use kobling_store::{StoreError, job};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Runs that are told of.
const RUNS_MAX: u32 = 5;

/// Why nobody can be asked to read a source.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No such source.
    #[error("there is no source {key:?}")]
    Unknown {
        /// The key as given.
        key: String,
    },
    /// It sends its records itself.
    #[error("source {key:?} sends its records itself: there is no place to look at")]
    SendsItself {
        /// The source.
        key: String,
    },
    /// Its files are given by hand.
    #[error("source {key:?} has no place where its files arrive; set folder or [source.sftp]")]
    NoPlace {
        /// The source.
        key: String,
    },
    /// The configuration cannot be read.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Whether a source that was asked for is read, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Nobody asked, or what was asked for is done: the latest run tells, if there was anything to
    /// read.
    Idle,
    /// It waits for its turn.
    Waiting,
    /// It is being read.
    Reading,
}

/// How the reading of a source stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reading")]
pub struct Standing {
    /// The source's key.
    pub source: String,
    /// Whether it is read.
    pub turn: Turn,
    /// Why it could not be read the last time somebody asked.
    pub problem: Option<String>,
    /// Its last runs, the latest first.
    pub runs: Vec<Listed>,
}

/// How the reading of a source stands.
#[crate::boxed]
pub async fn standing(hub: &Hub, tenant: TenantId, key: &str) -> Result<Standing, AskError> {
    let mut tx = hub.db.read().await?;
    source(&mut tx, tenant, key).await?;
    let asked = job::get(&mut tx, tenant, (job::RUN, key)).await?;
    let now = hub.clock.now();
    let turn = match &asked {
        Some(it) if it.lease_until.is_some_and(|until| until > now) => Turn::Reading,
        Some(it) if it.is_wanted() => Turn::Waiting,
        Some(_) | None => Turn::Idle,
    };
    let problem = asked.and_then(|it| it.error);
    let runs = runs::of_source(&mut tx, tenant, key, RUNS_MAX).await?;
    Ok(Standing { source: key.to_owned(), turn, problem, runs })
}

/// Asks that a source be read now. Asking twice is asking once.
///
/// # Errors
///
/// Refuses a source that has no place where anything arrives.
#[crate::boxed]
pub async fn ask(hub: &Hub, tenant: TenantId, key: &str, by: &str) -> Result<Standing, AskError> {
    let mut tx = hub.db.write().await?;
    let text = source(&mut tx, tenant, key).await?;
    match (text.format, text.place()) {
        (SourceFormat::Push, _) => return Err(AskError::SendsItself { key: key.to_owned() }),
        (SourceFormat::Opus | SourceFormat::Delimited, None) => {
            return Err(AskError::NoPlace { key: key.to_owned() });
        }
        (SourceFormat::Opus | SourceFormat::Delimited, Some(_)) => {}
    }
    let at = hub.clock.now();
    job::ask(&mut tx, tenant, job::RUN, key, at).await?;
    let entry = audit::Entry {
        at,
        who: by.to_owned(),
        action: "source.run".to_owned(),
        detail: json!({ "source": key }),
    };
    audit::write(&mut tx, tenant, &entry).await?;
    tx.commit().await?;
    standing(hub, tenant, key).await
}

async fn source(tx: &mut Tx, tenant: TenantId, key: &str) -> Result<SourceText, AskError> {
    let all = access::load(tx, tenant).await?.sources;
    let found = all.into_iter().find(|it| it.key == key);
    found.ok_or_else(|| AskError::Unknown { key: key.to_owned() })
}
