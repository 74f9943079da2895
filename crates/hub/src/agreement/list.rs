//! Agreements as they stand: what is in force, and what waits for whom.

use super::{AgreementError, Change, changes, drafts, plan, version_at};
use crate::Hub;
use crate::access::configuration::Configuration;
use crate::access::{self, ConfigureError};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kobling_domain::agreement::{AgreementText, Step, StepStands};
use kobling_domain::id::TenantId;
use kobling_store::agreement::closing::{self, Closing};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// How an agreement stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AgreementStanding")]
pub enum Standing {
    /// It was never in force: what is told of it is its draft.
    Drafted,
    /// It begins later.
    Coming,
    /// It lets data out.
    InForce,
    /// It has ended.
    Ended,
    /// It holds, but nothing leaves for its target: that was closed in emergency.
    ClosedInEmergency,
}

/// Whom a draft waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AwaitedStep")]
pub struct Awaited {
    /// The step.
    pub step: Step,
    /// The key of the party that does it.
    pub owner: String,
}

/// A version of an agreement that is not in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementDraft")]
pub struct Draft {
    /// Whether a party will not have it as it stands.
    pub is_rejected: bool,
    /// What is done next; none if nobody can do anything.
    pub awaits: Option<Awaited>,
}

impl Draft {
    /// How the steps of a change stand that is a draft.
    pub(crate) fn of(configuration: &Configuration, it: &Change) -> Self {
        let plan = plan(configuration, it.would(), &it.acts);
        let awaits = |it: &StepStands| Awaited { step: it.step, owner: it.owner.clone() };
        Self { is_rejected: plan.is_rejected(), awaits: plan.awaited().map(awaits) }
    }
}

/// An agreement as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementListed")]
pub struct Listed {
    /// What is in force; its draft if nothing is.
    #[serde(flatten)]
    pub text: AgreementText,
    /// How that stands.
    pub standing: Standing,
    /// The draft that waits, if one does.
    pub draft: Option<Draft>,
}

/// The agreements as they stand, by key, with what is configured; as they were known at an instant.
///
/// # Errors
///
/// An instant before the ledger began is refused.
#[crate::boxed]
pub async fn list(
    hub: &Hub,
    tenant: TenantId,
    known_at: Option<Timestamp>,
) -> Result<(Configuration, Vec<Listed>), AgreementError> {
    let mut tx = hub.db.read().await?;
    let version = version_at(&mut tx, tenant, known_at).await?;
    let configuration = access::load_at(&mut tx, tenant, version).await?;
    let changes = changes(&mut tx, tenant, version).await?;
    let drafts = drafts(&configuration, changes);
    let at = known_at.unwrap_or_else(|| hub.clock.now());
    let day = day(&configuration, at)?;
    let closings = closing::list(&mut tx, tenant).await?;
    let closed = |it: &AgreementText| closings.iter().any(|closing| is_closed(closing, it, at));
    let mut all: BTreeMap<&str, Listed> = BTreeMap::new();
    for (key, it) in &drafts {
        all.insert(key, listed(&configuration, &it.text, Standing::Drafted, Some(it)));
    }
    for it in &configuration.agreements {
        let draft = drafts.get(&it.key);
        let by_days = standing(it, day);
        let lets_out = matches!(by_days, Standing::Coming | Standing::InForce);
        let standing = if lets_out && closed(it) { Standing::ClosedInEmergency } else { by_days };
        all.insert(&it.key, listed(&configuration, it, standing, draft));
    }
    let all = all.into_values().collect();
    Ok((configuration, all))
}

/// The agreement of that key as it stands, with what is configured.
///
/// # Errors
///
/// An unknown key is refused with those there are.
#[crate::boxed]
pub async fn show(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
) -> Result<(Configuration, Listed), AgreementError> {
    let (configuration, all) = list(hub, tenant, None).await?;
    let known = || all.iter().map(|it| it.text.key.as_str()).collect::<Vec<_>>().join(", ");
    match all.iter().find(|it| it.text.key == key) {
        Some(it) => Ok((configuration, it.clone())),
        None => Err(AgreementError::Unknown { key: key.to_owned(), known: known() }),
    }
}

fn listed(
    configuration: &Configuration,
    text: &AgreementText,
    standing: Standing,
    draft: Option<&Change>,
) -> Listed {
    let draft = draft.map(|it| Draft::of(configuration, it));
    Listed { text: text.clone(), standing, draft }
}

fn standing(text: &AgreementText, day: Date) -> Standing {
    if day < text.from {
        Standing::Coming
    } else if text.until.is_none_or(|until| day < until) {
        Standing::InForce
    } else {
        Standing::Ended
    }
}

/// Whether that closing keeps the agreement's target shut at an instant.
fn is_closed(closing: &Closing, text: &AgreementText, at: Timestamp) -> bool {
    let is_open_again = closing.reopened.as_ref().is_some_and(|it| it.at <= at);
    closing.target == text.target && closing.closed_at <= at && !is_open_again
}

/// The civil day of an instant at the employer's.
pub(super) fn day(configuration: &Configuration, at: Timestamp) -> Result<Date, ConfigureError> {
    let name = &configuration.tenant.time_zone;
    let unknown = |source| ConfigureError::TimeZone { zone: name.clone(), source };
    Ok(TimeZone::get(name).map_err(unknown)?.to_datetime(at).date())
}
