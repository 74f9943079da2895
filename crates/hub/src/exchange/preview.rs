//! What targets would be sent on a day, under a configuration, with a held plan: made by the
//! functions that deliver, from one picture of the ledger, with nothing written.

use super::deliver::{self, DeliverError, Delivery, order};
use super::delivery::DeliveryError;
use super::plan::PlanError;
use super::progress::Progress;
use super::rehearse::rehearse;
use super::{lane, target as configured};
use crate::Hub;
use crate::access::configuration::{Configuration, TargetFormat};
use crate::access::{self, ConfigureError};
use crate::connectors::in_full;
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use serde::Serialize;
use std::fmt;

/// What is to be foreseen. What is none is as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Only this target.
    pub target: Option<&'a str>,
    /// The day on which it would be delivered.
    pub at: Option<Date>,
    /// The configuration, which need not be applied.
    pub configuration: Option<&'a Configuration>,
    /// A held plan, by the beginning of its hash.
    pub plan: Option<&'a str>,
}

/// Why nothing could be foreseen.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The configuration is another employer's.
    #[error("the configuration is that of {given:?}, and the employer is {key:?}")]
    OtherEmployer {
        /// The key it names.
        given: String,
        /// The employer's.
        key: String,
    },
    /// The plan cannot be applied for a look.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// What would be sent cannot be made.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl PreviewError {
    /// Whether what was given is at fault, rather than this program or its store.
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::OtherEmployer { .. } => true,
            Self::Plan(it) => it.is_bad_input(),
            Self::Delivery(it) => it.is_bad_input(),
            Self::Store(_) => false,
        }
    }
}

/// What targets would be sent.
#[derive(Clone, Debug, Serialize)]
pub struct Preview {
    /// On which day.
    pub at: Date,
    /// With this plan applied.
    pub plan: Option<String>,
    /// Each target, in the order of the configuration.
    pub targets: Vec<Foreseen>,
}

/// What one target would be sent.
#[derive(Clone, Debug, Serialize)]
pub struct Foreseen {
    /// Its key.
    pub target: String,
    /// The set, compared with what it was given last; none if it would be sent none.
    pub delivery: Option<Delivery>,
    /// The messages, if it takes such.
    pub messages: Option<lane::Foreseen>,
    /// Why it would be sent nothing.
    pub refused: Option<String>,
}

/// Tells what targets would be sent. Delivering on that day, with the ledger and the configuration
/// so, has the same differences.
///
/// # Errors
///
/// A target that would be refused is told among the others; only what concerns all of them fails.
pub async fn preview(
    hub: &Hub,
    tenant: TenantId,
    asked: Asked<'_>,
    progress: &dyn Progress,
) -> Result<Preview, PreviewError> {
    let (mut ledger, plan) = match asked.plan {
        None => (hub.db.read().await?, None),
        Some(hash) => {
            let rehearsed = rehearse(hub, tenant, hash, progress).await?;
            (rehearsed.ledger, Some(rehearsed.plan))
        }
    };
    let applied = access::load(&mut ledger, tenant).await.map_err(DeliverError::from)?;
    let configuration = match asked.configuration {
        Some(given) if given.tenant.key != applied.tenant.key => {
            let (given, key) = (given.tenant.key.clone(), applied.tenant.key);
            return Err(PreviewError::OtherEmployer { given, key });
        }
        Some(given) => given,
        None => &applied,
    };
    let at = match asked.at {
        Some(at) => at,
        None => {
            hub.clock.civil(&configured::zone(configuration).map_err(DeliverError::from)?).date()
        }
    };
    let mut targets = Vec::new();
    for key in wanted(configuration, asked.target)? {
        let on = (configuration, at);
        let foreseen = Box::pin(look(hub, &mut ledger, on, tenant, &key, progress)).await;
        targets.push(told(key, foreseen)?);
    }
    Ok(Preview { at, plan, targets })
}

/// What the target of that key would be sent.
async fn look(
    hub: &Hub,
    ledger: &mut Tx,
    (configuration, at): (&Configuration, Date),
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Would, DeliveryError> {
    match configured::text(configuration, key).map_err(DeliverError::from)?.format {
        TargetFormat::Plan2learn => {
            let version = tenant::version(ledger, tenant).await?;
            let order = order::on(configuration, tenant, key, (at, version))?;
            Ok(Would::Set(deliver::look(hub, ledger, order, progress).await?))
        }
        TargetFormat::Messages => {
            let on = (configuration, at);
            let seen = lane::look_on(hub, ledger, on, tenant, key, progress).await?;
            Ok(Would::Messages(seen))
        }
    }
}

/// The keys of the targets that are asked for.
fn wanted(configuration: &Configuration, only: Option<&str>) -> Result<Vec<String>, DeliverError> {
    match only {
        None => Ok(configuration.targets.iter().map(|it| it.key.clone()).collect()),
        Some(key) => Ok(vec![configured::text(configuration, key)?.key.clone()]),
    }
}

/// What a target would be sent.
enum Would {
    Set(Delivery),
    Messages(lane::Foreseen),
}

/// A refusal that is the target's own is told; any other is passed on.
fn told(target: String, foreseen: Result<Would, DeliveryError>) -> Result<Foreseen, DeliveryError> {
    let nothing = Foreseen { target, delivery: None, messages: None, refused: None };
    match foreseen {
        Ok(Would::Set(it)) => Ok(Foreseen { delivery: Some(it), ..nothing }),
        Ok(Would::Messages(it)) => Ok(Foreseen { messages: Some(it), ..nothing }),
        Err(refused)
            if refused.is_bad_input()
                || matches!(refused, DeliveryError::Set(DeliverError::Set(_))) =>
        {
            Ok(Foreseen { refused: Some(in_full(&refused)), ..nothing })
        }
        Err(other) => Err(other),
    }
}

impl From<ConfigureError> for PreviewError {
    fn from(error: ConfigureError) -> Self {
        DeliverError::from(error).into()
    }
}

impl From<DeliverError> for PreviewError {
    fn from(error: DeliverError) -> Self {
        Self::Delivery(error.into())
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on {}", self.at)?;
        if let Some(plan) = &self.plan {
            write!(f, ", with plan {}", plan.get(..12).unwrap_or(plan))?;
        }
        writeln!(f, "; nothing has been written")?;
        if self.targets.is_empty() {
            writeln!(f, "there are no targets")?;
        }
        for it in &self.targets {
            if let Some(delivery) = &it.delivery {
                write!(f, "{delivery}")?;
            }
            if let Some(messages) = &it.messages {
                write!(f, "{messages}")?;
            }
            if let Some(why) = &it.refused {
                writeln!(f, "{}: would be sent nothing: {why}", it.target)?;
            }
        }
        Ok(())
    }
}
