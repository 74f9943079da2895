//! What targets would be sent on a day, under a configuration, with a held plan: made by the
//! functions that deliver, from one picture of the ledger, with nothing written.

use super::super::plan::PlanError;
use super::super::progress::Progress;
use super::super::rehearse::rehearse;
use super::{Change, DeliverError, Delivery, DeliveryState, Order, Output, order};
use super::{receipt, report, set, takeover};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::access::{self, ConfigureError};
use jiff::civil::Date;
use kobling_domain::id::TenantId;
use kobling_formats::plan2learn::FileSet;
use kobling_store::StoreError;
use kobling_store::access::tenant;
use kobling_store::engine::Tx;
use serde::Serialize;
use std::fmt;
use std::io;

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
    /// A set cannot be made.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
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
            Self::Deliver(it) => it.is_bad_input(),
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
    /// The set, compared with what it was given last; none if it would be sent nothing.
    pub delivery: Option<Delivery>,
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
        None => hub.clock.civil(&order::zone(configuration)?).date(),
    };
    let version = tenant::version(&mut ledger, tenant).await?;
    let mut targets = Vec::new();
    for key in wanted(configuration, asked.target)? {
        let foreseen = match order::on(configuration, tenant, &key, (at, version)) {
            Ok(order) => look(hub, &mut ledger, order, progress).await,
            Err(refused) => Err(refused),
        };
        targets.push(told(key, foreseen)?);
    }
    Ok(Preview { at, plan, targets })
}

/// What the target of this order would be sent, made and thrown away.
pub(super) async fn look(
    hub: &Hub,
    ledger: &mut Tx,
    mut order: Order,
    progress: &dyn Progress,
) -> Result<Delivery, DeliverError> {
    let last = receipt::last(hub, ledger, &order).await?;
    order.keep_files(last.as_ref());
    let outputs = FileSet::from_fn(order.form.files.clone(), |_| Output::new(io::sink()));
    let mut made = set::make(hub, ledger, &order, outputs, progress).await?;
    if let Err(open) = takeover::refuse_open(ledger, order.tenant, &order.target.key).await {
        made.notes.push(open.to_string());
    }
    let change = Change::between(&order, last.as_ref(), &made.inventory);
    Ok(report::report(&order, &made, &change, DeliveryState::DryRun))
}

/// The keys of the targets that are asked for.
fn wanted(configuration: &Configuration, only: Option<&str>) -> Result<Vec<String>, DeliverError> {
    let known: Vec<String> = configuration.targets.iter().map(|it| it.key.clone()).collect();
    match only {
        None => Ok(known),
        Some(key) if known.iter().any(|it| it == key) => Ok(vec![key.to_owned()]),
        Some(key) => {
            Err(DeliverError::UnknownTarget { key: key.to_owned(), known: known.join(", ") })
        }
    }
}

/// A refusal that is the target's own is told; any other is passed on.
fn told(
    target: String,
    foreseen: Result<Delivery, DeliverError>,
) -> Result<Foreseen, DeliverError> {
    match foreseen {
        Ok(delivery) => Ok(Foreseen { target, delivery: Some(delivery), refused: None }),
        Err(refused) if refused.is_bad_input() || matches!(refused, DeliverError::Set(_)) => {
            Ok(Foreseen { target, delivery: None, refused: Some(in_words(&refused)) })
        }
        Err(other) => Err(other),
    }
}

fn in_words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(it) = cause {
        text = format!("{text}: {it}");
        cause = it.source();
    }
    text
}

impl From<ConfigureError> for PreviewError {
    fn from(error: ConfigureError) -> Self {
        Self::Deliver(error.into())
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
            if let Some(why) = &it.refused {
                writeln!(f, "{}: would be sent nothing: {why}", it.target)?;
            }
        }
        Ok(())
    }
}
